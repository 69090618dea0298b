"""Checks of the scorecard's comments: figures, directions, periods and notes (T4 to T7, T9)."""

import re
from collections.abc import Iterator

from cpa_xl.config.model import FigureKind
from cpa_xl.errors import CellError, Level
from cpa_xl.functions.measure_table import MeasureResult
from cpa_xl.measures.numbers_in_text import Mismatch, stale
from cpa_xl.measures.periods import NAMES, SHORT, Basis, Month, Period
from cpa_xl.measures.targets import LETTER_WORDS, Better, Letter, Rule, shortfall
from cpa_xl.publish.annotate.marks import provisional_since
from cpa_xl.publish.checks.context import ScorecardRow
from cpa_xl.publish.checks.findings import Finding, finds, found, release_check
from cpa_xl.scorecard.recompute import StoredFigures
from cpa_xl.scorecard.rows import NOTHING

_MONTH = rf"(?:{'|'.join(NAMES)}|{'|'.join(SHORT)})"
_YEAR = r"(?:-\d\d|\s+\d{4})"
MONTH_SPOKEN = re.compile(
    r"\b(?:12 months|twelve months|RY|rolling year|year|YTD|year to date)\s+(?:up\s+)?(?:to|ending|ended)\s+"
    rf"(?:(?:the\s+)?end\s+(?:of\s+)?)?(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?({_MONTH}{_YEAR})(?!\d)",
)
SPAN_SPOKEN = re.compile(rf"\b({_MONTH}{_YEAR})\s*(?:-|–|to)\s*({_MONTH}{_YEAR})(?!\d)")
YTD_SPOKEN = re.compile(rf"\bApr(?:il)?\s?(?:-|–|to)\s?({_MONTH}) (\d{{4}}/\d\d)\b")
ACHIEVED = re.compile(
    r"\btarget (?:is|was|has) (?P<not>not )?(?:being |been )?(?P<what>achieved|met|exceeded|reached|missed)"
    r"(?=\s*(?:[.,;(]|$)| over (?:both )?the rolling year\b)(?: over (?:both )?the rolling year)?",
    re.IGNORECASE,
)
EACH_QUARTER = re.compile(
    r"\beach quarter [^.]{0,40}\b(?:been (?P<side>below|above) target|(?P<met>met|missed) the target)", re.IGNORECASE
)
NEVER = re.compile(r"\bnot been achieved in any previous month\b|\bnever been achieved\b", re.IGNORECASE)
COMPARED = re.compile(r"\b(?:on|against|than|from|to|with)\s+(?:the\s+|that\s+of\s+the\s+)?$")
NO_COMMENT = re.compile(
    r"[\W_]*(?:(?:n/?a|none|tbc|tba|tbd|todo|to (?:follow|come|be (?:confirmed|added|completed))|as (?:above|before)|"
    r"see above|no comment|comment|awaited|x+)[\W_]*)?",
    re.IGNORECASE,
)
REWRITE = "type the figure that holds now, or put back the formula of the comment"


@release_check(
    "T4",
    "every figure in a comment is a computed one",
    on=ScorecardRow,
    level=Level.STOP,
    acceptable=True,
    for_readers="a figure in a comment is not a computed one",
)
@release_check(
    "T5",
    "words of direction agree with the figures",
    on=ScorecardRow,
    level=Level.STOP,
    acceptable=True,
    for_readers="words of a comment do not agree with the figures",
)
def check_comment(row: ScorecardRow) -> Iterator[Finding]:
    """T4, T5: each figure of a comment against the computed facts of its measure, and the way it says they moved.

    A figure that is near none of them was not computed here; that is a warning only.
    """
    figures = row.figures
    if row.measure.figure is None:
        return
    try:
        known, further = figures.known(row.measure), figures.further(row.measure)
        better = 1 if figures.row(row.measure.id).better is Better.HIGHER else -1
    except CellError:  # the headline has no figure, and its check reports that
        return
    text = row.text("comment")
    for wrong in stale(text, known, further=further, better=better):
        code = "T5" if wrong.fault is Mismatch.WRONG_WAY else "T4"
        foreign = wrong.nearest is None
        message = f"{wrong.words}: {'say where it comes from, and have it checked' if foreign else REWRITE}"
        yield found(code, row.place("comment"), message, Level.WARN if foreign else None, wrong.quote(text))


@finds("T5", on=ScorecardRow)
def check_claims(row: ScorecardRow) -> Iterator[Finding]:
    """T5 of what a comment claims of its target: achieved or missed, by each quarter, ever before."""
    figures = row.figures
    if row.measure.figure is None:
        return
    text = row.text("comment")
    for what, holds in _claims(figures, row, text):
        if not holds:
            message = f"says {what!r}, and the stored counts say otherwise: {REWRITE}"
            yield found("T5", row.place("comment"), message, quote=f"{what} ({figures.as_of.label})")


def _claims(figures: StoredFigures, row: ScorecardRow, text: str) -> Iterator[tuple[str, bool]]:
    """The claims of a text, and whether they hold; those that cannot be judged are left out."""
    try:
        stated, result = figures.row(row.measure.id), figures.result(row.measure.id)
        quarters = [figures.fact(row.measure, fact) for fact in row.measure.facts if fact.quarter]
        reached = [figures.fact(row.measure, fact) for fact in row.measure.facts if fact.kind is FigureKind.FEASIBLE]
    except CellError:  # the checks of the facts report it
        return
    target = stated.asked.target
    if result.judged:
        for met in ACHIEVED.finditer(text):
            claims_met = (met["what"].casefold() != "missed") is (met["not"] is None)
            yield met[0], (result.verdict.letter is Letter.GREEN) is claims_met
    if target is not None and (claim := EACH_QUARTER.search(text)):
        missed = [shortfall(one, target, stated.better) > 0 for one in quarters if isinstance(one, float)]
        short = "below" if stated.better is Better.HIGHER else "above"
        said_missed = (claim["side"] or "").casefold() == short or (claim["met"] or "").casefold() == "missed"
        yield claim[0], all(missed) if said_missed else not any(missed)
    if claim := NEVER.search(text):
        judged = (one for one in reached if isinstance(one, str) and one != NOTHING)
        yield from ((claim[0], one.startswith("never done")) for one in judged)


@finds("T6", on=ScorecardRow)
def check_periods(row: ScorecardRow) -> Iterator[Finding]:
    """T6: the periods that a comment names."""
    if (result := _result(row)) is not None:
        yield from _periods(row.figures, row, result)


@release_check(
    "T7",
    "provisional data, proxies, exclusions and baseline years are named as such",
    on=ScorecardRow,
    level=Level.WARN,
    acceptable=True,
    for_readers="some data are provisional, a proxy or incomplete, and not every place says so",
)
def check_said(row: ScorecardRow) -> Iterator[Finding]:
    """T7: what a measure's title or comment has to say of its data."""
    if (result := _result(row)) is not None:
        yield from _notes(row.figures, row, result, row.figures.row(row.measure.id).asked.rule)


@release_check(
    "T9",
    "red and amber rows have a comment",
    on=ScorecardRow,
    level=Level.STOP,
    acceptable=True,
    for_readers="a red or amber measure has no comment",
)
def check_commented(row: ScorecardRow) -> Iterator[Finding]:
    """T9."""
    if (result := _result(row)) is None:
        return
    letter = result.verdict.letter
    if letter in (Letter.RED, Letter.AMBER) and NO_COMMENT.fullmatch(comment := row.text("comment")):
        word, level = LETTER_WORDS[letter].word, None if letter is Letter.RED else Level.WARN
        but = f" but {comment.strip()!r}" if comment.strip() else ""
        message = f"measure {row.measure.id} is {word} and has no comment{but}: say why, and what is being done"
        yield found("T9", row.place("comment"), message, level, f"{word} in {result.period.label}")


def _result(row: ScorecardRow) -> MeasureResult | None:
    """How a row's measure is doing; None where it has no figure, which the check of the figure reports."""
    try:
        return None if row.measure.figure is None else row.figures.result(row.measure.id)
    except CellError:
        return None


def _periods(figures: StoredFigures, row: ScorecardRow, result: MeasureResult) -> Iterator[Finding]:
    """Twelve months to a month, and years to date, that neither the figure nor a fact of the measure is for."""
    text, last = row.text("comment"), result.as_of
    ends = {last, *(figures.period(row.measure, fact).end for fact in row.measure.facts)}
    step = 3 if figures.counts.series(figures.row(row.measure.id).counted[0]).quarterly else 1
    before = {last - step, last - 12, Period.of(last - 12, Basis.FY).end}
    for spoken in MONTH_SPOKEN.finditer(text):
        month, compared = Month.read(spoken[1]), COMPARED.search(text[: spoken.start()])
        if month not in ends and not (compared and month in before):
            message = f"speaks of {spoken[0]!r}, and the data end in {last.label}: {REWRITE}"
            yield found("T6", row.place("comment"), message, quote=f"{spoken[0]} (data to {last.label})")
    for spoken in SPAN_SPOKEN.finditer(text):
        first, end = Month.read(spoken[1]), Month.read(spoken[2])
        compared = COMPARED.search(text[: spoken.start()])
        whole = end - first == 11 and first != Period.of(end, Basis.FY).start  # of a financial year it says its name
        if whole and end not in (before if compared else {last - 12}) | ends:
            message = f"speaks of {spoken[0]!r}, and the rolling year is {(last - 11).label} to {last.label}"
            yield found(
                "T6", row.place("comment"), f"{message}: {REWRITE}", quote=f"{spoken[0]} (data to {last.label})"
            )
    now, same_last_year = (Period.of(month, Basis.YTD).label for month in (last, last - 12))
    for spoken in YTD_SPOKEN.finditer(text):
        if f"Apr-{spoken[1][:3]} {spoken[2]}" not in (now, same_last_year):
            message = f"speaks of {spoken[0]!r}, and the year to date is {now}: {REWRITE}"
            yield found("T6", row.place("comment"), message, quote=f"{spoken[0]} (data to {last.label})")


def _notes(figures: StoredFigures, row: ScorecardRow, result: MeasureResult, rule: Rule | None) -> Iterator[Finding]:
    """What has to be said beside a figure, and is said neither in the row's title nor in its comment."""
    words = " ".join(row.text(field) for field in ("measure", "target_text", "comment")).casefold()
    since = provisional_since(figures.catalogue, row.measure)
    needed = {
        "proxy": f"a proxy for {row.measure.proxy_for}" if row.measure.proxy_for else "",
        "exclud": f"without {', '.join(row.measure.exclusions)}" if row.measure.exclusions else "",
        "baseline": "in its baseline year" if rule is Rule.BASELINE_YEAR else "",
        "provisional": f"provisional from {since.label}" if since is not None and since <= result.as_of else "",
    }
    for word, what in needed.items():
        if what and word not in words:
            message = f"the figure of measure {row.measure.id} is {what}, and neither title nor comment says so"
            yield found("T7", row.place("comment"), f"{message}: add it to the comment", quote=what)
