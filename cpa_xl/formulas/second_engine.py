"""The second engine (formulon, in WebAssembly): formulas and constants go in as a small file, and values come out."""

import io
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from cpa_xl.errors import CellError, CpaXlError
from cpa_xl.formulas.graph import CellValue, FormulaBook, Place, cells_in_block
from cpa_xl.formulas.references import CellBlock
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
_OTHER_ERROR = "#UNKNOWN!"  # goes in for codes that the engine has never heard of
_UNSURE = frozenset(["#NAME?", "#SPILL!", "#GETTING_DATA", "#BLOCKED!", "#FIELD!"])  # also what it says of its own gaps
_DAY_FIRST: Final = "mac-365-es_MX"  # Mexico: days first, a point before decimals; the engine knows no British profile
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class NoSecondValueError(CpaXlError):
    """The second engine has no value; the message says why."""


Answer = list[list[CellValue]] | str
"""What the engine gives for a formula: rows of values, or the reason why it has none."""


class SecondEngine:
    """A workbook in the second engine: constants and formulas go in, and each formula's answer comes out.

    Args:
        book: the workbook. Its cells outside `formulas` go in with what `values` says, or else with what they show.
        formulas: the text of each formula cell to calculate, without "=".
        values: what cells show now.
        read: cells for which single formulas are asked (`alone`): what these cells read goes in too.
        arrays: of the formulas, those that work on many values at once although the workbook does not say so.
    """

    def __init__(
        self,
        book: FormulaBook,
        formulas: Mapping[Place, str],
        values: Mapping[Place, CellValue],
        read: Collection[Place] = (),
        arrays: Collection[Place] = (),
    ) -> None:
        self._book = book
        self._sheets = {sheet: number for number, sheet in enumerate(book.sheets)}
        self._formulas = formulas
        self._values = values
        self._read = {*formulas, *read}
        fills = dict(book.fills) | {place: CellBlock(*place, *place[1:]) for place in arrays}
        self._workbook = _loaded(_file(book, formulas, values, formulas, fills)) if formulas else None
        if self._workbook is not None:
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

    @cached_property
    def _constants(self) -> bytes:
        """The file without formulas: a single formula reads what they gave, and the engine works out nothing else."""
        return _file(self._book, {}, self._values, self._read, {})

    @cached_property
    def _plain(self) -> "Workbook":
        return _loaded(self._constants)

    @cached_property
    def _day_first(self) -> "Workbook":
        workbook = _loaded(self._constants)
        workbook.set_excel_profile_id(_DAY_FIRST)
        return workbook

    def alone(self, place: Place, formula: str, *, day_first: bool = False) -> Answer:
        """What another formula would give in a cell. `day_first`: where 1/2 is the first of February."""
        workbook = self._day_first if day_first else self._plain
        try:
            found = workbook.evaluate_formula_array(*self._at(place), formula)
            return [[_from_result(value) for value in row] for row in found]
        except NoSecondValueError as refusal:
            return str(refusal)
        except _failure() as error:
            return _cannot(error)

    def _value(self, place: Place) -> CellValue:
        if self._workbook is None:
            raise NoSecondValueError("the second calculator has no such formula")
        return _from_result(self._workbook.get_value(*self._at(place)))

    def _at(self, place: Place) -> tuple[int, int, int]:
        return self._sheets[place[0]], place[1] - 1, place[2] - 1


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
    book: FormulaBook,
    formulas: Mapping[Place, str],
    values: Mapping[Place, CellValue],
    reading: Collection[Place],
    fills: Mapping[Place, CellBlock],
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
        for name, part in _parts(book, formulas, wanted, fills):
            package.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + part)
    return target.getvalue()


def _parts(
    book: FormulaBook,
    formulas: Mapping[Place, str],
    wanted: Mapping[str, Mapping[tuple[int, int], CellValue]],
    fills: Mapping[Place, CellBlock],
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
        rows = "".join(_rows(sheet, wanted.get(sheet, {}), formulas, fills))
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
    order = {name: number for number, name in enumerate(book.sheets)}
    names = "".join(_name(name, text, "") for name, text in book.places.names.items())
    names += "".join(
        _name(name, text, f' localSheetId="{order[sheet]}"') for (sheet, name), text in book.places.own_names.items()
    )
    date = '<workbookPr date1904="1"/>' if book.date1904 else ""
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{date}<sheets>{sheets}</sheets>'
        f"{f'<definedNames>{names}</definedNames>' if names else ''}</workbook>"
    )


def _name(name: str, text: str, scope: str) -> str:
    return f'<definedName name="{_attribute(name)}"{scope}>{_text(text.removeprefix("="))}</definedName>'


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
    sheet: str,
    cells: Mapping[tuple[int, int], CellValue],
    formulas: Mapping[Place, str],
    fills: Mapping[Place, CellBlock],
) -> Iterator[str]:
    row = 0
    for at in sorted(cells):
        if at[0] != row:
            yield f'{"</row>" if row else ""}<row r="{at[0]}">'
            row = at[0]
        place = (sheet, *at)
        if place in formulas:
            area = fills.get(place)
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
        return f'<c r="{cell}" t="e"><v>{value.code if value.code in _CODES else _OTHER_ERROR}</v></c>'
    if isinstance(value, str):
        return f'<c r="{cell}" t="inlineStr"><is><t xml:space="preserve">{encoded(value)}</t></is></c>'
    return f'<c r="{cell}"><v>{value!r}</v></c>'


def _text(text: str) -> str:
    return escape(text).decode()


def _attribute(text: str) -> str:
    return escape(text, quotes=True).decode()
