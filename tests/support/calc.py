"""LibreOffice Calc with the extension, for tests: formulas go in, values come out."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.libreoffice.extension import parts
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.calcengine import ERRORS
from tests.support.officeprocess import PROGRAM, desktop_of, property_of, uno_module


def require_calc() -> None:
    """Skip where LibreOffice or its Python bridge is missing; on a build machine that is a failure."""
    missing = "" if PROGRAM else "LibreOffice (soffice) is not installed"
    if not missing:
        try:
            uno_module()
        except ImportError:
            missing = "LibreOffice's Python bridge (python3-uno) is not installed"
    if missing and "CI" in os.environ:
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)


class Calc:
    """A running LibreOffice with the extension."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.desktop = desktop_of(context)

    def service(self, name: str) -> Any:
        """A service of LibreOffice."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def value(self, name: str, value: object) -> Any:
        """A PropertyValue."""
        return property_of(name, value)

    @contextmanager
    def document(self, path: Path | None = None) -> Iterator["Book"]:
        """A document without a window: a file, or a new one."""
        url = path.as_uri() if path else "private:factory/scalc"
        document = self.desktop.loadComponentFromURL(url, "_blank", 0, (self.value("Hidden", True),))
        try:
            yield Book(self, document)
        finally:
            document.close(True)


class Book:
    """A document in Calc. Addresses without a sheet are of the first sheet."""

    def __init__(self, calc: Calc, document: Any) -> None:
        self.calc, self.document = calc, document

    def range(self, address: str) -> Any:
        """The cells at an address such as A1:B2 or Data.A1."""
        sheet, _, place = address.rpartition(".")
        sheets = self.document.Sheets
        return (sheets.getByName(sheet) if sheet else sheets.getByIndex(0)).getCellRangeByName(place)

    def put(self, address: str, content: object) -> Any:
        """Put a number, a text, a boolean or a formula into a cell; None clears it."""
        cell = self.range(address)
        if isinstance(content, bool):
            cell.setFormula(f"={str(content).upper()}()")
        elif isinstance(content, int | float):
            cell.setValue(content)
        elif isinstance(content, str) and content.startswith("="):
            cell.setFormula(content)
        else:
            cell.setString("" if content is None else str(content))
        return cell

    def column(self, top: str, contents: list[object]) -> None:
        """Put contents into the cells from `top` (such as A1) down."""
        letter, first = top[0], int(top[1:])
        for row, content in enumerate(contents, first):
            self.put(f"{letter}{row}", content)

    def settle(self) -> None:
        """Let the extension see to the formulas, as it does by itself when nothing else happens."""
        self.command("formulas")

    def command(self, name: str) -> str:
        """What a command of the menu tells."""
        helper = self.calc.service("com.sun.star.frame.DispatchHelper")
        frame = self.document.CurrentController.Frame
        silent = (self.calc.value("Silent", True),)
        return str(helper.executeDispatch(frame, f"cpaxl:{name}", "", 0, silent).Result)

    def do(self, command: str, **arguments: object) -> None:
        """A command of Calc's own, as its menus and keys give it: it is a step to undo."""
        helper, frame = self.calc.service("com.sun.star.frame.DispatchHelper"), self.document.CurrentController.Frame
        given = tuple(self.calc.value(name, value) for name, value in arguments.items())
        helper.executeDispatch(frame, f".uno:{command}", "", 0, given)

    def type(self, address: str, text: str) -> None:
        """Type into a cell, such as $Sheet1.$A$1."""
        self.do("GoToCell", ToPoint=address)
        self.do("EnterString", StringName=text)

    def steps(self) -> tuple[str, ...]:
        """What can be undone, the latest first."""
        return tuple(self.document.getUndoManager().getAllUndoActionTitles())

    def steps_again(self) -> tuple[str, ...]:
        """What can be done again, the next first."""
        return tuple(self.document.getUndoManager().getAllRedoActionTitles())

    def wait_for(self, address: str, wanted: object) -> None:
        """Wait until a cell shows what is wanted, as a reader of the sheet would."""
        until = time.monotonic() + 60
        while self.shown(address) != wanted and time.monotonic() < until:
            time.sleep(0.05)
        assert self.shown(address) == wanted

    def shown(self, address: str) -> object:
        """What a cell holds: a number, a text, None, or the code of an error ("#N/A")."""
        cell = self.range(address).getCellByPosition(0, 0)
        if cell.getError():
            return ERRORS.get(cell.getError(), f"Err:{cell.getError()}")
        data = cell.getDataArray()[0][0]
        return None if data == "" and not cell.getFormula() else data

    def answers(self, formulas: list[str]) -> list[object]:
        """The values of formulas, each in a cell of column Z."""
        for row, formula in enumerate(formulas, 1):
            self.put(f"Z{row}", f"={formula}")
        self.settle()
        return [self.shown(f"Z{row}") for row in range(1, len(formulas) + 1)]


def compare_scorecard(document: Any, wanted: ClosedWorkbook) -> None:
    """Every formula cell of the scorecard shows what it shows in a closed file."""
    sheet, compared = document.Sheets.getByName("Scorecard"), 0
    for (row, column), cell in wanted.cells("Scorecard").items():
        if cell.formula is not None:
            shown = sheet.getCellByPosition(column - 1, row - 1)
            value = "" if cell.value is None else cell.value
            assert shown.getError() == 0, (row, column, cell.value)
            found = shown.getDataArray()[0][0]
            assert found == (pytest.approx(value) if isinstance(value, float) else value), (row, column)
            compared += 1
    assert compared > 300


def unpack_extension(folder: Path) -> Path:
    """The extension as LibreOffice takes it without installing; the folder to name to it."""
    for name, content in parts().items():
        path = folder / "cpa_xl" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
