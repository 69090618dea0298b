"""The file format: parts, XML bytes, cells, tables and styles of an .xlsx file, changed byte by byte.

In: the bytes of a file. Out: the same bytes except for the requested change. Next: `workbook` builds on it.
"""
