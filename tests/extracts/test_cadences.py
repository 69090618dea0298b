"""Weeks counted into months by each rule, populations by year, and what a record without a figure counts for."""

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.config.load import layouts
from cpa_xl.config.model import Catalogue, SeriesSpec, Source
from cpa_xl.extracts.facts import read_facts
from cpa_xl.measures.periods import Month
from tests.support.extract_files import EVENTS, EVENTS_HEAD, event_rows, faults, noticed, read, write
from tests.support.recorded_crime import RESIDENTS as RESIDENTS_OF_BOROUGHS

WEEKLY: dict[str, Any] = {
    "title": "Demand", "files": "demand*.csv", "shape": "counts", "cadence": "weekly", "weeks": "by_last_day",
    "week_date": "first_day", "month": "week", "keys": ["week"],
    "columns": {
        "week": {"header": "Week", "type": "date"},
        "calls": {"header": "Calls", "type": "count"},
    },
}  # fmt: skip
CALLS = {"calls": {"title": "Calls", "source": "it", "sum": "calls"}}
# Ten Mondays, from 1 December 2008 to 2 February 2009, with 70 to 79 calls.
MONDAYS = ("2008-12-01", "2008-12-08", "2008-12-15", "2008-12-22", "2008-12-29",
           "2009-01-05", "2009-01-12", "2009-01-19", "2009-01-26", "2009-02-02")  # fmt: skip
DEC_08, JAN_09, FEB_09 = Month(2008, 12), Month(2009, 1), Month(2009, 2)
RESIDENTS: dict[str, Any] = {
    "title": "Residents", "files": "people*.csv", "shape": "counts", "cadence": "yearly", "month": "year",
    "area": "area", "areas": "four", "keys": ["year", "area"],
    "columns": {
        "year": {"header": "Year", "type": "year"},
        "area": {"header": "Area", "type": "area"},
        "people": {"header": "People", "type": "count"},
    },
}  # fmt: skip
PEOPLE = {"people": {"title": "People", "source": "it", "sum": "people"}}


def weeks(folder: Path, days: tuple[str, ...] = MONDAYS, name: str = "demand.csv") -> Path:
    return write(folder / name, ["Week,Calls", *(f"{day},{70 + n}" for n, day in enumerate(days))])


@pytest.mark.parametrize(
    ("rule", "december", "january"),
    [
        # Weeks that end on 7, 14, 21 and 28 December; on 4, 11, 18 and 25 January.
        ("by_last_day", 70 + 71 + 72 + 73, 74 + 75 + 76 + 77),
        # Weeks that begin on 1, 8, 15, 22 and 29 December; on 5, 12, 19 and 26 January.
        ("by_first_day", 70 + 71 + 72 + 73 + 74, 75 + 76 + 77 + 78),
        # Three days of the week of 29 December are in December, four in January; six of that of 26 January.
        ("by_days", 70 + 71 + 72 + 73 + 74 * 3 / 7, 74 * 4 / 7 + 75 + 76 + 77 + 78 * 6 / 7),
    ],
)
def test_weeks_count_into_months_by_the_stated_rule(tmp_path: Path, rule: str, december: float, january: float) -> None:
    weeks(tmp_path)
    facts = read(tmp_path, {**WEEKLY, "weeks": rule}, series=CALLS)
    assert facts.monthly("calls") == {DEC_08: pytest.approx(december), JAN_09: pytest.approx(january)}
    assert (facts.extracts[0].first, facts.extracts[0].last) == (DEC_08, JAN_09)


def test_the_date_of_a_week_may_be_its_last_day(tmp_path: Path) -> None:
    sundays = ("2008-12-07", "2008-12-14", "2008-12-21", "2008-12-28", "2009-01-04")
    weeks(tmp_path, sundays)
    facts = read(tmp_path, {**WEEKLY, "week_date": "last_day"}, series=CALLS)
    assert facts.monthly("calls") == {DEC_08: 70 + 71 + 72 + 73}


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ("by_last_day", "a week counts in the month of its last day"),
        ("by_first_day", "a week counts in the month of its first day"),
        ("by_days", "a week in two months counts in each by its days"),
    ],
)
def test_the_extract_says_by_which_rule_its_weeks_count(tmp_path: Path, rule: str, note: str) -> None:
    weeks(tmp_path)
    assert read(tmp_path, {**WEEKLY, "weeks": rule}, series=CALLS).extracts[0].note == note


def test_a_month_without_all_its_weeks_is_unknown_and_named(tmp_path: Path) -> None:
    weeks(tmp_path, MONDAYS[1:])
    facts = read(tmp_path, {**WEEKLY, "weeks": "by_days"}, series=CALLS)
    assert set(facts.monthly("calls")) == {JAN_09}
    assert noticed(facts.faults) == [
        "demand.csv: Dec-08 is left out, because some of its weeks are not in the file"
        " (a week in two months counts in each by its days) (P2).",
        "demand.csv: Feb-09 is left out, because some of its weeks are not in the file"
        " (a week in two months counts in each by its days) (P2).",
    ]
    assert [message[:18] for message in noticed(read(tmp_path, WEEKLY, series=CALLS, as_of=JAN_09).faults)] == [
        "demand.csv: Dec-08"
    ]


def test_a_missing_week_and_another_day_of_the_week_are_faults(tmp_path: Path) -> None:
    weeks(tmp_path, (*MONDAYS[:3], *MONDAYS[4:]))
    assert faults(tmp_path, WEEKLY, series=CALLS) == [
        "demand.csv: there is no row for the week of 2008-12-22, though there are some before and after (K2)."
        " Ask for the extract again."
    ]
    weeks(tmp_path, (*MONDAYS[:3], "2008-12-23", *MONDAYS[4:]))
    assert faults(tmp_path, WEEKLY, series=CALLS)[0] == (
        "demand.csv, row 5, column Week: 2008-12-23 is a Tuesday, and the other dates are Mondays (V2)."
        " Give the same day of each week."
    )


def test_a_file_without_a_whole_month_is_refused(tmp_path: Path) -> None:
    weeks(tmp_path, MONDAYS[1:3])
    assert faults(tmp_path, WEEKLY, series=CALLS) == [
        "demand.csv: no month is complete: its weeks begin on 2008-12-08 to 2008-12-15 (K2)."
        " Ask for an extract with more weeks."
    ]


def test_a_month_of_fractions_that_is_unusual_is_told_in_short(tmp_path: Path) -> None:
    first = dt.date(2007, 12, 31)
    days = [first + dt.timedelta(days=7 * week) for week in range(58)]
    write(tmp_path / "demand.csv", ["Week,Calls", *(f"{day},{70 if day.year < 2009 else 141}" for day in days)])
    facts = read(tmp_path, {**WEEKLY, "weeks": "by_days"}, series=CALLS, as_of=JAN_09)
    # 4 days of 10 and 27 of 141 / 7
    assert noticed(facts.faults)[-1] == (
        "demand.csv: Calls is far from its own past: Jan-09 584, where 221 to 434 are usual"
        " (V6). Ask whether it is real; if it counts something else now, state it under known_breaks in measures.yaml."
    )


# Populations by year


def people(folder: Path, *years: str, name: str = "people.csv") -> Path:
    rows = [
        f"{year},{area},{1000 * place + at}"
        for at, year in enumerate(years)
        for place, area in enumerate(("North", "South", "East", "Westminster"), start=1)
    ]
    return write(folder / name, ["Year,Area,People", *rows])


def test_a_population_is_counted_by_year_and_area(tmp_path: Path) -> None:
    people(tmp_path, "2007", "Mid-2008")
    facts = read(tmp_path, RESIDENTS, series=PEOPLE)
    assert facts.counts["people"][Month(2008, 1), "South"] == 2001
    assert facts.monthly("people") == {Month(2007, 1): 10_000, Month(2008, 1): 10_004}


@pytest.mark.parametrize(
    ("years", "note"),
    [
        (("2007", "2008"), "people.csv: the last year is 2008; rates up to Jan-09 are per residents of 2008 (P2)."),
        (("2007", "2010"), "people.csv: the file goes on to 2010; years after 2009 are left out (P2)."),
        (("2007", "2009"), None),
    ],
)
def test_the_last_year_of_a_population_is_noted(tmp_path: Path, years: tuple[str, ...], note: str | None) -> None:
    people(tmp_path, *years)
    facts = read(tmp_path, RESIDENTS, series=PEOPLE, as_of=JAN_09)
    assert noticed(facts.faults) == ([note] if note else [])
    assert max(facts.monthly("people")) <= JAN_09


def test_a_population_must_begin_in_time_and_be_as_new_as_before(tmp_path: Path) -> None:
    people(tmp_path, "2010")
    assert faults(tmp_path, RESIDENTS, series=PEOPLE, as_of=JAN_09) == [
        "people.csv: the rows begin in 2010, after the as-of month Jan-09 (K2). Ask for an extract that begins earlier."
    ]
    people(tmp_path, "2007")
    assert faults(tmp_path, RESIDENTS, series=PEOPLE, known={"it": Month(2008, 1)}) == [
        "people.csv: the file ends in 2007, but the workbook already holds 2008 (F3). Give the latest extract."
    ]


def test_a_population_may_be_a_file_a_year(tmp_path: Path) -> None:
    people(tmp_path, "2006", name="people_2006.csv")
    people(tmp_path, "2008", name="people_2008.csv")
    facts = read(tmp_path, {**RESIDENTS, "many": True}, series=PEOPLE, as_of=JAN_09)
    assert set(facts.monthly("people")) == {Month(2006, 1), Month(2008, 1)}
    assert noticed(facts.faults) == [
        "2 files of it: the last year is 2008; rates up to Jan-09 are per residents of 2008 (P2)."
    ]


def test_the_published_estimates_of_the_boroughs(golden: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    """The London Datastore's file, whose own rows add boroughs up; 7,804,732 is their sum in mid-2008 (awk)."""
    shutil.copy(golden / RESIDENTS_OF_BOROUGHS, tmp_path)
    source = {
        **RESIDENTS, "files": "housing-density*.csv", "areas": "london_boroughs",
        "columns": {
            "year": {"header": "Year", "type": "year"},
            "area": {"header": "Name", "type": "area"},
            "people": {"header": "Population", "type": "count"},
        },
        "rows": "area not in ('City of London', 'Inner London', 'Outer London', 'London')",
    }  # fmt: skip
    one = Source.model_validate_json(json.dumps(source))
    series = SeriesSpec(title="People", source="it", sum="people")
    facts = read_facts(replace(catalogue, sources={"it": one}, series={"people": series}), tmp_path)
    assert facts.monthly("people") == {Month(2008, 1): 7_804_732, Month(2009, 1): 7_935_122}
    assert facts.counts["people"][Month(2008, 1), "Barking and Dagenham"] == 172_452


def test_a_year_is_a_year(tmp_path: Path) -> None:
    people(tmp_path, "2007", "2008/09")
    assert faults(tmp_path, RESIDENTS, series=PEOPLE)[0] == (
        "people.csv, row 6, column Year: '2008/09' is not a year (V2). Write a year such as 2008."
    )


# Records without a figure

FIGURES = {
    "sum": {"title": "Sum", "source": "it", "sum": "age"},
    "number": {"title": "Number", "source": "it", "count": "age"},
    "middle": {"title": "Middle", "source": "it", "median": "age"},
    "young": {"title": "Young", "source": "it", "count": "rows", "where": "age <= 21"},
}


def ages(folder: Path, *ages: str) -> Path:
    """Records of January 2009 in the north, one for each age, after the usual ones of December."""
    more = [f"M{n},13/01/2009,North,Theft,{age},N" for n, age in enumerate(ages)]
    return write(folder / "events.csv", [EVENTS_HEAD, *event_rows(1), *more])


def test_a_record_without_a_figure_is_in_no_sum_number_median_or_share(tmp_path: Path) -> None:
    ages(tmp_path, "20", "", "30")
    facts = read(tmp_path, EVENTS, series=FIGURES)
    assert {name: facts.counts[name][JAN_09, "North"] for name in FIGURES} == {
        "sum": 50, "number": 2, "middle": 25, "young": 1,
    }  # fmt: skip
    assert noticed(facts.faults) == [
        "events.csv: 1 of 11 rows has no value in 'Age'; Sum, Number and Middle leave it out (U1)."
    ]


def test_a_place_with_records_and_no_figure_is_unknown_and_so_is_the_total(tmp_path: Path) -> None:
    ages(tmp_path, "", "")
    facts = read(tmp_path, EVENTS, series=FIGURES)
    assert (JAN_09, "North") not in facts.counts["sum"]
    assert facts.counts["sum"][JAN_09, "South"] == 0  # no record, and so nothing to add up
    assert list(facts.monthly("sum")) == [DEC_08]
    assert facts.monthly("number") == {DEC_08: 8, JAN_09: 0}
    assert list(facts.monthly("middle")) == [DEC_08]


def test_trap_projections_stand_beside_estimates(golden: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    """The layout of the library: the published rows with their source, and a projection of 9,999 residents for each."""
    head, *rows = (golden / RESIDENTS_OF_BOROUGHS).read_text(encoding="utf-8-sig").splitlines()
    estimates = [f"{row},ONS MYE" for row in rows]
    names = dict.fromkeys(row.split(",")[1] for row in rows if ",London," not in row)
    projections = [f"E0,{name},2011,9999,1,GLA Population Projections" for name in [*names, "Greater London"]]
    write(tmp_path / "housing-density-borough.csv", [f"{head},Source", *estimates, *projections])
    source = layouts()["london-borough-population"].source
    series = SeriesSpec(title="People", source="it", sum="residents")
    facts = read_facts(replace(catalogue, sources={"it": source}, series={"people": series}), tmp_path)
    assert facts.monthly("people") == {Month(2008, 1): 7_804_732, Month(2009, 1): 7_935_122}
