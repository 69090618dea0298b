"""Excel: the add-in, its ribbon, the server that answers cells, and the refresh of an open workbook.

In: calls from Excel through xlwings. Out: values, messages, a refreshed workbook, the file cpa_xl.xlam.
Next: the user.
"""
