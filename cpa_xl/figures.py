"""Figures as the scorecard prints them.

Rounding is half away from zero, as Excel's ROUND does, on the 15 significant digits that Excel keeps:
0.285 prints as 29 % although the nearest binary number lies a little below. A rate, a change or a gap is
a fraction (0.108).
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from cpa_xl.errors import WrongArgument
from cpa_xl.vocabulary import Word, quoted

LARGEST_PERCENT = 1.5  # a share above 150 % is a percentage that was not divided by 100
_HALF_AWAY = Context(prec=400, rounding=ROUND_HALF_UP)  # Decimal's "half up" goes away from zero
_STYLE = re.compile(r"(?P<kind>[a-z_]+?)_?(?P<decimals>[0-9])?")


def rounded(value: float, decimals: int, times: int = 1) -> Decimal:
    """`value` times `times`, rounded half away from zero to so many decimals; never a minus zero."""
    exact = Decimal(f"{value:.15g}") * times
    figure = exact.quantize(Decimal(1).scaleb(-decimals), context=_HALF_AWAY)
    return figure if figure else abs(figure)


def plain(value: float, digits: int = 4) -> str:
    """A number of unknown unit: at least so many significant digits, but no idle zeros."""
    decimals = max(0, digits - 1 - Decimal(f"{value:.15g}").adjusted()) if value else 0
    text = f"{rounded(value, decimals):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Kind(Word):
    """What a printed figure is."""

    PERCENT = "percent"
    POINTS = "points"
    CHANGE = "change"
    NUMBER = "number"
    AVERAGE = "average"
    MOVEMENT = "movement"
    MOVEMENT_POINTS = "movement_points"


@dataclass(frozen=True, slots=True)
class Style:
    """A kind of figure and the decimals it is printed with."""

    kind: Kind
    decimals: int

    @classmethod
    def read(cls, value: object) -> "Style":
        """The style that text names, with an optional digit for the decimals: "percent", "change0".

        Raises WrongArgument with the list for anything else.
        """
        found = _STYLE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
        if not found or found["kind"] not in [*Kind]:
            raise WrongArgument(
                f"{quoted(value)} is no style: write one of {', '.join(Kind)}, "
                "and behind it, if need be, a digit for the decimals (percent0)"
            )
        kind = Kind(found["kind"])
        return cls(kind, int(found["decimals"] or (0 if kind is Kind.NUMBER else 1)))

    def text(self, value: float) -> str:
        """The figure in this style: "77.8%", "4.8pp", "-7.5%", "6,405", "31.5", "down 0.8%", "up 0.5pp".

        Raises WrongArgument where a fraction is asked for and the value can be none (10.8 for 10.8 %).
        """
        self._refuse_percentage(value)
        match self.kind:
            case Kind.PERCENT:
                return f"{self._hundredfold(value):,f}%"
            case Kind.POINTS:
                return f"{self._hundredfold(value):,f}pp"
            case Kind.CHANGE:
                figure = self._hundredfold(value)
                return f"{figure:+,f}%" if figure else f"{figure:f}%"
            case Kind.NUMBER | Kind.AVERAGE:
                return f"{rounded(value, self.decimals):,f}"
            case Kind.MOVEMENT:
                return _movement(self._hundredfold(value), "%")
            case Kind.MOVEMENT_POINTS:
                return _movement(self._hundredfold(value), "pp")

    def _hundredfold(self, value: float) -> Decimal:
        return rounded(value, self.decimals, 100)

    def _refuse_percentage(self, value: float) -> None:
        match self.kind:
            case Kind.PERCENT:
                refused = abs(value) > LARGEST_PERCENT
            case Kind.POINTS | Kind.MOVEMENT_POINTS:
                refused = abs(value) > 1
            case Kind.CHANGE | Kind.MOVEMENT:
                refused = value < -1
            case Kind.NUMBER | Kind.AVERAGE:
                refused = False
        if refused:
            raise WrongArgument(f"{as_fraction(value)}; {self.kind} cannot print {value:.15g}")


def as_fraction(value: float) -> str:
    """How a percentage that came as 10.8 has to be written."""
    return f"a percentage is written as a fraction: {value / 100:.15g} for {value:.15g}%"


def _movement(figure: Decimal, unit: str) -> str:
    if not figure:
        return "unchanged"
    return f"{'up' if figure > 0 else 'down'} {abs(figure):,f}{unit}"
