"""Decides which formulas may stay in a published copy, which readers open without the add-in.

A formula stays if every spreadsheet program calculates the value that is shown, today and next year. Every other one
becomes its value, for one of the reasons in `Reason`. Programs differ in more than any list can hold: a date of a blank
cell, numbers kept as text, rounding, wildcards, TRUE beside numbers. So only what they agree on stays.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum

from cpa_xl.formulas.references import FormulaTextError, Token, TokenKind, function_name, read_tokens

PREFIX = "CPA_"  # how the names of the cell functions begin
_DEEPEST = 16  # names that refer to names; Excel's own are two or three deep
_RESTLESS = frozenset(("TODAY", "NOW", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO"))
_OUTSIDE = frozenset(  # they read something outside the cells
    ("RTD", "WEBSERVICE", "GETPIVOTDATA", "CALL", "REGISTER.ID", "SQL.REQUEST", "EUROCONVERT", "CUBEKPIMEMBER")
) | {f"CUBE{what}" for what in ("MEMBER", "MEMBERPROPERTY", "RANKEDMEMBER", "SET", "SETCOUNT", "VALUE")}
_WEB = re.compile(r"#|(?:https?|mailto):", re.IGNORECASE)
_PLACE = re.compile(r"file:|[a-z]:|\\|\[", re.IGNORECASE)  # how the place of a file begins
_FILE = re.compile(r"\.\w{3,4}(?:#.*)?", re.IGNORECASE)  # how the name of a file beside the workbook ends
_NEWER = ("_xlfn.", "_xlws.", "_xlpm.")  # how Excel 2010 and later mark functions that Excel 2007 had not

_AGREED = frozenset(  # functions for which Excel, LibreOffice and the libraries that calculate give the same value
    ("SUM", "AVERAGE", "MIN", "MAX", "COUNT", "SUBTOTAL", "ABS", "IF", "IFERROR", "AND", "OR", "NOT", "NA", "INDEX")
) | {
    "COUNTA",
    "HYPERLINK",
    "MATCH",
    "ISERROR",
    "ISERR",
    "ISNA",
    "ISNUMBER",
    "ISTEXT",
    "ISBLANK",
    "ROW",
    "ROWS",
    "COLUMN",
    "COLUMNS",
}
_AGREED_SIGNS = frozenset(("+", "-", "*", "/", "%", "=", "<", ">", "<=", ">=", "<>", ",", "(", ")"))
_ARITHMETIC = frozenset(("+", "-", "*", "/", "%"))
_UNMARKED = frozenset(("AGGREGATE",))  # newer than Excel 2007, and not marked


class Reason(Enum):
    """Why a formula cannot stay; the value is its entry in the list of what was taken out."""

    CELL_FUNCTION = "formula of cpa_xl"
    OUTSIDE = "formula that reads another workbook or program"
    MACRO = "formula that calls a macro or another add-in"
    RESTLESS = "formula that changes by itself"
    FILE = "formula that links to a file"
    NEWER = "formula that older programs do not know"
    GONE = "formula that reads what is left out"
    CHOICE = "formula of typed cells that other figures cannot follow"
    DIFFERENT = "formula that programs read differently"
    UNREADABLE = "formula that cannot be read"
    CONFIDENTIAL = "formula over counts that are suppressed"
    ANY_FORMULA = "formula"


class Portability:
    """Reads formulas for what cannot stay in a copy.

    names: the content of defined names, by their name in lower case (several where sheets have their own). tables: the
    names of the tables. gone: whether a formula mentions something that is left out. values: no formula may stay.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        tables: Collection[str],
        gone: Callable[[str], bool],
        *,
        values: bool = False,
    ) -> None:
        self._names = names
        self._tables = {table.casefold() for table in tables}
        self._gone = gone
        self._values = values
        self._seen: dict[str, Reason | None] = {}

    def reason(self, formula: str) -> Reason | None:
        """Why the formula of a cell cannot stay; None where it can."""
        return self.of_rule(formula) or (Reason.ANY_FORMULA if self._values else _disputed(formula))

    def of_rule(self, formula: str) -> Reason | None:
        """Why a formula outside the cells (a name, a format, a check of what is typed) cannot stay."""
        if formula not in self._seen:
            self._seen[formula] = self._read(formula, 0)
        return self._seen[formula]

    def _read(self, formula: str, depth: int) -> Reason | None:
        try:
            tokens = list(read_tokens(formula))
            found = {why for token in tokens if (why := self._of_token(token, depth))}
        except FormulaTextError:
            return Reason.UNREADABLE
        if self._gone(formula):
            found.add(Reason.GONE)
        if _links_to_file(tokens):
            found.add(Reason.FILE)
        return next((why for why in Reason if why in found), None)

    def _of_token(self, token: Token, depth: int) -> Reason | None:
        book, _, name = token.text.rpartition("!")
        if token.kind is TokenKind.CALL:
            why = _of_call(name.removesuffix("("))
            named = self._of_name(name.removesuffix("("), depth)  # LAMBDA and macros have names that are called
            return why if why in (None, Reason.CELL_FUNCTION) else named or why
        # Excel writes the table's name, LibreOffice needs it
        if token.kind is TokenKind.TABLE and name.startswith("["):
            return Reason.DIFFERENT
        if "[" in book and "[0]" not in book:
            return Reason.OUTSIDE
        return self._of_name(name, depth) if token.kind is TokenKind.NAME else None

    def _of_name(self, name: str, depth: int) -> Reason | None:
        if name.casefold() in self._tables:  # Excel writes Table[]; LibreOffice 25.2 finds no range in SUMIFS without
            return Reason.DIFFERENT
        texts = self._names.get(name.casefold(), ()) if depth < _DEEPEST else ()
        return next((why for text in texts if (why := self._read(text, depth + 1))), None)


def is_arithmetic(formula: str) -> bool:
    """Whether a formula calculates with signs, which makes numbers of texts."""
    return any(token.text in _ARITHMETIC for token in read_tokens(formula) if token.kind is TokenKind.SIGN)


def _disputed(formula: str) -> Reason | None:
    """Why programs may come to another value, by the text of the formula alone."""
    tokens = list(read_tokens(formula))
    calls = {function_name(token.text[:-1]) for token in tokens if token.kind is TokenKind.CALL}
    signs = {token.text for token in tokens if token.kind is TokenKind.SIGN}
    numbers_as_text = any(token.kind is TokenKind.TEXT and any(map(str.isdigit, token.text)) for token in tokens)
    agreed = calls <= _AGREED and signs <= _AGREED_SIGNS and not (numbers_as_text and signs & _ARITHMETIC)
    return None if agreed else Reason.DIFFERENT


def _links_to_file(tokens: Sequence[Token]) -> bool:
    """Whether a formula makes a link to a file: on a disk, on a share, or beside the workbook."""
    if not any(
        token.kind is TokenKind.CALL and function_name(token.text.removesuffix("(")) == "HYPERLINK" for token in tokens
    ):
        return False
    texts = [token.text[1:-1] for token in tokens if token.kind is TokenKind.TEXT]
    to_web = any(_WEB.match(text) for text in texts)
    beside = not to_web and any(_FILE.search(text) and _FILE.fullmatch(text[text.rindex(".") :]) for text in texts)
    return beside or any(_PLACE.match(text) and not _WEB.match(text) for text in texts)


def _of_call(name: str) -> Reason | None:
    plain = function_name(name)
    if plain.startswith(PREFIX):
        return Reason.CELL_FUNCTION
    if plain in _RESTLESS:
        return Reason.RESTLESS
    if plain in _OUTSIDE:
        return Reason.OUTSIDE
    if name.casefold().startswith(_NEWER) or plain in _UNMARKED:
        return Reason.NEWER
    from openpyxl.utils import FORMULAE  # noqa: PLC0415  # openpyxl takes long, and few commands judge formulas

    return None if plain in FORMULAE else Reason.MACRO
