"""Control charts: which months differ from the others (XmR charts), and which areas do (funnel limits).

The XmR chart follows NHS England's "Making Data Count". It takes one value a month, in order, and judges each by the
usual difference between neighbours: with mean m and mean moving range r, the limits are m - 2.66 r and m + 2.66 r
(Wheeler, Understanding Variation, 1993). It takes months, never rolling years. Neighbouring rolling years share eleven
months and differ too little, so nearly every stable series would show signals. A value of None is a missing month.
Blanks before the first and after the last value do not count; a blank between them is a gap. No moving range reaches
over a gap, and a gap ends every run.

The funnel expects every area to have the rate of all areas together. Exact limits hold a Poisson count with a chance
of 95 % or 99.8 %, with equal tails (Fingertips technical guidance, control limits of funnel plots). They suit events
that are few beside the denominator, such as offences beside residents. A part of a whole, such as answers or
detections, varies less than a Poisson count. Its limits are those of Wilson's score (the same guidance, proportions;
R package PHEindicatormethods, phe_funnels). If areas differ for more reasons than chance, such limits flag nearly all
of them. Over-dispersed limits are wider: they add the variance tau^2 of log ratios between areas (DerSimonian and
Laird, Control Clin Trials 7, 1986), from z-scores winsorised at 10 % (Spiegelhalter and others, JRSS A 175(1), 2012).
They flag no area that the other limits do not flag.
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
RANGE_LIMIT = 3.267  # a moving range of this many mean moving ranges or more is an outlier itself
TRIAL_POINTS = 12  # limits from fewer points are trial limits
# Below this mean, steady Poisson counts show signals more often than the chart is made for: at least one in 24 months
# in 18 of 100 series of large counts, in 20 of 100 with 5 events a month, 26 with 3, 44 with 1 (1,000 series each).
FEW_EVENTS = 5.0

TAIL_95, TAIL_998 = 0.025, 0.001
WINSORISED = 0.1
LEAST_COUNT = 0.5  # replaces a count of 0, which has no logarithm
LEAST_AREAS = 2
LARGEST_RATE = 0.2  # events of a year beside residents are fewer; a larger share is taken for a part of its whole


@dataclass(frozen=True, slots=True)
class Rules:
    """How many points make a shift and a trend, and whether to leave outlying moving ranges out.

    outside_is_near: whether a point outside the limits counts as one of the two of three beyond two standard
    deviations. later_trend: whether a month of two trends takes the later one.
    """

    shift: int = 7
    trend: int = 6
    screen: bool = False
    outside_is_near: bool = True
    later_trend: bool = False


class Preset(Word):
    """Rules by name: ours, those of the NHS Excel tool, those of the R package NHSRplotthedots."""

    HOUSE = "house"
    NHS_EXCEL = "nhs_excel"
    NHS_R = "nhs_r"

    @property
    def rules(self) -> Rules:
        """The rules that the name means."""
        if self is Preset.NHS_R:  # as its file R/ptd_calculate_point_type.R has it in 2026
            return Rules(trend=7, screen=True, outside_is_near=False, later_trend=True)
        return Rules()


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural process limits from `points` values; all figures have the unit of the values."""

    mean: float
    mean_moving_range: float
    points: int

    @property
    def lower(self) -> float:
        """The lower limit; it may be below what the figure can be (a negative count)."""
        return self.mean - LIMIT * self.mean_moving_range

    @property
    def upper(self) -> float:
        """The upper limit."""
        return self.mean + LIMIT * self.mean_moving_range

    @property
    def trial(self) -> bool:
        """Whether the points are too few to rely on the limits."""
        return self.points < TRIAL_POINTS


class Signal(StrEnum):
    """The first rule in this order that a month meets; or none; or that the month is missing."""

    OUTSIDE = "outside"
    TREND = "trend"
    TWO_OF_THREE = "two of three"
    SHIFT = "shift"
    NONE = ""
    MISSING = "missing"


class SignalDirection(StrEnum):
    """Where a signal points: a trend rises or falls, any other signal is above or below the mean."""

    HIGH = "high"
    LOW = "low"
    RISING = "rising"
    FALLING = "falling"


class Variation(StrEnum):
    """What a month means: nothing special, better, worse, or special (neutral) if neither way is better."""

    COMMON_CAUSE = "common cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL = "neutral"


UPWARD = (SignalDirection.HIGH, SignalDirection.RISING)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A month on the chart; the direction is None without a signal."""

    value: float | None
    signal: Signal
    direction: SignalDirection | None = None

    def variation(self, better: Better | None) -> Variation:
        """What the signal means if `better` is the better way; `better` is None if neither way is."""
        if self.direction is None:
            return Variation.COMMON_CAUSE
        if better is None:
            return Variation.NEUTRAL
        good = (self.direction in UPWARD) is (better is Better.HIGHER)
        return Variation.IMPROVEMENT if good else Variation.CONCERN


@dataclass(frozen=True, slots=True)
class Chart:
    """The limits, and one point for each value, in order."""

    limits: Limits
    points: tuple[ChartPoint, ...]

    @property
    def latest(self) -> ChartPoint:
        """The last month with a value."""
        return next(point for point in reversed(self.points) if point.value is not None)

    @property
    def missing(self) -> int:
        """The number of months that are missing between others."""
        return sum(point.signal is Signal.MISSING for point in self.points)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know beside the chart: few points, gaps."""
        few = f"trial limits of {self.limits.points} points"
        gaps = f"{counted(self.missing, 'month')} missing"
        rare = (self.rare_events,) if self.rare_events else ()
        return ((few,) if self.limits.trial else ()) + ((gaps,) if self.missing else ()) + rare

    @property
    def rare_events(self) -> str:
        """Why this chart is not made for such counts, and what is; "" where it is."""
        known = [point.value for point in self.points if point.value is not None]
        counts = all(value >= 0 and value == int(value) for value in known)
        if not counts or self.limits.mean >= FEW_EVENTS:
            return ""
        return (
            f"too few events for this chart ({self.limits.mean:.1f} a month), which then finds signals where nothing"
            " changed: chart the time between events, or the rate in a u chart"
        )


class Assurance(StrEnum):
    """Whether a process that does not change will meet a target."""

    PASSES = "passes"
    FAILS = "fails"
    HIT_AND_MISS = "hit and miss"


class FunnelKind(Word):
    """What is compared between areas: a part of each whole (surveys, detections), or events beside a size."""

    PROPORTION = "proportion"
    RATE = "rate"


class FunnelFlag(StrEnum):
    """Outside which limit an area lies, if outside any."""

    NONE = ""
    ABOVE_95 = "above 95%"
    BELOW_95 = "below 95%"
    ABOVE_998 = "above 99.8%"
    BELOW_998 = "below 99.8%"


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """The expected count of an area, its limits as counts, the flag of its own count, and whose limits they are."""

    expected: float
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float
    flag: FunnelFlag
    limits: str


def xmr(values: Sequence[float | None], baseline_points: int | None = None, screen: bool = False) -> Limits:
    """The XmR limits of values in order of month; None is a missing month.

    With `baseline_points` only the first so many values make the limits, and an earlier time judges later months.
    `screen` leaves out, once, moving ranges of 3.267 mean moving ranges or more.

    Raises MissingData if no two neighbouring months both have a value, WrongArgument for a baseline of fewer than two
    values or of more than there are.
    """
    line = _baseline(values, baseline_points)
    present = [value for value in line if value is not None]
    ranges = [abs(after - before) for before, after in pairwise(line) if before is not None and after is not None]
    if not ranges:
        raise MissingData("no two neighbouring months both have a value, and limits need differences between them")
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


def chart(values: Sequence[float | None], rules: Rules, baseline_points: int | None = None) -> Chart:
    """The limits of values in order of month, and the signals among them.

    Four rules make signals: a point outside the limits; `rules.trend` successive points that rise or fall; two of
    three points beyond two standard deviations on one side, with all three on that side of the mean (only the points
    beyond are marked); `rules.shift` successive points on one side of the mean. A point on the mean ends a shift, a
    point equal to its neighbour ends a trend. A month that ends a rise and begins a fall, or the reverse, takes the
    earlier of the two (`rules.later_trend`: the later).

    Raises the errors of `xmr`.
    """
    limits = xmr(values, baseline_points, rules.screen)
    sides = [_compared(value, limits.mean) for value in values]
    outside, near = _beyond(values, limits, 1), _beyond(values, limits, NEAR)
    if not rules.outside_is_near:
        near = [0 if out else sign for out, sign in zip(outside, near, strict=True)]
    found: list[tuple[Signal, Sequence[int], tuple[SignalDirection, SignalDirection]]] = [
        (Signal.OUTSIDE, outside, (SignalDirection.HIGH, SignalDirection.LOW)),
        (
            Signal.TREND,
            _trends(values, rules.trend, later=rules.later_trend),
            (SignalDirection.RISING, SignalDirection.FALLING),
        ),
        (
            Signal.TWO_OF_THREE,
            _two_of_three(sides, near),
            (SignalDirection.HIGH, SignalDirection.LOW),
        ),
        (Signal.SHIFT, _runs(sides, rules.shift), (SignalDirection.HIGH, SignalDirection.LOW)),
    ]
    points = []
    months = range(*_span(values))
    for place, value in enumerate(values):
        point = ChartPoint(value, Signal.MISSING if value is None and place in months else Signal.NONE)
        for signal, signs, (up, down) in found:
            if signs[place]:
                point = ChartPoint(value, signal, up if signs[place] > 0 else down)
                break
        points.append(point)
    return Chart(limits, tuple(points))


def _span(values: Sequence[float | None]) -> tuple[int, int]:
    """The place of the first value, and the place after the last value."""
    places = [place for place, value in enumerate(values) if value is not None]
    return places[0], places[-1] + 1


def _compared(value: float | None, line: float | None) -> int:
    """1 above a line, -1 below it, 0 on it or if either is missing."""
    if value is None or line is None or same_figure(value, line):
        return 0
    return 1 if value > line else -1


def _beyond(values: Sequence[float | None], limits: Limits, part: float) -> list[int]:
    """For each value: 1 above and -1 below the line at this part of the way from mean to limit, 0 between."""
    width = part * LIMIT * limits.mean_moving_range
    signs = []
    for value in values:
        side = _compared(value, limits.mean)
        signs.append(side if _compared(value, limits.mean + side * width) == side else 0)
    return signs


def _runs(signs: Sequence[int], least: int) -> list[int]:
    """The signs in runs of at least `least` equal signs; 0 for the others."""
    marked = [0] * len(signs)
    start = 0
    for end in range(1, len(signs) + 1):
        if end == len(signs) or signs[end] != signs[start]:
            if end - start >= least:
                marked[start:end] = signs[start:end]
            start = end
    return marked


def _trends(values: Sequence[float | None], least: int, *, later: bool) -> list[int]:
    """For each value: 1 in a rise and -1 in a fall of at least `least` points, 0 elsewhere; of two the `later`."""
    steps = [_compared(after, before) for before, after in pairwise(values)]
    steps = _runs(steps, least - 1)
    both = zip([0, *steps], [*steps, 0], strict=True)
    return [(out or into) if later else (into or out) for into, out in both]


def _two_of_three(sides: Sequence[int], near: Sequence[int]) -> list[int]:
    """The signs of points beyond the near limits, where two of three neighbours are beyond on one side."""
    marked = [0] * len(sides)
    for start in range(len(sides) - 2):
        three = slice(start, start + 3)
        if abs(sum(sides[three])) == 3 and abs(sum(near[three])) >= 2:
            for place in range(start, start + 3):
                marked[place] = marked[place] or near[place]
    return marked


def assurance(limits: Limits, target: float, better: Better) -> Assurance:
    """Passes or fails if the target lies beyond a limit; hit and miss if it lies between the limits or on one."""
    above, below = _compared(target, limits.upper) > 0, _compared(target, limits.lower) < 0
    if not above and not below:
        return Assurance.HIT_AND_MISS
    return Assurance.FAILS if above is (better is Better.HIGHER) else Assurance.PASSES


def funnel(
    counts: Sequence[float | None],
    denominators: Sequence[float | None],
    overdispersed: bool = False,
    kind: FunnelKind | None = None,
) -> tuple[FunnelPoint | None, ...]:
    """The limits and flag of each area, in order; None for an area without count and denominator.

    `kind` says whether the counts are a part of the denominators. Without it they are where no count is above its
    denominator and all together are more than a fifth. Over-dispersed limits equal the others if areas differ no more
    than chance explains.

    Raises WrongArgument for lists of different lengths, MissingData for an area with one of count and denominator
    only and for fewer than two areas, Impossible for counts below zero and for a part above its whole,
    EmptyDenominator for a count without a denominator and for denominators that add up to 0.
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
    parts = all(count <= denominator for count, denominator in known)
    kind = kind or (FunnelKind.PROPORTION if parts and rate > LARGEST_RATE else FunnelKind.RATE)
    if kind is FunnelKind.PROPORTION and not parts:
        place, (count, whole) = next((n, both) for n, both in enumerate(areas, 1) if both and both[0] > both[1])
        raise Impossible(f"area {place}: {count:.15g} of {whole:.15g} is no part of a whole; write rate for kind")
    share = rate if kind is FunnelKind.PROPORTION else 0.0
    pairs = [(count, rate * denominator) for count, denominator in known]
    variance = between_areas(pairs, share) if overdispersed else 0.0
    return tuple(None if area is None else _area(area[0], rate, area[1], variance, kind) for area in areas)


def _checked(place: int, count: float | None, denominator: float | None) -> tuple[float, float] | None:
    """Count and denominator of an area; None if both are missing."""
    if count is None and denominator is None:
        return None
    if count is None or denominator is None:
        raise MissingData(f"area {place} has no {'count' if count is None else 'denominator'}")
    if count < 0 or denominator < 0:
        raise Impossible(f"area {place}: {count:.15g} of {denominator:.15g} holds a count below zero")
    if count and not denominator:
        raise EmptyDenominator(f"area {place}: {count:.15g} of nothing, the denominator is 0")
    return count, denominator


def between_areas(areas: Sequence[tuple[float, float]], share: float = 0.0) -> float:
    """The variance tau^2 of the areas' log ratios beyond chance, from (count, expected) pairs; 0 or more.

    max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)). Here w is an area's expected count, and phi the mean square
    of n z-scores sqrt(w) ln(count / w); scores beyond the 10 % and 90 % points count as those points. Areas with an
    expected count of 0 are left out. Counts that are a `share` of a whole vary less: their w is divided by 1 - share.
    """
    if share == 1:  # every whole is met, and nothing varies
        return 0.0
    pairs = [(max(count, LEAST_COUNT), expected) for count, expected in areas if expected > 0]
    weights = [expected / (1 - share) for _, expected in pairs]
    scores = [
        math.sqrt(weight) * math.log(count / expected) for weight, (count, expected) in zip(weights, pairs, strict=True)
    ]
    if len(pairs) < LEAST_AREAS:
        return 0.0
    low, high = _quantile(scores, WINSORISED), _quantile(scores, 1 - WINSORISED)
    squares = math.fsum(min(max(score, low), high) ** 2 for score in scores)
    spread = math.fsum(weights) - math.fsum(weight**2 for weight in weights) / math.fsum(weights)
    return max(0.0, (squares - (len(pairs) - 1)) / spread)


def _quantile(values: Sequence[float], part: float) -> float:
    """The quantile at `part` (0 to 1), interpolated linearly between neighbours (R's type 7)."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    before = min(int(place), len(ordered) - 2)
    return ordered[before] + (place - before) * (ordered[before + 1] - ordered[before])


def _area(count: float, rate: float, size: float, variance: float, kind: FunnelKind) -> FunnelPoint:
    expected = rate * size
    if kind is FunnelKind.PROPORTION:
        found = [_of_parts(rate, size, variance, tail) for tail in (TAIL_95, TAIL_998)]
    else:
        found = [_limits(expected, variance, tail) for tail in (TAIL_95, TAIL_998)]
    (lower_95, upper_95), (lower_998, upper_998) = found
    flag = FunnelFlag.NONE
    if count > upper_95:
        flag = FunnelFlag.ABOVE_998 if count > upper_998 else FunnelFlag.ABOVE_95
    elif count < lower_95:
        flag = FunnelFlag.BELOW_998 if count < lower_998 else FunnelFlag.BELOW_95
    limits = "Wilson" if kind is FunnelKind.PROPORTION else "Poisson"
    return FunnelPoint(expected, lower_95, upper_95, lower_998, upper_998, flag, limits)


def _of_parts(share: float, whole: float, variance: float, tail: float) -> tuple[float, float]:
    """Lower and upper limit of a part: where the share of all lies on an end of the area's own Wilson interval.

    That is share ± z √(share (1 - share) / whole), and wider on the log scale with a variance between areas.
    """
    expected, z = share * whole, NormalDist().inv_cdf(1 - tail)
    reach = z * math.sqrt(expected * (1 - share))
    lower, upper = max(0.0, expected - reach), min(whole, expected + reach)
    if not variance or not expected:
        return lower, upper
    width = z * math.sqrt((1 - share) / expected + variance)
    return min(lower, expected * math.exp(-width)), min(whole, max(upper, expected * math.exp(width)))


def _limits(expected: float, variance: float, tail: float) -> tuple[float, float]:
    """Lower and upper limit of a count: the exact ones or, with a variance between areas, wider ones on the log scale.

    With a small expected count, a count of 0 lies below every limit on the log scale, however likely it is. The wider
    of both limits therefore holds.
    """
    lower, upper = intervals.lower_limit(expected, tail), intervals.upper_limit(expected, tail)
    if not variance or not expected:
        return lower, upper
    width = NormalDist().inv_cdf(1 - tail) * math.sqrt(1 / expected + variance)
    return min(lower, expected * math.exp(-width)), max(upper, expected * math.exp(width))
