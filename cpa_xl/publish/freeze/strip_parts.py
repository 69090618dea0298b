"""Takes out parts of the file: links, macros, connections, unknown parts, unused parts, and pivot tables.

Known parts are taken out by name. Of the rest only known kinds stay, so that nothing new slips through. A pivot table
keeps its source rows and who refreshed it, and LibreOffice rebuilds it with other words when it opens a file. So its
cells stay as values, and the pivot table goes, with its slicers and timelines.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.insert import with_stated_type
from cpa_xl.ooxml.package import CONTENT_TYPES, relationships_part
from cpa_xl.ooxml.sheet import Sheet
from cpa_xl.ooxml.xml import Edit, Element, escape, set_attribute, unset_attribute
from cpa_xl.publish.freeze.strip_drawings import LINK, WEB, file_links, leaves
from cpa_xl.publish.freeze.work import Stripping, Tab, reached

_PLAIN_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WORKBOOK_LINKS = {  # the last word of a link's type: its name in the list
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
    "custom-properties": "custom properties",
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

UNKNOWN = "part of an unknown kind"
# The last words of the types of links: ECMA-376 part 1, 12.3; [MS-XLSX] 2.1 and [MS-ODRAWXML] 2.1 for the newer ones.
_OF_PACKAGE = frozenset(("officeDocument", "core-properties", "extended-properties"))
_OF_WORKBOOK = frozenset(
    (
        *("worksheet", "chartsheet", "styles", "theme", "sharedStrings", "calcChain", "sheetMetadata"),
        *("slicerCache", "timelineCache", "FeaturePropertyBag"),
    )
)
_OF_SHEETS = frozenset(
    (
        *("drawing", "vmlDrawing", "legacyDrawingHeaderFooter", "comments", "table", "hyperlink", "image"),
        *("slicer", "timeline", "ctrlProp"),
    )
)

_ACTORS = {"slicer": "slicerCache", "timeline": "timelineCache"}  # the last words of links: of a sheet, of the workbook
_FRAMES = frozenset(("slicer", "timeslicer"))  # how a drawing names one


def strip_parts(work: Stripping, gone: Callable[[str], bool]) -> None:
    """Take out what links elsewhere; `gone` judges whether a reference is to something that is left out."""
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


def strip_unknown(work: Stripping) -> None:
    """Take out what links of unknown kinds lead to.

    Raises `Refusal` where something visible needs it, or needs a file elsewhere.
    """
    for link in work.unlink("", lambda link: link.type.rpartition("/")[2] not in _OF_PACKAGE):
        work.note(UNKNOWN, link.target)
    for link in work.unlink(work.workbook, lambda link: link.type.rpartition("/")[2] not in _OF_WORKBOOK):
        work.note(UNKNOWN, link.target)
        _strip_mentions(work, work.workbook, work.frame(work.workbook), link.id, link.target)
    for tab in work.tabs():
        for link in work.unlink(tab.part, lambda link: link.type.rpartition("/")[2] not in _OF_SHEETS):
            work.note(UNKNOWN, tab.name)
            _strip_mentions(work, tab.part, work.frame(tab.part), link.id, tab.name)
    _refuse_outside(work)


def strip_printers(work: Stripping) -> None:
    """What a printer's driver keeps: its name, its share, who owns it. Paper, scale and margins stay."""
    for tab in work.tabs():
        ids = {link.id for link in work.unlink(tab.part, lambda link: link.is_a("printerSettings"))}
        if not ids:
            continue
        text = work.package.text(tab.part)
        setups = [one for one in work.frame(tab.part).walk() if one.name == "pageSetup" and one.attribute("id") in ids]
        work.edit(tab.part, [edit for one in setups for edit in unset_attribute(text, one.start, "id")])
        work.note("settings of a printer", tab.name)


def strip_lost(work: Stripping) -> None:
    """Take out parts that nothing leads to, and what the zip file remarks on its parts."""
    reachable = reached(work.package)
    rels = {relationships_part(part).casefold() for part in ("", *reachable)}
    lost = [
        name
        for name in work.package.names
        if name not in reachable and name.casefold() not in rels and name.casefold() != CONTENT_TYPES.casefold()
    ]
    for name in lost:
        if not name.casefold().endswith(".rels"):
            work.note("part that nothing leads to", name)
    work.remove(lost)
    work.package = work.package.without_remarks()


def strip_pivots(work: Stripping) -> None:
    """Take pivot tables out, with the rows that they keep and what acts on them."""
    caches = _actor_caches(work)
    for tab in work.tabs():
        links = work.unlink(tab.part, lambda link: link.is_a("pivotTable"))
        work.note("pivot table, made plain cells", tab.name, len(links))
        _strip_actors(work, tab, caches)
    work.unlink(work.workbook, lambda link: link.is_a("pivotCacheDefinition"))
    work.unlink(work.workbook, lambda link: any(link.is_a(kind) and link.target in caches for kind in _ACTORS.values()))
    _strip_lists(work)
    for part in work.parts_of("drawingml.chart+xml"):
        work.drop(part, [one for one in work.package.root(part).children if one.name == "pivotSource"])


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
    """Take out extensions that name cells that are left out; other steps handle formats, checks and sparklines."""
    going = [
        one
        for one in Sheet(work.package.text(tab.part)).frame.walk()
        if one.name == "ext"
        and not any(child.name in _SEEN_TO for child in one.children)
        and any(inner.name == "f" and leaves(inner.text, gone) for inner in one.walk())
    ]
    work.note("extension that names what is left out", tab.name, work.drop(tab.part, going))


def _strip_passwords(work: Stripping, part: str, name: str) -> None:
    """Take out the hashes of passwords, and who may edit: sheets stay protected, without a password."""
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


def _leads_away(link: Element, gone: Callable[[str], bool]) -> bool:
    return leaves(link.attributes.get("location", "").removeprefix("#"), gone)


def _strip_query(work: Stripping, part: str) -> None:
    """Make a table that a query filled an ordinary table."""
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


def _strip_mentions(work: Stripping, part: str, root: Element, identity: str, name: str) -> None:
    """Extensions that name a link that went; anything else that does is refused."""
    extensions = [one for one in root.walk() if one.name == "ext" and _names(one, identity)]
    known = [one for extension in extensions for one in extension.walk()]
    others = [one for one in root.walk() if one not in known and _links(one, identity)]
    if others:
        raise Refusal(
            f"{work.package.path}: {name} holds something that cpa_xl does not know (<{others[0].name}>) and"
            " cannot check; delete it in Excel, or put a picture in its place"
        )
    work.drop(part, extensions)


def _names(element: Element, identity: str) -> bool:
    return any(_links(one, identity) for one in element.walk())


def _links(element: Element, identity: str) -> bool:
    """Whether an attribute in the namespace of links says so, by whatever name."""
    return any(
        key.rpartition(" ")[0].endswith("/relationships")
        for key, said in element.attributes.items()
        if said == identity
    )


def _refuse_outside(work: Stripping) -> None:
    """Links to other files that nothing here knows how to take out."""
    for part in ("", *work.package.names):
        for link in work.package.relationships(part) if not part.endswith(".rels") else ():
            if link.external and not (link.is_a("hyperlink") and link.target.casefold().startswith(WEB)):
                raise Refusal(
                    f"{work.package.path}: {part or 'the file'} leads to {link.target}; delete what is shown from there"
                    " in Excel, or put a picture in its place"
                )


def _actor_caches(work: Stripping) -> dict[str, str]:
    """The parts of slicers and timelines whose pivot tables and tables were taken out, with their names."""
    there, found = reached(work.package), {}
    tables = {work.package.root(part).attributes.get("id") for part in work.parts_of(".table+xml") if part in there}
    for link in work.package.relationships(work.workbook):
        if any(link.is_a(kind) for kind in _ACTORS.values()) and link.target in work.package:
            root = work.package.root(link.target)
            acts = [one.attributes.get("tableId") for one in root.walk() if one.name == "tableSlicerCache"]
            lost = any(table not in tables for table in acts)
            if root.find("pivotTables") is not None or link.is_a("timelineCache") or lost:
                found[link.target] = root.attributes.get("name", "")
    return found


def _strip_actors(work: Stripping, tab: Tab, caches: dict[str, str]) -> None:
    for link in work.package.relationships(tab.part):
        if not any(link.is_a(kind) for kind in _ACTORS) or link.target not in work.package:
            continue
        root = work.package.root(link.target)
        going = [one for one in root.children if one.attributes.get("cache") in caches.values()]
        work.note("slicer or timeline", tab.name, len(going))
        names = {one.attributes.get("name", "") for one in going}
        _strip_frames(work, tab, names)
        if going and len(going) == len(root.children):
            _strip_mention(work, tab, link.id)
            work.unlink(tab.part, lambda one, gone=link.id: one.id == gone)  # type: ignore[misc]  # a default is bound now
        else:
            work.drop(link.target, going)


def _strip_mention(work: Stripping, tab: Tab, identity: str) -> None:
    """The extension of a sheet that lists its slicers or timelines."""
    for element in Sheet(work.package.text(tab.part)).frame.walk():
        if element.name == "ext" and any(one.attribute("id") == identity for one in element.walk()):
            work.drop(tab.part, [element])
            return


def _strip_frames(work: Stripping, tab: Tab, names: Collection[str]) -> None:
    for link in work.package.relationships(tab.part):
        if link.is_a("drawing") and link.target in work.package:
            anchors = work.package.root(link.target).children
            work.drop(link.target, [one for one in anchors if _shows(one, names)])


def _shows(anchor: Element, names: Collection[str]) -> bool:
    return any(one.name in _FRAMES and one.attributes.get("name") in names for one in anchor.walk())


def _strip_lists(work: Stripping) -> None:
    """What the workbook says of caches that went, in its own list and in its extensions."""
    link_ids = {link.id for link in work.package.relationships(work.workbook)}
    root = work.package.root(work.workbook)
    going = [one for one in root.children if one.name == "pivotCaches"]
    for extensions in root.all("extLst"):
        for extension in extensions.children:
            ids = [identity for one in extension.walk() if (identity := one.attribute("id")) and one is not extension]
            if ids and not link_ids.issuperset(ids):
                entries = [
                    one for one in extension.walk() if one.attribute("id") and one.attribute("id") not in link_ids
                ]
                going += [extension] if len(entries) == len(ids) else entries
    work.drop(work.workbook, going)
