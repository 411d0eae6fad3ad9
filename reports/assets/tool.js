// All that is known of a tool.
