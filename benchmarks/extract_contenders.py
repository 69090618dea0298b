"""The processes that benchmarks.extracts measures: each reads one folder of records and imports what it needs for that.

Arguments: the contender's name, the folder of extracts, the folder of the configuration. Each prints the totals of its
series as JSON, so that nobody wins by counting something else; the scan prints its rows.
"""

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# The record sources of the shipped configuration, with the names of their sample files and of their columns of dates.
SOURCES = {
    "offences": ("offences", "Recorded Date"),
    "detections": ("outcomes", "Outcome Date"),
    "casualties": ("road_casualties", "Collision Date"),
    "victims": ("victims", "Recorded Date"),
    "disruptions": ("network_disruptions", "Date Agreed"),
    "asset_cases": ("asset_cases", "Case Date"),
}
GROUPS: Mapping[str, list[str]] = {
    "burglary_sd": ["Residential burglary"],
    "robbery_sd": ["Robbery"],
    "motor_vehicle_sd": ["Motor vehicle crime"],
    "msv_awi_sd": ["Most serious violence", "Assault with injury"],
    "sexual_sd": ["Serious sexual offences"],
}
DRUGS: Mapping[str, list[str]] = {
    "class_a": ["Cocaine", "Crack", "Heroin", "Ecstasy", "LSD"],
    "cocaine": ["Cocaine", "Crack"],
    "heroin": ["Heroin"],
}
VIOLENCE = ["Most serious violence", "Weapon enabled crime", "ABH"]
Totals = Mapping[str, float]


def with_cpa_xl(folder: Path, config: Path) -> Totals:
    """Every series of the six sources, with every check on."""
    return _facts("cpa_xl.config.load", "cpa_xl.extracts.facts", folder, config)


def with_last_version(folder: Path, config: Path) -> Totals:
    """The same in the first version, whose modules had other names."""
    return _facts("cpa_xl.configuration", "cpa_xl.facts", folder, config)


def _facts(loading: str, reading: str, folder: Path, config: Path) -> Totals:
    catalogue = importlib.import_module(loading).load(config)
    facts = importlib.import_module(reading).read_facts(catalogue, folder, sources=list(SOURCES))
    single = (name for name, series in catalogue.series.items() if series.source in SOURCES)
    return {name: sum(facts.counts[name].values()) for name in single}


def with_duckdb(folder: Path, _: Path) -> Totals:
    """A scan of the same files, with the types that the engine finds; lines that are no rows are left out."""
    import duckdb  # noqa: PLC0415  # each process imports what it measures and no more

    query = "SELECT count(*), count(COLUMNS(*)) FROM read_csv(?, skip = 1, ignore_errors = true)"
    return {name: duckdb.execute(query, [str(path)]).fetchall()[0][0] for name, path in _files(folder).items()}


def with_pandas(folder: Path, _: Path) -> Totals:
    """As people write it: read, parse the dates, a mask and a groupby for each series. Nothing is checked."""
    import pandas as pd  # noqa: PLC0415  # the same

    def read(source: str) -> Any:
        day = SOURCES[source][1]
        frame = pd.read_csv(_files(folder)[source], skiprows=1)
        frame = frame[frame[day].str.contains("/")].copy()  # without the control line
        frame["Month"] = pd.to_datetime(frame[day], format="%d/%m/%Y").dt.to_period("M")
        return frame

    def total(frame: Any, *by: str) -> float:
        return float(frame.groupby(["Month", *by]).size().sum())

    offences, outcomes, casualties, victims = map(read, ("offences", "detections", "casualties", "victims"))
    weapon, domestic = offences["Weapon"].fillna(""), offences["DV Flag"] == "Y"
    armed = (offences["Gun Enabled"] == "Y") & (weapon != "CS gas or pepper spray")
    found = outcomes[outcomes["Outcome"] != "No further action"]
    drugs = found[found["Offence Group"] == "Drugs trafficking"]
    young = (victims["Age"] < 20) & victims["Offence Group"].isin(VIOLENCE)
    cases = read("asset_cases")
    return {
        "gun_crime": total(offences[armed], "Borough"),
        "domestic": total(offences[domestic], "Borough"),
        "domestic_arrest": total(offences[domestic & (offences["DV Arrest"] == "Y")], "Borough"),
        **{name: total(found[found["Offence Group"].isin(texts)], "Borough") for name, texts in GROUPS.items()},
        **{name: total(drugs[drugs["Drug"].isin(texts)], "Borough") for name, texts in DRUGS.items()},
        "ksi": total(casualties[casualties["Severity"].isin(["Fatal", "Serious"])], "Borough"),
        "deaths": total(casualties[casualties["Severity"] == "Fatal"], "Borough"),
        "youth_victims": total(victims[young], "Borough"),
        "networks": total(read("disruptions")),
        "assets": total(cases[cases["Case Type"].isin(["Assets restrained", "Cash seized"])]),
    }


def with_polars(folder: Path, _: Path) -> Totals:
    """The same with lazy frames, one query for each file."""
    pl = importlib.import_module("polars")  # only where it is installed

    def counted(source: str, *by: str, **series: Any) -> Totals:
        day = pl.col(SOURCES[source][1])
        frame = pl.scan_csv(_files(folder)[source], skip_rows=1, truncate_ragged_lines=True, infer_schema_length=0)
        frame = frame.filter(day.str.contains("/", literal=True))
        month = day.str.to_date("%d/%m/%Y").dt.truncate("1mo").alias("Month")
        groups = frame.group_by(month, *by).agg(**{name: rule.sum() for name, rule in series.items()})
        return dict(groups.select(*series).collect(engine="streaming").sum().row(0, named=True))

    def has(column: str, *texts: str) -> Any:
        return pl.col(column).is_in(list(texts)).fill_null(False)

    found = ~has("Outcome", "No further action")
    domestic = has("DV Flag", "Y")
    gas = has("Weapon", "CS gas or pepper spray")
    return {
        **counted(
            "offences", "Borough", gun_crime=has("Gun Enabled", "Y") & ~gas, domestic=domestic,
            domestic_arrest=domestic & has("DV Arrest", "Y"),
        ),
        **counted(
            "detections", "Borough", **{name: has("Offence Group", *texts) & found for name, texts in GROUPS.items()},
            **{name: has("Offence Group", "Drugs trafficking") & has("Drug", *texts) & found
               for name, texts in DRUGS.items()},
        ),
        **counted("casualties", "Borough", ksi=has("Severity", "Fatal", "Serious"), deaths=has("Severity", "Fatal")),
        **counted("victims", "Borough", youth_victims=(pl.col("Age").cast(pl.Int64) < 20).fill_null(False)
                  & has("Offence Group", *VIOLENCE)),
        **counted("disruptions", networks=pl.lit(True)),
        **counted("asset_cases", assets=has("Case Type", "Assets restrained", "Cash seized")),
    }  # fmt: skip


def _files(folder: Path) -> Mapping[str, Path]:
    return {source: next(folder.glob(f"{start}*.csv")) for source, (start, _) in SOURCES.items()}


CONTENDERS: Mapping[str, Callable[[Path, Path], Totals]] = {
    "cpa_xl": with_cpa_xl,
    "scan": with_duckdb,
    "pandas": with_pandas,
    "polars": with_polars,
    "last version": with_last_version,
}

if __name__ == "__main__":
    print(json.dumps(CONTENDERS[sys.argv[1]](*map(Path, sys.argv[2:]))))
