"""From GitHub and files to snapshots: tables, drafts, sealing and checking."""
