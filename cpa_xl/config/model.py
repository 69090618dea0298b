"""The configuration as frozen values: areas, sources, series, measures with their targets, workbooks.

`cpa_xl.config.load` reads them from the YAML files of the configuration folder, and checks them as a whole. The
docstrings here are also the descriptions in the JSON schemas that editors show.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from cpa_xl.errors import CellError
from cpa_xl.measures.periods import Basis, Month, WeekRule
from cpa_xl.measures.targets import Better, Rule, Unit, target


def _month(value: object) -> Month:
    try:
        return Month.read(value)
    except CellError as error:
        raise ValueError(str(error)) from None


MonthField = Annotated[Month, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}$"})]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """An entry of the configuration: frozen, and without unknown fields."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # each file of the configuration builds what it needs, once
    )


class AreaList(Entry):
    """Areas that an extract may name, each with its other spellings, and the names of rows that add areas up."""

    title: Text
    members: Mapping[Text, tuple[Text, ...]]
    subtotals: tuple[Text, ...] = ()


class Shape(StrEnum):
    """How an extract is laid out."""

    WIDE = "wide"
    RECORDS = "records"
    COUNTS = "counts"


class ColumnType(StrEnum):
    """What the cells of a column hold: a duration counts in seconds, money in pounds."""

    TEXT = "text"
    COUNT = "count"
    DECIMAL = "decimal"
    MONEY = "money"
    DURATION = "duration"
    DATE = "date"
    MONTH = "month"
    YEAR = "year"
    FINANCIAL_YEAR = "financial_year"
    QUARTER = "quarter"
    FLAG = "flag"
    AREA = "area"

    @property
    def is_number(self) -> bool:
        """Whether figures can be added up."""
        return self in (ColumnType.COUNT, ColumnType.DECIMAL, ColumnType.MONEY, ColumnType.DURATION)


class Absent(StrEnum):
    """What a place or category without a row means in a month that an extract brings."""

    REFUSE = "refuse"
    ZERO = "zero"


class Blank(StrEnum):
    """What an empty cell among the figures means."""

    REFUSE = "refuse"
    ZERO = "zero"
    UNKNOWN = "unknown"


class Overlap(StrEnum):
    """What happens where two files of a source bring the same month: stop, take the later file, or add their rows."""

    REFUSE = "refuse"
    LATER = "later"
    ADD = "add"


class Repeated(StrEnum):
    """What happens where two rows have the same keys: stop, count each, or take the first or the last one."""

    REFUSE = "refuse"
    COUNT = "count"
    FIRST = "first"
    LAST = "last"


class Cadence(StrEnum):
    """How often a source reports."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def counted(self) -> "Cadence":
        """How often its series have a figure: weeks are counted into months."""
        return Cadence.MONTHLY if self is Cadence.WEEKLY else self

    @property
    def step(self) -> int:
        """The number of months from one figure of its series to the next."""
        return {Cadence.QUARTERLY: 3, Cadence.YEARLY: 12}.get(self, 1)


class Engine(StrEnum):
    """What reads a source that is no file: a database, or a Spark Connect server."""

    DATABASE = "database"
    SPARK = "spark"


class Lookup(Entry):
    """A CSV file in the configuration folder that gives the word (column `value`) for each code (column `key`)."""

    file: Text
    key: Text
    value: Text


class Figures(Entry):
    """What the cells of figures may hold.

    `negative` allows numbers below zero, `max` is the largest number allowed. `missing` lists marks of an unknown
    figure. `blank` says what an empty cell means.
    """

    type: ColumnType = ColumnType.COUNT
    negative: bool = False
    max: int | None = None
    missing: tuple[Text, ...] = ()
    blank: Blank = Blank.REFUSE


class SourceColumn(Entry):
    """A column of an extract: its heading, other headings for it, and what it holds.

    `values` lists what a text column may hold. `optional` allows empty cells. `format` gives the order of day, month
    and year in dates, or how durations are written. `max` is the largest number allowed, `negative` allows numbers
    below zero. `pattern`, a regular expression with one group, picks the part of a text that counts. `missing` lists
    marks that stand for an unknown value. `codes` gives the word for each code, `lookup` a file that does.
    """

    header: Text
    aliases: tuple[Text, ...] = ()
    type: ColumnType
    format: Literal[
        "dd/mm/yyyy", "mm/dd/yyyy", "yyyy-mm-dd", "hh:mm:ss", "mm:ss", "hh:mm", "seconds", "minutes", "hours"
    ] = "yyyy-mm-dd"
    optional: bool = False
    values: tuple[Text, ...] = ()
    max: int | None = None
    negative: bool = False
    pattern: Text | None = None
    missing: tuple[Text, ...] = ()
    codes: Mapping[Text, Text] = Field(default_factory=dict)
    lookup: Lookup | None = None


class Joined(Entry):
    """A second file with one row for each key: its `columns` count as if each row of the extract had them.

    `key` is the heading of the key there, `by` the column of the extract that names it.
    """

    files: Text | tuple[Text, ...]
    key: Text
    aliases: tuple[Text, ...] = ()
    by: Name
    columns: Mapping[Name, SourceColumn]


class Source(Entry):
    """An extract from another system: its file name, its columns, and the rules that its rows must meet.

    `month` and `area` name the columns that give a row's month and area; with `quarter`, `month` names a column of
    financial years and `quarter` one of quarters. `keys` are the columns that together differ in every row, `repeated`
    says what happens where they do not. `rows` is a condition: all other rows are left out before any check. `totals`
    names rows that add others up, by column and text; the others must add up to them. `footer` lists words that begin
    the lines below the rows. `at_most` lists pairs of columns of which the first never exceeds the second. `trailer` is
    the word that begins the last line, before the number of rows. `lag` is how many months the data may be behind the
    as-of month. `many` allows several files, sheets and archives, each with months of its own; `overlap` says what
    happens where two bring the same month; `split` names the column by which files of one month differ, `split_name`
    the part of their names that does (a regular expression with one group). `absent` says
    what a place or category without a row means in a month that a file brings. `month_in_name` says whether a month in
    a file's name is the last one of its rows. A weekly source says in which month a week counts (`weeks`), and which
    day of the week its dates are (`week_date`). `elsewhere` names places that are no area but count in the force's
    total; "*" is every place that is not on the list. `figure` describes the figures of a wide extract.

    In place of files, `url` gives the address of a database (or env: and the name of a variable that holds it), `table`
    or `query` what is read there, `password` where the password is (env: or keyring: and a name), and `engine` what
    reads it.
    """

    title: Text
    files: Text | tuple[Text, ...] = ()
    url: Text | None = None
    table: Text | None = None
    query: Text | None = None
    password: Annotated[str, Field(pattern=r"^(env|keyring):.+$")] | None = None
    engine: Engine = Engine.DATABASE
    shape: Shape
    columns: Mapping[Name, SourceColumn]
    keys: tuple[Name, ...]
    sheet: Text | None = None
    encoding: Literal["auto", "utf-8", "utf-16", "windows-1252"] = "auto"
    cadence: Cadence = Cadence.MONTHLY
    weeks: WeekRule | None = None
    week_date: Literal["first_day", "last_day"] | None = None
    months: Literal["yyyymm", "any"] | None = None
    month: Name | None = None
    quarter: Name | None = None
    area: Name | None = None
    areas: Name | None = None
    figure: Figures = Figures()
    rows: Text | None = None
    repeated: Repeated = Repeated.REFUSE
    joined: Joined | None = None
    many: bool = False
    overlap: Overlap = Overlap.REFUSE
    split: Name | None = None
    split_name: Text | None = None
    month_in_name: bool = True
    absent: Absent = Absent.REFUSE
    elsewhere: tuple[Text, ...] = ()
    totals: Mapping[Name, tuple[Text, ...]] = Field(default_factory=dict)
    footer: tuple[Text, ...] = ()
    at_most: tuple[tuple[Name, Name], ...] = ()
    lag: Annotated[int, Field(ge=0, le=24)] = 0
    trailer: Text | None = None
    provisional_from: MonthField | None = None
    provisional_note: Text | None = None

    @property
    def every_column(self) -> Mapping[str, SourceColumn]:
        """Its columns, and those that a second file brings."""
        return self.columns if self.joined is None else {**self.columns, **self.joined.columns}

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of its file names."""
        return (self.files,) if isinstance(self.files, str) else self.files

    @property
    def named(self) -> str:
        """The patterns as a message names them: 'a*.csv' or 'b*.csv'."""
        return " or ".join(f"'{pattern}'" for pattern in self.patterns)


class SourceLayout(Entry):
    """A layout of the library: where its publisher documents it, what goes wrong with it, and the source it makes."""

    documented: Text
    traps: tuple[Text, ...]
    source: Source


ROWS = "rows"  # what a series counts unless it names a column


class KnownBreak(Entry):
    """A month from which a series counts something else: figures before and after cannot be compared, and why."""

    month: MonthField
    reason: Text
    source: Text | None = None


class SeriesSpec(Entry):
    """What is counted each month: rows of a source, the sum of one of its columns, or the sum of other series.

    `count` is `rows`, or a column: only rows with a value in it count. `median` takes the middle value of a column in
    each month, of all areas together and of each; such values cannot be added up. `between` gives the least and the
    most that a month of the whole force may have. `known_breaks` says from which months on it counts something else.
    """

    # Such titles need no escapes in structured references.
    title: Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z][A-Za-z0-9 ]*$")]
    source: Name | None = None
    count: Name | None = None
    sum: Name | None = None
    median: Name | None = None
    where: Text | None = None
    of: tuple[Name, ...] = ()
    also: tuple[Text, ...] = ()  # other names for it in comments
    between: tuple[float, float] | None = None
    known_breaks: tuple[KnownBreak, ...] = ()


class FigureKind(StrEnum):
    """How a figure is calculated from its series."""

    RATE = "rate"
    GAP = "gap"
    CHANGE = "change"
    CHANGE_VOLUME = "change_volume"
    MONTHLY_AVERAGE = "monthly_average"
    TOTAL = "total"
    RATIO = "ratio"
    MEAN = "mean"
    MEDIAN = "median"
    RATE_PER = "rate_per"
    RATE_MOVEMENT = "rate_movement"
    EXPECTED_LEFT = "expected_left"
    REQUIRED_RATE = "required_rate"
    FEASIBLE = "feasible"


class FigureSpec(Entry):
    """A figure: how it is calculated, and from which series.

    A gap is the rate numerator / denominator minus the rate other_numerator / other_denominator. A mean is the sum of
    a column (numerator) divided by the number of rows with a value in it (denominator). A `rate_per` is the numerator
    for every `per` of the denominator, which is a population by year.
    """

    kind: FigureKind
    numerator: Name
    denominator: Name | None = None
    other_numerator: Name | None = None
    other_denominator: Name | None = None
    per: Annotated[int, Field(ge=1)] | None = None

    @property
    def series(self) -> tuple[str, ...]:
        """The names of the series that it needs."""
        every = (self.numerator, self.denominator, self.other_numerator, self.other_denominator)
        return tuple(name for name in every if name is not None)


class CommentFact(FigureSpec):
    """A figure that the comment of a measure needs.

    `basis` is that of the measure unless given. `back` is a number of months before the row's as-of month. `quarter`
    takes that quarter of the financial year instead. `of` names another fact that this one needs: for `feasible` the
    required rate, for `required_rate` the number expected in the months left.
    """

    id: Name
    title: Text
    basis: Basis | None = None
    back: int = 0
    quarter: Literal[1, 2, 3, 4] | None = None
    of: Name | None = None


class StatedTarget(Entry):
    """One entry of a target's history; `rule` is null if no target was stated.

    Amounts are fractions; for monthly averages they are numbers a year.
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
        """The figure that it asks for: a fraction, or a number a month; None if it sets no target."""
        return None if self.rule is None else target(self.rule, self.amount, self.baseline)


class Rotation(Entry):
    """Strands that take turns, one a month; the first strand is reported in the month `from`."""

    first: MonthField = Field(alias="from")
    strands: Annotated[tuple[Text, ...], Field(min_length=1)]


class PrintStyles(Entry):
    """The styles, as in CPA_TEXT, in which the scorecard prints the figure and the target."""

    actual: Text
    target: Text


# The names that a comment may have in braces beside the measure's facts, and the facts that each needs.
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
    unit: Literal["percent", "points", "change", "count", "total", "ratio", "mean", "median", "rate_per", "milestone"]
    objective: Text
    cpa: Text
    also: tuple[Text, ...] = ()  # other names for it in comments
    parent: str | None = None
    spi: tuple[Annotated[str, Field(pattern=r"^\d+\.\d+$")], ...] = ()
    note: Text | None = None
    better: Better | None = None
    basis: Basis | None = None
    figure: FigureSpec | None = None
    print: PrintStyles | None = None
    target_text: Annotated[str, Field(pattern=r"\{target\}")] = "{target}"
    amber: Annotated[float, Field(ge=0, lt=1)] = 0.05
    amber_basis: Literal["relative", "points"] = "relative"
    proxy_for: Text | None = None
    exclusions: tuple[Text, ...] = ()
    caveats: tuple[Text, ...] = ()
    rotation: Rotation | None = None
    targets: tuple[StatedTarget, ...] = ()
    facts: tuple[CommentFact, ...] = ()
    comment: str = ""

    @property
    def number(self) -> bool:
        """Whether its figure is a number, and no fraction that people read as percent or points."""
        return self.unit != "milestone" and not Unit(self.unit).fraction

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces in its comment, in order."""
        return tuple(re.findall(r"{([^{}]*)}", self.comment))

    @property
    def agreed(self) -> StatedTarget | None:
        """The latest agreed target; None if there is none."""
        return next((target for target in reversed(self.targets) if target.status == "agreed"), None)


class TableRows(StrEnum):
    """What the rows of a workbook's table are."""

    MONTHS = "months"
    QUARTERS = "quarters"
    AREAS = "areas"
    YEARS = "years"
    MEASURES = "measures"
    REGISTER = "register"
    PROPOSALS = "proposals"
    MILESTONES = "milestones"
    EXTRACTS = "extracts"
    LOG = "log"

    @property
    def holds_facts(self) -> bool:
        """Whether its columns are series."""
        return self in (TableRows.MONTHS, TableRows.QUARTERS, TableRows.AREAS, TableRows.YEARS)


class TableSpec(Entry):
    """A table of a workbook: what its rows are, the headings of its key columns, and its series.

    `last` is the number of latest months (or quarters) to keep. `suppress` names the series whose small counts a
    published copy hides: in a table of areas counts, in a table of quarters numbers of respondents with their answers.
    """

    rows: TableRows
    key: Text | None = None
    area: Text | None = None
    series: tuple[Name, ...] = ()
    last: Annotated[int, Field(ge=1)] | None = None
    suppress: tuple[Name, ...] = ()


class SheetSpec(Entry):
    """A sheet that is read by its headings: `columns` gives the heading of each content."""

    sheet: Text
    columns: Mapping[Name, Text]


class Formulas(StrEnum):
    """What happens to a workbook's own formulas in a published copy; formulas of cpa_xl always become values."""

    KEEP = "keep"
    VALUES = "values"


class Publish(Entry):
    """How a workbook is published: what its cover says, and what the copy leaves out.

    The cover shows `title` and `contact`. `leave_out` lists sheets that the copy leaves out, each by its own name or by
    that of a table on it; `leave_out_if_there` lists further ones that a workbook need not have. `records` are tables
    whose rows are about single people or offences; the copy leaves them out with their sheets. The copy drops comments
    that begin with `internal`, and cells with the cell style `instructions`, which holds hints for editors. `marks` is
    the heading of the column of shorthand that the copy adds to its tables of counts; null adds none.
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
    scorecard: SheetSpec | None = None
    facts: SheetSpec | None = None
    publish: Publish = Publish()


@dataclass(frozen=True)
class Catalogue:
    """The whole configuration, checked. `digest` is the SHA-256 of its files, in hexadecimal."""

    areas: Mapping[str, AreaList]
    sources: Mapping[str, Source]
    series: Mapping[str, SeriesSpec]
    measures: Mapping[str, Measure]
    workbooks: Mapping[str, WorkbookSpec]
    digest: str

    def parts(self, name: str) -> Iterator[str]:
        """The series, each counted from a source, that `name` adds up; `name` itself if it adds up none."""
        series = self.series[name]
        if series.of:
            for part in series.of:
                yield from self.parts(part)
        else:
            yield name

    @property
    def medians(self) -> frozenset[str]:
        """The titles of the series whose values cannot be added up."""
        return frozenset(series.title for series in self.series.values() if series.median)

    def answers_of(self, name: str, among: Sequence[str]) -> tuple[str, ...] | None:
        """The series in `among` that count answers of the respondents that `name` counts.

        None if `name` is not a number of respondents. It is one if it sums a column that another column of its source
        never exceeds (`at_most`).
        """
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
        """The source of a series; of its first part if it adds others up."""
        source = self.series[next(self.parts(name))].source
        if source is None:
            raise LookupError(f"series {name} has no source")  # a checked configuration has one
        return self.sources[source]
