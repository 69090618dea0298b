"""Whether the figures of a typed text still hold: each is looked for among computed facts, at the precision it shows.

"Res. burglary is down 0.8% (453)" holds while one fact prints as 0.8 % and is a fall, and another as 453.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from cpa_xl.figures import rounded
from cpa_xl.figuresintext import Precision, TypedFigure, Unit, around, figures_in

NEAR = Decimal("0.25")  # a fact that differs by more than this part of the larger is no hint at what was meant
WIDEST = Decimal("0.1")  # the part of a figure within which "around", "over" and "under" are taken
MORE_DECIMALS = 4  # a message looks this far for the first digit of a small fact
LARGEST_FRACTION = 1.5  # a number beyond is a count, and cannot be what a percentage speaks of


class Fact(Protocol):
    """A figure that was computed."""

    @property
    def name(self) -> str:
        """What it is called, or ''."""

    @property
    def way(self) -> int:
        """-1 where it is below zero or says that something went down, +1 for up, 0 where it says nothing."""

    def size(self, unit: Unit) -> Decimal | None:
        """Its size without sign as shown in that unit; None where it cannot be shown so."""

    def shown(self, like: TypedFigure) -> str:
        """The fact as a text like this one would print it."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A number: rates, changes and gaps are fractions, which "%" and "pp" show times 100."""

    value: float
    name: str = ""

    @property
    def way(self) -> int:
        """Its sign."""
        return (self.value > 0) - (self.value < 0)

    def size(self, unit: Unit) -> Decimal | None:
        """The number without its sign, times 100 where a percentage is asked for."""
        if unit is Unit.NUMBER:
            return Decimal(f"{abs(self.value):.15g}")
        if abs(self.value) > LARGEST_FRACTION:
            return None
        return Decimal(f"{abs(self.value):.15g}") * 100

    def shown(self, like: TypedFigure) -> str:
        """With the other's decimals (more where only zeros would be seen), and up or down where the other has it."""
        times, decimals = 1 if like.unit is Unit.NUMBER else 100, max(like.decimals, 0)
        figures = (rounded(abs(self.value), decimals + more, times) for more in range(MORE_DECIMALS))
        figure = next((figure for figure in figures if figure), Decimal(0))
        word = "" if not like.way or not self.way else "up " if self.way > 0 else "down "
        return f"{word}{figure:,f}{like.unit}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as another cell prints it: "down 0.8%", "6,405". It holds for its own unit alone."""

    figure: TypedFigure
    name: str = ""

    @property
    def way(self) -> int:
        """What the printed figure says."""
        return self.figure.way

    def size(self, unit: Unit) -> Decimal | None:
        """The size as printed."""
        return self.figure.size if unit is self.figure.unit else None

    def shown(self, like: TypedFigure) -> str:
        """As printed, with up or down where the other says that too."""
        return self.figure.words if like.way else self.figure.text


class Fault(StrEnum):
    """What is wrong with a typed figure."""

    NO_FACT = "matches no computed figure"
    WRONG_WAY = "says the wrong direction"


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure of a text that does not hold; `nearest` is the fact that it may have meant, or None."""

    figure: TypedFigure
    fault: Fault
    nearest: Fact | None

    def quote(self, text: str) -> str:
        """What the text says with the figure, and what was computed in its place: 'is down 0.8%, not down 0.7%'."""
        computed = "" if self.nearest is None else f", not {self.nearest.shown(self.figure)}"
        return f"{around(text, self.figure)}{computed}"

    @property
    def words(self) -> str:
        """The finding for people: '"down 0.8%" matches no computed figure (nearest: down 0.7%)'."""
        said = f'"{self.figure.words}" {self.fault}'
        if self.nearest is None:
            return said
        named = f"{self.nearest.name}: " if self.nearest.name else ""
        lead = "it is" if self.fault is Fault.WRONG_WAY else "nearest:"
        return f"{said} ({lead} {named}{self.nearest.shown(self.figure)})"


def facts_of(cells: Iterable[object], name: str = "") -> tuple[Fact, ...]:
    """The facts in cells: numbers as they are, texts for the figures printed in them; all else is passed over."""
    facts: list[Fact] = []
    for cell in cells:
        if isinstance(cell, str):
            facts += [Printed(figure, name) for figure in figures_in(cell)]
        elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < float("inf"):
            facts.append(Computed(float(cell), name))
    return tuple(facts)


def stale(text: str, facts: Sequence[Fact], *, further: Sequence[Fact] = (), better: int = 0) -> tuple[Finding, ...]:
    """The figures of `text` that no fact bears out, in the order of the text.

    A figure holds where a fact, rounded half away from zero to the decimals shown, is the figure, and where neither
    says up while the other says down. "around 20%" holds for 19.1 %, "over 6,000" for 6,405.

    `further` facts bear out figures that say nothing of up or down, and are no hint at what was meant. Where `better`
    is +1 for more or -1 for less, "improved by" and "worsened by" say up or down as well.
    """
    findings = []
    for typed in figures_in(text):
        figure = typed if typed.way or not better else replace(typed, way=typed.turn * better)
        same = [fact for fact in facts if _agrees(figure, fact)]
        if not same and not figure.way and any(_agrees(figure, fact) for fact in further):
            continue
        opposed = [fact for fact in same if fact.way * figure.way < 0]
        if not same:
            findings.append(Finding(figure, Fault.NO_FACT, None if figure.share else _nearest(figure, facts)))
        elif opposed and not any(fact.way * figure.way > 0 for fact in same):
            findings.append(Finding(figure, Fault.WRONG_WAY, opposed[0]))
    return tuple(findings)


def _agrees(figure: TypedFigure, fact: Fact) -> bool:
    size = fact.size(figure.unit)
    if size is None:
        return False
    over = size - figure.size
    match figure.precision:
        case Precision.ABOUT if abs(over) <= _leeway(figure) / 2:
            return True
        case Precision.ABOVE if 0 <= over < _leeway(figure):
            return True
        case Precision.BELOW if -_leeway(figure) < over <= 0:
            return True
    if isinstance(fact, Printed) and fact.figure.decimals < figure.decimals:
        return False  # printed with fewer digits than are claimed
    return rounded(float(size), figure.decimals) == figure.size


def _leeway(figure: TypedFigure) -> Decimal:
    """How wide a figure that does not claim to be exact is taken: by its round digits, within a part of it."""
    return max(Decimal(1).scaleb(-figure.decimals), min(figure.place, WIDEST * figure.size))


def _nearest(figure: TypedFigure, facts: Sequence[Fact]) -> Fact | None:
    """The fact nearest in size, one that moved the same way first."""
    near = []
    for position, fact in enumerate(facts):
        size = fact.size(figure.unit)
        if size is not None and (off := abs(size - figure.size)) <= NEAR * max(size, figure.size):
            near.append((off, fact.way * figure.way < 0, position))
    return facts[min(near)[2]] if near else None
