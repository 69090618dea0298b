"""Compound files ([MS-CFB], version 3): the little file system that a VBA project lies in.

Written so that the same streams always give the same bytes: no times, no random identifiers.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECTOR = 512
_MINI_SECTOR = 64
_MINI_CUTOFF = 4096  # shorter streams lie in the mini stream
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF  # no such directory entry
_IN_HEADER = 109  # places in the header for sectors of the allocation table: files up to 7 MB
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_BLACK = 1
_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")


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
