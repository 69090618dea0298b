"""Simulates projections of steady counts: `python run.py benchmarks.projection [--runs N] [--json]`.

Each run draws the months of some years before and of this year, all Poisson with the same mean, stops some months
before the end of the year, and projects. An interval for 95 % should hold 95 of 100 years, with as many above it as
below. Of the targets that are met with a chance of 0.9 or more, as many should be met as the chances say, and so for
0.1 or less. Targets lie between 80 % and 120 % of what is expected. Calibration to the very mean that is behind the
counts is harder: nobody knows it, and `--at-the-mean` asks for that.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from cpa_xl.measures.outlook import project
from cpa_xl.measures.periods import Month, Series
from cpa_xl.measures.targets import Better

MEANS = (1, 3, 10, 30, 300)  # events a month
LEFT = (9, 6, 3, 1)  # months of the year
YEARS = 3  # of history, this one included
SURE = 0.9
APRIL = Month(2009, 4)


@dataclass(frozen=True)
class Row:
    """What became of the projections for one mean and one time of the year; chances with the share that came true."""

    mean: float
    left: int
    runs: int
    above: float
    below: float
    width: float
    likely: tuple[int, float, float]
    unlikely: tuple[int, float, float]

    @property
    def coverage(self) -> float:
        """The share of years that the interval held."""
        return 1 - self.above - self.below


def simulated(mean: float, left: int, runs: int, *, years: int = YEARS, at_the_mean: bool = False) -> Row:
    """The projections of `runs` steady series."""
    draw = np.random.default_rng([round(mean * 10), left, years])
    start, count = APRIL - 12 * (years - 1), 12 * years
    months = [start + month for month in range(count - left)]
    above = below = 0
    width = 0.0
    said: list[tuple[float, bool]] = []
    for _ in range(runs):
        values = draw.poisson(mean, count)
        found = project(Series.of([float(value) for value in values[: count - left]], months), months[-1])
        total, ends = int(values[-12:].sum()), found.interval()
        above += total > ends.high
        below += total < ends.low
        width += (ends.high - ends.low) / runs
        target = round(12 * mean * (1 if at_the_mean else draw.uniform(0.8, 1.2)))
        said.append((found.chance(target, Better.LOWER), total <= target))
    likely = _came_true([one for one in said if one[0] >= SURE])
    unlikely = _came_true([one for one in said if one[0] <= 1 - SURE])
    return Row(mean, left, runs, above / runs, below / runs, width, likely, unlikely)


def _came_true(said: list[tuple[float, bool]]) -> tuple[int, float, float]:
    if not said:
        return 0, 0.0, 0.0
    return len(said), sum(chance for chance, _ in said) / len(said), sum(met for _, met in said) / len(said)


def table(runs: int, *, at_the_mean: bool = False) -> Iterator[Row]:
    """A row for each mean and each time of the year."""
    for mean in MEANS:
        for left in LEFT:
            yield simulated(mean, left, runs, at_the_mean=at_the_mean)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--at-the-mean", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = list(table(given.runs, at_the_mean=given.at_the_mean))
    if given.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    print("a month  left   held  above  below  width   chance >= 0.9: said, met   chance <= 0.1: said, met")
    for row in rows:
        sure = "   ".join(f"{number:5} {said:6.3f} {met:6.3f}    " for number, said, met in (row.likely, row.unlikely))
        print(
            f"{row.mean:7} {row.left:5} {row.coverage:6.3f} {row.above:6.3f} {row.below:6.3f} {row.width:6.0f}   {sure}"
        )


if __name__ == "__main__":
    main()
