"""What the commands print: tables and trees for the terminal."""
