"""What a formula refers to, and the same formula with every reference spelled out in A1.

The engine cannot read structured references, defined names and calls to add-in functions as Excel stores them. So
this module resolves them in the text first: `Facts[[#This Row],[Rate]]` becomes `'Facts'!C7`, a defined name becomes
its meaning, `[1]!CPA_RAG(` and `_xlfn.XLOOKUP(` lose their prefix. `Formula.doubts` names what it cannot resolve.

The grammar is that of ECMA-376 part 1, 18.17, and [MS-XLSX] 2.2.2, in the form of files: English function names,
a comma between arguments, no "=" in front.

`find_mentions` lists where a workbook refers to sheets, tables and names: what breaks when they go. `is_gap` knows
#N/A on purpose, which leaves a point out of a chart: formulas give it, users type it, published copies hide small
counts with it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from typing import Protocol

from cpa_xl.errors import CellError, CpaXlError, MissingData
from cpa_xl.ooxml.a1 import MAX_COLUMN, MAX_ROW, bounds, cell_name, column_letters, range_name
from cpa_xl.ooxml.sheet import Sheet, Value, cell_error
from cpa_xl.ooxml.tables import table_bounds
from cpa_xl.ooxml.xml import Element, escape
from cpa_xl.workbook.closed import ClosedWorkbook, Table

DEEPEST_NAME = 16  # names that refer to names; Excel's own are two or three deep
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_SHEET = rf"(?:'(?:[^']|'')*'|(?:\[[^\[\]]*\])?(?!{_CELL}:)(?:[\w.\\?]+(?::[\w.\\?]+)?)?)!"
_COLUMNS = r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}"
_ROWS = r"\$?[1-9][0-9]{0,6}:\$?[1-9][0-9]{0,6}"
_WORD = r"[^\W\d][\w.\\?]*|\\[\w.\\?]*"
_BRACKETS = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<error>(?:{_SHEET})?\#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA))
    |(?P<area>(?:{_SHEET})?(?:{_CELL}(?::{_CELL})?|{_COLUMNS}|{_ROWS})(?![\w.(\[!\\?]))
    |(?P<call>(?:{_SHEET})?(?:{_WORD})\()
    |(?P<table>(?:{_SHEET})?(?:{_WORD})?{_BRACKETS}(?!!))
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)
    |(?P<name>(?:{_SHEET})?(?:{_WORD}))
    |(?P<sign><=|>=|<>|[-+*/^&=<>%:,;(){{}}@\#])""",
    re.VERBOSE | re.DOTALL,
)
_BEFORE_FUNCTION = re.compile(r"(?:_xll\.|_xldudf_|_xlfn\.|_xlws\.|_xludf\.)+", re.IGNORECASE)
_FORMULAS = frozenset(  # elements whose text is a formula, in any part
    ("f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula")
)
_ATTRIBUTES = ("fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx", "linkedCell", "listFillRange", "textlink")
_OF_ALL_CELLS = frozenset(  # the same for one area of many sheets as for many areas
    (
        "SUM",
        "COUNT",
        "COUNTA",
        "AVERAGE",
        "AVERAGEA",
        "MAX",
        "MAXA",
        "MIN",
        "MINA",
        "PRODUCT",
        "STDEV",
        "STDEV.S",
        "VAR",
    )
)
GAP = cell_error(MissingData.code)
_CALLED = re.compile(  # a text or a sheet's name in quotes calls nothing
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'!|(?<![\w.!])(?P<na>NA\(\s*\))""", re.IGNORECASE
)


class FormulaTextError(CpaXlError):
    """Text that is not a formula; the message says from which character on."""


class Places(Protocol):
    """The sheets, tables and names that resolve references."""

    @property
    def sheet_names(self) -> tuple[str, ...]: ...
    @property
    def tables(self) -> Mapping[str, Table]: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def own_names(self) -> Mapping[tuple[str, str], str]: ...


class TokenKind(Enum):
    """The kinds of pieces in formula text. A call ends with its opening bracket; a sign is any piece left over."""

    SPACE = "space"
    TEXT = "text"
    ERROR = "error"
    AREA = "area"
    CALL = "call"
    TABLE = "table"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"


@dataclass(frozen=True)
class Token:
    """A piece of formula text; all pieces joined are the formula."""

    kind: TokenKind
    text: str


@dataclass(frozen=True)
class CellBlock:
    """A block of cells of one sheet; rows and columns count from 1 and include both corners."""

    sheet: str
    first_row: int
    first_col: int
    last_row: int
    last_col: int

    @property
    def one_cell(self) -> bool:
        return self.first_row == self.last_row and self.first_col == self.last_col

    @property
    def size(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return self.last_row - self.first_row + 1, self.last_col - self.first_col + 1

    def holds(self, sheet: str, row: int, col: int) -> bool:
        in_rows = self.first_row <= row <= self.last_row
        return in_rows and self.first_col <= col <= self.last_col and self.sheet == sheet

    @property
    def a1(self) -> str:
        """The area with its sheet, always quoted: `'Facts'!C2:C40`."""
        sheet = "'" + self.sheet.replace("'", "''") + "'!"
        if self.first_row == 1 and self.last_row == MAX_ROW:
            return f"{sheet}{column_letters(self.first_col)}:{column_letters(self.last_col)}"
        if self.first_col == 1 and self.last_col == MAX_COLUMN:
            return f"{sheet}{self.first_row}:{self.last_row}"
        return sheet + range_name(self.first_row, self.first_col, self.last_row, self.last_col)


@dataclass(frozen=True)
class Formula:
    """A formula with resolved references.

    `areas` are the cells that it reads, by the place of their token; `functions` are its functions (upper case, without
    prefixes); `doubts` say what cannot be resolved. `computed`: it may read other cells, because it finds them only
    while it is calculated, or because a reference in it is not understood.
    `rewritten`: a reference has another form here that means the same (`A1#`, one area of several sheets).
    """

    tokens: tuple[Token, ...]
    areas: Mapping[int, CellBlock]
    functions: frozenset[str]
    doubts: tuple[str, ...]
    computed: bool
    rewritten: bool = False

    @cached_property
    def text(self) -> str:
        return "".join(token.text for token in self.tokens)

    @cached_property
    def pattern(self) -> str:
        """The formula with each area moved to A1: equal for formulas that do the same in other places."""
        return "".join(
            range_name(1, 1, *self.areas[place].size) if place in self.areas else token.text
            for place, token in enumerate(self.tokens)
        )

    @cached_property
    def kinship(self) -> str:
        """The formula without its areas: equal for formulas that do the same to other cells."""
        return "".join(
            "_" if place in self.areas else token.text
            for place, token in enumerate(self.tokens)
            if token.kind is not TokenKind.SPACE
        )


class Resolver:
    """Resolves formulas with the sheets, tables and names of one workbook, in any case of letters.

    `spills`: for formula cells that fill more than themselves, the area; `A1#` means it.
    """

    def __init__(self, places: Places, spills: Mapping[tuple[str, int, int], CellBlock] | None = None) -> None:
        self.sheets = {name.casefold(): name for name in places.sheet_names}
        self.tables = {name.casefold(): table for name, table in places.tables.items()}
        self.names = {("", name.casefold()): text.removeprefix("=") for name, text in places.names.items()}
        for (sheet, name), text in places.own_names.items():
            self.names[sheet.casefold(), name.casefold()] = text.removeprefix("=")
        self.order = places.sheet_names
        self.spills = spills or {}
        self._areas: dict[tuple[str, str], tuple[int, int, int, int] | str] = {}

    def area_of(self, table: Table, specification: str, sheet: str, row: int) -> tuple[int, int, int, int] | str:
        """The cells of a table that a reference names from a cell, or why there are none; `specification` lacks "["."""
        anywhere = "@" not in specification and "this row" not in specification.casefold()
        known = self._areas.get((table.name, specification)) if anywhere else None
        if known is not None:
            return known
        found = table_bounds(table, "[" + specification, sheet, row)
        if anywhere:
            self._areas[table.name, specification] = found
        return found

    def resolve(self, formula: str, sheet: str, row: int, col: int) -> Formula:
        """The resolved formula of a cell. Text that cannot be read ends at that point, with a doubt."""
        reading = _Reading(self, sheet, row, col)
        try:
            reading.read(formula, ())
        except FormulaTextError as unreadable:
            reading.unsure(str(unreadable))
        return Formula(
            tuple(reading.out),
            reading.areas,
            frozenset(reading.functions),
            tuple(dict.fromkeys(reading.doubts)),
            reading.computed,
            reading.rewritten,
        )


@dataclass
class _Reading:
    """One formula while it is read; `areas` are by the place of their token in `out`."""

    resolver: Resolver
    sheet: str
    row: int
    col: int
    out: list[Token] = field(default_factory=list)
    areas: dict[int, CellBlock] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    computed: bool = False
    rewritten: bool = False
    _open: list[str] = field(default_factory=list)  # the calls and brackets around this place
    _single: int = -1  # where a reference begins that `@` narrows to this row or column

    def read(self, formula: str, inside: tuple[str, ...]) -> None:
        """Resolve the text; `inside` holds the defined names that it comes from."""
        for token in read_tokens(formula):
            match token.kind:
                case TokenKind.AREA:
                    self._area(token.text, moving=bool(inside))
                case TokenKind.CALL:
                    self._call(token.text)
                case TokenKind.TABLE:
                    self._table(token.text)
                case TokenKind.NAME:
                    self._name(token.text, inside)
                case TokenKind.SIGN:
                    self._sign(token)
                case _:
                    self.out.append(token)

    def unsure(self, doubt: str) -> None:
        """Note what is not understood: which cells the formula reads is then unknown."""
        self.doubts.append(doubt)
        self.computed = True

    def _put_area(self, area: CellBlock) -> None:
        """Add an area, or join it with the one before a colon."""
        if len(self.out) > 1 and self.out[-1].text == ":" and len(self.out) - 2 in self.areas:
            first = self.areas.pop(len(self.out) - 2)
            del self.out[-2:]
            area = self._joined(first, area)
        if self._single == len(self.out):
            area = self._narrowed(area)
        self.areas[len(self.out)] = area
        self.out.append(Token(TokenKind.AREA, area.a1))

    def _joined(self, first: CellBlock, second: CellBlock) -> CellBlock:
        if first.sheet != second.sheet:
            self.doubts.append("a range runs from one sheet to another")
        return CellBlock(
            first.sheet,
            min(first.first_row, second.first_row),
            min(first.first_col, second.first_col),
            max(first.last_row, second.last_row),
            max(first.last_col, second.last_col),
        )

    def _narrowed(self, area: CellBlock) -> CellBlock:
        """`@A1:A9` is the cell of A1:A9 in this row (Excel's implicit intersection)."""
        if area.one_cell:
            return area
        if area.first_col == area.last_col and area.first_row <= self.row <= area.last_row:
            return CellBlock(area.sheet, self.row, area.first_col, self.row, area.first_col)
        if area.first_row == area.last_row and area.first_col <= self.col <= area.last_col:
            return CellBlock(area.sheet, area.first_row, self.col, area.first_row, self.col)
        self.doubts.append(f"@ finds no cell of {area.a1} in this row or column")
        return area

    def _refuse(self, doubt: str, *, elsewhere: bool = False) -> None:
        """Put an error in the place of a reference; one to another workbook (`elsewhere`) reads nothing here."""
        self.doubts.append(doubt)
        self.computed = self.computed or not elsewhere
        self.out.append(Token(TokenKind.ERROR, "#REF!"))

    def _area(self, text: str, *, moving: bool) -> None:
        prefix, _, cells = text.rpartition("!")
        if moving and not is_fixed(cells):
            self.unsure(f"a defined name refers to {text}, which moves with the cell that uses it")
        sheet = self._sheet_of(prefix) if prefix else self.sheet
        try:
            corners = bounds(cells)
        except ValueError:  # beyond XFD1048576: a name
            self._name(text, ())
            return
        if sheet is None and self._open and self._open[-1] in _OF_ALL_CELLS and self._sheets_of(prefix):
            self.rewritten = True
            for number, one in enumerate(self._sheets_of(prefix)):
                if number:
                    self.out.append(Token(TokenKind.SIGN, ","))
                self._put_area(CellBlock(one, *corners))
        elif sheet is None:
            what = f"{text} is in another workbook, in several sheets or in a sheet that is not there"
            self._refuse(what, elsewhere=not self._sheets_of(prefix))
        else:
            self._put_area(CellBlock(sheet, *corners))

    def _sheet_of(self, prefix: str) -> str | None:
        if prefix.startswith("'"):
            prefix = prefix[1:-1].replace("''", "'")
        return self.resolver.sheets.get(prefix.casefold())

    def _sheets_of(self, prefix: str) -> tuple[str, ...]:
        """The sheets from one to another, `Jan:Mar`; none where one of them is not there."""
        ends = prefix.removeprefix("'").removesuffix("'").replace("''", "'").split(":")
        found = [self.resolver.sheets.get(end.casefold()) for end in ends]
        order = self.resolver.order
        if len(found) != 2 or None in found:
            return ()
        first, last = sorted(order.index(sheet) for sheet in found if sheet is not None)
        return order[first : last + 1]

    def _call(self, text: str) -> None:
        name = function_name(text[:-1])
        if name == "SINGLE":
            self._single = len(self.out) + 1
            self.out.append(Token(TokenKind.SIGN, "("))
            self._open.append("(")
            return
        self._no_single(name)
        self._no_computed_range()
        self.functions.add(name)
        self._open.append(name)
        self.out.append(Token(TokenKind.CALL, name + "("))

    def _sign(self, token: Token) -> None:
        if token.text == "@":
            self._single = len(self.out)
            return
        if token.text == "#" and len(self.out) - 1 in self.areas:
            self._spilled()
            return
        if token.text == "(":
            self._no_single("(")
            self._no_computed_range()
        if token.text in "({":
            self._open.append(token.text)
        elif token.text in ")}" and self._open and self._open.pop() == "ANCHORARRAY":
            self._anchored()
            return
        if token.text == ":" and len(self.out) - 1 not in self.areas:
            self.computed = True
        self.out.append(token)

    def _spilled(self) -> None:
        """Make the cell before this place the area that its formula fills."""
        cell = self.areas[len(self.out) - 1]
        area = self.resolver.spills.get((cell.sheet, cell.first_row, cell.first_col))
        if area is None or not cell.one_cell:
            self.unsure("# (a spilled range) cannot be followed: its cell fills no others")
            return
        self.rewritten = True
        self.areas[len(self.out) - 1] = area
        self.out[-1] = Token(TokenKind.AREA, area.a1)

    def _anchored(self) -> None:
        """`ANCHORARRAY(A1)` is how files write `A1#`."""
        at = len(self.out) - 1
        if at < 1 or at not in self.areas or self.out[at - 1].text != "ANCHORARRAY(":
            self.out.append(Token(TokenKind.SIGN, ")"))
            self.unsure("# (a spilled range) cannot be followed")
            return
        self._spilled()
        self.areas[at - 1] = self.areas.pop(at)
        del self.out[at - 1]
        self.functions.discard("ANCHORARRAY")

    def _no_single(self, what: str) -> None:
        if self._single == len(self.out):
            self.doubts.append(f"@ before {what}: one value out of many")

    def _no_computed_range(self) -> None:
        if self.out and self.out[-1].text == ":":
            self.computed = True

    def _name(self, text: str, inside: tuple[str, ...]) -> None:
        prefix, _, name = text.rpartition("!")
        key = name.casefold()
        if key in ("true", "false") and not prefix:
            self.out.append(Token(TokenKind.NAME, name.upper()))
        elif key in self.resolver.tables and not prefix:
            self._table(name + "[]")
        elif (meaning := self._meaning(prefix, key)) is not None:
            self._spell_out(name, meaning, inside)
        elif "LET" in self.functions and not prefix:
            self._no_computed_range()
            self.out.append(Token(TokenKind.NAME, name))  # a name that LET gives
        else:
            self.doubts.append(f"the name {text} is not defined in the workbook")
            self.out.append(Token(TokenKind.ERROR, "#NAME?"))

    def _meaning(self, prefix: str, key: str) -> str | None:
        """What a name means here: a sheet's own name comes before the workbook's of the same name."""
        sheet = self.sheet if prefix == "" else "" if prefix == "[0]" else self._sheet_of(prefix)
        names = self.resolver.names
        return None if sheet is None else names.get((sheet.casefold(), key), names.get(("", key)))

    def _spell_out(self, name: str, text: str, inside: tuple[str, ...]) -> None:
        key = f"{name.casefold()}={text}"
        if key in inside or len(inside) >= DEEPEST_NAME:
            self._refuse(f"the name {name} refers to itself")
            return
        pieces = [token for token in read_tokens(text) if token.kind is not TokenKind.SPACE]
        if len(pieces) == 1:  # an area stays an area, so that `@Name` and `Name:B9` work
            self.read(text, (*inside, key))
            return
        self._no_single(name)
        self.out.append(Token(TokenKind.SIGN, "("))
        self.read(text, (*inside, key))
        self.out.append(Token(TokenKind.SIGN, ")"))

    def _table(self, text: str) -> None:
        name, _, specification = text.partition("[")
        table = self.resolver.tables.get(name.casefold()) if name else self._table_here()
        if table is None:
            self._refuse(f"{text} is in no table of this workbook")
            return
        found = self.resolver.area_of(table, specification, self.sheet, self.row)
        if isinstance(found, str):
            self._refuse(f"{text}: {found}")
        else:
            self._put_area(CellBlock(table.sheet, *found))

    def _table_here(self) -> Table | None:
        """The table around the formula, for references without a table name."""
        for table in self.resolver.tables.values():
            rows = table.first_row <= self.row <= table.last_row
            if table.sheet == self.sheet and rows and table.first_col <= self.col <= table.last_col:
                return table
        return None


class Mentions:
    """Finds sheets, tables and names in formulas, in any case of letters."""

    def __init__(self, sheets: Collection[str], names: Collection[str]) -> None:
        self._sheets = {sheet.casefold() for sheet in sheets}
        self._names = {name.casefold() for name in names}
        doubled = [sheet.replace("'", "''") for sheet in sheets]
        written = [escape(text).lower() for text in {*sheets, *doubled, *names}]
        self._bytes = written if all(text.isascii() for text in written) else []
        self._formula = re.compile(
            rf"""\"(?:[^"]|"")*"                                                 # text in quotes says nothing
            |(?P<hit>'(?:[^':]+:)?(?:{_either(doubled)})(?::[^']+)?'!            # a sheet, or one end of several
            |(?<![\w.\]'])(?:{_either(sheets)})(?::[\w.]+)?!
            |(?<![\w.\\?!'\[])(?:{_either(names)})(?![\w.\\?!'(]))               # a table or a name
            """,
            re.IGNORECASE | re.VERBOSE,
        )

    def within(self, formula: str) -> bool:
        """Whether a formula mentions one of them."""
        return any(match["hit"] for match in self._formula.finditer(formula))

    def may_be_in(self, text: bytes) -> bool:
        """Whether a part may mention one of them; False is certain."""
        lower = text.lower()
        return not self._bytes or any(written in lower for written in self._bytes)

    def of_element(self, element: Element) -> str | None:
        """The text of an element that mentions one of them."""
        if element.name in _FORMULAS and not element.children and self.within(element.text):
            return element.text.strip()
        if element.name == "worksheetSource":
            sheet, name = (element.attributes.get(key, "") for key in ("sheet", "name"))
            if sheet.casefold() in self._sheets or name.casefold() in self._names:
                return name or sheet
        given = (element.attributes.get(attribute, "") for attribute in _ATTRIBUTES)
        return next((text for text in given if self.within(text)), None)


def read_tokens(formula: str) -> Iterator[Token]:
    """The pieces of a formula (without its "=").

    Raises:
        FormulaTextError: at a character that no formula can hold.
    """
    return iter(_tokens(formula))


@lru_cache(maxsize=4096)  # one publication reads each formula about five times
def _tokens(formula: str) -> tuple[Token, ...]:
    found, at = [], 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if match is None or match.lastgroup is None:
            raise FormulaTextError(f"the formula cannot be read from character {at + 1} on: {formula[at : at + 20]}")
        found.append(Token(TokenKind(match.lastgroup), match.group()))
        at = match.end()
    return tuple(found)


@lru_cache(maxsize=4096)  # each name is asked for some hundred times
def function_name(text: str) -> str:
    """`[1]!CPA_RAG`, `_xll.CPA_RAG`, `_xldudf_CPA_RAG` are CPA_RAG; `_xlfn._xlws.SORT` is SORT; upper case."""
    name = text.rpartition("!")[2]
    return _BEFORE_FUNCTION.sub("", name, count=1).upper()


def is_fixed(cells: str) -> bool:
    """Whether a reference has $ throughout, so that it means the same cells in any formula."""
    return all(re.fullmatch(r"\$[A-Za-z]+(\$[0-9]+)?|\$[0-9]+", part) for part in cells.split(":"))


def find_mentions(
    workbook: ClosedWorkbook, wanted: Mentions, sheets: Mapping[str, str], own: Collection[str]
) -> Iterator[str]:
    """Every place outside the parts `own` that mentions one of them, with its text.

    `sheets` are the parts of the worksheets, by name. The caller looks at the workbook's names.
    """
    package = workbook.package
    names = {_plain(part): name for name, part in sheets.items()}
    passed = {_plain(part) for part in (*own, package.workbook_part)}
    for part in package.names:
        if _plain(part) in passed or not package.content_type(part).endswith("xml"):
            continue
        text, sheet = package.text(part), names.get(_plain(part))
        if not wanted.may_be_in(text):
            continue
        if sheet is not None and sheet in workbook.sheet_names:
            yield from _in_cells(workbook, sheet, wanted)
            root, place = Sheet(text).frame, f"sheet {sheet}"
        else:
            root, place = package.root(part), part
        for element in root.walk():
            content = wanted.of_element(element)
            if content is not None:
                yield f"{place} ({content})"


def is_gap(value: Value, formula: str | None) -> bool:
    """Whether a cell shows #N/A on purpose: a user typed it (no formula), or its formula calls NA().

    `formula` is without "=", in any case of letters. Other errors are never on purpose.
    """
    if not isinstance(value, CellError) or value.code != GAP.code:
        return False
    return formula is None or any(match["na"] for match in _CALLED.finditer(formula))


def _either(texts: Collection[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))


def _plain(part: str) -> str:
    """A part's name for look-ups: some programs write backslashes, or other cases."""
    return part.replace("\\", "/").lstrip("/").casefold()


def _in_cells(workbook: ClosedWorkbook, sheet: str, wanted: Mentions) -> Iterator[str]:
    for (row, column), cell in workbook.cells(sheet).items():
        if cell.formula is not None and wanted.within(cell.formula):
            yield f"{sheet}!{cell_name(row, column)} (={cell.formula})"
