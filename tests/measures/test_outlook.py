"""What the months left must bring, against the printed scorecard's "around 19%"."""

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.outlook import (
    CHANGES,
    COUNTS,
    SHARES,
    SHARES_OR_GAPS,
    FigureBounds,
    Prospect,
    bounds_of,
    feasible,
    required_change,
    required_count,
    required_rate,
)
from cpa_xl.measures.targets import Better

HIGHER, LOWER = Better.HIGHER, Better.LOWER


@pytest.mark.parametrize(
    ("numerator", "denominator", "left", "asked", "required"),
    [
        (17301, 167002, 33400, 0.118, 0.1900),  # golden/vectors.md: "around 19%"
        (1080, 10000, 2000, 0.118, 0.168),  # golden/vectors.md: equal months and 10.8 % so far
        (0, 0, 100, 0.118, 0.118),  # at the start of a year
        (90, 100, 20, 0.5, -1.5),
        (10, 100, 10, 0.5, 4.5),
    ],
)
def test_required_rate(numerator: float, denominator: float, left: float, asked: float, required: float) -> None:
    assert required_rate(numerator, denominator, left, asked) == pytest.approx(required, abs=0.00005)


@pytest.mark.parametrize(
    ("so_far", "year", "left", "required"),
    [
        (301, 350, 2, 24.5),  # golden/vectors.md: measure 9a
        (2390, 2496, 2, 53),  # the printed scorecard: measure 9b
        (400, 350, 2, -25),
    ],
)
def test_required_count(so_far: float, year: float, left: float, required: float) -> None:
    assert required_count(so_far, year, left) == required


def test_required_change() -> None:
    # 219,138 offences a year before and -4 % asked leave 210,372 for the year;
    # with 167,002 so far and 34,999 in last February and March, 43,370 may come: 23.9 % more
    assert required_change(167002, 219138, 34999, -0.04) == pytest.approx(43370.48 / 34999 - 1, rel=1e-6)
    assert required_change(100, 100, 20, -0.1) == pytest.approx(-1.5)  # the year's 90 are passed already


def test_requirements_of_what_cannot_be() -> None:
    with pytest.raises(EmptyDenominator, match=r"^nothing is left of the year: denominator_left is 0$"):
        required_rate(1, 2, 0, 0.5)
    with pytest.raises(EmptyDenominator, match=r"^nothing is left of the year: months_left is 0$"):
        required_count(1, 2, 0)
    with pytest.raises(EmptyDenominator, match=r"^base_left is 0: no change can be measured from it$"):
        required_change(1, 2, 0, -0.04)
    with pytest.raises(Impossible, match=r"^the year so far: 3 of 2 is more than all$"):
        required_rate(3, 2, 1, 0.5)
    with pytest.raises(EmptyDenominator, match=r"^the year so far: nothing to divide by, the denominator is 0$"):
        required_rate(3, 0, 1, 0.5)
    with pytest.raises(Impossible, match=r"^denominator_left is a count below zero \(-1\)$"):
        required_rate(1, 2, -1, 0.5)
    with pytest.raises(Impossible, match=r"^total_ytd is a count below zero \(-1\)$"):
        required_count(-1, 2, 1)
    with pytest.raises(Impossible, match=r"^base_left 3 is a part of base_year, and more than its 2$"):
        required_change(1, 2, 3, 0)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (11.8, "a rate of 11.8 cannot be a target; a percentage is written as a fraction: 0.118 for 11.8%"),
        (-0.1, "a rate of -0.1 cannot be a target; a percentage is written as a fraction: -0.001 for -0.1%"),
    ],
)
def test_a_target_rate_is_a_fraction(asked: float, message: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        required_rate(1, 2, 1, asked)
    assert str(refused.value) == message


def test_a_target_change_is_a_fraction() -> None:
    with pytest.raises(
        WrongArgument, match=r"^target_change -4: a percentage is written as a fraction: -0\.04 for -4%$"
    ):
        required_change(1, 2, 1, -4)


@pytest.mark.parametrize("left", [13, -1, 1.5])
def test_a_year_has_twelve_months(left: float) -> None:
    with pytest.raises(WrongArgument) as refused:
        required_count(1, 2, left)
    assert str(refused.value) == f"months_left is {left}: write a whole number from 1 to 12"


RATES = [0.101, None, 0.138, 0.09]
COUNTS_BY_MONTH = [20.0, 30, 25, 40]
FALLS = [-0.05, 0.02, -0.08]


@pytest.mark.parametrize(
    ("required", "history", "better", "prospect", "words"),
    [
        (0.19, RATES, HIGHER, Prospect.NEVER_DONE, "never done: best of 3 months 0.138"),
        (0.19, [0.1] * 33 + [0.138], HIGHER, Prospect.NEVER_DONE, "never done: best of 34 months 0.138"),
        (0.10, RATES, HIGHER, Prospect.DONE, "done 2 times in 3 months: best 0.138"),
        (0.138, RATES, HIGHER, Prospect.DONE, "done once in 3 months: best 0.138"),
        (0.1 + 0.2, [0.3], HIGHER, Prospect.DONE, "done once in 1 month: best 0.3"),
        (0, RATES, HIGHER, Prospect.SECURED, "secured: 0 needed, which any month brings"),
        (-0.2, RATES, HIGHER, Prospect.SECURED, "secured: -0.2 needed, which any month brings"),
        (1.04, RATES, HIGHER, Prospect.IMPOSSIBLE, "impossible: 1.04 needed, and 1 is the most there can be"),
        (1.0, RATES, HIGHER, Prospect.NEVER_DONE, "never done: best of 3 months 0.138"),
        (0.095, RATES, LOWER, Prospect.DONE, "done once in 3 months: best 0.09"),
        (-0.02, RATES, LOWER, Prospect.NEVER_DONE, "never done: best of 3 months 0.09"),
        (1.2, RATES, LOWER, Prospect.SECURED, "secured: 1.2 allowed, which any month brings"),
        (24.5, COUNTS_BY_MONTH, HIGHER, Prospect.DONE, "done 3 times in 4 months: best 40"),
        (50, COUNTS_BY_MONTH, HIGHER, Prospect.NEVER_DONE, "never done: best of 4 months 40"),
        (-25, COUNTS_BY_MONTH, HIGHER, Prospect.SECURED, "secured: -25 needed, which any month brings"),
        (-3, COUNTS_BY_MONTH, LOWER, Prospect.IMPOSSIBLE, "impossible: -3 allowed, and 0 is the least there can be"),
        (2, [0.0, 1, 0], HIGHER, Prospect.NEVER_DONE, "never done: best of 3 months 1"),
        (-0.06, FALLS, LOWER, Prospect.DONE, "done once in 3 months: best -0.08"),
        (-0.2, FALLS, LOWER, Prospect.NEVER_DONE, "never done: best of 3 months -0.08"),
        (-1.5, FALLS, LOWER, Prospect.IMPOSSIBLE, "impossible: -1.5 allowed, and -1 is the least there can be"),
    ],
)  # fmt: skip
def test_was_it_ever_done(
    required: float, history: list[float | None], better: Better, prospect: Prospect, words: str
) -> None:
    verdict = feasible(required, history, better)
    assert (verdict.prospect, verdict.words) == (prospect, words)


def test_what_is_possible_can_be_said() -> None:
    assert feasible(1.5, RATES, HIGHER, COUNTS).prospect is Prospect.NEVER_DONE
    assert feasible(-0.1, RATES, HIGHER, FigureBounds(None, None)).prospect is Prospect.DONE
    assert feasible(-0.1, RATES, LOWER, SHARES).prospect is Prospect.IMPOSSIBLE


@pytest.mark.parametrize(
    ("history", "better", "bounds"),
    [
        (RATES, HIGHER, SHARES),
        (RATES, LOWER, SHARES_OR_GAPS),
        (FALLS, LOWER, CHANGES),
        (COUNTS_BY_MONTH, HIGHER, COUNTS),
        ([0.0, 1.0], HIGHER, COUNTS),
        ([0.5, 1.5], HIGHER, COUNTS),
    ],
)
def test_what_a_history_shows_to_be_possible(history: list[float | None], better: Better, bounds: FigureBounds) -> None:
    assert bounds_of(history, better) == bounds


@pytest.mark.parametrize("history", [[], [None, None]])
def test_no_history_no_verdict(history: list[float | None]) -> None:
    with pytest.raises(MissingData, match=r"^there is no month in the history to compare with$"):
        feasible(0.19, history, HIGHER)


def test_a_verdict_counts_its_months() -> None:
    verdict = feasible(0.10, RATES, HIGHER)
    assert (verdict.times, verdict.months, verdict.best) == (2, 3, 0.138)
