"""What the columns of a source hold in a condition, and which comparisons that allows."""

from enum import StrEnum

from cpa_xl.errors import Refusal

FUNCTIONS = "lower, upper, trim, coalesce, date 'yyyy-mm-dd'"


class ConditionError(Refusal):
    """A condition is not valid SQL, or does more than a condition may."""


class Kind(StrEnum):
    """What the values of a column are in a condition."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


WRITTEN = {
    Kind.TEXT: "a text in quotation marks: 'Robbery'",
    Kind.NUMBER: "a number without quotation marks: 20",
    Kind.DATE: "a date: date '2008-04-01'",
    Kind.FLAG: "nothing: the column alone, or not and the column",
}


def check_order(text: str, column: str, operator: str, kind: Kind) -> None:
    """Refuse an order of texts or flags: engines differ in it."""
    if kind in (Kind.TEXT, Kind.FLAG) and operator in ("<", "<=", ">", ">=", "between"):
        words = "texts have no order here; use = or in" if kind is Kind.TEXT else "flags have no order"
        raise ConditionError(f"condition {text!r}: {column} is a {kind}, and {words}")
