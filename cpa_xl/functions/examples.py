"""One call of every cell function with its answer, for help pages, the check workbook and the tests.

These functions did not make the answers: each names its source. "Open data" is the Metropolitan Police's recorded crime
by borough, monthly counts from January 2008 to January 2010, the 32 boroughs together. Their residents are the mid-year
estimates of the Office for National Statistics.
"""

from dataclasses import dataclass

ExampleValue = float | str
_BURGLARY = (
    5867,
    5043,
    5065,
    4359,
    4466,
    4486,
    4514,
    4768,
    4241,
    4697,
    5286,
    5828,
    6203,
    4858,
    5470,
    4669,
    4975,
    4946,
    5018,
    4787,
    5007,
    5393,
    5624,
    5210,
    5112,
)
_ROBBERY = (
    3157,
    2723,
    2878,
    2844,
    2775,
    2739,
    2645,
    2502,
    2476,
    2843,
    2845,
    2537,
    2837,
    2614,
    2897,
    2835,
    3048,
    2779,
    2697,
    2500,
    2511,
    2860,
    2574,
    2563,
    2780,
)
_SERIOUS = (
    19506,
    17257,
    17742,
    16820,
    16645,
    16283,
    16331,
    16102,
    15761,
    17322,
    17100,
    16874,
    17764,
    15195,
    17132,
    16155,
    16980,
    16507,
    16228,
    15216,
    15574,
    16250,
    16000,
    15184,
    15419,
)


@dataclass(frozen=True)
class ExampleTable:
    """Cells of the sheet Data with their headings; "" is a blank cell. `column` is the first column, from 1."""

    column: int
    headings: tuple[str, ...]
    rows: tuple[tuple[ExampleValue, ...], ...]


MONTHLY = ExampleTable(
    1,
    ("month", "burglary", "robbery", "serious acquisitive"),
    tuple(
        zip(
            (float(year * 100 + month) for year in (2008, 2009, 2010) for month in range(1, 13)),
            map(float, _BURGLARY),
            map(float, _ROBBERY),
            map(float, _SERIOUS),
            strict=False,
        )
    ),
)
MEASURES = ExampleTable(
    6,
    ("Id", "Measure", "Unit", "Better", "Basis", "Lag", "Numerator", "Denominator", "Rule", "Amount", "Baseline",
     "Amber", "Amber basis", "Facts"),
    (("1", "Robbery", "percent", "lower", "RY", 0.0, "robbery", "serious acquisitive", "absolute", 0.17, "", "", "",
      "last_month"),),
)  # fmt: skip
AREAS = ExampleTable(
    21,
    ("area", "month of area", "part", "whole", "offences", "change asked", "peers"),
    tuple(
        ("North" if place < 12 else "South", 200801.0 + place % 12, 1.0 if place < 12 else 3.0, 4.0,
         *((100.0, -0.1, 1.0), (300.0, 0.02, 8.0), ("", "", 9.0), ("", "", ""))[min(place, 3)])
        for place in range(24)
    ),
)  # fmt: skip
STEADY = ExampleTable(
    29, ("steady", "fact"), tuple((10.0 + place % 2, 0.542 if place == 0 else "") for place in range(18))
)
POPULATION = ExampleTable(32, ("year", "residents"), ((2008.0, 7804732.0), (2009.0, 7935122.0)))
BLOCKS = (MONTHLY, MEASURES, AREAS, STEADY, POPULATION)


@dataclass(frozen=True)
class ExampleRange:
    """Cells of a block as an argument: the first rows of a column, or the whole block with its headings."""

    block: ExampleTable
    heading: str = ""
    rows: int = 0

    @property
    def address(self) -> str:
        """Their address in a formula."""
        if not self.heading:
            last = self.block.column + len(self.block.headings) - 1
            return f"Data!{_letter(self.block.column)}$1:{_letter(last)}${1 + len(self.block.rows)}"
        letter = _letter(self.block.column + self.block.headings.index(self.heading))
        return f"Data!{letter}$2:{letter}${1 + (self.rows or len(self.block.rows))}"


def _letter(column: int) -> str:
    """The letters of a column, absolute: $A, $AB."""
    before, last = divmod(column - 1, 26)
    return "$" + ("ABC"[before - 1] if before else "") + chr(ord("A") + last)


@dataclass(frozen=True)
class Example:
    """A call and its answer; for a table, the cell at `row` and `column`, from 1."""

    function: str
    arguments: tuple[ExampleRange | ExampleValue, ...]
    answer: float | str
    source: str
    within: float = 0.0  # the rounding of the source
    row: int = 0
    column: int = 0

    @property
    def formula(self) -> str:
        """The call as a formula, without the equals sign."""
        call = f"{self.function}({','.join(map(_written, self.arguments))})"
        return f"INDEX({call},{self.row},{self.column})" if self.row else call

    @property
    def tolerance(self) -> float:
        """How far a number may differ: the rounding of its source, or else of calculation in doubles."""
        return self.within or (1e-9 * max(1.0, abs(self.answer)) if isinstance(self.answer, float) else 0.0)


def _written(argument: ExampleRange | ExampleValue) -> str:
    if isinstance(argument, ExampleRange):
        return argument.address
    if isinstance(argument, str):
        return '"' + argument.replace('"', '""') + '"'
    return f"{argument:.15g}"


BY_MONTH, BURGLARY, ROBBERY, SERIOUS = (ExampleRange(MONTHLY, heading) for heading in MONTHLY.headings)
TWO_YEARS = ExampleRange(MONTHLY, "burglary", 24)
STEADY_FIGURES = ExampleRange(STEADY, "steady")
PEERS = ExampleRange(AREAS, "peers", 3)
RESIDENTS = (ExampleRange(POPULATION, "residents"), ExampleRange(POPULATION, "year"))
_PRINTED = "the printed scorecard of January 2009"
_COUNTED = "counted from the open data"
_PAPER = "worked out on paper"

EXAMPLES = (
    Example("CPA_PERIOD", ("Jan-09",), "RY to Jan-09", _PRINTED),
    Example("CPA_TEXT", (0.778, "percent"), "77.8%", _PRINTED),
    Example("CPA_SUM", (BURGLARY, BY_MONTH, "Jan-09"), 58956.0, _COUNTED),
    Example("CPA_MONTHLY_AVERAGE", (BURGLARY, BY_MONTH, "2009-01", "YTD"), 4884.8, f"{_COUNTED}: 48,848 in 10 months"),
    Example("CPA_RATE", (ROBBERY, SERIOUS, BY_MONTH, "Jan-09"), 32644 / 202001, f"{_COUNTED}: 32,644 of 202,001"),
    Example("CPA_RATIO", (SERIOUS, BURGLARY, BY_MONTH, "Jan-09"), 202001 / 58956, f"{_COUNTED}: 202,001 and 58,956"),
    Example(
        "CPA_RATE_PER",
        (ROBBERY, BY_MONTH, *RESIDENTS, "Dec-08"),
        1000 * 32964 / 7804732,
        f"{_COUNTED}: 32,964 robberies; 7,804,732 residents in mid-2008",
    ),
    Example(
        "CPA_RATE_PER_WHY",
        (ROBBERY, BY_MONTH, *RESIDENTS, "Dec-08"),
        "32,964 in RY to Dec-08 among 7,804,732 residents of 2008",
        f"{_COUNTED}: 32,964 robberies; 7,804,732 residents in mid-2008",
    ),
    Example("CPA_MONTH_VALUE", (BURGLARY, BY_MONTH, "Jan-09"), 6203.0, _COUNTED),
    Example("CPA_CHANGE", (BURGLARY, BY_MONTH, "Jan-10"), 2113 / 58956, f"{_COUNTED}: 61,069 after 58,956"),
    Example("CPA_CHANGE_VOLUME", (BURGLARY, BY_MONTH, "Jan-10"), 2113.0, f"{_COUNTED}: 61,069 after 58,956"),
    Example(
        "CPA_RATE_CHANGE",
        (ROBBERY, SERIOUS, BY_MONTH, "Jan-10"),
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
    Example("CPA_FEASIBLE", (6000.0, BURGLARY), "done once in 25 months: best 6,203", f"{_COUNTED}: January 2009"),
    Example("CPA_VICTIMISATION", (5.0, 2000.0, 100000.0), 250.0, _PAPER),
    Example("CPA_RANK", (8.0, PEERS, "lower"), 2.0, f"{_PAPER}: 1, 8, 9", row=1, column=1),
    Example(
        "CPA_BOROUGH_TARGET", (8.0, PEERS), -0.5, f"{_PAPER}: from 8 to 1 in three years, halved each", row=1, column=2
    ),
    Example("CPA_COUNT_CHANGE", (-0.04, 1000.0, 1050.0), 0.008, f"{_PAPER}: 0.96 x 1.05 - 1"),
    Example(
        "CPA_FORCE_TARGET",
        (ExampleRange(AREAS, "offences", 2), ExampleRange(AREAS, "change asked", 2)),
        -0.01,
        f"{_PAPER}: 10 fewer and 6 more of 400",
        row=1,
        column=1,
    ),
    Example("CPA_XMR", (TWO_YEARS,), 3980.41, f"{_PAPER}, from the open data: lower limit", 0.005, 1, 3),
    Example("CPA_SPC", (TWO_YEARS, "lower"), "outside: concern (high)", f"{_PAPER}: 6,203 above 6,084.59", 0, 13, 1),
    Example("CPA_VARIATION", (STEADY_FIGURES,), "common cause", f"{_PAPER}: 10 and 11 in turn"),
    Example("CPA_ASSURANCE", (STEADY_FIGURES, 20.0, "higher"), "fails", f"{_PAPER}: the upper limit is 13.16"),
    Example("CPA_FUNNEL", (STEADY_FIGURES, STEADY_FIGURES), 10.0, f"{_PAPER}: as many as expected everywhere", 0, 1, 1),
    Example("CPA_GROUP_GAP_INTERVAL", (56.0, 70.0, 48.0, 80.0), 0.0524, "Newcombe 1998, table II", 0.00005, 1, 1),
    Example("CPA_INTERVAL", (81.0, 263.0), 0.2553, "Newcombe 1998, table I", 0.00005, 1, 1),
    Example(
        "CPA_AREAS",
        (*(ExampleRange(AREAS, heading) for heading in AREAS.headings[:4]), "Dec-08"),
        0.75,
        f"{_PAPER}: South, 3 of 4 each month",
        row=3,
        column=2,
    ),
    Example(
        "CPA_SCORECARD",
        (ExampleRange(MEASURES), ExampleRange(MONTHLY), "Jan-10"),
        32658 / 191840,
        f"{_COUNTED}: 32,658 of 191,840",
        row=2,
        column=5,
    ),
    Example(
        "CPA_COMMENT",
        ("1", ExampleRange(MEASURES), ExampleRange(MONTHLY), "Jan-10"),
        "The rate rose from 16.9% in Dec-09 to 18.0% in Jan-10.",
        f"{_COUNTED}: 2,563 of 15,184, 2,780 of 15,419",
    ),
    Example(
        "CPA_STALE",
        ("Satisfaction was 55.2%.", ExampleRange(STEADY, "fact", 1)),
        '"55.2%" matches no computed figure (nearest: 54.2%)',
        f"{_PAPER}: the fact is 0.542",
    ),
    Example(
        "CPA_PROJECTION",
        (BURGLARY, BY_MONTH, "Mar-09"),
        59176.0,
        f"{_COUNTED}: all months of 2008/09 are there",
        row=1,
        column=1,
    ),
)
