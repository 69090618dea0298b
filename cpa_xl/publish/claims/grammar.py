"""Finds what a comment claims of its subject in words: that it rose, is worse, is below target, is green.

A claim is read only where the grammar covers a whole clause: the subject, what it did, against what, and nothing else.
"Burglary has increased in Lambeth", "an increase in patrols", "burglary will increase" and "if burglary is up" are no
claims: the grammar skips what it does not cover, so that every claim it finds is meant.

The groups of the patterns are named after what is claimed. `not` is a denial, `one` and `many` are the verb's number,
`told` needs the months of the claim, `past` is what may have changed since, and `much` is a degree, the only one that
may be denied.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cpa_xl.functions.measure_table import plain_heading
from cpa_xl.measures.periods import NAMES, SHORT, Basis, Month, Period

# Who ----------------------------------------------------------------------------------------------------------------

PERFORMANCE = "performance"
MEASURE = (
    "this measure",
    "the measure",
    "this indicator",
    "the indicator",
    "performance against this measure",
    "performance on this measure",
)
RATED = ("status", "rag", "rag status", "rag rating", "the rag", "the rag status", "the rag rating")
ARTICLE = r"(?:(?:the|our|overall|current|latest|total|recorded|force|mps)\s+)*"
NUMBER = r"(?P<number>(?:the\s+)?(?:total\s+|overall\s+)?(?:numbers?|(?:numbers?|volumes?|levels?)\s+of)\s+)?"

# What ---------------------------------------------------------------------------------------------------------------

_DEGREE = (
    r"(?:consistently|slightly|marginally|just|well|only|significantly|further|substantially|considerably|markedly|"
    r"sharply|steadily|much|far|overall|comfortably|narrowly|continually)"
)
_ADVERB = rf"(?:(?:also|now|again|still|already|currently|{_DEGREE})\s+)*"
_SIZE = (
    r"(?:an?\s+)?(?:(?:slight|small|marginal|significant|substantial|large|sharp|steady|further|continued|overall|marked)"
    r"\s+)*"
)
_MUCH = r"(?:\s+(?P<much>slightly|significantly|substantially|sharply|steadily|considerably|markedly|further|again))?"
_NOT = rf"(?:(?P<not>not|no\s+longer)\s+(?!{_DEGREE}\b))?"  # "not far off" denies the degree
_IS = r"(?:(?P<one>is|remains|continues\s+to\s+be|stays|stands)|(?P<many>are|remain|continue\s+to\s+be|stay|stand))\s+"
_HAS = r"(?:(?P<one>has)|(?P<many>have))\s+"


def _either(**words: str) -> str:
    """One of several meanings, each a group of that name."""
    return "(?:" + "|".join(rf"(?P<{says}>{forms})" for says, forms in words.items()) + r")\b"


_DONE = _either(
    up=r"increased|risen|grown|gone\s+up|climbed|jumped|widened",
    down=r"decreased|fallen|reduced|been\s+reduced|dropped|declined|gone\s+down|narrowed",
    better=r"improved|got\s+better",
    worse=r"worsened|deteriorated|got\s+worse",
)
_DID = _either(
    up=r"increased|rose|grew|went\s+up|widened",
    down=r"decreased|fell|reduced|dropped|declined|went\s+down|narrowed",
    better="improved",
    worse="worsened|deteriorated",
)
_DO = _either(
    up="increase|rise|grow|climb|widen",
    down="decrease|fall|reduce|drop|decline|narrow",
    better="improve",
    worse="worsen|deteriorate",
)
_STATE = _either(
    up=r"up|rising|increasing|growing|on\s+the\s+(?:rise|increase)|higher|wider",
    down=r"down|falling|decreasing|reducing|declining|on\s+the\s+decrease|lower|fewer|narrower",
    better=r"better|improving|getting\s+better",
    worse=r"worse|worsening|deteriorating|getting\s+worse",
    same=r"unchanged|at\s+the\s+same\s+level|the\s+same|no\s+different",
)
_CHANGE = _either(
    up="increase|rise|growth",
    down="decrease|reduction|fall|drop|decline",
    better="improvement",
    worse="deterioration|worsening",
    same=r"no\s+change",
)
_SIDE = _either(
    missed=r"short\s+of|off|worse\s+than|missing|failing\s+to\s+meet|not\s+meeting|behind",
    met=r"on|within|in\s+line\s+with|better\s+than|meeting|achieving|exceeding|hitting|ahead\s+of",
    below=r"below|under|lower\s+than",
    above=r"above|over|higher\s+than",
)
_REACHED = _either(
    met="met|exceeded|achieved|reached|hit|meets?|exceeds?|achieves?",
    missed=r"missed|misses|miss|fail(?:s|ed)?\s+to\s+meet",
)
_LETTER = _either(green="green", amber="amber", red="red")
TARGET = r"\s+(?:(?:the|our|its|the\s+annual|this\s+year['’]s)\s+)?(?:{year}\s+)?target(?:\s+(?:level|figure))?\b"
_AMOUNT = r"(?:,?\s+(?:at|with|by)\s+£?[\d.,]*\d\s?(?:%|pp|per\s+cent|percentage\s+points|a\s+month)?)?"
_LINKED = r"\s*(?::|\s[-–—])\s+"
BEHIND = (  # what follows a subject
    rf"\s+{_HAS}{_ADVERB}{_NOT}{_ADVERB}{_DONE}{_MUCH}",
    rf"\s+(?P<told>had)\s+{_ADVERB}{_DONE}{_MUCH}",
    r"\s+(?P<told>was|were)\s+(?P<down>reduced)\b",
    rf"\s+{_ADVERB}(?P<told>){_DID}{_MUCH}",
    rf"\s+{_IS}{_ADVERB}{_NOT}{_ADVERB}{_STATE}",
    rf"{_LINKED}{_ADVERB}{_STATE}",
    rf"\s+(?:(?P<one>continues)|(?P<many>continue))\s+to\s+{_ADVERB}{_DO}{_MUCH}",
    rf"\s+(?:(?P<one>shows|has\s+(?:shown|seen))|(?P<many>show|have\s+(?:shown|seen)))\s+{_SIZE}{_CHANGE}",
    rf"\s+{_IS}{_ADVERB}{_NOT}{_ADVERB}{_SIDE}{{target}}{_AMOUNT}",
    rf"\s+(?P<past>){_HAS}{_ADVERB}{_NOT}been\s+{_ADVERB}{_SIDE}{{target}}{_AMOUNT}",
    rf"{_LINKED}{_ADVERB}{_SIDE}{{target}}{_AMOUNT}",
    rf"\s+(?P<past>)(?:{_HAS})?{_ADVERB}{_NOT}{_REACHED}{{target}}",
    rf"\s+{_IS}{_ADVERB}{_NOT}{_ADVERB}(?:(?:rated|graded|assessed|shown|reported)\s+)?(?:(?:as|at|in|on)\s+)?{_LETTER}",
    rf"\s+(?P<past>)(?:{_HAS})?{_ADVERB}(?:moved|turned|gone|changed|improved|slipped|dropped|fallen|returned)\s+"
    rf"(?:from\s+(?:green|amber|red)\s+)?to\s+{_LETTER}",
    rf"(?:{_LINKED}|\s+)(?:now\s+)?{_LETTER}",
)
FURTHER = (rf"\s+{_ADVERB}{_NOT}{_SIDE}{{target}}{_AMOUNT}",)  # what follows an "and" behind that
BEFORE = (  # what leads to a subject at the end
    rf"(?:there\s+(?:is|are|has\s+been|have\s+been)|we\s+have\s+seen)\s+{_SIZE}{_CHANGE}\s+in\s+",
    rf"(?:there\s+(?:were|are|have\s+been)\s+)?(?P<told>){_ADVERB}(?:(?P<down>fewer|less)|(?P<up>more))\s+",
)
ALONE = (  # a sentence without a subject
    rf"(?:(?:is|remains?|still|now|currently|continues\s+to\s+be)\s+)*{_ADVERB}{_NOT}{_SIDE}{{target}}{_AMOUNT}",
    rf"(?:(?:is|remains?|still|now|currently|rated|graded)\s+)?{_ADVERB}{_NOT}{_LETTER}"
    r"(?!,?\s+(?:(?:and|but|then|now|currently|is)\s+)*(?:green|amber|red)\b)",
    rf"(?:(?:is|remains?|has|still|now|currently)\s+)?{_ADVERB}(?P<told>)(?:{_STATE})",
    r"(?P<same>no\s+change)\b",
)

# Against what -------------------------------------------------------------------------------------------------------

TWELVE = r"(?:12|twelve)\s+months"
_SAME_MONTHS = r"(?:same\s+(?:period|time|months|point|position|stage)\s+(?:(?:of|in)\s+)?)"
_LAST_YEAR = (
    rf"(?:the\s+)?{_SAME_MONTHS}?(?:the\s+)?(?:(?:last|previous|prior|preceding)\s+(?:financial\s+|rolling\s+)?year|"
    rf"year\s+before|previous\s+{TWELVE}|(?:a\s+year|{TWELVE})\s+(?:ago|earlier|before)|{{before}})(?:['’]s)?"
    r"(?:\s+(?:levels?|figures?|performance|total|rate|(?:monthly\s+)?average|position|results?))?"
)
_AGAINST = (
    r"(?:(?:when\s+)?compared\s+(?:to|with|against)|(?:in|by)\s+comparison\s+(?:to|with)|relative\s+to|than|on|from|against|over|"
    r"versus|vs?|as|since)(?:\s+(?:in|that\s+(?:of|in)))?"
)
_RY, _YTD = (
    r"(?:the\s+)?(?:rolling\s+year|rolling\s+12\s+months|RY)",
    r"(?:the\s+)?(?:(?:financial\s+)?year\s+to\s+date|F?YTD)",
)
_OVER = r"(?:over|in|during|for|across)"
TAIL = (
    rf"(?:(?P<both>{_OVER}\s+(?:both\s+)?{_RY}\s+and\s+{_YTD})|(?P<rolling_year>{_OVER}\s+{_RY})|"
    rf"(?P<to_date>(?:{_OVER}\s+)?{_YTD}|so\s+far\s+this\s+year|this\s+financial\s+year)|"
    rf"(?P<last_year>year[\s-]on[\s-]year|this\s+year|{_OVER}\s+the\s+(?:last|past)\s+(?:year|{TWELVE})|{_AGAINST}\s+{_LAST_YEAR}))"
)
LEAD = re.compile(
    r"(?:however|overall|nevertheless|nonetheless|therefore|consequently|also|encouragingly|disappointingly|unfortunately|"
    r"pleasingly|as\s+a\s+result|in\s+summary)\b,?\s*",
    re.IGNORECASE,
)

# Nothing else -------------------------------------------------------------------------------------------------------

_ONLY = (
    r"only|mainly|mostly|particularly|especially|notably|chiefly|largely|partly|in|at|for|among|amongst|within|across|"
    r"except|excluding|apart|other|on|by|during|if|unless|provided|when|where|until|as\s+(?:at|of)|not|with\s+(?:the\s+exception|regard|respect|reference)"
)
END = re.compile(
    r"\s*(?:$|[.;!]|(?=[,:]\s|\s[-–—]\s|\s(?:and|but|although|though|while|whilst|yet|however|despite|because|due\s+to|"
    r"owing\s+to|following|reflecting|so)\b)"
    rf"(?!(?:[,:]|\s[-–—])?\s*(?:(?:and|but|although|though|yet|so)\s+)?(?:{_ONLY})\b))",
    re.IGNORECASE,
)
LATER = re.compile(  # what was, and is no more
    r"\b(?:now|then|since|until|back|again|subsequently|recover\w*|return\w*|revert\w*)\b", re.IGNORECASE
)
LISTED = re.compile(  # what "Red: robbery" heads; "Red: see page 3" heads nothing
    r"\s*[:–—-]\s+(?!see\b)(?P<rest>.*)", re.IGNORECASE
)
START = re.compile(r"^|[,;:]\s+|\s[-–—]\s+|\s(?:and|but|although|though|while|whilst|yet|however)\s+", re.IGNORECASE)
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|remains?|continues?|fell|rose|increased|reduced|improved|dropped)\b",
    re.IGNORECASE,
)
ROW = re.compile(  # what is said of the row itself, and changes no subject
    r"\b(?:target|data|figures?|provisional|proxy|baseline|paragraphs?|covering report|separate report)\b",
    re.IGNORECASE,
)
PLACE = re.compile(
    r"\b(?:boroughs?|b?ocus?|divisions?|districts?|wards?|areas?|regions?|sectors?|neighbourhoods?|nationally|national|"
    r"forces|peers?|pilots?|elsewhere)\b",
    re.IGNORECASE,
)
TIME = re.compile(
    r"\b(?:quarters?|q[1-4]|months?|weeks?|weekends?|days?|spring|summer|autumn|winter|christmas|"
    rf"{'|'.join((*NAMES, *SHORT))}|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
NOT_SO = re.compile(  # conditions, aims, what is to come, what others say
    r"\b(?:will|would|should|could|may|might|must|can|cannot|shall|if|unless|whether|until|once|when|where|that|which|who|"
    r"expect\w*|forecast\w*|predict\w*|project\w*|anticipat\w*|likely|unlikely|aim\w*|hope\w*|plan|plans|planned|intend\w*|"
    r"want\w*|need\w*|require\w*|propos\w*|historically|previously|formerly|perceptions?|fear|perceived|said|says|"
    r"suggest\w*|risk\w*|why|how)\b|"
    r"(?<!continue )(?<!continues )\bto\s+(?:be|reduce|increase|improve|ensure|make|keep|bring|get)\b",
    re.IGNORECASE,
)
SCOPE = re.compile(
    r"\s*(?:in|at|for|among|amongst|within|across|during|since|under|of|from|between|after|before|outside|on|by|over|with|"
    r"without|excluding|except)\b",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\s*[\[(](?:[^\])A-Za-z]|pp|offences|fewer|more|a month|YTD|RY){0,80}[\])]")
SHORTENED = re.compile(r"\b(res|approx|incl|v|vs)\.", re.IGNORECASE)
AND = re.compile(r",?\s+(?:and|but|yet)(?=\s)", re.IGNORECASE)
SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")


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
    """A claim with its words, and its object in lower case ("" where it has none).

    `part` is the part of the subject, "" for the whole; `denied` is set where the text denies the claim.
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
    """The text in which the twelve months and the year to date that end with its figures have their general names."""
    name, short, year = NAMES[as_of.month - 1], SHORT[as_of.month - 1], f"{as_of.year % 100:02d}"
    month = rf"(?:{name}|{short})[\s-](?:\d\d)?{year}\b"
    text = re.sub(rf"\b(?:RY|rolling year|{TWELVE}|year)\s+(?:to|ending)\s+{month}", "rolling year", text, flags=re.I)
    ytd = Period.of(as_of, Basis.YTD)
    return re.sub(rf"\bApr(?:il)?\s?(?:-|–|to)\s?(?:{name}|{short})\s+{re.escape(ytd.label[-7:])}", "YTD", text)


def _open(before: str, place: re.Pattern[str]) -> bool:
    """Whether a clause may be complete by itself behind these words of its sentence."""
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
