"""Measures what a call from Excel costs beside the function: `python run.py benchmarks.udf [--json]`.

Calls go through xlwings' own server code (`XLPython.CallUDF`, its converters), with pywin32 doubled as in the tests,
so Excel's and COM's own time is not among the figures. A function that does nothing takes 36, 1,000 and 20,000 rows
of 4 columns: given to Excel as cpa_xl gives its functions, and as xlwings does by default (`@xw.func`). What the
server takes without either is subtracted: it is there in any case. CPA_SUM, given both ways, shows what it means for a
function that does something, with everything. What counts is the ratio, of medians.

The import of `cpa_xl.udfs` is timed in processes of their own, in turn: alone, as the other hosts import it; after
xlwings, as Excel's server does; and xlwings bare, with and without pandas and numpy. The median of their CPU time.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any

from benchmarks.goals import Goal
from cpa_xl.excel.calls import Errors
from cpa_xl.functions.registry import Argument, Reads, Takes, anything
from cpa_xl.measures.periods import Month
from tests.support.pywin32 import windows

DEFAULT_ROWS = (36, 1_000, 20_000)
COLUMNS = 4
AT_LEAST, AT_MOST = 10, 1.2
_BARE, _EXCEL, _ALONE, _NO_PANDAS = (
    "xlwings",
    "xlwings, then cpa_xl.excel.udfs",
    "cpa_xl.udfs",
    "xlwings without pandas",
)
IMPORTS = {
    _BARE: "import xlwings",
    _EXCEL: "import xlwings, cpa_xl.excel.udfs",
    _ALONE: "import cpa_xl.udfs",
    _NO_PANDAS: "import sys; sys.modules.update(dict.fromkeys(['pandas', 'numpy', 'polars'])); import xlwings",
}


@dataclass(frozen=True)
class Calls:
    """Seconds that a call takes, with `rows` rows of four columns."""

    rows: int
    server: float
    ours: float
    defaults: float
    sum_ours: float
    sum_defaults: float

    @property
    def goal(self) -> Goal:
        """How much less our way adds to the server's own time."""
        ratio = (self.defaults - self.server) / (self.ours - self.server)
        return Goal(f"times less added to a call, {self.rows:,} x {COLUMNS}", ratio, AT_LEAST, True)


def block(rows: int) -> tuple[tuple[object, ...], ...]:
    """A range as pywin32 hands it over: numbers, and a blank in every eighth row."""
    return tuple((100.0 + row, 0.5, None if row % 8 == 0 else 1.0, 39814.0) for row in range(rows))


def put_functions_in_a_module(xlwings: Any) -> None:
    """The module `benchmarked` with functions that do nothing, and CPA_SUM, given to Excel both ways."""
    calls, udfs = import_module("cpa_xl.excel.calls"), import_module("cpa_xl.udfs")
    module: Any = ModuleType("benchmarked")
    module.__file__ = __file__

    def defaults(_values):  # type: ignore[no-untyped-def]  # xlwings would read annotations
        return 1.0

    def sum_defaults(values, months, as_of):  # type: ignore[no-untyped-def]  # the same
        return udfs.CPA_SUM(values, months, as_of, "MONTH")

    nothing = Nothing((Argument("values", "cells", Takes.RANGE, False, None, Reads("cells", anything)),))
    module.ours = calls.for_excel({"ours": nothing}, {"ours": defaults}, Errors.NUMBER, "benchmarked")["ours"]
    module.defaults, module.sum_defaults = xlwings.func(defaults), xlwings.func(sum_defaults)
    module.server = xlwings.func(xlwings.arg("_values", Untouched)(xlwings.ret(Untouched)(lambda _values: [[1.0]])))
    sys.modules["benchmarked"] = module


@dataclass(frozen=True)
class Nothing:
    """A function that reads no cell: what is left is the call."""

    arguments: tuple[Argument, ...]
    name: str = "ours"
    help: str = "Do nothing."
    result: str = "1"
    category: str = "Benchmark"

    def __call__(self, _values: object) -> float:
        return 1.0


class Untouched:
    """A converter that does nothing: what is left is xlwings' server."""

    @staticmethod
    def reader(_options: object) -> Callable[[object], None]:
        """What reads an argument."""
        return lambda _context: None

    writer = reader

    @classmethod
    def router(cls, *_answer: object) -> "type[Untouched]":
        """Who writes an answer."""
        return cls


def taken(call: Callable[[], object], expected: object, seconds: float) -> float:
    """The median time of a call, over as many as fit into the given time."""
    if call() != expected:
        raise SystemExit(f"a call answered {call()!r}, and {expected!r} was right")
    times: list[float] = []
    end = perf_counter() + seconds
    while perf_counter() < end or len(times) < 5:
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def measured_calls(sizes: Sequence[int], seconds: float) -> list[Calls]:
    """What calls of each size take."""
    with windows() as python:
        put_functions_in_a_module(import_module("xlwings"))
        return [_calls_of_size(python, rows, seconds) for rows in sizes]


def _calls_of_size(python: Any, rows: int, seconds: float) -> Calls:
    cells = block(rows)
    months = tuple((float((Month(2009, 1) - row % 24).serial),) for row in range(rows))
    values = tuple((row[0],) for row in cells)
    total = sum(float(str(value[0])) for value, month in zip(values, months, strict=True) if month[0] == 39814.0)
    arguments = (values, months, 39814.0)

    def call(module: str, name: str, *given: object) -> Callable[[], object]:
        return lambda: python.CallUDF(module, name, given)

    return Calls(
        rows,
        taken(call("benchmarked", "server", cells), 1.0, seconds),
        taken(call("benchmarked", "ours", cells), 1.0, seconds),
        taken(call("benchmarked", "defaults", cells), 1.0, seconds),
        taken(call("cpa_xl.excel.server", "CPA_SUM", *arguments, "MONTH"), total, seconds),
        taken(call("benchmarked", "sum_defaults", *arguments), total, seconds),
    )


def measured_imports(runs: int) -> dict[str, float]:
    """CPU seconds of each import, the modules' compiled form being there."""
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for run in range(runs + 1):
        for name, statement in IMPORTS.items():
            code = f"import time; start = time.process_time(); {statement}; print(time.process_time() - start)"
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            if run:  # the first one compiles
                times[name].append(float(done.stdout))
    return {name: median(each) for name, each in times.items()}


def import_goals(imports: Mapping[str, float]) -> list[Goal]:
    """What importing the functions may cost."""
    return [
        Goal(f"times the import of xlwings: {name}", imports[name] / imports[_BARE], AT_MOST, False)
        for name in (_ALONE, _EXCEL)
    ]


def table(calls: Sequence[Calls], imports: Mapping[str, float]) -> str:
    """The figures in words."""
    heads = ("server alone", "ours", "defaults", "CPA_SUM ours", "CPA_SUM defaults")
    lines = [f"{'microseconds a call':24}" + "".join(f"{head:>18}" for head in heads)]
    for one in calls:
        times = (one.server, one.ours, one.defaults, one.sum_ours, one.sum_defaults)
        lines.append(f"{f'{one.rows:,} x {COLUMNS}':24}" + "".join(f"{seconds * 1e6:18,.1f}" for seconds in times))
    lines += ["", f"{'milliseconds to import':40}{'CPU':>8}"]
    lines += [f"{name:40}{seconds * 1e3:8.0f}" for name, seconds in imports.items()]
    lines += [f"{'so pandas and numpy cost':40}{(imports[_BARE] - imports[_NO_PANDAS]) * 1e3:8.0f}", ""]
    lines += [goal.line for goal in [*(one.goal for one in calls), *import_goals(imports)]]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.udf", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--runs", type=int, default=7, help="how often each import is timed")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each call is repeated")
    parser.add_argument("--rows", type=int, nargs="+", default=list(DEFAULT_ROWS), help="rows of the ranges")
    given = parser.parse_args(arguments)
    calls, imports = measured_calls(given.rows, given.seconds), measured_imports(given.runs)
    if given.json:
        goals = [goal.as_json for goal in [*(one.goal for one in calls), *import_goals(imports)]]
        figures = {"calls": [asdict(one) for one in calls], "imports": imports, "goals": goals}
        print(json.dumps(figures, indent=2))
    else:
        print(table(calls, imports))


if __name__ == "__main__":
    main()
