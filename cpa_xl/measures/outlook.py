"""What the months left must bring for a year's target, and whether that was ever done.

A rolling year still holds last year's months; a target for the financial year is met or missed by the months
left. With S and N the numerator and denominator so far, L the denominator expected in the months left and T
the target, those months need the rate (T (N + L) - S) / L. That may be below 0 or above 1: `feasible` says
what it means.

Where a year will end: the point, an interval, and the chance that a target is met.

With Y counted so far this year, Y' in the same months of last year and R' in the rest of last year, the months
left are expected to bring F = R' Y / Y': last year's seasons at this year's level. Where last year is not whole
they are expected to go on like the months so far.

Events cluster, so a count varies more than a Poisson count does, by the dispersion φ (variance over mean). It is
taken from the history: in a table of two years by twelve months, Pearson's χ² against "every month moved like its
year" over its degrees of freedom, pooled over all pairs of neighbouring years that end at the as-of month; the
same for the years' quarters, in which months that drift together show; the larger of both, and 1 at least. The
spread of what the months left bring is √(φ F (1 + F/Y + F/Y' + F/R')): their own coming and going, and that of the
three counts the forecast is made of (the ordinary error propagation of a ratio).

On open data (burglary, robbery and vehicle crime of London's 32 boroughs, 2010/11 to 2015/16) intervals for 95 %
held 95 % of the years after ten months, 85 % after six: a turn of the trend is in no history. In 2009/10, with
fifteen months before it to learn from, they held 86 % and 81 %. With z √(φ F) and months alone they would have held
69 % and 50 % of the later years.
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


def required_rate(numerator_ytd: float, denominator_ytd: float, denominator_left: float, target: float) -> float:
    """The rate the months left must reach for the year to end at `target`, a fraction.

    Raises EmptyDenominator with nothing left, Impossible for counts that cannot be, WrongArgument for a
    target outside 0 to 1.
    """
    if denominator_ytd != 0 or numerator_ytd != 0:  # at the start of a year nothing has happened yet
        proportion(numerator_ytd, denominator_ytd, "the year so far")
    _check_count(denominator_left, "denominator_left")
    if not 0 <= target <= 1:
        raise WrongArgument(f"a rate of {target:.15g} cannot be a target; {as_fraction(target)}")
    if denominator_left == 0:
        raise EmptyDenominator(f"{NOTHING_LEFT}: denominator_left is 0")
    return (target * (denominator_ytd + denominator_left) - numerator_ytd) / denominator_left


def required_count(total_ytd: float, target_year: float, months_left: float) -> float:
    """The count that each month left must bring for the year to end at `target_year`.

    Raises EmptyDenominator with no month left, Impossible for counts below zero, WrongArgument where
    `months_left` is no whole number of months of a year.
    """
    _check_count(total_ytd, "total_ytd")
    _check_count(target_year, "target_year")
    if months_left == 0:
        raise EmptyDenominator(f"{NOTHING_LEFT}: months_left is 0")
    if months_left != int(months_left) or not 1 <= months_left <= 12:
        raise WrongArgument(f"months_left is {months_left:.15g}: write a whole number from 1 to 12")
    return (target_year - total_ytd) / months_left


def required_change(total_ytd: float, base_year: float, base_left: float, target_change: float) -> float:
    """The change on last year's same months that the months left must bring, a fraction.

    `base_year` is the total of last year, `base_left` that of the part of it that is still to come this year.
    Below -1 the target is out of reach already: the months left would have to count below zero.

    Raises EmptyDenominator where `base_left` is 0, Impossible for counts that cannot be, WrongArgument for a
    target that is no fraction.
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


class Prospect(StrEnum):
    """What the past says about a requirement."""

    SECURED = "secured"
    DONE = "done"
    NEVER_DONE = "never done"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether a requirement was ever met: in `times` of `months` months, of which `best` was the best."""

    prospect: Prospect
    times: int
    months: int
    best: float
    words: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a figure can be; None where there is no such limit."""

    least: float | None
    most: float | None


COUNTS = Bounds(0, None)
SHARES = Bounds(0, 1)
CHANGES = Bounds(-1, None)
SHARES_OR_GAPS = Bounds(-1, 1)


def bounds_of(history: Sequence[float | None], better: Better) -> Bounds:
    """What figures like those of a history can be, as far as the figures themselves show it.

    A figure below 0 makes them changes. Figures from 0 to 1 of which one at least is not whole are taken for
    rates; where lower is better they may as well be gaps or small changes, so nothing down to -1 is called
    impossible. All others are counts (so are 0 and 1 alone).
    """
    past = [value for value in history if value is not None]
    if any(value < 0 for value in past):
        return CHANGES
    if all(value <= 1 for value in past) and any(value != int(value) for value in past):
        return SHARES if better is Better.HIGHER else SHARES_OR_GAPS
    return COUNTS


def feasible(
    required: float, history: Sequence[float | None], better: Better, bounds: Bounds | None = None
) -> Feasibility:
    """How often months of the past reached what the months left must reach.

    `history` holds past months, blanks (None) among them are skipped. A requirement that every possible
    figure meets is secured, one that none can meet is impossible; `bounds` says what is possible (without it
    the history says: `bounds_of`).

    Raises MissingData where no month of the past is there.
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


def _settled(required: float, better: Better, bounds: Bounds) -> tuple[Prospect, str] | None:
    """The verdict that holds whatever the past was like, if one does."""
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


LEAST_DEGREES = 5  # of freedom, below which no dispersion is worth its name
QUARTERS_DEGREES = 3  # of two years of quarters, never used alone
YEAR, QUARTER = 12, 3
HALF_A_COUNT = 0.5  # added to each count of the spread, so that a year without an event yet has one too


class Method(StrEnum):
    """How the months left were forecast."""

    SEASONAL = "last year's seasons at this year's level"
    STRAIGHT = "as in the months so far"
    COMPLETE = "the year is complete"


@dataclass(frozen=True, slots=True)
class Projection:
    """The year's expected total, and how sure that is.

    `spread` is the standard deviation; `dispersion` the variance over the mean of the monthly counts that it was
    made with. Both are None where the history is too short to tell (`words` says so).
    """

    point: float
    so_far: float
    method: Method
    dispersion: float | None
    spread: float | None

    def interval(self, level: float = LEVEL) -> Interval:
        """The interval that holds the year's total at a level; it never goes below what is counted already.

        Raises MissingData where the history is too short to tell.
        """
        reach = z_of(level) * self._known_spread
        return Interval(max(self.so_far, self.point - reach), self.point + reach)

    def chance(self, target: float, better: Better) -> float:
        """The chance that the year's total is the target or better (normal distribution).

        Raises MissingData where the history is too short to tell.
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
        """How the projection was made, in words."""
        if self.method is Method.COMPLETE:
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
    """What the months left are expected to bring, and its variance for a dispersion of 1."""

    left: float
    variance: float
    method: Method


def project(series: Series, as_of: Month, year_start: int = 4) -> Projection:
    """The projection of the financial year that holds `as_of`, from the months up to it.

    Raises MissingData where a month of the year so far is not there, Impossible for counts below zero, and as
    `Series.within` for quarterly values.
    """
    so_far = Period.of(as_of, Basis.YTD, year_start)
    year = Period.of(as_of, Basis.FY, year_start)
    counted = total(series, so_far)
    if so_far.end == year.end:
        return Projection(counted, counted, Method.COMPLETE, None, 0.0)
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
    return _Forecast(last_rest * counted / last_so_far, variance, Method.SEASONAL)


def _straight(counted: float, share: float) -> _Forecast:
    """From the count in a `share` of the year."""
    times = (1 - share) / share
    left = times * (counted + HALF_A_COUNT)
    return _Forecast(times * counted, left * (1 + times), Method.STRAIGHT)


def dispersion_of(series: Series, as_of: Month) -> float | None:
    """How many times the variance of a Poisson count the monthly counts up to `as_of` have, 1 at least.

    Without two years to compare, the months of the last year are compared with their mean (seasons then count as
    variation). None with fewer than 6 months. Raises Impossible for counts below zero.
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
    """The total of each month up to `as_of` that is there without a blank."""
    whole = {
        month: math.fsum(value for value in held if value is not None)
        for month, held in series.rows.items()
        if month <= as_of and None not in held
    }
    for month, value in whole.items():
        if value < 0:
            raise Impossible(f"{month.label} holds a count below zero ({value:.15g})")
    return whole


Pair = tuple[float, float]


def _pairs_by_year(history: Mapping[Month, float], as_of: Month) -> Iterator[list[Pair | None]]:
    """By year back from `as_of`, each of its months beside the same month a year before, where both are there."""
    if not history:
        return
    for back in range(0, as_of - min(history) + 1, YEAR):
        months = [as_of - back - n for n in range(YEAR)]
        yield [(history[m], history[m - YEAR]) if m in history and m - YEAR in history else None for m in months]


def _quarters(year: Sequence[Pair | None]) -> list[Pair]:
    """The quarters of which all months are there."""
    whole = [pair for pair in year if pair]
    if len(whole) < YEAR:
        return []
    parts = [whole[start : start + QUARTER] for start in range(0, YEAR, QUARTER)]
    return [(math.fsum(now for now, _ in part), math.fsum(before for _, before in part)) for part in parts]


def _pooled(years: Sequence[Sequence[Pair]], least: int) -> float | None:
    """Pearson's χ² of every two years over its degrees of freedom, all together; None below the `least` of them.

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
