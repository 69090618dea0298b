"""How what goes wrong reaches people: one message, and a file with the details where the fault is ours."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from cpa_xl.errors import in_words

P = ParamSpec("P")
R = TypeVar("R")


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
