"""Suppression in a published copy: small counts become [c], and so does every figure that would reveal them.

`known_sums` collects the sums that readers know, and from these follows which counts to hide. For counts by area they
are: the force total of each month, where a table of months has the series; each area's rolling year and the year
before; the periods that the sheet by borough shows; series that the table adds up. For a survey: the whole and its
parts, and the periods of the scorecard's figures.

`suppression` then tests the rest of the workbook. It recalculates the workbook with other counts, for which every such
sum is the same. A formula with a different result would reveal the counts and becomes [c] too. Every other formula that
reads them becomes its value, which is true for these other counts as well.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Catalogue, TableRows, TableSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import Calculator
from cpa_xl.formulas.graph import FormulaBook, Place
from cpa_xl.formulas.references import GAP, CellBlock, Resolver
from cpa_xl.functions.measure_table import Headed
from cpa_xl.functions.registry import number
from cpa_xl.measures.figures import REWORKED, same
from cpa_xl.measures.periods import Basis, Month, Period
from cpa_xl.measures.suppression import CONFIDENTIAL, FEWEST_RESPONDENTS, Count, Counts, Protection, is_small
from cpa_xl.ooxml.a1 import bounds, cell_name
from cpa_xl.ooxml.cells import ValueWriter, cell_style
from cpa_xl.ooxml.charts import CHART_TYPES, formulas, with_caches
from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.sheet import Position, Sheet, value_at
from cpa_xl.ooxml.xml import Edit
from cpa_xl.publish.draft import Draft, PublishStep, Working
from cpa_xl.publish.freeze.formulas import ReasonToFreeze, frozen_cells
from cpa_xl.publish.freeze.freeze import freeze_columns
from cpa_xl.publish.freeze.portable import Reason
from cpa_xl.publish.freeze.work import Removed, Stripping
from cpa_xl.scorecard.recompute import StoredFigures, table_range
from cpa_xl.scorecard.rows import PICKS
from cpa_xl.scorecard.versions import Version
from cpa_xl.wording import FEWEST, first_few
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.table_move import PIVOT_CACHE, without_calculation_chain

# The cost of hiding a count beside those asked for: a count of another series, a sum over a period.
OTHER_SERIES, SUM = 1e4, 1e6

WHAT = f"{CONFIDENTIAL} confidential, small counts that identify people and figures that would reveal them"
INSTEAD = f"{CONFIDENTIAL} The text here in the working workbook would reveal confidential figures."
_LONG = 30  # characters, from which on a text is a sentence


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of an area's counts over a period, which the sheet by borough may show."""

    heading: str
    area: str
    period: Period


CountPlace = Place | Total


@dataclass(frozen=True)
class Held:
    """A cell of a table that holds a count: its month (or quarter), area ("" where there are none), and heading."""

    place: Place
    month: Month
    area: str
    heading: str
    value: float


@dataclass
class Known:
    """Counts by cell, the sums that readers know of them, and what each cell of a table holds."""

    held: dict[Place, tuple[str, Held]] = field(default_factory=dict)
    counts: dict[CountPlace, Count] = field(default_factory=dict)
    sums: list[Mapping[CountPlace, int]] = field(default_factory=list)

    @property
    def problem(self) -> Counts[CountPlace]:
        """What has to be protected."""
        return Counts(self.counts, self.sums)

    def add_sum(self, terms: Mapping[CountPlace, int]) -> None:
        """A sum that readers know; a sum of nothing is none."""
        if terms:
            self.sums.append(terms)


def known_sums(figures: StoredFigures) -> Known:
    """The counts of the tables in which the configuration asks for suppression, and what is known of them.

    Raises `Refusal` where a table cannot be read, and where a figure of the scorecard rests on too few respondents.
    """
    known = Known()
    for name, spec in figures.spec.tables.items():
        if not spec.suppress:
            continue
        try:
            cells = list(_held(figures, name, spec))
            for held in cells:
                known.held[held.place] = (name, held)
            add = _add_areas if spec.rows is TableRows.AREAS else _add_survey
            add(known, figures, spec, cells)
        except CellError as error:
            raise Refusal(f"the small counts of table {name} cannot be suppressed: {error}") from None
    return known


def suppression(calculator: Calculator) -> PublishStep:
    """The step that suppresses what the configuration asks for; a copy without small counts stays the same.

    It raises `Refusal` for a count that readers can calculate whatever else is suppressed, and for what cannot be
    suppressed.
    """

    def step(frozen: Draft, source: Working) -> Draft:
        if not any(table.suppress for table in source.spec.tables.values()):
            return frozen
        known = known_sums(StoredFigures(source.workbook, source.catalogue, source.spec))
        found = known.problem.protected()
        if not found.hidden:
            return frozen
        _refuse_revealed(known, [cell for cell in found.revealed if cell in known.held])
        _refuse_pivots(source.workbook, known)
        places = frozenset(place for place in known.held if place in found.hidden)
        telling = _telling(source.workbook, known, found, calculator) - places
        _refuse_comments(source, telling)
        return _suppressed(frozen, known, places, telling)

    return step


def with_constants(workbook: ClosedWorkbook, values: Mapping[Place, object]) -> ClosedWorkbook:
    """The workbook with other values in cells that exist and hold no formula (any more), in the cells' own styles."""
    package = workbook.package
    by_sheet: dict[str, dict[Position, object]] = {}
    for (sheet, *position), value in values.items():
        by_sheet.setdefault(sheet, {})[position[0], position[1]] = value
    for sheet, wanted in by_sheet.items():
        part = workbook.part_of(sheet)
        cells = Sheet(package.text(part))
        writer = ValueWriter(cells.prefix.decode(), {}, workbook.date1904)
        edits = []
        for (row, column), value in sorted(wanted.items()):
            cell = cells.cell_at(row, column)
            if cell is not None:
                text = writer.cell(cell_name(row, column), cell_style(cells, cell, row, column), value)
                edits.append(Edit(cell.start, cell.end, text.encode()))
        package = package.with_text(part, cells.with_edits(edits).data)
    return ClosedWorkbook(package)


def _held(figures: StoredFigures, name: str, spec: TableSpec) -> Iterator[Held]:
    table = Version(figures.workbook, figures.spec).table(name)
    if table is None:
        return
    headed = Headed.of(table_range(figures.workbook, table))
    months = headed.column(spec.key or "", Month.read)
    areas = headed.column(spec.area, str) if spec.area else [""] * len(months)
    for series in spec.series:
        heading = figures.catalogue.series[series].title
        place = headed.place(heading)
        for row, count in enumerate(headed.column(heading, number)):
            month, area = months[row], areas[row]
            if place is not None and count is not None and month is not None and area is not None:
                cell = (table.sheet, table.first_body_row + row, table.first_col + place)
                yield Held(cell, month, area, heading, count)


def _titles(catalogue: Catalogue, names: Sequence[str]) -> list[str]:
    return [catalogue.series[name].title for name in names]


def _families(catalogue: Catalogue, spec: TableSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The series of a table that add up others of it, with these."""
    for name in spec.series:
        parts = catalogue.series[name].of
        for listed in {parts, tuple(catalogue.parts(name))} if parts else ():
            if set(listed) <= set(spec.series):
                yield name, listed


def _add_areas(known: Known, figures: StoredFigures, spec: TableSpec, cells: Sequence[Held]) -> None:
    catalogue, wanted = figures.catalogue, set(spec.suppress)
    families = list(_families(catalogue, spec))
    touched = set(wanted)
    while more := {one for whole, parts in families if touched & {whole, *parts} for one in (whole, *parts)} - touched:
        touched |= more
    asked, headings = set(_titles(catalogue, spec.suppress)), set(_titles(catalogue, sorted(touched)))
    cells = [held for held in cells if held.heading in headings]
    for held in cells:
        known.counts[held.place] = Count.of(held.value) if held.heading in asked else _other(held.value, OTHER_SERIES)
    by_key = {(held.month, held.area, held.heading): held for held in cells}
    for whole, parts in families:
        title, titles = catalogue.series[whole].title, _titles(catalogue, parts)
        for month, area in {(held.month, held.area) for held in cells if title in headings}:
            keys = [(month, area, name) for name in (title, *titles)]
            if all(key in by_key for key in keys):
                known.add_sum({by_key[key].place: -1 if key == keys[0] else 1 for key in keys})
    totals = _force_titles(figures, touched)
    for heading in sorted(headings):
        own = [held for held in cells if held.heading == heading]
        for month in sorted({held.month for held in own}) if heading in totals else ():
            known.add_sum({held.place: 1 for held in own if held.month == month})
        for period in _periods(figures, heading, own):
            _add_period(known, period, own, secret=heading in asked, total=heading in totals)


def _other(value: float, loss: float) -> Count:
    """A count that may be hidden to protect others, with the cost of hiding it."""
    return Count(value, secret=False, loss=loss + value, low=min(value, 1))


def _force_titles(figures: StoredFigures, series: set[str]) -> set[str]:
    """Those of some series whose force totals a table of months holds."""
    monthly = (spec for spec in figures.spec.tables.values() if spec.rows is TableRows.MONTHS)
    return set(_titles(figures.catalogue, sorted(series & {name for spec in monthly for name in spec.series})))


def _periods(figures: StoredFigures, heading: str, cells: Sequence[Held]) -> list[Period]:
    """Over which a series may be shown for an area."""
    months = [held.month for held in cells if held.month <= figures.as_of]
    found = [Period.of(max(months), Basis.RY)] if months else []
    table = figures.workbook.tables.get(PICKS)
    if table is not None:
        headed = Headed.of(table_range(figures.workbook, table))
        for row in range(len(headed.rows)):
            if heading in (headed.cell(row, "Numerator"), headed.cell(row, "Denominator")):
                with suppress(CellError):  # without a figure of its own it shows nothing by borough
                    found.append(figures.result(str(headed.cell(row, "Id"))).period)
    return list(dict.fromkeys(one for period in found for one in (period, period.previous)))


def _add_period(known: Known, period: Period, cells: Sequence[Held], *, secret: bool, total: bool) -> None:
    """The sum of each area over a period. Where small ones are secret, they are counts themselves."""
    months = set(period.months)
    by_area: dict[str, list[Held]] = {}
    for held in cells:
        if held.month in months:
            by_area.setdefault(held.area, []).append(held)
    whole = {area: listed for area, listed in by_area.items() if len(listed) == len(months)}
    sums = {area: sum(held.value for held in listed) for area, listed in whole.items()}
    apart = secret and any(is_small(value) for value in sums.values())
    for area, listed in whole.items():
        own: dict[CountPlace, int] = {held.place: 1 for held in listed}
        if apart:
            cell = Total(listed[0].heading, area, period)
            known.counts[cell] = Count.of(sums[area]) if is_small(sums[area]) else _other(sums[area], SUM)
            own[cell] = -1
        known.add_sum(own)
    if apart and total:
        known.add_sum({Total(listed[0].heading, area, period): 1 for area, listed in whole.items()})


def _add_survey(known: Known, figures: StoredFigures, spec: TableSpec, cells: Sequence[Held]) -> None:
    catalogue = figures.catalogue
    by_key = {(held.month, held.heading): held for held in cells}
    for held in cells:
        known.counts[held.place] = Count(held.value, secret=False, loss=held.value + 1, low=0)
    for name in spec.suppress:
        asked, answers = catalogue.series[name].title, _titles(catalogue, catalogue.answers_of(name, spec.series) or ())
        for month in {held.month for held in cells}:
            if (month, asked) in by_key:
                places = [by_key[month, title] for title in answers if (month, title) in by_key]
                _add_asked(known, by_key[month, asked], places)
    for whole, parts in _partitions(catalogue, spec):
        for month in {held.month for held in cells}:
            row = {name: by_key[month, name] for name in (whole, *parts) if (month, name) in by_key}
            rest = sum(held.value * (1 if name == whole else -1) for name, held in row.items())
            if len(row) == 1 + len(parts) and 0 <= rest < FEWEST_RESPONDENTS:  # so many others hardly blur it
                known.add_sum({held.place: -1 if name == whole else 1 for name, held in row.items()})
    _add_measures(known, figures, spec, cells)


def _add_asked(known: Known, asked: Held, answers: Sequence[Held]) -> None:
    """Respondents of a quarter and their answers, which are never more than the respondents."""
    few = asked.value < FEWEST_RESPONDENTS
    least, most = max((held.value for held in answers), default=0), FEWEST_RESPONDENTS - 1 if few else float("inf")
    known.counts[asked.place] = Count(asked.value, few, 0.0 if few else asked.value + 1, least, most)
    for held in answers:
        known.counts[held.place] = Count(held.value, few, 0.0 if few else held.value + 1, 0, asked.value)


def _partitions(catalogue: Catalogue, spec: TableSpec) -> Iterator[tuple[str, list[str]]]:
    """A series of all respondents, and the series of groups that one condition separates (by ethnicity, say)."""
    for name in spec.series:
        whole = catalogue.series[name]
        groups: dict[frozenset[str], list[str]] = {}
        for other in spec.series:
            part = catalogue.series[other]
            same = (part.source, part.sum) == (whole.source, whole.sum) and whole.sum is not None
            if same and part.where is not None and whole.where is None:
                columns = read_condition(part.where, catalogue.source_of(other).columns).columns
                groups.setdefault(columns, []).append(part.title)
        yield from ((whole.title, parts) for parts in groups.values())


def _add_measures(known: Known, figures: StoredFigures, spec: TableSpec, cells: Sequence[Held]) -> None:
    """The sums that the figures of the scorecard are made of. `Refusal` where they are of too few respondents."""
    sums: dict[tuple[str, Period], list[Held]] = {}
    for measure in figures.catalogue.measures.values():
        if measure.figure is None or not set(measure.figure.series) <= set(spec.series):
            continue
        try:
            period = figures.result(measure.id).period
        except CellError:  # the check of the measure's figure reports it
            continue
        for series, one in ((series, one) for series in measure.figure.series for one in (period, period.previous)):
            title, months = figures.catalogue.series[series].title, set(one.months)
            found = [held for held in cells if held.heading == title and held.month in months]
            if series in spec.suppress and one is period and sum(held.value for held in found) < FEWEST_RESPONDENTS:
                raise Refusal(
                    f"measure {measure.id} rests on fewer than {FEWEST_RESPONDENTS} respondents ({title}, {one.label}),"
                    f" and no rate of so few is published: take the measure off the scorecard, or {series} out of"
                    " suppress in workbooks.yaml"
                )
            sums[title, one] = found
    for listed in sums.values():
        known.add_sum({held.place: 1 for held in listed})


def _refuse_revealed(known: Known, revealed: Collection[object]) -> None:
    listed = [
        f"{table}, {_row(held)}, {held.heading}" for place, (table, held) in known.held.items() if place in revealed
    ]
    if listed:
        raise Refusal(
            f"no way was found to keep readers from working small counts out of totals that they know: "
            f"{first_few(listed, FEWEST, between='; ')}; take the series out of the table of months, or out of"
            " suppress in workbooks.yaml"
        )


def _row(held: Held) -> str:
    return ", ".join(one for one in (held.month.label, held.area) if one)


def _refuse_pivots(workbook: ClosedWorkbook, known: Known) -> None:
    """Refuse pivot tables that are plain cells now: their sums can no longer be known."""
    tables, sheets = ({one.casefold() for one in names} for names in ({name for name, _ in known.held.values()},
                                                                      {place[0] for place in known.held}))  # fmt: skip
    package = workbook.package
    for part in (name for name in package.names if package.content_type(name).endswith(PIVOT_CACHE)):
        for source in (one for one in package.root(part).walk() if one.name == "worksheetSource"):
            name, sheet = (source.attributes.get(key, "").casefold() for key in ("name", "sheet"))
            if name in tables or sheet in sheets:
                raise Refusal(
                    f"{workbook.path} has a pivot table over {name or sheet}, whose small counts are suppressed: its"
                    " cells would reveal them; take it out, or its sheet with leave_out in workbooks.yaml"
                )


def _refuse_comments(source: Working, telling: Collection[Place]) -> None:
    """Refuse typed comments that print a figure which becomes [c]."""
    version = Version(source.workbook, source.spec)
    facts, scorecard = version.facts(), version.scorecard()
    printed: dict[str, list[tuple[str, str]]] = {}
    for (key, _), record in facts.records.items() if facts is not None else ():
        text = record.cells["text"].value if "text" in record.cells else None
        if facts is not None and isinstance(text, str) and (facts.sheet, record.row, record.columns["text"]) in telling:
            printed.setdefault(key[0], []).append((key[1], text))
    for (key, _), record in scorecard.records.items() if scorecard is not None else ():
        comment = record.cells.get("comment")
        if scorecard is None or comment is None or (scorecard.sheet, record.row, record.columns["comment"]) in telling:
            continue
        for fact, text in printed.get(key[0], ()):
            if text and re.search(rf"(?<![\w.]){re.escape(text)}(?!\w)", str(comment.value or "")):
                raise Refusal(
                    f"{cell_name(record.row, record.columns['comment'])} on sheet {scorecard.sheet}: the comment of"
                    f" measure {key[0]} prints {text} ({fact}), which is suppressed; take it out of the comment"
                )


def _telling(
    workbook: ClosedWorkbook, known: Known, found: Protection[CountPlace], calculator: Calculator
) -> frozenset[Place]:
    """The cells whose formulas show, or may show, something else when the hidden counts are different."""
    telling: set[Place] = set()
    for changes in found.together():
        counts = {place: held.value + changes[place] for place, (_, held) in known.held.items() if place in changes}
        done = calculator.calculate(workbook, with_constants(workbook, counts))
        for kept in done.kept:
            row, column, _, _ = bounds(kept.cell)
            telling.add((kept.sheet, row, column))
        telling |= {
            place
            for place, value in done.values.items()
            if not same(value_at(workbook.cells(place[0]), place[1:]), value, REWORKED)
        }
    return frozenset(place for place in telling if value_at(workbook.cells(place[0]), place[1:]) not in (None, ""))


def _suppressed(frozen: Draft, known: Known, places: frozenset[Place], telling: frozenset[Place]) -> Draft:
    copy = frozen.workbook
    hidden: dict[Place, object] = {place: CONFIDENTIAL for place in places if place[0] in copy.sheet_names}
    drawn = _drawn(copy)
    for place in telling:
        if place[0] in copy.sheet_names:
            hidden[place] = _instead(copy, place, drawn)
    book = FormulaBook(copy)
    reached = book.dependencies.reached(hidden).keys() | (hidden.keys() & book.formulas.keys())
    work = Stripping(copy.package)
    for tab in list(work.worksheets()):
        inside = {place[1:] for place in reached if place[0] == tab.name}
        done = frozen_cells(Sheet(work.package.text(tab.part)), _verdict(inside))
        work.package = work.package.with_text(tab.part, done.sheet.data)
        for why, count in done.counts.items():
            work.note(why.value, tab.name, count)
    freeze_columns(work, copy, lambda _: True, reached | hidden.keys())
    after = with_constants(ClosedWorkbook(work.package), hidden)
    after = ClosedWorkbook(without_calculation_chain(_with_charts(copy, after)))
    listed = [Removed(f"{WHAT}: {where}", sheet, count) for (where, sheet), count in _counted(known, hidden).items()]
    return replace(frozen, workbook=after, removed=(*frozen.removed, *listed, *work.removed))


def _instead(copy: ClosedWorkbook, place: Place, drawn: Collection[CellBlock]) -> str | CellError:
    """What replaces a figure: a gap if a chart draws it, because every program draws a text as 0."""
    shown = value_at(copy.cells(place[0]), place[1:])
    if isinstance(shown, str):
        return INSTEAD if len(shown) >= _LONG else CONFIDENTIAL
    return GAP if any(area.holds(*place) for area in drawn) else CONFIDENTIAL


def _drawn(copy: ClosedWorkbook) -> list[CellBlock]:
    """The cells that charts and sparklines draw."""
    package, resolver = copy.package, Resolver(copy)
    texts = [
        text
        for part in package.names
        if package.content_type(part).endswith(CHART_TYPES)
        for text in formulas(package.root(part))
    ]
    for sheet in copy.sheet_names:
        lines = (one for one in Sheet(package.text(copy.part_of(sheet))).frame.walk() if one.name == "sparkline")
        texts += [formula.text for line in lines for formula in line.all("f")]
    return [area for text in texts for area in resolver.resolve(text, copy.sheet_names[0], 1, 1).areas.values()]


def _verdict(inside: Collection[Position]) -> ReasonToFreeze:
    return lambda position, _: Reason.CONFIDENTIAL if position in inside else None


def _counted(known: Known, hidden: Iterable[Place]) -> Counter[tuple[str, str]]:
    """How many cells of which column of which table, or of which sheet; with the sheet."""
    counts: Counter[tuple[str, str]] = Counter()
    for place in sorted(hidden):
        table, held = known.held.get(place, ("", None))
        counts[f"{table}, {held.heading}" if held is not None else f"sheet {place[0]}", place[0]] += 1
    return counts


def _with_charts(before: ClosedWorkbook, after: ClosedWorkbook) -> Package:
    """The workbook whose charts keep what their cells show now.

    A chart whose cells cannot be read keeps nothing, and every program reads the cells.
    """
    package = after.package
    for part in (name for name in package.names if package.content_type(name).endswith(CHART_TYPES)):
        text, root = package.text(part), package.root(part)
        new = with_caches(text, root, formulas(root), before.shown, after.shown, reached=lambda _: True)
        package = package.with_text(part, new)
    return package
