"""What people's codes say of a taxonomy, and what a classifier learns from them."""
