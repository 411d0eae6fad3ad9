"""Files, keys and folders that configure a framework, or that its runs leave behind."""
