"""The demo, from the command line to the scorecard, against the scorecard that the authority received in 2009."""

import getpass
import json
import re
import shutil
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.ooxml.package import compare
from cpa_xl.scorecard.tables import read_rows
from cpa_xl.workbook.closed import ClosedWorkbook, cell_error
from tests.support.golden import golden_rows
from tests.support.recorded_crime import without_robberies


def run(*arguments: object) -> str:
    """A command that must succeed; what it printed."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def shown(workbook: Path, *options: str) -> list[dict[str, Any]]:
    """The rows that `show --json` prints."""
    rows: list[dict[str, Any]] = json.loads(run("show", workbook, "--json", *options))
    return rows


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo's workbook and extracts, to change."""
    shutil.copytree(demo.parent / "extracts", tmp_path / "extracts")
    return Path(shutil.copyfile(demo, tmp_path / demo.name))


def agrees(value: object, printed: str) -> bool:
    """Whether a number equals a printed one at the printed precision, rounded half away from zero."""
    assert isinstance(value, int | float)
    wanted = Decimal(printed)
    return Decimal(repr(value)).quantize(wanted, rounding=ROUND_HALF_UP) == wanted


def test_every_row_reads_as_the_january_2009_scorecard(demo: Path, golden: Path) -> None:
    rows, expected = shown(demo), golden_rows(golden, "scorecard_jan_2009.csv")
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    for row, want in zip(rows, expected, strict=True):
        assert row["rag"] == (want["rag"] or "–"), row
        for field in ("unit", "better", "basis", "target_rule", "as_of"):
            assert (row[field] or "") == want[field], (row["id"], field)
        for field in ("target", "actual"):
            assert agrees(row[field], want[field]) if want[field] else row[field] is None, (row["id"], field)
    assert "".join(row["rag"] for row in rows) == "ARAGRG–G–GGGGGGG––"


def test_the_printed_texts_are_those_of_the_scorecard(demo: Path) -> None:
    """Target and latest data as the January 2009 scorecard prints them."""
    texts = {row["id"]: (row["target_text"], row["latest"], row["period"]) for row in shown(demo)}
    assert texts == {
        "1": ("78.9%", "77.8%", "RY to Dec-08"),
        "2": ("Reduce gap to 3.8pp", "4.8pp", "RY to Dec-08"),
        "3": ("1pp increase (56.2%)", "54.2%", "RY to Sep-08"),
        "4a": ("-4%", "-7.5%", "RY to Jan-09"),
        "4b": ("11.8%", "10.8%", "RY to Jan-09"),
        "5": ("-3%", "-15.0%", "RY to Jan-09"),
        "6a": ("Baseline year", "-2.7%", "RY to Jan-09"),
        "6b": ("-3%", "-23.7%", "RY to Jan-09"),
        "6c": ("Baseline year", "32.0%", "RY to Jan-09"),
        "7": ("67%", "70.3%", "RY to Jan-09"),
        "8": ("-6%", "-10.1%", "Apr-Jan 2008/09"),
        "9a": ("29.2", "31.5", "RY to Jan-09"),
        "9b": ("208", "239", "Apr-Jan 2008/09"),
        "10": ("210", "215", "RY to Jan-09"),
        "10-cocaine": ("136", "143", "RY to Jan-09"),
        "10-heroin": ("47", "57", "RY to Jan-09"),
        "CT": (None, None, None),
        "OLY": (None, None, None),
    }


# Which of the workbook's facts each line of golden/comment_facts_jan_2009.csv is.
FACTS = {
    "Apr-Jun 2008": "First quarter",
    "Jul-Sep 2008": "Second quarter",
    "Oct-Dec 2008": "Third quarter",
    "change on the year to Jun-08": "Change on the quarter before",
    "residential burglary change": "Residential burglary change",
    "robbery change": "Robbery change",
    "motor vehicle crime change": "Motor vehicle crime change",
    "rate needed in Feb and Mar 2009": "Rate needed in the months left",
    "residential burglary SD rate": "Residential burglary SD rate",
    "robbery SD rate": "Robbery SD rate",
    "motor vehicle crime SD rate": "Motor vehicle crime SD rate",
    "road deaths change": "Road deaths change",
    "MSV and AWI SD rate": "MSV and AWI SD rate",
    "serious sexual offences SD rate": "Serious sexual offences SD rate",
    "Apr-Jan 2008/09": "Financial year to date",
}


def test_the_facts_of_the_comments_are_computed(demo: Path, golden: Path) -> None:
    facts = {(row["measure"], row["fact"]): row for row in shown(demo, "--facts")}
    for want in golden_rows(golden, "comment_facts_jan_2009.csv"):
        row = facts[want["measure"], FACTS[want["fact"]]]
        assert agrees(row["value"], want["value"]), want
        assert row["unit"] == want["unit"]
        if want["how"] == "quarter" or want["fact"] == "Apr-Jan 2008/09":
            assert row["period"] == want["fact"]


def test_volumes_and_words_of_the_comments(demo: Path) -> None:
    """The numbers in brackets in the January 2009 scorecard, with their sentences."""
    comments = {row["id"]: row["comment"] for row in shown(demo)}
    assert comments["1"].startswith(
        "Each quarter in 2008/09 has been below target level,"
        " at 77.4% [Apr - Jun], 75.9% [Jul - Sep] and 78.2% [Oct - Dec]. See paragraphs"
    )
    assert "3.1pp [Apr - Jun], 6.3pp [Jul - Sep] and 4.1pp [Oct - Dec]" in comments["2"]
    assert comments["3"] == "Data for 12 months to Sep-08 is up 0.5pp on the year to Jun-08 [53.7%]"
    assert comments["4a"] == (
        "Res. burglary is down 0.8% (453), robbery is down 16.5% (6,405 offences) and MV crime is down 7.9% (9,552)"
        " over the rolling year"
    )
    assert comments["4b"].startswith(
        "Performance in February and March 2009 would now need to be around 19% for this target to be met"
        " (a rate that has not been achieved in any previous month). Rolling year SD rates"
    )
    assert "14.4%; 17.6% and 6.9%" in comments["4b"]
    assert "Data from Jan-08 onwards is provisional" in comments["5"]
    assert "down 11.5% (26 fatalities)" in comments["5"]
    assert "32.3% and 28.6%" in comments["6c"]
    assert "both the rolling year and the YTD (Apr-Jan 2008/09: 72.0%)" in comments["7"]
    assert "(30.1)" in comments["9a"]
    # April is the month of Prevent, so January is the tenth: Pursue.
    assert comments["CT"].endswith("Strand of the CONTEST strategy this month: Pursue")


def test_openpyxl_reads_the_same_values(demo: Path) -> None:
    sheet = openpyxl.load_workbook(demo, data_only=True)["Scorecard"]
    heads = {cell.value: at for at, cell in enumerate(sheet[5], start=1)}
    read = {
        sheet.cell(row, heads["Id"]).value: (
            sheet.cell(row, heads["Actual"]).value,
            sheet.cell(row, heads["RAG"]).value,
            sheet.cell(row, heads["Latest data"]).value or None,
        )
        for row in range(6, sheet.max_row + 1)
        if sheet.cell(row, heads["Id"]).value
    }
    assert read == {row["id"]: (row["actual"], row["rag"], row["latest"]) for row in shown(demo)}


def test_no_cell_is_left_uncalculated(demo: Path) -> None:
    formulas, values = openpyxl.load_workbook(demo), openpyxl.load_workbook(demo, data_only=True)
    counted = 0
    for sheet in formulas:
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.data_type == "f":
                    counted += 1
                    value = values[sheet.title][cell.coordinate].value
                    if value == "#N/A" and "NA()" in str(cell.value):
                        continue  # what a chart is to leave out
                    assert not str(value).startswith("#"), (sheet.title, cell.coordinate, value)
    assert counted > 400


def test_refreshing_again_changes_nothing(copy: Path) -> None:
    before = copy.read_bytes()
    printed = run("refresh", copy)
    assert "is up to date; nothing was changed" in printed
    assert copy.read_bytes() == before
    assert not copy.with_name("cpa_scorecard.backup.xlsx").exists()


def test_another_month_and_back_gives_the_same_values(copy: Path) -> None:
    first, before = shown(copy), copy.read_bytes()
    run("refresh", copy, "--as-of", "2008-12")
    december = shown(copy)
    assert {row["period"] for row in december if row["id"] in {"4a", "4b", "7"}} == {"RY to Dec-08"}
    assert [row["actual"] for row in december] != [row["actual"] for row in first]
    assert copy.with_name("cpa_scorecard.backup.xlsx").read_bytes() == before
    run("refresh", copy, "--as-of", "2009-01")
    assert shown(copy) == first


def test_exactly_the_parts_that_may_change_do(copy: Path, root: Path) -> None:
    """From the template to the demo's workbook: the calculated sheets, the sheets and tables of data, no other part."""
    template = root / "workbooks/cpa_scorecard.xlsx"
    changed = {difference.name for difference in compare(template, copy)}
    sheets = {f"xl/worksheets/sheet{number}.xml" for number in (1, *range(3, 17))}  # 2 holds charts, 17 picks, 18 notes
    tables = {f"xl/tables/table{number}.xml" for number in range(3, 14)}  # the first two are calculated and typed
    charts = {f"xl/charts/chart{number}.xml" for number in range(1, 18)}  # the values they keep for other viewers
    assert changed <= sheets | tables | charts | {"xl/workbook.xml"}
    assert sheets <= changed


def test_trends_end_in_the_figures_of_the_scorecard(demo: Path) -> None:
    rows = list(read_rows(ClosedWorkbook.open(demo), "Trend"))
    assert len(rows) == 13
    for row in shown(demo):
        if row["actual"] is not None:
            last = rows[-1][f"{row['id'].replace('-', ' ')} figure"]
            assert last == pytest.approx(row["actual"], abs=1e-12), row["id"]
    # Provisional from January 2008, as the January 2009 scorecard says: all thirteen months.
    assert [row["5 provisional"] for row in rows] == [row["5 month"] for row in rows]


def test_directions_are_those_of_the_trend(demo: Path) -> None:
    rows = list(read_rows(ClosedWorkbook.open(demo), "Trend"))
    sheet = openpyxl.load_workbook(demo, data_only=True)["Scorecard"]
    heads = {cell.value: at for at, cell in enumerate(sheet[5], start=1)}
    directions = {sheet.cell(row, heads["Id"]).value: sheet.cell(row, heads["Direction"]).value for row in range(6, 40)}
    for measure in shown(demo):
        name = measure["id"]
        if measure["actual"] is None:
            continue
        back = 4 if name in {"1", "2", "3"} else 2  # the quarter before, or the month before
        moved = measure["actual"] - rows[-back if name != "3" else -5 - 3][f"{name.replace('-', ' ')} figure"]
        word = "better" if (moved > 0) == (measure["better"] == "higher") else "worse"
        assert directions[name] == f"{'▲' if moved > 0 else '▼'} {word}", name


def test_charts_of_changes_draw_numbers_on_one_axis(demo: Path) -> None:
    """Serious acquisitive crime: 202,728 offences in the rolling year; the target allows 96 % of 219,138 before."""
    rows = list(read_rows(ClosedWorkbook.open(demo), "Trend"))
    assert rows[-1]["4a average"] == pytest.approx(202_728 / 12, abs=1e-9)
    assert rows[-1]["4a target"] == pytest.approx(219_138 / 12 * 0.96, abs=1e-9)
    drawn = [isinstance(row["4a target"], float) for row in rows]
    assert drawn == [False] * 3 + [True] * 10  # January to March 2008 are of the year before the target's


def test_a_chart_says_its_figure(demo: Path) -> None:
    sheet = openpyxl.load_workbook(demo, data_only=True)["Scorecard"]
    heads = {cell.value: at for at, cell in enumerate(sheet[5], start=1)}
    titles = {sheet.cell(row, heads["Id"]).value: sheet.cell(row, heads["Chart title"]).value for row in range(6, 40)}
    assert titles["4a"] == "4a Serious acquisitive crime: -7.5%, RY to Jan-09; target: -4%; green"
    assert titles["6a"] == "6a Most serious violence (MSV and AWI shown): -2.7%, RY to Jan-09; baseline year"
    assert titles["CT"] is None
    with zipfile.ZipFile(demo) as file:
        kept = [file.read(f"xl/charts/chart{number}.xml").decode() for number in range(1, 17)]
    assert f"<c:v>{titles['4a']}</c:v>" in kept[3]


def test_a_percentage_typed_as_a_whole_number_gets_no_letter(root: Path, demo: Path, tmp_path: Path) -> None:
    """78.9 where 78.9% was meant, pasted past the validation of the cell."""
    workbook = Path(shutil.copyfile(root / "workbooks/cpa_scorecard.xlsx", tmp_path / "cpa_scorecard.xlsx"))
    book = ClosedWorkbook.open(workbook)
    targets = book.tables["Targets"]
    book.with_cell(targets.sheet, targets.first_row + 1, targets.first_col + 2, 78.9).save(workbook)
    run("refresh", workbook, "--extracts", demo.parent / "extracts")
    rows = shown(workbook)
    assert (rows[0]["rag"], rows[0]["status"]) == ("–", "No letter: target above 100%: write 78.9%")
    assert (rows[0]["target_text"], rows[0]["reason"]) == ("78.9?", "target above 100%: write 78.9%")
    assert "".join(row["rag"] for row in rows) == "–RAGRG–G–GGGGGGG––"


# What became of the proposals: section "proposed against agreed" worked out from both documents by hand.
PROPOSALS = {
    "1": ("not stated", "78.9%", "target set later"),
    "3": ("+1.0% on end of year", "1.0pp on the baseline", "agreed in another form and definition"),
    "4a": ("-4.2% on the year before", "-4.0% on the year before", "agreed at another level"),
    "4b": ("11.8%", "11.8%", "agreed as proposed"),
    "6b": ("-3.0% on the year before", "-3.0% on the year before", "agreed, on another definition"),
    "6c": ("36.0%", "baseline year", "withdrawn: baseline year"),
    "9a": ("325 a year", "350 a year", "agreed at another level"),
    "10": ("an increase", "2,520 a year", "agreed in another form"),
    "CT": ("milestones", "milestones", "agreed as proposed"),
}


def test_what_became_of_the_proposals(demo: Path) -> None:
    rows = {row["Id"]: row for row in read_rows(ClosedWorkbook.open(demo), "ProposedTargets")}
    assert len(rows) == 18
    for name, words in PROPOSALS.items():
        assert tuple(rows[name][head] for head in ("Proposed", "Agreed", "What became of it")) == words


def test_nothing_is_typed_in(copy: Path) -> None:
    """Take 500 robberies out of an extract, and rows 4a and 4b follow (worked out from the printed volumes)."""
    path = copy.parent / "extracts/recorded_crime_2009-01.csv"
    path.write_text("".join(without_robberies(path, 500)), encoding="utf-8", newline="\n")
    first = {row["id"]: row for row in shown(copy)}
    run("refresh", copy)
    rows = {row["id"]: row for row in shown(copy)}
    # 58,956 + 32,413 + 111,359 = 202,728 offences on 219,138 a year earlier (section 3 of the measures' arithmetic).
    assert rows["4a"]["actual"] == pytest.approx((202_728 - 500) / 219_138 - 1, abs=1e-12)
    detections = first["4b"]["actual"] * 202_728
    assert rows["4b"]["actual"] == pytest.approx(detections / (202_728 - 500), abs=1e-12)
    assert "(6,905 offences)" in rows["4a"]["comment"]
    unchanged = set(rows) - {"4a", "4b"}
    assert {name: rows[name]["actual"] for name in unchanged} == {name: first[name]["actual"] for name in unchanged}


def test_a_dry_run_changes_nothing(copy: Path) -> None:
    before = copy.read_bytes()
    printed = run("refresh", copy, "--as-of", "2008-12", "--dry-run")
    assert "Dry run: would change" in printed
    assert copy.read_bytes() == before


def test_data_older_than_allowed_get_no_letter_and_a_word_why(copy: Path, root: Path, tmp_path: Path) -> None:
    config = shutil.copytree(root / "config", tmp_path / "config")
    sources = config / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8").replace("lag: 3", "lag: 0"), encoding="utf-8")
    run("refresh", copy, "--config", config)
    row = shown(copy)[0]
    assert (row["rag"], row["status"]) == ("–", "No letter: data too old")
    assert row["reason"] == "the data end in Dec-08; at most 0 months before the as-of month are allowed"
    assert agrees(row["actual"], "0.778")


def test_a_target_typed_in_a_spreadsheet_without_the_functions(copy: Path) -> None:
    """75 % is typed for measure 1; what depends on it is recalculated to #NAME?. A refresh brings all back, by 75 %."""
    book = ClosedWorkbook.open(copy)
    targets = book.tables["Targets"]
    book = book.with_cell(targets.sheet, targets.first_row + 1, targets.first_col + 2, 0.75)
    names = {
        (sheet, row, column): cell.formula or ""
        for sheet in ("Scorecard", "Comment facts", "Targets")
        for (row, column), cell in book.cells(sheet).items()
        if cell.formula
    }
    # All that call our functions, and what reads those: targets (T), whether they are judged (X), letters, comments.
    reads = re.compile(r"CPA_|Targets\[Target\]|\$[DTX]\d|Comment facts")
    lost = {place: cell_error("#NAME?") for place, formula in names.items() if reads.search(formula)}
    book.with_values(lost).save(copy)
    assert {row["rag"] for row in shown(copy) if row["rag"] != "–"} == {"#NAME?"}
    printed = run("refresh", copy)
    assert "note: 1: the workbook's target is 0.75, the agreed target of the configuration 0.789" in printed
    assert "not calculated" not in printed
    rows = shown(copy)
    assert (rows[0]["target"], rows[0]["target_text"], rows[0]["rag"]) == (0.75, "75.0%", "G")
    assert "".join(row["rag"] for row in rows) == "GRAGRG–G–GGGGGGG––"


def test_every_refresh_that_changed_something_is_logged(copy: Path) -> None:
    def log() -> list[dict[str, Any]]:
        return list(read_rows(ClosedWorkbook.open(copy), "RefreshLog"))

    assert len(log()) == 1
    run("refresh", copy)  # nothing to change, nothing to log
    assert len(log()) == 1
    run("refresh", copy, "--as-of", "2008-12")
    first, second = log()
    extracts: list[dict[str, Any]] = list(read_rows(ClosedWorkbook.open(copy), "Extracts"))
    assert first["As of"] == 39_814  # 1 January 2009 as a serial number
    assert second["As of"] == 39_783  # 1 December 2008
    assert second["Records"] == sum(extract["Rows"] for extract in extracts)
    assert second["Who"] == getpass.getuser()
    assert "recorded_crime_2009-01.csv" in str(second["Extracts"])
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", str(second["When"]))


def test_in_march_the_year_has_ended(copy: Path) -> None:
    """No month is left, so nothing is required; and the targets for 2008/09 do not judge the year before."""
    printed = run("refresh", copy, "--as-of", "2008-03")
    assert "#DIV/0!" not in printed
    rows = {row["id"]: row for row in shown(copy)}
    assert not any("#" in str(value) for row in rows.values() for value in row.values())
    assert rows["4b"]["comment"].startswith("The financial year 2007/08 ended at 10.6%. Rolling year SD rates")
    assert {row["rag"] for row in rows.values()} == {"–"}
    assert rows["4a"]["status"] == "No letter: target is for 2008/09"
    assert rows["4a"]["reason"] == "the target is for 2008/09, and the data end in Mar-08"
    assert rows["7"]["comment"] == "Not judged: target is for 2008/09 (Apr-Mar 2007/08: 63.1%)"
    assert rows["1"]["comment"].startswith("Quarters of 2007/08: ")
    assert " [Oct - Dec] and " in rows["1"]["comment"]
    assert "not be calculated" not in printed


def test_in_april_each_row_is_judged_by_the_year_of_its_own_data(copy: Path) -> None:
    """The surveys still end in March, in the year before the targets'; the rest has its first month of the year."""
    run("refresh", copy, "--as-of", "2008-04")
    rows = {row["id"]: row for row in shown(copy)}
    assert [rows[name]["rag"] for name in ("1", "2", "3")] == ["–", "–", "–"]
    assert all(rows[name]["rag"] in "GAR" for name in ("4a", "4b", "5", "6b", "7", "8", "9a", "9b", "10"))
    assert rows["8"]["period"] == "Apr 2008/09"
    assert "Performance in May to March 2009 would now need to be around" in rows["4b"]["comment"]
    assert "(a rate achieved once in 27 months, at best 13.7%)" in rows["4b"]["comment"]
    assert rows["3"]["comment"] == "Data for 12 months to Mar-08 is down 0.2pp on the year to Dec-07 [55.5%]"


def test_a_target_without_a_year_is_judged_in_any(copy: Path) -> None:
    book = ClosedWorkbook.open(copy)
    targets = book.tables["Targets"]
    year = next(at for at, column in enumerate(targets.columns) if column.name == "Year")
    book = book.with_cell(targets.sheet, targets.first_row + 4, targets.first_col + year, None)
    heads = {cell.value: at for (row, at), cell in book.cells("Scorecard").items() if row == 5}
    row = next(row for (row, at), cell in book.cells("Scorecard").items() if at == heads["Id"] and cell.value == "4a")
    book.with_values({("Scorecard", row, heads["Target year"]): ""}).save(copy)  # as the spreadsheet would have it
    run("refresh", copy, "--as-of", "2008-03")
    assert {row["id"]: row["rag"] for row in shown(copy)}["4a"] == "G"


def test_months_without_a_year_before_say_what_is_missing(copy: Path) -> None:
    """The extracts begin in February 2006: a rolling year to June 2007 has no year before it, a rate needs none."""
    printed = run("refresh", copy, "--as-of", "2007-06")
    assert re.search(
        r"note: Scorecard!\w+, .* show #N/A: no value for Jul-05, Aug-05, Sep-05 and 4 more months of RY to Jun-06",
        printed,
    )
    rows = {row["id"]: row for row in shown(copy)}
    assert {name for name, row in rows.items() if row["actual"] == "#N/A"} == {"4a", "5", "6a", "6b"}
    assert all(row["rag"] == "–" for row in rows.values())
    assert rows["1"]["comment"].startswith("Quarters of 2007/08: 77.7% [Apr - Jun]. See")
