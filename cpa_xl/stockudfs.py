"""The functions of the cells for "Import functions" of the add-in that xlwings ships: its setting names this module.

For scripts they are in `cpa_xl.udfs`; the add-in of cpa_xl takes them from `cpa_xl.xludfs`.
"""

from cpa_xl import udfs, xlfunctions
from cpa_xl.comcells import Errors

globals().update(xlfunctions.for_excel(udfs.FUNCTIONS, vars(udfs), Errors.VARIANT, __name__))
