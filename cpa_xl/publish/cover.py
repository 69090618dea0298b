"""The sheets that a published copy gets: cover, contents, statement, and `What changed`.

Findings go on them in words for readers. The message of a finding tells analysts what to do. Readers get the sentence
of the check, and the places of cells only on sheets that the copy has.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cpa_xl.errors import Level, Refusal
from cpa_xl.measures.figures import marks_in, meanings
from cpa_xl.measures.targets import LETTER_WORDS
from cpa_xl.ooxml.insert import with_properties
from cpa_xl.ooxml.sheet import Position
from cpa_xl.publish.annotate.since_last import HEADINGS, Comparison, change_rows
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.checks.run import checks
from cpa_xl.publish.statement import ABOUT, seal
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import CHANGED, CONTENTS, COVER, NOTES, TextSheet, with_text_sheets

_WIDTHS = (30, 100)  # of the two columns, in digits of the usual font
_HEADINGS = frozenset(("Statement", "Extracts", "Checks", "Left out, or made values"))
ONE_TABLE = "This worksheet contains one table. "
_UNTITLED, _CHART = "(no title)", "A chart"

TextPair = tuple[str, str]

TABLE = "Changes"
EMPTY = "Empty cells: it is new (column Before), it is gone (column Now), no past month was revised (column Mark)."
_CHANGE_WIDTHS = (18, 44, 34, 34, 8)
_TITLE = "What changed since "

WHAT: Mapping[Level, str] = MappingProxyType({
    Level.STOP: "Wrong", Level.WARN: "Weakness", Level.NOTE: "Remark",
})  # fmt: skip
ACCEPTED = "Accepted"


@dataclass(frozen=True)
class PublishedChanges:
    """What the sheet says: its title, the sentence under it, its rows under `HEADINGS`; none where nothing changed."""

    title: str
    sentence: str
    rows: tuple[tuple[str, ...], ...]


def cover_rows(statement: Mapping[str, object], sheets: Collection[str]) -> list[TextPair]:
    """The rows of the cover: a label and its text."""
    rows = [
        (full_title(statement), ""),
        ("This worksheet says what this copy is, and where to go on.", ""),
        ("Period", str(statement["period"])),
        ("What this is", str(statement["what"])),
        ("Made on", str(_mapping(statement["made"])["when"]).partition("T")[0]),
        ("Contact", str(statement["contact"] or "not stated")),
        *_letters(_mapping(statement["letters"])),
        *meanings(_texts(statement["shorthand"])).items(),
        (CONTENTS, "what each sheet holds"),
    ]
    if NOTES in sheets:
        rows.append((NOTES, "how the figures are made, and what letters and shorthand mean"))
    if CHANGED in sheets:
        # `verify` writes this sheet again and compares: other words would contradict copies that are out already.
        rows.append((CHANGED, "what is other than in the copy published before"))
    return [*rows, (ABOUT, "what this copy was made from, by whom, what was checked, and what readers do not get")]


def lacks_cover(workbook: ClosedWorkbook) -> bool:
    """Whether the workbook has no cover, so that publishing adds one."""
    return COVER.casefold() not in map(str.casefold, workbook.sheet_names)


def used_shorthand(workbook: ClosedWorkbook) -> tuple[str, ...]:
    """The shorthand that the cells show. Column A is left out: it holds the explanations."""
    texts = {
        cell.value
        for sheet in workbook.sheet_names
        for (_, column), cell in workbook.cells(sheet).items()
        if isinstance(cell.value, str) and "[" in cell.value and column > 1
    }
    return tuple(meanings(marks_in(texts)))


def full_title(statement: Mapping[str, object]) -> str:
    """The title of a copy with its period."""
    return f"{statement['title']}, {statement['period']}"


def about_rows(statement: Mapping[str, object]) -> list[TextPair]:
    """The rows of the statement's sheet."""
    made, source = _mapping(statement["made"]), _mapping(statement["source"])
    rows = [
        ("About this copy", ""),
        ("This worksheet says what this copy was made from. The file beside it that ends in .json says the same.", ""),
        ("Statement", ""),
        ("Made", f"{made['when']} by {made['who']} with {made['with']}"),
        *_signed(statement),
        ("From", f"{source['file']}, SHA-256 {source['sha256']}"),
        ("Configuration", f"SHA-256 {_mapping(statement['configuration'])['sha256']}"),
        ("Extracts", ""),
    ]
    rows += [(str(one.get("File", "")), _extract(one)) for one in _list(statement["extracts"])]
    checks = _checks(_list(statement["checks"]))
    none = "nothing that readers need to know" if statement["checks"] else "nothing found"
    rows.append(("Checks", "" if checks else none if statement["checked"] else "none were made"))
    rows += checks
    rows.append(("Left out, or made values", "" if statement["removed"] else "nothing"))
    rows += [(str(one["kind"]), str(one["count"])) for one in _list(statement["removed"])]
    rows.append(("Statement's SHA-256", seal(statement)))
    return rows


def cells(rows: Sequence[TextPair]) -> dict[Position, str]:
    """What the cells of a sheet of such rows say."""
    return {(row, column): text for row, pair in enumerate(rows, 1) for column, text in enumerate(pair, 1) if text}


def with_cover(workbook: ClosedWorkbook, statement: Mapping[str, object]) -> ClosedWorkbook:
    """The workbook with cover, contents and statement, and with title and language among its properties.

    If the workbook has a cover or contents, these stay and no second one is added. Raises `Refusal` where it has a
    statement.
    """
    refuse_published(workbook)
    sheet_names = {name.casefold() for name in workbook.sheet_names}
    front = [
        sheet
        for sheet in (_cover(workbook, statement), _contents(workbook))
        if sheet.name.casefold() not in sheet_names
    ]
    made = with_text_sheets(workbook, [_about(statement)], front)
    return ClosedWorkbook(with_properties(made.package, full_title(statement)))


def refuse_published(workbook: ClosedWorkbook) -> None:
    """Raise `Refusal` for a workbook that has a statement, as a published copy has."""
    if ABOUT.casefold() in map(str.casefold, workbook.sheet_names):
        path = workbook.package.path
        raise Refusal(f"{path} has a sheet {ABOUT!r} already; publish the working workbook, or rename that sheet")


def with_changes(copy: ClosedWorkbook, last: Comparison) -> ClosedWorkbook:
    """The copy with the sheet, behind all others. Raises `Refusal` where it has one of that name."""
    if CHANGED.casefold() in map(str.casefold, copy.sheet_names):
        raise Refusal(f"{copy.path} has a sheet {CHANGED!r} already; rename that sheet")
    found = list(change_rows(last.changes))
    some = "[r] marks a past month that was revised." if any(row[-1] for row in found) else "No past month was revised."
    shown = some if found else "Nothing changed."
    sentence = f"This copy is compared with {last.file}. {shown}"
    title = f"{_TITLE}{last.month}"
    if not found:
        return with_text_sheets(copy, [TextSheet(CHANGED, [(title,), (sentence,)], _CHANGE_WIDTHS)])
    above = [(title,), (f"{ONE_TABLE}{sentence}",), (EMPTY,)]
    sheet = TextSheet(CHANGED, [*above, HEADINGS, *found], _CHANGE_WIDTHS, table=TABLE, top=len(above) + 1)
    return with_text_sheets(copy, [sheet])


def published_changes(copy: ClosedWorkbook) -> PublishedChanges | None:
    """What the sheet of a published copy says; None of a workbook that has no such sheet."""
    if CHANGED not in copy.sheet_names:
        return None
    cells = {place: str(cell.value) for place, cell in copy.cells(CHANGED).items() if cell.value is not None}
    title, sentence = cells.get((1, 1), ""), cells.get((2, 1), "").removeprefix(ONE_TABLE)
    if not title.startswith(_TITLE):  # the workbook's own sheet of this name
        return None
    listed = [
        tuple(cells.get((row, table.first_col + at), "") for at in range(len(HEADINGS)))
        for table in copy.tables.values()
        if table.sheet == CHANGED and tuple(column.name for column in table.columns) == HEADINGS
        for row in range(table.first_body_row, table.last_body_row + 1)
    ]
    return PublishedChanges(title, sentence, tuple(listed))


def for_readers(finding: Finding, sheets: Collection[str]) -> Mapping[str, str] | None:
    """A finding for the readers of a copy with these sheets; None where it concerns only editors of the workbook.

    The texts say what it is, what it means, where, and why it was accepted; "" where there is nothing to say.
    """
    means = checks()[finding.code].for_readers if finding.readers is None else finding.readers
    if not means:
        return None
    sheet, _, cell = finding.place.rpartition("!")
    where = f"{sheet}, cell {cell}" if cell and sheet in sheets else finding.place if finding.place in sheets else ""
    row = finding.accepted
    if row is None:
        return {"what": WHAT[finding.level], "means": means, "where": where, "accepted": ""}
    text = f': "{row.text}"' if finding.quote and where else ""
    when = f" on {row.date}" if row.date else ""
    return {"what": ACCEPTED, "means": f"{means}{text}", "where": where, "accepted": f"{row.who}{when}: {row.reason}"}


def _letters(counts: Mapping[str, object]) -> Iterator[TextPair]:
    """How many measures have each letter: a line, where there are any."""
    pairs = [
        f"{count} {LETTER_WORDS[letter].have_it if letter in LETTER_WORDS else letter}"
        for letter, count in sorted(counts.items(), key=_in_order)
    ]
    if pairs:
        yield "Letters", ", ".join(pairs)


def _in_order(counted: tuple[str, object]) -> int:
    return list(LETTER_WORDS).index(counted[0]) if counted[0] in LETTER_WORDS else len(LETTER_WORDS)


def _checks(findings: Iterable[Mapping[str, object]]) -> list[TextPair]:
    """What checks found, in the words for readers; equal findings share a row. Reads statements of all versions."""
    places: dict[tuple[str, str, str], list[str]] = {}
    rows = list[TextPair]()
    for one in findings:
        if "readers" not in one:
            rows.append((f"{one['level']}: {one['code']}", f"{one['place']}: {one['message']}"))
        elif readers := _mapping(one["readers"]):
            known = places.setdefault((str(readers["what"]), str(readers["means"]), str(readers["accepted"])), [])
            known += [str(readers["where"])] if readers["where"] and readers["where"] not in known else []
    for (what, means, accepted), where in places.items():
        stands = f" ({'; '.join(where)})" if where else ""
        rows.append((what, f"{means}{stands}{f'; accepted by {accepted}' if accepted else ''}"))
    return rows


def _signed(statement: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Who answers for the figures; statements of earlier versions say nothing of that."""
    signed = list(_list(statement.get("signed")))
    for one in signed:
        but = f"; does not count: {one['does not count']}" if one["does not count"] else ""
        yield str(one["role"]).capitalize(), f"{one['who']}, {one['date'] or 'without a date'}{but}"
    if "signed" in statement and not any(one["role"] == "approver" for one in signed):
        yield "Approver", "nobody has signed"


def _extract(extract: Mapping[str, object]) -> str:
    months = " to ".join(str(extract[key]) for key in ("First month", "Last month") if key in extract)
    details = [str(extract.get("Title", "")), months, f"{extract.get('Rows', 'no')} rows"]
    return ", ".join([one for one in details if one] + [f"SHA-256 {extract.get('SHA256', 'not known')}"])


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> Iterator[str]:
    return (str(one) for one in (value if isinstance(value, list) else []))


def _list(value: object) -> Iterator[Mapping[str, object]]:
    return (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))


def _cover(workbook: ClosedWorkbook, statement: Mapping[str, object]) -> TextSheet:
    rows = cover_rows(statement, workbook.sheet_names)
    leading = {number: name for number, (name, _) in enumerate(rows, 1) if name in (CONTENTS, NOTES, CHANGED, ABOUT)}
    return TextSheet(COVER, rows, _WIDTHS, links=leading)


def _about(statement: Mapping[str, object]) -> TextSheet:
    rows = about_rows(statement)
    headings = (number for number, (name, _) in enumerate(rows, 1) if name in _HEADINGS)
    return TextSheet(ABOUT, rows, _WIDTHS, frozenset(headings))


def _contents(workbook: ClosedWorkbook) -> TextSheet:
    listing = workbook.package.root(workbook.package.workbook_part).find("sheets")
    tabs = [one.attributes["name"] for one in (listing.all("sheet") if listing is not None else ())]
    held = [(name, _held(workbook, name) if name in workbook.sheet_names else _CHART) for name in tabs]
    held.append((ABOUT, "What this copy was made from"))
    rows = [(CONTENTS, ""), (f"{ONE_TABLE}Each row is a sheet of this workbook, with a link to it.", "")]
    rows.append(("Sheet", "What it holds"))
    links = {number: name for number, (name, _) in enumerate(held, len(rows) + 1)}
    return TextSheet(CONTENTS, [*rows, *held], _WIDTHS, links=links, table=CONTENTS, top=len(rows))


def _held(workbook: ClosedWorkbook, sheet: str) -> str:
    """What a sheet says of itself: its title, or the sentence under a title that only repeats the sheet's name."""
    shown = workbook.cells(sheet)
    texts = [str(cell.value).strip() for row in (1, 2) if (cell := shown.get((row, 1))) is not None and cell.value]
    sentences = [text.removeprefix(ONE_TABLE) for text in texts if text.casefold() != sheet.casefold()]
    return sentences[0] if sentences else _UNTITLED
