"""The file format: parts, XML bytes, cells, tables and styles of an .xlsx file, changed byte by byte.

In: the bytes of a file. Out: the same bytes but for the change that was asked for. Next: `workbook` builds on it.
"""
