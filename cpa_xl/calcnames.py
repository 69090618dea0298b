"""The names by which LibreOffice knows the extension and its parts."""

EXTENSION = "cpaxl"  # UNO allows no underscore in a name
INTERFACE = "cpaxl.XFunctions"
ADDIN = "cpaxl.Functions"
ADDIN_SERVICE = "com.sun.star.sheet.AddIn"
CELLS = "CELLS"  # the function around each reference; it shows in formulas as nothing but its brackets
