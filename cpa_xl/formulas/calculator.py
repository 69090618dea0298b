"""Recalculates a closed workbook with the cell functions, and says which cells it leaves alone and why.

An engine earns trust for each cell. A cell that shows a value gets a new one only when the engine reproduces the old
one from the old workbook. A cell without a value (a fresh template, a new row) gets one in two cases: the engine
reproduces cells of its column with the same formula, or the tests check all its functions. Cells that no change
reaches stay untouched. Every other cell keeps its value, and the result names it with the reason.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cpa_xl.errors import CellError
from cpa_xl.formulas.engine import CellFunctions, Engine, NoResultError
from cpa_xl.formulas.engine_limits import (
    CHECKED_FUNCTIONS,
    EngineLimits,
    FoundLimits,
    has_dynamic_references,
    restless,
    value_limit,
)
from cpa_xl.formulas.graph import MOST_CELLS, CalculableWorkbook, CellValue, FormulaBook, Place, cells_in_block
from cpa_xl.formulas.references import CellBlock
from cpa_xl.measures.figures import REST_OF_SUBTRACTION, REWORKED, same, same_figure
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.workbook.closed import ClosedWorkbook


@dataclass(frozen=True)
class Kept:
    """A formula cell that keeps its old value although a cell that it depends on has changed."""

    sheet: str
    cell: str
    formula: str
    reason: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell} (={self.formula}): {self.reason}"


class HandedOn(str):
    """The reason of an error from another cell: "Scorecard!F1: " and that cell's reason, `why`."""

    __slots__ = ("why",)
    why: str

    def __new__(cls, origin: str, why: str) -> "HandedOn":
        """`origin` is the cell where the error begins."""
        reason = super().__new__(cls, f"{origin}: {why}")
        reason.why = why
        return reason


class _Difference(str):
    """Why not to trust the engine: it gives another value (and not none)."""

    __slots__ = ()


@dataclass(frozen=True)
class Calculation:
    """New values, cells that keep theirs, and the reasons of errors, by (sheet, row, column).

    `values` hold None, bool, float, str or CellError for each calculated formula cell and each cell that an array
    formula fills. A reason that comes from another cell is `HandedOn`.
    """

    values: Mapping[Place, CellValue]
    kept: tuple[Kept, ...]
    reasons: Mapping[Place, str]


class Calculator(Protocol):
    """Calculates what changes between a workbook and the same workbook with new data."""

    def calculate(self, before: CalculableWorkbook, after: CalculableWorkbook) -> Calculation: ...


class EmbeddedCalculator:
    """The calculator inside this package: formualizer with the given cell functions.

    Args:
        functions: cell functions by name. They get cells as floats, bools, text, None and CellError, and ranges as
            lists of rows; they return such values or rows of them, or raise the CellError that the cell shall show.
        trusted_functions: ordinary functions that count as right in cells without a value to compare with.
    """

    def __init__(self, functions: CellFunctions, trusted_functions: Collection[str] = CHECKED_FUNCTIONS) -> None:
        self._functions = {name.upper(): function for name, function in functions.items()}
        self._judge = EngineLimits(self._functions, trusted_functions)

    def calculate(self, before: CalculableWorkbook, after: CalculableWorkbook) -> Calculation:
        """Calculate the cells that differences between the two reach. Changes neither; raises as reading them does."""
        books = (FormulaBook(workbook, self._functions) for workbook in (before, after))
        return _Task(self._functions, self._judge, *books).calculation()

    def contradicted(self, workbook: CalculableWorkbook) -> Mapping[Place, str]:
        """Formula cells that show another value than their formula gives, with a sentence that names both.

        Only formulas without doubts count; the engine calculates each from what its input cells show.
        """
        book = FormulaBook(workbook, self._functions)
        return _Task(self._functions, self._judge, book, book).contradicted()

    def calculate_cell(self, workbook: CalculableWorkbook, place: Place) -> None:
        """Calculate one formula for the calls that it makes; other cells keep the values that they show."""
        book = FormulaBook(workbook, self._functions)
        _Task(self._functions, self._judge, book, book).calls(place)


class _Task:
    """One calculation, step by step: what changed, what that reaches, where to trust the engine, the new values."""

    def __init__(self, functions: CellFunctions, judge: EngineLimits, before: FormulaBook, after: FormulaBook) -> None:
        self.functions = functions
        self.judge = judge
        self.before = before
        self.after = after
        self.refused: dict[Place, str] = {}  # cells that keep their value, and why

    def calculation(self, woken: frozenset[Place] = frozenset()) -> Calculation:
        """The whole calculation; `woken` are cells that an earlier pass found changed."""
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
        """Formula cells whose value differs from the engine's."""
        places = {place for place, formula in self.after.formulas.items() if not restless(formula)}
        tried = {place for place in places if not (self._never(place) or self._doubts(place).unchecked)}
        return {place: why for place, why in self._tried(tried).items() if isinstance(why, _Difference)}

    def calls(self, place: Place) -> None:
        """Calculate one formula alone."""
        self._calculated([place])

    def _changed_formulas(self) -> set[Place]:
        """Formula cells that are new, have a new text, or have no value (yet, or lost without the add-in)."""
        before, after = self.before, self.after
        return {
            place
            for place, formula in after.formulas.items()
            if place not in before.formulas
            or before.formulas[place].text != formula.text
            or not (after.shows(place) or self._is_silent(place))
        }

    def _is_silent(self, place: Place) -> bool:
        """Whether the cell shows an empty text before and after: its result, or a sign that it was never calculated."""
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
        """Refuse the places where the engine cannot be trusted, each with the reason."""
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

    def _doubts(self, place: Place) -> FoundLimits:
        return self.judge.doubts(self.after.formulas[place], array=place in self.after.fills)

    def _never(self, place: Place) -> str:
        """Why the engine can never be trusted here; "" where it can."""
        if self.after.date1904:
            return "the workbook counts its dates from 1904"
        if self.after.reads_too_much(self.after.formulas[place]):
            return f"it reads a range of more than {MOST_CELLS:,} cells"
        return "; ".join(self._doubts(place).never)

    def _comparable(self, place: Place) -> list[Place]:
        """Cells of the workbook before the change with a value to compare the engine's result of this formula with."""
        formula = self.after.formulas[place]
        old = self.before.formulas.get(place)
        if old is not None and self.before.shows(place) and old.kinship == formula.kinship:
            return [place]
        return self.before.kin.get((place[0], place[2], formula.kinship), [])

    def _tried(self, places: Collection[Place]) -> dict[Place, str]:
        """For each cell of the workbook before the change, why not to trust the engine; "" where it agrees.

        The engine calculates each formula alone, from the values that its input cells show, on a separate sheet.
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
        old_block = self.before.block(place)
        if len(found) == len(old_block) and all(map(_rows_agree, found, old_block)):
            return ""
        if len(found) == len(old_block) == 1 and len(found[0]) == len(old_block[0]) == 1:
            words = f"the calculator gets {_shown(found[0][0])} where the workbook has {_shown(old_block[0][0])}"
            return _Difference(words)
        return _Difference("the calculator does not get the values that the workbook has")

    def _behind(self) -> dict[Place, str]:
        """Cells that read a refused cell, directly or through others, with the sentence that says so."""
        return {
            place: f"it depends on {_address(origin)}, which keeps its value"
            for place, origin in self.after.dependencies.reached(self.refused).items()
            if place not in self.refused
        }

    def _calculated(self, wanted: Collection[Place]) -> tuple[Engine, dict[Place, CellValue]]:
        """Calculate the wanted formulas; all other cells keep the values that they show."""
        book, engine = self.after, Engine(self.functions)
        for sheet in book.sheets:
            engine.add_sheet(sheet)
        being_filled = {cell for place in wanted if place in book.fills for cell in cells_in_block(book.fills[place])}
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
            size = "{} by {}".format(*area.size)
            self.refused[place] = f"it fills {len(rows)} by {len(rows[0])} cells now, and the workbook has {size}"
        else:
            for cell, value in zip(cells_in_block(area), (value for row in rows for value in row), strict=True):
                values[cell] = value
                functions = self.after.formulas[place].functions
                doubt = value_limit(value, functions, self.after.texts[place])
                if doubt is not None:
                    self.refused[place] = doubt

    def _settle(
        self, watched: Mapping[Place, str], reached: Collection[Place], values: Mapping[Place, CellValue]
    ) -> None:
        """Leave watched cells alone where the engine gets the value that they show; refuse the others."""
        others = bool(self.refused)
        for place, why in watched.items():
            same = place in values and _agree(values[place], self.after.value(place))
            blind = others and has_dynamic_references(self.after.formulas[place])
            if not same or blind or place in reached:
                self.refused.setdefault(place, why)

    def _drop(self, values: dict[Place, CellValue], place: Place) -> None:
        area = self.after.fills.get(place)
        for cell in cells_in_block(area) if area else (place,):
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
        """Why cells show errors: the reason of a function in the cell, or in a cell that it reads."""
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
    """Whether two constants are the same to any formula; a blank is not an empty text."""
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


Label = TypeVar("Label", bound=Hashable)


def changes_results(
    before: ClosedWorkbook, after: ClosedWorkbook, cells: Mapping[Label, Collection[Place]], calculator: Calculator
) -> frozenset[Label]:
    """The names of those changed cells that change a formula's result, or may change it in an unknown way."""
    book = FormulaBook(after)
    reached = {name: book.dependencies.reached(places).keys() for name, places in cells.items()}
    if not any(reached.values()):
        return frozenset()
    values = calculator.calculate(before, after).values
    settled = {place for place, value in values.items() if same(value, book.value(place))}
    return frozenset(name for name, places in reached.items() if places - settled)
