"""What code does with a framework: bytes in, uses out.

Nothing here reads files or the network: `usage.scan` is given paths and bytes and the frameworks
to look for, so that the same code is scanned in the same way wherever it comes from.
"""
