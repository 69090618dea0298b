"""The cell functions for xlwings' own Import functions: name `cpa_xl.exceludfs` as the UDF module."""

from cpa_xl import udfs, xlfunctions
from cpa_xl.comcells import Errors

globals().update(xlfunctions.for_excel(udfs.FUNCTIONS, vars(udfs), Errors.VARIANT, __name__))
