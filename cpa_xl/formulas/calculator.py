"""Recalculates a closed workbook with the cell functions, and says which cells it leaves alone and why.

Two engines judge. A new value counts only where both come to it; and a cell that shows a value gets a new one only
where the first engine reproduces the old one from the old workbook. Cells that no change reaches stay untouched. Every
other cell keeps its value, and the result names it with the reason and with what each engine gets.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cpa_xl.errors import CellError
from cpa_xl.formulas.engine import CellFunctions, Engine, NoResultError, can_be_careful, shown
from cpa_xl.formulas.graph import (
    MOST_CELLS,
    CalculableWorkbook,
    CellValue,
    FormulaBook,
    Place,
    cells_in_block,
    has_dynamic_references,
    restless,
)
from cpa_xl.formulas.references import CellBlock
from cpa_xl.formulas.second_judge import Doubt, SecondJudge, worked_out
from cpa_xl.measures.figures import REST_OF_SUBTRACTION, REWORKED, same, same_figure
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.workbook.closed import ClosedWorkbook


@dataclass(frozen=True)
class Kept:
    """A formula cell that keeps its old value although a cell that it depends on has changed.

    `formula` is "" for a pivot table; `cell` is then its area.
    first, second: what the two engines get, as text; "" where an engine has no value or was not asked.
    """

    sheet: str
    cell: str
    formula: str
    reason: str
    first: str = ""
    second: str = ""

    def __str__(self) -> str:
        formula = f" (={self.formula})" if self.formula else ""
        return f"{self.sheet}!{self.cell}{formula}: {self.reason}"


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
    """Why not to trust the engine: it gives other values (`found`), and not none."""

    __slots__ = ("found",)
    found: list[list[CellValue]]

    def __new__(cls, why: str, found: list[list[CellValue]]) -> "_Difference":
        difference = super().__new__(cls, why)
        difference.found = found
        return difference


@dataclass(frozen=True)
class Calculation:
    """New values, cells that keep theirs, and the reasons of errors, by (sheet, row, column).

    `values` hold None, bool, float, str or CellError for each calculated formula cell and each cell that an array
    formula fills. A reason that comes from another cell is `HandedOn`.
    """

    values: Mapping[Place, CellValue]
    kept: tuple[Kept, ...]
    reasons: Mapping[Place, str]


@dataclass(frozen=True)
class Contradictions:
    """Formula cells that show another value than their formula gives.

    certain: both engines get it; with a sentence that names both values. unsure: the first engine alone gets another,
    as another program may.
    """

    certain: Mapping[Place, str]
    unsure: frozenset[Place]


class Calculator(Protocol):
    """Calculates what changes between a workbook and the same workbook with new data."""

    def calculate(self, before: CalculableWorkbook, after: CalculableWorkbook) -> Calculation: ...


class EmbeddedCalculator:
    """The calculator inside this package: formualizer with the given cell functions.

    Args:
        functions: cell functions by name. They get cells as floats, bools, text, None and CellError, and ranges as
            lists of rows; they return such values or rows of them, or raise the CellError that the cell shall show.
    """

    def __init__(self, functions: CellFunctions) -> None:
        self._functions = {name.upper(): function for name, function in functions.items()}

    def calculate(self, before: CalculableWorkbook, after: CalculableWorkbook) -> Calculation:
        """Calculate the cells that differences between the two reach. Changes neither; raises as reading them does."""
        books = (FormulaBook(workbook, self._functions) for workbook in (before, after))
        return _Task(self._functions, *books).calculation()

    def contradictions(self, workbook: CalculableWorkbook) -> "Contradictions":
        """Formula cells that show another value than their formula gives, calculated from what its input cells show."""
        book = FormulaBook(workbook, self._functions)
        return _Task(self._functions, book, book).contradictions()

    def calculate_cell(self, workbook: CalculableWorkbook, place: Place) -> None:
        """Calculate one formula for the calls that it makes; other cells keep the values that they show."""
        book = FormulaBook(workbook, self._functions)
        _Task(self._functions, book, book).calls(place)


class _Task:
    """One calculation, step by step: what changed, what that reaches, the new values, and which of them count."""

    def __init__(self, functions: CellFunctions, before: FormulaBook, after: FormulaBook) -> None:
        self.functions = functions
        self.before = before
        self.after = after
        self.refused: dict[Place, str] = {}  # cells that keep their value, and why
        self.doubts: dict[Place, Doubt] = {}  # of these, what the two engines get
        self.unbelieved: set[Place] = set()  # refused cells whose present value the first engine does not reproduce
        self.plainly: dict[Place, Doubt] = {}  # of these, the doubts about the engine's own functions
        self.careful: set[Place] = set()  # cells that the first engine calculates with functions in Python

    def calculation(self, woken: frozenset[Place] = frozenset()) -> Calculation:
        """The whole calculation; `woken` are cells that an earlier pass found changed."""
        self.refused, self.doubts, self.unbelieved = {}, {}, set()
        changed = self._changed_formulas() | self._changed_constants() | woken
        silent = {place for place in self.after.formulas if place not in changed and self._is_silent(place)}
        seeking = {place for place, formula in self.after.formulas.items() if has_dynamic_references(formula)}
        stirred = self._stirred(changed | seeking if changed else changed)
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
        idle = watched.keys() | (silent - stirred - awake)
        values |= self._judge(engine, values, idle)
        if self._more_careful(values, stirred):
            return self.calculation(woken)
        self._refuse_blind(engine, seeking - idle, values)
        self._ask_opinions(engine, values, idle)
        kept = self.refused | self._behind()
        for place in kept.keys() | idle:
            self._drop(values, place)
        in_order = {place: values[place] for place in self._in_order(values)}
        return Calculation(in_order, self._named(kept), self._reasons(engine, in_order))

    def contradictions(self) -> "Contradictions":
        """Formula cells whose value differs from the engines'."""
        places = {place for place, formula in self.after.formulas.items() if not restless(formula)}
        engine, tried = self._tried({place for place in places if not self._never(place)})
        differing = {
            place: why
            for place, why in tried.items()
            if isinstance(why, _Difference) and (place in self.after.fills or [len(row) for row in why.found] == [1])
        }  # of many values a plain formula shows one, which Excel picks by its own row or column
        judge = SecondJudge(self.after, self.functions, engine.calls)
        doubts = judge.doubts({place: why.found for place, why in differing.items()}, alone=True)
        certain = {place: str(why) for place, why in differing.items() if place not in doubts}
        return Contradictions(certain, frozenset(differing.keys() - certain.keys()))

    def _roots(self, doubts: Mapping[Place, Doubt]) -> dict[Place, Doubt]:
        """The doubts that do not come from another doubted cell."""
        behind = self.after.dependencies.reached(doubts)
        return {place: doubt for place, doubt in doubts.items() if place not in behind}

    def calls(self, place: Place) -> None:
        """Calculate one formula alone."""
        self._calculated([place])

    def _stirred(self, changed: set[Place]) -> set[Place]:
        """The formula cells among these, and those that they reach."""
        return self.after.dependencies.reached(changed).keys() | (changed & self.after.formulas.keys())

    def _judge(
        self, engine: Engine, values: Mapping[Place, CellValue], idle: Collection[Place]
    ) -> Mapping[Place, CellValue]:
        """Refuse the values that the second engine does not come to; and give 0 for rests of subtractions."""
        behind = self._behind()
        judge = SecondJudge(self.after, self.functions, engine.calls, values)
        asked = [
            place
            for place in values
            if place in self.after.formulas and place not in (idle | self.refused.keys() | behind.keys())
        ]
        doubts = self._roots(judge.doubts({place: self._block(values, place) for place in asked}))
        self.doubts |= doubts
        self.refused |= {place: doubt.reason for place, doubt in doubts.items()}
        return judge.rests

    def _ask_opinions(self, engine: Engine, values: Mapping[Place, CellValue], idle: Collection[Place]) -> None:
        """Note what the second engine gets where the first has no value that counts."""
        for place in self.refused.keys() & self.plainly.keys() - self.doubts.keys():  # a second try gave no value
            self.doubts[place] = self.plainly[place]
            self.refused[place] = self.plainly[place].reason
        places = self.refused.keys() - idle - self._behind().keys() - self.doubts.keys()
        judge = SecondJudge(self.after, self.functions, engine.calls)
        for place, opinion in judge.opinions(places, values).items():
            self.doubts[place] = Doubt("", "", opinion)

    def _more_careful(self, values: Mapping[Place, CellValue], wanted: Collection[Place]) -> bool:
        """Whether there are refused cells to try again with functions in Python; each is tried once."""
        tried = len(self.careful)
        for place in self.refused.keys() & wanted:
            given = place in self.doubts or place not in values
            if given and can_be_careful(self.after.formulas[place]) and place not in self.unbelieved:
                self.careful.add(place)
                self.plainly |= {place: self.doubts[place]} if place in self.doubts else {}
        return len(self.careful) > tried

    def _refuse_blind(self, engine: Engine, seeking: Collection[Place], values: Mapping[Place, CellValue]) -> None:
        """Refuse formulas that may read, without naming it, a cell that keeps its old value."""
        kept = self.refused.keys() | self._behind().keys()
        asked = [place for place in seeking if place in values and place not in kept]
        if kept and asked:
            judge = SecondJudge(self.after, self.functions, engine.calls, values)
            found = {place: self._block(values, place) for place in asked}
            why = "it finds its cells while it is calculated, and may read one that keeps its value"
            self.refused |= dict.fromkeys(judge.moved(found, kept), why)

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
                self.unbelieved.add(place)
                self.refused[place] = never
            elif comparable:
                compared[place] = comparable
        _, against = self._tried({proof for proofs in compared.values() for proof in proofs})
        wrongs = {place: [proof for proof in proofs if against[proof]] for place, proofs in compared.items()}
        again = {proof for wrong in wrongs.values() for proof in wrong if can_be_careful(self.before.formulas[proof])}
        _, carefully = self._tried(again, careful=True)
        for place, wrong in wrongs.items():
            if wrong and all(carefully.get(proof) == "" for proof in wrong):
                self.careful.add(place)
            elif wrong:
                self.unbelieved.add(place)
                where = "" if wrong[0] == place else f"the same formula in {_address(wrong[0])}: "
                self.refused[place] = where + against[wrong[0]]

    def _never(self, place: Place) -> str:
        """Why the engine can never be trusted here; "" where it can."""
        formula = self.after.formulas[place]
        if self.after.reads_too_much(formula):
            return f"it reads a range of more than {MOST_CELLS:,} cells"
        passing = self.after.reads_hidden_rows(formula)
        if passing:
            return f"{passing} leaves out hidden rows, and some of its rows are hidden"
        return "; ".join(formula.doubts)

    def _comparable(self, place: Place) -> list[Place]:
        """Cells of the workbook before the change with a value to compare the engine's result of this formula with."""
        formula = self.after.formulas[place]
        old = self.before.formulas.get(place)
        if old is not None and self.before.shows(place) and old.kinship == formula.kinship:
            return [place]
        return self.before.kin.get((place[0], place[2], formula.kinship), [])

    def _tried(self, places: Collection[Place], *, careful: bool = False) -> tuple[Engine, dict[Place, str]]:
        """For each cell of the workbook before the change, why not to trust the engine; "" where it agrees.

        The engine calculates each formula alone, from the values that its input cells show, on a separate sheet.
        """
        seeking = {place for place in places if has_dynamic_references(self.before.formulas[place])}
        engine, found = self._tried_on({}, seeking, careful=careful)  # INDIRECT("A1") means a cell of its own sheet
        desks = {sheet: _unused(f"{sheet} calculated", self.before.sheets) for sheet in self.before.sheets}
        other, rest = self._tried_on(desks, set(places) - seeking, careful=careful)
        other.calls |= engine.calls
        return other, found | rest

    def _tried_on(
        self, desks: Mapping[str, str], places: Collection[Place], *, careful: bool
    ) -> tuple[Engine, dict[Place, str]]:
        """The same on these sheets, by the sheet of the formula; without one, in the formula's own cell."""
        book, engine = self.before, Engine(self.functions)
        if not places:
            return engine, {}
        used = {desks[place[0]] for place in places if place[0] in desks}
        for sheet in [*book.sheets, *sorted(used)]:
            engine.add_sheet(sheet)
        for sheet, columns in book.columns_read(places).items():
            own = places if not desks else ()
            cells = {
                at: cell.value
                for at, cell in book.sheets[sheet].items()
                if at[1] in columns and (sheet, *at) not in own
            }
            engine.put_cells(sheet, cells)
        for place in places:
            self._put(engine, book, place, desks.get(place[0]), careful=careful)
        engine.run()
        return engine, {place: self._against(engine, place, desks.get(place[0], place[0])) for place in places}

    def _put(
        self, engine: Engine, book: FormulaBook, place: Place, sheet: str | None = None, *, careful: bool = False
    ) -> None:
        formula = book.formulas[place]
        asked = worked_out(formula, self.functions) if formula.functions & self.functions.keys() else None
        engine.put_formula(place, formula, array=place in book.fills, sheet=sheet, asked=asked, careful=careful)

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
            words = f"the calculator gets {shown(found[0][0])} where the workbook has {shown(old_block[0][0])}"
            return _Difference(words, found)
        return _Difference("the calculator does not get the values that the workbook has", found)

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
            cells = {
                at: cell.value
                for at, cell in book.sheets[sheet].items()
                if at[1] in columns and (sheet, *at) not in wanted and (sheet, *at) not in being_filled
            }
            engine.put_cells(sheet, cells)
        for place in wanted:
            self._put(engine, book, place, careful=place in self.careful)
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
            values |= zip(cells_in_block(area), (value for row in rows for value in row), strict=True)

    def _settle(
        self, watched: Mapping[Place, str], reached: Collection[Place], values: Mapping[Place, CellValue]
    ) -> None:
        """Leave watched cells alone where the engine gets the value that they show; refuse the others."""
        for place, why in watched.items():
            if place in reached:
                self.refused.setdefault(place, f"{why}, and what it reads has changed")
            elif place not in values or not _agree(values[place], self.after.value(place)):
                self.refused.setdefault(place, why)

    def _block(self, values: Mapping[Place, CellValue], place: Place) -> list[list[CellValue]]:
        """The new values of a formula cell and of the cells that it fills, row by row."""
        area = self.after.fills.get(place)
        if area is None:
            return [[values[place]]]
        found, wide = [values[cell] for cell in cells_in_block(area)], area.size[1]
        return [found[at : at + wide] for at in range(0, len(found), wide)]

    def _drop(self, values: dict[Place, CellValue], place: Place) -> None:
        area = self.after.fills.get(place)
        for cell in cells_in_block(area) if area else (place,):
            values.pop(cell, None)

    def _in_order(self, places: Iterable[Place]) -> list[Place]:
        order = {sheet: number for number, sheet in enumerate(self.after.sheets)}
        return sorted(places, key=lambda place: (order[place[0]], place[1], place[2]))

    def _named(self, kept: Mapping[Place, str]) -> tuple[Kept, ...]:
        return tuple(
            Kept(
                place[0], cell_name(place[1], place[2]), self.after.texts[place], kept[place], doubt.first, doubt.second
            )
            for place in self._in_order(kept)
            for doubt in [self.doubts.get(place, Doubt(""))]
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
