"""Parts of a workbook that lead elsewhere or run something (links, macros, connections, buttons), taken out."""

import re
from collections.abc import Callable, Iterator, Mapping

from cpa_xl.errors import Refusal
from cpa_xl.insertion import with_stated_type
from cpa_xl.markup import Edit, Element, set_attribute
from cpa_xl.sheetxml import Sheet
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
    "customXml": "custom data",
}
_SHEET_ELEMENTS = frozenset(("customSheetViews", "customProperties", "dataConsolidate"))
_REFUSED = {"oleObjects": "an embedded object", "controls": "an ActiveX control"}
_QUERY_ATTRIBUTES = ("tableType", "connectionId")
_MACRO_CALL = re.compile(rb"<x:FmlaMacro>.*?</x:FmlaMacro>\s*", re.DOTALL)
_WEB = ("http://", "https://", "mailto:", "#")


def strip_parts(work: Stripping, gone: Callable[[str], bool]) -> None:
    """Take out what leads elsewhere; `gone` tells whether a reference is to something that is left out."""
    _strip_links(work, work.workbook, _WORKBOOK_LINKS)
    _strip_links(work, "", _PACKAGE_LINKS)
    _strip_workbook(work)
    _refuse_foreign(work)
    for tab in work.tabs():
        _strip_links(work, tab.part, _SHEET_LINKS, tab.name)
        if tab.kind == "worksheet":
            _strip_sheet(work, tab, gone)
        for link in work.package.relationships(tab.part):
            if link.target not in work.package:
                continue
            if link.is_a("drawing"):
                _strip_drawing(work, link.target, tab.name, gone)
            elif link.is_a("vmlDrawing"):
                _strip_legacy(work, link.target, tab.name)
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
        if one.name == "AlternateContent" and any(inner.name == "absPath" for inner in one.walk()):
            unwanted.append(one)
            work.note("folder of the workbook", "workbook")
        if one.name == "fileSharing" and one.attributes.get("userName"):
            work.note("user of the workbook", "workbook")
        if one.name == "customWorkbookViews":
            work.note("views of single users", "workbook", len(one.children))
        if one.name == "extLst":
            unwanted += [ext for ext in one.children if any(inner.name == "dataModel" for inner in ext.walk())]
    work.drop(work.workbook, unwanted)
    if work.package.content_type(work.workbook) != _PLAIN_WORKBOOK:
        work.package = with_stated_type(work.package, work.workbook, _PLAIN_WORKBOOK)


def _refuse_foreign(work: Stripping) -> None:
    for tab in work.worksheets():
        frame = Sheet(work.package.text(tab.part)).frame
        for element in frame.walk():
            active = any("activeX" in link.target for link in work.package.relationships(tab.part))
            if element.name == "oleObjects" or (element.name == "controls" and active):
                raise Refusal(
                    f"{work.package.path}: sheet {tab.name} holds {_REFUSED[element.name]}, which carries data or"
                    " programs of its own; delete it in Excel, or put a picture in its place"
                )


def _strip_sheet(work: Stripping, tab: Tab, gone: Callable[[str], bool]) -> None:
    frame = Sheet(work.package.text(tab.part)).frame
    work.drop(tab.part, [one for one in frame.children if one.name in _SHEET_ELEMENTS])
    _strip_hyperlinks(work, tab, gone)
    text = work.package.text(tab.part)
    edits: list[Edit] = []
    for element in Sheet(text).frame.walk():
        if element.name == "controlPr" and element.attributes.get("macro"):
            edits += set_attribute(text, element.start, "macro", None)
    work.note("macro behind a button", tab.name, len(edits))
    work.edit(tab.part, edits)


def _strip_hyperlinks(work: Stripping, tab: Tab, gone: Callable[[str], bool]) -> None:
    """Links from cells to files and to what is left out."""
    files = _file_links(work, tab.part)
    frame = Sheet(work.package.text(tab.part)).frame
    links = [one for one in frame.walk() if one.name == "hyperlink"]
    going = [one for one in links if one.attribute("id") in files or gone(_place(one.attributes.get("location", "")))]
    if going and len(going) == len(links):
        work.drop(tab.part, [one for one in frame.walk() if one.name == "hyperlinks"])
    else:
        work.drop(tab.part, going)
    work.note("link to a file or to what is left out", tab.name, len(going))
    work.unlink(tab.part, lambda link: link.id in files)


def _place(location: str) -> str:
    return location.removeprefix("#")


def _file_links(work: Stripping, part: str) -> set[str]:
    return {
        link.id
        for link in work.package.relationships(part)
        if link.external and link.is_a("hyperlink") and not link.target.casefold().startswith(_WEB)
    }


def _strip_drawing(work: Stripping, part: str, sheet: str, gone: Callable[[str], bool]) -> None:
    """Macros behind shapes, links behind pictures, and texts that shapes take from cells that are left out."""
    text, root, files = work.package.text(part), work.package.root(part), _file_links(work, part)
    edits: list[Edit] = []
    macros = linked = 0
    for element in root.walk():
        if element.attributes.get("macro"):
            edits += set_attribute(text, element.start, "macro", "")
            macros += 1
        said = element.attributes.get("textlink", "")
        if said and (gone(said) or "[" in said):
            edits += set_attribute(text, element.start, "textlink", None)
        if element.name in ("hlinkClick", "hlinkHover") and element.attribute("id") in files:
            edits.append(Edit(element.start, element.end, b""))
            linked += 1
    work.edit(part, edits)
    work.unlink(part, lambda link: link.id in files)
    work.note("macro behind a button", sheet, macros)
    work.note("link to a file or to what is left out", sheet, linked)


def _strip_legacy(work: Stripping, part: str, sheet: str) -> None:
    data = work.package.part(part)
    new, count = _MACRO_CALL.subn(b"", data)
    work.note("macro behind a button", sheet, count)
    work.package = work.package.with_part(part, new)


def _strip_query(work: Stripping, part: str) -> None:
    """A table that a query filled, as a table of its own."""
    root, text = work.package.root(part), work.package.text(part)
    _strip_links(work, part, _SHEET_LINKS, root.attributes.get("displayName", part))
    edits = [edit for name in _QUERY_ATTRIBUTES for edit in set_attribute(text, root.start, name, None)]
    edits += [edit for one in _columns(root) for edit in set_attribute(text, one.start, "queryTableFieldId", None)]
    work.edit(part, edits)


def _columns(root: Element) -> Iterator[Element]:
    return (one for one in root.walk() if one.name == "tableColumn")
