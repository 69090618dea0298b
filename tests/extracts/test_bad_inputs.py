"""What is wrong between the rows of extracts: keys, months, areas, categories, and figures beside their neighbours.

Each test makes a bad file and reads the message aloud: file, row, column, what stood there, what would do.
"""

from pathlib import Path

import pytest

from cpa_xl.config.model import AreaList, ColumnType, SourceColumn
from cpa_xl.extracts.values import AreaNames, check_text
from cpa_xl.measures.periods import Month
from tests.support.extract_files import (
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    EVERY,
    SURVEY,
    SURVEY_HEAD,
    THEFT,
    crime_rows,
    crime_with,
    event_rows,
    events_with,
    faults,
    noticed,
    read,
    survey_rows,
    write,
)

JAN_09 = Month(2009, 1)


# K1: keys


def test_a_reference_that_is_there_twice(tmp_path: Path) -> None:
    events_with(tmp_path, "E0003,31/01/2009,South,Theft,30,N")
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 18, column Reference: 'E0003' is already in row 4 (K1). Each row must differ in it; leave one."
    ]


def test_a_key_of_several_columns_that_is_there_twice(tmp_path: Path) -> None:
    """Also where the area is written in another way."""
    rows = crime_rows()
    write(tmp_path / "crime.csv", [*rows, ["North & Hills", *rows[2][1:]]])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 14, column Area, Kind: 'North, Robbery' is already in row 3 (K1)."
        " No two rows may have the same; leave one."
    ]


def test_rows_pasted_several_times_are_counted(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(each=4) * 3])
    found = faults(tmp_path, EVENTS)
    assert found[0] == (
        "events.csv, row 34, column Reference: 'E0001' is already in row 2, and in 1 more row (K1)."
        " Each row must differ in it; leave one."
    )
    assert found[-1] == "events.csv: 27 more rows have faults of this kind (K1)."


# K2: months and areas that are not there


def test_a_month_without_a_column_is_missing(tmp_path: Path) -> None:
    rows = [row[:3] + row[4:] for row in crime_rows(5, "2008-09")]
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv: there is no column for Oct-08, though there are some before and after (K2)."
        " Ask for the extract again, with every month."
    ]


def test_a_month_without_a_row_is_missing(tmp_path: Path) -> None:
    lines = [line for line in event_rows(6, first="2008-08") if "/10/2008" not in line and "/12/2008" not in line]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *lines])
    assert faults(tmp_path, EVENTS) == [
        "events.csv: there is no row for Oct-08 and Dec-08, though there are some before and after (K2)."
        " Ask for the extract again, with every month."
    ]


def test_months_up_to_the_as_of_month_must_be_there(tmp_path: Path) -> None:
    crime_with(tmp_path, {})
    assert faults(tmp_path, CRIME, as_of=Month(2009, 2)) == [
        "crime.csv: there is nothing for Feb-09; the last month is Jan-09 (K2). Ask for an extract up to Feb-09."
    ]
    assert faults(tmp_path, CRIME, as_of=Month(2009, 4)) == [
        "crime.csv: there is nothing for Feb-09 to Apr-09; the last month is Jan-09 (K2)."
        " Ask for an extract up to Apr-09."
    ]


def test_a_lag_allows_for_months_that_are_not_there_yet(tmp_path: Path) -> None:
    crime_with(tmp_path, {})
    late = {**CRIME, "lag": 1}
    assert noticed(read(tmp_path, late, as_of=Month(2009, 2)).faults) == [
        "crime.csv: Crime ends in Jan-09, 1 month before Feb-09, as allowed (P2)."
    ]
    assert faults(tmp_path, late, as_of=Month(2009, 3)) == [
        "crime.csv: there is nothing for Feb-09; the last month is Jan-09 (K2). Ask for an extract up to Feb-09."
    ]


def test_an_extract_that_begins_after_the_as_of_month(tmp_path: Path) -> None:
    crime_with(tmp_path, {})
    assert faults(tmp_path, CRIME, as_of=Month(2008, 6)) == [
        "crime.csv: the rows begin in Nov-08, after the as-of month Jun-08 (K2)."
        " Ask for an extract that begins earlier."
    ]


def test_a_quarter_that_is_missing(tmp_path: Path) -> None:
    rows = survey_rows()
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *rows[:2], *rows[4:]])
    assert faults(tmp_path, SURVEY) == [
        "survey.csv: there is no row for Jun-08, though there are some before and after (K2)."
        " Ask for the extract again, with every quarter."
    ]


def test_an_area_without_rows_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *(line for line in event_rows() if "South" not in line)])
    assert faults(tmp_path, EVENTS) == [
        "events.csv: there is no row for South, of 4 areas (K2). Ask for the extract again, with every area."
    ]


# K3 and K4: areas


def test_a_row_that_adds_areas_up_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [*crime_rows(), ["All areas", "Theft", "1", "2", "3"]])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 14, column Area: 'All areas' adds up areas that have rows of their own, so they would count"
        " twice (K3). Leave the row out."
    ]


def test_rows_that_are_the_sum_of_the_others_are_refused(tmp_path: Path) -> None:
    """A total that no list of names knows: the figures tell."""
    rows = crime_rows()
    totals = []
    for first in range(1, 13, 3):
        months = zip(*(row[2:] for row in rows[first : first + 3]), strict=True)
        totals.append([rows[first][0], "Notifiable", *(str(sum(map(int, month))) for month in months)])
    write(tmp_path / "crime.csv", [*rows, *totals])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 14, column Kind: the figures of 'Notifiable' are the sum of the others', so they would count"
        " twice (K3). Leave these rows out, or check that they are not a total."
    ]


def test_an_area_that_is_the_sum_of_the_others_is_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    for row, *others in zip(rows[10:], rows[1:4], rows[4:7], rows[7:10], strict=True):
        row[2:] = [str(sum(int(other[place]) for other in others)) for place in range(2, 5)]
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 11, column Area: the figures of 'Westminster' are the sum of the others', so"
        " they would count twice (K3). Leave these rows out, or check that they are not a total."
    ]


def test_an_unknown_area_is_refused_with_the_likeliest_one(tmp_path: Path) -> None:
    crime_with(tmp_path, {(11, 1): "Westminister", (12, 1): "Westminister", (13, 1): "Atlantis"})
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 11, column Area: 'Westminister' is not in the list of areas four (Four areas);"
        " 2 rows have it (K4). Is it Westminster? Correct it, or add this spelling to areas.yaml.",
        "crime.csv, row 13, column Area: 'Atlantis' is not in the list of areas four (Four areas) (K4)."
        " Correct it, or add the area to areas.yaml.",
    ]


def test_rows_beyond_those_looked_at_are_counted_too(tmp_path: Path) -> None:
    """The first 2,000 bad cells of a column are looked at one by one; the number of rows is that of the file."""
    more = [f"E{number},01/12/2008,Westminister,Theft,,N" for number in range(100, 2600)]
    events_with(tmp_path, *more)
    [fault] = faults(tmp_path, EVENTS)
    assert "'Westminister' is not in the list of areas four (Four areas); 2,500 rows have it (K4)" in fault


def test_a_letter_of_another_alphabet_is_named(tmp_path: Path) -> None:
    """The printed scorecard itself holds a Cyrillic A among its letters."""
    crime_with(tmp_path, {(8, 1): "\u0415ast"})
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 8, column Area: '\u0415ast' is written with \u0415 (Cyrillic Capital Letter Ie,"
        " U+0415), which looks"
        " like E (K4). Type it again: East."
    ]


@pytest.mark.parametrize("text", [" East", "East ", "EAST", "East\u00a0", "Ea\u200bst", "\uff25ast"])
def test_spaces_case_and_invisible_marks_mean_nothing(tmp_path: Path, text: str) -> None:
    crime_with(tmp_path, {(8, 1): text})
    assert set(read(tmp_path, CRIME, series=THEFT).areas("theft")) == {"North", "South", "East", "Westminster"}


def test_an_area_may_be_written_in_another_way() -> None:
    areas = AreaNames("boroughs", AreaList(title="Boroughs", members={"Kingston upon Thames": ("Kingston",)}))
    assert areas.read("KINGSTON") == "Kingston upon Thames"
    assert areas.read("Kingston on Thames") is None


# D1: categories


def test_a_category_that_is_not_known_is_refused(tmp_path: Path) -> None:
    events_with(tmp_path, "E9,31/01/2009,South,Robery,30,N", "E8,31/01/2009,South,Fraud,30,N")
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 18, column Kind: 'Robery' is not one of Theft, Robbery (D1). Is it 'Robbery'?"
        " Correct it, or add it to the values in sources.yaml and to the conditions that should count it.",
        "events.csv, row 19, column Kind: 'Fraud' is not one of Theft, Robbery (D1)."
        " Correct it, or add it to the values in sources.yaml and to the conditions that should count it.",
    ]


def test_a_category_that_a_condition_names_must_be_there(tmp_path: Path) -> None:
    """The published file says "Theft/Taking Of Motor Vehicle": a small o would lose all of it, without a word."""
    crime_with(tmp_path, {})
    two = {
        "two": {"title": "Two kinds", "source": "it", "sum": "count", "where": "kind in ('Theft', 'arson', 'Fraud')"}
    }
    assert faults(tmp_path, CRIME, series=two) == [
        "crime.csv, column Kind: no row holds 'Fraud', which Two kinds counts (D1)."
        " The column holds 'Arson', 'Robbery', 'Theft'. Correct the condition in measures.yaml.",
        "crime.csv, column Kind: no row holds 'arson', which Two kinds counts (D1)."
        " Is it 'Arson' now? Then correct the condition in measures.yaml.",
    ]


def test_a_series_without_a_row_is_worth_a_warning(tmp_path: Path) -> None:
    events_with(tmp_path)
    armed = {"armed": {"title": "Armed", "source": "it", "count": "rows", "where": "armed and age < 20"}}
    facts = read(tmp_path, EVENTS, series=armed)
    assert noticed(facts.faults) == [
        "events.csv: no row belongs to Armed (armed): armed and age < 20 (D1)."
        " Check the condition in measures.yaml against the file."
    ]
    assert facts.monthly("armed") == {Month(2008, 12): 0, JAN_09: 0}


# V3, V5, V6: figures beside their neighbours


def test_a_figure_a_hundred_times_its_neighbour(tmp_path: Path) -> None:
    crime_with(tmp_path, {(5, 5): "14100"})
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 5, column 200901: 14,100 in Jan-09 is 101 times the 139 of the period before (V3)."
        " Is it a rate or percentage, or a figure times 100? Correct it where the file was made."
    ]


def test_a_percentage_where_a_count_should_be(tmp_path: Path) -> None:
    rows = [f"{2008 + n // 4}-{3 * (n % 4) + 3:02d},A,{2000 + n},{1900 + n}" for n in range(4)]
    rows[3] = "2008-12,A,2003,95"
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *rows])
    assert faults(tmp_path, SURVEY) == [
        "survey.csv, row 5, column Pleased: 95 is 4.7% of 2,003 (Asked), where 95% is usual (V3)."
        " Is it a percentage? Write the number."
    ]


def test_a_figure_a_hundredth_of_its_neighbours(tmp_path: Path) -> None:
    lines = [f"2008-{month:02d},A,{4000 + month},1" for month in (3, 6, 9, 12)]
    lines[2] = "2008-09,A,40,1"
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *lines])
    assert faults(tmp_path, {**SURVEY, "at_most": []}) == [
        "survey.csv, row 4, column Asked: 40 in Sep-08 is one part in 100 of the 4,006 of the period before (V3)."
        " Is it a rate or percentage, or a figure times 100? Correct it where the file was made.",
        "survey.csv, row 5, column Asked: 4,012 in Dec-08 is 100 times the 40 of the period before (V3)."
        " Is it a rate or percentage, or a figure times 100? Correct it where the file was made.",
    ]


def test_the_first_period_may_be_small(tmp_path: Path) -> None:
    write(
        tmp_path / "survey.csv", [SURVEY_HEAD, "2008-03,A,4,3", *(f"2008-{month},A,4000,3" for month in ("06", "09"))]
    )
    assert read(tmp_path, {**SURVEY, "at_most": []}).extracts[0].rows == 3


def test_a_last_month_that_has_hardly_come_in(tmp_path: Path) -> None:
    rows = crime_rows(13, "2008-01")
    for row in rows[1:]:
        row[-1] = "3"
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME, series=THEFT) == [
        "crime.csv: Theft: Jan-09 has 12 where Jan-08 had 622, below half in 4 of 4 areas (V5)."
        " Is the month complete? Ask for the extract again when it is."
    ]


def test_a_last_month_that_is_low_in_few_areas_is_not_stopped(tmp_path: Path) -> None:
    rows = crime_rows(13, "2008-01")
    rows[1][-1] = "3"
    write(tmp_path / "crime.csv", rows)
    assert read(tmp_path, CRIME, series=THEFT).monthly("theft")[JAN_09]


def test_a_month_after_the_as_of_month_may_be_incomplete(tmp_path: Path) -> None:
    rows = crime_rows(14, "2008-01")
    for row in rows[1:]:
        row[-1] = "0"
    write(tmp_path / "crime.csv", rows)
    facts = read(tmp_path, CRIME, series=THEFT, as_of=JAN_09)
    assert noticed(facts.faults) == [
        "crime.csv: the file goes on after the as-of month Jan-09: Feb-09 is left out (P2)."
    ]
    assert max(facts.monthly("theft")) == facts.extracts[0].last == JAN_09


def test_without_areas_a_low_last_month_is_a_warning(tmp_path: Path) -> None:
    source = {key: value for key, value in EVENTS.items() if key not in ("area", "areas")}
    lines = [line for line in event_rows(13, 8, "2008-01") if not line.split(",")[1].endswith("/01/2009")]
    lines += ["E9,31/01/2009,South,Theft,30,N"]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *lines])
    assert noticed(read(tmp_path, source, series=EVERY).faults) == [
        "events.csv: Every event: Jan-09 has 1 where Jan-08 had 32 (V5). Is the month complete?"
    ]


def test_a_month_unlike_the_one_a_year_before_is_a_warning(tmp_path: Path) -> None:
    """Theft in January 2008: 100 + 137 + 174 + 211 = 622; a year later 12 x (1 + 2 + 3 + 4) more, here doubled."""
    rows = crime_rows(14, "2008-01")
    for row in rows[1:]:
        row[14] = str(2 * int(row[14]))
    write(tmp_path / "crime.csv", rows)
    assert noticed(read(tmp_path, CRIME, series=THEFT).faults) == [
        "crime.csv: Theft is far from its own past: Jan-09 1,484, where 444 to 871 are usual (V6)."
        " Ask whether it is real; if it counts something else now, state it under known_breaks in measures.yaml."
    ]


def test_a_figure_with_a_digit_too_many_or_too_few_is_a_warning(tmp_path: Path) -> None:
    crime_with(tmp_path, {(5, 4): "1380", (6, 4): "14"})
    assert noticed(read(tmp_path, CRIME).faults) == [
        "crime.csv, row 5, column 200812: 1,380 in Dec-08, where Nov-08 has 137 and Jan-09 141 (V6)."
        " Ask whether it is real.",
        "crime.csv, row 6, column 200812: 14 in Dec-08, where Nov-08 has 148 and Jan-09 152 (V6)."
        " Ask whether it is real.",
    ]


# P1: provisional months


def test_provisional_months_are_noted(tmp_path: Path) -> None:
    crime_with(tmp_path, {})
    source = {**CRIME, "provisional_from": "2008-12", "provisional_note": "late returns may raise them"}
    assert noticed(read(tmp_path, source).faults) == [
        "crime.csv: Crime: months from Dec-08 are provisional: late returns may raise them (P1)."
    ]


def test_a_survey_that_is_older_than_allowed_is_noted(tmp_path: Path) -> None:
    """The workbook gives no letter then; the figures before still count."""
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *survey_rows()])
    assert noticed(read(tmp_path, SURVEY, as_of=Month(2009, 4)).faults) == [
        "survey.csv: Survey ends in Dec-08, 4 months before Apr-09, more than the 3 allowed: no letter is given (P2)."
    ]


def test_text_columns_take_any_text() -> None:
    assert check_text("anything, at all", SourceColumn(header="Note", type=ColumnType.TEXT)) is None
