"""Formulas of a closed workbook: what they refer to, what a change reaches, and their values without Excel.

In: a `ClosedWorkbook`. Out: values, and the cells that could not be calculated with the reason.
Next: `commands.refresh` and `publish`.
"""
