"""A Critical Performance Areas scorecard that computes itself inside its Excel workbook.

What people script with is here: one function for each thing that the commands do, with the same defaults; the errors;
and `functions`, the folder of all CPA_ functions. docs/scripting.md has examples.

Paths are text or `Path`. `config` is a configuration that `load_config` gave, the folder of one, or None: the one that
comes with the project. Months are a `Month`, a date, or text such as "2009-01". Every function raises a `Refusal` where
something cannot be done, and has then written nothing. What a function needs is imported when it is called.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import datetime as dt
    import os

    from cpa_xl import functions
    from cpa_xl.commands.refresh import Outcome
    from cpa_xl.config.load import ConfigurationError
    from cpa_xl.config.model import Catalogue
    from cpa_xl.errors import CellError, CpaXlError, EmptyDenominator, Impossible, MissingData, Refusal, WrongArgument
    from cpa_xl.extracts.facts import Facts
    from cpa_xl.extracts.faults import ExtractsRefused
    from cpa_xl.formulas.calculator import Calculator, EmbeddedCalculator
    from cpa_xl.measures.periods import Month
    from cpa_xl.publish.pipeline import Published
    from cpa_xl.publish.verify import Verification
    from cpa_xl.scorecard.versions import Differences
    from cpa_xl.workbook.closed import ClosedWorkbook

    AnyPath: TypeAlias = str | os.PathLike[str]
    Config: TypeAlias = Catalogue | AnyPath | None
    AnyMonth: TypeAlias = Month | dt.date | str

__version__ = "0.2.0"

__all__ = [
    "CellError",
    "ConfigurationError",
    "CpaXlError",
    "EmptyDenominator",
    "ExtractsRefused",
    "Impossible",
    "MissingData",
    "Refusal",
    "WrongArgument",
    "__version__",
    "diff",
    "functions",
    "load_config",
    "open_workbook",
    "publish",
    "read_facts",
    "refresh",
    "verify",
]

_FUNCTIONS = ("diff", "load_config", "open_workbook", "publish", "read_facts", "refresh", "verify")
_ELSEWHERE = {  # the module of each name that is imported when it is asked for
    **dict.fromkeys(
        ("CellError", "CpaXlError", "EmptyDenominator", "Impossible", "MissingData", "Refusal", "WrongArgument"),
        "cpa_xl.errors",
    ),
    "ConfigurationError": "cpa_xl.config.load",
    "ExtractsRefused": "cpa_xl.extracts.faults",
}


def __getattr__(name: str) -> object:
    if name == "functions":
        return import_module("cpa_xl.functions")
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_config(folder: AnyPath | None = None) -> Catalogue:
    """The configuration of a folder, checked as a whole; without a folder, the one that comes with the project.

    Raises `ConfigurationError`, whose `faults` hold one line for each fault.
    """
    from cpa_xl.config.load import load, shipped

    return load(shipped("config") if folder is None else Path(folder))


def read_facts(extracts: AnyPath, *, config: Config = None, as_of: AnyMonth | None = None) -> Facts:
    """The monthly counts of a folder of extracts, everything in them checked.

    `counts` gives for each series the number in each (month, area), `monthly(series)` the number in each month,
    `frame()` everything as a pandas table, `faults` the warnings. With `as_of`, later months are left out and every
    source must reach that month. Raises `ExtractsRefused`, whose `faults` hold every fault that stops.
    """
    from cpa_xl.extracts import facts

    return facts.read_facts(_catalogue(config), Path(extracts), as_of=_month(as_of))


def open_workbook(path: AnyPath) -> ClosedWorkbook:
    """A workbook file to read: `sheet_names`, `tables`, `names`, and `cells(sheet)` by (row, column) from 1."""
    from cpa_xl.workbook.closed import ClosedWorkbook

    return ClosedWorkbook.open(Path(path))


def refresh(
    workbook: AnyPath,
    extracts: AnyPath | None = None,
    *,
    config: Config = None,
    as_of: AnyMonth | None = None,
    dry_run: bool = False,
    accept_revisions: bool = False,
    calculator: Calculator | None = None,
) -> Outcome:
    """Bring the data tables of a closed workbook up to date from its extracts, and recalculate it.

    `extracts` is by default the folder `extracts` beside the workbook, `as_of` the month that the workbook states,
    `calculator` the embedded one. The workbook as it was is kept as `backup`. A dry run changes nothing.
    `accept_revisions` takes extracts that revise a year by more than a tenth, or lack figures that are known.
    """
    from cpa_xl.commands import refresh

    path = Path(workbook)
    folder = path.parent / "extracts" if extracts is None else Path(extracts)
    return refresh.refresh(
        path,
        _catalogue(config),
        folder,
        calculator or _embedded(),
        as_of=_month(as_of),
        dry_run=dry_run,
        accept_revisions=accept_revisions,
    )


def publish(
    workbook: AnyPath,
    out: AnyPath | None = None,
    *,
    config: Config = None,
    since: AnyPath | None = None,
    compare: bool = True,
    with_page: bool = False,
    with_pdf: bool = False,
    force: bool = False,
) -> Published:
    """Make a copy of a closed workbook that readers can be given, in the folder `out`, by default the workbook's own.

    `since` is the copy published last, by default that of the latest earlier month in `out`; `compare=False` compares
    with none. `with_page` and `with_pdf` write the scorecard as a page and as a PDF (with LibreOffice) too; `force`
    writes over what was published for that month before. `files` of the answer are the files written.
    """
    from cpa_xl.publish.claims.checks import register
    from cpa_xl.publish.pipeline import release

    register()
    return release(
        Path(workbook),
        _catalogue(config),
        None if out is None else Path(out),
        since=None if since is None else Path(since),
        compare=compare,
        with_page=with_page,
        with_pdf=with_pdf,
        force=force,
    )


def verify(published: AnyPath, *, config: Config = None) -> Verification:
    """Compare a published copy with the statement beside it, and its figures with its tables.

    `agrees` says whether all is the same, `differences` holds one line for each thing that is not.
    """
    from cpa_xl.functions.index import FUNCTIONS
    from cpa_xl.publish.verify import verify as compared

    return compared(Path(published), _catalogue(config), FUNCTIONS["CPA_SCORECARD"], _embedded())


def diff(before: AnyPath, after: AnyPath, *, config: Config = None) -> Differences:
    """What differs between two workbook files: `any` says whether anything does, `plain()` gives all of it for JSON.

    Rows of the scorecard and of the data tables are compared by their keys where the configuration knows one of the
    workbooks, and cell by cell otherwise; `notes` say so.
    """
    from cpa_xl.commands.diff import diff_files

    return diff_files(Path(before), Path(after), _catalogue(config))


def _catalogue(config: Config) -> Catalogue:
    from cpa_xl.config.model import Catalogue

    return config if isinstance(config, Catalogue) else load_config(config)


def _month(value: AnyMonth | None) -> Month | None:
    from cpa_xl.measures.periods import Month

    return None if value is None else Month.read(value)


def _embedded() -> EmbeddedCalculator:
    from cpa_xl.formulas.calculator import EmbeddedCalculator
    from cpa_xl.functions.index import FUNCTIONS

    return EmbeddedCalculator(FUNCTIONS)


class _Package(ModuleType):
    """This package. A folder of it that has the name of a function above does not take the function's place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _FUNCTIONS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
