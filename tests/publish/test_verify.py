"""Verify: what a change to a published copy, or to its statement, shows as; and what saving it again does not."""

import datetime as dt
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.commands.refresh import refresh
from cpa_xl.config.load import load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator, Kept
from cpa_xl.formulas.kept import with_kept
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.publish.pipeline import Published, publish
from cpa_xl.publish.verify import Verification, verify
from cpa_xl.scorecard.tables import Stamp
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import small
from tests.support.recalculated import recalculated

CALCULATOR = EmbeddedCalculator(FUNCTIONS)
SCORECARD = FUNCTIONS["CPA_SCORECARD"]
STAMP = Stamp(dt.datetime(2009, 2, 10, 9, 30, tzinfo=dt.UTC), "analyst")
SHEET = "xl/worksheets/sheet1.xml"  # the scorecard


def test_what_is_published_agrees(done: Published, catalogue: Catalogue) -> None:
    found = verify(done.workbook, catalogue, SCORECARD, CALCULATOR)
    assert found.differences == ()
    assert found.agrees
    assert "54 figures recalculated from the tables in the file" in found.looked_at


def test_a_cover_of_the_workbooks_own_agrees(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    book = ClosedWorkbook.open(demo)
    names = book.package.text(book.package.workbook_part)
    names = names.replace(b'name="Milestones"', b'name="COVER"').replace(b"Milestones!", b"COVER!")
    book.package.with_text(book.package.workbook_part, names).save(tmp_path / demo.name)
    done = publish(tmp_path / demo.name, catalogue, CALCULATOR, tmp_path / "out", stamp=STAMP)
    copy = ClosedWorkbook.open(done.workbook)
    assert (copy.sheet_names[0], "COVER" in copy.sheet_names, "Cover" in copy.sheet_names) == ("Contents", True, False)
    assert verify(done.workbook, catalogue, SCORECARD, CALCULATOR).differences == ()


def test_the_page_beside_a_copy_is_compared_where_it_is(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    pages = {".html": b"<p>Figures</p>"}
    done = publish(demo, catalogue, CALCULATOR, tmp_path, stamp=STAMP, page=lambda *_: pages)
    page = done.workbook.with_suffix(".html")
    found = verify(done.workbook, catalogue, SCORECARD, CALCULATOR)
    assert (found.differences, found.looked_at[-1]) == ((), page.name)
    page.write_bytes(b"<p>Other figures</p>")
    found = verify(done.workbook, catalogue, SCORECARD, CALCULATOR)
    assert found.differences == (f"{page.name} is not the file that was published with it",)
    page.unlink()  # not every reader is sent all
    assert verify(done.workbook, catalogue, SCORECARD, CALCULATOR).agrees


def changed(path: Path, change: Callable[[ClosedWorkbook], ClosedWorkbook]) -> None:
    """The file with something else in it."""
    change(ClosedWorkbook.open(path)).save(path)


def test_a_changed_figure_is_named(copied: Path, catalogue: Catalogue) -> None:
    book = ClosedWorkbook.open(copied)
    place = next(place for place, cell in book.cells("Scorecard").items() if cell.value == "77.8%")
    raw = next(
        at for at, cell in book.cells("Scorecard").items() if at[0] == place[0] and _near(cell.value, 0.77798636)
    )
    changed(copied, lambda book: book.with_cell("Scorecard", *raw, 0.79))
    found = verify(copied, catalogue, SCORECARD).differences
    assert "sheet Scorecard shows something else than when it was published" in found
    assert "the file is not the one that was published; parts that differ: xl/worksheets/sheet1.xml" in found
    assert any(one.startswith("measure 1, actual: the copy shows 0.79, the statement says 0.77798") for one in found)
    assert any(
        one.startswith("measure 1, actual: the scorecard shows 0.79, the tables in the file give 0.77") for one in found
    )


def _near(value: object, wanted: float) -> bool:
    return isinstance(value, float) and abs(value - wanted) < 1e-6


def test_a_changed_count_is_found_by_working_out_the_figures_anew(copied: Path, catalogue: Catalogue) -> None:
    table = ClosedWorkbook.open(copied).tables["Monthly"]
    column = table.first_col + [one.name for one in table.columns].index("SAC offences")
    changed(copied, lambda book: book.with_cell(table.sheet, table.last_body_row, column, 99999))
    found = verify(copied, catalogue, SCORECARD).differences
    assert any(one.startswith("measure 4a, actual: the scorecard shows -0.0748") for one in found)


def test_a_changed_statement_is_named(copied: Path, catalogue: Catalogue) -> None:
    beside = copied.with_suffix(".json")
    said = beside.read_text(encoding="utf-8")
    beside.write_text(said.replace('"who": "analyst"', '"who": "nobody"'), encoding="utf-8")
    found = verify(copied, catalogue, SCORECARD).differences
    assert any("by analyst with cpa_xl" in one and "by nobody with cpa_xl" in one for one in found)
    assert len(found) == 3  # and the seal
    assert found[-1] == "the file is the one that was published, so that the statement is what was changed"


def test_statements_that_cannot_be_read_are_refused(copied: Path, catalogue: Catalogue) -> None:
    beside = copied.with_suffix(".json")
    beside.write_text("{", encoding="utf-8")
    with pytest.raises(Refusal, match=r"is no statement of a published copy: Expecting property name"):
        verify(copied, catalogue, SCORECARD)
    beside.write_text("{}", encoding="utf-8")
    with pytest.raises(Refusal, match=r"or one of another version; 'cpa_xl statement 1' was expected"):
        verify(copied, catalogue, SCORECARD)
    beside.unlink()
    with pytest.raises(Refusal, match=r"cannot be read \(No such file or directory\); it belongs beside the copy"):
        verify(copied, catalogue, SCORECARD)


def verified(path: Path, catalogue: Catalogue) -> Verification:
    """What the command says, its formulas calculated too."""
    return verify(path, catalogue, SCORECARD, CALCULATOR)


def tampered(path: Path, part: str, before: str, after: str) -> None:
    """The file with one thing in a part written otherwise, every other byte of the parts as it was."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    new, count = re.subn(before.encode(), after.encode(), content[part], count=1, flags=re.DOTALL)
    assert count == 1, (part, before)
    content[part] = new
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in content.items():
            file.writestr(name, data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("xl/styles.xml", 'formatCode="0.0%"', 'formatCode="0%"'),
            "sheet Scorecard: numbers are written otherwise",
        ),
        (
            (SHEET, "<col ", '<col hidden="1" '),
            "sheet Scorecard: other rows or columns are hidden, or the sheet itself,",
        ),
        (
            (SHEET, '<row r="9"', '<row hidden="1" r="9"'),
            "sheet Scorecard: other rows or columns are hidden, or the sheet",
        ),
        (
            ("xl/workbook.xml", '<sheet name="Notes"', '<sheet state="hidden" name="Notes"'),
            "sheet Notes: other rows or",
        ),
        (
            ("xl/workbook.xml", '<sheet name="Notes"', '<sheet name="Notez"'),
            "sheet Notes is not there any more",
        ),
        (
            ("xl/workbook.xml", '<sheet name="Notes"', '<sheet name="Notez"'),
            "sheet Notez was added",
        ),
        (
            (SHEET, r"<f>[^<]*</f>", "<f>1+1</f>"),
            "Scorecard!M7: the calculator gets 2 where the workbook has",
        ),
        (
            (SHEET, "<conditionalFormatting.*</conditionalFormatting>", ""),
            "the file is not the one that was published;",
        ),
        (
            ("xl/charts/chart1.xml", "<c:v>[^<]*</c:v>", "<c:v>7</c:v>"),
            "the file is not the one that was published; parts",
        ),
    ],
)
def test_what_was_tampered_with_is_named(
    change: tuple[str, str, str], said: str, copied: Path, catalogue: Catalogue
) -> None:
    tampered(copied, *change)
    found = verified(copied, catalogue)
    assert any(one.startswith(said) for one in found.differences), found.differences
    assert f"the file is not the one that was published; parts that differ: {change[0]}" in found.differences
    assert not found.agrees
    assert found.saved_again == ""


def test_every_key_of_the_statement_counts(done: Published, tmp_path: Path) -> None:
    """In the copy of a small workbook, whose statement has the keys of the demo's."""
    book = small.force(tmp_path)
    catalogue = load(tmp_path / "config")
    refresh(book, catalogue, tmp_path / "extracts", CALCULATOR)
    copied = publish(book, catalogue, CALCULATOR, tmp_path / "out", stamp=STAMP).workbook
    assert verified(copied, catalogue).differences == ()
    beside = copied.with_suffix(".json")
    said = json.loads(beside.read_text(encoding="utf-8"))
    assert said.keys() == json.loads(done.workbook.with_suffix(".json").read_text(encoding="utf-8")).keys()
    for key in said.keys() - {"format"}:
        for other in ({name: value for name, value in said.items() if name != key}, said | {key: {"a": "b"}}):
            beside.write_text(json.dumps(other), encoding="utf-8")
            assert verified(copied, catalogue).differences != (), key
    for change, words in (
        (said | {"sheets": said["sheets"] | {"Scorecard": "0"}}, "sheet Scorecard shows something else"),
        (said | {"looks": said["looks"] | {"Scorecard": {}}}, "sheet Scorecard: comments say something else than when"),
        ({key: value for key, value in said.items() if key != "looks"}, "the statement lacks 'looks'"),
        (
            {key: value for key, value in said.items() if key != "workbook"},
            "the statement lacks the hashes of the file",
        ),
        (
            said | {"workbook": said["workbook"] | {"parts": said["workbook"]["parts"] | {SHEET: "0"}}},
            f"the statement has other hashes of the parts {SHEET}",
        ),
    ):
        beside.write_text(json.dumps(change), encoding="utf-8")
        found = verified(copied, catalogue).differences
        assert any(one.startswith(words) for one in found), found


def test_the_statement_of_another_copy_is_named(copied: Path, catalogue: Catalogue) -> None:
    beside = copied.with_suffix(".json")
    said = json.loads(beside.read_text(encoding="utf-8"))
    said["workbook"] |= {"file": "cpa_scorecard 2008-12 published.xlsx", "sha256": "0"}
    said["figures"][0]["actual"] = 0.5
    beside.write_text(json.dumps(said), encoding="utf-8")
    found = verified(copied, catalogue).differences
    assert found[-1] == "the statement was written for cpa_scorecard 2008-12 published.xlsx"


@pytest.mark.office
def test_a_copy_that_libreoffice_saved_again_is_told_from_one_that_was_changed(
    copied: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    """LibreOffice writes every part anew, and works out every formula: not one value, format or comment changes."""
    (tmp_path / "again").mkdir()
    again = recalculated(copied, tmp_path / "again")
    again.save(copied)
    found = verified(copied, catalogue)
    assert found.differences == ()
    assert not found.agrees
    assert found.saved_again.startswith("every sheet was rewritten; parts that differ: [Content_Types].xml, ")
    ran = CliRunner().invoke(main, ["verify", str(copied)])
    assert ran.exit_code == 1
    assert f"{copied} was saved again since, and shows values, number formats, comments and hidden rows" in ran.output
    changed(copied, lambda book: book.with_cell("Notes", 60, 1, "something else"))
    assert "sheet Notes shows something else than when it was published" in verified(copied, catalogue).differences


def test_a_copy_that_was_only_packed_anew(copied: Path, catalogue: Catalogue) -> None:
    tampered(copied, SHEET, "<sheetData>", "<sheetData>")
    found = verified(copied, catalogue)
    assert (found.differences, found.saved_again) == ((), "packed anew")


@pytest.mark.filterwarnings("ignore:Sparkline Group extension:UserWarning")
def test_a_copy_that_lost_its_values_says_so(copied: Path, catalogue: Catalogue) -> None:
    """openpyxl writes formulas without values."""
    book = openpyxl.load_workbook(copied)
    book.save(copied)
    said = (
        "formulas have no value, as a program leaves them that does not calculate; open and save it in Excel or"
        " LibreOffice first"
    )
    assert any(
        one.startswith("sheet Scorecard: ") and one.endswith(said) for one in verified(copied, catalogue).differences
    )


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"format": ' + b"[" * 100_000])
def test_a_statement_too_deep_to_read(content: bytes, copied: Path, catalogue: Catalogue) -> None:
    copied.with_suffix(".json").write_bytes(content)
    with pytest.raises(Refusal, match=r"\.json is no statement of a published copy: maximum recursion depth exceeded"):
        verify(copied, catalogue, SCORECARD)


def test_a_statement_may_say_anything(copied: Path, catalogue: Catalogue) -> None:
    """Half a character, a number of more digits than any figure has, names that no file has."""
    said = json.loads(copied.with_suffix(".json").read_bytes())
    said["title"] = "\ud800"
    said["figures"][0]["actual"] = 10**400
    said["beside"] = {"": "", "..": "", "\x00": "", "../other.html": ""}
    copied.with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")
    found = verify(copied, catalogue, SCORECARD)
    assert any("actual" in one for one in found.differences)
    assert any("../other.html, which does not go with" in one for one in found.differences)


def test_a1_cells_that_nothing_calculated_are_named_in_a_copy_too(copied: Path, catalogue: Catalogue) -> None:
    """A copy that somebody saved out of the working copy brings the list along."""
    cells = ClosedWorkbook.open(copied).cells("Scorecard")
    place = next(place for place, cell in cells.items() if _near(cell.value, 0.77798636))
    macro = Kept("Scorecard", cell_name(*place), "MyMacro(B1)", "the calculators do not know MYMACRO")

    def with_macro(book: ClosedWorkbook) -> ClosedWorkbook:
        text = book.package.text(SHEET).replace(b"<v>0.77798", b"<f>MyMacro(B1)</f><v>0.77798", 1)
        return with_kept(ClosedWorkbook(book.package.with_text(SHEET, text)), [macro]).with_full_calculation(True)

    changed(copied, with_macro)
    found = verify(copied, catalogue, SCORECARD).differences
    named = (
        rf"Scorecard!{macro.cell}: shows 0\.77798\d* from before the last refresh \(=MyMacro\(B1\)\): {macro.reason}"
    )
    assert any(re.fullmatch(named, one) for one in found), found
