"""The sample extracts, read here with plain code of their own: every printed figure must come out of the files.

The golden figures are those of the printed scorecard for January 2009; nothing of cpa_xl but the maker is used.
"""

import csv
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import openpyxl
import pytest
import yaml

from cpa_xl.commands.sample import make_sample
from cpa_xl.commands.sample_figures import apportion, chance, share_out
from cpa_xl.errors import Refusal

STATEMENT = "SYNTHETIC sample data made by cpa_xl: not real police figures"
NAMES = (
    "recorded_crime_2009-01.csv",
    "offences_2009-01.csv",
    "outcomes_2009-01.csv",
    "road_casualties_2009-01.csv",
    "victims_2009-01.csv",
    "user_satisfaction_2008-12.xlsx",
    "public_confidence_2008-09.csv",
    "network_disruptions_2009-01.csv",
    "asset_cases_2009-01.csv",
)
SOURCES = dict(
    zip(
        (
            "recorded_crime",
            "offences",
            "detections",
            "casualties",
            "victims",
            "satisfaction",
            "confidence",
            "disruptions",
            "asset_cases",
        ),
        NAMES,
        strict=True,
    )
)
CLEAR_OF_ROUNDING = 0.0001  # 0.01 percentage points

Tally = Counter[int]  # by month, written as the number yyyymm
Row = dict[str, str]


def months(first: int, last: int) -> list[int]:
    """The months from one yyyymm to another."""
    span = range(first // 100 * 12 + first % 100 - 1, last // 100 * 12 + last % 100)
    return [month // 12 * 100 + month % 12 + 1 for month in span]


ALL = months(200602, 200901)
RY, PRY = months(200802, 200901), months(200702, 200801)
YTD, PYTD = months(200804, 200901), months(200704, 200801)
LEFT_LAST_YEAR = months(200802, 200803)
FY = months(200704, 200803)


def total(tally: Tally, period: Iterable[int]) -> int:
    return sum(tally[month] for month in period)


def lines_of(path: Path) -> list[str]:
    """The lines of a CSV extract below its statement."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    assert first == f"# {STATEMENT}"
    return lines


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a CSV extract without its trailer."""
    lines = lines_of(path)
    if lines[-1].startswith("END OF EXTRACT"):
        lines.pop()
    return csv.DictReader(lines)


def survey_rows(path: Path) -> list[tuple[dt.datetime, str, int, int]]:
    """Quarter, group, respondents and satisfied, below the header of the satisfaction survey."""
    sheet = openpyxl.load_workbook(path)["Results"]
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    header = rows.index(("Quarter ending", "Ethnic group", "Respondents", "Satisfied"))
    found: list[tuple[dt.datetime, str, int, int]] = []
    for quarter, group, asked, satisfied in rows[header + 1 :]:
        assert isinstance(quarter, dt.datetime)
        assert isinstance(group, str)
        assert isinstance(asked, int)
        assert isinstance(satisfied, int)
        found.append((quarter, group, asked, satisfied))
    return found


def month_of(date: str) -> int:
    """dd/mm/yyyy to yyyymm."""
    return int(date[6:]) * 100 + int(date[3:5])


WIDE: dict[str, Callable[[Row], bool]] = {
    "burglary": lambda row: row["Minor Category"] == "Burglary in a Dwelling",
    "robbery": lambda row: row["Major Category"] == "Robbery",
    "vehicles": lambda row: row["Minor Category"] in ("Theft/Taking Of Motor Vehicle", "Theft From Motor Vehicle"),
    "msv": lambda row: row["Minor Category"] == "Most Serious Violence",
    "awi": lambda row: row["Minor Category"] == "Assault with Injury",
    "sexual": lambda row: row["Minor Category"] == "Serious Sexual Offences",
}


def count_offences(row: Row) -> Iterator[str]:
    if row["Gun Enabled"] == "Y":
        yield "cs spray" if row["Weapon"] == "CS gas or pepper spray" else "gun crime"
    if row["DV Flag"] == "Y":
        yield "dv"
        if row["DV Arrest"] == "Y":
            yield "dv arrest"


DETECTIONS = {
    "Residential burglary": "burglary sd",
    "Robbery": "robbery sd",
    "Motor vehicle crime": "vehicles sd",
    "Most serious violence": "msv awi sd",
    "Assault with injury": "msv awi sd",
    "Serious sexual offences": "sexual sd",
}


def count_outcomes(row: Row) -> Iterator[str]:
    offence, drug = row["Offence Group"], row["Drug"]
    if row["Outcome"] == "No further action":
        yield "no further action"
    elif offence in DETECTIONS:
        yield DETECTIONS[offence]
    elif offence == "Drugs possession":
        yield "possession"
    elif drug == "Cannabis":
        yield "class b"
    else:
        yield "class a"
        if drug in ("Cocaine", "Crack"):
            yield "cocaine"
        if drug == "Heroin":
            yield "heroin"


def count_casualties(row: Row) -> Iterator[str]:
    yield row["Severity"]
    if row["Severity"] != "Slight":
        yield "ksi"


def count_victims(row: Row) -> Iterator[str]:
    if row["Age"] and int(row["Age"]) < 20:
        yield "other young victims" if row["Offence Group"] == "Other violence" else "youth victims"
    else:
        yield "older victims" if row["Age"] else "victims of unknown age"


def count_cases(row: Row) -> Iterator[str]:
    yield "confiscations" if row["Case Type"] == "Confiscation order" else "assets"


RECORDS: tuple[tuple[str, str, Callable[[Row], Iterable[str]]], ...] = (
    ("offences_2009-01.csv", "Recorded Date", count_offences),
    ("outcomes_2009-01.csv", "Outcome Date", count_outcomes),
    ("road_casualties_2009-01.csv", "Collision Date", count_casualties),
    ("victims_2009-01.csv", "Recorded Date", count_victims),
    ("network_disruptions_2009-01.csv", "Date Agreed", lambda _: ("networks",)),
    ("asset_cases_2009-01.csv", "Case Date", count_cases),
)


WHOLES = {
    "sac": ("burglary", "robbery", "vehicles"),
    "sac sd": ("burglary sd", "robbery sd", "vehicles sd"),
    "msv awi": ("msv", "awi"),
    "violence": ("msv", "awi", "sexual"),
    "violence sd": ("msv awi sd", "sexual sd"),
}


def tally_files(folder: Path) -> dict[str, Tally]:
    """Every monthly count the figures need, and those that they must leave out."""
    found: dict[str, Tally] = defaultdict(Counter)
    for row in rows_of(folder / "recorded_crime_2009-01.csv"):
        for name in (name for name, holds in WIDE.items() if holds(row)):
            found[name].update({month: int(row[str(month)]) for month in ALL})
    for file, date, count in RECORDS:
        for row in rows_of(folder / file):
            for name in count(row):
                found[name][month_of(row[date])] += 1
    tally_surveys(folder, found)
    for whole, parts in WHOLES.items():
        for part in parts:
            found[whole].update(found[part])
    return dict(found)


def tally_surveys(folder: Path, found: dict[str, Tally]) -> None:
    for quarter, group, asked, satisfied in survey_rows(folder / "user_satisfaction_2008-12.xlsx"):
        month = quarter.year * 100 + quarter.month
        for name in (group, "all"):
            found[f"{name} asked"][month] += asked
            found[f"{name} satisfied"][month] += satisfied
    for row in rows_of(folder / "public_confidence_2008-09.csv"):
        found["confidence asked"][month_of(row["Quarter ending"])] = int(row["Respondents"])
        found["confident"][month_of(row["Quarter ending"])] = int(row["Agree police do a good job"])


@pytest.fixture(scope="module")
def tallies(sample_folder: Path) -> dict[str, Tally]:
    return tally_files(sample_folder)


Figures = Callable[[dict[str, Tally]], float]


def rate(numerator: str, denominator: str, period: list[int]) -> Figures:
    return lambda of: total(of[numerator], period) / total(of[denominator], period)


def change(name: str, period: list[int], before: list[int]) -> Figures:
    return lambda of: total(of[name], period) / total(of[name], before) - 1


def average(name: str, period: list[int]) -> Figures:
    return lambda of: total(of[name], period) / len(period)


def gap(period: list[int]) -> Figures:
    white, bme = rate("White satisfied", "White asked", period), rate("BME satisfied", "BME asked", period)
    return lambda of: white(of) - bme(of)


def required_rate(of: dict[str, Tally]) -> float:
    """What February and March 2009 must bring; their offences: those of 2008, as much less as the months before."""
    so_far = total(of["sac"], YTD)
    left = total(of["sac"], LEFT_LAST_YEAR) * so_far / total(of["sac"], PYTD)
    return (0.118 * (so_far + left) - total(of["sac sd"], YTD)) / left


Q1, Q2, Q3 = months(200804, 200806), months(200807, 200809), months(200810, 200812)
TO_DEC, TO_SEP, TO_JUN = months(200801, 200812), months(200710, 200809), months(200707, 200806)
CONFIDENCE = rate("confident", "confidence asked", TO_SEP)
CONFIDENCE_BEFORE = rate("confident", "confidence asked", TO_JUN)

SCORECARD: dict[str, Figures] = {
    "1": rate("all satisfied", "all asked", TO_DEC),
    "2": gap(TO_DEC),
    "3": CONFIDENCE,
    "4a": change("sac", RY, PRY),
    "4b": rate("sac sd", "sac", RY),
    "5": change("ksi", RY, PRY),
    "6a": change("msv awi", RY, PRY),
    "6b": change("gun crime", RY, PRY),
    "6c": rate("violence sd", "violence", RY),
    "7": rate("dv arrest", "dv", RY),
    "8": change("youth victims", YTD, PYTD),
    "9a": average("networks", RY),
    "9b": average("assets", YTD),
    "10": average("class a", RY),
    "10-cocaine": average("cocaine", RY),
    "10-heroin": average("heroin", RY),
}
MILESTONES = {"CT", "OLY"}
COMMENT_FACTS: dict[tuple[str, str], Figures] = {
    ("1", "Apr-Jun 2008"): rate("all satisfied", "all asked", Q1),
    ("1", "Jul-Sep 2008"): rate("all satisfied", "all asked", Q2),
    ("1", "Oct-Dec 2008"): rate("all satisfied", "all asked", Q3),
    ("2", "Apr-Jun 2008"): gap(Q1),
    ("2", "Jul-Sep 2008"): gap(Q2),
    ("2", "Oct-Dec 2008"): gap(Q3),
    ("3", "change on the year to Jun-08"): lambda of: CONFIDENCE(of) - CONFIDENCE_BEFORE(of),
    ("4a", "residential burglary change"): change("burglary", RY, PRY),
    ("4a", "robbery change"): change("robbery", RY, PRY),
    ("4a", "motor vehicle crime change"): change("vehicles", RY, PRY),
    ("4b", "rate needed in Feb and Mar 2009"): required_rate,
    ("4b", "residential burglary SD rate"): rate("burglary sd", "burglary", RY),
    ("4b", "robbery SD rate"): rate("robbery sd", "robbery", RY),
    ("4b", "motor vehicle crime SD rate"): rate("vehicles sd", "vehicles", RY),
    ("5", "road deaths change"): change("Fatal", RY, PRY),
    ("6c", "MSV and AWI SD rate"): rate("msv awi sd", "msv awi", RY),
    ("6c", "serious sexual offences SD rate"): rate("sexual sd", "sexual", RY),
    ("7", "Apr-Jan 2008/09"): rate("dv arrest", "dv", YTD),
    ("9a", "Apr-Jan 2008/09"): average("networks", YTD),
}


def assert_prints(value: float, golden: str, unit: str, decimals: int | None = None) -> None:
    """`value` prints as the golden figure does, and no rounding error could make it print otherwise."""
    if decimals is None:
        decimals = len(golden.partition(".")[2]) if unit == "count" else 3
    off = abs(value - float(golden))
    assert off < 0.5 * 10**-decimals - CLEAR_OF_ROUNDING, f"{value} does not print as {golden}"


def golden_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_printed_figure_of_the_scorecard_comes_out_of_the_files(tallies: dict[str, Tally], golden: Path) -> None:
    rows = golden_rows(golden / "scorecard_jan_2009.csv")
    assert {row["id"] for row in rows} == SCORECARD.keys() | MILESTONES
    for row in rows:
        if row["id"] not in MILESTONES:
            assert_prints(SCORECARD[row["id"]](tallies), row["actual"], row["unit"])


def test_every_figure_of_the_comments_comes_out_of_the_files(tallies: dict[str, Tally], golden: Path) -> None:
    rows = golden_rows(golden / "comment_facts_jan_2009.csv")
    assert {(row["measure"], row["fact"]) for row in rows} == COMMENT_FACTS.keys()
    for row in rows:
        around = 2 if row["how"].startswith("around") else None
        value = COMMENT_FACTS[row["measure"], row["fact"]](tallies)
        assert_prints(value, row["value"], row["unit"], around)


def test_the_volumes_in_the_comments_come_out_exactly(tallies: dict[str, Tally], golden: Path) -> None:
    fewer = {
        row["fact"]: int(found[1].replace(",", ""))
        for row in golden_rows(golden / "comment_facts_jan_2009.csv")
        if (found := re.match(r"([\d,]+) fewer", row["how"]))
    }
    for fact, name in {
        "residential burglary change": "burglary",
        "robbery change": "robbery",
        "motor vehicle crime change": "vehicles",
        "road deaths change": "Fatal",
    }.items():
        assert total(tallies[name], PRY) - total(tallies[name], RY) == fewer.pop(fact)
    assert not fewer


def test_confidence_was_537_in_june_2008_and_552_in_2007_08(tallies: dict[str, Tally]) -> None:
    # "Data for 12 months to Sep-08 is up by 0.5% points on the year to Jun-08 [53.7%]"; "1pp increase (56.2%)"
    assert_prints(CONFIDENCE_BEFORE(tallies), "0.537", "percent")
    assert_prints(rate("confident", "confidence asked", FY)(tallies), "0.552", "percent")


def test_the_rate_still_needed_was_never_reached(tallies: dict[str, Tally]) -> None:
    # "around 19% ... (a rate that has not been achieved in any previous month)"
    assert 0.188 < required_rate(tallies) < 0.192
    best = max(tallies["sac sd"][month] / tallies["sac"][month] for month in ALL)
    assert 0.13 < best < 0.16


def test_volumes_that_the_printed_figures_imply(tallies: dict[str, Tally]) -> None:
    # Worked out from the printed changes and rates: 6,405 / 16.5% and so on.
    expected = {
        "burglary": (58_956, 59_409),
        "robbery": (32_413, 38_818),
        "vehicles": (111_359, 120_911),
        "Fatal": (200, 226),
    }
    for name, both_years in expected.items():
        assert (total(tallies[name], RY), total(tallies[name], PRY)) == both_years
    assert total(tallies["networks"], RY) == 378
    assert total(tallies["networks"], YTD) == 301
    assert total(tallies["assets"], YTD) == 2_390
    assert [total(tallies[name], RY) for name in ("class a", "cocaine", "heroin")] == [2_580, 1_716, 684]


def test_what_the_comments_say_in_words_is_so(tallies: dict[str, Tally]) -> None:
    networks = tallies["networks"]
    assert networks[200812] < 0.7 * min(networks[200811], networks[200901])  # "dropped in the month of Dec-08"
    for name in ("class a", "cocaine", "heroin"):  # "all increased compared to 2007/08 levels"
        assert total(tallies[name], FY) < total(tallies[name], RY)
    ends = (200803, 200806, 200809, 200812)
    above = [end for end in ends if tallies["all satisfied"][end] / tallies["all asked"][end] > 0.789]
    assert above == [200803]  # "Each quarter in 2008/09 has been below target level"


def test_serious_violence_alone_breaks_in_april_2008_and_the_sum_does_not(tallies: dict[str, Tally]) -> None:
    before, after = months(200710, 200803), months(200804, 200809)
    assert total(tallies["msv"], after) > 2.5 * total(tallies["msv"], before)
    assert total(tallies["awi"], after) < total(tallies["awi"], before)
    assert abs(change("msv awi", after, months(200704, 200709))(tallies)) < 0.05


def test_rows_that_the_figures_must_leave_out_are_there(tallies: dict[str, Tally]) -> None:
    # The proposal for 2008/09: CS spray and stun guns are 11% of confirmed gun crime.
    spray, guns = total(tallies["cs spray"], RY), total(tallies["gun crime"], RY)
    assert 0.10 < spray / (spray + guns) < 0.12
    for name in (
        "no further action",
        "possession",
        "class b",
        "Slight",
        "older victims",
        "other young victims",
        "victims of unknown age",
        "confiscations",
    ):
        assert all(tallies[name][month] > 0 for month in ALL), name


def test_no_month_stands_out_from_the_same_month_a_year_earlier(tallies: dict[str, Tally]) -> None:
    for name in tallies.keys() - {"msv"}:  # serious violence alone is meant to, in 2008
        for month, count in tallies[name].items():
            before = tallies[name].get(month - 100, 0)
            if before > 100:
                assert abs(count / before - 1) < 0.35, (name, month)


def test_every_series_has_its_months_and_the_surveys_their_quarters(tallies: dict[str, Tally]) -> None:
    quarters = months(200603, 200812)[::3]
    for name, tally in tallies.items():
        expected = ALL
        if name.endswith((" asked", " satisfied", "confident")):
            expected = quarters[:-1] if name.startswith("confiden") else quarters
        assert sorted(tally) == expected, name


def sources(root: Path) -> dict[str, dict[str, object]]:
    with (root / "config" / "sources.yaml").open(encoding="utf-8") as file:
        loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(file)
    return loaded["sources"]


def columns(source: dict[str, object]) -> dict[str, dict[str, object]]:
    found = source["columns"]
    assert isinstance(found, dict)
    return found


def test_the_files_are_laid_out_as_the_sources_say(sample_folder: Path, root: Path) -> None:
    known = sources(root)
    assert known.keys() == SOURCES.keys()
    for name, file in SOURCES.items():
        path = sample_folder / file
        assert path.match(str(known[name]["files"]))
        if path.suffix == ".csv":
            header = lines_of(path)[0].split(",")
            wanted = [str(column["header"]) for column in columns(known[name]).values()]
            assert header == wanted + ([str(month) for month in ALL] if name == "recorded_crime" else [])


def test_fields_hold_only_what_the_sources_allow(sample_folder: Path, root: Path) -> None:
    with (root / "config" / "areas.yaml").open(encoding="utf-8") as file:
        boroughs = set(yaml.safe_load(file)["areas"]["london_boroughs"]["members"])
    for name, source in sources(root).items():
        path = sample_folder / SOURCES[name]
        if path.suffix != ".csv":
            continue
        rows = list(rows_of(path))
        for column in columns(source).values():
            found = {row[str(column["header"])] for row in rows}
            if column["type"] == "area":
                assert found == boroughs
            if column["type"] == "flag":
                assert found == {"Y", "N"}
            allowed = column.get("values")
            if isinstance(allowed, list):
                assert found - {""} == set(allowed)
            assert ("" in found) <= bool(column.get("optional")), column


def test_keys_are_unique_and_rows_in_order_of_date(sample_folder: Path) -> None:
    wide = [tuple(row.values())[:3] for row in rows_of(sample_folder / NAMES[0])]
    assert len(wide) == len(set(wide)) == 32 * 10
    for file, date, _ in RECORDS:
        rows = list(rows_of(sample_folder / file))
        assert len({next(iter(row.values())) for row in rows}) == len(rows), file
        dates = [dt.datetime.strptime(day, "%d/%m/%Y") for day in dict.fromkeys(row[date] for row in rows)]
        assert dates == sorted(dates), file


def test_boroughs_have_counts_roughly_like_london(sample_folder: Path) -> None:
    boroughs: dict[str, int] = Counter()
    for row in rows_of(sample_folder / NAMES[0]):
        counts = [row[str(month)] for month in ALL]
        assert all(count.isascii() and count.isdigit() for count in counts), row
        if row["Major Category"] == "Robbery":
            boroughs[row["Borough"]] += sum(map(int, counts[-12:]))
    order = sorted(boroughs, key=lambda borough: boroughs[borough])
    assert {"Richmond upon Thames", "Kingston upon Thames", "Sutton"} <= set(order[:5])
    assert {"Westminster", "Lambeth", "Southwark"} <= set(order[-5:])


def test_small_counts_reach_every_borough(sample_folder: Path) -> None:
    deaths = {row["Borough"] for row in rows_of(sample_folder / NAMES[3]) if row["Severity"] == "Fatal"}
    assert len(deaths) == 32


def test_trailers_count_the_records(sample_folder: Path) -> None:
    for file in ("offences_2009-01.csv", "outcomes_2009-01.csv"):
        _, *records, trailer = lines_of(sample_folder / file)
        assert trailer == f"END OF EXTRACT,{len(records)}"


def test_the_survey_comes_with_title_rows_and_real_dates(sample_folder: Path) -> None:
    path = sample_folder / "user_satisfaction_2008-12.xlsx"
    sheet = openpyxl.load_workbook(path)["Results"]
    assert STATEMENT in str(sheet["A1"].value)
    assert sheet["A4"].value == "Quarter ending"
    rows = survey_rows(path)
    assert rows[0][0] == dt.datetime(2006, 3, 31)
    assert rows[-1][0] == dt.datetime(2008, 12, 31)
    assert [group for _, group, _, _ in rows] == ["White", "BME", "Not stated"] * 12
    assert all(0 < satisfied < asked for _, _, asked, satisfied in rows)


def test_the_readme_says_what_the_files_are(sample_folder: Path) -> None:
    text = (sample_folder / "README.txt").read_text(encoding="utf-8")
    assert text.startswith(STATEMENT)
    assert [line.strip() for line in text.splitlines() if line.startswith("  ")] == list(NAMES)


def test_the_same_bytes_come_twice_and_progress_is_told(sample_folder: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    paths = make_sample(tmp_path / "new" / "folder", lambda name, done, of: told.append((name, done, of)))
    assert [path.name for path in paths] == list(NAMES)
    assert told == [(name, done, 9) for done, name in enumerate(NAMES, 1)]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted([*NAMES, "README.txt"])
    for path in paths:
        assert path.read_bytes() == (sample_folder / path.name).read_bytes(), path.name
    make_sample(paths[0].parent)  # an earlier sample is replaced


@pytest.mark.parametrize("name", ["victims_2009-01.csv", "user_satisfaction_2008-12.xlsx", "README.txt"])
def test_a_file_that_is_no_sample_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Victim Reference,Recorded Date\n", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        make_sample(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path} already holds {name}, which no earlier sample wrote: move what is there away, "
        "or name another folder for the sample"
    )
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(Refusal, match=r"The sample cannot be written to .*taken .*: name another folder"):
        make_sample(tmp_path / "taken")


@pytest.mark.parametrize(
    ("total_count", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),  # equal remainders: from the front
        (7, [0.5, 0.3, 0.2], [4, 2, 1]),  # 3.5, 2.1, 1.4
        (0, [2, 1], [0, 0]),
        (5, [0, 1], [0, 5]),
    ],
)
def test_largest_remainders(total_count: int, weights: list[float], parts: list[int]) -> None:
    assert apportion(total_count, weights) == parts


def test_small_shares_have_their_turn_and_the_total_is_exact() -> None:
    random, weights = chance("any name"), [8.0, 1.0, 0.5, 0.5]
    parts = [share_out(2, weights, random) for _ in range(1000)]
    assert all(sum(part) == 2 and min(part) >= 0 for part in parts)
    often = [sum(column) / 2000 for column in zip(*parts, strict=True)]
    assert often == pytest.approx([0.8, 0.1, 0.05, 0.05], abs=0.02)
