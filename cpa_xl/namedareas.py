"""The cells that a reference outside the cells comes to, through names and the columns of tables."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cpa_xl.a1 import Area, range_name, rewrite_areas
from cpa_xl.structured import table_bounds
from cpa_xl.tablexml import Table

_DEEPEST = 16  # names that stand for names; Excel's own are two or three deep
_WORD = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    |(?<![\w.$'!\]:])(?:(?P<sheet>'(?:[^']|'')*'|\[\d+\]|[\w.]+)!)?
     (?P<word>[^\W\d][\w.?\\]*)(?P<brackets>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])?(?![\w.?\\(!$:'\[])
    |(?P<quoted>'(?:[^']|'')*')""",
    re.VERBOSE | re.DOTALL,
)


def areas_of(formula: str) -> tuple[Area, ...] | None:
    """The areas that a reference names, or None when it is anything but areas of one sheet (a name, a function)."""
    found: list[Area] = []

    def take(area: Area) -> str:
        found.append(area)
        return ""

    rest = rewrite_areas(formula, take)
    if rest.strip("(), ") or not all(area.sheet and ":" not in area.sheet for area in found):
        return None
    return tuple(found)


@dataclass(frozen=True)
class NamedAreas:
    """Names and tables of a workbook, by which references are resolved; all keys in lower case.

    names: by the sheet they belong to ("" for the whole workbook) and their own name, without "=".
    """

    names: Mapping[tuple[str, str], str]
    tables: Mapping[str, Table]

    def areas(self, formula: str) -> tuple[Area, ...] | None:
        """The areas that a reference comes to; None where it is worked out, moves, or stands for no cells."""
        return areas_of(self._spelled_out(formula))

    def may_reach(self, formula: str, sheets: Collection[str]) -> bool:
        """Whether a reference may come to cells of these sheets: it names some, or nobody can tell."""
        text, wanted, found = self._spelled_out(formula), {sheet.casefold() for sheet in sheets}, False

        def look(area: Area) -> None:
            nonlocal found
            several = area.sheet is None or ":" in area.sheet  # from one sheet to another
            found = found or several or (area.sheet or "").casefold() in wanted

        rewrite_areas(text, look)
        return found or "indirect(" in text.casefold()

    def _spelled_out(self, formula: str, depth: int = 0) -> str:
        """The reference with names replaced by what they stand for, and columns of tables by their cells."""

        def meaning(match: re.Match[str]) -> str:
            word, sheet = match["word"], (match["sheet"] or "").strip("'").replace("''", "'")
            if word is None:
                return match[0]
            if match["brackets"] or (word.casefold() in self.tables and not sheet):
                return self._cells(word, match["brackets"] or "[]") or match[0]
            key = word.casefold()
            text = self.names.get((sheet.casefold(), key), self.names.get(("", key)))
            return match[0] if text is None or depth == _DEEPEST else f"({self._spelled_out(text, depth + 1)})"

        return _WORD.sub(meaning, formula)

    def _cells(self, table: str, specification: str) -> str | None:
        found = self.tables.get(table.casefold())
        if found is None:
            return None
        place = table_bounds(found, specification, "", 0)
        quoted = found.sheet.replace("'", "''")
        return None if isinstance(place, str) else f"'{quoted}'!{range_name(*place)}"
