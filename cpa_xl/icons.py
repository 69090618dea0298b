"""The pictures of the buttons, drawn here as text and written as PNG files, so that they can be read and changed."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

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


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
