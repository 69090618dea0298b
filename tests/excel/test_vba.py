"""The text of the add-in's modules: what VBA's compiler would refuse, looked for without it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.excel import vba
from cpa_xl.excel.addin import add_in
from cpa_xl.excel.vba_project import Module, ModuleKind, vba_project
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import Argument, CellFunction, Reads, Takes
from tests.support.vbareader import CALLBACKS, as_workbook

pytestmark = pytest.mark.slow  # most write or analyse the whole VBA text

OPENERS = {
    "sub": r"(?:public |private )?sub ",
    "function": r"(?:public |private )?function ",
    "if": r"if .* then$",
    "for": r"for ",
    "select": r"select case ",
    "with": r"with ",
    "do": r"do\b",
}
CLOSERS = {"sub": "end sub", "function": "end function", "if": "end if", "for": "next", "select": "end select",
           "with": "end with", "do": "loop"}  # fmt: skip


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    """The modules by name."""
    return {module.name: module for module in vba.modules(FUNCTIONS, CALLBACKS, __version__)}


def statements(code: str) -> Iterator[str]:
    """Whole statements: continued lines joined, without strings, comments and blanks around."""
    for line in re.sub(r" _\r?\n *", " ", code).splitlines():
        bare = re.sub(r"'.*", "", re.sub(r'"(?:[^"]|"")*"', '""', line)).strip()
        if bare:
            yield bare


def test_lines_are_no_longer_than_vba_takes(modules: dict[str, Module]) -> None:
    for module in modules.values():
        continuations = 0
        for line in module.source.splitlines():
            assert len(line) <= 1023, (module.name, line)
            continuations = continuations + 1 if line.endswith(" _") else 0
            assert continuations <= 24, (module.name, line)


def test_blocks_are_closed_in_their_order(modules: dict[str, Module]) -> None:
    for module in modules.values():
        opened: list[str] = []
        for statement in statements(module.code):
            lowered = statement.lower()
            if lowered.startswith("#"):
                opened += ["#if"] if lowered.startswith("#if") else []
                if lowered == "#end if":
                    assert opened.pop() == "#if", (module.name, statement)
                continue
            for kind, closer in CLOSERS.items():
                if lowered == closer or (kind in {"for", "do"} and lowered.startswith(closer)):
                    assert opened.pop() == kind, (module.name, statement)
                elif re.match(OPENERS[kind], lowered):
                    opened.append(kind)
        assert not opened, module.name


def test_every_function_has_one_wrapper_that_hands_on_its_arguments(modules: dict[str, Module]) -> None:
    found = [*statements(modules["CpaFunctions"].code)]
    heads = [statement for statement in found if statement.startswith("Public Function")]
    assert len(heads) == len(FUNCTIONS)
    for function, head in zip(FUNCTIONS.values(), heads, strict=True):
        declared = ", ".join(
            f"{'Optional ' if one.optional else ''}{one.name} As Variant" for one in function.arguments
        )
        assert head == f"Public Function {function.name}({declared}) As Variant"
        given = ", ".join(f"CpaValue({one.name})" for one in function.arguments)
        assert f'{function.name} = CpaAnswer("", Array({given}))' in found
        assert f'CpaAnswer("{function.name}", Array(' in modules["CpaFunctions"].code
        assert f"Attribute {function.name}.VB_Description = " in modules["CpaFunctions"].code


def test_optional_arguments_come_last() -> None:
    for function in FUNCTIONS.values():
        optional = [argument.optional for argument in function.arguments]
        assert optional == sorted(optional), function.name


def test_every_function_is_described_with_its_arguments(modules: dict[str, Module]) -> None:
    code = re.sub(r" _\n +", " ", modules["CpaHelp"].code)
    for function in FUNCTIONS.values():
        (call,) = re.findall(rf'MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!{function.name}", .*', code)
        texts = [text.replace('""', '"') for text in re.findall(r'"((?:[^"]|"")*)"', call)]
        _, name, category, description, *arguments = texts
        assert (name, category) == (f"'!{function.name}", "CPA scorecard")
        assert description.startswith(function.help[:60])
        assert arguments == [argument.help for argument in function.arguments]
        assert all(len(text) <= 255 for text in texts), function.name


def test_modules_refer_to_each_other_by_names_that_are_there(modules: dict[str, Module]) -> None:
    own = [module for module in modules.values() if module.name != "xlwings"]
    public = {
        name
        for module in modules.values()
        for name in re.findall(r"(?m)^(?:Public )?(?:Sub|Function) (\w+)", module.code)
    } | {"CpaVersion"}
    for module in own:
        inside = set(re.findall(r"(?m)^Private (?:Sub|Function) (\w+)", module.code))
        used = {word for statement in statements(module.code) for word in re.findall(r"\b(?:Cpa|XLPy)\w*", statement)}
        assert used <= public | inside, module.name
    assert len(public) == sum(
        len(re.findall(r"(?m)^(?:Public )?(?:Sub|Function) \w+", module.code)) for module in modules.values()
    ) + 1  # fmt: skip


def test_version_is_a_constant(modules: dict[str, Module]) -> None:
    assert f'Public Const CpaVersion As String = "{__version__}"' in modules["CpaFunctions"].code


def test_documents_stand_for_workbook_and_sheet(modules: dict[str, Module]) -> None:
    kinds = {module.name: module.kind for module in modules.values() if module.kind is not ModuleKind.PROCEDURES}
    assert kinds == {"ThisWorkbook": ModuleKind.WORKBOOK, "Sheet1": ModuleKind.WORKSHEET}


# --- the launch code ----------------------------------------------------------------------------------------------


def test_launch_code_keeps_its_notice_and_no_more_than_it_needs(modules: dict[str, Module]) -> None:
    code = modules["xlwings"].code
    assert "xlwings is distributed under a BSD 3-clause license." in code
    assert "Copyright (C) 2014-present, Zoomer Analytics LLC." in code
    assert "Neither the name of the copyright holder" in code
    procedures = re.findall(r"(?m)^(Private )?(?:Sub|Function) (\w+)", code)
    assert [name for private, name in procedures if not private] == ["XLPy"]  # nothing else can stand in a cell
    assert "\nOption Private Module\n" in code  # nor is offered in the wizard
    assert {"XLPyCommand", "XLPyLoadDLL", "GetConfig"} < {name for _, name in procedures}
    assert not re.search(r"RunPython|RunFrozen|ExecuteWindows|WScript\.Run|VBProject", code)


def test_a_workbook_has_no_say_in_what_is_started(modules: dict[str, Module]) -> None:
    code = modules["xlwings"].code
    assert "ActiveWorkbook" not in code
    assert "GetConfigFromSheet" not in code
    assert "GetDirectoryConfigFilePath" not in code
    assert '"cmd.exe' not in code
    assert 'tail = " -B -P -c ""' in code
    assert re.findall(r"(?m)^ +(?!Private )Declare", code) == []


def test_another_launch_code_is_refused() -> None:
    shipped = vba.shipped_launch_code().replace("-B -c", "-c")
    with pytest.raises(Refusal) as refusal:
        vba.launch_text(shipped)
    assert str(refusal.value) == (
        "xlwings' launch code is not the one of 0.37.8: 'tail = \" -B -c \"\"' occurs in it 0 times, not 1;"
        " run: python -m pip install xlwings==0.37.8"
    )


def test_an_xlwings_without_launch_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vba, "find_spec", lambda _name: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    with pytest.raises(Refusal) as refusal:
        vba.shipped_launch_code()
    missing = tmp_path / "xlwings_custom_addin.bas"
    assert str(refusal.value) == f"{missing} is not there: install xlwings 0.37.8 or later in the 0.x series"


def test_dlls_are_those_that_the_launch_code_names() -> None:
    assert vba.launch_dlls(vba.shipped_launch_code()) == {
        64: "xlwings64-0.37.8.dll",
        32: "xlwings32-0.37.8.dll",
    }


# --- what VBA cannot declare --------------------------------------------------------------------------------------


def function_with(*names: str) -> CellFunction:
    """A function with such arguments."""
    reads = Reads("help", str)
    arguments = tuple(Argument(name, "help", Takes.SCALAR, False, None, reads) for name in names)
    return replace(FUNCTIONS["CPA_RAG"], name="CPA_TEST", arguments=arguments)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("end",), "CPA_TEST: end is a word of VBA's own; give the argument another name"),
        (("Type",), "CPA_TEST: Type is a word of VBA's own; give the argument another name"),
        (("_first",), "CPA_TEST: _first is no name in VBA; use letters, digits and _ after a letter"),
        (("taux_é",), "CPA_TEST: taux_é is no name in VBA; use letters, digits and _ after a letter"),
        (("rate", "Rate"), "CPA_TEST: two names differ in capitals only, which are one name in VBA"),
        (tuple(f"a{n}" for n in range(61)), "CPA_TEST has 61 arguments; VBA takes 60 at most"),
    ],
)
def test_names_that_vba_cannot_declare_are_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        vba.check_declarable(function_with(*names))
    assert str(refusal.value) == message


def test_names_that_vba_uses_elsewhere_are_free() -> None:
    vba.check_declarable(function_with("text", "step", "base", "level", "rate", "value", "name", "month"))


def test_sixty_arguments_fit_the_lines() -> None:
    text = vba.functions_text([function_with(*(f"argument_of_some_length_{n}" for n in range(60)))], "1.0.0")
    assert max(map(len, text.splitlines())) <= 1023
    assert len(re.findall(r"Optional|argument_of_some_length_\d+ As Variant", text)) == 60


def test_text_becomes_a_string_of_vba() -> None:
    assert vba.literal('a "b"\n c – ≥') == '"a ""b"" c – ?"'


# --- a parser of VBA over all of it -------------------------------------------------------------------------------


def complaints(folder: Path, code: Iterable[Module]) -> list[str]:
    """What an analysis of a whole add-in with such modules finds: module, line and what is wrong."""
    analysis = pytest.importorskip("pyvbaanalysis", reason="pip install pyvbaanalysis: it parses the VBA text")
    path = folder / "cpa_xl.xlsm"
    path.write_bytes(as_workbook(add_in(), vba_project("CpaXl", (1, 0), [*code])))
    found = analysis.analyze_office_file(path)
    assert set(found) == {module.name for module in code}
    return [
        f"{name}: {one.code}: {one.message}"
        for name, several in found.items()
        for one in several
        if one.severity.name != "INFORMATION"
    ]


def test_a_static_analysis_of_the_project_finds_nothing(modules: dict[str, Module], tmp_path: Path) -> None:
    """Names, blocks, types and members of Excel's own objects; in xlwings' module it finds what was always there."""
    found = complaints(tmp_path, modules.values())
    assert [line for line in found if not line.startswith("xlwings: ")] == []
    assert all("option-explicit-missing" in line or "OnMac" in line or "GetMacDir" in line for line in found)


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("Set python = XLPy()", "Set python = XLPyy()", "XLPyy"),
        ("CpaValue = cells.Value2", "CpaValue = cells.Valuee2", "Valuee2"),
        ("        Resume Ask", "        Resume Askk", "Askk"),
        ("Application.Intersect(", "Application.Intersekt(", "Intersekt"),
        ("Private failure As String", "", "failure"),
    ],
)
def test_the_analysis_would_find_mistakes(
    modules: dict[str, Module], tmp_path: Path, right: str, wrong: str, found: str
) -> None:
    server = modules["CpaServer"]
    assert right in server.code
    broken = replace(server, code=server.code.replace(right, wrong))
    lines = complaints(tmp_path, (modules | {"CpaServer": broken}).values())
    assert any(line.startswith("CpaServer: ") and found in line for line in lines), lines
