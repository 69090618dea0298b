"""The open data on recorded crime, 2008 to 2016, as plain numbers, read without this project's own readers."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

CRIME = "data/MPS_Borough_Level_Crime_Historic_2008-2016.csv"
RESIDENTS = "data/housing-density-borough.csv"
BURGLARY, ROBBERY, MURDER = {"Burglary in a Dwelling"}, {"Robbery"}, {"Murder"}
VEHICLES = {"Theft/Taking Of Motor Vehicle", "Theft From Motor Vehicle"}
MONTHS_2008_2009 = [f"{year}{month:02d}" for year in (2008, 2009) for month in range(1, 13)]
YEAR_TO_JANUARY_2009 = MONTHS_2008_2009[1:13]


def crime_rows(golden: Path) -> tuple[list[str], list[list[str]]]:
    """The file as it is: its headings (borough, major and minor category, months), and its rows."""
    with (golden / CRIME).open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def by_month(golden: Path, categories: set[str]) -> list[float]:
    """Offences of the 32 boroughs together in each of the 24 months from January 2008."""
    sums = _sums(golden, categories)
    return [float(sum(sums[month].values())) for month in MONTHS_2008_2009]


def by_borough(golden: Path, categories: set[str]) -> dict[str, float]:
    """Offences of each borough in the year to January 2009."""
    sums = _sums(golden, categories)
    boroughs = sorted(sums["200801"])
    return {name: float(sum(sums[month][name] for month in YEAR_TO_JANUARY_2009)) for name in boroughs}


def residents(golden: Path) -> dict[str, float]:
    """Residents of each area in mid-2008."""
    with (golden / RESIDENTS).open(encoding="utf-8-sig", newline="") as file:
        return {row["Name"]: float(row["Population"]) for row in csv.DictReader(file) if row["Year"] == "2008"}


def _sums(golden: Path, categories: set[str]) -> dict[str, Counter[str]]:
    """Offences by month and borough; a category is a major or a minor one."""
    sums: dict[str, Counter[str]] = {month: Counter() for month in MONTHS_2008_2009}
    with (golden / CRIME).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if {row["Major Category"], row["Minor Category"]} & categories:
                for month in MONTHS_2008_2009:
                    sums[month][row["Borough"]] += int(row[month])
    return sums


def without_robberies(path: Path, number: int) -> Iterator[str]:
    """The lines of the recorded crime extract with so many robberies fewer in January 2009."""
    left = number
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split(",")
        if left and fields[1:3] == ["Robbery", "Personal Property"]:
            taken = min(left, int(fields[-1]) // 2)
            left -= taken
            fields[-1] = str(int(fields[-1]) - taken)
        yield ",".join(fields) + "\n"
    assert not left
