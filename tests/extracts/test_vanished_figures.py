"""Surveys and categories beside what was there before: b8, b12 and b14 of the figures that would go wrong in silence.

Expected words say what was there; the figures are those of a usual period, so that chance cannot give them.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cpa_xl.config.load import load
from cpa_xl.errors import Refusal
from cpa_xl.extracts.facts import read_facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.extracts.revisions import states, with_known
from cpa_xl.measures.periods import Month
from tests.support import small
from tests.support.extract_files import (
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    EVERY,
    SURVEY,
    SURVEY_HEAD,
    THEFT,
    catalogue,
    crime_rows,
    event_rows,
    faults,
    read,
    write,
)

# --- b12: a quarter of a survey that is something else ----------------------------------------------------------------

PAIR = {
    "asked": {"title": "Asked", "source": "it", "sum": "asked"},
    "pleased": {"title": "Pleased", "source": "it", "sum": "pleased"},
}
FIRST = Month(2006, 3)
Quarter = tuple[int, int]  # asked, pleased


def usual(quarters: int = 12, asked: int = 800, share: float = 0.6, seed: int = 1) -> list[Quarter]:
    """A survey whose shares vary as chance makes them."""
    chance = random.Random(seed)  # noqa: S311  # figures to test with, no secrets
    sizes = [asked + chance.randrange(-asked // 20, asked // 20) for _ in range(quarters)]
    return [(size, sum(chance.random() < share for _ in range(size))) for size in sizes]


def rolled(quarters: Sequence[Quarter]) -> list[Quarter]:
    """Of each quarter from the fourth on, the last four together."""
    fours = [quarters[at - 3 : at + 1] for at in range(3, len(quarters))]
    return [(sum(asked for asked, _ in four), sum(pleased for _, pleased in four)) for four in fours]


def survey(folder: Path, quarters: Sequence[Quarter], first: Month = FIRST) -> list[str]:
    """What is said of such a survey: S1 and R4, stops first."""
    rows = [f"{first + 3 * at},All,{asked},{pleased}" for at, (asked, pleased) in enumerate(quarters)]
    write(folder / "survey.csv", ["Quarter ending,Group,Asked,Pleased", *rows])
    try:
        found = read_facts(catalogue({"it": SURVEY}, PAIR), folder).faults
    except ExtractsRefused as refusal:
        found = refusal.faults
    return [f"{fault.level.value}: {fault}" for fault in found if fault.code in ("S1", "R4")]


@pytest.mark.parametrize("asked", [300, 800, 4000])
@pytest.mark.parametrize("share", [0.3, 0.55, 0.8])
@pytest.mark.parametrize("quarters", [4, 12])
def test_b12_a_usual_survey_is_not_questioned(tmp_path: Path, asked: int, share: float, quarters: int) -> None:
    assert survey(tmp_path, usual(quarters, asked, share)) == []


@pytest.mark.parametrize(("asked", "share"), [(300, 0.3), (800, 0.54), (800, 0.8), (2000, 0.6), (4000, 0.78)])
def test_b12_a_last_quarter_of_four_together_stops(tmp_path: Path, asked: int, share: float) -> None:
    quarters = usual(12, asked, share)
    [said] = survey(tmp_path, [*quarters[:-1], rolled(quarters)[-1]])
    assert said.startswith("stop: survey.csv: Asked is ")
    assert "it seems to count four periods together (S1). Ask for the numbers of this period alone." in said


@pytest.mark.parametrize(("asked", "level"), [(12, "stop"), (29, "stop"), (60, "stop"), (70, "stop"), (200, "warn")])
def test_b12_a_quarter_of_few(tmp_path: Path, asked: int, level: str) -> None:
    """Of 800 as usual; fewer than 30 are named in the row besides."""
    said = survey(tmp_path, [*usual(3), (asked, asked // 2)])
    assert any(one.startswith(f"{level}: survey.csv: Asked is {asked} in Dec-06, where some ") for one in said)


def test_b12_a_sample_that_is_halved_or_doubled_is_none_of_it(tmp_path: Path) -> None:
    assert survey(tmp_path, [*usual(8), *usual(1, 400)]) == []
    assert survey(tmp_path, [*usual(8), *usual(1, 1600)]) == []


@pytest.mark.parametrize(
    ("asked", "share", "level"),
    [(800, 0.8, "stop"), (800, 0.7, "stop"), (4000, 0.78, "stop"), (4000, 0.54, "warn"), (2000, 0.42, "warn")],
)
def test_b12_those_who_do_not_agree_in_place_of_those_who_do(
    tmp_path: Path, asked: int, share: float, level: str
) -> None:
    *before, (last, pleased) = usual(12, asked, share)
    [said] = survey(tmp_path, [*before, (last, last - pleased)])
    assert said.startswith(f"{level}: survey.csv: Pleased is {(last - pleased) / last:.1%} in Dec-08, where ")
    assert said.endswith("is usual: it seems to count those who did not (S1). Ask which answers it counts.")


@pytest.mark.parametrize("share", [0.3, 0.54, 0.6, 0.78, 0.9])
def test_b12_percentages_in_every_row_stop_though_nothing_is_known(tmp_path: Path, share: float) -> None:
    quarters = [(asked, round(100 * pleased / asked)) for asked, pleased in usual(12, 2000, share)]
    [said] = survey(tmp_path, quarters)
    assert said.startswith("stop: survey.csv: the shares of Pleased in Asked differ less from period to period than")


def known_survey(folder: Path, before: Sequence[Quarter], now: Sequence[Quarter], first: Month = FIRST) -> list[str]:
    """What is said of a survey of which a refresh knows the quarters `before`."""
    both = catalogue({"it": SURVEY}, PAIR)
    files = {}
    for name, quarters, begins in (("before", before, FIRST), ("now", now, first)):
        (folder / name).mkdir(exist_ok=True)
        rows = [f"{begins + 3 * at},All,{asked},{pleased}" for at, (asked, pleased) in enumerate(quarters)]
        write(folder / name / "survey.csv", ["Quarter ending,Group,Asked,Pleased", *rows])
        files[name] = read_facts(both, folder / name)
    known = {name: states(files["before"], name) for name in PAIR}
    try:
        found = with_known(both, files["now"], known, as_of=Month(2010, 1)).facts.faults
    except ExtractsRefused as refusal:
        found = refusal.faults
    return [f"{fault.level.value}: {fault}" for fault in found if fault.code in ("S1", "R4")]


def kept(quarters: Sequence[Quarter]) -> list[Quarter]:
    return list(quarters)


def percentages(quarters: Sequence[Quarter]) -> list[Quarter]:
    return [(asked, round(100 * pleased / asked)) for asked, pleased in quarters]


def others(quarters: Sequence[Quarter]) -> list[Quarter]:
    return [(asked, asked - pleased) for asked, pleased in quarters]


@pytest.mark.parametrize(("asked", "share"), [(300, 0.3), (800, 0.54), (800, 0.8), (2000, 0.6), (4000, 0.78)])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (percentages, "the figures of Pleased are those known as percentages of Asked (R4)"),
        (others, "the figures of Pleased are what those known leave of Asked: they seem to count the others (R4)"),
    ],
)
def test_b5_b12_every_row_beside_what_is_known(
    tmp_path: Path, asked: int, share: float, change: Callable[[Sequence[Quarter]], list[Quarter]], sentence: str
) -> None:
    quarters = usual(6, asked, share)
    said = known_survey(tmp_path, quarters, change(quarters))
    assert any(one.startswith(f"stop: survey.csv: {sentence}") for one in said)


@pytest.mark.parametrize(("asked", "share"), [(300, 0.3), (800, 0.54), (800, 0.8), (2000, 0.6), (4000, 0.78)])
def test_b12_rolling_years_in_every_row_beside_what_is_known(tmp_path: Path, asked: int, share: float) -> None:
    quarters = usual(8, asked, share)
    said = known_survey(tmp_path, quarters, rolled(quarters), FIRST + 9)
    sentence = "the figures of Pleased and Asked are those known of twelve months together (R4)"
    assert any(one.startswith(f"stop: survey.csv: {sentence}") for one in said)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_b12_late_answers_are_none_of_it(tmp_path: Path, seed: int) -> None:
    quarters = usual(8, seed=seed)
    later = [(asked + 3, pleased + 2) for asked, pleased in quarters]
    assert known_survey(tmp_path, quarters, later) == []
    assert known_survey(tmp_path, quarters, [*usual(9, seed=seed)][-1:], FIRST + 24) == []


def test_b12_a_new_quarter_is_judged_by_what_is_known(tmp_path: Path) -> None:
    """An extract that holds only the new quarter."""
    quarters = usual(12)
    said = known_survey(tmp_path, quarters[:-1], [rolled(quarters)[-1]], FIRST + 33)
    assert [one.partition(" is ")[0] for one in said] == ["stop: survey.csv: Asked"]
    assert "four periods together (S1)" in said[0]


# --- b8: a category that was there before -----------------------------------------------------------------------------

CASES: dict[str, Any] = {
    "title": "Cases", "files": "cases*.csv", "shape": "records", "month": "day", "keys": ["ref"],
    "columns": {
        "ref": {"header": "Reference", "type": "text"},
        "day": {"header": "Day", "type": "date", "format": "dd/mm/yyyy"},
        "group": {"header": "Group", "type": "text"},
        "kind": {"header": "Kind", "type": "text", "values": ["Fatal", "Serious", "Slight", "Scooter"]},
    },
}  # fmt: skip
KSI = {"ksi": {"title": "KSI", "source": "it", "count": "rows", "where": "kind in ('Fatal', 'Serious')"}}
GROUPED = {"harm": {"title": "Harm", "source": "it", "count": "rows", "where": "\"group\" = 'Harm'"}}
BEGINS = Month(2008, 1)
Monthly = Mapping[str, int]  # cases of each kind in a month
USUAL: Monthly = {"Fatal": 20, "Serious": 100, "Slight": 150}


def cases(path: Path, months: Sequence[Monthly], first: Month = BEGINS) -> None:
    """Cases of each month, on all its days alike."""
    rows = ["Reference,Day,Group,Kind"]
    for at, kinds in enumerate(months):
        for kind, number in kinds.items():
            for n in range(number):
                day = f"{n % 28 + 1:02d}/{(first + at).month:02d}/{(first + at).year}"
                rows.append(f"R{len(rows):06d},{day},Harm,{kind}")
    path.mkdir(exist_ok=True)
    write(path / "cases.csv", rows)


def vanished(
    folder: Path, months: Sequence[Monthly], series: Mapping[str, Mapping[str, Any]], **options: Any
) -> list[str]:
    """What is said of categories that are missing (D3), with its level."""
    cases(folder, months)
    try:
        found = read_facts(catalogue({"it": CASES}, series), folder, **options).faults
    except ExtractsRefused as refusal:
        found = refusal.faults
    return [f"{fault.level.value}: {fault}" for fault in found if fault.code == "D3"]


def without(kind: str, usual: Monthly = USUAL) -> Monthly:
    return {name: number for name, number in usual.items() if name != kind}


@pytest.mark.parametrize(("series", "title"), [(KSI, "KSI"), (GROUPED, "Harm")], ids=["named", "of its group"])
@pytest.mark.parametrize(("missing", "span"), [(1, "Dec-08"), (2, "Nov-08 and Dec-08"), (5, "Aug-08 to Dec-08")])
def test_b8_a_large_category_that_is_missing_stops(
    tmp_path: Path, series: Mapping[str, Mapping[str, Any]], title: str, missing: int, span: str
) -> None:
    said = vanished(tmp_path, [*[USUAL] * (12 - missing), *[without("Serious")] * missing], series)
    each = " in each" if missing > 1 else ""
    assert said == [
        f"stop: cases.csv, column Kind: 'Serious' has nothing in {span}, where 100 are usual{each}; {title} counts it"
        " (D3). Is a part of the extract missing? Ask for it again."
    ]


def test_b8_a_small_category_that_is_missing_is_a_warning(tmp_path: Path) -> None:
    [said] = vanished(tmp_path, [*[USUAL] * 11, without("Fatal")], KSI)
    assert said.startswith(
        "warn: cases.csv, column Kind: 'Fatal' has nothing in Dec-08, where 20 are usual; KSI counts"
    )


@pytest.mark.parametrize("usually", [0, 1, 5, 13])
def test_b8_a_rare_category_may_be_missing(tmp_path: Path, usually: int) -> None:
    before = {**USUAL, "Scooter": usually}
    assert vanished(tmp_path, [*[before] * 11, {**USUAL, "Scooter": 0}], GROUPED) == []


def test_b8_a_category_that_nothing_counts_may_go(tmp_path: Path) -> None:
    assert vanished(tmp_path, [*[USUAL] * 11, without("Slight")], KSI) == []


def test_b8_a_category_of_another_name_in_the_same_series_is_a_note(tmp_path: Path) -> None:
    renamed = [*[USUAL] * 11, {**without("Serious"), "Scooter": 95}]
    [said] = vanished(tmp_path, renamed, GROUPED)
    assert said.startswith("note: ")
    assert said.endswith("Is it 'Scooter' now? That has more from Dec-08 on.")
    [said] = vanished(tmp_path, renamed, KSI)
    assert said.startswith("stop: ")


def test_b8_what_is_missing_for_long_was_told_then(tmp_path: Path) -> None:
    """Last month is known already; and nobody needs to hear of it for ever."""
    assert vanished(tmp_path, [*[USUAL] * 12, *[without("Serious")] * 13], GROUPED) == []
    options = {"known": {"it": Month(2008, 11)}}
    assert vanished(tmp_path, [*[USUAL] * 9, *[without("Serious")] * 3], GROUPED, **options) == []
    assert len(vanished(tmp_path, [*[USUAL] * 11, without("Serious")], GROUPED, **options)) == 1


def test_b8_months_after_the_scorecards_do_not_count(tmp_path: Path) -> None:
    months = [*[USUAL] * 11, without("Serious")]
    assert vanished(tmp_path, months, GROUPED, as_of=Month(2008, 11)) == []


@pytest.mark.parametrize(("now", "level"), [(1, "stop"), (3, "stop"), (12, "stop")])
def test_b8_a_listed_category_that_no_row_holds_beside_what_is_known(tmp_path: Path, now: int, level: str) -> None:
    """The extract holds only these months, or all months again."""
    both = catalogue({"it": CASES}, KSI)
    cases(tmp_path / "before", [USUAL] * 12)
    first = Month(2009, 1) if now < 12 else Month(2008, 1)
    cases(tmp_path / "now", [without("Serious")] * now, first)
    before, later = (read_facts(both, tmp_path / name) for name in ("before", "now"))
    with pytest.raises(ExtractsRefused) as refusal:
        with_known(both, later, {"ksi": states(before, "ksi")}, as_of=Month(2009, 12))
    said = [f"{fault.level.value}: {fault}" for fault in refusal.value.faults if fault.code == "D3"]
    assert said == [
        f"{level}: cases.csv: no row holds 'Serious', which KSI counts: it has some 20 now, where 120 are known of each"
        " month (D3). Is a part of the extract missing? Ask for it again."
    ]


@pytest.mark.parametrize("kinds", [USUAL, {**USUAL, "Fatal": 16}, {**without("Fatal"), "Serious": 118}])
def test_b8_a_listed_category_may_be_missing_where_the_series_is_as_usual(tmp_path: Path, kinds: Monthly) -> None:
    both = catalogue({"it": CASES}, KSI)
    cases(tmp_path / "before", [USUAL] * 12)
    cases(tmp_path / "now", [kinds], Month(2009, 1))
    before, later = (read_facts(both, tmp_path / name) for name in ("before", "now"))
    merged = with_known(both, later, {"ksi": states(before, "ksi")}, as_of=Month(2009, 12))
    assert [fault for fault in merged.facts.faults if fault.code == "D3"] == []


def test_b8_a_listed_category_that_never_was_is_a_note(tmp_path: Path) -> None:
    assert vanished(tmp_path, [without("Serious")] * 12, KSI) == [
        "note: cases.csv, column Kind: no row holds 'Serious', which KSI counts: there may be none (D3)."
    ]
    assert vanished(tmp_path, [without("Serious")] * 3, KSI) == []


# --- b14: words that say what it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\x1a", "\n\x1a", "\n\x1a\n", "\r\n\x1a", "\n\x1a\x1a\x1a"])
def test_b14_the_mark_that_old_systems_end_a_file_with_is_no_row(tmp_path: Path, end: str) -> None:
    text = "\n".join(",".join(row) for row in crime_rows())
    (tmp_path / "crime.csv").write_bytes((text + end).encode())
    assert [fault.code for fault in read(tmp_path, CRIME, series=THEFT).faults] in ([], ["F2"])  # cut, perhaps
    assert read(tmp_path, CRIME, series=THEFT).monthly("theft")[Month(2008, 11)] == 100 + 137 + 174 + 211


@pytest.mark.parametrize("letter", ["\x1a", "\x07", "\x7f", "\xa0", "\u2009"])
def test_b14_letters_that_nobody_sees_are_shown(tmp_path: Path, letter: str) -> None:
    rows = crime_rows()
    rows[4][0] = f"So{letter}uth"
    write(tmp_path / "crime.csv", rows)
    said = faults(tmp_path, CRIME)
    assert any(f"So<U+{ord(letter):04X}>uth" in one for one in said)
    assert all(letter not in one for one in said)


@pytest.mark.parametrize("serial", ["39721", "39783", "39783.0", "40000", "45000"])
def test_b14_a_date_number_in_a_column_of_months(tmp_path: Path, serial: str) -> None:
    write(tmp_path / "survey.csv", [SURVEY_HEAD, "2008-03,A,200,190", f"{serial},A,201,190"])
    assert faults(tmp_path, SURVEY) == [
        f"survey.csv, row 3, column Quarter ending: '{serial}' is a date number of a spreadsheet, not a month (V2)."
        ' Write a month such as 2009-01 or "Jan-09", or format the column as dates where the file was made.'
    ]


@pytest.mark.parametrize("serial", ["39753", "39783", "39814", "40000", "45000"])
def test_b14_date_numbers_as_headings_of_months(tmp_path: Path, serial: str) -> None:
    rows = [[row[0], row[1], row[2]] for row in crime_rows()]
    rows[0][2] = serial
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        f"crime.csv, row 1: no column is headed with a month: '{serial}' is a date number of a spreadsheet (F5)."
        " Head each month's column yyyymm: 200901."
    ]


@pytest.mark.parametrize("heading", ["count", "Count", "_month", "Note's #1", "select", "[1]", "Kind;2", "a {b}"])
def test_b14_a_heading_may_be_any_text(tmp_path: Path, heading: str) -> None:
    """It is quoted as it is, and counted as it is."""
    rows = crime_rows()
    rows[0][1] = heading
    write(tmp_path / "crime.csv", rows)
    columns = {**CRIME["columns"], "kind": {"header": heading, "type": "text"}}
    source = {**CRIME, "columns": columns}
    assert read(tmp_path, source, series=THEFT).monthly("theft")[Month(2008, 11)] == 100 + 137 + 174 + 211
    rows[2][1] = ""
    write(tmp_path / "crime.csv", rows)
    assert f"crime.csv, row 3, column {heading}: the cell is empty (V1)" in faults(tmp_path, source)[0]


@pytest.mark.parametrize(
    "title", ["Burglary - dwelling", "Anti-social behaviour", "999 calls", "2nd calls", "Note's #1", "Robbery (all)"]
)
def test_b14_a_title_that_cannot_be_one_says_why(tmp_path: Path, title: str) -> None:
    folder = small.configuration(tmp_path / "config")
    path = folder / "measures.yaml"
    text = path.read_text(encoding="utf-8").replace("title: Robbery, source", f'title: "{title}", source')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        load(folder)
    assert str(refusal.value).endswith(
        "measures.yaml: series > robbery > title: a title is the heading of a column: it begins with a letter and has"
        f" only letters A to Z, digits and spaces (was {title!r})"
    )


@pytest.mark.parametrize("name", ["Count", "_month", "area-name", "2nd", "Note's #1"])
def test_b14_a_name_that_cannot_be_one_says_why(tmp_path: Path, name: str) -> None:
    folder = small.configuration(tmp_path / "config")
    path = folder / "sources.yaml"
    text = path.read_text(encoding="utf-8").replace("      category: {", f'      "{name}": {{')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match="a name begins with a small letter and has only small letters, digits and _"):
        load(folder)


def test_b14_a_column_of_the_name_of_the_figures_says_why(tmp_path: Path) -> None:
    folder = small.configuration(tmp_path / "config")
    path = folder / "sources.yaml"
    text = path.read_text(encoding="utf-8").replace("      category: {", "      count: {")
    path.write_text(text.replace("[borough, category]", "[borough, count]"), encoding="utf-8")
    with pytest.raises(Refusal, match="the figures of shape wide have this name; give the column another"):
        load(folder)


@pytest.mark.parametrize(("hidden", "note"), [(1, "1 hidden row counted too"), (2, "2 hidden rows counted too"),
                                              (20, "20 hidden rows counted too"), (40, "40 hidden rows counted too"),
                                              (59, "59 hidden rows counted too")])  # fmt: skip
def test_b14_hidden_rows_count_and_are_said(tmp_path: Path, hidden: int, note: str) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for line in (EVENTS_HEAD, *event_rows(6, 10)):
        page.append(line.split(","))
    for row in range(2, 2 + hidden):
        page.row_dimensions[row].hidden = True
    book.save(tmp_path / "events.xlsx")
    found = read(tmp_path, {**EVENTS, "files": "events.xlsx"}, series=EVERY)
    assert found.extracts[0].note == note
    assert sum(found.monthly("every").values()) == 6 * 4 * 10
