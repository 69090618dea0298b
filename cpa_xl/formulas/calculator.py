"""Recalculates a closed workbook with the cell functions, and says which cells it leaves alone and why.

An engine earns trust for each cell. A cell that shows a value is calculated anew only when the engine, given the
workbook as it stands, comes to the value that is there. A cell without a value (a fresh template, a new row) is
calculated when cells of its column with the same formula were reproduced, or when all its functions have been checked
by the tests. Cells that nothing new reaches are not touched; every other cell keeps its value and is named.

Which changes of a workbook's cells make its formulas come to something else.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cpa_xl.errors import CellError
from cpa_xl.formulas.engine import CellFunctions, Engine, NoResultError
from cpa_xl.formulas.engine_limits import CHECKED_FUNCTIONS, Doubts, Judge, doubt_about, finds_its_cells, restless
from cpa_xl.formulas.graph import MOST_CELLS, CellValue, FormulaBook, Place, Readable, cells_of
from cpa_xl.formulas.references import CellBlock
from cpa_xl.measures.figures import REST_OF_SUBTRACTION, REWORKED, same, same_figure
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.workbook.closed import ClosedWorkbook


@dataclass(frozen=True)
class Kept:
    """A formula cell that keeps its old value although something it depends on has changed."""

    sheet: str
    cell: str
    formula: str
    reason: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell} (={self.formula}): {self.reason}"


class HandedOn(str):
    """The reason of an error that comes from another cell: "Scorecard!F1: " and the reason there, which is `why`."""

    __slots__ = ("why",)
    why: str

    def __new__(cls, origin: str, why: str) -> "HandedOn":
        """`origin` is the cell where the error arose."""
        reason = super().__new__(cls, f"{origin}: {why}")
        reason.why = why
        return reason


class _Difference(str):
    """What speaks against the engine where it has another value, and not none."""

    __slots__ = ()


@dataclass(frozen=True)
class Calculation:
    """New values, cells that keep theirs, and the reasons of errors, by (sheet, row, column).

    `values` hold None, bool, float, str or CellError for every formula cell that was calculated, and for the cells
    that an array formula fills. A reason that comes from another cell is `HandedOn`.
    """

    values: Mapping[Place, CellValue]
    kept: tuple[Kept, ...]
    reasons: Mapping[Place, str]


class Calculator(Protocol):
    """Calculates what changed between a workbook as it stands and the same with new data in it."""

    def calculate(self, before: Readable, after: Readable) -> Calculation: ...


class EmbeddedCalculator:
    """The calculator inside this package: formualizer with the cell functions given to it.

    Args:
        functions: cell functions by name. They get cells as floats, bools, text, None and CellError, and ranges as
            lists of rows; they return such values or rows of them, or raise the CellError that the cell shall show.
        trusted_functions: ordinary functions believed in cells that have no value to compare with.
    """

    def __init__(self, functions: CellFunctions, trusted_functions: Collection[str] = CHECKED_FUNCTIONS) -> None:
        self._functions = {name.upper(): function for name, function in functions.items()}
        self._judge = Judge(self._functions, trusted_functions)

    def calculate(self, before: Readable, after: Readable) -> Calculation:
        """Calculate what the differences between the two reach. Changes neither; raises only what reading them does."""
        books = (FormulaBook(workbook, self._functions) for workbook in (before, after))
        return _Task(self._functions, self._judge, *books).calculation()

    def contradicted(self, workbook: Readable) -> Mapping[Place, str]:
        """Formula cells that show something else than their formula comes to; with what, in words.

        Only where the engine is believed whatever a cell shows, and each from what the cells before it show.
        """
        book = FormulaBook(workbook, self._functions)
        return _Task(self._functions, self._judge, book, book).contradicted()

    def calculate_cell(self, workbook: Readable, place: Place) -> None:
        """Calculate one formula for the sake of the calls it makes; other cells count with the value they show."""
        book = FormulaBook(workbook, self._functions)
        _Task(self._functions, self._judge, book, book).calls(place)


class _Task:
    """One calculation, step by step: what changed, what that reaches, what is believed, the new values."""

    def __init__(self, functions: CellFunctions, judge: Judge, before: FormulaBook, after: FormulaBook) -> None:
        self.functions = functions
        self.judge = judge
        self.before = before
        self.after = after
        self.refused: dict[Place, str] = {}  # cells that keep their value, and why

    def calculation(self, woken: frozenset[Place] = frozenset()) -> Calculation:
        """The whole calculation; `woken` are cells that proved to be changed when it was done before."""
        self.refused = {}
        changed = self._changed_formulas() | self._changed_constants() | woken
        silent = {place for place in self.after.formulas if place not in changed and self._is_silent(place)}
        stirred = self.after.dependencies.reached(changed).keys() | (changed & self.after.formulas.keys())
        reached = stirred | silent
        watched = {place: why for place, formula in self.after.formulas.items() if (why := restless(formula))}
        self._refuse_unbelieved(reached - watched.keys())
        watched |= {place: self.refused.pop(place) for place in silent & self.refused.keys()}
        calculable = {place for place in watched if not self._never(place)}
        engine, values = self._calculated((reached | calculable) - self.refused.keys() - self._behind().keys())
        self._settle(watched, stirred, values)
        awake = {place for place in silent if values.get(place, "") != ""}
        if self.after.dependencies.reached(awake).keys() - reached:
            return self.calculation(woken | awake)
        kept = self.refused | self._behind()
        for place in kept.keys() | watched.keys() | (silent - stirred - awake):
            self._drop(values, place)
        in_order = {place: values[place] for place in self._in_order(values)}
        return Calculation(in_order, self._named(kept), self._reasons(engine, in_order))

    def contradicted(self) -> dict[Place, str]:
        """Formula cells that differ from what the engine makes of the cells before them."""
        places = {place for place, formula in self.after.formulas.items() if not restless(formula)}
        tried = {place for place in places if not (self._never(place) or self._doubts(place).unchecked)}
        return {place: why for place, why in self._tried(tried).items() if isinstance(why, _Difference)}

    def calls(self, place: Place) -> None:
        """Calculate one formula alone."""
        self._calculated([place])

    def _changed_formulas(self) -> set[Place]:
        """Formula cells that are new, say something else, or have no value yet (or lost it without the add-in)."""
        before, after = self.before, self.after
        return {
            place
            for place, formula in after.formulas.items()
            if place not in before.formulas
            or before.formulas[place].text != formula.text
            or not (after.shows(place) or self._is_silent(place))
        }

    def _is_silent(self, place: Place) -> bool:
        """Whether the cell showed an empty text and still does: its result, or never calculated."""
        return self.after.value(place) == self.before.value(place) == ""

    def _changed_constants(self) -> set[Place]:
        before, after = self.before, self.after
        changed = set()
        for sheet in after.sheets.keys() | before.sheets.keys():
            old, new = before.sheets.get(sheet, {}), after.sheets.get(sheet, {})
            for at in old.keys() | new.keys():
                place = (sheet, *at)
                if place in after.formulas or place in after.filled:
                    continue
                if place in before.formulas or not _identical(before.value(place), after.value(place)):
                    changed.add(place)
        return changed

    def _refuse_unbelieved(self, places: Iterable[Place]) -> None:
        """Refuse the places where the engine is not believed, each with why it is not."""
        compared: dict[Place, list[Place]] = {}
        for place in places:
            never = self._never(place)
            comparable = self._comparable(place)
            if never:
                self.refused[place] = never
            elif comparable:
                compared[place] = comparable
            else:
                unchecked = self._doubts(place).unchecked
                if unchecked:
                    self.refused[place] = "; ".join(unchecked) + ", and there is no value to compare with"
        against = self._tried({proof for proofs in compared.values() for proof in proofs})
        for place, proofs in compared.items():
            wrong = [proof for proof in proofs if against[proof]]
            if wrong:
                where = "" if wrong[0] == place else f"the same formula in {_address(wrong[0])}: "
                self.refused[place] = where + against[wrong[0]]

    def _doubts(self, place: Place) -> Doubts:
        return self.judge.doubts(self.after.formulas[place], array=place in self.after.fills)

    def _never(self, place: Place) -> str:
        """Why the engine is never believed here; empty where it may be."""
        if self.after.date1904:
            return "the workbook counts its dates from 1904"
        if self.after.reads_too_much(self.after.formulas[place]):
            return f"it reads a range of more than {MOST_CELLS:,} cells"
        return "; ".join(self._doubts(place).never)

    def _comparable(self, place: Place) -> list[Place]:
        """Cells of the workbook as it stands that show what the engine makes of this formula."""
        formula = self.after.formulas[place]
        old = self.before.formulas.get(place)
        if old is not None and self.before.shows(place) and old.kinship == formula.kinship:
            return [place]
        return self.before.kin.get((place[0], place[2], formula.kinship), [])

    def _tried(self, places: Collection[Place]) -> dict[Place, str]:
        """For each cell of the workbook as it stands an empty text, or what speaks against the engine.

        Each formula is calculated alone, from the values that the cells before it show, on a sheet of its own.
        """
        if not places:
            return {}
        book, engine = self.before, Engine(self.functions)
        desks = {sheet: _unused(f"{sheet} calculated", book.sheets) for sheet, _, _ in places}
        for sheet in [*book.sheets, *desks.values()]:
            engine.add_sheet(sheet)
        for sheet, columns in book.columns_read(places).items():
            shown = {at: cell.value for at, cell in book.sheets[sheet].items() if at[1] in columns}
            engine.put_cells(sheet, shown)
        for place in places:
            engine.put_formula(place, book.formulas[place], array=place in book.fills, sheet=desks[place[0]])
        engine.run()
        return {place: self._against(engine, place, desks[place[0]]) for place in places}

    def _against(self, engine: Engine, place: Place, desk: str) -> str:
        if place in engine.failures:
            return engine.failures[place]
        try:
            found = engine.filled(desk, *place[1:])
        except NoResultError as refusal:
            return str(refusal)
        there = self.before.block(place)
        if len(found) == len(there) and all(map(_rows_agree, found, there)):
            return ""
        if len(found) == len(there) == 1 and len(found[0]) == len(there[0]) == 1:
            words = f"the calculator comes to {_shown(found[0][0])} where the workbook has {_shown(there[0][0])}"
            return _Difference(words)
        return _Difference("the calculator does not come to the values that the workbook has")

    def _behind(self) -> dict[Place, str]:
        """Cells that read, directly or not, a refused cell, and the words for it."""
        return {
            place: f"it depends on {_address(origin)}, which keeps its value"
            for place, origin in self.after.dependencies.reached(self.refused).items()
            if place not in self.refused
        }

    def _calculated(self, wanted: Collection[Place]) -> tuple[Engine, dict[Place, CellValue]]:
        """Calculate the wanted formulas; all other cells count with the value they show."""
        book, engine = self.after, Engine(self.functions)
        for sheet in book.sheets:
            engine.add_sheet(sheet)
        being_filled = {cell for place in wanted if place in book.fills for cell in cells_of(book.fills[place])}
        for sheet, columns in book.columns_read(wanted).items():
            shown = {
                at: cell.value
                for at, cell in book.sheets[sheet].items()
                if at[1] in columns and (sheet, *at) not in wanted and (sheet, *at) not in being_filled
            }
            engine.put_cells(sheet, shown)
        for place in wanted:
            engine.put_formula(place, book.formulas[place], array=place in book.fills)
        if wanted:
            engine.run()
        values: dict[Place, CellValue] = {}
        for place in wanted:
            self._take(engine, place, values)
        return engine, values

    def _take(self, engine: Engine, place: Place, values: dict[Place, CellValue]) -> None:
        """Add the values of a formula cell, or refuse them."""
        area = self.after.fills.get(place) or CellBlock(place[0], place[1], place[2], place[1], place[2])
        try:
            rows = engine.filled(*place)
        except NoResultError as refusal:
            self.refused[place] = str(refusal)
            return
        if place in engine.failures:
            self.refused[place] = engine.failures[place]
        elif (len(rows), len(rows[0])) != area.size:
            there = "{} by {}".format(*area.size)
            self.refused[place] = f"it fills {len(rows)} by {len(rows[0])} cells now, and the workbook has {there}"
        else:
            for cell, value in zip(cells_of(area), (value for row in rows for value in row), strict=True):
                values[cell] = value
                functions = self.after.formulas[place].functions
                doubt = doubt_about(value, functions, self.after.texts[place], self.functions)
                if doubt is not None:
                    self.refused[place] = doubt

    def _settle(
        self, watched: Mapping[Place, str], reached: Collection[Place], values: Mapping[Place, CellValue]
    ) -> None:
        """Watched cells are left alone where they came to the value they show, and refused where they did not."""
        others = bool(self.refused)
        for place, why in watched.items():
            same = place in values and _agree(values[place], self.after.value(place))
            blind = others and finds_its_cells(self.after.formulas[place])
            if not same or blind or place in reached:
                self.refused.setdefault(place, why)

    def _drop(self, values: dict[Place, CellValue], place: Place) -> None:
        area = self.after.fills.get(place)
        for cell in cells_of(area) if area else (place,):
            values.pop(cell, None)

    def _in_order(self, places: Iterable[Place]) -> list[Place]:
        order = {sheet: number for number, sheet in enumerate(self.after.sheets)}
        return sorted(places, key=lambda place: (order[place[0]], place[1], place[2]))

    def _named(self, kept: Mapping[Place, str]) -> tuple[Kept, ...]:
        return tuple(
            Kept(place[0], cell_name(place[1], place[2]), self.after.texts[place], kept[place])
            for place in self._in_order(kept)
        )

    def _reasons(self, engine: Engine, values: Mapping[Place, CellValue]) -> dict[Place, str]:
        """Why cells show errors: what a function said in the cell, or in a cell that it reads."""
        errors = {place: value.code for place, value in values.items() if isinstance(value, CellError)}
        reasons = {place: why for (place, code), why in engine.reasons.items() if errors.get(place) == code}
        handed_on = {place: HandedOn(_address(place), why) for place, why in reasons.items()}
        while handed_on:
            received: dict[Place, HandedOn] = {}
            for place in (errors.keys() & self.after.formulas.keys()) - reasons.keys():
                areas = self.after.formulas[place].areas.values()
                for source, why in handed_on.items():
                    if errors[source] == errors[place] and any(area.holds(*source) for area in areas):
                        received[place] = why
            reasons |= received
            handed_on = received
        return {place: reasons[place] for place in self._in_order(reasons)}


def _unused(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _address(place: Place) -> str:
    return f"{place[0]}!{cell_name(place[1], place[2])}"


def _identical(old: CellValue, new: CellValue) -> bool:
    """Whether two constants are the same to every reader; a blank is not an empty text."""
    if isinstance(old, CellError) and isinstance(new, CellError):
        return old.code == new.code
    return type(old) is type(new) and old == new


def _agree(found: CellValue, there: CellValue) -> bool:
    """Whether the engine's value is the one that the workbook shows."""
    if isinstance(found, float) and isinstance(there, float):
        return same_figure(found, there, REWORKED, rest=REST_OF_SUBTRACTION)
    return _identical(found, there)


def _rows_agree(found: list[CellValue], there: list[CellValue]) -> bool:
    return len(found) == len(there) and all(map(_agree, found, there))


def _shown(value: CellValue) -> str:
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, float):
        return f"{value:.15g}"
    return repr(value)


Name = TypeVar("Name", bound=Hashable)


def disturbing(
    before: ClosedWorkbook, after: ClosedWorkbook, cells: Mapping[Name, Collection[Place]], calculator: Calculator
) -> frozenset[Name]:
    """The names of those changed cells that a formula reads which comes to something else, or nobody knows to what."""
    book = FormulaBook(after)
    reached = {name: book.dependencies.reached(places).keys() for name, places in cells.items()}
    if not any(reached.values()):
        return frozenset()
    values = calculator.calculate(before, after).values
    settled = {place for place, value in values.items() if same(value, book.value(place))}
    return frozenset(name for name, places in reached.items() if places - settled)
