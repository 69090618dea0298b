"""The page for circulation says what the workbook's cells say, needs nothing else, and can be read by everybody."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.worksheet.worksheet import Worksheet

from cpa_xl.cli.main import main
from cpa_xl.config.model import Catalogue, KnownBreak, TableRows, TableSpec
from cpa_xl.errors import Refusal
from cpa_xl.measures.periods import Month
from cpa_xl.publish.annotate.since_last import Comparison, Since, Topic
from cpa_xl.publish.cover import with_changes
from cpa_xl.publish.page import STYLE, page, write_page
from cpa_xl.publish.page_rows import EDGE, HEIGHT, WARNING, WIDTH, PageRow, page_html, sparkline, tag, trend_in_words
from cpa_xl.scorecard.rows import TrendPoint, known_breaks
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import TextSheet, with_text_sheets
from tests.support.colours import contrast
from tests.support.readhtml import of_class, read, table, words
from workbooks.house import INKS

SPEC = "cpa_scorecard"
PRINTED = ("No.", "Measure", "2008/09 target", "Latest data", "Period", "Comments")


@pytest.fixture(scope="module")
def text(demo: Path, catalogue: Catalogue) -> str:
    """The page of the demo's workbook."""
    return page(ClosedWorkbook.open(demo), catalogue.workbooks[SPEC])


@pytest.fixture(scope="module")
def html(text: str) -> Element:
    return read(text)


@pytest.fixture(scope="module")
def sheets(demo: Path) -> dict[str, Worksheet]:
    """The demo's worksheets, read by another library."""
    book = openpyxl.load_workbook(demo, data_only=True)
    return {sheet.title: sheet for sheet in book.worksheets}


def body(sheet: Worksheet, headings: int) -> tuple[list[str], list[list[object]]]:
    """The headings of a sheet, which stand in that row, and the rows below it."""
    rows: list[list[object]] = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=headings)]
    return [str(head or "") for head in rows[0]], rows[1:]


def test_rows_are_the_workbooks(html: Element, sheets: dict[str, Worksheet]) -> None:
    heads, rows = table(html, "scorecard")
    titles, cells = body(sheets["Scorecard"], 5)
    wanted = [row for row in cells if row[titles.index("Id")]]
    assert len(rows) == len(wanted) == 18
    for row, cell in zip(rows, wanted, strict=True):
        for name in PRINTED:
            expected = " ".join(str(cell[titles.index(name)] or "").split())
            shown = row[heads.index(name)].removesuffix(" [p]").removesuffix(" Notes")
            assert shown == expected, (row, name)
        said = [str(cell[titles.index(name)] or "") for name in ("RAG", "Status", "Direction")]
        assert row[heads.index("RAG")] == " ".join(said[:2])
        assert row[heads.index("Direction")] == said[2]


def test_rows_stand_under_their_areas_of_performance(html: Element, sheets: dict[str, Worksheet]) -> None:
    titles, cells = body(sheets["Scorecard"], 5)
    wanted = [row[1] for row in cells if row[1] and not row[0] and not row[titles.index("Id")]]
    wanted = wanted[: wanted.index("Support for the development of the Olympic security programme") + 1]
    groups = [words(row) for row in html.iter("tr") if row.get("class") == "group"]
    assert groups == wanted
    assert groups[0] == "Improve victim satisfaction with our service"


def test_title_and_remarks(html: Element) -> None:
    title = "Critical Performance Areas scorecard, January 2009"
    assert [words(one) for one in (*html.iter("title"), *html.iter("h1"))] == [title, title]
    (header,) = html.iter("header")
    assert [words(one) for one in header.iter("p")] == [
        "Computed from SYNTHETIC sample data: not real police figures.",
        "Performance for rolling 12 months (RY to Jan-09) unless otherwise stated.",
    ]
    assert header.findall("p")[0].get("class") == "warning"


def test_letters_have_their_class(html: Element) -> None:
    (scorecard,) = of_class(html, "scorecard")
    found = [(one.text, one.get("class")) for one in of_class(scorecard, "letter")]
    classes = {"G": "letter green", "A": "letter amber", "R": "letter red", "–": "letter none"}
    assert all(classes[letter or ""] == kind for letter, kind in found)
    assert [letter for letter, _ in found].count("G") == 10


def test_months_are_the_trend_tables_as_printed(html: Element, sheets: dict[str, Worksheet]) -> None:
    heads, rows = table(html, "months")
    titles, cells = body(sheets["Trend data"], 4)
    assert heads[2:] == [Month.read(cell[0]).label for cell in cells]
    by_number = {row[0]: row for row in rows}
    for number, times in (("1", 100), ("4b", 100), ("7", 100)):
        values = [row[titles.index(f"{number} figure")] for row in cells]
        assert by_number[number][2:] == [f"{float(str(value)) * times:.1f}%" for value in values]
    assert by_number["9b"][2:] == [f"{float(str(row[titles.index('9b figure')])):.0f}" for row in cells]
    assert all(cell.endswith("% [p]") for cell in by_number["5"][2:])
    assert not any("[p]" in cell for number, row in by_number.items() if number != "5" for cell in row)


def points(picture: Element) -> list[list[tuple[float, float]]]:
    """The points of a sparkline's lines."""
    lines = (one.get("points", "").split() for one in picture.iter("polyline"))
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in line)] for line in lines]


def test_sparklines_go_through_the_trends_figures(html: Element, sheets: dict[str, Worksheet]) -> None:
    """Heights are in proportion to the figures, to the tenth of a unit that the picture is written with."""
    titles, cells = body(sheets["Trend data"], 4)
    pictures = list(html.iter("svg"))
    figures = [title for title in titles if title.endswith(" figure")]
    assert len(pictures) == len(figures) == 16
    for picture, title in zip(pictures, figures, strict=True):
        values = [float(str(row[titles.index(title)])) for row in cells]
        (line,) = points(picture)
        heights = [-y for _, y in line]
        scale = (heights[-1] - heights[0]) / (values[-1] - values[0])
        assert scale > 0
        assert heights == pytest.approx([heights[0] + scale * (one - values[0]) for one in values], abs=0.6), title
        assert [x for x, _ in line] == sorted(x for x, _ in line)


def test_provisional_months_are_hollow_dots_and_said(html: Element) -> None:
    by_words = {picture.get("aria-label", ""): picture for picture in html.iter("svg")}
    (casualties,) = (name for name in by_words if "-15.0%" in name)
    assert casualties == (
        "Thirteen months to Jan-09: from -5.8% in Jan-08 to -15.0% in Jan-09; lowest -15.0% in Jan-09, highest -5.8% in"
        " Jan-08; provisional from Jan-08; target -3%."
    )
    assert len(of_class(by_words[casualties], "hollow")) == 13
    others = (picture for name, picture in by_words.items() if name != casualties)
    assert not any(of_class(picture, "hollow") for picture in others)
    assert all(picture.get("role") == "img" for picture in by_words.values())


def made(values: Sequence[float | None], judged: Sequence[bool] = ()) -> tuple[TrendPoint, ...]:
    """A trend from January 2008 on."""
    holds = [*judged, *([False] * len(values))]
    return tuple(TrendPoint(Month(2008, 1) + at, value, False, holds[at]) for at, value in enumerate(values))


def test_figures_of_months_that_no_style_fits_are_plain() -> None:
    """0.108 is 10.8 %; 10.8 in a column of fractions is no percentage that could be printed."""
    line = PageRow({}, None, (), {"Actual style": "percent"})
    assert [line.figure(value) for value in (0.108, 10.8, None)] == ["10.8%", "10.8", "[x]"]
    assert PageRow({}, None, (), {}).figure(0.108) == "0.108"


def test_a_missing_month_breaks_the_line_and_is_said() -> None:
    trend = made([1.0, 2.0, None, 3.0, 4.0])
    picture = sparkline(trend, None, "words")
    assert picture is not None
    assert [len(line) for line in points(picture)] == [2, 2]
    assert trend_in_words(trend, str, "") == (
        "Five months to May-08: from 1.0 in Jan-08 to 4.0 in May-08; lowest 1.0 in Jan-08, highest 4.0 in May-08;"
        " no figure for Mar-08."
    )


def test_sparklines_of_one_month_of_level_figures_and_of_none() -> None:
    single = sparkline(made([1.0]), None, "words")
    assert single is not None
    assert (points(single), len(list(single.iter("circle")))) == ([], 1)
    level = sparkline(made([5.0, 5.0]), None, "words")
    assert level is not None
    assert [y for _, y in points(level)[0]] == [HEIGHT / 2] * 2
    assert sparkline(made([None, None]), 1.0, "words") is None
    assert trend_in_words(made([None]), str, "") == "no figures"


def test_the_target_is_drawn_in_the_months_that_it_holds_for() -> None:
    picture = sparkline(made([1.0, 2.0, 3.0], [False, True, True]), 4.0, "words")
    assert picture is not None
    (dashes,) = picture.iter("line")
    assert dashes.get("y1") == dashes.get("y2") == f"{EDGE:.1f}"  # the highest value stands at the upper edge
    assert points(picture)[0][0][0] < float(dashes.get("x1", "")) < points(picture)[0][1][0]
    nowhere = sparkline(made([1.0, 2.0, 3.0]), 4.0, "words")
    assert nowhere is not None
    assert not list(nowhere.iter("line"))


def test_sources_are_the_extracts(html: Element, sheets: dict[str, Worksheet]) -> None:
    heads, rows = table(html, "sources")
    titles, cells = body(sheets["Extracts"], 4)
    assert heads == ["Source", "File", "SHA-256 of the file", "Records", "Months", "Note"]
    for row, cell in zip(rows, cells, strict=True):
        assert row[:3] == [cell[titles.index(name)] for name in ("Title", "File", "SHA256")]
        assert row[3] == f"{cell[titles.index('Rows')]:,}"
        assert row[5] == cell[titles.index("Note")]
    assert {row[4] for row in rows} == {"Feb-06 to Jan-09", "Mar-06 to Sep-08", "Mar-06 to Dec-08"}


def test_notes_say_what_the_table_of_measures_says(html: Element, sheets: dict[str, Worksheet]) -> None:
    notes = {words(one[0]): " | ".join(words(part) for part in one[1]) for one in of_class(html, "note")}
    titles, cells = body(sheets["Measures"], 4)
    caveats = {str(cell[0]): cell[titles.index("Caveats")] for cell in cells if cell[titles.index("Caveats")]}
    for number, caveat in caveats.items():
        assert any(title.startswith(f"{number} ") and str(caveat) in said for title, said in notes.items()), number
    (casualties,) = (said for title, said in notes.items() if title.startswith("5 "))
    assert casualties == (
        "Letter | -15.0% against a target of -3.0%: better by 12.0 points | Better | lower"
        " | Provisional | from Jan-08: late submissions may increase KSIs | Source | Road casualties by severity"
    )


def test_shorthand_that_stands_on_the_page_is_explained_and_no_other(html: Element) -> None:
    (key,) = (one for one in html.iter("section") if one.get("id") == "key")
    terms = [words(one) for one in key.iter("dt")]
    assert terms == ["G", "A", "R", "–", "[p]"]


def since_december(demo: Path, catalogue: Catalogue, *changes: Since) -> Element:
    """The page of the demo's workbook with a sheet that says what changed since December."""
    book = with_changes(ClosedWorkbook.open(demo), Comparison("last.xlsx", "Dec-08", changes))
    return read(page(book, catalogue.workbooks[SPEC]))


def test_what_changed_stands_in_its_order(demo: Path, html: Element, catalogue: Catalogue) -> None:
    """Measures first, then past months, then what they are judged by; where nothing was compared, nothing is said."""
    assert not [one for one in html.iter() if one.get("id") == "changes"]
    found = since_december(
        demo, catalogue,
        Since(Topic.TARGET, "1 Satisfaction", "78.9%", "80.0%"),
        Since(Topic.PERIOD, "5 Roads", "RY to Dec-08", "RY to Jan-09"),
        Since(Topic.REVISION, "Monthly, Jun-08, Robbery", "2,737", "2,744"), Since(Topic.TABLE, "Wards", "", "new"),
        Since(Topic.LETTER, "5 Roads", "A", "G"), Since(Topic.FIGURE, "5 Roads", "-14.4%", "-15.0%"),
    )  # fmt: skip
    (section,) = (one for one in found.iter("section") if one.get("id") == "changes")
    assert [words(one) for one in (*section.iter("h2"), *section.iter("p"))] == [
        "What changed since Dec-08", "This copy is compared with last.xlsx. [r] marks a past month that was revised.",
    ]  # fmt: skip
    assert [[words(cell) for cell in row] for row in section.iter("tr")] == [
        ["Which", "What", "Before", "Now", "Mark"],
        ["Figures and letters of the measures"],
        ["5 Roads", "letter", "A", "G", ""], ["5 Roads", "figure", "-14.4%", "-15.0%", ""],
        ["Past months revised"], ["Monthly, Jun-08, Robbery", "past month revised", "2,737", "2,744", "[r]"],
        ["Targets and definitions"], ["1 Satisfaction", "target", "78.9%", "80.0%", ""],
        ["Periods, months and tables"], ["5 Roads", "period", "RY to Dec-08", "RY to Jan-09", ""],
        ["Wards", "table", "", "new", ""],
    ]  # fmt: skip
    (key,) = (one for one in found.iter("section") if one.get("id") == "key")
    assert "[r]" in [words(one) for one in key.iter("dt")]
    assert ("What changed since Dec-08", "#changes") in [(words(one), one.get("href")) for one in found.iter("a")]


def test_nothing_changed_is_said(demo: Path, catalogue: Catalogue) -> None:
    (section,) = (one for one in since_december(demo, catalogue).iter("section") if one.get("id") == "changes")
    assert [words(one) for one in section.iter("p")] == ["This copy is compared with last.xlsx. Nothing changed."]
    assert not list(section.iter("table"))


def test_long_lists_of_changes_are_cut(demo: Path, catalogue: Catalogue) -> None:
    revised = [Since(Topic.REVISION, f"Areas, Jun-08, {at}", "1", "2") for at in range(1_210)]
    found = since_december(demo, catalogue, *revised, Since(Topic.FIGURE, "5 Roads", "-14.4%", "-15.0%"))
    _, rows = table(found, "changes")
    assert (len(rows), rows[0][0], rows[-1][0]) == (1 + 100, "5 Roads", "Areas, Jun-08, 99")
    (section,) = (one for one in found.iter("section") if one.get("id") == "changes")
    said = "Past months revised: 1,110 more are on the sheet What changed of the workbook."
    assert [words(one) for one in section.iter("p")][1:] == [said]


def test_a_sheet_of_that_name_that_is_somebodys_own_is_left_alone(demo: Path, catalogue: Catalogue) -> None:
    own = TextSheet("What changed", [("Our own log",), ("January: nothing",)], (30,))
    text = page(with_text_sheets(ClosedWorkbook.open(demo), [own]), catalogue.workbooks[SPEC])
    assert "January: nothing" not in text


def test_nothing_is_fetched_and_no_script_runs(text: str, html: Element) -> None:
    for element in html.iter():
        assert element.tag not in {"script", "img", "iframe", "object", "embed", "video", "audio", "form", "base"}
        assert not {"src", "srcset", "action", "style"} & set(element.keys())
        assert not [name for name in set(element.keys()) if name.startswith("on")]
        assert element.get("href", "#").startswith(("#", "data:,"))
    assert not re.search(r"https?:|//[a-z]|url\(|@import", text)
    (policy,) = (one.get("content", "") for one in html.iter("meta") if one.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")


def test_structure_for_keyboard_and_screen_reader(html: Element) -> None:
    assert html.get("lang") == "en-GB"
    assert [len(list(html.iter(name))) for name in ("main", "header", "footer", "nav", "h1")] == [1, 1, 1, 1, 1]
    ids = [one.get("id") for one in html.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    named = [one.get("href", "#")[1:] for one in html.iter("a")]
    named += [one.get("aria-labelledby", "") for one in html.iter("section")]
    assert set(named) <= set(ids)
    assert next(html.iter("a")).get("class") == "skip"
    assert all(int(one.get("tabindex", "0")) <= 0 for one in html.iter())
    levels = [int(one.tag[1]) for one in html.iter() if re.fullmatch("h[1-6]", one.tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    texts = ["".join(one.itertext()) for one in html.iter("a")]
    assert len(set(texts)) == len(texts), "links that lead elsewhere say so"


def test_tables_say_what_their_cells_are(html: Element) -> None:
    """Roles are stated, since some browsers forget those of elements that a style shows as blocks."""
    roles = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
    for element in html.iter():
        if element.tag in roles:
            assert element.get("role") == roles[element.tag]
        if element.tag == "th":
            scopes = {"col": "columnheader", "row": "rowheader", "rowgroup": "rowheader"}
            assert element.get("role") == scopes[element.get("scope", "")]
    for made in html.iter("table"):
        assert made[0].tag == "caption"
        heads = [words(one) for one in made[1].iter("th")]
        for cell in made.iter("td"):
            assert cell.get("data-label") in heads


def changed(demo: Path, tmp_path: Path, comment: str) -> ClosedWorkbook:
    """The demo's workbook with another comment on gun crime, which is typed text there."""
    book = ClosedWorkbook.open(demo)
    cells = book.cells("Scorecard")
    ((row, column),) = (at for at, cell in cells.items() if str(cell.value).startswith("Reflects Gun Crime"))
    path = tmp_path / "changed.xlsx"
    book.with_cell("Scorecard", row, column, comment).save(path)
    return ClosedWorkbook.open(path)


def test_what_people_type_is_text(demo: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    typed = 'Gun crime <script>alert("1")</script> & <b>CS</b> gas\n</td> &amp; [r]'
    text = page(changed(demo, tmp_path, typed), catalogue.workbooks[SPEC])
    assert "<script" not in text
    assert '&lt;script&gt;alert("1")&lt;/script&gt; &amp; &lt;b&gt;CS&lt;/b&gt; gas\n&lt;/td&gt; &amp;amp; [r]' in text
    html = read(text)
    assert typed in ["".join(one.itertext()) for one in of_class(html, "said")]
    (key,) = (one for one in html.iter("section") if one.get("id") == "key")
    assert [words(one) for one in key.iter("dt")] == ["G", "A", "R", "–", "[p]", "[r]"]


def test_characters_that_no_page_may_hold_are_left_out() -> None:
    assert (
        page_html(tag("p", "a\x0bb\nc", title='"\x00>&')) == '<!DOCTYPE html>\n<p title="&quot;&gt;&amp;">ab\nc</p>\n'
    )


def test_children_stand_in_their_order() -> None:
    assert page_html(tag("p", "a", None, tag("b", "c"), "d", "e")).endswith("<p>a<b>c</b>de</p>\n")


def test_real_data_get_no_warning(demo: Path, catalogue: Catalogue) -> None:
    """The sheet's warning and the extracts' notes are both signs of sample data; either is enough."""
    spec, book = catalogue.workbooks[SPEC], ClosedWorkbook.open(demo)
    unsaid = book.with_values({("Scorecard", 4, 1): ""})
    (warning,) = of_class(read(page(unsaid, spec)), "warning")
    assert words(warning) == WARNING
    notes = [at for at, cell in book.cells("Extracts").items() if "SYNTHETIC" in str(cell.value)]
    real = unsaid
    for row, column in notes:
        real = real.with_cell("Extracts", row, column, "")
    assert not of_class(read(page(real, spec)), "warning")


def test_a_copy_without_its_log_has_a_page(demo: Path, catalogue: Catalogue) -> None:
    """Published copies leave the log of refreshes out; then the page does not say when the last one was."""
    spec = catalogue.workbooks[SPEC]
    assert "Last refreshed 20" in page(ClosedWorkbook.open(demo), spec)
    tables = {name: table for name, table in spec.tables.items() if table.rows is not TableRows.LOG}
    gone = {"Gone": TableSpec(rows=TableRows.LOG), "Too": TableSpec(rows=TableRows.MONTHS, key="Month")}
    text = page(ClosedWorkbook.open(demo), spec.model_copy(update={"tables": {**tables, **gone}}))
    assert "Last refreshed" not in text
    assert len(list(read(text).iter("svg"))) == 16


def test_a_scorecard_without_figures_has_a_page(root: Path, catalogue: Catalogue) -> None:
    """The template before its first refresh: rows, but no extracts, months or notes."""
    html = read(page(ClosedWorkbook.open(root / "workbooks/cpa_scorecard.xlsx"), catalogue.workbooks[SPEC]))
    assert [one.get("id") for one in html.iter("section")] == ["scorecard", "key"]
    assert len(of_class(html, "letter")) == 4  # of the key


def test_a_workbook_without_a_scorecard_is_refused(demo: Path, catalogue: Catalogue) -> None:
    spec = catalogue.workbooks[SPEC].model_copy(update={"scorecard": None})
    with pytest.raises(Refusal, match=r"workbooks\.yaml names no scorecard for this workbook; add scorecard: with"):
        page(ClosedWorkbook.open(demo), spec)
    card = catalogue.workbooks[SPEC].scorecard
    assert card is not None
    spec = spec.model_copy(update={"scorecard": card.model_copy(update={"sheet": "Card"})})
    with pytest.raises(Refusal, match=r"cpa_scorecard\.xlsx has no sheet Card, and the page shows the"):
        page(ClosedWorkbook.open(demo), spec)


def test_write_page_and_its_refusal(demo: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    out = tmp_path / "page.html"
    write_page(demo, out, catalogue)
    assert read(out.read_text(encoding="utf-8")).get("lang") == "en-GB"
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    with pytest.raises(Refusal, match=r"other\.xlsx has no tables to refresh that workbooks\.yaml knows"):
        write_page(other, tmp_path / "none.html", catalogue)
    assert not (tmp_path / "none.html").exists()


def test_the_command(demo: Path, tmp_path: Path, text: str) -> None:
    out = tmp_path / "scorecard.html"
    result = CliRunner().invoke(main, ["page", str(demo), "--out", str(out)], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, f"Written: {out}\n")
    assert out.read_text(encoding="utf-8") == text


def schemes() -> dict[str, dict[str, str]]:
    """The colours of the style sheet by name, in light and in dark."""
    style = STYLE.read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in style.split("@media", 2)[:2])
    return {"light": light, "dark": {**light, **dark}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_stand_out(scheme: str) -> None:
    """Text 4.5 to 1 on its ground, what is drawn 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    colours = schemes()[scheme]
    pairs = [(name, "ground") for name in ("ink", "title", "note", "warning", "link")]
    pairs += [(f"{name}-ink", name) for name in ("head", "group", "green", "amber", "red", "none")]
    pairs += [(name, "group") for name in ("link", "ink")]  # on a card's heading
    for ink, ground in pairs:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for ink in ("line", "aim", "edge"):
        assert contrast(colours[ink], colours["ground"]) >= 3, ink


def test_letters_have_the_workbooks_colours() -> None:
    for letter, name in {"G": "green", "A": "amber", "R": "red", "–": "none"}.items():
        for scheme in schemes().values():
            ink = INKS[letter]
            assert (scheme[f"{name}-ink"], scheme[name]) == (ink.text.lower(), ink.ground.lower())


BREAK = KnownBreak(month=Month(2008, 7), reason="thefts from vehicles count once a vehicle")


def test_b13_a_known_break_is_an_upright_line_with_month_and_reason(demo: Path, catalogue: Catalogue) -> None:
    """Between June and July 2008, in the trend of the one measure; a break before the trend begins is in no picture."""
    early = BREAK.model_copy(update={"month": Month(2008, 1)})  # the first month of the thirteen
    text = page(ClosedWorkbook.open(demo), catalogue.workbooks[SPEC], {"4a": [BREAK], "4b": [early]})
    html, said = read(text), "ounted otherwise from Jul-08: thefts from vehicles count once a vehicle"
    (line,) = of_class(html, "break")
    assert (line.get("x1"), line.get("x2")) == (line.get("x2"), f"{EDGE + (WIDTH - 2 * EDGE) * 5.5 / 12:.1f}")
    assert [words(one) for one in of_class(html, "why")] == [f"C{said}"]
    (picture,) = (one for one in of_class(html, "spark") if of_class(one, "break"))
    assert f"; c{said}; target" in str(picture.get("aria-label"))
    assert "An upright line: from there on something else is counted." in text


def test_b13_breaks_are_those_of_the_series_that_a_figure_counts(catalogue: Catalogue) -> None:
    """Offences moved between two series; the measure counts their sum, and its own trend has no break."""
    assert len(catalogue.series["msv"].known_breaks) == 1
    assert not any(known_breaks(catalogue).values())
    series = {**catalogue.series, "sac": catalogue.series["sac"].model_copy(update={"known_breaks": (BREAK,)})}
    found = known_breaks(replace(catalogue, series=series))
    assert {measure: list(breaks) for measure, breaks in found.items() if breaks} == {"4a": [BREAK], "4b": [BREAK]}


def test_b13_without_a_break_nothing_is_said(text: str) -> None:
    assert "upright line" not in text
    assert not of_class(read(text), "why")
