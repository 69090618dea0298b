"""Reads from a workbook's cells who signed it, and which findings of its checks they accept.

The approver signs in the cell named sign_off, with the date in the cell on its right; analyst and assurer sign in
cells with names of their own. A row of the table Accepted is a finding that a named person accepts.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cpa_xl.config.model import TableRows, WorkbookSpec
from cpa_xl.extracts.faults import ACCEPTABLE
from cpa_xl.measures.periods import NAMES, SERIAL_ZERO, SHORT, Month
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.sheet import Value
from cpa_xl.scorecard.tables import read_rows
from cpa_xl.workbook.closed import ClosedWorkbook, ReadableWorkbook

SIGN_OFF = "sign_off"  # the name of the cell in which the approver signs
ANALYST, ASSURER, APPROVER = "analyst", "assurer", "approver"
ROLES = {ANALYST: "signed_analyst", ASSURER: "signed_assurer", APPROVER: SIGN_OFF}  # role: name of its cell
ACCEPTED = "Accepted"
ACCEPTED_HEADS = ("Code", "Cell", "Text", "Reason", "Who", "Date")

_WRITTEN = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+([A-Z][a-z]{2})[a-z]*\.?\s+(\d{4})\b")
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_DAYS_TO_1904 = 1462


@dataclass(frozen=True)
class Signature:
    """The cell of a role: `who` is "" without a signature, `date` None where the date cell holds no day."""

    role: str
    sheet: str
    row: int
    column: int
    who: str
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A row of the table of accepted findings as typed; `place` is the cell of its code, `day` its date."""

    place: tuple[str, int, int]
    code: str
    cell: str
    text: str
    reason: str
    who: str
    date: str
    day: dt.date | None = None


def signatures(workbook: ClosedWorkbook) -> tuple[Signature, ...]:
    """The signatures of analyst, assurer and approver, as far as the workbook has a cell for them."""
    names = {name.casefold(): name for name in workbook.names}
    return tuple(_signature(workbook, role, names[name]) for role, name in ROLES.items() if name in names)


def _signature(workbook: ClosedWorkbook, role: str, name: str) -> Signature:
    sheet, row, column = workbook.named_cell(name)
    cells = workbook.cells(sheet)
    who, beside = (
        None if (cell := cells.get(place)) is None else cell.value for place in ((row, column), (row, column + 1))
    )
    signed = _text(who)
    return Signature(role, sheet, row, column, signed, _day(beside, workbook) or _day(signed, workbook))


def _day(value: Value, workbook: ReadableWorkbook) -> dt.date | None:
    """The day that a cell holds as a date or as text (2 February 2009, 2009-02-02); None where it holds none."""
    if isinstance(value, float) and 1 <= value < 2_000_000:
        return SERIAL_ZERO + dt.timedelta(days=int(value) + _DAYS_TO_1904 * workbook.date1904)
    if not isinstance(value, str):
        return None
    iso, written = _ISO.search(value), _WRITTEN.search(value)
    try:
        if iso:
            return dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
        return dt.date(int(written[3]), SHORT.index(written[2]) + 1, int(written[1])) if written else None
    except ValueError:  # 31 February, or an unknown month
        return None


def figures_from(workbook: ClosedWorkbook, spec: WorkbookSpec, as_of: Month) -> tuple[dt.date, str]:
    """The day from which the figures are as they are, and a sentence why: the last refresh, or the month's end."""
    latest, why = as_of.last_day, f"{as_of.label} ended on {written_day(as_of.last_day)}"
    for name, table in spec.tables.items():
        if table.rows is not TableRows.LOG or name not in workbook.tables:
            continue
        for row in read_rows(workbook, name):
            day = _day(row.get("When"), workbook)
            if day is not None and day > latest:
                latest, why = day, f"the last refresh was on {written_day(day)}"
    return latest, why


def acceptances(workbook: ReadableWorkbook) -> Iterator[Acceptance] | None:
    """The non-empty rows of the table Accepted; None where the workbook has no such table."""
    name = next((one for one in workbook.tables if one.casefold() == ACCEPTED.casefold()), None)
    return None if name is None else _rows(workbook, name)


def accepted_of_extracts(workbook: ReadableWorkbook) -> tuple[dict[str, str], tuple[str, ...]]:
    """The stops of extracts that somebody accepts: by the text that names each, who does and why.

    The second answer says which rows of the table accept nothing, because they lack the reason or the name.
    """
    found: dict[str, str] = {}
    notes: list[str] = []
    for row in acceptances(workbook) or ():
        if row.code not in ACCEPTABLE:
            continue
        missing = [what for what, there in (("text", row.text), ("reason", row.reason), ("name in Who", row.who))
                   if not there]  # fmt: skip
        if missing:
            place = f"{row.place[0]}!{cell_name(*row.place[1:])}"
            notes.append(f"{place}: the row accepts no finding of extracts: it has no {' and no '.join(missing)}")
            continue
        when = f" on {row.date}" if row.date else ""
        found[row.text.strip("\"'“”‘’")] = f"accepted by {row.who}{when}: {row.reason.rstrip('.')}"
    return found, tuple(notes)


def _rows(workbook: ReadableWorkbook, name: str) -> Iterator[Acceptance]:
    table = workbook.tables[name]
    columns = {column.name.strip().casefold(): table.first_col + at for at, column in enumerate(table.columns)}
    cells = workbook.cells(table.sheet)
    for row in range(table.first_body_row, table.last_body_row + 1):
        values = {
            head: None if (cell := cells.get((row, columns.get(head.casefold(), 0)))) is None else cell.value
            for head in ACCEPTED_HEADS
        }
        day = _day(values["Date"], workbook)
        texts = [_text(values[head]) for head in ACCEPTED_HEADS[:-1]]
        if any(texts):
            date = written_day(day) if day is not None else _text(values["Date"])
            code, cell_, text, reason, who = texts
            place = (table.sheet, row, columns.get("code", table.first_col))
            yield Acceptance(place, code.upper(), cell_, text, reason, who, date, day)


def written_day(day: dt.date) -> str:
    """A day in words: 2 February 2009."""
    return f"{day.day} {NAMES[day.month - 1]} {day.year}"


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else " ".join(str(value).split())


def outdated(signature: Signature, workbook: ClosedWorkbook, spec: WorkbookSpec, as_of: Month) -> str:
    """Why a signature cannot be for the workbook's present figures; "" where it can."""
    if signature.date is None:
        return f"{signature.who} signed without a date, so it is unclear for which figures"
    latest, why = figures_from(workbook, spec, as_of)
    if signature.date < latest:
        return f"{signature.who} signed on {written_day(signature.date)}, and {why}"
    return ""
