"""Measures how fast cells are calculated: `python run.py benchmarks.cells [--json]`.

CPA_RAG of two cells, and CPA_RATE over 36 and 1,000 rows, in LibreOffice Calc with the extension; beside them the
formulas that an analyst would write without it (IF; SUMIFS over SUMIFS), in the same Calc; and the same workbook in
the embedded calculator. Each takes a workbook with that one formula down a column, and calculates all of it, several
times; what counts is the median, and the ratio of medians of one run. Every answer of a CPA_ cell is compared with
that of its native neighbour first. Needs LibreOffice 25.2 with its Python bridge (python3-uno).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import openpyxl

from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.calc import Book, Calc, unpack_extension  # LibreOffice is started as in the tests
from tests.support.officeprocess import office_context

SHEET = "Cells"
MONTHS = 36


@dataclass(frozen=True)
class Case:
    """A formula in many cells, and the same without the extension; `{row}` is the row of the cell."""

    name: str
    rows: int
    cells: int
    ours: str
    native: str


@dataclass(frozen=True)
class Speed:
    """Cells a second, by who calculates them."""

    calc: float
    native: float
    embedded: float


def cases(rag_cells: int, rate_cells: int) -> list[Case]:
    """What is measured: so many cells of each formula."""
    rag = Case(
        "CPA_RAG(actual, target)", 1, rag_cells, "CPA_RAG(A{row},B{row})",
        'IF(A{row}>=B{row},"G",IF(A{row}>=B{row}*0.95,"A","R"))',
    )  # fmt: skip
    return [rag, *(rate_case(rows, rate_cells) for rows in (36, 1_000))]


def rate_case(rows: int, cells: int) -> Case:
    """A rolling-year rate over so many rows, and the quotient of two sums that gives it natively."""
    last = rows + 1
    first, end = Month(2007, 1).serial, Month(2008, 1).serial
    sums = "/".join(
        f'SUMIFS(Data!${column}$2:${column}${last},Data!$A$2:$A${last},">={first}",Data!$A$2:$A${last},"<{end}")'
        for column in "BC"
    )
    ranges = ",".join(f"Data!${column}$2:${column}${last}" for column in "BCA")
    ours = f"CPA_RATE({ranges},{Month(2007, 12).serial})"
    return Case(f"CPA_RATE over {rows:,} rows", rows, cells, f"{ours}+0*A{{row}}", f"{sums}+0*A{{row}}")


def make_workbook(path: Path, case: Case, formula: str) -> None:
    """A workbook with the data and one formula down column C."""
    book = openpyxl.Workbook()
    sheet, data = book["Sheet"], book.create_sheet("Data")
    sheet.title = SHEET
    data.append(["Month", "Detections", "Offences"])
    for row in range(case.rows):
        data.append([(Month(2006, 1) + row % MONTHS).serial, row % 17, 20 + row % 23])
    for row in range(1, case.cells + 1):
        sheet.append([row % 97 / 100, row % 89 / 100, f"={formula.format(row=row)}"])
    book.save(path)


def seconds(act: Callable[[], object], runs: int) -> float:
    """The median of what `act` takes, after one time that is not measured."""
    act()
    taken = []
    for _ in range(runs):
        start = perf_counter()
        act()
        taken.append(perf_counter() - start)
    return median(taken)


def answers(book: Book, cells: int) -> list[object]:
    """What the cells show."""
    return [row[0] for row in book.range(f"C1:C{cells}").getDataArray()]


def check_same(ours: Sequence[object], native: Sequence[object]) -> None:
    """SystemExit where an answer is another than the native formula's."""
    for row, (mine, theirs) in enumerate(zip(ours, native, strict=True), 1):
        numbers = isinstance(mine, float) and isinstance(theirs, float)
        if not (abs(mine - theirs) < 1e-12 if numbers else mine == theirs):  # type: ignore[operator]  # both are float
            raise SystemExit(f"C{row} answered {mine}, and {theirs} was right")


def in_calc(calc: Calc, path: Path, cells: int, runs: int) -> tuple[float, list[object]]:
    """Seconds that Calc takes for all cells of a file, and what they show."""
    with calc.document(path) as book:
        book.settle()
        taken = seconds(book.document.calculateAll, runs)
        return taken, answers(book, cells)


def measured(calc: Calc, case: Case, folder: Path, runs: int) -> Speed:
    """How fast a case is, three times."""
    ours, native = folder / "ours.xlsx", folder / "native.xlsx"
    make_workbook(ours, case, case.ours)
    make_workbook(native, case, case.native)
    ours_taken, found = in_calc(calc, ours, case.cells, runs)
    native_taken, wanted = in_calc(calc, native, case.cells, runs)
    check_same(found, wanted)
    workbook = ClosedWorkbook.open(ours)
    calculator = EmbeddedCalculator(FUNCTIONS)
    calculated = calculator.calculate(workbook, workbook)
    check_same([calculated.values[SHEET, row, 3] for row in range(1, case.cells + 1)], wanted)
    embedded_taken = seconds(lambda: calculator.calculate(workbook, workbook), runs)
    return Speed(case.cells / ours_taken, case.cells / native_taken, case.cells / embedded_taken)


def table(results: Sequence[tuple[Case, Speed]]) -> str:
    """The figures in words."""
    lines = [f"{'cells a second':28}{'in Calc':>12}{'native':>12}{'embedded':>12}{'native / Calc':>16}"]
    for case, speed in results:
        lines.append(
            f"{case.name:28}{speed.calc:12,.0f}{speed.native:12,.0f}{speed.embedded:12,.0f}"
            f"{speed.native / speed.calc:16.1f}"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.cells", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--runs", type=int, default=5, help="how often each is calculated")
    parser.add_argument("--rag-cells", type=int, default=5_000, help="cells with CPA_RAG")
    parser.add_argument("--rate-cells", type=int, default=200, help="cells with CPA_RATE")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with office_context(folder, unpack_extension(folder / "extensions")) as context:
            calc = Calc(context)
            wanted = cases(given.rag_cells, given.rate_cells)
            results = [(case, measured(calc, case, folder, given.runs)) for case in wanted]
    if given.json:
        print(json.dumps([asdict(case) | asdict(speed) for case, speed in results], indent=2))
    else:
        print(table(results))


if __name__ == "__main__":
    main()
