"""Pictures of a copy for readers: what they look like stays, what their files say beside it goes.

A camera writes into a picture where and when it was taken, and who owns it; programs write who worked on it.
JPEG: ITU-T T.81, B.1.1 (segments); PNG: W3C, third edition, 5.3 and 11.3; GIF: GIF89a, 24 and 26.
"""

import struct
from collections.abc import Iterator

from cpa_xl.stripping import Stripping

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SAID = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")
_JPEG = b"\xff\xd8\xff"
_SCAN, _END = 0xDA, 0xD9
# APP1 (Exif, XMP), APP3 to APP13 (makers of cameras, Photoshop), APP15, and remarks. APP0 (JFIF), APP2 (colours) and
# APP14 (Adobe's way to write colours) decide on the look.
_JPEG_SAID = frozenset((0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE))
_GIF = (b"GIF87a", b"GIF89a")
_GIF_SAID = (b"\x21\xfe", b"\x21\xff\x0bXMP DataXMP")


def strip_pictures(work: Stripping) -> None:
    """Take out of pictures what nobody sees."""
    for part in work.package.names:
        if not work.package.content_type(part).startswith("image/"):
            continue
        data = work.package.part(part)
        bare = bare_picture(data)
        if bare != data:
            work.package = work.package.with_part(part, bare)
            work.note("remarks in a picture", part)


def bare_picture(data: bytes) -> bytes:
    """A picture without remarks; one that is of another kind, or damaged, as it is."""
    try:
        if data.startswith(_PNG):
            return b"".join(_png(data))
        if data.startswith(_JPEG):
            return b"".join(_jpeg(data))
        if data.startswith(_GIF):
            return b"".join(_gif(data))
    except (struct.error, IndexError):
        pass
    return data


def _png(data: bytes) -> Iterator[bytes]:
    """The chunks that stay, to the last; a file may go on behind it."""
    yield _PNG
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise IndexError(end)
        if kind not in _PNG_SAID:
            yield data[at:end]
        at = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    """The segments that stay, and the scans behind them, to the end of the picture."""
    yield data[:2]
    at = 2
    while data[at + 1] != _END:
        if data[at] != 0xFF:
            raise IndexError(at)
        if data[at + 1] == 0xFF:  # fills up
            at += 1
            continue
        kind, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if end > len(data):
            raise IndexError(end)
        end = _end_of_scan(data, end) if kind == _SCAN else end
        if kind not in _JPEG_SAID:
            yield data[at:end]
        at = end
    yield data[at : at + 2]


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next mark stands: in a scan 0xFF stands before 0, or is the mark of an interval."""
    while data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
        at = data.find(b"\xff", at + 1)
        if at < 0:
            raise IndexError(at)
    return at


def _gif(data: bytes) -> Iterator[bytes]:
    """The blocks that stay."""
    at = 13 + _colours(data[10])
    yield data[:at]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at += 10 + _colours(data[at + 9]) + 1
        elif data[at] == 0x21:
            at += 2
        else:
            raise IndexError(at)
        while data[at]:
            at += 1 + data[at]
        at += 1
        if not data.startswith(_GIF_SAID, start):
            yield data[start:at]
    yield data[at : at + 1]


def _colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
