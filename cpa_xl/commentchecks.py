"""Whether the comments of a scorecard still hold: their figures, directions, periods and notes."""

import re
from collections.abc import Iterator

from cpa_xl.catalogue import Kind
from cpa_xl.commentary import Fault, stale
from cpa_xl.errors import CellError
from cpa_xl.faults import Level
from cpa_xl.findings import Finding, found
from cpa_xl.measurerows import Standing
from cpa_xl.periods import Basis, Month, Period
from cpa_xl.rowmarks import provisional_since
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.targets import Letter, Rule, shortfall
from cpa_xl.trustchecks import ScorecardRow

MONTH_SPOKEN = re.compile(r"\b(?:12 months|RY|rolling year|year) to ([A-Z][a-z]{2}-\d\d)\b")
ACHIEVED = re.compile(r"\btarget is being (achieved|missed) over (?:both )?the rolling year\b", re.IGNORECASE)
EACH_QUARTER = re.compile(r"\beach quarter [^.]{0,40}\b(?:(been (?:below|above) target)|met the target)", re.IGNORECASE)
NEVER = re.compile(r"\bnot been achieved in any previous month\b|\bnever been achieved\b", re.IGNORECASE)
COMPARED = re.compile(r"\b(?:on|against|than|from|to|with)\s+(?:the\s+|that\s+of\s+the\s+)?$")
YTD_SPOKEN = re.compile(r"\bApr-[A-Z][a-z]{2} \d{4}/\d\d\b")
REWRITE = "type the figure that holds now, or put back the formula of the comment"


def check_comment(figures: StoredFigures, row: ScorecardRow) -> Iterator[Finding]:
    """T4, T5: each figure of a comment against the computed facts of its measure, and the way it says they moved.

    A figure that is near none of them was not computed here; that is a warning only.
    """
    if row.measure.figure is None:
        return
    try:
        known = figures.known(row.measure)
    except CellError:  # the headline has no figure, which is told there
        return
    for wrong in stale(row.text("comment"), known):
        if wrong.fault is Fault.WRONG_WAY:
            yield found("T5", row.place("comment"), f"{wrong.words}: {REWRITE}")
        elif wrong.nearest is None:
            message = f"{wrong.words}: say where it comes from, and have it checked"
            yield found("T4", row.place("comment"), message, Level.WARN)
        else:
            yield found("T4", row.place("comment"), f"{wrong.words}: {REWRITE}")


def check_claims(figures: StoredFigures, row: ScorecardRow) -> Iterator[Finding]:
    """T5 of what a comment claims of its target: achieved or missed, by each quarter, ever before."""
    if row.measure.figure is None:
        return
    text = row.text("comment")
    for what, holds in _claims(figures, row, text):
        if not holds:
            yield found("T5", row.place("comment"), f"says {what!r}, and the stored counts say otherwise: {REWRITE}")


def _claims(figures: StoredFigures, row: ScorecardRow, text: str) -> Iterator[tuple[str, bool]]:
    """The claims of a text, and whether they hold; those that cannot be judged are left out."""
    try:
        stated, stands = figures.row(row.measure.id), figures.standing(row.measure.id)
        quarters = [figures.fact(row.measure, fact) for fact in row.measure.facts if fact.quarter]
        reached = [figures.fact(row.measure, fact) for fact in row.measure.facts if fact.kind is Kind.FEASIBLE]
    except CellError:  # told by the checks of the facts
        return
    target = stated.asked.target
    if stands.judged and (claim := ACHIEVED.search(text)):
        yield claim[0], (stands.verdict.letter is Letter.GREEN) is (claim[1].casefold() == "achieved")
    if target is not None and (claim := EACH_QUARTER.search(text)):
        missed = [shortfall(one, target, stated.better) > 0 for one in quarters if isinstance(one, float)]
        yield claim[0], all(missed) if claim[1] else not any(missed)
    if claim := NEVER.search(text):
        yield from ((claim[0], one.startswith("never done")) for one in reached if isinstance(one, str))


def check_words(figures: StoredFigures, row: ScorecardRow) -> Iterator[Finding]:
    """T6, T7, T9: the periods that a comment names, the notes that its measure needs, and whether there is one."""
    if row.measure.figure is None:
        return
    try:
        stands, rule = figures.standing(row.measure.id), figures.row(row.measure.id).asked.rule
    except CellError:  # told by the check of the figure
        return
    yield from _periods(figures, row, stands)
    yield from _notes(figures, row, stands, rule)
    letter = stands.verdict.letter
    if letter in (Letter.RED, Letter.AMBER) and not row.text("comment").strip():
        word, level = ("red", None) if letter is Letter.RED else ("amber", Level.WARN)
        message = f"measure {row.measure.id} is {word} and has no comment: say why, and what is being done"
        yield found("T9", row.place("comment"), message, level)


def _periods(figures: StoredFigures, row: ScorecardRow, stands: Standing) -> Iterator[Finding]:
    """Twelve months to a month, and years to date, that neither the figure nor a fact of the measure is for."""
    text, last = row.text("comment"), stands.as_of
    ends = {last, *(figures.period(row.measure, fact).end for fact in row.measure.facts)}
    step = 3 if figures.counts.series(figures.row(row.measure.id).counted[0]).quarterly else 1
    before = {last - step, last - 12}
    for spoken in MONTH_SPOKEN.finditer(text):
        month, compared = Month.read(spoken[1]), COMPARED.search(text[: spoken.start()])
        if month not in ends and not (compared and month in before):
            message = f"speaks of {spoken[0]!r}, and the data end in {last.label}: {REWRITE}"
            yield found("T6", row.place("comment"), message)
    labels = {Period.of(month, Basis.YTD).label for month in (last, last - 12)}
    for spoken in YTD_SPOKEN.finditer(text):
        if spoken[0] not in labels:
            message = f"speaks of {spoken[0]!r}, and the year to date is {Period.of(last, Basis.YTD).label}: {REWRITE}"
            yield found("T6", row.place("comment"), message)


def _notes(figures: StoredFigures, row: ScorecardRow, stands: Standing, rule: Rule | None) -> Iterator[Finding]:
    """What has to be said beside a figure, and is said neither in the row's title nor in its comment."""
    said = " ".join(row.text(field) for field in ("measure", "target_text", "comment")).casefold()
    since = provisional_since(figures.catalogue, row.measure)
    needed = {
        "proxy": f"a proxy for {row.measure.proxy_for}" if row.measure.proxy_for else "",
        "exclud": f"without {', '.join(row.measure.exclusions)}" if row.measure.exclusions else "",
        "baseline": "in its baseline year" if rule is Rule.BASELINE_YEAR else "",
        "provisional": f"provisional from {since.label}" if since is not None and since <= stands.as_of else "",
    }
    for word, what in needed.items():
        if what and word not in said:
            message = f"the figure of measure {row.measure.id} is {what}, and neither title nor comment says so"
            yield found("T7", row.place("comment"), f"{message}: add it to the comment")
