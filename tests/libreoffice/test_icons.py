"""The pictures of the buttons, read back with the standard library."""

import struct
import zlib

import pytest

from cpa_xl.libreoffice.extension import DRAWINGS, LARGE, SMALL, icon
from cpa_xl.libreoffice.menu import COMMANDS


def pixels(data: bytes) -> list[list[tuple[int, ...]]]:
    """The dots of a PNG file of one kind: 8 bits, colour with transparency, no filter."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, *kind = struct.unpack(">IIBBBBB", data[16:29])
    assert kind == [8, 6, 0, 0, 0]
    length = struct.unpack(">I", data[33:37])[0]
    assert zlib.crc32(data[37 : 41 + length]) == struct.unpack(">I", data[41 + length : 45 + length])[0]
    raw = zlib.decompress(data[41 : 41 + length])
    lines = [raw[row * (width * 4 + 1) + 1 : (row + 1) * (width * 4 + 1)] for row in range(height)]
    return [[tuple(line[dot : dot + 4]) for dot in range(0, width * 4, 4)] for line in lines]


def test_every_command_has_a_picture() -> None:
    assert DRAWINGS.keys() == COMMANDS.keys()
    assert all(len(line) == 13 for drawing in DRAWINGS.values() for line in (drawing, *drawing))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_a_picture_is_its_drawing(name: str, size: int) -> None:
    dots = pixels(icon(name, size))
    assert {len(dots), *map(len, dots)} == {size}
    edge, times = (1, 1) if size == SMALL else (0, 2)
    for row, line in enumerate(DRAWINGS[name]):
        for column, dot in enumerate(line):
            assert (dots[edge + row * times][edge + column * times][3] > 0) == (dot != ".")
    inked = sum(dot[3] > 0 for line in dots for dot in line)
    assert inked == times * times * sum(dot != "." for line in DRAWINGS[name] for dot in line)
