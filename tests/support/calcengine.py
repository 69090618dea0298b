"""An engine for xlwings that drives LibreOffice Calc over UNO, so that code written for Excel meets a real spreadsheet.

It answers as Excel does: errors as the integers that COM hands over, a single cell as its value, text behind an
apostrophe as text. `api` gives the few native members of Excel's objects that have no counterpart in xlwings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import xlwings
from xlwings import base_classes

from cpa_xl.errors import CellError, scode_of
from cpa_xl.libreoffice.soffice import ADDIN, CELLS
from cpa_xl.ooxml.a1 import bounds
from tests.support.officeprocess import property_of, uno_module

ENGINE = "calc"
ERRORS = {503: "#NUM!", 519: "#VALUE!", 521: "#NULL!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!", 32767: "#N/A"}
CODES = {**ERRORS, 508: "#NAME?"}  # a pair of brackets too few or too many, which Excel would not take
CONTENTS = 1 | 2 | 4 | 16  # values, dates, text, formulas
ERROR_RESULTS = 4


def open_book(desktop: Any, path: Path) -> xlwings.Book:
    """A file opened in LibreOffice, as xlwings' book of the engine `calc`."""
    document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, (property_of("Hidden", True),))
    assert document is not None, f"LibreOffice did not open {path}"
    if ENGINE not in xlwings.engines.engines_by_name:
        xlwings.engines.add(xlwings.main.Engine(impl=CalcEngine()))
    return xlwings.Book(impl=Book(document))


class CalcEngine:
    """What xlwings' conversion asks of an engine."""

    name = ENGINE
    type = "desktop"
    apps: Sequence[object] = ()

    @staticmethod
    def prepare_xl_data_element(value: object, _options: object) -> object:
        """A value on its way into a cell."""
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data: Any, _dates: object, empty: object, _numbers: object, _errors: object) -> Any:
        """Values on their way out."""
        return [[empty if value in ("", None) else value for value in row] for row in data]


class App(base_classes.App):
    """The part of LibreOffice that waits while a document changes."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self._drawing, self._events = True, True
        self.said: list[str | bool] = []  # in the status bar, which a document without a window has not

    @property
    def engine(self) -> Any:
        return xlwings.engines[ENGINE].impl

    @property
    def pid(self) -> int:
        return 0  # there is one

    @property
    def calculation(self) -> str:
        return "automatic" if self.document.isAutomaticCalculationEnabled() else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        self.document.enableAutomaticCalculation(value == "automatic")

    def calculate(self) -> None:
        self.document.calculate()

    @property
    def status_bar(self) -> str | bool:
        return self.said[-1] if self.said else False

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        self.said.append(value)

    @property
    def selection(self) -> Range | None:
        place = self.document.CurrentSelection.RangeAddress
        sheet = Book(self.document).sheets(place.Sheet + 1)
        return Range(sheet, (place.StartRow + 1, place.StartColumn + 1), (place.EndRow + 1, place.EndColumn + 1))

    @property
    def screen_updating(self) -> bool:
        return not self.document.hasControllersLocked()

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        if value and self.document.hasControllersLocked():
            self.document.unlockControllers()
        elif not value:
            self.document.lockControllers()

    @property
    def enable_events(self) -> bool:
        return self._events

    @enable_events.setter
    def enable_events(self, value: bool) -> None:
        self._events = value


class Book(base_classes.Book):
    """A document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self._app = App(document)
        self._sheets = Sheets(self)

    @property
    def api(self) -> Any:
        return SimpleNamespace(Date1904=self.document.NullDate.Year == 1904, SaveCopyAs=self._save_copy)

    def _save_copy(self, path: str) -> None:
        filter_name = uno_module().createUnoStruct("com.sun.star.beans.PropertyValue")
        filter_name.Name, filter_name.Value = "FilterName", "Calc MS Excel 2007 XML"
        self.document.storeToURL(Path(path).as_uri(), (filter_name,))

    @property
    def app(self) -> App:
        return self._app

    @property
    def fullname(self) -> str:
        return str(uno_module().fileUrlToSystemPath(self.document.URL))

    @property
    def name(self) -> str:
        return Path(self.fullname).name

    @property
    def sheets(self) -> Sheets:
        return self._sheets

    @property
    def names(self) -> Names:
        return Names(self)

    def close(self) -> None:
        self.document.close(True)  # UNO knows no names of arguments


class Items(base_classes.Collection):
    """A collection of what a document has, by name or place (from 1)."""

    items: list[Any]

    def __call__(self, key: int | str) -> Any:
        if isinstance(key, int):
            return self.items[key - 1]
        for item in self.items:
            if item.name.casefold() == key.casefold():
                return item
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __contains__(self, key: object) -> bool:
        return any(item.name == key for item in self.items)


class Sheets(Items):
    """The sheets of a document, as they are when it is opened."""

    def __init__(self, book: Book) -> None:
        self.items = [Sheet(book, sheet) for sheet in book.document.Sheets]


class Sheet:
    """A sheet."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book, self.sheet = book, sheet
        self._name = str(sheet.Name)
        self.totals: dict[str, Any] = {}  # the totals of tables that do not show them

    @property
    def api(self) -> Any:
        return SimpleNamespace(ProtectContents=self.sheet.isProtected())

    @property
    def book(self) -> Book:
        return self._book

    @property
    def name(self) -> str:
        return self._name

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def used_range(self) -> Range:
        cursor = self.sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)  # UNO knows no names of arguments
        end = cursor.RangeAddress
        return self.range((1, 1), (end.EndRow + 1, end.EndColumn + 1))

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        if isinstance(arg1, str):
            top, left, bottom, right = bounds(arg1)
            return Range(self, (top, left), (bottom, right))
        first = (arg1.row, arg1.column) if isinstance(arg1, Range) else arg1
        last = (arg2.row, arg2.column) if isinstance(arg2, Range) else arg2 or first
        return Range(self, first, last)


class Range(base_classes.Range):
    """A range of cells."""

    def __init__(self, sheet: Sheet, first: tuple[int, int], last: tuple[int, int]) -> None:
        self._sheet = sheet
        self._top, self._left = min(first[0], last[0]), min(first[1], last[1])
        self._rows, self._columns = abs(first[0] - last[0]) + 1, abs(first[1] - last[1]) + 1
        self.cells = sheet.sheet.getCellRangeByPosition(
            self._left - 1, self._top - 1, self._left + self._columns - 2, self._top + self._rows - 2
        )

    @property
    def api(self) -> Any:
        protection = self.cells.CellProtection
        return SimpleNamespace(
            Locked=None if protection is None else protection.IsLocked, address=self.cells.RangeAddress
        )

    @property
    def sheet(self) -> Sheet:
        return self._sheet

    @property
    def row(self) -> int:
        return self._top

    @property
    def column(self) -> int:
        return self._left

    @property
    def shape(self) -> tuple[int, int]:
        return self._rows, self._columns

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return self._sheet.name, self._top, self._left, self._rows, self._columns

    def __len__(self) -> int:
        return self._rows * self._columns

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        row, column = (arg1, arg2) if arg2 is not None else divmod(arg1 - 1, self._columns)
        place = (self._top + row - (arg2 is not None), self._left + column - (arg2 is not None))
        return Range(self._sheet, place, place)

    @property
    def raw_value(self) -> Any:
        rows = [list(row) for row in self.cells.getDataArray()]
        for area in self.cells.queryFormulaCells(ERROR_RESULTS).RangeAddresses:
            for row in range(area.StartRow, area.EndRow + 1):
                for column in range(area.StartColumn, area.EndColumn + 1):
                    error = CellError()
                    number = self._sheet.sheet.getCellByPosition(column, row).getError()
                    error.code = CODES.get(number, "#VALUE!")
                    rows[row - self._top + 1][column - self._left + 1] = scode_of(error)
        values = tuple(tuple(None if value == "" else value for value in row) for row in rows)
        return values[0][0] if self.shape == (1, 1) else values

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        rows = value if isinstance(value, list | tuple) else [[value] * self._columns] * self._rows
        columns = [self.cells.getCellRangeByPosition(at, 0, at, self._rows - 1) for at in range(self._columns)]
        formats = [_format_of(column) for column in columns]
        self.cells.setDataArray(tuple(tuple(_written(one) for one in row) for row in rows))
        for column, kept in zip(columns, formats, strict=True):
            if kept is not None and _format_of(column) != kept:  # for text like 007 LibreOffice changes it, Excel not
                column.NumberFormat = kept

    @property
    def formula(self) -> Any:
        formulas = [[_as_in_excel(formula) for formula in row] for row in self.cells.getFormulaArray()]
        return formulas[0][0] if self.shape == (1, 1) else formulas

    @formula.setter
    def formula(self, value: Any) -> None:
        if isinstance(value, list | tuple):
            self.cells.setFormulaArray(tuple(map(tuple, value)))
            return
        self.cells.getCellByPosition(0, 0).setFormula(value)
        if self._rows > 1:
            self.cells.fillAuto(uno_module().Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), 1)

    def clear_contents(self) -> None:
        self.cells.clearContents(CONTENTS)

    @property
    def number_format(self) -> str | None:
        formats = self._sheet.book.document.NumberFormats
        texts = {formats.getByKey(part.NumberFormat).FormatString for part in self.cells.getCellFormatRanges()}
        return str(texts.pop()) if len(texts) == 1 else None

    @number_format.setter
    def number_format(self, text: str) -> None:
        formats = self._sheet.book.document.NumberFormats
        locale = uno_module().createUnoStruct("com.sun.star.lang.Locale")
        locale.Language, locale.Country = "en", "US"
        known = 0 if text == "General" else formats.queryKey(text, locale, False)  # UNO has no names
        self.cells.NumberFormat = formats.addNew(text, locale) if known == -1 else known

    @property
    def merge_cells(self) -> bool:
        return any(part.IsMerged for part in self.cells.getCellFormatRanges())


def _format_of(cells: Any) -> int | None:
    """The number format that all the cells have; None where they differ."""
    keys = {part.NumberFormat for part in cells.getCellFormatRanges()}
    return keys.pop() if len(keys) == 1 else None


def _as_in_excel(formula: str) -> str:
    """Without the add-in's own name before its functions, and without the brackets of its that mark cells."""
    return formula.replace(f"{ADDIN.upper()}.{CELLS}(", "(").replace(f"{ADDIN.upper()}.", "")


def _written(value: object) -> object:
    """A value as UNO takes it: text without the apostrophe that says that it is text."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        return value.removeprefix("'")
    return value


class Tables(Items):
    """The database ranges of a sheet: what tables become in LibreOffice."""

    def __init__(self, sheet: Sheet) -> None:
        ranges = sheet.book.document.DatabaseRanges
        found = [ranges.getByName(name) for name in ranges.ElementNames]
        self.items = [Table(sheet, one) for one in found if one.DataArea.Sheet == sheet.sheet.RangeAddress.Sheet]


class Table:
    """A database range."""

    def __init__(self, sheet: Sheet, database: Any) -> None:
        self.sheet, self.database = sheet, database

    @property
    def api(self) -> Any:
        filtered = bool(self.database.getFilterDescriptor().getFilterFields())
        return SimpleNamespace(AutoFilter=SimpleNamespace(FilterMode=filtered))

    @property
    def name(self) -> str:
        return str(self.database.Name)

    @property
    def range(self) -> Range:
        area = self.database.DataArea
        return self.sheet.range((area.StartRow + 1, area.StartColumn + 1), (area.EndRow + 1, area.EndColumn + 1))

    @property
    def header_row_range(self) -> Range | None:
        area = self.range
        if not self.database.ContainsHeader:
            return None
        return self.sheet.range((area.row, area.column), (area.row, area.column + area.shape[1] - 1))

    @property
    def show_totals(self) -> bool:
        return bool(self.database.TotalsRow)

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        """As Excel does it: the row goes, its content is kept, and the row comes back below the last one."""
        area = self.range
        if not value:
            last = self.sheet.range((area.row + area.shape[0] - 1, area.column), _corner(area))
            self.sheet.totals[self.name] = last.cells.getFormulaArray()
            last.clear_contents()
        rows = area.shape[0] + (1 if value else -1)
        changed = self.sheet.range((area.row, area.column), (area.row + rows - 1, _corner(area)[1]))
        self.database.setDataArea(changed.api.address)
        self.database.TotalsRow = value
        if value:
            kept = self.sheet.totals[self.name]
            self.sheet.range((area.row + rows - 1, area.column), _corner(changed)).cells.setFormulaArray(kept)

    def resize(self, range: xlwings.Range) -> None:  # noqa: A002  # xlwings' name
        self.database.setDataArea(range.api.address)


def _corner(area: Range) -> tuple[int, int]:
    return area.row + area.shape[0] - 1, area.column + area.shape[1] - 1


class Names(base_classes.Names):
    """The names of a document."""

    def __init__(self, book: Book) -> None:
        ranges = book.document.NamedRanges
        self.items = [Name(book, ranges.getByName(name)) for name in ranges.ElementNames]

    def __call__(self, key: int | str) -> Any:
        if isinstance(key, int):
            return self.items[key - 1]
        return next(item for item in self.items if item.name.casefold() == key.casefold())

    def __len__(self) -> int:
        return len(self.items)

    def contains(self, key: str) -> bool:
        return any(item.name == key for item in self.items)

    def snapshot(self) -> list[tuple[str, Any]]:
        return [(item.name, item) for item in self.items]


class Name:
    """A name of a document."""

    def __init__(self, book: Book, named: Any) -> None:
        self.book, self.named = book, named

    @property
    def name(self) -> str:
        return str(self.named.Name)

    @property
    def refers_to(self) -> str:
        sheet, _, place = str(self.named.Content).removeprefix("$").rpartition(".")
        return f"={sheet}!{place}" if sheet else f"={place}"

    @property
    def refers_to_range(self) -> Range:
        area = self.named.getReferredCells().RangeAddress
        sheet = self.book.sheets(area.Sheet + 1)
        first, last = (area.StartRow + 1, area.StartColumn + 1), (area.EndRow + 1, area.EndColumn + 1)
        return Range(sheet, first, last)
