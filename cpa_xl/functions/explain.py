"""Explanations of cell functions: what a call gets, what it answers and why, the same text for every host."""

from collections.abc import Sequence
from dataclasses import dataclass

from cpa_xl.errors import CellError
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import Answer, Argument, CellFunction, is_blank
from cpa_xl.measures.periods import Month
from cpa_xl.wording import quoted

WHY = "_WHY"  # CPA_RAG_WHY takes the arguments of CPA_RAG, and more, and answers with the reason
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Given:
    """An argument as a host gives it: its value or rows of values, and the cells that hold it ("F12")."""

    value: object
    source: str = ""


def explain(name: str, given: Sequence[Given]) -> str:
    """The explanation of a call: what the function does, each argument with its value, the answer and the reason.

    The reason of an error is the function's own message. The reason of a letter comes from the function that ends in
    `WHY`. Raises KeyError for a name that `FUNCTIONS` does not have.
    """
    function = FUNCTIONS[name]
    lines = [f"{name}: {function.help}", ""]
    for place, argument in enumerate(function.arguments):
        if place < len(given) or argument.default is not False:  # a switch that nobody touched is not worth a line
            lines.append(f"{argument.name}: {_argument(argument, given[place] if place < len(given) else Given(None))}")
    values = [each.value for each in given]
    lines += ["", *_answer(function, values)]
    return "\n".join(lines)


def _argument(argument: Argument, given: Given) -> str:
    source = f" ({given.source})" if given.source else ""
    if isinstance(given.value, list | tuple):
        return _range(argument, given.value) + source
    if isinstance(given.value, CellError):
        return f"the error {given.value.code}{source}"
    if not is_blank(given.value):
        return _value(argument, given.value) + source
    nothing = f"blank{source}" if given.source else "left out"
    if not argument.optional or argument.default is None:
        return nothing
    return f"{nothing}, which means {value_text(argument.default)}"


def _value(argument: Argument | None, cell: object) -> str:
    """A cell as text; a date or serial number also as the month that the function reads from it."""
    try:
        month = argument.reads.reader(cell) if argument is not None else None
    except CellError:
        month = None
    return f"{month.label} ({value_text(cell)})" if isinstance(month, Month) else value_text(cell)


def _range(argument: Argument | None, rows: Sequence[object]) -> str:
    """The size of a range, its blanks and errors, and its first and last value."""
    cells = [cell for row in rows for cell in (row if isinstance(row, list | tuple) else [row])]
    blanks, errors = sum(map(is_blank, cells)), [cell for cell in cells if isinstance(cell, CellError)]
    values = [cell for cell in cells if not is_blank(cell) and not isinstance(cell, CellError)]
    lines = [f"{len(rows)} x {len(cells) // len(rows)} cells"]
    if blanks:
        lines.append(f"{blanks} blank")
    if errors:
        lines.append(f"{len(errors)} with an error ({errors[0].code})")
    if values:
        ends = [_value(argument, value) for value in (values[0], values[-1])]
        lines.append(f"from {ends[0]} to {ends[1]}" if len(values) > 1 else ends[0])
    return ", ".join(lines)


def value_text(value: object) -> str:
    """A value as people read it: text in quotation marks, TRUE, a number with the 15 digits that a cell holds."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return f"{value:.{MOST_DIGITS}g}"
    return quoted(value)


def _answer(function: CellFunction, values: Sequence[object]) -> list[str]:
    try:
        answer: Answer = function(*values)
    except CellError as error:
        reason = str(error) or "an argument holds an error, and the function passes it on"
        return [f"Result: {error.code}", f"Why: {reason}"]
    lines = [f"Result: {_range(None, answer) if isinstance(answer, list) else value_text(answer)}"]
    why = FUNCTIONS.get(function.name + WHY)
    if why is not None and not isinstance(answer, list):
        named = {argument.name: value for argument, value in zip(function.arguments, values, strict=False)}
        lines.append(f"Why: {why(*(named.get(argument.name) for argument in why.arguments))}")
    return lines


def function_text(function: CellFunction) -> str:
    """A function and its arguments, as help pages and messages show them."""
    names = ", ".join(f"[{one.name}]" if one.optional else one.name for one in function.arguments)
    lines = [f"{function.name}({names})", function.help, f"Result: {function.result}", ""]
    for one in function.arguments:
        default = f" (if left out: {value_text(one.default)})" if one.optional and one.default is not None else ""
        lines.append(f"{one.name}: {one.help}{default}")
    return "\n".join(lines)
