"""The second judge: formulon calculates each formula again, and a value counts only where both engines agree.

It gets the formula's own text, the workbook's tables and names, and resolves references by itself: so a fault of the
resolver shows as a difference too. It takes no Python functions. A call of a cell function reaches it as the value that
the call gave, and the arguments that are formulas themselves are judged one by one.
"""

import io
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cpa_xl.errors import CellError, CpaXlError
from cpa_xl.formulas.engine import Call, shown
from cpa_xl.formulas.graph import CellValue, FormulaBook, Place, cells_in_block
from cpa_xl.formulas.references import CellBlock, Formula, Token, TokenKind, function_name, read_tokens
from cpa_xl.measures.figures import REST_OF_SUBTRACTION, REWORKED, same_figure
from cpa_xl.ooxml.a1 import cell_name, range_name
from cpa_xl.ooxml.cells import encoded
from cpa_xl.ooxml.xml import escape
from cpa_xl.workbook.closed import Table, cell_error

if TYPE_CHECKING:
    from formulon import Value, Workbook

_CODES = (
    *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"),
    *("#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"),
)
_UNSURE = frozenset(["#NAME?", "#SPILL!", "#GETTING_DATA", "#BLOCKED!", "#FIELD!"])  # also what it says of its own gaps
_LONGEST_TEXT = 255  # characters of a text inside a formula
_ONE_TOKEN = frozenset([TokenKind.AREA, TokenKind.NUMBER, TokenKind.TEXT, TokenKind.ERROR])

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class NoSecondValueError(CpaXlError):
    """The second engine has no value; the message says why."""


Answer = list[list[CellValue]] | str
"""What the engine gives for a formula: rows of values, or the reason why it has none."""


@dataclass(frozen=True)
class CallSite:
    """A call of a cell function in a formula's tokens: first and last token, and those of each argument."""

    start: int
    end: int
    arguments: tuple[tuple[int, int], ...]


def call_sites(tokens: Sequence[Token], own: Collection[str]) -> list[CallSite]:
    """The calls of the functions `own`, in the order of their first tokens."""
    waiting: list[tuple[int, bool, list[int]]] = []  # of each open bracket: its token, whether it calls, its commas
    found = []
    for at, token in enumerate(tokens):
        if token.kind is TokenKind.CALL or token.text in ("(", "{"):
            calls = token.kind is TokenKind.CALL and function_name(token.text[:-1]) in own
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


def worked_out(formula: Formula, own: Collection[str]) -> dict[int, list[int]]:
    """For each call of a cell function in a formula, the arguments that are formulas themselves, by place from 0."""
    return {
        number: [at for at, (start, end) in enumerate(site.arguments) if not _plain(formula.tokens[start:end])]
        for number, site in enumerate(call_sites(formula.tokens, own))
    }


def _plain(tokens: Sequence[Token]) -> bool:
    """Whether an argument is a reference, a constant or nothing."""
    pieces = [token for token in tokens if token.kind is not TokenKind.SPACE]
    if len(pieces) > 1 and pieces[0].text == "-":
        pieces = pieces[1:]
    return not pieces or (len(pieces) == 1 and (pieces[0].kind in _ONE_TOKEN or pieces[0].text in ("TRUE", "FALSE")))


@dataclass(frozen=True)
class Doubt:
    """Why a value does not count, and what each engine gets (as text, "" for nothing)."""

    reason: str
    first: str = ""
    second: str = ""


@dataclass
class _Question:
    """What to ask about one cell: its formula's text (None: nothing to ask), and arguments with their values."""

    text: str | None = None
    arguments: list[tuple[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class SecondJudge:
    """Asks the second engine about values of the first.

    Args:
        book: the workbook.
        own: the names of the cell functions.
        calls: their calls, as the first engine remembers them for the arguments of `worked_out`.
    """

    book: FormulaBook
    own: Collection[str]
    calls: Mapping[tuple[Place, int], Call]

    def doubts(self, found: Mapping[Place, list[list[CellValue]]], *, alone: bool = False) -> dict[Place, Doubt]:
        """The formula cells whose values do not count.

        found: what the first engine gets for each, row by row. alone: from what the input cells show; without it
        these formulas also read each other's new values.
        """
        doubts: dict[Place, Doubt] = {}
        questions: dict[Place, _Question] = {}
        for place in found:
            question = self._question(place)
            if isinstance(question, str):
                doubts[place] = Doubt(question, _rows_shown(found[place]))
            elif question.text is not None or question.arguments:
                questions[place] = question
        if not questions:
            return doubts
        texts = {place: question.text for place, question in questions.items() if question.text is not None}
        given = {
            cell: value for place in found for cell, value in self._cells(place, found[place]) if place not in texts
        }
        engine = SecondEngine(self.book, {} if alone else texts, {} if alone else given, questions)
        for place, question in questions.items():
            doubt = self._doubt(engine, place, question, found[place])
            if doubt is not None:
                doubts[place] = doubt
        return doubts

    def opinions(self, places: Collection[Place], values: Mapping[Place, CellValue]) -> dict[Place, str]:
        """What the second engine gets for formulas without cell functions, as text; `values` are new ones of cells."""
        asked = {place: self._text(self._tokens(place), {}) for place in places if not self._calls_own(place)}
        engine = SecondEngine(self.book, {}, values, asked) if asked else None
        answers = {place: engine.alone(place, text) for place, text in asked.items()} if engine else {}
        return {place: _rows_shown(answer) for place, answer in answers.items() if not isinstance(answer, str)}

    def _calls_own(self, place: Place) -> bool:
        return not self.book.formulas[place].functions.isdisjoint(self.own)

    def _cells(self, place: Place, rows: list[list[CellValue]]) -> Iterator[tuple[Place, CellValue]]:
        area = self.book.fills.get(place)
        cells = cells_in_block(area) if area else (place,)
        yield from zip(cells, (value for row in rows for value in row), strict=False)

    def _tokens(self, place: Place) -> Sequence[Token]:
        """The formula's own text, or the resolved one where only that has the calls and references in it."""
        formula, text = self.book.formulas[place], tuple(read_tokens(self.book.texts[place]))
        sites = len(call_sites(text, self.own)), len(call_sites(formula.tokens, self.own))
        return formula.tokens if formula.rewritten or sites[0] != sites[1] else text

    def _question(self, place: Place) -> _Question | str:
        """What to ask about a cell; a text says why nothing can be asked."""
        tokens = self._tokens(place)
        sites = call_sites(tokens, self.own)
        if not sites:
            return _Question(self._text(tokens, {}))
        question, written = _Question(), {}
        for number, site in enumerate(sites):
            call = self.calls.get((place, number))
            if call is None:
                written[number] = "NA()"  # the formula did not come so far
                continue
            if not call.steady:
                return "it calls a cell function more than once, with other arguments each time"
            text = _literal(call.result)
            if text is None and (site.start, site.end) != (0, len(tokens) - 1):
                return "what a cell function gives in it cannot be handed to the second calculator"
            written[number] = text or "NA()"
        for number, site in enumerate(sites):
            for at, value in self.calls[place, number].arguments.items() if (place, number) in self.calls else ():
                start, end = site.arguments[at]
                question.arguments.append((self._text(tokens[start:end], written, sites, start), value))
        if (sites[0].start, sites[0].end) != (0, len(tokens) - 1):
            question.text = self._text(tokens, written, sites)
        return question

    def _text(
        self,
        tokens: Sequence[Token],
        written: Mapping[int, str],
        sites: Sequence[CallSite] = (),
        start: int = 0,
    ) -> str:
        """The tokens, which begin at `start`, as text for the second engine: it does not know a table's bare name."""
        tables = {name.casefold() for name in self.book.places.tables}
        by_start = {site.start - start: (site.end - start, written[number]) for number, site in enumerate(sites)}
        pieces, at = [], 0
        while at < len(tokens):
            token = tokens[at]
            if at in by_start:
                at, text = by_start[at]
                pieces.append(text)
            elif token.kind is TokenKind.NAME and token.text.casefold() in tables:
                pieces.append(f"{token.text}[#Data]")
            else:
                pieces.append(token.text)
            at += 1
        return "".join(pieces).strip()

    def _doubt(
        self, engine: "SecondEngine", place: Place, question: _Question, rows: list[list[CellValue]]
    ) -> Doubt | None:
        for text, value in question.arguments:
            answer = engine.alone(place, text)
            given = value if isinstance(value, list) else [[value]]
            if isinstance(answer, str):
                return Doubt(answer, _rows_shown(given))
            if not _alike(given, answer):
                return _differing(_rows_shown(given), _rows_shown(answer), f" for {text}")
        if question.text is None:
            return None
        answer = engine.answer(place, question.text)
        if isinstance(answer, str):
            return Doubt(answer, _rows_shown(rows))
        return None if _alike(rows, answer) else _differing(_rows_shown(rows), _rows_shown(answer))


def _differing(first: str, second: str, where: str = "") -> Doubt:
    return Doubt(f"the calculator gets {first}{where}, and the second one {second}", first, second)


def _rows_shown(rows: Sequence[Sequence[object]]) -> str:
    """The values as a text: one, or the first of many."""
    first = shown(rows[0][0]) if rows and rows[0] else "nothing"
    count = sum(len(row) for row in rows)
    return first if count < 2 else f"{first} and {count - 1:,} more"


def _alike(first: Sequence[Sequence[object]], second: Sequence[Sequence[object]]) -> bool:
    sizes = [[len(row) for row in rows] for rows in (first, second)]
    return sizes[0] == sizes[1] and all(
        _same(one, other)
        for row, others in zip(first, second, strict=True)
        for one, other in zip(row, others, strict=True)
    )


def _same(first: object, second: object) -> bool:
    """Whether two engines come to the same value; a blank is 0 or an empty text to a cell that shows it."""
    if first is None or second is None:
        return (first or second) in (None, 0.0, "") and not isinstance(first or second, bool)
    if isinstance(first, CellError) or isinstance(second, CellError):
        return isinstance(first, CellError) and isinstance(second, CellError) and first.code == second.code
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, int | float) and isinstance(second, int | float):
        return same_figure(first, second, REWORKED, rest=REST_OF_SUBTRACTION)
    return type(first) is type(second) and first == second


class SecondEngine:
    """A workbook in the second engine: constants and formulas go in, and each formula's answer comes out.

    Args:
        book: the workbook. Its cells outside `formulas` go in with what `values` says, or else with what they show.
        formulas: the text of each formula cell to calculate, without "=".
        values: what other cells show now.
        read: cells for which single formulas are asked (`alone`): what these cells read goes in too.
    """

    def __init__(
        self,
        book: FormulaBook,
        formulas: Mapping[Place, str],
        values: Mapping[Place, CellValue],
        read: Collection[Place] = (),
    ) -> None:
        self._book = book
        self._sheets = {sheet: number for number, sheet in enumerate(book.sheets)}
        self._formulas = formulas
        self._workbook = _loaded(_file(book, formulas, values, {*formulas, *read}))
        if formulas:
            self._workbook.recalc()

    def answer(self, place: Place, text: str) -> Answer:
        """The values with which a formula fills its cells, row by row."""
        if place not in self._formulas:
            return self.alone(place, text)
        area = self._book.fills.get(place)
        try:
            if area is None:
                return [[self._value(place)]]
            wide = area.size[1]
            found = [self._value(cell) for cell in cells_in_block(area)]
            return [found[at : at + wide] for at in range(0, len(found), wide)]
        except NoSecondValueError as refusal:
            return str(refusal)

    def alone(self, place: Place, formula: str) -> Answer:
        """What another formula would give in a cell."""
        try:
            found = self._workbook.evaluate_formula_array(*self._at(place), formula)
            return [[_from_result(value) for value in row] for row in found]
        except NoSecondValueError as refusal:
            return str(refusal)
        except _failure() as error:
            return _cannot(error)

    def _value(self, place: Place) -> CellValue:
        return _from_result(self._workbook.get_value(*self._at(place)))

    def _at(self, place: Place) -> tuple[int, int, int]:
        return self._sheets[place[0]], place[1] - 1, place[2] - 1


def _literal(value: object) -> str | None:
    """A value as formulas write it; None for what they cannot write."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(float(value)) if value >= 0 else f"({float(value)!r})"
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT:
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, list | tuple):
        return _array(value)
    return None


def _array(value: list[Any] | tuple[Any, ...]) -> str | None:
    rows = value if all(isinstance(row, list | tuple) for row in value) else [value]
    written = [[_literal(item) for item in row] for row in rows]
    if not written or len({len(row) for row in written}) != 1 or not written[0]:
        return None
    if any(item is None or item.startswith("{") for row in written for item in row):
        return None
    return "{" + ";".join(",".join(str(item).strip("()") for item in row) for row in written) + "}"


@lru_cache(maxsize=1)
def _library() -> Any:
    """The engine, started: its machine code is kept in the user's cache, or else made anew, which takes seconds."""
    import wasmtime  # noqa: PLC0415 - few calculations need it

    plain, settings = wasmtime.Engine, wasmtime.Config()
    try:
        settings.cache = True
    except wasmtime.WasmtimeError:  # no folder for it
        settings = wasmtime.Config()
    wasmtime.Engine = lambda: plain(settings)  # type: ignore[assignment, misc]  # formulon offers no other way
    try:
        import formulon  # noqa: PLC0415

        formulon.Workbook.create_empty().close()
    finally:
        wasmtime.Engine = plain  # type: ignore[misc]
    return formulon


def _failure() -> type[Exception]:
    failure: type[Exception] = _library().FormulonError
    return failure


def _loaded(content: bytes) -> "Workbook":
    workbook: Workbook = _library().Workbook.load(content)
    return workbook


def _cannot(error: Exception) -> str:
    return f"the second calculator cannot do the formula ({error})"


def _from_result(value: "Value") -> CellValue:
    kind = value.kind.name
    if kind == "ERROR":
        number = value.error_code or 0
        code = _CODES[number] if number < len(_CODES) else "an unknown error"
        if code in _UNSURE or code not in _CODES:
            raise NoSecondValueError(f"the second calculator gives {code}")
        return cell_error(code)
    if kind not in ("BLANK", "NUMBER", "BOOL", "TEXT"):
        raise NoSecondValueError("the second calculator gives no value")
    found = value.to_python()
    return found if found is None or isinstance(found, bool | float | str) else None


def _file(
    book: FormulaBook, formulas: Mapping[Place, str], values: Mapping[Place, CellValue], reading: Collection[Place]
) -> bytes:
    """A workbook with these formulas, and of all other cells the values of those columns that the formulas read."""
    wanted: dict[str, dict[tuple[int, int], CellValue]] = defaultdict(dict)
    for sheet, columns in book.columns_read(reading).items():
        for at, cell in book.sheets[sheet].items():
            if at[1] in columns:
                wanted[sheet][at] = cell.value
    for (sheet, row, column), value in values.items():
        wanted[sheet][row, column] = value
    for place in formulas:
        wanted[place[0]].setdefault(place[1:], None)
        if place in book.fills:
            for filled in cells_in_block(book.fills[place]):
                wanted[filled[0]].pop(filled[1:], None)
            wanted[place[0]][place[1:]] = None
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, part in _parts(book, formulas, wanted):
            package.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + part)
    return target.getvalue()


def _parts(
    book: FormulaBook, formulas: Mapping[Place, str], wanted: Mapping[str, Mapping[tuple[int, int], CellValue]]
) -> Iterator[tuple[str, str]]:
    """Each part of the file: its name and its text."""
    tables = list(book.places.tables.values())
    kinds = [("/xl/workbook.xml", "sheet.main")]
    kinds += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number, _ in enumerate(book.sheets, 1)]
    kinds += [(f"/xl/tables/table{number}.xml", "table") for number, _ in enumerate(tables, 1)]
    overrides = "".join(f'<Override PartName="{part}" ContentType="{_SHEET_TYPE}.{kind}+xml"/>' for part, kind in kinds)
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        f' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
    )
    yield "_rels/.rels", _links([("officeDocument", "xl/workbook.xml")])
    sheets = [("worksheet", f"worksheets/sheet{number}.xml") for number, _ in enumerate(book.sheets, 1)]
    yield "xl/_rels/workbook.xml.rels", _links(sheets)
    yield "xl/workbook.xml", _workbook(book)
    for number, sheet in enumerate(book.sheets, 1):
        held = [at for at, table in enumerate(tables, 1) if table.sheet == sheet]
        links = "".join(f'<tablePart r:id="rId{order}"/>' for order, _ in enumerate(held, 1))
        parts = f'<tableParts count="{len(held)}">{links}</tableParts>' if held else ""
        rows = "".join(_rows(sheet, wanted.get(sheet, {}), formulas, book))
        yield (
            f"xl/worksheets/sheet{number}.xml",
            f'<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheetData>{rows}</sheetData>{parts}</worksheet>',
        )
        if held:
            link = _links([("table", f"../tables/table{at}.xml") for at in held])
            yield f"xl/worksheets/_rels/sheet{number}.xml.rels", link
    for number, table in enumerate(tables, 1):
        yield f"xl/tables/table{number}.xml", _table(number, table)


def _links(targets: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _workbook(book: FormulaBook) -> str:
    sheets = "".join(
        f'<sheet name="{_attribute(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(book.sheets, 1)
    )
    names = "".join(
        f'<definedName name="{_attribute(name)}">{_text(text.removeprefix("="))}</definedName>'
        for name, text in book.places.names.items()
    )
    date = '<workbookPr date1904="1"/>' if book.date1904 else ""
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{date}<sheets>{sheets}</sheets>'
        f"{f'<definedNames>{names}</definedNames>' if names else ''}</workbook>"
    )


def _table(number: int, table: Table) -> str:
    columns = "".join(
        f'<tableColumn id="{at}" name="{_attribute(column.name)}"/>' for at, column in enumerate(table.columns, 1)
    )
    head = "" if table.header_row else ' headerRowCount="0"'
    total = ' totalsRowCount="1"' if table.totals_row else ""
    ref = range_name(table.first_row, table.first_col, table.last_row, table.last_col)
    return (
        f'<table xmlns="{_MAIN}" id="{number}" name="{_attribute(table.name)}" displayName="{_attribute(table.name)}"'
        f' ref="{ref}"{head}{total}><tableColumns count="{len(table.columns)}">{columns}</tableColumns></table>'
    )


def _rows(
    sheet: str, cells: Mapping[tuple[int, int], CellValue], formulas: Mapping[Place, str], book: FormulaBook
) -> Iterator[str]:
    row = 0
    for at in sorted(cells):
        if at[0] != row:
            yield f'{"</row>" if row else ""}<row r="{at[0]}">'
            row = at[0]
        place = (sheet, *at)
        if place in formulas:
            area = book.fills.get(place)
            array = f' t="array" ref="{range_name(*_corners(area))}"' if area is not None else ""
            yield f'<c r="{cell_name(*at)}"><f{array}>{_text(formulas[place])}</f></c>'
        else:
            yield _constant(cell_name(*at), cells[at])
    yield "</row>" if row else ""


def _corners(area: CellBlock) -> tuple[int, int, int, int]:
    return area.first_row, area.first_col, area.last_row, area.last_col


def _constant(cell: str, value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{cell}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, CellError):
        return f'<c r="{cell}" t="e"><v>{value.code}</v></c>'
    if isinstance(value, str):
        return f'<c r="{cell}" t="inlineStr"><is><t xml:space="preserve">{encoded(value)}</t></is></c>'
    return f'<c r="{cell}"><v>{value!r}</v></c>'


def _text(text: str) -> str:
    return escape(text).decode()


def _attribute(text: str) -> str:
    return escape(text, quotes=True).decode()
