"""Pivot tables of a copy for readers: the cells stay as they are shown, what could work them out anew goes.

A pivot table keeps the rows that it was made from, and who refreshed it; and LibreOffice makes every pivot table anew
when it opens a file, with other words in it. Slicers and timelines of pivot tables have nothing to act on and go too.
"""

from collections.abc import Collection

from cpa_xl.markup import Element
from cpa_xl.sheetxml import Sheet
from cpa_xl.stripping import Stripping, Tab, reached

_ACTORS = {"slicer": "slicerCache", "timeline": "timelineCache"}  # the last words of links: of a sheet, of the workbook
_FRAMES = frozenset(("slicer", "timeslicer"))  # how a drawing names one


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


def _actor_caches(work: Stripping) -> dict[str, str]:
    """The parts that stand for slicers and timelines of pivot tables and tables that went, with their names."""
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
    there = {link.id for link in work.package.relationships(work.workbook)}
    root = work.package.root(work.workbook)
    going = [one for one in root.children if one.name == "pivotCaches"]
    for extensions in root.all("extLst"):
        for extension in extensions.children:
            ids = [identity for one in extension.walk() if (identity := one.attribute("id")) and one is not extension]
            if ids and not there.issuperset(ids):
                entries = [one for one in extension.walk() if one.attribute("id") and one.attribute("id") not in there]
                going += [extension] if len(entries) == len(ids) else entries
    work.drop(work.workbook, going)
