"""The add-in's VBA run for real, in LibreOffice's Basic: what only Excel could show otherwise.

LibreOffice loads the VBA project and runs it in its VBA mode. Only the module that starts Python through a DLL is
replaced: by one that hands out an object in Python, which calls the functions as xlwings' server does.
"""

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpa_xl import __version__
from cpa_xl.excel import vba
from cpa_xl.excel.addin import add_in
from cpa_xl.excel.buttons import BUTTONS
from cpa_xl.excel.vba_project import Module, vba_project
from cpa_xl.functions.examples import BLOCKS, EXAMPLES, Example, ExampleRange, ExampleValue
from cpa_xl.functions.index import FUNCTIONS
from tests.support.programs import missing
from tests.support.vbareader import as_workbook

pytestmark = pytest.mark.office

GONE = "Case 462, "  # the numbers of errors that mean that the Python process has gone
GONE_IN_BASIC = "Case 1, 462, "  # 1 is what Basic calls any error of an object elsewhere
UNO_PYTHON = "/usr/bin/python3"  # the Python that Debian's python3-uno belongs to
PROBE = """
Option Explicit
Public server As Object
Public starts As Long

Public Sub Use(given As Object)
    Set server = given
End Sub

Public Function XLPy() As Object
    starts = starts + 1
    If server Is Nothing Then Err.Raise 1000, , "Python is blocked"
    Set XLPy = server
End Function

Public Function Starts_so_far() As Variant
    Starts_so_far = starts
End Function

Private Function Shown(ByVal answer As Variant) As String
    If IsError(answer) Then
        Shown = CStr(answer)
    ElseIf IsEmpty(answer) Then
        Shown = "empty"
    Else
        Shown = TypeName(answer) & ": " & CStr(answer)
    End If
End Function

Private Function First(ByVal answer As Variant, ByVal row As Long, ByVal column As Long) As String
    If Not IsArray(answer) Then
        First = Shown(answer)
    ElseIf IsArray(answer(LBound(answer))) Then
        First = Shown(answer(row - 1)(column - 1))
    Else
        First = Shown(answer(column - 1))
    End If
End Function

Public Function Errors_of_a_row() As Variant
    Dim given(0 To 2) As Variant
    given(0) = 1.5
    given(1) = CLng(-2146826246)
    given(2) = "text"
    Dim found As Variant
    found = CpaShown(given)
    Errors_of_a_row = Shown(found(0)) & ", " & Shown(found(1)) & ", " & Shown(found(2))
End Function

Public Function Errors_of_a_table() As Variant
    Dim given(0 To 1, 0 To 1) As Variant
    given(0, 0) = CLng(-2146826281)
    given(0, 1) = 2.5
    given(1, 0) = True
    given(1, 1) = CLng(-2146826273)
    Dim found As Variant
    found = CpaShown(given)
    Errors_of_a_table = Shown(found(0, 0)) & ", " & Shown(found(0, 1))
    Errors_of_a_table = Errors_of_a_table & ", " & Shown(found(1, 0)) & ", " & Shown(found(1, 1))
End Function

Public Function Left_out() As Variant
    Left_out = Shown(CpaValue())
End Function

Public Function Value_of_a_cell() As Variant
    Value_of_a_cell = Shown(CpaValue(Worksheets(1).Range("A1"))) & ", " & Shown(CpaValue(Worksheets(1).Range("B7")))
End Function

Public Function Rows_of_a_whole_column() As Variant
    Dim found As Variant
    Worksheets(1).Range("AH5").Value = 7
    found = CpaValue(Worksheets(1).Range("A:A"))
    Rows_of_a_whole_column = UBound(found, 1) & " x " & UBound(found, 2)
End Function

Public Function Wrong_argument() As Variant
    Wrong_argument = Shown(CPA_RAG("x", 0.789))
End Function

Public Function Dies() As Variant
    Dim before As Long
    before = starts
    Dies = Shown(CPA_RAG(0.778, 0.789)) & " after " & (starts - before)
End Function

Public Function Dies_for_good() As Variant
    Dies_for_good = Dies()
End Function

Public Function Without_python() As Variant
    Dim kept As Object
    Dim before As Long
    Dim place As Long
    Set kept = server
    Set server = Nothing
    before = starts
    For place = 1 To 5
        Without_python = Shown(CPA_RAG(0.778, 0.789))
    Next place
    Without_python = Without_python & " after " & (starts - before)
    Set server = kept
End Function
"""


def in_basic(argument: ExampleRange | ExampleValue) -> str:
    """An argument of an example as a Basic expression."""
    if isinstance(argument, ExampleRange):
        return f'Worksheets(1).Range("{argument.address.partition("!")[2].replace("$", "")}")'
    return f'"{argument}"' if isinstance(argument, str) else f"CDbl({argument!r})"


def probe() -> str:
    """The module that stands for the one that starts Python, with a procedure for every example."""
    lines = [PROBE]
    for example in EXAMPLES:
        call = f"{example.function}({', '.join(map(in_basic, example.arguments))})"
        lines += [
            f"Public Function Try_{example.function}() As Variant",
            f"    Try_{example.function} = First({call}, {example.row or 1}, {example.column or 1})",
            "End Function",
        ]
    lines += ["Public Sub Fill()"]
    for block in BLOCKS:
        for row, cells in enumerate([block.headings, *block.rows], start=1):
            lines += [
                f"    Worksheets(1).Cells({row}, {column}).Value = {in_basic(cell)}"
                for column, cell in enumerate(cells, start=block.column)
                if cell != ""
            ]
    return "\n".join([*lines, "End Sub", ""])


CHECKS: Mapping[str, object] = {
    "Errors_of_a_row": "Double: 1.5, Error 2042, String: text",
    "Errors_of_a_table": "Error 2007, Double: 2.5, Boolean: True, Error 2015",
    "Left_out": "empty",
    "Value_of_a_cell": "String: month, Double: 4486",
    "Rows_of_a_whole_column": "26 x 1",
    "Without_python": "Error 2015 after 1",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What each procedure gave, and which functions Python was asked for; under "modules" their text."""
    soffice = shutil.which("soffice")
    if soffice is None or not Path(UNO_PYTHON).exists():
        missing("LibreOffice (soffice) with python3-uno is not installed; the VBA text could not be run")
    folder = tmp_path_factory.mktemp("basic")
    callbacks = {button.callback: (button.action, button.needs_workbook) for button in BUTTONS.values()}
    code = [one for one in vba.modules(FUNCTIONS, callbacks, __version__) if one.name != "xlwings"]
    assert [one.code.count(GONE) for one in code if one.name == "CpaServer"] == [1]
    code = [replace(one, code=one.code.replace(GONE, GONE_IN_BASIC)) for one in code]
    project = vba_project("CpaXl", (1, 0), [*code, Module("Probe", probe())])
    (folder / "book.xlsm").write_bytes(as_workbook(add_in(), project))
    calls = [("Fill", 0, 0)]
    calls += [(name, 0, 0) for name in CHECKS if name != "Without_python"]
    calls += [("Wrong_argument", 2, 0), *((f"Try_{one.function}", len(one.arguments), 0) for one in EXAMPLES)]
    calls += [("Starts_so_far", 0, 0), ("Dies", 2, 1), ("Dies_for_good", 2, 2)]
    (folder / "calls.json").write_text(json.dumps([[("Without_python", 5, 0)], calls]), encoding="utf-8")
    pipe = f"cpa{os.getpid()}"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    office = subprocess.Popen(  # noqa: S603  # soffice
        [soffice, profile, "--headless", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        paths = [str(Path(vba.__file__).parents[2]), sysconfig.get_paths()["purelib"]]
        done = subprocess.run(  # noqa: S603  # our own
            [UNO_PYTHON, str(Path(__file__).parents[1] / "support/basic_driver.py"), str(folder / "book.xlsm"), pipe,
             str(folder / "calls.json")],
            capture_output=True, text=True, timeout=180, check=False, env=os.environ | {"PYTHONPATH": ":".join(paths)},
        )  # fmt: skip
    finally:
        office.terminate()
        office.wait(30)
    assert done.returncode == 0, done.stderr
    return {name: (answer, asked) for name, answer, asked in map(json.loads, done.stdout.splitlines())}


def test_libreoffice_loads_every_module(ran: Mapping[str, Any]) -> None:
    assert set(ran["modules"][0]) == {
        "ThisWorkbook", "Sheet1", "CpaFunctions", "CpaHelp", "CpaRibbon", "CpaServer", "Probe",
    }  # fmt: skip
    for name in FUNCTIONS:
        assert f"Public Function {name}(" in ran["modules"][0]["CpaFunctions"]


@pytest.mark.parametrize("name", CHECKS)
def test_values_go_to_python_and_errors_come_back(ran: Mapping[str, Any], name: str) -> None:
    assert ran[name][0] == CHECKS[name]


def test_an_error_of_python_is_an_error_of_the_cell(ran: Mapping[str, Any]) -> None:
    assert ran["Wrong_argument"] == ("Error 2015", ["CPA_RAG"])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.function)
def test_every_wrapper_gives_the_answer_of_its_example(ran: Mapping[str, Any], example: Example) -> None:
    answer, asked = ran[f"Try_{example.function}"]
    assert asked == [example.function]
    kind, _, text = str(answer).partition(": ")
    if isinstance(example.answer, str):
        assert (kind, text) == ("String", example.answer)
    else:
        assert kind == "Double"
        assert float(text) == pytest.approx(example.answer, abs=example.tolerance + 1e-9 * abs(example.answer))


def test_a_process_that_died_is_started_again_once(ran: Mapping[str, Any]) -> None:
    assert ran["Dies"] == ("String: A after 1", ["CPA_RAG", "CPA_RAG"])
    assert ran["Dies_for_good"] == ("Error 2015 after 1", ["CPA_RAG", "CPA_RAG"])


def test_python_is_started_once(ran: Mapping[str, Any]) -> None:
    """One process serves every function."""
    assert ran["Starts_so_far"][0] == 1
