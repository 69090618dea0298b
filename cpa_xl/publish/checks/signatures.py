"""Checks of the signatures, and findings that a person accepts with a reason (T10)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.faults import ACCEPTABLE
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.findings import Finding, at, found, registered, release_check
from cpa_xl.scorecard.rows import stated_month
from cpa_xl.scorecard.sign_off import (
    ACCEPTED,
    ACCEPTED_HEADS,
    ANALYST,
    APPROVER,
    ASSURER,
    SIGN_OFF,
    Acceptance,
    Signature,
    acceptances,
    outdated,
    signatures,
)
from cpa_xl.workbook.closed import ClosedWorkbook

_UNSIGNED = "nobody has signed as the approver of these figures"


@release_check(
    "T10",
    "the approver has signed these figures, and each accepted finding has a reason and a name",
    on=Release,
    level=Level.WARN,
    for_readers="the sign-off of the figures is not complete",
)
def check_signed(release: Release) -> Iterator[Finding]:
    """T10 of the signatures: the approver's, of a day on which the figures were there; who made and assured them."""
    working, spec = release.working, release.spec
    signed = {one.role: one for one in signatures(working)}
    approver = signed.get(APPROVER)
    if approver is None:
        message = f"no cell has the name {SIGN_OFF}: give that name to a cell, and let the approver sign in it"
        yield found("T10", working.path.name, message, Level.NOTE, readers=_UNSIGNED)
        return
    place = at(approver.sheet, approver.row, approver.column)
    if not approver.who:
        message = "the approver has not signed: type the name here, and the date into the cell on its right"
        yield found("T10", place, message, readers=_UNSIGNED)
        return
    try:
        as_of = stated_month(working, spec)
    except Refusal:  # the checks of the figures report it
        return
    if why := outdated(approver, working, spec, as_of):
        message = f"{why}: let the approver look at the figures as they are, and sign again"
        yield found("T10", place, message, readers=f"the approver's signature does not count: {why}")
    yield from _accepted_later(working, approver)
    for role, done in ((ANALYST, "made"), (ASSURER, "checked")):
        other = signed.get(role)
        if other is not None and not other.who:
            message = f"the {role} who {done} the figures is not named"
            yield found("T10", at(other.sheet, other.row, other.column), message, Level.NOTE, readers=message)
    names = [signed[role].who.casefold() for role in (ANALYST, ASSURER) if role in signed]
    if len(names) == 2 and names[0] and names[0] == names[1]:
        problem = f"{signed[ASSURER].who} checked figures of their own"
        place = at(signed[ASSURER].sheet, signed[ASSURER].row, signed[ASSURER].column)
        yield found("T10", place, f"{problem}: let another person check them", readers=problem)


def _accepted_later(working: ClosedWorkbook, approver: Signature) -> Iterator[Finding]:
    """What was accepted after the approver signed, and so without the approver."""
    for row in acceptances(working) or ():
        if row.day is not None and approver.date is not None and row.day > approver.date:
            message = (
                f"was accepted on {row.date}, after {approver.who} signed: let the approver see it, and sign again"
            )
            problem = f"something was accepted on {row.date}, after {approver.who} signed"
            yield found("T10", at(*row.place), message, readers=problem)


def with_acceptances(findings: Iterable[Finding], working: ClosedWorkbook) -> Iterator[Finding]:
    """The findings; those that the workbook's table accepts as notes that say who accepted them, and why.

    Told besides: rows of the table that accept nothing, and where the table is not there and something could be
    accepted.
    """
    every, rows = list(findings), acceptances(working)
    if rows is None:
        yield from every
        if any(one.quote and one.level is not Level.NOTE for one in every):
            heads = ", ".join(ACCEPTED_HEADS)
            message = f"has no table {ACCEPTED}: to accept a finding, add one with the columns {heads}"
            yield found("T10", working.path.name, message, Level.NOTE, readers="")
        return
    listed = [row for row in rows if row.code not in ACCEPTABLE]  # those are for a refresh
    usable = [row for row in listed if not _fault(row)]
    for finding in every:
        covering = next((row for row in usable if _covers(row, finding)), None)
        yield finding if covering is None else _accepted(finding, covering)
    for row in listed:
        if fault := _fault(row):
            yield found("T10", at(*row.place), f"accepts nothing: {fault}", readers="")
        elif not any(_covers(row, finding) for finding in every):
            yield found("T10", at(*row.place), _idle(row, every), Level.NOTE, readers="")


def _fault(row: Acceptance) -> str:
    """Why a row of the table cannot accept anything; "" where it can."""
    checks = registered()
    if row.code not in checks:
        return f"{row.code or 'an empty cell'} is no code of a check"
    if not checks[row.code].acceptable:
        return f"{row.code} ({checks[row.code].about}) cannot be accepted, only put right"
    needed = (("cell", row.cell), ("text", row.text), ("reason", row.reason), ("name in Who", row.who))
    missing = [what for what, there in needed if not there]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def _covers(row: Acceptance, finding: Finding) -> bool:
    if finding.code != row.code or finding.level is Level.NOTE or _cell(finding.place) != _cell(row.cell):
        return False
    return _plain(row.text) in (_plain(finding.quote or finding.message), _plain(finding.message))


def _cell(place: str) -> str:
    return " ".join(place.replace("$", "").replace("'", "").split()).casefold()


def _plain(text: str) -> str:
    """A text without what differs between a terminal and a cell."""
    return " ".join(text.split()).strip("\"'“”‘’").casefold()


def _accepted(finding: Finding, row: Acceptance) -> Finding:
    when = f" on {row.date}" if row.date else ""
    message = f"accepted by {row.who}{when}: {row.reason}; what was found: {finding.message}"
    return replace(finding, level=Level.NOTE, message=message, accepted=row)


def _idle(row: Acceptance, findings: Sequence[Finding]) -> str:
    message = f"accepts {row.code} {row.cell} {row.text!r}, and no such thing was found: "
    others = [one for one in findings if one.code == row.code and _cell(one.place) == _cell(row.cell)]
    quotes = " or ".join(f'"{one.quote}"' for one in others if one.quote and one.level is not Level.NOTE)
    if quotes:
        return f"{message}the cell has changed since; if {quotes} is to be accepted too, accept it again"
    return f"{message}delete the row"
