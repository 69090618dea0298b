"""A double of pywin32, and of nothing else: with it xlwings' own code for Windows runs anywhere.

`given` and `taken` say what pywin32's conversion does to values on their way to Python and back (its oleargs.cpp).
"""

import atexit
import ctypes
import datetime as dt
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock, patch

MISSING = -2147352572  # DISP_E_PARAMNOTFOUND, as an omitted Optional argument arrives
MODULES = (
    "pythoncom", "pywintypes", "win32api", "win32con", "win32event", "win32gui", "win32process", "win32timezone",
    "win32com", "win32com.client", "win32com.client.dynamic", "win32com.server", "win32com.server.dispatcher",
    "win32com.server.policy", "win32com.server.util",
)  # fmt: skip
OURS = ("cpa_xl.excel.udfs", "cpa_xl.excel.server", "cpa_xl.excel.calls")


class TimeType(dt.datetime):
    """pywintypes.TimeType: a date cell's value."""


class ComError(Exception):
    """pywintypes.com_error."""


@dataclass(frozen=True)
class Variant:
    """win32com.client.VARIANT."""

    varianttype: int
    value: object


@dataclass(frozen=True)
class ErrorCell:
    """VT_ERROR with its SCODE, as Excel receives it."""

    scode: int


def taken(value: object) -> object:
    """What reaches VBA of a value that Python returns: arrays as lists, errors as `ErrorCell`; TypeError for the rest.

    Rules of PyCom_VariantFromPyObject: VARIANT(VT_ERROR, n) is "missing" for every n; a tuple sets several results.
    """
    if isinstance(value, tuple):
        message = "a tuple is taken for several results"
        raise TypeError(message)
    if isinstance(value, list):
        return [taken(one) for one in value]
    if isinstance(value, Variant):
        return ErrorCell(MISSING)
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    message = f"Objects of type '{type(value).__name__}' are nothing that a cell can take"
    raise TypeError(message)


def _doubles() -> dict[str, ModuleType]:
    modules: dict[str, Any] = {}
    for name in MODULES:
        module: Any = ModuleType(name)
        module.__getattr__ = lambda attribute, _name=name: _anything(_name, attribute)
        module.__path__ = []
        modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
    modules["pywintypes"].TimeType = TimeType
    modules["pywintypes"].com_error = ComError
    modules["pythoncom"].__file__ = "pythoncom.dll"
    modules["pythoncom"].CoInitialize = lambda: None
    modules["pythoncom"].VT_ERROR = 10
    modules["pythoncom"].IID_IDispatch = "IDispatch"
    modules["pythoncom"].TypeIIDs = {"IDispatch": type("PyIDispatch", (), {})}
    for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass"):
        setattr(modules["win32com.client"], name, type(name, (), {}))
    modules["win32com.client"].VARIANT = Variant
    modules["win32com.server.util"].unwrap = _unwrap
    return modules


def _anything(module: str, attribute: str) -> object:
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return MagicMock(name=f"{module}.{attribute}")


def _unwrap(value: object) -> object:
    raise ComError(value)  # no argument here is an object that Python once gave to Excel


@contextmanager
def windows() -> Iterator[Any]:
    """Within: xlwings as it is on Windows, our modules that use it imported again. Gives XLPython. After: as before."""
    import_module("xlwings")  # so that what it needs is imported on the true platform
    ours: dict[str, Any] = {name.rpartition(".")[2]: import_module(name) for name in OURS}
    package = import_module("cpa_xl.excel")
    with (
        patch.dict(sys.modules, _doubles()),
        patch.multiple(package, **ours),
    ):
        for name in [name for name in sys.modules if name.partition(".")[0] == "xlwings" or name in OURS]:
            del sys.modules[name]
        for name in ours:
            delattr(package, name)
        with (
            patch.multiple(ctypes, create=True, PyDLL=MagicMock(), windll=MagicMock(), oledll=MagicMock()),
            patch.object(sys, "platform", "win32"),
        ):
            import_module("xlwings")
        atexit.unregister(import_module("xlwings._xlwindows").cleanup)
        server = import_module("xlwings.com_server")
        try:
            yield server.XLPython()
        finally:
            server.loop.close()
