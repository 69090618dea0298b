"""Small extracts of records with something odd in them: what a system, a spreadsheet or a person leaves in a file.

`odd_folder` writes one by its number, always the same. What it does to a file is made up of `CHANGES`.
"""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.support.extract_files import AREAS, catalogue

HEADINGS = ("Reference", "Day", "Area", "Kind", "Age", "Armed", "Note", "Team", "Closed", "Loss")
EVENTS: dict[str, Any] = {
    "title": "Events", "files": "events*", "shape": "records", "month": "day", "area": "area", "areas": "four",
    "columns": {
        "ref": {"header": "Reference", "type": "text"},
        "day": {"header": "Day", "type": "date", "format": "dd/mm/yyyy"},
        "area": {"header": "Area", "aliases": ["District"], "type": "area"},
        "kind": {"header": "Kind", "type": "text", "values": ["Theft", "Robbery"]},
        "age": {"header": "Age", "type": "count", "optional": True, "max": 120},
        "armed": {"header": "Armed", "type": "flag"},
        "note": {"header": "Note", "type": "text", "optional": True},
        "team": {"header": "Team", "type": "text"},
        "closed": {"header": "Closed", "type": "date", "format": "dd/mm/yyyy", "optional": True},
        "loss": {"header": "Loss", "type": "money", "optional": True, "max": 5000},
    },
    "keys": ["ref"], "trailer": "END OF EXTRACT",
}  # fmt: skip
_COLUMNS = EVENTS["columns"]
_FREE = {name: one for name, one in EVENTS.items() if name != "trailer"}
# Sources by what they ask for; the last ones ask for what one pass leaves to careful reading.
SOURCES: Mapping[str, dict[str, Any]] = {
    "plain": EVENTS,
    "without a control line": _FREE,
    "repeated rows count": {**_FREE, "repeated": "count"},
    "the first of repeated rows": {**EVENTS, "repeated": "first"},
    "many files": {**EVENTS, "many": True, "overlap": "add"},
    "the later of many files": {**_FREE, "many": True, "overlap": "later", "repeated": "last"},
    "two keys": {**EVENTS, "keys": ["ref", "team"]},
    "a key that is an area": {
        **{name: one for name, one in EVENTS.items() if name != "areas"}, "area": "team", "keys": ["ref", "team"]
    },
    "months beside": {
        **EVENTS, "columns": {**_COLUMNS, "closed": {"header": "Closed", "type": "month", "optional": True}}
    },
    "nothing required": {
        **_FREE, "columns": {name: {**one, "optional": True} for name, one in _COLUMNS.items()}, "keys": []
    },
    "a key that is a date": {**EVENTS, "keys": ["ref", "day"]},
    "chosen rows": {**_FREE, "rows": "team = 'Blue' or kind = 'Theft'"},
    "places elsewhere": {**EVENTS, "elsewhere": ["Heathrow", "*"]},
    "areas as they come": {**{name: one for name, one in EVENTS.items() if name != "areas"}, "area": "team"},
    "dates of the other order": {
        **EVENTS, "columns": {**_COLUMNS, "day": {"header": "Day", "type": "date", "format": "mm/dd/yyyy"}}
    },
    "dates year first": {**EVENTS, "columns": {**_COLUMNS, "day": {"header": "Day", "type": "date"}}},
    "months": {**EVENTS, "columns": {**_COLUMNS, "day": {"header": "Day", "type": "month"}}},
    "codes and marks": {
        **EVENTS, "columns": {
            **_COLUMNS,
            "kind": {"header": "Kind", "type": "text", "codes": {"Theft": "T", "Robbery": "R"}},
            "age": {"header": "Age", "type": "count", "missing": ["-1", "n/k"], "optional": True},
        },
    },
    "marks in a column that nothing counts": {
        **EVENTS, "columns": {**_COLUMNS, "loss": {"header": "Loss", "type": "decimal", "missing": ["-1", "n/k"]}}
    },
    "a footer": {**_FREE, "footer": ["END"]},
    "totals": {**_FREE, "totals": {"area": ["All areas"]}},
}  # fmt: skip
SERIES: Mapping[str, Mapping[str, Any]] = {
    "every": {"title": "Every event", "source": "it", "count": "rows"},
    "theft": {"title": "Theft", "source": "it", "count": "rows", "where": "kind = 'Theft'"},
    "young": {"title": "Young", "source": "it", "count": "rows", "where": "age < 22 and kind in ('Theft', 'Robbery')"},
    "ages": {"title": "Ages", "source": "it", "sum": "age", "where": "not armed"},
    "aged": {"title": "Aged", "source": "it", "count": "age"},
}
ODD_TEXTS = (
    *("", " ", "  ", "\u00a0", "\u200b", "\ufeff", "\t", '""', '" "', "-", "n/k", "N/A", "#N/A", "NULL", "0", "-1"),
    *("-1.0", "007", "12.0", "20.5", "121", "1e3", "\uff11", "£1,234.50", "9999", "(5)", "Y", "y", "yes", "TRUE"),
    *("maybe", "Théft", "THEFT", " Theft", "Theft ", "Theft\u00a0", "Rob\u200bbery", "north", "NORTH & HILLS"),
    *("North\u00a0", "Nort\u04bb", "All areas", "Heathrow", "E0001", "e0001", "E0001 ", " E0001", "E0001\u00a0"),
    *("E\u200b0001", '"E0001"', "END OF EXTRACT", "end of extract 3", "END", "endless", "Reference", "Day", "Blue"),
    *("blue", "Blue ", '"a, b"', '5" x 4"', '"5', '5"', '"a"b', '" a "', "a;b", "01/01/2009", "1/1/2009"),
    *("31/02/2009", "13/13/2009", "02/13/2009", "01/01/09", "2009-01-05", "2009-1-5", "39814", "01/01/2009 23:59"),
    *("01/01/2009 99:99", "01/01/2009T10:00:00Z", "01/01/2009 ", "01/01/1899", "01/12/2099", "Jan-09", "2009-01"),
    *("01/2009", "05/01/2009\u00a0", "0 /01/2009", "05/01/ 2009", "005/01/2009", "05/01/20090"),
)


CONTROL_LINES = (
    ["END OF EXTRACT", "48"], ['"END OF EXTRACT"', '"48"'], ["end of extract 48"], ["END OF EXTRACT", "47"],
    ["END OF EXTRACT"], ["END OF EXTRACT", "", "48", *[""] * 7],
)  # fmt: skip


def rows_of(form: str = "dd/mm/yyyy", first: int = 1, number: int = 48) -> list[list[str]]:
    """Rows of events: two months, four areas, all kinds; references from `first` on."""
    areas = list(AREAS["four"].members)
    rows = []
    for n in range(number):
        day, month, year = 1 + (n * 7) % 28, 12 if n < number // 2 else 1, 2008 if n < number // 2 else 2009
        written = {
            "dd/mm/yyyy": f"{day:02d}/{month:02d}/{year}", "mm/dd/yyyy": f"{month:02d}/{day:02d}/{year}",
            "yyyy-mm-dd": f"{year}-{month:02d}-{day:02d}", "month": f"{year}-{month:02d}",
        }[form]  # fmt: skip
        kind, age = ("Theft", "Robbery")[n % 3 == 0], str(18 + n % 7) if n % 5 else ""
        team = ("Blue", "Red")[n % 4 == 0]
        closed, loss = ("", "03/02/2009")[n % 2], ("", "12.50", "£1")[n % 3]
        note = "seen" * (n % 6 == 0)
        cells = [f"E{first + n:04d}", written, areas[n % 4], kind, age, "NY"[n % 11 == 0], note, team, closed, loss]
        rows.append(cells)
    return rows


def odd_folder(folder: Path, number: int) -> str:
    """Write the extract with this number into a folder; gives the name of its source in `SOURCES`."""
    chance = random.Random(number)  # noqa: S311  # the same files every time
    name = list(SOURCES)[number % len(SOURCES)]
    day = SOURCES[name]["columns"]["day"]
    form = "month" if day["type"] == "month" else day.get("format", "yyyy-mm-dd")
    files = 2 if SOURCES[name].get("many") else 1
    for file in range(files):
        rows = rows_of(form, 1 + 48 * file)
        if "the later" in name and file:
            rows = [row for row in rows if "2009" in row[1]]
        sheet = [list(HEADINGS), *rows]
        if "trailer" in SOURCES[name]:
            sheet.append(["END OF EXTRACT", str(len(rows))])
        text = Text(sheet)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            chance.choice(CHANGES)(text, chance)
        path = folder / f"events_{file}.csv"
        path.write_bytes(text.bytes())
    return name


class Text:
    """The cells of a file, and what is done when it is written."""

    def __init__(self, rows: list[list[str]]) -> None:
        self.rows = rows
        self.delimiter, self.end, self.encoding = ",", "\n", "utf-8"
        self.quoted = False
        self.last: list[Callable[[bytes], bytes]] = []

    def bytes(self) -> bytes:
        """The file."""
        lines = [self.delimiter.join(map(self._cell, row)) for row in self.rows]
        data = (self.end.join(lines) + self.end).encode(self.encoding, errors="replace")
        for change in self.last:
            data = change(data)
        return data

    def _cell(self, cell: str) -> str:
        return f'"{cell}"' if self.quoted and not cell.startswith('"') else cell


Change = Callable[[Text, random.Random], None]


def _row(text: Text, chance: random.Random) -> list[str]:
    return chance.choice(text.rows[1:] or text.rows)


def _odd_cell(text: Text, chance: random.Random) -> None:
    row = _row(text, chance)
    row[chance.randrange(len(row))] = chance.choice(ODD_TEXTS)


def _odd_column(text: Text, chance: random.Random) -> None:
    place, odd = chance.randrange(len(HEADINGS)), chance.choice(ODD_TEXTS)
    for row in text.rows[1:]:
        if place < len(row) and chance.random() < chance.choice((0.2, 1)):
            row[place] = odd


def _two_ways(text: Text, chance: random.Random) -> None:
    place = chance.choice((1, 8))
    for row in text.rows[1:]:
        if place < len(row) and chance.random() < 0.5:
            row[place] = chance.choice(("2009-01-05", "2009-01-05 10:00:00", "05/01/2009", "2008/09", "2009/10"))


def _nearly_empty(text: Text, chance: random.Random) -> None:
    row = [""] * len(HEADINGS)
    row[chance.randrange(len(row))] = chance.choice(("x", "Theft", "05/01/2009", "N", "3", "North"))
    text.rows.insert(chance.randrange(1, len(text.rows) + 1), row)


def _twice(text: Text, chance: random.Random) -> None:
    text.rows.insert(chance.randrange(1, len(text.rows) + 1), list(_row(text, chance)))


def _away(text: Text, chance: random.Random) -> None:
    text.rows.remove(_row(text, chance))


def _shorter(text: Text, chance: random.Random) -> None:
    row = _row(text, chance)
    del row[chance.randrange(len(row))]


def _longer(text: Text, chance: random.Random) -> None:
    row = _row(text, chance)
    row.insert(chance.randrange(len(row) + 1), chance.choice(("", "x", "Theft")))


def _blank_line(text: Text, chance: random.Random) -> None:
    line = chance.choice(([""], [""], [" "], [""] * len(HEADINGS), ["\t"], ['""']))
    place = len(text.rows) if chance.random() < 0.6 else chance.randrange(len(text.rows) + 1)
    for _ in range(chance.randrange(1, 4)):
        text.rows.insert(place, list(line))


def _swapped_cells(text: Text, chance: random.Random) -> None:
    row = _row(text, chance)
    one, other = chance.randrange(len(row)), chance.randrange(len(row))
    row[one], row[other] = row[other], row[one]


def _quoted(text: Text, _: random.Random) -> None:
    text.quoted = True


def _other_delimiter(text: Text, chance: random.Random) -> None:
    text.delimiter = chance.choice((";", "\t", "|"))


def _other_ends(text: Text, _: random.Random) -> None:
    text.end = "\r\n"


def _encoding(text: Text, chance: random.Random) -> None:
    text.encoding = chance.choice(("utf-8-sig", "cp1252", "utf-16"))


def _accents(text: Text, chance: random.Random) -> None:
    for row in text.rows[1:]:
        if len(row) > 6 and chance.random() < 0.3:
            row[6] = chance.choice(("café", "naïve", "Zoë", "£5"))


def _times(text: Text, chance: random.Random) -> None:
    for row in text.rows[1:]:
        if len(row) > 1 and "/" in row[1] + "/":
            row[1] += chance.choice((" 10:05", " 23:59", "T00:00:00", " 7:05:01.5"))


def _short_days(text: Text, _: random.Random) -> None:
    for row in text.rows[1:]:
        if len(row) > 1:
            row[1] = "/".join(part.lstrip("0") for part in row[1].split("/"))


def _title(text: Text, chance: random.Random) -> None:
    text.rows.insert(0, [chance.choice(("# made on Monday", "Events, all", "", '"two\nlines"'))])


def _columns_moved(text: Text, chance: random.Random) -> None:
    order = chance.sample(range(len(HEADINGS)), len(HEADINGS))
    text.rows[:] = [[row[at] for at in order] if len(row) == len(HEADINGS) else row for row in text.rows]


def _more_columns(text: Text, chance: random.Random) -> None:
    place = chance.randrange(len(HEADINGS) + 1)
    for at, row in enumerate(text.rows):
        if len(row) >= len(HEADINGS):
            row.insert(place, "Extra" if not at else chance.choice(("", "x", "y z", '"q, r"')))


def _padded(text: Text, _: random.Random) -> None:
    for row in text.rows:
        row.extend([""] * (len(HEADINGS) - len(row)))


def _headings_again(text: Text, chance: random.Random) -> None:
    text.rows.insert(chance.randrange(1, len(text.rows) + 1), list(HEADINGS))


def _control_line(text: Text, chance: random.Random) -> None:
    line = chance.choice(CONTROL_LINES)
    if text.rows[-1][0].startswith("END") and chance.random() < 0.8:
        text.rows[-1] = list(line)
    else:
        text.rows.insert(chance.randrange(1, len(text.rows) + 1), list(line))


def _at_the_end(change: Callable[[bytes, random.Random], bytes]) -> Change:
    def later(text: Text, chance: random.Random) -> None:
        text.last.append(lambda data: change(data, chance))

    return later


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) // 2, len(data))]


def _no_last_end(data: bytes, _: random.Random) -> bytes:
    return data.rstrip(b"\r\n")


def _odd_byte(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) // 8, len(data))
    odd = chance.choice(
        (b'"', b'"', b",", b"\n", b"\r", b"\r\n", b" ", b"\0", b"\xe9", b"\x1a", b'""', b' "', b'" ', b"\t")
    )
    return data[:place] + odd + data[place:]


def _no_byte(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) // 8, len(data) - 1)
    return data[:place] + data[place + 1 :]


def _dos_end(data: bytes, _: random.Random) -> bytes:
    return data + b"\x1a"


CHANGES: tuple[Change, ...] = (
    *(_odd_cell,) * 8, *(_odd_column,) * 2, _two_ways, _nearly_empty, _twice, _away, _shorter, _longer,
    _blank_line, _blank_line, _swapped_cells, _quoted, _other_delimiter, _other_ends, _encoding, _accents, _times,
    _short_days, _title, _columns_moved, _more_columns, _padded, _headings_again, _control_line, _control_line,
    *map(_at_the_end, (_cut, _no_last_end, _odd_byte, _odd_byte, _odd_byte, _no_byte, _dos_end)),
)  # fmt: skip


def catalogue_of(name: str, number: int) -> Any:
    """The catalogue of a source of `SOURCES`, with all series or, for one number in four, one."""
    return catalogue({"it": SOURCES[name]}, SERIES if number % 4 else {"every": SERIES["every"]})
