"""The tables of expected values, which come from outside the project."""

import csv
from pathlib import Path


def golden_rows(golden: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table of expected values, by heading."""
    with (golden / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
