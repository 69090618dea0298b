"""Which months are like the others and which are signals: the XmR chart of "Making Data Count".

An XmR chart takes single values in order, and judges each by how much neighbours usually differ: mean m, mean
moving range r, limits m - 2.66 r and m + 2.66 r (Wheeler, Understanding Variation, 1993). It is for months,
never for rolling years: neighbouring rolling years share eleven months, so that they differ too little and
nearly every stable series would show signals.

A value that is None is a missing month. Blanks before the first and after the last value are no months at
all; one between is a gap. No moving range reaches over a gap, and it breaks every run.

Which areas differ from the rest by more than chance: funnel limits for counts of different sizes.

Every area is expected to have the rate of all together. Exact limits hold a Poisson count with a chance of
95 % or 99.8 %, the same tail on either side (Fingertips technical guidance, control limits of funnel plots).
They are for events that are few beside the denominator, such as offences beside residents.

Where areas differ for more reasons than chance, exact limits flag nearly all of them. Over-dispersed limits
allow for that: the variance tau^2 between areas (DerSimonian and Laird, Control Clin Trials 7, 1986) of
log ratios, from z-scores winsorised at 10 % (Spiegelhalter and others, JRSS A 175(1), 2012), widens them: no area
is flagged that the exact limits would not flag.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import NormalDist

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures import intervals
from cpa_xl.measures.figures import same_figure
from cpa_xl.measures.targets import Better
from cpa_xl.wording import Word, counted

LIMIT = 2.66  # 3 / d2, rounded as published; d2 = 1.128 is the range expected of two values, in standard deviations
NEAR = 2 / 3  # near limits lie at two of the three standard deviations
RANGE_LIMIT = 3.267  # a moving range at or above so many mean moving ranges is an outlier itself
TRIAL_POINTS = 12  # limits of fewer points are trial limits


@dataclass(frozen=True, slots=True)
class Rules:
    """How many points make a shift and a trend, and whether outlying moving ranges are screened out."""

    shift: int = 7
    trend: int = 6
    screen: bool = False


class Preset(Word):
    """Rules by name: ours, those of the NHS Excel tool, those of the R package NHSRplotthedots."""

    HOUSE = "house"
    NHS_EXCEL = "nhs_excel"
    NHS_R = "nhs_r"

    @property
    def rules(self) -> Rules:
        """The rules that the name stands for."""
        return Rules(trend=7, screen=True) if self is Preset.NHS_R else Rules()


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural process limits, made of so many `points`; all figures have the unit of the values."""

    mean: float
    mean_moving_range: float
    points: int

    @property
    def lower(self) -> float:
        """The lower limit; it may lie below what the figure can be."""
        return self.mean - LIMIT * self.mean_moving_range

    @property
    def upper(self) -> float:
        """The upper limit."""
        return self.mean + LIMIT * self.mean_moving_range

    @property
    def trial(self) -> bool:
        """Whether there are too few points to rely on the limits."""
        return self.points < TRIAL_POINTS


def xmr(values: Sequence[float | None], baseline_points: int | None = None, screen: bool = False) -> Limits:
    """The limits that values in order of month give.

    `baseline_points` makes them of the first so many values alone, so that later months are judged by an
    earlier time. `screen` leaves out moving ranges of 3.267 mean moving ranges or more, once.

    Raises MissingData where no two values stand next to each other, WrongArgument for a baseline of fewer
    than two values or of more than there are.
    """
    line = _baseline(values, baseline_points)
    present = [value for value in line if value is not None]
    ranges = [abs(after - before) for before, after in pairwise(line) if before is not None and after is not None]
    if not ranges:
        raise MissingData("no two months stand next to each other, and limits are made of the moving ranges between")
    mean_range = math.fsum(ranges) / len(ranges)
    if screen and mean_range:
        kept = [one for one in ranges if one < RANGE_LIMIT * mean_range]
        mean_range = math.fsum(kept) / len(kept)
    return Limits(math.fsum(present) / len(present), mean_range, len(present))


def _baseline(values: Sequence[float | None], points: int | None) -> Sequence[float | None]:
    """The values up to the last of the baseline."""
    if points is None:
        return values
    places = [place for place, value in enumerate(values) if value is not None]
    if not 2 <= points <= len(places):
        raise WrongArgument(f"baseline_points is {points}: write a whole number from 2 to the {len(places)} values")
    return values[: places[points - 1] + 1]


class Signal(StrEnum):
    """The rule that a month meets, the first of several in this order; or that it is missing."""

    OUTSIDE = "outside"
    TREND = "trend"
    TWO_OF_THREE = "two of three"
    SHIFT = "shift"
    NONE = ""
    MISSING = "missing"


class Direction(StrEnum):
    """Where a signal points: a trend by its way, everything else by its side of the mean."""

    HIGH = "high"
    LOW = "low"
    RISING = "rising"
    FALLING = "falling"


class Variation(StrEnum):
    """What a month means: nothing special, better, worse, or special where neither way is better."""

    COMMON_CAUSE = "common cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL = "neutral"


UPWARD = (Direction.HIGH, Direction.RISING)


@dataclass(frozen=True, slots=True)
class Point:
    """A month on the chart; the direction is None where there is no signal."""

    value: float | None
    signal: Signal
    direction: Direction | None = None

    def variation(self, better: Better | None) -> Variation:
        """What the signal means where `better` is the way to go; None for neither way."""
        if self.direction is None:
            return Variation.COMMON_CAUSE
        if better is None:
            return Variation.NEUTRAL
        good = (self.direction in UPWARD) is (better is Better.HIGHER)
        return Variation.IMPROVEMENT if good else Variation.CONCERN


@dataclass(frozen=True, slots=True)
class Chart:
    """Limits and one point a value, in order."""

    limits: Limits
    points: tuple[Point, ...]

    @property
    def latest(self) -> Point:
        """The last month with a value."""
        return next(point for point in reversed(self.points) if point.value is not None)

    @property
    def missing(self) -> int:
        """How many months are missing between others."""
        return sum(point.signal is Signal.MISSING for point in self.points)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader has to know beside the chart: few points, gaps."""
        few = f"trial limits of {self.limits.points} points"
        gaps = f"{counted(self.missing, 'month')} missing"
        return ((few,) if self.limits.trial else ()) + ((gaps,) if self.missing else ())


def chart(values: Sequence[float | None], rules: Rules, baseline_points: int | None = None) -> Chart:
    """The limits of values in order of month, and the signals among them.

    A point outside the limits, `rules.trend` successive rises or falls of points, two of three points beyond
    two standard deviations on one side (all three on that side of the mean, and only those beyond are
    marked), `rules.shift` successive points on one side of the mean. A point on the mean breaks a shift, a
    point equal to its neighbour a trend. A month in a rise and in a fall is named by the earlier of the two.

    Raises the errors of `xmr`.
    """
    limits = xmr(values, baseline_points, rules.screen)
    sides = [_compared(value, limits.mean) for value in values]
    found: list[tuple[Signal, Sequence[int], tuple[Direction, Direction]]] = [
        (Signal.OUTSIDE, _beyond(values, limits, 1), (Direction.HIGH, Direction.LOW)),
        (Signal.TREND, _trends(values, rules.trend), (Direction.RISING, Direction.FALLING)),
        (Signal.TWO_OF_THREE, _two_of_three(sides, _beyond(values, limits, NEAR)), (Direction.HIGH, Direction.LOW)),
        (Signal.SHIFT, _runs(sides, rules.shift), (Direction.HIGH, Direction.LOW)),
    ]
    points = []
    months = range(*_span(values))
    for place, value in enumerate(values):
        point = Point(value, Signal.MISSING if value is None and place in months else Signal.NONE)
        for signal, signs, (up, down) in found:
            if signs[place]:
                point = Point(value, signal, up if signs[place] > 0 else down)
                break
        points.append(point)
    return Chart(limits, tuple(points))


def _span(values: Sequence[float | None]) -> tuple[int, int]:
    """The places of the first value and behind the last one."""
    places = [place for place, value in enumerate(values) if value is not None]
    return places[0], places[-1] + 1


def _compared(value: float | None, line: float | None) -> int:
    """1 above a line, -1 below, 0 on it or where either is missing."""
    if value is None or line is None or same_figure(value, line):
        return 0
    return 1 if value > line else -1


def _beyond(values: Sequence[float | None], limits: Limits, part: float) -> list[int]:
    """By value, 1 above and -1 below that part of the way from mean to limit, 0 between."""
    width = part * LIMIT * limits.mean_moving_range
    signs = []
    for value in values:
        side = _compared(value, limits.mean)
        signs.append(side if _compared(value, limits.mean + side * width) == side else 0)
    return signs


def _runs(signs: Sequence[int], least: int) -> list[int]:
    """The signs that stand in a run of at least so many equal ones; 0 for the others."""
    marked = [0] * len(signs)
    start = 0
    for end in range(1, len(signs) + 1):
        if end == len(signs) or signs[end] != signs[start]:
            if end - start >= least:
                marked[start:end] = signs[start:end]
            start = end
    return marked


def _trends(values: Sequence[float | None], least: int) -> list[int]:
    """By value, 1 in a rise and -1 in a fall of at least so many points, 0 elsewhere."""
    steps = [_compared(after, before) for before, after in pairwise(values)]
    steps = _runs(steps, least - 1)
    return [into or out for into, out in zip([0, *steps], [*steps, 0], strict=True)]


def _two_of_three(sides: Sequence[int], near: Sequence[int]) -> list[int]:
    """The signs of points beyond the near limits of which two stand in three on one side."""
    marked = [0] * len(sides)
    for start in range(len(sides) - 2):
        three = slice(start, start + 3)
        if abs(sum(sides[three])) == 3 and abs(sum(near[three])) >= 2:
            for place in range(start, start + 3):
                marked[place] = marked[place] or near[place]
    return marked


class Assurance(StrEnum):
    """Whether a process that stays as it is will meet a target."""

    PASSES = "passes"
    FAILS = "fails"
    HIT_AND_MISS = "hit and miss"


def assurance(limits: Limits, target: float, better: Better) -> Assurance:
    """Passes or fails where the target lies beyond a limit, hit and miss where it lies between or on one."""
    above, below = _compared(target, limits.upper) > 0, _compared(target, limits.lower) < 0
    if not above and not below:
        return Assurance.HIT_AND_MISS
    return Assurance.FAILS if above is (better is Better.HIGHER) else Assurance.PASSES


TAIL_95, TAIL_998 = 0.025, 0.001
WINSORISED = 0.1
LEAST_COUNT = 0.5  # stands for a count of 0, which has no logarithm
LEAST_AREAS = 2


class Flag(StrEnum):
    """Where an area lies."""

    NONE = ""
    ABOVE_95 = "above 95%"
    BELOW_95 = "below 95%"
    ABOVE_998 = "above 99.8%"
    BELOW_998 = "below 99.8%"


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """The count expected of an area, its limits as counts, and where its own count lies."""

    expected: float
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float
    flag: Flag


def funnel(
    counts: Sequence[float | None], denominators: Sequence[float | None], overdispersed: bool = False
) -> tuple[FunnelPoint | None, ...]:
    """The limits and flag of each area; None where count and denominator are both missing.

    Over-dispersed limits are the exact ones where areas differ no more than chance lets them.

    Raises MissingData where one of the two is missing or there are fewer than two areas, Impossible for
    counts below zero, EmptyDenominator where an area or all of them have nothing to divide by.
    """
    if len(counts) != len(denominators):
        raise WrongArgument(f"{len(counts)} counts beside {len(denominators)} denominators: give as many of each")
    areas = [_checked(place, *both) for place, both in enumerate(zip(counts, denominators, strict=True), 1)]
    known = [area for area in areas if area is not None]
    if len(known) < LEAST_AREAS:
        raise MissingData(f"a funnel compares {LEAST_AREAS} areas or more, not {len(known)}")
    total = math.fsum(denominator for _, denominator in known)
    if not total:
        raise EmptyDenominator("nothing to divide by, the denominators add up to 0")
    rate = math.fsum(count for count, _ in known) / total
    variance = between_areas([(count, rate * denominator) for count, denominator in known]) if overdispersed else 0.0
    return tuple(None if area is None else _area(area[0], rate * area[1], variance) for area in areas)


def _checked(place: int, count: float | None, denominator: float | None) -> tuple[float, float] | None:
    """Count and denominator of an area, or None where neither is there."""
    if count is None and denominator is None:
        return None
    if count is None or denominator is None:
        raise MissingData(f"area {place} has no {'count' if count is None else 'denominator'}")
    if count < 0 or denominator < 0:
        raise Impossible(f"area {place}: {count:.15g} of {denominator:.15g} holds a count below zero")
    if count and not denominator:
        raise EmptyDenominator(f"area {place}: {count:.15g} of nothing, the denominator is 0")
    return count, denominator


def between_areas(areas: Sequence[tuple[float, float]]) -> float:
    """The variance tau^2 of the areas' log ratios beyond chance, from (count, expected) pairs; 0 or more.

    max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)), where w is an area's expected count, phi the mean
    square of n z-scores sqrt(w) ln(count / w), those below the 10 % and above the 90 % point moved there.
    Areas of which nothing is expected are left out.
    """
    pairs = [(max(count, LEAST_COUNT), expected) for count, expected in areas if expected > 0]
    scores = [math.sqrt(expected) * math.log(count / expected) for count, expected in pairs]
    weights = [expected for _, expected in pairs]
    if len(pairs) < LEAST_AREAS:
        return 0.0
    low, high = _quantile(scores, WINSORISED), _quantile(scores, 1 - WINSORISED)
    squares = math.fsum(min(max(score, low), high) ** 2 for score in scores)
    spread = math.fsum(weights) - math.fsum(weight**2 for weight in weights) / math.fsum(weights)
    return max(0.0, (squares - (len(pairs) - 1)) / spread)


def _quantile(values: Sequence[float], part: float) -> float:
    """The value at that part of the sorted values, in a straight line between neighbours (R's type 7)."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    before = min(int(place), len(ordered) - 2)
    return ordered[before] + (place - before) * (ordered[before + 1] - ordered[before])


def _area(count: float, expected: float, variance: float) -> FunnelPoint:
    lower_95, upper_95 = _limits(expected, variance, TAIL_95)
    lower_998, upper_998 = _limits(expected, variance, TAIL_998)
    flag = Flag.NONE
    if count > upper_95:
        flag = Flag.ABOVE_998 if count > upper_998 else Flag.ABOVE_95
    elif count < lower_95:
        flag = Flag.BELOW_998 if count < lower_998 else Flag.BELOW_95
    return FunnelPoint(expected, lower_95, upper_95, lower_998, upper_998, flag)


def _limits(expected: float, variance: float, tail: float) -> tuple[float, float]:
    """Lower and upper limit of a count: exact, or where there is a variance between areas, wider ones on the log scale.

    Where few are expected a count of 0 lies below every limit on the log scale, however likely it is: the
    exact limit holds there.
    """
    lower, upper = intervals.lower_limit(expected, tail), intervals.upper_limit(expected, tail)
    if not variance or not expected:
        return lower, upper
    width = NormalDist().inv_cdf(1 - tail) * math.sqrt(1 / expected + variance)
    return min(lower, expected * math.exp(-width)), max(upper, expected * math.exp(width))
