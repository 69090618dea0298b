"""The LibreOffice extension (cpa_xl.oxt), built from the list of cell functions, byte for byte the same each time."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from cpa_xl import __version__
from cpa_xl.calcnames import ADDIN, CELLS, EXTENSION, INTERFACE
from cpa_xl.cells import CellFunction
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.unoidl import Method, type_library

FILE_NAME = "cpa_xl.oxt"
OLDEST_LIBREOFFICE = "25.2"
HERE = Path(__file__).resolve().parent
COMPONENT = "libreoffice.py"
PACKAGE_FOLDER = "pythonpath/cpa_xl"  # LibreOffice puts a folder of this name beside a component on Python's path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment a zip member can carry
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACES = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
_CONFIGURATION = "application/vnd.sun.star.configuration-data"
_CELL_RANGE = "com.sun.star.table.XCellRange"


def extension(functions: Mapping[str, CellFunction] = FUNCTIONS) -> bytes:
    """The extension file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in parts(functions).items():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.create_system = 3
            archive.writestr(member, data)
    return held.getvalue()


def parts(functions: Mapping[str, CellFunction] = FUNCTIONS) -> dict[str, bytes]:
    """The files of the extension by name, in order."""
    texts = {
        "META-INF/manifest.xml": _manifest(),
        "description.xml": _description(),
        "CalcAddIns.xcu": _functions_xcu(functions),
    }
    package = {f"{PACKAGE_FOLDER}/{path.name}": path.read_bytes() for path in sorted(HERE.glob("*.py"))}
    return {
        **{name: text.encode("utf-8") for name, text in texts.items()},
        "cpa_xl.rdb": _type_library(functions),
        COMPONENT: (HERE / COMPONENT).read_bytes(),
        **package,
    }


def _type_library(functions: Mapping[str, CellFunction]) -> bytes:
    methods = [Method(one.name, "any", tuple((each.name, "any") for each in one.arguments)) for one in functions.values()]
    return type_library(INTERFACE, [*methods, Method(CELLS, "any", (("cells", _CELL_RANGE),))])


def _manifest() -> str:
    entries = {
        "cpa_xl.rdb": "application/vnd.sun.star.uno-typelibrary;type=RDB",
        COMPONENT: "application/vnd.sun.star.uno-component;type=Python",
        "CalcAddIns.xcu": _CONFIGURATION,
    }
    lines = (
        f' <manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>\n'
        for name, kind in entries.items()
    )
    return (
        f'{_XML}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n'
        f"{''.join(lines)}</manifest:manifest>\n"
    )


def _description() -> str:
    return (
        f'{_XML}<description xmlns="http://openoffice.org/extensions/description/2006">\n'
        f'<identifier value="{EXTENSION}"/><version value="{__version__}"/>\n'
        "</description>\n"
    )


def _node(name: str, inside: str) -> str:
    return f'<node oor:name={quoteattr(name)} oor:op="replace">\n{inside}</node>\n'


def _text(name: str, text: str, language: str = "en-US") -> str:
    return f'<prop oor:name="{name}"><value xml:lang="{language}">{escape(text)}</value></prop>\n'


def _functions_xcu(functions: Mapping[str, CellFunction]) -> str:
    nodes = [_function_node(one) for one in functions.values()]
    return (
        f'{_XML}<oor:component-data {_NAMESPACES} oor:name="CalcAddIns" oor:package="org.openoffice.Office">\n'
        f'<node oor:name="AddInInfo">\n<node oor:name="{ADDIN}" oor:op="replace">\n<node oor:name="AddInFunctions">\n'
        f"{''.join(nodes)}{_cells_node()}</node>\n</node>\n</node>\n</oor:component-data>\n"
    )


def _function_node(function: CellFunction) -> str:
    arguments = "".join(
        _node(one.name, _text("DisplayName", one.name) + _text("Description", one.help)) for one in function.arguments
    )
    return _node(
        function.name,
        _text("DisplayName", function.name)
        + _text("Description", f"{function.help} Result: {function.result}.")
        + '<prop oor:name="Category"><value>Add-In</value></prop>\n'
        + _text("CompatibilityName", function.name)
        + f'<node oor:name="Parameters">\n{arguments}</node>\n',
    )


def _cells_node() -> str:
    return _node(
        CELLS,
        _text("DisplayName", "")
        + _text("Description", "Hands cells to the CPA functions; put in by cpa_xl.")
        + '<prop oor:name="Category"><value>Add-In</value></prop>\n'
        + '<node oor:name="Parameters">\n'
        + _node("cells", _text("DisplayName", "cells") + _text("Description", "the cells"))
        + "</node>\n",
    )
