"""Targets for boroughs and other areas, and the target for the force that they add up to.

The method is that of Territorial Policing's targets for 2008/09. It compares an area's rate of crimes per 1,000
residents with its family, the areas that are alike. A rule says which rate the area should reach in some years. The
improvement a year follows from both rates, and is kept within bounds. `force_target` weighs the areas' changes.

An improvement is a fraction above 0 if things get better, whichever way is better. A change has its sign: -0.04 for
4 % fewer. For detection or satisfaction rates both are points: 0.01 for one point. There the denominators of the rates
take the place of offences as weights.
"""

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures.figures import as_fraction, same_figure
from cpa_xl.measures.targets import Better
from cpa_xl.wording import Word, quoted

PER = 1000
YEARS = 3
MOST_YEARS = 50

_RANK = re.compile(r"rank[ _-]*([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Family:
    """An area's rate, the rates of the areas it is compared with, and which way is better."""

    rate: float
    others: tuple[float, ...]
    better: Better = Better.LOWER

    @classmethod
    def of(cls, rate: float, rates: Sequence[float | None], better: Better = Better.LOWER) -> "Family":
        """The family that a list of rates makes; blanks (None) are left out.

        The list may hold the area itself or not: the first rate equal to the area's own counts as the area. Raises
        MissingData for a list without a rate.
        """
        others = [one for one in rates if one is not None]
        if not others:
            raise MissingData("there is no rate among the peers to compare with")
        own = next((place for place, one in enumerate(others) if same_figure(one, rate)), None)
        if own is not None:
            del others[own]
        return cls(rate, tuple(others), better)

    @property
    def size(self) -> int:
        """The number of areas, the area itself included."""
        return len(self.others) + 1

    @property
    def best_first(self) -> tuple[float, ...]:
        """All rates, the best first."""
        return tuple(sorted((self.rate, *self.others), reverse=self.better is Better.HIGHER))

    @property
    def rank(self) -> int:
        """The area's rank: 1 is best, and equal areas share the better rank (1, 2, 2, 4)."""
        return 1 + sum(self.is_better(one) for one in self.others)

    @property
    def mean(self) -> float:
        """The unweighted mean of the areas' rates, the area itself included, as HMIC's comparisons define it."""
        return math.fsum((self.rate, *self.others)) / self.size

    def is_better(self, rate: float) -> bool:
        """Whether a rate is better than the area's."""
        return not same_figure(rate, self.rate) and (rate < self.rate) == (self.better is Better.LOWER)


class Aim(Word):
    """Which rate of its family an area should reach."""

    NEXT_RANK = "next_rank"
    FAMILY_MEAN = "family_mean"
    BEST_QUARTILE = "best_quartile"
    RANK = "rank"


@dataclass(frozen=True, slots=True)
class AimRule:
    """An aim; for `Aim.RANK` with the number of the rank."""

    aim: Aim
    rank: int = 0

    @classmethod
    def read(cls, value: object) -> "AimRule":
        """The rule that a text names: next_rank, family_mean, best_quartile, or a rank such as "rank 3".

        Raises WrongArgument for anything else.
        """
        if isinstance(value, str):
            if (found := _RANK.fullmatch(value.strip().lower())) and int(found[1]):
                return cls(Aim.RANK, int(found[1]))
            words = [aim for aim in Aim if aim is not Aim.RANK]
            written = "_".join(value.replace("-", " ").split()).casefold()
            if written in words:
                return cls(Aim(written))
        raise WrongArgument(
            f'{quoted(value)} is not a rule: write next_rank, family_mean, best_quartile, or a rank such as "rank 3"'
        )


NEXT_RANK = AimRule(Aim.NEXT_RANK)


class Course(Word):
    """How an improvement is spread over the years."""

    GEOMETRIC = "geometric"
    LINEAR = "linear"
    POINTS = "points"


class ImprovementSource(Word):
    """What decides an improvement: the rule (model), or a bound."""

    FLOOR = "floor"
    CAP = "cap"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class ImprovementBounds:
    """The least and the most improvement to ask for in a year, fractions."""

    floor: float = 0
    cap: float = 1

    def __post_init__(self) -> None:
        for name, value in (("floor", self.floor), ("cap", self.cap)):
            if value > 1:
                raise WrongArgument(f"{name} {value:.15g}: {as_fraction(value)}")
            if value < 0:
                raise WrongArgument(f"a {name} of {value:.15g} is below 0: an improvement is written above 0")
        if self.floor > self.cap:
            raise WrongArgument(f"the floor {self.floor:.15g} is above the cap {self.cap:.15g}")

    def kept(self, improvement: float) -> tuple[float, ImprovementSource]:
        """An improvement kept within the bounds, and what decided it."""
        if improvement <= self.floor:
            return self.floor, ImprovementSource.FLOOR
        if improvement > self.cap:
            return self.cap, ImprovementSource.CAP
        return improvement, ImprovementSource.MODEL


@dataclass(frozen=True, slots=True)
class AreaTarget:
    """What the model asks of an area: the rate to reach, and the improvement a year within its bounds."""

    aspiration: float
    improvement: float
    flag: ImprovementSource
    better: Better

    @property
    def change(self) -> float:
        """The improvement as a change: -0.04 for 4 % fewer a year where lower is better."""
        return self.improvement if self.better is Better.HIGHER else -self.improvement


@dataclass(frozen=True, slots=True)
class ForceTarget:
    """The force's change, weighted by offences and as a plain mean of the areas' changes, and its count after it."""

    weighted: float
    plain: float
    count: float


def victimisation(offences: float, residents: float, per: float = PER) -> float:
    """Offences per `per` residents.

    Raises EmptyDenominator without residents, Impossible for counts below zero, WrongArgument unless `per` is above 0.
    """
    if offences < 0 or residents < 0:
        raise Impossible(f"{offences:.15g} offences among {residents:.15g} residents holds a count below zero")
    if residents == 0:
        raise EmptyDenominator("there are no residents to divide by")
    if per <= 0:
        raise WrongArgument(f"per {per:.15g} residents will not do: write 1000, or another number above 0")
    return per * offences / residents


def aspiration(family: Family, rule: AimRule = NEXT_RANK) -> float | None:
    """The rate that a rule asks an area to reach; None if the area has reached it already.

    next_rank: the nearest better rate. family_mean: the mean, the area included. best_quartile: the edge of the
    best quarter, the area included (Excel's QUARTILE.INC). rank: the rate that has this rank now.
    Raises WrongArgument for a rank that the family does not have.
    """
    match rule.aim:
        case Aim.NEXT_RANK:
            better = [one for one in family.others if family.is_better(one)]
            aimed = (max if family.better is Better.LOWER else min)(better, default=family.rate)
        case Aim.FAMILY_MEAN:
            aimed = family.mean
        case Aim.BEST_QUARTILE:
            aimed = _best_quartile(family)
        case Aim.RANK:
            if not 1 <= rule.rank <= family.size:
                raise WrongArgument(f"there is no rank {rule.rank} in a family of {family.size}")
            aimed = family.best_first[rule.rank - 1]
    return aimed if family.is_better(aimed) else None


def _best_quartile(family: Family) -> float:
    if not family.others:
        return family.rate
    first, _, third = statistics.quantiles(family.best_first, n=4, method="inclusive")
    return first if family.better is Better.LOWER else third


def after(
    rate: float, improvement: float, years: float, better: Better = Better.LOWER, course: Course = Course.GEOMETRIC
) -> float:
    """A rate after `years` years of improvement.

    Each year improves by the same part of that year's rate (geometric), by the same part of the first year's rate
    (linear), or by the same points.
    """
    sign = 1 if better is Better.HIGHER else -1
    match course:
        case Course.GEOMETRIC:
            return float(rate * (1 + sign * improvement) ** years)
        case Course.LINEAR:
            return rate * (1 + sign * improvement * years)
        case Course.POINTS:
            return rate + sign * improvement * years


def yearly_improvement(
    rate: float, aimed: float, years: float, better: Better = Better.LOWER, course: Course = Course.GEOMETRIC
) -> float:
    """The improvement a year that leads from `rate` to `aimed`; below 0 if `aimed` is worse.

    With rate v, aim v* and H years, where lower is better: geometric 1 - (v*/v)^(1/H), linear (1 - v*/v)/H, points
    (v - v*)/H. Raises WrongArgument for a rate below 0 and for years outside 1 to 50, EmptyDenominator for a rate of 0
    (except in points).
    """
    _check_rates_and_years((rate, aimed), years)
    sign = 1 if better is Better.HIGHER else -1
    if course is Course.POINTS:
        return sign * (aimed - rate) / years
    if rate == 0:
        raise EmptyDenominator("the rate is 0: no improvement can be measured as a part of it")
    if course is Course.LINEAR:
        return sign * (aimed / rate - 1) / years
    return float(sign * ((aimed / rate) ** (1 / years) - 1))


def _check_rates_and_years(rates: Sequence[float], years: float) -> None:
    if min(rates) < 0:
        raise WrongArgument(f"a rate of {min(rates):.15g}: a rate is not below 0")
    if not 1 <= years <= MOST_YEARS:
        raise WrongArgument(f"{years:.15g} years will not do: write a number from 1 to {MOST_YEARS}")


def area_target(
    family: Family,
    rule: AimRule = NEXT_RANK,
    years: float = YEARS,
    bounds: ImprovementBounds | None = None,
    course: Course = Course.GEOMETRIC,
) -> AreaTarget:
    """The target of an area: the rate that its rule asks for, and the improvement a year that leads there.

    An area that has reached that rate already (rank 1, say) improves by the floor. Raises the errors of `aspiration`
    and `yearly_improvement`.
    """
    within = bounds or ImprovementBounds()
    _check_rates_and_years(family.best_first, years)
    aimed = aspiration(family, rule)
    if aimed is None:
        held = after(family.rate, within.floor, years, family.better, course)
        return AreaTarget(held, within.floor, ImprovementSource.FLOOR, family.better)
    model = yearly_improvement(family.rate, aimed, years, family.better, course)
    return AreaTarget(aimed, *within.kept(model), family.better)


def count_change(rate_change: float, residents_now: float, residents_then: float) -> float:
    """The change of a count that follows from the change r of its rate as residents grow: (1 + r) N1 / N0 - 1.

    `residents_now` (N0) are the residents that the rate was measured with, `residents_then` (N1) those of the target's
    year. Raises EmptyDenominator without residents now, Impossible for counts below zero, WrongArgument for a change
    that is not a fraction.
    """
    if residents_now < 0 or residents_then < 0:
        raise Impossible(f"residents {residents_now:.15g} and {residents_then:.15g} hold a count below zero")
    if residents_now == 0:
        raise EmptyDenominator("residents_now is 0: no growth can be measured from it")
    _refuse_percentage(rate_change)
    return (1 + rate_change) * residents_then / residents_now - 1


def _refuse_percentage(change: float) -> None:
    if abs(change) > 1:
        raise WrongArgument(f"a change of {change:.15g}: {as_fraction(change)}")


def force_target(offences: Sequence[float], changes: Sequence[float]) -> ForceTarget:
    """The targets of all areas together, from each area's offences C and change c.

    Weighted change Σ C c / Σ C, plain mean of c, and count Σ C (1 + c). Raises MissingData without areas,
    EmptyDenominator without offences, Impossible for counts below zero, WrongArgument for lists of different lengths
    or a change that is not a fraction.
    """
    if len(offences) != len(changes):
        raise WrongArgument(f"{len(offences)} areas with offences and {len(changes)} with a change: give both for each")
    if not offences:
        raise MissingData("there is no area")
    if (least := min(offences)) < 0:
        raise Impossible(f"{least:.15g} offences is a count below zero")
    for change in changes:
        _refuse_percentage(change)
    total = math.fsum(offences)
    if total == 0:
        raise EmptyDenominator("the areas have no offences to weigh their changes by")
    moved = math.fsum(number * change for number, change in zip(offences, changes, strict=True))
    return ForceTarget(moved / total, math.fsum(changes) / len(changes), total + moved)
