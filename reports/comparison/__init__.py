"""The report of a comparison of snapshots: its page, its tables, its words."""
