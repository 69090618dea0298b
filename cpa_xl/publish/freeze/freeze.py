"""Freezes a closed workbook for readers, and lists what was taken out.

It works part by part, as a refresh does: a part without a change stays the same, byte for byte. The copy looks the
same. Formulas that readers cannot calculate become their values; conditional formats stay where they apply now.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from cpa_xl.config.model import Formulas, Publish
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import Calculator
from cpa_xl.formulas.graph import CalculableWorkbook, CellIndex, FormulaBook, Place
from cpa_xl.formulas.kept import refuse_outdated, with_kept
from cpa_xl.formulas.references import is_gap
from cpa_xl.ooxml.a1 import bounds, cell_name
from cpa_xl.ooxml.sheet import Sheet, date_serial
from cpa_xl.ooxml.xml import Edit, Element, set_attribute
from cpa_xl.publish.freeze.formulas import Freezer, RuleResults, Settled, freeze_rules, frozen_cells
from cpa_xl.publish.freeze.portable import Portability, Reason, is_arithmetic
from cpa_xl.publish.freeze.sheets import ReadsRemoved, SheetsToRemove, find_departures, fix_charts, remove_sheets
from cpa_xl.publish.freeze.strip_drawings import strip_drawings, strip_pictures
from cpa_xl.publish.freeze.strip_metadata import strip_instructions, strip_remarks, strip_traces
from cpa_xl.publish.freeze.strip_parts import strip_lost, strip_parts, strip_pivots, strip_printers, strip_unknown
from cpa_xl.publish.freeze.work import Removed, Stripping, reached
from cpa_xl.wording import first_few
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.table_move import without_calculation_chain

_CALCULATE = (
    "refresh it, or recalculate it in Excel (Ctrl+Alt+F9) or with `cpa_xl calculate --with libreoffice`, and save it"
)
_BUILT_IN = "_xlnm."
_OF_CHARTS = "_xlchart."  # Excel hides the names by which its newer charts know their cells


class Checker(Calculator, Protocol):
    """A calculator that finds the cells whose value differs from their functions' results."""

    def contradicted(self, workbook: CalculableWorkbook) -> Mapping[Place, str]: ...


@dataclass(frozen=True)
class Frozen:
    """A workbook for readers, and what was taken out of it."""

    workbook: ClosedWorkbook
    removed: tuple[Removed, ...]


def freeze(workbook: ClosedWorkbook, setting: Publish, calculator: Checker, today: date) -> Frozen:
    """The workbook as readers get it; `today` is the day on which formats and checks are fixed.

    Raises `Refusal` where cells show errors, where formulas have no value or an outdated one, or where something cannot
    be taken out without harm.
    """
    for sheet in workbook.sheet_names:
        workbook.cells(sheet)  # one that cannot be read is refused by its name, before it is taken apart
    refuse_outdated(workbook, "published")
    workbook = with_kept(workbook, ())
    work = _studied(workbook, setting, calculator, today)
    for step in STEPS:
        step(work)
    return Frozen(ClosedWorkbook(work.copy.package).with_full_calculation(False), work.copy.removed)


def freeze_columns(
    work: Stripping, workbook: ClosedWorkbook, stands: Callable[[str], bool], doomed: Collection[Place]
) -> None:
    """Take out formulas for new rows of tables if they cannot stay, or if their cells are values now (doomed)."""
    tables = {table.name: table for table in workbook.tables.values()}
    for part in work.parts_of(".table+xml"):
        root, text = work.package.root(part), work.package.text(part)
        table = tables.get(root.attributes.get("displayName", root.attributes.get("name", "")))
        listing = root.find("tableColumns")
        edits = []
        for place, column in enumerate(listing.all("tableColumn") if listing else ()):
            for child in column.children:
                if child.name not in ("calculatedColumnFormula", "totalsRowFormula") or table is None:
                    continue
                total = child.name == "totalsRowFormula"
                rows = [table.last_row] if total else range(table.first_body_row, table.last_body_row + 1)
                cells = {(table.sheet, row, table.first_col + place) for row in rows}
                if not stands(child.text) or not cells.isdisjoint(doomed):
                    edits.append(Edit(child.start, child.end, b""))
                    edits += set_attribute(text, column.start, "totalsRowFunction", None) if total else []
        if work.edit(part, edits):
            work.note("formula for new rows of a table", table.name if table else part, len(edits))


def refuse_unfit(workbook: ClosedWorkbook, leaving: SheetsToRemove) -> None:
    """Raise `Refusal` where cells for readers show unintended errors, or formulas have no value."""
    errors, empty = [], []
    staying = (sheet for sheet in workbook.sheet_names if sheet not in leaving.sheets)
    for sheet in staying:
        for (row, column), cell in workbook.cells(sheet).items():
            place = f"{sheet}!{cell_name(row, column)}"
            if isinstance(cell.value, CellError) and not is_gap(cell.value, cell.formula):
                errors.append(f"{place} ({cell.value.code})")
            elif cell.formula is not None and cell.value is None:
                empty.append(place)
    if errors:
        raise Refusal(
            f"{workbook.path} shows errors: {first_few(errors)}; refresh it first (#NAME? is what a spreadsheet without"
            " the add-in leaves)"
        )
    if empty:
        raise Refusal(
            f"{workbook.path} has formulas without a value: {first_few(empty)}; refresh or calculate it first"
        )


@dataclass(frozen=True)
class _Verdicts:
    """Which formulas of cells cannot stay, and the ranges whose checks no reader needs any more."""

    places: Mapping[Place, Reason]
    dead: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class _Work:
    """What the steps share: the copy that they change, and the facts about the workbook before.

    `reached` are the parts that the workbook leads to, `gone` judges whether a formula reads what is left out.
    """

    copy: Stripping
    workbook: ClosedWorkbook
    setting: Publish
    leaving: SheetsToRemove
    gone: ReadsRemoved
    portability: Portability
    verdicts: _Verdicts
    freezer: Freezer
    reached: Collection[str]


def _studied(workbook: ClosedWorkbook, setting: Publish, calculator: Checker, today: date) -> _Work:
    """What has to be known before anything changes. Raises `Refusal` for a workbook that is not fit to be frozen."""
    copy = Stripping(workbook.package)
    leaving = find_departures(workbook, copy.tabs(), setting)
    refuse_unfit(workbook, leaving)
    gone = leaving.reads_removed(_hidden_names(workbook))
    portability = Portability(_names(workbook), workbook.tables, gone, values=setting.formulas is Formulas.VALUES)
    verdicts = _verdicts(workbook, portability, leaving, _doubted(workbook, portability, calculator))
    serial = float(date_serial(today, date1904=workbook.date1904))
    freezer = Freezer(
        portability,
        Settled(workbook, serial, gone),
        RuleResults(workbook, calculator),
        lambda sheet, ranges: (sheet, ranges) in verdicts.dead,
    )
    before = reached(workbook.package)
    return _Work(copy, workbook, setting, leaving, gone, portability, verdicts, freezer, before)


def _freeze_sheets(work: _Work) -> None:
    for tab in work.copy.worksheets():
        _freeze_cells(work.copy, tab.name, tab.part, work.verdicts, work.leaving)
        if tab.name not in work.leaving.sheets:
            freeze_rules(work.copy, tab, work.freezer)


def _freeze_columns(work: _Work) -> None:
    places = work.verdicts.places.keys()
    freeze_columns(work.copy, work.workbook, lambda text: work.portability.reason(text) is None, places)


def _sweep(work: _Work) -> None:
    work.copy.sweep(work.reached)


def _forget_the_order_of_calculation(work: _Work) -> None:
    if work.verdicts.places or work.leaving.sheets:
        work.copy.package = without_calculation_chain(work.copy.package)


def _names(workbook: ClosedWorkbook) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for element in _name_elements(workbook.package.root(workbook.package.workbook_part)):
        names[element.attributes["name"].casefold()].append(element.text.strip())
    return dict(names)


def _hidden_names(workbook: ClosedWorkbook) -> frozenset[str]:
    elements = _name_elements(workbook.package.root(workbook.package.workbook_part))
    return frozenset(one.attributes["name"] for one in elements if _is_hidden(one))


def _is_hidden(name: Element) -> bool:
    known = name.attributes["name"].startswith((_BUILT_IN, _OF_CHARTS))
    return not known and name.attributes.get("hidden", "0") in ("1", "true")


def _name_elements(root: Element) -> list[Element]:
    return [one for listing in root.all("definedNames") for one in listing.all("definedName")]


def _verdicts(
    workbook: ClosedWorkbook, portability: Portability, leaving: SheetsToRemove, doubted: Collection[Place]
) -> _Verdicts:
    book = FormulaBook(workbook)
    places = {
        place: why
        for place, text in book.texts.items()
        if (why := Reason.ANY_FORMULA if place[0] in leaving.needed else portability.reason(text))
    }
    places |= {place: Reason.DIFFERENT for place in {*doubted, *_of_mixed_kinds(book)} if place not in places}
    checks = {
        (sheet, ranges): cells
        for sheet in workbook.sheet_names
        if sheet not in leaving.sheets
        for ranges, cells in _checked_cells(workbook, sheet).items()
    }
    dead: set[tuple[str, str]] = set()
    while True:
        found = {
            key: following
            for key, cells in checks.items()
            if key not in dead
            and not (following := book.dependencies.reached(cells).keys() | (cells & book.formulas.keys())).isdisjoint(
                places
            )
        }
        if not found:
            return _Verdicts(places, frozenset(dead))
        dead |= found.keys()
        for following in found.values():
            places |= {place: Reason.CHOICE for place in following if place not in places}


def _of_mixed_kinds(book: FormulaBook) -> Iterator[Place]:
    """Formulas that read TRUE or FALSE, or do arithmetic with a text: programs make other numbers of them."""
    shown = {(sheet, *at): cell.value for sheet, cells in book.sheets.items() for at, cell in cells.items()}
    truths = CellIndex(place for place, value in shown.items() if isinstance(value, bool))
    texts = CellIndex(place for place, value in shown.items() if isinstance(value, str) and value)
    for place, formula in book.formulas.items():
        areas = set(formula.areas.values())
        of_texts = is_arithmetic(formula.text) and any(area.one_cell and texts.first_in(area) for area in areas)
        if of_texts or any(truths.first_in(area) for area in areas):
            yield place


def _checked_cells(workbook: ClosedWorkbook, sheet: str) -> dict[str, set[Place]]:
    """The ranges of a sheet that have a check, a list or a hint for what is typed, and the cells there are in them."""
    parts = {tab.name: tab.part for tab in Stripping(workbook.package).worksheets()}
    cells, found = workbook.cells(sheet), {}
    for check in Sheet(workbook.package.text(parts[sheet])).frame.walk():
        if check.name == "dataValidation":
            inside = check.find("sqref")
            ranges = inside.text if inside else check.attributes.get("sqref", "")
            boxes = [bounds(ref) for ref in ranges.split()]
            found[ranges] = {
                (sheet, row, column)
                for row, column in cells
                if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in boxes)
            }
    return found


def _freeze_cells(work: Stripping, sheet: str, part: str, verdicts: _Verdicts, leaving: SheetsToRemove) -> None:
    done = frozen_cells(Sheet(work.package.text(part)), lambda place, _: verdicts.places.get((sheet, *place)))
    work.package = work.package.with_text(part, done.sheet.data)
    if sheet not in leaving.sheets:
        for why, count in done.counts.items():
            work.note(why.value, sheet, count)


def _freeze_names(work: Stripping, portability: Portability) -> None:
    """Take out names that cannot stay, names of macros, and hidden names."""
    going = []
    for element in _name_elements(work.package.root(work.workbook)):
        flags = (element.attributes.get(flag, "0") for flag in ("function", "vbProcedure", "xlm"))
        name = element.attributes["name"]
        macro = any(flag in ("1", "true") for flag in flags)
        hidden = _is_hidden(element)
        if macro or hidden or (portability.of_rule(element.text.strip()) and not name.startswith(_BUILT_IN)):
            going.append(element)
            work.note("name of a macro" if macro else "hidden name" if hidden else "name", name)
    listing = work.package.root(work.workbook).find("definedNames")
    if listing is not None and len(going) == len(listing.children):
        going = [listing]
    work.drop(work.workbook, going)


STEPS: tuple[Callable[[_Work], None], ...] = (
    _freeze_sheets,  # first, as long as every sheet, table and name is there that a rule reads
    _freeze_columns,  # new rows would bring back the formulas that the cells have lost
    lambda work: _freeze_names(work.copy, work.portability),  # no formula reads them any more
    lambda work: fix_charts(work.copy, work.workbook.shown, work.gone),  # charts keep the values of sheets that leave
    lambda work: remove_sheets(work.copy, work.leaving),  # now that nothing reads these sheets
    lambda work: strip_pivots(work.copy),  # they keep every row that they add up, also of sheets that left
    lambda work: strip_parts(work.copy, work.gone),  # what runs, leads elsewhere, or is embedded
    lambda work: strip_drawings(work.copy, work.gone),  # controls, macros behind pictures, links to what left
    lambda work: strip_printers(work.copy),  # they name the printer, its share and its owner
    _sweep,  # parts that only these led to, so that nothing below looks at them
    lambda work: strip_instructions(work.copy, work.setting.instructions),  # words for those who type, not for readers
    lambda work: strip_traces(work.copy, work.setting.internal),  # people; of texts and names what is left by now
    lambda work: strip_unknown(work.copy),  # links of unknown kinds among those that are left
    _sweep,  # parts that only these led to
    lambda work: strip_lost(work.copy),  # parts that nothing led to from the start
    lambda work: strip_pictures(work.copy),  # the pictures that stay
    lambda work: strip_remarks(work.copy),  # the parts that stay
    _forget_the_order_of_calculation,  # it names cells that have no formula now
)


def _doubted(workbook: ClosedWorkbook, portability: Portability, calculator: Checker) -> set[Place]:
    """Cells of the workbook's own formulas for which another program calculates a different value.

    Raises `Refusal` where the only explanation is that the cells were not calculated: for cells of our functions, for a
    workbook that asks to be calculated, and for the 0 or empty text that programs without a calculator leave.
    """
    found = calculator.contradicted(workbook)
    properties = workbook.package.root(workbook.package.workbook_part).find("calcPr")
    asks = properties is not None and properties.attributes.get("fullCalcOnLoad", "0") in ("1", "true")
    if asks and _untouched(workbook):
        raise Refusal(f"{workbook.path} was never calculated: every formula shows 0 or nothing; {_CALCULATE}")
    stale, doubted = [], set()
    for place, why in sorted(found.items()):
        sheet, row, column = place
        cell = workbook.cells(sheet)[row, column]
        own = portability.of_rule(cell.formula or "") is Reason.CELL_FUNCTION
        if own or asks or cell.value in (0.0, "", None):
            stale.append(f"{sheet}!{cell_name(row, column)} ({why})")
        else:
            doubted.add(place)
    if stale:
        raise Refusal(f"{workbook.path} shows figures of another time: {first_few(stale)}; {_CALCULATE}")
    return doubted


def _untouched(workbook: ClosedWorkbook) -> bool:
    book = FormulaBook(workbook)
    return bool(book.formulas) and book.untouched
