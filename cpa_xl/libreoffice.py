"""What LibreOffice starts: the cell functions and the menu, as components of the extension.

Runs inside LibreOffice, in its own Python, as the extension's one registered file; the package lies beside it in
`pythonpath`. Nothing else imports it, and nothing else imports uno.
"""

from collections.abc import Callable
from typing import Any

import uno
import unohelper

from cpa_xl import calccells
from cpa_xl.calcnames import ADDIN, ARRAY_CELLS, CELLS, EACH, INTERFACE
from cpa_xl.cells import CellFunction
from cpa_xl.udfs import FUNCTIONS

ADDIN_SERVICE = "com.sun.star.sheet.AddIn"
WAITING = calccells.Waiting()


def _method(function: CellFunction) -> Callable[..., object]:
    """The function as a method that Calc calls."""

    def answer(_self: object, *given: object) -> object:
        found = calccells.call(function, given, WAITING)
        return _Array(found) if isinstance(found, calccells.Array) else found

    return answer


def _cells(_self: object, cells: Any) -> str:
    return WAITING.put_range(cells)


def _array_cells(_self: object, cells: Any) -> str:
    return WAITING.put_range(cells, array=True)


def _each(_self: object, number: float) -> object:
    return WAITING.take_part(number)


class _Array(unohelper.Base, uno.getClass("com.sun.star.sheet.XVolatileResult")):  # type: ignore[misc]
    """An array as an add-in's method can return it: Python's tuples alone would come out as no array."""

    def __init__(self, array: calccells.Array) -> None:
        self.event = uno.createUnoStruct("com.sun.star.sheet.ResultEvent")
        self.event.Value = uno.Any(array.kind, array.rows)

    def addResultListener(self, listener: Any) -> None:  # noqa: N802  # UNO's name
        """Tell the cell that asks its value, which never changes."""
        listener.modified(self.event)

    def removeResultListener(self, _listener: Any) -> None:  # noqa: N802  # UNO's name
        """Nothing is kept of a listener."""


class _Described:
    """What every component says of itself."""

    name = ""
    services: tuple[str, ...] = ()

    def getImplementationName(self) -> str:  # noqa: N802  # UNO's name
        return self.name

    def supportsService(self, service: str) -> bool:  # noqa: N802  # UNO's name
        return service in self.services

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802  # UNO's name
        return self.services


def make_functions(_context: Any) -> Any:
    """The add-in. Its interface is known only once LibreOffice has read the extension's type library."""
    methods: dict[str, object] = {name: _method(function) for name, function in FUNCTIONS.items()}
    methods |= {CELLS: _cells, ARRAY_CELLS: _array_cells, EACH: _each}
    described = {"name": ADDIN, "services": (ADDIN, ADDIN_SERVICE)}
    bases = (unohelper.Base, _Described, uno.getClass(INTERFACE), uno.getClass("com.sun.star.lang.XServiceInfo"))
    return type("Functions", bases, {**methods, **described})()


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(make_functions, ADDIN, (ADDIN, ADDIN_SERVICE))
