"""The command line. Each command is imported when it is called.

In: arguments. Out: text, JSON, an exit code. Next: the user.
"""
