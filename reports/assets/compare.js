// Two to five tools side by side.
