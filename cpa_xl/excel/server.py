"""The cell functions for the add-in's VBA, which calls `CallUDF("cpa_xl.excel.server", name, arguments)`.

Nothing else is given: without a workbook and a caller xlwings asks Excel nothing back. An answer is a cell, a flat
array (one row) or an array of two dimensions, counted from 0. Every Long in it is an error, see `comcells.Errors`.
"""

from cpa_xl.excel import calls
from cpa_xl.excel.calls import Errors
from cpa_xl.functions import index

calls.spare_hidden_excels()
globals().update(calls.for_excel(index.FUNCTIONS, vars(index), Errors.NUMBER, __name__))
