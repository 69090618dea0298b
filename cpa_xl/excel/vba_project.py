"""Writes `vbaProject.bin` from source text, without Office: a VBA project in a compound file.

The formats are [MS-OVBA] and [MS-CFB] version 3. The file has no performance cache, as [MS-OVBA] 2.3.4.1 requires:
Office compiles the text when it opens the project. It holds no times and no random identifiers, so the same modules
always give the same bytes.
"""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

_SECTOR = 512
_MINI_SECTOR = 64
_MINI_CUTOFF = 4096  # shorter streams lie in the mini stream
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF  # no such directory entry
_IN_HEADER = 109  # places in the header for sectors of the allocation table: files up to 7 MB
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_BLACK = 1
_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")

CODE_PAGE = 1252
_CODEC = f"cp{CODE_PAGE}"
_CHUNK = 4096
_PROJECT_VERSION = bytes.fromhex("cc61ffff000100")  # the _VBA_PROJECT stream without a cache, 2.3.4.1
_ENGLISH = 0x409
_COOKIE = 0xFFFF
_OFFICE = (
    "Office",
    "*\\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#MSO.DLL#Microsoft Office 16.0 Object Library",
)
_STDOLE = ("stdole", "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#stdole2.tlb#OLE Automation")
_DOCUMENT_LINES = (
    'Attribute VB_Base = "0{%s}"',
    "Attribute VB_GlobalNameSpace = False",
    "Attribute VB_Creatable = False",
    "Attribute VB_PredeclaredId = True",
    "Attribute VB_Exposed = True",
    "Attribute VB_TemplateDerived = False",
    "Attribute VB_Customizable = True",
)


class ModuleKind(Enum):
    """The kind of a module; documents carry the class identifier of the workbook or sheet."""

    PROCEDURES = ""
    WORKBOOK = "00020819-0000-0000-C000-000000000046"
    WORKSHEET = "00020820-0000-0000-C000-000000000046"


@dataclass(frozen=True)
class Module:
    """A module; `code` is what the editor shows, with any line ends. A document's name is the code name of its part."""

    name: str
    code: str
    kind: ModuleKind = ModuleKind.PROCEDURES

    @property
    def source(self) -> str:
        """The text as it is stored: with its attributes, and lines that end in CR LF."""
        lines = [f'Attribute VB_Name = "{self.name}"']
        if self.kind is not ModuleKind.PROCEDURES:
            lines += [line.replace("%s", self.kind.value) for line in _DOCUMENT_LINES]
        return "\r\n".join([*lines, *self.code.splitlines(), ""])


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """The bytes of a compound file.

    Args:
        streams: contents by path; a path is a name of at most 31 characters, or "Storage/name".

    Raises:
        ValueError: for a name that the format cannot hold, and for more than about 7 MB.
    """
    entries = _directory(streams)
    mini, mini_fat = _mini_stream(entries)
    entries[0].content = mini
    large = [entry for entry in entries if entry.kind == _ROOT or entry.size >= _MINI_CUTOFF]
    table, body = _Sectors(), bytearray()
    for entry in large:
        entry.start, piece = table.add(entry.content)
        body += piece
    entries[0].size = len(mini)
    mini_fat_start, piece = table.add(struct.pack(f"<{len(mini_fat)}I", *mini_fat), fill=b"\xff")
    body += piece
    directory = b"".join(entry.packed() for entry in entries)
    empty = _Entry("", 0).packed()[:64] + bytes(2) + bytes(2) + struct.pack("<3I", _NONE, _NONE, _NONE) + bytes(48)
    directory += empty * (-len(entries) % 4)
    directory_start, piece = table.add(directory)
    body += piece
    fat_start, fat = table.closed()
    mini_fat_sectors = -(-len(mini_fat) * 4 // _SECTOR)
    header = _header(directory_start, mini_fat_start, mini_fat_sectors, fat_start, len(fat) // _SECTOR)
    return header + bytes(body) + fat


def vba_project(name: str, version: tuple[int, int], modules: Sequence[Module]) -> bytes:
    """The bytes of vbaProject.bin, unprotected, with references to OLE Automation and Office.

    Args:
        name: the project's name, an identifier.
        version: two numbers, of which the second is below 65,536.
        modules: the modules; one of them the workbook's.

    Raises:
        ValueError: for text that Windows' western code page cannot hold, for two modules of one name, or a project
            without a workbook.
    """
    if len({module.name.upper() for module in modules}) != len(modules):
        raise ValueError("two modules have one name")
    if not any(module.kind is ModuleKind.WORKBOOK for module in modules):
        raise ValueError("no module is the workbook's")
    streams = {f"VBA/{module.name}": compressed(module.source.encode(_CODEC)) for module in modules}
    streams["VBA/_VBA_PROJECT"] = _PROJECT_VERSION
    streams["VBA/dir"] = compressed(_dir(name, version, modules))
    streams["PROJECTwm"] = _name_map(modules)
    streams["PROJECT"] = _project(name, modules).encode(_CODEC)
    return compound_file(streams)


def scrambled(data: bytes, identifier: str) -> str:
    """Data as the PROJECT stream hides it (2.4.3.2), in hexadecimal; the seed is fixed."""
    seed, version = 0, 2
    key = sum(identifier.encode("ascii")) & 0xFF
    filler = (seed & 6) // 2
    plain = bytes(filler) + struct.pack("<I", len(data)) + data
    written = [seed, seed ^ version, seed ^ key]
    before_last, last, unscrambled = written[1], written[2], key
    for byte in plain:
        hidden = byte ^ ((before_last + unscrambled) & 0xFF)
        written.append(hidden)
        before_last, last, unscrambled = last, hidden, byte
    return bytes(written).hex().upper()


def compressed(data: bytes) -> bytes:
    """A compressed container (2.4.1): chunks of 4,096 bytes, repeats stated as distance and length."""
    chunks = (_chunk(data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK))
    return b"\x01" + b"".join(chunks)


@dataclass
class _Entry:
    """An entry of the directory; `start` is a sector, or a mini sector for short streams."""

    name: str
    kind: int
    content: bytes = b""
    start: int = 0
    size: int = 0
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE

    def packed(self) -> bytes:
        """The 128 bytes; class identifier, state and times are zero."""
        name = (self.name + "\0").encode("utf-16-le")
        head = struct.pack("<64sHBBIII", name, len(name), self.kind, _BLACK, self.left, self.right, self.child)
        return head + bytes(16 + 4 + 8 + 8) + struct.pack("<IQ", self.start, self.size)


def _directory(streams: Mapping[str, bytes]) -> list[_Entry]:
    """The root, its storages and streams, as trees of which every node is black ([MS-CFB] 2.6.4 allows that)."""
    entries = [_Entry("Root Entry", _ROOT)]
    inside: dict[str, list[int]] = {"": []}
    for path, content in streams.items():
        storage, _, name = path.rpartition("/")
        if storage not in inside:
            inside[storage] = []
            inside[""].append(len(entries))
            entries.append(_Entry(storage, _STORAGE))
        inside[storage].append(len(entries))
        entries.append(_Entry(name, _STREAM, content, size=len(content)))
    for entry in entries:
        if not 0 < len(entry.name) <= 31 or set(entry.name) & set("/\\:!"):
            raise ValueError(f"{entry.name!r} cannot be the name of a stream")
    entries[0].child = _tree(entries, inside.pop(""))
    for entry in entries:
        if entry.kind == _STORAGE:
            entry.child = _tree(entries, inside[entry.name])
    return entries


def _tree(entries: Sequence[_Entry], places: Sequence[int]) -> int:
    """Link the entries at `places` into a balanced tree, in the order of the format; its top."""

    def linked(ordered: Sequence[int]) -> int:
        if not ordered:
            return _NONE
        middle = len(ordered) // 2
        top = ordered[middle]
        entries[top].left, entries[top].right = linked(ordered[:middle]), linked(ordered[middle + 1 :])
        return top

    return linked(sorted(places, key=lambda place: (len(entries[place].name), entries[place].name.upper())))


def _mini_stream(entries: Sequence[_Entry]) -> tuple[bytes, list[int]]:
    """The short streams one after the other, and which mini sector follows which."""
    mini, following = bytearray(), list[int]()
    for entry in entries:
        if entry.kind != _STREAM or entry.size >= _MINI_CUTOFF:
            continue
        if not entry.content:
            entry.start = _END
            continue
        entry.start = len(following)
        sectors = -(-entry.size // _MINI_SECTOR)
        following += [*range(entry.start + 1, entry.start + sectors), _END]
        mini += entry.content.ljust(sectors * _MINI_SECTOR, b"\0")
    return bytes(mini), following


class _Sectors:
    """The allocation table while the file grows."""

    def __init__(self) -> None:
        self._following: list[int] = []

    def add(self, content: bytes, fill: bytes = b"\0") -> tuple[int, bytes]:
        """A chain of sectors for `content`: the first of them, and the content filled up to their size."""
        if not content:
            return _END, b""
        start, sectors = len(self._following), -(-len(content) // _SECTOR)
        self._following += [*range(start + 1, start + sectors), _END]
        return start, content.ljust(sectors * _SECTOR, fill)

    def closed(self) -> tuple[int, bytes]:
        """The table itself, with its own sectors in it, and where it begins."""
        start, own = len(self._following), 1
        while (start + own) * 4 > own * _SECTOR:
            own += 1
        if own > _IN_HEADER:
            raise ValueError("a compound file of more than 7 MB is not written")
        self._following += [_FAT_SECTOR] * own
        packed = struct.pack(f"<{len(self._following)}I", *self._following)
        return start, packed.ljust(own * _SECTOR, b"\xff")


def _header(directory: int, mini_fat: int, mini_fat_sectors: int, fat: int, fat_sectors: int) -> bytes:
    places = [*range(fat, fat + fat_sectors)] + [_FREE] * (_IN_HEADER - fat_sectors)
    head = _SIGNATURE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    sizes = (0, fat_sectors, directory, 0, _MINI_CUTOFF, mini_fat, mini_fat_sectors, _END, 0)
    return head + struct.pack("<9I", *sizes) + struct.pack(f"<{_IN_HEADER}I", *places)


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HI", number, len(content)) + content


def _both(number: int, text: str, unicode_number: int) -> bytes:
    """Text in the code page and again in UTF-16, as most records hold it."""
    return _record(number, text.encode(_CODEC)) + _record(unicode_number, text.encode("utf-16-le"))


def _dir(name: str, version: tuple[int, int], modules: Sequence[Module]) -> bytes:
    """The dir stream (2.3.4.2): the properties of the project, its references, its modules."""
    major, minor = version
    information = [
        _record(0x01, struct.pack("<I", 1)),  # written on 32-bit Windows; both sorts of Office read it
        _record(0x02, struct.pack("<I", _ENGLISH)),
        _record(0x14, struct.pack("<I", _ENGLISH)),
        _record(0x03, struct.pack("<H", CODE_PAGE)),
        _record(0x04, name.encode(_CODEC)),
        _both(0x05, "", 0x40),
        _record(0x06, b"") + _record(0x3D, b""),
        _record(0x07, struct.pack("<I", 0)),
        _record(0x08, struct.pack("<I", 0)),
        struct.pack("<HIIH", 0x09, 4, major, minor),
        _both(0x0C, "", 0x3C),
    ]
    references = [
        _both(0x16, reference, 0x3E) + _record(0x0D, struct.pack("<I", len(library)) + library.encode() + bytes(6))
        for reference, library in (_STDOLE, _OFFICE)
    ]
    heads = [_record(0x0F, struct.pack("<H", len(modules))), _record(0x13, struct.pack("<H", _COOKIE))]
    return b"".join([*information, *references, *heads, *(_module(module) for module in modules), _record(0x10, b"")])


def _module(module: Module) -> bytes:
    kind = 0x21 if module.kind is ModuleKind.PROCEDURES else 0x22
    return b"".join(
        [
            _both(0x19, module.name, 0x47),
            _both(0x1A, module.name, 0x32),
            _both(0x1C, "", 0x48),
            _record(0x31, struct.pack("<I", 0)),  # the text begins the stream: there is no cache before it
            _record(0x1E, struct.pack("<I", 0)),
            _record(0x2C, struct.pack("<H", _COOKIE)),
            _record(kind, b""),
            _record(0x2B, b""),
        ]
    )


def _name_map(modules: Sequence[Module]) -> bytes:
    """The PROJECTwm stream (2.3.3)."""
    names = (module.name.encode(_CODEC) + b"\0" + module.name.encode("utf-16-le") + b"\0\0" for module in modules)
    return b"".join(names) + b"\0\0"


def _project(name: str, modules: Sequence[Module]) -> str:
    """The PROJECT stream (2.3.1). The identifier is made from the name, so that it stays from version to version."""
    digest = hashlib.sha256(name.encode()).hexdigest().upper()
    identifier = f"{{{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}}}"
    lines = [f'ID="{identifier}"']
    for module in modules:
        word = "Module={}" if module.kind is ModuleKind.PROCEDURES else "Document={}/&H00000000"
        lines.append(word.format(module.name))
    open_to_all = {"CMG": bytes(4), "DPB": b"\0", "GC": b"\xff"}  # no protection, no password, visible
    protection = [f'{key}="{scrambled(value, identifier)}"' for key, value in open_to_all.items()]
    lines += [f'Name="{name}"', 'HelpContextID="0"', 'VersionCompatible32="393222000"', *protection, ""]
    lines += ["[Host Extender Info]", "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000", ""]
    lines += ["[Workspace]", *(f"{module.name}=0, 0, 0, 0, C" for module in modules)]
    return "\r\n".join([*lines, ""])


def _chunk(data: bytes) -> bytes:
    packed = _tokens(data)
    if len(packed) < _CHUNK:
        return struct.pack("<H", 0xB000 | (len(packed) - 1)) + packed
    return struct.pack("<H", 0x3FFF) + data.ljust(_CHUNK, b"\0")  # what does not shrink is kept as it is


def _tokens(data: bytes) -> bytes:
    """Groups of eight tokens behind a byte that says which of them are repeats (2.4.1.3.8)."""
    seen: dict[bytes, list[int]] = {}
    out, place = bytearray(), 0
    while place < len(data):
        flags, group = 0, bytearray()
        for bit in range(8):
            if place >= len(data):
                break
            length, distance = _repeat(data, place, seen)
            if length:
                flags |= 1 << bit
                group += _copy_token(place, distance, length)
            else:
                group.append(data[place])
            step = max(length, 1)
            for passed in range(place, place + step):
                seen.setdefault(data[passed : passed + 3], []).append(passed)
            place += step
        out.append(flags)
        out += group
    return bytes(out)


def _offset_bits(place: int) -> int:
    """How many bits of a copy token hold the distance, at this place in the chunk (2.4.1.3.19.1)."""
    return max(4, (place - 1).bit_length())


def _repeat(data: bytes, place: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    """The longest earlier run that is repeated here: length (0 for none, or 3 and more) and distance."""
    longest = min((0xFFFF >> _offset_bits(place)) + 3, len(data) - place) if place else 0
    best, distance = 0, 0
    for start in reversed(seen.get(data[place : place + 3], ())) if longest >= 3 else ():
        length = 3
        while length < longest and data[start + length] == data[place + length]:
            length += 1
        if length > best:
            best, distance = length, place - start
        if best == longest:
            break
    return best, distance


def _copy_token(place: int, distance: int, length: int) -> bytes:
    return struct.pack("<H", ((distance - 1) << (16 - _offset_bits(place))) | (length - 3))
