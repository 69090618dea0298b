"""The buttons: the XML that Excel reads, and what they do with an open workbook."""

import re
import sys
import tempfile
import webbrowser
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

import pytest

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.excel import ribbon
from cpa_xl.excel.buttons import BUTTONS, customui
from cpa_xl.excel.ribbon import HANDLERS, function_help, help_page, press, repair_links
from cpa_xl.functions.index import FUNCTIONS
from tests.support.pywin32 import windows

ADD_IN = r"C:\Users\A\AppData\Roaming\Microsoft\Excel\XLSTART\cpa_xl.xlam"
NAMESPACES = {
    "customUI14.xml": "{http://schemas.microsoft.com/office/2009/07/customui}",
    "customUI.xml": "{http://schemas.microsoft.com/office/2006/01/customui}",
}
# What [MS-CUSTOMUI] 2.2 and [MS-CUSTOMUI2] 2.2 let these elements hold (of what we may want to use).
CHILDREN = {
    "customUI": {"ribbon"},
    "ribbon": {"tabs"},
    "tabs": {"tab"},
    "tab": {"group"},
    "group": {"button"},
    "button": set(),
}
ATTRIBUTES: dict[str, set[str]] = {
    "customUI": {"onLoad", "loadImage"},
    "ribbon": {"startFromScratch"},
    "tabs": set(),
    "tab": {"id", "label", "insertAfterMso", "insertBeforeMso", "keytip", "visible", "tag"},
    "group": {"id", "label", "imageMso", "screentip", "supertip", "keytip", "visible", "insertAfterMso"},
    "button": {"id", "label", "imageMso", "screentip", "supertip", "keytip", "size", "onAction", "enabled", "visible",
               "description", "tag", "showImage", "showLabel"},
}  # fmt: skip
LONGEST = 1024  # characters of any of their texts: ST_String, ST_LongString (2.3); of a callback's name too
PICTURES = {"RefreshAll", "ReviewAcceptChange", "FindDialog", "FileSaveAs", "HyperlinkInsert", "FunctionWizard", "Info"}


@pytest.mark.parametrize("part", NAMESPACES)
def test_the_ribbon_keeps_to_its_schema(part: str) -> None:
    root = ET.fromstring(customui(part))  # noqa: S314  # our own file
    space = NAMESPACES[part]
    identifiers = []
    for element in root.iter():
        assert element.tag.startswith(space)
        name = element.tag.removeprefix(space)
        assert {child.tag.removeprefix(space) for child in element} <= CHILDREN[name]
        assert set(element.keys()) <= ATTRIBUTES[name], name
        identifiers += [element.get("id")] if name in {"tab", "group", "button"} else []
        for key, value in element.items():
            assert 1 <= len(value) <= LONGEST, (name, key)
        if name == "button":
            assert element.get("size") in {"normal", "large"}
            assert element.get("imageMso") in PICTURES
    assert len(identifiers) == len(set(identifiers))
    for identifier in identifiers:
        assert identifier is not None
        assert re.fullmatch(r"[A-Za-z_][\w.-]{0,1023}", identifier)  # ST_UniqueID: an xsd:ID


@pytest.mark.parametrize("part", NAMESPACES)
def test_every_button_is_there_once_and_calls_its_procedure(part: str) -> None:
    root = ET.fromstring(customui(part))  # noqa: S314  # our own file
    found = [(one.get("label"), one.get("onAction")) for one in root.iter(f"{NAMESPACES[part]}button")]
    assert found == [(button.label, button.callback) for button in BUTTONS.values()]
    assert len({button.callback.casefold() for button in BUTTONS.values()}) == len(BUTTONS)


def test_every_button_has_its_handler_and_every_handler_its_button() -> None:
    assert HANDLERS.keys() == BUTTONS.keys()
    for action, button in BUTTONS.items():
        assert HANDLERS[action] is getattr(ribbon, action)
        assert button.action == action
        assert len(button.screentip) <= 60
        assert button.supertip.endswith(".")


# --- a workbook as Excel's objects show it ------------------------------------------------------------------------


class Cell:
    """A cell of a sheet; setting Formula2 enters it anew, which gives the value that the add-in has for it."""

    def __init__(self, row: int, column: int, value: object, formula: str, block: "Cell | None" = None) -> None:
        self.place = f"${'ABC'[column]}${row + 1}"
        self.value, self.formula, self.entered = value, formula, 0
        self.HasArray = block is not None
        self.block = block or self

    @property
    def CurrentArray(self) -> Any:
        def cells(_row: int, _column: int) -> Any:
            return self.block

        return _ArrayBlock(self.block, cells)

    def Address(self, *absolute: bool) -> str:
        return self.place.replace("$", "") if absolute else self.place

    @property
    def FormulaArray(self) -> str:
        return self.formula

    @property
    def Formula2(self) -> str:
        return self.formula

    @Formula2.setter
    def Formula2(self, _formula: str) -> None:
        self.entered += 1


class _ArrayBlock:
    """The cells that one array formula fills."""

    def __init__(self, first: Cell, cells: Any) -> None:
        self.first, self.Cells = first, cells

    @property
    def FormulaArray(self) -> str:
        return self.first.formula

    @FormulaArray.setter
    def FormulaArray(self, _formula: str) -> None:
        self.first.entered += 1


NO_NAME, NOT_AVAILABLE = -2146826259, -2146826246


def sheet(name: str, rows: list[list[Cell]], *, protected: bool = False) -> Any:
    used = SimpleNamespace(
        Value2=tuple(tuple(cell.value for cell in row) for row in rows),
        Formula=tuple(tuple(cell.formula for cell in row) for row in rows),
        Cells=lambda row, column: rows[row - 1][column - 1],
    )
    if len(rows) == len(rows[0]) == 1:
        used.Value2, used.Formula = rows[0][0].value, rows[0][0].formula
    return SimpleNamespace(name=name, api=SimpleNamespace(UsedRange=used, ProtectContents=protected))


def book(sheets: list[Any], links: tuple[str, ...] | None = None) -> Any:
    """A book with what was changed in `changed`."""
    changed: list[tuple[str, str, int]] = []
    workbooks = {"cpa_xl.xlam": SimpleNamespace(FullName=ADD_IN)}
    return SimpleNamespace(
        sheets=sheets,
        changed=changed,
        app=SimpleNamespace(version="16.0", selection=None, api=SimpleNamespace(Workbooks=workbooks.__getitem__)),
        api=SimpleNamespace(LinkSources=lambda _kind: links, ChangeLink=lambda *given: changed.append(given)),
    )


def test_links_to_an_add_in_elsewhere_are_pointed_here() -> None:
    elsewhere = (r"\\server\share\CPA_XL.xlam", "https://team.sharepoint.com/x/cpa_xl.xlam")
    others = (ADD_IN.upper(), r"C:\data\prices.xlsx", r"C:\data\not_cpa_xl.xlam")
    workbook = book([sheet("A", [[Cell(0, 0, 1.0, "1")]])], (*elsewhere, *others))
    said = repair_links(workbook)
    assert workbook.changed == [(link, ADD_IN, 1) for link in elsewhere]
    assert said == f"Pointed to {ADD_IN}: {elsewhere[0]}, {elsewhere[1]}"


def test_formulas_that_show_no_name_are_entered_anew() -> None:
    first = Cell(1, 0, NO_NAME, "=cpa_interval(A1,B1)")
    rows = [
        [
            Cell(0, 0, NO_NAME, "=CPA_SUM(A1:A3)"),
            Cell(0, 1, NO_NAME, "=OTHER(1)"),
            Cell(0, 2, NOT_AVAILABLE, "=CPA_X()"),
        ],
        [first, Cell(1, 1, NO_NAME, "=cpa_interval(A1,B1)", first), Cell(1, 2, float(NO_NAME), "=CPA_Y()")],
    ]
    first.HasArray = True
    assert repair_links(book([sheet("A", rows)])) == "Entered again: 2 formulas that showed #NAME?"
    assert [[cell.entered for cell in row] for row in rows] == [[1, 0, 0], [1, 0, 0]]


def test_protected_sheets_are_named_and_left() -> None:
    cell = Cell(0, 0, NO_NAME, "=CPA_SUM(A1:A3)")
    said = repair_links(book([sheet("Scorecard", [[cell]], protected=True)]))
    assert said == "On protected sheets, unprotect them and press again: Scorecard!A1"
    assert cell.entered == 0


def test_nothing_to_repair_is_said() -> None:
    said = repair_links(book([sheet("A", [[Cell(0, 0, 1.0, "=CPA_SUM(A1:A3)")]])]))
    assert said == "Nothing to repair: no link to another add-in, and no CPA function shows #NAME?"


# --- pressing -----------------------------------------------------------------------------------------------------


def test_about_names_versions_and_places() -> None:
    said = press("about", None, __version__)
    assert said.startswith(f"cpa_xl {__version__}, {len(FUNCTIONS)} functions\n")
    assert f"Package: {Path(ribbon.__file__).parents[1]}" in said


def test_the_server_of_xlwings_presses_buttons_for_vba() -> None:
    """As CpaAct does: Str(Call(Module("cpa_xl.excel.ribbon"), "press", Tuple(action, book, version)))."""
    workbook = MagicMock()
    workbook.Application.Version = "16.0"
    with windows() as python:
        util: Any = sys.modules["win32com.server.util"]
        with patch.object(util, "wrap", lambda given, **_: given), patch.object(util, "unwrap", unwrapped):
            module = python.Module("cpa_xl.excel.ribbon")
            pressed = python.Call(module, "press", python.Tuple("about", workbook, __version__))
            said = python.Str(pressed)
    assert said.startswith(f"cpa_xl {__version__}, {len(FUNCTIONS)} functions\n")
    assert "Excel 16.0, " in said


def unwrapped(value: object) -> object:
    """What Python once gave to Excel; the double refuses everything else, as pywin32 does."""
    if not hasattr(value, "obj") or isinstance(value, MagicMock):
        raise TypeError(value)
    return value


def test_an_add_in_of_another_version_is_named() -> None:
    assert press("about", None, "0.0.9").endswith(
        f"\n\nThe add-in is version 0.0.9, the package {__version__}: run  cpa_xl addin install"
    )


def test_refusals_and_faults_come_as_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert press("dance", None, __version__) == "this version of cpa_xl has no button dance"
    assert press("repair_links", None, __version__) == "open a workbook first"

    def refused(_book: object) -> str:
        raise Refusal("x" * 3000)

    def broken(_book: object) -> str:
        raise KeyError("inside")

    monkeypatch.setitem(HANDLERS, "about", refused)
    assert press("about", None, __version__) == "x" * 996 + " ..."
    told = press("about", None, "0.0.9")  # however long the rest is
    assert (len(told), told.endswith("run  cpa_xl addin install")) == (1000, True)
    monkeypatch.setitem(HANDLERS, "about", broken)
    said = press("about", None, __version__)
    (report,) = tmp_path.glob("cpa_xl-*.txt")
    assert said == f"cpa_xl failed because of a fault of its own; send {report} to the people who look after it"
    assert "KeyError: 'inside'" in report.read_text(encoding="utf-8")


def test_help_begins_with_the_function_of_the_selected_cell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[str] = []

    def shown(page: str) -> bool:
        opened.append(page)
        return True

    monkeypatch.setattr(webbrowser, "open", shown)
    workbook = book([])
    workbook.app.selection = {(0, 0): SimpleNamespace(formula="=IF(A1,cpa_rate(B1,C1,D1,E1),0)")}
    assert function_help(workbook) == ""
    page = Path(tmp_path / "cpa_xl functions.html")
    assert opened == [page.as_uri()]
    heads = re.findall(r"<h2>(\w+)\(", page.read_text(encoding="utf-8"))
    assert heads[0] == "CPA_RATE"
    assert sorted(heads) == sorted(FUNCTIONS)
    monkeypatch.setattr(webbrowser, "open", lambda _page: False)
    assert function_help(None) == f"The page is written; open it: {page}"


def test_help_names_arguments_defaults_and_an_example() -> None:
    page = help_page([])
    assert "<h2>CPA_RAG(actual, [target], [better], [amber], [basis], [any_scale])</h2>" in page
    assert "(default 0.05)" in page
    assert "<code>=CPA_RAG(0.778,0.789)</code> gives A" in page
