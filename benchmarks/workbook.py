"""Measures what it takes to write rows into a workbook that is there: `python run.py benchmarks.workbook [--json]`.

20,000 and 500,000 rows of 12 columns go into the table of an .xlsm file: by cpa_xl, by openpyxl, and, as a floor,
into new files by XlsxWriter (constant_memory) and rustpy-xlsxwriter. Each contender runs in a process of its own, in
turn, several times; what counts is the median of the CPU time of the whole process, start and imports included, and of
its peak memory, beside those of the others in the same run. All take the same rows, one by one as they are made. A
process of Python that does nothing holds 10 MB. Needs Linux or macOS.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median

import xlsxwriter

from benchmarks.contenders import COLUMNS, CONTENDERS, EDITOR, OURS, QUICKEST, made_rows
from benchmarks.goals import Goal

DEFAULT_ROWS = (20_000, 500_000)
_WARM = 10  # rows of a run that is not measured: modules get compiled


@dataclass(frozen=True)
class Measurement:
    """What one process took: CPU seconds, peak memory in MB (millions of bytes), and the size of its file in MB."""

    cpu: float
    memory: float
    file: float


def make_workbook(path: Path) -> None:
    """An .xlsm file: a table of 10 rows, formats, a second sheet of formulas, a chart, a stand-in for macros."""
    macros = path.with_name("vbaProject.bin")
    macros.write_bytes(b"stand-in for macros; no program opens it here")
    book = xlsxwriter.Workbook(str(path))
    book.add_vba_project(str(macros))
    day, share = book.add_format({"num_format": "mmm-yy"}), book.add_format({"num_format": "0.0%"})
    data, board = book.add_worksheet("Data"), book.add_worksheet("Board")
    styles = {"Month": day, "Recorded": day, "Share": share}
    headers = [{"header": name, **({"format": styles[name]} if name in styles else {})} for name in COLUMNS]
    rows = [
        [value.toordinal() - 693594 if isinstance(value, date) else value for value in row] for row in made_rows(10)
    ]
    data.add_table(0, 0, 10, 11, {"name": "Facts", "columns": headers, "data": rows})
    data.conditional_format("K2:K11", {"type": "data_bar"})
    for place, name in enumerate(("Offences", "Detections")):
        board.write(place, 0, name)
        board.write_formula(place, 1, f"=SUM(Facts[{name}])", None, 1)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=Board!$A$1:$A$2", "values": "=Board!$B$1:$B$2"})
    board.insert_chart("D1", chart)
    book.close()


def measured(name: str, folder: Path, number: int) -> Measurement:
    """What one process takes; its file must hold as many rows as it was given, and the header."""
    target = folder / f"result{CONTENDERS[name].ending}"
    target.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.contenders", name, str(number), str(folder / "book.xlsm"), str(target)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} failed with exit code {process.returncode}")
    written = rows_in(target)
    if written != number + 1:
        raise SystemExit(f"{name} wrote {written:,} rows, and {number + 1:,} were wanted")
    return Measurement(used.ru_utime + used.ru_stime, int(said) / 1e6, target.stat().st_size / 1e6)


def rows_in(path: Path) -> int:
    """How many rows the first sheet of a workbook has."""
    found, rest = 0, b""
    with zipfile.ZipFile(path) as file, file.open("xl/worksheets/sheet1.xml") as part:
        while block := part.read(2**20):
            found += (rest + block).count(b"<row ")
            rest = block[-4:]
    return found


def compared(number: int, runs: int) -> dict[str, Measurement]:
    """The medians of each contender that is installed; they run in turn."""
    here = [name for name, contender in CONTENDERS.items() if contender.is_installed]
    taken: dict[str, list[Measurement]] = {name: [] for name in here}
    with tempfile.TemporaryDirectory() as folder:
        make_workbook(Path(folder, "book.xlsm"))
        for name in here:
            measured(name, Path(folder), _WARM)
        for _ in range(runs):
            for name in here:
                taken[name].append(measured(name, Path(folder), number))
    return {
        name: Measurement(*(median(values) for values in zip(*(asdict(one).values() for one in each), strict=True)))
        for name, each in taken.items()
    }


def goals(results: Mapping[str, Measurement]) -> list[Goal]:
    """What this project promises, as ratios of one run."""
    ours, editor = results[OURS], results[EDITOR]
    found = [
        Goal("times faster than openpyxl", editor.cpu / ours.cpu, 8, at_least=True),
        Goal("of openpyxl's memory", ours.memory / editor.memory, 1 / 8),
    ]
    if QUICKEST in results:
        found.insert(1, Goal(f"times the CPU time of {QUICKEST}", ours.cpu / results[QUICKEST].cpu, 1.6))
    return found


def table(number: int, results: Mapping[str, Measurement]) -> str:
    """The figures of one number of rows, in words."""
    lines = [f"{number:,} rows of {len(COLUMNS)} columns", f"{'':30}{'CPU s':>9}{'peak MB':>9}{'file MB':>9}"]
    for name, contender in CONTENDERS.items():
        if name in results:
            one = results[name]
            lines.append(f"{name:30}{one.cpu:9.2f}{one.memory:9.0f}{one.file:9.1f}")
        elif not contender.is_installed:
            lines.append(f"{name:30}  not installed: pip install {name.partition(',')[0]}")
    lines += [goal.line for goal in goals(results)]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.workbook", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--runs", type=int, default=3, help="how often each contender runs")
    parser.add_argument("--rows", type=int, nargs="+", default=list(DEFAULT_ROWS), help="how many rows are written")
    given = parser.parse_args(arguments)
    if not hasattr(os, "wait4"):
        raise SystemExit("This measurement needs Linux or macOS: Windows does not say what a process took.")
    every = {number: compared(number, given.runs) for number in given.rows}
    if given.json:
        print(json.dumps([as_data(number, results) for number, results in every.items()], indent=2))
    else:
        print("\n\n".join(table(number, results) for number, results in every.items()))


def as_data(number: int, results: Mapping[str, Measurement]) -> dict[str, object]:
    """The figures of one number of rows, for programs."""
    return {
        "rows": number,
        "columns": len(COLUMNS),
        "contenders": {name: asdict(result) for name, result in results.items()},
        "goals": [goal.as_json for goal in goals(results)],
    }


if __name__ == "__main__":
    main()
