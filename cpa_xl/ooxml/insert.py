"""New sheets, tables, names and formats: puts their parts and entries into a package, and takes them out again.

Most functions come in pairs. One puts whole elements between bytes that stay; the other takes exactly these out.
If no other program saves a part in between, it has its own bytes again afterwards. New sheets go behind the last, so
all that counts sheets (names of one sheet, the active tab) stays right. A sheet that moves to the front changes these
counts too. The module also sets the title and the language of a document.
"""

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import cell_name, range_name
from cpa_xl.ooxml.cells import ValueWriter, encoded
from cpa_xl.ooxml.package import CONTENT_TYPES, Package, relationships_part
from cpa_xl.ooxml.sheet import Sheet
from cpa_xl.ooxml.xml import REPAIR, Edit, Element, escape, set_attribute, splice

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PLAIN = ValueWriter("", {})
_NARROWEST, _WIDEST = 11, 40  # columns, in digits of the usual font
MARK = "Added by cpa_xl attach"  # the comment of the as-of name, which Excel keeps
KEPT_NAME = "_cpa_xl_kept."  # begins the hidden names of cells that a refresh could not calculate
_STYLES = ".styles+xml"  # how the content type of the part of cell formats ends
_BEFORE = "; list of names before: "  # follows where attach made the list: what was there, or nothing
_CALCULATION = "; calculation before: "  # follows where there is room: what a refresh may change later
_NONE = "none"
_LONGEST_COMMENT = 255
_BEFORE_NAMES = (  # elements before <definedNames> in a workbook part, in the order of the schema
    *("fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr", "absPath", "workbookProtection"),
    *("bookViews", "sheets", "functionGroups", "externalReferences"),
)
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LARGEST_SHEET_ID = 65_534
MOST_FORMATS = 65_000  # cell formats in one workbook
_MONTH_FORMAT = 17  # built in: mmm-yy
_LOOKS = ("fontId", "fillId", "borderId", "xfId")  # what a format copies from the workbook's plain one
_KEPT = (*_LOOKS, "applyFont", "applyFill", "applyBorder", "quotePrefix", "applyProtection")  # for a text like another
_FALSE = ("0", "false")
COUNTS_FROM_1904 = (
    "it counts its dates from 1904, and the functions count from 1900; switch that off in Excel (File,"
    " Options, Advanced, Use 1904 date system) and correct its dates"
)
LANGUAGE = "en-GB"  # of the text that this package writes, where the document states none
# The part of core properties: its name, content type and link, and the namespaces in it.
_PART = "docProps/core.xml"
_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_LINK = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_SPACE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DUBLIN = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True)
class Vocabulary:
    """The namespaces of a workbook: one for its elements, one for its relationships."""

    main: str
    relationships: str

    def link_type(self, kind: str) -> str:
        """The type of a relationship: worksheet, table."""
        return f"{self.relationships}/{kind}"


@dataclass(frozen=True)
class NewTable:
    """A table from column A on: its headings in the row `top`, and `rows` rows under them.

    No other table of the workbook has the id `number`; `months` are the headings over dates.
    """

    name: str
    number: int
    headings: Sequence[str]
    months: Collection[str] = ()
    top: int = 1
    rows: int = 1

    @property
    def ref(self) -> str:
        """The range: headings and rows."""
        return range_name(self.top, 1, self.top + self.rows, len(self.headings))


def table_part(table: NewTable, words: Vocabulary) -> bytes:
    """The part that describes a table."""
    name, ref = _quoted(table.name), table.ref
    columns = "".join(
        f'<tableColumn id="{number}" name="{_quoted(heading)}"/>' for number, heading in enumerate(table.headings, 1)
    )
    return (
        f'{DECLARATION}<table xmlns="{words.main}" id="{table.number}" name="{name}" displayName="{name}" ref="{ref}"'
        f' totalsRowShown="0"><autoFilter ref="{ref}"/><tableColumns count="{len(table.headings)}">{columns}'
        '</tableColumns><tableStyleInfo name="TableStyleMedium2" showFirstColumn="0" showLastColumn="0"'
        ' showRowStripes="1" showColumnStripes="0"/></table>'
    ).encode()


def sheet_start(words: Vocabulary) -> bytes:
    """How the parts of new sheets begin; other programs that save a workbook begin them in their own way."""
    return f'{DECLARATION}<worksheet xmlns="{words.main}" xmlns:r="{words.relationships}"><dimension '.encode()


def new_sheet_part(package: Package) -> str:
    """A name for the part of a new sheet: some programs (xlsx-populate, exceljs) find sheets by such names alone."""
    return unused_part(package, "worksheets", "sheet")


def table_sheet(table: NewTable, words: Vocabulary, month_style: int, link: str) -> bytes:
    """The sheet of a table; `link` is the id of the relationship to the table's part."""
    style = f' s="{month_style}"'
    heads = "".join(_cell(1, column, heading) for column, heading in enumerate(table.headings, 1))
    blanks = "".join(
        _cell(2, column, None, style) for column, heading in enumerate(table.headings, 1) if heading in table.months
    )
    widths = {column: len(heading) + 4 for column, heading in enumerate(table.headings, 1)}
    rows = f'<row r="1">{heads}</row>' + (f'<row r="2">{blanks}</row>' if blanks else "")
    tables = f'<tableParts count="1"><tablePart r:id="{link}"/></tableParts>'
    return _sheet(words, table.ref, widths, rows, tables)


def cell_sheet(cells: Mapping[tuple[int, int], object], words: Vocabulary, month_style: int, month: str) -> bytes:
    """A sheet of a few cells by (row, column); the cell `month`, even if empty, gets the style of months."""
    rows: dict[int, list[str]] = {}
    for (row, column), value in sorted(cells.items()):
        style = f' s="{month_style}"' if cell_name(row, column) == month else ""
        rows.setdefault(row, []).append(_cell(row, column, value, style))
    body = "".join(f'<row r="{row}">{"".join(written)}</row>' for row, written in rows.items())
    ref = range_name(1, 1, max(row for row, _ in cells), max(column for _, column in cells))
    return _sheet(words, ref, {1: _WIDEST // 2, 2: _NARROWEST}, body, "")


def links_part(links: Sequence[tuple[str, str, str]]) -> bytes:
    """A part of relationships; each has an id, a type and a target."""
    written = "".join(f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>' for id_, kind, target in links)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{DECLARATION}<Relationships xmlns="{space}">{written}</Relationships>'.encode()


def vocabulary(package: Package) -> Vocabulary:
    """The workbook's namespaces, transitional or strict."""
    main = package.root(package.workbook_part).space
    return Vocabulary(main, _STRICT if main.startswith("http://purl.oclc.org/") else _TRANSITIONAL)


def prefix_of(text: bytes, element: Element) -> bytes:
    """The prefix of an element with its colon; b"" where it has none."""
    tag = text[element.start + 1 : element.inner].split()[0].rstrip(b"/>")
    return tag.rpartition(b":")[0] + b":" if b":" in tag else b""


def with_typed_part(package: Package, part: str, data: bytes, kind: str) -> Package:
    """The package with a new part and its content type."""
    child = b'Override PartName="/%s" ContentType="%s"/>' % (escape(part, quotes=True), kind.encode())
    package = package.with_part(part, data)
    return _with_child(package, CONTENT_TYPES, package.root(CONTENT_TYPES), child)


def with_stated_type(package: Package, part: str, kind: str) -> Package:
    """The package with another content type for a part."""
    root, text = package.root(CONTENT_TYPES), package.text(CONTENT_TYPES)
    for one in root.all("Override"):
        if one.attributes.get("PartName", "").lstrip("/").casefold() == part.casefold():
            return package.with_text(CONTENT_TYPES, splice(text, set_attribute(text, one.start, "ContentType", kind)))
    child = b'Override PartName="/%s" ContentType="%s"/>' % (escape(part, quotes=True), kind.encode())
    return _with_child(package, CONTENT_TYPES, root, child)


def with_links(package: Package, part: str, data: bytes) -> Package:
    """The package with a part of relationships, and its content type where the file lists each part's."""
    name = relationships_part(part)
    if package.content_type(name):
        return package.with_part(name, data)
    return with_typed_part(package, name, data, "application/vnd.openxmlformats-package.relationships+xml")


def unused_part(package: Package, folder: str, stem: str) -> str:
    """A name for a new part in that folder beside the workbook part; no part and no content type uses it."""
    taken = {name.casefold() for name in (*package.names, *package.stated_parts())}
    base = posixpath.join(posixpath.dirname(package.workbook_part), folder, stem)
    return next(name for number in count(1) if (name := f"{base}{number}.xml").casefold() not in taken)


def unused_table_number(package: Package) -> int:
    """An id that no table of the workbook has."""
    kinds = (package.root(name) for name in package.names if package.content_type(name).endswith(".table+xml"))
    return max((int(root.attributes.get("id", "0")) for root in kinds), default=0) + 1


def with_new_sheet(package: Package, name: str, part: str, data: bytes, table: NewTable | None = None) -> Package:
    """The workbook with a new last sheet and the table on it; the sheet's link to its table is rId1."""
    if table is not None:
        words, described = vocabulary(package), unused_part(package, "tables", "table")
        target = posixpath.relpath(described, posixpath.dirname(part))
        package = with_typed_part(package, described, table_part(table, words), f"{_SPREADSHEET}.table+xml")
        package = with_links(package, part, links_part([("rId1", words.link_type("table"), target)]))
    return with_sheet(with_typed_part(package, part, data, f"{_SPREADSHEET}.worksheet+xml"), name, part)


def without_typed_parts(package: Package, parts: Collection[str]) -> Package:
    """The package without these parts, their links and their content types."""
    named = [name for part in parts for name in (part, relationships_part(part))]
    for name in named:
        package = package.without_part(name) if name in package else package
    gone = {name.casefold() for name in named}
    stated = package.root(CONTENT_TYPES).all("Override")
    unwanted = [one for one in stated if one.attributes.get("PartName", "").lstrip("/").casefold() in gone]
    return _without(package, CONTENT_TYPES, unwanted)


def with_sheet(package: Package, name: str, part: str) -> Package:
    """The workbook with a new last sheet, whose part exists already."""
    workbook = package.workbook_part
    links, words = relationships_part(workbook), vocabulary(package)
    used = {link.id for link in package.relationships(workbook)}
    identity = next(f"rId{number}" for number in count(1) if f"rId{number}" not in used)
    target = posixpath.relpath(part, posixpath.dirname(workbook) or ".")
    link = f'Relationship Id="{identity}" Type="{words.link_type("worksheet")}" Target="{target}"/>'
    package = _with_child(package, links, package.root(links), link.encode())
    root, text = package.root(workbook), package.text(workbook)
    sheets = root.find("sheets")
    if sheets is None:
        raise AssertionError("a workbook with worksheets lists them")
    space = b'xmlns:r="%s"' % words.relationships.encode()
    declared = b"" if space in text[root.start : root.inner] else b" " + space
    child = b'sheet%s name="%s" sheetId="%d" r:id="%s"/>' % (
        *(declared, escape(name, quotes=True), _sheet_id(sheets), identity.encode()),
    )
    return _with_child(package, workbook, sheets, child)


def with_sheet_in_front(package: Package, name: str) -> Package:
    """The workbook with that sheet as its first; all that counts sheets follows."""
    workbook = package.workbook_part
    root, text = package.root(workbook), package.text(workbook)
    sheets = [sheet for listing in root.all("sheets") for sheet in listing.all("sheet")]
    place = next(at for at, sheet in enumerate(sheets) if sheet.attributes["name"] == name)
    order = [place, *(at for at in range(len(sheets)) if at != place)]
    entry = sheets[place]
    edits = [Edit(entry.start, entry.end, b"")] if place else []
    edits += [Edit(sheets[0].start, sheets[0].start, text[entry.start : entry.end])] if place else []
    edits += _renumbered(text, root, order.index, ())
    return package.with_text(workbook, splice(text, edits))


def with_sheet_on_top(package: Package, name: str) -> Package:
    """The workbook that opens on that sheet only: with two selected sheets, typed text would go into both."""
    workbook = package.workbook_part
    parts = {link.id: link.target for link in package.relationships(workbook)}
    root, text, edits = package.root(workbook), package.text(workbook), list[Edit]()
    sheets = [sheet for listing in root.all("sheets") for sheet in listing.all("sheet")]
    place = next(at for at, sheet in enumerate(sheets) if sheet.attributes["name"] == name)
    for view in (view for views in root.all("bookViews") for view in views.all("workbookView")):
        edits += set_attribute(text, view.start, "activeTab", str(place))
        if int(view.attributes.get("firstSheet", "0")) > place:  # the first tab in sight
            edits += set_attribute(text, view.start, "firstSheet", None)
    package = package.with_text(workbook, splice(text, edits))
    for at, sheet in enumerate(sheets):
        part = parts[sheet.attribute("id") or ""]
        package = _selected(package, part, selected=at == place)
    return package


def without_sheets(package: Package, names: Collection[str], *, in_place: bool) -> Package:
    """The workbook without the entries of these sheets and their links; all that counts sheets follows.

    `in_place`: the sheets are still the last, and nothing counts them.
    """
    workbook = package.workbook_part
    root = package.root(workbook)
    sheets = [sheet for listing in root.all("sheets") for sheet in listing.all("sheet")]
    gone = {place for place, sheet in enumerate(sheets) if sheet.attributes["name"] in names}
    linked = {sheets[place].attribute("id") for place in gone}
    kept = [place for place in range(len(sheets)) if place not in gone]
    shown = [kept.index(place) for place in kept if sheets[place].attributes.get("state", "visible") == "visible"]
    if not shown:
        raise Refusal(f"{package.path} would be left without a visible sheet; show another sheet in Excel first")

    def moved(place: int) -> int:
        return kept.index(place) if place in kept else shown[0]

    edits = [Edit(sheets[place].start, sheets[place].end, b"") for place in gone]
    edits += [] if in_place else _renumbered(package.text(workbook), root, moved, gone)
    package = package.with_text(workbook, splice(package.text(workbook), edits))
    links = relationships_part(workbook)
    unwanted = [one for one in package.root(links).children if one.attributes.get("Id") in linked]
    return _without(package, links, unwanted)


def with_name(package: Package, name: str, refers_to: str) -> Package:
    """The workbook with a new name, marked as ours."""
    workbook = package.workbook_part
    root, text = package.root(workbook), package.text(workbook)
    listing = root.find("definedNames")
    has_list = listing is not None and listing.end > listing.inner
    listed = "" if listing is None or has_list else text[listing.start : listing.end].decode()
    comment = MARK if has_list else MARK + _BEFORE + (listed or _NONE)
    properties = root.find("calcPr")
    calculation = _NONE if properties is None else text[properties.start : properties.end].decode()
    if len(comment) + len(_CALCULATION) + len(calculation) <= _LONGEST_COMMENT:
        comment += _CALCULATION + calculation
    escaped = (escape(name, quotes=True), escape(comment, quotes=True))
    return _with_defined(package, b'name="%s" comment="%s"' % escaped, refers_to)


def with_hidden_names(package: Package, beginning: str, names: Sequence[tuple[str, str, str]]) -> Package:
    """The workbook with these hidden names (name, comment, what it refers to) for all that begin so."""
    workbook = package.workbook_part
    root, text = package.root(workbook), package.text(workbook)
    listing, prefix = root.find("definedNames"), prefix_of(text, root)
    held = [] if listing is None else listing.all("definedName")
    ours = [one for one in held if one.attributes["name"].casefold().startswith(beginning)]
    entries = b"".join(
        b'<%sdefinedName name="%s" comment="%s" hidden="1">%s</%sdefinedName>'
        % (prefix, name.encode(), escape(comment, quotes=True), escape(refers_to), prefix)
        for name, comment, refers_to in names
    )
    if b"".join(text[one.start : one.end] for one in ours) == entries:
        return package
    edits = [Edit(one.start, one.end, b"") for one in ours]
    if listing is None or len(ours) == len(held):
        last = [child for child in root.children if child.name in _BEFORE_NAMES][-1]
        whole = b"<%sdefinedNames>%s</%sdefinedNames>" % (prefix, entries, prefix) if entries else b""
        start, end = (last.end, last.end) if listing is None else (listing.start, listing.end)
        edits = [Edit(start, end, whole)]
    else:
        edits.append(Edit(listing.outer, listing.outer, entries))
    return package.with_text(workbook, splice(text, edits))


def with_print_titles(package: Package, row: int) -> Package:
    """The workbook whose last sheet repeats that row at the top of every printed page."""
    sheets = [one for listing in package.root(package.workbook_part).all("sheets") for one in listing.all("sheet")]
    refers_to = "'{0}'!${1}:${1}".format(sheets[-1].attributes["name"].replace("'", "''"), row)
    return _with_defined(package, b'name="_xlnm.Print_Titles" localSheetId="%d"' % (len(sheets) - 1), refers_to)


def marked_name(package: Package) -> Element | None:
    """The name that `with_name` added, if the workbook has one."""
    names = [one for listing in package.root(package.workbook_part).all("definedNames") for one in listing.children]
    return next((one for one in names if one.attributes.get("comment", "").startswith(MARK)), None)


def without_marked_name(package: Package) -> Package:
    """The workbook without that name; a list that attach made for it goes too, if it holds nothing else."""
    workbook = package.workbook_part
    listing, name = package.root(workbook).find("definedNames"), marked_name(package)
    if listing is None or name is None:
        raise AssertionError("the name was found before")
    before = name.attributes["comment"].partition(_CALCULATION)[0].partition(_BEFORE)[2]
    if len(listing.children) > 1 or not before:
        return _without(package, workbook, [name])
    old = b"" if before == _NONE else before.encode()
    text = splice(package.text(workbook), [Edit(listing.start, listing.end, old)])
    return package.with_text(workbook, text)


def with_earlier_calculation(package: Package) -> Package:
    """The workbook that asks Excel for the same calculation as before it got the marked name."""
    workbook, name = package.workbook_part, marked_name(package)
    before = "" if name is None else name.attributes["comment"].partition(_CALCULATION)[2]
    properties = package.root(workbook).find("calcPr")
    if not before or properties is None:  # no function here takes the whole element away
        return package
    old = b"" if before == _NONE else before.encode()
    return package.with_text(workbook, splice(package.text(workbook), [Edit(properties.start, properties.end, old)]))


def styles_part(package: Package) -> str | None:
    """The part that lists cell formats; None where the package has none.

    Raises Refusal where no link leads to that part: a second list would give the cells' numbers another meaning.
    """
    links = package.relationships(package.workbook_part)
    found = next((link.target for link in links if link.is_a("styles") and link.target in package), None)
    stray = next((name for name in package.names if package.content_type(name).endswith(_STYLES)), None)
    if found is None and stray is not None:
        raise Refusal(f"{package.path}: no link leads to the cell formats in {stray}; {REPAIR}")
    return found


def with_month_format(package: Package) -> tuple[Package, int]:
    """The workbook with a format for months, and its number. Raises Refusal where it has no list of formats."""
    part, formats = _formats(package)
    number = len(formats.all("xf"))
    if number >= MOST_FORMATS:
        raise Refusal(f"{package.path} has {number:,} cell formats, and Excel takes no more; delete unused styles")
    package = _with_child(package, part, formats, _month_format(formats))
    return _counted(package, part, 1), number


def without_month_format(package: Package) -> Package:
    """The workbook without that format, if that format is still the last."""
    part, formats = _formats(package)
    text, last = package.text(part), formats.all("xf")[-1]
    ours = b"<" + prefix_of(text, formats) + _month_format(formats)
    if text[last.start : last.end] != ours:
        return package
    return _counted(_without(package, part, [last]), part, -1)


def with_text_format(package: Package, like: int) -> tuple[Package, int]:
    """The workbook with a cell format for texts that otherwise looks like the format `like`, and its number.

    A workbook that has no list of formats, or no room in it, stays as it is, and the number is `like`.
    """
    part = styles_part(package)
    formats = None if part is None else package.root(part).find("cellXfs")
    listed = [] if formats is None else formats.all("xf")
    if part is None or formats is None or like >= len(listed):
        return package, like
    text = package.text(part)
    shown = listed[like]
    looks = "".join(f' {name}="{value}"' for name, value in shown.attributes.items() if name in _KEPT)
    before, prefix = shown.find("alignment"), prefix_of(text, formats)
    vertical = "" if before is None else before.attributes.get("vertical", "")
    upright = f' vertical="{vertical}"' if vertical else ""
    aligned = f'alignment horizontal="left"{upright} indent="1" wrapText="1"/>'
    content = f'xf numFmtId="0"{looks} applyNumberFormat="1" applyAlignment="1"><'.encode() + prefix + aligned.encode()
    child = b"%s</%sxf>" % (content, prefix)
    for number, known in enumerate(listed):
        if text[known.start : known.end] == b"<" + prefix + child:
            return package, number
    if len(listed) >= MOST_FORMATS:
        return package, like
    return _counted(_with_child(package, part, formats, child), part, 1), len(listed)


def unsuitable(package: Package) -> str | None:
    """Why sheets cannot be added or removed, and what would help; None where they can."""
    root = package.root(package.workbook_part)
    protection, properties = root.find("workbookProtection"), root.find("workbookPr")
    if protection is not None and protection.attributes.get("lockStructure", "0") not in _FALSE:
        return "the structure of the workbook is protected; remove the protection in Excel (Review, Protect Workbook)"
    if properties is not None and properties.attributes.get("date1904", "0") not in _FALSE:
        return COUNTS_FROM_1904
    if any(link.is_a("revisionHeaders") for link in package.relationships(package.workbook_part)):
        return (
            "it is shared, and a shared workbook cannot hold tables; stop sharing it in Excel (Review, Share Workbook)"
        )
    return None


def with_properties(package: Package, title: str) -> Package:
    """The document with that title; where it states no language, it gets one too."""
    package = _with_core(package)
    part = next(link.target for link in package.relationships("") if link.is_a("core-properties"))
    root, text = package.root(part), package.text(part)
    language = next((one for one in root.all("language") if one.text.strip()), None)
    stated = {"title": title} | ({} if language is not None else {"language": LANGUAGE})
    edits = [Edit(one.start, one.end, b"") for one in root.children if one.name in stated]
    made = "".join(f'<dc:{name} xmlns:dc="{_DUBLIN}">{_escaped(value)}</dc:{name}>' for name, value in stated.items())
    if text[: root.inner].endswith(b"/>"):  # a document without properties
        name = text[root.start + 1 : root.inner].split()[0].rstrip(b"/>")
        edits.append(Edit(root.inner - 2, root.inner, b">" + made.encode() + b"</" + name + b">"))
    else:
        edits.append(Edit(root.outer, root.outer, made.encode()))
    return package.with_text(part, splice(text, edits))


def _quoted(text: str) -> str:
    """Text for an attribute that Excel reads with _xHHHH_; line ends become _xHHHH_ too."""
    plain = encoded(text).replace('"', "&quot;")
    return plain.replace("\n", "_x000a_").replace("\t", "_x0009_")


def _cell(row: int, column: int, value: object, style: str = "") -> str:
    return _PLAIN.cell(cell_name(row, column), style, value)


def _sheet(words: Vocabulary, ref: str, widths: Mapping[int, int], rows: str, tables: str) -> bytes:
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{max(_NARROWEST, min(width, _WIDEST))}" customWidth="1"/>'
        for column, width in widths.items()
    )
    layout = f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols>'
    content = f'ref="{ref}"/>{layout}<sheetData>{rows}</sheetData>{tables}</worksheet>'
    return sheet_start(words) + content.encode()


def _with_child(package: Package, part: str, parent: Element, child: bytes) -> Package:
    """The part with a further element, the last of its parent; `child` is its text without "<" and prefix."""
    text = package.text(part)
    place = parent.outer
    return package.with_text(part, splice(text, [Edit(place, place, b"<" + prefix_of(text, parent) + child)]))


def _without(package: Package, part: str, unwanted: Iterable[Element]) -> Package:
    edits = [Edit(element.start, element.end, b"") for element in unwanted]
    return package.with_text(part, splice(package.text(part), edits))


def _sheet_id(sheets: Element) -> int:
    used = {int(sheet.attributes.get("sheetId", "0")) for sheet in sheets.all("sheet")}
    return max(used) + 1 if max(used) < _LARGEST_SHEET_ID else next(n for n in count(1) if n not in used)


def _renumbered(text: bytes, root: Element, moved: Callable[[int], int], gone: Collection[int]) -> list[Edit]:
    """Edits of all that counts sheets; the names of a removed sheet go with it."""
    edits: list[Edit] = []
    for element in root.walk():
        if element.name == "definedName" and "localSheetId" in element.attributes:
            place = int(element.attributes["localSheetId"])
            if place in gone:
                edits.append(Edit(element.start, element.end, b""))
            else:
                edits += set_attribute(text, element.start, "localSheetId", str(moved(place)))
        for attribute in ("activeTab", "firstSheet") if element.name == "workbookView" else ():
            if attribute in element.attributes:
                new = str(moved(int(element.attributes[attribute])))
                edits += set_attribute(text, element.start, attribute, new)
    return edits


def _selected(package: Package, part: str, *, selected: bool) -> Package:
    """The package with that sheet selected, or not."""
    text = package.text(part)
    if not selected and b"tabSelected" not in text:
        return package
    frame = Sheet(text).frame if package.content_type(part).endswith("worksheet+xml") else package.root(part)
    views = [one for one in frame.walk() if one.name == "sheetView"]
    wanted = "1" if selected else None
    return package.with_text(
        part, splice(text, [edit for view in views for edit in set_attribute(text, view.start, "tabSelected", wanted)])
    )


def _with_defined(package: Package, attributes: bytes, refers_to: str) -> Package:
    """The workbook with one more entry in its list of names."""
    workbook = package.workbook_part
    root, text = package.root(workbook), package.text(workbook)
    listing, prefix = root.find("definedNames"), prefix_of(text, root)
    entry = b"definedName %s>%s</%sdefinedName>" % (attributes, escape(refers_to), prefix)
    if listing is not None and listing.end > listing.inner:
        return _with_child(package, workbook, listing, entry)
    whole = b"<%sdefinedNames><%s%s</%sdefinedNames>" % (prefix, prefix, entry, prefix)
    last = [child for child in root.children if child.name in _BEFORE_NAMES][-1]
    start, end = (last.end, last.end) if listing is None else (listing.start, listing.end)
    return package.with_text(workbook, splice(text, [Edit(start, end, whole)]))


def _formats(package: Package) -> tuple[str, Element]:
    part = styles_part(package)
    formats = None if part is None else package.root(part).find("cellXfs")
    if part is None or formats is None or not formats.all("xf"):
        raise Refusal(
            f"{package.path} lists no cell formats, so its new sheets could not show months; "
            "open it in Excel and save it there once"
        )
    return part, formats


def _month_format(formats: Element) -> bytes:
    """The element (without "<" and prefix) of a format for months that otherwise looks like plain cells."""
    plain = formats.all("xf")[0].attributes
    looks = "".join(f' {look}="{plain[look]}"' for look in _LOOKS if look in plain)
    return f'xf numFmtId="{_MONTH_FORMAT}"{looks} applyNumberFormat="1"/>'.encode()


def _counted(package: Package, part: str, step: int) -> Package:
    """Edits that change the stated count of formats by one, where plain digits state it."""
    formats, text = package.root(part).find("cellXfs"), package.text(part)
    stated = "" if formats is None else formats.attributes.get("count", "")
    if formats is None or not stated.isdecimal() or str(int(stated)) != stated or int(stated) + step < 0:
        return package
    return package.with_text(part, splice(text, set_attribute(text, formats.start, "count", str(int(stated) + step))))


def _with_core(package: Package) -> Package:
    """The package with its part of core properties; a new one where it has none."""
    if any(link.is_a("core-properties") and link.target in package for link in package.relationships("")):
        return package
    package = with_typed_part(package, _PART, f'{DECLARATION}<cp:coreProperties xmlns:cp="{_SPACE}"/>'.encode(), _TYPE)
    links = relationships_part("")
    root, text = package.root(links), package.text(links)
    used = {link.id for link in package.relationships("")}
    identity = next(name for number in range(1, len(used) + 2) if (name := f"rId{number}") not in used)
    entry = b'<%sRelationship Id="%s" Type="%s" Target="%s"/>' % (
        *(prefix_of(text, root), identity.encode(), _LINK.encode(), _PART.encode()),
    )
    return package.with_text(links, splice(text, [Edit(root.outer, root.outer, entry)]))


def _escaped(value: str) -> str:
    return escape(value).decode()
