"""The cell functions for the add-in's VBA, which calls `CallUDF("cpa_xl.excel.server", name, arguments)`.

VBA passes no workbook and no caller, so xlwings asks Excel nothing back. An answer is one cell, a flat array (one row)
or a two-dimensional array that counts from 0. Every Long in it is an error: see `calls.Errors`.
"""

from cpa_xl.excel import calls
from cpa_xl.excel.calls import Errors
from cpa_xl.functions import index

calls.spare_hidden_excels()
globals().update(calls.for_excel(index.FUNCTIONS, vars(index), Errors.NUMBER, __name__))
