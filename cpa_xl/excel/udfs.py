"""The functions of the cells for "Import functions" of the add-in that xlwings ships: its setting names this module.

For scripts they are in `cpa_xl.udfs`; the add-in of cpa_xl takes them from `cpa_xl.excel.server`.
"""

from cpa_xl.excel import calls
from cpa_xl.excel.calls import Errors
from cpa_xl.functions import index

globals().update(calls.for_excel(index.FUNCTIONS, vars(index), Errors.VARIANT, __name__))
