"""What a typed text claims in words of its subject: that it rose, is worse, is below target, is green.

A claim is read only where a whole clause is understood: who (a subject that is given), what it did, against what, and
nothing else. "Burglary has increased in Lambeth", "an increase in patrols", "burglary will increase" and "if burglary
is up" claim nothing here: what is not understood is passed over, so that what is found is meant.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cpa_xl.claimwords import (
    ALONE,
    AND,
    ARTICLE,
    BEFORE,
    BEHIND,
    BRACKETS,
    END,
    FURTHER,
    LATER,
    LEAD,
    LISTED,
    MEASURE,
    NOT_SO,
    NUMBER,
    PERFORMANCE,
    PLACE,
    RATED,
    ROW,
    SCOPE,
    SENTENCES,
    SHORTENED,
    START,
    TAIL,
    TARGET,
    TIME,
    TWELVE,
    VERB,
)
from cpa_xl.measurerows import plain_heading
from cpa_xl.periods import NAMES, SHORT, Basis, Month, Period


class Says(StrEnum):
    """What is claimed."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    BETTER = "better"
    WORSE = "worse"
    MET = "met"
    MISSED = "missed"
    ABOVE = "above"
    BELOW = "below"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Over(StrEnum):
    """Over which months, or against which; `BOTH` are rolling year and year to date."""

    UNSAID = "unsaid"
    LAST_YEAR = "last_year"
    ROLLING_YEAR = "rolling_year"
    TO_DATE = "to_date"
    BOTH = "both"


LETTERS = (Says.GREEN, Says.AMBER, Says.RED)
LONGEST_SENTENCE = 1000  # characters; a longer one is a list, or no sentence
SHORT_NAME = 4  # words; a longer name is a title, with a verb as it comes

Forms = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its words, and what it names in small letters ("" where nothing).

    `part` is what of the subject that is, "" for the whole; `denied` is set where the text says that it is not so.
    """

    words: str
    name: str
    part: str
    says: Says
    over: Over
    denied: bool


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a text may be about: names in small letters, each with the part that it means ("" for the whole).

    `short` names ("the rate") are taken for the whole, as is "performance", where nothing else was spoken of. Where
    one of `places` is named, something is said of it alone.
    """

    names: Mapping[str, str]
    short: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Forms:
    """Patterns for the subjects of a text and the year of its figures."""

    subjects: Subjects
    named: re.Pattern[str]
    place: re.Pattern[str]
    subject: re.Pattern[str]
    behind: Forms
    further: Forms
    before: Forms
    alone: Forms
    tail: re.Pattern[str]

    @classmethod
    def of(cls, subjects: Subjects, as_of: Month) -> "_Forms":
        """`as_of` is the month that the figures end in."""
        every = sorted({PERFORMANCE, *MEASURE, *RATED, *subjects.names, *subjects.short}, key=len, reverse=True)
        alternatives, known, places = (
            "|".join(map(_spaced, names)) or "(?!)" for names in (every, subjects.names, subjects.places)
        )
        year, before = (re.escape(Period.of(month, Basis.FY).label) for month in (as_of, as_of - 12))
        target = TARGET.format(year=year)
        tail = TAIL.format(before=before)
        behind, further, ahead, alone = (
            tuple(_pattern(form.replace("{target}", target)) for form in forms)
            for forms in (BEHIND, FURTHER, BEFORE, ALONE)
        )
        subject = _pattern(rf"{ARTICLE}{NUMBER}{ARTICLE}(?P<name>{alternatives})(?!\w)")
        named = _pattern(rf"(?<!\w)(?:{known})(?!\w)")
        place = _pattern(rf"{PLACE.pattern}|(?<!\w)(?:{places})(?!\w)")
        return cls(subjects, named, place, subject, behind, further, ahead, alone, _pattern(rf",?\s*\b{tail}(?!\w)"))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with what is known before it: `clear` where the sentence before speaks of nothing else, `topic` where
    it speaks of the measure, or there is none; and with the sentence behind it.
    """

    text: str
    behind: str
    forms: _Forms
    clear: bool
    topic: bool

    def claims(self) -> Iterator[Claim]:
        """The claims of its clauses, in order."""
        for found in START.finditer(self.text):
            start, before = found.end(), self.text[: found.end()].strip(" ,;:-–—")
            if _open(before, self.forms.place):
                here = self._clause(start, before)
                yield from (one for one in here if one.over is not Over.UNSAID or not TIME.search(before))

    def _clause(self, start: int, before: str) -> Iterator[Claim]:
        """The claims of a clause behind these words: of the measure by a general name where they name it, too."""
        topic = self.forms.named.search(before) is not None if before else self.topic
        begin, led = self._led(start)
        start = begin if led is Over.UNSAID else start
        for form in self.forms.before:
            if (ahead := form.match(self.text, begin)) and (who := self._subject(ahead.end(), topic=topic)):
                yield from (claim for claim, _ in self._finished(start, ahead, who.end(), who, led))
        for form in self.forms.alone if topic and not before else ():
            if alone := form.match(self.text, begin):
                yield from (claim for claim, _ in self._finished(start, alone, alone.end(), None, led))
        if who := self._subject(begin, topic=topic):
            yield from self._said_of(who, start, who.end(), led)

    def _said_of(self, who: re.Match[str], start: int, at: int, led: Over, more: Forms = ()) -> Iterator[Claim]:
        """What is said of a subject, and behind an "and" or a "but" said of it too."""
        for form in (*self.forms.behind, *more):
            what = form.match(self.text, at)
            if what is None or not _agree(who, what):
                continue
            for claim, end in self._finished(start, what, what.end(), who, led):
                yield claim
                if behind := AND.match(self.text, end):
                    yield from self._said_of(who, behind.end(), behind.end(), led, self.forms.further)
                return

    def _finished(
        self, start: int, what: re.Match[str], end: int, who: re.Match[str] | None, led: Over
    ) -> list[tuple[Claim, int]]:
        """The claim and where it ends, if its clause ends behind it and the months that it is over."""
        over, groups = led, what.groupdict()
        while tail := self.forms.tail.match(self.text, end):
            over, end = Over(str(tail.lastgroup)), tail.end()
        if not END.match(self.text, end) or (groups.get("told") is not None and over is Over.UNSAID):
            return []
        if groups.get("not") is not None and groups.get("much") is not None:  # so it did, and not that much
            return []
        if (who is None and self._heads_list(end)) or (groups.get("past") is not None and self._undone(end)):
            return []
        name = "" if who is None else plain_heading(who["name"])
        says = next(Says(word) for word in Says if groups.get(word))
        if name in RATED and says not in LETTERS:
            return []
        part, words = self.forms.subjects.names.get(name, ""), self.text[start:end].strip()
        return [(Claim(words, name, part, says, over, groups.get("not") is not None), end)]

    def _heads_list(self, end: int) -> bool:
        """Whether words without a subject head a list of others: "Red: Lambeth, Southwark", "On target: robbery"."""
        listed = LISTED.match(self.text, end)
        return listed is not None and (not VERB.search(listed["rest"]) or bool(self.forms.place.search(listed["rest"])))

    def _undone(self, end: int) -> bool:
        """Whether what was so may be so no more, by what is said behind it: "has been red, and is green now"."""
        return LATER.search(self.text, end) is not None or LATER.search(self.behind) is not None

    def _led(self, start: int) -> tuple[int, Over]:
        """Where a clause begins behind words such as "However," and "Compared with last year,"."""
        over = Over.UNSAID
        while True:
            if word := LEAD.match(self.text, start):
                start = word.end()
            elif (tail := self.forms.tail.match(self.text, start)) and self.text[tail.end() : tail.end() + 2] == ", ":
                start, over = tail.end() + 2, Over(str(tail.lastgroup))
            else:
                return start, over

    def _subject(self, at: int, *, topic: bool) -> re.Match[str] | None:
        found = self.forms.subject.match(self.text, at)
        if found is None:
            return None
        name = plain_heading(found["name"])
        if name in self.forms.subjects.names:
            return found
        return found if (self.clear if name in (*MEASURE, *RATED) else topic) else None


def claims_in(text: str, subjects: Subjects, as_of: Month) -> tuple[Claim, ...]:
    """The claims of a text about its subjects, in order; `as_of` is the month that the figures end in."""
    forms = _Forms.of(subjects, as_of)
    plain = BRACKETS.sub("", SHORTENED.sub(r"\1", _own_periods(text, as_of)))
    found: list[Claim] = []
    clear = topic = True
    sentences = SENTENCES.split(plain)
    for sentence, behind in zip(sentences, [*sentences[1:], ""], strict=True):
        long = len(sentence) > LONGEST_SENTENCE
        here = [] if long else list(_Sentence(sentence.strip(), behind, forms, clear, topic).claims())
        found += here
        clear = not (forms.place.search(sentence) or TIME.search(sentence))
        topic = clear and bool(here or forms.named.search(sentence) or ROW.search(sentence))
    return tuple(dict.fromkeys(found))


def _own_periods(text: str, as_of: Month) -> str:
    """The text with the twelve months and the year to date that end with its figures called so."""
    name, short, year = NAMES[as_of.month - 1], SHORT[as_of.month - 1], f"{as_of.year % 100:02d}"
    month = rf"(?:{name}|{short})[\s-](?:\d\d)?{year}\b"
    text = re.sub(rf"\b(?:RY|rolling year|{TWELVE}|year)\s+(?:to|ending)\s+{month}", "rolling year", text, flags=re.I)
    ytd = Period.of(as_of, Basis.YTD)
    return re.sub(rf"\bApr(?:il)?\s?(?:-|–|to)\s?(?:{name}|{short})\s+{re.escape(ytd.label[-7:])}", "YTD", text)


def _open(before: str, place: re.Pattern[str]) -> bool:
    """Whether a clause may stand on its own behind these words of its sentence."""
    if not before:
        return True
    heading, colon, _ = before.partition(":")
    if colon and not VERB.search(heading):  # "Lambeth: robbery is down, burglary is up"
        return False
    hidden = SCOPE.match(before) or place.search(before) or NOT_SO.search(before)
    return not hidden and VERB.search(before) is not None


def _agree(who: re.Match[str], what: re.Match[str]) -> bool:
    """Whether subject and verb agree: in "patrols and performance have increased" they do not."""
    groups, name = what.groupdict(), plain_heading(who["name"])
    if who["number"] or len(name.split()) > SHORT_NAME:
        return True
    many = " and " in name or (name.endswith("s") and not name.endswith(("ss", "us")))
    return not groups.get("one" if many else "many")


def _spaced(name: str) -> str:
    return r"\s+".join(map(re.escape, name.split()))


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(form, re.IGNORECASE)
