"""What is wrong with single cells of extracts: numbers, flags, dates and months.

Each test makes a bad file and reads the message aloud: file, row, column, what stood there, what would do.
"""

from pathlib import Path

import pytest

from cpa_xl.extracts.values import check_count, check_date
from cpa_xl.measures.periods import Month
from tests.support.extract_files import (
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    EVERY,
    SURVEY,
    SURVEY_HEAD,
    crime_with,
    event_rows,
    events_with,
    faults,
    read,
    survey_rows,
    write,
)

JAN_09 = Month(2009, 1)


# V1 and V4: numbers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,234", "'1,234' is text with a thousands separator (V1). Write digits only: 1234."),
        ("1 234", "'1 234' is text with a thousands separator (V1). Write digits only: 1234."),
        ("12.3%", "'12.3%' is a percentage, not a count (V1). Write the number of cases in digits."),
        ("1O4", "'1O4' is not a number: it holds the letter O (V1). Write digits only: 104, if that is what is meant."),
        ("l2", "'l2' is not a number: it holds the letter l (V1). Write digits only: 12, if that is what is meant."),
        (
            "1\u041e4",
            "'1\u041e4' is not a number: it holds the letter \u041e (Cyrillic Capital Letter O, U+041E) (V1)."
            " Write digits only: 104, if that is what is meant.",
        ),
        (
            "1,2O4",
            "'1,2O4' is not a number: it holds the letter O (V1). Write digits only: 1204, if that is what is meant.",
        ),
        (
            "1e3",
            "'1e3' is in scientific notation, and digits may be lost (V1)."
            " Write every digit; a spreadsheet shortened it.",
        ),
        ("12 cases", "'12 cases' is not a number (V1). Write digits only."),
        ("0x10", "'0x10' is not a number (V1). Write digits only."),
        ("+5", "'+5' is not a number (V1). Write digits only."),
        ("\uff11\uff12", "'\uff11\uff12' is written with digits of another alphabet (V1). Write the digits 0 to 9."),
        ("1234567890123456", "'1234567890123456' has 16 digits, too many for a count (V1). Is it a reference number?"),
        ("#N/A", "'#N/A' is an Excel error (V1). Correct the formula where the file was made."),
        ("#DIV/0!", "'#DIV/0!' is an Excel error (V1). Correct the formula where the file was made."),
        *(
            (
                text,
                f"'{text}' marks a missing figure, and is not a number (V1)."
                " Write the number: 0 if there was none; an unknown figure cannot be counted.",
            )
            for text in ("-", "..", "n/a", "N/A", "NULL", "*", "[x]")
        ),
        ("-5", "'-5' is below zero (V4). A count cannot be negative; correct it where the file was made."),
        ("(5)", "'(5)' is below zero (V4). A count cannot be negative; correct it where the file was made."),
        ("30.5", "'30.5' is not a whole number (V4). Counts are whole: is it a rate, a mean or a percentage?"),
        ("0.108", "'0.108' is not a whole number (V4). Counts are whole: is it a rate, a mean or a percentage?"),
    ],
)
def test_text_that_is_no_count(text: str, message: str) -> None:
    fault = check_count(text)
    assert fault is not None
    assert f"{fault.message} ({fault.code}). {fault.remedy}" == message


@pytest.mark.parametrize("text", ["0", "7", "007", "123456789012345"])
def test_text_that_is_a_count(text: str) -> None:
    assert check_count(text) is None


@pytest.mark.parametrize("text", ["30.5", "1e3", "0x10", "1_000", " ", "\u0663", "+5", "1.", "inf"])
def test_the_database_takes_no_other_text_for_a_number_either(tmp_path: Path, text: str) -> None:
    """Casts read 30.5 as 31 and 1e3 as 1000; a cell must be refused, never rounded."""
    crime_with(tmp_path, {(3, 4): text})
    [fault] = faults(tmp_path, CRIME)
    assert fault.startswith("crime.csv, row 3, column 200812: ")


def test_a_bad_figure_is_located(tmp_path: Path) -> None:
    crime_with(tmp_path, {(7, 5): "1O4"})
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 7, column 200901: '1O4' is not a number: it holds the letter O (V1)."
        " Write digits only: 104, if that is what is meant."
    ]


def test_a_blank_is_missing_and_never_zero(tmp_path: Path) -> None:
    crime_with(tmp_path, {(7, 4): ""})
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 7, column 200812: the cell is empty (V1). Write the number: a blank is missing, never zero."
    ]


def test_every_fault_of_every_file_is_reported_together(tmp_path: Path) -> None:
    crime_with(tmp_path, {(2, 3): "-", (9, 1): "Nowhere", (10, 5): "-7"})
    assert [fault.split(":")[0] for fault in faults(tmp_path, CRIME)] == [
        "crime.csv, row 9, column Area", "crime.csv, row 2, column 200811", "crime.csv, row 10, column 200901",
    ]  # fmt: skip


def test_many_bad_cells_are_counted(tmp_path: Path) -> None:
    crime_with(tmp_path, {(row, column): "-" for row in range(2, 14) for column in (3, 4)})
    found = faults(tmp_path, CRIME)
    assert len(found) == 6
    assert found[-1] == "crime.csv: 19 more rows have faults of this kind (V1)."


def test_a_number_above_the_most_it_can_be(tmp_path: Path) -> None:
    events_with(tmp_path, "E9,31/01/2009,South,Theft,121,N")
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 18, column Age: 121 is above 120, the largest number allowed (V4). Correct the number."
    ]


def test_a_part_above_its_whole(tmp_path: Path) -> None:
    rows = survey_rows()
    rows[2] = "2008-06,A,201,1910"
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *rows])
    assert faults(tmp_path, SURVEY) == [
        "survey.csv, row 4, column Pleased: Pleased is 1,910, above Asked, which is 201 (V4). Correct one of them."
    ]


def test_cells_that_may_be_empty_are(tmp_path: Path) -> None:
    events_with(tmp_path, "E9,31/01/2009,South,Theft, ,N")
    assert read(tmp_path, EVENTS).extracts[0].rows == 17


def test_a_cell_that_must_be_filled_in(tmp_path: Path) -> None:
    events_with(tmp_path, "E9,31/01/2009,South,,30,")
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 18, column Kind: the cell is empty (V1)."
        " Fill it in, or say in sources.yaml that the column is optional.",
        "events.csv, row 18, column Armed: the cell is empty (V1)."
        " Fill it in, or say in sources.yaml that the column is optional.",
    ]


def test_a_flag_that_is_neither_yes_nor_no(tmp_path: Path) -> None:
    events_with(tmp_path, "E9,31/01/2009,South,Theft,30,maybe")
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 18, column Armed: 'maybe' is neither yes nor no (V1). Write Y or N."
    ]


def test_a_flag_may_be_written_in_several_ways(tmp_path: Path) -> None:
    flags = ["Y", "yes", "TRUE", "1", "n", "No", "false", "0"]
    events_with(tmp_path, *(f"F{n},31/01/2009,South,Theft,,{flag}" for n, flag in enumerate(flags)))
    armed = {"armed": {"title": "Armed", "source": "it", "count": "rows", "where": "armed"}}
    assert read(tmp_path, EVENTS, series=armed).monthly("armed")[JAN_09] == 4


# V2: dates and months


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("2009-31-01", "dd/mm/yyyy", "'2009-31-01' is not a day of the calendar (V2). Write the date yyyy-mm-dd."),
        ("31.01.2009", "dd/mm/yyyy", "'31.01.2009' is not a date written dd/mm/yyyy (V2). Write the date dd/mm/yyyy."),
        ("31/01/09", "dd/mm/yyyy", "'31/01/09' has a year of two digits (V2). Write the date dd/mm/yyyy."),
        (
            "01/31/2009",
            "dd/mm/yyyy",
            "'01/31/2009' is not a day if read dd/mm/yyyy, but is one if read mm/dd/yyyy (V2)."
            " Ask for the extract with dates dd/mm/yyyy, or change `format` in sources.yaml.",
        ),
        ("31/02/2009", "dd/mm/yyyy", "'31/02/2009' is not a day of the calendar (V2). Write the date dd/mm/yyyy."),
        (
            "39844",
            "dd/mm/yyyy",
            "'39844' is a date number of a spreadsheet, not a date (V2). Write the date dd/mm/yyyy.",
        ),
        ("Jan-09", "yyyy-mm-dd", "'Jan-09' is not a date written yyyy-mm-dd (V2). Write the date yyyy-mm-dd."),
        ("31/01/1900", "dd/mm/yyyy", "'31/01/1900' is in the year 1900, outside 1990 to 2100 (V2). Correct the year."),
        ("31/01/2901", "dd/mm/yyyy", "'31/01/2901' is in the year 2901, outside 1990 to 2100 (V2). Correct the year."),
    ],
)
def test_text_that_is_no_date(text: str, form: str, message: str) -> None:
    fault = check_date(text, form)
    assert fault is not None
    assert f"{fault.message} ({fault.code}). {fault.remedy}" == message


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("31/01/2009", "dd/mm/yyyy"), ("1/2/2009", "dd/mm/yyyy"), ("31/01/2009 23:59:59", "dd/mm/yyyy"),
        ("01/31/2009", "mm/dd/yyyy"), ("2009-01-31", "yyyy-mm-dd"), ("2009-01-31T08:30", "yyyy-mm-dd"),
        ("2009-01-31 00:00:00", "dd/mm/yyyy"),
    ],
)  # fmt: skip
def test_text_that_is_a_date(tmp_path: Path, text: str, form: str) -> None:
    """The database and the message agree on what a date is."""
    assert check_date(text, form) is None
    source = {**EVENTS, "columns": {**EVENTS["columns"], "day": {"header": "Day", "type": "date", "format": form}}}
    areas = ("North", "South", "East", "Westminster")
    write(tmp_path / "events.csv", [EVENTS_HEAD, *(f"E{n},{text},{area},Theft,,N" for n, area in enumerate(areas))])
    month = Month(2009, 2) if text == "1/2/2009" else JAN_09
    assert read(tmp_path, source, series=EVERY).monthly("every") == {month: 4}


def test_a_bad_date_is_located(tmp_path: Path) -> None:
    events_with(tmp_path, "E9,01/31/2009,South,Theft,30,N")
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 18, column Day: '01/31/2009' is not a day if read dd/mm/yyyy, but is one if read mm/dd/yyyy"
        " (V2). Ask for the extract with dates dd/mm/yyyy, or change `format` in sources.yaml."
    ]


def test_dates_whose_day_is_never_above_twelve_are_refused(tmp_path: Path) -> None:
    """A spreadsheet that read dd/mm as mm/dd leaves valid dates only, all of them wrong."""
    areas = ("North", "South", "East", "Westminster")
    lines = [f"E{n},{1 + n % 12:02d}/01/2009,{areas[n % 4]},Theft,,N" for n in range(240)]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *lines])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, column Day: in 240 dates the day is never above 12: day and month seem to have been swapped (V2)."
        " Ask for the extract with dates dd/mm/yyyy."
    ]


def test_a_date_far_from_all_others_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(each=20), "E9,31/01/2019,South,Theft,30,N"])
    assert faults(tmp_path, EVENTS, as_of=JAN_09) == [
        "events.csv, row 162, column Day: '31/01/2019' is far from the other dates, nearly all of which are in Dec-08"
        " to Jan-09 (V2)."
        " Correct the date, or leave the row out."
    ]


def test_a_month_that_can_be_read_two_ways(tmp_path: Path) -> None:
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *survey_rows(), "01/02/2009,A,200,190", "01/02/2009,B,90,80"])
    assert faults(tmp_path, SURVEY)[0] == (
        "survey.csv, row 10, column Quarter ending: '01/02/2009' could be January or February 2009 (V2)."
        ' Write a month such as 2009-01 or "Jan-09", or a date.'
    )


def test_months_may_be_written_in_any_way_that_is_read_one_way_only(tmp_path: Path) -> None:
    rows = ["2008-03,A,1,1", "30/06/2008,A,2,1", "Sep-08,A,3,1", "December 2008,A,4,1"]
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *rows])
    asked = {"asked": {"title": "Asked", "source": "it", "sum": "asked"}}
    assert list(read(tmp_path, SURVEY, series=asked).monthly("asked").values()) == [1, 2, 3, 4]


def test_financial_years_are_not_months(tmp_path: Path) -> None:
    """2008-09 alone would be September 2008; in a column of financial years it is not."""
    rows = [f"{year}-{(year + 1) % 100:02d},A,200,190" for year in range(2005, 2010)]
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *rows])
    assert faults(tmp_path, SURVEY) == [
        "survey.csv, column Quarter ending: the column holds financial years ('2005-06' to '2009-10'), not months (V2)."
        " Give a month in each row: 2008-04."
    ]


def test_a_quarter_that_ends_in_another_month_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "survey.csv", [SURVEY_HEAD, *survey_rows(), "2009-02,A,200,190", "2009-02,B,90,80"])
    assert faults(tmp_path, SURVEY) == [
        "survey.csv: Feb-09 does not lie whole quarters after Mar-08, where the rows begin (V2)."
        " Give the month that each quarter ends in."
    ]
