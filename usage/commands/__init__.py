"""Commands of frameworks: in shell, and wherever files hold commands for a shell."""
