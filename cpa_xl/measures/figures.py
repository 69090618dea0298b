"""Figures as the scorecard prints them, the rule for "the same figure", and the shorthand in tables.

Rounding is half away from zero, like Excel's ROUND, on the 15 significant digits that Excel keeps: 0.285 prints as
29 %, although the nearest binary number is a little smaller. A rate, a change or a gap is a fraction (0.108).

Two figures are the same if they differ by at most a part of the larger one. `NOISE` is that part for figures of one
program, `REWORKED` for figures of two. Each tolerance has its reason beside it.

Shorthand such as [c] follows the Government Analysis Function's guidance on symbols in tables. Cover, notes and web
page explain the shorthand that a copy uses, and a release check makes sure that they do.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType

from cpa_xl.errors import CellError, WrongArgument
from cpa_xl.wording import Word, quoted

LARGEST_PERCENT = 1.5  # a share above 150 % is probably a percentage that was not divided by 100
_HALF_AWAY = Context(prec=400, rounding=ROUND_HALF_UP)  # Decimal's "half up" goes away from zero
_STYLE = re.compile(r"(?P<kind>[a-z_]+?)_?(?P<decimals>[0-9])?")

# Relative. Binary fractions are not exact, and the order of a sum changes its last bits. Letters, ranks and signals
# depend on a boundary, and `diff` shows what people typed: a wider tolerance would hide differences that matter.
NOISE = 1e-12
# Relative. Excel, LibreOffice and the calculator each round and add up in their own way, through a chain of formulas. A
# figure that another program calculates again equals the stored figure if nine digits agree.
REWORKED = 1e-9
# Absolute. The remainder of a difference that is 0 on paper, if one of the two figures is 0.
REST = 1e-15
# Absolute. Excel writes 0 if a subtraction leaves next to nothing; the calculator leaves a remainder of this size.
REST_OF_SUBTRACTION = 1e-12

OURS = ("[c]", "[p]", "[r]", "[x]", "[z]")  # the shorthand in published copies of the scorecard
_MARK = re.compile(r"(?<![^\W\d])\[[a-z]{1,4}\]")  # not inside a word: offence[s]


class FigureStyle(Word):
    """What a printed figure is."""

    PERCENT = "percent"
    POINTS = "points"
    CHANGE = "change"
    NUMBER = "number"
    AVERAGE = "average"
    MONEY = "money"
    MOVEMENT = "movement"
    MOVEMENT_POINTS = "movement_points"


@dataclass(frozen=True, slots=True)
class Style:
    """A kind of figure and the number of decimals that it prints."""

    kind: FigureStyle
    decimals: int

    @classmethod
    def read(cls, value: object) -> "Style":
        """The style that a text names, with an optional digit for the decimals: "percent", "change0".

        Raises WrongArgument with the list for anything else.
        """
        found = _STYLE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
        if not found or found["kind"] not in [*FigureStyle]:
            raise WrongArgument(
                f"{quoted(value)} is not a style: write one of {', '.join(FigureStyle)}, "
                "and behind it, if need be, a digit for the decimals (percent0)"
            )
        kind = FigureStyle(found["kind"])
        return cls(kind, int(found["decimals"] or (0 if kind in (FigureStyle.NUMBER, FigureStyle.MONEY) else 1)))

    def text(self, value: float) -> str:
        """The figure in this style: "77.8%", "4.8pp", "-7.5%", "6,405", "31.5", "£1,234,567", "down 0.8%", "up 0.5pp".

        Raises WrongArgument if the style needs a fraction and the value cannot be one (10.8 for 10.8 %).
        """
        self._refuse_percentage(value)
        match self.kind:
            case FigureStyle.PERCENT:
                return f"{self._hundredfold(value):,f}%"
            case FigureStyle.POINTS:
                return f"{self._hundredfold(value):,f}pp"
            case FigureStyle.CHANGE:
                figure = self._hundredfold(value)
                return f"{figure:+,f}%" if figure else f"{figure:f}%"
            case FigureStyle.NUMBER | FigureStyle.AVERAGE | FigureStyle.MONEY:
                figure, unit = rounded(value, self.decimals), "£" if self.kind is FigureStyle.MONEY else ""
                return f"{'-' if figure < 0 else ''}{unit}{abs(figure):,f}"
            case FigureStyle.MOVEMENT:
                return _movement(self._hundredfold(value), "%")
            case FigureStyle.MOVEMENT_POINTS:
                return _movement(self._hundredfold(value), "pp")

    def _hundredfold(self, value: float) -> Decimal:
        return rounded(value, self.decimals, 100)

    def _refuse_percentage(self, value: float) -> None:
        match self.kind:
            case FigureStyle.PERCENT:
                refused = abs(value) > LARGEST_PERCENT
            case FigureStyle.POINTS | FigureStyle.MOVEMENT_POINTS:
                refused = abs(value) > 1
            case FigureStyle.CHANGE | FigureStyle.MOVEMENT:
                refused = value < -1
            case FigureStyle.NUMBER | FigureStyle.AVERAGE | FigureStyle.MONEY:
                refused = False
        if refused:
            raise WrongArgument(f"{as_fraction(value)}; {self.kind} cannot print {value:.15g}")


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a shorthand means, and a word that every explanation of it contains.

    Shorthand for significance has no meaning here: only the author knows its level.
    """

    word: str
    means: str = ""


SHORTHAND: Mapping[str, Symbol] = MappingProxyType({
    "[b]": Symbol("break", "Break in the series."),
    "[c]": Symbol("confidential",
                  "Confidential: a count of 1 to 4, or one that would give such a count away, is not shown."),
    "[e]": Symbol("estimate", "Estimated."),
    "[er]": Symbol("earliest", "Earliest revision."),
    "[f]": Symbol("forecast", "Forecast."),
    "[low]": Symbol("low", "Low: rounds to nothing."),
    "[ns]": Symbol("significant"),
    "[s]": Symbol("significant"),
    "[ss]": Symbol("significant"),
    "[sss]": Symbol("significant"),
    "[p]": Symbol("provisional",
                  "Provisional: late records may still change the figure. In trends that are printed, a hollow dot."),
    "[r]": Symbol("revised",
                  "Revised: the figure of a past month is another one than in the copy published before."),
    "[u]": Symbol("reliab", "Low reliability."),
    "[x]": Symbol("available", "Not available."),
    "[z]": Symbol("applicable", "Not applicable."),
})  # fmt: skip


def rounded(value: float, decimals: int, times: int = 1) -> Decimal:
    """`value` times `times`, rounded half away from zero to `decimals` decimals; never minus zero."""
    exact = Decimal(f"{value:.15g}") * times
    figure = exact.quantize(Decimal(1).scaleb(-decimals), context=_HALF_AWAY)
    return figure if figure else abs(figure)


def plain_number(value: float, digits: int = 4) -> str:
    """A number of unknown unit, with at least `digits` significant digits and without trailing zeros."""
    decimals = max(0, digits - 1 - Decimal(f"{value:.15g}").adjusted()) if value else 0
    text = f"{rounded(value, decimals):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_fraction(value: float) -> str:
    """The remedy for a percentage that was given as 10.8: write 0.108."""
    return f"a percentage is written as a fraction: {value / 100:.15g} for {value:.15g}%"


def _movement(figure: Decimal, unit: str) -> str:
    if not figure:
        return "unchanged"
    return f"{'up' if figure > 0 else 'down'} {abs(figure):,f}{unit}"


def same_figure(one: float, other: float, within: float = NOISE, *, rest: float = REST) -> bool:
    """Whether two numbers are the same figure: they differ by at most `within` of the larger one, or at most `rest`."""
    try:
        return math.isclose(one, other, rel_tol=within, abs_tol=rest)
    except OverflowError:  # an integer beyond every float, which a release statement may hold
        return one == other


def same(one: object, other: object, within: float = NOISE) -> bool:
    """Whether two cells hold the same: figures by `same_figure`, errors by code; empty text equals an empty cell.

    1 is not TRUE, "1" is not 1, and upper and lower case differ.
    """
    one, other = (None if value == "" else value for value in (one, other))
    if isinstance(one, CellError) or isinstance(other, CellError):
        return isinstance(one, CellError) and isinstance(other, CellError) and one.code == other.code
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return same_figure(one, other, within)
    return one == other


def noise(one: float, other: float) -> float:
    """The rounding error of figures this large: a smaller distance from a boundary does not count."""
    return NOISE * max(abs(one), abs(other))


def meanings(marks: Iterable[str]) -> dict[str, str]:
    """What each of these marks means, in the guidance's order; marks without a meaning are left out."""
    wanted = set(marks)
    return {mark: one.means for mark, one in SHORTHAND.items() if one.means and mark in wanted}


def marks_in(texts: Iterable[str]) -> set[str]:
    """Everything in these texts that looks like shorthand."""
    return {mark for text in texts for mark in _MARK.findall(text)}
