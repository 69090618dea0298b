"""Suppression in a copy for readers: small counts become [c], and with them every figure that would tell them.

Which counts go is worked out from the sums that readers know. Whether anything else in the workbook tells them is
tried: the workbook is calculated with other counts in their place, after which every such sum is what it was. A formula
that shows something else then would give the counts away, and becomes [c] too; every other that reads them becomes the
value that it shows, which is true of these other counts as well.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from cpa_xl.a1 import bounds, cell_name
from cpa_xl.calculator import Calculator
from cpa_xl.cellxml import ValueWriter, cell_style
from cpa_xl.charts import CHART_TYPES, formulas, with_caches
from cpa_xl.dependencies import Place
from cpa_xl.draft import Draft, Step, Working
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulabook import FormulaBook
from cpa_xl.freeze import freeze_columns
from cpa_xl.frozencells import Verdict, frozen_cells
from cpa_xl.gaps import GAP
from cpa_xl.knownsums import Cell, Held, Known, known_sums
from cpa_xl.markup import Edit
from cpa_xl.package import Package
from cpa_xl.references import Area, Resolver
from cpa_xl.samefigure import REWORKED, same
from cpa_xl.sheetxml import Position, Sheet, value_at
from cpa_xl.standing import Why
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.stripping import Removed, Stripping
from cpa_xl.suppression import CONFIDENTIAL, Protection
from cpa_xl.versions import Version
from cpa_xl.wording import FEWEST, first_few
from cpa_xl.workbook import ClosedWorkbook
from cpa_xl.workbookxml import PIVOT_CACHE, without_calculation_chain

WHAT = f"{CONFIDENTIAL} confidential, small counts that identify people and what would tell them"
INSTEAD = f"{CONFIDENTIAL} What is said here in the working book would tell figures that are confidential."
_LONG = 30  # characters, from which on a text is a sentence


def suppression(calculator: Calculator) -> Step:
    """The step that suppresses what the configuration asks for; a copy without small counts stays as it is.

    It raises `Refusal` for a count that is told whatever else is suppressed, and for what cannot be suppressed.
    """

    def step(frozen: Draft, source: Working) -> Draft:
        if not any(table.suppress for table in source.spec.tables.values()):
            return frozen
        known = known_sums(StoredFigures(source.workbook, source.catalogue, source.spec))
        found = known.problem.protected()
        if not found.hidden:
            return frozen
        _refuse_told(known, [cell for cell in found.told if cell in known.held])
        _refuse_pivots(source.workbook, known)
        places = frozenset(place for place in known.held if place in found.hidden)
        telling = _telling(source.workbook, known, found, calculator) - places
        _refuse_comments(source, telling)
        return _suppressed(frozen, known, places, telling)

    return step


def _refuse_told(known: Known, told: Collection[object]) -> None:
    listed = [f"{table}, {_row(held)}, {held.heading}" for place, (table, held) in known.held.items() if place in told]
    if listed:
        raise Refusal(
            f"no way was found to keep readers from working small counts out of totals that they know: "
            f"{first_few(listed, FEWEST, between='; ')}; take the series out of the table of months, or out of"
            " suppress in workbooks.yaml"
        )


def _row(held: Held) -> str:
    return ", ".join(one for one in (held.month.label, held.area) if one)


def _refuse_pivots(workbook: ClosedWorkbook, known: Known) -> None:
    """A pivot table became plain cells, of which nobody can say any more what they add up."""
    tables, sheets = ({one.casefold() for one in names} for names in ({name for name, _ in known.held.values()},
                                                                      {place[0] for place in known.held}))  # fmt: skip
    package = workbook.package
    for part in (name for name in package.names if package.content_type(name).endswith(PIVOT_CACHE)):
        for source in (one for one in package.root(part).walk() if one.name == "worksheetSource"):
            name, sheet = (source.attributes.get(key, "").casefold() for key in ("name", "sheet"))
            if name in tables or sheet in sheets:
                raise Refusal(
                    f"{workbook.path} has a pivot table over {name or sheet}, whose small counts are suppressed: its"
                    " cells would tell them; take it out, or its sheet with leave_out in workbooks.yaml"
                )


def _refuse_comments(source: Working, telling: Collection[Place]) -> None:
    """Comments that somebody typed, and that print a figure which becomes [c]."""
    version = Version(source.workbook, source.spec)
    facts, scorecard = version.facts(), version.scorecard()
    printed: dict[str, list[tuple[str, str]]] = {}
    for (key, _), record in facts.records.items() if facts is not None else ():
        text = record.cells["text"].value if "text" in record.cells else None
        if facts is not None and isinstance(text, str) and (facts.sheet, record.row, record.columns["text"]) in telling:
            printed.setdefault(key[0], []).append((key[1], text))
    for (key, _), record in scorecard.records.items() if scorecard is not None else ():
        comment = record.cells.get("comment")
        if scorecard is None or comment is None or (scorecard.sheet, record.row, record.columns["comment"]) in telling:
            continue
        for fact, text in printed.get(key[0], ()):
            if text and re.search(rf"(?<![\w.]){re.escape(text)}(?!\w)", str(comment.value or "")):
                raise Refusal(
                    f"{cell_name(record.row, record.columns['comment'])} on sheet {scorecard.sheet}: the comment of"
                    f" measure {key[0]} prints {text} ({fact}), which is suppressed; take it out of the comment"
                )


def _telling(
    workbook: ClosedWorkbook, known: Known, found: Protection[Cell], calculator: Calculator
) -> frozenset[Place]:
    """The cells whose formulas show something else where other counts stand, or may do so."""
    telling: set[Place] = set()
    for changes in found.together():
        counts = {place: held.value + changes[place] for place, (_, held) in known.held.items() if place in changes}
        done = calculator.calculate(workbook, with_constants(workbook, counts))
        for kept in done.kept:
            row, column, _, _ = bounds(kept.cell)
            telling.add((kept.sheet, row, column))
        telling |= {
            place
            for place, value in done.values.items()
            if not same(value_at(workbook.cells(place[0]), place[1:]), value, REWORKED)
        }
    return frozenset(place for place in telling if value_at(workbook.cells(place[0]), place[1:]) not in (None, ""))


def _suppressed(frozen: Draft, known: Known, places: frozenset[Place], telling: frozenset[Place]) -> Draft:
    copy = frozen.workbook
    hidden: dict[Place, object] = {place: CONFIDENTIAL for place in places if place[0] in copy.sheet_names}
    drawn = _drawn(copy)
    for place in telling:
        if place[0] in copy.sheet_names:
            hidden[place] = _instead(copy, place, drawn)
    book = FormulaBook(copy)
    reached = book.dependencies.reached(hidden).keys() | (hidden.keys() & book.formulas.keys())
    work = Stripping(copy.package)
    for tab in list(work.worksheets()):
        inside = {place[1:] for place in reached if place[0] == tab.name}
        done = frozen_cells(Sheet(work.package.text(tab.part)), _verdict(inside))
        work.package = work.package.with_text(tab.part, done.sheet.data)
        for why, count in done.counts.items():
            work.note(why.value, tab.name, count)
    freeze_columns(work, copy, lambda _: True, reached | hidden.keys())
    after = with_constants(ClosedWorkbook(work.package), hidden)
    after = ClosedWorkbook(without_calculation_chain(_with_charts(copy, after)))
    listed = [Removed(f"{WHAT}: {where}", sheet, count) for (where, sheet), count in _counted(known, hidden).items()]
    return replace(frozen, workbook=after, removed=(*frozen.removed, *listed, *work.removed))


def _instead(copy: ClosedWorkbook, place: Place, drawn: Collection[Area]) -> str | CellError:
    """What stands in the place of a figure: a gap where it is drawn, as every program draws a text as nought."""
    shown = value_at(copy.cells(place[0]), place[1:])
    if isinstance(shown, str):
        return INSTEAD if len(shown) >= _LONG else CONFIDENTIAL
    return GAP if any(area.holds(*place) for area in drawn) else CONFIDENTIAL


def _drawn(copy: ClosedWorkbook) -> list[Area]:
    """The cells that charts and sparklines draw."""
    package, resolver = copy.package, Resolver(copy)
    texts = [
        text
        for part in package.names
        if package.content_type(part).endswith(CHART_TYPES)
        for text in formulas(package.root(part))
    ]
    for sheet in copy.sheet_names:
        lines = (one for one in Sheet(package.text(copy.part_of(sheet))).frame.walk() if one.name == "sparkline")
        texts += [formula.text for line in lines for formula in line.all("f")]
    return [area for text in texts for area in resolver.resolve(text, copy.sheet_names[0], 1, 1).areas.values()]


def _verdict(inside: Collection[Position]) -> Verdict:
    return lambda position, _: Why.CONFIDENTIAL if position in inside else None


def _counted(known: Known, hidden: Iterable[Place]) -> Counter[tuple[str, str]]:
    """How many cells of which column of which table, or of which sheet; with the sheet."""
    counts: Counter[tuple[str, str]] = Counter()
    for place in sorted(hidden):
        table, held = known.held.get(place, ("", None))
        counts[f"{table}, {held.heading}" if held is not None else f"sheet {place[0]}", place[0]] += 1
    return counts


def with_constants(workbook: ClosedWorkbook, values: Mapping[Place, object]) -> ClosedWorkbook:
    """The workbook with other values in cells that exist and hold no formula (any more), in the cells' own styles."""
    package = workbook.package
    by_sheet: dict[str, dict[Position, object]] = {}
    for (sheet, *position), value in values.items():
        by_sheet.setdefault(sheet, {})[position[0], position[1]] = value
    for sheet, wanted in by_sheet.items():
        part = workbook.part_of(sheet)
        cells = Sheet(package.text(part))
        writer = ValueWriter(cells.prefix.decode(), {}, workbook.date1904)
        edits = []
        for (row, column), value in sorted(wanted.items()):
            cell = cells.cell_at(row, column)
            if cell is not None:
                text = writer.cell(cell_name(row, column), cell_style(cells, cell, row, column), value)
                edits.append(Edit(cell.start, cell.end, text.encode()))
        package = package.with_text(part, cells.with_edits(edits).data)
    return ClosedWorkbook(package)


def _with_charts(before: ClosedWorkbook, after: ClosedWorkbook) -> Package:
    """Charts keep what their cells show now; where that cannot be told they keep nothing, and every program reads the
    cells."""
    package = after.package
    for part in (name for name in package.names if package.content_type(name).endswith(CHART_TYPES)):
        text, root = package.text(part), package.root(part)
        new = with_caches(text, root, formulas(root), before.shown, after.shown, reached=lambda _: True)
        package = package.with_text(part, new)
    return package
