"""Which formulas can stand in a copy for readers, who have neither the add-in nor what else the workbook leans on.

A formula stands where every spreadsheet program comes to the value that is shown, today and next year. Every other
one becomes its value, for one of the reasons of `Why`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum

from cpa_xl.formulas.references import FormulaTextError, Token, TokenKind, function_name, read_tokens

OWN = "CPA_"  # how the names of the cell functions begin
_DEEPEST = 16  # names that stand for names; Excel's own are two or three deep
_RESTLESS = frozenset(("TODAY", "NOW", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO"))
_OUTSIDE = frozenset(  # what they read stands in no cell
    ("RTD", "WEBSERVICE", "GETPIVOTDATA", "CALL", "REGISTER.ID", "SQL.REQUEST", "EUROCONVERT", "CUBEKPIMEMBER")
) | {f"CUBE{what}" for what in ("MEMBER", "MEMBERPROPERTY", "RANKEDMEMBER", "SET", "SETCOUNT", "VALUE")}
_WEB = re.compile(r"#|(?:https?|mailto):", re.IGNORECASE)
_PLACE = re.compile(r"file:|[a-z]:|\\|\[", re.IGNORECASE)  # how the place of a file begins
_FILE = re.compile(r"\.\w{3,4}(?:#.*)?", re.IGNORECASE)  # how one ends that stands beside the workbook
_NEWER = ("_xlfn.", "_xlws.", "_xlpm.")  # how Excel 2010 and later mark functions that Excel 2007 had not

_DIFFERING = frozenset(("VDB",))  # LibreOffice 25.2 comes to other values than Excel
_UNMARKED = frozenset(("AGGREGATE",))  # newer than Excel 2007, and not marked


class Why(Enum):
    """Why a formula cannot stand; the value says what is listed for it."""

    OWN = "formula of cpa_xl"
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
    ANY = "formula"


class Standing:
    """Reads formulas for what cannot stand.

    names: what defined names stand for, by their own name in lower case (several where sheets have their own).
    tables: the names of the tables. gone: whether a formula mentions something that is left out. values: no formula
    shall stand.
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
        self._seen: dict[str, Why | None] = {}

    def why(self, formula: str) -> Why | None:
        """Why the formula of a cell cannot stand; None where it can."""
        return self.of_rule(formula) or (Why.ANY if self._values else None)

    def of_rule(self, formula: str) -> Why | None:
        """Why a formula outside the cells (a name, a format, a check of what is typed) cannot stand."""
        if formula not in self._seen:
            self._seen[formula] = self._read(formula, 0)
        return self._seen[formula]

    def _read(self, formula: str, depth: int) -> Why | None:
        try:
            tokens = list(read_tokens(formula))
            found = {why for token in tokens if (why := self._of_token(token, depth))}
        except FormulaTextError:
            return Why.UNREADABLE
        if self._gone(formula):
            found.add(Why.GONE)
        if _links_to_file(tokens):
            found.add(Why.FILE)
        return next((why for why in Why if why in found), None)

    def _of_token(self, token: Token, depth: int) -> Why | None:
        book, _, name = token.text.rpartition("!")
        if token.kind is TokenKind.CALL:
            why = _of_call(name.removesuffix("("))
            named = self._of_name(name.removesuffix("("), depth)  # LAMBDA and macros have names that are called
            return why if why in (None, Why.OWN) else named or why
        # Excel writes the table's name, LibreOffice needs it
        if token.kind is TokenKind.TABLE and name.startswith("["):
            return Why.DIFFERENT
        if "[" in book and "[0]" not in book:
            return Why.OUTSIDE
        return self._of_name(name, depth) if token.kind is TokenKind.NAME else None

    def _of_name(self, name: str, depth: int) -> Why | None:
        if name.casefold() in self._tables:  # Excel writes Table[]; LibreOffice 25.2 finds no range in SUMIFS without
            return Why.DIFFERENT
        texts = self._names.get(name.casefold(), ()) if depth < _DEEPEST else ()
        return next((why for text in texts if (why := self._read(text, depth + 1))), None)


def _links_to_file(tokens: Sequence[Token]) -> bool:
    """Whether a formula makes a link to a file: on a disk, on a share, or beside the workbook."""
    if not any(
        token.kind is TokenKind.CALL and function_name(token.text.removesuffix("(")) == "HYPERLINK" for token in tokens
    ):
        return False
    said = [token.text[1:-1] for token in tokens if token.kind is TokenKind.TEXT]
    to_web = any(_WEB.match(text) for text in said)
    beside = not to_web and any(_FILE.search(text) and _FILE.fullmatch(text[text.rindex(".") :]) for text in said)
    return beside or any(_PLACE.match(text) and not _WEB.match(text) for text in said)


def _of_call(name: str) -> Why | None:
    plain = function_name(name)
    if plain.startswith(OWN):
        return Why.OWN
    if plain in _RESTLESS:
        return Why.RESTLESS
    if plain in _OUTSIDE:
        return Why.OUTSIDE
    if name.casefold().startswith(_NEWER) or plain in _UNMARKED:
        return Why.NEWER
    if plain in _DIFFERING:
        return Why.DIFFERENT
    from openpyxl.utils import FORMULAE  # noqa: PLC0415  # openpyxl takes long, and few commands judge formulas

    return None if plain in FORMULAE else Why.MACRO
