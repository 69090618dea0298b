"""The functions of the cells: `CPA_RAG(0.778, 0.789)` is "A" in a cell and in Python alike.

Every host takes them from `FUNCTIONS`; each is written in the `udfs_` module of its theme. How cells, blanks,
errors and ranges are treated is said in `cpa_xl.cells`. Rates, changes and gaps are fractions. `values`,
`months` and the like are ranges of one size, in any order; values of one month are added together, and every
month of the period must be there. Only the functions for variation take months in order, without their dates.
Excel takes them from modules of its own, `cpa_xl.xludfs` and `cpa_xl.stockudfs`.
"""

from cpa_xl.arguments import FUNCTIONS
from cpa_xl.udfs_areas import (
    CPA_BOROUGH_TARGET,
    CPA_COUNT_CHANGE,
    CPA_FORCE_TARGET,
    CPA_RANK,
    CPA_VICTIMISATION,
)
from cpa_xl.udfs_charts import CPA_ASSURANCE, CPA_FUNNEL, CPA_SPC, CPA_VARIATION, CPA_XMR
from cpa_xl.udfs_rates import (
    CPA_CHANGE,
    CPA_CHANGE_VOLUME,
    CPA_GROUP_GAP,
    CPA_GROUP_GAP_INTERVAL,
    CPA_INTERVAL,
    CPA_MONTHLY_AVERAGE,
    CPA_PERIOD,
    CPA_RATE,
    CPA_RATE_CHANGE,
    CPA_SUM,
    CPA_TEXT,
)
from cpa_xl.udfs_scorecard import CPA_AREAS, CPA_COMMENT, CPA_SCORECARD, CPA_STALE
from cpa_xl.udfs_targets import (
    CPA_FEASIBLE,
    CPA_PROJECTION,
    CPA_RAG,
    CPA_RAG_WHY,
    CPA_REQUIRED_CHANGE,
    CPA_REQUIRED_COUNT,
    CPA_REQUIRED_RATE,
    CPA_TARGET,
    CPA_TARGET_GAP,
)

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
    "CPA_PERIOD",
    "CPA_PROJECTION",
    "CPA_RAG",
    "CPA_RAG_WHY",
    "CPA_RANK",
    "CPA_RATE",
    "CPA_RATE_CHANGE",
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
