"""One call of every function with its answer: for the page of help, the workbook that checks an Excel, and the tests.

The answers were not worked out by these functions; each names where it comes from. "Open data" is the Metropolitan
Police's recorded crime by borough, monthly counts of January 2008 to January 2010, the 32 boroughs together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FIRST_ROW = 2  # of the sheet Data: below the headings
DATA: Mapping[str, Sequence[float]] = {
    "month": [float(year * 100 + month) for year in (2008, 2009, 2010) for month in range(1, 13)][:25],
    "burglary": [
        5867, 5043, 5065, 4359, 4466, 4486, 4514, 4768, 4241, 4697, 5286, 5828, 6203,
        4858, 5470, 4669, 4975, 4946, 5018, 4787, 5007, 5393, 5624, 5210, 5112,
    ],
    "robbery": [
        3157, 2723, 2878, 2844, 2775, 2739, 2645, 2502, 2476, 2843, 2845, 2537, 2837,
        2614, 2897, 2835, 3048, 2779, 2697, 2500, 2511, 2860, 2574, 2563, 2780,
    ],
    "serious acquisitive": [
        19506, 17257, 17742, 16820, 16645, 16283, 16331, 16102, 15761, 17322, 17100, 16874, 17764,
        15195, 17132, 16155, 16980, 16507, 16228, 15216, 15574, 16250, 16000, 15184, 15419,
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of the sheet Data as an argument; `rows` of it from the top, or all."""

    name: str
    rows: int = 25

    @property
    def address(self) -> str:
        """Its cells, as a formula names them."""
        letter = "ABCDEFGH"[[*DATA].index(self.name)]
        return f"Data!${letter}${FIRST_ROW}:${letter}${FIRST_ROW + self.rows - 1}"

    @property
    def cells(self) -> list[list[float]]:
        """Its cells as a range."""
        return [[float(value)] for value in DATA[self.name][: self.rows]]


@dataclass(frozen=True)
class Example:
    """A call and its answer; of an answer that is a table, the cell at `row` and `column`, from 1."""

    function: str
    arguments: tuple[Column | float | str, ...]
    answer: float | str
    source: str
    within: float = 0.0  # how far the answer may be off, where its source rounds it
    row: int = 0
    column: int = 0

    @property
    def formula(self) -> str:
        """The call as it stands in a cell, without the equals sign."""
        call = f"{self.function}({','.join(map(_written, self.arguments))})"
        return f"INDEX({call},{self.row},{self.column})" if self.row else call

    @property
    def tolerance(self) -> float:
        """How far off a number may be, with what calculating in doubles takes."""
        return self.within or (1e-9 * max(1.0, abs(self.answer)) if isinstance(self.answer, float) else 0.0)


def _written(argument: Column | float | str) -> str:
    if isinstance(argument, Column):
        return argument.address
    if isinstance(argument, str):
        return '"' + argument.replace('"', '""') + '"'
    return f"{argument:.15g}"


_MONTH, _BURGLARY, _ROBBERY, _ALL = (Column(name) for name in DATA)
_PRINTED = "the printed scorecard of January 2009"
_COUNTED = "counted from the open data"
_PAPER = "worked out on paper"

EXAMPLES = (
    Example("CPA_PERIOD", ("Jan-09",), "RY to Jan-09", _PRINTED),
    Example("CPA_TEXT", (0.778, "percent"), "77.8%", _PRINTED),
    Example("CPA_SUM", (_BURGLARY, _MONTH, "Jan-09"), 58956.0, _COUNTED),
    Example("CPA_MONTHLY_AVERAGE", (_BURGLARY, _MONTH, "2009-01", "YTD"), 4884.8, f"{_COUNTED}: 48,848 in 10 months"),
    Example("CPA_RATE", (_ROBBERY, _ALL, _MONTH, "Jan-09"), 32644 / 202001, f"{_COUNTED}: 32,644 of 202,001"),
    Example("CPA_CHANGE", (_BURGLARY, _MONTH, "Jan-10"), 2113 / 58956, f"{_COUNTED}: 61,069 after 58,956"),
    Example("CPA_CHANGE_VOLUME", (_BURGLARY, _MONTH, "Jan-10"), 2113.0, f"{_COUNTED}: 61,069 after 58,956"),
    Example(
        "CPA_RATE_CHANGE",
        (_ROBBERY, _ALL, _MONTH, "Jan-10"),
        32658 / 191840 - 32644 / 202001,
        f"{_COUNTED}: 32,658 of 191,840 after 32,644 of 202,001",
    ),
    Example("CPA_GROUP_GAP", (7930.0, 10000.0, 3725.0, 5000.0), 0.048, f"{_PAPER}: 79.3 % and 74.5 %"),
    Example("CPA_TARGET", ("monthly_average", 350.0), 350 / 12, f"{_PAPER}: 350 a year"),
    Example("CPA_TARGET_GAP", (0.108, 0.118), -0.01, _PAPER),
    Example("CPA_RAG", (0.778, 0.789), "A", _PRINTED),
    Example(
        "CPA_RAG_WHY",
        (0.542, 0.562, "higher", 0.03),
        "0.542 against a target of 0.562: worse by 0.02, 3.6% of the target, beyond the amber band of 3%",
        f"{_PAPER}: 0.02 is 3.6 % of 0.562",
    ),
    Example("CPA_REQUIRED_RATE", (17301.0, 167002.0, 33400.0, 0.118), 0.19, _PAPER, within=0.00005),
    Example("CPA_REQUIRED_COUNT", (301.0, 350.0, 2.0), 24.5, _PRINTED),
    Example("CPA_REQUIRED_CHANGE", (100.0, 120.0, 20.0, -0.1), -0.6, f"{_PAPER}: 8 left after 20"),
    Example("CPA_FEASIBLE", (6000.0, _BURGLARY), "done once in 25 months: best 6,203", f"{_COUNTED}: January 2009"),
)
