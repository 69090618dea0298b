"""Turns formulas into values: in cells, in conditional formats, and in checks of typed cells.

A conditional format with a formula is calculated for every cell that it covers. From then on it applies to the cells
for which the formula was true. A rule that cannot be calculated is taken out and listed. All other bytes of the sheet
stay the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.errors import CellError
from cpa_xl.formulas.calculator import Calculator
from cpa_xl.formulas.graph import CellValue, Place, WorkbookView
from cpa_xl.formulas.references import FormulaTextError, Resolver, Token, TokenKind, function_name, read_tokens
from cpa_xl.ooxml.a1 import bounds, cell_name, range_name, single_area, translate
from cpa_xl.ooxml.cells import number_text
from cpa_xl.ooxml.sheet import Cell, Position, Sheet, Span
from cpa_xl.ooxml.xml import Edit, Element, escape, set_attribute, splice
from cpa_xl.publish.freeze.portable import Portability, Reason
from cpa_xl.publish.freeze.work import Stripping, Tab
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.table_rows import unshared

ReasonToFreeze = Callable[[Position, str], Reason | None]  # of the formula in a cell: why it cannot stay

_RULES_SHEET = "Rules of cpa_xl"  # the sheet on which rules are worked out; no file ever has it
_FIXED = re.compile(r"\$[A-Z]{1,3}\$\d+", re.IGNORECASE)

FIXED_FORMAT = "conditional format made fixed"
LOST_FORMAT = "conditional format"
LOST_CHECK = "check or list of a typed cell"
_WITH_FORMULA = frozenset(
    ("expression", "timePeriod", "containsText", "notContainsText", "beginsWith", "endsWith", "containsBlanks")
)
_CONTAINERS = frozenset(("conditionalFormatting", "conditionalFormattings", "dataValidations", "extLst", "ext"))
_LARGEST = 20_000  # cells that a format is worked out for
_SIGNS = {
    "lessThan": "<",
    "lessThanOrEqual": "<=",
    "equal": "=",
    "notEqual": "<>",
    "greaterThanOrEqual": ">=",
    "greaterThan": ">",
}


@dataclass(frozen=True)
class FrozenCells:
    """A sheet, and the cells whose formula became its value, each with why."""

    sheet: Sheet
    places: dict[Position, Reason]

    @property
    def counts(self) -> Counter[Reason]:
        """How many formulas went for which reason."""
        return Counter(self.places.values())


@dataclass(frozen=True)
class RuleResults:
    """Works out rules of a workbook; `calculator` knows the cell functions."""

    workbook: ClosedWorkbook
    calculator: Calculator

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self.workbook)

    def of(self, formulas: Sequence[tuple[str, Place]]) -> list[CellValue] | None:
        """The results of formulas in their cells; None where one of them cannot be calculated."""
        texts = []
        for formula, place in formulas:
            resolved = self._resolver.resolve(formula, *place)
            if resolved.doubts:
                return None
            texts.append(resolved.text)
        before, after = _WithRulesSheet(self.workbook, ()), _WithRulesSheet(self.workbook, tuple(texts))
        values = self.calculator.calculate(before, after).values
        places = [(_RULES_SHEET, row, 1) for row in range(1, len(texts) + 1)]
        return [values[place] for place in places] if all(place in values for place in places) else None


@dataclass(frozen=True)
class Settled:
    """Puts fixed values into rules, so that their result never changes: the day, and single cells that are removed."""

    workbook: ClosedWorkbook
    today: float  # serial number of the day
    gone: Callable[[str], bool]

    def text(self, formula: str) -> str:
        """The formula with the day in the place of TODAY(), and the values of single cells that are left out."""
        try:
            tokens = list(read_tokens(formula))
        except FormulaTextError:
            return formula
        texts: list[str] = []
        skip = False
        for at, token in enumerate(tokens):
            if skip:
                skip = False
            elif self._is_today(token) and at + 1 < len(tokens) and tokens[at + 1].text == ")":
                texts.append(number_text(self.today))
                skip = True
            else:
                texts.append(self._value(token) or token.text)
        return "".join(texts)

    @staticmethod
    def _is_today(token: Token) -> bool:
        return token.kind is TokenKind.CALL and function_name(token.text.removesuffix("(")) in ("TODAY", "NOW")

    def _value(self, token: Token) -> str | None:
        """The value of a single cell that is left out, as a formula writes it."""
        if token.kind is TokenKind.NAME:
            named = next(
                (text for name, text in self.workbook.names.items() if name.casefold() == token.text.casefold()), ""
            )
            return self._value(Token(TokenKind.AREA, named)) if named else None
        if token.kind is not TokenKind.AREA or not self.gone(token.text):
            return None
        area = single_area(token.text)
        sheets = {name.casefold(): name for name in self.workbook.sheet_names}
        sheet = sheets.get((area.sheet or "").casefold()) if area else None
        if area is None or sheet is None or not _FIXED.fullmatch(token.text.rpartition("!")[2]):
            return None
        cell = self.workbook.cells(sheet).get(area.bounds[:2])
        return None if cell is None else _written(cell.value)


@dataclass(frozen=True)
class Freezer:
    """What the rules of a sheet are judged and calculated with; `dead` are ranges whose checks no reader needs."""

    portability: Portability
    settled: Settled
    results: RuleResults
    dead: Callable[[str, str], bool]  # of a sheet and a range as it is written


def frozen_cells(sheet: Sheet, verdict: ReasonToFreeze) -> FrozenCells:
    """The sheet with values in place of formulas that cannot stay."""
    places: dict[Position, Reason] = {}
    going: set[bytes] = set()  # shared formulas
    staying: set[bytes] = set()
    for cell, place in _formula_cells(sheet):
        formula = sheet.formula(cell)
        if formula is None:
            continue
        text = "TABLE()" if formula.kind == b"dataTable" else sheet.expanded(formula, place)
        why = Reason.OUTSIDE if formula.kind == b"dataTable" else verdict(place, text)
        if why is not None:
            places[place] = why
        if formula.kind == b"shared":
            (staying if why is None else going).add(formula.attributes[b"si"])
    if not places:
        return FrozenCells(sheet, places)
    if going & staying:
        sheet = sheet.with_edits(list(unshared(sheet, going & staying)))
    return FrozenCells(sheet.with_edits(list(_edits(sheet, places))), places)


def freeze_rules(work: Stripping, tab: Tab, freezer: Freezer) -> None:
    """The rules of a sheet, made fixed or taken out."""
    _freeze_formats(work, tab, freezer)
    _freeze_checks(work, tab, freezer)
    _sweep(work, tab.part)


def _formula_cells(sheet: Sheet) -> Iterator[tuple[Span, Position]]:
    for row in sheet.formula_rows:
        for cell in sheet.cells_in(row):
            if sheet.formula_span(cell) is not None:
                yield cell, (row.number, cell.number)


def _edits(sheet: Sheet, places: dict[Position, Reason]) -> Iterator[Edit]:
    for cell, place in _formula_cells(sheet):
        span = sheet.formula_span(cell)
        if place in places and span is not None:
            yield Edit(span.start, span.end, b"")
            yield from set_attribute(sheet.data, cell.start, "cm", None)  # marks a formula that spills


@dataclass(frozen=True)
class _WithRulesSheet(WorkbookView):
    """A workbook with a sheet more, as a calculation sees it."""

    formulas: tuple[str, ...]

    @property
    def sheet_names(self) -> tuple[str, ...]:
        return (*self.workbook.sheet_names, _RULES_SHEET)

    def hidden_rows(self, sheet: str) -> Collection[int]:
        return () if sheet == _RULES_SHEET else self.workbook.hidden_rows(sheet)

    def cells(self, sheet: str) -> Mapping[Position, Cell]:
        if sheet != _RULES_SHEET:
            return self.workbook.cells(sheet)
        return {(row, 1): Cell(None, formula) for row, formula in enumerate(self.formulas, 1)}


def _written(value: CellValue) -> str | None:
    if value is None or isinstance(value, CellError):
        return None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return number_text(value)


def _frame(work: Stripping, part: str) -> tuple[bytes, Element]:
    sheet = Sheet(work.package.text(part))
    return sheet.data, sheet.frame


def _freeze_formats(work: Stripping, tab: Tab, freezer: Freezer) -> None:
    text, frame = _frame(work, tab.part)
    edits: list[Edit] = []
    for container in frame.walk():
        if container.name != "conditionalFormatting":
            continue
        for rule in container.all("cfRule"):
            if _stands(rule, freezer.portability):
                continue
            found = _settled(rule, freezer) or _as_numbers(text, container, rule, tab, freezer)
            if found is None:
                fixed = _fixed(text, container, rule, tab, freezer)
                found = [Edit(rule.start, rule.end, b"")]
                found += [Edit(container.end, container.end, fixed)] if fixed else []
                work.note(LOST_FORMAT if fixed is None else FIXED_FORMAT, tab.name)
            else:
                work.note(FIXED_FORMAT, tab.name)
            edits += found
    work.edit(tab.part, edits)


def _formulas(rule: Element) -> Iterator[Element]:
    """The elements of a rule whose text is a formula."""
    return (one for one in rule.walk() if one.name in ("formula", "formula1", "formula2", "f") and not one.children)


def _limits(rule: Element) -> list[tuple[Element, str]]:
    """The limits of a scale, of bars or icons, each with its formula."""
    found = []
    for limit in (one for one in rule.walk() if one.name == "cfvo"):
        inside = limit.find("f")
        found.append((limit, inside.text if inside else limit.attributes.get("val", "0")))
    return found


def _stands(rule: Element, portability: Portability) -> bool:
    texts = [*(one.text for one in _formulas(rule)), *(formula for _, formula in _limits(rule))]
    return rule.attributes.get("type") != "timePeriod" and not any(map(portability.of_rule, texts))


def _settled(rule: Element, freezer: Freezer) -> list[Edit] | None:
    """Edits that put fixed values into a rule, if the rule can then stay."""
    edits = []
    for element in _formulas(rule):
        new = freezer.settled.text(element.text)
        if freezer.portability.of_rule(new) is not None:
            return None
        if new != element.text:
            edits.append(Edit(element.inner, element.outer, escape(new)))
    limits = any(freezer.portability.of_rule(formula) for _, formula in _limits(rule))
    return None if limits or rule.attributes.get("type") == "timePeriod" else edits


def _as_numbers(text: bytes, container: Element, rule: Element, tab: Tab, freezer: Freezer) -> list[Edit] | None:
    """Edits that replace the limits of a scale, of bars or of icons with their numbers."""
    limits = [one for one in _limits(rule) if freezer.portability.of_rule(one[1])]
    ranges = _ranges(container)
    if not limits or not ranges:
        return None
    place = (tab.name, *ranges[0][:2])
    edits: list[Edit] = []
    for limit, formula in limits:
        found = freezer.results.of([(freezer.settled.text(formula), place)])
        if found is None or isinstance(found[0], bool) or not isinstance(found[0], float):
            return None
        if limit.attributes.get("type") == "formula":
            edits += set_attribute(text, limit.start, "type", "num")
        inside, number = limit.find("f"), number_text(found[0])
        if inside is None:
            edits += set_attribute(text, limit.start, "val", number)
        else:
            edits.append(Edit(inside.inner, inside.outer, number.encode()))
    return edits


def _fixed(text: bytes, container: Element, rule: Element, tab: Tab, freezer: Freezer) -> bytes | None:
    """The rule for the cells in which it applies now; b"" where there are none, None where this is unknown."""
    ranges = _ranges(container)
    formula = _condition(rule, cell_name(*ranges[0][:2])) if ranges else None
    count = sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in ranges)
    if formula is None or count > _LARGEST:
        return None
    home, formula = ranges[0][:2], freezer.settled.text(formula)
    places = [
        (row, column)
        for top, left, bottom, right in ranges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]
    asked: list[tuple[str, Place]] = [
        (translate(formula, row - home[0], column - home[1]), (tab.name, row, column)) for row, column in places
    ]
    values = freezer.results.of(asked)
    if values is None:
        return None
    true = [place for place, value in zip(places, values, strict=True) if _is_true(value)]
    return _container(text, container, rule, _sqref(true)) if true else b""


def _is_true(value: object) -> bool:
    return isinstance(value, bool | float) and bool(value)


def _condition(rule: Element, cell: str) -> str | None:
    """What a rule asks of the first cell that it covers, as a formula; None for rules that compare cells."""
    kind, texts = rule.attributes.get("type"), [one.text for one in _formulas(rule)]
    if kind in _WITH_FORMULA and texts:
        return texts[0]
    if kind != "cellIs" or not texts:
        return None
    operator = rule.attributes.get("operator", "")
    if operator in _SIGNS:
        return f"{cell}{_SIGNS[operator]}({texts[0]})"
    low, high = f"({texts[0]})", f"({texts[-1]})"
    between = f"AND({cell}>=MIN({low},{high}),{cell}<=MAX({low},{high}))"
    return {"between": between, "notBetween": f"NOT({between})"}.get(operator)


def _ranges(container: Element) -> list[tuple[int, int, int, int]]:
    inside = container.find("sqref")
    return [bounds(ref) for ref in (inside.text if inside else container.attributes.get("sqref", "")).split()]


def _container(text: bytes, container: Element, rule: Element, sqref: str) -> bytes:
    """A separate container for a rule that is always true."""
    raw = text[rule.start : rule.end]
    edits: list[Edit] = [*set_attribute(raw, 0, "type", "expression")]
    for name in ("operator", "timePeriod", "text"):
        edits += set_attribute(raw, 0, name, None)
    first, *others = list(_formulas(rule))
    edits.append(Edit(first.inner - rule.start, first.outer - rule.start, b"TRUE"))
    edits += [Edit(other.start - rule.start, other.end - rule.start, b"") for other in others]
    start = text[container.start : container.inner]
    inside = container.find("sqref")
    end = b""
    if inside is None:
        start = splice(start, set_attribute(start, 0, "sqref", sqref))
    else:
        end = text[inside.start : inside.inner] + sqref.encode() + text[inside.outer : inside.end]
    return start + splice(raw, edits) + end + text[container.outer : container.end]


def _sqref(places: Collection[Position]) -> str:
    """Cells as ranges, columns cut into runs of rows."""
    runs: list[tuple[int, int, int]] = []  # column, first row, last row
    for row, column in sorted(places, key=lambda place: place[::-1]):
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    return " ".join(
        cell_name(first, column) if first == last else range_name(first, column, last, column)
        for column, first, last in runs
    )


def _freeze_checks(work: Stripping, tab: Tab, freezer: Freezer) -> None:
    frame = _frame(work, tab.part)[1]
    edits: list[Edit] = []
    for check in (one for one in frame.walk() if one.name == "dataValidation"):
        inside = check.find("sqref")
        dead = check.attributes.get("type", "none") == "none"  # a hint for typing
        dead = dead or freezer.dead(tab.name, inside.text if inside else check.attributes.get("sqref", ""))
        texts = [one.text for one in _formulas(check)]
        if not dead and not any(map(freezer.portability.of_rule, texts)):
            continue
        settled = None if dead else _settled(check, freezer)
        if settled is None:
            edits.append(Edit(check.start, check.end, b""))
            work.note(LOST_CHECK, tab.name)
        else:
            edits += settled
    work.edit(tab.part, edits)


def _sweep(work: Stripping, part: str) -> None:
    """Containers that are empty now go; stated numbers of checks follow."""
    edits = [Edit(0, 0, b"")]
    while edits:
        text, frame = _frame(work, part)
        edits = []
        for element in frame.walk():
            children = [one for one in element.children if one.name != "sqref"]
            if element.name in _CONTAINERS and not children and element.inner != element.end:
                edits.append(Edit(element.start, element.end, b""))
            elif element.name == "dataValidations" and "count" in element.attributes:
                edits += set_attribute(text, element.start, "count", str(len(children)))
        work.edit(part, edits)
