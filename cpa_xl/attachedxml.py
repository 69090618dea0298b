"""What hangs on the cells of a sheet: comments and links, which belong to one row, and controls, which name ranges."""

import re
from collections.abc import Iterator

from cpa_xl.a1 import bounds
from cpa_xl.following import Move, followed_attributes
from cpa_xl.markup import Edit, Element, escape, splice, unescape
from cpa_xl.package import Package
from cpa_xl.tablerows import Mark

_IN_DRAWING = re.compile(rb"<x:(Fmla\w+)>([^<]*)</x:\1>")  # old drawings are not always XML


def marks(package: Package, sheet_part: str, frame: Element) -> Iterator[Mark]:
    """The comments and links of a sheet."""
    listing = frame.find("hyperlinks")
    for element in listing.all("hyperlink") if listing else ():
        yield Mark("link", bounds(element.attributes["ref"]))
    for link in package.relationships(sheet_part):
        if link.is_a("comments") and link.target in package:
            for element in package.root(link.target).walk():
                if element.name == "comment":
                    yield Mark("comment", bounds(element.attributes["ref"]))


def with_controls_following(package: Package, sheet_part: str, sheet: str, move: Move) -> Package:
    """The package in which lists and links of this sheet's controls follow the table's body."""
    for link in package.relationships(sheet_part):
        if link.target not in package:
            continue
        if link.is_a("ctrlProp"):
            text, root = package.text(link.target), package.root(link.target)
            package = package.with_text(link.target, splice(text, followed_attributes(text, root, move, sheet)))
        elif link.is_a("vmlDrawing"):
            text = package.text(link.target)
            edits = [
                Edit(*found.span(2), escape(move.formula(unescape(found[2]), sheet)))
                for found in _IN_DRAWING.finditer(text)
                if move.formula(unescape(found[2]), sheet) != unescape(found[2])
            ]
            package = package.with_text(link.target, splice(text, edits))
    return package
