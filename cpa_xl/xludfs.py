"""The functions of the cells as the add-in's own VBA wrappers call them: `CallUDF("cpa_xl.xludfs", name, arguments)`.

Nothing else is given: without a workbook and a caller xlwings asks Excel nothing back. An answer is a cell, a flat
array (one row) or an array of two dimensions, counted from 0. Every Long in it is an error, see `comcells.Errors`.
"""

from cpa_xl import udfs, xlfunctions
from cpa_xl.comcells import Errors

xlfunctions.spare_hidden_excels()
globals().update(xlfunctions.for_excel(udfs.FUNCTIONS, vars(udfs), Errors.NUMBER, __name__))
