"""What we know before any figure comes in: areas, sources, series, measures with their targets, workbooks.

These are frozen values; `configuration.load` reads them from the YAML files of the configuration folder and checks
them as a whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from cpa_xl.errors import CellError
from cpa_xl.measures.periods import Basis, Month
from cpa_xl.measures.targets import Better, Rule, target


def _month(value: object) -> Month:
    try:
        return Month.read(value)
    except CellError as error:
        raise ValueError(str(error)) from None


MonthField = Annotated[Month, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}$"})]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """An entry of the configuration: frozen, and with no field that is not known."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # a file of the configuration builds what it needs, once
    )


class AreaList(Entry):
    """Areas that an extract may name: each with its other spellings; and rows that add areas up."""

    title: Text
    members: Mapping[Text, tuple[Text, ...]]
    subtotals: tuple[Text, ...] = ()


class Shape(StrEnum):
    """How an extract is laid out."""

    WIDE = "wide"
    RECORDS = "records"
    COUNTS = "counts"


class ColumnType(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    COUNT = "count"
    DATE = "date"
    MONTH = "month"
    FLAG = "flag"
    AREA = "area"


class Absent(StrEnum):
    """What a place or category without a row means in a month that an extract brings."""

    REFUSE = "refuse"
    ZERO = "zero"


class Cadence(StrEnum):
    """How often a source reports."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class SourceColumn(Entry):
    """A column of an extract: its heading, other headings for it, and what it holds.

    `values` lists what a text column may hold; `optional` lets cells be empty; `format` says which way round a date
    is written; `max` bounds a count; `pattern`, a regular expression with one group, says which part of a text counts.
    """

    header: Text
    aliases: tuple[Text, ...] = ()
    type: ColumnType
    format: Literal["dd/mm/yyyy", "mm/dd/yyyy", "yyyy-mm-dd"] = "yyyy-mm-dd"
    optional: bool = False
    values: tuple[Text, ...] = ()
    max: int | None = None
    pattern: Text | None = None


class Source(Entry):
    """An extract that another system leaves: how it is recognised, its columns, and what must hold in it.

    `month` and `area` name the columns that say where a row counts; `keys` the columns that no two rows may share;
    `at_most` pairs of columns of which the first never exceeds the second; `trailer` the word that begins the last
    line, followed by the number of rows; `lag` how many months behind the as-of month the data may be. `many` lets
    several files bring the months, each month in one file; `absent` says what a place or category without a row
    means in a month that a file brings; `elsewhere` names places that are no area but count in the force's total.
    """

    title: Text
    files: Text
    shape: Shape
    columns: Mapping[Name, SourceColumn]
    keys: tuple[Name, ...]
    sheet: Text | None = None
    cadence: Cadence = Cadence.MONTHLY
    months: Literal["yyyymm"] | None = None
    month: Name | None = None
    area: Name | None = None
    areas: Name | None = None
    many: bool = False
    absent: Absent = Absent.REFUSE
    elsewhere: tuple[Text, ...] = ()
    at_most: tuple[tuple[Name, Name], ...] = ()
    lag: Annotated[int, Field(ge=0, le=24)] = 0
    trailer: Text | None = None
    provisional_from: MonthField | None = None
    provisional_note: Text | None = None


class Series(Entry):
    """What is counted each month: rows of a source, the sum of one of its columns, or other series added up."""

    title: Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z][A-Za-z0-9 ]*$")]  # plain in structured references
    source: Name | None = None
    count: Literal["rows"] | None = None
    sum: Name | None = None
    where: Text | None = None
    of: tuple[Name, ...] = ()
    also: tuple[Text, ...] = ()  # what else comments call it


class Kind(StrEnum):
    """How a figure is worked out from its series."""

    RATE = "rate"
    GAP = "gap"
    CHANGE = "change"
    CHANGE_VOLUME = "change_volume"
    MONTHLY_AVERAGE = "monthly_average"
    RATE_MOVEMENT = "rate_movement"
    EXPECTED_LEFT = "expected_left"
    REQUIRED_RATE = "required_rate"
    FEASIBLE = "feasible"


class Figure(Entry):
    """A figure: how it is worked out, and from which series.

    A gap is the rate of numerator over denominator less the rate of other_numerator over other_denominator.
    """

    kind: Kind
    numerator: Name
    denominator: Name | None = None
    other_numerator: Name | None = None
    other_denominator: Name | None = None

    @property
    def series(self) -> tuple[str, ...]:
        """The series it needs."""
        every = (self.numerator, self.denominator, self.other_numerator, self.other_denominator)
        return tuple(name for name in every if name is not None)


class CommentFact(Figure):
    """A figure that the comment of a measure needs.

    `basis` is the measure's own unless given; `back` goes so many months back from the row's as-of month; `quarter`
    takes that quarter of its financial year instead; `of` names the fact that it builds on: the rate whose attainment
    `feasible` judges, the number that `required_rate` expects in the months left.
    """

    id: Name
    title: Text
    basis: Basis | None = None
    back: int = 0
    quarter: Literal[1, 2, 3, 4] | None = None
    of: Name | None = None


class Target(Entry):
    """One entry of a target's history: no rule where nothing was stated.

    Amounts are fractions; those of monthly averages are numbers a year.
    """

    status: Literal["proposed", "challenged", "agreed"]
    year: Annotated[str, Field(pattern=r"^\d{4}/\d{2}$")]
    rule: Rule | None
    amount: float | None = None
    baseline: float | None = None
    baseline_period: Text | None = None
    definition: Text | None = None
    performance: Text | None = None
    rationale: Text | None = None

    @property
    def value(self) -> float | None:
        """What it asks for: a fraction, or a number a month; None where it sets no target."""
        return None if self.rule is None else target(self.rule, self.amount, self.baseline)


class Rotation(Entry):
    """Strands that are reported in turn, one a month, beginning with the first strand in the month `from`."""

    first: MonthField = Field(alias="from")
    strands: Annotated[tuple[Text, ...], Field(min_length=1)]


class Print(Entry):
    """How the scorecard prints the figure and the target: styles of CPA_TEXT."""

    actual: Text
    target: Text


# What a comment may name in braces beside the measure's facts, and the facts that it needs for that.
SNIPPETS: Mapping[str, tuple[str, ...]] = {
    "as_of": (),
    "period": (),
    "year": (),
    "year_before": (),
    "ytd_period": (),
    "month_before": (),
    "quarter_before": (),
    "quarters": ("q1",),
    "each_quarter": ("q1", "q2"),
    "achieved": ("ytd",),
    "needed": ("ytd", "required", "feasible"),
    "provisional": (),
    "strand": (),
}


class Measure(Entry):
    """A row of the scorecard. A milestone has no figure."""

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]*$")]
    title: Text
    unit: Literal["percent", "points", "change", "count", "milestone"]
    objective: Text
    cpa: Text
    also: tuple[Text, ...] = ()  # what else comments call it
    parent: str | None = None
    spi: tuple[Annotated[str, Field(pattern=r"^\d+\.\d+$")], ...] = ()
    note: Text | None = None
    better: Better | None = None
    basis: Basis | None = None
    figure: Figure | None = None
    print: Print | None = None
    target_text: Annotated[str, Field(pattern=r"\{target\}")] = "{target}"
    amber: Annotated[float, Field(ge=0, lt=1)] = 0.05
    amber_basis: Literal["relative", "points"] = "relative"
    proxy_for: Text | None = None
    exclusions: tuple[Text, ...] = ()
    caveats: tuple[Text, ...] = ()
    rotation: Rotation | None = None
    targets: tuple[Target, ...] = ()
    facts: tuple[CommentFact, ...] = ()
    comment: str = ""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces in its comment, in order."""
        return tuple(re.findall(r"{([^{}]*)}", self.comment))

    @property
    def agreed(self) -> Target | None:
        """The agreed target that came last."""
        return next((target for target in reversed(self.targets) if target.status == "agreed"), None)


class TableRows(StrEnum):
    """What the rows of a workbook's table are."""

    MONTHS = "months"
    QUARTERS = "quarters"
    AREAS = "areas"
    MEASURES = "measures"
    REGISTER = "register"
    PROPOSALS = "proposals"
    MILESTONES = "milestones"
    EXTRACTS = "extracts"
    LOG = "log"

    @property
    def holds_facts(self) -> bool:
        """Whether its columns are series."""
        return self in (TableRows.MONTHS, TableRows.QUARTERS, TableRows.AREAS)


class TableSpec(Entry):
    """A table of a workbook: what its rows are, the headings of its key columns, and its series.

    `last` keeps only so many months (or quarters) up to the last one. `suppress` names the series whose small counts
    readers do not get: counts by area; of a survey, the numbers of respondents, with what they answered.
    """

    rows: TableRows
    key: Text | None = None
    area: Text | None = None
    series: tuple[Name, ...] = ()
    last: Annotated[int, Field(ge=1)] | None = None
    suppress: tuple[Name, ...] = ()


class Sheet(Entry):
    """A sheet that is read by its headings: `columns` says which heading stands over which content."""

    sheet: Text
    columns: Mapping[Name, Text]


class Formulas(StrEnum):
    """What becomes of a workbook's own formulas in a published copy: those of cpa_xl become values in any case."""

    KEEP = "keep"
    VALUES = "values"


class Publish(Entry):
    """How a workbook is published: what its cover says, and what stays behind.

    `title` and `contact` stand on the cover. `leave_out` are sheets that readers do not get, each by its own name or by
    that of a table on it; `leave_out_if_there` likewise, where the workbook has them. `records` are tables whose rows
    are about single people or offences, which are left out with their sheets. `internal` begins the comments that
    readers shall not see; cells of the cell style `instructions` speak to those who work on the book, and go too.
    `marks` heads the column of shorthand that the copy's tables of counts get; None: they get none.
    """

    title: Text | None = None
    contact: Text | None = None
    formulas: Formulas = Formulas.KEEP
    leave_out: tuple[Text, ...] = ()
    leave_out_if_there: tuple[Text, ...] = ("Sign-off",)
    records: tuple[Text, ...] = ()
    internal: Text = "[internal]"
    instructions: Text = "Instruction"
    marks: Text | None = "Marks"


class WorkbookSpec(Entry):
    """A workbook: its template, the name of its as-of cell, its tables, its scorecard, and how it is published."""

    file: Text
    as_of: Text
    tables: Mapping[Text, TableSpec]
    scorecard: Sheet | None = None
    facts: Sheet | None = None
    publish: Publish = Publish()


@dataclass(frozen=True)
class Catalogue:
    """The configuration as a whole, checked. `digest` is the SHA-256 of its files."""

    areas: Mapping[str, AreaList]
    sources: Mapping[str, Source]
    series: Mapping[str, Series]
    measures: Mapping[str, Measure]
    workbooks: Mapping[str, WorkbookSpec]
    digest: str

    def parts(self, name: str) -> Iterator[str]:
        """The series, counted from a source, that `name` adds up (itself where it is one)."""
        series = self.series[name]
        if series.of:
            for part in series.of:
                yield from self.parts(part)
        else:
            yield name

    def answers_of(self, name: str, among: Sequence[str]) -> tuple[str, ...] | None:
        """Those `among` some series that count answers of the respondents that `name` counts; None where it is not a
        number of respondents: the sum of a column that another column of its source never exceeds."""
        asked = self.series[name]
        parts = {part for part, whole in self.source_of(name).at_most if whole == asked.sum}
        if asked.source is None or not parts:
            return None
        same = ((other, self.series[other]) for other in among)
        return tuple(
            other
            for other, series in same
            if (series.source, series.where) == (asked.source, asked.where) and series.sum in parts
        )

    def source_of(self, name: str) -> Source:
        """The source of a series (of its first part where it adds others up)."""
        source = self.series[next(self.parts(name))].source
        if source is None:
            raise LookupError(f"series {name} has no source")  # the configuration was checked: it cannot happen
        return self.sources[source]
