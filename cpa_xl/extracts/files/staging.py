"""The database in memory in which one extract is checked and counted, and the SQL that its tables share."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cpa_xl.errors import Refusal
from cpa_xl.measures.periods import Month

if TYPE_CHECKING:
    import duckdb

# The keys that were read row by row, as numbers, with their files and rows.
SEEN = "CREATE TEMP TABLE IF NOT EXISTS seen (key UBIGINT, file VARCHAR, row BIGINT)"
# Characters without meaning at the ends of a cell: all kinds of spaces, line ends, invisible characters.
BLANKS = " \t\r\n\u00a0\u2007\u2009\u202f\u200b\u200c\u200d\u2060\ufeff"

MEMORY = 400  # megabytes that tables may take
_memory = ContextVar("memory", default=MEMORY)
_GLANCE = 0.1  # seconds between two looks at a statement that takes long


@contextmanager
def tables_within(megabytes: int) -> Iterator[None]:
    """Let the tables of each `Staging` that is made meanwhile take this much memory; MEMORY without it."""
    before = _memory.set(megabytes)
    try:
        yield
    finally:
        _memory.reset(before)


def more_memory() -> Refusal:
    """The refusal of extracts whose tables do not fit into the memory that they may take."""
    remedy = "Give more with --memory, or extracts with fewer months or columns."
    return Refusal(f"The extracts need more than {_memory.get()} MB of memory; nothing was changed. {remedy}")


class Staging:
    """A DuckDB database in memory, which loads nothing from the network.

    Above a bound (see `tables_within`) its tables go to files in a folder that is removed with it.
    """

    def __init__(self) -> None:
        import duckdb  # noqa: PLC0415  # takes long, and only reading extracts needs it

        self._folder = TemporaryDirectory(prefix="cpa_xl-", ignore_cleanup_errors=True)
        settings: Mapping[str, str | bool] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": f"{_memory.get()}MB",
            "temp_directory": self._folder.name,
        }
        self._connection = duckdb.connect(":memory:", config=dict(settings))
        for setting in ("enable_progress_bar = true", "enable_progress_bar_print = false", "progress_bar_time = 0"):
            self._connection.execute(f"SET {setting}")  # without it the engine does not count what is done
        self._threads: int | None = None
        self._worker: ThreadPoolExecutor | None = None

    def __enter__(self) -> "Staging":
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.shutdown()
        self._connection.close()
        self._folder.cleanup()

    @contextmanager
    def threads(self, number: int) -> Iterator[None]:
        """Work with so many threads: for tables of few rows, more than one take longer."""
        before, self._threads = self._threads, number
        self._connection.execute(f"SET threads = {number}")
        try:
            yield
        finally:
            self._threads = before
            self._connection.execute("RESET threads" if before is None else f"SET threads = {before}")

    def run_long(
        self,
        statement: str,
        tell: Callable[[float], None] = lambda _: None,
        values: Sequence[object] = (),
        **parts: str,
    ) -> None:
        """Execute a statement that may take long: Ctrl-C ends it at once, and `tell` gets the part that is done.

        The engine looks for Ctrl-C between its own steps only, so a thread of its own waits for it.
        """
        self._worker = self._worker or ThreadPoolExecutor(1)
        running = self._worker.submit(self.run, statement, values, **parts)
        try:
            while not wait([running], timeout=_GLANCE).done:
                tell(max(0.0, self._connection.query_progress()) / 100)
        except BaseException:
            self._connection.interrupt()
            wait([running])
            raise
        running.result()

    def clear(self) -> None:
        """Remove every table and view."""
        query = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        for (name,) in self._connection.execute(query).fetchall():
            self._connection.execute(f"DROP VIEW {sql_name(name)}")
        for (name,) in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            self._connection.execute(f"DROP TABLE {sql_name(name)}")

    def run(self, statement: str, values: Sequence[object] = (), **parts: str) -> None:
        """Execute a statement; `parts` replace `{name}` with SQL of this package, `values` replace `?`."""
        self._execute(statement.format(**parts), values)

    def rows(self, query: str, values: Sequence[object] = (), **parts: str) -> list[tuple[Any, ...]]:
        """The rows of a query, written as for `run`."""
        return self._execute(query.format(**parts), values).fetchall()

    def _execute(self, statement: str, values: Sequence[object]) -> "duckdb.DuckDBPyConnection":
        """Execute a statement without importing pandas.

        DuckDB imports pandas (0.3 s) to test whether a value is a pandas object, and continues if there is none.
        """
        hidden = "pandas" not in sys.modules
        if hidden:
            sys.modules["pandas"] = None  # type: ignore[assignment]  # Python's sign for a missing module
        try:
            return self._connection.execute(statement, list(values))
        finally:
            if hidden:
                del sys.modules["pandas"]


def sql_name(name: str) -> str:
    """Any name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def sql_text(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(expression: str, *, odd_ends: bool = True) -> str:
    """SQL for a text without blanks at its ends; NULL if nothing is left.

    Without `odd_ends` no blank is another character than a space, and all are ASCII.
    """
    if not odd_ends:
        clean = f"{expression} >= '!' AND NOT ends_with({expression}, ' ')"
        return f"CASE WHEN {clean} THEN {expression} ELSE nullif(trim({expression}, '{BLANKS}'), '') END"
    clean = f"regexp_full_match({expression}, '[!-~]|[!-~].*[!-~]')"  # nearly every cell, and three times as fast
    return f"CASE WHEN {clean} THEN {expression} ELSE nullif(trim({expression}, '{BLANKS}'), '') END"


def month_of(number: int) -> Month:
    """The month of a month number: year times 12, plus the month from 0."""
    return Month(number // 12, number % 12 + 1)


def month_number(month: Month) -> int:
    """The month number of a month, for use in SQL."""
    return month.year * 12 + month.month - 1
