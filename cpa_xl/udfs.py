"""The functions of the cells: `CPA_RAG(0.778, 0.789)` is "A" in a cell and in Python alike.

Every host takes them from `FUNCTIONS`; each is written in the `udfs_` module of its theme. How cells, blanks,
errors and ranges are treated is said in `cpa_xl.cells`. Rates, changes and gaps are fractions. `values`,
`months` and the like are ranges of one size, in any order; values of one month are added together, and every
month of the period must be there. "Import functions" of xlwings takes them from here.
"""

import sys

from cpa_xl.arguments import FUNCTIONS
from cpa_xl.udfs_rates import (
    CPA_CHANGE,
    CPA_CHANGE_VOLUME,
    CPA_GROUP_GAP,
    CPA_MONTHLY_AVERAGE,
    CPA_PERIOD,
    CPA_RATE,
    CPA_RATE_CHANGE,
    CPA_SUM,
    CPA_TEXT,
)
from cpa_xl.udfs_targets import (
    CPA_FEASIBLE,
    CPA_RAG,
    CPA_RAG_WHY,
    CPA_REQUIRED_CHANGE,
    CPA_REQUIRED_COUNT,
    CPA_REQUIRED_RATE,
    CPA_TARGET,
    CPA_TARGET_GAP,
)

__all__ = [
    "CPA_CHANGE",
    "CPA_CHANGE_VOLUME",
    "CPA_FEASIBLE",
    "CPA_GROUP_GAP",
    "CPA_MONTHLY_AVERAGE",
    "CPA_PERIOD",
    "CPA_RAG",
    "CPA_RAG_WHY",
    "CPA_RATE",
    "CPA_RATE_CHANGE",
    "CPA_REQUIRED_CHANGE",
    "CPA_REQUIRED_COUNT",
    "CPA_REQUIRED_RATE",
    "CPA_SUM",
    "CPA_TARGET",
    "CPA_TARGET_GAP",
    "CPA_TEXT",
    "FUNCTIONS",
]

if "xlwings" in sys.modules:  # its server imports this module for Excel; no other host has to wait for xlwings
    from cpa_xl import xlfunctions
    from cpa_xl.comcells import Errors

    globals().update(xlfunctions.for_excel(FUNCTIONS, globals(), Errors.VARIANT, __name__))
