"""The add-in's file: its parts agree with each other, and the same version is the same file, byte for byte."""

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from cpa_xl import __version__
from cpa_xl.cli.main import main
from cpa_xl.errors import Refusal
from cpa_xl.excel import install, vba
from cpa_xl.excel.addin import add_in, files, intellisense
from cpa_xl.excel.buttons import BUTTONS
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.examples import EXAMPLES
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.vbareader import as_workbook, modules_of

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    """The parts of the add-in by name."""
    with zipfile.ZipFile(io.BytesIO(add_in())) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def xml(parts: dict[str, bytes], name: str) -> ET.Element:
    return ET.fromstring(parts[name])  # noqa: S314  # our own file


def test_every_module_is_read_back_as_it_was_generated(parts: dict[str, bytes]) -> None:
    callbacks = {button.callback: (button.action, button.needs_workbook) for button in BUTTONS.values()}
    generated = vba.modules(FUNCTIONS, callbacks, __version__)
    assert modules_of(parts["xl/vbaProject.bin"]) == {module.name: module.source for module in generated}
    assert len(generated) == 7


@pytest.mark.slow
def test_the_file_repeats_byte_for_byte() -> None:
    program = "import sys; from cpa_xl.excel.addin import add_in; sys.stdout.buffer.write(add_in())"
    command = [sys.executable, "-c", program]
    elsewhere = subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": "7"} | environment())  # noqa: S603  # our own
    assert elsewhere.stdout == add_in()


def environment() -> dict[str, str]:
    """Where a second Python finds the package."""
    return {"PYTHONPATH": str(Path(vba.__file__).parents[2])}


def test_members_carry_no_time_and_no_compression() -> None:
    with zipfile.ZipFile(io.BytesIO(add_in())) as file:
        for member in file.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert member.compress_type == zipfile.ZIP_STORED
            assert member.create_system == 0


def test_it_is_an_add_in_to_excel(parts: dict[str, bytes]) -> None:
    types = {one.get("PartName"): one.get("ContentType") for one in xml(parts, "[Content_Types].xml")}
    assert types["/xl/workbook.xml"] == "application/vnd.ms-excel.addin.macroEnabled.main+xml"
    assert types["/xl/vbaProject.bin"] == "application/vnd.ms-office.vbaProject"
    named = {name for name in types if name is not None}
    assert named <= {f"/{name}" for name in parts}
    others = {name for name in parts if f"/{name}" not in named and not name.endswith(".rels")}
    assert others == {"[Content_Types].xml", "customUI/customUI.xml", "customUI/customUI14.xml"}  # by their ending


def relations(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every relationship: its kind, and the part it leads to."""
    for name in parts:
        if name.endswith(".rels"):
            folder = PurePosixPath(name).parent.parent
            for one in xml(parts, name).iter(RELATION):
                yield str(one.get("Type")).rpartition("/relationships/")[2], str(folder / str(one.get("Target")))


def test_relationships_lead_to_every_part(parts: dict[str, bytes]) -> None:
    found = [*relations(parts)]
    leads_to = [part for _, part in found]
    assert sorted(leads_to) == sorted(name for name in parts if not name.endswith((".rels", "Types].xml")))
    kinds = dict(zip(("customUI14.xml", "customUI.xml"), ("2007", "2006"), strict=True))
    text = parts["_rels/.rels"].decode()
    for part, year in kinds.items():
        assert f'office/{year}/relationships/ui/extensibility" Target="customUI/{part}"' in text


def test_code_names_are_those_of_the_document_modules(parts: dict[str, bytes]) -> None:
    workbook, sheet = xml(parts, "xl/workbook.xml"), xml(parts, "xl/worksheets/sheet1.xml")
    names = [
        element.get("codeName") for element in (*workbook.iter(f"{MAIN}workbookPr"), *sheet.iter(f"{MAIN}sheetPr"))
    ]
    documents = {name for name, code in modules_of(parts["xl/vbaProject.bin"]).items() if "VB_Base" in code}
    assert names == ["ThisWorkbook", "Sheet1"]
    assert documents == set(names)
    assert not re.search(rb"hidden|veryHidden", parts["xl/workbook.xml"])


def test_openpyxl_reads_the_sheet_and_the_version(parts: dict[str, bytes]) -> None:
    book: Any = openpyxl.load_workbook(io.BytesIO(as_workbook(add_in())))
    assert book.sheetnames == ["cpa_xl"]
    assert book["cpa_xl"]["A1"].value == f"cpa_xl {__version__}"
    assert book.properties.version == __version__
    assert book.properties.title == "cpa_xl"
    assert [(one.name, one.value) for one in book.custom_doc_props.props] == [("cpa_xl version", __version__)]


def test_help_while_typing_names_every_function_and_argument() -> None:
    root = ET.fromstring(intellisense(FUNCTIONS.values()))  # noqa: S314  # our own file
    space = "{http://schemas.excel-dna.net/intellisense/1.0}"
    assert root.tag == f"{space}IntelliSense"
    found = {
        one.get("Name"): [argument.get("Name") for argument in one.iter(f"{space}Argument")]
        for one in root.iter(f"{space}Function")
    }
    assert found == {
        function.name: [f"[{one.name}]" if one.optional else one.name for one in function.arguments]
        for function in FUNCTIONS.values()
    }


# --- the workbook that checks an Excel ----------------------------------------------------------------------------


def test_every_function_has_one_example() -> None:
    assert sorted(example.function for example in EXAMPLES) == sorted(FUNCTIONS)


def test_every_check_is_true_when_the_workbook_is_calculated(tmp_path: Path) -> None:
    path = tmp_path / "check.xlsx"
    path.write_bytes(files()["cpa_xl check.xlsx"])
    book = ClosedWorkbook.open(path)
    done = EmbeddedCalculator(FUNCTIONS).calculate(book, book)
    assert not done.kept
    names = openpyxl.load_workbook(path).defined_names
    assert set(names) == {"check_all", *(f"check_{name}" for name in FUNCTIONS)}
    for name, defined in names.items():
        ((column, row),) = re.findall(r"\$([A-Z])\$(\d+)", defined.attr_text)
        assert done.values["Checks", int(row), "ABCDEF".index(column) + 1] is True, name


def test_no_check_is_true_before_the_workbook_is_calculated() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(files()["cpa_xl check.xlsx"]), data_only=True)["Checks"]
    assert {sheet.cell(row, 6).value for row in range(5, 5 + len(EXAMPLES))} == {False}
    assert sheet["B2"].value is False


def test_a_wrong_answer_is_found(tmp_path: Path) -> None:
    path = tmp_path / "check.xlsx"
    path.write_bytes(files()["cpa_xl check.xlsx"])
    book = ClosedWorkbook.open(path)
    wrong = {name: (lambda *_: 1e-6) if name == "CPA_SUM" else function for name, function in FUNCTIONS.items()}
    done = EmbeddedCalculator(wrong).calculate(book, book)
    row = 5 + [example.function for example in EXAMPLES].index("CPA_SUM")
    assert done.values["Checks", row, 6] is False
    assert done.values["Checks", 2, 2] is False


# --- the commands -------------------------------------------------------------------------------------------------


def test_build_writes_the_files_beside_each_other(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["addin", "build", "--out", str(tmp_path / "new")], catch_exceptions=False)
    assert result.exit_code == 0
    names = ["cpa_xl.xlam", "cpa_xl.xlam.IntelliSense.xml", "cpa_xl check.xlsx"]
    assert result.output.splitlines() == [f"Written: {tmp_path / 'new' / name}" for name in names]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(names)


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows the command installs")
@pytest.mark.parametrize("command", ["install", "uninstall", "status"])
def test_elsewhere_than_on_windows_nothing_is_installed(command: str) -> None:
    result = CliRunner().invoke(main, ["addin", command])
    assert result.exit_code == 1
    assert result.stderr == (
        f"the add-in for Excel is installed on Windows, and this is {sys.platform}; cpa_xl addin build and cpa_xl addin"
        " bundle work here too, and --for libreoffice is for LibreOffice\n"
    )


@pytest.mark.slow
def test_bundle_holds_what_an_installation_takes(tmp_path: Path) -> None:
    out = tmp_path / "share"
    result = CliRunner().invoke(main, ["addin", "bundle", "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    wheel = f"cpa_xl-{__version__}-py3-none-any.whl"
    assert sorted(path.name for path in out.iterdir()) == sorted([*files(), wheel, "install.cmd", "README.txt"])
    script = (out / "install.cmd").read_bytes().decode("ascii")
    assert f'"%~dp0{wheel}"' in script
    assert "-m cpa_xl addin install\r\n" in script
    labels, jumps = set(re.findall(r"(?m)^:(\w+)", script)), set(re.findall(r"goto (\w+)", script))
    assert labels == jumps
    again = CliRunner().invoke(main, ["addin", "bundle", "--out", str(out)])
    assert (again.exit_code, again.stderr) == (1, f"{out} is not empty; name a new folder\n")


def test_libreoffice_takes_one_file_and_no_bundle(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["addin", "bundle", "--for", "libreoffice", "--out", str(tmp_path / "share")])
    message = "for LibreOffice one file is enough: cpa_xl addin build --for libreoffice writes it\n"
    assert (result.exit_code, result.stderr) == (1, message)
    assert not (tmp_path / "share").exists()


def test_a_package_that_is_not_installed_makes_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(install, "distribution", absent)
    with pytest.raises(Refusal, match=r"^cpa_xl is not installed in this Python; run: python -m pip install \.$"):
        install.package_wheel()
    monkeypatch.setattr(install, "distribution", lambda _name: SimpleNamespace(version="0.0.9"))
    message = rf"^cpa_xl was installed as 0\.0\.9 and is {re.escape(__version__)} now; run: python -m pip install \.$"
    with pytest.raises(Refusal, match=message):
        install.package_wheel()


@pytest.mark.slow
def test_the_wheel_of_a_bundle_runs_on_its_own(tmp_path: Path) -> None:
    """Unpacked elsewhere, without the checkout: it has its configuration, its template and its VBA text."""
    CliRunner().invoke(main, ["addin", "bundle", "--out", str(tmp_path / "share")], catch_exceptions=False)
    (wheel,) = (tmp_path / "share").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        record = file.read(f"cpa_xl-{__version__}.dist-info/RECORD").decode().splitlines()
        assert sorted(line.partition(",")[0] for line in record) == sorted(file.namelist())
        assert f"cpa_xl-{__version__}.dist-info/licenses/LICENSE" in file.namelist()
        file.extractall(tmp_path / "site")
    program = (
        "import sys; from cpa_xl.excel import addin; assert addin.__file__.startswith(sys.argv[1]);"
        "from cpa_xl.config.load import load, shipped; assert load(shipped('config')).measures;"
        "assert (shipped('workbooks') / 'cpa_scorecard.xlsx').is_file(); sys.stdout.buffer.write(addin.add_in())"
    )
    site = str(tmp_path / "site")
    done = subprocess.run(  # noqa: S603  # our own
        [sys.executable, "-c", program, site], capture_output=True, check=True, cwd=tmp_path, env={"PYTHONPATH": site}
    )
    assert done.stdout == add_in()
