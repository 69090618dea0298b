"""Measures how long commands take to start: `python run.py benchmarks.start [--json]`.

What counts is the processor time of a whole process, in the program and in the system, the median of several runs; the
contenders take turns. `cpa_xl --help` and `cpa_xl show` are compared with a Python that imports click and rich, which
every command of this kind does; `import cpa_xl` with a Python that does nothing. The workbook that is shown is the
demo's, made first. Needs a system with `getrusage`: Linux or macOS.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.goals import Goal

ROOT = Path(__file__).resolve().parent.parent
MOST_TO_IMPORT = 0.030  # seconds that `import cpa_xl` may add
MOST_FOR_HELP = 3.0  # times a Python with click and rich
MOST_TO_SHOW = 8.3  # the same; a third of what it was when every command imported all


def contenders(workbook: Path) -> Mapping[str, Sequence[str]]:
    """What is started: the arguments of Python."""
    return {
        "Python": ["-c", "pass"],
        "click and rich": ["-c", "import click, rich"],
        "import cpa_xl": ["-c", "import cpa_xl"],
        "one function": ["-c", "from cpa_xl.functions.index import CPA_RAG"],
        "cpa_xl --help": ["-m", "cpa_xl", "--help"],
        "cpa_xl show": ["-m", "cpa_xl", "show", str(workbook)],
    }


def seconds(arguments: Sequence[str], root: Path = ROOT) -> float:
    """Processor time of a Python with these arguments in a checkout; SystemExit with its message where it fails."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env=os.environ
        | {
            "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, as where it is installed
        },
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed: {done.stderr.strip()}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measured(workbook: Path, runs: int) -> Mapping[str, float]:
    """The median of each contender, in seconds, after one start that is not measured."""
    found: dict[str, list[float]] = {name: [] for name in contenders(workbook)}
    for run in range(runs + 1):
        for name, arguments in contenders(workbook).items():
            taken = seconds(arguments)
            if run:
                found[name].append(taken)
    return {name: median(taken) for name, taken in found.items()}


def goals(taken: Mapping[str, float]) -> list[Goal]:
    """The ratios, each with its bound; the bound of an import is in seconds, and so in times a bare Python here."""
    plain, bare = taken["click and rich"], taken["Python"]
    return [
        Goal("cpa_xl --help / click and rich", taken["cpa_xl --help"] / plain, MOST_FOR_HELP),
        Goal("cpa_xl show / click and rich", taken["cpa_xl show"] / plain, MOST_TO_SHOW),
        Goal("import cpa_xl / Python", taken["import cpa_xl"] / bare, round((bare + MOST_TO_IMPORT) / bare, 2)),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.start", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--runs", type=int, default=9, help="how often each is started")
    parser.add_argument("--workbook", type=Path, help="show this one, and make no demo")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        workbook = given.workbook or Path(folder) / "cpa_scorecard.xlsx"
        if given.workbook is None:
            seconds(["-m", "cpa_xl", "demo", "--out", folder])
        taken = measured(workbook, given.runs)
    wanted = goals(taken)
    if given.json:
        print(json.dumps({"seconds": taken, "goals": [goal.as_json for goal in wanted]}, indent=2))
        return
    for name, value in taken.items():
        print(f"{value * 1000:8.0f} ms {name}")
    for goal in wanted:
        print(goal.line)


if __name__ == "__main__":
    main()
