"""Pictures of one point with remarks in them that say S3CRET, and without, for tests."""

import struct
import zlib


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG_LOOK = (
    _chunk(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)),
    _chunk(b"IDAT", zlib.compress(b"\0\x7f")),
    _chunk(b"IEND", b""),
)
PNG_PLAIN = b"\x89PNG\r\n\x1a\n" + b"".join(PNG_LOOK)


def png() -> bytes:
    """One grey point, with a remark, a place in XMP and the moment."""
    said = _chunk(b"tEXt", b"Author\0S3CRET") + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x>S3CRET</x>")
    exif = _chunk(b"eXIf", b"MM\0*S3CRET")
    return PNG_PLAIN[:8] + PNG_LOOK[0] + said + exif + PNG_LOOK[1] + PNG_LOOK[2] + b"S3CRET behind the end"


def jpeg(*, remarks: bool) -> bytes:
    """The frame of a picture; with `remarks` also where it was taken (Exif), and by whom (Photoshop, a remark)."""

    def segment(kind: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data

    said = (
        segment(0xE1, b"Exif\0\0MM\0*S3CRET")
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>S3CRET</x>")
        + segment(0xED, b"Photoshop 3.0\0S3CRET")
        + segment(0xFE, b"by S3CRET")
    )
    look = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + (said if remarks else b"") + segment(0xDB, b"\0" + bytes(64))
    scan = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    behind = b"S3CRET behind the end" if remarks else b""
    return b"\xff\xd8" + look + scan + segment(0xC4, b"\xff\xd9") + scan + b"\xff\xd9" + behind


def gif(*, remarks: bool) -> bytes:
    """One point; with `remarks` also one of a person, and one of a program (XMP)."""
    said = b"\x21\xfe\x06S3CRET\0" + b"\x21\xff\x0bXMP DataXMP\x06S3CRET\0"
    look = b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b"\x21\xf9\4\0\0\0\0\0"
    end = b"S3CRET" if remarks else b""
    return look + (said if remarks else b"") + b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b" + end
