"""The cell functions for variation: what stands in the cells, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cpa_xl.errors import CellError, EmptyDenominator, MissingData, WrongArgument
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import CPA_ASSURANCE, CPA_FUNNEL, CPA_SPC, CPA_TARGET, CPA_VARIATION, CPA_XMR, FUNCTIONS
from cpa_xl.functions.registry import Answer
from tests.support.books import Book
from tests.support.recorded_crime import BURGLARY, MONTHS_2008_2009, MURDER, VEHICLES, by_borough, by_month, residents

# NHSRplotthedots, vignette "Deviations from Excel defaults"
VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
STABLE = [10, 12] * 7
FALL = [*STABLE, 16, 15, 14, 13, 12, 11]


def column(*cells: object) -> list[list[object]]:
    return [[cell] for cell in cells]


def flat(answer: Answer) -> list[object]:
    assert isinstance(answer, list)
    return [cell for row in answer for cell in row]


@pytest.mark.parametrize(
    ("baseline", "screen", "printed"),
    [
        ("", "", (1.944, 1.882, -3.06, 6.95)),
        (None, True, (1.944, 1, -0.72, 4.60)),
        (None, 1, (1.944, 1, -0.72, 4.60)),
        (4, False, (1.5, 1, -1.16, 4.16)),
    ],
)
def test_limits_in_a_row_of_four_cells(baseline: object, screen: object, printed: tuple[float, ...]) -> None:
    for values in (VIGNETTE, column(*VIGNETTE)):
        answer = CPA_XMR(values, baseline, screen)
        assert isinstance(answer, list)
        assert len(answer) == 1
        assert answer[0] == pytest.approx(printed, abs=0.005)


def test_signals_of_recorded_crime_stand_beside_their_months(golden: Path) -> None:
    # golden/vectors.md: outside are January 2008, February and December 2009
    vehicles = by_month(golden, VEHICLES)
    answer = CPA_SPC(column(*vehicles), "lower")
    assert isinstance(answer, list)
    assert {len(row) for row in answer} == {1}
    outside = {
        month: text for month, text in zip(MONTHS_2008_2009, flat(answer), strict=True) if "outside" in str(text)
    }
    assert outside == {
        "200801": "outside: concern (high)",
        "200902": "outside: improvement (low)",
        "200912": "outside: improvement (low)",
    }
    in_a_row = CPA_SPC([vehicles])
    assert isinstance(in_a_row, list)
    assert len(in_a_row) == 1
    assert [text for text in in_a_row[0] if text == "outside"] == ["outside"] * 3


def test_signals_with_and_without_a_better_way() -> None:
    assert flat(CPA_SPC(FALL))[-6:] == ["trend"] * 6
    assert flat(CPA_SPC(FALL, "lower"))[-6:] == ["trend: improvement (falling)"] * 6
    assert flat(CPA_SPC(FALL, "higher"))[-1] == "trend: concern (falling)"
    # six points are no trend in the R package; screening leaves these moving ranges alone
    assert flat(CPA_SPC(FALL, None, "nhs-r"))[-1] == ""
    assert flat(CPA_SPC(FALL, None, "NHS Excel"))[-1] == "trend"


def test_signals_with_months_missing() -> None:
    assert flat(CPA_SPC([None, 10, 12, "", 10, 12, None])) == ["", "", "", "missing", "", "", ""]


@pytest.mark.parametrize(
    ("values", "better", "text"),
    [
        (STABLE, "lower", "common cause"),
        ([*STABLE, 30, None], "lower", "concern (high)"),
        ([*STABLE, 30], "higher", "improvement (high)"),
        ([*STABLE, 30], "", "neutral (high)"),
        (FALL, "lower", "improvement (falling)"),
        ([10, 12, None, 11, 10], "lower", "common cause; trial limits of 4 points; 1 month missing"),
    ],
)
def test_the_latest_month(values: list[object], better: str, text: str) -> None:
    assert CPA_VARIATION(values, better) == text


def test_the_latest_month_of_recorded_crime(golden: Path) -> None:
    burglary = by_month(golden, BURGLARY)
    assert CPA_VARIATION(burglary[:13], "lower") == "concern (high)"  # 6,200 in January 2009
    assert CPA_ASSURANCE(burglary, 5000, "lower") == "hit and miss"
    assert CPA_ASSURANCE(burglary, 6100, "lower") == "passes"  # the limits are 3,980.41 and 6,084.59
    assert CPA_ASSURANCE(burglary, 3900, "lower") == "fails"


def test_assurance() -> None:
    assert CPA_ASSURANCE(STABLE, 20) == "fails"
    assert CPA_ASSURANCE(STABLE, 2, "higher") == "passes"
    assert CPA_ASSURANCE([10, 12, 10], 11) == "hit and miss; trial limits of 3 points"
    assert CPA_ASSURANCE(STABLE, column(20, 11, None)) == column("fails", "hit and miss", "–")
    assert CPA_ASSURANCE(STABLE, CPA_TARGET("milestone", "")) == "–"


def test_a_row_for_each_area(golden: Path) -> None:
    # scipy, as in test_control_charts_funnel.py: 14 murders in Lambeth
    murders, people = by_borough(golden, MURDER), residents(golden)
    answer = CPA_FUNNEL(column(*murders.values()), column(*(people[name] for name in murders)))
    assert isinstance(answer, list)
    row = answer[list(murders).index("Lambeth")]
    assert row[:5] == pytest.approx([5.4085644, 0.9065195, 10.8823588, 0, 14.3586730], abs=1e-6)
    assert row[5] == "above 95%"
    wide = CPA_FUNNEL(list(murders.values()), [people[name] for name in murders], True)
    assert isinstance(wide, list)
    # numpy: the variance between boroughs is 0.35977; the lower limits stay where they were, below 1.27 and 0.55
    assert wide[list(murders).index("Lambeth")][1:5] == pytest.approx([0.9065195, 22.9762605, 0, 52.9111253], abs=1e-6)
    assert {row[5] for row in wide} == {"", "below 95%"}


def test_areas_without_figures_stay_empty() -> None:
    answer = CPA_FUNNEL(column(5, "", 5), column(10, None, 10), False, "rate")
    assert isinstance(answer, list)
    # scipy: the limits where 5 are expected
    assert answer[0][:5] == pytest.approx([5, 0.677269, 10.296288, 0, 13.668368], abs=1e-6)
    assert answer[1] == [""] * 7


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: CPA_XMR([[1, 2], [3, 4]]), WrongArgument, "values is 2 x 2 cells: give one row or one column"),
        (lambda: CPA_SPC([[1, 2], [3, 4]]), WrongArgument, "values is 2 x 2 cells: give one row or one column"),
        (
            lambda: CPA_XMR([1, 2, 3], 9),
            WrongArgument,
            "baseline_points is 9: write a whole number from 2 to the 3 values",
        ),
        (lambda: CPA_XMR([1, 2, 3], 2.5), WrongArgument, "baseline_points: 2.5 is not a whole number"),
        (lambda: CPA_XMR([1, 2, 3], 2, "yes"), WrongArgument, 'screen: "yes" will not do: write TRUE or FALSE'),
        (
            lambda: CPA_VARIATION([1, None, 3]),
            MissingData,
            "no two neighbouring months both have a value, and limits need differences between them",
        ),
        (
            lambda: CPA_SPC([1, 2], "up"),
            WrongArgument,
            'better: "up" will not do: write one of higher, lower',
        ),
        (
            lambda: CPA_SPC([1, 2], "", "nhs"),
            WrongArgument,
            'preset: "nhs" will not do: write one of house, nhs_excel, nhs_r',
        ),
        (
            lambda: CPA_FUNNEL([1, 2], [1, 2, 3]),
            WrongArgument,
            "counts is 1 x 2 cells and denominators 1 x 3: give ranges of the same size",
        ),
        (
            lambda: CPA_FUNNEL([[1, 2], [1, 2]], [[1, 2], [1, 2]]),
            WrongArgument,
            "counts is 2 x 2 cells: give one row or one column",
        ),
        (lambda: CPA_FUNNEL([1, 2], [1, 0]), EmptyDenominator, "area 2: 2 of nothing, the denominator is 0"),
    ],
)
def test_what_is_refused(call: Callable[[], Answer], error: type[CellError], message: str) -> None:
    with pytest.raises(error) as refused:
        call()
    assert str(refused.value) == message


def test_an_error_in_a_month_is_given_back() -> None:
    with pytest.raises(MissingData, match=r"^no offences$"):
        CPA_SPC([1, 2, MissingData("no offences"), 3])


def test_in_the_cells_of_a_workbook() -> None:
    """As array formulas, which fill their cells, and inside other functions."""
    book = (
        Book.of({"S": [[float(value)] for value in VIGNETTE]})
        .with_formula("S", 1, 2, "CPA_SPC(A1:A18,,B20)", array="B1:B18")
        .with_formula("S", 20, 4, "CPA_XMR(A1:A18,,TRUE)", array="D20:G20")
        .with_formula("S", 21, 4, "INDEX(CPA_XMR(A1:A18),4)")
        .with_formula("S", 22, 4, 'CPA_VARIATION(A1:A18,"lower")')
    )
    values = EmbeddedCalculator(FUNCTIONS).calculate(book, book).values
    # the published chart marks the 10, its fifth point, alone
    assert [str(values["S", row, 2])[:8] for row in range(1, 19)] == ["", "", "", "", "outside;", *[""] * 13]
    assert [values["S", 20, column] for column in range(4, 8)] == pytest.approx([1.944, 1, -0.716, 4.604], abs=0.0005)
    assert values["S", 21, 4] == pytest.approx(6.95, abs=0.005)
    assert str(values["S", 22, 4]).startswith("common cause; too few events for this chart (1.9 a month)")
