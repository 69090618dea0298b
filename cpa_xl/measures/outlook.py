"""The outlook for a financial year: what the months left must bring for a target, and where the year will end.

**Requirements.** With S and N the numerator and denominator so far, L the denominator expected in the months left and
T the target, the months left need the rate (T (N + L) - S) / L. It may be below 0 or above 1. `feasible` says whether
any past month reached such a figure. A rolling year cannot tell, because it still holds months of last year.

**Projection.** Let Y be the count so far this year, Y' the count of the same months of last year and R' that of the
rest of last year. The expected count of the months left is R' Y / Y': last year's seasons at this year's level. If
last year is incomplete, the months left are expected to continue like the months so far.

**Few events.** A low first quarter says little about the year, so interval and chance lean on the years before. The
level of a year follows that of the year before with a step of variance τ² (on the log scale); the years counted so far
and the months of this year each tell of it with the variance of their counts (a local level model, Kalman's filter;
Durbin and Koopman, Time Series Analysis by State Space Methods, 2012, chapter 2). τ² is the mean of what neighbouring
years differ by beyond chance, weighted by its precision, together with STEP² that counts as PAIRS pairs of years. With
fewer than FEW_EVENTS events so far, or then, the projected count leans the same way, the more the fewer there are.

**Spread.** Events cluster, so a count varies more than a Poisson count, by the dispersion φ (variance over mean). The
history gives φ. For two years by twelve months it is Pearson's χ² against "every month moved like its year", divided
by its degrees of freedom and pooled over all pairs of neighbouring years that end at the as-of month. The same for
quarters shows months that drift together. φ is the larger of both, and at least 1. The variance of the months left is
that of their own count (φ times it), of the level, and of the share that the months left had last year.

**Interval and chance** are those of a negative binomial count with that mean and variance (a Poisson count where they
are equal); above LARGEST_SUM, of a normal variable corrected for its skewness (Cornish and Fisher 1938).

**Checks.** `python run.py benchmarks.projection` simulates steady counts of 1 to 300 a month. In open data (burglary,
robbery and vehicle crime of London's 32 boroughs, 2010/11 to 2015/16) intervals for 95 % contained 96 % of the years
after ten months, 88 % after six and 91 % after two: no history shows a coming turn of the trend.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
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
STEP = 0.15  # the standard deviation of a year's step that is expected, of the size that boroughs' crimes took
PAIRS = 30  # of years that this expectation counts as
FEW_EVENTS = 100  # so many leave the level of a year 10 % uncertain; below, the years before help to find it
SMALLEST_TAIL, MOST_DEVIATIONS = 1e-12, 40  # where the chances of a count end
LARGEST_SUM = 3000  # above this mean, chances are not added up one by one

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
    are None if the history is too short (`words` says so). `left` is the count of the months left that interval and
    chance expect; without it, what `point` adds to `so_far`.
    """

    point: float
    so_far: float
    method: ForecastMethod
    dispersion: float | None
    spread: float | None
    left: float | None = None

    def interval(self, level: float = LEVEL) -> Interval:
        """The interval that contains the year's total with probability `level`; it starts at `so_far` or above.

        Raises MissingData if the history is too short, WrongArgument unless the level lies between 0 and 1.
        """
        z_of(level)
        if self._known_spread == 0:
            return Interval(self.point, self.point)
        tail = (1 - level) / 2
        low, high = (self._months_left.quantile(part) for part in (tail, 1 - tail))
        return Interval(self.so_far + max(0.0, low), self.so_far + high)

    def chance(self, target: float, better: Better) -> float:
        """The chance, 0 to 1, that the year's total is the target or better.

        Raises MissingData if the history is too short and the count so far does not decide already.
        """
        if better is Better.HIGHER and self.so_far >= target:
            return 1.0
        if better is Better.LOWER and self.so_far > target:
            return 0.0
        if self._known_spread == 0:
            return float(self.point >= target if better is Better.HIGHER else self.point <= target)
        wanted, least = target - self.so_far, NOISE * target
        if better is Better.HIGHER:
            return self._months_left.at_least(wanted - least)
        return self._months_left.at_most(wanted + least)

    @property
    def _months_left(self) -> "_Count":
        mean = self.point - self.so_far if self.left is None else self.left
        return _count_of(mean, max(mean, self._known_spread**2))

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
    """The count of the months left as the ratio has it, as interval and chance expect it, and its variance."""

    left: float
    expected: float
    variance: float
    method: ForecastMethod


@dataclass(frozen=True, slots=True)
class _Count:
    """The distribution of a count; `sums` are the chances of 0, up to 1, up to 2, ... events, none for a large one."""

    mean: float
    variance: float
    sums: tuple[float, ...]

    def at_most(self, count: float) -> float:
        """The chance of so many events or fewer."""
        if not self.sums:
            return self._below(count)
        place = math.floor(count)
        return 0.0 if place < 0 else self.sums[min(place, len(self.sums) - 1)]

    def at_least(self, count: float) -> float:
        """The chance of so many events or more."""
        return 1 - (self.at_most(math.ceil(count) - 1) if self.sums else self._below(count))

    def _below(self, count: float) -> float:
        z = (count - self.mean) / math.sqrt(self.variance)
        return NormalDist().cdf(z - self._skewness * (z * z - 1) / 6)

    def quantile(self, chance: float) -> float:
        """The least count that has at least this chance of not being exceeded."""
        if self.sums:
            return float(min(bisect_left(self.sums, chance), len(self.sums) - 1))
        z = NormalDist().inv_cdf(chance)
        return self.mean + math.sqrt(self.variance) * (z + self._skewness * (z * z - 1) / 6)

    @property
    def _skewness(self) -> float:
        return (2 - self.mean / self.variance) * math.sqrt(self.variance) / self.mean


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
    dispersion = dispersion_of(series, as_of)
    years = list(_whole_years(series, so_far, year))
    if not years or not years[0].so_far:
        forecast = _straight(counted, len(so_far.months) / YEAR, dispersion or 1.0)
    else:
        forecast = _seasonal(counted, years, dispersion or 1.0)
    spread = None if dispersion is None else math.sqrt(forecast.variance)
    return Projection(counted + forecast.left, counted, forecast.method, dispersion, spread, forecast.expected)


@dataclass(frozen=True, slots=True)
class _PastYear:
    """What a year had in the months that are over this year, and in all."""

    so_far: float
    whole: float


def _whole_years(series: Series, so_far: Period, year: Period) -> Iterator[_PastYear]:
    """The years before, the last one first, as far back as none of their months is missing."""
    while True:
        so_far, year = so_far.previous, year.previous
        part, whole = _total_if_whole(series, so_far), _total_if_whole(series, year)
        if part is None or whole is None:
            return
        yield _PastYear(part, whole)


def _total_if_whole(series: Series, period: Period) -> float | None:
    try:
        return total(series, period)
    except MissingData:
        return None


def _seasonal(counted: float, years: Sequence[_PastYear], dispersion: float) -> _Forecast:
    """The forecast from last year's seasons; `years` begin with the last one."""
    last = years[0]
    whole = math.fsum(year.whole for year in years) + HALF_A_COUNT
    share = (math.fsum(year.so_far for year in years) + HALF_A_COUNT / 2) / whole
    level, variance = _level(counted, share, years, dispersion)
    expected = (1 - share) * max(level, counted + HALF_A_COUNT)
    of_share = dispersion * share * (1 - share) / (last.whole + HALF_A_COUNT)
    total_variance = dispersion * expected + (1 - share) ** 2 * variance + level**2 * of_share
    by_ratio = (last.whole - last.so_far) * counted / last.so_far
    alone = min(1.0, counted / FEW_EVENTS, last.so_far / FEW_EVENTS)
    left = alone * by_ratio + (1 - alone) * expected
    return _Forecast(left, expected, total_variance, ForecastMethod.SEASONAL)


def _level(counted: float, share: float, years: Sequence[_PastYear], dispersion: float) -> tuple[float, float]:
    """The level of this year, as the count of a whole year, and its variance: Kalman's filter over the years."""
    step = _step_variance(counted, years, dispersion)
    level, variance = 0.0, math.inf
    for year in reversed(years):
        observed = year.whole + HALF_A_COUNT
        variance += step * level**2
        gain = 1.0 if math.isinf(variance) else variance / (variance + dispersion * observed)
        variance = dispersion * observed if math.isinf(variance) else (1 - gain) * variance
        level += gain * (observed - level)
    variance += step * level**2
    noise_so_far = dispersion * max(share * level, HALF_A_COUNT)
    gain = variance * share / (share**2 * variance + noise_so_far)
    return level + gain * (counted - share * level), (1 - gain * share) * variance


def _step_variance(counted: float, years: Sequence[_PastYear], dispersion: float) -> float:
    """τ², by which levels of neighbouring years differ on the log scale beyond what chance explains; 0 or more."""
    pairs = [(counted, years[0].so_far), *((now.whole, before.whole) for now, before in pairwise(years))]
    total_weight = PAIRS / STEP**4
    total_sum = total_weight * STEP**2
    for now, before in pairs:
        by_chance = dispersion * (1 / (now + HALF_A_COUNT) + 1 / (before + HALF_A_COUNT))
        beyond = math.log((now + HALF_A_COUNT) / (before + HALF_A_COUNT)) ** 2 - by_chance
        total_weight += by_chance**-2
        total_sum += beyond * by_chance**-2
    return max(0.0, total_sum / total_weight)


def _straight(counted: float, share: float, dispersion: float) -> _Forecast:
    """The forecast from the count in a `share` (0 to 1) of the year."""
    times = (1 - share) / share
    left = times * (counted + HALF_A_COUNT)
    return _Forecast(times * counted, left, dispersion * left * (1 + times), ForecastMethod.STRAIGHT)


@lru_cache(maxsize=64)  # interval and chance of a cell ask for the same
def _count_of(mean: float, variance: float) -> _Count:
    """A negative binomial count; a Poisson count where the variance is the mean."""
    if mean <= 0:
        return _Count(mean, variance, (1.0,))
    if mean > LARGEST_SUM:
        return _Count(mean, variance, ())
    size = mean**2 / (variance - mean) if variance > mean * (1 + NOISE) else math.inf
    logarithm = -mean if math.isinf(size) else -size * math.log1p(mean / size)
    sums, held, count = list[float](), 0.0, 0
    while held < 1 - SMALLEST_TAIL and count < mean + MOST_DEVIATIONS * (1 + math.sqrt(variance)):
        held += math.exp(logarithm)
        sums.append(min(1.0, held))
        growth = mean if math.isinf(size) else (count + size) * mean / (size + mean)
        count += 1
        logarithm += math.log(growth / count)
    return _Count(mean, variance, tuple(sums))


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
