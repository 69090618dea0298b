"""Processor time of refresh and publish, against an earlier commit: `python run.py benchmarks.refresh [--against REV]`.

The commit is checked out beside, with the same Python and its packages. Each side makes its own demo. Then the sides
take turns: the template is filled, last month's workbook is brought to this month, and the result is published, each in
a process of its own. What counts is the processor time of the whole process, in the program and in the system; the
median of the runs. Needs git, and a system with `getrusage`: Linux or macOS.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.goals import Goal
from benchmarks.start import ROOT, seconds

FIRST = "dc51d51"  # the first version
NAME = "cpa_scorecard.xlsx"
STEPS = ("fill the template", "refresh to the next month", "publish")
MOST = 1.3  # times the other side's


@dataclass(frozen=True)
class Side:
    """A checkout of the project, and a folder with its demo and its template."""

    root: Path
    folder: Path

    @property
    def book(self) -> Path:
        return self.folder / NAME

    def run(self, *arguments: str) -> float:
        """Processor time of a command."""
        return seconds(["-m", "cpa_xl", *arguments], self.root)

    def prepare(self) -> None:
        """Make the demo, and last month's workbook."""
        self.run("demo", "--out", str(self.folder))
        self._begin(self.root / "workbooks" / NAME)
        self.run("refresh", str(self.book), "--as-of", "2008-12")
        shutil.copy(self.book, self.folder / "december.xlsx")

    def _begin(self, workbook: Path) -> None:
        """Put a workbook there, without its history."""
        for history in self.folder.glob("*.history.parquet"):
            history.unlink()
        shutil.copy(workbook, self.book)

    def steps(self) -> Iterator[float]:
        """The processor time of each step."""
        self._begin(self.root / "workbooks" / NAME)
        yield self.run("refresh", str(self.book), "--as-of", "2009-01")
        self._begin(self.folder / "december.xlsx")
        yield self.run("refresh", str(self.book), "--as-of", "2009-01")
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            yield self.run("publish", str(self.book), "--out", out)


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """The project as it was at a commit; SystemExit where git does not have it."""
    place = folder / "then"
    _git("worktree", "add", "--detach", str(place), commit)
    try:
        yield place
    finally:
        _git("worktree", "remove", "--force", str(place))


def _git(*arguments: str) -> None:
    program = shutil.which("git")
    if program is None:
        raise SystemExit("git is not there")
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr.strip()}")


def measured(sides: Mapping[str, Side], runs: int) -> Mapping[str, Mapping[str, float]]:
    """By side and step, the median in seconds; the sides take turns."""
    found: dict[str, dict[str, list[float]]] = {name: {step: [] for step in STEPS} for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            for step, taken in zip(STEPS, side.steps(), strict=True):
                found[name][step].append(taken)
    return {name: {step: median(taken) for step, taken in steps.items()} for name, steps in found.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a step takes longer than it may."""
    parser = argparse.ArgumentParser(prog="benchmarks.refresh", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--against", metavar="REV", default=FIRST, help=f"a commit (default: {FIRST}, the first version)"
    )
    parser.add_argument("--runs", type=int, default=3, help="how often each side runs (default: 3)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with checkout(given.against, folder) as place:
            sides = {given.against: Side(place, folder / "a"), "now": Side(ROOT, folder / "b")}
            for side in sides.values():
                side.prepare()
            taken = measured(sides, given.runs)
    then, now = taken[given.against], taken["now"]
    goals = [Goal(f"{step}: now / {given.against}", now[step] / then[step], MOST) for step in STEPS]
    if given.json:
        print(json.dumps({"seconds": taken, "goals": [goal.as_json for goal in goals]}, indent=2))
    else:
        for step in STEPS:
            print(f"{then[step]:8.2f} s {given.against}, {now[step]:.2f} s now: {step}")
        for goal in goals:
            print(goal.line)
    return 0 if all(goal.met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
