"""The package that the freezing steps change: it lists what they take out, and drops parts without use."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from cpa_xl.ooxml.insert import without_typed_parts
from cpa_xl.ooxml.package import CONTENT_TYPES, Package, Relationship, relationships_part
from cpa_xl.ooxml.sheet import Sheet
from cpa_xl.ooxml.xml import Edit, Element, splice


@dataclass(frozen=True)
class Removed:
    """Something that a published copy lacks: its kind, its place or name, and how many."""

    kind: str
    name: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}" + (f" ({self.count:,})" if self.count != 1 else "")


@dataclass(frozen=True)
class Tab:
    """A sheet of whatever kind: its name, its part, the last word of its link's type, and its state."""

    name: str
    part: str
    kind: str
    state: str


@dataclass
class Stripping:
    """A package that is being changed, and what was taken out of it."""

    package: Package
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def removed(self) -> tuple[Removed, ...]:
        """What was taken out, in the order in which it was."""
        return tuple(Removed(kind, name, count) for (kind, name), count in self._counts.items())

    @property
    def workbook(self) -> str:
        """The name of the main part."""
        return self.package.workbook_part

    def frame(self, part: str) -> Element:
        """The elements of a part, of a worksheet those outside the cells; offsets are those of its text."""
        sheet = self.package.content_type(part).endswith("worksheet+xml")
        return Sheet(self.package.text(part)).frame if sheet else self.package.root(part)

    def note(self, kind: str, name: str, count: int = 1) -> None:
        """Put something on the list."""
        if count:
            self._counts[kind, name] += count

    def edit(self, part: str, edits: Iterable[Edit]) -> bool:
        """Change bytes of an XML part (offsets of its UTF-8 text); whether there was anything to change."""
        listed = list(edits)
        if listed:
            self.package = self.package.with_text(part, splice(self.package.text(part), listed))
        return bool(listed)

    def drop(self, part: str, elements: Iterable[Element]) -> int:
        """Take elements out of a part; how many they were."""
        edits = [Edit(element.start, element.end, b"") for element in elements]
        self.edit(part, edits)
        return len(edits)

    def unlink(self, source: str, wanted: Callable[[Relationship], bool]) -> list[Relationship]:
        """Take links off a part ("" for the package itself); those that there were."""
        found = [link for link in self.package.relationships(source) if wanted(link)]
        if found:
            name, ids = relationships_part(source), {link.id for link in found}
            entries = self.package.root(name).children
            self.drop(name, [entry for entry in entries if entry.attributes.get("Id") in ids])
            if len(ids) == len(entries):
                self.package = without_typed_parts(self.package, [name])
        return found

    def sweep(self, before: Collection[str]) -> None:
        """Take out the parts that were led to before, as `reached` said, and are not any more."""
        self.remove(set(before) - reached(self.package))

    def remove(self, parts: Collection[str]) -> None:
        """Take out parts, with their links and content types."""
        if parts:
            self.package = without_typed_parts(self.package, sorted(parts))
            self._sweep_types()

    def _sweep_types(self) -> None:
        """A content type of macros by a file's ending, without a file of that ending."""
        endings = {name.rpartition(".")[2].casefold() for name in self.package.names}
        defaults = self.package.root(CONTENT_TYPES).all("Default")
        self.drop(
            CONTENT_TYPES,
            [
                one
                for one in defaults
                if one.attributes.get("ContentType", "").casefold().startswith("application/vnd.ms-office.vba")
                and one.attributes.get("Extension", "").casefold() not in endings
            ],
        )

    def tabs(self) -> tuple[Tab, ...]:
        """Every sheet, in the order of the tabs."""
        links = {link.id: link for link in self.package.relationships(self.workbook)}
        listing = self.package.root(self.workbook).find("sheets")
        found = []
        for entry in listing.all("sheet") if listing else ():
            link = links.get(entry.attribute("id") or "")
            if link is not None:
                kind, state = link.type.rpartition("/")[2], entry.attributes.get("state", "visible")
                found.append(Tab(entry.attributes["name"], link.target, kind, state))
        return tuple(found)

    def worksheets(self) -> Iterator[Tab]:
        """The sheets of cells."""
        return (tab for tab in self.tabs() if tab.kind == "worksheet")

    def parts_of(self, *types: str) -> list[str]:
        """The parts whose content type ends so."""
        return [name for name in self.package.names if self.package.content_type(name).endswith(types)]


def reached(package: Package) -> set[str]:
    """The parts that links lead to, by the names under which the package has them."""
    names = {name.replace("\\", "/").lstrip("/").casefold(): name for name in package.names}
    found: set[str] = set()
    waiting = [""]
    while waiting:
        for link in package.relationships(waiting.pop()):
            name = None if link.external else names.get(link.target.casefold())
            if name is not None and name not in found:
                found.add(name)
                waiting.append(name)
    return found
