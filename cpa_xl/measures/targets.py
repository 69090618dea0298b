"""Targets and letters: the target that a rule sets, how far a figure is from it, and the letter that follows.

The letter compares unrounded figures. Rates, averages and gaps are amber if they miss the target by at most 5 % of its
size. Every band from 3.73 % to 7.66 % gives the letters of the printed scorecard of January 2009. Targets for a
percentage change should use points (0.02), because 5 % of a change has no meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.figures import LARGEST_PERCENT, as_fraction, noise, plain_number, rounded
from cpa_xl.wording import Word

AMBER = 0.05
MOST_DIGITS = 15


class Rule(Word):
    """How a target is stated."""

    ABSOLUTE = "absolute"
    CHANGE = "change"
    POINTS_ON_BASELINE = "points_on_baseline"
    GAP = "gap"
    MONTHLY_AVERAGE = "monthly_average"
    UPLIFT = "uplift"
    INCREASE = "increase"
    BASELINE_YEAR = "baseline_year"
    MILESTONE = "milestone"

    @property
    def strict(self) -> bool:
        """Whether the figure must pass the target: equality is no increase."""
        return self is Rule.INCREASE


class Better(Word):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


LEAST_MOVE = 1e-5  # a smaller change counts as no change


class Direction(StrEnum):
    """How a figure moved since the period before."""

    BETTER = "better"
    WORSE = "worse"
    NO_CHANGE = "no change"

    @classmethod
    def of(cls, moved: float, better: Better) -> "Direction":
        """The direction of a figure that rose (above 0) or fell (below 0) by `moved`."""
        if abs(moved) <= LEAST_MOVE:
            return cls.NO_CHANGE
        return cls.BETTER if (moved > 0) is (better is Better.HIGHER) else cls.WORSE


def direction_text(moved: float, better: Better) -> str:
    """Arrow and word, as the scorecard prints them: "▲ better", "▼ worse", "▬ no change"."""
    found = Direction.of(moved, better)
    arrow = "▬" if found is Direction.NO_CHANGE else "▲" if moved > 0 else "▼"
    return f"{arrow} {found}"


class AmberBasis(Word):
    """The unit of the amber band: parts of the target's size, or points."""

    RELATIVE = "relative"
    POINTS = "points"


class GapAs(Word):
    """How the distance from a target is stated."""

    DIFFERENCE = "difference"
    RELATIVE = "relative"


class Unit(Word):
    """What a measure's figure is, and so how it is calculated."""

    PERCENT = "percent"  # numerator / denominator
    POINTS = "points"  # the gap between the rates of two groups
    CHANGE = "change"  # on the same months a year earlier
    COUNT = "count"  # mean a month
    TOTAL = "total"  # sum over the period
    RATIO = "ratio"  # numerator / denominator, neither a part of the other
    MEAN = "mean"  # sum of values / number of values
    MEDIAN = "median"  # the middle value of a month
    RATE_PER = "rate_per"  # for every 1,000 residents
    MILESTONE = "milestone"  # no figure

    @property
    def fraction(self) -> bool:
        """Whether the figure is a fraction, which people read as percent or points."""
        return self in (Unit.PERCENT, Unit.POINTS, Unit.CHANGE)

    @property
    def any_length(self) -> bool:
        """Whether figures over periods of different lengths can be compared, such as a year and the year to date."""
        return self not in (Unit.TOTAL, Unit.MEDIAN, Unit.RATE_PER)


class Letter(StrEnum):
    """On target or better (G), marginally off (A), well off (R), or no letter."""

    GREEN = "G"
    AMBER = "A"
    RED = "R"
    NONE = "–"


@dataclass(frozen=True, slots=True)
class LetterWords:
    """A letter's name, the words for measures that have it ("17 green, 1 without a letter"), and its meaning."""

    word: str
    have_it: str
    means: str


LETTER_WORDS: Mapping[str, LetterWords] = MappingProxyType(
    {
        Letter.GREEN: LetterWords("green", "green", "on target or better"),
        Letter.AMBER: LetterWords("amber", "amber", "marginally off target"),
        Letter.RED: LetterWords("red", "red", "well off target"),
        Letter.NONE: LetterWords("no letter", "without a letter", "the status says why"),
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A letter and a sentence with the reason for it."""

    letter: Letter
    reason: str


NO_TARGET = Verdict(Letter.NONE, "no target")


def target(rule: Rule, amount: float | None, baseline: float | None = None) -> float | None:
    """The figure that a rule asks for; None if it asks for none (baseline year, milestone).

    absolute, change, gap: the amount itself. points_on_baseline: baseline plus amount. monthly_average: the amount is
    for a year (350), the target for a month (29.17). uplift: baseline times 1 plus the amount (0.2 for 20 %).
    increase: the baseline, which the figure must pass (`Rule.strict`).

    Raises MissingData if the rule needs an amount or baseline that is missing, WrongArgument for a percentage that is
    not a fraction, Impossible if points on a baseline make more than 100 %.
    """
    asked: float | None
    match rule:
        case Rule.BASELINE_YEAR | Rule.MILESTONE:
            asked = None
        case Rule.INCREASE:
            asked = _needed(baseline, "baseline", rule)
        case Rule.ABSOLUTE:
            asked = _needed(amount, "amount", rule)
        case Rule.CHANGE | Rule.GAP:
            asked = _fraction(amount, rule)
        case Rule.MONTHLY_AVERAGE:
            asked = _needed(amount, "amount", rule) / 12
        case Rule.UPLIFT:
            uplift = _fraction(amount, rule)
            asked = _needed(baseline, "baseline", rule) * (1 + uplift)
        case Rule.POINTS_ON_BASELINE:
            points = _fraction(amount, rule)
            asked = _points_on(_needed(baseline, "baseline", rule), points)
        case _:
            assert_never(rule)
    return asked


def _fraction(amount: float | None, rule: Rule) -> float:
    asked = _needed(amount, "amount", rule)
    _refuse_percentage(asked, "amount", rule)
    return asked


def _needed(value: float | None, name: str, rule: Rule) -> float:
    if value is None:
        raise MissingData(f"a target by the rule {rule} needs its {name}")
    return value


def _refuse_percentage(value: float, name: str, rule: Rule) -> None:
    if abs(value) > 1:
        raise WrongArgument(f"{name} {value:.15g} of a target by the rule {rule}: {as_fraction(value)}")


def _points_on(baseline: float, points: float) -> float:
    _refuse_percentage(baseline, "baseline", Rule.POINTS_ON_BASELINE)
    asked = baseline + points
    if asked > 1:
        raise Impossible(f"{points:.15g} on a baseline of {baseline:.15g} is {asked:.15g}, more than 100 %")
    return asked


def shortfall(actual: float, target: float, better: Better) -> float:
    """How far a figure is on the wrong side of its target; negative if it is better."""
    return target - actual if better is Better.HIGHER else actual - target


def gap(actual: float, target: float, better: Better, stated_as: GapAs = GapAs.DIFFERENCE) -> float:
    """How much better than its target a figure is (negative: worse), as a difference or relative to the target's size.

    Raises EmptyDenominator for a relative gap from a target of zero.
    """
    distance = -shortfall(actual, target, better)
    if stated_as is GapAs.DIFFERENCE:
        return distance
    if target == 0:
        raise EmptyDenominator("the target is 0: a gap cannot be stated relative to it")
    return distance / abs(target)


def judge(
    actual: float,
    target: float | None,
    better: Better,
    amber: float = AMBER,
    basis: AmberBasis = AmberBasis.RELATIVE,
    *,
    strict: bool = False,
    unit: Unit | None = None,
) -> Verdict:
    """The letter of a figure and the reason; the reason uses percent or points if the unit or the basis says so.

    Green on the target or better (with `strict`: better only), amber if worse by at most `amber` (a part of the
    target's size, or points), red beyond; no letter without a target. `amber` is a fraction. The basis `points` is for
    rates, changes and gaps, all fractions.

    Raises WrongArgument for an amber below 0 or above 1, for a percentage that is not a fraction on the basis of
    points, and for a relative shortfall from a target of 0.
    """
    found = letter(actual, target, better, amber, basis, strict=strict)
    if target is None:
        return NO_TARGET
    worse_by = shortfall(actual, target, better)
    say = _Wording(actual, target, basis, unit)
    if abs(worse_by) <= noise(actual, target):
        return _on_target(say, strict=strict)
    if found is Letter.GREEN:
        return Verdict(found, f"{say.figures}: better by {say.size(worse_by)}")
    return Verdict(found, say.miss(worse_by, amber, within=found is Letter.AMBER))


def letter(
    actual: float,
    target: float | None,
    better: Better,
    amber: float = AMBER,
    basis: AmberBasis = AmberBasis.RELATIVE,
    *,
    strict: bool = False,
) -> Letter:
    """The letter of a figure, as `judge` gives it, without the sentence: most cells need only the letter."""
    if target is None:
        return Letter.NONE
    _check_band(actual, target, amber, basis)
    worse_by = shortfall(actual, target, better)
    least = noise(actual, target)
    if worse_by < -least:
        return Letter.GREEN
    if worse_by <= least:
        return Letter.AMBER if strict else Letter.GREEN
    if target == 0 and basis is AmberBasis.RELATIVE:
        raise WrongArgument(
            f"a shortfall of {plain_number(worse_by)} cannot be relative to a target of 0: "
            "give the amber band in points (basis points)"
        )
    band = amber * abs(target) if basis is AmberBasis.RELATIVE else amber
    return Letter.AMBER if worse_by <= band + least else Letter.RED


def refuse_other_scale(actual: float, target: float) -> None:
    """Raise WrongArgument where one of the two is above 1.5 in size and the other a fraction: 77.8 beside 0.789.

    Both may be right: a change of 250 % against a target of -4 %, 2 offences a month against a mean of 0.8.
    """
    large, small = sorted((actual, target), key=abs, reverse=True)
    if abs(large) > LARGEST_PERCENT and 0 < abs(small) < 1:
        which = "actual" if large is actual else "target"
        raise WrongArgument(
            f"actual {actual:.15g} and target {target:.15g} are of different scale, {which} looks like a percentage:"
            f" {as_fraction(large)}; where both are right, write TRUE for any_scale"
        )


def _check_band(actual: float, target: float, amber: float, basis: AmberBasis) -> None:
    if amber < 0:
        raise WrongArgument(f"an amber band of {amber:.15g} is below 0: write 0 for none, or 0.05 for 5%")
    if amber > 1:
        raise WrongArgument(f"amber band {amber:.15g}: {as_fraction(amber)}")
    if basis is AmberBasis.POINTS and abs(target) > 1:
        raise WrongArgument(f"target {target:.15g} on the basis of points: {as_fraction(target)}")
    if basis is AmberBasis.POINTS and actual < -1:
        raise WrongArgument(f"actual {actual:.15g} on the basis of points: {as_fraction(actual)}")


def _on_target(say: "_Wording", *, strict: bool) -> Verdict:
    if strict:
        return Verdict(Letter.AMBER, f"{say.figures}: equal to it, and it was to be passed")
    return Verdict(Letter.GREEN, f"{say.figures}: on target")


MANY_TIMES = 1e6  # above this, the share of a target has too many digits to print


@dataclass(frozen=True, slots=True)
class _Wording:
    """The figures of a reason: as percentages if basis or unit shows that they are fractions, else as they are.

    Numbers that differ get as many digits as they need to look different.
    """

    actual: float
    target: float
    basis: AmberBasis
    unit: Unit | None

    @property
    def fraction(self) -> bool:
        return self.basis is AmberBasis.POINTS or (self.unit is not None and self.unit.fraction)

    @property
    def figures(self) -> str:
        actual, target = self.actual, self.target
        if self.fraction:
            sign = " points" if self.unit is Unit.POINTS else "%"
            return f"{_percent(actual, target)}{sign} against a target of {_percent(target, actual)}{sign}"
        return f"{_plain(actual, target)} against a target of {_plain(target, actual)}"

    def size(self, distance: float) -> str:
        if self.fraction:
            return f"{_percent(abs(distance))} points"
        return plain_number(abs(distance))

    def miss(self, worse_by: float, amber: float, *, within: bool) -> str:
        band = f"{'within' if within else 'beyond'} the amber band of {plain_number(amber * 100)}"
        if self.basis is AmberBasis.POINTS:
            return f"{self.figures}: worse by {_percent(worse_by, amber)} points, {band} points"
        share = worse_by / abs(self.target)
        part = "many times the target" if share > MANY_TIMES else f"{_percent(share, amber)}% of the target"
        return f"{self.figures}: worse by {self.size(worse_by)}, {part}, {band}%"


def _plain(value: float, other: float) -> str:
    for digits in range(4, MOST_DIGITS + 1):
        if (text := plain_number(value, digits)) != plain_number(other, digits):
            return text
    return plain_number(value)


def _percent(value: float, other: float | None = None) -> str:
    """A fraction in percent, with one decimal; with more to show two digits, or a difference from `other`."""
    first = min(max(1, 1 - rounded(value, MOST_DIGITS, 100).adjusted()), MOST_DIGITS) if value else 1
    for decimals in range(first, MOST_DIGITS + 1):
        figure = rounded(value, decimals, 100)
        if other is None or figure != rounded(other, decimals, 100):
            return f"{figure:,f}"
    return f"{rounded(value, first, 100):,f}"
