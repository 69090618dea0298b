"""The scorecard as PDF: the sheets that are circulated, tagged and named, with their sparklines."""

import os
import re
import shutil
import zlib
from collections.abc import Sequence
from math import hypot
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.config.model import Catalogue, KnownBreak
from cpa_xl.errors import Refusal
from cpa_xl.libreoffice.soffice import PROGRAM, Office, find_office
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.xml import Element, parse
from cpa_xl.publish.cover import with_cover
from cpa_xl.publish.pdf import PIXEL, circulated, make_pdf, pdf, with_drawn_sparklines
from cpa_xl.scorecard.rows import read_trends
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import typed
from tests.support.statements import STATEMENT

SPEC = "cpa_scorecard"
CIRCULATED = ("Scorecard", "Trends", "Boroughs", "Notes")
SPARKLINES = "xl/drawings/sparklines0.xml"


@pytest.fixture(scope="module")
def office() -> Office:
    """The LibreOffice of this machine; on a build machine there has to be one."""
    try:
        return find_office()
    except Refusal as refusal:
        if "CI" in os.environ:
            pytest.fail(str(refusal))
        pytest.skip(str(refusal))


def contents(path: Path) -> bytes:
    """A PDF's bytes, with what its compressed streams say behind them."""
    data = path.read_bytes()
    streams = re.findall(rb"FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    return data + b"".join(zlib.decompressobj().decompress(stream) for stream in streams)


def alternatives(path: Path) -> list[str]:
    """The alternative texts of a PDF's pictures."""
    found = re.findall(rb"/Alt\s*<([0-9A-F]+)>", contents(path))
    return [bytes.fromhex(text.decode()).decode("utf-16") for text in found]


def test_what_is_printed(demo: Path, tmp_path: Path, office: Office) -> None:
    out = tmp_path / "scorecard.pdf"
    result = CliRunner().invoke(main, ["page", str(demo), "--out", str(out)], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, f"Written: {out}\n")
    found = contents(out)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in found
    assert b"Critical Performance Areas scorecard</rdf:li>" in found
    assert b"/Lang(en-GB)" in found
    assert b"/StructTreeRoot" in found
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", found)) <= 9  # the workbook as a whole takes 49
    said = alternatives(out)
    assert len([text for text in said if text.startswith("Trend, 13 values: from ")]) == 16
    assert len([text for text in said if "each month" in text or "each quarter" in text]) == 16


class Copying(Office):
    """Prints nothing: gives back the workbook that it was to print."""

    def run(self, arguments: Sequence[str], profile: Path, seconds: float = 0) -> str:
        source, target = Path(arguments[-1]), Path(arguments[-2])
        assert profile.exists() or seconds
        target.mkdir()
        shutil.copyfile(source, target / f"{source.stem}.pdf")
        return ""


def test_a_pdf_leads_to_no_file_and_says_no_folder(demo: Path, tmp_path: Path, office: Office) -> None:
    """Links to sheets that are not printed, and folders in headers, would name the folder in which it is printed."""
    book, part = ClosedWorkbook.open(demo), "xl/worksheets/sheet1.xml"
    text = book.package.text(part).decode()
    links = "".join(
        f'<hyperlink ref="A{row}" location="{place}"/>'
        for row, place in enumerate(("Monthly!A1", "Notes!A1", "[S:\\other.xlsx]Sheet1!A1"), 1)
    )
    assert text.count("<hyperlinks") == 0
    assert text.count("<pageMargins") == text.count("</oddFooter>") == 1
    text = text.replace("<pageMargins", f"<hyperlinks>{links}</hyperlinks><pageMargins")
    text = text.replace("</oddFooter>", "&amp;Z&amp;F</oddFooter>")
    linked = ClosedWorkbook(book.package.with_text(part, text.encode()))
    out = tmp_path / "a.pdf"
    out.write_bytes(pdf(linked, office, ("Scorecard", "Notes")))
    assert b"URI(file" not in contents(out)
    links_within = contents(out).count(b"/Dest[")
    out.write_bytes(pdf(book, office, ("Scorecard", "Notes")))
    assert links_within == contents(out).count(b"/Dest[") + 1  # the link to Notes
    out.write_bytes(pdf(linked, Copying(Path(), (0, 0)), ("Scorecard", "Notes")))
    printed = ClosedWorkbook.open(out).package.text(part).decode()
    assert 'location="Notes!A1"/></hyperlinks>' in printed
    assert "&amp;F</oddFooter>" in printed
    assert "&amp;Z" not in printed


def test_cover_and_contents_lead_to_the_pages(demo: Path, tmp_path: Path, office: Office, catalogue: Catalogue) -> None:
    """The contents of the PDF list its sheets, and not those that the workbook has besides."""
    book, spec, out = ClosedWorkbook.open(demo), catalogue.workbooks[SPEC], tmp_path / "a.pdf"
    covered = with_cover(book, STATEMENT)
    sheets = circulated(covered, spec)
    assert sheets == ("Cover", "Contents", *CIRCULATED, "About this copy")
    out.write_bytes(pdf(covered, Copying(Path(), (0, 0)), sheets))
    printed = openpyxl.load_workbook(out.rename(out.with_suffix(".xlsx")))["Contents"]
    rows = enumerate(printed.iter_rows(max_col=1, values_only=True), 1)
    shown = [texts[0] for row, texts in rows if not printed.row_dimensions[row].hidden]
    assert shown[2:] == ["Sheet", *CIRCULATED, "About this copy"]
    out.write_bytes(pdf(book, office, circulated(book, spec)))
    before = contents(out).count(b"/Subtype/Link")
    out.write_bytes(pdf(covered, office, sheets))
    # From the cover to contents, notes and statement; from the contents to each of the five sheets.
    assert contents(out).count(b"/Subtype/Link") == before + 3 + 5
    assert b"URI(" not in contents(out)


def test_without_libreoffice_the_command_says_what_would_do(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRAM, str(tmp_path / "nowhere"))
    out = tmp_path / "scorecard.pdf"
    result = CliRunner().invoke(main, ["page", str(demo), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 1
    assert f"set {PROGRAM} to the path of soffice" in result.output
    assert not out.exists()


@pytest.mark.skipif(not Path("/bin/true").exists(), reason="needs a program that does nothing")
def test_a_libreoffice_that_prints_nothing_is_named(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"LibreOffice \(/bin/true\) did not print .*cpa_scorecard\.xlsx: it gave no reason"
    ):
        make_pdf(demo, tmp_path / "none.pdf", Office(Path("/bin/true"), (25, 2)), ["Scorecard"])
    assert not (tmp_path / "none.pdf").exists()


def test_a_sheet_behind_others_is_printed_alone(demo: Path, office: Office, tmp_path: Path) -> None:
    """LibreOffice prints the print area of a hidden sheet too, here the scorecard's."""
    make_pdf(demo, tmp_path / "notes.pdf", office, ["Notes"])
    assert alternatives(tmp_path / "notes.pdf") == []  # the scorecard would bring 16 trends


def test_nothing_in_sight_is_refused(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="none of the sheets Nowhere is in sight, so that there is nothing to print"):
        make_pdf(demo, tmp_path / "none.pdf", Office(Path("/bin/true"), (25, 2)), ["Nowhere"])


def test_sheets_in_sight_without_tables_are_circulated(demo: Path, catalogue: Catalogue) -> None:
    book, spec = ClosedWorkbook.open(demo), catalogue.workbooks[SPEC]
    assert circulated(book, spec) == CIRCULATED
    package = book.package
    text = package.text(package.workbook_part).replace(b'name="Trends"', b'name="Trends" state="hidden"')
    hidden = ClosedWorkbook(package.with_text(package.workbook_part, text))
    assert circulated(hidden, spec) == ("Scorecard", "Boroughs", "Notes")


def test_sparklines_become_shapes_in_their_cells(demo: Path) -> None:
    """A shape for each of the 16 figures, in column H (7, counted from 0); the sparklines themselves are gone."""
    package = with_drawn_sparklines(ClosedWorkbook.open(demo), CIRCULATED)
    sheet = next(name for name in package.names if name.endswith("worksheets/sheet1.xml"))
    assert b"<x14:sparkline>" not in package.text(sheet)
    assert b"<drawing " in package.text(sheet)
    root = parse(package.text(SPARKLINES))
    anchors = root.all("oneCellAnchor")
    assert len(anchors) == 16
    for anchor in anchors:
        names = [(one.name, one.text) for one in anchor.walk() if one.name == "col"]
        assert names == [("col", "7")]
    assert package.content_type(SPARKLINES) == "application/vnd.openxmlformats-officedocument.drawing+xml"


def test_a_shapes_points_are_in_proportion_to_the_values(demo: Path) -> None:
    book = ClosedWorkbook.open(demo)
    table = book.tables["Trend"]
    column = table.first_col + [one.name for one in table.columns].index("9b figure")
    cells = book.cells(table.sheet)
    values = [cells[row, column].value for row in range(table.first_body_row, table.last_body_row + 1)]
    numbers = [value for value in values if isinstance(value, float)]
    root = parse(with_drawn_sparklines(book, CIRCULATED).text(SPARKLINES))
    words = "Trend, 13 values: from 191 to 239, lowest 190.5, highest 239"
    (anchor,) = (one for one in root.children if any(part.attributes.get("descr") == words for part in one.walk()))
    line = next(one for one in anchor.walk() if one.name == "path")
    heights = [int(one.attributes["y"]) for one in line.walk() if one.name == "pt"]
    assert len(heights) == len(numbers) == 13
    scale = (heights[-1] - heights[0]) / (numbers[-1] - numbers[0])
    assert scale < 0
    assert heights == pytest.approx([heights[0] + scale * (one - numbers[0]) for one in numbers], abs=2_000)


def test_provisional_months_are_hollow_dots(demo: Path) -> None:
    """Measure 5, "data from Jan-08 onwards is provisional"; here five months are final by now, in the other trends all.

    The line ends at the edge of a hollow dot, so that what is in it shows.
    """
    book = ClosedWorkbook.open(demo)
    table = book.tables["Trend"]
    column = table.first_col + [one.name for one in table.columns].index("5 provisional")
    for row in range(table.first_body_row, table.first_body_row + 5):
        book = typed(book, f"{table.sheet}!{cell_name(row, column)}", None)
    shapes = parse(with_drawn_sparklines(book, CIRCULATED).text(SPARKLINES)).children
    (shape,) = (one for one in shapes if "provisional" in described(one))
    assert described(shape).endswith(", provisional from Jun-08")
    (path,) = (one for one in shape.walk() if one.name == "path")  # no filled dot
    radii = [int(one.attributes["wR"]) // PIXEL for one in path.walk() if one.name == "arcTo"]
    assert radii == [2] * 7 + [3]
    circles = [at for at, one in enumerate(path.children) if one.name == "arcTo"]
    centres = [
        (x + radius * PIXEL, y)
        for (x, y), radius in zip((point(path.children[at - 1]) for at in circles), radii, strict=True)
    ]
    ends = [point(one) for one in path.children[: circles[0] - 1]]
    assert len(ends) >= 12
    for x, y in ends:
        assert all(hypot(x - a, y - b) >= radius * PIXEL - 2 for (a, b), radius in zip(centres, radii, strict=True))
    for other in (one for one in shapes if one is not shape):
        assert len([one for one in other.walk() if one.name == "arcTo"]) == 1


def described(shape: Element) -> str:
    return next(one.attributes["descr"] for one in shape.walk() if "descr" in one.attributes)


def point(step: Element) -> tuple[int, int]:
    """Where a step of a path leads."""
    place = step.children[0].attributes
    return int(place["x"]), int(place["y"])


def test_a_sheet_with_parts_of_its_own_keeps_its_sparklines(demo: Path) -> None:
    book = ClosedWorkbook.open(demo)
    drawn = with_drawn_sparklines(book, ["Trends"])  # it has charts
    assert drawn is book.package


def test_b13_a_known_break_is_an_upright_line(demo: Path, catalogue: Catalogue) -> None:
    """Dashes from top to bottom between June and July 2008, the sixth and seventh of the thirteen months."""
    book = ClosedWorkbook.open(demo)
    known = KnownBreak(month=Month(2008, 7), reason="counted once a vehicle")
    trends = read_trends(book, catalogue.workbooks[SPEC], {"4a": [known]})
    plain, drawn = (
        parse(with_drawn_sparklines(book, CIRCULATED, given).text(SPARKLINES)).children for given in (None, trends)
    )
    differing = [(one, other) for one, other in zip(plain, drawn, strict=True) if described(one) != described(other)]
    ((before, after),) = differing
    assert described(after) == f"{described(before)}; counted otherwise from Jul-08: counted once a vehicle"

    def points(shape: Element) -> list[tuple[int, int]]:
        path = next(one for one in shape.walk() if one.name == "path")
        return [(int(one.attributes["x"]), int(one.attributes["y"])) for one in path.walk() if one.name == "pt"]

    upright = [point for point in points(after) if point not in points(before)]
    line = points(before)
    (across,) = {x for x, _ in upright}
    assert across == pytest.approx((line[5][0] + line[6][0]) / 2, abs=2)
    assert len(upright) == 12
    assert min(y for _, y in upright) == 0
