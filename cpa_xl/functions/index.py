"""All cell functions by name: `CPA_RAG(0.778, 0.789)` is "A" in a cell and in Python alike.

Every host takes them from `FUNCTIONS`. `definitions` and `whole_tables` define them, and `registry` says how they
treat cells, blanks, errors and ranges. Excel calls them through `cpa_xl.excel.server` and `cpa_xl.excel.udfs`.

Rates, changes and gaps are fractions. `values`, `months` and the like are ranges of the same size, in any order.
Values of one month are added up, and every month of the period needs a value. Only the functions for variation take
values in order of month, without dates.
"""

from cpa_xl.functions.definitions import (
    CPA_ASSURANCE,
    CPA_BOROUGH_TARGET,
    CPA_CHANGE,
    CPA_CHANGE_VOLUME,
    CPA_COUNT_CHANGE,
    CPA_FEASIBLE,
    CPA_FORCE_TARGET,
    CPA_FUNNEL,
    CPA_GROUP_GAP,
    CPA_GROUP_GAP_INTERVAL,
    CPA_INTERVAL,
    CPA_MONTH_VALUE,
    CPA_MONTHLY_AVERAGE,
    CPA_PERIOD,
    CPA_PROJECTION,
    CPA_RAG,
    CPA_RAG_WHY,
    CPA_RANK,
    CPA_RATE,
    CPA_RATE_CHANGE,
    CPA_RATIO,
    CPA_REQUIRED_CHANGE,
    CPA_REQUIRED_COUNT,
    CPA_REQUIRED_RATE,
    CPA_SPC,
    CPA_SUM,
    CPA_TARGET,
    CPA_TARGET_GAP,
    CPA_TEXT,
    CPA_VARIATION,
    CPA_VICTIMISATION,
    CPA_XMR,
)
from cpa_xl.functions.registry import FUNCTIONS
from cpa_xl.functions.whole_tables import CPA_AREAS, CPA_COMMENT, CPA_SCORECARD, CPA_STALE

__all__ = [
    "CPA_AREAS",
    "CPA_ASSURANCE",
    "CPA_BOROUGH_TARGET",
    "CPA_CHANGE",
    "CPA_CHANGE_VOLUME",
    "CPA_COMMENT",
    "CPA_COUNT_CHANGE",
    "CPA_FEASIBLE",
    "CPA_FORCE_TARGET",
    "CPA_FUNNEL",
    "CPA_GROUP_GAP",
    "CPA_GROUP_GAP_INTERVAL",
    "CPA_INTERVAL",
    "CPA_MONTHLY_AVERAGE",
    "CPA_MONTH_VALUE",
    "CPA_PERIOD",
    "CPA_PROJECTION",
    "CPA_RAG",
    "CPA_RAG_WHY",
    "CPA_RANK",
    "CPA_RATE",
    "CPA_RATE_CHANGE",
    "CPA_RATIO",
    "CPA_REQUIRED_CHANGE",
    "CPA_REQUIRED_COUNT",
    "CPA_REQUIRED_RATE",
    "CPA_SCORECARD",
    "CPA_SPC",
    "CPA_STALE",
    "CPA_SUM",
    "CPA_TARGET",
    "CPA_TARGET_GAP",
    "CPA_TEXT",
    "CPA_VARIATION",
    "CPA_VICTIMISATION",
    "CPA_XMR",
    "FUNCTIONS",
]
