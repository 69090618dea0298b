"""The zip file around a workbook: reads its members raw, and writes unchanged ones with the same bytes."""

import copy
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cpa_xl.errors import Refusal

LARGEST_PART = 2**31  # bytes: more than any sheet Excel can hold, and less than what fills a machine
_LARGEST_ARCHIVE = 2**32 - 1  # bytes: above it the zip64 form would be needed
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time of a zip member; new members get it, so files repeat
_AT_ONCE = 2**16  # compressed bytes unpacked in one step
_QUICK = 1  # compression level of long sheets: 500,000 rows take 1 s instead of 4, and a third more room
_CRC_POLYNOMIAL = 0xEDB88320  # of CRC-32, lowest power in the highest bit
_SIZES_FOLLOW = 0x08  # flag bit: the sizes follow the data, the header has none
_ENCRYPTED = 0x01
_UTF8_NAME = 0x800
_ZIP64 = 0x0001


@dataclass(frozen=True)
class Packed:
    """A compressed part in consecutive pieces, with the size and the CRC-32 of its plain bytes."""

    pieces: tuple[bytes, ...]
    size: int
    crc: int

    def __add__(self, other: "Packed") -> "Packed":
        """Both, one after the other; only the last piece of a part may be a `last` one."""
        crc = _joined_crc(self.crc, other.crc, other.size)
        return Packed(self.pieces + other.pieces, self.size + other.size, crc)


class Packer:
    """Compresses bytes as they arrive and keeps only the compressed ones."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(_QUICK, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._packed = io.BytesIO()
        self._size = self._crc = 0

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)
        self._packed.write(self._packer.compress(data))

    def finished(self, *, last: bool = False) -> Packed:
        """All bytes so far, so that others can follow, or (`last`) as the end of a part."""
        self._packed.write(self._packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH))
        return Packed((self._packed.getvalue(),), self._size, self._crc)


def packed(data: bytes, *, last: bool = False) -> Packed:
    """Compressed bytes that others can follow, or (`last`) that end a part."""
    packer = Packer()
    packer.add(data)
    return packer.finished(last=last)


def _joined_crc(first: int, second: int, length: int) -> int:
    """The CRC-32 of two pieces, the second `length` bytes long: the first times x^(8 length), plus the second."""
    shift, power, bits = 1 << 31, 1 << 30, 8 * length
    while bits:
        if bits & 1:
            shift = _product(shift, power)
        power = _product(power, power)
        bits >>= 1
    return _product(shift, first) ^ second


def _product(one: int, other: int) -> int:
    """The product of two polynomials over two elements, modulo that of CRC-32."""
    result = 0
    for place in range(31, -1, -1):
        if one >> place & 1:
            result ^= other
        other = other >> 1 ^ (_CRC_POLYNOMIAL if other & 1 else 0)
    return result


@dataclass(frozen=True)
class Member:
    """One member of the zip file: its header, and its bytes, `stored` (compressed, in pieces) or `fresh` (plain).

    outline: the part without the rows that were checked while they were written; later checks read it instead.
    unseen: the first and the last of those rows.
    """

    info: zipfile.ZipInfo
    stored: tuple[bytes, ...]
    local_extra: bytes = b""
    fresh: bytes | None = None
    outline: bytes | None = None
    unseen: tuple[int, int] = (0, -1)

    @property
    def name(self) -> str:
        """The name as written in the file."""
        return self.info.orig_filename

    def data(self) -> bytes:
        """The bytes of the part. Raises Refusal when they are damaged, encrypted or too many."""
        if self.fresh is not None:
            return self.fresh
        whole = io.BytesIO()
        for block in self.blocks():
            whole.write(block)
        return whole.getvalue()

    def blocks(self) -> Iterator[bytes]:
        """The bytes of the part piece by piece. Raises Refusal, at the latest after the last piece."""
        if self.fresh is not None:
            yield self.fresh
            return
        info = self.info
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refusal(f"part {self.name} is encrypted or compressed in a way Excel does not use")
        if info.file_size > LARGEST_PART:
            raise Refusal(f"part {self.name} says it holds {info.file_size:,} bytes; the limit is {LARGEST_PART:,}")
        size = crc = 0
        for block in self._unpacked() if info.compress_type == zipfile.ZIP_DEFLATED else self.stored:
            size += len(block)
            crc = zlib.crc32(block, crc)
            if size > info.file_size:
                break
            yield block
        if (size, crc) != (info.file_size, info.CRC):
            raise Refusal(f"part {self.name} is damaged: its checksum does not match")

    def _unpacked(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for piece in self.stored:
                for at in range(0, len(piece), _AT_ONCE):
                    yield unpacker.decompress(piece[at : at + _AT_ONCE])
        except zlib.error as error:
            raise Refusal(f"part {self.name} is damaged: {error}") from error

    def with_data(self, data: bytes) -> "Member":
        """The member with other bytes and the same name and time."""
        return Member(self._info_of(len(data), zlib.crc32(data)), (), fresh=data)

    def with_packed(self, data: Packed, outline: bytes, unseen: tuple[int, int]) -> "Member":
        """The member with bytes that are compressed already; `outline` and `unseen` as for the class."""
        return Member(self._info_of(data.size, data.crc), data.pieces, outline=outline, unseen=unseen)

    def _info_of(self, size: int, crc: int) -> zipfile.ZipInfo:
        info = copy.copy(self.info)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.flag_bits &= _UTF8_NAME
        info.CRC, info.file_size = crc, size
        return info

    def bare(self) -> "Member":
        """The member without remark and extra fields, where programs keep times, owners and more."""
        if not (self.info.comment or self.info.extra or self.local_extra):
            return self
        info = copy.copy(self.info)
        info.comment, info.extra = b"", b""
        return replace(self, info=info, local_extra=b"")

    def outlined(self) -> "Member":
        """The member with its outline as its bytes, if it has one."""
        return self if self.outline is None else replace(self.with_data(self.outline), unseen=self.unseen)

    def packed(self) -> tuple[bytes, ...]:
        """The bytes as the zip file stores them; the same data always gives the same bytes."""
        if self.fresh is None:
            return self.stored
        packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.fresh), packer.flush()

    def same_content(self, other: "Member") -> bool:
        """Whether both hold the same plain bytes, however they are compressed."""
        mine, theirs = self.info, other.info
        if (mine.file_size, mine.CRC) != (theirs.file_size, theirs.CRC):
            return False
        if self.fresh is other.fresh is None and b"".join(self.stored) == b"".join(other.stored):
            return True
        others, rest = other.blocks(), b""
        for block in self.blocks():
            while len(rest) < len(block):
                rest += next(others)
            if not rest.startswith(block):
                return False
            rest = rest[len(block) :]
        return True


def new_member(name: str, data: bytes) -> Member:
    """A new member."""
    info = zipfile.ZipInfo(name, EPOCH)
    if not name.isascii():
        info.flag_bits |= _UTF8_NAME
    return Member(info, ()).with_data(data)


def read_archive(path: Path) -> tuple[Member, ...]:
    """All members in the order of the file's directory. Raises Refusal, naming the file, when it is not a zip."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}") from error
    if content.startswith(_OLE):
        raise Refusal(_what_ole_file(path, content))
    try:
        with zipfile.ZipFile(path) as file:
            if not all(info.filename for info in file.infolist()):
                raise zipfile.BadZipFile("a part in it has no name")
            infos = [info for info in file.infolist() if not info.is_dir()]
        return tuple(_raw_member(info, content) for info in infos)
    except (zipfile.BadZipFile, struct.error, NotImplementedError) as error:
        raise Refusal(
            f"{path} is not a workbook: an .xlsx or .xlsm file is a zip file, and this is not ({error})"
        ) from error


def _what_ole_file(path: Path, content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return f"{path} is encrypted; open it in Excel, remove the password and save it again"
    return f"{path} is a workbook of the old .xls kind; save it in Excel as .xlsx or .xlsm"


def _raw_member(info: zipfile.ZipInfo, content: bytes) -> Member:
    signature, name_length, extra_length = struct.unpack_from("<4s22xHH", content, info.header_offset)
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"no member where the directory says {info.filename} begins")
    names_at = info.header_offset + 30
    begins = names_at + name_length + extra_length
    ends = begins + info.compress_size
    if ends > len(content):
        raise zipfile.BadZipFile(f"the file ends inside {info.filename}")
    return Member(info, (content[begins:ends],), content[names_at + name_length : begins])


def archive_pieces(members: Iterable[Member]) -> tuple[bytes, ...]:
    """The zip file of these members, in this order, in pieces; the same members always give the same bytes."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for member in members:
        stored = member.packed()
        size = sum(map(len, stored))
        header, entry = _headers(member, size, offset)
        pieces += (header, *stored)
        directory.append(entry)
        offset += len(header) + size
    listing = b"".join(directory)
    if offset + len(listing) > _LARGEST_ARCHIVE or len(directory) > 0xFFFF:
        raise Refusal("the workbook would be larger than 4 GB; Excel could not open it")
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(directory), len(directory), len(listing), offset, 0)
    return (*pieces, listing, end)


def _headers(member: Member, size: int, offset: int) -> tuple[bytes, bytes]:
    """The header before the data and the entry in the directory."""
    info = member.info
    flags = info.flag_bits & ~_SIZES_FOLLOW
    name = info.orig_filename.encode("utf-8" if flags & _UTF8_NAME else "cp437")
    year, month, day, hour, minute, second = info.date_time
    date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
    local_extra, extra = _without_zip64(member.local_extra), _without_zip64(info.extra)
    version = max(20, min(info.extract_version, 44))  # 45 would promise zip64
    shared = (flags, info.compress_type, time, date, info.CRC, size, info.file_size, len(name))
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", version, *shared, len(local_extra))
    entry = struct.pack(
        "<4s2B5HL2L5H2L",
        *(b"PK\x01\x02", info.create_version, info.create_system, version, *shared),
        *(len(extra), len(info.comment), 0, info.internal_attr, info.external_attr, offset),
    )
    return header + name + local_extra, entry + name + extra + info.comment


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields without the wide sizes, which a file under 4 GB does not need."""
    kept, at = [], 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind != _ZIP64:
            kept.append(extra[at : at + 4 + length])
        at += 4 + length
    return b"".join(kept)
