"""Suppression in published copies: what is hidden, that nothing in the file tells it, and that the rest stays."""

import datetime as dt
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.config.model import TableRows, TableSpec, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.measures.suppression import CONFIDENTIAL, is_small
from cpa_xl.ooxml.a1 import cell_position
from cpa_xl.ooxml.insert import with_typed_part
from cpa_xl.ooxml.sheet import EMPTY
from cpa_xl.publish.annotate.since_last import Topic, since_last
from cpa_xl.publish.disclosure import INSTEAD, WHAT, known_sums, suppression
from cpa_xl.publish.draft import Draft, Working
from cpa_xl.scorecard.recompute import StoredFigures
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.fewcounts import few_respondents, few_victims
from tests.support.recalculated import changes, recalculated
from tests.support.releasing import configuration, place, typed

C = CONFIDENTIAL
YOUTH = "Youth violence victims"
Table = dict[tuple[object, ...], dict[str, object]]


def published(path: Path, out: Path, *options: str) -> Path:
    """The copy that the command makes."""
    result = CliRunner().invoke(main, ["publish", str(path), "--out", str(out), *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out / f"{path.stem} 2009-01 published.xlsx"


def rows_of(book: ClosedWorkbook, name: str, keys: int) -> Table:
    """A table by its first columns, then by heading."""
    table, cells = book.tables[name], book.cells(book.tables[name].sheet)
    found: Table = {}
    for row in range(table.first_body_row, table.last_body_row + 1):
        values = [cells.get((row, table.first_col + at), EMPTY).value for at in range(len(table.columns))]
        found[tuple(values[:keys])] = dict(zip([column.name for column in table.columns], values, strict=True))
    return found


@pytest.fixture(scope="module")
def small(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_victims(demo, tmp_path_factory.mktemp("victims") / "demo")


@pytest.fixture(scope="module")
def copy(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(small, tmp_path_factory.mktemp("copy"), "--page")


def test_small_counts_by_borough_and_few_others_are_hidden(small: Path, copy: Path) -> None:
    """Every count of 1 to 4, and hardly any above; all other columns are as they were."""
    before, after = (rows_of(ClosedWorkbook.open(path), "Areas", 2) for path in (small, copy))
    hidden = {key for key, row in after.items() if row[YOUTH] == C}
    small_ones = {key for key, row in before.items() if is_small(float(str(row[YOUTH])))}
    assert len(small_ones) > 400
    assert small_ones <= hidden
    assert len(hidden) < 1.1 * len(small_ones)
    for key, row in before.items():
        seen = {heading: after[key][heading] for heading in row}
        assert seen == (row | {YOUTH: C} if key in hidden else row)
    zeros = {key[0] for key, row in before.items() if row[YOUTH] == 0 and key in hidden}
    assert zeros <= {39479.0, 39508.0, 39114.0, 39142.0}  # the rest of a rolling year beside the year to date


def test_algebra_finds_no_hidden_count(small: Path, copy: Path) -> None:
    """Force totals, rolling years and years to date of each borough, in a matrix: the null space reaches every hidden
    count, so that no combination of the sums gives one (singular values, apart from the code that hides)."""
    before, after = (rows_of(ClosedWorkbook.open(path), "Areas", 2) for path in (small, copy))
    hidden = [key for key, row in after.items() if row[YOUTH] == C]
    months = sorted({float(str(key[0])) for key in before})
    spans = [months[-12:], months[-24:-12], months[-10:], months[-22:-12]]  # RY and YTD to Jan-09, and a year before
    lines = [[float(key[0] == month) for key in hidden] for month in months]
    lines += [
        [float(key[1] == area and key[0] in span) for key in hidden]
        for area in {key[1] for key in hidden}
        for span in spans
    ]
    matrix = np.array(lines)
    _, values, rows = np.linalg.svd(matrix)
    null = rows[int((values > 1e-9).sum()) :]
    assert (np.abs(null).max(axis=0) > 1e-9).all()
    assert len(null) > 50


def test_the_copy_says_how_many_and_what_it_means(copy: Path) -> None:
    book = ClosedWorkbook.open(copy)
    hidden = sum(row[YOUTH] == C for row in rows_of(book, "Areas", 2).values())
    kind = f"[c] confidential, small counts that identify people and figures that would reveal them: Areas, {YOUTH}"
    assert kind == f"{WHAT}: Areas, {YOUTH}"
    assert {"kind": kind, "count": hidden} in json.loads(copy.with_suffix(".json").read_text(encoding="utf-8"))[
        "removed"
    ]
    about = {(row, column): cell.value for (row, column), cell in book.cells("About this copy").items()}
    [row] = [row for (row, column), text in about.items() if column == 1 and text == kind]
    assert about[row, 2] == str(hidden)


def test_nothing_speaks_of_shorthand_or_text_in_numbers(copy: Path) -> None:
    said = json.loads(copy.with_suffix(".json").read_text(encoding="utf-8"))["checks"]
    assert not [one for one in said if one["code"] in ("W10", "W14", "W15", "T1")]


def test_verify_agrees(copy: Path) -> None:
    result = CliRunner().invoke(main, ["verify", str(copy)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert " agrees with its statement" in result.output


@pytest.mark.office
def test_nothing_changes_in_libreoffice(copy: Path, tmp_path: Path) -> None:
    assert changes(ClosedWorkbook.open(copy), recalculated(copy, tmp_path)) == []


def test_the_shipped_demo_hides_nothing(released: Path) -> None:
    book = ClosedWorkbook.open(released)
    for sheet in ("Areas", "Satisfaction", "Confidence", "Comment facts", "Boroughs", "Trend data"):
        assert not [place for place, cell in book.cells(sheet).items() if cell.value == C]
    assert WHAT not in str(list(book.cells("About this copy").values()))


def test_a_count_that_is_hidden_in_either_copy_is_no_revision(small: Path, copy: Path, root: Path) -> None:
    """From [c] to a number, from a number to [c]; one from a number to another is. Of a working book nothing either."""
    spec = configuration(root).workbooks["cpa_scorecard"]
    book = ClosedWorkbook.open(copy)
    table = book.tables["Areas"]
    column = table.first_col + [one.name for one in table.columns].index(YOUTH)
    cells = book.cells("Areas")
    rows = range(table.first_body_row, table.last_body_row + 1)
    veiled = next(row for row in rows if cells[row, column].value == C)
    shown = [row for row in rows if cells[row, column].value != C][:2]
    letter = chr(64 + column)
    last = typed(
        typed(typed(book, f"Areas!{letter}{veiled}", 6), f"Areas!{letter}{shown[0]}", C),
        f"Areas!{letter}{shown[1]}",
        60,
    )
    found = [one for one in since_last(book, last, spec) if one.kind is Topic.REVISION]
    assert [(one.before, one.heading) for one in found] == [("60", YOUTH)]
    assert [one for one in since_last(ClosedWorkbook.open(small), book, spec) if one.kind is Topic.REVISION] == []


def test_findings_in_the_copy_do_not_tell_what_it_hides(small: Path, copy: Path, tmp_path: Path) -> None:
    """A count that stood in the last copy and is small now: neither the sheet What changed nor a check speaks of it."""
    book = ClosedWorkbook.open(copy)
    table = book.tables["Areas"]
    column = table.first_col + [one.name for one in table.columns].index(YOUTH)
    row = next(row for row in range(table.first_body_row, 999) if book.cells("Areas")[row, column].value == C)
    last = tmp_path / "last.xlsx"
    typed(book, f"Areas!{chr(64 + column)}{row}", 98765).save(last)
    after = published(small, tmp_path / "out", "--since", str(last))
    texts = [
        cell.value
        for sheet in ("What changed", "About this copy")
        for cell in ClosedWorkbook.open(after).cells(sheet).values()
    ]
    assert not [text for text in texts if re.search(r"\b98,?765\b", str(text))]
    said = json.loads(after.with_suffix(".json").read_text(encoding="utf-8"))["checks"]
    assert not [one for one in said if one["code"] == "T8" and one["level"] != "note"]
    assert not [one for one in said if re.search(r"\b98,?765\b", one["message"])]


@pytest.fixture(scope="module")
def survey(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_respondents(demo, tmp_path_factory.mktemp("survey") / "demo")


def test_quarters_of_few_respondents(survey: Path, tmp_path: Path) -> None:
    """28 or 29 of the group BME answered in six quarters: their figures go, and those of white respondents, whom the
    whole would give away; single quarters' gaps go from facts and comment; the rolling year stays, with its letter."""
    path = published(survey, tmp_path)
    before, after = (ClosedWorkbook.open(one) for one in (survey, path))
    there = rows_of(after, "Satisfaction", 1)
    few = [key for key, row in rows_of(before, "Satisfaction", 1).items() if float(str(row["BME respondents"])) < 30]
    assert len(few) == 6
    for key, row in there.items():
        groups = [row[f"{group} {what}"] for group in ("White", "BME") for what in ("respondents", "satisfied")]
        assert groups == [C] * 4 if key in few else C not in groups
        assert C not in (row["Respondents"], row["Satisfied"])
    for heading in ("Actual", "RAG", "Latest data"):
        sheet, _, cell = place(before, "2", heading).partition("!")
        at = cell_position(cell)
        assert after.cells(sheet)[at].value == before.cells(sheet)[at].value != C
    facts = [cell.value for cell in after.cells("Comment facts").values()]
    assert facts.count(C) == 6
    assert [cell.value for cell in after.cells("Scorecard").values()].count(INSTEAD) == 1
    gaps = [cell.value for cell in after.cells("Trend data").values() if isinstance(cell.value, CellError)]
    assert {gap.code for gap in gaps} == {"#N/A"}
    said = CliRunner().invoke(main, ["verify", str(path)], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    assert "not those of measures with suppressed counts: 2" in " ".join(said.output.split())


def test_a_typed_comment_that_prints_a_hidden_figure_is_refused(survey: Path, root: Path) -> None:
    book = ClosedWorkbook.open(survey)
    catalogue = configuration(root)
    spec = catalogue.workbooks["cpa_scorecard"]
    comment = typed(book, place(book, "2", "Comments"), "The gap was 3.4pp in the first quarter.")
    with pytest.raises(Refusal) as refusal:
        suppression(EmbeddedCalculator(FUNCTIONS))(
            Draft(comment, ()), Working(comment, catalogue, spec, Month(2009, 1))
        )
    assert str(refusal.value).endswith(
        " on sheet Scorecard: the comment of measure 2 prints 3.4pp (First quarter), which is suppressed; take it out"
        " of the comment"
    )


AREAS = ("North", "South", "East", "West")
SPEC = WorkbookSpec(
    file="own.xlsx",
    as_of="as_of",
    tables={
        "Areas": TableSpec(rows=TableRows.AREAS, key="Month", area="Borough", series=("domestic", "youth_victims"),
                           suppress=("youth_victims",)),
        "Monthly": TableSpec(rows=TableRows.MONTHS, key="Month", series=("youth_victims",)),
    },
)  # fmt: skip


def victims(month: int, area: int) -> int:
    """Counts of 24 months: all above 4, but for North's of the third month from the end, which is 3."""
    return 3 if (month, area) == (21, 0) else 11 + (7 * month + 5 * area) % 13 + 20 * area


def own_book(
    path: Path, *, areas: int = 4, more: Callable[[xlsxwriter.Workbook], None] = lambda _: None
) -> ClosedWorkbook:
    """A book of somebody's own: tables, a rate in each row, other sheets that read the counts, a chart, sparklines."""
    months = [dt.date(2007 + (month + 1) // 12, (month + 1) % 12 + 1, 1) for month in range(24)]
    with xlsxwriter.Workbook(path) as book:
        sheet, form = book.add_worksheet("Areas"), book.add_format({"num_format": "mmm-yy"})
        rows = [(month, area) for month in range(24) for area in range(areas)]
        for row, (month, area) in enumerate(rows, 1):
            sheet.write_datetime(row, 0, dt.datetime.combine(months[month], dt.time()), form)
            sheet.write_row(row, 1, [AREAS[area], 200, victims(month, area)])
            sheet.write_formula(row, 4, "=Areas[[#This Row],[Youth violence victims]]/Areas[[#This Row],[DV offences]]",
                                None, victims(month, area) / 200)  # fmt: skip
        heads = [{"header": name} for name in ("Month", "Borough", "DV offences", YOUTH)]
        rate = {"header": "Share", "formula": "=[@[Youth violence victims]]/[@[DV offences]]"}
        sheet.add_table(0, 0, len(rows), 4, {"name": "Areas", "columns": [*heads, rate]})
        for row, (month, area) in enumerate(rows, 1):
            sheet.write_formula(row, 4, f"=D{row + 1}/C{row + 1}", None, victims(month, area) / 200)
        totals = [sum(victims(month, area) for area in range(areas)) for month in range(24)]
        force = book.add_worksheet("Monthly")
        for row, total in enumerate(totals, 1):
            force.write_datetime(row, 0, dt.datetime.combine(months[row - 1], dt.time()), form)
            force.write(row, 1, total)
        force.add_table(0, 0, 24, 1, {"name": "Monthly", "columns": [{"header": "Month"}, {"header": YOUTH}]})
        own = book.add_worksheet("Own")
        own.write_datetime("A1", dt.datetime(2009, 1, 1), form)
        book.define_name("as_of", "=Own!$A$1")
        at = 2 + 21 * areas  # the row of North's 3
        own.write_formula("A2", f"=Areas!D{at}", None, 3)
        own.write_formula("A3", f'="North had "&Areas!D{at}', None, "North had 3")
        own.write_formula("A4", "=SUM(Monthly[Youth violence victims])", None, sum(totals))
        north = sum(victims(month, 0) for month in range(12, 24))
        own.write_formula(
            "A5", f'=SUMIFS(Areas[{YOUTH}],Areas[Borough],"North",Areas[Month],">"&EDATE(A1,-12))', None, north
        )
        own.write_formula("A6", "=A5/12", None, north / 12)
        own.write_formula("A7", f"=SUM(Areas!D{at - 4 * areas}:D{at})", None, 0)
        own.write_formula("A7", f"=MIN(Areas[{YOUTH}])", None, 3)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": f"=Areas!$D${at}:$D${at + areas - 1}",
                          "values_data": [victims(21, area) for area in range(areas)]})  # fmt: skip
        own.insert_chart("C3", chart)
        own.add_sparkline("B1", {"range": "Own!A5:A7"})
        more(book)
    return ClosedWorkbook.open(path)


def stepped(root: Path, book: ClosedWorkbook, spec: WorkbookSpec = SPEC) -> Draft:
    """The book after the step, as if freezing had left it as it is."""
    catalogue = configuration(root)
    return suppression(EmbeddedCalculator(FUNCTIONS))(Draft(book, ()), Working(book, catalogue, spec, Month(2009, 1)))


def test_all_that_shows_a_hidden_count_goes(root: Path, tmp_path: Path) -> None:
    """North's 3 goes; the next smallest of its month, and the two of another month that the rolling years ask for."""
    book = own_book(tmp_path / "own.xlsx")
    frozen = stepped(root, book)
    after = frozen.workbook
    hidden = {key: row for key, row in rows_of(after, "Areas", 2).items() if row[YOUTH] == C}
    assert len(hidden) == 4
    assert len({month for month, _ in hidden}) == len({area for _, area in hidden}) == 2
    assert {row["Share"] for row in hidden.values()} == {C}  # with the DV offences it would tell
    own, was = (one.cells("Own") for one in (after, book))
    assert [own[row, 1].value for row in (2, 3, 4, 5, 6)] == [C, C, *(was[row, 1].value for row in (4, 5, 6))]
    assert [own[row, 1].formula is None for row in (4, 5, 6)] == [False, True, True]
    assert isinstance(own[7, 1].value, CellError)  # the least of all counts; a sparkline draws it: a gap
    counts = {(one.kind, one.name): one.count for one in frozen.removed}
    assert counts[f"{WHAT}: Areas, {YOUTH}", "Areas"] == 4
    assert not any(column.formula for column in after.tables["Areas"].columns)


def test_no_part_of_the_file_keeps_a_hidden_count(root: Path, tmp_path: Path) -> None:
    """The count is made one that stands nowhere else: 3 of 200 is 0.015; the chart's points are 3, 23 or more."""
    book = own_book(tmp_path / "own.xlsx")
    stepped(root, book).workbook.save(tmp_path / "after.xlsx")
    with zipfile.ZipFile(tmp_path / "own.xlsx") as then, zipfile.ZipFile(tmp_path / "after.xlsx") as now:
        texts = {name: now.read(name).decode() for name in now.namelist()}
        kept = then.read("xl/charts/chart1.xml").decode()
    assert '<c:pt idx="0"><c:v>3</c:v>' in kept
    assert '<c:pt idx="0"><c:v>0</c:v>' in texts["xl/charts/chart1.xml"]
    assert not [name for name, text in texts.items() if "0.015<" in text]
    assert not [name for name, text in texts.items() if "<v>3</v>" in text and name != "xl/worksheets/sheet2.xml"
                and "sheet" in name and 't="s"><v>3</v>' not in text]  # fmt: skip


@pytest.mark.office
def test_nothing_changes_in_libreoffice_in_a_book_of_ones_own(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "after.xlsx"
    stepped(root, own_book(tmp_path / "own.xlsx")).workbook.save(copy)
    assert changes(ClosedWorkbook.open(copy), recalculated(copy, tmp_path)) == []


def test_a_count_that_totals_tell_is_refused(root: Path, tmp_path: Path) -> None:
    """A force of one area: its counts are the force totals."""
    with pytest.raises(Refusal) as refusal:
        stepped(root, own_book(tmp_path / "own.xlsx", areas=1))
    assert str(refusal.value) == (
        "no way was found to keep readers from working small counts out of totals that they know: Areas, Nov-08, North,"
        f" {YOUTH}; take the series out of the table of months, or out of suppress in workbooks.yaml"
    )


def test_without_force_totals_one_area_can_be_hidden(root: Path, tmp_path: Path) -> None:
    """Its rolling years are what is left to tell it: another month goes too."""
    tables = {"Areas": SPEC.tables["Areas"]}
    after = stepped(root, own_book(tmp_path / "own.xlsx", areas=1), SPEC.model_copy(update={"tables": tables})).workbook
    assert [row[YOUTH] for row in rows_of(after, "Areas", 2).values()].count(C) == 2


def test_without_the_setting_nothing_happens(root: Path, tmp_path: Path) -> None:
    off = SPEC.model_copy(update={"tables": {"Areas": SPEC.tables["Areas"].model_copy(update={"suppress": ()})}})
    frozen = Draft(own_book(tmp_path / "own.xlsx"), ())
    working = Working(frozen.workbook, configuration(root), off, Month(2009, 1))
    assert suppression(EmbeddedCalculator(FUNCTIONS))(frozen, working) is frozen


def test_a_pivot_table_over_suppressed_counts_is_refused(root: Path, tmp_path: Path) -> None:
    book = own_book(tmp_path / "own.xlsx")
    content = book.package
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    text = (
        b'<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<cacheSource type="worksheet"><worksheetSource name="Areas"/></cacheSource></pivotCacheDefinition>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml"
    with pytest.raises(Refusal) as refusal:
        stepped(root, ClosedWorkbook(with_typed_part(content, part, text, kind)))
    assert str(refusal.value) == (
        f"{book.path} has a pivot table over areas, whose small counts are suppressed: its cells would reveal them;"
        " take it out, or its sheet with leave_out in workbooks.yaml"
    )


def test_a_rate_of_few_respondents_is_refused(survey: Path, root: Path) -> None:
    """6 in each quarter of 2008 make 24 in the rolling year."""
    book, catalogue = ClosedWorkbook.open(survey), configuration(root)
    table = book.tables["Satisfaction"]
    column = table.first_col + [one.name for one in table.columns].index("BME respondents")
    for row in range(table.last_body_row - 3, table.last_body_row + 1):
        book = typed(
            typed(book, f"Satisfaction!{chr(64 + column)}{row}", 6), f"Satisfaction!{chr(65 + column)}{row}", 4
        )
    with pytest.raises(Refusal) as refusal:
        known_sums(StoredFigures(book, catalogue, catalogue.workbooks["cpa_scorecard"]))
    assert str(refusal.value) == (
        "measure 2 rests on fewer than 30 respondents (BME respondents, RY to Dec-08), and no rate of so few is"
        " published: take the measure off the scorecard, or bme_respondents out of suppress in workbooks.yaml"
    )


def test_a_table_that_cannot_be_read_is_refused(root: Path, tmp_path: Path) -> None:
    book = typed(own_book(tmp_path / "own.xlsx"), "Areas!D3", "five")
    with pytest.raises(Refusal) as refusal:
        stepped(root, book)
    assert str(refusal.value) == (
        f'the small counts of table Areas cannot be suppressed: Areas, "{YOUTH}", row 3: "five" is text, not a number'
    )


def test_parts_of_a_sum_protect_each_other(root: Path, tmp_path: Path) -> None:
    """SAC offences add up burglary, robbery and motor vehicle crime: where one is 2, another of its row goes, though
    nobody asked for it to be suppressed."""
    parts = ("burglary", "robbery", "motor_vehicle", "sac")
    titles = [configuration(root).series[name].title for name in parts]
    path = tmp_path / "parts.xlsx"
    with xlsxwriter.Workbook(path) as file:
        sheet = file.add_worksheet("Areas")
        for row in range(1, 4):
            figures = (2, 30, 40, 72) if row == 1 else (20 + row, 35, 45, 100 + row)
            sheet.write_row(row, 0, ["2009-01", AREAS[row], *figures])
        heads = [{"header": name} for name in ("Month", "Borough", *titles)]
        sheet.add_table(0, 0, 3, 5, {"name": "Areas", "columns": heads})
        sheet.write_datetime("H1", dt.datetime(2009, 1, 1))
        file.define_name("as_of", "=Areas!$H$1")
    areas = SPEC.tables["Areas"].model_copy(update={"series": parts, "suppress": ("burglary",)})
    after = stepped(root, ClosedWorkbook.open(path), SPEC.model_copy(update={"tables": {"Areas": areas}})).workbook
    shown = [[row[title] for title in titles] for row in rows_of(after, "Areas", 2).values()]
    assert shown == [[C, C, 40.0, 72.0], [22.0, 35.0, 45.0, 102.0], [23.0, 35.0, 45.0, 103.0]]


def test_a_small_sum_of_a_year_is_hidden_with_another(root: Path, tmp_path: Path) -> None:
    """One victim in each of three months makes 3 in North's rolling year: a count too, that the force's year tells but
    for another area's; a sheet that shows both years has [c] for them."""
    path = tmp_path / "year.xlsx"
    months = [dt.datetime(2008 + (month + 1) // 12, (month + 1) % 12 + 1, 1) for month in range(12)]
    counts = {"North": [1, 1, 1] + [0] * 9, "South": [6] * 12, "East": [30] * 12}
    with xlsxwriter.Workbook(path) as file:
        sheet, force, own = (file.add_worksheet(name) for name in ("Areas", "Monthly", "Own"))
        rows = [(month, area, counts[area][at]) for at, month in enumerate(months) for area in counts]
        for row, (month, area, count) in enumerate(rows, 1):
            sheet.write_datetime(row, 0, month)
            sheet.write_row(row, 1, [area, 200, count])
        heads = [{"header": name} for name in ("Month", "Borough", "DV offences", YOUTH)]
        sheet.add_table(0, 0, len(rows), 3, {"name": "Areas", "columns": heads})
        for row, month in enumerate(months, 1):
            force.write_datetime(row, 0, month)
            force.write(row, 1, sum(listed[row - 1] for listed in counts.values()))
        force.add_table(0, 0, 12, 1, {"name": "Monthly", "columns": [{"header": "Month"}, {"header": YOUTH}]})
        own.write_datetime("A1", dt.datetime(2009, 1, 1))
        file.define_name("as_of", "=Own!$A$1")
        for row, (area, listed) in enumerate(counts.items(), 1):
            own.write(row, 0, area)
            own.write_formula(row, 1, f"=SUMIFS(Areas[{YOUTH}],Areas[Borough],A{row + 1})", None, sum(listed))
    after = stepped(root, ClosedWorkbook.open(path)).workbook.cells("Own")
    assert [after[row, 2].value for row in (2, 3, 4)] == [C, C, 360.0]
