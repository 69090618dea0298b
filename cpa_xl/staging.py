"""The tables in memory in which one extract is checked and counted."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cpa_xl.periods import Month

if TYPE_CHECKING:
    import duckdb

# What may stand at the ends of a cell and means nothing: spaces of every kind, line ends, invisible marks.
BLANKS = " \t\r\n\u00a0\u2007\u2009\u202f\u200b\u200c\u200d\u2060\ufeff"


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def trimmed(expression: str) -> str:
    """SQL for a text without blanks at its ends; NULL where nothing is left."""
    clean = f"regexp_full_match({expression}, '[!-~]|[!-~].*[!-~]')"  # nearly every cell, and three times as quick
    return f"CASE WHEN {clean} THEN {expression} ELSE nullif(trim({expression}, '{BLANKS}'), '') END"


def month_of(number: int) -> Month:
    """The month of a number that counts months (year times 12, plus the month from 0)."""
    return Month(number // 12, number % 12 + 1)


def number_of(month: Month) -> int:
    """The number that counts months, for use in SQL."""
    return month.year * 12 + month.month - 1


class Staging:
    """A DuckDB database in memory, without access to the network."""

    def __init__(self) -> None:
        import duckdb  # noqa: PLC0415  # takes long, and only reading extracts needs it

        settings: Mapping[str, str | bool] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection = duckdb.connect(":memory:", config=dict(settings))

    def __enter__(self) -> "Staging":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def run(self, statement: str, values: Sequence[object] = (), **parts: str) -> None:
        """Carry out a statement; `{name}` in it stands for SQL made by this package, `?` for a value."""
        self._execute(statement.format(**parts), values)

    def rows(self, query: str, values: Sequence[object] = (), **parts: str) -> list[tuple[Any, ...]]:
        """The rows of a query, written as for `run`."""
        return self._execute(query.format(**parts), values).fetchall()

    def _execute(self, statement: str, values: Sequence[object]) -> "duckdb.DuckDBPyConnection":
        """Carry out a statement without pandas.

        DuckDB imports it (0.3 s) to see whether a value is one of pandas' own, and goes on where there is none.
        """
        hidden = "pandas" not in sys.modules
        if hidden:
            sys.modules["pandas"] = None  # type: ignore[assignment]  # Python's sign for a module that is not there
        try:
            return self._connection.execute(statement, list(values))
        finally:
            if hidden:
                del sys.modules["pandas"]
