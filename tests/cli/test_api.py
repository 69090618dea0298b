"""What people script with: the names of the package, the examples of docs/scripting.md, and that both come late."""

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pandas as pd
import pytest
import xlsxwriter

import cpa_xl
from cpa_xl.cli.main import COMMANDS, main
from cpa_xl.functions import index
from tests.support import small

THIRD_PARTY = {
    "click", "duckdb", "fastexcel", "formualizer", "nanoarrow", "numpy", "openpyxl", "pandas", "pydantic", "rich",
    "sqlglot", "xlsxwriter", "xlwings", "yaml",
}  # fmt: skip


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small force's extracts and configuration, and a workbook of one figure, where a test works."""
    monkeypatch.chdir(tmp_path)
    small.extract(tmp_path / "extracts")
    workbooks = small.configuration(tmp_path / "config") / "workbooks.yaml"
    text = workbooks.read_text(encoding="utf-8")
    workbooks.write_text(re.sub(r"    scorecard:\n(?:      .*\n)+", "", text), encoding="utf-8")
    path = tmp_path / "small.xlsx"
    with xlsxwriter.Workbook(str(path)) as file:
        figures, data = file.add_worksheet("Figures"), file.add_worksheet("Data")
        date = file.add_format({"num_format": "mmm-yy"})
        figures.write_string("A1", "As of")
        figures.write_datetime("B1", dt.datetime(2008, 12, 1), date)
        file.define_name("as_of", "=Figures!$B$1")
        figures.write_string("A2", "Robbery in that month")
        figures.write_formula("B2", '=CPA_SUM(Monthly[Robbery],Monthly[Month],as_of,"MONTH")', None, 0)
        columns = [{"header": name} for name in ("Month", "Robbery", "Burglary")]
        data.add_table("A1:C2", {"name": "Monthly", "columns": columns})
        data.write_blank("A2", None, date)
    return path


def examples(root: Path) -> str:
    """The examples of docs/scripting.md, one after the other."""
    text = (root / "docs/scripting.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


@pytest.mark.slow
def test_the_examples_run_as_they_are_written(root: Path, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every figure of the small force is one of `small.count`; 0.778 against 0.789 is within 5 percent, so amber."""
    names: dict[str, object] = {}
    exec(compile(examples(root), "docs/scripting.md", "exec"), names)  # noqa: S102  # the document's own examples
    monthly, tables, done, differs, cell, agrees, letter, empty, nowhere = capsys.readouterr().out.splitlines()
    totals = [sum(small.count(borough, "Robbery", month) for borough in range(3)) for month in range(24)]
    assert re.findall(r"\): ([0-9]+)", monthly) == [str(total) for total in totals]
    assert tables == "['Monthly: 0 rows, then 24']"
    assert done == "2009-01 1 small.backup.xlsx"
    assert differs == "True ()"
    assert cell == f"('Figures', 'Data') {float(totals[-1])}"
    assert agrees == "True ()"
    assert letter == "A"
    assert empty.startswith("#DIV/0! ")
    assert nowhere.startswith("nowhere")
    assert isinstance(names["table"], pd.DataFrame)
    assert len(names["table"]) == 24 * 3 * 2  # months, boroughs, series


def test_what_the_document_lists_is_what_the_package_offers(root: Path) -> None:
    text = (root / "docs/scripting.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)", text, re.MULTILINE))
    assert sorted([*listed, "CpaXlError", "__version__"]) == sorted(cpa_xl.__all__)
    assert set(cpa_xl.__all__) <= set(dir(cpa_xl))
    for name in cpa_xl.__all__:
        assert getattr(cpa_xl, name) is not None, name
    assert cpa_xl.functions.CPA_RAG is index.CPA_RAG
    assert set(index.__all__) <= set(dir(cpa_xl.functions))
    with pytest.raises(AttributeError, match=r"^module 'cpa_xl' has no attribute 'publsh'$"):
        cpa_xl.publsh  # noqa: B018  # a misspelt name


@pytest.mark.slow
def test_a_module_does_not_hide_the_function_of_its_name() -> None:
    """Importing a module names it in its package: `cpa_xl.publish` must remain the function."""
    code = (
        "import cpa_xl; from cpa_xl.publish.pipeline import Published; from cpa_xl.commands.diff import Alignment;"
        " from cpa_xl.publish.verify import Verification; print(*(type(getattr(cpa_xl, name)).__name__"
        " for name in ('publish', 'diff', 'verify', 'refresh', 'errors')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # this Python
    assert done.stdout.split() == ["function"] * 4 + ["module"]


def test_paths_configurations_and_months_are_taken_in_each_way(book: Path) -> None:
    config = cpa_xl.load_config(str(book.parent / "config"))
    as_text = cpa_xl.refresh(str(book), config=str(book.parent / "config"), as_of="Jan-09", dry_run=True)
    as_date = cpa_xl.refresh(book, book.parent / "extracts", config=config, as_of=dt.date(2009, 1, 31), dry_run=True)
    assert (as_text.tables, as_text.as_of, as_text.written) == (as_date.tables, as_date.as_of, False)
    with pytest.raises(cpa_xl.WrongArgument, match="12/2009/1"):
        cpa_xl.read_facts(book.parent / "extracts", config=config, as_of="12/2009/1")


def test_without_a_folder_the_configuration_is_the_projects_own(root: Path) -> None:
    assert cpa_xl.load_config().digest == cpa_xl.load_config(root / "config").digest


def test_faults_of_a_configuration_are_listed(book: Path) -> None:
    path = book.parent / "config/measures.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("basis: RY", "basis: R"), encoding="utf-8")
    with pytest.raises(cpa_xl.ConfigurationError) as refused:
        cpa_xl.load_config(book.parent / "config")
    (fault,) = refused.value.faults
    assert fault.startswith("measures.yaml: measures > 1 > basis: ")


def loaded(*code: str) -> set[str]:
    """The third-party packages that a new Python has loaded at the end of some code."""
    lines = ["import sys", *code, "print(*sys.modules, file=sys.stderr)"]
    done = subprocess.run(  # noqa: S603  # this Python
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    names = {name.partition(".")[0] for name in done.stderr.split()}
    assert "cpa_xl" in names
    return names & THIRD_PARTY


def command(*arguments: object) -> str:
    """Code that runs a command, and goes on after it."""
    return f"from cpa_xl.cli.main import main; main({[str(one) for one in arguments]!r}, standalone_mode=False)"


def test_help_loads_no_command() -> None:
    assert loaded(command("--help")) == {"click"}


@pytest.mark.slow
def test_show_loads_what_it_shows_with(root: Path) -> None:
    book = root / "workbooks/cpa_scorecard.xlsx"
    assert loaded(command("show", book)) == {"click", "pydantic", "rich", "yaml"}


@pytest.mark.slow
def test_a_command_that_reads_extracts_loads_no_table_of_pandas(book: Path) -> None:
    plan = command("plan", book, "--config", book.parent / "config")
    assert loaded(plan) & {"duckdb", "openpyxl", "pandas", "xlsxwriter", "xlwings"} == {"duckdb"}


@pytest.mark.parametrize(
    "code",
    [
        "import cpa_xl",
        "from cpa_xl.udfs import CPA_RAG",
        "from cpa_xl import functions; functions.CPA_RAG",
        "import cpa_xl; dir(cpa_xl)",
        "from cpa_xl import Refusal, refresh",
    ],
)
def test_importing_needs_the_standard_library_alone(code: str) -> None:
    assert loaded(code) == set()


def test_the_table_of_commands_is_that_of_the_commands_themselves() -> None:
    context = click.Context(main)
    for name, late in COMMANDS.items():
        found = main.get_command(context, name)
        assert found is not None
        assert (found.name, found.help) == (name, late.text)
    assert main.get_command(context, "refesh") is None


def test_a_misspelt_command_is_named() -> None:
    with pytest.raises(click.UsageError, match=r"No such command 'refesh'") as refused:
        main(["refesh"], standalone_mode=False)
    assert "refresh" in str(refused.value.format_message())


def test_the_package_is_a_module_as_any_other() -> None:
    assert isinstance(cpa_xl, ModuleType)
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", cpa_xl.__version__)
