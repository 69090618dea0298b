"""The outlook for a financial year: what the months left must bring for a target, and where the year will end.

**Requirements.** With S and N the numerator and denominator so far, L the denominator expected in the months left and
T the target, the months left need the rate (T (N + L) - S) / L. It may be below 0 or above 1. `feasible` says whether
any past month reached such a figure. A rolling year cannot tell, because it still holds months of last year.

**Projection.** Let Y be the count so far this year, Y' the count of the same months of last year and R' that of the
rest of last year. The expected count of the months left is F = R' Y / Y': last year's seasons at this year's level.
If last year is incomplete, the months left are expected to continue like the months so far.

**Spread.** Events cluster, so a count varies more than a Poisson count, by the dispersion φ (variance over mean). The
history gives φ. For two years by twelve months it is Pearson's χ² against "every month moved like its year", divided
by its degrees of freedom and pooled over all pairs of neighbouring years that end at the as-of month. The same for
quarters shows months that drift together. φ is the larger of both, and at least 1. The standard deviation of the
months left is √(φ F (1 + F/Y + F/Y' + F/R')): their own variation, and that of the three counts behind the forecast
(the usual error propagation of a ratio).

**Check on open data** (burglary, robbery and vehicle crime of London's 32 boroughs, 2010/11 to 2015/16). Intervals for
95 % contained 95 % of the years after ten months and 85 % after six: no history shows a coming turn of the trend. In
2009/10, with fifteen months of history, they contained 86 % and 81 %. With z √(φ F) and months only they would have
contained 69 % and 50 % of the later years.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.figures import NOISE, as_fraction, noise, plain_number
from cpa_xl.measures.intervals import LEVEL, Interval, z_of
from cpa_xl.measures.periods import Basis, Month, Period, Series
from cpa_xl.measures.rates import proportion, total
from cpa_xl.measures.targets import Better
from cpa_xl.wording import counted

NOTHING_LEFT = "nothing is left of the year"

LEAST_DEGREES = 5  # degrees of freedom that a dispersion needs at least
QUARTERS_DEGREES = 3  # those of two years of quarters, which are never used alone
YEAR, QUARTER = 12, 3
HALF_A_COUNT = 0.5  # added to each count of the spread, so that a year without events has a spread too

YearOnYear = tuple[float, float]


class Prospect(StrEnum):
    """What the past says about a requirement."""

    SECURED = "secured"
    DONE = "done"
    NEVER_DONE = "never done"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether the past met a requirement: in `times` of `months` months, with `best` the best figure."""

    prospect: Prospect
    times: int
    months: int
    best: float
    words: str


@dataclass(frozen=True, slots=True)
class FigureBounds:
    """The least and the most that a figure can be; None for no limit."""

    least: float | None
    most: float | None


COUNTS = FigureBounds(0, None)
SHARES = FigureBounds(0, 1)
CHANGES = FigureBounds(-1, None)
SHARES_OR_GAPS = FigureBounds(-1, 1)


class ForecastMethod(StrEnum):
    """How the months left are forecast."""

    SEASONAL = "last year's seasons at this year's level"
    STRAIGHT = "as in the months so far"
    COMPLETE = "the year is complete"


@dataclass(frozen=True, slots=True)
class Projection:
    """The year's expected total, and how certain it is.

    `spread` is the standard deviation of the total, `dispersion` the variance over the mean of the monthly counts. Both
    are None if the history is too short (`words` says so).
    """

    point: float
    so_far: float
    method: ForecastMethod
    dispersion: float | None
    spread: float | None

    def interval(self, level: float = LEVEL) -> Interval:
        """The interval that contains the year's total with probability `level`; it starts at `so_far` or above.

        Raises MissingData if the history is too short.
        """
        reach = z_of(level) * self._known_spread
        return Interval(max(self.so_far, self.point - reach), self.point + reach)

    def chance(self, target: float, better: Better) -> float:
        """The chance, 0 to 1, that the year's total is the target or better (normal distribution).

        Raises MissingData if the history is too short and the count so far does not decide already.
        """
        ahead = self.point - target if better is Better.HIGHER else target - self.point
        if better is Better.HIGHER and self.so_far >= target:
            return 1.0
        if better is Better.LOWER and self.so_far > target:
            return 0.0
        if self._known_spread == 0:
            return float(ahead >= 0)
        return NormalDist().cdf(ahead / self._known_spread)

    @property
    def words(self) -> str:
        """A sentence that says how the projection is made."""
        if self.method is ForecastMethod.COMPLETE:
            return str(self.method)
        if self.dispersion is None:
            return f"{self.method}; too few months to tell how much they vary"
        return f"{self.method}; months vary {self.dispersion:.1f} times as much as chance alone would have it"

    @property
    def _known_spread(self) -> float:
        if self.spread is None:
            raise MissingData("too few months to tell how much they vary: the history needs 6 months or more")
        return self.spread


@dataclass(frozen=True, slots=True)
class _Forecast:
    """The expected count of the months left, and its variance for a dispersion of 1."""

    left: float
    variance: float
    method: ForecastMethod


def required_rate(numerator_ytd: float, denominator_ytd: float, denominator_left: float, target: float) -> float:
    """The rate, a fraction, that the months left must reach for the year to end at `target`.

    Raises EmptyDenominator if `denominator_left` is 0, Impossible for a negative count or a part above its whole,
    WrongArgument for a target outside 0 to 1.
    """
    if denominator_ytd != 0 or numerator_ytd != 0:  # at the start of a year both are 0
        proportion(numerator_ytd, denominator_ytd, "the year so far")
    _check_count(denominator_left, "denominator_left")
    if not 0 <= target <= 1:
        raise WrongArgument(f"a rate of {target:.15g} cannot be a target; {as_fraction(target)}")
    if denominator_left == 0:
        raise EmptyDenominator(f"{NOTHING_LEFT}: denominator_left is 0")
    return (target * (denominator_ytd + denominator_left) - numerator_ytd) / denominator_left


def required_count(total_ytd: float, target_year: float, months_left: float) -> float:
    """The count that each month left must bring for the year to end at `target_year`.

    Raises EmptyDenominator with no month left, Impossible for counts below zero, WrongArgument unless `months_left`
    is a whole number from 1 to 12.
    """
    _check_count(total_ytd, "total_ytd")
    _check_count(target_year, "target_year")
    if months_left == 0:
        raise EmptyDenominator(f"{NOTHING_LEFT}: months_left is 0")
    if months_left != int(months_left) or not 1 <= months_left <= 12:
        raise WrongArgument(f"months_left is {months_left:.15g}: write a whole number from 1 to 12")
    return (target_year - total_ytd) / months_left


def required_change(total_ytd: float, base_year: float, base_left: float, target_change: float) -> float:
    """The change, a fraction, on last year's same months that the months left must bring.

    `base_year` is the total of last year, `base_left` the total of last year's months that are still to come this
    year. Below -1 the target is out of reach: the months left would need a count below zero.

    Raises EmptyDenominator if `base_left` is 0, Impossible for a negative count or a `base_left` above `base_year`,
    WrongArgument for a target that is not a fraction.
    """
    _check_count(total_ytd, "total_ytd")
    _check_count(base_year, "base_year")
    _check_count(base_left, "base_left")
    if base_left > base_year:
        raise Impossible(f"base_left {base_left:.15g} is a part of base_year, and more than its {base_year:.15g}")
    if abs(target_change) > 1:
        raise WrongArgument(f"target_change {target_change:.15g}: {as_fraction(target_change)}")
    if base_left == 0:
        raise EmptyDenominator("base_left is 0: no change can be measured from it")
    return (base_year * (1 + target_change) - total_ytd) / base_left - 1


def _check_count(value: float, name: str) -> None:
    if value < 0:
        raise Impossible(f"{name} is a count below zero ({value:.15g})")


def bounds_of(history: Sequence[float | None], better: Better) -> FigureBounds:
    """What figures like those of a history can be, as far as the history shows it.

    With a figure below 0 they are changes. If all lie from 0 to 1 and one at least is not whole, they are rates; where
    lower is better they may also be gaps or small changes, so nothing down to -1 is impossible. All others are counts,
    and so are 0 and 1 alone.
    """
    past = [value for value in history if value is not None]
    if any(value < 0 for value in past):
        return CHANGES
    if all(value <= 1 for value in past) and any(value != int(value) for value in past):
        return SHARES if better is Better.HIGHER else SHARES_OR_GAPS
    return COUNTS


def feasible(
    required: float, history: Sequence[float | None], better: Better, bounds: FigureBounds | None = None
) -> Feasibility:
    """How often past months reached what the months left must reach.

    `history` holds the figures of past months; None is skipped. A requirement that every possible figure meets is
    secured, one that no possible figure meets is impossible. `bounds` says what is possible; without it `bounds_of`
    reads that from the history.

    Raises MissingData if the history has no figure.
    """
    past = [value for value in history if value is not None]
    if not past:
        raise MissingData("there is no month in the history to compare with")
    sign = 1 if better is Better.HIGHER else -1
    best = sign * max(sign * value for value in past)
    least = noise(required, best)
    times = sum(sign * (value - required) >= -least for value in past)
    settled = _settled(required, better, bounds_of(past, better) if bounds is None else bounds)
    prospect, words = settled or _judged(times, len(past), best)
    return Feasibility(prospect, times, len(past), best, words)


def _settled(required: float, better: Better, bounds: FigureBounds) -> tuple[Prospect, str] | None:
    """The verdict that does not depend on the past, if there is one."""
    if better is Better.HIGHER:
        sign, wish, easiest, hardest, end = 1, "needed", bounds.least, bounds.most, "most"
    else:
        sign, wish, easiest, hardest, end = -1, "allowed", bounds.most, bounds.least, "least"
    if easiest is not None and sign * (required - easiest) <= NOISE:
        return Prospect.SECURED, f"secured: {plain_number(required)} {wish}, which any month brings"
    if hardest is not None and sign * (required - hardest) > NOISE:
        return (
            Prospect.IMPOSSIBLE,
            f"impossible: {plain_number(required)} {wish}, and {hardest:g} is the {end} there can be",
        )
    return None


def _judged(times: int, months: int, best: float) -> tuple[Prospect, str]:
    past = counted(months, "month")
    if not times:
        return Prospect.NEVER_DONE, f"never done: best of {past} {plain_number(best)}"
    often = "once" if times == 1 else f"{times} times"
    return Prospect.DONE, f"done {often} in {past}: best {plain_number(best)}"


def project(series: Series, as_of: Month, year_start: int = 4) -> Projection:
    """The projection of the financial year that holds `as_of`, from the months up to it.

    Raises MissingData if a month of the year so far is missing, Impossible for counts below zero, and the errors of
    `Series.within` for quarterly values.
    """
    so_far = Period.of(as_of, Basis.YTD, year_start)
    year = Period.of(as_of, Basis.FY, year_start)
    counted = total(series, so_far)
    if so_far.end == year.end:
        return Projection(counted, counted, ForecastMethod.COMPLETE, None, 0.0)
    last_year, last_so_far = _total_if_whole(series, year.previous), _total_if_whole(series, so_far.previous)
    if last_year is None or not last_so_far:
        forecast = _straight(counted, len(so_far.months) / YEAR)
    else:
        forecast = _seasonal(counted, last_so_far, last_year - last_so_far)
    dispersion = dispersion_of(series, as_of)
    spread = None if dispersion is None else math.sqrt(dispersion * forecast.variance)
    return Projection(counted + forecast.left, counted, forecast.method, dispersion, spread)


def _total_if_whole(series: Series, period: Period) -> float | None:
    try:
        return total(series, period)
    except MissingData:
        return None


def _seasonal(counted: float, last_so_far: float, last_rest: float) -> _Forecast:
    now, before, rest = counted + HALF_A_COUNT, last_so_far + HALF_A_COUNT, last_rest + HALF_A_COUNT
    left = rest * now / before
    variance = left * (1 + left / now + left / before + left / rest)
    return _Forecast(last_rest * counted / last_so_far, variance, ForecastMethod.SEASONAL)


def _straight(counted: float, share: float) -> _Forecast:
    """The forecast from the count in a `share` (0 to 1) of the year."""
    times = (1 - share) / share
    left = times * (counted + HALF_A_COUNT)
    return _Forecast(times * counted, left * (1 + times), ForecastMethod.STRAIGHT)


def dispersion_of(series: Series, as_of: Month) -> float | None:
    """The variance of the monthly counts up to `as_of` over that of Poisson counts; at least 1.

    Without two years to compare, the months of the last year are compared with their mean; seasons then count as
    variation. None with fewer than 6 months. Raises Impossible for counts below zero.
    """
    history = _by_month(series, as_of)
    years = [*_pairs_by_year(history, as_of)]
    found = [_pooled([[pair for pair in year if pair] for year in years], LEAST_DEGREES)]
    if found[0] is not None:
        found.append(_pooled([_quarters(year) for year in years], QUARTERS_DEGREES))
    else:
        found.append(_about_their_mean([history[m] for m in (as_of - back for back in range(YEAR)) if m in history]))
    return max((1.0, *known)) if (known := [one for one in found if one is not None]) else None


def _by_month(series: Series, as_of: Month) -> Mapping[Month, float]:
    """The total of each month up to `as_of` that has no blank."""
    whole = {
        month: math.fsum(value for value in held if value is not None)
        for month, held in series.rows.items()
        if month <= as_of and None not in held
    }
    for month, value in whole.items():
        if value < 0:
            raise Impossible(f"{month.label} holds a count below zero ({value:.15g})")
    return whole


def _pairs_by_year(history: Mapping[Month, float], as_of: Month) -> Iterator[list[YearOnYear | None]]:
    """For each year back from `as_of`: each month beside the same month a year before; None if one is missing."""
    if not history:
        return
    for back in range(0, as_of - min(history) + 1, YEAR):
        months = [as_of - back - n for n in range(YEAR)]
        yield [(history[m], history[m - YEAR]) if m in history and m - YEAR in history else None for m in months]


def _quarters(year: Sequence[YearOnYear | None]) -> list[YearOnYear]:
    """The quarters of a year; none if a month is missing."""
    whole = [pair for pair in year if pair]
    if len(whole) < YEAR:
        return []
    parts = [whole[start : start + QUARTER] for start in range(0, YEAR, QUARTER)]
    return [(math.fsum(now for now, _ in part), math.fsum(before for _, before in part)) for part in parts]


def _pooled(years: Sequence[Sequence[YearOnYear]], least: int) -> float | None:
    """Pearson's χ² of every two years, divided by the degrees of freedom of all; None below `least` degrees.

    With totals N and B of the two years, a pair (n, b) adds (nB - bN)² / ((n + b) N B).
    """
    chi_square, degrees = 0.0, 0
    for year in years:
        some = [(now, before) for now, before in year if now + before]
        now_all, before_all = math.fsum(now for now, _ in some), math.fsum(before for _, before in some)
        if not now_all or not before_all:
            continue
        chi_square += math.fsum(
            (now * before_all - before * now_all) ** 2 / ((now + before) * now_all * before_all) for now, before in some
        )
        degrees += len(some) - 1
    return chi_square / degrees if degrees >= least else None


def _about_their_mean(values: Sequence[float]) -> float | None:
    if len(values) - 1 < LEAST_DEGREES:
        return None
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / mean if mean else 1.0
