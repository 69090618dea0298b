"""Figures in typed text: what is one, what it says, and which way it says something moved.

Months, years, lengths of time, ages, references to paragraphs, quarters and the like hold digits and are no figures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

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
_BREAK = re.compile(r"[.;:,()\[\]\n](?:\s|$)|[()\[\]\n]")  # where words no longer belong to a figure
_WORDS_AROUND = 3
_LOOK_BACK = 60  # characters before a figure in which its words stand


class Unit(StrEnum):
    """What stands behind a figure."""

    PERCENT = "%"
    POINTS = "pp"
    NUMBER = ""


class Precision(StrEnum):
    """How closely a figure claims to be right: as rounded, or by its first digits (around, over, under)."""

    ROUNDED = "rounded"
    ABOUT = "about"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class TypedFigure:
    """A figure as it stands in a text, from the character `start` to before `end`.

    `size` is without sign, in the unit shown (0.8 for "down 0.8%"), `decimals` what it shows of them (-6 where
    millions are shown whole). `way` is -1 where sign or words say that it went down, +1 up, 0 where they say nothing;
    `turn` is +1 where words say that it became better, -1 worse.
    """

    text: str
    start: int
    end: int
    size: Decimal
    decimals: int
    unit: Unit
    way: int
    precision: Precision
    turn: int = 0

    @property
    def place(self) -> Decimal:
        """The worth of its last digit that is no idle zero: 1000 for 6,000, 0.1 for 0.8."""
        whole = int(self.size.scaleb(self.decimals))
        idle = len(str(whole)) - len(str(whole).rstrip("0")) if whole else 0
        return Decimal(1).scaleb(idle - self.decimals)

    @property
    def share(self) -> bool:
        """Whether it is one in so many: 1 in 5."""
        return _RATIO.fullmatch(self.text) is not None

    @property
    def words(self) -> str:
        """The figure with its direction: "down 0.8%"."""
        shown = self.text.lstrip("+-−–")
        return self.text if shown != self.text or not self.way else f"{'up' if self.way > 0 else 'down'} {shown}"


def figures_in(text: str) -> tuple[TypedFigure, ...]:
    """The figures of a text, in order; a unit behind the last of a list ("14.4, 17.6 and 6.9%") holds for all."""
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
    """The figure with up to three words before and after it, within its sentence and up to the next figures."""
    others = [other for other in figures_in(text) if other.start != figure.start]
    first = max((other.end for other in others if other.end <= figure.start), default=0)
    last = min((other.start for other in others if other.start >= figure.end), default=len(text))
    before = _BREAK.split(text[first : figure.start])[-1].split()[-_WORDS_AROUND:]
    after = _BREAK.split(text[figure.end : last])[0].split()[:_WORDS_AROUND]
    return " ".join((*before, figure.text, *after))


def _ratios(masked: str, text: str) -> Iterator[TypedFigure]:
    """1 in 5, 2 out of 3: about so many per cent."""
    for found in _RATIO.finditer(masked):
        part, whole = int(found[1]), int(found[2])
        if 0 < part < whole:
            share = Decimal(100 * part) / whole
            size, words = share.quantize(Decimal(1)), text[found.start() : found.end()]
            yield TypedFigure(words, found.start(), found.end(), size, 0, Unit.PERCENT, 0, Precision.ABOUT)


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
            Unit.POINTS if found["points"] else Unit.PERCENT if found["percent"] else Unit.NUMBER,
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
    bare = this.unit is Unit.NUMBER and following.unit is not Unit.NUMBER
    return bare and this.decimals == following.decimals and _SAME_LIST.fullmatch(between) is not None
