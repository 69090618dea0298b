"""The functions of the cells through xlwings' own generator, server and converters, with only pywin32 doubled."""

import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from importlib import import_module, reload
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest

from cpa_xl.errors import NUMBERS, CellError, EmptyDenominator, Impossible, MissingData, WrongArgument, excel_error
from cpa_xl.excel.calls import Errors, answered
from cpa_xl.functions.registry import CellFunction, Takes
from cpa_xl.measures.periods import Month
from cpa_xl.udfs import FUNCTIONS
from tests.support.programs import python_prints
from tests.support.pywin32 import MISSING, ErrorCell, TimeType, taken, windows

STOCK, OWN = "cpa_xl.excel.udfs", "cpa_xl.excel.server"

# Visual Basic's own words, which no argument may be named: [MS-VBAL] 3.3.5.2, in lower case.
RESERVED = """abs addressof and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate cdbl
cdec cdecl cint circle clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare
defbool defbyte defcur defdate defdbl defdec defint deflng deflnglng deflngptr defobj defsng defstr defvar dim do
doevents double each else elseif empty end endif enum eqv erase error event exit false fix for friend function get
global go gosub goto if imp implements in inputb input int integer is lbound len lenb let like line linput lock long
longlong longptr loop lset me midb mid mod new next not nothing null object on open option optional or paramarray
preserve print private pset public put raiseevent redim rem resume return rset scale seek select set sgn shared single
spc static stop string sub tab then to true type typeof ubound unlock until variant wend while with withevents write
xor"""

# What Excel's error values are as SCODEs: 0x800A0000 + the number that CVErr takes (docs of Excel's XlCVError).
NULL, DIV0, VALUE, REF, NAME, NUM, NA = (
    -2146826288, -2146826281, -2146826273, -2146826265, -2146826259, -2146826252, -2146826246,
)  # fmt: skip
GETTING_DATA, SPILL, BLOCKED, FIELD, CALC = -2146826245, -2146826243, -2146826241, -2146826239, -2146826238


@pytest.fixture(scope="module")
def python() -> Iterator[Any]:
    """XLPython, the object that VBA calls."""
    with windows() as server:
        yield server


@pytest.fixture(params=[STOCK, OWN])
def module(request: pytest.FixtureRequest, python: object) -> ModuleType:
    """The modules whose functions Excel is given, as xlwings on Windows has them."""
    return import_module(request.param)


# --- what "Import functions" makes of them ------------------------------------------------------------------------


def wrappers(module: ModuleType, book: str) -> str:
    """The VBA text that xlwings generates for a module."""
    text = io.StringIO()
    import_module("xlwings.udfs").generate_vba_wrapper(module.__name__, module, text, MagicMock(Name=book))
    return text.getvalue()


def test_every_function_gets_its_wrapper(module: ModuleType) -> None:
    text = wrappers(module, "book.xlsm")
    heads = re.findall(r"^Function (\w+)\((.*)\)$", text, re.MULTILINE)
    assert sorted(name for name, _ in heads) == sorted(FUNCTIONS)
    assert text.count("End Function") == len(FUNCTIONS)
    for name, arguments in heads:
        expected = [f"{'Optional ' * one.optional}{one.name}" for one in FUNCTIONS[name].arguments]
        assert arguments.split(", ") == expected, name
        names = ", ".join(one.name for one in FUNCTIONS[name].arguments)
        assert f'XLPy.CallUDF("{module.__name__}", "{name}", Array({names}), ThisWorkbook' in text
    assert "Volatile" not in text
    assert "CommandBars" not in text  # call_in_wizard=False would make cells 0 while a workbook opens


def test_names_of_functions_and_arguments_are_names_in_vba() -> None:
    assert len({name.casefold() for name in FUNCTIONS}) == len(FUNCTIONS)
    for function in FUNCTIONS.values():
        names = [argument.name.casefold() for argument in function.arguments]
        assert len(set(names)) == len(names)
        for name in [function.name.casefold(), *names]:
            assert re.fullmatch(r"[a-z][a-z0-9_]{0,254}", name), (function.name, name)
            assert name not in RESERVED.split(), (function.name, name)
        assert function.name.casefold() not in names
        assert "caller" not in names  # xlwings puts the calling cell there
        optional = [argument.optional for argument in function.arguments]
        assert optional == sorted(optional), function.name


def test_import_functions_gives_excel_categories_and_help(python: object) -> None:
    book = MagicMock(Name="board.xlsm")
    book.Application.Version = "16.0"
    import_module("xlwings.udfs").import_udfs(STOCK, book)
    book.VBProject.VBComponents.Import.assert_called_once()
    told = {call.args[0].partition("!")[2]: call.kwargs for call in book.Application.MacroOptions.call_args_list}
    assert sorted(told) == sorted(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        assert told[name]["Category"] == function.category
        assert told[name]["Description"].startswith(function.help[:200])
        assert len(told[name]["Description"]) <= 255
        assert told[name]["ArgumentDescriptions"] == [argument.help[:255] for argument in function.arguments]


def test_all_is_said_that_xlwings_would_guess(module: ModuleType) -> None:
    for name in FUNCTIONS:
        said = getattr(module, name).__xlfunc__
        assert (said["volatile"], said["async_mode"], said["call_in_wizard"]) == (False, None, True)
        for argument in [said["ret"], *said["args"]]:
            assert argument["options"]["ndim"] == 2
            assert argument["options"]["convert"].__name__ == "RawCells"
            assert argument.get("optional") is None


# --- arguments as Excel hands them over ---------------------------------------------------------------------------


def column(*values: object) -> tuple[tuple[object, ...], ...]:
    return tuple((value,) for value in values)


def made_for(function: CellFunction) -> list[object]:
    """Arguments that suit their kind, whatever the function: ranges of 24 months, numbers, nothing optional."""
    months = column(*(float((Month(2007, 4) + n).serial) for n in range(24)))
    given: list[object] = []
    for argument in function.arguments:
        if argument.optional:
            given.append(MISSING)
        elif argument.kind is Takes.RANGE:
            given.append(months if argument.name == "months" else column(*(100.0 + n for n in range(24))))
        elif argument.name == "as_of":
            given.append(39873.0)  # 1 March 2009
        else:
            given.append({"style": "number", "rule": "absolute"}.get(argument.name, 1.0))
    return given


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_answers_as_it_does_everywhere(python: Any, name: str) -> None:
    given = made_for(FUNCTIONS[name])
    plain = [None if one == MISSING else one for one in given]
    expected = answered(FUNCTIONS[name], plain, Errors.NUMBER)
    answer = taken(python.CallUDF(OWN, name, tuple(given)))
    flat = expected[0] if len(expected) == 1 else expected
    assert answer == (flat[0] if len(flat) == 1 else flat)


def test_the_arguments_made_here_suit_most_functions(python: Any) -> None:
    """So that answers were compared above, and not errors alone."""
    answers = [python.CallUDF(OWN, name, tuple(made_for(function))) for name, function in FUNCTIONS.items()]
    assert sum(type(answer) is not int for answer in answers) >= 15


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_an_error_in_any_argument_comes_back(python: Any, name: str) -> None:
    """But for tables taken whole, in which a bad row shall not spoil the others."""
    function = FUNCTIONS[name]
    for place, argument in enumerate(function.arguments):
        if argument.reads.errors:
            continue
        given = made_for(function)
        given[place] = column(*([100.0] * 23), SPILL) if argument.kind is Takes.RANGE else SPILL
        assert python.CallUDF(OWN, name, tuple(given)) == SPILL, (name, argument.name)
        assert taken(python.CallUDF(STOCK, name, tuple(given))) == ErrorCell(MISSING), (name, argument.name)


@pytest.mark.parametrize(
    ("scode", "code"),
    [
        (NULL, "#NULL!"), (DIV0, "#DIV/0!"), (VALUE, "#VALUE!"), (REF, "#REF!"), (NAME, "#NAME?"), (NUM, "#NUM!"),
        (NA, "#N/A"), (GETTING_DATA, "#GETTING_DATA"), (SPILL, "#SPILL!"), (BLOCKED, "#BLOCKED!"), (FIELD, "#FIELD!"),
        (CALC, "#CALC!"),
    ],
)  # fmt: skip
def test_no_error_of_excel_is_taken_for_a_number(python: Any, scode: int, code: str) -> None:
    values = column(1.0, scode, 3.0)
    months = column(39814.0, 39783.0, 39753.0)
    assert python.CallUDF(OWN, "CPA_SUM", (values, months, 39814.0, "QUARTER")) == scode
    error = excel_error(scode)
    assert (error.code, str(error)) == (code, f"a cell among the arguments shows {code}")
    assert python.CallUDF(OWN, "CPA_RAG", (column(0.9, scode), 0.5)) == [["G"], [scode]]


def test_an_error_that_has_no_name_yet_is_still_an_error(python: Any) -> None:
    assert excel_error(-2146826288 + 199).code == "#UNKNOWN!"
    assert python.CallUDF(OWN, "CPA_RAG", (-2146826288 + 199, 0.5)) == -2146826288 + 48  # as #UNKNOWN!


def test_errors_are_of_the_kind_that_other_hosts_give() -> None:
    kinds = {NA: MissingData, VALUE: WrongArgument, NUM: Impossible, DIV0: EmptyDenominator, REF: CellError}
    for scode, kind in kinds.items():
        assert type(excel_error(scode)) is kind


def test_cells_of_every_type(python: Any) -> None:
    def rag(*cell: object) -> object:
        return python.CallUDF(OWN, "CPA_RAG", cell)

    assert rag(0.778, 0.789) == "A"  # golden: 77.8 % against 78.9 %
    assert rag(Decimal("0.778"), 0.789) == "A"  # a cell in a currency format
    assert rag(None, 0.789) == NA
    assert rag("", 0.789) == NA
    assert rag(True, 0.789) == VALUE  # TRUE is not a number
    assert rag("0.778", 0.789) == VALUE
    assert rag(TimeType(2009, 1, 1, tzinfo=dt.UTC), 0.789) == VALUE
    assert rag(0.778, "–") == "–"
    assert rag(0.778, 0.789, None, None, None) == "A"  # empty cells as well as omitted arguments
    assert rag(5, 4) == "G"  # a call from VBA with whole numbers
    assert python.CallUDF(OWN, "CPA_PERIOD", (TimeType(2009, 1, 31, tzinfo=dt.UTC),)) == "RY to Jan-09"
    assert python.CallUDF(OWN, "CPA_PERIOD", (39814.0, "YTD")) == "Apr-Jan 2008/09"


def test_single_cells_rows_and_columns(python: Any) -> None:
    def total(values: object, months: object) -> object:
        return python.CallUDF(OWN, "CPA_SUM", (values, months, 39814.0, "MONTH"))

    assert total(7.0, 39814.0) == 7.0
    assert total(((7.0, 5.0),), ((39814.0, 39783.0),)) == 7.0
    assert total((7.0, 5.0), (39814.0, 39783.0)) == 7.0  # one dimension, as VBA's Array gives
    assert total(column(7.0, 5.0), column(39814.0, 39814.0)) == 12.0
    assert total(column(7.0, 5.0), column(TimeType(2009, 1, 1), TimeType(2008, 12, 1))) == 7.0
    assert total(column(7.0, 5.0), ((39814.0,),)) == VALUE


def test_a_range_object_of_the_stock_wrappers_is_read(python: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock wrappers hand over Range objects, and xlwings reads their Value."""
    cell_range = MagicMock()
    cell_range.Rows.Count, cell_range.Columns.Count = 2, 1
    cell_range.Value = ((0.9,), (NA,))
    monkeypatch.setattr(import_module("xlwings._xlwindows"), "is_range_instance", lambda given: given is cell_range)
    assert taken(python.CallUDF(STOCK, "CPA_RAG", (cell_range, 0.5))) == [["G"], [ErrorCell(MISSING)]]


# --- answers as Excel takes them ----------------------------------------------------------------------------------


def test_many_cells_in_one_call(python: Any) -> None:
    actual, target = (0.9, 0.49, 0.1), 0.5
    assert taken(python.CallUDF(OWN, "CPA_RAG", (column(*actual), target))) == [["G"], ["A"], ["R"]]
    assert taken(python.CallUDF(OWN, "CPA_RAG", ((actual,), target))) == ["G", "A", "R"]  # one row: flat
    assert taken(python.CallUDF(OWN, "CPA_RAG", (column(*actual), ((0.5, NA),)))) == [
        ["G", NA], ["A", NA], ["R", NA],
    ]  # fmt: skip


def test_stock_wrappers_show_errors_and_never_text_or_numbers_for_them(python: Any) -> None:
    answer = taken(python.CallUDF(STOCK, "CPA_RAG", (column(0.9, None, NA), 0.5)))
    assert answer == [["G"], [ErrorCell(MISSING)], [ErrorCell(MISSING)]]
    assert python.CallUDF(STOCK, "CPA_RAG", (NA, 0.5)).value == NA  # right as soon as pywin32 hands it on


class Table:
    """Stands for a function whose answer is a table."""

    def __init__(self, rows: Sequence[Sequence[object]]) -> None:
        self.rows = rows

    def __call__(self, *_cells: object) -> object:
        return [list(row) for row in self.rows]


def test_tables_of_all_that_a_cell_can_hold() -> None:
    rows: list[list[object]] = [
        ["Text", None, True, 3, 2.5],
        [dt.date(2009, 1, 1), dt.datetime(2009, 1, 1, 12), Decimal("0.5"), math.inf, MissingData("no count")],
        ["x" * 40_000, math.nan, False, 0, -0.5],
    ]
    table: Any = Table(rows)
    answer = taken(answered(table, (), Errors.NUMBER))
    assert answer == [
        ["Text", "", True, 3.0, 2.5],
        [39814.0, 39814.5, 0.5, NUM, NA],
        ["x" * 32_767, NUM, False, 0.0, -0.5],
    ]
    assert isinstance(answer, list)
    assert [type(cell) for cell in answer[0]] == [str, str, bool, float, float]  # a whole number would be an error


def test_errors_without_a_number_of_excel_are_value_errors() -> None:
    strange = CellError("from a newer program")
    strange.code = "#NEW!"
    table: Any = Table([[strange]])
    assert answered(table, (), Errors.NUMBER) == [[VALUE]]


def test_error_numbers_are_those_of_excel() -> None:
    """0x800A07D0 is #NULL! and so on: what CVErr makes of 2000 to 2050."""
    for code, number in NUMBERS.items():
        assert excel_error((0x800A0000 + number) - (1 << 32)).code == code


def test_the_add_ins_server_ends_no_excel(python: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """xlwings' hook would end every Excel without a window that it can see, as soon as the server ends."""
    unregistered: list[object] = []
    monkeypatch.setattr("atexit.unregister", unregistered.append)
    reload(import_module(OWN))
    assert unregistered == [import_module("xlwings._xlwindows").cleanup]


# --- the same functions for scripts -------------------------------------------------------------------------------


def test_scripts_in_excels_process_get_plain_answers(module: Any) -> None:
    assert module.CPA_RAG(0.778, 0.789) == "A"
    assert module.CPA_RAG(0.778, 0.789, better="lower") == "G"
    with pytest.raises(MissingData, match="actual is blank"):
        module.CPA_RAG(None, 0.5)


def test_other_hosts_do_not_wait_for_xlwings() -> None:
    code = "import sys, cpa_xl.udfs; print('xlwings' in sys.modules, cpa_xl.udfs.CPA_RAG(0.778, 0.789))"
    assert python_prints(code).split() == ["False", "A"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "first",
    ["xlwings, cpa_xl.udfs", "cpa_xl.udfs, xlwings", "cpa_xl.excel.udfs, cpa_xl.udfs"],
)
def test_what_scripts_get_does_not_depend_on_what_was_imported_before(first: str) -> None:
    code = f"import {first}; print(cpa_xl.udfs.CPA_RAG(0.778, 0.789), cpa_xl.udfs.CPA_RAG.__module__)"
    assert python_prints(code).split() == ["A", "cpa_xl.functions.definitions"]


@pytest.mark.slow
@pytest.mark.parametrize("module", [STOCK, OWN])
def test_off_windows_a_script_may_have_these_modules_too(module: str) -> None:
    code = f"import {module}; print({module}.CPA_RAG(0.778, 0.789))"
    assert python_prints(code).split() == ["A"]
