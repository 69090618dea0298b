"""What must hold for any figures whatever: rates, letters, requirements, months, cells."""

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cpa_xl.errors import CellError, EmptyDenominator, MissingData
from cpa_xl.functions.index import CPA_RAG, CPA_SUM, FUNCTIONS
from cpa_xl.measures import rates
from cpa_xl.measures.figures import FigureStyle, Style, rounded
from cpa_xl.measures.outlook import Prospect, feasible, required_change, required_count, required_rate
from cpa_xl.measures.periods import Basis, Month, Period, Series
from cpa_xl.measures.targets import AmberBasis, Better, judge, shortfall

T = TypeVar("T")
month_values = st.builds(Month, st.integers(1951, 2099), st.integers(1, 12))
counts = st.integers(0, 100_000)
shares = st.floats(0, 1, allow_nan=False)
figures = st.floats(-1e6, 1e6, allow_nan=False)
betters = st.sampled_from(Better)
bands = st.floats(0, 1, allow_nan=False)
GRADES = {"G": 0, "A": 1, "R": 2}


def outcome(call: Callable[[], T]) -> T | CellError:
    """What a call answers, or the error it raises for a cell."""
    try:
        return call()
    except CellError as error:
        return error


def a_year(as_of: Month, values: list[int]) -> Series:
    return Series.of(values, [as_of - n for n in range(len(values))])


# --- months and periods -------------------------------------------------------------------------------------------


@given(month_values, st.integers(-600, 600))
def test_month_arithmetic_goes_there_and_back(month: Month, n: int) -> None:
    assert (month + n) - n == month
    assert (month + n) - month == n
    assert (month + n > month) == (n > 0)


@given(month_values, st.floats(0, 0.999999))
def test_every_written_form_of_a_month_is_read_back(month: Month, time_of_day: float) -> None:
    first, last = month.first_day, month.last_day
    forms: list[object] = [
        str(month), month.year * 100 + month.month, month.serial, month.serial + time_of_day, first, last,
        dt.datetime.combine(last, dt.time(23, 59)), last.isoformat(), f"{last:%d/%m/%Y}", f"{first:%d %B %Y}",
        f"{first:%B %Y}", f"{first:%b-%Y}", f"{first:%m/%Y}",
    ]  # fmt: skip
    assert {Month.read(form) for form in forms} == {month}


@given(st.builds(Month, st.integers(1950, 2049), st.integers(1, 12)))
def test_labels_are_read_back(month: Month) -> None:
    assert Month.read(month.label) == month


@given(st.text(alphabet="0123456789/-. JanuaryFebMch", max_size=12))
def test_text_is_read_or_refused(text: str) -> None:
    answer = outcome(lambda: Month.read(text))
    if isinstance(answer, CellError):
        assert "write a month such as 2009-01" in str(answer)
    else:
        assert 1950 <= answer.year <= 2100


@given(st.integers(1, 12), st.integers(1, 12), st.integers(2000, 2020))
def test_a_date_of_two_small_numbers_is_read_only_if_they_agree(first: int, second: int, year: int) -> None:
    text = f"{first:02d}/{second:02d}/{year}"
    if first == second:
        assert Month.read(text) == Month(year, first)
    else:
        with pytest.raises(CellError, match="could be"):
            Month.read(text)


@given(month_values, st.sampled_from(Basis), st.integers(1, 12))
def test_periods_hold_their_month_and_stay_within_a_year(as_of: Month, basis: Basis, year_start: int) -> None:
    period = Period.of(as_of, basis, year_start)
    assert as_of in period.months
    assert len(period.months) <= 12
    assert [month - 12 for month in period.months] == list(period.previous.months)


# --- sums and rates -----------------------------------------------------------------------------------------------


@given(month_values, st.lists(counts, min_size=12, max_size=12))
def test_a_rolling_year_is_the_sum_of_its_quarters(as_of: Month, values: list[int]) -> None:
    series = a_year(as_of, values)
    quarters = [rates.total(series, Period.of(as_of - 3 * n, Basis.QUARTER)) for n in range(4)]
    assert rates.total(series, Period.of(as_of, Basis.RY)) == sum(quarters) == sum(values)


@given(
    month_values,
    st.lists(st.tuples(counts, counts).map(sorted).filter(lambda pair: pair[1] > 0), min_size=12, max_size=12),
    st.integers(2, 1000),
)
def test_a_rate_of_sums(as_of: Month, pairs: list[list[int]], times: int) -> None:
    parts, wholes = [part for part, _ in pairs], [whole for _, whole in pairs]
    period = Period.of(as_of, Basis.RY)
    rate = rates.rate(a_year(as_of, parts), a_year(as_of, wholes), period)
    months = [part / whole for part, whole in pairs]
    assert min(months) <= rate + 1e-15
    assert rate - 1e-15 <= max(months)
    assert rate == float(Fraction(sum(parts), sum(wholes)))
    larger = [[times * n for n in several] for several in (parts, wholes)]
    assert rates.rate(a_year(as_of, larger[0]), a_year(as_of, larger[1]), period) == pytest.approx(rate, rel=1e-15)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1e6)), min_size=1, max_size=60).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    ),
    st.sampled_from(Basis),
)
def test_the_order_of_rows_changes_nothing(
    rows: tuple[list[tuple[int, float]], list[tuple[int, float]]], basis: Basis
) -> None:
    def answer(some: list[tuple[int, float]]) -> str:
        months: list[list[object]] = [[(Month(2007, 1) + n).serial] for n, _ in some]
        values: list[list[object]] = [[value] for _, value in some]
        return repr(outcome(lambda: CPA_SUM(values, months, "Jan-09", basis)))

    assert answer(rows[0]) == answer(rows[1])


@given(month_values, st.lists(counts, min_size=12, max_size=12), st.integers(0, 11))
def test_no_total_without_every_month(as_of: Month, values: list[int], gone: int) -> None:
    with_gap: list[float | None] = [*values]
    with_gap[gone] = None
    series = Series.of(with_gap, [as_of - n for n in range(12)])
    with pytest.raises(MissingData, match=(as_of - gone).label):
        rates.total(series, Period.of(as_of, Basis.RY))


@given(month_values, st.lists(counts, min_size=24, max_size=24))
def test_a_change_leads_from_one_year_to_the_next(as_of: Month, values: list[int]) -> None:
    assume(sum(values[12:]) > 0)
    series, period = a_year(as_of, values), Period.of(as_of, Basis.RY)
    now, before = rates.total(series, period), rates.total(series, period.previous)
    assert before * (1 + rates.change(series, period)) == pytest.approx(now, abs=1e-6)
    assert before + rates.change_volume(series, period) == now


# --- letters ------------------------------------------------------------------------------------------------------


def judged(actual: float, target: float, better: Better, amber: float, basis: AmberBasis) -> str:
    return judge(actual, target, better, amber, basis).letter.value


@given(st.tuples(shares, shares), shares.filter(bool), betters, bands, st.sampled_from(AmberBasis))
def test_a_letter_never_improves_as_the_figure_gets_worse(
    two: tuple[float, float], target: float, better: Better, amber: float, basis: AmberBasis
) -> None:
    best, worst = sorted(two, key=lambda figure: shortfall(figure, target, better))
    assert GRADES[judged(best, target, better, amber, basis)] <= GRADES[judged(worst, target, better, amber, basis)]


@given(figures, figures.filter(lambda target: abs(target) > 1e-6), betters, bands, bands)
def test_a_wider_band_never_worsens_a_letter(
    actual: float, target: float, better: Better, one: float, other: float
) -> None:
    narrow, wide = sorted((one, other))
    basis = AmberBasis.RELATIVE
    assert GRADES[judged(actual, target, better, wide, basis)] <= GRADES[judged(actual, target, better, narrow, basis)]


@given(figures.filter(lambda target: abs(target) > 1e-6), betters, bands)
def test_a_target_exactly_met_is_green_and_the_whole_band_is_amber(target: float, better: Better, amber: float) -> None:
    assert judged(target, target, better, amber, AmberBasis.RELATIVE) == "G"
    assume(amber > 1e-9)
    edge = target + (abs(target) * amber if better is Better.LOWER else -abs(target) * amber)
    assert judged(edge, target, better, amber, AmberBasis.RELATIVE) == "A"


@given(figures, figures.filter(bool), betters, bands, st.integers(-20, 20))
def test_the_unit_of_a_figure_changes_no_relative_letter(
    actual: float, target: float, better: Better, amber: float, power: int
) -> None:
    # powers of two, so that nothing is rounded; and only figures that stay clear of where numbers end
    assume(all(figure == 0 or abs(figure) > 1e-290 for figure in (actual, target)))
    times = 2.0**power
    basis = AmberBasis.RELATIVE
    assert judged(actual, target, better, amber, basis) == judged(actual * times, target * times, better, amber, basis)


@given(figures, figures, betters)
def test_higher_and_lower_are_mirror_images(actual: float, target: float, better: Better) -> None:
    mirrored = Better.LOWER if better is Better.HIGHER else Better.HIGHER
    assert shortfall(actual, target, better) == shortfall(-actual, -target, mirrored)


@given(shares, shares.filter(lambda target: target > 1e-6), betters)
def test_a_reason_names_the_figures_as_different_as_they_are(actual: float, target: float, better: Better) -> None:
    verdict = judge(actual, target, better)
    first, second = verdict.reason.split(":")[0].split(" against a target of ")
    assert (first == second) == (f"{actual:.15g}" == f"{target:.15g}") or abs(actual - target) < 1e-14
    assert float(first) == pytest.approx(actual, abs=0.0006)


# --- outlook ------------------------------------------------------------------------------------------------------


@given(counts.filter(bool), shares, counts.filter(bool), shares)
def test_what_is_required_makes_exactly_the_target(so_far: int, share: float, left: int, target: float) -> None:
    done = share * so_far
    required = required_rate(done, so_far, left, target)
    assert (done + required * left) / (so_far + left) == pytest.approx(target, abs=1e-9)


@given(counts, counts, st.integers(1, 12))
def test_required_counts_add_up_to_the_year(so_far: int, year: int, left: int) -> None:
    assert so_far + left * required_count(so_far, year, left) == pytest.approx(year, abs=1e-6)


@given(counts, st.tuples(counts.filter(bool), counts).map(sorted), st.floats(-1, 1))
def test_required_changes_make_the_years_change(so_far: int, bases: list[int], target: float) -> None:
    base_left, base_year = bases
    assume(base_left > 0)
    coming = base_left * (1 + required_change(so_far, base_year, base_left, target))
    assert so_far + coming == pytest.approx(base_year * (1 + target), abs=1e-6)


@given(st.floats(-2, 2), st.lists(shares, min_size=1, max_size=40), betters)
def test_what_was_done_is_possible(required: float, history: list[float], better: Better) -> None:
    verdict = feasible(required, history, better)
    assert verdict.months == len(history)
    assert (verdict.prospect is Prospect.DONE) <= (verdict.times > 0)
    assert (verdict.prospect in (Prospect.NEVER_DONE, Prospect.IMPOSSIBLE)) <= (verdict.times == 0)


# --- printed figures ----------------------------------------------------------------------------------------------


@given(st.decimals(-1_000_000, 1_000_000, places=4), st.integers(0, 3))
def test_rounding_goes_half_away_from_zero(value: Decimal, decimals: int) -> None:
    expected = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert rounded(float(value), decimals) == expected


@given(st.floats(-1, 1), st.integers(0, 4))
def test_the_word_of_a_movement_agrees_with_its_figure(value: float, decimals: int) -> None:
    movement, change = (Style(kind, decimals).text(value) for kind in (FigureStyle.MOVEMENT, FigureStyle.CHANGE))
    if movement == "unchanged":
        assert float(change.rstrip("%")) == 0
        assert not change.startswith("-")
    else:
        word, figure = movement.split(" ")
        assert change == {"up": "+", "down": "-"}[word] + figure


# --- cells --------------------------------------------------------------------------------------------------------

cells = st.one_of(
    st.none(), st.just(""), st.booleans(), st.floats(), st.integers(-(10**18), 10**18), st.text(max_size=8),
    st.sampled_from(["RY", "higher", "Jan-09", "percent", "change", "points", "increase", 39814.0, 0.05, -0.04]),
    st.dates(), st.datetimes(), st.just(MissingData("of the sheet")), st.just(EmptyDenominator("of the sheet")),
)  # fmt: skip
ranges = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=4))
given_arguments = st.one_of(cells, ranges, st.lists(cells, max_size=3), st.just({}), st.just([[[1]]]))


@settings(max_examples=1000)
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(given_arguments, max_size=6))
@pytest.mark.slow
def test_whatever_a_cell_holds_the_answer_is_a_value_or_a_cell_error(name: str, arguments: list[object]) -> None:
    answer = outcome(lambda: FUNCTIONS[name](*arguments))
    for value in [cell for row in answer for cell in row] if isinstance(answer, list) else [answer]:
        if isinstance(value, CellError):
            assert str(value)
            assert value.code.startswith("#")
        else:
            assert type(value) in (str, float)
            assert not isinstance(value, float) or abs(value) < float("inf")


@given(st.lists(st.one_of(st.none(), shares), min_size=2, max_size=5), st.lists(shares, min_size=1, max_size=5))
def test_a_spilled_answer_is_each_single_answer(actuals: list[float | None], targets: list[float]) -> None:
    spilled = CPA_RAG([[actual] for actual in actuals], [targets])
    singles = [[outcome(partial(CPA_RAG, actual, target)) for target in targets] for actual in actuals]
    assert repr(spilled) == repr(singles)
