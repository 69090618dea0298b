"""Facts: what is counted in each month and area, out of made-up and published extracts."""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from cpa_xl.config.load import load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Level
from cpa_xl.extracts.facts import Facts, read_facts
from cpa_xl.extracts.faults import ExtractsRefused, Fault
from cpa_xl.measures.periods import Basis, Month, Period
from tests.support.extract_files import (
    AREAS,
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    SURVEY,
    catalogue,
    crime_rows,
    event_rows,
    read,
    survey_rows,
    write,
)
from tests.support.programs import python

DEC_08, JAN_09 = Month(2008, 12), Month(2009, 1)


# Counting


def test_rows_are_counted_where_a_condition_holds(tmp_path: Path) -> None:
    """Of the two events in each month and area the first is a robbery by someone of 20, the second a theft at 21."""
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(each=3)])
    series = {
        "all": {"title": "All", "source": "it", "count": "rows"},
        "young": {"title": "Young", "source": "it", "count": "rows", "where": "kind = 'Theft' and age < 22"},
        "age": {"title": "Years of age", "source": "it", "sum": "age"},
    }
    facts = read(tmp_path, EVENTS, series=series)
    assert facts.monthly("all") == {DEC_08: 12, JAN_09: 12}
    assert facts.monthly("young") == {DEC_08: 4, JAN_09: 4}
    assert facts.monthly("age") == {DEC_08: 4 * (20 + 21 + 22), JAN_09: 4 * (20 + 21 + 22)}


def test_an_area_without_an_event_in_a_month_had_none(tmp_path: Path) -> None:
    lines = [line for line in event_rows() if "/01/2009,South" not in line]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *lines])
    facts = read(tmp_path, EVENTS, series={"all": {"title": "All", "source": "it", "count": "rows"}})
    assert facts.counts["all"][JAN_09, "South"] == 0
    assert facts.areas("all") == {
        "East": {DEC_08: 2, JAN_09: 2},
        "North": {DEC_08: 2, JAN_09: 2},
        "South": {DEC_08: 2, JAN_09: 0},
        "Westminster": {DEC_08: 2, JAN_09: 2},
    }


def test_an_empty_cell_is_in_no_condition(tmp_path: Path) -> None:
    """Neither below 20 nor not: an age that is not known is not counted either way."""
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), "E9,31/01/2009,South,Theft,,N"])
    series = {
        "below": {"title": "Below", "source": "it", "count": "rows", "where": "age < 21"},
        "not_below": {"title": "Not below", "source": "it", "count": "rows", "where": "not age < 21"},
    }
    facts = read(tmp_path, EVENTS, series=series)
    assert [facts.monthly(name)[JAN_09] for name in series] == [4, 4]


def test_areas_and_listed_texts_are_spelt_as_the_configuration_spells_them(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), "E9,31/01/2009,NORTH & HILLS, theft ,30,N"])
    theft = {"theft": {"title": "Theft", "source": "it", "count": "rows", "where": "kind = 'Theft'"}}
    assert read(tmp_path, EVENTS, series=theft).areas("theft")["North"] == {DEC_08: 1, JAN_09: 2}


def test_a_series_adds_others_up_by_month_and_area(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    series: dict[str, Mapping[str, Any]] = {
        kind: {"title": kind, "source": "it", "sum": "count", "where": f"kind = '{kind.title()}'"}
        for kind in ("theft", "robbery")
    }
    facts = read(tmp_path, CRIME, series={**series, "both": {"title": "Both", "of": ["theft", "robbery"]}})
    assert facts.counts["both"][JAN_09, "South"] == (137 + 4) + (137 + 11 + 4)
    assert facts.monthly("both")[JAN_09] == facts.monthly("theft")[JAN_09] + facts.monthly("robbery")[JAN_09]


def test_series_of_different_sources_share_their_months(tmp_path: Path) -> None:
    """Where one of them has no areas the sum has none; a month that one does not reach is not known."""
    write(tmp_path / "crime.csv", crime_rows(3))
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(2)])
    plain = {key: value for key, value in EVENTS.items() if key not in ("area", "areas")}
    series: dict[str, Mapping[str, Any]] = {
        "crimes": {"title": "Crimes", "source": "crime", "sum": "count"},
        "events": {"title": "Events", "source": "events", "count": "rows"},
        "both": {"title": "Both", "of": ["crimes", "events"]},
    }
    facts = read_facts(catalogue({"crime": CRIME, "events": plain}, series), tmp_path)
    assert facts.areas("both") == {}
    assert facts.counts["both"] == {
        (month, None): facts.monthly("crimes")[month] + 8 for month in (DEC_08, JAN_09)
    }  # fmt: skip


def test_series_of_sources_that_are_not_read_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows(3))
    series: dict[str, Mapping[str, Any]] = {
        "crimes": {"title": "Crimes", "source": "crime", "sum": "count"},
        "events": {"title": "Events", "source": "events", "count": "rows"},
        "both": {"title": "Both", "of": ["crimes", "events"]},
    }
    facts = read_facts(catalogue({"crime": CRIME, "events": EVENTS}, series), tmp_path, sources=["crime"])
    assert set(facts.counts) == {"crimes"}


def test_months_after_the_as_of_month_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows(3))
    facts = read(tmp_path, CRIME, series={"all": {"title": "All", "source": "it", "sum": "count"}}, as_of=DEC_08)
    assert list(facts.monthly("all")) == [Month(2008, 11), DEC_08]


def test_progress_names_each_source(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()])
    seen: list[tuple[str, int, int]] = []
    read_facts(catalogue({"a": CRIME, "b": EVENTS}), tmp_path, progress=lambda *step: seen.append(step))
    assert seen == [("Crime", 1, 2), ("Events", 2, 2)]


def test_warnings_stand_beside_the_facts_and_stops_are_raised() -> None:
    with pytest.raises(ExtractsRefused) as caught:
        raise ExtractsRefused([Fault("K2", Level.STOP, "a.csv", "wrong")])
    assert str(caught.value) == "The extracts cannot be used (1 fault); nothing was changed.\n  a.csv: wrong (K2)."


def test_months_come_in_order(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *reversed(event_rows(5, first="2008-09"))])
    facts = read(tmp_path, EVENTS, series={"all": {"title": "All", "source": "it", "count": "rows"}})
    assert list(facts.monthly("all")) == sorted(facts.monthly("all"))
    assert len(facts.counts["all"]) == 5 * len(AREAS["four"].members)


# The table for people who script


def test_the_frame_has_a_row_for_each_series_month_and_area(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows())
    write(tmp_path / "survey.csv", ["Quarter ending,Group,Asked,Pleased", *survey_rows()])
    series = {
        "theft": {"title": "Thefts", "source": "crime", "sum": "count", "where": "kind = 'Theft'"},
        "asked": {"title": "Asked", "source": "survey", "sum": "asked"},
    }
    source = {**CRIME, "provisional_from": "2008-12"}
    frame = read_facts(catalogue({"crime": source, "survey": SURVEY}, series), tmp_path).frame()
    assert list(frame.columns) == ["series", "title", "area", "month", "value", "provisional", "source", "file"]
    assert len(frame) == 3 * 4 + 4
    thefts = frame[(frame.series == "theft") & (frame.month == pd.Timestamp(2009, 1, 1))]
    assert dict(zip(thefts.area, thefts.value, strict=True)) == {
        "North": 102,
        "South": 141,
        "East": 180,
        "Westminster": 219,
    }
    assert set(thefts.title) == {"Thefts"}
    assert thefts.provisional.all()
    assert not frame[frame.month == pd.Timestamp(2008, 11, 1)].provisional.any()
    surveyed = frame[frame.series == "asked"]
    assert surveyed.area.isna().all()
    assert set(zip(surveyed.source, surveyed.file, strict=True)) == {("survey", "survey.csv")}


def test_pandas_is_not_needed_to_read(root: Path) -> None:
    """It takes 0.3 s to import, which a refresh should not wait for."""
    code = "import sys, cpa_xl.extracts.facts; sys.exit('pandas' in sys.modules)"
    assert python("-c", code, folder=root).returncode == 0


# The configuration that is shipped, on the sample that is shipped


@pytest.fixture(scope="module")
def sample(root: Path, sample_folder: Path) -> Facts:
    return read_facts(load(root / "config"), sample_folder, as_of=JAN_09)


def total(facts: Facts, series: str, period: Period) -> float:
    return sum(facts.monthly(series)[month] for month in period.months)


@pytest.fixture(scope="module")
def printed(golden: Path) -> Mapping[str, float]:
    """The figures that the scorecard of January 2009 printed."""
    with (golden / "scorecard_jan_2009.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: float(row["actual"]) for row in csv.DictReader(file) if row["actual"]}


@pytest.mark.parametrize(
    ("measure", "series", "basis"),
    [
        ("4a", "sac", "RY"), ("5", "ksi", "RY"), ("6a", "msv_awi", "RY"), ("6b", "gun_crime", "RY"),
        ("8", "youth_victims", "YTD"),
    ],
)  # fmt: skip
def test_changes_of_the_sample_are_those_printed(
    sample: Facts, printed: Mapping[str, float], measure: str, series: str, basis: str
) -> None:
    period = Period.of(JAN_09, Basis(basis))
    change = total(sample, series, period) / total(sample, series, period.previous) - 1
    assert round(change, 3) == printed[measure]


@pytest.mark.parametrize(
    ("measure", "numerator", "denominator"),
    [
        ("1", "satisfied", "respondents"), ("3", "confident", "asked"), ("4b", "sac_sd", "sac"),
        ("6c", "violence_sd", "violence"), ("7", "domestic_arrest", "domestic"),
    ],
)  # fmt: skip
def test_rates_of_the_sample_are_those_printed(
    sample: Facts, printed: Mapping[str, float], measure: str, numerator: str, denominator: str
) -> None:
    as_of = max(sample.monthly(denominator))
    months = [month for month in Period.of(as_of, Basis.RY).months if month in sample.monthly(denominator)]
    rate = sum(sample.monthly(numerator)[m] for m in months) / sum(sample.monthly(denominator)[m] for m in months)
    assert len(months) == (4 if measure in ("1", "3") else 12)
    assert round(rate, 3) == printed[measure]


@pytest.mark.parametrize(
    ("measure", "series", "basis"),
    [
        ("9a", "networks", "RY"), ("9b", "assets", "YTD"), ("10", "class_a", "RY"), ("10-cocaine", "cocaine", "RY"),
        ("10-heroin", "heroin", "RY"),
    ],
)  # fmt: skip
def test_monthly_averages_of_the_sample_are_those_printed(
    sample: Facts, printed: Mapping[str, float], measure: str, series: str, basis: str
) -> None:
    period = Period.of(JAN_09, Basis(basis))
    digits = 1 if measure == "9a" else 0
    assert round(total(sample, series, period) / len(period.months), digits) == printed[measure]


def test_nothing_in_the_sample_stops_and_what_is_noticed_is_true(sample: Facts) -> None:
    assert len(sample.extracts) == 9
    assert [fault.code for fault in sample.faults] == ["P1", "P2", "P2"]
    assert str(sample.faults[0]) == (
        "road_casualties_2009-01.csv: Road casualties by severity: months from Jan-08 are provisional:"
        " late submissions may increase KSIs (P1)."
    )


def test_one_bad_cell_in_a_real_extract_is_found(root: Path, sample_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "outcomes_2009-01.csv"
    lines = path.read_bytes().split(b"\n")
    lines[90_000] = lines[90_000].replace(b"/2007,", b"/2O07,")
    path.write_bytes(b"\n".join(lines))
    cells = lines[90_000].decode().split(",")
    with pytest.raises(ExtractsRefused) as caught:
        read_facts(load(root / "config"), tmp_path, as_of=JAN_09)
    assert [str(fault) for fault in caught.value.faults] == [
        f"outcomes_2009-01.csv, row 90001, column Outcome Date: '{cells[1]}' is not a date written dd/mm/yyyy (V2)."
        " Write the date dd/mm/yyyy."
    ]


# Published figures: Contains public sector information licensed under the Open Government Licence v3.0.
# Source: Metropolitan Police Service / London Datastore.


BOROUGHS: dict[str, Any] = {
    "title": "Recorded crime by borough and month", "files": "MPS_Borough_Level_Crime_Historic*.csv", "shape": "wide",
    "months": "yyyymm", "area": "borough", "areas": "london_boroughs",
    "columns": {
        "borough": {"header": "Borough", "type": "area"},
        "major": {"header": "Major Category", "type": "text"},
        "minor": {"header": "Minor Category", "type": "text"},
    },
    "keys": ["borough", "major", "minor"],
}  # fmt: skip
VEHICLES = "minor in ('Theft/Taking Of Motor Vehicle', 'Theft From Motor Vehicle')"
PUBLISHED: dict[str, Mapping[str, Any]] = {
    "burglary": {"title": "Burglary", "source": "it", "sum": "count", "where": "minor = 'Burglary in a Dwelling'"},
    "robbery": {"title": "Robbery", "source": "it", "sum": "count", "where": "major = 'Robbery'"},
    "vehicles": {"title": "Motor vehicle crime", "source": "it", "sum": "count", "where": VEHICLES},
    "sac": {"title": "SAC", "of": ["burglary", "robbery", "vehicles"]},
}


def london(root: Path, source: Mapping[str, Any], series: Mapping[str, Mapping[str, Any]] | None = None) -> Catalogue:
    """A catalogue of one source with the 32 boroughs."""
    boroughs = load(root / "config").areas
    made = catalogue({"it": source}, series)
    return Catalogue(boroughs, made.sources, made.series, {}, {}, "")


@pytest.fixture(scope="module")
def boroughs(root: Path, golden: Path) -> Facts:
    return read_facts(london(root, BOROUGHS, PUBLISHED), golden / "data")


@pytest.mark.parametrize(
    ("series", "rolling", "to_date"),
    [  # golden/vectors.md: RY to Dec-08, Jan-09, Mar-09, Dec-09, Jan-10; April to January 2008/09
        ("burglary", (58_620, 58_956, 59_176, 62_160, 61_069), 48_848),
        ("robbery", (32_964, 32_644, 32_554, 32_715, 32_658), 27_043),
        ("vehicles", (112_159, 110_401, 107_599, 99_310, 98_113), 91_111),
        ("sac", (203_743, 202_001, 199_329, 194_185, 191_840), 167_002),
    ],
)
def test_published_totals(boroughs: Facts, series: str, rolling: tuple[int, ...], to_date: int) -> None:
    ends = [DEC_08, JAN_09, Month(2009, 3), Month(2009, 12), Month(2010, 1)]
    assert tuple(total(boroughs, series, Period.of(end, Basis.RY)) for end in ends) == rolling
    assert total(boroughs, series, Period.of(JAN_09, Basis.YTD)) == to_date


@pytest.mark.parametrize(("series", "change"), [("burglary", 0.0358), ("vehicles", -0.1113), ("sac", -0.0503)])
def test_published_changes(boroughs: Facts, series: str, change: float) -> None:
    period = Period.of(Month(2010, 1), Basis.RY)
    assert round(total(boroughs, series, period) / total(boroughs, series, period.previous) - 1, 4) == change


@pytest.mark.parametrize(
    ("area", "number"), [("Hackney", 1_114), ("Westminster", 1_800), ("Richmond upon Thames", 223)]
)
def test_published_figures_of_boroughs(boroughs: Facts, area: str, number: int) -> None:
    robbery = boroughs.areas("robbery")[area]
    assert sum(robbery[month] for month in Period.of(JAN_09, Basis.RY).months) == number


def test_the_published_extract_is_whole(boroughs: Facts) -> None:
    """32 boroughs by the eight categories that were kept of 33, by 108 months."""
    [extract] = boroughs.extracts
    assert (extract.rows, extract.first, extract.last) == (32 * 8, Month(2008, 1), Month(2016, 12))
    assert len(boroughs.counts["sac"]) == 32 * 108


def test_figures_that_stand_out_in_the_published_extract_are_named(boroughs: Facts) -> None:
    """Read off the file; among them a summer event in Tower Hamlets: 37, 431, 29."""
    spikes = {(fault.row, fault.column, fault.was) for fault in boroughs.faults if fault.code == "V6" and fault.row}
    assert {(column, was) for _, column, was in spikes} == {
        ("201208", "431"), ("201601", "129"), ("201008", "169"),
    }  # fmt: skip


def test_a_small_o_would_lose_the_theft_of_vehicles(root: Path, golden: Path) -> None:
    wrong = {"vehicles": {**PUBLISHED["vehicles"], "where": VEHICLES.replace("Taking Of", "Taking of")}}
    with pytest.raises(ExtractsRefused) as caught:
        read_facts(london(root, BOROUGHS, wrong), golden / "data")
    assert [str(fault) for fault in caught.value.faults] == [
        "MPS_Borough_Level_Crime_Historic_2008-2016.csv, column Minor Category: no row holds"
        " 'Theft/Taking of Motor Vehicle', which Motor vehicle crime counts (D1)."
        " Is it 'Theft/Taking Of Motor Vehicle' now? Then correct the condition in measures.yaml."
    ]


def as_workbook(data: Path, folder: Path, sheet: str) -> Path:
    """The damaged table in a sheet, as it was published too: each field that is not empty is a cell."""
    (table,) = data.glob("met-police-recorded-offences-rates-*.csv")
    with (
        table.open(encoding="utf-8-sig", newline="") as file,
        xlsxwriter.Workbook(str(folder / f"{table.stem}.xlsx"), {"strings_to_numbers": True}) as book,
    ):
        cells = book.add_worksheet(sheet)
        for row, fields in enumerate(csv.reader(file)):
            for column, text in enumerate(fields):
                if text:
                    cells.write(row, column, text)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "sheet"), [("csv", None), ("xlsx", "Crime Rates")])
def test_the_damaged_table_of_rates_is_refused(
    root: Path, golden: Path, tmp_path: Path, suffix: str, sheet: str | None
) -> None:
    """Every row has 200 fields, as the headings have; but fifteen cells were deleted from the left of each."""
    rates = {
        "title": "Rates", "files": f"met-police-recorded-offences-rates-*.{suffix}", "shape": "counts", "sheet": sheet,
        "columns": {
            "borough": {"header": "Borough", "type": "area"},
            "rate": {"header": "1999-00", "type": "count"},
            "year": {"header": "Code", "type": "month"},
        },
        "month": "year", "keys": ["borough"], "area": "borough", "areas": "london_boroughs",
    }  # fmt: skip
    folder = golden / "data" if sheet is None else as_workbook(golden / "data", tmp_path, sheet)
    with pytest.raises(ExtractsRefused) as caught:
        read_facts(london(root, rates), folder)
    name = f"met-police-recorded-offences-rates-borough_1999-2017.{suffix}"
    assert [str(fault) for fault in caught.value.faults] == [
        f"{name}, row 2: the cells are 15 columns left of their headings: the last 15 columns are empty below their"
        " headings, and columns 6 to 20 hold figures without a heading (F6)."
        " Ask for the extract again: cells were deleted in it.",
        f"{name}, row 2, column 1999-00: 9 columns are headed '1999-00' (columns 21, 39, 57, 75, 93, 111, 129, 147 and"
        " 165), and only a row of merged headings above tells which is which (F5)."
        " Put every heading on one row, each different, without merged cells.",
    ]


def test_a_table_with_subtotals_and_financial_years_is_refused(root: Path, golden: Path) -> None:
    """Added up as it is, robbery in 2008/09 would be 176,910 instead of 32,555."""
    tidy = {
        "title": "Offences by financial year", "files": "derived_recorded_offences*.csv", "shape": "counts",
        "columns": {
            "borough": {"header": "Borough", "type": "area"},
            "category": {"header": "Category", "type": "text"},
            "year": {"header": "FY", "type": "month"},
            "offences": {"header": "Offences", "type": "count"},
        },
        "month": "year", "area": "borough", "areas": "london_boroughs", "keys": ["borough", "category", "year"],
    }  # fmt: skip
    with pytest.raises(ExtractsRefused) as caught:
        read_facts(london(root, tidy), golden / "data")
    found = caught.value.faults
    assert str(found[0]) == (
        "derived_recorded_offences_borough_FY_tidy.csv, column FY: the column holds financial years ('1999-00' to"
        " '2016-17'), not months (V2). Give a month in each row: 2008-04."
    )
    assert [fault.was for fault in found if fault.code == "K3"] == [
        "Inner London", "Outer London", "Met Police Area", "England and Wales",
    ]  # fmt: skip
    assert [fault.was for fault in found if fault.code == "K4"] == ["Heathrow"]
    assert {fault.was for fault in found if fault.code == "V1" and fault.row} == {"n/a"}
