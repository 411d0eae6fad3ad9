"""The sub-commands, one module a command or group."""
