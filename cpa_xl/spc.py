"""Which months are like the others and which are signals: the XmR chart of "Making Data Count".

An XmR chart takes single values in order, and judges each by how much neighbours usually differ: mean m, mean
moving range r, limits m - 2.66 r and m + 2.66 r (Wheeler, Understanding Variation, 1993). It is for months,
never for rolling years: neighbouring rolling years share eleven months, so that they differ too little and
nearly every stable series would show signals.

A value that is None is a missing month. Blanks before the first and after the last value are no months at
all; one between is a gap. No moving range reaches over a gap, and it breaks every run.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cpa_xl.errors import MissingData, WrongArgument
from cpa_xl.samefigure import same_figure
from cpa_xl.targets import Better
from cpa_xl.vocabulary import Word
from cpa_xl.wording import counted

LIMIT = 2.66  # 3 / d2, rounded as published
D2 = 1.128  # expected range of two values from one normal distribution, in standard deviations
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
