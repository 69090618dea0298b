"""What the months left must bring for a year's target, and whether that was ever done.

A rolling year still holds last year's months; a target for the financial year is met or missed by the months
left. With S and N the numerator and denominator so far, L the denominator expected in the months left and T
the target, those months need the rate (T (N + L) - S) / L. That may be below 0 or above 1: `feasible` says
what it means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.figures import as_fraction, plain
from cpa_xl.rates import proportion
from cpa_xl.samefigure import NOISE, noise
from cpa_xl.targets import Better
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
        return Prospect.SECURED, f"secured: {plain(required)} {wish}, which any month brings"
    if hardest is not None and sign * (required - hardest) > NOISE:
        return (
            Prospect.IMPOSSIBLE,
            f"impossible: {plain(required)} {wish}, and {hardest:g} is the {end} there can be",
        )
    return None


def _judged(times: int, months: int, best: float) -> tuple[Prospect, str]:
    past = counted(months, "month")
    if not times:
        return Prospect.NEVER_DONE, f"never done: best of {past} {plain(best)}"
    often = "once" if times == 1 else f"{times} times"
    return Prospect.DONE, f"done {often} in {past}: best {plain(best)}"
