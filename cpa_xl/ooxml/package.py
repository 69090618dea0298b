"""The parts of a workbook file: copies, patches and compares them, and writes the file all or nothing."""

import os
import posixpath
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import unquote

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.validate import find_faults
from cpa_xl.ooxml.xml import REPAIR, Element, Encoding, Malformed, encoding_of, from_utf8, parse, to_utf8
from cpa_xl.ooxml.zip import Member, Packed, archive_pieces, new_member, packed, read_archive

CONTENT_TYPES = "[Content_Types].xml"
_WORKBOOK_TYPES = (
    "sheet.main+xml",
    "sheet.macroEnabled.main+xml",
    "template.main+xml",
    "template.macroEnabled.main+xml",
)
_BINARY_WORKBOOK = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
_SIGNATURE = "/digital-signature/origin"


class MissingPart(Refusal, KeyError):
    """The package lacks a part that another part may lead to; the argument is its name."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(name)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} lacks the part {self.args[0]}; {REPAIR}"


class PartChange(Enum):
    """What happened to a part between two files."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class PartDifference:
    """A part that differs between two files."""

    name: str
    kind: PartChange


@dataclass(frozen=True)
class Relationship:
    """A link from one part to another: `target` is a part's name, or (`external`) an address elsewhere."""

    id: str
    type: str
    target: str
    external: bool

    def is_a(self, kind: str) -> bool:
        """Whether the type ends in /kind; this holds for transitional and strict files alike."""
        return self.type.rpartition("/")[2] == kind


@dataclass(frozen=True)
class Package:
    """The parts of a workbook file. Names match in any case, with or without a leading "/"."""

    path: Path
    members: tuple[Member, ...]
    origin: tuple[Member, ...] = field(repr=False)  # as read: the faults of these are not ours

    @classmethod
    def read(cls, path: Path) -> "Package":
        """Read a file. Raises Refusal that names it: not a zip, encrypted, .xls, .xlsb, damaged, not a workbook."""
        members = read_archive(path)
        package = cls(path, members, members)
        if len(package._places) != len(members):
            raise Refusal(f"{path} is damaged: it holds two parts of the same name")
        try:
            workbook_type = package.content_type(package.workbook_part)
        except KeyError as error:
            raise Refusal(f"{path} is a zip file, but not a workbook: it lacks {error.args[0]}") from error
        if workbook_type == _BINARY_WORKBOOK:
            raise Refusal(f"{path} is a binary workbook (.xlsb); save it in Excel as .xlsx or .xlsm")
        if not workbook_type.endswith(_WORKBOOK_TYPES):
            raise Refusal(f"{path} is not a workbook: its main part is of the type {workbook_type or 'unknown'}")
        return package

    @cached_property
    def _places(self) -> dict[str, int]:
        return {_key(member.name): place for place, member in enumerate(self.members)}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts in the order of the file, as links write them: "/" between folders, none in front."""
        return tuple(_plain_name(member.name) for member in self.members)

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._places

    def _member(self, name: str) -> Member:
        if name not in self:
            raise MissingPart(self.path, name)
        return self.members[self._places[_key(name)]]

    def member(self, name: str) -> Member:
        """The member of the zip file that holds a part; copies of the package share it until it changes."""
        return self._member(name)

    def part(self, name: str) -> bytes:
        """The bytes of a part. Raises KeyError when it is missing, Refusal when it is damaged."""
        member = self._member(name)
        try:
            return member.data()
        except Refusal as error:
            raise Refusal(f"{self.path}: {error}") from error

    def text(self, name: str) -> bytes:
        """An XML part in UTF-8, without byte order mark. Raises KeyError; Refusal that names file and part."""
        try:
            return to_utf8(self.part(name))[0]
        except Malformed as error:
            raise Refusal(f"{self.path}, part {name}: {error}") from error

    def root(self, name: str) -> Element:
        """The root element of an XML part; its offsets are those of `text(name)`."""
        try:
            return parse(self.text(name))
        except Malformed as error:
            raise Refusal(f"{self.path}, part {name}: {error}") from error

    def with_part(self, name: str, data: bytes) -> "Package":
        """The package with these bytes in the part; the same package when the part holds them already."""
        if name not in self:
            self._refuse_signed()
            return Package(self.path, (*self.members, new_member(name, data)), self.origin)
        return self._with_member(self._member(name).with_data(data))

    def _with_member(self, changed: Member) -> "Package":
        place = self._places[_key(changed.name)]
        if self.members[place].same_content(changed):
            return self
        self._refuse_signed()
        return Package(self.path, (*self.members[:place], changed, *self.members[place + 1 :]), self.origin)

    def encoding(self, name: str) -> Encoding:
        """How an XML part is encoded. Raises KeyError; Refusal as `part`."""
        return encoding_of(next(self._member(name).blocks(), b""))

    def with_text(self, name: str, text: bytes) -> "Package":
        """The package with this UTF-8 text in the XML part, in the part's own encoding."""
        return self.with_part(name, from_utf8(text, self.encoding(name)))

    def with_long_text(self, name: str, outline: tuple[bytes, int], middle: Packed, rows: tuple[int, int]) -> "Package":
        """The package with packed rows at one place of the XML part's outline (its UTF-8 text, and that place).

        The packed bytes are in the part's encoding. The caller has checked them and updates all that refers to those
        rows (first, last): `save` checks the outline only.
        """
        text, place = outline
        encoding = self.encoding(name)
        begin = from_utf8(text[:place], encoding)
        end = from_utf8(text[place:], Encoding(encoding.codec, b""))
        whole = packed(begin) + middle + packed(end, last=True)
        return self._with_member(self._member(name).with_packed(whole, begin + end, rows))

    def without_part(self, name: str) -> "Package":
        """The package without this part; the caller changes all that refers to it. Raises KeyError."""
        self._member(name)
        self._refuse_signed()
        place = self._places[_key(name)]
        return Package(self.path, self.members[:place] + self.members[place + 1 :], self.origin)

    def without_remarks(self) -> "Package":
        """The package without the zip file's remarks and extra fields; names and dates stay."""
        members = tuple(member.bare() for member in self.members)
        return self if members == self.members else Package(self.path, members, self.origin)

    def _refuse_signed(self) -> None:
        if any(_SIGNATURE in relationship.type for relationship in self.relationships("")):
            raise Refusal(
                f"{self.path} is digitally signed, and any change breaks the signature; "
                "remove the signature in Excel (File, Info), and sign again afterwards"
            )

    @cached_property
    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        defaults, overrides = {}, {}
        for element in self.root(CONTENT_TYPES).children:
            if element.name == "Default":
                defaults[element.attributes["Extension"].casefold()] = element.attributes["ContentType"]
            elif element.name == "Override":
                overrides[_key(element.attributes["PartName"])] = element.attributes["ContentType"]
        return defaults, overrides

    def content_type(self, name: str) -> str:
        """The content type of a part, "" when the file states none."""
        defaults, overrides = self._content_types
        return overrides.get(_key(name)) or defaults.get(_key(name).rpartition(".")[2], "")

    def relationships(self, source: str) -> tuple[Relationship, ...]:
        """The links of a part, or ("") of the package itself."""
        name = relationships_part(source)
        if name not in self:
            return ()
        try:
            return _relationships(source, self.text(name))
        except Malformed as error:
            raise Refusal(f"{self.path}, part {name}: {error}") from error

    @cached_property
    def workbook_part(self) -> str:
        """The name of the main part. Raises KeyError."""
        if CONTENT_TYPES not in self:
            raise KeyError(CONTENT_TYPES)
        for relationship in self.relationships(""):
            if relationship.is_a("officeDocument") and relationship.target in self:
                return relationship.target
        raise KeyError("a workbook part")

    def stated_parts(self) -> tuple[str, ...]:
        """The parts that the content types name one by one."""
        return tuple(self._content_types[1])

    def unseen_rows(self, name: str) -> tuple[int, int]:
        """The first and the last row that the text of a sheet leaves out; (0, -1) where it holds all."""
        return self._member(name).unseen

    def links(self, source: str) -> tuple[Relationship, ...]:
        """The links of a part (as `relationships`)."""
        return self.relationships(source)

    @property
    def original(self) -> "Package":
        """The package as it was read."""
        return Package(self.path, self.origin, self.origin)

    def differs(self, name: str) -> bool:
        """Whether a part differs from the one that was read."""
        original = self.original
        return name not in original or not self._member(name).same_content(original._member(name))

    def checked(self) -> tuple[bytes, ...]:
        """The file that the parts make, in pieces; unchanged parts keep their compressed bytes.

        Raises Refusal when the parts have a fault that the original had not.
        """
        outlined = Package(self.path, tuple(member.outlined() for member in self.members), self.origin)
        faults = validate(outlined) if self.members != self.origin else ()
        if faults:
            known = set(validate(self.original))
            faults = tuple(fault for fault in faults if fault not in known)
        if faults:
            raise Refusal(f"{self.path} would be damaged, so nothing is written: {'; '.join(faults[:5])}")
        return archive_pieces(self.members)

    def save(self, path: Path) -> None:
        """Write the file: beside its place first, checked, then moved into place in one step.

        Raises Refusal, and changes no file, when the parts have a fault that the original does not have, or when the
        file cannot be written.
        """
        write_whole(path, self.checked())


def is_open_in_excel(path: Path) -> bool:
    """Whether the file is open: Excel then keeps a file ~$name beside it, and on Windows locks it."""
    if path.with_name("~$" + path.name).exists():
        return True
    if os.name != "nt" or not path.exists():
        return False
    try:
        with path.open("r+b"):
            return False
    except PermissionError:
        return True


def refuse_if_open(path: Path) -> None:
    """Raise Refusal when the file is open in Excel or LibreOffice."""
    if path.with_name(f".~lock.{path.name}#").exists():
        raise Refusal(f"{path} is open in LibreOffice; save and close it there first")
    if is_open_in_excel(path):
        raise Refusal(
            f"{path} is open in Excel; save and close it there first (if it is not open there, Excel left the file "
            f"~${path.name} behind when it last stopped: delete that)"
        )


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file from its pieces; at any moment the old or the new file is there whole. Raises Refusal."""
    path = path.resolve()  # where a link leads
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with beside.open("xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                beside.chmod(path.stat().st_mode & 0o777)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise Refusal(
            f"{path} cannot be written: {error.strerror or error}; what was there is unchanged. "
            "Close it where it is open, and check that you may write to its folder"
        ) from error


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _key(name: str) -> str:
    return _plain_name(name).casefold()


def relationships_part(source: str) -> str:
    """The name of the part that holds a part's links."""
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", base + ".rels")


@lru_cache(maxsize=1024)  # every step of a publication asks again, and few parts have other links by then
def _relationships(source: str, text: bytes) -> tuple[Relationship, ...]:
    folder, found = posixpath.dirname(source), []
    for element in parse(text).all("Relationship"):
        target = element.attributes["Target"]
        external = element.attributes.get("TargetMode") == "External"
        if not external:
            path = unquote(target.partition("#")[0]).replace("\\", "/")
            target = posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
        found.append(Relationship(element.attributes["Id"], element.attributes["Type"], target, external))
    return tuple(found)


def validate(package: Package) -> tuple[str, ...]:
    """One sentence for each fault that makes Excel offer a repair; none for a sound package."""
    return find_faults(package)


def compare(before: Path | Package, after: Path | Package) -> tuple[PartDifference, ...]:
    """The parts that differ, in the order of their names; all others are the same byte for byte."""
    old, new = _by_name(before), _by_name(after)
    differences = []
    for key in sorted(old.keys() | new.keys()):
        mine, theirs = old.get(key), new.get(key)
        if mine is None or theirs is None:
            kind = PartChange.ADDED if mine is None else PartChange.REMOVED
        elif not mine.same_content(theirs):
            kind = PartChange.CHANGED
        else:
            continue
        name = next(one.name for one in (theirs, mine) if one is not None)
        differences.append(PartDifference(name, kind))
    return tuple(differences)


def _by_name(file: Path | Package) -> Mapping[str, Member]:
    members = read_archive(file) if isinstance(file, Path) else file.members
    return {_key(member.name): member for member in members}
