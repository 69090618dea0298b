"""Runs the add-in's VBA in LibreOffice's Basic, with Python behind it: started by test_addin_in_libreoffice.

Run by the Python that has `uno`. Arguments: the workbook, the name of LibreOffice's pipe, and a file with calls (JSON:
function, how many arguments, how often Python dies; in groups). Writes what came out as JSON, a line for each call.
"""

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import uno
import unohelper
from com.sun.star.script import XInvocation  # type: ignore[import-not-found]  # UNO makes it when it is asked for

from cpa_xl.excel.calls import Errors, answered
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction


class Server(unohelper.Base, XInvocation):  # type: ignore[misc]  # both carry no types
    """What xlwings' COM server is to VBA: an object with a method CallUDF."""

    def __init__(self) -> None:
        self.given = 0  # arguments of the next call; Basic sends what is left out as 0 or "" over UNO
        self.calls: list[str] = []
        self.dies = 0  # how many calls from now on fail as if the process had died

    def getIntrospection(self) -> None:
        return None

    def hasMethod(self, name: str) -> bool:
        return name == "CallUDF"

    def hasProperty(self, _name: str) -> bool:
        return False

    def getValue(self, name: str) -> None:
        raise AttributeError(name)

    def setValue(self, name: str, _value: object) -> None:
        raise AttributeError(name)

    def invoke(self, _name: str, parameters: Any, _indexes: Any, _outs: Any) -> tuple[object, tuple[()], tuple[()]]:
        module, name, arguments = parameters
        assert module == "cpa_xl.excel.server"
        function: CellFunction = FUNCTIONS[name]
        assert len(arguments) == len(function.arguments), name
        assert all(not left_out for left_out in arguments[self.given :]), name
        self.calls.append(name)
        if self.dies:
            self.dies -= 1
            raise RuntimeError("the process has died")
        rows = answered(function, list(arguments[: self.given]), Errors.NUMBER)
        if len(rows) == 1:  # as xlwings' CallUDF does
            return (rows[0][0] if len(rows[0]) == 1 else tuple(rows[0])), (), ()
        return tuple(map(tuple, rows)), (), ()


def connected(pipe: str) -> Any:
    """LibreOffice's desktop, once it is there."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(120):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # not there yet
            time.sleep(0.5)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    message = "LibreOffice did not come up"
    raise TimeoutError(message)


def property_value(name: str, value: object) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


class Basic:
    """A document whose procedures are run; a fresh one has forgotten what the modules' variables held."""

    def __init__(self, desktop: Any, workbook: str, server: Server) -> None:
        options = (property_value("Hidden", True), property_value("MacroExecutionMode", 4))
        self.document = desktop.loadComponentFromURL(Path(workbook).as_uri(), "_blank", 0, options)
        with suppress(Exception):  # Basic has taken the object by then; it fails asking for an optional interface
            self.run("Use", server)

    def run(self, name: str, *arguments: object) -> Any:
        place = f"vnd.sun.star.script:CpaXl.Probe.{name}?language=Basic&location=document"
        return self.document.getScriptProvider().getScript(place).invoke(arguments, (), ())[0]


def main(workbook: str, pipe: str, calls: str) -> None:
    """Run the calls, one group of them in each fresh document."""
    desktop, server = connected(pipe), Server()
    for group in json.loads(Path(calls).read_text(encoding="utf-8")):
        basic = Basic(desktop, workbook, server)
        for procedure, given, dies in group:
            server.given, server.dies, server.calls = given, dies, []
            try:
                answer = basic.run(procedure)
            except Exception as error:  # what Basic says; the test shows it
                answer = f"failed: {error}"
            sys.stdout.write(json.dumps([procedure, answer, server.calls]) + "\n")
        library = basic.document.BasicLibraries.getByName("CpaXl")
        modules = {name: library.getByName(name) for name in library.getElementNames()}
        basic.document.close(True)
    sys.stdout.write(json.dumps(["modules", modules, []]) + "\n")
    desktop.terminate()


if __name__ == "__main__":
    main(*sys.argv[1:])
