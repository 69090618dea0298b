"""Parts that say something about the whole workbook: how it calculates, in which order, and what pivots read."""

from cpa_xl.a1 import bounds, range_name
from cpa_xl.markup import Edit, Element, set_attribute, splice
from cpa_xl.package import CONTENT_TYPES, Package, relationships_part
from cpa_xl.tablexml import Table

PIVOT_CACHE = "pivotCacheDefinition+xml"
_BEFORE_CALCULATION = (  # what stands before <calcPr> in a workbook part, in the order the schema asks for
    *("fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr", "absPath", "workbookProtection"),
    *("bookViews", "sheets", "functionGroups", "externalReferences", "definedNames"),
)


def full_calculation(text: bytes, root: Element, *, wanted: bool) -> bytes:
    """The workbook part asking for everything to be calculated on opening, or no longer."""
    properties = root.find("calcPr")
    if properties is not None:
        is_so = properties.attributes.get("fullCalcOnLoad", "0") in ("1", "true")
        edits = set_attribute(text, properties.start, "fullCalcOnLoad", "1" if wanted else None)
        return text if is_so == wanted else splice(text, edits)
    if not wanted:
        return text
    before = [child for child in root.children if child.name in _BEFORE_CALCULATION]
    place = before[-1].end if before else root.inner
    tag = text[root.start + 1 : root.inner].split()[0].rstrip(b">")
    prefix = tag.rpartition(b":")[0] + b":" if b":" in tag else b""
    return splice(text, [Edit(place, place, b'<%scalcPr fullCalcOnLoad="1"/>' % prefix)])


def without_calculation_chain(package: Package) -> Package:
    """The package without its calculation chain: the part, its link and its content type. Excel makes a new one."""
    workbook = package.workbook_part
    for link in package.relationships(workbook):
        if link.is_a("calcChain") and link.target in package:
            links, types = relationships_part(workbook), CONTENT_TYPES
            package = _without_element(package, links, "Id", link.id)
            package = _without_element(package, types, "PartName", link.target)
            package = package.without_part(link.target)
    return package


def _without_element(package: Package, part: str, attribute: str, value: str) -> Package:
    """The part without the elements whose attribute says so (names of parts compare as part names do)."""
    wanted = value.lstrip("/").casefold()
    edits = [
        Edit(element.start, element.end, b"")
        for element in package.root(part).children
        if element.attributes.get(attribute, "").lstrip("/").casefold() == wanted
    ]
    return package.with_text(part, splice(package.text(part), edits))


def stale_pivot(text: bytes, root: Element, old: Table, new: Table) -> bytes:
    """A pivot cache that reads this table, marked to be refreshed when the workbook is opened.

    Where it reads the table's range instead of its name, the range follows the table's end.
    """
    edits = []
    for source in root.walk():
        if source.name == "worksheetSource" and _reads(source, old):
            edits = set_attribute(text, root.start, "refreshOnLoad", "1")
            top, left, bottom, right = bounds(source.attributes.get("ref", old.ref))
            if "ref" in source.attributes and bottom in (old.last_row, old.last_body_row):
                last = new.last_row if bottom == old.last_row else new.last_body_row
                edits += set_attribute(text, source.start, "ref", range_name(top, left, last, right))
    return splice(text, edits)


def _reads(source: Element, table: Table) -> bool:
    if source.attributes.get("name", "").casefold() == table.name.casefold():
        return True
    if source.attributes.get("sheet", "").casefold() != table.sheet.casefold() or "ref" not in source.attributes:
        return False
    top, left, bottom, right = bounds(source.attributes["ref"])
    return top <= table.last_row and bottom >= table.first_row and left <= table.last_col and right >= table.first_col
