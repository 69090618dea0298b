"""The small counts of a workbook's tables, and the sums that readers know of them.

Of counts by area these are: the force total of each month, where a table of months has the series; each area's rolling
year to the last month and the year before, and the periods in which the sheet by borough shows it; series that the
table adds up. Of a survey: the whole and its parts, and the periods of the scorecard's figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from cpa_xl.catalogue import Catalogue, TableRows, TableSpec
from cpa_xl.cells import number
from cpa_xl.conditions import read_condition
from cpa_xl.dependencies import Place
from cpa_xl.errors import CellError, Refusal
from cpa_xl.measurerows import Headed
from cpa_xl.periods import Basis, Month, Period
from cpa_xl.scorecard import PICKS
from cpa_xl.storedfigures import StoredFigures, cells_of
from cpa_xl.suppression import FEWEST_RESPONDENTS, Count, Counts, is_small
from cpa_xl.versions import Version

# What hiding a count loses, beside the count itself: counts that nobody asked to suppress, and sums over a period.
OTHER_SERIES, SUM = 1e4, 1e6


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of an area's counts over a period, which the sheet by borough may show."""

    heading: str
    area: str
    period: Period


Cell = Place | Total


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
    counts: dict[Cell, Count] = field(default_factory=dict)
    sums: list[Mapping[Cell, int]] = field(default_factory=list)

    @property
    def problem(self) -> Counts[Cell]:
        """What has to be protected."""
        return Counts(self.counts, self.sums)

    def add_sum(self, terms: Mapping[Cell, int]) -> None:
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


def _held(figures: StoredFigures, name: str, spec: TableSpec) -> Iterator[Held]:
    table = Version(figures.workbook, figures.spec).table(name)
    if table is None:
        return
    headed = Headed.of(cells_of(figures.workbook, table))
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
    """A count that may be hidden for the sake of others, at a loss."""
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
        headed = Headed.of(cells_of(figures.workbook, table))
        for row in range(len(headed.rows)):
            if heading in (headed.cell(row, "Numerator"), headed.cell(row, "Denominator")):
                with suppress(CellError):  # without a figure of its own it shows nothing by borough
                    found.append(figures.standing(str(headed.cell(row, "Id"))).period)
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
        own: dict[Cell, int] = {held.place: 1 for held in listed}
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
                said = [by_key[month, title] for title in answers if (month, title) in by_key]
                _add_asked(known, by_key[month, asked], said)
    for whole, parts in _partitions(catalogue, spec):
        for month in {held.month for held in cells}:
            row = {name: by_key[month, name] for name in (whole, *parts) if (month, name) in by_key}
            rest = sum(held.value * (1 if name == whole else -1) for name, held in row.items())
            if len(row) == 1 + len(parts) and 0 <= rest < FEWEST_RESPONDENTS:  # so many others hardly blur it
                known.add_sum({held.place: -1 if name == whole else 1 for name, held in row.items()})
    _add_measures(known, figures, spec, cells)


def _add_asked(known: Known, asked: Held, answers: Sequence[Held]) -> None:
    """Respondents of a quarter and what they answered, which is never more than they are."""
    few = asked.value < FEWEST_RESPONDENTS
    least, most = max((held.value for held in answers), default=0), FEWEST_RESPONDENTS - 1 if few else float("inf")
    known.counts[asked.place] = Count(asked.value, few, 0.0 if few else asked.value + 1, least, most)
    for held in answers:
        known.counts[held.place] = Count(held.value, few, 0.0 if few else held.value + 1, 0, asked.value)


def _partitions(catalogue: Catalogue, spec: TableSpec) -> Iterator[tuple[str, list[str]]]:
    """A series of all respondents, and those of groups that one condition tells apart (ethnicity, say)."""
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
            period = figures.standing(measure.id).period
        except CellError:  # told by the check of the measure's figure
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
