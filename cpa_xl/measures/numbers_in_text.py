"""Figures in typed text: which they are, what each says, and whether computed facts still support it.

`figures_in` finds the figures of a text with unit, decimals and direction. Months, years, lengths of time, ages and
references to paragraphs or quarters contain digits, but are not figures.

`stale` compares each figure with computed facts, at the precision that it shows. "Res. burglary is down 0.8% (453)"
holds as long as one fact prints as 0.8 % and is a fall, and another prints as 453.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from cpa_xl.measures.figures import rounded

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_REFERENCE = (
    r"(?:paragraphs?|paras?\.?|sections?|pages?|chapters?|appendix|appendices|annex|tables?|figures?|charts?|notes?|"
    r"items?|report|tiers?|phase|stage|version|operation|priority|objective|spis?|psas?|nis?|bvpis?|measures?|quarters?|weeks?)"
)
_JOINT = r"\s*(?:-|–|to|and|,|&)\s*"
_NO_FIGURES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\b\d{1,4}([-/.])\d{1,2}\1\d{1,4}\b",  # 31/01/2009
        r"\b(?:fy ?)?(?:19|20)\d\d\s?[/–-]\s?(?:\d{4}|\d{1,2})\b",  # 2008/09
        rf"(?<![-–'’])\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s+|-)(?:of\s+)?{_MONTH}\b",  # 31 January
        rf"\b{_MONTH}\b\.?(?:[\s,-]*(?:19|20)\d\d|[-'’]\d\d|\s['’]?0\d|\s\d{{1,2}}(?:st|nd|rd|th))(?!\d)",  # Jan-09
        rf"\b{_MONTH} \d\d(?=\s*(?:$|[.,;:)\]]))(?![.,]\d)",  # to Jan 10.
        r"(?<![\d.,£+−-])(?:19|20)\d\d(?!\d|[.,]\d|\s?(?:%|per\s?cent|pp\b))",  # 2008
        rf"(?<![\d.,])\d+(?:{_JOINT}\d+)?[\s-]*(?:years?|months?|weeks?|days?|hours?|quarters?)\b(?:[\s-]olds?)?",
        rf"\bage[sd]?\s+(?:(?:under|over|between|below)\s+)?\d+(?:{_JOINT}\d+)?\b",
        rf"\b{_REFERENCE}[\s\[(]+\d[\d.]*[a-z]?\b(?!\.?\d|\s?%)(?:{_JOINT}\d[\d.]*[a-z]?\b(?!\.?\d|\s?%|,\d))*",
        r"\b\d+\s?[/:]\s?\d+\b",  # 24/7, 10:30
    )
)
_POINTS = r"\s?(?:pp(?:t?s?)\b|(?:%|per\s?cent|percentage)[\s-]?(?:points?|pts?)\b|points?\b)"
_PERCENT = r"\s?(?:%|per\s?cent\b|pct\b)"
_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_FIGURE = re.compile(
    r"(?<!\w)(?<!\w[./])(?<!\w,(?=\d{3}(?!\d)))(?<![A-Za-z]-)(?:(?<![\w)\]])(?P<sign>[+−–-]))?£?"
    r"(?P<digits>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?|\d{0,15}\.\d{1,9}|\d{1,15})"
    r"(?!\d|\.\d|,\d{3}(?!\d))"
    rf"(?:(?P<points>{_POINTS})|(?P<percent>{_PERCENT})|\s?(?P<scale>k|m|bn|thousand|million|billion)\b)?"
    r"(?!\w|\s?%)",
    re.IGNORECASE,
)
_RATIO = re.compile(
    r"(?<![\w.,£+−-])(\d{1,3}) (?:in|out of)(?: every)? (\d{1,3})(?![\w%]|[.,]\d|\s?(?:%|per\s?cent))", re.I
)
_UP = (
    r"up|plus|extra|rise[ns]?|rose|rising|increas(?:e[sd]?|ing)|gr[eo]w|grown|growth|"
    r"higher|gain(?:ed)?|more|widened|climbed|jumped"
)
_DOWN = (
    r"down|minus|f[ae]ll|falls|fallen|falling|decreas(?:e[sd]?|ing)|reduc(?:e[sd]?|ing|tions?)|drop(?:s|ped)?|"
    r"declin(?:e[sd]?|ing)|lower|fewer|less|narrowed|cut"
)
_BETTER = r"improv(?:e[sd]?|ing|ements?)|better"
_WORSE = r"worse(?:n(?:ed|ing|s)?)?|deteriorat(?:e[sd]?|ing|ions?)"
_ABOUT = r"around|about|approximately|approx\.?|roughly|some|circa|c\."
_ABOVE = r"over|more than|at least|no less than|just over|above|exceeding"
_BELOW = r"under|less than|nearly|almost|just under|below|fewer than|no more than|at most|up to"
_BEFORE = re.compile(
    rf"(?:\b(?:(?P<up>{_UP})|(?P<down>{_DOWN})|(?P<better>{_BETTER})|(?P<worse>{_WORSE}))\s+)?"
    r"(?:(?:slightly|just|further)\s+)?(?:by\s+|of\s+)?(?:a further\s+)?"
    rf"(?:\b(?:(?P<about>{_ABOUT})|(?P<above>{_ABOVE})|(?P<below>{_BELOW}))\s+)?[\[(]?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s+(?:(?P<up>above(?=\s+(?:last|the (?:previous|same|year)))|more|extra|additional|higher|increase|rise|growth)|"
    r"(?P<down>below(?=\s+(?:last|the (?:previous|same|year)))|fewer|less|lower|reduction|decrease|fall|drop|decline)|"
    r"(?P<better>improvement|better)|(?P<worse>worse(?:ning)?|deterioration))\b",
    re.IGNORECASE,
)
_SAME_LIST = re.compile(r"\s*(?:[\[(][^\])]*[\])])?\s*(?:[,;&/–-]|,?\s?\b(?:and|or|to)\b|;\s?and\b)\s*", re.IGNORECASE)
_BREAK = re.compile(r"[.;:,()\[\]\n](?:\s|$)|[()\[\]\n]")  # beyond these, words no longer belong to a figure
_WORDS_AROUND = 3
_LOOK_BACK = 60  # characters before a figure that may hold its words

NEAR = Decimal("0.25")  # a fact that differs by more than this part of the larger is no useful hint
WIDEST = Decimal("0.1")  # "around", "over" and "under" allow at most this part of a figure
MORE_DECIMALS = 4  # a message adds up to this many decimals to show a digit of a small fact
LARGEST_FRACTION = 1.5  # a larger number is a count, and no percentage can mean it


class TypedUnit(StrEnum):
    """The unit after a figure."""

    PERCENT = "%"
    POINTS = "pp"
    NUMBER = ""


class Precision(StrEnum):
    """How exact a figure claims to be: rounded as it shows, or only in its first digits (around, over, under)."""

    ROUNDED = "rounded"
    ABOUT = "about"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class TypedFigure:
    """A figure in a text, from the character `start` to before `end`.

    `size` has no sign and the unit shown (0.8 for "down 0.8%"). `decimals` is the number of decimals shown (-6 for
    whole millions). `way` is -1 if sign or words say that it went down, +1 for up, 0 if they say neither. `turn` is
    +1 if words say that it became better, -1 for worse, 0 if they say neither.
    """

    text: str
    start: int
    end: int
    size: Decimal
    decimals: int
    unit: TypedUnit
    way: int
    precision: Precision
    turn: int = 0

    @property
    def place(self) -> Decimal:
        """The place value of its last digit before trailing zeros: 1000 for 6,000, 0.1 for 0.8."""
        whole = int(self.size.scaleb(self.decimals))
        idle = len(str(whole)) - len(str(whole).rstrip("0")) if whole else 0
        return Decimal(1).scaleb(idle - self.decimals)

    @property
    def share(self) -> bool:
        """Whether it is a ratio such as 1 in 5."""
        return _RATIO.fullmatch(self.text) is not None

    @property
    def words(self) -> str:
        """The figure with its direction: "down 0.8%"."""
        shown = self.text.lstrip("+-−–")
        return self.text if shown != self.text or not self.way else f"{'up' if self.way > 0 else 'down'} {shown}"


class Fact(Protocol):
    """A computed figure."""

    @property
    def name(self) -> str:
        """Its name, or ''."""

    @property
    def way(self) -> int:
        """-1 if it is below zero or says that something went down, +1 for up, 0 for neither."""

    def size(self, unit: TypedUnit) -> Decimal | None:
        """Its size without sign in that unit; None if it cannot have that unit."""

    def shown(self, like: TypedFigure) -> str:
        """The fact in the style of a typed figure."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed number; rates, changes and gaps are fractions, which "%" and "pp" show times 100."""

    value: float
    name: str = ""

    @property
    def way(self) -> int:
        """Its sign."""
        return (self.value > 0) - (self.value < 0)

    def size(self, unit: TypedUnit) -> Decimal | None:
        """The number without its sign, times 100 for "%" and "pp"."""
        if unit is TypedUnit.NUMBER:
            return Decimal(f"{abs(self.value):.15g}")
        if abs(self.value) > LARGEST_FRACTION:
            return None
        return Decimal(f"{abs(self.value):.15g}") * 100

    def shown(self, like: TypedFigure) -> str:
        """With the decimals of `like` (more if only zeros would show), and with up or down if `like` has it."""
        times, decimals = 1 if like.unit is TypedUnit.NUMBER else 100, max(like.decimals, 0)
        figures = (rounded(abs(self.value), decimals + more, times) for more in range(MORE_DECIMALS))
        figure = next((figure for figure in figures if figure), Decimal(0))
        word = "" if not like.way or not self.way else "up " if self.way > 0 else "down "
        return f"{word}{figure:,f}{like.unit}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as another cell prints it: "down 0.8%", "6,405". It supports figures of its own unit only."""

    figure: TypedFigure
    name: str = ""

    @property
    def way(self) -> int:
        """The direction that the printed figure says."""
        return self.figure.way

    def size(self, unit: TypedUnit) -> Decimal | None:
        """The printed size; None for another unit."""
        return self.figure.size if unit is self.figure.unit else None

    def shown(self, like: TypedFigure) -> str:
        """As printed, with up or down if `like` says one of them."""
        return self.figure.words if like.way else self.figure.text


class Mismatch(StrEnum):
    """What is wrong with a typed figure."""

    NO_FACT = "matches no computed figure"
    WRONG_WAY = "says the wrong direction"


@dataclass(frozen=True, slots=True)
class UnmatchedFigure:
    """A figure of a text that no fact supports; `nearest` is the fact that it may mean, or None."""

    figure: TypedFigure
    fault: Mismatch
    nearest: Fact | None

    def quote(self, text: str) -> str:
        """The words around the figure and the nearest fact: 'is down 0.8%, not down 0.7%'."""
        computed = "" if self.nearest is None else f", not {self.nearest.shown(self.figure)}"
        return f"{around(text, self.figure)}{computed}"

    @property
    def words(self) -> str:
        """The finding as a message: '"down 0.8%" matches no computed figure (nearest: down 0.7%)'."""
        problem = f'"{self.figure.words}" {self.fault}'
        if self.nearest is None:
            return problem
        named = f"{self.nearest.name}: " if self.nearest.name else ""
        lead = "it is" if self.fault is Mismatch.WRONG_WAY else "nearest:"
        return f"{problem} ({lead} {named}{self.nearest.shown(self.figure)})"


def figures_in(text: str) -> tuple[TypedFigure, ...]:
    """The figures of a text, in order; a unit after the last of a list ("14.4, 17.6 and 6.9%") counts for all."""
    masked = text
    for form in _NO_FIGURES:
        masked = form.sub(lambda found: "\0" * len(found[0]), masked)
    ratios = list(_ratios(masked, text))
    masked = _RATIO.sub(lambda found: "\0" * len(found[0]) if int(found[1]) < int(found[2]) else found[0], masked)
    found = sorted([*ratios, *_found(masked, text)], key=lambda figure: figure.start)
    for position in range(len(found) - 2, -1, -1):
        this, following = found[position], found[position + 1]
        if _shares_unit(this, following, text[this.end : following.start]):
            found[position] = replace(this, unit=following.unit)
    return tuple(found)


def around(text: str, figure: TypedFigure) -> str:
    """The figure with up to three words before and after it, inside its sentence and between its neighbours."""
    others = [other for other in figures_in(text) if other.start != figure.start]
    first = max((other.end for other in others if other.end <= figure.start), default=0)
    last = min((other.start for other in others if other.start >= figure.end), default=len(text))
    before = _BREAK.split(text[first : figure.start])[-1].split()[-_WORDS_AROUND:]
    after = _BREAK.split(text[figure.end : last])[0].split()[:_WORDS_AROUND]
    return " ".join((*before, figure.text, *after))


def _ratios(masked: str, text: str) -> Iterator[TypedFigure]:
    """Ratios such as 1 in 5 or 2 out of 3, as an approximate percentage."""
    for found in _RATIO.finditer(masked):
        part, whole = int(found[1]), int(found[2])
        if 0 < part < whole:
            share = Decimal(100 * part) / whole
            size, words = share.quantize(Decimal(1)), text[found.start() : found.end()]
            yield TypedFigure(words, found.start(), found.end(), size, 0, TypedUnit.PERCENT, 0, Precision.ABOUT)


def _found(masked: str, text: str) -> Iterator[TypedFigure]:
    for found in _FIGURE.finditer(masked):
        digits = found["digits"].replace(",", "")
        scale = _SCALES.get((found["scale"] or "").lower(), 0)
        before = _BEFORE.search(masked[max(0, found.start() - _LOOK_BACK) : found.start()])
        after = _AFTER.match(masked, found.end())
        yield TypedFigure(
            text[found.start() : found.end()],
            found.start(),
            found.end(),
            Decimal(digits).scaleb(scale),
            len(digits.partition(".")[2]) - scale,
            TypedUnit.POINTS if found["points"] else TypedUnit.PERCENT if found["percent"] else TypedUnit.NUMBER,
            _way(found["sign"], before, after),
            _precision(before),
            _way(None, before, after, names=("better", "worse")),
        )


def _way(sign: str | None, *words: re.Match[str] | None, names: tuple[str, str] = ("up", "down")) -> int:
    if sign:
        return 1 if sign == "+" else -1
    for found in words:
        if found and (found[names[0]] or found[names[1]]):
            return 1 if found[names[0]] else -1
    return 0


def _precision(before: re.Match[str] | None) -> Precision:
    if before:
        for precision in (Precision.ABOUT, Precision.ABOVE, Precision.BELOW):
            if before[precision.value]:
                return precision
    return Precision.ROUNDED


def _shares_unit(this: TypedFigure, following: TypedFigure, between: str) -> bool:
    bare = this.unit is TypedUnit.NUMBER and following.unit is not TypedUnit.NUMBER
    return bare and this.decimals == following.decimals and _SAME_LIST.fullmatch(between) is not None


def facts_of(cells: Iterable[object], name: str = "") -> tuple[Fact, ...]:
    """The facts in cells: numbers, and the figures printed in texts; `name` names each. Other cells are skipped."""
    facts: list[Fact] = []
    for cell in cells:
        if isinstance(cell, str):
            facts += [Printed(figure, name) for figure in figures_in(cell)]
        elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < float("inf"):
            facts.append(Computed(float(cell), name))
    return tuple(facts)


def stale(
    text: str, facts: Sequence[Fact], *, further: Sequence[Fact] = (), better: int = 0
) -> tuple[UnmatchedFigure, ...]:
    """The figures of `text` that no fact supports, in the order of the text.

    A fact supports a figure if it equals the figure when rounded half away from zero to the decimals shown, unless one
    says up and the other down. "around 20%" holds for 19.1 %, "over 6,000" for 6,405.

    `further` facts support only figures without a direction, and no message offers them as the nearest fact. With
    `better` +1 (more is better) or -1 (less is better), "improved by" and "worsened by" also give a direction.
    """
    findings = []
    for typed in figures_in(text):
        figure = typed if typed.way or not better else replace(typed, way=typed.turn * better)
        same = [fact for fact in facts if _agrees(figure, fact)]
        if not same and not figure.way and any(_agrees(figure, fact) for fact in further):
            continue
        opposed = [fact for fact in same if fact.way * figure.way < 0]
        if not same:
            findings.append(
                UnmatchedFigure(figure, Mismatch.NO_FACT, None if figure.share else _nearest(figure, facts))
            )
        elif opposed and not any(fact.way * figure.way > 0 for fact in same):
            findings.append(UnmatchedFigure(figure, Mismatch.WRONG_WAY, opposed[0]))
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
        return False  # it prints fewer digits than the figure claims
    return rounded(float(size), figure.decimals) == figure.size


def _leeway(figure: TypedFigure) -> Decimal:
    """How far a fact may be from an approximate figure: its last digit before zeros, at most a part of it."""
    return max(Decimal(1).scaleb(-figure.decimals), min(figure.place, WIDEST * figure.size))


def _nearest(figure: TypedFigure, facts: Sequence[Fact]) -> Fact | None:
    """The fact nearest in size; of equal ones the one that moved the same way."""
    near = []
    for position, fact in enumerate(facts):
        size = fact.size(figure.unit)
        if size is not None and (off := abs(size - figure.size)) <= NEAR * max(size, figure.size):
            near.append((off, fact.way * figure.way < 0, position))
    return facts[min(near)[2]] if near else None
