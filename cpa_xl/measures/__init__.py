"""Arithmetic of the field: periods, rates, targets, letters, charts, intervals, suppression.

In: numbers, months and closed words. Out: numbers and short texts. Pure: no file, clock, configuration or workbook;
standard library only. Next: `functions` gives these to cells.
"""
