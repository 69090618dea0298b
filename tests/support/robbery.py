"""Robbery of the 32 boroughs in the open data, with residents and families: the domain page's worked example.

Families are quarters of the boroughs by residents per hectare (illustrative: the real ones are not public).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.recorded_crime import RESIDENTS, crime_rows

KINDS = ("Personal Property", "Business Property")
FEB_08_TO_JAN_09 = slice(4, 16)  # of the columns: three of names, then January 2008 and on


@dataclass(frozen=True, slots=True)
class Borough:
    """Robberies in the year to January 2009, mid-2008 and mid-2009 residents, and its family, itself included."""

    name: str
    robberies: float
    residents: float
    residents_2009: float
    family: tuple[str, ...]

    @property
    def rate(self) -> float:
        return 1000 * self.robberies / self.residents


def boroughs(golden: Path) -> Mapping[str, Borough]:
    """The 32 boroughs by name."""
    rows = [row for row in crime_rows(golden)[1] if row[2] in KINDS]
    robberies: dict[str, float] = {}
    for row in rows:
        robberies[row[0]] = robberies.get(row[0], 0) + sum(map(float, row[FEB_08_TO_JAN_09]))
    with (golden / RESIDENTS).open(encoding="utf-8-sig") as file:
        known = {(row["Name"], row["Year"]): row for row in csv.DictReader(file)}
    by_density = sorted(robberies, key=lambda name: float(known[name, "2008"]["Population_per_hectare"]))
    return {
        name: Borough(
            name,
            robberies[name],
            float(known[name, "2008"]["Population"]),
            float(known[name, "2009"]["Population"]),
            tuple(by_density[place // 8 * 8 : place // 8 * 8 + 8]),
        )
        for place, name in enumerate(by_density)
    }
