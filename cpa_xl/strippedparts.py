"""What leads elsewhere or runs something in a workbook and on its sheets (links, macros, connections), taken out."""

import re
from collections.abc import Callable, Iterator, Mapping

from cpa_xl.errors import Refusal
from cpa_xl.insertion import with_stated_type
from cpa_xl.markup import Edit, Element, escape, set_attribute
from cpa_xl.sheetxml import Sheet
from cpa_xl.strippeddrawings import LINK, file_links, leaves
from cpa_xl.stripping import Stripping, Tab

_PLAIN_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WORKBOOK_LINKS = {  # the last word of a link's type: what the list calls it
    "externalLink": "link to another workbook or an add-in",
    "vbaProject": "macros",
    "attachedToolbars": "toolbar",
    "connections": "connections to data",
    "powerPivotData": "data model",
    "volatileDependencies": "values that other programs sent",
    "revisionHeaders": "history of a shared workbook",
    "usernames": "users of a shared workbook",
    "person": "persons who commented",
    "customXml": "custom data",
    "customData": "custom data",
    "wsSortMap": "order of a shared workbook",
    "xmlMaps": "map of XML data",
    "Python": "program in Python",
}
_PACKAGE_LINKS = {
    "extensibility": "buttons of the ribbon",
    "userCustomization": "buttons of the quick access toolbar",
    "webextensiontaskpanes": "panes of web add-ins",
    "custom-properties": "properties of one's own",
    "thumbnail": "picture of an earlier state",
    "customXml": "custom data",
    "classificationlabels": "sensitivity label",
}
_SHEET_LINKS = {
    "queryTable": "query",
    "threadedComment": "threads of comments",
    "customProperty": "properties of a sheet",
    "tableSingleCells": "map of XML data",
    "customXml": "custom data",
}
_SHEET_ELEMENTS = frozenset(
    ("customSheetViews", "customProperties", "dataConsolidate", "cellWatches", "scenarios", "webPublishItems")
)
_LISTED_ELEMENTS = {"scenarios": "scenario", "webPublishItems": "place where a web page was saved"}
_SEEN_TO = frozenset(("conditionalFormattings", "dataValidations", "sparklineGroups"))
_PROTECTIONS = frozenset(("workbookProtection", "sheetProtection", "protectedRange"))
_PASSWORD = re.compile(
    r"(?:workbook|revisions)?(?:password|passwordCharacterSet|algorithmName|hashValue|saltValue|spinCount)"
    r"|securityDescriptor",
    re.IGNORECASE,
)
_FOLDER = re.compile(r"(&&)|&Z", re.IGNORECASE)
_REFUSED = {"oleObjects": "an embedded object", "controls": "an ActiveX control"}
_QUERY_ATTRIBUTES = ("tableType", "connectionId")


def strip_parts(work: Stripping, gone: Callable[[str], bool]) -> None:
    """Take out what leads elsewhere; `gone` tells whether a reference is to something that is left out."""
    _strip_links(work, work.workbook, _WORKBOOK_LINKS)
    _strip_links(work, "", _PACKAGE_LINKS)
    _strip_workbook(work)
    _strip_passwords(work, work.workbook, "workbook")
    _refuse_foreign(work)
    for tab in work.tabs():
        _strip_links(work, tab.part, _SHEET_LINKS, tab.name)
        _strip_passwords(work, tab.part, tab.name)
        strip_headers(work, tab)
        if tab.kind == "worksheet":
            _strip_sheet(work, tab, gone)
    for part in work.parts_of(".table+xml"):
        _strip_query(work, part)
    for part in work.parts_of("drawingml.chart+xml"):
        if work.unlink(part, lambda link: link.type.rpartition("/")[2] in ("package", "oleObject")):
            work.drop(part, [one for one in work.package.root(part).walk() if one.name == "externalData"])
            work.note("data behind a chart", part)


def _strip_links(work: Stripping, source: str, kinds: Mapping[str, str], name: str = "") -> None:
    for link in work.unlink(source, lambda link: link.type.rpartition("/")[2] in kinds):
        kind = link.type.rpartition("/")[2]
        work.note(kinds[kind], name or _target(work, link.target))


def _target(work: Stripping, part: str) -> str:
    """What a link from the workbook to another file leads to; otherwise the part."""
    if part in work.package and work.package.content_type(part).endswith("externalLink+xml"):
        outer = [link.target for link in work.package.relationships(part) if link.external]
        return outer[0] if outer else part
    return part


def _strip_workbook(work: Stripping) -> None:
    root = work.package.root(work.workbook)
    unwanted = [one for one in root.children if one.name in ("externalReferences", "functionGroups", "fileSharing")]
    unwanted += [one for one in root.children if one.name in ("customWorkbookViews", "revisionPtr")]
    for one in root.children:
        if one.name in ("AlternateContent", "absPath") and any(inner.name == "absPath" for inner in one.walk()):
            unwanted.append(one)
            work.note("folder of the workbook", "workbook")
        if one.name == "fileSharing" and one.attributes.get("userName"):
            work.note("user of the workbook", "workbook")
        if one.name == "customWorkbookViews":
            work.note("views of single users", "workbook", len(one.children))
        if one.name == "webPublishObjects":
            unwanted.append(one)
            work.note("place where a web page was saved", "workbook", len(one.children))
        if one.name == "extLst":
            unwanted += [ext for ext in one.children if any(inner.name == "dataModel" for inner in ext.walk())]
    work.drop(work.workbook, unwanted)
    if work.package.content_type(work.workbook) != _PLAIN_WORKBOOK:
        work.package = with_stated_type(work.package, work.workbook, _PLAIN_WORKBOOK)


def _refuse_foreign(work: Stripping) -> None:
    for tab in work.worksheets():
        frame = Sheet(work.package.text(tab.part)).frame
        for element in frame.walk():
            active = any(link.is_a("control") for link in work.package.relationships(tab.part))
            if element.name == "oleObjects" or (element.name == "controls" and active):
                raise Refusal(
                    f"{work.package.path}: sheet {tab.name} holds {_REFUSED[element.name]}, which carries data or"
                    " programs of its own; delete it in Excel, or put a picture in its place"
                )


def _strip_sheet(work: Stripping, tab: Tab, gone: Callable[[str], bool]) -> None:
    frame = Sheet(work.package.text(tab.part)).frame
    going = [one for one in frame.children if one.name in _SHEET_ELEMENTS]
    for one in going:
        if one.name in _LISTED_ELEMENTS:
            work.note(_LISTED_ELEMENTS[one.name], tab.name, len(one.children))
    work.drop(tab.part, going)
    _strip_extensions(work, tab, gone)
    strip_hyperlinks(work, tab, gone)


def _strip_extensions(work: Stripping, tab: Tab, gone: Callable[[str], bool]) -> None:
    """Extensions that name cells that are left out; formats, checks and sparklines are seen to elsewhere."""
    going = [
        one
        for one in Sheet(work.package.text(tab.part)).frame.walk()
        if one.name == "ext"
        and not any(child.name in _SEEN_TO for child in one.children)
        and any(inner.name == "f" and leaves(inner.text, gone) for inner in one.walk())
    ]
    work.note("extension that names what is left out", tab.name, work.drop(tab.part, going))


def _strip_passwords(work: Stripping, part: str, name: str) -> None:
    """What a password was made into, and who may type: sheets stay protected, and nobody is asked for a word."""
    text = work.package.text(part)
    edits: list[Edit] = []
    for element in work.frame(part).walk():
        if element.name in _PROTECTIONS:
            own = [
                edit
                for key in element.attributes
                if _PASSWORD.fullmatch(key)
                for edit in set_attribute(text, element.start, key, None)
            ]
            work.note("password of a protection", name, bool(own))
            edits += own
            edits += [Edit(one.start, one.end, b"") for one in element.all("securityDescriptor")]
    work.edit(part, edits)


def strip_headers(work: Stripping, tab: Tab) -> None:
    """Take the folder of the workbook out of what is printed above and below: readers have it elsewhere."""
    printed = [
        one for listing in work.frame(tab.part).walk() if listing.name == "headerFooter" for one in listing.children
    ]
    new = ((one, _FOLDER.sub(lambda match: match[1] or "", one.text)) for one in printed)
    edits = [Edit(one.inner, one.outer, escape(said)) for one, said in new if said != one.text]
    work.note("folder in a header or footer", tab.name, len(edits))
    work.edit(tab.part, edits)


def strip_hyperlinks(work: Stripping, tab: Tab, gone: Callable[[str], bool]) -> None:
    """Take out links from cells to files and to what is left out."""
    files = file_links(work, tab.part, gone)
    frame = Sheet(work.package.text(tab.part)).frame
    links = [one for one in frame.walk() if one.name == "hyperlink"]
    going = [one for one in links if one.attribute("id") in files or _leads_away(one, gone)]
    if going and len(going) == len(links):
        work.drop(tab.part, [one for one in frame.walk() if one.name == "hyperlinks"])
    else:
        work.drop(tab.part, going)
    work.note(LINK, tab.name, len(going))
    work.unlink(tab.part, lambda link: link.id in files)


def _leads_away(link: Element, gone: Callable[[str], bool]) -> bool:
    return leaves(link.attributes.get("location", "").removeprefix("#"), gone)


def _strip_query(work: Stripping, part: str) -> None:
    """A table that a query filled, as a table of its own."""
    root, text = work.package.root(part), work.package.text(part)
    _strip_links(work, part, _SHEET_LINKS, root.attributes.get("displayName", part))
    edits = [edit for name in _QUERY_ATTRIBUTES for edit in set_attribute(text, root.start, name, None)]
    edits += [edit for one in _columns(root) for edit in set_attribute(text, one.start, "queryTableFieldId", None)]
    maps = [inner for one in _columns(root) for inner in one.all("xmlColumnPr")]
    if maps:
        work.note("map of XML data", root.attributes.get("displayName", part))
        edits += [Edit(one.start, one.end, b"") for one in maps]
        edits += [edit for one in _columns(root) for edit in set_attribute(text, one.start, "uniqueName", None)]
    work.edit(part, edits)


def _columns(root: Element) -> Iterator[Element]:
    return (one for one in root.walk() if one.name == "tableColumn")
