"""The configuration: complete against both documents, and every fault named with file, entry and field."""

import csv
import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml

from cpa_xl.config.load import ConfigurationError, load, schemas
from cpa_xl.config.model import Catalogue


def test_every_row_of_the_january_2009_scorecard_is_there(catalogue: Catalogue, golden: Path) -> None:
    """golden/scorecard_jan_2009.csv, made from the printed scorecard."""
    with (golden / "scorecard_jan_2009.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == list(catalogue.measures)
    for row in rows:
        measure = catalogue.measures[row["id"]]
        agreed = measure.agreed
        assert agreed is not None
        assert agreed.rule == row["target_rule"]
        assert measure.unit == row["unit"]
        assert " ".join(measure.spi) == row["spi"]
        assert (measure.better or "") == row["better"]
        assert (measure.basis or "") == row["basis"]
        if row["target"]:
            digits = len(row["target"].partition(".")[2])
            assert agreed.value == pytest.approx(float(row["target"]), abs=0.5 * 10**-digits)
        else:
            assert agreed.value is None


# What the proposal says (Appendix 2, "CPA targets proposed", 2008), by measure: rule and amount.
PROPOSED = {
    "1": (None, None),  # the figure is lost in the copy
    "2": ("points_on_baseline", -0.01),
    "3": ("uplift", 0.01),
    "4a": ("change", -0.042),
    "4b": ("absolute", 0.118),
    "5": ("change", -0.03),
    "6a": (None, None),
    "6b": ("change", -0.03),
    "6c": ("absolute", 0.36),
    "7": ("absolute", 0.67),
    "8": (None, None),
    "9a": ("monthly_average", 325),
    "9b": ("uplift", 0.20),
    "10": ("increase", None),
    "10-cocaine": ("increase", None),
    "10-heroin": ("increase", None),
    "CT": ("milestone", None),
    "OLY": ("milestone", None),
}


def test_every_target_has_its_history(catalogue: Catalogue) -> None:
    for name, (rule, amount) in PROPOSED.items():
        history = catalogue.measures[name].targets
        assert [entry.status for entry in history] == ["proposed", "agreed"]
        assert (history[0].rule, history[0].amount) == (rule, amount)


def test_what_the_comments_and_notes_need_is_there(catalogue: Catalogue) -> None:
    measures = catalogue.measures
    assert measures["6b"].exclusions == ("CS gas and pepper spray",)
    assert measures["4b"].proxy_for == "OBTJ rate for serious acquisitive crime"
    assert str(catalogue.sources["casualties"].provisional_from) == "2008-01"
    rotation = measures["CT"].rotation
    assert rotation is not None
    assert rotation.strands == ("Prevent", "Pursue", "Protect", "Prepare")  # UK CONTEST
    assert [fact.id for fact in measures["4b"].facts if fact.kind == "required_rate"] == ["required"]


def test_schemas_in_the_folder_are_those_of_the_code(root: Path) -> None:
    for name, text in schemas().items():
        assert (root / "config/schemas" / name).read_text(encoding="utf-8") == text, (
            f"write {name} again: schemas() has another text"
        )


def test_shipped_files_fit_their_schemas(root: Path) -> None:
    for path in (root / "config").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# yaml-language-server: $schema=schemas/{path.stem}.schema.json\n")
        schema = json.loads((root / f"config/schemas/{path.stem}.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text), default=str)), schema)


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A copy of the shipped configuration to spoil."""
    return Path(shutil.copytree(root / "config", tmp_path / "config"))


def refused(folder: Path, name: str, old: str, new: str) -> str:
    """Replace a piece of one file, load, and return the message."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(folder)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("measures.yaml", "unit: percent", "unit: percents",
         "measures.yaml: measures > 1 > unit: Input should be 'percent', 'points', 'change', 'count', 'total', 'ratio', 'mean', 'median', 'rate_per' or 'milestone' (was 'percents')"),
        ("measures.yaml", "better: higher", "bettr: higher",
         "measures.yaml: measures > 1 > bettr: not a field of this entry; check its spelling against the schema"),
        ("measures.yaml", "amount: 0.789", "amount: high",
         "measures.yaml: measures > 1 > targets > 2 > amount: Input should be a valid number (was 'high')"),
        ("measures.yaml", "amount: 0.01, baseline: 0.552", "amount: 1, baseline: 55.2",
         "measures.yaml: measures > 3 > targets > 2 > rule points_on_baseline: "),
        ("measures.yaml", "amount: 0.789", "amount: 78.9",
         "measures.yaml: measures > 1 > targets > 2 > rule absolute: a percentage is written as a fraction: 0.789 for 78.9%"),
        ("measures.yaml", "print: {actual: percent, target: percent}", "print: {actual: percnt, target: percent}",
         "measures.yaml: measures > 1 > print > actual: \"percnt\" is not a style: write one of percent, points"),
        ("measures.yaml", "comment: \"{achieved} ({ytd_period}", "comment: \"{quarters}{achieved} ({ytd_period}",
         "measures.yaml: measures > 7 > comment: {quarters} needs the facts q1; it has ytd"),
        ("areas.yaml", "Barnet: []", "Barnet: [camden ]",
         "areas.yaml: areas > london_boroughs: 'camden' is given to Barnet and Camden; a spelling belongs to one"),
        ("areas.yaml", "Barnet: []", "Barnet: [Outer London]",
         "areas.yaml: areas > london_boroughs: 'outer london' is given to Barnet and subtotals; a spelling belongs to one"),
        ("measures.yaml", "id: 4a", "id: \"3\"", "measures.yaml: measures > 3: 2 measures have this id; every measure needs its own"),
        ("measures.yaml", "id: \"1\"", "id: 1", "measures.yaml: measures > 1 > id: Input should be a valid string (was 1)"),
        ("measures.yaml", "of: [burglary, robbery, motor_vehicle]", "of: [burglary, sac]",
         "measures.yaml: series > sac: of: adds itself up, by way of the series it names"),
        ("measures.yaml", "of: [burglary, robbery, motor_vehicle]", "of: [burglary, theft]",
         "measures.yaml: series > sac: of: 'theft' is not a series"),
        ("measures.yaml", "of: [burglary, robbery, motor_vehicle]", "of: [burglary, respondents]",
         "measures.yaml: series > sac: of: adds monthly and quarterly series; they cannot be added"),
        ("measures.yaml", "source: recorded_crime, sum: count", "source: crime, sum: count",
         "measures.yaml: series > burglary: source: 'crime' is not in sources.yaml (recorded_crime, offences"),
        ("measures.yaml", "sum: count, where: \"minor", "sum: total, where: \"minor",
         "measures.yaml: series > burglary: sum: 'total' is not a column of numbers in recorded_crime (count)"),
        ("measures.yaml", "sum: count, where: \"minor", "where: \"minor",
         "measures.yaml: series > burglary: give one of count: (rows, or a column), sum: and a column, or median: and a column"),
        ("measures.yaml", "minor = 'Burglary in a Dwelling'", "category = 'Burglary'",
         "measures.yaml: series > burglary: where: condition \"category = 'Burglary'\" names category; the source has borough, major, minor"),
        ("measures.yaml", "title: Robbery, also", "title: Residential Burglary, also",
         "measures.yaml: series > burglary: title 'Residential burglary' is another series' too; it heads one column"),
        ("measures.yaml", "figure: {kind: rate, numerator: satisfied, denominator: respondents}", "figure: {kind: rate, numerator: satisfied}",
         "measures.yaml: measures > 1 > figure > denominator: missing for kind rate"),
        ("measures.yaml", "figure: {kind: change, numerator: sac}", "figure: {kind: change, numerator: sac, denominator: sac_sd}",
         "measures.yaml: measures > 4a > figure > denominator: surplus for kind change"),
        ("measures.yaml", "figure: {kind: change, numerator: sac}", "figure: {kind: change, numerator: crime}",
         "measures.yaml: measures > 4a > figure > 'crime' is not a series"),
        ("measures.yaml", "parent: \"10\"", "parent: \"11\"", "measures.yaml: measures > 10-cocaine > parent: '11' is not a measure"),
        ("measures.yaml", "is {change} on", "is {changed} on",
         "measures.yaml: measures > 3 > comment: {changed} is neither one of its facts (change, previous) nor one of as_of, period"),
        ("measures.yaml", "of: required, ", "of: needed, ", "measures.yaml: measures > 4b > facts > feasible > of: 'needed' is not one of its facts"),
        ("measures.yaml", "measures:\n", "mesures: []\nmeasures:\n",
         "measures.yaml: 'mesures' is not a section of this file; it may hold series, measures"),
        ("sources.yaml", "area: borough", "area: boro", "sources.yaml: sources > recorded_crime: area: 'boro' is not one of its columns (borough, major, minor)"),
        ("sources.yaml", "areas: london_boroughs", "areas: boroughs",
         "sources.yaml: sources > recorded_crime: areas: 'boroughs' is not in areas.yaml (london_boroughs)"),
        ("sources.yaml", "    areas: london_boroughs\n", "",
         "sources.yaml: sources > recorded_crime: area and areas go together: the column, and the list of areas it may name"),
        ("sources.yaml", "months: yyyymm\n", "month: borough\n",
         "sources.yaml: sources > recorded_crime: shape wide needs months: yyyymm, or months: any, and no month column"),
        ("sources.yaml", "month: recorded\n", "lag: 0\n",
         "sources.yaml: sources > offences: shape records needs month: the column that says when a row counts"),
        ("sources.yaml", "aliases: [MajorText]", "aliases: [Borough]",
         "sources.yaml: sources > recorded_crime: columns: the heading 'borough' is given to 2 columns; a heading belongs to one"),
        ("sources.yaml", "{header: Borough, aliases: [LookUp_BoroughName, BOCU], type: area}", "{header: Borough, type: text}",
         "sources.yaml: sources > recorded_crime: area: column 'borough' has type text; it must have type area"),
        ("sources.yaml", "provisional_from: 2008-01", "provisional_from: 01/02/2008", "sources.yaml: sources > casualties > provisional_from: "),
        ("sources.yaml", "shape: wide", "shape: wide\n    shape: records",
         "'shape' is repeated (first on line"),
        ("sources.yaml", "sources:\n", "sources: [\n", "sources.yaml: line "),
        ("areas.yaml", "areas:\n", "\tareas:\n",  # in the words of PyYAML's own loader, which name the character
         "areas.yaml: line 5, column 1: found character '\\t' that cannot start any token"),
        ("workbooks.yaml", "series: [asked, confident]", "series: [asked, burglary]",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Confidence: series: burglary is monthly; rows: quarters takes quarterly series"),
        ("workbooks.yaml", "series: [asked, confident]", "series: [asked, trust]",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Confidence: series: 'trust' is not a series"),
        ("workbooks.yaml", "domestic_arrest, youth_victims]\n        suppress: [domestic, domestic_arrest, youth_victims]", "domestic_arrest, networks]",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Areas: series: networks has no areas; a table of areas cannot hold it"),
        ("workbooks.yaml", "        area: Borough\n", "", "workbooks.yaml: workbooks > cpa_scorecard > tables > Areas: area: missing for rows: areas"),
        ("workbooks.yaml", "Measures: {rows: measures}", "Measures: {rows: measures, key: Month}",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Measures: rows: measures takes no series, key, area or last"),
        ("workbooks.yaml", "suppress: [asked]", "suppress: [asked, bme_respondents]",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Confidence: suppress: 'bme_respondents' is not among the table's series (asked, confident)"),
        ("workbooks.yaml", "suppress: [asked]", "suppress: [asked, confident]",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Confidence: suppress: confident is not a number of respondents: its column is not the second of any pair of at_most in sources.yaml > confidence"),
        ("workbooks.yaml", "Measures: {rows: measures}", "Measures: {rows: measures, suppress: [asked]}",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Measures: suppress: rows: measures takes none; only tables of areas and of quarters hold small counts"),
        ("workbooks.yaml", "Trend: {rows: months, key: Month, last: 13}", "Trend: {rows: months, key: Month, last: 13, suppress: [deaths]}",
         "workbooks.yaml: workbooks > cpa_scorecard > tables > Trend: suppress: rows: months takes none; only tables of areas and of quarters hold small counts"),
    ],
)  # fmt: skip
def test_faults_are_named(folder: Path, name: str, old: str, new: str, message: str) -> None:
    assert message in refused(folder, name, old, new)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "sources.yaml").unlink()
    with pytest.raises(ConfigurationError) as error:
        load(folder)
    assert str(error.value) == (
        "The configuration:\n"
        f"  sources.yaml: not found in {folder}; the folder needs areas.yaml, sources.yaml, measures.yaml, workbooks.yaml"
    )


def test_an_empty_file_and_one_in_another_encoding_are_named_together(folder: Path) -> None:
    (folder / "areas.yaml").write_text("", encoding="utf-8")
    (folder / "workbooks.yaml").write_bytes("# prix: 5 €\n".encode("cp1252"))
    with pytest.raises(ConfigurationError) as error:
        load(folder)
    assert error.value.faults == (
        "areas.yaml: holds no entries; it needs areas",
        "workbooks.yaml: byte 11 is not UTF-8; save the file as UTF-8",
    )


def test_the_digest_follows_every_file(folder: Path, catalogue: Catalogue) -> None:
    assert load(folder).digest == catalogue.digest
    with (folder / "areas.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert load(folder).digest != catalogue.digest
