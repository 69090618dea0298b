"""Sources that are a table or a query of a database: their rows, read in a read-only transaction.

SQLAlchemy reads databases, DuckDB its own files, and a Spark Connect client tables of a cluster; each is loaded where
it is needed. A password comes from the environment or from the keyring of the user, and goes nowhere else.
"""

import csv
import os
import re
import shutil
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from cpa_xl.config.model import Engine, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Fault, FileRefused
from cpa_xl.extracts.files.columns import normal
from cpa_xl.extracts.files.readers import TextFile

if TYPE_CHECKING:
    import sqlalchemy

BATCH = 10_000  # rows that come from a server at a time
_SERVERS = ("duckdb", "mssql", "oracle", "postgresql", "sqlite")  # by SQLAlchemy's names
_DRIVERS = {"postgresql": "psycopg", "mssql": "pyodbc", "oracle": "oracledb"}  # what SQLAlchemy needs beside it


@dataclass(frozen=True)
class Rows:
    """The rows of a table or query: the names of its columns, and the values of each row."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


class TableFile(TextFile):
    """The rows of a table or query as a file with the columns that a source names, which goes with this object."""

    def __init__(self, source: Source, folder: Path) -> None:
        """Raises FileRefused (F3, F4, V1) if the rows cannot be read; `folder` holds the files of SQLite and DuckDB."""
        reach = _Reach(source, folder)
        place = mkdtemp(prefix="cpa_xl-")
        weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        path = Path(place) / "rows.csv"
        with reach.rows() as found, path.open("w", encoding="utf-8", newline="") as handle:
            wanted = {
                normal(heading) for column in source.columns.values() for heading in (column.header, *column.aliases)
            }
            kept = [at for at, name in enumerate(found.columns) if normal(name) in wanted]
            if not kept:
                message = f"it has none of the columns of the source; it has {', '.join(found.columns)}"
                raise reach.refused("F5", message, "Correct the headings in sources.yaml.")
            writer = csv.writer(handle)
            writer.writerow([found.columns[at] for at in kept])
            for row in found.rows:
                writer.writerow([reach.text(row[at], found.columns[at]) for at in kept])
        super().__init__(path, reach.label)


class _Reach:
    """How the rows of a source are reached, and how messages name it."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.address = self._of_environment(source.url or "")
        try:
            parts = urlsplit(self.address)
            self.server = parts.scheme.partition("+")[0].casefold()
            host = parts.hostname or ""
        except ValueError:
            self.server, host = "", ""
        what = f"table {source.table}" if source.table else "a query"
        at = host + parts.path if host else (parts.path.lstrip("/") if self.server else "")
        self.label = f"{what} at {self.server or 'a database'}{f', {at}' if at else ''}"

    def refused(self, code: str, message: str, remedy: str) -> FileRefused:
        return FileRefused(Fault(code, Level.STOP, self.label, message, remedy=remedy))

    def _of_environment(self, text: str) -> str:
        if not text.startswith("env:"):
            return text
        self.label = f"url {text}"
        found = os.environ.get(text.removeprefix("env:"))
        if not found:
            message = f"the environment has no {text.removeprefix('env:')}, which `url` names"
            raise self.refused("F4", message, "Set it to the address of the database, or ask who runs the database.")
        return found

    def password(self) -> str | None:
        """The password that `password` names; None where the source names none."""
        where, _, name = (self.source.password or "").partition(":")
        if where == "env":
            found = os.environ.get(name)
        elif where == "keyring":
            keyring = self._module("keyring", "keyring")
            try:
                found = keyring.get_password(name, unquote(urlsplit(self.address).username or ""))
            except keyring.errors.KeyringError as error:
                remedy = "Unlock it, or give the password in the environment: password: env:NAME."
                raise self.refused("F4", f"the keyring gives no password ({error})", remedy) from None
        else:
            return None
        if not found:
            remedy = "Set it, or correct `password` in sources.yaml."
            raise self.refused("F4", f"there is no password in {where} under {name}", remedy)
        return found

    def _module(self, name: str, package: str, extra: str = "databases") -> ModuleType:
        from importlib import import_module  # noqa: PLC0415  # few sources are databases

        try:
            return import_module(name)
        except ImportError:
            remedy = f"Install it: python -m pip install 'cpa_xl[{extra}]'."
            raise self.refused("F4", f"reading it needs {package}, which is not installed", remedy) from None

    def rows(self) -> AbstractContextManager[Rows]:
        """The rows, in a read-only transaction that ends with the with statement; SQL Server knows no such one."""
        if self.source.engine is Engine.SPARK:
            return self._spark()
        if self.server == "duckdb":
            return self._duckdb()
        if self.server not in _SERVERS:
            message = f"there is no reader for {self.server or 'such an address'}"
            raise self.refused("F4", message, f"There is one for {', '.join(_SERVERS)}, and engine: spark.")
        return self._sqlalchemy()

    @contextmanager
    def _sqlalchemy(self) -> Iterator[Rows]:
        sqlalchemy = self._module("sqlalchemy", "SQLAlchemy")
        try:
            url = sqlalchemy.engine.make_url(self.address)
        except sqlalchemy.exc.ArgumentError:
            remedy = "Write it as postgresql+psycopg://NAME@HOST/DATABASE."
            raise self.refused("F4", "its address cannot be read", remedy) from None
        word = self.password()
        options: dict[str, Any] = {"execution_options": {"stream_results": True, "max_row_buffer": BATCH}}
        if self.server == "sqlite":
            url = self._sqlite_url(url)
        elif word is not None:
            url = url.set(password=word)
        if self.server == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"  # one state of the data for the whole reading
            options["execution_options"]["postgresql_readonly"] = True
        try:
            engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool, **options)
        except (ImportError, sqlalchemy.exc.NoSuchModuleError):
            driver = _DRIVERS.get(self.server, "its driver")
            raise self.refused(
                "F4", f"reading it needs {driver}, which is not installed", f"Install {driver}."
            ) from None
        with self._told(sqlalchemy.exc.SQLAlchemyError, word), engine.connect() as connection:
            if self.server in _BEGIN:
                connection.exec_driver_sql(_BEGIN[self.server])
            found = connection.execution_options(**options["execution_options"]).execute(self._statement())
            with closing(found):
                yield Rows(list(found.keys()), found)

    def _statement(self) -> "sqlalchemy.Executable":
        from sqlalchemy import select, table, text  # noqa: PLC0415  # `_module` has loaded it

        if self.source.query:
            return text(self.source.query.replace(":", r"\:"))
        *schema, name = (self.source.table or "").split(".")
        return select(text("*")).select_from(table(name, schema=".".join(schema) or None))

    def _sqlite_url(self, url: "sqlalchemy.URL") -> "sqlalchemy.URL":
        path = self._own_file(url.database or "")
        return url.set(database=f"file:{path.as_posix()}", query={"mode": "ro", "uri": "true"})

    def _own_file(self, name: str) -> Path:
        """The file of a database, which must be in the folder of the extracts."""
        path = (self.folder / name).resolve()
        if not name or not path.is_relative_to(self.folder.resolve()):
            message = f"its file {name!r} is not in the folder of the extracts"
            raise self.refused("F4", message, f"Put it into the folder, and write {self.server}:///NAME.")
        if not path.is_file():
            message = f"there is no file {name} in the folder of the extracts"
            raise self.refused("F3", message, "Put it there, or correct `url` in sources.yaml.")
        return path

    @contextmanager
    def _duckdb(self) -> Iterator[Rows]:
        import duckdb  # noqa: PLC0415  # as in `Staging`

        path = self._own_file(urlsplit(self.address).path.lstrip("/"))
        with self._told(duckdb.Error, None), duckdb.connect(str(path), read_only=True) as there:
            there.execute("SET enable_external_access = false")
            found = there.execute(self.source.query or "FROM " + _quoted(self.source.table or ""))
            yield Rows([name for name, *_ in found.description or ()], _in_batches(found.fetchmany))

    @contextmanager
    def _spark(self) -> Iterator[Rows]:
        errors = self._module("pyspark.errors", "pyspark-client", "spark")
        rpc = self._module("grpc", "pyspark-client", "spark")
        with self._told((errors.PySparkException, rpc.RpcError), None), spark_session(self.address) as session:
            found = session.sql(self.source.query) if self.source.query else session.table(self.source.table)
            yield Rows(found.columns, found.toLocalIterator())

    @contextmanager
    def _told(self, kinds: type[Exception] | tuple[type[Exception], ...], word: str | None) -> Iterator[None]:
        """Turn errors of a driver into a refusal, without the password."""
        try:
            yield
        except kinds as error:
            told = str(getattr(error, "orig", None) or error).strip().splitlines()
            reason = told[0].strip() if told else type(error).__name__
            own = urlsplit(self.address).password or ""
            for secret in filter(None, (word, own, unquote(own))):
                reason = reason.replace(secret, "***")
            remedy = "Nothing was changed. Try again; if it stays, ask who runs the database."
            raise self.refused("F4", f"the database says: {reason}", remedy) from None

    def text(self, value: object, column: str) -> str:
        """A value as the cell of a file."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            message = f"column {column} holds times with a time zone, so a day in it depends on who asks"
            remedy = "Make the local day in a view or in `query`, and read that: a cast to a date at a time zone."
            raise self.refused("V2", message, remedy)
        written = _TEXTS.get(type(value))
        if written is None:
            message = f"column {column} holds values of the kind {type(value).__name__}, which are not read"
            raise self.refused("V1", message, "Cast it to a text, a number or a date in a view or in `query`.")
        return written(value)


@contextmanager
def spark_session(address: str) -> Iterator[Any]:
    """A session of a Spark Connect server (pyspark.sql.SparkSession).

    The client ends the whole program where Python was not started from a file, as inside LibreOffice, Excel or a worker
    of a test run: it takes such a program for a test of its own (pyspark-client 4.2). So the program gets a file's name
    while the client loads.
    """
    main = sys.modules["__main__"]
    nameless = not hasattr(main, "__file__") and main.__spec__ is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it names versions of pandas, which is not used here
        if nameless:
            main.__file__ = ""
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415  # few sources are tables of a cluster

            session = SparkSession.builder.remote(address).create()
        finally:
            if nameless:
                del main.__file__
    try:
        yield session
    finally:
        session.stop()


_BEGIN: Mapping[str, str] = {"oracle": "SET TRANSACTION READ ONLY", "sqlite": "PRAGMA query_only = ON"}
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    str: lambda text: text,
    bool: lambda flag: "true" if flag else "false",
    int: str,
    float: lambda number: re.sub(r"\.0$", "", repr(number)),
    Decimal: lambda number: format(number.to_integral_value() if number == number.to_integral_value() else number, "f"),
    UUID: str,
    datetime: lambda moment: moment.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: lambda length: "{:.0f}:{:02.0f}:{:02.0f}".format(*_clock(length)),
}


def _clock(length: timedelta) -> tuple[float, float, float]:
    minutes, seconds = divmod(length.total_seconds(), 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, seconds


def _quoted(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def _in_batches(fetch: Callable[[int], Sequence[Sequence[object]]]) -> Iterator[Sequence[object]]:
    while batch := fetch(BATCH):
        yield from batch
