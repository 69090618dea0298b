"""What LibreOffice starts: the cell functions and the menu, as components of the extension.

Runs inside LibreOffice, in its own Python, as the extension's one registered file; the package lies beside it in
`pythonpath`. Nothing else imports it, and nothing else imports uno.
"""

from collections.abc import Callable
from typing import Any

import uno
import unohelper

from cpa_xl import calccells
from cpa_xl.calcnames import ADDIN, ADDIN_SERVICE, CELLS, INTERFACE
from cpa_xl.cells import CellFunction
from cpa_xl.udfs import FUNCTIONS

WAITING = calccells.Waiting()


def _method(function: CellFunction) -> Callable[..., object]:
    """The function as a method that Calc calls."""

    def answer(_self: object, *given: object) -> object:
        found = calccells.call(function, given, WAITING)
        return uno.Any("[][]any", found) if isinstance(found, tuple) else found

    return answer


def _cells(_self: object, cells: Any) -> str:
    return WAITING.put(cells)


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
    described = {"name": ADDIN, "services": (ADDIN, ADDIN_SERVICE)}
    bases = (unohelper.Base, _Described, uno.getClass(INTERFACE), uno.getClass("com.sun.star.lang.XServiceInfo"))
    return type("Functions", bases, {**methods, CELLS: _cells, **described})()


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(make_functions, ADDIN, (ADDIN, ADDIN_SERVICE))
