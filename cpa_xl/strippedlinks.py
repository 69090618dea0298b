"""Parts that a copy for readers has no use for: of kinds that nobody here knows, and those that nothing leads to.

What is taken out elsewhere is known by name; here only what is known may stay, so that nothing new slips through.
"""

from cpa_xl.errors import Refusal
from cpa_xl.markup import Element, unset_attribute
from cpa_xl.package import CONTENT_TYPES, relationships_part
from cpa_xl.strippeddrawings import WEB
from cpa_xl.stripping import Stripping, reached

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


def strip_unknown(work: Stripping) -> None:
    """Take out what links of unknown kinds lead to.

    Raises `Refusal` where something that is shown leans on it, or on a file elsewhere.
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


def _strip_mentions(work: Stripping, part: str, root: Element, identity: str, name: str) -> None:
    """Extensions that name a link that went; anything else that does is refused."""
    extensions = [one for one in root.walk() if one.name == "ext" and _names(one, identity)]
    known = [one for extension in extensions for one in extension.walk()]
    others = [one for one in root.walk() if one not in known and _links(one, identity)]
    if others:
        raise Refusal(
            f"{work.package.path}: {name} holds something that cpa_xl does not know (<{others[0].name}>), and nobody"
            " can tell what it gives away; delete it in Excel, or put a picture in its place"
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
    there = reached(work.package)
    rels = {relationships_part(part).casefold() for part in ("", *there)}
    lost = [
        name
        for name in work.package.names
        if name not in there and name.casefold() not in rels and name.casefold() != CONTENT_TYPES.casefold()
    ]
    for name in lost:
        if not name.casefold().endswith(".rels"):
            work.note("part that nothing leads to", name)
    work.remove(lost)
    work.package = work.package.without_remarks()
