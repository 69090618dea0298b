"""The arguments that functions of the cells share, and the list in which the functions enter themselves.

To add a function, write it in the `udfs_` module of its theme under `@cell_function`, its arguments annotated
with how they are read. A function whose answer is annotated `Table` spills over as many cells as it needs.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from cpa_xl.cells import CellFunction, Range, Reads, Takes, check_same_size, number, registrar
from cpa_xl.periods import Basis, Month, Series
from cpa_xl.targets import Better, Letter

_functions: dict[str, CellFunction] = {}
FUNCTIONS: Mapping[str, CellFunction] = MappingProxyType(_functions)
cell_function = registrar(_functions)

PERIODS, RATES, TARGETS, OUTLOOK = "Periods and text", "Sums and rates", "Targets", "Outlook"
VARIATION = "Variation"
AREAS = "Areas"


def asked_for(cell: object) -> float | None:
    """A target as a cell holds it: a number, or the dash that CPA_TARGET gives where there is none."""
    return None if cell == Letter.NONE else number(cell)


TABLES = "Tables and comments"


Numbers = Range[float | None]
Months = Range[Month | None]

Values = Annotated[Numbers, Reads("counts, one a month or one a month and area", number, Takes.RANGE)]
Numerators = Annotated[Numbers, Reads("counts of the part, such as detections", number, Takes.RANGE)]
Denominators = Annotated[Numbers, Reads("counts of the whole, such as offences", number, Takes.RANGE)]
MonthCells = Annotated[Months, Reads("the month of each value", Month.read, Takes.RANGE)]
AsOf = Annotated[Month, Reads("a date in the last month of the period", Month.read)]
BasisCell = Annotated[Basis, Reads("RY, YTD, FY, MONTH or QUARTER", Basis.read)]
Numerator1 = Annotated[float, Reads("count of the part in the first group", number)]
Denominator1 = Annotated[float, Reads("count of the first group", number)]
Numerator2 = Annotated[float, Reads("count of the part in the second group", number)]
Denominator2 = Annotated[float, Reads("count of the second group", number)]
Actual = Annotated[float, Reads("the figure reached", number)]
Target = Annotated[float, Reads("the figure asked for", number)]
JudgedTarget = Annotated[float | None, Reads("the figure asked for; blank or – for no target", asked_for, blank=True)]
LevelCell = Annotated[float, Reads("how sure the interval is to be, a fraction such as 0.95", number)]
BetterCell = Annotated[Better, Reads("higher or lower", Better.read)]


def series_of(values: Numbers, months: Months) -> Series:
    """Values by month; WrongArgument unless both ranges are of one size."""
    check_same_size(values, months)
    return Series.of(values.cells, months.cells)


def both_series(numerators: Numbers, denominators: Numbers, months: Months) -> tuple[Series, Series]:
    """Numerators and denominators by month; WrongArgument unless all three ranges are of one size."""
    check_same_size(numerators, denominators, months)
    return series_of(numerators, months), series_of(denominators, months)
