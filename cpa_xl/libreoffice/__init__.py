"""LibreOffice: the extension with the cell functions and the menu, and recalculation in it.

In: cells and documents of Calc. Out: values, a refreshed document, the file cpa_xl.oxt. Next: `commands` and `cli`.
"""
