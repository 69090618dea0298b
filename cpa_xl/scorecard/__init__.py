"""A workbook as a scorecard: its entry in the configuration, its rows, data tables, versions and signatures.

In: a `ClosedWorkbook` and the catalogue. Out: rows and tables in the words of the field.
Next: `commands` and `publish`.
"""
