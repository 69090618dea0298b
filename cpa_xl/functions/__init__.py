"""The cell functions: `=CPA_RAG(...)`, `=CPA_RATE(...)` and their family, defined once for every host.

In: cells as a host hands them over. Out: a value, a table, or an error with its reason. Standard library only, because
cells wait for it. Next: `excel`, `libreoffice` and `formulas` call them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpa_xl.functions.index import *  # noqa: F403  # functions/index lists the names, once


def __getattr__(name: str) -> object:
    """`cpa_xl.functions.CPA_RAG` and the others, for scripts; the first use imports them."""
    if not name.startswith("CPA_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("cpa_xl.functions.index"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *import_module("cpa_xl.functions.index").__all__})
