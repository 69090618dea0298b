"""Limits of the embedded engine (formualizer 0.13): what the tests check, and what it gets wrong without an error.

There are two kinds of doubt. A result that the engine is known to get wrong is never used. A result that no test
checks is used only in a cell whose present value the engine reproduces. The lists come from trials, cell by cell,
against Excel's documented results; tests/formulas/test_engine_limits.py repeats them.

Known and not caught:

* Excel compares numbers by 15 digits and rounds a tiny difference to 0. The engine does neither: `0.1+0.2=0.3` is
  FALSE here, and `0.5-0.4-0.1` is not quite 0.
* A text such as "Jan-09" in arithmetic is a date in Excel and #VALUE! here.
* COUNT(1/0) is 0 in Excel and #DIV/0! here (a range with errors counts alike in both).
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import formualizer as fz

from cpa_xl.formulas.references import Formula, TokenKind


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHECKED_FUNCTIONS = _words(
    """IF IFERROR IFNA IFS SWITCH AND OR NOT TRUE FALSE
    INDEX MATCH XLOOKUP XMATCH VLOOKUP HLOOKUP CHOOSE
    SUM SUMIF SUMIFS SUMPRODUCT COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS AVERAGE AVERAGEIF AVERAGEIFS MAX MIN
    MAXIFS MINIFS LARGE SMALL RANK MEDIAN PRODUCT
    ROUND ROUNDUP ROUNDDOWN TRUNC ABS INT MOD SIGN SQRT
    TEXT DATE YEAR MONTH DAY EDATE EOMONTH
    LEFT RIGHT MID LEN FIND SEARCH EXACT SUBSTITUTE TRIM CONCATENATE CONCAT TEXTJOIN REPT
    ISBLANK ISNUMBER ISERROR ISERR ISNA ISTEXT ISLOGICAL N NA
    LET FILTER SORT ROW ROWS COLUMN COLUMNS"""
)
"""Ordinary functions with known results in the tests. Tried and left out: UNIQUE (case-sensitive here), UPPER and
LOWER (only A to Z), POWER and the sign ^ (0^0), VALUE, FLOOR."""

CHECKED_SIGNS = _words("+ - * / & = <> < > <= >= % , ; ( ) { }")

NUMBER_FORMATS = frozenset(
    ["0%", "0.0%", "0.00%", "0", "0.0", "0.00", "0.000", "00", "#,##0", "#,##0.0", "#,##0.00", "@"]
)
DATE_FORMATS = frozenset(
    [
        *("mmm-yy", "mmm yy", "mmm yyyy", "mmmm yyyy", "d mmm yyyy", "d mmmm yyyy", "dd/mm/yyyy", "yyyy-mm-dd"),
        *("yyyy-mm", "yyyy", "yy", "mmmm", "mmm", "ddd"),
    ]
)
CHECKED_FORMATS = NUMBER_FORMATS | DATE_FORMATS

_ALWAYS_CHANGING = frozenset(["TODAY", "NOW", "RAND", "RANDBETWEEN", "RANDARRAY"])

_FINDS_ITS_CELLS = frozenset(["INDIRECT", "OFFSET", "CELL", "INFO", "FORMULATEXT", "SHEET", "SHEETS", "GETPIVOTDATA"])

_NEVER = _words(
    """LAMBDA MAP REDUCE SCAN MAKEARRAY BYROW BYCOL ISOMITTED GROUPBY PIVOTBY ANCHORARRAY TABLE SUBTOTAL AGGREGATE"""
)
"""SUBTOTAL and AGGREGATE depend on hidden rows, TABLE is a what-if table, ANCHORARRAY a spilled range."""

_ARRAY_MAKERS = _words(
    """FILTER SORT SORTBY UNIQUE SEQUENCE TRANSPOSE VSTACK HSTACK TAKE DROP TOCOL TOROW WRAPROWS WRAPCOLS EXPAND
    CHOOSEROWS CHOOSECOLS MMULT TEXTSPLIT FREQUENCY"""
)

_COMPARE_RANGES = _words("SUMIFS COUNTIFS AVERAGEIFS MAXIFS MINIFS")
_LIFTING = frozenset(["IF", "IFERROR", "IFNA"])
_ALL_AT_ONCE = frozenset(["SUMPRODUCT", "LOOKUP"])  # these work on arrays in any formula
_PASSING_RANGES = {"IF": (1, 2), "CHOOSE": tuple(range(1, 255))}


def _none(_place: int) -> bool:
    return False


def _each(_place: int) -> bool:
    return True


def _even(place: int) -> bool:
    return place > 0 and place % 2 == 0


def _odd(place: int) -> bool:
    return place % 2 == 1


_SINGLE_ARGUMENTS: Mapping[str, Callable[[int], bool]] = {
    **dict.fromkeys(
        _words(
            """IFERROR IFNA IFS SWITCH NOT ROUND ROUNDUP ROUNDDOWN TRUNC ABS INT MOD SIGN SQRT POWER EXP LN LOG10
            TEXT VALUE DATE YEAR MONTH DAY EDATE EOMONTH WEEKDAY HOUR MINUTE SECOND LEFT RIGHT MID LEN FIND SEARCH
            EXACT SUBSTITUTE TRIM UPPER LOWER PROPER CONCATENATE REPT CHAR CODE ISBLANK ISNUMBER ISERROR ISERR ISNA
            ISTEXT ISLOGICAL N T ROW COLUMN"""
        ),
        _each,
    ),
    **dict.fromkeys(_words("SUMIFS AVERAGEIFS MAXIFS MINIFS"), _even),
    "COUNTIFS": _odd,
    **dict.fromkeys(_words("SUMIF COUNTIF AVERAGEIF LARGE SMALL PERCENTILE QUARTILE"), lambda place: place == 1),
    **dict.fromkeys(_words("IF MATCH XMATCH CHOOSE"), lambda place: place == 0),
    **dict.fromkeys(_words("VLOOKUP HLOOKUP RANK"), lambda place: place != 1),
    "XLOOKUP": lambda place: place in (0, 3, 4, 5),
    "INDEX": lambda place: place > 0,
    "TEXTJOIN": lambda place: place < 2,
}
"""Arguments that take one value. For many values, Excel gives one answer each; the engine does not, or wrongly."""


@dataclass(frozen=True)
class FoundLimits:
    """Why not to use a formula's result: `never`, or (`unchecked`) only where the engine reproduces a value."""

    never: tuple[str, ...]
    unchecked: tuple[str, ...]


class EngineLimits:
    """Finds in formulas what the engine gets wrong; `own` are the cell functions of the caller."""

    def __init__(self, own: Collection[str], checked: Collection[str] = CHECKED_FUNCTIONS) -> None:
        self._known = frozenset(own) | frozenset(checked)
        self._seen: dict[tuple[str, bool], FoundLimits] = {}

    def doubts(self, formula: Formula, *, array: bool) -> FoundLimits:
        """The doubts about a resolved formula; `array`: it may fill several cells."""
        key = (formula.pattern, array)
        if key not in self._seen:
            self._seen[key] = self._read(formula, array=array)
        found = self._seen[key]
        return FoundLimits((*formula.doubts, *found.never), found.unchecked)

    def _read(self, formula: Formula, *, array: bool) -> FoundLimits:
        never = [f"the calculator does not do {name} as Excel does" for name in sorted(formula.functions & _NEVER)]
        unchecked = [f"{name} has not been checked" for name in sorted(formula.functions - self._known - _NEVER)]
        signs = {token.text for token in formula.tokens if token.kind is TokenKind.SIGN}
        if "#" in signs:
            never.append("# (a spilled range) cannot be followed")
        unchecked.extend(f"the sign {sign} has not been checked" for sign in sorted(signs - CHECKED_SIGNS - {"#"}))
        try:
            tree = fz.parse("=" + formula.pattern)
        except (fz.ParserError, fz.TokenizerError, RuntimeError, ValueError) as error:
            return FoundLimits((*never, f"the formula cannot be read ({error})"), tuple(unchecked))
        walk = _Walk(array, never, unchecked)
        if walk.many(tree, lifts=array) and not array:
            walk.say("the formula yields many values and is not an array formula: Excel picks one of them")
        return FoundLimits(tuple(dict.fromkeys(never)), tuple(dict.fromkeys(unchecked)))


@dataclass
class _Walk:
    """A walk through a formula's tree that notes many values in a place for one."""

    array: bool
    never: list[str]
    unchecked: list[str]
    names: set[str] = field(default_factory=set)  # names given by LET to many values

    def say(self, doubt: str) -> None:
        self.never.append(doubt)

    def many(self, node: fz.ASTNode, *, lifts: bool) -> bool:
        """Whether the node gives many values. `lifts`: signs work on many values at once here."""
        kind = node.node_type()
        if kind == "Function":
            return self._function(node, lifts=lifts)
        if kind == "Array":
            return True
        if kind == "Reference":
            reference = node.get_reference()
            return isinstance(reference, fz.RangeRef) or node.get_reference_string() in self.names
        if kind not in ("BinaryOp", "UnaryOp"):
            return False
        parts = [(child, self.many(child, lifts=lifts)) for child in node.children()]
        for child, several in parts:
            if several and not lifts and child.node_type() == "Reference":
                self.say(f"{node.get_operator()} is given many cells in a formula that is not an array formula")
        return any(several for _, several in parts)

    def _function(self, node: fz.ASTNode, *, lifts: bool) -> bool:
        name = node.get_function_name() or ""
        children = node.children()
        if name == "LET":
            return self._let(children, lifts=lifts)
        self._particulars(name, children)
        inner = self.array if name in _LIFTING else lifts or name in _ALL_AT_ONCE
        several = [self.many(child, lifts=inner) for child in children]
        single = _SINGLE_ARGUMENTS.get(name, _none)
        in_place_of_one = any(some and single(place) for place, some in enumerate(several))
        if in_place_of_one and not (name in _LIFTING and self.array):
            self.say(f"{name} is given many values where it takes one")
        passed = any(several[place] for place in _PASSING_RANGES.get(name, ()) if place < len(several))
        return in_place_of_one or passed or name in _ARRAY_MAKERS or self._whole_line(name, children)

    def _let(self, children: list[fz.ASTNode], *, lifts: bool) -> bool:
        for name, value in zip(children[:-1:2], children[1:-1:2], strict=True):
            if self.many(value, lifts=lifts):
                self.names.add(name.get_reference_string() or "")
                if not self.array:
                    self.say("LET names many values in a formula that is not an array formula")
        return self.many(children[-1], lifts=lifts)

    @staticmethod
    def _whole_line(name: str, children: list[fz.ASTNode]) -> bool:
        """Whether INDEX gives a whole row or column: its column or row is 0 or omitted."""
        if name != "INDEX":
            return False
        return any(child.node_type() == "Omitted" or child.get_literal_value() == 0 for child in children[1:])

    def _particulars(self, name: str, children: list[fz.ASTNode]) -> None:
        if name == "TEXT" and len(children) == 2:
            self._format(children[1].get_literal_value())
        if name in _COMPARE_RANGES:
            sizes = {child.get_reference_string() for child in children if _is_reference(child)}
            ranges = {size for size in sizes if size and ":" in size}
            if len(ranges) > 1:
                self.say(f"{name} is given ranges of different sizes")

    def _format(self, text: object) -> None:
        if not isinstance(text, str):
            self.unchecked.append("TEXT with a format from a cell has not been checked")
        elif ";" in text:
            self.say(f'TEXT with a format in sections ("{text}") is not done as Excel does it')
        elif text not in CHECKED_FORMATS:
            self.unchecked.append(f'TEXT with the format "{text}" has not been checked')


def _is_reference(node: fz.ASTNode) -> bool:
    return node.node_type() == "Reference"


_ZERO = re.compile(r"(?<![\d.,])0(?:\.0+)?(?![\d.,])")
_LITERALS = re.compile(r'"([^"]*)"')
_DIGITS = re.compile(r"[0-9][0-9.]*")


_DATE_ARITHMETIC = frozenset(["EDATE", "EOMONTH", "DATE"])
_DATE_CALL = re.compile(rf"(?<!-)\b(?:{'|'.join(sorted(_DATE_ARITHMETIC))})\s*\(", re.IGNORECASE)
_HANDS_ON = frozenset(["IF", "IFS", "IFERROR", "IFNA", "SWITCH", "CHOOSE", "LET", "MIN", "MAX", *_DATE_ARITHMETIC])
"""Functions that may give the date that they are given; what others make of a date is no date."""
_PIECES = re.compile(r'"[^"]*"|[A-Za-z_][A-Za-z0-9_.]*\s*\(|[()]|[^"()A-Za-z_]+|[A-Za-z_][A-Za-z0-9_.]*')


def value_limit(value: object, functions: Collection[str], formula: str = "") -> str | None:
    """What may be wrong with the value of a formula with these functions; its text shows how it uses them.

    Excel turns a number into text with 15 digits at most, the engine with 17. Excel writes -0.0 where the engine drops
    the sign. Excel has no dates before 1900; the engine counts on below zero. A negative fraction is no date, and
    neither is a difference from a date, or what a function such as SUMIFS makes of one.
    """
    if isinstance(value, float):
        dates = value < 0 and value.is_integer() and not _DATE_ARITHMETIC.isdisjoint(functions)
        before_1900 = dates and (not formula or _DATE_CALL.search(_without_calls(formula)) is not None)
        return "the result may be a date before 1900" if before_1900 else None
    if not isinstance(value, str):
        return None
    if any(sum(letter.isdigit() for letter in run.lstrip("0.")) > 15 for run in _DIGITS.findall(value)):
        return "a number of more than 15 digits became text"
    literals = set(_LITERALS.findall(formula))
    only_dates = bool(literals & DATE_FORMATS) and not literals & NUMBER_FORMATS
    if "TEXT" in functions and not only_dates and _ZERO.search(value):
        return "TEXT gave zero, and Excel would show the sign of a small negative number"
    return None


def _without_calls(formula: str) -> str:
    """The text of a formula without texts in quotes and without calls of functions that give no date."""
    left: list[str] = []
    depth = 0  # of brackets within such a call
    for piece in _PIECES.findall(formula):
        if depth or (len(piece) > 1 and piece.endswith("(") and piece[:-1].rstrip().upper() not in _HANDS_ON):
            depth += piece.endswith("(") - (piece == ")")
        elif not piece.startswith('"'):
            left.append(piece)
    return "".join(left)


def restless(formula: Formula) -> str:
    """Why a formula's value may change although no cell that it names has changed; "" where it cannot."""
    changing = sorted(formula.functions & _ALWAYS_CHANGING)
    if changing:
        return f"{', '.join(changing)} gives another value each time"
    if has_dynamic_references(formula):
        finders = sorted(formula.functions & _FINDS_ITS_CELLS)
        return f"{', '.join(finders) or 'a range'} is worked out while calculating, so what it depends on is unknown"
    return ""


def has_dynamic_references(formula: Formula) -> bool:
    """Whether a formula finds the cells that it reads only while it is calculated."""
    return formula.computed or bool(formula.functions & _FINDS_ITS_CELLS)
