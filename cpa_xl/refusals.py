"""How what goes wrong reaches people: one message, and a file with the details where the fault is ours."""

import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from cpa_xl.errors import CpaXlError

P = ParamSpec("P")
R = TypeVar("R")


def in_words(error: Exception) -> str:
    """What to say about an error that is being handled; one that nobody foresaw is written down, and the file named."""
    if isinstance(error, CpaXlError):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    report = Path(tempfile.mkstemp(prefix="cpa_xl-", suffix=".txt")[1])
    report.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return f"cpa_xl failed in a way that it should not; send {report} to whoever looks after it"


def refusals(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what cannot be done into one message and exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            click.echo(in_words(error), err=True)
        sys.exit(1)

    return guarded
