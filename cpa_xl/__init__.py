"""A Critical Performance Areas scorecard that computes itself inside its Excel workbook.

What people script with is here: the functions of `cpa_xl.api`, the errors, and `functions`, the namespace of all CPA_
functions. Each is imported when it is asked for; docs/scripting.md has examples.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpa_xl.api import diff, load_config, open_workbook, publish, read_facts, refresh, verify
    from cpa_xl.config.load import ConfigurationError
    from cpa_xl.errors import CellError, CpaXlError, EmptyDenominator, Impossible, MissingData, Refusal, WrongArgument
    from cpa_xl.extracts.faults import ExtractsRefused
    from cpa_xl.functions import index as functions

__version__ = "0.1.0"

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

_API = ("diff", "load_config", "open_workbook", "publish", "read_facts", "refresh", "verify")
_ERRORS = ("CellError", "CpaXlError", "EmptyDenominator", "Impossible", "MissingData", "Refusal", "WrongArgument")

# Where each name is: the module, and the name in it.
_PLACES = {
    **{name: ("cpa_xl.api", name) for name in _API},
    **{name: ("cpa_xl.errors", name) for name in _ERRORS},
    "ConfigurationError": ("cpa_xl.config.load", "ConfigurationError"),
    "ExtractsRefused": ("cpa_xl.extracts.faults", "ExtractsRefused"),
}


def __getattr__(name: str) -> object:
    if name == "functions":
        return import_module("cpa_xl.functions.index")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """This package. A module of it that has the name of a function above does not take the function's place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _API and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
