"""`check --release` foretells publishing: the same findings, the same refusals in the same words, and no file."""

import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.config.load import load
from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import Package
from cpa_xl.publish.pipeline import preview, release
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade
from tests.support.fewcounts import few_respondents
from tests.support.partsmaker import OFFICE
from tests.support.releasing import place, rebuilt, typed

NAME = "cpa_scorecard.xlsx"
UNSIGNED = "warn: Sign-off!B8: the approver has not signed: "
Change = Callable[[Path], None]
"""Changes a copy of the demo's folder: the workbook, or the configuration in its folder config."""


def run(command: str, path: Path, *options: object) -> Result:
    config = ("--config", path.parent / "config")
    given = [str(one) for one in (command, path, *options, *config)]
    return CliRunner().invoke(main, given, catch_exceptions=False)


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def own(demo: Path, root: Path, tmp_path: Path) -> Path:
    """A workbook of the demo with its configuration beside it, to be changed."""
    shutil.copytree(root / "config", tmp_path / "config")
    return Path(shutil.copyfile(demo, tmp_path / NAME))


def swapped(path: Path, swaps: Mapping[str, tuple[str, str]], added: Mapping[str, str] | None = None) -> None:
    """Texts in parts of a file put in the place of others, once each; and further parts."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for name, (before, after) in swaps.items():
        assert before.encode() in parts[name], (name, before)
        parts[name] = parts[name].replace(before.encode(), after.encode(), 1)
    handmade.write(path, {**parts, **(added or {})})


def relation(kind: str, target: str) -> tuple[str, str]:
    entry = f'<Relationship Id="rId99" Type="{kind}" Target="{target}"/></Relationships>'
    return "</Relationships>", entry


def embedded_object(path: Path) -> None:
    inside = f'<oleObjects><oleObject progId="Excel.Sheet.12" shapeId="1" xmlns:r="{handmade.LINKS}" r:id="rId99"/>'
    swapped(
        path,
        {
            "xl/worksheets/sheet2.xml": ("</worksheet>", f"{inside}</oleObjects></worksheet>"),
            "xl/worksheets/_rels/sheet2.xml.rels": relation(f"{handmade.LINKS}/oleObject", "../embeddings/a.xlsx"),
        },
        {"xl/embeddings/a.xlsx": "S3CRET"},
    )


def web_add_in(path: Path) -> None:
    space = f"{OFFICE}/webextensions/webextension/2010/11"
    frame = f'<a:graphicData uri="{space}"><we:webextensionref xmlns:we="{space}" r:id="rId99"/></a:graphicData>'
    spaces = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="' + handmade.LINKS + '"'
    anchor = (
        "<xdr:absoluteAnchor><xdr:pos x='0' y='0'/><xdr:ext cx='1' cy='1'/><xdr:graphicFrame macro=''>"
        f"<a:graphic {spaces}>{frame}</a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:absoluteAnchor>"
    )
    kind = f"{OFFICE}/2011/relationships/webextension"
    swapped(
        path,
        {
            "xl/drawings/drawing1.xml": ("</xdr:wsDr>", f"{anchor}</xdr:wsDr>"),
            "xl/drawings/_rels/drawing1.xml.rels": relation(kind, "../we/webextension1.xml"),
        },
        {"xl/we/webextension1.xml": "<a>S3CRET</a>"},
    )


def another_time(path: Path) -> None:
    """A formula shows something else than it comes to, where no figure of the scorecard stands."""
    swapped(path, {"xl/worksheets/sheet10.xml": ('"RY"),NA())</f><v>0.', '"RY"),NA())</f><v>0.9')})


def beside_the_log(path: Path) -> None:
    listed = '<tableColumns count="1"><tableColumn id="1" name="Weekly"/></tableColumns>'
    table = f'<table xmlns="{handmade.MAIN}" id="99" name="Theirs" displayName="Theirs" ref="Z1:Z2">{listed}</table>'
    swapped(
        path,
        {"xl/worksheets/_rels/sheet16.xml.rels": relation(f"{handmade.LINKS}/table", "../tables/theirs.xml")},
        {"xl/tables/theirs.xml": table},
    )


def without_month(path: Path) -> None:
    book = ClosedWorkbook.open(path)
    sheet, row, column = book.named_cell("as_of")
    book.with_cell(sheet, row, column, "soon").save(path)


def configured(before: str, after: str) -> Change:
    """A change of the workbook's entry in the configuration."""

    def change(path: Path) -> None:
        listing = path.parent / "config/workbooks.yaml"
        text = listing.read_text(encoding="utf-8")
        assert text.count(before) == 1
        listing.write_text(text.replace(before, after), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (embedded_object, r"sheet Trends holds an embedded object, which carries data or programs of its own; delete"),
        (web_add_in, r"sheet Trends holds a web add-in, which carries data or programs of its own; delete it in Excel"),
        (another_time, r"shows figures of another time: Trend data!\w+ \(the calculator gets .*\); refresh it, or"),
        (beside_the_log, r"the log RefreshLog shares sheet Refresh log with other tables, and names who refreshed;"),
        (without_month, r"the as-of cell \(as_of, sheet '\w+'\) holds 'soon': "),
        (
            configured("      formulas: keep\n", "      formulas: keep\n      records: [Trend]\n"),
            r"Trend data, a sheet of records; let the chart",
        ),
        (
            configured("leave_out: [RefreshLog]", "leave_out: [RefreshLog, Minutes]"),
            r"has no sheet Minutes, which publish: in workbooks\.yaml names; it has Scorecard, Trends, ",
        ),
    ],
)  # fmt: skip
def test_what_publish_refuses_is_foretold(own: Path, change: Change, said: str) -> None:
    """In its words, as what stops, beside what the checks find all the same; and nothing is written."""
    change(own)
    before = files(own.parent)
    refused, told = run("publish", own), run("check", own, "--release")
    assert (refused.exit_code, told.exit_code) == (1, 1)
    assert re.search(said, refused.stderr)
    assert f"stop: {refused.stderr}" in told.stdout
    assert UNSIGNED in told.stdout
    assert re.search(r"^Not to be published yet: [1-9]\d* to be put right", told.stdout, flags=re.MULTILINE)
    assert files(own.parent) == before


def test_small_counts_that_a_comment_prints_are_foretold(demo: Path, root: Path, tmp_path: Path) -> None:
    path = few_respondents(demo, tmp_path / "few")
    shutil.copytree(root / "config", path.parent / "config")
    book = ClosedWorkbook.open(path)
    typed(book, place(book, "2", "Comments"), "The gap was 3.4pp in the first quarter.").save(path)
    refused, told = run("publish", path), run("check", path, "--release")
    assert (refused.exit_code, told.exit_code) == (1, 1)
    assert refused.stderr.endswith(
        "the comment of measure 2 prints 3.4pp (First quarter), which is suppressed; take it out of the comment\n"
    )
    assert f"stop: {refused.stderr}" in told.stdout
    assert UNSIGNED in told.stdout


def test_what_the_checks_find_in_the_copy_alone_is_foretold(own: Path) -> None:
    """A copy that would be without its scorecard; the working copy has it."""
    configured("leave_out_if_there: [Sign-off", "leave_out_if_there: [Scorecard, Sign-off")(own)
    refused, told = run("publish", own), run("check", own, "--release")
    assert (refused.exit_code, told.exit_code) == (1, 1)
    message = "the copy has no sheet Scorecard: publish it with its scorecard"
    assert f"  W11 {NAME}: {message}\n" in refused.stderr
    assert f"stop: {NAME}: {message} (W11)\n" in told.stdout
    listed = [f"stop: {place}: {said} ({code})" for code, place, said in
              re.findall(r"^  (\w+) (.*?): (.*)$", refused.stderr, flags=re.MULTILINE)]  # fmt: skip
    assert [line for line in told.stdout.splitlines() if line.startswith("stop: ")] == listed


def test_what_the_copy_has_not_does_not_stop_it(own: Path) -> None:
    """A hidden sheet stays at home. Nothing is written where nothing is refused either."""
    swapped(own, {"xl/workbook.xml": ('<sheet name="Trend data"', '<sheet state="hidden" name="Trend data"')})
    before = files(own.parent)
    told = preview(own, load(own.parent / "config"))
    assert not told.stopped
    assert files(own.parent) == before
    assert release(own, load(own.parent / "config")).findings == told.findings


def test_a_file_that_cannot_be_made_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what was found in the copy: after it was checked, its parts do not make a file."""

    def damaged(_: Package) -> tuple[bytes, ...]:
        raise Refusal(f"{own} would be damaged, so nothing is written: two sheets of one name")

    monkeypatch.setattr(Package, "checked", damaged)
    refused, told = run("publish", own), run("check", own, "--release")
    assert (refused.exit_code, told.exit_code) == (1, 1)
    assert told.stdout.startswith(f"stop: {refused.stderr}{UNSIGNED}")


def test_an_open_workbook_is_looked_at_as_it_was_saved(own: Path) -> None:
    own.with_name(f".~lock.{own.name}#").touch()
    refused, told = run("publish", own), run("check", own, "--release")
    assert refused.stderr == f"{own} is open in LibreOffice; save and close it there first\n"
    assert told.exit_code == 1
    assert told.stdout.startswith(f"stop: {refused.stderr}{UNSIGNED}")


def test_a_copy_that_cannot_be_compared_is_told(own: Path) -> None:
    """The one that would be compared by itself: no workbook, or one of other tables."""
    last = own.with_name("cpa_scorecard 2008-12 published.xlsx")
    last.write_text("no workbook")
    refused, told = run("publish", own), run("check", own, "--release")
    assert f"stop: {refused.stderr}{UNSIGNED}" in told.stdout
    book = ClosedWorkbook.open(own)
    for number in range(1, len(book.tables) + 1):
        book = rebuilt(book, f"xl/tables/table{number}.xml", ' displayName="', ' displayName="Old_')
    book.save(last)
    refused, told = run("publish", own), run("check", own, "--release")
    assert f"{last.name} cannot be compared: it has none of the tables of {NAME}; name the copy" in refused.stderr
    assert (refused.exit_code, told.exit_code) == (1, 1)
    assert f"stop: {refused.stderr}{UNSIGNED}" in told.stdout
    assert "Compared with" not in told.stdout
    done, told = run("publish", own, "--no-since"), run("check", own, "--release", "--no-since")
    assert done.exit_code == told.exit_code == 0
    assert "Compared" not in done.output + told.output


@pytest.mark.parametrize("gone", [None, ".xlsx", ".json"])
def test_a_month_that_is_published_already_is_a_note(own: Path, released: Path, gone: str | None) -> None:
    """In the folder that it is published to, be it the copy or its statement alone."""
    out = ("--out", own.parent / "out")
    shutil.copytree(released.parent, own.parent / "out")
    for file in (own.parent / "out").glob(f"*{gone}"):
        file.unlink()
    refused, told = run("publish", own, *out), run("check", own, "--release", *out)
    assert refused.stderr.endswith(
        " is there already; give --force to write over it, or --out DIR for another folder\n"
    )
    assert told.exit_code == 0
    assert f"note: {refused.stderr}" in told.stdout
    assert told.stdout.endswith(
        "No check stops it from being published: 0 to be put right, 1 to be looked at, 1 to be known\n"
    )


def test_a_published_copy_is_not_published_again(done_copy: Path) -> None:
    refused, told = run("publish", done_copy), run("check", done_copy, "--release")
    assert "has a sheet 'About this copy' already; publish the working workbook, or rename that sheet" in refused.stderr
    assert (refused.exit_code, told.exit_code) == (1, 1)
    assert told.stdout.startswith(f"stop: {refused.stderr}")


@pytest.fixture
def done_copy(copied: Path, root: Path) -> Path:
    shutil.copytree(root / "config", copied.parent / "config")
    return copied
