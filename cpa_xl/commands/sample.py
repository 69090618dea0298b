"""Writes sample extracts: files in the form of other systems, with made-up content that says so.

Every run writes the same bytes, so nothing here reads the clock. `sample_figures` has the counts.
"""

import calendar
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cpa_xl.commands.sample_figures import (
    BOROUGHS,
    BUSINESS_GROUPS,
    CONFIDENCE,
    LAST,
    MONTHS,
    SATISFACTION,
    apportion,
    borough_shares,
    by_month,
    chance,
    confidence_rows,
    satisfaction_rows,
    share_out,
    spread,
)
from cpa_xl.errors import Refusal

STATEMENT = "SYNTHETIC sample data made by cpa_xl: not real police figures"
TRAILER = "END OF EXTRACT"
WROTE = datetime(2009, 2, 12, 9, 30)  # the spreadsheet's time of creation
DAY_NOISE = 0.25  # how far a day may be from its month's mean
HEAD = 200  # the first bytes of a text file, which hold its statement


def make_sample(folder: Path, progress: Callable[[str, int, int], None] | None = None) -> tuple[Path, ...]:
    """Write nine sample extracts and a README.txt into `folder` (made where missing); the same bytes every time.

    Returns the paths of the extracts. Calls `progress` after each file with its name, the number written, and the
    total. Raises Refusal where the folder is not writable; and, before it writes anything, where a file with one of
    these names is not a sample.
    """
    makers = _makers()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_to_overwrite([folder / name for name in (*makers, "README.txt")])
        (folder / "README.txt").write_bytes(_readme(makers))
        for done, (name, make) in enumerate(makers.items(), 1):
            (folder / name).write_bytes(make())
            if progress:
                progress(name, done, len(makers))
    except OSError as error:
        why = error.strerror or str(error)
        raise Refusal(f"The sample cannot be written to {folder} ({why}): name another folder") from error
    return tuple(folder / name for name in makers)


def _makers() -> dict[str, Callable[[], bytes]]:
    """For each file name, the function that makes its content. The month in a name is the content's last month."""
    satisfaction, confidence = SATISFACTION[-1].end, max(end for end, _, _ in CONFIDENCE)
    return {
        f"recorded_crime_{LAST}.csv": _recorded_crime,
        f"offences_{LAST}.csv": _offences,
        f"outcomes_{LAST}.csv": _outcomes,
        f"road_casualties_{LAST}.csv": _casualties,
        f"victims_{LAST}.csv": _victims,
        f"user_satisfaction_{satisfaction}.xlsx": _satisfaction,
        f"public_confidence_{confidence}.csv": _confidence,
        f"network_disruptions_{LAST}.csv": _disruptions,
        f"asset_cases_{LAST}.csv": _asset_cases,
    }


def _refuse_to_overwrite(paths: Sequence[Path]) -> None:
    foreign = [path.name for path in paths if path.exists() and not _is_sample(path)]
    if foreign:
        raise Refusal(
            f"{paths[0].parent} already holds {', '.join(foreign)}, which no earlier sample wrote: move what is there "
            "away, or name another folder for the sample"
        )


def _is_sample(path: Path) -> bool:
    """Whether a file says that it is a sample; False for a spreadsheet that cannot be read."""
    statement = STATEMENT.encode()
    if path.suffix != ".xlsx":
        with path.open("rb") as file:
            return statement in file.read(HEAD)
    try:
        with zipfile.ZipFile(path) as archive:
            return statement in archive.read("xl/sharedStrings.xml")
    except (zipfile.BadZipFile, KeyError):
        return False


def _readme(makers: Mapping[str, object]) -> bytes:
    lines = [
        f"{STATEMENT}.",
        "",
        "The extracts in this folder are made up. Their totals are chosen so that a scorecard for January 2009 can be",
        "worked out from them; no row records anything that happened.",
        "",
        *(f"  {name}" for name in makers),
        "",
    ]
    return "\n".join(lines).encode()


def _csv(lines: Sequence[str]) -> bytes:
    """A CSV file. Fields are written as they are, since none holds a comma or a quotation mark."""
    return "\n".join((f"# {STATEMENT}", *lines, "")).encode()


# Recorded crime: one row a borough and category, one column a month ------------------------------------------------


def _recorded_crime() -> bytes:
    lines = [f"Borough,Major Category,Minor Category,{','.join(f'{m.year}{m.month:02d}' for m in MONTHS)}"]
    categories = _categories()
    for place, borough in enumerate(BOROUGHS):
        for (major, minor), grid in categories.items():
            lines.append(f"{borough},{major},{minor},{','.join(str(month[place]) for month in grid)}")
    return _csv(lines)


def _categories() -> dict[tuple[str, str], list[list[int]]]:
    """The counts by category, month and borough."""
    crimes = (
        "burglary",
        "burglary_other",
        "robbery",
        "motor_vehicle",
        "interference",
        "msv_awi",
        "msv",
        "sexual",
    )
    grid = {name: spread(by_month(name), borough_shares(name), name) for name in crimes}
    business, personal = _split(grid["robbery"], 0.09, "business robbery")
    taken, stolen_from = _split(grid["motor_vehicle"], 0.27, "vehicles taken")
    both = zip(grid["msv_awi"], grid["msv"], strict=True)
    awi = [[all_ - most for all_, most in zip(*month, strict=True)] for month in both]
    theft, violence = "Theft and Handling", "Violence Against the Person"
    return {
        ("Burglary", "Burglary in a Dwelling"): grid["burglary"],
        ("Burglary", "Burglary in Other Buildings"): grid["burglary_other"],
        ("Robbery", "Personal Property"): personal,
        ("Robbery", "Business Property"): business,
        (theft, "Theft/Taking Of Motor Vehicle"): taken,
        (theft, "Theft From Motor Vehicle"): stolen_from,
        (theft, "Motor Vehicle Interference & Tampering"): grid["interference"],
        (violence, "Most Serious Violence"): grid["msv"],
        (violence, "Assault with Injury"): awi,
        ("Sexual Offences", "Serious Sexual Offences"): grid["sexual"],
    }


def _split(grid: list[list[int]], share: float, name: str) -> tuple[list[list[int]], list[list[int]]]:
    """About `share` of every count, and the rest."""
    random = chance(name)
    part = [[int(count * share + random()) for count in month] for month in grid]
    rest = [[all_ - some for all_, some in zip(*month, strict=True)] for month in zip(grid, part, strict=True)]
    return part, rest


# Records: one row an event, in order of date -----------------------------------------------------------------------


Weights = Mapping[str, float]
NONE: Weights = {"": 1}  # an empty field
OUTCOMES: Weights = {"Charge": 62, "Caution": 23, "Taken into consideration": 12, "Fixed penalty": 3}
DRUG_OUTCOMES: Weights = {"Charge": 81, "Caution": 19}
POSSESSION_OUTCOMES: Weights = {"Caution": 55, "Fixed penalty": 25, "Charge": 20}
NO_ACTION: Weights = {"No further action": 1}
GUNS: Weights = {"Handgun": 46, "Shotgun": 6, "Air weapon": 26, "Imitation": 22}
ROAD_USERS: Weights = {
    "Car occupant": 40, "Pedestrian": 28, "Powered two wheeler": 17, "Pedal cycle": 10, "Bus or coach occupant": 5,
}  # fmt: skip
YOUTH_VIOLENCE: Weights = {"ABH": 78, "Weapon enabled crime": 14, "Most serious violence": 8}
YOUNG: Weights = {str(age): age - 7 for age in range(10, 20)}
ADULT: Weights = {str(age): 90 - age for age in range(20, 85)}


@dataclass(frozen=True)
class RecordKind:
    """Records of one kind: how many each month, where, and the fields after the place with their weights.

    A key of `fields` is the text of these fields, each after a comma.
    """

    name: str
    months: Sequence[int]
    places: Weights
    fields: Weights


def _kind(name: str, *columns: Weights) -> RecordKind:
    """The records of a series; the fields after the place take all combinations of the columns' texts."""
    return RecordKind(name, by_month(name), borough_shares(name), _fields(*columns))


def _fields(*columns: Weights) -> Weights:
    fields: Weights = {"": 1}
    for column in columns:
        fields = {f"{text},{more}": a * b for text, a in fields.items() for more, b in column.items()}
    return fields


def _less(months: Sequence[int], *others: Sequence[int]) -> list[int]:
    return [count - sum(other) for count, *other in zip(months, *others, strict=True)]


def _records(reference: str, *kinds: RecordKind) -> list[str]:
    """The records of all kinds in order of date, without a header.

    `reference` is the pattern of their ids: {yy} becomes the year, a number format (%05d) the running number in it.
    """
    random = chance(reference)
    where = [spread(kind.months, kind.places, kind.name) for kind in kinds]
    lines, number = [], 0
    for index, month in enumerate(MONTHS):
        texts = [text for kind, grid in zip(kinds, where, strict=True) for text in _texts(kind, grid[index], random)]
        number = 1 if month.month == 1 else number + 1
        pattern = reference.replace("{yy}", f"{month.year % 100:02d}")
        days = calendar.monthrange(month.year, month.month)[1]
        busy = apportion(len(texts), [1 + DAY_NOISE * random() for _ in range(days)])
        dates = [f"{day:02d}/{month.month:02d}/{month.year}" for day, count in enumerate(busy, 1) for _ in range(count)]
        events = zip(dates, _shuffled(texts, random), strict=True)
        lines += [f"{pattern % n},{date},{text}" for n, (date, text) in enumerate(events, number)]
        number += len(texts) - 1
    return lines


def _texts(kind: RecordKind, counts: Sequence[int], random: Callable[[], float]) -> Iterator[str]:
    """The fields from the place on, for every record of a kind in a month."""
    places = [place for place, count in zip(kind.places, counts, strict=True) for _ in range(count)]
    each = share_out(sum(counts), list(kind.fields.values()), random)
    fields = [text for text, count in zip(kind.fields, each, strict=True) for _ in range(count)]
    return (place + text for place, text in zip(places, _shuffled(fields, random), strict=True))


def _shuffled(texts: Sequence[str], random: Callable[[], float]) -> list[str]:
    return [text for _, text in sorted((random(), text) for text in texts)]


def _with_trailer(header: str, records: list[str]) -> bytes:
    return _csv([header, *records, f"{TRAILER},{len(records)}"])


def _offences() -> bytes:
    yes: Weights = {"Y": 1}
    no: Weights = {"N": 1}
    both = [count // 60 for count in by_month("gun_crime")]  # a gun and domestic violence
    gun, arrest = by_month("gun_crime"), by_month("domestic_arrest")
    places = borough_shares("domestic")
    records = _records(
        "%07d/{yy}",
        RecordKind("gun_crime", _less(gun, both), places, _fields(yes, GUNS, no, no)),
        RecordKind("both", both, places, _fields(yes, GUNS, yes, yes)),
        RecordKind("arrest", _less(arrest, both), places, _fields(no, NONE, yes, yes)),
        RecordKind("no arrest", _less(by_month("domestic"), arrest), places, _fields(no, NONE, yes, no)),
        _kind("cs_spray", yes, {"CS gas or pepper spray": 1}, no, no),
        _kind("no_gun", no, {"Imitation": 5, "Air weapon": 4, "": 6}, no, no),
    )
    return _with_trailer("Crime Reference,Recorded Date,Borough,Gun Enabled,Weapon,DV Flag,DV Arrest", records)


def _outcomes() -> bytes:
    trafficking: Weights = {"Drugs trafficking": 1}
    class_a, cocaine, heroin = by_month("class_a"), by_month("cocaine"), by_month("heroin")
    other = RecordKind(
        "other class A",
        _less(class_a, cocaine, heroin),
        borough_shares("class_a"),
        _fields(trafficking, DRUG_OUTCOMES, {"Ecstasy": 9, "LSD": 1}),
    )
    detected: Weights = {"Residential burglary": 4, "Robbery": 3, "Motor vehicle crime": 3, "Assault with injury": 12,
                         "Most serious violence": 3, "Serious sexual offences": 2}  # fmt: skip
    records = _records(
        "OC{yy}%06d",
        _kind("burglary_sd", {"Residential burglary": 1}, OUTCOMES, NONE),
        _kind("robbery_sd", {"Robbery": 1}, OUTCOMES, NONE),
        _kind("motor_vehicle_sd", {"Motor vehicle crime": 1}, OUTCOMES, NONE),
        _kind("msv_awi_sd", {"Assault with injury": 88, "Most serious violence": 12}, OUTCOMES, NONE),
        _kind("sexual_sd", {"Serious sexual offences": 1}, DRUG_OUTCOMES, NONE),
        _kind("cocaine", trafficking, DRUG_OUTCOMES, {"Crack": 54, "Cocaine": 46}),
        _kind("heroin", trafficking, DRUG_OUTCOMES, {"Heroin": 1}),
        other,
        _kind("class_b", trafficking, DRUG_OUTCOMES, {"Cannabis": 1}),
        _kind("class_a_no_action", trafficking, NO_ACTION, {"Crack": 4, "Cocaine": 3, "Heroin": 3}),
        _kind("no_further_action", detected, NO_ACTION, NONE),
        _kind(
            "possession",
            {"Drugs possession": 1},
            POSSESSION_OUTCOMES,
            {"Cannabis": 8, "Cocaine": 1, "Heroin": 1},
        ),
    )
    return _with_trailer("Outcome Id,Outcome Date,Borough,Offence Group,Outcome,Drug", records)


def _casualties() -> bytes:
    serious = _less(by_month("ksi"), by_month("deaths"))
    records = _records(
        "01TD{yy}%05d",
        _kind("deaths", {"Fatal": 1}, ROAD_USERS),
        RecordKind("serious", serious, borough_shares("ksi"), _fields({"Serious": 1}, ROAD_USERS)),
        _kind("slight", {"Slight": 1}, ROAD_USERS),
    )
    return _csv(["Casualty Reference,Collision Date,Borough,Severity,Road User", *records])


def _victims() -> bytes:
    other: Weights = {"Other violence": 1}
    records = _records(
        "V{yy}-%06d",
        _kind("youth_victims", YOUTH_VIOLENCE, YOUNG),
        _kind("other_young_victims", other, YOUNG),
        _kind("adult_victims", {**YOUTH_VIOLENCE, **other, "Other violence": 45}, ADULT),
        _kind("victims_of_unknown_age", {"ABH": 6, "Other violence": 4}, NONE),
    )
    return _csv(["Victim Reference,Recorded Date,Borough,Offence Group,Age", *records])


def _disruptions() -> bytes:
    kind = RecordKind("networks", by_month("networks"), BUSINESS_GROUPS, _fields())
    return _csv(["Disruption Reference,Date Agreed,Business Group", *_records("CND/{yy}/%04d", kind)])


def _asset_cases() -> bytes:
    counted = _fields({"Cash seized": 64, "Assets restrained": 36})
    records = _records(
        "POCA{yy}-%05d",
        RecordKind("assets", by_month("assets"), BUSINESS_GROUPS, counted),
        RecordKind("confiscations", by_month("confiscations"), BUSINESS_GROUPS, _fields({"Confiscation order": 1})),
    )
    return _csv(["Case Number,Case Date,Business Group,Case Type", *records])


# Surveys: one row a quarter, or a quarter and group ----------------------------------------------------------------


def _satisfaction() -> bytes:
    """A spreadsheet in the form of a survey firm: title rows above the header, real dates."""
    import xlsxwriter  # noqa: PLC0415  # takes long, and only this extract needs it

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": STATEMENT, "created": WROTE})
        sheet = workbook.add_worksheet("Results")
        bold, date = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write(0, 0, f"User satisfaction survey, results by quarter. {STATEMENT}", bold)
        sheet.write(1, 0, "Users of the service who are satisfied with it overall, by ethnic group")
        sheet.write_row(3, 0, ("Quarter ending", "Ethnic group", "Respondents", "Satisfied"), bold)
        sheet.set_column(0, 3, 16)
        for row, (end, *counts) in enumerate(satisfaction_rows(), 4):
            sheet.write_datetime(row, 0, end.last_day, date)
            sheet.write_row(row, 1, counts)
    return content.getvalue()


def _confidence() -> bytes:
    rows = [f"{end.last_day:%d/%m/%Y},{asked},{agree}" for end, asked, agree in confidence_rows()]
    return _csv(["Quarter ending,Respondents,Agree police do a good job", *rows])
