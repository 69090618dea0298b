"""Publish and verify: the files, their statement, what is refused, and what a change to them shows as."""

import datetime as dt
import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from cpa_xl import __version__
from cpa_xl.cli.main import main
from cpa_xl.config.model import Catalogue, WorkbookSpec
from cpa_xl.errors import Level, Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.checks.run import checks
from cpa_xl.publish.cover import about_rows, for_readers
from cpa_xl.publish.draft import Draft, Working
from cpa_xl.publish.pipeline import Published, last_copy, preview, publish
from cpa_xl.publish.statement import ABOUT
from cpa_xl.scorecard.sign_off import Acceptance
from cpa_xl.scorecard.tables import Stamp
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import CONTENTS, COVER

NAME = "cpa_scorecard 2009-01 published"
STAMP = Stamp(dt.datetime(2009, 2, 10, 9, 30, tzinfo=dt.UTC), "analyst")
CALCULATOR = EmbeddedCalculator(FUNCTIONS)


def test_the_copy_is_named_by_its_month_and_the_workbook_stays(
    demo: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    before = demo.read_bytes()
    published = publish(demo, catalogue, CALCULATOR, tmp_path / "new", stamp=STAMP)
    assert demo.read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [f"{NAME}.json", f"{NAME}.xlsx"]
    assert published.workbook == tmp_path / "new" / f"{NAME}.xlsx"
    assert str(published.as_of) == "2009-01"


def test_the_same_book_gives_the_same_copy(done: Published, demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    again = publish(demo, catalogue, CALCULATOR, tmp_path, stamp=STAMP)
    assert [path.read_bytes() for path in again.files] == [path.read_bytes() for path in done.files]


def test_what_was_published_is_not_written_over_without_force(copied: Path, demo: Path, catalogue: Catalogue) -> None:
    before = copied.read_bytes()
    with pytest.raises(Refusal, match=r"is there already; give --force to write over it, or --out DIR for another"):
        publish(demo, catalogue, CALCULATOR, copied.parent)
    assert copied.read_bytes() == before
    publish(demo, catalogue, CALCULATOR, copied.parent, force=True)
    assert copied.read_bytes() != before  # who and when


def test_a_copy_cannot_be_published_again(copied: Path, catalogue: Catalogue) -> None:
    with pytest.raises(Refusal, match=r"has a sheet .About this copy. already; publish the working workbook, or"):
        publish(copied, catalogue, CALCULATOR)
    with pytest.raises(Refusal, match=r"publish the working workbook"):  # nor looked beside for an earlier one
        last_copy(copied, catalogue, copied.parent)


def test_a_file_whose_name_is_no_text_is_refused(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    """A name of Latin-1, say, on a disk whose names are UTF-8."""
    book = Path(shutil.copyfile(demo, tmp_path / "b\udcfccher.xlsx"))
    said = r"'b\\udcfccher.xlsx' is no text, and the statement has to name the file: rename it"
    with pytest.raises(Refusal, match=said):
        publish(book, catalogue, CALCULATOR, stamp=STAMP)
    assert preview(book, catalogue).refused == (said.replace(r"\\", "\\"),)


def test_no_formula_of_ours_is_left(done: Published) -> None:
    with zipfile.ZipFile(done.workbook) as file:
        formulas = [
            found
            for name in file.namelist()
            for found in re.findall(
                rb"<(?:f|formula|definedName|calculatedColumnFormula)\b[^>]*>[^<]*CPA_", file.read(name)
            )
        ]
    assert formulas == []


def test_findings_are_kept_and_stop_where_they_say_so(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def check(working: Working, draft: Draft) -> tuple[Finding, ...]:
        assert working.catalogue is catalogue
        assert working.spec is catalogue.workbooks["cpa_scorecard"]
        seen.append((_formulas(working.workbook), _formulas(draft.workbook)))
        return (Finding("W6", Level.NOTE, "Trends!A1", "no heading"), Finding("T1", level, "4b", "does not agree"))

    level = Level.STOP
    with pytest.raises(Refusal, match=r"is not published:\n  T1 4b: does not agree$"):
        publish(demo, catalogue, CALCULATOR, tmp_path, check=check, stamp=STAMP)
    assert list(tmp_path.iterdir()) == []
    level = Level.NOTE
    published = publish(demo, catalogue, CALCULATOR, tmp_path, check=check, stamp=STAMP)
    said = json.loads(published.files[1].read_text(encoding="utf-8"))
    told = {"what": "Remark", "means": checks()["W6"].for_readers, "where": "Trends, cell A1", "accepted": ""}
    finding = {"code": "W6", "level": "note", "message": "no heading", "place": "Trends!A1", "readers": told}
    assert said["checks"][0] == finding
    assert seen[0][0] > seen[0][1] > 0


def test_readers_are_told_in_their_words(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    """Of cells that they have, alike findings once; the statement keeps the exact words, an earlier one all it has."""
    row = Acceptance(("Sign-off", 20, 1), "T4", "Scorecard!J12", "up 3%", "As counted by hand", "A. Analyst", "1 May")
    found = (
        Finding("T9", Level.WARN, "Scorecard!J12", "write a comment"),
        Finding("T9", Level.WARN, "Scorecard!J14", "write a comment"),
        Finding("T10", Level.WARN, "Sign-off!B8", "the name belongs here", readers="nobody has signed"),
        Finding("T10", Level.NOTE, "Sign-off!A20", "accepts nothing: delete the row", readers=""),
        Finding("T4", Level.NOTE, "Scorecard!J12", "accepted by", "up 3%", row),
        Finding("T7", Level.NOTE, "Refresh log", "accepted by", "", row),
    )
    done = publish(demo, catalogue, CALCULATOR, tmp_path, check=lambda *_: found, stamp=STAMP)
    comment = "a figure in a comment is not a computed one"
    accepted = "; accepted by A. Analyst on 1 May: As counted by hand"
    expected = [
        ("Checks", ""),
        ("Weakness", "a red or amber measure has no comment (Scorecard, cell J12; Scorecard, cell J14)"),
        ("Weakness", "nobody has signed"),
        ("Accepted", f'{comment}: "up 3%" (Scorecard, cell J12){accepted}'),
        ("Accepted", f"{checks()['T7'].for_readers}{accepted}"),
    ]
    sheet = openpyxl.load_workbook(done.workbook)[ABOUT]
    rows = [(what, said or "") for what, said in sheet.iter_rows(max_col=2, values_only=True)]
    assert rows[rows.index(expected[0]) :][: len(expected) + 1] == [*expected, ("Left out, or made values", "")]
    assert not [said for _, said in rows if "Sign-off" in str(said) or "Refresh log" in str(said)]
    said = json.loads(done.files[1].read_text(encoding="utf-8"))
    assert [(one["place"], one["message"]) for one in said["checks"]] == [(one.place, one.message) for one in found]
    for one in said["checks"]:
        del one["readers"]
    assert ("warn: T10", "Sign-off!B8: the name belongs here") in about_rows(said)
    assert ("Checks", "nothing that readers need to know") in about_rows(said | {"checks": [{"readers": None}]})


def test_every_code_has_words_for_readers() -> None:
    for code, check in checks().items():
        told = for_readers(Finding(code, Level.WARN, "It's!A1", "do this"), ("It's",))
        assert told == {
            "what": "Weakness",
            "means": check.for_readers,
            "where": "It's, cell A1",
            "accepted": "",
        }


def _formulas(book: ClosedWorkbook) -> int:
    return sum(cell.formula is not None for sheet in book.sheet_names for cell in book.cells(sheet).values())


def test_a_page_is_written_beside_the_copy(demo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    def page(frozen: ClosedWorkbook, _catalogue: Catalogue, _spec: WorkbookSpec) -> dict[str, bytes]:
        return {".html": frozen.sheet_names[0].encode()}

    published = publish(demo, catalogue, CALCULATOR, tmp_path, page=page)
    assert published.files[2].name == f"{NAME}.html"
    assert published.files[2].read_bytes() == b"Cover"


def test_the_statement_says_what_the_copy_was_made_from(done: Published, demo: Path, catalogue: Catalogue) -> None:
    said = json.loads(done.files[1].read_text(encoding="utf-8"))
    assert said["as_of"] == "2009-01"
    assert said["period"] == "Jan-09"
    assert said["made"] == {"when": "2009-02-10T09:30+00:00", "who": "analyst", "with": f"cpa_xl {__version__}"}
    assert said["source"] == {"file": "cpa_scorecard.xlsx", "sha256": hashlib.sha256(demo.read_bytes()).hexdigest()}
    assert said["configuration"]["sha256"] == catalogue.digest
    for extract in said["extracts"]:
        content = (demo.parent / "extracts" / extract["File"]).read_bytes()
        assert extract["SHA256"] == hashlib.sha256(content).hexdigest()
    there = {path.name for path in (demo.parent / "extracts").iterdir()} - {"README.txt"}
    assert {extract["File"] for extract in said["extracts"]} == there
    assert said["workbook"]["sha256"] == hashlib.sha256(done.workbook.read_bytes()).hexdigest()
    assert {"kind": "formula of cpa_xl", "count": 991} in said["removed"]
    assert "Refresh log" not in json.dumps(said["sheets"])


def test_cover_and_contents_come_first_and_the_statement_last(done: Published) -> None:
    book = ClosedWorkbook.open(done.workbook)
    assert (book.sheet_names[:3], book.sheet_names[-1]) == ((COVER, CONTENTS, "Scorecard"), ABOUT)
    text = {place: cell.value for place, cell in book.cells(COVER).items()}
    assert text[1, 1] == "Critical Performance Areas scorecard, Jan-09"
    said = {text[row, 1]: text.get((row, 2)) for row, column in text if column == 1}
    assert (said["Period"], said["Contact"], said["Made on"]) == ("Jan-09", "not stated", "2009-02-10")
    # The scorecard of January 2009 as printed: ten green, two amber, two red, four rows without a letter.
    assert said["Letters"] == "10 green, 2 amber, 2 red, 4 without a letter"
    assert {"Contents", "Notes", "About this copy"} <= said.keys()


def test_the_contents_lead_to_every_other_sheet(done: Published) -> None:
    sheets = openpyxl.load_workbook(done.workbook)
    contents = sheets[CONTENTS]
    assert contents.tables[CONTENTS].ref == f"A3:B{len(sheets.sheetnames) + 1}"
    links = {cell.value: cell.hyperlink.location for row in contents["A4:A40"] for cell in row if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in sheets.sheetnames[2:]}
    held = {row[0].value: row[1].value for row in contents["A4:B40"] if row[0].value}
    assert held["Scorecard"] == "Critical Performance Areas scorecard"
    assert held["Monthly"] == "Monthly counts"
    assert held["Boroughs"] == "Each borough is judged by the force's target; rank 1 is best."
    assert "Refresh log" not in held


def test_the_commands(demo: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    made = run(main, ["publish", str(demo), "--out", str(tmp_path), "--page"])
    assert made.exit_code == 0, made.output
    assert "Left out: formula of cpa_xl: Scorecard (149)\n" in made.output
    assert f"Written: {tmp_path / NAME}.xlsx\n" in made.output
    said = json.loads((tmp_path / f"{NAME}.json").read_text(encoding="utf-8"))
    codes = {one["code"] for one in said["checks"]}
    assert ("T10" in codes, "W13" in codes) == (True, False)  # nobody has signed; the cover is there
    assert "Victim satisfaction" in (tmp_path / f"{NAME}.html").read_text(encoding="utf-8")
    checked = run(main, ["verify", str(tmp_path / f"{NAME}.xlsx")])
    assert checked.exit_code == 0, checked.output
    assert "agrees with its statement; looked at: 77 parts, 19 sheets, 54 figures" in checked.output
    path = tmp_path / f"{NAME}.xlsx"
    ClosedWorkbook.open(path).with_cell("Notes", 60, 1, "something else").save(path)
    checked = run(main, ["verify", str(tmp_path / f"{NAME}.xlsx")])
    assert checked.exit_code == 1
    assert "Differs: sheet Notes shows something else than when it was published\n" in checked.output
    assert "does not agree with its statement" in checked.output


def test_a_published_copy_can_be_shown(done: Published) -> None:
    shown = CliRunner().invoke(main, ["show", str(done.workbook), "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)[0]["rag"] == "A"
