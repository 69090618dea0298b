"""The embedded engine (formualizer): cells and formulas go in, values come out, and it calls the cell functions.

The engine holds everything in memory and never sees a file. This module translates for it: names of errors, omitted
arguments, the cell that calls a function, and blanks.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import formualizer as fz

from cpa_xl.errors import CellError, CpaXlError, WrongArgument, error_shown
from cpa_xl.formulas import excel_functions
from cpa_xl.formulas.graph import CellValue, Place
from cpa_xl.formulas.references import CellBlock, Formula, Token, TokenKind, function_name
from cpa_xl.ooxml.a1 import bounds
from cpa_xl.workbook.closed import cell_error

CellFunctions = Mapping[str, Callable[..., object]]

_LEFT_OUT = "CPA_XL_LEFT_OUT"  # in place of an omitted argument; the engine itself passes 0
_FIRST = "CPA_XL_FIRST"  # the first value of many: what a formula shows that is not an array formula

_CAREFUL = "CPA_XL_"  # before the name of a function of `excel_functions`

_KINDS = {
    "#N/A": "Na",
    "#VALUE!": "Value",
    "#NUM!": "Num",
    "#DIV/0!": "Div",
    "#REF!": "Ref",
    "#NAME?": "Name",
    "#NULL!": "Null",
    "#CALC!": "Calc",
    "#SPILL!": "Spill",
}
_CODES = {kind: code for code, kind in _KINDS.items()}
_REFUSALS = {
    "Name": "the calculator does not know one of its functions or names",
    "Spill": "its values do not fit among the cells around it",
    "Circ": "it is part of a circle of formulas, or reads one",
    "NImpl": "the calculator cannot do this formula",
}

_PLAIN = frozenset([float, str, bool, type(None)])

DENSE = 4  # a block of cells is handed over at once when at least one in four is there


class NoResultError(CpaXlError):
    """The engine gives no result that a cell of Excel can show; the message says why."""


@dataclass
class Call:
    """What a call of a cell function got and gave; `steady`: each time the same.

    arguments: those that were asked for, by their place from 0.
    """

    arguments: Mapping[int, object]
    result: object
    steady: bool = True


class Engine:
    """One calculation: put cells in, put formulas in, `run`, read values.

    `reasons` holds the reasons that cell functions give for their errors, by the calling cell and the error's code;
    `failures` holds the other exceptions. `calls` holds the calls of cell functions that were asked for, by cell and by
    the place of the call in the formula (the first is 0).
    """

    def __init__(self, functions: CellFunctions) -> None:
        self._own = frozenset(functions)
        self._callers: list[tuple[Place, int, Collection[int]]] = []
        self._sheets: dict[str, str] = {}
        self._areas: dict[CellBlock, str] = {}
        self._has_careful = False
        self.calls: dict[tuple[Place, int], Call] = {}
        self.reasons: dict[tuple[Place, str], str] = {}
        self.failures: dict[Place, str] = {}
        settings = fz.EvaluationConfig()
        settings.enable_parallel = False  # the functions are Python
        config = fz.WorkbookConfig(mode=fz.WorkbookMode.Ephemeral, eval_config=settings)
        self._book = fz.Workbook(config=config)
        self._book.set_temporal_egress("serial")
        self._book.register_function(_LEFT_OUT, _left_out, max_args=0)
        self._book.register_function(_FIRST, _first, min_args=1, max_args=1)
        for name, function in functions.items():
            self._book.register_function(name, self._called(name, function), min_args=1)

    def add_sheet(self, sheet: str) -> None:
        """Add an empty sheet. The engine has a sheet of its own from the start, `Sheet1`: it takes that one's place."""
        self._sheets[sheet] = next((own for own in self._book.sheet_names if own.casefold() == sheet.casefold()), sheet)
        self._book.add_sheet(self._sheets[sheet])

    def put_cells(self, sheet: str, cells: Mapping[tuple[int, int], CellValue]) -> None:
        """Put constants into a sheet; neighbouring cells go in as one block."""
        sheet = self._sheets[sheet]
        for block in _blocks(sorted(cells)):
            first_row, first_col, last_row, last_col = block
            if block[:2] == block[2:]:
                self._book.set_value(sheet, first_row, first_col, _to_engine(cells[first_row, first_col]))
                continue
            rows, columns = range(first_row, last_row + 1), range(first_col, last_col + 1)
            data = [[_to_engine(cells.get((row, col))) for col in columns] for row in rows]
            self._book.set_values_batch(sheet, first_row, first_col, data)

    def put_formula(
        self,
        place: Place,
        formula: Formula,
        *,
        array: bool,
        sheet: str | None = None,
        asked: Mapping[int, Collection[int]] | None = None,
        careful: bool = False,
    ) -> None:
        """Put a formula into its cell, or into the same cell of another sheet.

        asked: the calls of cell functions to remember in `calls`, each with those of its arguments.
        careful: with the functions of `excel_functions` in place of the engine's own of those names.
        """
        text = "".join(self._spoken(place, formula, asked or {}, careful=careful))
        if not array and formula.functions & self._own:
            text = f"{_FIRST}({text})"
        try:
            self._book.set_formula(self._sheets[sheet or place[0]], place[1], place[2], "=" + text)
        except (RuntimeError, ValueError) as error:
            circle = _REFUSALS["Circ"] if "#CIRC!" in str(error) else None
            self.failures[place] = circle or f"the calculator cannot read the formula ({error})"

    def run(self) -> None:
        """Calculate everything."""
        self._book.evaluate_all()

    def value(self, sheet: str, row: int, col: int) -> CellValue:
        """What a cell shows. Raises NoResultError where Excel could not show it."""
        return _from_result(self._book.get_value(self._sheets[sheet], row, col))

    def filled(self, sheet: str, row: int, col: int) -> list[list[CellValue]]:
        """The values with which a formula fills its own and other cells, row by row. Raises NoResultError."""
        address = CellBlock(self._sheets[sheet], row, col, row, col).a1
        spill = self._book.inspect_cell(address).cell.spill
        if spill is None or spill.extent is None:
            return [[self.value(sheet, row, col)]]
        first_row, first_col, last_row, last_col = bounds(spill.extent.rpartition("!")[2])
        columns = range(first_col, last_col + 1)
        return [[self._filled_value(sheet, at, col) for col in columns] for at in range(first_row, last_row + 1)]

    def _filled_value(self, sheet: str, row: int, col: int) -> CellValue:
        """A value that a formula filled into a cell that was blank before; the plain look-up misses it."""
        address = CellBlock(self._sheets[sheet], row, col, row, col).a1
        return _from_result(self._book.inspect_cell(address).cell.value)

    def _spoken(
        self, place: Place, formula: Formula, asked: Mapping[int, Collection[int]], *, careful: bool
    ) -> Iterator[str]:
        """The formula in the engine's form: calls of our functions name their caller and all arguments."""
        inside_own: list[bool] = []  # one entry for each open bracket
        number = 0
        named = {formula.tokens[at].text: self._a1(area) for at, area in formula.areas.items()}
        tokens = _without_idle_spaces(formula.tokens)
        if careful:
            self._register_careful()
            tokens = _carefully(tokens)
        after = [*(token.text for token in tokens[1:]), *([""] if tokens else [])]  # a formula may be empty
        for token, following in zip(tokens, after, strict=True):
            yield named.get(token.text, token.text) if token.kind is TokenKind.AREA else token.text
            if token.kind is TokenKind.CALL or token.text in ("(", "{"):
                own = token.kind is TokenKind.CALL and token.text[:-1] in self._own
                inside_own.append(own or token.text.startswith(_CAREFUL))
                if own:
                    self._callers.append((place, number if number in asked else -1, asked.get(number, ())))
                    caller, number = len(self._callers) - 1, number + 1
                    yield str(caller) if following == ")" else f"{caller},"
                if inside_own[-1] and following == ",":
                    yield f"{_LEFT_OUT}()"
            elif token.text == "," and inside_own and inside_own[-1] and following in (",", ")"):
                yield f"{_LEFT_OUT}()"
            elif token.text in (")", "}") and inside_own:
                inside_own.pop()

    def _a1(self, area: CellBlock) -> str:
        """An area as the engine knows it; many formulas read the same."""
        known = self._areas.get(area)
        if known is None:
            known = self._areas[area] = replace(area, sheet=self._sheets[area.sheet]).a1
        return known

    def _register_careful(self) -> None:
        if not self._has_careful:
            self._has_careful = True
            for name, function in excel_functions.FUNCTIONS.items():
                self._book.register_function(_CAREFUL + name, _guarded(function), min_args=1)

    def _called(self, name: str, function: Callable[..., object]) -> Callable[..., object]:
        """The function in the form that the engine calls: the caller's number comes first."""

        def call(caller: float, *arguments: object) -> object:
            place, number, asked = self._callers[int(caller)]
            given = [_from_engine(argument) for argument in arguments]
            try:
                result = function(*given)
            except CellError as error:
                if str(error):  # errors from other cells have no reason, and get none here
                    self.reasons[place, error.code] = str(error)
                result = error
            except Exception as failure:  # else the engine turns it into #VALUE!, as if it were a result
                self.failures[place] = f"{name} failed with {type(failure).__name__}: {failure}"
                return _to_engine(WrongArgument(str(failure)))
            if number >= 0:
                self._remember((place, number), {at: given[at] for at in asked if at < len(given)}, result)
            return _to_engine(result)

        return call

    def _remember(self, key: tuple[Place, int], arguments: Mapping[int, object], result: object) -> None:
        known = self.calls.get(key)
        if known is None:
            self.calls[key] = Call(arguments, result)
        else:
            old, new = ([_comparable(value) for value in (*call[0].values(), call[1])]
                        for call in ((known.arguments, known.result), (arguments, result)))  # fmt: skip
            known.steady = known.steady and old == new


def _without_idle_spaces(tokens: Sequence[Token]) -> list[Token]:
    """The formula without spaces next to a bracket or comma; a space between two areas means their intersection."""
    kept: list[Token] = []
    for token in tokens:
        if token.text in (",", ")") and kept and kept[-1].kind is TokenKind.SPACE:
            kept.pop()
        if token.kind is TokenKind.SPACE and (not kept or kept[-1].text[-1] in ",("):
            continue
        kept.append(token)
    return kept


@dataclass(frozen=True)
class CallSite:
    """A call of a function in a formula's tokens: first and last token, and those of each argument."""

    start: int
    end: int
    arguments: tuple[tuple[int, int], ...]


def call_sites(tokens: Sequence[Token], functions: Collection[str]) -> list[CallSite]:
    """The calls of these functions, in the order of their first tokens."""
    if not any(token.kind is TokenKind.CALL and function_name(token.text[:-1]) in functions for token in tokens):
        return []
    waiting: list[tuple[int, bool, list[int]]] = []  # of each open bracket: its token, whether it calls, its commas
    found = []
    for at, token in enumerate(tokens):
        if token.kind is TokenKind.CALL or token.text in ("(", "{"):
            calls = token.kind is TokenKind.CALL and function_name(token.text[:-1]) in functions
            waiting.append((at, calls, []))
        elif token.text == "," and waiting:
            waiting[-1][2].append(at)
        elif token.text in (")", "}") and waiting:
            start, calls, commas = waiting.pop()
            if calls:
                ends = [*commas, at]
                begins = [start + 1, *(comma + 1 for comma in commas)]
                found.append(CallSite(start, at, tuple(zip(begins, ends, strict=True))))
    return sorted(found, key=lambda site: site.start)


def can_be_careful(formula: Formula) -> bool:
    """Whether the careful form of a formula is another one."""
    return not formula.functions.isdisjoint(excel_functions.FUNCTIONS.keys() | {"OFFSET"})


def _carefully(tokens: Sequence[Token]) -> list[Token]:
    """The formula with the functions of `excel_functions`, and OFFSET with sizes above 0."""
    found = [
        Token(token.kind, _CAREFUL + token.text)
        if token.kind is TokenKind.CALL and token.text[:-1] in excel_functions.FUNCTIONS
        else token
        for token in tokens
    ]
    for site in reversed(call_sites(found, ["OFFSET"])):
        if len(site.arguments) > 3:  # the last one lies within no other that is still to come
            texts = ["".join(token.text for token in found[start:end]) for start, end in site.arguments]
            found[site.start : site.end + 1] = [Token(TokenKind.NAME, _offset(*texts))]
    return found


def _offset(base: str, rows: str, columns: str, height: str, width: str = "") -> str:
    """OFFSET from the first cell on: a size below 0 counts backwards, which the engine does not know."""
    parts = []
    for start, size in ((rows, height), (columns, width)):
        parts.append(f"({start or 0})+IF(({size})<0,({size})+1,0)" if size else start or "0")
    sizes = [f"ABS({size})" if size else "" for size in (height, width)]
    return f"OFFSET({base},{','.join(parts)},{','.join(sizes)})".replace(",)", ")")


def _guarded(function: Callable[..., object]) -> Callable[..., object]:
    """A function of `excel_functions` in the form that the engine calls."""

    def call(*arguments: object) -> object:
        try:
            return _to_engine(function(*(_from_engine(argument) for argument in arguments)))
        except CellError as error:
            return _to_engine(error)
        except (excel_functions.NotDoneError, TypeError, ValueError, IndexError, OverflowError) as error:
            return fz.LiteralValue.error("NImpl", str(error))

    return call


def _left_out() -> None:
    return None


def _first(value: object) -> object:
    while isinstance(value, list):
        value = value[0]
    return value


def _comparable(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_comparable(item) for item in value]
    return (type(value), value.code) if isinstance(value, CellError) else (type(value), value)


def _from_engine(value: object) -> object:
    """An engine value as an argument for cell functions: float, bool, text, None, CellError, or rows of these."""
    if isinstance(value, list):
        return [[item if type(item) in _PLAIN else _from_engine(item) for item in row] for row in value]
    if isinstance(value, dict):
        return error_shown(_CODES.get(str(value["kind"]), "#VALUE!"), value.get("message") or "")
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _to_engine(value: object) -> object:
    """A value or a function's answer for the engine; a single row becomes a range of one row."""
    if isinstance(value, list | tuple):
        rows = value if any(isinstance(row, list | tuple) for row in value) else [value]
        return [[_to_engine(item) for item in row] for row in rows]
    if isinstance(value, CellError):
        return fz.LiteralValue.error(_KINDS.get(value.code, "Value"), str(value) or None)
    if isinstance(value, float) and not math.isfinite(value):
        return fz.LiteralValue.error("Num", "the result is not a number")
    return value


def _from_result(value: object) -> CellValue:
    if isinstance(value, dict):
        kind = str(value["kind"])
        if kind in _REFUSALS or kind not in _CODES:
            raise NoResultError(_REFUSALS.get(kind, f"the calculator gave up ({kind})"))
        return cell_error(_CODES[kind])
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise NoResultError(f"the calculator gives {value}, which is no number that a cell can hold")
        return float(value)
    raise NoResultError(f"the calculator gave a {type(value).__name__}")


def shown(value: object) -> str:
    """A value as messages write it."""
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, float):
        return f"{value:.15g}"
    return repr(value)


def _blocks(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Blocks (first row, first column, last row, last column) that cover the sorted places and few others."""
    block: tuple[int, int, int, int] | None = None
    count = 0
    for row, columns in _by_row(places):
        first, last = columns[0], columns[-1]
        if last - first + 1 > DENSE * len(columns):
            yield from ((row, col, row, col) for col in columns)
            continue
        if block is not None and row == block[2] + 1:
            joined = (block[0], min(block[1], first), row, max(block[3], last))
            size = (joined[2] - joined[0] + 1) * (joined[3] - joined[1] + 1)
            if size <= DENSE * (count + len(columns)):
                block, count = joined, count + len(columns)
                continue
        if block is not None:
            yield block
        block, count = (row, first, row, last), len(columns)
    if block is not None:
        yield block


def _by_row(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    row = 0
    columns: list[int] = []
    for at, col in places:
        if at != row and columns:
            yield row, columns
            columns = []
        row = at
        columns.append(col)
    if columns:
        yield row, columns
