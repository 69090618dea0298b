"""Extracts that hold only what is new: which months stay, what is said of revisions, and what a refresh keeps."""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.commands.refresh import Outcome, refresh
from cpa_xl.config.load import load
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.scorecard.history import HistoryRow, read_rows_of, store_of, written
from cpa_xl.scorecard.rows import read_scorecard
from cpa_xl.scorecard.tables import Stamp, read_rows
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import kinds, small

pytestmark = pytest.mark.slow  # each test refreshes a workbook several times

JAN, FEB, MAR = Month(2009, 1), Month(2009, 2), Month(2009, 3)
CATEGORIES = ("Robbery", "Burglary")
KINDS = ("Monthly", "Areas", "Population", "PopulationByArea")
Figure = Callable[[str, str, Month], int | str]

AREAS = "      Areas: {{rows: areas, key: Month, area: Borough, series: [{}]}}\n"


def usual(borough: str, category: str, month: Month) -> int:
    """The figures of the small force, which go on after its last month."""
    return small.count(small.BOROUGHS.index(borough), category, month - small.FIRST)


def total(category: str, month: Month) -> int:
    return sum(usual(borough, category, month) for borough in small.BOROUGHS)


def changed(changes: Mapping[tuple[str, str, Month], int | str]) -> Figure:
    """The usual figures, some of them changed."""
    return lambda borough, category, month: changes.get((borough, category, month), usual(borough, category, month))


def bring(
    book: Path, first: Month, last: Month, figure: Figure = usual, *, boroughs: Iterable[str] = small.BOROUGHS
) -> None:
    """Leave one extract beside a workbook, with these months."""
    months = [first + step for step in range(last - first + 1)]
    head = ",".join(["Borough", "Category", *(f"{month.year}{month.month:02d}" for month in months)])
    rows = [
        ",".join([borough, category, *(str(figure(borough, category, month)) for month in months)])
        for borough in boroughs
        for category in CATEGORIES
    ]
    folder = book.parent / "extracts"
    shutil.rmtree(folder, ignore_errors=True)
    small.extract(folder, [head, *rows], name=f"crime_{last}.csv")


def refreshed(book: Path, as_of: Month | None = None, *, day: int = 1, **options: Any) -> Outcome:
    """A refresh of March 2009, on that day."""
    stamp = Stamp(dt.datetime(2009, 3, day, 9, 30, tzinfo=dt.UTC), "analyst")
    catalogue = load(book.parent / "config")
    folder = book.parent / "extracts"
    return refresh(book, catalogue, folder, EmbeddedCalculator(FUNCTIONS), as_of=as_of, stamp=stamp, **options)


def refused(book: Path, as_of: Month | None = None, **options: Any) -> str:
    """What a refresh says that must be refused, and must change nothing."""
    before = {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()}
    with pytest.raises(Refusal) as refusal:
        refreshed(book, as_of, **options)
    assert {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()} == before
    return str(refusal.value)


def held(book: Path, table: str = "Monthly") -> dict[Any, Any]:
    """What a table of the workbook holds: robbery by month, or by month and borough."""
    rows = read_rows(ClosedWorkbook.open(book), table)
    return {(Month.read(row["Month"]), row.get("Borough")): row.get("Robbery") for row in rows}


def expected(last: Month, changes: Mapping[Month, int] | None = None) -> dict[Any, Any]:
    """Robbery from the first month to this one, some months changed."""
    months = [small.FIRST + step for step in range(last - small.FIRST + 1)]
    return {(month, None): (changes or {}).get(month, total("Robbery", month)) for month in months}


def stored(book: Path) -> list[tuple[Any, ...]]:
    """How many rows each refresh added to the store: its number, day and extract."""
    query = "SELECT refresh, day(known_on), extract, count(*) FROM read_parquet(?) GROUP BY ALL ORDER BY ALL"
    return duckdb.execute(query, [str(store_of(book))]).fetchall()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small workbook, refreshed for January from an extract of 24 months; its folder has brackets in its name."""
    folder = tmp_path / "out [1]"
    folder.mkdir()
    book = small.force(folder)
    refreshed(book)
    return book


def change(book: Path, name: str, old: str, new: str) -> None:
    """Change a file of the configuration beside a workbook."""
    path = book.parent / "config" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def add(book: Path, name: str, lines: str) -> None:
    """Add lines below a file of the configuration beside a workbook."""
    with (book.parent / "config" / f"{name}.yaml").open("a", encoding="utf-8") as file:
        file.write(lines)


def force_with_areas(folder: Path, series: Mapping[str, str]) -> Path:
    """The small force, whose workbook has a table of areas too, with these series and their titles."""
    path = small.force(folder)
    add(path, "workbooks", AREAS.format(", ".join(series)))
    with xlsxwriter.Workbook(str(path)) as file:
        card, data = file.add_worksheet("Scorecard"), file.add_worksheet("Data")
        date = file.add_format({"num_format": "mmm-yy"})
        card.write_datetime("B1", dt.datetime(2009, 1, 1), date)
        file.define_name("as_of", "=Scorecard!$B$1")
        card.write_row("A3", ["Id", "Target", "Actual", "RAG"])
        heads = {"Monthly": ("Month", "Robbery", "Burglary"), "Areas": ("Month", "Borough", *series.values())}
        for column, (name, headings) in zip((0, 4), heads.items(), strict=True):
            columns = {"name": name, "columns": [{"header": head} for head in headings]}
            data.add_table(0, column, 1, column + len(headings) - 1, columns)
            data.write_blank(1, column, None, date)
    return path


@pytest.fixture
def with_areas(tmp_path: Path) -> Path:
    """The small force with a table of areas, refreshed for January."""
    path = force_with_areas(tmp_path, {"robbery": "Robbery", "burglary": "Burglary"})
    refreshed(path)
    return path


# --- months that no extract brings -------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [True, False], ids=["with the store", "from the workbook alone"])
def test_a10_two_extracts_of_one_month_each_leave_all_months(book: Path, store: bool) -> None:
    """An extract with this month alone emptied the months before it."""
    more = {("Camden", "Robbery", FEB): usual("Camden", "Robbery", FEB) + 9}
    for month, figure in ((FEB, usual), (MAR, changed(more))):
        if not store:
            store_of(book).unlink()
        bring(book, month, month, figure)
        outcome = refreshed(book, month)
        assert held(book) == expected(month)
        assert outcome.notes == (
            f"crime_{month}.csv: Recorded crime begins in {month.label}; Feb-07 to {(month - 1).label} stay as they"
            " were known (R3).",
        )
    bring(book, FEB, MAR, changed(more))
    outcome = refreshed(book)
    then, now = total("Robbery", FEB), total("Robbery", FEB) + 9
    assert held(book) == expected(MAR, {FEB: now})
    assert outcome.notes[0] == (
        f"crime_2009-03.csv: Robbery is revised in 1 of the 2 months known before: Feb-09 from {then} to {now}"
        f" (+{9 / then:.1%}); all 2 together from {then + total('Robbery', MAR)} to {now + total('Robbery', MAR)}"
        f" (+{9 / (then + total('Robbery', MAR)):.1%}) (R1). Ask whether it is real."
    )


def test_a10_areas_stay_too_and_are_compared(with_areas: Path) -> None:
    for at, month in enumerate((FEB, MAR)):
        if at:
            store_of(with_areas).unlink()
        bring(with_areas, month, month)
        refreshed(with_areas, month)
        months = [small.FIRST + step for step in range(month - small.FIRST + 1)]
        assert held(with_areas, "Areas") == {
            (month, borough): usual(borough, "Robbery", month) for month in months for borough in small.BOROUGHS
        }
        assert held(with_areas) == expected(month)
    barnet, camden = usual("Barnet", "Robbery", MAR), usual("Camden", "Robbery", MAR)
    moved = {("Barnet", "Robbery", MAR): barnet - 3, ("Camden", "Robbery", MAR): camden + 3}
    bring(with_areas, MAR, MAR, changed(moved))
    assert refreshed(with_areas).notes[1] == (
        "crime_2009-03.csv: Robbery: areas differ in Mar-09 and the total does not: Barnet from"
        f" {barnet} to {barnet - 3} ({-3 / barnet:.1%}) and Camden from {camden} to {camden + 3} (+{3 / camden:.1%})"
        " (R1)."
    )
    assert held(with_areas) == expected(MAR)


def test_what_counts_in_no_area_stays(with_areas: Path) -> None:
    """A total above the sum of its areas: the rest has no area, and stays as such."""
    add(with_areas, "sources", "    elsewhere: [Heathrow]\n")
    boroughs = (*small.BOROUGHS, "Heathrow")

    def figure(borough: str, category: str, month: Month) -> int:
        return 7 if borough == "Heathrow" else usual(borough, category, month)

    bring(with_areas, small.FIRST, JAN, figure, boroughs=boroughs)
    refreshed(with_areas, accept_revisions=True)
    store_of(with_areas).unlink()
    bring(with_areas, FEB, FEB, figure, boroughs=boroughs)
    refreshed(with_areas, FEB)
    with_seven = {month: number + 7 for (month, _), number in expected(FEB).items()}
    assert held(with_areas) == expected(FEB, with_seven)
    assert len(held(with_areas, "Areas")) == 3 * 25
    query = "SELECT count(*), sum(value) FROM read_parquet(?) WHERE area IS NULL AND series = 'robbery'"
    assert duckdb.execute(query, [str(store_of(with_areas))]).fetchall() == [(25, 25 * 7)]


def test_the_areas_of_a_sum_stay_where_those_of_its_parts_are_in_no_table(tmp_path: Path) -> None:
    """The workbook alone knows robbery and burglary as totals, and their sum by area."""
    book = force_with_areas(tmp_path, {"both": "Both"})
    change(book, "measures", "measures:", "  both: {title: Both, of: [robbery, burglary]}\nmeasures:")
    refreshed(book)
    store_of(book).unlink()
    bring(book, JAN, FEB)
    assert [note for note in refreshed(book, FEB).notes if "R3" not in note] == []
    sums = {
        (Month.read(row["Month"]), row["Borough"]): int(str(row["Both"]).removesuffix(".0"))
        for row in read_rows(ClosedWorkbook.open(book), "Areas")
    }
    months = [small.FIRST + step for step in range(25)]
    assert sums == {
        (month, borough): usual(borough, "Robbery", month) + usual(borough, "Burglary", month)
        for month in months for borough in small.BOROUGHS
    }  # fmt: skip
    store_of(book).unlink()
    more = {("Camden", "Robbery", FEB): usual("Camden", "Robbery", FEB) - 4,
            ("Barnet", "Burglary", FEB): usual("Barnet", "Burglary", FEB) + 4}  # fmt: skip
    bring(book, FEB, FEB, changed(more))
    assert [note.partition(": ")[2] for note in refreshed(book).notes if "Both" in note] == [
        f"Both: areas differ in Feb-09 and the total does not: Barnet from {sums[FEB, 'Barnet']} to"
        f" {sums[FEB, 'Barnet'] + 4} (+{4 / sums[FEB, 'Barnet']:.1%}) and Camden from {sums[FEB, 'Camden']} to"
        f" {sums[FEB, 'Camden'] - 4} ({-4 / sums[FEB, 'Camden']:.1%}) (R1)."
    ]


@pytest.mark.parametrize("store", [True, False], ids=["with the store", "from the workbook alone"])
def test_a_month_with_an_unknown_figure_has_no_total_later_either(with_areas: Path, store: bool) -> None:
    """Camden's robberies of January are marked as missing. A later extract gives them."""
    add(with_areas, "sources", "    figure: {missing: [x]}\n")
    missing: dict[tuple[str, str, Month], int | str] = {("Camden", "Robbery", FEB): "x"}
    bring(with_areas, FEB, FEB, changed(missing))
    refreshed(with_areas, FEB)
    for month in (FEB, MAR):
        assert held(with_areas)[FEB, None] is None
        assert held(with_areas)[JAN, None] == total("Robbery", JAN)
        assert (held(with_areas, "Areas")[FEB, "Camden"], held(with_areas, "Areas")[FEB, "Barnet"]) == (
            None, usual("Barnet", "Robbery", FEB),
        )  # fmt: skip
        if month == FEB:
            if not store:
                store_of(with_areas).unlink()
            bring(with_areas, MAR, MAR)
            refreshed(with_areas, MAR)
    bring(with_areas, FEB, MAR)
    assert [note for note in refreshed(with_areas).notes if "R1" in note] == []
    assert held(with_areas) == expected(MAR)
    bring(with_areas, FEB, MAR, changed(missing))
    assert "Robbery: Camden has no figure any more in Feb-09 (R2)." in refused(with_areas)


def test_an_area_without_a_row_had_none_where_absent_is_zero(with_areas: Path) -> None:
    """The source has no list of areas: those of other months are 0 in a month that does not name them."""
    change(with_areas, "sources", "    areas: boroughs\n", "    absent: zero\n")
    change(with_areas, "sources", "type: area", "type: text")
    bring(with_areas, FEB, FEB, boroughs=("Barnet", "Hackney"))
    refreshed(with_areas, FEB)
    areas = held(with_areas, "Areas")
    assert (areas[FEB, "Camden"], areas[FEB, "Barnet"]) == (0, usual("Barnet", "Robbery", FEB))


def test_a_month_between_is_asked_for(book: Path) -> None:
    bring(book, MAR, MAR)
    assert refused(book, MAR).endswith(
        "crime_2009-03.csv: Recorded crime begins in Mar-09, and what is known ends in Jan-09: Feb-09 is missing (K2)."
        " Ask for an extract that begins in Feb-09 or before."
    )


def test_an_incomplete_month_is_noticed_without_its_year_before(book: Path) -> None:
    """The extract has no month of a year before, but it is known: by area in the store, as a total in the workbook."""
    bring(book, FEB, FEB, lambda borough, category, month: usual(borough, category, month) // 3)
    then, now = total("Robbery", FEB - 12), sum(usual(name, "Robbery", FEB) // 3 for name in small.BOROUGHS)
    said = f"crime_2009-02.csv: Robbery: Feb-09 has {now} where Feb-08 had {then}"
    assert f"{said}, below half in 3 of 3 areas (V5). Is the month complete?" in refused(book, FEB)
    store_of(book).unlink()
    notes = refreshed(book, FEB).notes
    assert f"{said} (V5). Is the month complete?" in notes
    assert not [note for note in notes if "(V6)" in note]  # once is enough


def test_a_series_that_is_counted_in_another_way_is_told(book: Path) -> None:
    """The months before stay as they were counted; an extract of all months counts them anew."""
    change(book, "measures", "where: \"category = 'Robbery'\"", "where: \"category <> 'Burglary'\"")
    bring(book, FEB, FEB)
    assert refreshed(book, FEB).notes[1:] == (
        "Robbery is counted in another way now: sum of count of crime where (category <> 'Burglary'), and before sum of"
        " count of crime where (category = 'Robbery'); Feb-07 to Jan-09 stay as they were counted before. Refresh once"
        " from extracts that have these months",
    )
    bring(book, MAR, MAR)
    assert len(refreshed(book, MAR).notes) == 1  # said once


def test_an_area_that_goes_silent_is_noticed_without_its_months_before(with_areas: Path) -> None:
    add(with_areas, "sources", "    many: true\n    absent: zero\n")
    bring(with_areas, FEB, FEB, boroughs=("Barnet", "Hackney"))
    usual_year = sum(usual("Camden", "Robbery", JAN - back) for back in range(12)) / 12
    assert (
        f"crime_2009-02.csv, Robbery: Camden has nothing in Feb-09, where {usual_year:,.0f} a month are usual (V7). Is"
        " a part of the extract missing? Ask for it again."
    ) in refused(with_areas, FEB)


# --- revisions ---------------------------------------------------------------------------------------------------


def test_a11_revisions_are_told_in_one_line_a_series(book: Path) -> None:
    changes = {("Barnet", "Robbery", month): usual("Barnet", "Robbery", month) + more
               for month, more in ((Month(2008, 11), 2), (Month(2008, 12), -4), (JAN, 1))}  # fmt: skip
    bring(book, small.FIRST, JAN, changed(changes))
    then, whole = total("Robbery", Month(2008, 12)), sum(expected(JAN).values())
    assert refreshed(book).notes == (
        "crime_2009-01.csv: Robbery is revised in 3 of the 24 months known before, Nov-08 to Jan-09: most in Dec-08"
        f" from {then} to {then - 4} ({-4 / then:.1%}); all 24 together from {whole:,} to {whole - 1:,}"
        f" ({-1 / whole:.2%}) (R1).",
    )
    assert refreshed(book).notes == ()


def test_a11_a_year_that_changes_by_a_tenth_must_be_accepted(book: Path) -> None:
    """A lower year made a red letter green, without a word."""

    def lower(borough: str, category: str, month: Month) -> int:
        number = usual(borough, category, month)
        return number * 17 // 20 if category == "Robbery" and month > JAN - 12 else number

    bring(book, small.FIRST, JAN, lower)
    year = [JAN - back for back in range(12)]
    then = sum(total("Robbery", month) for month in year)
    now = sum(lower(borough, "Robbery", month) for month in year for borough in small.BOROUGHS)
    assert -0.16 < (now - then) / then < -0.15
    message = refused(book)
    revised = "crime_2009-01.csv: Robbery is revised in 12 of the 24 months known before, Feb-08 to Jan-09: most in"
    assert revised in message
    assert (
        f"; the year Feb-08 to Jan-09 from {then:,} to {now:,} ({(now - then) / then:.1%}) (R1). Ask whether it is"
        " real. If that is meant, refresh it with cpa_xl refresh --accept-revisions.\n"
    ) in message
    [note] = refreshed(book, accept_revisions=True).notes
    assert note.startswith(revised)
    assert note.endswith(f"; all 24 together from {2 * then:,} to {then + now:,} ({(now - then) / then / 2:.1%}) (R1)."
                         " Ask whether it is real.")  # fmt: skip


def test_the_same_extracts_again_change_nothing(book: Path) -> None:
    before = book.read_bytes(), store_of(book).read_bytes(), store_of(book).stat().st_mtime_ns
    outcome = refreshed(book, day=2)
    assert (outcome.written, outcome.notes) == (False, ())
    assert (book.read_bytes(), store_of(book).read_bytes(), store_of(book).stat().st_mtime_ns) == before


# --- what would go -----------------------------------------------------------------------------------------------


def test_months_after_the_last_are_not_given_up(book: Path) -> None:
    """The lag lets the extract end before the as-of month, and the small workbook has no table that says F3."""
    add(book, "sources", "    lag: 2\n")
    bring(book, FEB, FEB)
    refreshed(book, FEB)
    bring(book, small.FIRST, Month(2008, 12))
    assert (
        "crime_2008-12.csv: Recorded crime: Jan-09 and Feb-09 are known, but no file brings them; the months brought"
        " are Feb-07 to Dec-08 (R2). Put the file with them back, or ask for an extract with them. If that is meant,"
        " refresh it with cpa_xl refresh --accept-revisions.\n"
    ) in refused(book)
    refreshed(book, accept_revisions=True)
    assert held(book) == expected(Month(2008, 12))
    query = "SELECT DISTINCT series, month, extract FROM read_parquet(?) WHERE value IS NULL ORDER BY ALL"
    assert [(name, Month.read(month), file) for name, month, file in
            duckdb.execute(query, [str(store_of(book))]).fetchall()] == [
        (name, month, "") for name in ("burglary", "robbery") for month in (JAN, FEB)
    ]  # fmt: skip
    assert refreshed(book).notes == refreshed(book).notes
    assert held(book) == expected(Month(2008, 12))


def many(book: Path, *months: Month) -> None:
    """A file for each month, of a source that may have many."""
    sources = book.parent / "config/sources.yaml"
    if "many:" not in (text := sources.read_text(encoding="utf-8")):
        sources.write_text(text + "    many: true\n", encoding="utf-8")
    shutil.rmtree(book.parent / "extracts")
    for month in months:
        shutil.move(
            brought(book.parent / "apart" / "book.xlsx", month), book.parent / "extracts" / f"crime_{month}.csv"
        )


def brought(book: Path, month: Month) -> Path:
    book.parent.mkdir(exist_ok=True)
    bring(book, month, month)
    (book.parent.parent / "extracts").mkdir(exist_ok=True)
    return book.parent / "extracts" / f"crime_{month}.csv"


def test_a_file_that_is_missing_among_many_is_not_passed_over(book: Path) -> None:
    many(book, FEB, MAR)
    refreshed(book, MAR)
    many(book, JAN, MAR)
    assert (
        "2 files of crime: Recorded crime: Feb-09 is known, but no file brings it; the months brought are Jan-09 and"
        " Mar-09 (R2). Put the file with it back, or ask for an extract with it."
    ) in refused(book)
    many(book, MAR)
    assert refreshed(book).notes == ("crime_2009-03.csv: Recorded crime begins in Mar-09; Feb-07 to Feb-09 stay as they"
                                     " were known (R3).",)  # fmt: skip
    assert held(book) == expected(MAR)


def test_a_month_that_no_file_of_many_ever_brought_is_unknown(book: Path) -> None:
    many(book, MAR)
    assert refreshed(book, MAR).notes[0] == (
        "crime_2009-03.csv: Recorded crime: no file brings Feb-09, and nothing is known of it, so it is unknown (P2)."
    )
    assert (FEB, None) not in held(book)


def test_an_area_that_was_known_is_not_given_up(with_areas: Path) -> None:
    add(with_areas, "sources", "    many: true\n    absent: zero\n")
    change(with_areas, "areas", "Camden: [], ", "")
    bring(with_areas, small.FIRST, JAN, boroughs=("Barnet", "Hackney"))
    message = refused(with_areas)
    assert "crime_2009-01.csv: Robbery: Camden has no figure any more in Feb-07 to Jan-09 (R2)." in message
    assert "Ask for the extract again, with every area. If that is meant, refresh it with cpa_xl refresh" in message
    outcome = refreshed(with_areas, accept_revisions=True)
    assert "Robbery: Camden has no figure any more in Feb-07 to Jan-09 (R2). It is accepted." in outcome.notes[0]
    assert {area for _, area in held(with_areas, "Areas")} == {"Barnet", "Hackney"}
    assert refreshed(with_areas).notes == ()


# --- the as-of month set back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [True, False], ids=["with the store", "from the workbook alone"])
def test_an_as_of_month_set_back_loses_nothing(book: Path, store: bool) -> None:
    """The tables end in the as-of month; the store still knows the month after it."""
    bring(book, FEB, FEB)
    refreshed(book, FEB)
    bring(book, JAN, FEB)
    assert refreshed(book, JAN).notes[-1].endswith("Feb-07 to Dec-08 stay as they were known (R3).")
    assert held(book) == expected(JAN)
    bring(book, MAR, MAR)
    if store:
        refreshed(book, MAR)
        assert held(book) == expected(MAR)
    else:
        store_of(book).unlink()
        assert "what is known ends in Jan-09: Feb-09 is missing (K2)" in refused(book, MAR)


# --- the store ---------------------------------------------------------------------------------------------------


def test_the_store_has_a_row_for_what_is_new_or_changed(book: Path) -> None:
    assert stored(book) == [(1, 1, "crime_2009-01.csv", 144)]  # 24 months, 3 boroughs, 2 series
    bring(book, JAN, FEB, changed({("Camden", "Burglary", JAN): 1 + usual("Camden", "Burglary", JAN)}))
    refreshed(book, FEB, day=2)
    assert stored(book) == [(1, 1, "crime_2009-01.csv", 144), (2, 2, "crime_2009-02.csv", 7)]
    query = "SELECT series, month::VARCHAR, area, value, extract, length(sha256) FROM read_parquet(?) WHERE refresh = 2"
    assert ("burglary", "2009-01-01", "Camden", 1.0 + usual("Camden", "Burglary", JAN), "crime_2009-02.csv", 64) in (
        duckdb.execute(query, [str(store_of(book))]).fetchall()
    )


def test_a_refresh_names_the_file_that_it_keeps(book: Path) -> None:
    arguments = [str(book), "--config", str(book.parent / "config")]
    store_of(book).unlink()
    printed = CliRunner().invoke(main, ["refresh", *arguments], catch_exceptions=False).stdout
    assert (
        f"{book} is up to date; nothing was changed\nNew and changed figures are kept in {store_of(book)}\n" in printed
    )
    assert "kept in" not in CliRunner().invoke(main, ["refresh", *arguments], catch_exceptions=False).stdout


def test_a_dry_run_keeps_nothing(book: Path) -> None:
    before = store_of(book).read_bytes()
    bring(book, FEB, FEB)
    refreshed(book, FEB, dry_run=True)
    assert store_of(book).read_bytes() == before
    store_of(book).unlink()
    refreshed(book, FEB, dry_run=True)
    assert not store_of(book).exists()


def test_a_crash_before_the_store_is_written_loses_nothing(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook has February, and a revised January, of which the store knows nothing."""
    more = {("Camden", "Robbery", JAN): 5 + usual("Camden", "Robbery", JAN)}
    bring(book, JAN, FEB, changed(more))
    before = store_of(book).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("cpa_xl.scorecard.history.write_whole", crash)
        with pytest.raises(KeyboardInterrupt):
            refreshed(book, FEB)
    assert store_of(book).read_bytes() == before
    here = expected(FEB, {JAN: 5 + total("Robbery", JAN)})
    assert held(book) == here
    bring(book, MAR, MAR)
    notes = refreshed(book, MAR).notes
    assert notes[-1] == (
        "Robbery: the workbook's tables differ from small.history.parquet in Jan-09, which no extract brings: the"
        " tables count. Correct them if somebody typed in them by mistake"
    )
    assert held(book) == expected(MAR, {JAN: 5 + total("Robbery", JAN)})
    assert refreshed(book).notes == notes[:-1]  # the store has it now


def crash(*_: object) -> None:
    """The machine goes off."""
    raise KeyboardInterrupt


def test_a_workbook_put_back_from_its_backup_loses_nothing(book: Path) -> None:
    """The store has held the month as the old tables have it, and knows it better now."""
    more = {("Camden", "Robbery", JAN): 5 + usual("Camden", "Robbery", JAN)}
    bring(book, JAN, FEB, changed(more))
    backup = refreshed(book, FEB).backup
    assert backup is not None
    shutil.copyfile(backup, book)
    bring(book, FEB, MAR)
    notes = refreshed(book, MAR).notes
    assert notes[1:] == (
        "Robbery: the workbook's tables are older than small.history.parquet in Jan-09, which no extract brings: that"
        " file counts. The workbook was not saved after a refresh, or is a copy",
    )
    assert held(book) == expected(MAR, {JAN: 5 + total("Robbery", JAN)})
    assert refreshed(book).notes == notes[:1]


@pytest.mark.parametrize("content", [b"", b"PAR1 no more of it", "foreign"], ids=["empty", "cut off", "foreign"])
def test_a_file_that_is_no_history_is_refused(book: Path, content: bytes | str) -> None:
    if isinstance(content, bytes):
        store_of(book).write_bytes(content)
    else:
        duckdb.execute(f"COPY (SELECT 1 AS month, 2 AS robbery) TO '{store_of(book)}' (FORMAT parquet)")
    message = refused(book)
    assert message.startswith("small.history.parquet beside the workbook cannot be read as its history (")
    assert message.endswith(
        "); nothing was changed. Put back a copy of it, or move it to another folder: the workbook's tables are the"
        " history then"
    )
    if content == "foreign":
        assert "it has the columns month, robbery" in message


def test_a_store_that_cannot_be_written_is_a_note(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(book, FEB, FEB)

    def full(*_: object) -> None:
        message = "small.history.parquet cannot be written: the disk is full"
        raise Refusal(message)

    monkeypatch.setattr("cpa_xl.scorecard.history.write_whole", full)
    outcome = refreshed(book, FEB)
    assert outcome.written
    assert outcome.notes[-1] == (
        "the history was not kept: small.history.parquet cannot be written: the disk is full. The next refresh goes on"
        " from the workbook's tables"
    )


# --- the command -------------------------------------------------------------------------------------------------


def told(book: Path, *options: str) -> Result:
    """What `cpa_xl history` prints."""
    arguments = ["history", str(book), "--config", str(book.parent / "config"), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def rows(book: Path, *options: str) -> list[dict[str, Any]]:
    result = told(book, *options, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.fixture
def revised(book: Path) -> Path:
    """January known on 1 March, revised on 2 March with February, and February revised on 3 March."""
    for day, first, more in ((2, JAN, {("Camden", "Robbery", JAN): 5}), (3, FEB, {("Barnet", "Robbery", FEB): -2})):
        bring(book, first, FEB, changed({place: usual(*place) + number for place, number in more.items()}))
        refreshed(book, FEB, day=day)
    return book


def test_history_tells_the_latest_month_of_each_series(revised: Path) -> None:
    assert rows(revised) == [
        {"series": "Robbery", "first month": "2007-02", "latest month": "2009-02", "figure": total("Robbery", FEB) - 2,
         "known on": "2009-03-03", "extract": "crime_2009-02.csv", "revised": 2},
        {"series": "Burglary", "first month": "2007-02", "latest month": "2009-02", "figure": total("Burglary", FEB),
         "known on": "2009-03-02", "extract": "crime_2009-02.csv", "revised": 0},
    ]  # fmt: skip
    assert [row["latest month"] for row in rows(revised, "--as-known-on", "2009-03-01")] == ["2009-01", "2009-01"]


def test_history_tells_a_month_as_it_was_known_on_a_day(revised: Path) -> None:
    then = total("Robbery", JAN)
    january = ("--month", "2009-01", "--as-known-on")
    assert [row["figure"] for row in rows(revised, *january, "2009-03-01")] == [then, total("Burglary", JAN)]
    robbery = {"series": "Robbery", "figure": then + 5, "known on": "2009-03-02", "extract": "crime_2009-02.csv",
               "first figure": then, "revised": 1}  # fmt: skip
    assert rows(revised, *january, "2009-03-02")[0] == robbery
    assert rows(revised, "--month", "Jan-09")[0] == robbery
    assert rows(revised, *january, "2009-02-28") == []
    assert told(revised, *january, "2009-02-28").stderr == (
        "Nothing was known of Jan-09 on 2009-02-28: the history begins on 2009-03-01.\n"
    )


def test_history_tells_the_months_of_a_series_and_the_versions_of_a_month(revised: Path) -> None:
    months = rows(revised, "--series", "robbery")
    assert [row["month"] for row in months] == [str(small.FIRST + step) for step in range(25)]
    assert [row["revised"] for row in months] == [0] * 23 + [1, 1]
    february, barnet = total("Robbery", FEB), usual("Barnet", "Robbery", FEB)
    camden, hackney = usual("Camden", "Robbery", FEB), usual("Hackney", "Robbery", FEB)
    assert told(revised, "--series", "Robbery", "--month", "2009-02", "--csv").stdout == (
        "known on,extract,area,figure\n"
        f"2009-03-02,crime_2009-02.csv,,{february}\n"
        f"2009-03-02,crime_2009-02.csv,Barnet,{barnet}\n"
        f"2009-03-02,crime_2009-02.csv,Camden,{camden}\n"
        f"2009-03-02,crime_2009-02.csv,Hackney,{hackney}\n"
        f"2009-03-03,crime_2009-02.csv,,{february - 2}\n"
        f"2009-03-03,crime_2009-02.csv,Barnet,{barnet - 2}\n"
    )
    printed = told(revised, "--series", "Robbery", "--month", "2009-02").stdout
    assert f"\n 2009-03-03  crime_2009-02.csv  Barnet   {barnet - 2:>6} \n" in printed
    assert told(revised, "--series", "Robery").stderr == (
        "--series Robery: nothing is known of such a series; there is Robbery, Burglary\n"
    )


def test_history_works_from_the_workbook_alone(revised: Path) -> None:
    store_of(revised).unlink()
    result = told(revised, "--month", "2009-01", "--csv")
    assert result.stdout == (
        "series,figure,known on,extract,first figure,revised\n"
        f"Robbery,{total('Robbery', JAN) + 5},,,{total('Robbery', JAN) + 5},0\n"
        f"Burglary,{total('Burglary', JAN)},,,{total('Burglary', JAN)},0\n"
    )
    assert result.stderr == (
        "There is no small.history.parquet beside the workbook; these are the figures in its tables.\n"
    )
    result = told(revised, "--as-known-on", "2009-03-01")
    assert result.exit_code == 1
    assert result.stderr == (
        "--as-known-on needs the history small.history.parquet beside the workbook, and there is none; without it, the"
        " tables say what is known now\n"
    )
    assert told(revised, "--json", "--csv").stderr == "give --json or --csv, not both\n"


def test_a_revision_of_what_only_the_tables_knew_is_kept_as_one(book: Path) -> None:
    store_of(book).unlink()
    bring(book, JAN, FEB, changed({("Camden", "Robbery", JAN): 5 + usual("Camden", "Robbery", JAN)}))
    refreshed(book, FEB)
    assert rows(book, "--month", "2009-01", "--series", "Robbery")[0]["figure"] == total("Robbery", JAN)
    assert rows(book, "--month", "2009-01")[0]["first figure"] == total("Robbery", JAN)
    assert rows(book, "--month", "2009-01")[0]["figure"] == total("Robbery", JAN) + 5


# --- figures that do not add up, money, and years ----------------------------------------------------------------


def only_last(book: Path, shorter: Callable[[str, str], bool]) -> None:
    """Leave of each extract beside a workbook the lines that are wanted: asked with its name and the line."""
    for path in (book.parent / "extracts").iterdir():
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if shorter(path.name.partition("_")[0], line)]
        path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("store", [True, False], ids=["with the store", "from the workbook alone"])
def test_medians_money_and_years_stay_as_they_were(tmp_path: Path, store: bool) -> None:
    book = kinds.force(tmp_path)
    refreshed(book, JAN)
    before = {name: list(read_rows(ClosedWorkbook.open(book), name)) for name in KINDS}
    shown = read_scorecard(ClosedWorkbook.open(book), load(book.parent / "config").workbooks["kinds"])
    if not store:
        store_of(book).unlink()
    wanted = {"calls": ",2009-01", "staff": "2009-01,", "population.csv": "mid-2008"}
    only_last(book, lambda name, line: wanted.get(name, "") in line)
    notes = refreshed(book).notes
    assert {name: list(read_rows(ClosedWorkbook.open(book), name)) for name in KINDS} == before
    assert read_scorecard(ClosedWorkbook.open(book), load(book.parent / "config").workbooks["kinds"]) == shown
    assert [note for note in notes if "R3" in note] == [
        "calls_2009-01.csv: Calls begins in Jan-09; Feb-07 to Dec-08 stay as they were known (R3).",
        "staff_2009-01.csv: Staff on duty begins in Jan-09; Feb-07 to Dec-08 stay as they were known (R3).",
        "population.csv: Residents begins in 2008; 2006 and 2007 stay as they were known (R3).",
    ]
    assert [note for note in notes if "R1" in note] == []
    assert [row.get("Note") for row in read_rows(ClosedWorkbook.open(book), "Extracts")] == [
        "Feb-07 to Dec-08 from earlier extracts",
        "a week in two months counts in each by its days",
        "2006 and 2007 from earlier extracts",
        "Feb-07 to Dec-08 from earlier extracts",
    ]
    calls = book.parent / "extracts/calls_2009-01.csv"
    calls.write_text(calls.read_text(encoding="utf-8").replace("00:12", "00:11"), encoding="utf-8")
    population = book.parent / "extracts/population.csv"
    population.write_text(population.read_text(encoding="utf-8").replace("1250", "1251"), encoding="utf-8")
    assert [note for note in refreshed(book).notes if "R1" in note] == [
        "calls_2009-01.csv: Seconds waited is revised: Jan-09 from 75 to 74 (-1.3%) (R1).",
        "calls_2009-01.csv: Median seconds is revised: Jan-09 from 12 to 11 (-8.3%) (R1).",
        "population.csv: Residents is revised: 2008 from 3,600 to 3,601 (+0.03%) (R1).",
    ]
    assert rows(book, "--month", "2009-01", "--series", "Median seconds")[-2:] == [
        {"known on": "2009-03-01", "extract": "calls_2009-01.csv", "area": None, "figure": 11},
        {"known on": "2009-03-01", "extract": "calls_2009-01.csv", "area": "North", "figure": 11},
    ]


def test_a_plan_for_a_copy_reads_the_history_of_its_document_and_writes_another(book: Path, tmp_path: Path) -> None:
    """As the button of LibreOffice asks for it: it puts the grown history into place once the document is changed."""
    bring(book, FEB, FEB)
    before = store_of(book).read_bytes()
    copy = Path(shutil.copy(book, tmp_path / "small.xlsx"))
    extracts, config = book.parent / "extracts", book.parent / "config"
    arguments = ["plan", str(copy), "--extracts", str(extracts), "--config", str(config), "--as-of", "2009-02"]
    plan = json.loads(CliRunner().invoke(main, [*arguments, "--copy-of", str(book)], catch_exceptions=False).stdout)
    assert plan["history"] == {"grown": str(store_of(copy)), "kept": str(store_of(book))}
    assert store_of(book).read_bytes() == before
    assert [row[:1] + row[2:] for row in stored(copy)] == [(1, "crime_2009-01.csv", 144), (2, "crime_2009-02.csv", 6)]
    assert len(next(table for table in plan["tables"] if table["name"] == "Monthly")["rows"]) == 25
    store_of(copy).unlink()
    plan = json.loads(CliRunner().invoke(main, arguments, catch_exceptions=False).stdout)
    assert plan["history"] is None
    assert not store_of(copy).exists()


def test_names_with_commas_quotation_marks_and_line_ends_come_back(tmp_path: Path) -> None:
    """What a history holds is what was put into it, to the last digit; a blank area is another than none."""
    first = HistoryRow(1, "robbery", JAN, None, 0.1 + 0.2, dt.datetime(2009, 2, 1, 9, 30))
    rows = [
        first,
        first._replace(area='King"s Cross, north\nand south', value=None, extract="a, b.csv", sha256="0" * 64),
        first._replace(area="", series="it's", value=1e300, definition="count; \r\n"),
        first._replace(refresh=2, area="Ynys M\u00f4n \\N", value=-7.0),
    ]
    path = tmp_path / "x.history.parquet"
    path.write_bytes(written(rows))
    assert list(read_rows_of(path)) == rows
    assert rows[3].value == read_rows_of(path)[3].value
