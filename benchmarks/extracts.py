"""Measures how long records take to become facts: `python run.py benchmarks.extracts [--json]`.

Two folders are made of the sample's six sources of records, of 2 and of 8 million rows. Each contender reads them in a
process of its own; what counts is its processor time, imports included, and its peak of memory. Contenders take turns,
and the median of some runs is printed.

* cpa_xl: every series, with every check on.
* scan: DuckDB reads the same files and counts their cells.
* pandas: as people write it, with a mask and a groupby for each series, and no check. polars: the same, if installed.
* last version: cpa_xl of the commit `LAST`, if this is a checkout that has it.

All that count must count the same. Then cpa_xl reads more sizes, for its time per row. Linux or macOS.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchmarks.extract_contenders import CONTENDERS, SOURCES
from benchmarks.goals import Goal
from cpa_xl.commands.sample import make_sample

ROOT = Path(__file__).resolve().parent.parent
LAST = "dc51d51"  # the first version
COPIES = (4, 16)  # of the sample's 490,000 records
MORE_COPIES = (0.5, 1, 32)
MOST_SCANS, MOST_OF_LAST, MOST_MEMORY = 2.5, 0.2, 450
MOST_ROWS_OF_MEMORY = 4_000_000  # from so many on, its memory is bounded
STEADY = 1.6  # the dearest row may take so many times the cheapest one


@dataclass(frozen=True)
class Taken:
    """What a contender takes: seconds of processor time, MiB of memory, and the totals that it finds."""

    seconds: float
    memory: float
    totals: Mapping[str, float]


def enlarge(sample: Path, folder: Path, copies: float) -> int:
    """Write each record of the sample so many times, with a reference of its own; the number of records.

    Of less than one copy, every second record (0.5) is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for start, _ in SOURCES.values():
        path = next(sample.glob(f"{start}*.csv"))
        title, headings, *rows = path.read_text(encoding="utf-8").splitlines()
        last = [row for row in rows if row.startswith("END OF EXTRACT")]
        rows = rows[: len(rows) - len(last)][:: max(1, round(1 / copies))]
        with (folder / path.name).open("w", encoding="utf-8") as file:
            file.write(f"{title}\n{headings}\n")
            for row in rows:
                reference, rest = row.split(",", 1)
                file.writelines(f"{reference}{copy:02d},{rest}\n" for copy in range(max(1, int(copies))))
            many = len(rows) * max(1, int(copies))
            file.writelines(f"END OF EXTRACT,{many}\n" for _ in last)
        written += many
    return written


def run(contender: str, folder: Path, code: Path = ROOT) -> Taken:
    """Run a contender with the modules in `code`. SystemExit with its message where it fails."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(code), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": ""}
    script = Path(__file__).with_name("extract_contenders.py")
    arguments = [sys.executable, str(script), contender, str(folder), str(code / "config")]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as process:
        text = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{contender} failed")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Taken(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, json.loads(text))


@contextlib.contextmanager
def last_version() -> Iterator[Path | None]:
    """A checkout of the last version; None if its commit is not here."""
    git = ["git", "-C", str(ROOT)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "last"
        made = subprocess.run([*git, "worktree", "add", "--detach", str(place), LAST], capture_output=True, check=False)
        try:
            yield place if made.returncode == 0 else None
        finally:
            if made.returncode == 0:
                subprocess.run([*git, "worktree", "remove", "--force", str(place)], capture_output=True, check=False)


def measured(folder: Path, runs: int, last: Path | None) -> Mapping[str, Taken]:
    """The medians of each contender that is at hand. SystemExit if two that count find other totals."""
    there = [name for name in CONTENDERS if name != "polars" or importlib.util.find_spec("polars")]
    codes = {name: last if name == "last version" else ROOT for name in there}
    taken: dict[str, list[Taken]] = {}
    for _ in range(runs):
        for name, code in codes.items():
            if code is not None:
                taken.setdefault(name, []).append(run(name, folder, code))
    for name, found in taken.items():
        totals = taken["cpa_xl"][0].totals
        if name != "scan" and {one: float(found[0].totals[one]) for one in totals} != dict(totals):
            raise SystemExit(f"{name} counts otherwise: {found[0].totals}, cpa_xl {totals}")
    return {
        name: Taken(median(one.seconds for one in found), max(one.memory for one in found), found[0].totals)
        for name, found in taken.items()
    }


def goals(rows: int, taken: Mapping[str, Taken]) -> list[Goal]:
    """The ratios of one size, each with its bound."""
    own, millions = taken["cpa_xl"], f"{rows / 1e6:.1f} M rows"
    found = [
        Goal(f"cpa_xl / scan, {millions}", own.seconds / taken["scan"].seconds, MOST_SCANS),
        Goal(f"cpa_xl / pandas without checks, {millions}", own.seconds / taken["pandas"].seconds, 1),
    ]
    if "last version" in taken:
        found.append(
            Goal(f"cpa_xl / last version, {millions}", own.seconds / taken["last version"].seconds, MOST_OF_LAST)
        )
    if rows > MOST_ROWS_OF_MEMORY:
        found.append(Goal(f"MiB of cpa_xl, {millions}", own.memory, MOST_MEMORY))
    return found


def steady(seconds: Mapping[int, float]) -> Goal:
    """The time of a further row between each two sizes, the dearest by the cheapest."""
    sizes = sorted(seconds)
    each = [(seconds[more] - seconds[fewer]) / (more - fewer) for fewer, more in pairwise(sizes)]
    text = f"a row more, dearest / cheapest, {sizes[0] / 1e6:.1f} to {sizes[-1] / 1e6:.1f} M rows"
    return Goal(text, max(each) / min(each), STEADY)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.extracts", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--runs", type=int, default=3, help="how often each contender reads each folder (default: 3)")
    parser.add_argument("--copies", type=float, nargs="+", default=COPIES, help="sizes, in samples (default: 4 16)")
    parser.add_argument("--more", type=float, nargs="*", default=MORE_COPIES, help="more sizes for cpa_xl alone")
    given = parser.parse_args(arguments)
    sizes: dict[int, Mapping[str, Taken]] = {}
    alone: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as desk, last_version() as last:
        sample = Path(desk) / "sample"
        make_sample(sample)
        for copies in sorted({*given.copies, *given.more}):
            folder = Path(desk) / f"x{copies:g}"
            rows = enlarge(sample, folder, copies)
            if copies in given.copies:
                sizes[rows] = measured(folder, given.runs, last)
                alone[rows] = sizes[rows]["cpa_xl"].seconds
            else:
                alone[rows] = median(run("cpa_xl", folder).seconds for _ in range(given.runs))
    wanted = [goal for rows, taken in sizes.items() for goal in goals(rows, taken)]
    wanted += [steady(alone)] if len(alone) > 2 else []
    if given.json:
        figures = {rows: {name: asdict(one) for name, one in taken.items()} for rows, taken in sizes.items()}
        print(json.dumps({"taken": figures, "alone": alone, "goals": [goal.as_json for goal in wanted]}, indent=2))
        return
    for rows, taken in sizes.items():
        print(f"{rows:,} rows\n" + "\n".join(
            f"{one.seconds:8.2f} s {one.memory:6.0f} MiB {name}" for name, one in taken.items()))  # fmt: skip
    for rows, seconds in alone.items():
        print(f"{seconds:8.2f} s cpa_xl, {rows:,} rows")
    for goal in wanted:
        print(goal.line)


if __name__ == "__main__":
    main()
