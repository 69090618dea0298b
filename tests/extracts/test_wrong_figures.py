"""Figures that would go wrong in silence: extracts that look right, and what is said about them.

Each test is named after its kind. Expected counts are those of a usual month, so that chance cannot give them.
"""

import calendar
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cpa_xl.config.load import load
from cpa_xl.errors import Level
from cpa_xl.extracts.facts import read_facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.measures.periods import Month
from tests.support.extract_files import AREAS, CRIME, EVENTS, EVENTS_HEAD, SURVEY, catalogue, faults, write

ARMED: dict[str, dict[str, Any]] = {
    "young": {"title": "Young", "source": "it", "count": "rows", "where": "coalesce(age, 99) < 20"}
}
PLACES = tuple(AREAS["four"].members)


def events(
    months: int = 6, a_month: int = 120, *, kept: Callable[[dt.date, str], bool] = lambda _day, _area: True
) -> Iterator[str]:
    """The rows of a list of events: from July 2008, on all days and in all areas alike, those that are `kept`."""
    number = 0
    for month in range(months):
        year, at = 2008 + (month + 6) // 12, (month + 6) % 12 + 1
        days = calendar.monthrange(year, at)[1]
        for n in range(a_month):
            day, area = dt.date(year, at, n * days // a_month + 1), PLACES[n % len(PLACES)]
            number += 1
            if kept(day, area):
                yield f"E{number:05d},{day:%d/%m/%Y},{area},Theft,{n % 60 + 10},N"


def said(folder: Path, source: dict[str, Any], series: dict[str, dict[str, Any]] | None = None) -> list[str]:
    """The warnings and notes of extracts that are not refused."""
    return [str(fault) for fault in read_facts(catalogue({"it": source}, series), folder).faults]


# --- b1, b2, b3: readers ----------------------------------------------------------------------------------------------


def sheet(folder: Path, cells: Mapping[str, str | dt.datetime], form: str = "dd/mm/yyyy") -> dict[str, Any]:
    """A sheet of events with some cells replaced, and its source."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(EVENTS_HEAD.split(","))
    for n, area in enumerate(PLACES * 3):
        page.append([f"E{n}", dt.datetime(2009, n % 2 + 1, n + 13), area, "Theft", 30, "N"])
    for name, value in cells.items():
        page[name] = value
    book.save(folder / "events.xlsx")
    day = {**EVENTS["columns"]["day"], "format": form}
    return {**EVENTS, "files": "events.xlsx", "columns": {**EVENTS["columns"], "day": day}}


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_b1_an_error_in_an_optional_column_is_no_blank(tmp_path: Path, error: str) -> None:
    assert faults(tmp_path, sheet(tmp_path, {"E4": error})) == [
        f"events.xlsx, row 4, column Age: '{error}' is an Excel error (V1)."
        " Correct the formula where the file was made."
    ]


def test_b1_a_formula_without_a_saved_result_is_no_blank(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, sheet(tmp_path, {"E4": "=1+1"}))
    assert "row 4, column Age: 'a formula without a saved result' is not a number (V1)" in fault


def test_b2_texts_beside_real_dates_were_turned_round(tmp_path: Path) -> None:
    """A spreadsheet with American dates makes 05/12/2008 a date of May, and leaves 25/12/2008 as text."""
    [fault] = faults(tmp_path, sheet(tmp_path, {"B3": "25/12/2008", "B7": "31/12/2008"}))
    assert fault == (
        "events.xlsx, column Day: 2 dates are texts such as '25/12/2008' and 10 are dates such as"
        " '2009-01-13 00:00:00': a spreadsheet that reads the month first makes dates of those that it can, with"
        " day and month swapped (V2)."
        " Ask for the extract again as CSV, and do not open it in a spreadsheet first."
    )


@pytest.mark.parametrize("form", ["dd/mm/yyyy", "mm/dd/yyyy", "yyyy-mm-dd"])
def test_b3_a_real_date_with_a_time_has_one_reading(tmp_path: Path, form: str) -> None:
    source = sheet(tmp_path, {"B2": dt.datetime(2009, 2, 3, 23, 59)}, form)
    assert said(tmp_path, source) == []


@pytest.mark.parametrize("months", [2, 6])
def test_b2_days_that_became_months(tmp_path: Path, months: int) -> None:
    """What an American spreadsheet saves as CSV: 05/12/2008 became 12/05/2008, and 25/12/2008 stayed."""
    rows = []
    for line in events(months, 1200):
        reference, day, rest = line.split(",", 2)
        if int(day[:2]) <= 12:
            day = f"{day[3:5]}/{day[:2]}/{day[6:]}"
        rows.append(f"{reference},{day},{rest}")
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    [fault] = [line for line in faults(tmp_path, EVENTS) if "(V2)" in line]
    assert fault.startswith("events.csv, column Day: in Jan-08")
    assert "the day is never above 12, though it is elsewhere: day and month seem to have been swapped (V2)" in fault


def test_b2_months_recorded_on_their_first_day_are_no_sign(tmp_path: Path) -> None:
    rows = [f"{line[:7]}01{line[9:]}" if line[10:12] < "10" else line for line in events(6, 300)]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert [line for line in said(tmp_path, EVENTS) if "(V2)" in line] == []


# --- b4: a place goes silent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a_month", "since", "message"),
    [
        (400, dt.date(2008, 12, 1), "South has nothing in Dec-08, where 100 a month are usual (V7)"),
        (400, dt.date(2008, 10, 1), "South has nothing in Oct-08 to Dec-08, where 100 a month are usual (V7)"),
    ],
)
def test_b4_a_large_place_that_goes_silent_stops(tmp_path: Path, a_month: int, since: dt.date, message: str) -> None:
    rows = events(a_month=a_month, kept=lambda day, area: area != "South" or day < since)
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert faults(tmp_path, EVENTS) == [f"events.csv: {message}. Is a part of the extract missing? Ask for it again."]


def test_b4_a_small_place_that_goes_silent_is_a_warning(tmp_path: Path) -> None:
    """30 a month: it would not be by chance, but a refresh goes on."""
    rows = events(kept=lambda day, area: area != "South" or day < dt.date(2008, 12, 1))
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert said(tmp_path, EVENTS) == [
        "events.csv: South has nothing in Dec-08, where 30 a month are usual (V7). Is a part of the extract missing?"
        " Ask for it again."
    ]


def test_b4_a_place_with_few_may_have_none(tmp_path: Path) -> None:
    rows = events(a_month=20, kept=lambda day, area: area != "South" or day < dt.date(2008, 12, 1))
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert said(tmp_path, EVENTS) == []


def zeros(folder: Path, level: int, area: str) -> None:
    """Six months of thefts in four areas, `level` a month each; one area has rows, and 0 in all of them."""
    rows = [["Area", "Kind", *(f"2008{month:02d}" for month in range(7, 13))]]
    rows += [[name, "Theft", *(str(0 if name == area else level + month) for month in range(6))] for name in PLACES]
    write(folder / "crime.csv", rows)


@pytest.mark.parametrize("area", PLACES)
def test_b4_a_place_that_never_has_anything(tmp_path: Path, area: str) -> None:
    """Its rows are there. Where others have few, it is no wonder."""
    zeros(tmp_path, 80, area)
    assert faults(tmp_path, CRIME, series=thefts()) == [
        f"crime.csv: {area} has nothing in any month, where the area with the least has 82 a month (V7)."
        " Is a part of the extract missing? Ask for it again."
    ]
    zeros(tmp_path, 20, area)
    [warning] = said(tmp_path, CRIME, thefts())
    assert "where the area with the least has 22 a month (V7)" in warning
    zeros(tmp_path, 0, area)
    assert [line for line in said(tmp_path, CRIME, thefts()) if "(V7)" in line and area in line] != []


def test_b4_a_few_events_a_month_do_not_say_what_is_usual(tmp_path: Path) -> None:
    """Three months of 2 and eight of none: 16 were expected, but 6 events may be chance. Twelve months may not."""
    for known, told in ((3, 0), (24, 1)):
        months = [f"{2006 + n // 12}{n % 12 + 1:02d}" for n in range(known + 8)]
        figures = {name: ["2"] * known + ["0" if name == "South" else "2"] * 8 for name in PLACES}
        rows = [["Area", "Kind", *months], *([name, "Theft", *found] for name, found in figures.items())]
        write(tmp_path / "crime.csv", rows)
        assert len([line for line in said(tmp_path, CRIME, thefts()) if "South has nothing" in line]) == told


# --- b6: totals among the rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["All kinds", "Total", "Crime total", "Sub-total"])
@pytest.mark.parametrize("out_by", [0, 1])
def test_b6_a_total_that_is_out_by_one_is_found(tmp_path: Path, name: str, out_by: int) -> None:
    rows: list[list[str]] = [["Area", "Kind", *(f"2008{month:02d}" for month in range(1, 13))]]
    for place, area in enumerate(PLACES):
        figures = [[100 + 10 * place + month, 57 + month] for month in range(12)]
        rows.append([area, "Theft", *(str(one) for one, _ in figures)])
        rows.append([area, "Arson", *(str(two) for _, two in figures)])
        off = [out_by if (place, month) == (1, 3) else 0 for month in range(12)]
        rows.append([area, name, *(str(one + two + more) for (one, two), more in zip(figures, off, strict=True))])
    write(tmp_path / "crime.csv", rows)
    found = faults(tmp_path, CRIME)
    assert found == [
        f"crime.csv, row 4, column Kind: the figures of '{name}' are the sum of the others', so they would count twice"
        " (K3). Leave these rows out, or check that they are not a total."
    ]


# --- b8, b9: categories and columns that vanish -----------------------------------------------------------------------


def test_b9_an_optional_column_that_is_empty_stops_where_a_condition_needs_it(tmp_path: Path) -> None:
    rows = [f"{row.rsplit(',', 2)[0]},,N" for row in events()]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert faults(tmp_path, EVENTS, series=ARMED) == [
        "events.csv, column Age: all 720 cells are empty, and Young depends on it (D2)."
        " Ask for the extract with this column filled."
    ]
    assert said(tmp_path, EVENTS) == []


def test_b9_an_optional_column_that_is_empty_since_last_month(tmp_path: Path) -> None:
    rows = [f"{row.rsplit(',', 2)[0]},,N" if "/12/2008" in row else row for row in events()]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert faults(tmp_path, EVENTS, series=ARMED) == [
        "events.csv, column Age: all 120 cells of Dec-08 are empty, and Young depends on it (D2)."
        " Ask for the extract with this column filled."
    ]


# --- b11: months and files that are cut -------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [20, 27])
def test_b11_a_last_month_that_ends_early_stops(tmp_path: Path, last: int) -> None:
    rows = events(a_month=360, kept=lambda day, _: day <= dt.date(2008, 12, last))
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert faults(tmp_path, EVENTS) == [
        f"events.csv, column Day: the last record is of {last}/12/2008; the {31 - last} days after it have none, where"
        " 11.8 a day are usual (V5). The month is not complete: ask for the extract again when it is."
    ]


def test_b11_a_last_month_that_ends_a_little_early_is_a_warning(tmp_path: Path) -> None:
    rows = events(a_month=120, kept=lambda day, _: day <= dt.date(2008, 12, 28))
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert said(tmp_path, EVENTS) == [
        "events.csv, column Day: the last record is of 28/12/2008; the 3 days after it have none, where 3.9 a day are"
        " usual (V5). Is the month complete?"
    ]


def test_b11_months_that_always_end_early_are_usual(tmp_path: Path) -> None:
    rows = events(a_month=360, kept=lambda day, _: day.day <= 15)
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert said(tmp_path, EVENTS) == []


def thinned(part: float) -> Iterator[str]:
    """Three years of events, two in three of which no series counts; a `part` of the last month's are there."""
    number = 0
    for month in range(36):
        year, at = 2006 + month // 12, month % 12 + 1
        days = calendar.monthrange(year, at)[1]
        usual = 900 + (month * 37) % 41
        for n in range(usual if month < 35 else round(part * usual)):
            number += 1
            kind, day = ("Theft", "Robbery", "Robbery")[n % 3], n * 7 % days + 1
            yield f"E{number:06d},{day:02d}/{at:02d}/{year},{PLACES[n % 4]},{kind},30,N"


THEFTS = {"thefts": {"title": "Thefts", "source": "it", "count": "rows", "where": "kind = 'Theft'"}}


def test_b11_a_last_month_in_part_is_told_by_all_its_records(tmp_path: Path) -> None:
    """A fifth fewer thefts may be chance (300 a month); a fifth fewer records of every kind is not (900 a month)."""
    write(tmp_path / "events.csv", [EVENTS_HEAD, *thinned(0.76)])
    [warning] = said(tmp_path, EVENTS, THEFTS)
    assert warning.startswith("events.csv: Events has 7")
    assert warning.endswith(" or more are usual (V6). Is the month complete?")
    write(tmp_path / "events.csv", [EVENTS_HEAD, *thinned(0.97)])
    assert said(tmp_path, EVENTS, THEFTS) == []


def test_b11_a_break_that_is_known_is_one_of_all_records(tmp_path: Path) -> None:
    known = {"thefts": {**THEFTS["thefts"], "known_breaks": [{"month": "2008-11", "reason": "fewer are recorded"}]}}
    write(tmp_path / "events.csv", [EVENTS_HEAD, *thinned(0.76)])
    assert said(tmp_path, EVENTS, known) == []


# --- b12: surveys -----------------------------------------------------------------------------------------------------


def survey(folder: Path, asked: int, pleased: int) -> None:
    rows = ["Quarter ending,Group,Asked,Pleased", "Jun 2008,All,400,300", "Sep 2008,All,410,320"]
    write(folder / "survey.csv", [*rows, f"Dec 2008,All,{asked},{pleased}"])


def test_b12_a_survey_that_asked_nobody_stops(tmp_path: Path) -> None:
    survey(tmp_path, 0, 0)
    assert faults(tmp_path, SURVEY) == [
        "survey.csv, row 4, column Asked: nobody was asked, so there is no share (S1)."
        " Leave the row out: it is unknown, not 0."
    ]


def test_b12_a_share_of_few_is_a_warning(tmp_path: Path) -> None:
    survey(tmp_path, 12, 9)
    assert said(tmp_path, SURVEY) == [
        "survey.csv, row 4, column Asked: a share of 12 says little; 30 or more are usual (S1). Is the number complete?"
    ]
    survey(tmp_path, 12, 13)
    with pytest.raises(ExtractsRefused):
        said(tmp_path, SURVEY)


@pytest.mark.parametrize("blank", [3, 4, 6])
def test_b9_many_more_empty_cells_than_before_are_a_warning(tmp_path: Path, blank: int) -> None:
    """Of the last month's 120 rows, 1 in 3, 4 or 6 has no age; before, none had."""
    rows = [
        ",".join([*cells[:4], "", cells[5]]) if "/12/2008" in cells[1] and number % blank == 0 else ",".join(cells)
        for number, line in enumerate(events()) for cells in [line.split(",")]
    ]  # fmt: skip
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    [warning] = said(tmp_path, EVENTS, ARMED)
    assert warning == (
        f"events.csv, column Age: {1 / blank:.0%} of the cells of Dec-08 are empty, where 0% are usual (D2)."
        " Ask why; Young depends on it."
    )


@pytest.mark.parametrize("blank", [2, 4])
def test_b9_rows_are_compared_with_those_of_their_kind(tmp_path: Path, blank: int) -> None:
    """Nine rows in ten are of a kind that has no age; of the others, some of the last month's lack it."""
    rows = []
    for number, line in enumerate(events(a_month=600)):
        reference, day, area, _, age, armed = line.split(",")
        if number % 10:
            rows.append(f"{reference},{day},{area},Robbery,,{armed}")
        else:
            lost = "/12/2008" in day and number // 10 % blank == 0
            rows.append(f"{reference},{day},{area},Theft,{'' if lost else age},{armed}")
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    young = {"young": {**ARMED["young"], "where": "kind = 'Theft' and coalesce(age, 99) < 20"}}
    [warning] = said(tmp_path, EVENTS, young)
    assert warning == (
        f"events.csv, column Age: {1 / blank:.0%} of the cells of Dec-08 are empty, where 0% are usual (D2)."
        " Ask why; Young depends on it."
    )


def test_b9_empty_cells_as_usual_are_no_warning(tmp_path: Path) -> None:
    rows = [
        ",".join([*cells[:4], "", cells[5]]) if number % 4 == 0 else ",".join(cells)
        for number, line in enumerate(events()) for cells in [line.split(",")]
    ]  # fmt: skip
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert said(tmp_path, EVENTS, ARMED) == []


@pytest.mark.parametrize("lost", [1, 2])
def test_b11_a_file_that_ends_inside_a_line_is_told(tmp_path: Path, lost: int) -> None:
    path = write(tmp_path / "crime.csv", [["Area", "Kind", "200812", "200901"],
                                          *([area, "Theft", "1000", "1111"] for area in PLACES)])  # fmt: skip
    assert said(tmp_path, CRIME, thefts()) == []
    path.write_bytes(path.read_bytes()[:-lost])
    found = said(tmp_path, CRIME, thefts())
    assert found[0] == (
        "crime.csv: the file does not end with the end of a line, so its last row may be cut (F2)."
        " Look at its last row."
    )


# --- b5, b7: another unit; b13: a known break -------------------------------------------------------------------------


def wide(folder: Path, before: int, after: int) -> None:
    """Three years of thefts: of each area `before` a month until April 2008, and `after` from then on."""
    months = [f"{2006 + at // 12}{at % 12 + 1:02d}" for at in range(36)]
    rows = [["Area", "Kind", *months]]
    for place, area in enumerate(PLACES):
        rows.append([area, "Theft", *(str((before if month < "200804" else after) + place) for month in months)])
        rows.append([area, "Arson", *(str(200 + 3 * place + int(month[-2:])) for month in months)])
    write(folder / "crime.csv", rows)


def thefts(**stated: object) -> dict[str, dict[str, Any]]:
    return {"theft": {"title": "Theft", "source": "it", "sum": "count", "where": "kind = 'Theft'", **stated}}


def test_b5_bounds_that_a_series_states_stop_another_unit(tmp_path: Path) -> None:
    wide(tmp_path, 100, 100)
    assert faults(tmp_path, CRIME, series=thefts(between=[500, 5000])) == [
        "crime.csv: Theft is outside 500 to 5,000, the bounds that it states: Jan-06 406, Feb-06 406, Mar-06 406 and"
        " 33 more months (V8). Is it another unit, or another extract? Correct it, or `between` in measures.yaml."
    ]
    assert said(tmp_path, CRIME, thefts(between=[406, 406])) == []


def test_b13_a_known_break_is_stated_once_and_warned_of_no_more(tmp_path: Path) -> None:
    wide(tmp_path, 100, 300)
    [warning] = said(tmp_path, CRIME, thefts())
    assert warning.startswith(
        "crime.csv: Theft is far from its own past: Apr-08 1,206, where 290 to 568 are usual; May-08 1,206, where "
    )
    known = [{"month": "2008-04", "reason": "attempts count too", "source": "Counting rules, April 2008"}]
    assert said(tmp_path, CRIME, thefts(known_breaks=known)) == []


def test_b13_a_break_says_nothing_of_other_months(tmp_path: Path) -> None:
    wide(tmp_path, 100, 300)
    [warning] = said(tmp_path, CRIME, thefts(known_breaks=[{"month": "2008-06", "reason": "another one"}]))
    assert "own past: Apr-08 1,206, where " in warning


@pytest.mark.parametrize("after", [120, 400])
@pytest.mark.parametrize(("part", "stops"), [(0.3, True), (0.55, False), (1.8, False), (3.5, True)])
def test_b13_months_after_a_known_break_are_judged_by_those_since(
    tmp_path: Path, after: int, part: float, stops: bool
) -> None:
    """No month a year before is comparable: eight months since April 2008 say what is usual."""
    wide(tmp_path, 100, after)
    lines = (tmp_path / "crime.csv").read_text().splitlines()
    at = [n for n, line in enumerate(lines) if ",Theft," in line]
    for n in at:
        most, _, last = lines[n].rpartition(",")
        lines[n] = f"{most},{round(part * int(last))}"
    write(tmp_path / "crime.csv", lines)
    series = thefts(known_breaks=[{"month": "2008-04", "reason": "attempts count too"}])
    if stops:
        assert any("Theft" in line for line in faults(tmp_path, CRIME, series=series))
    else:
        [warning] = said(tmp_path, CRIME, series)
        assert warning.startswith("crime.csv: Theft is far from its own past: Dec-08 ")


@pytest.mark.parametrize(
    ("known", "as_of", "told"),
    [(None, None, True), ("2008-03", "2008-12", True), ("2008-04", "2008-12", True), ("2008-05", "2008-12", False),
     (None, "2008-04", False), (None, "2008-05", True)],
)  # fmt: skip
def test_b13_a_figure_far_from_its_neighbours_is_told_when_it_is_new(
    tmp_path: Path, known: str | None, as_of: str | None, told: bool
) -> None:
    """That of April 2008 can be compared once May is there, and never changes after that."""
    wide(tmp_path, 100, 100)
    lines = (tmp_path / "crime.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[2].split(",")
    cells[lines[0].split(",").index("200804")] = "1400"
    write(tmp_path / "crime.csv", [*lines[:2], ",".join(cells), *lines[3:]])
    found = read_facts(
        catalogue({"it": CRIME}, {}), tmp_path,
        as_of=Month.read(as_of) if as_of else None, known={"it": Month.read(known)} if known else {},
    )  # fmt: skip
    assert [fault.code for fault in found.faults if "1,400 in Apr-08" in fault.message] == ["V6"] * told


def test_b13_the_sample_gives_no_warning(root: Path, sample_folder: Path) -> None:
    """The move of offences in April 2008 is stated in the shipped configuration."""
    found = read_facts(load(root / "config"), sample_folder, as_of=Month(2009, 1))
    assert [fault.code for fault in found.faults if fault.level is Level.WARN] == []


# --- b7: another figure under the usual heading -----------------------------------------------------------------------


MONTHS = [Month(2006, 4) + at for at in range(34)]  # to January 2009


def usual(area: int, month: int) -> int:
    """Thefts of an area in a month: some 150 to 400, that vary as counts do."""
    return 150 + 60 * area + (month * 37 + area * 53 + month * month * (area + 3)) % 41 - 20


def thefts_as(folder: Path, figure: Callable[[list[int], int, int], int]) -> list[str]:
    """What is said of a wide extract whose figures are `figure` of an area's usual ones, a month, and the area."""
    rows = [["Area", "Kind", *(f"{month.year}{month.month:02d}" for month in MONTHS)]]
    for area, name in enumerate(PLACES):
        own = [usual(area, at) for at in range(len(MONTHS))]
        rows.append([name, "Theft", *(str(figure(own, at, area)) for at in range(len(MONTHS)))])
    write(folder / "crime.csv", rows)
    try:
        return said(folder, CRIME, thefts())
    except ExtractsRefused as refused:
        return [str(fault) for fault in refused.faults]


def since(start: int, at: int) -> int:
    """The months from the last `start` of a year to a month."""
    return (MONTHS[at].month - start) % 12 + 1


LAST = len(MONTHS) - 1


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (lambda own, at, _area: sum(own[max(0, at - since(4, at) + 1) : at + 1]), "begins anew each April: "),
        (lambda own, at, _area: sum(own[max(0, at - since(1, at) + 1) : at + 1]), "begins anew each January: "),
        (lambda own, at, _area: own[at - (at == LAST)], "Jan-09 is that of Dec-08 (Theft) (V9)"),
        (lambda own, at, _area: round(own[at], -1), "is a multiple of 10: they seem to be rounded (V9)"),
        (lambda own, at, area: own[at] * (10 if at == LAST and area == 2 else 1), "Theft is far from its own past: "),
        (lambda own, at, _area: sum(own[at - 11 :]) if at == LAST else own[at], "Theft is far from its own past: "),
        (lambda own, at, _area: own[at] // 30 if at == LAST else own[at], "Theft: Jan-09 has "),
        (lambda own, at, _area: own[at] * 10 if at == LAST else own[at], "Theft is far from its own past: Jan-09 "),
    ],
    ids=["financial year so far", "calendar year so far", "a copy", "in tens", "one area times ten", "rolling year",
         "daily average", "times ten"],
)  # fmt: skip
def test_b7_another_figure_under_the_usual_heading_is_told(
    tmp_path: Path, figure: Callable[[list[int], int, int], int], told: str
) -> None:
    found = thefts_as(tmp_path, figure)
    assert [line for line in found if told in line], found


@pytest.mark.parametrize(
    "figure",
    [
        lambda own, at, _area: own[at],
        lambda own, at, _area: own[at] * (115 + 15 * (MONTHS[at].month in (11, 12))) // 100,  # a season
        lambda own, at, _area: own[at] * (100 + at) // 100,  # a trend
        lambda own, at, area: own[at] * (2 if at == LAST and area == 0 else 1),  # an operation
    ],
    ids=["as usual", "a season", "a trend", "an operation"],
)
def test_b7_usual_figures_are_not_told(tmp_path: Path, figure: Callable[[list[int], int, int], int]) -> None:
    assert thefts_as(tmp_path, figure) == []


# --- sums over records of which one has no figure ---------------------------------------------------------------------

COST: dict[str, Any] = {
    "title": "Cases", "files": "cases.csv", "shape": "records", "month": "day", "keys": ["ref"],
    "columns": {
        "ref": {"header": "Ref", "type": "text"},
        "day": {"header": "Day", "type": "date", "format": "dd/mm/yyyy"},
        "cost": {"header": "Cost", "type": "money", "optional": True, "missing": ["n/k"]},
    },
}  # fmt: skip
SPENT = {"spent": {"title": "Spent", "source": "it", "sum": "cost"}}
VALUES = {"values": {"title": "Values", "source": "it", "count": "cost"}}


@pytest.mark.parametrize("lacking", ["n/k", ""])
def test_a_sum_is_unknown_where_a_record_has_no_figure(tmp_path: Path, lacking: str) -> None:
    """January has 10 + ?, which is not 10; February has 7."""
    write(tmp_path / "cases.csv", ["Ref,Day,Cost", "A,01/01/2009,10", f"B,02/01/2009,{lacking}", "C,01/02/2009,7"])
    found = read_facts(catalogue({"it": COST}, SPENT), tmp_path)
    assert found.monthly("spent") == {Month(2009, 2): 7}
    assert any(
        str(fault).endswith(
            "1 of 3 rows has no value in 'Cost'; the sum of Spent is unknown in their months and areas (U1)."
        )
        for fault in found.faults
    )


def test_a_mean_leaves_such_a_record_out_of_both(tmp_path: Path) -> None:
    write(tmp_path / "cases.csv", ["Ref,Day,Cost", "A,01/01/2009,10", "B,02/01/2009,n/k", "C,01/01/2009,7"])
    found = read_facts(catalogue({"it": COST}, {**SPENT, **VALUES}), tmp_path)
    assert found.monthly("spent") == {Month(2009, 1): 17}
    assert found.monthly("values") == {Month(2009, 1): 2}
