"""The components that LibreOffice loads: the cell functions, the watch over formulas, and the menu.

This module runs in LibreOffice's own Python, as the only file that the extension registers; the package is beside it in
`pythonpath`. No other module imports this one, and no other module imports uno.
"""

from collections.abc import Callable
from typing import Any

import uno
import unohelper

from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction
from cpa_xl.libreoffice import cells as calc_cells
from cpa_xl.libreoffice.document import UNDO_TITLE, OfficeServices, calculate_anew, forget_charts
from cpa_xl.libreoffice.formulas import InOrder, dress, is_spreadsheet
from cpa_xl.libreoffice.menu import COMMANDS, Session, fitting
from cpa_xl.libreoffice.soffice import (
    ADDIN,
    ARRAY_CELLS,
    BOOLEAN,
    CELLS,
    EACH,
    HANDLER,
    INTERFACE,
    PROTOCOL,
    WATCH,
    run_own,
)

ADDIN_SERVICE = "com.sun.star.sheet.AddIn"
JOB_SERVICE = "com.sun.star.task.Job"
HANDLER_SERVICE = "com.sun.star.frame.ProtocolHandler"
TITLE = "CPA"
DISPATCH = ("frame.XDispatchProvider", "frame.XNotifyingDispatch", "lang.XInitialization")
UNDO_EVENTS = (
    "undoActionAdded", "actionUndone", "actionRedone", "allActionsCleared", "redoActionsCleared", "resetAll",
    "enteredContext", "enteredHiddenContext", "leftContext", "leftHiddenContext", "cancelledContext",
)  # fmt: skip
SETTLE = "formulas"  # not in the menu: for scripts that read right after they have set formulas

WAITING = calc_cells.Waiting()
RECORDS: list[calc_cells.Recorded] = []  # where calls are noted while a command wants to know of them


def _interfaces(*names: str) -> Any:
    """A base class with these interfaces. Nothing is known of its type, hence the ignored complaints below."""
    return type("Interfaces", (unohelper.Base, *(uno.getClass(f"com.sun.star.{name}") for name in names)), {})


class _Described(_interfaces("lang.XServiceInfo")):  # type: ignore[misc]  # known at run time
    """What every component says of itself."""

    services: tuple[str, ...] = ()

    def getImplementationName(self) -> str:  # noqa: N802  # UNO's name
        return self.services[0]

    def supportsService(self, service: str) -> bool:  # noqa: N802  # UNO's name
        return service in self.services

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802  # UNO's name
        return self.services


# Cell functions


def _method(function: CellFunction) -> Callable[..., object]:
    """The function as a method that Calc calls."""

    def answer(_self: object, *given: object) -> object:
        found = calc_cells.call(function, given, WAITING, RECORDS[-1] if RECORDS else None)
        return _Array(found) if isinstance(found, calc_cells.Array) else found

    return answer


def _cells(_self: object, cells: Any) -> str:
    return WAITING.put_range(cells)


def _array_cells(_self: object, cells: Any) -> str:
    return WAITING.put_range(cells, array=True)


def _boolean(_self: object, value: float) -> str:
    return WAITING.put_boolean(value)


def _each(_self: object, number: float) -> object:
    return WAITING.take_part(number)


class _Array(_interfaces("sheet.XVolatileResult")):  # type: ignore[misc]  # the same
    """An array as an add-in's method can return it: Python's tuples alone would come out as no array."""

    def __init__(self, array: calc_cells.Array) -> None:
        self.event = uno.createUnoStruct("com.sun.star.sheet.ResultEvent")
        self.event.Value = uno.Any(array.kind, array.rows)

    def addResultListener(self, listener: Any) -> None:  # noqa: N802  # UNO's name
        listener.modified(self.event)  # the value never changes

    def removeResultListener(self, _listener: Any) -> None:  # noqa: N802  # UNO's name
        """Nothing is kept of a listener."""


def make_functions(_context: Any) -> Any:
    """The add-in. Its interface is known only once LibreOffice has read the extension's type library."""
    methods: dict[str, object] = {name: _method(function) for name, function in FUNCTIONS.items()}
    methods |= {
        CELLS: _cells,
        ARRAY_CELLS: _array_cells,
        BOOLEAN: _boolean,
        EACH: _each,
        "services": (ADDIN, ADDIN_SERVICE),
    }
    return type("Functions", (_Described, uno.getClass(INTERFACE)), methods)()


# Care for the formulas of open documents


def _formula_token(code: int, data: Any) -> Any:
    token = uno.createUnoStruct("com.sun.star.sheet.FormulaToken")
    token.OpCode, token.Data = code, data
    return token


class _Watch(_Described, _interfaces("task.XJob")):  # type: ignore[misc]  # the same
    """Starts for each document that is opened or made."""

    services = (WATCH, JOB_SERVICE)

    def __init__(self, context: Any) -> None:
        self.context = context

    def execute(self, arguments: Any) -> None:
        """Bring the document's formulas in order, now and after every change."""
        environment = next((each.Value for each in arguments if each.Name == "Environment"), ())
        document: Any = next((each.Value for each in environment if each.Name == "Model"), None)
        if is_spreadsheet(document):
            dress(document, FUNCTIONS, _formula_token)  # only now: its own changes need no listener
            forget_charts(document)
            document.addModifyListener(_Changes(self.context, document))
            undo = document.getUndoManager()
            undo.addUndoManagerListener(_steps(document))


class _Changes(_interfaces("util.XModifyListener", "awt.XCallback")):  # type: ignore[misc]  # the same
    """Brings formulas in order after the change of a document has ended."""

    def __init__(self, context: Any, document: Any) -> None:
        self.document: Any = document
        services = context.ServiceManager
        self.later = services.createInstanceWithContext("com.sun.star.awt.AsyncCallback", context)
        self.asked = False
        self.in_order = InOrder()

    def modified(self, _event: Any) -> None:
        if not self.asked:
            self.asked = True
            self.later.addCallback(self, None)

    def notify(self, _data: Any) -> None:
        try:
            if self.document is not None:
                dress(self.document, FUNCTIONS, _formula_token, self.in_order)
        finally:
            self.asked = False  # only now: what `dress` itself changed is in order

    def disposing(self, _event: Any) -> None:
        self.document = None


def _steps(document: Any) -> Any:
    """Listens to undo and redo: after undoing a refresh, everything is recalculated."""

    def heard(_self: object, event: Any) -> None:
        if event.UndoActionTitle == UNDO_TITLE:
            calculate_anew(document)

    def unheard(_self: object, _event: Any) -> None:
        """All else is as it should be."""

    members = dict.fromkeys((*UNDO_EVENTS, "disposing"), unheard) | dict.fromkeys(
        ("actionUndone", "actionRedone"), heard
    )
    return type("Steps", (_interfaces("document.XUndoManagerListener"),), members)()


# The menu


def _property(name: str, value: object) -> Any:
    found = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    found.Name, found.Value = name, value
    return found


class _Handler(_Described, _interfaces(*DISPATCH)):  # type: ignore[misc]  # the same
    """Carries out the commands of the menu. With the argument Silent, a message is only the result of the dispatch."""

    services = (HANDLER, HANDLER_SERVICE)

    def __init__(self, context: Any) -> None:
        self.context = context
        self.frame: Any = None

    def initialize(self, arguments: Any) -> None:
        self.frame = arguments[0] if arguments else None

    def queryDispatch(self, url: Any, _target: str, _flags: int) -> Any:  # noqa: N802  # UNO's name
        return self if self._command(url) in {*COMMANDS, SETTLE} else None

    def queryDispatches(self, requests: Any) -> Any:  # noqa: N802  # UNO's name
        return tuple(self.queryDispatch(each.FeatureURL, each.FrameName, each.SearchFlags) for each in requests)

    def _command(self, url: Any) -> str:
        return str(url.Complete).removeprefix(PROTOCOL) if str(url.Complete).startswith(PROTOCOL) else ""

    def dispatch(self, url: Any, arguments: Any) -> None:
        self._run(self._command(url), arguments)

    def dispatchWithNotification(self, url: Any, arguments: Any, listener: Any) -> None:  # noqa: N802  # UNO's name
        event = uno.createUnoStruct("com.sun.star.frame.DispatchResultEvent")
        event.Source, event.State, event.Result = self, 1, self._run(self._command(url), arguments)
        if listener is not None:
            listener.dispatchFinished(event)

    def _run(self, name: str, arguments: Any) -> str:
        answers: list[str] = []
        silent = any(each.Name == "Silent" and each.Value for each in arguments)
        controller: Any = self.frame.getController() if self.frame is not None else None
        document: Any = controller.getModel() if controller is not None else None
        if name == SETTLE and is_spreadsheet(document):
            dress(document, FUNCTIONS, _formula_token)
        elif name in COMMANDS and is_spreadsheet(document):
            host = OfficeServices(run_own, _property, uno.Enum)
            COMMANDS[name].run(Session(document, host, answers.append if silent else self._show, _recorded))
        return "\n".join(answers)

    def _show(self, text: str) -> None:
        window = self.frame.getContainerWindow()
        kind = uno.Enum("com.sun.star.awt.MessageBoxType", "MESSAGEBOX")
        toolkit = window.getToolkit()
        box = toolkit.createMessageBox(window, kind, 1, TITLE, fitting(text))
        try:
            box.execute()
        finally:
            box.dispose()

    def addStatusListener(self, listener: Any, url: Any) -> None:  # noqa: N802  # UNO's name
        state = uno.createUnoStruct("com.sun.star.frame.FeatureStateEvent")
        state.Source, state.FeatureURL, state.IsEnabled = self, url, True
        listener.statusChanged(state)

    def removeStatusListener(self, _listener: Any, _url: Any) -> None:  # noqa: N802  # UNO's name
        """Commands are always there."""


def _recorded(act: Callable[[], object]) -> calc_cells.Recorded:
    RECORDS.append([])
    try:
        act()
    finally:
        calls = RECORDS.pop()
    return calls


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816  # the name that LibreOffice looks for
g_ImplementationHelper.addImplementation(make_functions, ADDIN, (ADDIN, ADDIN_SERVICE))
g_ImplementationHelper.addImplementation(_Watch, WATCH, _Watch.services)
g_ImplementationHelper.addImplementation(_Handler, HANDLER, _Handler.services)
