"""A UNO type library (.rdb) with one interface in it, written without LibreOffice's own tools.

LibreOffice learns from it which methods a component has and what they take. The format is the binary one that
LibreOffice's unoidl/README.md specifies: UNOIDL\\xff, version 0, then entries that are found by offsets; numbers are
little-endian. The bytes depend on the arguments alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack

MAGIC = b"UNOIDL\xff\x00"
BASE = "com.sun.star.uno.XInterface"
MODULE, INTERFACE = 0, 5  # kinds of entries
IN = 0  # direction of a parameter
KNOWN_TEXT = 0x80000000  # marks the offset of a text that stands earlier in the file


@dataclass(frozen=True, slots=True)
class Method:
    """A method without exceptions; `returns` and the types of `parameters` (name, type) as UNO names them."""

    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...]


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


def type_library(interface: str, methods: Sequence[Method], banner: bytes = b"") -> bytes:
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


def _interface(file: _File, methods: Sequence[Method]) -> int:
    """Write the interface's own entry; its offset."""
    offset = file.here
    file.byte(INTERFACE)
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
