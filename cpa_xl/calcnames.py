"""The names by which LibreOffice knows the extension and its parts."""

EXTENSION = "cpaxl"  # UNO allows no underscore in a name
INTERFACE = "cpaxl.XFunctions"
ADDIN = "cpaxl.Functions"
WATCH = "cpaxl.Watch"  # the job that looks after the formulas of each document
HANDLER = "cpaxl.Handler"  # of what the menu asks for
PROTOCOL = "cpaxl:"

# Functions that are put into formulas (`calcformulas`); their names show as nothing, so only brackets are seen.
CELLS = "CELLS"  # around each reference
ARRAY_CELLS = "ARRAYCELLS"  # the same in an array formula
BOOLEAN = "BOOLEAN"  # around TRUE and FALSE, which would be 1 and 0
EACH = "EACH"  # around each call in an array formula
