"""Builds the LibreOffice extension `cpa_xl.oxt` from the list of cell functions; the same version gives the same bytes.

It also draws the pictures of the buttons (PNG, from drawings in text), and writes the UNO type library (.rdb). From the
library LibreOffice learns the methods of the component and their types. Its binary format is the one that LibreOffice's
unoidl/README.md specifies: "UNOIDL" and a byte 0xFF, version 0, entries found by offset, little-endian.
"""

import ast
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from struct import pack
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction
from cpa_xl.libreoffice.menu import COMMANDS
from cpa_xl.libreoffice.soffice import (
    ADDIN,
    ARRAY_CELLS,
    BOOLEAN,
    CELLS,
    EACH,
    EXTENSION,
    HANDLER,
    INTERFACE,
    PROTOCOL,
    WATCH,
)

SMALL, LARGE = 16, 26  # the two sizes that LibreOffice asks for
_INK = {"#": (31, 56, 100, 255), "o": (0, 122, 104, 255), "!": (191, 41, 28, 255), ".": (0, 0, 0, 0)}

DRAWINGS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "refresh": (
            "...ooooo..o..",
            "..o.....o.oo.",
            ".o.......ooo.",
            "o.......oooo.",
            "o............",
            "o............",
            "............o",
            "............o",
            ".oooo.......o",
            ".ooo.......o.",
            ".oo.o.....o..",
            "..o..ooooo...",
            ".............",
        ),
        "check": (
            "#########....",
            "#.......##...",
            "#.#####.#.#..",
            "#.......####.",
            "#.#####....#.",
            "#..........#.",
            "#.####....oo.",
            "#........oo#.",
            "#.oo....oo.#.",
            "#..oo..oo..#.",
            "#...oooo...#.",
            "#....oo....#.",
            "############.",
        ),
        "explain": (
            "...####......",
            ".##....##....",
            ".#..##..#....",
            "#..#..#..#...",
            "#.....#..#...",
            "#....#...#...",
            "#...#....#...",
            ".#......#....",
            ".##.#..##....",
            "...######....",
            "........###..",
            ".........###.",
            "..........##.",
        ),
        "help": (
            ".............",
            "....###......",
            "...#.........",
            "...#...#...#.",
            "..####..#.#..",
            "...#.....#...",
            "...#.....#...",
            "...#....#.#..",
            "...#...#...#.",
            "...#.........",
            "..#..........",
            "##...........",
            ".............",
        ),
        "about": (
            "....#####....",
            "..##.....##..",
            ".#....!....#.",
            ".#...!!....#.",
            "#...........#",
            "#....!!.....#",
            "#.....!.....#",
            "#.....!.....#",
            "#.....!.....#",
            ".#....!....#.",
            ".#...!!!...#.",
            "..##.....##..",
            "....#####....",
        ),
    }
)

MAGIC = b"UNOIDL\xff\x00"
BASE = "com.sun.star.uno.XInterface"
MODULE, INTERFACE_ENTRY = 0, 5  # kinds of entries
IN = 0  # direction of a parameter
KNOWN_TEXT = 0x80000000  # marks the offset of a text earlier in the file

FILE_NAME = "cpa_xl.oxt"
OLDEST_LIBREOFFICE = "25.2"
PACKAGE = Path(str(files("cpa_xl"))).resolve()
COMPONENT = "component.py"
_COMPONENT_MODULE = "cpa_xl.libreoffice.component"
PACKAGE_FOLDER = "pythonpath/cpa_xl"  # LibreOffice puts a folder of this name beside a component on Python's path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment a zip member can carry
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACES = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
_CONFIGURATION = "application/vnd.sun.star.configuration-data"
_CELL_RANGE = "com.sun.star.table.XCellRange"
_SPREADSHEETS = "com.sun.star.sheet.SpreadsheetDocument"
CONFIGURATION_FILES = (
    "CalcAddIns.xcu",
    "Addons.xcu",
    "Jobs.xcu",
    "ProtocolHandler.xcu",
    "Calc.xcu",
    "CalcWindowState.xcu",
)
_DESCRIPTION = (
    "The functions of a Critical Performance Areas scorecard (CPA_RATE, CPA_RAG and others) as cell functions.\n"
)


@dataclass(frozen=True, slots=True)
class UnoMethod:
    """A method without exceptions; `returns` and the types of `parameters` (name, type) as UNO names them."""

    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...]


def icon(name: str, size: int) -> bytes:
    """A picture as a PNG file of `size` pixels with a clear ground: each dot of the drawing once, or twice."""
    drawing = DRAWINGS[name]
    times = size // len(drawing)
    edge, rest = divmod(size - times * len(drawing), 2)
    clear = bytes(4)
    rows = []
    for line in drawing:
        dots = b"".join(bytes(_INK[dot]) * times for dot in line)
        rows += [clear * edge + dots + clear * (edge + rest)] * times
    blank = clear * size
    lines = [blank] * edge + rows + [blank] * (edge + rest)
    data = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def type_library(interface: str, methods: Sequence[UnoMethod], banner: bytes = b"") -> bytes:
    """The type library with the interface of this full name ("cpaxl.XFunctions") and its methods.

    Readers skip the `banner`, in which a writer may name itself.
    """
    *modules, name = interface.split(".")
    file = _File()
    file.data += banner
    data = _interface(file, methods)
    for module in reversed(modules):
        label = file.name(name)
        name, inner, data = module, (label, data), file.here
        file.byte(MODULE)
        file.number(1, *inner)
    label = file.name(name)
    root = file.here
    file.number(label, data)
    file.data[len(MAGIC) : len(MAGIC) + 8] = pack("<II", root, 1)
    return bytes(file.data)


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
        "Addons.xcu": _menu_xcu(),
        "Jobs.xcu": _jobs_xcu(),
        "ProtocolHandler.xcu": _handler_xcu(),
        "Calc.xcu": _calc_xcu(),
        "CalcWindowState.xcu": _toolbar_xcu(),
        "description.txt": _DESCRIPTION,
    }
    package = {
        f"{PACKAGE_FOLDER}/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes()
        for path in modules_of(_COMPONENT_MODULE)
        if path.name != COMPONENT
    }
    return {
        **{name: text.encode("utf-8") for name, text in texts.items()},
        **{_icon_file(name, size): icon(name, size) for name in COMMANDS for size in (SMALL, LARGE)},
        "cpa_xl.rdb": _type_library(functions),
        COMPONENT: (PACKAGE / "libreoffice" / COMPONENT).read_bytes(),
        "LICENSE": licence(),
        **package,
    }


def modules_of(start: str) -> list[Path]:
    """The files of this package that a module needs: those it imports, anywhere in it, and what these import."""
    found: set[Path] = set()
    wanted = [start]
    while wanted:
        parts = wanted.pop().split(".")[1:]
        faces = [PACKAGE.joinpath(*parts[:depth], "__init__.py") for depth in range(len(parts))]
        path = PACKAGE.joinpath(*parts).with_suffix(".py") if parts else PACKAGE / "__init__.py"
        for one in [path, *faces]:
            if one.is_file() and one not in found:
                found.add(one)
                wanted += _imported(one)
    return sorted(found)


def licence(beside: Path = PACKAGE.parent) -> bytes:
    """The licence: the file beside the package in a checkout, or the copy that pip keeps of an installed one.

    Raises Refusal where neither is there.
    """
    path = beside / "LICENSE"
    if path.is_file():
        return path.read_bytes()
    try:
        text = distribution("cpa_xl").read_text("licenses/LICENSE")
    except PackageNotFoundError:
        text = None
    if text is None:
        raise Refusal(f"{path}: the licence is not there; install cpa_xl again (python -m pip install .)")
    return text.encode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


class _File:
    """Bytes under way; a text that was written before is referred to."""

    def __init__(self) -> None:
        self.data = bytearray(MAGIC + bytes(8))  # where the root map is comes last
        self._texts: dict[str, int] = {}

    @property
    def here(self) -> int:
        return len(self.data)

    def number(self, *values: int) -> None:
        for value in values:
            self.data += pack("<I", value)

    def byte(self, value: int) -> None:
        self.data.append(value)

    def text(self, text: str) -> None:
        if text in self._texts:
            self.number(self._texts[text] | KNOWN_TEXT)
            return
        self._texts[text] = self.here
        raw = text.encode("ascii")
        self.number(len(raw))
        self.data += raw

    def name(self, name: str) -> int:
        """Write a name for a map; its offset."""
        offset = self.here
        self.data += name.encode("ascii") + b"\0"
        return offset


def _interface(file: _File, methods: Sequence[UnoMethod]) -> int:
    """Write the interface's own entry; its offset."""
    offset = file.here
    file.byte(INTERFACE_ENTRY)
    file.number(1)
    file.text(BASE)
    file.number(0, 0, len(methods))  # optional bases, attributes, methods
    for method in methods:
        file.text(method.name)
        file.text(method.returns)
        file.number(len(method.parameters))
        for name, kind in method.parameters:
            file.byte(IN)
            file.text(name)
            file.text(kind)
        file.number(0)  # exceptions
    return offset


def _imported(path: Path) -> list[str]:
    """Names in a file's import statements that begin with this package's; some are no module but what is in one."""
    names: list[str] = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    face = path.name == "__init__.py"  # what its functions import, nobody here calls for
    nodes: list[ast.AST] = [one for one in tree.body if not (face and isinstance(one, ast.FunctionDef))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue  # for those who check types, never run
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        nodes += ast.iter_child_nodes(node)
    return [name for name in names if name.partition(".")[0] == "cpa_xl"]


def _type_library(functions: Mapping[str, CellFunction]) -> bytes:
    methods = [
        UnoMethod(one.name, "any", tuple((each.name, "any") for each in one.arguments)) for one in functions.values()
    ]
    own = [UnoMethod(name, "any", (("cells", _CELL_RANGE),)) for name in (CELLS, ARRAY_CELLS)]
    own += [UnoMethod(name, "any", (("value", "double"),)) for name in (BOOLEAN, EACH)]
    return type_library(INTERFACE, [*methods, *own])


def _manifest() -> str:
    entries = {
        "cpa_xl.rdb": "application/vnd.sun.star.uno-typelibrary;type=RDB",
        COMPONENT: "application/vnd.sun.star.uno-component;type=Python",
        **dict.fromkeys(CONFIGURATION_FILES, _CONFIGURATION),
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
        f'{_XML}<description xmlns="http://openoffice.org/extensions/description/2006"\n'
        ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:lo="http://libreoffice.org/extensions/description/2011">\n'
        f'<identifier value="{EXTENSION}"/>\n<version value="{__version__}"/>\n'
        '<platform value="all"/>\n'
        f'<dependencies><lo:LibreOffice-minimal-version value="{OLDEST_LIBREOFFICE}" name="LibreOffice '
        f'{OLDEST_LIBREOFFICE}"/></dependencies>\n'
        '<registration><simple-license accept-by="admin" suppress-on-update="true" default-license-id="en">\n'
        '<license-text xlink:href="LICENSE" lang="en" license-id="en"/>\n</simple-license></registration>\n'
        '<display-name><name lang="en">CPA scorecard functions</name></display-name>\n'
        '<extension-description><src xlink:href="description.txt" lang="en"/></extension-description>\n'
        "</description>\n"
    )


def _node(name: str, inside: str) -> str:
    return f'<node oor:name={quoteattr(name)} oor:op="replace">\n{inside}</node>\n'


def _text(name: str, text: str, language: str = "en-US") -> str:
    return f'<prop oor:name="{name}"><value xml:lang="{language}">{escape(text)}</value></prop>\n'


def _configuration(component: str, package: str, inside: str) -> str:
    return (
        f'{_XML}<oor:component-data {_NAMESPACES} oor:name="{component}" oor:package="{package}">\n'
        f"{inside}</oor:component-data>\n"
    )


def _menu_xcu() -> str:
    entries = []
    for place, (name, command) in enumerate(COMMANDS.items(), 1):
        entries.append(
            _node(
                f"{place:02d}",
                f'<prop oor:name="URL"><value>{PROTOCOL}{name}</value></prop>\n'
                + _text("Title", command.title)
                + '<prop oor:name="Target"><value>_self</value></prop>\n'
                + f'<prop oor:name="Context"><value>{_SPREADSHEETS}</value></prop>\n',
            )
        )
    menu = _node(
        f"{EXTENSION}.menu",
        _text("Title", "CPA")
        + f'<prop oor:name="Context"><value>{_SPREADSHEETS}</value></prop>\n'
        + f'<node oor:name="Submenu">\n{"".join(entries)}</node>\n',
    )
    toolbar = _node(f"{EXTENSION}.toolbar", "".join(entries))
    inside = (
        f'<node oor:name="AddonUI">\n<node oor:name="OfficeMenuBar">\n{menu}</node>\n'
        f'<node oor:name="OfficeToolBar">\n{toolbar}</node>\n'
        f'<node oor:name="Images">\n{"".join(map(_image_node, COMMANDS))}</node>\n</node>\n'
    )
    return _configuration("Addons", "org.openoffice.Office", inside)


def _image_node(name: str) -> str:
    """The pictures of a command, where the extension was unpacked."""
    files = ((SMALL, "ImageSmallURL"), (LARGE, "ImageBigURL"))
    pictures = "".join(
        f'<prop oor:name="{prop}"><value>%origin%/{_icon_file(name, size)}</value></prop>\n' for size, prop in files
    )
    return _node(
        f"{EXTENSION}.image.{name}",
        f'<prop oor:name="URL"><value>{PROTOCOL}{name}</value></prop>\n'
        f'<node oor:name="UserDefinedImages">\n{pictures}</node>\n',
    )


def _icon_file(name: str, size: int) -> str:
    return f"icons/{name}_{size}.png"


def _jobs_xcu() -> str:
    name = f"{EXTENSION}.formulas"
    job = _node(name, f'<prop oor:name="Service"><value>{WATCH}</value></prop>\n')
    events = "".join(
        f'<node oor:name="{event}" oor:op="fuse"><node oor:name="JobList">\n{_node(name, "")}</node></node>\n'
        for event in ("OnLoadFinished", "OnCreate")  # of files and of new documents
    )
    inside = f'<node oor:name="Jobs">\n{job}</node>\n<node oor:name="Events">\n{events}</node>\n'
    return _configuration("Jobs", "org.openoffice.Office", inside)


def _handler_xcu() -> str:
    protocols = f'<prop oor:name="Protocols"><value>{PROTOCOL}*</value></prop>\n'
    inside = f'<node oor:name="HandlerSet">\n{_node(HANDLER, protocols)}</node>\n'
    return _configuration("ProtocolHandler", "org.openoffice.Office", inside)


def _toolbar_xcu() -> str:
    """The toolbar has its name, and its place below the others."""
    properties = {"Docked": "true", "DockingArea": "0", "DockPos": "0,3", "Visible": "true"}
    state = _node(
        f"private:resource/toolbar/addon_{EXTENSION}.toolbar",
        _text("UIName", "CPA")
        + "".join(f'<prop oor:name="{name}"><value>{value}</value></prop>\n' for name, value in properties.items()),
    )
    inside = f'<node oor:name="UIElements">\n<node oor:name="States">\n{state}</node>\n</node>\n'
    return _configuration("CalcWindowState", "org.openoffice.Office.UI", inside)


def _calc_xcu() -> str:
    """Workbooks of Excel are calculated when they are opened, as Excel itself does with functions of add-ins."""
    mode = '<prop oor:name="OOXMLRecalcMode"><value>0</value></prop>\n'
    inside = f'<node oor:name="Formula"><node oor:name="Load">\n{mode}</node></node>\n'
    return _configuration("Calc", "org.openoffice.Office", inside)


def _functions_xcu(functions: Mapping[str, CellFunction]) -> str:
    nodes = [_function_node(one) for one in functions.values()]
    nodes += [_own_node(name, "cells", "Hands cells to the CPA function around it.") for name in (CELLS, ARRAY_CELLS)]
    nodes.append(_own_node(BOOLEAN, "value", "Hands TRUE or FALSE to the CPA function around it."))
    nodes.append(_own_node(EACH, "value", "Gives each cell its part of an answer."))
    inside = (
        f'<node oor:name="AddInInfo">\n<node oor:name="{ADDIN}" oor:op="replace">\n<node oor:name="AddInFunctions">\n'
        f"{''.join(nodes)}</node>\n</node>\n</node>\n"
    )
    return _configuration("CalcAddIns", "org.openoffice.Office", inside)


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


def _own_node(name: str, argument: str, description: str) -> str:
    """A function that cpa_xl itself puts into formulas; it shows as its brackets alone."""
    return _node(
        name,
        _text("DisplayName", "")
        + _text("Description", description)
        + '<prop oor:name="Category"><value>Add-In</value></prop>\n'
        + _text("CompatibilityName", " ")
        + '<node oor:name="Parameters">\n'
        + _node(argument, _text("DisplayName", argument) + _text("Description", argument))
        + "</node>\n",
    )
