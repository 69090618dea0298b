"""Calls every function as Excel does, and counts: `python run.py benchmarks.calls [--json]`.

Calls go through xlwings' own server code (`XLPython.CallUDF`, its converters), with pywin32 doubled as in the tests.
Each function gets the arguments of its example, whose answer is known from elsewhere; then each argument in turn in
every shape in which Excel hands cells over, where the answer must be the one that the function itself gives; then each
error of Excel in each argument, which must come back. Exit code 1 where anything else comes.
"""

import argparse
import datetime as dt
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from cpa_xl.errors import NUMBERS, code_of, is_error
from cpa_xl.excel.calls import Errors, answered
from cpa_xl.functions.examples import EXAMPLES, Example, ExampleRange
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import Takes
from tests.support.pywin32 import MISSING, TimeType, taken, windows

MODULE, LEFT_OUT = "cpa_xl.excel.server", "left out"
SCODES = tuple((0x800A0000 + number) - (1 << 32) for number in NUMBERS.values())
Lines = tuple[tuple[object, ...], ...]


def one_cell(argument: object) -> object:
    """The first cell of an argument."""
    return argument[0][0] if isinstance(argument, tuple) else argument


def lines(argument: object) -> Lines:
    """An argument as rows."""
    return argument if isinstance(argument, tuple) else ((argument,),)


# How an argument may reach Python; each is made from the argument of the example, as `cells` hands it over.
SHAPES: dict[str, Callable[[object], object]] = {
    "as in the example": lambda given: given,
    "a single cell": one_cell,
    "rows of one cell": lambda given: ((one_cell(given),),),
    "a column": lambda given: tuple((cell,) for row in lines(given) for cell in row),
    "a row": lambda given: (tuple(cell for row in lines(given) for cell in row),),
    "one dimension": lambda given: tuple(cell for row in lines(given) for cell in row),
    "two columns": lambda given: tuple(row * 2 for row in lines(given)),
    "a blank cell": lambda _given: None,
    LEFT_OUT: lambda _given: MISSING,
    "empty text": lambda _given: "",
    "text": lambda _given: "x",
    "a truth value": lambda _given: True,
    "a date": lambda _given: TimeType(2009, 1, 31, tzinfo=dt.UTC),
    "a currency": lambda given: Decimal(str(cell)) if isinstance(cell := one_cell(given), float) else Decimal(1),
    "a whole number": lambda given: int(cell) if isinstance(cell := one_cell(given), float) else 1,
    "blanks in a range": lambda given: (*lines(given), (None,) * len(lines(given)[0])),
    "text and truth in a range": lambda given: (*lines(given)[1:], ("x",) + (False,) * (len(lines(given)[0]) - 1)),
}


@dataclass
class Tally:
    """What was called, and what came."""

    functions: int = 0
    arguments: int = 0
    shapes: int = len(SHAPES)
    calls: int = 0
    with_values: int = 0
    with_errors: int = 0
    errors: int = len(SCODES)
    error_calls: int = 0
    wrong: list[str] = field(default_factory=list)


def cells(argument: object) -> object:
    """An argument of an example as pywin32 hands it over: rows of cells, or a cell."""
    if not isinstance(argument, ExampleRange):
        return argument
    block = argument.block
    if not argument.heading:
        return tuple(tuple(None if cell == "" else cell for cell in row) for row in (block.headings, *block.rows))
    place = block.headings.index(argument.heading)
    rows = block.rows[: argument.rows or len(block.rows)]
    return tuple((None if row[place] == "" else row[place],) for row in rows)


def flat(rows: list[list[object]]) -> object:
    """An answer as xlwings' server shows it: one row is flat, one cell is a value."""
    if len(rows) > 1:
        return rows
    return rows[0] if len(rows[0]) > 1 else rows[0][0]


def tallied(python: Any, examples: Sequence[Example] = EXAMPLES) -> Tally:
    """Every call, through the server."""
    tally = Tally()
    for example in examples:
        given = [cells(argument) for argument in example.arguments]
        answer = taken(python.CallUDF(MODULE, example.function, tuple(given)))
        if not is_answer(example, answer):
            tally.wrong.append(f"{example.function}: {answer!r} and not {example.answer!r}")
        tally.functions += 1
        tally.arguments += len(FUNCTIONS[example.function].arguments)
        for place, shape, arguments in variants(example.function, given):
            _compare(python, tally, f"{example.function}, argument {place + 1}, {shape}", example.function, arguments)
        _errors(python, tally, example.function, given)
    return tally


def is_answer(example: Example, answer: object) -> bool:
    """Whether an answer is that of the example, or holds it in its place."""
    rows: Any = answer if isinstance(answer, list) else [answer]
    rows = rows if isinstance(rows[0], list) else [rows]
    found = rows[(example.row or 1) - 1][(example.column or 1) - 1]
    if isinstance(example.answer, str):
        return bool(found == example.answer)
    return math.isclose(found, example.answer, rel_tol=0, abs_tol=example.tolerance) and type(found) is float


def variants(name: str, given: Sequence[object]) -> Iterator[tuple[int, str, list[object]]]:
    """Each argument in each shape, those after the example's left out."""
    whole = [*given, *[MISSING] * (len(FUNCTIONS[name].arguments) - len(given))]
    for place, argument in enumerate(whole):
        for shape, made in SHAPES.items():
            if shape == LEFT_OUT and not FUNCTIONS[name].arguments[place].optional:
                continue  # Excel takes no such formula
            yield place, shape, [*whole[:place], made(1.0 if argument == MISSING else argument), *whole[place + 1 :]]


def _compare(python: Any, tally: Tally, what: str, name: str, arguments: Sequence[object]) -> None:
    plain = [None if argument == MISSING else argument for argument in arguments]
    expected = flat(answered(FUNCTIONS[name], plain, Errors.NUMBER))
    answer = taken(python.CallUDF(MODULE, name, tuple(arguments)))
    tally.calls += 1
    tally.with_errors += is_error(answer)
    tally.with_values += not is_error(answer)
    if answer != expected:
        tally.wrong.append(f"{what}: {answer!r} and not {expected!r}")


def _errors(python: Any, tally: Tally, name: str, given: Sequence[object]) -> None:
    """Each error in each argument, as a cell or at the end of a range; tables taken whole keep it in its row."""
    whole = [*given, *[MISSING] * (len(FUNCTIONS[name].arguments) - len(given))]
    for place, argument in enumerate(FUNCTIONS[name].arguments):
        if argument.reads.errors:
            continue
        for scode in SCODES:
            here: object = scode
            if argument.kind is Takes.RANGE and whole[place] != MISSING:
                here = (*lines(whole[place])[:-1], (scode,))
            answer = python.CallUDF(MODULE, name, (*whole[:place], here, *whole[place + 1 :]))
            tally.error_calls += 1
            if answer != scode:
                tally.wrong.append(f"{name}, {code_of(scode)} in {argument.name}: {answer!r}")


def table(tally: Tally) -> str:
    """The figures in words."""
    return "\n".join(
        [
            f"{tally.functions:7,} functions of {len(FUNCTIONS)}, each called with its example",
            f"{tally.arguments:7,} arguments that they have",
            f"{tally.shapes:7,} shapes of an argument: {', '.join(SHAPES)}",
            f"{tally.calls:7,} calls, each argument in each shape: {tally.with_values:,} gave values, "
            f"{tally.with_errors:,} an error of their own",
            f"{tally.errors:7,} errors of Excel: {', '.join(NUMBERS)}",
            f"{tally.error_calls:7,} calls, each error in each argument that stops at one",
            f"{len(tally.wrong):7,} answers other than they should be",
            *tally.wrong,
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Call, count and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.calls", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args(arguments)
    with windows() as python:
        tally = tallied(python)
    print(json.dumps(asdict(tally), indent=2) if given.json else table(tally))
    raise SystemExit(1 if tally.wrong else 0)


if __name__ == "__main__":
    main()
