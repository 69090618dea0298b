"""Arguments and options that several commands share, the rules for their combination, and the printing of refusals.

`refusals` turns an error into one message and exit code 1; where the fault is ours, a file gets the details.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

import click

from cpa_xl.config.load import shipped
from cpa_xl.errors import CellError, Refusal, in_words
from cpa_xl.measures.periods import Month

__all__ = ["config_option", "shipped"]

C = TypeVar("C", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


class Option(Protocol):
    """A decorator that gives a command an option or an argument."""

    def __call__(self, command: C, /) -> C: ...


class MonthType(click.ParamType[Month]):
    """A month on the command line."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """Read a month; a usage error says which form to use."""
        try:
            return Month.read(value)
        except CellError as error:
            self.fail(str(error), param, ctx)


workbook_argument: Option = click.argument("workbook", type=click.Path(path_type=Path))
config_option = click.option(
    "--config", type=click.Path(path_type=Path, file_okay=False), default=lambda: shipped("config"),
    show_default="the configuration that comes with cpa_xl", help="Folder with the configuration.",
)  # fmt: skip


def extracts_option(
    text: str = "Folder with the extracts.  [default: the folder extracts beside the workbook]",
) -> Option:
    """The option `--extracts DIR`."""
    return click.option("--extracts", type=_FOLDER, help=text)


def memory_option(command: Callable[..., None]) -> Callable[..., None]:
    """The option `--memory MB`, which holds until the command ends."""

    def hold(context: click.Context, _: click.Parameter, megabytes: int | None) -> None:
        if megabytes is not None:
            from cpa_xl.extracts.files.staging import tables_within  # noqa: PLC0415  # when it is asked for

            context.with_resource(tables_within(megabytes))

    text = "Memory that the tables of the extracts may take, in MB; beyond it they go to files.  [default: 400]"
    return click.option(
        "--memory", type=click.IntRange(min=50), metavar="MB", help=text, callback=hold, expose_value=False
    )(command)


def as_of_option(text: str) -> Option:
    """The option `--as-of YYYY-MM`."""
    return click.option("--as-of", type=MonthType(), metavar="YYYY-MM", help=text)


def out_folder_option(text: str, default: Path | None = None) -> Option:
    """The option `--out DIR`; its help shows the default, if the caller gives one."""
    return click.option("--out", type=_FOLDER, default=default, show_default=default is not None, help=text)


def out_file_option(text: str) -> Option:
    """The option `--out FILE`."""
    return click.option("--out", type=_FILE, metavar="FILE", help=text)


def since_options(metavar: str, text: str) -> Option:
    """The options `--since FILE` and `--no-since`."""

    def add(command: C, /) -> C:
        without = click.option("--no-since", is_flag=True, help="Compare with no copy published before.")
        return click.option("--since", type=_FILE, metavar=metavar, help=text)(without(command))

    return add


def dry_run_option(text: str) -> Option:
    """The flag `--dry-run`."""
    return click.option("--dry-run", is_flag=True, help=text)


def json_option(text: str) -> Option:
    """The flag `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def refuse_both(since: Path | None, *, no_since: bool) -> None:
    """Raise `Refusal` for --since together with --no-since."""
    if since is not None and no_since:
        raise Refusal("--since names a copy to compare with, and --no-since compares with none: give one of the two")


def refuse_without_release(out: Path | None, since: Path | None, *, no_since: bool) -> None:
    """Raise `Refusal` where `check` without --release gets options of a release."""
    given = [name for name, there in (("--out", out), ("--since", since), ("--no-since", no_since)) if there]
    if given:
        raise Refusal(f"{' and '.join(given)} would do nothing: give --release too, to see what publish would do")


def refusals(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the library's errors into one message and exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            click.echo(in_words(error), err=True)
        sys.exit(1)

    return guarded
