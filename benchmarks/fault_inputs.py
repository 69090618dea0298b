"""Extracts with a fault: inputs of each kind, made from the sample by seeded variation.

A kind is named after its row in the list of faults that changed figures without a word: `b4` an area that has no
records any more, `a10` an extract of one month. `cases` varies source, column, months, areas and sizes.
"""

import calendar
import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from math import cos, exp, pi, sqrt
from pathlib import Path
from random import Random

from cpa_xl.measures.periods import Month
from tests.support.opendocument import write_ods  # .ods files are written as in the tests

STATEMENT = "# SYNTHETIC sample data made by cpa_xl: not real police figures"
TRAILER = "END OF EXTRACT"
WITH_TRAILER = {"offences", "detections"}
FILES = {
    "recorded_crime": "recorded_crime", "offences": "offences", "detections": "outcomes",
    "casualties": "road_casualties", "victims": "victims", "satisfaction": "user_satisfaction",
    "confidence": "public_confidence", "disruptions": "network_disruptions", "asset_cases": "asset_cases",
}  # fmt: skip
RECORDS = ("offences", "detections", "casualties", "victims")  # those with areas
WIDE, SURVEYS = "recorded_crime", ("satisfaction", "confidence")
LAST = Month(2009, 1)
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?")

Cell = str | float | dt.datetime
Row = list[Cell]


@dataclass(frozen=True)
class Form:
    """How an extract is written: `end` follows its last line; `cut` letters of it are lost."""

    suffix: str = ".csv"
    end: bytes = b"\n"
    cut: int = 0


@dataclass(frozen=True)
class Table:
    """An extract: headings and rows. The texts of a CSV file; a sheet may have numbers, dates and errors."""

    source: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    form: Form = Form()

    def at(self, heading: str) -> int:
        """The place of a column."""
        return self.head.index(heading)

    def month(self, row: Sequence[Cell]) -> Month:
        """The month of a record or of a row of a survey."""
        day = row[self.day]
        if isinstance(day, dt.datetime):
            return Month(day.year, day.month)
        return Month(int(str(day)[6:]), int(str(day)[3:5]))

    @cached_property
    def day(self) -> int:
        """The place of the date."""
        return next(place for place, heading in enumerate(self.head) if "Date" in heading or "Quarter" in heading)

    @cached_property
    def months(self) -> Sequence[int]:
        """The places of the columns of months, of a wide table."""
        return [place for place, heading in enumerate(self.head) if heading.isdigit()]

    def until(self, last: Month, first: Month | None = None) -> "Table":
        """The table as it was when `last` was the last month; `first`: without the months before."""
        wanted = range((first or Month(2000, 1)) - LAST, last - LAST + 1)
        if self.source == WIDE:
            kept = [n for n, heading in enumerate(self.head)
                    if not heading.isdigit() or Month(int(heading[:4]), int(heading[4:])) - LAST in wanted]  # fmt: skip
            head, *rows = (tuple(row[n] for n in kept) for row in (self.head, *self.rows))
            return replace(self, head=tuple(map(str, head)), rows=tuple(rows))
        return replace(self, rows=tuple(row for row in self.rows if self.month(row) - LAST in wanted))

    def kept(self, wanted: Callable[[Sequence[Cell]], bool]) -> "Table":
        """The rows that are wanted."""
        return replace(self, rows=tuple(row for row in self.rows if wanted(row)))

    def changed(self, change: Callable[[Row], Sequence[Cell]]) -> "Table":
        """Each row changed."""
        return replace(self, rows=tuple(tuple(change(list(row))) for row in self.rows))

    def as_form(self, **form: str | bytes | int) -> "Table":
        """Written in another way."""
        return replace(self, form=replace(self.form, **form))  # type: ignore[arg-type]  # fields of a form

    def write(self, folder: Path) -> None:
        """Write the file into a folder, made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{FILES[self.source]}{self.form.suffix}"
        rows: list[Sequence[Cell]] = [self.head, *self.rows]
        if self.source in WITH_TRAILER:
            rows.append((TRAILER, str(len(self.rows))))
        if self.form.suffix == ".csv":
            text = "\n".join((STATEMENT, *(",".join(map(str, row)) for row in rows))).encode()
            path.write_bytes(text[: len(text) - self.form.cut] + self.form.end)
        elif self.form.suffix == ".xlsx":
            _write_xlsx(path, rows)
        else:
            write_ods(path, {"Results": [[_ods_cell(cell) for cell in row] for row in rows]})


def _write_xlsx(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    """A sheet; a text that is "=" becomes a formula without a saved value."""
    import openpyxl  # noqa: PLC0415  # takes long, and few inputs need it

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Results")
    for row in rows:
        sheet.append(["=1+1" if cell == "=" else None if cell == "" else cell for cell in row])
    book.save(path)


def _ods_cell(cell: Cell) -> object:
    if isinstance(cell, dt.datetime):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
    return None if cell == "" else cell


@dataclass(frozen=True)
class Case:
    """An input: what was known (None: nothing), the right extract, and that with the fault.

    `words` say what is wrong. `as_of`: the month of the refresh, one period after `before`.
    """

    kind: str
    words: str
    as_of: Month
    before: Table | None
    right: Table
    wrong: Table


class Sample:
    """The sample's extracts, as tables."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, Table] = {}

    def table(self, source: str) -> Table:
        """All months of a source."""
        if source not in self._tables:
            self._tables[source] = self._satisfaction() if source == "satisfaction" else self._text(source)
        return self._tables[source]

    def as_it_came(self, source: str, months: int = 12) -> Iterator[tuple[Month, Table]]:
        """The extracts of the last months, each with all months before, as they are."""
        table = self.table(source)
        step = 3 if source in SURVEYS else 1
        end = max(map(table.month, table.rows)) if source != WIDE else LAST
        for back in range(months, -1, -step):
            yield end - back, table.until(end - back)

    def _text(self, source: str) -> Table:
        [path] = self._folder.glob(f"{FILES[source]}*")
        with path.open(encoding="utf-8", newline="") as file:
            _, head, *rows = csv.reader(file)
        return Table(source, tuple(head), tuple(tuple(row) for row in rows if row[0] != TRAILER))

    def _satisfaction(self) -> Table:
        import openpyxl  # noqa: PLC0415  # takes long, and few inputs need it

        [path] = self._folder.glob("user_satisfaction*")
        _, _, _, head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        return Table("satisfaction", tuple(map(str, head)), tuple(rows), Form(".xlsx"))  # type: ignore[arg-type]  # dates, texts and numbers


@dataclass(frozen=True)
class Draw:
    """One input of a kind: its number, and chance that depends on kind, number and seed alone."""

    sample: Sample
    number: int
    chance: Random

    def of(self, *choices: str) -> str:
        """One of these, by turns."""
        return choices[self.number % len(choices)]

    def month(self) -> Month:
        """A month of the last eight."""
        return LAST - self.chance.randrange(8)

    def case(
        self, words: str, source: str, change: Callable[[Table], Table], *, known: bool = True,
        form: Callable[[Table], Table] = lambda table: table, months: int | None = None, as_of: Month | None = None,
    ) -> Case:  # fmt: skip
        """A case of one source; `months`: extracts hold only so many; `form`: how they are written."""
        step = 3 if source in SURVEYS else 1
        as_of = as_of or (LAST - 1 - 3 * self.chance.randrange(3) if step == 3 else self.month())
        if source == "confidence":
            as_of = min(as_of, LAST - 4)
        whole = self.sample.table(source)
        right = form(whole.until(as_of, None if months is None else as_of - months + 1))
        before = whole.until(as_of - step) if known else None
        return Case("", f"{source}, {as_of}: {words}", as_of, before, right, change(right))


class Years:
    """Three years of monthly refreshes of a force like that of the sample, without any fault.

    Events come by chance (Poisson) around a mean that swings by 15 to 20 % with the seasons. Of the last month's
    records, 1 to 3 % come a month late; 0.3 % of those known are revised each month. Extracts hold the last 13 months,
    or the last 36 for every other seed. Surveys ask some 2 % more or fewer each quarter.
    """

    REFRESHES = 36

    def __init__(self, sample: Sample, seed: int) -> None:
        self._sample = sample
        self._chance = Random(seed)  # noqa: S311  # figures to test with, no secrets
        self._window = 36 if seed % 2 == 0 else 13
        self._late = self._chance.uniform(0.01, 0.03)
        self._swing, self._peak = self._chance.uniform(0.15, 0.2), self._chance.randrange(12)

    def refreshes(self, source: str) -> Iterator[tuple[Month, Table]]:
        """The as-of month and the extract of each refresh; the first one begins the history."""
        if source in SURVEYS:
            return self._surveys(source)
        return self._figures(source) if source == WIDE else self._records(source)

    def _level(self, month: Month) -> float:
        """How busy a month is; 1 is usual."""
        return 1 + self._swing * cos(2 * pi * (month.month - self._peak) / 12)

    def _poisson(self, mean: float) -> int:
        if mean > 50:
            return max(0, round(self._chance.gauss(mean, sqrt(mean))))
        number, left = 0, exp(-mean)
        drawn = self._chance.random()
        while drawn > left:
            drawn *= self._chance.random()
            number += 1
        return number

    def _all_months(self) -> list[Month]:
        return [LAST - 35 + n for n in range(36 + self.REFRESHES)]

    def _figures(self, source: str) -> Iterator[tuple[Month, Table]]:
        table = self._sample.table(source)
        first, months = table.months[0], self._all_months()
        counts = []
        for row in table.rows:
            mean = sum(whole(row[n]) for n in table.months) / len(table.months)
            counts.append([self._poisson(mean * self._level(month)) for month in months])
        for end in range(36, len(months) + 1):
            for own in counts:
                for n in range(max(0, end - 13), end - 1):
                    revised = self._poisson(0.003 * own[n])
                    own[n] = max(0, own[n] + (revised if self._chance.random() < 0.5 else -revised))
            shown = months[max(0, end - self._window) : end]
            rows = []
            for row, own in zip(table.rows, counts, strict=True):
                last = own[end - 1] - min(own[end - 1], self._poisson(self._late * own[end - 1]))
                rows.append((*row[:first], *map(str, [*own[max(0, end - self._window) : end - 1], last])))
            head = (*table.head[:first], *(f"{month.year}{month.month:02d}" for month in shown))
            yield months[end - 1], Table(source, head, tuple(rows))

    def _records(self, source: str) -> Iterator[tuple[Month, Table]]:
        table = self._sample.table(source)
        months, window = self._all_months(), 13
        usual = len(table.rows) / 36
        known: dict[Month, list[tuple[Cell, ...]]] = {}
        number = 0
        for month in months:
            found = []
            days = calendar.monthrange(month.year, month.month)[1]
            for _ in range(self._poisson(usual * self._level(month))):
                number += 1
                row = self._chance.choice(table.rows)
                day = self._chance.randint(1, days)
                found.append((f"S{number:08d}", f"{day:02d}/{month.month:02d}/{month.year}", *row[2:]))
            known[month] = sorted(found, key=lambda row: str(row[1]))
        for end in range(36, len(months) + 1):
            shown = months[end - window : end]
            for month in shown[-4:-1]:
                known[month] = [row for row in known[month] if self._chance.random() >= 0.003 / 3]
            rows = [row for month in shown[:-1] for row in known[month]]
            rows += [row for row in known[shown[-1]] if self._chance.random() >= self._late]
            yield shown[-1], Table(source, table.head, tuple(rows))

    def _surveys(self, source: str) -> Iterator[tuple[Month, Table]]:
        table = self._sample.table(source)
        asked = table.at("Respondents")
        quarters = [Month(2006, 3) + 3 * n for n in range(24)]
        groups: dict[tuple[Cell, ...], tuple[float, float]] = {}
        for row in table.rows:
            own = [other for other in table.rows if other[1:asked] == row[1:asked]]
            people = sum(figure(other[asked]) for other in own)
            groups[row[1:asked]] = people / len(own), sum(figure(other[-1]) for other in own) / people
        rows: list[tuple[Cell, ...]] = []
        for quarter in quarters:
            end = dt.datetime(quarter.year, quarter.month, quarter.last_day.day)
            drift = self._chance.gauss(0, 0.008)
            for group, (people, share) in groups.items():
                number = max(1, round(people * self._chance.gauss(1, 0.02)))
                told = sum(self._chance.random() < share + drift for _ in range(number))
                day: Cell = end if source == "satisfaction" else f"{end:%d/%m/%Y}"
                cells: list[Cell] = [number, told] if source == "satisfaction" else [str(number), str(told)]
                rows.append((day, *group, *cells))
            if len(rows) >= 12 * len(groups):
                yield quarter, Table(source, table.head, tuple(rows), table.form)


# --- readers: b1, b2, b3, b14 -------------------------------------------------------------------------------------


def as_sheet(table: Table) -> Table:
    """A sheet with real dates and numbers."""
    ages = [place for place, heading in enumerate(table.head) if heading == "Age"]

    def typed(row: Row) -> Row:
        row[table.day] = day_of(row[table.day])
        for place in ages:
            row[place] = whole(row[place]) if isinstance(row[place], str) and row[place] else row[place]
        return row

    return table.changed(typed).as_form(suffix=".xlsx")


def figure(cell: Cell) -> float:
    """The number of a cell."""
    if isinstance(cell, dt.datetime):
        raise TypeError("a date is no figure")
    return float(cell)


def whole(cell: Cell) -> int:
    """The count of a cell."""
    return int(figure(cell))


def day_of(cell: Cell) -> dt.datetime:
    """The date of a cell."""
    return cell if isinstance(cell, dt.datetime) else dt.datetime.strptime(str(cell), "%d/%m/%Y")


COUNTED: Mapping[str, tuple[str, Callable[[Sequence[Cell]], bool]]] = {  # an optional column, and rows that need it
    "offences": ("Weapon", lambda row: row[3] == "Y" and str(row[4]).startswith("CS")),
    "detections": ("Drug", lambda row: row[3] == "Drugs trafficking" and row[5] not in ("", "Cannabis")),
    "victims": ("Age", lambda row: row[4] != "" and figure(row[4]) < 20 and row[3] == "ABH"),
}


def b1(draw: Draw) -> Case:
    """An error, or a formula without a saved value, in an optional column of a sheet."""
    source = draw.of(*COUNTED)
    heading, counted = COUNTED[source]
    errors = [draw.of("=", *ERRORS)] if draw.chance.random() < 0.7 else [*ERRORS, "="]
    most = draw.chance.choice([1, 2, 10, 1000])

    def change(table: Table) -> Table:
        left = most

        def spoil(row: Row) -> Row:
            nonlocal left
            if left and counted(row):
                left -= 1
                row[table.at(heading)] = draw.chance.choice(errors)
            return row

        return table.changed(spoil)

    words = f"{most} cells of {heading} show {', '.join(errors)}"
    return draw.case(words, source, change, form=as_sheet, months=1, known=bool(draw.number % 4))


def swapped(day: dt.datetime) -> dt.datetime:
    """A date with day and month in each other's place, as American programs read it."""
    return day.replace(month=day.day, day=day.month)


def b2(draw: Draw) -> Case:
    """Dates that an American spreadsheet read: day and month swapped up to the twelfth, and text from then on."""
    source = draw.of("disruptions", "asset_cases", "casualties", "victims", "detections")
    how = draw.of("text beside dates", "no later days", "saved as CSV")

    def change(table: Table) -> Table:
        def read(row: Row) -> Row:
            day = day_of(row[table.day])
            real = swapped(day) if day.day <= 12 else None
            row[table.day] = real or f"{day:%d/%m/%Y}"
            return row

        found = table.changed(read).as_form(suffix=".xlsx")
        if how == "no later days":
            return found.kept(lambda row: isinstance(row[table.day], dt.datetime))
        if how == "saved as CSV":
            return table.changed(
                lambda row: [f"{c:%d/%m/%Y}" if isinstance(c, dt.datetime) else c for c in read(row)]
            ).as_form(suffix=".csv")
        return found

    months = 36 if source in ("disruptions", "asset_cases") else 2
    return draw.case(how, source, change, months=months, known=bool(draw.number % 2))


def b3(draw: Draw) -> Case:
    """Real dates with a time of day, in a sheet: they have one reading."""
    source, suffix = draw.of("disruptions", "asset_cases", "casualties"), draw.of(".xlsx", ".ods")

    def change(table: Table) -> Table:
        def timed(row: Row) -> Row:
            day = day_of(row[table.day])
            clock = dt.timedelta(minutes=draw.chance.randrange(1440) if draw.number % 3 else 0)
            row[table.day] = day + clock
            return row

        return table.changed(timed).as_form(suffix=suffix)

    return draw.case(f"dates with times, {suffix}", source, change, months=2 if source == "casualties" else 36)


def b14(draw: Draw) -> Case:
    """What is odd but harmless: the letter 0x1A at the end, date numbers as months, columns of awkward names."""
    how = draw.of("0x1A", "serial", "column count", "column Note's #1", "column _month", "serial heading")
    if how == "0x1A":
        return draw.case(how, draw.chance.choice([*RECORDS, WIDE]), lambda t: t.as_form(end=b"\n\x1a"))
    if how == "serial":

        def change(table: Table) -> Table:
            return table.changed(lambda row: [str((day_of(row[0]) - dt.datetime(1899, 12, 30)).days), *row[1:]])

        return draw.case(how, "confidence", change)
    if how == "serial heading":

        def heads(table: Table) -> Table:
            first = dt.datetime(1899, 12, 30)
            head = [str((dt.datetime(int(h[:4]), int(h[4:]), 1) - first).days) if h.isdigit() else h
                    for h in table.head]  # fmt: skip
            return replace(table, head=tuple(head))

        return draw.case(how, WIDE, heads)
    name = how.removeprefix("column ")

    def more(table: Table) -> Table:
        return replace(table, head=(*table.head, name), rows=tuple((*row, "7") for row in table.rows))

    return draw.case(how, draw.chance.choice(["casualties", "confidence", "victims"]), more)


# --- rows that are missing or too many: b4, b6, b8, b9, b11, a10, a11 -----------------------------------------------


def b4(draw: Draw) -> Case:
    """One area without records from a month on."""
    source = draw.of("recorded_crime", "casualties", "victims", "offences", "detections")
    since = draw.chance.choice([1, 1, 2, 6, 100])
    area = draw.chance.choice(sorted({str(row[0]) for row in draw.sample.table(WIDE).rows}))
    as_of = draw.month()

    def change(table: Table) -> Table:
        if source == WIDE:
            gone = set(table.months[-since:])
            return table.changed(
                lambda row: ["0" if n in gone and row[0] == area else cell for n, cell in enumerate(row)]
            )
        return table.kept(lambda row: row[2] != area or as_of - table.month(row) >= since)

    words = f"{area} has nothing in the last {since} months"
    return draw.case(words, source, change, as_of=as_of, known=draw.number % 3 != 2)


def b6(draw: Draw) -> Case:
    """Rows that add up others, some of them not quite."""
    name = draw.of("All robbery", "Total", "Robbery total", "Robbery", "Sub-total", "Both kinds")
    out = draw.chance.choice([0, 1, 1, 3])
    some = draw.chance.choice([1.0, 1.0, 0.5])
    where = draw.chance.choice(["after each", "at the end"])

    def change(table: Table) -> Table:
        rows: list[tuple[Cell, ...]] = []
        sums: list[tuple[Cell, ...]] = []
        areas = sorted({row[0] for row in table.rows}, key=str)
        for area in areas:
            own = [row for row in table.rows if row[0] == area]
            rows += own
            robbery = [row for row in own if row[1] == "Robbery"]
            if draw.chance.random() <= some:
                added = [sum(whole(row[n]) for row in robbery) for n in table.months]
                (rows if where == "after each" else sums).append((area, "Robbery", name, *map(str, added)))
        for _ in range(out):
            at = draw.chance.choice([n for n, row in enumerate(rows) if row[2] == name] or [0]) if rows else 0
            place = draw.chance.choice(table.months)
            if rows[at][2] == name:
                rows[at] = tuple(str(whole(c) + 1) if n == place else c
                                 for n, c in enumerate(rows[at]))  # fmt: skip
        return replace(table, rows=(*rows, *sums))

    words = f"rows '{name}' {where}, {out} figures out by one, in {some:.0%} of the areas"
    return draw.case(words, WIDE, change, known=bool(draw.number % 2))


GONE = (
    ("casualties", "Severity", "Serious"),
    ("detections", "Offence Group", "Robbery"),
    ("victims", "Offence Group", "ABH"),
    ("detections", "Outcome", "Charge"),
    ("recorded_crime", "Minor Category", "Theft From Motor Vehicle"),
    ("detections", "Drug", "Heroin"),
    ("recorded_crime", "Minor Category", "Personal Property"),
    ("asset_cases", "Case Type", "Cash seized"),
    ("satisfaction", "Ethnic group", "Not stated"),
)


def b8(draw: Draw) -> Case:
    """A category that is missing: altogether, or in the last month."""
    source, heading, text = GONE[draw.number % len(GONE)]
    last = source not in (WIDE, "satisfaction") and draw.chance.random() < 0.5
    as_of = None if source == "satisfaction" else draw.month()

    def change(table: Table) -> Table:
        end = max(map(table.month, table.rows)) if last else None
        return table.kept(lambda row: row[table.at(heading)] != text or (last and table.month(row) != end))

    words = f"no {text} {'in the last month' if last else 'at all'}"
    listed = source not in (WIDE, "satisfaction") and heading != "Outcome"  # by the conditions: else nobody misses it
    return draw.case(words, source, change, as_of=as_of, known=last or not listed or bool(draw.number % 3))


def b9(draw: Draw) -> Case:
    """An optional column that is blank in more rows than before, or 0 where it is unknown."""
    source = draw.of("offences", "victims", "detections")
    heading, _ = COUNTED[source]
    part = draw.chance.choice([1.0, 0.5, 0.25])
    last = draw.chance.random() < 0.5
    zero = source == "victims" and draw.number % 2 == 1

    def change(table: Table) -> Table:
        end, at = max(map(table.month, table.rows)), table.at(heading)

        def blank(row: Row) -> Row:
            if zero:
                row[at] = row[at] or "0"
            elif (not last or table.month(row) == end) and draw.chance.random() < part:
                row[at] = ""
            return row

        return table.changed(blank)

    words = f"{heading} is 0 where unknown" if zero else f"{heading} is blank in {part:.0%} of the rows"
    words += " of the last month" if last and not zero else ""
    return draw.case(words, source, change, known=last or part < 1 or bool(draw.number % 3))


def b11(draw: Draw) -> Case:
    """A last month that is not complete; a file that is cut."""
    how = draw.of("month ends early", "cut at a row end", "number cut", "month in part", "row cut")
    source = draw.chance.choice(["casualties", "victims"]) if how != "number cut" else WIDE
    as_of = draw.month()
    days = calendar.monthrange(as_of.year, as_of.month)[1]

    def early(table: Table) -> Table:
        end = draw.chance.randint(int(0.78 * days), int(0.9 * days))
        return table.kept(lambda row: table.month(row) != as_of or int(str(row[table.day])[:2]) <= end)

    def at_row(table: Table) -> Table:
        part = draw.chance.choice([0.01, 0.015, 0.02])
        return replace(table, rows=table.rows[: int(len(table.rows) * (1 - part))]).as_form(
            end=b"" if draw.number % 2 else b"\n"
        )

    def number(table: Table) -> Table:
        return table.as_form(end=b"", cut=draw.chance.randint(1, 2))

    def part_of(table: Table) -> Table:
        part = draw.chance.uniform(0.6, 0.8)
        return table.kept(lambda row: table.month(row) != as_of or draw.chance.random() < part)

    changes = {"month ends early": early, "cut at a row end": at_row, "number cut": number, "month in part": part_of}
    change = changes.get(how, lambda table: table.as_form(end=b"", cut=draw.chance.randint(1, 12)))
    return draw.case(how, source, change, as_of=as_of, known=bool(draw.number % 2))


def a10(draw: Draw) -> Case:
    """An extract of the last month, or of the last few: what is known before stays."""
    source = draw.of("recorded_crime", "casualties", "disruptions", "victims", "satisfaction", "detections")
    few = draw.chance.choice([1, 1, 2, 3, 12]) * (3 if source in SURVEYS else 1)
    as_of = LAST - 1 if source in SURVEYS else draw.month()
    return draw.case(f"only {few} months", source, lambda t: t.until(as_of, as_of - few + 1), as_of=as_of)


def a11(draw: Draw) -> Case:
    """The year is a fifth lower than it was known."""
    source = draw.of("recorded_crime", "casualties", "victims", "detections", "offences")
    part = draw.chance.uniform(0.7, 0.88)
    as_of = draw.month()

    def change(table: Table) -> Table:
        if source == WIDE:
            year = set(table.months[-12:])
            kind = draw.chance.choice(["Robbery", "Burglary", "Violence Against the Person"])
            return table.changed(
                lambda row: [str(round(whole(c) * part)) if n in year and row[1] == kind else c
                             for n, c in enumerate(row)]
            )  # fmt: skip
        return table.kept(lambda row: as_of - table.month(row) >= 12 or draw.chance.random() < part)

    return draw.case(f"the last year at {part:.0%}", source, change, as_of=as_of)


# --- figures that are something else: b5, b7, b10, b12, b13 ---------------------------------------------------------


def b5(draw: Draw) -> Case:
    """A whole column in another unit."""
    how = draw.of("percentages", "percentages", "tenths", "times ten", "thousands", "respondents in tens")
    if how in ("percentages", "respondents in tens"):
        source = draw.chance.choice(SURVEYS)

        def change(table: Table) -> Table:
            share = table.head[-1]
            asked = table.at("Respondents")

            def other(row: Row) -> Row:
                if how == "percentages":
                    row[table.at(share)] = _like(row[-1], round(100 * figure(row[-1]) / figure(row[asked])))
                else:
                    row[asked] = _like(row[asked], round(figure(row[asked]) * 10))
                return row

            return table.changed(other)

        return draw.case(how, source, change, known=bool(draw.number % 3))
    times = {"tenths": 0.1, "times ten": 10.0, "thousands": 0.001}[how]
    return draw.case(how, WIDE, lambda table: _scaled(table, times))


def _like(cell: Cell, number: int) -> Cell:
    return str(number) if isinstance(cell, str) else number


def _scaled(table: Table, times: float, wanted: Callable[[Sequence[Cell]], bool] = lambda _: True) -> Table:
    months = set(table.months)
    return table.changed(
        lambda row: [str(round(whole(c) * times)) if n in months and wanted(row) else c
                     for n, c in enumerate(row)]
    )  # fmt: skip


def _columns(table: Table, change: Callable[[list[int]], Sequence[int]],
             wanted: Callable[[Sequence[Cell]], bool] = lambda _: True) -> Table:  # fmt: skip
    """The figures of each row changed."""
    first = table.months[0]

    def other(row: Row) -> Row:
        return [*row[:first], *map(str, change([whole(c) for c in row[first:]]))] if wanted(row) else row

    return table.changed(other)


def b7(draw: Draw) -> Case:
    """Year-to-date figures, rolling years, daily averages, tens, or one area times ten."""
    how = draw.of("year to date", "rolling years", "daily averages", "tens", "one area times ten")
    kind = draw.chance.choice([None, "Robbery", "Burglary"])
    area = draw.chance.choice(["Barnet", "Camden", "Lambeth", "Sutton"])

    def wanted(row: Sequence[Cell]) -> bool:
        return kind in (None, row[1])

    def to_date(table: Table) -> Table:
        starts = [n for n, at in enumerate(table.months) if table.head[at].endswith("04")]

        def added(found: list[int]) -> list[int]:
            cuts = [0, *starts, len(found)]
            return [total for one, two in pairwise(cuts) for total in accumulate(found[one:two])]

        return _columns(table, added, wanted)

    def rolling(found: list[int]) -> list[int]:
        return [sum(found[max(0, n - 11) : n + 1]) for n in range(len(found))]

    changes: Mapping[str, Callable[[Table], Table]] = {
        "year to date": to_date,
        "rolling years": lambda t: _columns(t, rolling, wanted),
        "daily averages": lambda t: _columns(t, lambda f: [round(c / 30.4) for c in f], wanted),
        "tens": lambda t: _columns(t, lambda f: [10 * round(c / 10) for c in f], wanted),
        "one area times ten": lambda t: _scaled(t, 10, lambda row: row[0] == area and wanted(row)),
    }  # fmt: skip
    return draw.case(
        f"{how}, {kind or 'every category'}", WIDE, changes[how], known=draw.number % 4 != 3 or how == "daily averages"
    )


def b10(draw: Draw) -> Case:
    """Flags inverted, headings swapped, values one month aside, the last month a copy of the one before."""
    how = draw.of("inverted", "flags swapped", "months swapped", "one month aside", "copy", "areas swapped")
    as_of = draw.month()
    flag = draw.chance.choice(["Gun Enabled", "DV Flag", "DV Arrest"])
    other = draw.chance.choice([name for name in ("Gun Enabled", "DV Flag", "DV Arrest") if name != flag])
    if how == "inverted":

        def inverted(table: Table) -> Table:
            at = table.at(flag)
            return table.changed(lambda row: [("N" if c == "Y" else "Y") if n == at else c for n, c in enumerate(row)])

        return draw.case(f"{flag} inverted", "offences", inverted)
    if how == "flags swapped":

        def renamed(table: Table) -> Table:
            names = {flag: other, other: flag}
            return replace(table, head=tuple(names.get(name, name) for name in table.head))

        return draw.case(f"headings {flag} and {other} swapped", "offences", renamed)
    if how == "areas swapped":
        one, two = draw.chance.sample(["Westminster", "Sutton", "Lambeth", "Harrow"], 2)
        names = {one: two, two: one}
        return draw.case(f"{one} and {two} swapped", WIDE,
                         lambda t: t.changed(lambda row: [names.get(str(row[0]), row[0]), *row[1:]]))  # fmt: skip

    first, second = draw.chance.sample(range(3, 20), 2)

    def swap(found: list[int]) -> list[int]:
        found[-first], found[-second] = found[-second], found[-first]
        return found

    changes: Mapping[str, Callable[[list[int]], Sequence[int]]] = {
        "months swapped": swap,
        "one month aside": (lambda f: [f[-1], *f[:-1]]) if draw.chance.random() < 0.5 else (lambda f: [*f[1:], f[0]]),
        "copy": lambda f: [*f[:-1], f[-2]],
    }
    return draw.case(how, WIDE, lambda t: _columns(t, changes[how]), as_of=as_of)


def b12(draw: Draw) -> Case:
    """A survey of nobody or of few, of four quarters in each row, or of the number who disagree."""
    how = draw.of("rolling", "12 asked", "nobody", "disagree", "rolling", "last only: rolling")
    source = draw.chance.choice(SURVEYS)

    def change(table: Table) -> Table:
        asked, told = table.at("Respondents"), len(table.head) - 1
        end = max(map(table.month, table.rows))
        rows = []
        for row in table.rows:
            new = list(row)
            numbers = [figure(row[n]) for n in (asked, told)]
            if how == "disagree":
                numbers[1] = numbers[0] - numbers[1]
            elif how in ("12 asked", "nobody") and table.month(row) == end:
                numbers = [0, 0] if how == "nobody" else [12, round(12 * numbers[1] / numbers[0])]
            elif "rolling" in how and ("last" not in how or table.month(row) == end):
                year = [
                    r for r in table.rows if 0 <= table.month(row) - table.month(r) < 12 and r[1:asked] == row[1:asked]
                ]
                numbers = [sum(figure(r[n]) for r in year) for n in (asked, told)]
            new[asked], new[told] = _like(row[asked], int(numbers[0])), _like(row[told], int(numbers[1]))
            rows.append(tuple(new))
        return replace(table, rows=tuple(rows))

    alone = how in ("12 asked", "nobody")  # the others may be right, as far as the extract says
    return draw.case(how, source, change, known=not alone or bool(draw.number % 3))


def b13(draw: Draw) -> Case:
    """A month of a series with a known break, within the year after it, that is far from its past."""
    minor = draw.of("Most Serious Violence", "Assault with Injury")
    part = draw.chance.choice([0.3, 0.5, 1.7, 2.5, 3.5])
    as_of = Month(2008, 4) + draw.chance.randint(4, 9)

    def change(table: Table) -> Table:
        return _columns(table, lambda f: [*f[:-1], round(part * f[-1])], lambda row: row[2] == minor)

    return draw.case(f"{minor}: the last month at {part:.0%}", WIDE, change, as_of=as_of, known=bool(draw.number % 3))


KINDS: dict[str, Callable[[Draw], Case]] = {
    make.__name__: make for make in (a10, a11, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14)
}


def cases(sample: Sample, kind: str, number: int, seed: int = 1) -> Iterator[Case]:
    """So many inputs of a kind; the same for the same seed."""
    for n in range(number):
        chance = Random(f"{seed} {kind} {n}")  # noqa: S311  # inputs to try, no secrets
        yield replace(KINDS[kind](Draw(sample, n, chance)), kind=kind)
