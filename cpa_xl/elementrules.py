"""What elements of a workbook's parts have to say so that they can be read: which attributes, and of which kind.

Only what this package reads is stated; in anything else a part may be as odd as it likes.
Source: ECMA-376 part 1, the schemas sml.xsd and dml-chart.xsd, and part 2, opc-relationships.xsd.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cpa_xl.a1 import MAX_COLUMN, bounds, cell_position

REPAIR = "open the workbook in Excel, let it be repaired, and save it"
_LARGEST = 2**32 - 1  # xsd:unsignedInt
_WHOLE = re.compile(r"\s*\d{1,10}\s*", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?\s*", re.ASCII)
# Two cells, columns or rows: LibreOffice writes C:C for a table that reaches to the sheet's end.
_ALIKE = re.compile(r"(\$?[a-z]+\$?\d+)(:\$?[a-z]+\$?\d+)?|\$?[a-z]+:\$?[a-z]+|\$?\d+:\$?\d+", re.IGNORECASE | re.ASCII)
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_CHART = (
    "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "http://purl.oclc.org/ooxml/drawingml/chart",
)
_SPARKLINES = ("http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",)
_LINKS = ("http://schemas.openxmlformats.org/package/2006/relationships",)
_TYPES = ("http://schemas.openxmlformats.org/package/2006/content-types",)


@dataclass(frozen=True)
class _Kind:
    """What an attribute may say, in words and as a test."""

    words: str
    fits: Callable[[str], bool]


def _is_read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return fits


_TEXT = _Kind("a text", lambda _: True)
_COUNT = _Kind("a whole number from 0", lambda text: _WHOLE.fullmatch(text) is not None and int(text) <= _LARGEST)
_COLUMN = _Kind(
    f"the number of a column, 1 to {MAX_COLUMN:,}",
    lambda text: _WHOLE.fullmatch(text) is not None and 1 <= int(text) <= MAX_COLUMN,
)
_SIZE = _Kind("a number", lambda text: _NUMBER.fullmatch(text) is not None)
_PLACE = _Kind("a cell or a range", _is_read_by(bounds))
_PLACES = _Kind("a list of cells and ranges", _is_read_by(lambda text: [bounds(place) for place in text.split()]))
_RANGE = _Kind("a range such as A1:C9", lambda text: _PLACE.fits(text) and _ALIKE.fullmatch(text) is not None)
_CELL = _Kind("a cell", _is_read_by(cell_position))

# Of elements by namespaces and name: the attributes that they must have, and those that they may have.
_Rules = Mapping[str, tuple[Mapping[str, _Kind], Mapping[str, _Kind]]]
_STATED: Mapping[tuple[str, ...], _Rules] = {
    _MAIN: {
        "sheet": ({"name": _TEXT}, {"sheetId": _COUNT}),
        "workbookView": ({}, {"activeTab": _COUNT, "firstSheet": _COUNT}),
        "definedName": ({"name": _TEXT}, {"localSheetId": _COUNT}),
        "table": ({"ref": _RANGE, "id": _COUNT}, {}),
        "tableColumn": ({"name": _TEXT, "id": _COUNT}, {}),
        "col": ({"min": _COLUMN, "max": _COLUMN}, {"width": _SIZE}),
        "sheetFormatPr": ({}, {"defaultRowHeight": _SIZE, "defaultColWidth": _SIZE}),
        "mergeCell": ({"ref": _PLACE}, {}),
        "hyperlink": ({"ref": _PLACE}, {}),
        **dict.fromkeys(("conditionalFormatting", "dataValidation", "protectedRange"), ({}, {"sqref": _PLACES})),
        "comment": ({"ref": _CELL}, {"authorId": _COUNT}),
        "location": ({"ref": _PLACE}, {}),
        "worksheetSource": ({}, {"ref": _PLACE}),
        "numFmt": ({"numFmtId": _COUNT, "formatCode": _TEXT}, {}),
        "cellStyle": ({}, {"xfId": _COUNT}),
        "xf": ({}, dict.fromkeys(("numFmtId", "fontId", "fillId", "borderId", "xfId"), _COUNT)),
        "sz": ({"val": _SIZE}, {}),
        **dict.fromkeys(("color", "fgColor", "bgColor"), ({}, {"tint": _SIZE})),
    },
    _CHART: {"pt": ({"idx": _COUNT}, {}), "ptCount": ({"val": _COUNT}, {})},
    _SPARKLINES: {"sparklineGroup": ({}, {"lineWeight": _SIZE})},
    _LINKS: {"Relationship": (dict.fromkeys(("Id", "Type", "Target"), _TEXT), {})},
    _TYPES: {
        "Default": (dict.fromkeys(("Extension", "ContentType"), _TEXT), {}),
        "Override": (dict.fromkeys(("PartName", "ContentType"), _TEXT), {}),
    },
}
_RULES = {
    f"{space} {name}": rule for spaces, rules in _STATED.items() for space in spaces for name, rule in rules.items()
}


def element_fault(name: str, attributes: Mapping[str, str]) -> str | None:
    """What keeps an element from being read, in words; None where nothing does.

    `name` is the element's namespace, a space and its local name.
    """
    rule = _RULES.get(name)
    if rule is None:
        return None
    local, (needed, others) = name.rpartition(" ")[2], rule
    for attribute, kind in (*needed.items(), *others.items()):
        said = attributes.get(attribute)
        if said is None and attribute in needed:
            return f"<{local}> has no {attribute}; {REPAIR}"
        if said is not None and not kind.fits(said):
            return f"<{local}> has {said[:40]!r} for its {attribute}, where {kind.words} belongs; {REPAIR}"
    return None
