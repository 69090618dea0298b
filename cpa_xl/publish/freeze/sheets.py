"""Takes out whole sheets (hidden sheets, macro sheets, sheets of records), and fixes the charts that showed them.

A chart keeps its stored values up to date. Values from a sheet that is left out become the chart's own; a sparkline
keeps its cells.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cpa_xl.config.model import Publish
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.references import FormulaTextError, Mentions, Token, TokenKind, function_name, read_tokens
from cpa_xl.ooxml.cells import encoded, number_text, stated_cell
from cpa_xl.ooxml.charts import CellsReader, Shown, refreshed
from cpa_xl.ooxml.insert import without_sheets
from cpa_xl.ooxml.sheet import Position, Sheet, Value
from cpa_xl.ooxml.tables import NamedAreas
from cpa_xl.ooxml.xml import Edit, Element, set_attribute
from cpa_xl.publish.freeze.work import Stripping, Tab
from cpa_xl.workbook.closed import ClosedWorkbook

_MACRO_SHEETS = {"xlMacrosheet": "macro sheet", "xlIntlMacrosheet": "macro sheet", "dialogsheet": "dialog sheet"}
_HIDDEN = {"hidden": "hidden sheet", "veryHidden": "very hidden sheet"}
CHART = "drawingml.chart+xml"
_NEWER_CHART = "vnd.ms-office.chartex+xml"  # other charts can keep values themselves
_CHOSEN = "sheet that workbooks.yaml leaves out"
_RECORDS = "sheet of records"

_LOOK = ("bodyPr", "pPr")  # of a title's letters
_PREFIX = re.compile(r"<((?:[\w.-]+:)?)bodyPr")
_KEPT = {"numRef": "numCache", "strRef": "strCache", "multiLvlStrRef": "multiLvlStrCache"}


@dataclass(frozen=True)
class SheetsToRemove:
    """The sheets to take out, each with its kind, and the tables on them.

    `needed` are the cells that sparklines and newer charts show of hidden sheets: such a sheet is shown and keeps only
    these cells.
    """

    sheets: Mapping[str, str]
    needed: Mapping[str, frozenset[Position]] = field(default_factory=dict)
    tables: tuple[str, ...] = ()

    def reads_removed(self, names: frozenset[str]) -> "ReadsRemoved":
        """Finds formulas that read them, or one of these names that leave too."""
        return ReadsRemoved(frozenset(self.sheets), names | frozenset(self.tables))


class ReadsRemoved:
    """Judges whether a formula reads a removed sheet, table or name."""

    def __init__(self, sheets: frozenset[str], names: frozenset[str]) -> None:
        self._sheets = sheets
        self._mentions = Mentions(sheets or {"\0"}, names or {"\0"})

    def __call__(self, formula: str) -> bool:
        if self._mentions.within(formula):
            return True
        try:
            tokens = list(read_tokens(formula)) if self._sheets else []
        except FormulaTextError:
            return False
        return any(map(self._may_lead_there, tokens))

    def _may_lead_there(self, token: Token) -> bool:
        """Whether a token may refer to a removed sheet: a range of sheets around it, a reference from text, a link."""
        book = token.text.rpartition("!")[0].rpartition("]")[2]
        if token.kind is TokenKind.TEXT:
            text = token.text.casefold()
            return "!" in text and any(sheet.casefold() in text for sheet in self._sheets)
        return ":" in book or (
            token.kind is TokenKind.CALL and function_name(token.text.removesuffix("(")) == "INDIRECT"
        )


def left_out(workbook: ClosedWorkbook, setting: Publish, others: Iterable[str] = ()) -> dict[str, str]:
    """The sheets that the setting leaves out, and are there, each with its kind; `others` are no worksheets."""
    of_tables = {name.casefold(): table.sheet for name, table in workbook.tables.items()}
    sheets = of_tables | {name.casefold(): name for name in (*workbook.sheet_names, *others)}
    chosen = {sheets.get(name.casefold()): _CHOSEN for name in (*setting.leave_out, *setting.leave_out_if_there)}
    records = {of_tables.get(name.casefold()): _RECORDS for name in setting.records}
    return {name: kind for name, kind in (chosen | records).items() if name is not None}


def find_departures(workbook: ClosedWorkbook, tabs: tuple[Tab, ...], setting: Publish) -> SheetsToRemove:
    """Which sheets to take out.

    Raises `Refusal` for sheets and tables of the setting that do not exist, where sparklines show records, and where
    the cells of a sparkline cannot be found.
    """
    sheets = {tab.name: _HIDDEN[tab.state] for tab in tabs if tab.state in _HIDDEN}
    sheets |= {tab.name: _MACRO_SHEETS[tab.kind] for tab in tabs if tab.kind in _MACRO_SHEETS}
    taken = {*map(str.casefold, (*workbook.tables, *(tab.name for tab in tabs)))}
    for kind, wanted, known in (
        ("sheet", setting.leave_out, taken),
        ("table", setting.records, {*map(str.casefold, workbook.tables)}),
    ):
        for name in wanted:
            if name.casefold() not in known:
                raise Refusal(
                    f"{workbook.path} has no {kind} {name}, which publish: in workbooks.yaml names; it has"
                    f" {', '.join((tab.name for tab in tabs) if kind == 'sheet' else workbook.tables) or 'none'}"
                )
    sheets |= left_out(workbook, setting, (tab.name for tab in tabs))
    if not sheets:
        return SheetsToRemove(sheets)
    tables = tuple(name for name, table in workbook.tables.items() if table.sheet in sheets)
    return SheetsToRemove(sheets, _needed(workbook, tabs, sheets), tables)


def named_areas(workbook: ClosedWorkbook) -> NamedAreas:
    """The cells that the names and tables of a workbook refer to."""
    names = {("", name.casefold()): text for name, text in workbook.names.items()}
    return NamedAreas(names, {name.casefold(): table for name, table in workbook.tables.items()})


def remove_sheets(work: Stripping, leaving: SheetsToRemove) -> None:
    """Take the sheets out; a sheet that sparklines need is shown, and keeps their cells as values."""
    for tab in work.tabs():
        if tab.name in leaving.needed:
            _keep_needed(work, tab, leaving.needed[tab.name])
            work.note(f"{leaving.sheets[tab.name]}, except the cells that sparklines show", tab.name)
        elif tab.name in leaving.sheets:
            work.note(leaving.sheets[tab.name], tab.name)
    going = leaving.sheets.keys() - leaving.needed.keys()
    if going:
        work.package = without_sheets(work.package, going, in_place=False)


def fix_charts(work: Stripping, shown: CellsReader, gone: Callable[[str], bool]) -> None:
    """Bring charts up to date; a chart that shows `gone` cells stores the values itself."""

    def at_home(reference: str) -> Shown | None:
        return None if _leads_out(reference) else shown(reference)

    for part in work.parts_of(CHART):
        _strip_extensions(work, part, gone)
        text = refreshed(work.package.text(part), work.package.root(part), at_home)
        work.package = work.package.with_text(part, text)
        root = work.package.root(part)
        edits = [edit for family in _families(root) for edit in _fixed(text, family, at_home, gone)]
        work.note("reference of a chart to cells that are left out", part, len(edits))
        edits += [
            Edit(one.start, one.end, b"")
            for one in root.children
            if one.name == "pivotSource" and gone(_place(one.find("name")))
        ]
        work.edit(part, edits)


def _needed(
    workbook: ClosedWorkbook, tabs: tuple[Tab, ...], sheets: Mapping[str, str]
) -> dict[str, frozenset[Position]]:
    """The cells of leaving sheets that sparklines and newer charts of staying ones show.

    Raises `Refusal` for those, and for charts, that show records.
    """
    staying = {tab.part for tab in tabs if tab.name not in sheets}
    found: dict[str, set[Position]] = {}
    names = named_areas(workbook)
    folded = {name.casefold(): name for name in sheets}
    for part, reference in _shown_references(workbook, staying):
        chart = workbook.package.content_type(part).endswith(CHART)  # it can keep what cells showed, but no records
        reachable = [sheet for sheet, kind in sheets.items() if not chart or kind == _RECORDS]
        if not reachable or not names.may_reach(reference, reachable):
            continue
        areas = names.areas(reference)
        if areas is None:
            raise Refusal(
                f"{workbook.path}: {part} shows {reference}, and its cells on a hidden sheet cannot be found;"
                " let the chart name its cells, or show the sheet"
            )
        for area in areas:
            sheet = folded.get((area.sheet or "").casefold())
            if sheet not in reachable:
                continue
            if sheets[sheet] not in _HIDDEN.values():
                raise Refusal(
                    f"{workbook.path}: {part} shows {reference}, which is on {sheet}, a {sheets[sheet]}; let the"
                    " chart show figures of another sheet"
                )
            top, left, bottom, right = area.bounds
            cells = workbook.cells(sheet)
            found.setdefault(sheet, set()).update(
                place for place in cells if top <= place[0] <= bottom and left <= place[1] <= right
            )
    return {sheet: frozenset(places) for sheet, places in found.items()}


def _shown_references(workbook: ClosedWorkbook, staying: set[str]) -> Iterator[tuple[str, str]]:
    """What sparklines and charts refer to, each with its part; those on sheets that leave are left out."""
    package = workbook.package
    for part in staying:
        for element in Sheet(package.text(part)).frame.walk() if _is_worksheet(workbook, part) else ():
            if element.name in ("sparkline", "sparklineGroup"):  # a group has the dates of its own
                yield from ((part, one.text) for one in element.all("f"))
        for drawing in (link.target for link in package.relationships(part) if link.is_a("drawing")):
            for link in package.relationships(drawing):
                if package.content_type(link.target).endswith((CHART, _NEWER_CHART)):
                    yield from ((link.target, one.text) for one in package.root(link.target).walk() if one.name == "f")


def _is_worksheet(workbook: ClosedWorkbook, part: str) -> bool:
    return workbook.package.content_type(part).endswith("worksheet+xml")


def _keep_needed(work: Stripping, tab: Tab, needed: frozenset[Position]) -> None:
    sheet = Sheet(work.package.text(tab.part))
    prefix, rows = sheet.prefix, []
    for row in sheet.rows:
        cells = [
            stated_cell(sheet, cell, row.number) for cell in sheet.cells_in(row) if (row.number, cell.number) in needed
        ]
        if cells:
            rows.append(b'<%srow r="%d">%s</%srow>' % (prefix, row.number, b"".join(cells), prefix))
    first = sheet.data[: sheet.frame.inner]
    body = b"<%ssheetData>%s</%ssheetData></%sworksheet>" % (prefix, b"".join(rows), prefix, prefix)
    work.package = work.package.with_text(tab.part, first + body)
    work.unlink(tab.part, lambda _: True)
    listing = work.package.root(work.workbook).find("sheets")
    text = work.package.text(work.workbook)
    for entry in listing.all("sheet") if listing else ():
        if entry.attributes["name"] == tab.name:
            work.edit(work.workbook, set_attribute(text, entry.start, "state", None))


def _strip_extensions(work: Stripping, part: str, gone: Callable[[str], bool]) -> None:
    """Take out hidden lines, and the whole of a line that is shown in part, where its cells are left out.

    Raises `Refusal` for labels that a chart takes from such cells.
    """
    going: list[Element] = []
    for extension in (one for one in work.package.root(part).walk() if one.name == "ext"):
        references = [one.text for one in extension.walk() if one.name in ("f", "sqref") and not one.children]
        lost = next((text for text in references if _leads_out(text) or gone(text)), None)
        if lost is not None and extension.find("datalabelsRange") is not None:
            raise Refusal(
                f"{work.package.path}: {part} takes its labels from {lost}, which is left out; put them on a sheet that"
                " stays, or show values or names in the labels"
            )
        if lost is not None and not any(other.start <= extension.start < other.end for other in going):
            going.append(extension)
    work.note("reference of a chart to cells that are left out", part, work.drop(part, going))


def _leads_out(reference: str) -> bool:
    """Whether a reference is to another workbook."""
    return "[" in reference.rpartition("!")[0]


def _place(name: Element | None) -> str:
    """The place of a pivot table: `[Book.xlsx]Sheet!Name` is Sheet!Name."""
    sheet, _, own = (name.text if name else "").rpartition("]")[2].rpartition("!")
    return "'{}'!{}".format(sheet.strip("'").replace("'", "''"), own)


@dataclass(frozen=True)
class _Family:
    """A reference of a chart, with its parent and grandparent."""

    reference: Element
    parent: Element
    grandparent: Element


def _families(root: Element) -> Iterator[_Family]:
    waiting = [(root, root)]
    while waiting:
        element, above = waiting.pop()
        for child in element.children:
            if child.name in _KEPT:
                yield _Family(child, element, above)
            else:
                waiting.append((child, element))


def _fixed(text: bytes, family: _Family, shown: CellsReader, gone: Callable[[str], bool]) -> list[Edit]:
    reference = family.reference
    formula = reference.find("f")
    if formula is None or not (_leads_out(formula.text) or gone(formula.text)):
        return []
    prefix = text[reference.start + 1 : reference.inner].split(reference.name.encode())[0].decode()
    now = shown(formula.text)
    points, count = _kept(reference) if now is None else _current(now)
    if family.parent.name == "tx":
        words = " ".join(points[place] for place in sorted(points))
        plain = family.grandparent.name == "ser"
        new = f"<{prefix}v>{words}</{prefix}v>" if plain else _rich(text, prefix, words, family.grandparent)
    else:
        kind = "numLit" if reference.name == "numRef" else "strLit"
        written = "".join(
            f'<{prefix}pt idx="{place}"><{prefix}v>{point}</{prefix}v></{prefix}pt>' for place, point in points.items()
        )
        new = f'<{prefix}{kind}>{_format(text, reference)}<{prefix}ptCount val="{count}"/>{written}</{prefix}{kind}>'
    return [Edit(reference.start, reference.end, new.encode())]


def _rich(text: bytes, prefix: str, words: str, title: Element) -> str:
    """A title as text of its own, in the letters that it had."""
    look = {one.name: one for own in title.all("txPr") for one in own.walk()}
    body, letters = (text[look[name].start : look[name].end].decode() if name in look else "" for name in _LOOK)
    space = "http://schemas.openxmlformats.org/drawingml/2006/main"
    body = body or f'<a:bodyPr xmlns:a="{space}"/>'
    own = _PREFIX.match(body)
    a = own[1] if own else ""
    declared = f' xmlns:{a.rstrip(":")}="{space}"' if a else f' xmlns="{space}"'
    run = f"<{a}r><{a}t>{words}</{a}t></{a}r>"
    return f"<{prefix}rich>{body}<{a}p{declared}>{letters}{run}</{a}p></{prefix}rich>"


def _format(text: bytes, reference: Element) -> str:
    cache = reference.find("numCache")
    code = cache.find("formatCode") if cache else None
    return text[code.start : code.end].decode() if code else ""


def _kept(reference: Element) -> tuple[Mapping[int, str], int]:
    """The points that a chart keeps, of several levels the innermost, and how many places there are."""
    cache = reference.find(_KEPT[reference.name])
    if cache is None:
        return {}, 0
    counted = cache.find("ptCount")
    level = cache.find("lvl") or cache
    points = {
        int(point.attributes["idx"]): encoded(value.text) for point in level.all("pt") if (value := point.find("v"))
    }
    return points, int(counted.attributes["val"]) if counted else len(points)


def _current(now: Shown) -> tuple[Mapping[int, str], int]:
    return {place: _text(value) for place, value in now.points.items() if value not in (None, "")}, now.count


def _text(value: Value) -> str:
    if isinstance(value, CellError):
        return value.code
    return encoded(value) if isinstance(value, str) else number_text(float(value or 0))
