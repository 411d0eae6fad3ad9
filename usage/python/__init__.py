"""Python: which names of a piece of code are a framework's.

Nothing is run and no framework is installed: the code is walked in the order in which it would
run, with a value for each name that can be traced to a framework and none for all others. A value
that some branch may give is taken; what a call gives is told by tables in the frameworks' files.
"""
