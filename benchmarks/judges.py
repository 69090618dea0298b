"""Calculate workbooks that Excel saved, and compare: `python run.py benchmarks.judges [DIR]`.

DIR, or else what CPA_XL_CORPUS names, is any collection of .xlsx and .xlsm, searched with its subfolders. Its files are
only read. The values of all formula cells are taken out and calculated again. Right is Excel's value, wrong any other;
a cell that gets none is left alone. Exit code 1 where a value is wrong, 2 where there is no workbook.
"""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.corpus import SPAWN, VARIABLE, bound_memory, workbooks  # noqa: E402 - found where this file is
from cpa_xl.errors import CellError, CpaXlError  # noqa: E402
from cpa_xl.formulas.calculator import EmbeddedCalculator  # noqa: E402
from cpa_xl.formulas.graph import CellValue, FormulaBook, Place, WorkbookView, cells_in_block  # noqa: E402
from cpa_xl.functions.index import FUNCTIONS  # noqa: E402
from cpa_xl.measures.figures import REWORKED, same  # noqa: E402
from cpa_xl.ooxml.a1 import bounds, cell_name  # noqa: E402
from cpa_xl.workbook.closed import Cell, ClosedWorkbook  # noqa: E402

OUTCOMES = ("right", "wrong", "left alone")
NO_FUNCTION = "(none)"


@dataclass(frozen=True)
class Emptied(WorkbookView):
    """A workbook without the values of its formulas."""

    def cells(self, sheet: str) -> Mapping[tuple[int, int], Cell]:
        return self._emptied[sheet]

    @cached_property
    def _emptied(self) -> Mapping[str, Mapping[tuple[int, int], Cell]]:
        return {sheet: self._without_values(sheet) for sheet in self.sheet_names}

    def _without_values(self, sheet: str) -> dict[tuple[int, int], Cell]:
        cells = dict(self.workbook.cells(sheet))
        for at, cell in self.workbook.cells(sheet).items():
            if cell.formula is None:
                continue
            cells[at] = replace(cell, value=None)
            if cell.array is not None:
                first_row, first_col, last_row, last_col = bounds(cell.array)
                for row in range(first_row, last_row + 1):
                    for col in range(first_col, last_col + 1):
                        if (row, col) != at and (row, col) in cells:
                            cells[row, col] = Cell(None)
        return cells


@dataclass
class Count:
    """How many formula cells came out how; `functions` by function, `notes` each wrong cell in words."""

    cells: Counter[str] = field(default_factory=Counter)
    functions: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    notes: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Count") -> None:
        self.cells += other.cells
        self.notes += other.notes
        self.reasons += other.reasons
        for name, counter in other.functions.items():
            self.functions[name] += counter


def counted(path: Path) -> Count:
    """What comes out of the formulas of a workbook. Cells that Excel left without a value are passed over."""
    workbook = ClosedWorkbook.open(path)
    book, emptied, count = FormulaBook(workbook, FUNCTIONS), Emptied(workbook), Count()
    calculation = EmbeddedCalculator(FUNCTIONS).calculate(emptied, emptied)
    kept = {(one.sheet, one.cell): one.reason for one in calculation.kept}
    for place, formula in book.formulas.items():
        expected = {cell: book.value(cell) for cell in _cells(book, place)}
        if all(value is None for value in expected.values()):
            continue
        outcome, note = "left alone", ""
        if place in calculation.values:
            wrong = [cell for cell, value in expected.items() if not _right(calculation.values.get(cell), value)]
            outcome = "wrong" if wrong else "right"
            note = "; ".join(
                f"{_shown(calculation.values.get(cell))} for {_shown(expected[cell])}" for cell in wrong[:1]
            )
        count.cells[outcome] += 1
        for name in formula.functions or {NO_FUNCTION}:
            count.functions[name][outcome] += 1
        where = (place[0], cell_name(place[1], place[2]))
        if note:
            count.notes.append(f"{path.name} {where[0]}!{where[1]} ={book.texts[place]}: {note}")
        elif outcome == "left alone":
            names = ",".join(sorted(formula.functions)) or NO_FUNCTION
            count.reasons[f"{names}: {kept.get(where, 'it is part of a circle')}"] += 1
    return count


def _cells(book: FormulaBook, place: Place) -> Iterator[Place]:
    return cells_in_block(book.fills[place]) if place in book.fills else iter((place,))


def _right(found: CellValue, expected: CellValue) -> bool:
    return same(found, expected, REWORKED)


def _shown(value: CellValue) -> str:
    return value.code if isinstance(value, CellError) else repr(value)


def serve(line: Connection, megabytes: int) -> None:
    """What the child process does: counts each file it is sent."""
    bound_memory(megabytes)
    while True:
        path = line.recv()
        try:
            line.send(counted(path))
        except CpaXlError as refusal:
            line.send(str(refusal))


def counts(files: Sequence[Path], seconds: float, megabytes: int) -> Iterator[tuple[Path, Count | str]]:
    """The count of each file, or why there is none; in a child process, which starts anew when it dies or is late."""
    line, process = None, None
    for path in files:
        if line is None or process is None:
            line, other = SPAWN.Pipe()
            process = SPAWN.Process(target=serve, args=(other, megabytes), daemon=True)
            process.start()
            other.close()
        try:
            line.send(path)
            answer: Count | str | None = line.recv() if line.poll(seconds) else None
        except (EOFError, OSError):
            answer = None
        yield path, answer or f"the process took more than {seconds:g} seconds, or came to an end"
        if answer is None:
            line.close()
            process.kill()
            process.join()
            line, process = None, None
    if process is not None:
        process.kill()
        process.join()


def table(total: Count) -> str:
    """The counts as text: of all formula cells, then by function, those with wrong values first."""
    number = sum(total.cells.values())
    lines = [f"| {number:,} formula cells | {' | '.join(OUTCOMES)} |", "|---|---|---|---|"]
    lines.append("| all | " + " | ".join(f"{total.cells[outcome]:,}" for outcome in OUTCOMES) + " |")
    order = sorted(total.functions, key=lambda name: (-total.functions[name]["wrong"], name))
    lines.extend(
        f"| {name} | " + " | ".join(f"{total.functions[name][outcome]:,}" for outcome in OUTCOMES) + " |"
        for name in order
    )
    calculated = total.cells["right"] + total.cells["wrong"]
    share = calculated / number if number else 0
    rate = total.cells["wrong"] / calculated * 1_000 if calculated else 0
    return "\n".join([*lines, f"\ncalculated {share:.1%}; wrong {rate:.2f} in 1,000 calculated"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Count all files and print what came of them."""
    parser = argparse.ArgumentParser(prog="benchmarks.judges", description=__doc__, allow_abbrev=False)
    parser.add_argument("folder", nargs="?", default=os.environ.get(VARIABLE), help=f"default: {VARIABLE}")
    parser.add_argument("--seconds", type=float, default=120, help="what one workbook may take (default: 120)")
    parser.add_argument("--memory", type=int, default=6_000, help="MB that it may take (default: 6000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there too")
    parser.add_argument("--reasons", type=int, default=0, metavar="N", help="list the N most frequent reasons of cells"
                        " left alone")  # fmt: skip
    given = parser.parse_args(arguments)
    if not given.folder:
        parser.error(f"name a folder of workbooks, or set {VARIABLE} to one")
    files = workbooks(Path(given.folder))
    if not files:
        parser.error(f"{given.folder} holds no .xlsx or .xlsm file")
    total, skipped = Count(), {}
    for path, count in counts(files, given.seconds, given.memory):
        if isinstance(count, str):
            skipped[str(path)] = count
            print(f"not read: {path}: {count[:300]}", flush=True)
        else:
            total.add(count)
            for note in count.notes:
                print(f"wrong: {note[:400]}", flush=True)
    print(f"\n{table(total)}")
    for reason, number in total.reasons.most_common(given.reasons):
        print(f"{number:,} left alone: {reason[:300]}")
    if given.json:
        found = {
            "workbooks": len(files) - len(skipped),
            "not_read": skipped,
            "cells": {outcome: total.cells[outcome] for outcome in OUTCOMES},
            "functions": {name: dict(counter) for name, counter in sorted(total.functions.items())},
            "wrong": total.notes,
            "left_alone": dict(total.reasons.most_common()),
        }
        given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return int(bool(total.cells["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
