"""Checks what a comment claims in words, without a figure, against the computed figures (T5).

A claim is wrong only if no possible meaning supports it. "Burglary has increased" may compare the rolling year or the
year to date with the same months a year earlier, with the financial year before, or with the month before.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.config.model import FigureKind, Measure
from cpa_xl.errors import CellError, EmptyDenominator, Level
from cpa_xl.functions.measure_table import MeasureResult, MeasureRow, plain_heading
from cpa_xl.measures import rates
from cpa_xl.measures.figures import Style
from cpa_xl.measures.periods import Basis, Period
from cpa_xl.measures.targets import Better, Letter, Unit, judge
from cpa_xl.publish.checks.context import ScorecardRow
from cpa_xl.publish.checks.findings import Finding, finds, found
from cpa_xl.publish.claims.grammar import LETTERS, Claim, Over, Says, Subjects, claims_in
from cpa_xl.scorecard.recompute import StoredFigures

RETYPE = "type what holds now, or put back the formula of the comment"
LEAST = 5e-4  # a fraction, or a part of a count: what moved by less prints as unchanged
LEAST_CHANGE = 0.01  # what moved by more is not "the same": in points, of a count twice this part
LETTER = {Says.GREEN: Letter.GREEN, Says.AMBER: Letter.AMBER, Says.RED: Letter.RED}
SIDES = (Says.MET, Says.MISSED, Says.ABOVE, Says.BELOW)
OPPOSITE = {Says.MET: Says.MISSED, Says.MISSED: Says.MET}
SD_RATE = ("sd rate", "sd rates", "sanction detection rate", "detection rate", "detection rates")
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_COUNTED = re.compile(r"(.+) (?:offences|casualties|victims)")  # "SAC offences" are SAC


def register() -> None:
    """Add this check to the release checks. Programs for people call it; the release checks do without."""
    finds("T5", on=ScorecardRow)(check_spoken)


def check_spoken(row: ScorecardRow) -> Iterator[Finding]:
    """T5 of claims in words about the row's own measure, or a part that its comment facts count.

    A wrong letter or the wrong side of the target stops a release: there is only one right answer. A wrong direction is
    a warning: the words leave open which months are compared.
    """
    figures = row.figures
    if row.measure.figure is None:
        return
    try:
        spoken = _Spoken(figures, row.measure, figures.row(row.measure.id), figures.result(row.measure.id))
        claims = claims_in(row.text("comment"), spoken.subjects, spoken.result.as_of)
    except CellError:  # the check of the figure reports it
        return
    for claim in claims:
        if holds := spoken.against(claim):
            level = None if claim.says in (*LETTERS, *SIDES) else Level.WARN
            message = f"says {claim.words!r}, and {holds}: {RETYPE}"
            yield found("T5", row.place("comment"), message, level, f"{claim.words} ({figures.as_of.label})")


@dataclass(frozen=True)
class _Spoken:
    """A measure as claims speak of it."""

    figures: StoredFigures
    measure: Measure
    row: MeasureRow
    result: MeasureResult

    @cached_property
    def subjects(self) -> Subjects:
        """What it is called, and what the counts behind its comment facts are."""
        title, heading = (_plain(name) for name in (self.row.title, self.row.counted[0]))
        own, short = {title, *map(_plain, self.measure.also)}, {"it", "figure"}
        match self.row.unit:
            case Unit.CHANGE | Unit.COUNT | Unit.TOTAL:
                own |= {heading, *_COUNTED.findall(heading), *self._also(heading)}
                short |= {"number", "numbers", *self._things(title, heading)}
            case Unit.POINTS:
                own |= {"gap", "satisfaction gap"} if "gap" in title else set()
            case Unit.RATE_PER:
                short |= {"rate"}
            case Unit.RATIO | Unit.MEAN | Unit.MEDIAN:
                short |= {"average", "mean"} if self.row.unit is Unit.MEAN else {self.row.unit.value}
            case _:
                own |= set(self._rates(title))
                short |= {"rate", "percentage", "proportion"}
        others = {_plain(series.title) for series in self.figures.catalogue.series.values()} - {heading}
        parts = {name: part for part in self._parts() for name in (_plain(part), *self._also(_plain(part)))}
        places = (area for listed in self.figures.catalogue.areas.values() for area in listed.members)
        return Subjects(dict.fromkeys(own - others, "") | parts, tuple(sorted(short - parts.keys())), tuple(places))

    def _also(self, heading: str) -> Iterator[str]:
        """What else people call what is counted under a heading."""
        for series in self.figures.catalogue.series.values():
            if _plain(series.title) == heading:
                yield from map(_plain, series.also)

    def _things(self, title: str, heading: str) -> Iterator[str]:
        """What is counted, in short: "offences", "victims", "sanction detections", and their average."""
        if self.row.unit is Unit.COUNT:
            yield from ("average", "monthly average")
            if (things := re.match(r"(.+?s) (?:for|with|of) ", title)) is not None:
                yield things[1]
        elif (kind := re.search(r"\b(?:crime|offences|victims)\b", f"{title} {heading}")) is not None:
            yield "victims" if kind[0] == "victims" else "offences"

    def _rates(self, title: str) -> Iterator[str]:
        """Names of a rate: "victim satisfaction", "SD rate", "domestic violence arrest rate"."""
        if (stated := re.match(r"(?:\w+ )?satisfaction\b", title)) is not None:
            yield from (stated[0], "satisfaction")
            yield from (f"satisfaction with {the}{title.partition(' with ')[2]}" for the in ("", "the "))
        if "SD rate" in self.row.title:
            yield from SD_RATE
        if (aim := re.search(r"\bthe ((?:\w+ )*(\w+ rate))$", self.measure.cpa, re.IGNORECASE)) is not None:
            yield from (_plain(aim[1]), _plain(aim[2]))

    def _parts(self) -> Iterator[str]:
        """Headings of counts whose change is a fact of the comment."""
        for fact in self.measure.facts:
            if fact.kind in (FigureKind.CHANGE, FigureKind.CHANGE_VOLUME):
                heading = self.figures.catalogue.series[fact.numerator].title
                if heading != self.row.counted[0]:
                    yield heading

    def against(self, claim: Claim) -> str:
        """The reason against a claim, as text; "" where there is none, or where it cannot be judged."""
        moved = claim.says not in (*LETTERS, *SIDES)
        if claim.part and not moved:  # of a part there is no target and no letter
            return ""
        either = claim.name.startswith("performance") and claim.says in (Says.UP, Says.DOWN)
        if either and self.row.better is Better.LOWER:  # better, or less
            return ""
        if claim.says in LETTERS:
            return self._letter(claim)
        return self._moved(claim) if moved else self._side(claim)

    def _letter(self, claim: Claim) -> str:
        letter, reason = self.result.verdict.letter, self.result.verdict.reason
        wrong = (letter is LETTER[claim.says]) is claim.denied
        has = "it has no letter" if letter is Letter.NONE else f"the letter is {letter}"
        return f"{has} ({reason})" if wrong and claim.over is Over.UNSAID else ""

    def _side(self, claim: Claim) -> str:
        """Against the target; "below" and "above" can mean either where less is better."""
        asked, target, says = self.row.asked, self.row.asked.target, claim.says
        if not self.result.judged or target is None or claim.over is Over.LAST_YEAR:
            return ""
        if says in (Says.ABOVE, Says.BELOW):
            if self.row.better is Better.LOWER:
                return ""
            says = Says.MET if says is Says.ABOVE else Says.MISSED
        says = OPPOSITE[says] if claim.denied else says
        known = self._values(claim.over)
        printed = self.row.printed(target, self.row.actual_style)
        if not known or any(self.row.printed(value, self.row.actual_style) == printed for value in known.values()):
            return ""
        strict = asked.rule is not None and asked.rule.strict
        letters = [
            judge(value, target, self.row.better, asked.amber, asked.amber_basis, strict=strict).letter
            for value in known.values()
        ]
        agree = [(letter is Letter.GREEN) is (says is Says.MET) for letter in letters]
        if all(agree) if claim.over is Over.BOTH else any(agree):
            return ""
        period, value = next(pair for pair, right in zip(known.items(), agree, strict=True) if not right)
        figure = self.row.printed(value, self.row.actual_style)
        side = "misses" if says is Says.MET else "meets"
        return f"the figure of {figure} ({period.label}) {side} the target of {printed}"

    def _values(self, over: Over) -> Mapping[Period, float]:
        """The measure's figure over the periods that a text may mean by saying so, its own first."""
        last = self.result.as_of
        bases = {
            Over.ROLLING_YEAR: [Basis.RY],
            Over.TO_DATE: [Basis.YTD],
            Over.BOTH: [Basis.RY, Basis.YTD],
        }.get(over, [self.row.basis, Basis.RY, Basis.YTD, *([Basis.QUARTER] if self._quarterly else [])])
        known: dict[Period, float] = {}
        for period in dict.fromkeys(Period.of(last, basis) for basis in bases):
            try:
                known[period] = self.row.figure(self.figures.counts, period)
            except CellError:  # months that the workbook does not hold
                continue
        return known

    @property
    def _quarterly(self) -> bool:
        return self.figures.counts.series(self.row.counted[0]).quarterly

    def _moved(self, claim: Claim) -> str:
        """Against the year before, and every other comparison that a claim may mean."""
        compared = self._compared(claim)
        moves: dict[tuple[Period, Period], float] = {}
        for now, before in compared:
            try:
                moves[now, before] = self._move(claim.part, now, before)
            except CellError:  # months that the workbook does not hold
                continue
        if compared[0] not in moves:
            return ""
        wrong = self._opposed(claim, moves)
        if wrong is None:
            return ""
        now, before = wrong
        what, valued = claim.part or "the figure", ""
        if claim.says in (Says.BETTER, Says.WORSE):
            gained = (moves[wrong] > 0) is (self.row.better is Better.HIGHER)
            valued = f", which is {'better' if gained else 'worse'}"
        return f"{what} is {self._in_words(claim.part, moves[wrong])} ({now.label} against {before.label}){valued}"

    def _opposed(self, claim: Claim, moves: Mapping[tuple[Period, Period], float]) -> tuple[Period, Period] | None:
        """The comparison that a claim is wrong by; None where it may be right."""
        rated = not claim.part and self.row.unit in (Unit.PERCENT, Unit.POINTS)
        if claim.says is Says.SAME:
            least = LEAST_CHANGE if rated else 2 * LEAST_CHANGE
            return next(iter(moves)) if not claim.denied and all(abs(one) > least for one in moves.values()) else None
        up = 1 if claim.says is Says.UP else -1
        if claim.says in (Says.BETTER, Says.WORSE):
            up = 1 if (claim.says is Says.BETTER) is (self.row.better is Better.HIGHER) else -1
        along = {pair: up * move for pair, move in moves.items()}
        if claim.denied:
            return next(iter(along)) if all(move > LEAST for move in along.values()) else None
        against = [pair for pair, move in along.items() if move < -LEAST]
        if claim.over is Over.BOTH:
            return next(iter(against), None)
        sure = next(iter(along)) in against and not any(move > LEAST for move in along.values())
        return against[0] if sure and not self._gained(claim, up) else None

    def _gained(self, claim: Claim, up: int) -> bool:
        """Whether a change is better or worse than the month before, where the claim may mean that."""
        if (
            claim.name in self.subjects.names
            or self.row.unit is not Unit.CHANGE
            or claim.says not in (Says.BETTER, Says.WORSE)
        ):
            return False
        now = Period.of(self.result.as_of, self.row.basis)
        try:
            before = self.row.figure(self.figures.counts, Period.of(now.end - 1, self.row.basis))
        except CellError:
            return False
        return claim.over is Over.UNSAID and up * (self.result.actual - before) > LEAST

    def _in_words(self, part: str, move: float) -> str:
        rated = not part and self.row.unit in (Unit.PERCENT, Unit.POINTS)
        return Style.read("movement_points" if rated else "movement").text(move)

    def _compared(self, claim: Claim) -> list[tuple[Period, Period]]:
        """Periods with the periods that they are compared with; the measure's own and the year before first."""
        last = self.result.as_of
        own, year, to_date = (Period.of(last, basis) for basis in (self.row.basis, Basis.RY, Basis.YTD))
        match claim.over:
            case Over.ROLLING_YEAR:
                return [(year, year.previous)]
            case Over.TO_DATE:
                return [(to_date, to_date.previous)]
            case Over.BOTH:
                return [(year, year.previous), (to_date, to_date.previous)]
        pairs = [(one, one.previous) for one in (own, year, to_date)]
        pairs.append((year, Period.of(last - 12, Basis.FY)))
        if claim.over is Over.UNSAID:
            step = 3 if self._quarterly else 1
            pairs.append((year, Period.of(last - step, Basis.RY)))
            quarter = Period.of(last, Basis.QUARTER)
            pairs += [(quarter, Period.of(last - 3, Basis.QUARTER)), (quarter, quarter.previous)] if step == 3 else []
            pairs += [(own, Period.of(last - 1, Basis.MONTH))] if own.basis is Basis.MONTH else []
        return list(dict.fromkeys(pairs))

    def _move(self, part: str, now: Period, before: Period) -> float:
        """How the figure moved: counts as a fraction of the earlier count, rates and gaps in points."""
        counts = self.figures.counts
        if part or self.row.unit is Unit.CHANGE:
            series = counts.series(part or self.row.counted[0])
            return _part(rates.total(series, now), rates.total(series, before))
        moved, was = self.row.figure(counts, now), self.row.figure(counts, before)
        return moved - was if self.row.unit.fraction else _part(moved, was)


def _part(now: float, before: float) -> float:
    """A difference as a part of what was before."""
    if before == 0:
        raise EmptyDenominator("nothing was counted before")
    return now / before - 1


def _plain(name: str) -> str:
    """A name in the form in which a text is searched for it: lower case, without brackets and their content."""
    return plain_heading(_BRACKETS.sub("", name))
