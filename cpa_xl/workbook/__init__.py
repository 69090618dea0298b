"""A workbook in a closed file: its tables and cells read, rows and sheets written, everything else left as it is.

In: a path. Out: `ClosedWorkbook`, which never changes; each change gives a new one. Next: `formulas` and `scorecard`.
"""
