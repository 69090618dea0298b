"""The statement of a published copy: what it is, its sources, who signed it, and the hashes that verify it.

It is JSON beside the workbook; the sheet `About this copy` shows what readers need. `appearances` describes how sheets
look. Programs write number formats, hidden rows and comments in different ways, so it brings each to one form that
survives another program's save.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl import __version__
from cpa_xl.config.model import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.measures.periods import Month
from cpa_xl.measures.targets import Letter
from cpa_xl.ooxml.a1 import cell_position
from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.sheet import Position, Sheet, Value
from cpa_xl.ooxml.styles import BookStyles
from cpa_xl.ooxml.xml import Element
from cpa_xl.publish.freeze.work import Removed, Stripping, Tab
from cpa_xl.scorecard.rows import read_scorecard
from cpa_xl.scorecard.sign_off import APPROVER, Acceptance, outdated, signatures
from cpa_xl.scorecard.tables import Stamp, read_rows
from cpa_xl.workbook.closed import ClosedWorkbook

_ESCAPED = re.compile(r'\\(.)|"([^"]*)"|_(.)|\*(.)|\[\$-[^\]]*\]', re.DOTALL)
_NAMED = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")  # a currency, with or without its language
_ON = ("1", "true")
_HIDDEN = ("hidden", "veryHidden")

FORMAT = "cpa_xl statement 1"
ABOUT = "About this copy"
WHAT = "A copy for readers, made from a working book. Its figures are those of the day on which it was made."
_OF_FILE = frozenset(("beside", "workbook", "sheets", "looks", "figures"))
_MONTHS = frozenset(("First month", "Last month"))

Plain = dict[str, object]


@dataclass(frozen=True)
class Appearance:
    """A sheet: how its numbers are written, by their cells; what is hidden; and its comments, by their cells."""

    formats: Mapping[Position, str]
    hidden: tuple[str, ...]
    comments: Mapping[Position, str]


@dataclass(frozen=True)
class Found:
    """A finding of a check, as the statement keeps it; `accepted` where a person accepted it.

    `readers` is the sentence in the copy, None where the copy has none.
    """

    code: str
    level: str
    message: str
    place: str
    accepted: Acceptance | None = None
    readers: Mapping[str, str] | None = None

    def plain(self) -> Plain:
        """For JSON."""
        entry: Plain = {"code": self.code, "level": self.level, "message": self.message, "place": self.place}
        if (row := self.accepted) is not None:
            entry["accepted"] = {"text": row.text, "reason": row.reason, "who": row.who, "date": row.date}
        return entry | {"readers": None if self.readers is None else dict(self.readers)}


@dataclass(frozen=True)
class CopyOrigin:
    """What a copy was made from, when and by whom, what was taken out, and what checks found if any were made.

    `shorthand` are the symbols that it shows; `cover` says whether its cover is the one that publishing makes.
    """

    file: str
    sha256: str
    as_of: Month
    stamp: Stamp
    removed: Sequence[Removed] = ()
    findings: Sequence[Found] | None = None
    shorthand: Sequence[str] = ()
    cover: bool = True


def appearances(workbook: ClosedWorkbook) -> dict[str, Appearance]:
    """How the worksheets look."""
    written = [_plain_format(look.format) for look in BookStyles(workbook.package).looks]
    work = Stripping(workbook.package)
    return {tab.name: _of_sheet(work, workbook, tab, written) for tab in work.worksheets()}


def provenance(
    working: ClosedWorkbook,
    catalogue: Catalogue,
    spec: WorkbookSpec,
    origin: CopyOrigin,
) -> Plain:
    """The part of a statement that is known before the copy is finished: all but its hashes and figures."""
    return {
        "format": FORMAT,
        "title": title(working, spec),
        "what": WHAT,
        "as_of": str(origin.as_of),
        "period": origin.as_of.label,
        "contact": spec.publish.contact,
        "letters": dict(Counter(str(row.get("rag") or Letter.NONE) for row in figures(working, spec))),
        "made": {
            "when": origin.stamp.when.isoformat(timespec="minutes"),
            "who": origin.stamp.who,
            "with": f"cpa_xl {__version__}",
        },
        "signed": _signed(working, spec, origin.as_of),
        "source": {"file": origin.file, "sha256": origin.sha256},
        "configuration": {"sha256": catalogue.digest},
        "shorthand": list(origin.shorthand),
        "cover": origin.cover,
        "extracts": _extracts(working, spec),
        "checked": origin.findings is not None,
        "checks": [finding.plain() for finding in origin.findings or ()],
        "removed": _counted(origin.removed),
    }


def title(workbook: ClosedWorkbook, spec: WorkbookSpec) -> str:
    """The title of a copy: the configuration's for its scorecard; else the workbook's own, or the name of its file."""
    if spec.publish.title is not None and (spec.scorecard is None or spec.scorecard.sheet in workbook.sheet_names):
        return spec.publish.title
    for link in workbook.package.relationships(""):
        if link.is_a("core-properties") and link.target in workbook.package:
            found = workbook.package.root(link.target).find("title")
            if found is not None and found.text.strip():
                return found.text.strip()
    return workbook.path.stem


def with_file(
    statement: Plain, copy: ClosedWorkbook, spec: WorkbookSpec, files: Mapping[str, bytes], name: str
) -> Plain:
    """The whole statement: with the hashes of the file, its parts and its cells, and the figures that it shows.

    `files` are the copy, called `name`, and what goes beside it, page and PDF, each by its name.
    """
    digests = {one: hashlib.sha256(content).hexdigest() for one, content in files.items()}
    return statement | {
        "beside": {one: digest for one, digest in digests.items() if one != name},
        "figures": figures(copy, spec),
        "sheets": sheet_digests(copy),
        "looks": look_digests(copy),
        "workbook": {"file": name, "sha256": digests[name], "parts": part_digests(copy.package)},
    }


def figures(copy: ClosedWorkbook, spec: WorkbookSpec) -> list[Plain]:
    """The rows of the scorecard, where the copy has one."""
    if spec.scorecard is None or spec.scorecard.sheet not in copy.sheet_names:
        return []
    return [row.plain() for row in read_scorecard(copy, spec)]


def part_digests(package: Package) -> dict[str, str]:
    """The SHA-256 of every part."""
    return {name: hashlib.sha256(package.part(name)).hexdigest() for name in sorted(package.names)}


def sheet_digests(copy: ClosedWorkbook, left_out: Collection[str] = ()) -> dict[str, str]:
    """The SHA-256 of what the cells of every sheet show, whichever program saved it; empty cells equal empty texts."""
    return {sheet: _cells_digest(copy, sheet) for sheet in copy.sheet_names if sheet not in left_out}


def look_digests(copy: ClosedWorkbook) -> dict[str, Plain]:
    """The SHA-256 of what else every sheet shows, whichever program saved it: number formats, hidden rows, comments."""
    return {
        sheet: {
            "formats": _digest([[*place, code] for place, code in sorted(look.formats.items())]),
            "hidden": _digest(look.hidden),
            "comments": _digest([[*place, text] for place, text in sorted(look.comments.items())]),
        }
        for sheet, look in appearances(copy).items()
    }


def seal(statement: Mapping[str, object]) -> str:
    """The SHA-256 of what a statement says apart from the file, which the sheet in the file repeats."""
    kept = {key: value for key, value in statement.items() if key not in _OF_FILE}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def statement_of(copy: Path) -> Path:
    """The path of the statement of a published copy: beside it."""
    return copy.with_suffix(".json")


def statement_bytes(statement: Plain) -> bytes:
    """The statement as a file."""
    return (json.dumps(statement, indent=1, ensure_ascii=False) + "\n").encode()


def read(content: bytes, name: str) -> Plain:
    """A statement from its file. Raises `Refusal` for anything else."""
    try:
        statement = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is no statement of a published copy: {error}") from None
    if not isinstance(statement, dict) or statement.get("format") != FORMAT:
        raise Refusal(f"{name} is no statement of a published copy, or one of another version; {FORMAT!r} was expected")
    return statement


def _of_sheet(work: Stripping, workbook: ClosedWorkbook, tab: Tab, written: list[str]) -> Appearance:
    sheet, cells = Sheet(work.package.text(tab.part)), workbook.cells(tab.name)
    formats: dict[Position, str] = {}
    hidden = [tab.state] if tab.state in _HIDDEN else []
    hidden += sorted(_hidden_columns(sheet.frame))
    for row in sheet.rows:
        found = [cell for cell in sheet.cells_in(row) if (row.number, cell.number) in cells]
        if b"hidden" in sheet.data[row.start : row.inner] and _is_hidden(sheet, row.start, row.inner):
            hidden.append(f"row {row.number}")
        for cell in found:
            if isinstance(cells[row.number, cell.number].value, float):
                style = int(sheet.cell_attributes(cell).get(b"s", b"0"))
                formats[row.number, cell.number] = written[style] if style < len(written) else ""
    return Appearance(formats, tuple(hidden), dict(_comments(work, tab)))


def _is_hidden(sheet: Sheet, start: int, end: int) -> bool:
    return re.search(rb"""\shidden\s*=\s*["'](?:1|true)["']""", sheet.data[start:end]) is not None


def _hidden_columns(frame: Element) -> Iterator[str]:
    for listing in frame.all("cols"):
        for one in listing.all("col"):
            if one.attributes.get("hidden", "0") in _ON:
                yield from (f"column {at}" for at in range(int(one.attributes["min"]), int(one.attributes["max"]) + 1))


def _comments(work: Stripping, tab: Tab) -> Iterator[tuple[Position, str]]:
    for link in work.package.relationships(tab.part):
        if link.is_a("comments") and link.target in work.package:
            for comment in work.package.root(link.target).walk():
                if comment.name == "comment":
                    text = "".join(one.text for one in comment.walk() if one.name == "t")
                    yield cell_position(comment.attributes["ref"]), " ".join(text.split())


def _plain_format(code: str) -> str:
    """A number format without the ways in which programs write the same: quotes, backslashes, languages, letters."""
    if code.isdigit() and len(code) > 1:
        from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415  # openpyxl takes long

        code = BUILTIN_FORMATS.get(int(code), code)
    code = _NAMED.sub(lambda match: match[1], code)
    code = _ESCAPED.sub(lambda match: match[1] or match[2] or "", code)
    return code.removesuffix(";@").casefold().removeprefix("general") or ""


def _signed(working: ClosedWorkbook, spec: WorkbookSpec, as_of: Month) -> list[Plain]:
    """Who signed, by role; of the approver also why that does not count, where it does not."""
    entries: list[Plain] = []
    for one in signatures(working):
        if one.who:
            date = None if one.date is None else one.date.isoformat()
            why = outdated(one, working, spec, as_of) if one.role == APPROVER else ""
            entries.append({"role": one.role, "who": one.who, "date": date, "does not count": why or None})
    return entries


def _counted(removed: Sequence[Removed]) -> list[Plain]:
    """What was taken out by its kinds alone: the names of hidden sheets and other files stay with us."""
    counts: Counter[str] = Counter()
    for one in removed:
        counts[one.kind] += one.count
    return [{"kind": kind, "count": count} for kind, count in counts.items()]


def _extracts(workbook: ClosedWorkbook, spec: WorkbookSpec) -> list[Plain]:
    """The extracts that the workbook says it was filled from."""
    return [
        {heading: _plain(heading, value) for heading, value in row.items() if value is not None}
        for name, table in spec.tables.items()
        if table.rows is TableRows.EXTRACTS
        for row in read_rows(workbook, name)
    ]


def _plain(heading: str, value: object) -> object:
    if isinstance(value, CellError):
        return value.code
    if heading in _MONTHS and isinstance(value, float):
        return str(Month.read(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _digest(plain: object) -> str:
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _cells_digest(copy: ClosedWorkbook, sheet: str) -> str:
    return _digest(
        [
            [*place, _seen(value)]
            for place, cell in sorted(copy.cells(sheet).items())
            if (value := cell.value) not in (None, "")
        ]
    )


def _seen(value: Value) -> object:
    """A value to nine digits: programs write the last ones of seventeen, and add up, in their own ways."""
    if isinstance(value, CellError):
        return value.code
    return float(f"{value:.9g}") if isinstance(value, float) else value
