"""The manual: its pages, what is put into them from the code, and what runs their commands."""
