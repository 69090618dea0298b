"""Rewrites the formulas of Calc documents so that cell functions get cells and not only values.

Calc passes 0 for a blank cell, and nothing for a range that holds an error. It passes cells only for an argument that
is declared as a range, and accepts nothing else there. So each reference among the arguments of a CPA function is
wrapped in a function that takes ranges: `CPA_RAG(F12;D12)` becomes `CPA_RAG((F12);(D12))`, because the name of that
function shows as nothing. In an array formula the call is wrapped as well (`cells.Array` explains why). Names as Excel
stores them (`[1]!CPA_RAG`, `_xll.CPA_RAG`) lose their prefix. Formulas are lists of tokens, as
`com.sun.star.sheet.XFormulaTokens` reads and writes them.

`dress` does this for a whole document, when it opens and after each change. It adds no step to the undo list, and a
saved document stays unmodified.

Never chain a call onto another call or property of LibreOffice's objects: give each object a name (`getData` after
`found = sheet.query()`). LibreOffice 25.2 frees an object that only its method holds while it keeps Python's lock, and
hangs if another thread is waiting for Python.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cpa_xl.libreoffice.document import Document, unnoticed
from cpa_xl.libreoffice.soffice import ADDIN, ARRAY_CELLS, BOOLEAN, CELLS, EACH

STORED = re.compile(r"(?:\[\d+\]!|'[^']*'!|_xll\.|_xludf\.|_xlfn\.|_xldudf_)+(CPA_[A-Z0-9_]+)", re.IGNORECASE)
GIVE_CELLS = {"INDEX": 4, "OFFSET": 5, "INDIRECT": 2, "XLOOKUP": 3}  # with at most so many arguments
CHOOSE_CELLS: Mapping[str, Callable[[int, int], bool]] = {
    "IF": lambda place, _count: place > 0,
    "CHOOSE": lambda place, _count: place > 0,
    "IFS": lambda place, _count: place % 2 == 1,
    "SWITCH": lambda place, count: place > 0 and (place % 2 == 0 or place == count - 1),
}  # they give cells where the argument that they choose does; which of so many can be chosen
JOIN_CELLS = (":", "!", "~")
BOOLEANS = ("TRUE", "FALSE")
TABLE_OPEN, TABLE_CLOSE = 29, 30  # no list that LibreOffice gives has these two; they are so since version 5.1

_ENGLISH, _SPECIAL = 2, 0  # com.sun.star.sheet.FormulaLanguage, FormulaMapGroup
_PLACES = (0, 3, 4, 7, 10, 14)  # FormulaMapGroupSpecialOffset: push, external, name, bad, database area, table
_SPACES = (8, 13)  # spaces, white space

MOST_REMEMBERED = 100_000  # formulas
FORMULA_CELLS = 16  # com.sun.star.sheet.CellFlags.FORMULA
SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
MakeToken = Callable[[int, Any], Any]


class CalcToken(NamedTuple):
    """A token of a formula: its number in this LibreOffice, and its content."""

    code: int
    data: Any


Tokens = list[CalcToken]


@dataclass(frozen=True)
class Codes:
    """The numbers of tokens in this LibreOffice; `of` has those of operators, brackets and functions by name."""

    push: int
    external: int
    name: int
    bad: int
    area: int
    table: int
    spaces: frozenset[int]
    of: Mapping[str, int]

    @classmethod
    def read(cls, mapper: Any) -> "Codes":
        """Ask a `com.sun.star.sheet.FormulaOpCodeMapper`."""
        special = [each.Token.OpCode for each in mapper.getAvailableMappings(_ENGLISH, _SPECIAL)]
        names = ("(", ")", ";", *JOIN_CELLS, *GIVE_CELLS, *CHOOSE_CELLS, *BOOLEANS)
        codes = [token.OpCode for token in mapper.getMappings(names, _ENGLISH)]
        spaces = frozenset(special[place] for place in _SPACES)
        push, external, name, bad, area, table = (special[place] for place in _PLACES)
        return cls(push, external, name, bad, area, table, spaces, dict(zip(names, codes, strict=True)))


@dataclass(frozen=True)
class Dresser:
    """Puts into formulas what the functions need; `is_range_name` says whether a name refers to cells."""

    codes: Codes
    functions: Collection[str]
    is_range_name: Callable[[Any], bool]

    def dressed(self, tokens: Sequence[CalcToken], *, array: bool) -> Tokens | None:
        """The formula with its references wrapped; None where nothing is to be done."""
        named = [self._renamed(token) for token in tokens]
        done = self._walk(named, array=array)
        return done if done != list(tokens) else None

    def _renamed(self, token: CalcToken) -> CalcToken:
        """A name as Excel stores it, as the function that it means."""
        if token.code == self.codes.bad and isinstance(token.data, str):
            stored = STORED.fullmatch(token.data)
            if stored and stored[1].upper() in self.functions:
                return CalcToken(self.codes.external, f"{ADDIN}.{stored[1].upper()}")
        return token

    def _own(self, token: CalcToken) -> str:
        """The name of a function of this extension; "" for every other token."""
        if token.code == self.codes.external and isinstance(token.data, str):
            before, _, name = token.data.rpartition(".")
            return name if before == ADDIN else ""
        return ""

    def _walk(self, tokens: Sequence[CalcToken], *, array: bool) -> Tokens:
        """The tokens with every call of a cell function dressed."""
        done: Tokens = []
        at = 0
        while at < len(tokens):
            end = at
            if self._own(tokens[at]) in self.functions and at + 1 < len(tokens):
                end = self._closing(tokens, at + 1)
                call = self._call(tokens[at : end + 1], array=array)
                wrapped = array and self._has_cells(call) and not self._ends_with_wrap(done, EACH)
                done += self._wrap(EACH, call) if wrapped else call
            elif picked := self._picked(tokens[at:], array=array):
                end = self._closing(tokens, at + 1)
                done += picked if self._ends_with_wrap(done, EACH) else self._wrap(EACH, picked)
            else:
                done.append(tokens[at])
            at = end + 1
        return done

    def _picked(self, tokens: Sequence[CalcToken], *, array: bool) -> Tokens:
        """INDEX of one cell of an answer, dressed so that text in it is text (`cells.Array`); else nothing."""
        if len(tokens) < 2 or tokens[0].code != self.codes.of["INDEX"]:
            return []
        end = self._closing(tokens, 1)
        table, *places = (self._without_spaces(argument)[1] for argument in self._split(tokens[2:end]))
        if not (table and self._own(table[0]) in self.functions and self._closing(table, 1) == len(table) - 1):
            return []
        if len(places) != 2 or any(not place or place[0].data == 0 for place in places):
            return []  # a whole row or column
        call = self._call(table, array=True)
        done = [*tokens[:2], *call]
        for place in places:
            done += [CalcToken(self.codes.of[";"], None), *self._walk(place, array=array)]
        return [*done, tokens[end]] if self._has_cells(call) else []

    def _ends_with_wrap(self, done: Tokens, name: str) -> bool:
        return len(done) > 1 and done[-1].code == self.codes.of["("] and self._own(done[-2]) == name

    def _has_cells(self, call: Tokens) -> bool:
        return any(self._own(token) == ARRAY_CELLS for token in call)

    def _wrap(self, name: str, inner: Sequence[CalcToken]) -> Tokens:
        opening, closing = (self.codes.of["("], self.codes.of[")"])
        return [
            CalcToken(self.codes.external, f"{ADDIN}.{name}"),
            CalcToken(opening, None),
            *inner,
            CalcToken(closing, None),
        ]

    def _call(self, call: Sequence[CalcToken], *, array: bool) -> Tokens:
        """A call of a cell function with its arguments dressed; from the name to the closing bracket."""
        done = list(call[:2])
        for number, argument in enumerate(self._split(call[2:-1])):
            if number:
                done.append(CalcToken(self.codes.of[";"], None))
            done += self._argument(argument, CELLS if not array else ARRAY_CELLS)
        return [*done, call[-1]]

    def _argument(self, argument: Sequence[CalcToken], wrapper: str) -> Tokens:
        """An argument, wrapped where it is cells; the spaces around it stay."""
        before, core, after = self._without_spaces(argument)
        if core and self._own(core[0]) in (CELLS, ARRAY_CELLS):
            core = [CalcToken(core[0].code, f"{ADDIN}.{wrapper}"), *core[1:]]
        elif self.is_cells(core):
            bracketed = self._is_bracketed(core)
            name = CalcToken(self.codes.external, f"{ADDIN}.{wrapper}")
            core = [name, *core] if bracketed else self._wrap(wrapper, core)
        elif self._is_call_of(CHOOSE_CELLS, core):
            core = self._branches(core, wrapper)
        elif self._is_call_of(BOOLEANS, core):
            core = self._wrap(BOOLEAN, core)
        else:
            core = self._walk(core, array=wrapper == ARRAY_CELLS)
        return [*before, *core, *after]

    def _branches(self, call: Sequence[CalcToken], wrapper: str) -> Tokens:
        """IF and similar: the alternatives are dressed as arguments, the condition is not."""
        chosen = next(chosen for name, chosen in CHOOSE_CELLS.items() if call[0].code == self.codes.of[name])
        arguments = list(self._split(call[2:-1]))
        done = list(call[:2])
        for place, argument in enumerate(arguments):
            if place:
                done.append(CalcToken(self.codes.of[";"], None))
            if chosen(place, len(arguments)):
                done += self._argument(argument, wrapper)
            else:
                done += self._walk(argument, array=wrapper == ARRAY_CELLS)
        return [*done, call[-1]]

    def is_cells(self, tokens: Sequence[CalcToken]) -> bool:
        """Whether an expression gives cells whatever they hold: a reference, or references joined."""
        rest = list(tokens)
        while True:
            length = self._operand(rest)
            if not length:
                return False
            rest = self._without_spaces(rest[length:])[1]
            if not rest:
                return True
            if rest[0].code not in {self.codes.of[operator] for operator in JOIN_CELLS}:
                return False
            rest = self._without_spaces(rest[1:])[1]

    def _operand(self, tokens: Sequence[CalcToken]) -> int:
        """How many tokens the reference at the beginning has; 0 where there is none."""
        if not tokens:
            return 0
        code, data = tokens[0]
        if code == self.codes.table:
            return self._table_end(tokens)
        if code == self.codes.of["("]:
            end = self._closing(tokens, 0)
            return end + 1 if self.is_cells(self._without_spaces(tokens[1:end])[1]) else 0
        most = next((most for name, most in GIVE_CELLS.items() if code == self.codes.of[name]), 0)
        if most and len(tokens) > 1:
            end = self._closing(tokens, 1)
            return end + 1 if len(list(self._split(tokens[2:end]))) <= most else 0
        is_address = code == self.codes.push and (hasattr(data, "RelativeColumn") or hasattr(data, "Reference1"))
        is_name = code == self.codes.name and self.is_range_name(data)
        return int(is_address or is_name or code == self.codes.area)

    def _table_end(self, tokens: Sequence[CalcToken]) -> int:
        depth = 0
        for at, token in enumerate(tokens[1:], 1):
            depth += (token.code == TABLE_OPEN) - (token.code == TABLE_CLOSE)
            if depth == 0:
                return at + (token.code == TABLE_CLOSE)
        return len(tokens)

    def _is_bracketed(self, tokens: Sequence[CalcToken]) -> bool:
        return bool(tokens) and tokens[0].code == self.codes.of["("] and self._closing(tokens, 0) == len(tokens) - 1

    def _is_call_of(self, names: Collection[str], tokens: Sequence[CalcToken]) -> bool:
        """Whether an expression is one call of one of these functions and nothing else."""
        if len(tokens) < 3 or tokens[0].code not in {self.codes.of[name] for name in names}:
            return False
        return self._closing(tokens, 1) == len(tokens) - 1

    def _closing(self, tokens: Sequence[CalcToken], opening: int) -> int:
        """Where the bracket that opens at a place closes; the last place of a formula that lacks it."""
        begins, ends = (self.codes.of["("], self.codes.of[")"])
        depth = 0
        for at in range(opening, len(tokens)):
            depth += (tokens[at].code == begins) - (tokens[at].code == ends)
            if depth == 0:
                return at
        return len(tokens) - 1

    def _split(self, tokens: Sequence[CalcToken]) -> Iterator[Tokens]:
        """The arguments between the brackets of a call."""
        begins, ends = (self.codes.of["("], self.codes.of[")"])
        openings, closings = {begins, TABLE_OPEN}, {ends, TABLE_CLOSE}
        depth, argument = 0, Tokens()
        for token in tokens:
            depth += (token.code in openings) - (token.code in closings)
            if depth == 0 and token.code == self.codes.of[";"]:
                yield argument
                argument = []
            else:
                argument.append(token)
        yield argument

    def _without_spaces(self, tokens: Sequence[CalcToken]) -> tuple[Tokens, Tokens, Tokens]:
        first, last = 0, len(tokens)
        while first < last and tokens[first].code in self.codes.spaces:
            first += 1
        while last > first and tokens[last - 1].code in self.codes.spaces:
            last -= 1
        return list(tokens[:first]), list(tokens[first:last]), list(tokens[last:])


@dataclass
class InOrder:
    """Formulas of a document that need no second look, as long as it has the same names: most stay as they are."""

    names: tuple[str, ...] = ()
    formulas: set[str] = field(default_factory=set)

    def renew(self, names: tuple[str, ...]) -> None:
        """Forget everything where names were added or removed: a word may have become a reference."""
        if names != self.names or len(self.formulas) > MOST_REMEMBERED:
            self.names = names
            self.formulas.clear()


def is_spreadsheet(document: Document) -> bool:
    """Whether a document has sheets; all others are ignored."""
    return document is not None and hasattr(document, "supportsService") and document.supportsService(SPREADSHEET)


def dress(document: Document, functions: Collection[str], make_token: MakeToken, known: InOrder | None = None) -> int:
    """Bring every formula with a cell function in order, in cells and in names; how many were not."""
    known = known or InOrder()
    places = [document, *document.Sheets]
    known.renew(tuple(name for place in places for name in place.NamedRanges.ElementNames))
    changed = 0
    with unnoticed(document):
        found = [named for place in places for named in place.NamedRanges if _has_function(named.Content)]
        for sheet in document.Sheets:
            found += list(_cells_with_functions(sheet, known.formulas))
        if not found:
            return 0
        dresser = _dresser(document, functions)
        for one in found:
            if _dress_one(one, dresser, make_token):
                changed += 1
            elif hasattr(one, "getFormula"):
                known.formulas.add(one.getFormula())
    return changed


def _has_function(formula: str) -> bool:
    return "CPA_" in formula or "cpa_" in formula


def _cells_with_functions(sheet: Any, known: set[str]) -> Iterator[Any]:
    """Cells with an unknown formula that calls one of the functions, array formulas as the range that they fill."""
    filled = sheet.queryContentCells(FORMULA_CELLS)
    for place in filled.getRangeAddresses():
        block = sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, place.EndColumn, place.EndRow)
        for row, formulas in enumerate(block.getFormulaArray()):
            for column, formula in enumerate(formulas):
                if formula in known or not _has_function(formula):
                    continue
                cell = block.getCellByPosition(column, row)
                if not cell.getArrayFormula():
                    yield cell
                    continue
                cursor = sheet.createCursorByRange(cell)
                cursor.collapseToCurrentArray()
                array = cursor.getRangeAddress()
                here = cell.getCellAddress()
                if (array.StartRow, array.StartColumn) == (here.Row, here.Column):
                    yield sheet.getCellRangeByPosition(array.StartColumn, array.StartRow, array.EndColumn, array.EndRow)


def _dress_one(cells: Any, dresser: Dresser, make_token: MakeToken) -> bool:
    """Bring a cell, the range of an array formula, or a name in order; whether it was not."""
    array = hasattr(cells, "getArrayTokens") and not hasattr(cells, "getCellAddress")
    given = cells.getArrayTokens() if array else cells.getTokens()
    read = [CalcToken(each.OpCode, each.Data) for each in given]
    dressed = dresser.dressed(read, array=array)
    if dressed is None:
        return False
    originals = {id(token): original for token, original in zip(read, given, strict=True)}
    tokens = tuple(originals.get(id(token)) or make_token(token.code, token.data) for token in dressed)
    if array:
        cells.setArrayTokens(tokens)
    else:
        cells.setTokens(tokens)
    return True


def _dresser(document: Document, functions: Collection[str]) -> Dresser:
    names: dict[tuple[bool, int], bool] = {}
    codes = Codes.read(document.createInstance("com.sun.star.sheet.FormulaOpCodeMapper"))

    def is_range_name(token: Any) -> bool:
        """Whether a name stands for cells; asked again for names within names."""
        key = (token.Sheet < 0, token.Index)
        if key not in names:
            names[key] = False  # a name that refers to itself refers to nothing
            content = _content(document, token)
            names[key] = content is not None and dresser.is_cells([CalcToken(one.OpCode, one.Data) for one in content])
        return names[key]

    dresser = Dresser(codes, functions, is_range_name)
    return dresser


def _content(document: Document, token: Any) -> Sequence[Any] | None:
    """The tokens of the content of a name."""
    sheets = document.Sheets
    place = document if token.Sheet < 0 else sheets.getByIndex(token.Sheet)
    for named in place.NamedRanges:
        if named.TokenIndex == token.Index:
            return tuple(named.getTokens())
    return None
