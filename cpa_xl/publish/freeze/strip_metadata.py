"""Takes out hidden traces of people, and the sentences for editors.

Traces are names in properties and comments, and texts that no cell shows. Sentences for editors ("pick a measure here")
are cells with a cell style of their own, which the configuration names.
"""

import re
from collections.abc import Iterator

from cpa_xl.formulas.graph import FormulaBook
from cpa_xl.ooxml.a1 import bounds, cell_position
from cpa_xl.ooxml.sheet import Position, Sheet
from cpa_xl.ooxml.styles import BookStyles
from cpa_xl.ooxml.xml import Edit, Element, asides, set_attribute, unescape
from cpa_xl.publish.freeze.work import Stripping, Tab
from cpa_xl.workbook.closed import ClosedWorkbook

# Title, subject, keywords and language are there for readers, and stay.
_OF_THE_HOUSE = frozenset(
    (
        *("creator", "lastModifiedBy", "description", "contentStatus", "category", "identifier", "version"),
        *("Company", "Manager", "HyperlinkBase", "Template", "HLinks", "DigSig"),
    )
)
_WHOLE = frozenset(("HLinks", "DigSig"))  # may not be empty
_SAID_OF_NAMES = ("comment", "description", "help", "statusBar", "customMenu")
_LISTS = frozenset(("HeadingPairs", "TitlesOfParts"))  # the names of sheets and names, also of those that left
_SHAPE = re.compile(rb"<v:shape\b(?:(?!</v:shape>).)*</v:shape>\s*", re.DOTALL)
_SHAPE_PLACE = {name: re.compile(rb"<x:%s>\s*(\d+)\s*</x:%s>" % (name, name)) for name in (b"Row", b"Column")}
_VALUES = frozenset(  # [MS-XLSX] 2.1: what types of data, pictures in cells and Python leave behind
    (
        *("rdArray", "rdRichValue", "rdRichValueStructure", "rdRichValueTypes", "rdSupportingPropertyBag"),
        *("rdSupportingPropertyBagStructure", "richStyles", "richValueRel", "rdRichValueWebImage"),
    )
)
_THREAD = "tc={"  # begins the author of a comment that replaces a thread in older programs


def strip_traces(work: Stripping, internal: str) -> None:
    """Take out the traces of people; `internal` begins the comments that readers shall not see."""
    for tab in work.worksheets():
        _strip_comments(work, tab, internal)
    _strip_properties(work)
    _strip_strings(work)
    _strip_names(work)
    _strip_values(work)


def strip_remarks(work: Stripping) -> None:
    """Take out remarks of programs in the parts themselves."""
    for part in work.package.names:
        if work.package.content_type(part).endswith("xml"):
            edits = [Edit(start, end, b"") for start, end in asides(work.package.text(part))]
            work.note("remark in the file", part, len(edits))
            work.edit(part, edits)


def strip_instructions(work: Stripping, style: str) -> None:
    """Take out the cells of that style, and links on them; one with a formula, or that a formula reads, stays."""
    looks = BookStyles(work.package).looks
    numbers = frozenset(
        str(number).encode() for number, look in enumerate(looks) if look.name.casefold() == style.casefold()
    )
    if not numbers:
        return
    read = FormulaBook(ClosedWorkbook(work.package)).dependencies
    for tab in work.worksheets():
        sheet = Sheet(work.package.text(tab.part))
        edits: dict[Position, Edit] = {}
        for row in sheet.rows:
            for cell in sheet.cells_in(row):
                place = (row.number, cell.number)
                styled = sheet.cell_attributes(cell).get(b"s", b"0") in numbers
                if styled and sheet.formula(cell) is None and not read.reached([(tab.name, *place)]):
                    edits[place] = Edit(cell.start, cell.end, b"")
        if work.edit(tab.part, edits.values()):
            work.note("sentence for editors of the workbook", tab.name, len(edits))
            _unlink(work, tab, edits)


def _strip_names(work: Stripping) -> None:
    """What is remarked on names."""
    text, edits = work.package.text(work.workbook), []
    for element in work.package.root(work.workbook).walk():
        if element.name == "definedName":
            own = [edit for key in _SAID_OF_NAMES for edit in set_attribute(text, element.start, key, None)]
            work.note("remark on a name", element.attributes["name"], bool(own))
            edits += own
    work.edit(work.workbook, edits)


def _strip_values(work: Stripping) -> None:
    """Take out the data behind cells that show more than their value in a pop-up; the value stays."""
    found = False
    for tab in work.worksheets():
        sheet = Sheet(work.package.text(tab.part))
        if b" vm=" in sheet.data[sheet.body_start : sheet.body_end]:
            cells = (cell for row in sheet.rows for cell in sheet.cells_in(row))
            edits = [edit for cell in cells for edit in set_attribute(sheet.data, cell.start, "vm", None)]
            work.note("data behind a cell", tab.name, len(edits))
            work.edit(tab.part, edits)
            found = found or bool(edits)
    kinds = _VALUES | ({"sheetMetadata"} if found and not _spills(work) else set())
    for link in work.unlink(work.workbook, lambda link: link.type.rpartition("/")[2] in kinds):
        work.note("data behind cells", link.target)


def _spills(work: Stripping) -> bool:
    return any(b" cm=" in work.package.text(tab.part) for tab in work.worksheets())


def _strip_properties(work: Stripping) -> None:
    for link in work.package.relationships(""):
        if link.target not in work.package or not link.type.endswith(("core-properties", "extended-properties")):
            continue
        root = work.package.root(link.target)
        named = [one for one in root.children if one.name in _OF_THE_HOUSE and (one.text.strip() or one.children)]
        for element in named:
            work.note("property", element.name)
        edits = [
            Edit(one.start, one.end, b"") if one.name in _WHOLE else Edit(one.inner, one.outer, b"") for one in named
        ]
        work.edit(link.target, [*edits, *(Edit(one.start, one.end, b"") for one in _stale_lists(work, root))])


def _stale_lists(work: Stripping, root: Element) -> list[Element]:
    """The lists of sheets and names, where they name something that is not there."""
    lists = [one for one in root.children if one.name in _LISTS]
    stated = [one.text for listing in lists if listing.name == "TitlesOfParts" for one in listing.walk() if one.text]
    workbook = work.package.root(work.workbook)
    sheet_names = {one.attributes["name"] for one in workbook.walk() if one.name in ("sheet", "definedName")}
    stated_names = (text.rpartition("!")[2].strip() for text in stated if text.strip())
    known = sheet_names | {name.removeprefix("_xlnm.") for name in sheet_names}
    return [] if all(text in known for text in stated_names) else lists


def _strip_comments(work: Stripping, tab: Tab, internal: str) -> None:
    for link in work.package.relationships(tab.part):
        if not link.is_a("comments") or link.target not in work.package:
            continue
        root = work.package.root(link.target)
        authors = [one.text.strip() for one in root.walk() if one.name == "author"]
        comments = [one for one in root.walk() if one.name == "comment"]
        edits: list[Edit] = []
        going: list[Position] = []
        for comment in comments:
            author = _author(comment, authors)
            if author.startswith(_THREAD):
                work.note("comment of a thread", tab.name)
            elif _text(comment, author).casefold().startswith(internal.casefold()):
                work.note("internal comment", tab.name)
            else:
                edits += _without_signature(comment, author)
                continue
            going.append(cell_position(comment.attributes["ref"]))
            edits.append(Edit(comment.start, comment.end, b""))
        named = [one for one in root.walk() if one.name == "author" and one.text.strip()]
        edits += [Edit(one.inner, one.outer, b"") for one in named]
        work.edit(link.target, edits)
        work.note("author of comments", tab.name, sum(not author.startswith(_THREAD) for author in authors if author))
        _strip_shapes(work, tab, going)
        if len(going) == len(comments):
            work.unlink(tab.part, lambda one, target=link.target: one.target == target)  # type: ignore[misc]  # bound now


def _author(comment: Element, authors: list[str]) -> str:
    number = int(comment.attributes.get("authorId", "-1"))
    return authors[number] if 0 <= number < len(authors) else ""


def _texts(comment: Element) -> Iterator[Element]:
    return (one for one in comment.walk() if one.name == "t")


def _text(comment: Element, author: str) -> str:
    """What a comment says, without the name that Excel puts before it."""
    whole = "".join(one.text for one in _texts(comment)).strip()
    return whole.removeprefix(f"{author}:").strip() if author else whole


def _without_signature(comment: Element, author: str) -> list[Edit]:
    """Edits that take the author's name off the beginning of a comment."""
    first = next(_texts(comment), None)
    if first is None or not author or not first.text.startswith(f"{author}:"):
        return []
    rest = first.text[len(author) + 1 :]
    return [Edit(first.inner, first.outer, rest.lstrip().encode())]


def _strip_shapes(work: Stripping, tab: Tab, places: list[Position]) -> None:
    """The boxes of comments that went."""
    if not places:
        return
    gone = {(row - 1, column - 1) for row, column in places}

    def kept(match: re.Match[bytes]) -> bytes:
        found = [pattern.search(match[0]) for pattern in _SHAPE_PLACE.values()]
        place = tuple(int(one[1]) for one in found if one)
        return b"" if b'ObjectType="Note"' in match[0] and place in gone else match[0]

    for link in work.package.relationships(tab.part):
        if link.is_a("vmlDrawing") and link.target in work.package:
            data = work.package.part(link.target)
            work.package = work.package.with_part(link.target, _SHAPE.sub(kept, data))


def _strip_strings(work: Stripping) -> None:
    """Texts that no cell shows: each keeps its place, so that no cell changes."""
    links = [link for link in work.package.relationships(work.workbook) if link.is_a("sharedStrings")]
    if not links or links[0].target not in work.package:
        return
    used: set[int] = set()
    for tab in work.worksheets():
        used |= set(_strings_of(Sheet(work.package.text(tab.part), checked=True)))
    root = work.package.root(links[0].target)
    text = work.package.text(links[0].target)
    edits = []
    for number, item in enumerate(root.all("si")):
        if number not in used and any(one.text for one in item.walk()):
            tag = text[item.start + 1 : item.inner].split()[0].rstrip(b"/>")
            edits.append(Edit(item.inner, item.outer, b"<%st/>" % tag.removesuffix(b"si")))
    work.edit(links[0].target, edits)
    work.note("text that no cell shows", "common texts", len(edits))


def _strings_of(sheet: Sheet) -> Iterator[int]:
    for row in sheet.rows:
        for cell in sheet.cells_in(row):
            if sheet.cell_attributes(cell).get(b"t") == b"s":
                span = sheet.value_span(cell)
                number = "" if span is None else unescape(sheet.data[span.inner : span.outer]).strip()
                if number:
                    yield int(number)


def _unlink(work: Stripping, tab: Tab, places: dict[Position, Edit]) -> None:
    """Take links off these cells; the relationships they used go when nothing leads to them."""
    listing = Sheet(work.package.text(tab.part)).frame.find("hyperlinks")
    links = [] if listing is None else listing.all("hyperlink")
    going = [one for one in links if bounds(one.attributes["ref"])[:2] in places]
    if listing is not None and len(going) == len(listing.children):
        going = [listing]
    work.drop(tab.part, going)
