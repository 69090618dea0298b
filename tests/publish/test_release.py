"""A copy goes out: frozen, looked at, with its page and its PDF; by the command, and by the button of the ribbon."""

import json
import re
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from click.testing import CliRunner
from xlwings import XlwingsError

from cpa_xl.cli.main import main
from cpa_xl.cli.publish import comparison_lines
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.excel import ribbon
from cpa_xl.measures.periods import Month
from cpa_xl.publish.pipeline import Published, last_copy
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.calc import Calc, require_calc
from tests.support.calcengine import open_book
from tests.support.publishable import BOOKS, GIVEN_AWAY, LEFT_OUT
from tests.support.readhtml import read, table
from tests.support.recalculated import changes, recalculated_all

NAME = "cpa_scorecard 2009-01 published"
# The letters of the printed scorecard of January 2009, top to bottom.
LETTERS = "ARAGRG–G–GGGGGGG––"


def letters(path: Path) -> str:
    cells = ClosedWorkbook.open(path).cells("Scorecard")
    column = (cells.get((row, 4)) for row in range(6, 40))
    return "".join(str(cell.value) for cell in column if cell and cell.value in ("G", "A", "R", "–"))


@pytest.mark.office
def test_the_command_writes_all_four_files(demo: Path, tmp_path: Path) -> None:
    require_calc()  # for the PDF
    command = ["publish", str(demo), "--out", str(tmp_path), "--page", "--pdf"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{NAME}{end}" for end in (".html", ".json", ".pdf", ".xlsx")
    ]
    assert letters(tmp_path / f"{NAME}.xlsx")[: len(LETTERS)] == LETTERS
    assert (tmp_path / f"{NAME}.pdf").read_bytes().startswith(b"%PDF")
    # Page and PDF are made of the same copy, under the name that readers have: the footers of sheets print it.
    assert f"from {NAME}.xlsx." in (tmp_path / f"{NAME}.html").read_text(encoding="utf-8")
    said = json.loads((tmp_path / f"{NAME}.json").read_text(encoding="utf-8"))
    assert (said["as_of"], said["checked"]) == ("2009-01", True)
    verified = CliRunner().invoke(main, ["verify", str(tmp_path / f"{NAME}.xlsx")], catch_exceptions=False)
    assert verified.exit_code == 0, verified.output


@pytest.fixture(scope="module")
def attached(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """Workbooks of other people with tables attached, filled and published: the copies, and what was said."""
    folder = tmp_path_factory.mktemp("attached")
    found = {}
    for name in ("macros", "hidden", "linked"):
        path = BOOKS[name](folder)
        filled = path.with_stem(f"{path.stem} (attached)")
        runs = [
            ["attach", str(path)],
            ["refresh", str(filled), "--extracts", str(demo.parent / "extracts"), "--as-of", "2009-01"],
            ["publish", str(filled)],
        ]
        for run in runs:
            result = CliRunner().invoke(main, run, catch_exceptions=False)
            assert result.exit_code == 0, result.output
        found[name] = (folder / f"{filled.stem} 2009-01 published.xlsx", result.output)
    return found


@pytest.mark.parametrize("name", ["macros", "hidden", "linked"])
def test_workbooks_with_attached_tables_go_out(name: str, attached: dict[str, tuple[Path, str]]) -> None:
    path, said = attached[name]
    texts = {one for one in LEFT_OUT[name] if "common texts" not in one}  # the tables have texts of their own
    assert {f"Left out: {one}" for one in texts} <= set(said.splitlines())
    assert "Left out: sheet that workbooks.yaml leaves out: RefreshLog\n" in said  # which names who refreshed
    assert "table Satisfaction: " not in said  # it got a column Marks, and nothing to mark
    copy = ClosedWorkbook.open(path)
    package, title = copy.package, copy.cells("Cover")[1, 1].value
    assert title == f"{path.name.removesuffix(' 2009-01 published.xlsx')}, Jan-09"  # not that of our scorecard
    given = [one for one in GIVEN_AWAY if one != b"CPA_"]  # ours: names of what the tables hold
    assert [(part, one) for part in package.names for one in given if one in package.part(part)] == []
    assert not any(b"CPA_RAG(" in package.part(part) for part in package.names)
    verified = CliRunner().invoke(main, ["verify", str(path)], catch_exceptions=False)
    assert verified.exit_code == 0, verified.output
    assert "0 figures recalculated" in verified.output  # the scorecard is not ours


@pytest.mark.office
def test_they_stay_the_same_without_the_addin(attached: dict[str, tuple[Path, str]], tmp_path: Path) -> None:
    paths = [path for path, _ in attached.values()]
    after = recalculated_all(paths, tmp_path)
    assert {path.name: found for path in paths if (found := changes(ClosedWorkbook.open(path), after[path]))} == {}


def overtype(book: Path, path: Path) -> None:
    """A copy in which the letter of 4b, which is red, is typed over: its formula is gone."""
    with ZipFile(book) as old, ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                typed = re.sub(rb'(<c r="D14"[^>]*>)<f>[^<]*</f><v>R</v>', rb"\1<v>G</v>", data)
                assert typed != data
                data = typed
            new.writestr(name, data)


def test_an_overtyped_letter_stops_the_copy(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / demo.name
    overtype(demo, path)
    result = CliRunner().invoke(main, ["publish", str(path)], catch_exceptions=False)
    assert result.exit_code == 1
    assert f"{path} is not published:\n  T2 Scorecard!D14: " in result.output
    assert [one.name for one in tmp_path.iterdir()] == [demo.name]


def test_the_button_publishes_the_open_workbook(
    calc: Calc, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through xlwings, with Calc as the spreadsheet: as it stands, beside its file, which stays as it was saved."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    path = tmp_path / demo.name
    shutil.copyfile(demo, path)
    before = path.read_bytes()
    opened = open_book(calc.desktop, path)
    try:
        opened.sheets["Notes"].range("A60").value = "typed, and not saved"
        said = ribbon.freeze(opened)
        with pytest.raises(Refusal, match=rf"{NAME}\.xlsx is there already; move it or delete it, and press again$"):
            ribbon.freeze(opened)
    finally:
        opened.close()
    assert said.startswith(f"Written: {NAME}.xlsx\nWritten: {NAME}.json\nWritten: {NAME}.html\n")
    assert re.search(r"\nLeft out: \d+ kinds of things, listed on the copy's sheet About this copy\.$", said)
    assert letters(tmp_path / f"{NAME}.xlsx")[: len(LETTERS)] == LETTERS
    notes = ClosedWorkbook.open(tmp_path / f"{NAME}.xlsx").cells("Notes")
    assert "typed, and not saved" in [cell.value for cell in notes.values()]
    assert path.read_bytes() == before
    assert list(scratch.iterdir()) == []


class Held:
    """An open workbook whose copy is a file that is there already."""

    def __init__(self, fullname: str, saved: Path) -> None:
        self.fullname = fullname
        self.api = SimpleNamespace(SaveCopyAs=lambda path: shutil.copyfile(saved, path))


def test_the_button_speaks_of_the_workbook_and_leaves_nothing_behind(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch, saved = tmp_path / "scratch", tmp_path / "typed.xlsx"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    overtype(demo, saved)
    held: Any = Held(str(tmp_path / demo.name), saved)
    with pytest.raises(Refusal, match=rf"^{demo.name} is not published:\n  T2 Scorecard!D14: "):
        ribbon.freeze(held)
    assert list(scratch.iterdir()) == []
    assert [one.name for one in tmp_path.iterdir() if one != scratch] == [saved.name]


@pytest.mark.parametrize("name", ["https://force.sharepoint.com/sites/a/cpa.xlsx", XlwingsError("no OneDrive folder")])
def test_a_workbook_that_is_kept_online_is_refused(name: str | XlwingsError) -> None:
    class Online:
        @property
        def fullname(self) -> str:
            if isinstance(name, XlwingsError):
                raise name
            return name

    book: Any = Online()
    for press, why in ((ribbon.freeze, "the copy for circulation goes"), (ribbon.refresh, "its extracts are looked")):
        with pytest.raises(Refusal, match=rf"^this workbook is kept online, .* is not known; {why} .*: save it into a"):
            press(book)


def test_a_copy_is_written_whole_or_not_at_all(demo: Path, tmp_path: Path) -> None:
    """Where the page cannot be written, the workbook and its statement are as they were: not there, or older ones."""
    blocked = tmp_path / f"{NAME}.html"
    command = ["publish", str(demo), "--out", str(tmp_path), "--page"]
    blocked.mkdir()
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [blocked])
    assert f"{blocked} is there already; give --force to write over it" in result.output
    (blocked / "in the way").touch()
    older = tmp_path / f"{NAME}.xlsx"
    older.write_bytes(b"older")
    result = CliRunner().invoke(main, [*command, "--force"], catch_exceptions=False)
    assert result.exit_code == 1
    assert f"{blocked} cannot be written: " in result.output
    assert older.read_bytes() == b"older"
    assert not (tmp_path / f"{NAME}.json").exists()


def test_a_sheet_says_what_changed_since_the_last_copy(december: Path, tmp_path: Path) -> None:
    path = tmp_path / december.name
    shutil.copyfile(december, path)
    (tmp_path / "extracts").symlink_to(december.parent / "extracts")
    runs = [
        ["publish", str(path)],
        ["refresh", str(path), "--as-of", "2009-01"],
        ["check", str(path), "--release"],
        ["publish", str(path), "--page"],
    ]
    for run in runs:
        result = CliRunner().invoke(main, run, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        told = (
            "figure: 5 People killed or seriously injured on the roads [SPI 9.1]: -14.4% -> -15.0%\n" in result.output
        )
        assert told == (run[0] in ("check", "publish") and run is not runs[0]), run
    assert f"Compared with: {tmp_path / 'cpa_scorecard 2008-12 published.xlsx'}\n" in result.output
    assert "(W4)" not in result.output
    copy = ClosedWorkbook.open(tmp_path / f"{NAME}.xlsx")
    assert copy.sheet_names[-2:] == ("What changed", "About this copy")
    assert {"What changed", "Notes", "Contents"} <= {cell.value for cell in copy.cells("Cover").values()}
    assert "(no title)" not in {cell.value for cell in copy.cells("Contents").values()}
    assert "11 figures, 2 periods, 2 months of tables new or gone (T8)\n" in result.output
    assert openpyxl.load_workbook(copy.path)["What changed"].print_title_rows == "$4:$4"
    cells = copy.cells("What changed")
    rows = [[cell.value for at, cell in sorted(cells.items()) if at[0] == row] for row in range(4, 40)]
    assert [cells[row, 1].value for row in (1, 2)] == [
        "What changed since Dec-08",
        "This worksheet contains one table. This copy is compared with cpa_scorecard 2008-12 published.xlsx. "
        "No past month was revised.",
    ]
    page = (tmp_path / f"{NAME}.html").read_text(encoding="utf-8")
    assert '<h2 id="changes-title">What changed since Dec-08</h2>' in page
    _, shown = table(read(page), "changes")
    on_page = sorted([cell for cell in (what, which, *others) if cell] for which, what, *others in shown)
    assert on_page == sorted([str(cell) for cell in row] for row in rows[1:] if row)
    assert rows[0] == ["What", "Which", "Before", "Now", "Mark"]
    # The printed figures of January 2009 are the later ones.
    assert ["figure", "5 People killed or seriously injured on the roads [SPI 9.1]", "-14.4%", "-15.0%"] in rows
    assert ["figure", "6a Most serious violence (MSV and AWI shown) [SPI 5.1]", "-2.6%", "-2.7%"] in rows
    about = [cell.value for _, cell in sorted(copy.cells("About this copy").items())]
    checks = [
        "Remark", "changed since the copy published before: 11 figures, 2 periods, 2 months of tables new or gone",
        "Weakness", "nobody has signed as the approver of these figures",
    ]  # fmt: skip
    assert about[about.index("Checks") + 1 :][: len(checks) + 1] == [*checks, "Left out, or made values"]
    verified = CliRunner().invoke(main, ["verify", str(copy.path)], catch_exceptions=False)
    assert verified.exit_code == 0, verified.output
    for written in tmp_path.glob(f"{NAME}.*"):
        written.unlink()
    held: Any = Held(str(path), path)
    listed = sum(bool(row) for row in rows[1:])  # below the headings
    last = f"Compared with cpa_scorecard 2008-12 published.xlsx: {listed} changes, listed on its sheet What changed."
    assert last in ribbon.freeze(held).splitlines()


def test_the_copy_compared_is_the_latest_of_an_earlier_month(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    """By the months in the names: no later one, none of another workbook, nothing that only looks like one."""
    for name in ("cpa_scorecard 2008-03", "cpa_scorecard 2008-12", "cpa_scorecard 2009-01", "cpa_scorecard 2009-02",
                 "other 2008-12", "cpa_scorecard soon", "old cpa_scorecard 2008-12"):  # fmt: skip
        (tmp_path / f"{name} published.xlsx").touch()
    assert last_copy(demo, catalogue, tmp_path) == tmp_path / "cpa_scorecard 2008-12 published.xlsx"
    assert last_copy(demo, catalogue, tmp_path / "empty") is None


def test_changes_are_told_in_a_terminal_up_to_a_number(tmp_path: Path) -> None:
    done = Published(tmp_path, (), Month(2009, 1), (), (), tmp_path / "last.xlsx", tuple(map(str, range(1_045))))
    told = list(comparison_lines(done))
    assert told[:2] == [f"Compared with: {tmp_path / 'last.xlsx'}", "0"]
    assert told[-2:] == ["39", "and 1,005 more changes, on the sheet What changed of the copy"]


@pytest.mark.parametrize("command", [["publish"], ["check", "--release"]])
def test_a_copy_to_compare_and_none_are_not_asked_for_together(demo: Path, command: list[str]) -> None:
    given = [*command, str(demo), "--since", str(demo), "--no-since"]
    result = CliRunner().invoke(main, given, catch_exceptions=False)
    assert result.exit_code == 1
    said = "--since names a copy to compare with, and --no-since compares with none: give one of the two"
    assert said in result.output


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--out", "here"], "--out"),
        (["--no-since"], "--no-since"),
        (["--out", "here", "--since", "copy.xlsx"], "--out and --since"),
    ],
)
def test_check_refuses_what_only_a_release_needs(demo: Path, given: list[str], named: str) -> None:
    result = CliRunner().invoke(main, ["check", str(demo), *given], catch_exceptions=False)
    assert result.exit_code == 1
    assert result.stderr == f"{named} would do nothing: give --release too, to see what publish would do\n"
