"""Reads the configuration folder into a `Catalogue`, and checks it as a whole.

The folder has four files: areas.yaml, sources.yaml, measures.yaml, workbooks.yaml. `load` reports all faults together,
each with its file, entry and field, what was there and what would do.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import (
    ROWS,
    SNIPPETS,
    AreaList,
    Cadence,
    Catalogue,
    ColumnType,
    FigureKind,
    FigureSpec,
    Measure,
    PrintStyles,
    SeriesSpec,
    Shape,
    Source,
    SourceLayout,
    StatedTarget,
    TableRows,
    TableSpec,
    WorkbookSpec,
)
from cpa_xl.errors import CellError, CpaXlError, Refusal
from cpa_xl.measures.figures import Style, as_fraction
from cpa_xl.measures.periods import Basis
from cpa_xl.measures.targets import Rule, Unit

LAYOUTS = "layouts.yaml"
_LIBRARY: Mapping[str, Any] = {"layouts": dict[str, SourceLayout]}
SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "areas.yaml": {"areas": dict[str, AreaList]},
    "sources.yaml": {"sources": dict[str, Source]},
    "measures.yaml": {"series": dict[str, SeriesSpec], "measures": list[Measure]},
    "workbooks.yaml": {"workbooks": dict[str, WorkbookSpec]},
}

# What each kind of figure needs beside its numerator.
_OPERANDS: Mapping[FigureKind, tuple[str, ...]] = {
    FigureKind.RATE: ("denominator",),
    FigureKind.RATE_MOVEMENT: ("denominator",),
    FigureKind.REQUIRED_RATE: ("denominator",),
    FigureKind.FEASIBLE: ("denominator",),
    FigureKind.GAP: ("denominator", "other_numerator", "other_denominator"),
    FigureKind.RATIO: ("denominator",),
    FigureKind.MEAN: ("denominator",),
}

# Figures that are numbers, and the unit of a measure with such a figure.
_UNITS: Mapping[FigureKind, Unit] = {
    FigureKind.TOTAL: Unit.TOTAL,
    FigureKind.RATIO: Unit.RATIO,
    FigureKind.MEAN: Unit.MEAN,
    FigureKind.MEDIAN: Unit.MEDIAN,
}
_NUMBERS = ("count", "decimal", "money", "duration")  # the types of columns that can be added up
# Rules whose targets are fractions, or months' parts of a year: they have no meaning for such figures.
_NOT_OF_NUMBERS = (Rule.CHANGE, Rule.GAP, Rule.POINTS_ON_BASELINE, Rule.MONTHLY_AVERAGE)
_OF_NUMBERS = ", ".join(rule for rule in Rule if rule not in (*_NOT_OF_NUMBERS, Rule.MILESTONE))


class ConfigurationError(Refusal):
    """The configuration has faults; `faults` lists every one."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        many = f"The configuration has {len(self.faults)} faults:" if len(self.faults) > 1 else "The configuration:"
        super().__init__("\n".join([many, *(f"  {fault}" for fault in self.faults)]))


class _Loader(yaml.SafeLoader):
    """YAML that refuses a repeated key: the second would silently win."""


class _QuickLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # PyYAML may lack its C part
    """The same in a tenth of the time; `_Loader` reads again what it refuses, for the message."""


def _mapping(loader: _Loader | _QuickLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, yaml.Node] = {}
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            line, first = key_node.start_mark.line + 1, seen[key].start_mark.line + 1
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"line {line}: {key!r} is repeated (first on line {first}); keep one",
            )
        seen[key] = key_node
    return {loader.construct_object(key): loader.construct_object(value, deep=True) for key, value in node.value}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_QuickLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _yaml(text: str) -> Any:
    """The data of a text in YAML; `yaml.YAMLError` if the text is not YAML."""
    try:
        return yaml.load(text, Loader=_QuickLoader)  # noqa: S506  # a SafeLoader of our own
    except yaml.YAMLError:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # the same


def layouts() -> Mapping[str, SourceLayout]:
    """The library of layouts that comes with the project, by name; `ConfigurationError` where it is damaged."""
    path, faults = shipped("config") / LAYOUTS, list[str]()
    parts = _read_file(LAYOUTS, path.read_bytes(), _LIBRARY, faults)
    if faults:
        raise ConfigurationError(faults)
    found: Mapping[str, SourceLayout] = parts["layouts"]
    return found


def load(folder: Path) -> Catalogue:
    """The catalogue of a configuration folder; `ConfigurationError` with every fault if there is any."""
    faults: list[str] = []
    digest = hashlib.sha256()
    parts: dict[str, Any] = {}
    for name, sections in SECTIONS.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name}: not found in {folder}; the folder needs {', '.join(SECTIONS)}")
            continue
        content = path.read_bytes()
        digest.update(content)
        parts |= _read_file(name, content, sections, faults)
    if not faults:
        faults.extend(_unique_ids(parts["measures"]))
    if faults:
        raise ConfigurationError(faults)
    measures = {measure.id: measure for measure in parts.pop("measures")}
    catalogue = Catalogue(**parts, measures=measures, digest=digest.hexdigest())
    if faults := list(_cross_check(catalogue)):
        raise ConfigurationError(faults)
    return catalogue


def schemas() -> Mapping[str, str]:
    """A JSON schema for each file of the configuration, by file name; editors check with it while people type."""
    return {
        name.replace(".yaml", ".schema.json"): json.dumps(_schema(name, sections), indent=1) + "\n"
        for name, sections in {**SECTIONS, LAYOUTS: _LIBRARY}.items()
    }


def _schema(name: str, sections: Mapping[str, Any]) -> dict[str, object]:
    definitions: dict[str, object] = {}
    properties: dict[str, object] = {}
    for section, shape in sections.items():
        schema = TypeAdapter(shape).json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        properties[section] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"cpa_xl {name}",
        "type": "object",
        "properties": properties,
        "required": list(sections),
        "additionalProperties": False,
        "$defs": definitions,
    }


def _read_file(name: str, content: bytes, sections: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    try:
        data = _yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        faults.append(f"{name}: byte {error.start + 1} is not UTF-8; save the file as UTF-8")
        return {}
    except yaml.YAMLError as error:
        faults.append(f"{name}: {_yaml_fault(error)}")
        return {}
    if not isinstance(data, dict):
        faults.append(f"{name}: holds no entries; it needs {', '.join(sections)}")
        return {}
    faults.extend(
        f"{name}: {surplus!r} is not a section of this file; it may hold {', '.join(sections)}"
        for surplus in sorted(set(data) - set(sections), key=str)
    )
    found: dict[str, Any] = {}
    for section, shape in sections.items():
        try:
            text = json.dumps(data.get(section), default=str)
            found[section] = TypeAdapter(shape).validate_json(text, strict=True)
        except ValidationError as error:
            faults.extend(_validation_faults(name, section, data.get(section), error))
    return found


def _yaml_fault(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return str(error).strip()


def _validation_faults(name: str, section: str, data: Any, error: ValidationError) -> Iterator[str]:
    """One line for each fault that pydantic finds, in the names of the file."""
    for detail in error.errors(include_url=False):
        place = [section, *(_entry_name(section, data, detail["loc"]))]
        message = detail["msg"].removeprefix("Value error, ")
        was = detail["input"]
        shown = "" if detail["type"] == "missing" or isinstance(was, dict | list | BaseModel) else f" (was {was!r})"
        if detail["type"] == "extra_forbidden":
            message, shown = "not a field of this entry; check its spelling against the schema", ""
        yield f"{name}: {' > '.join(place)}: {message}{shown}"


def _entry_name(section: str, data: Any, location: tuple[int | str, ...]) -> Iterator[str]:
    """The path to a field, with a measure's id in place of its position in the list."""
    for depth, step in enumerate(location):
        if section == "measures" and depth == 0 and isinstance(step, int):
            entry = data[step]
            yield str(entry.get("id", step + 1)) if isinstance(entry, dict) else str(step + 1)
        else:
            yield str(step + 1) if isinstance(step, int) else step


def _unique_ids(measures: Iterable[Measure]) -> Iterator[str]:
    for name, times in Counter(measure.id for measure in measures).items():
        if times > 1:
            yield f"measures.yaml: measures > {name}: {times} measures have this id; every measure needs its own"


def _cross_check(catalogue: Catalogue) -> Iterator[str]:
    for name, areas in catalogue.areas.items():
        yield from (f"areas.yaml: areas > {name}: {fault}" for fault in _area_faults(areas))
    for name, source in catalogue.sources.items():
        yield from (f"sources.yaml: sources > {name}: {fault}" for fault in _source_faults(source, catalogue))
    faults = [
        f"measures.yaml: series > {name}: {fault}"
        for name, series in catalogue.series.items()
        for fault in _series_faults(name, series, catalogue)
    ]
    yield from faults
    if faults:
        return  # the checks below need the sources of series
    yield from _title_faults(catalogue)
    for name, measure in catalogue.measures.items():
        yield from (f"measures.yaml: measures > {name} > {fault}" for fault in _measure_faults(measure, catalogue))
    for name, workbook in catalogue.workbooks.items():
        for table, spec in workbook.tables.items():
            place = f"workbooks.yaml: workbooks > {name} > tables > {table}"
            yield from (f"{place}: {fault}" for fault in _table_faults(spec, catalogue))


def _area_faults(areas: AreaList) -> Iterator[str]:
    """A spelling that two areas share, or an area and a sum of areas: it would count rows for the wrong one."""
    owners: dict[str, list[str]] = {}
    for member, aliases in areas.members.items():
        for spelling in {spelling.strip().casefold() for spelling in (member, *aliases)}:
            owners.setdefault(spelling, []).append(member)
    for spelling in {spelling.strip().casefold() for spelling in areas.subtotals}:
        owners.setdefault(spelling, []).append("subtotals")
    for spelling, found in owners.items():
        if len(found) > 1:
            yield f"{spelling!r} is given to {' and '.join(found)}; a spelling belongs to one"


def _source_faults(source: Source, catalogue: Catalogue) -> Iterator[str]:
    columns = source.columns
    fields = {"month": source.month, "area": source.area}
    named = [(field, column) for field, column in fields.items() if column is not None]
    named += [("keys", key) for key in source.keys]
    named += [("at_most", column) for pair in source.at_most for column in pair]
    for field, column in named:
        if column not in columns:
            yield f"{field}: {column!r} is not one of its columns ({', '.join(columns)})"
    yield from _heading_faults(source)
    area = columns.get(source.area or "")
    if area is not None and area.type is not ColumnType.AREA and (source.areas or area.type is not ColumnType.TEXT):
        yield f"area: column {source.area!r} has type {area.type}; it must have type area"
    if area is not None and source.areas is None and area.type is ColumnType.AREA:
        yield "area and areas go together: the column, and the list of areas it may name"
    if source.areas is not None and source.area is None:
        yield "area and areas go together: the column, and the list of areas it may name"
    if source.elsewhere and source.areas is None:
        yield "elsewhere: names places that are not in areas, so areas must name a list"
    yield from _pattern_faults(source)
    if source.areas is not None and source.areas not in catalogue.areas:
        yield f"areas: {source.areas!r} is not in areas.yaml ({', '.join(catalogue.areas)})"
    wide = source.shape is Shape.WIDE
    if wide and (source.months is None or source.month is not None):
        yield "shape wide needs months: yyyymm, and no month column"
    if not wide and source.month is None:
        yield f"shape {source.shape} needs month: the column that says when a row counts"


def _pattern_faults(source: Source) -> Iterator[str]:
    for name, column in source.columns.items():
        if column.pattern is None:
            continue
        if column.type not in (ColumnType.AREA, ColumnType.TEXT):
            yield f"columns > {name} > pattern: goes with type text or area, not {column.type}"
        try:
            groups = re.compile(column.pattern).groups
        except re.error as error:
            yield f"columns > {name} > pattern: {column.pattern!r} is no regular expression: {error}"
            continue
        if groups != 1:
            yield f"columns > {name} > pattern: {column.pattern!r} has {groups} groups; it must have one, in brackets"


def _heading_faults(source: Source) -> Iterator[str]:
    headings = Counter(
        heading.strip().casefold() for column in source.columns.values() for heading in (column.header, *column.aliases)
    )
    for heading, times in headings.items():
        if times > 1:
            yield f"columns: the heading {heading!r} is given to {times} columns; a heading belongs to one"


def _series_faults(name: str, series: SeriesSpec, catalogue: Catalogue) -> Iterator[str]:
    if series.of:
        yield from _sum_faults(name, series, catalogue)
    elif (source := catalogue.sources.get(series.source or "")) is None:
        yield f"source: {series.source!r} is not in sources.yaml ({', '.join(catalogue.sources)})"
    else:
        yield from _count_faults(series, source)


def _sum_faults(name: str, series: SeriesSpec, catalogue: Catalogue) -> Iterator[str]:
    if series.source or series.count or series.sum or series.median or series.where:
        yield "of: adds other series up, so source, count, sum, median and where must go"
    for part in series.of:
        if part not in catalogue.series:
            yield f"of: {part!r} is not a series"
        elif catalogue.series[part].median:
            yield f"of: {part!r} is a median, and medians cannot be added up"
    if _adds_itself(name, catalogue):
        yield "of: adds itself up, by way of the series it names"


def _count_faults(series: SeriesSpec, source: Source) -> Iterator[str]:
    if [series.count, series.sum, series.median].count(None) != 2:
        yield "give one of count: (rows, or a column), sum: and a column, or median: and a column"
    columns = [] if source.shape is Shape.WIDE else [*source.columns]
    if series.count not in (None, ROWS, *columns):
        named = f"rows, or a column ({', '.join(columns)})" if columns else "rows"
        yield f"count: {series.count!r} is no column of {series.source}; write {named}"
    numbers = [column for column, spec in source.columns.items() if spec.type in _NUMBERS]
    if source.shape is Shape.WIDE:
        numbers = ["count"]
    for field, column in (("sum", series.sum), ("median", series.median)):
        if column is not None and column not in numbers:
            listed = ", ".join(numbers) or "it has none"
            yield f"{field}: {column!r} is not a column of numbers in {series.source} ({listed})"
    if series.median is not None and (source.shape is not Shape.RECORDS or source.cadence is not Cadence.MONTHLY):
        yield f"median: needs single records by month, and {series.source} is {source.cadence} {source.shape}"
    if series.where is not None:
        try:
            read_condition(series.where, source.columns)
        except CpaXlError as error:
            yield f"where: {error}"


def _adds_itself(name: str, catalogue: Catalogue) -> bool:
    waiting, seen = list(catalogue.series[name].of), set[str]()
    while waiting:
        part = waiting.pop()
        if part == name:
            return True
        if part in catalogue.series and part not in seen:
            seen.add(part)
            waiting.extend(catalogue.series[part].of)
    return False


def _title_faults(catalogue: Catalogue) -> Iterator[str]:
    titles = Counter(series.title.casefold() for series in catalogue.series.values())
    for name, series in catalogue.series.items():
        if titles[series.title.casefold()] > 1:
            yield f"measures.yaml: series > {name}: title {series.title!r} is another series' too; it heads one column"
        if len({catalogue.source_of(part).cadence for part in catalogue.parts(name)}) > 1:
            yield f"measures.yaml: series > {name}: of: adds monthly and quarterly series; they cannot be added"


def _measure_faults(measure: Measure, catalogue: Catalogue) -> Iterator[str]:
    if measure.figure is None:
        if measure.unit != "milestone":
            yield "figure: missing; every measure but a milestone has one"
    else:
        yield from (f"figure > {fault}" for fault in _figure_faults(measure.figure, catalogue))
        yield from _unit_faults(measure, measure.figure)
        yield from (f"basis: {fault}" for fault in _median_faults(measure.figure, measure.basis))
        for field in ("better", "basis", "print"):
            if getattr(measure, field) is None:
                yield f"{field}: missing; a measure with a figure needs it"
    if measure.parent is not None and measure.parent not in catalogue.measures:
        yield f"parent: {measure.parent!r} is not a measure"
    if measure.print is not None:
        yield from _style_faults(measure.print)
    yield from _comment_faults(measure, catalogue)
    for position, entry in enumerate(measure.targets, start=1):
        yield from (f"targets > {position} > {fault}" for fault in _target_faults(entry, measure))


def _unit_faults(measure: Measure, figure: FigureSpec) -> Iterator[str]:
    """Numbers that are no monthly average: the unit names the kind of figure, and the amber band is relative."""
    unit = _UNITS.get(figure.kind)
    if unit is None and Unit(measure.unit) in _UNITS.values():
        yield f"unit: {measure.unit} goes with a figure of the kind {measure.unit}, not {figure.kind}"
    elif unit is not None and measure.unit != unit:
        yield f"unit: {measure.unit} does not go with a figure of the kind {figure.kind}; write {unit}"
    if unit is not None and measure.amber_basis == "points":
        yield f"amber_basis: points are for percentages, and a figure in {unit} is none; write relative"


def _style_faults(styles: PrintStyles) -> Iterator[str]:
    for field, style in (("actual", styles.actual), ("target", styles.target)):
        try:
            Style.read(style)
        except CellError as error:
            yield f"print > {field}: {error}"


def _comment_faults(measure: Measure, catalogue: Catalogue) -> Iterator[str]:
    known = {fact.id for fact in measure.facts}
    listed = ", ".join(sorted(known)) or "it has none"
    for fact in measure.facts:
        yield from (f"facts > {fact.id} > {fault}" for fault in _figure_faults(fact, catalogue))
        basis = Basis.QUARTER if fact.quarter else fact.basis or measure.basis
        yield from (f"facts > {fact.id} > basis: {fault}" for fault in _median_faults(fact, basis))
        if fact.kind in (FigureKind.FEASIBLE, FigureKind.REQUIRED_RATE) and fact.of not in known:
            yield f"facts > {fact.id} > of: {fact.of!r} is not one of its facts ({listed})"
    for name in measure.placeholders:
        if name not in known and name not in SNIPPETS:
            yield f"comment: {{{name}}} is neither one of its facts ({listed}) nor one of {', '.join(SNIPPETS)}"
        lacking = [fact for fact in SNIPPETS.get(name, ()) if fact not in known]
        if lacking and name not in known:
            yield f"comment: {{{name}}} needs the facts {', '.join(lacking)}; it has {listed}"


def _target_faults(entry: StatedTarget, measure: Measure) -> Iterator[str]:
    rule = entry.rule
    if rule is None or entry.status != "agreed":
        return  # a proposal may leave its baseline open; an agreed target must have a value
    if measure.figure is None:
        if rule is not Rule.MILESTONE:
            yield f"rule: {rule} needs a figure to be judged; a milestone has none"
        return
    try:
        value = entry.value
    except CpaXlError as error:
        yield f"rule {rule}: {error}"
        return
    if Unit(measure.unit) in _UNITS.values() and rule in _NOT_OF_NUMBERS:
        yield f"rule: {rule} does not go with unit {measure.unit}; write one of {_OF_NUMBERS}"
    elif value is not None and not measure.number and abs(value) > 1:
        yield f"rule {rule}: {as_fraction(value)}"


def _figure_faults(figure: FigureSpec, catalogue: Catalogue) -> Iterator[str]:
    needed = _OPERANDS.get(figure.kind, ())
    for field in ("denominator", "other_numerator", "other_denominator"):
        given = getattr(figure, field) is not None
        if given != (field in needed):
            yield f"{field}: {'missing' if not given else 'surplus'} for kind {figure.kind}"
    if figure.kind is FigureKind.MEAN:
        yield from _mean_faults(figure, catalogue)
    for name in figure.series:
        median = name in catalogue.series and catalogue.series[name].median is not None
        if median and figure.kind is not FigureKind.MEDIAN:
            yield f"kind: {figure.kind} will not do for {name}, which is a median; write median"
        elif figure.kind is FigureKind.MEDIAN and name in catalogue.series and not median:
            yield f"numerator: {name} is no median; give a series with median: and a column"
    unknown = [name for name in figure.series if name not in catalogue.series]
    for name in unknown:
        yield f"{name!r} is not a series"
    if not unknown and len({catalogue.source_of(name).cadence for name in figure.series}) > 1:
        yield "its series are partly monthly and partly quarterly"


def _mean_faults(figure: FigureSpec, catalogue: Catalogue) -> Iterator[str]:
    """A mean divides the sum of a column by the number of rows with a value in it, and by no other number."""
    above, below = figure.numerator, figure.denominator
    if below is None or not {above, below} <= catalogue.series.keys():
        return
    sums, numbers = ([catalogue.series[part] for part in catalogue.parts(name)] for name in (above, below))
    if any(one.sum is None for one in sums):
        yield f"numerator: {above} counts rows; the mean of a column needs its sum (sum: and the column)"
        return
    if sorted((one.source, one.sum, one.where or "") for one in sums) != sorted(
        (one.source, one.count or "", one.where or "") for one in numbers
    ):
        column = sums[0].sum
        yield (
            f"denominator: {below} does not count the values that {above} adds up; "
            f"write count: {column}, with the same source and where"
        )


def _median_faults(figure: FigureSpec, basis: Basis | None) -> Iterator[str]:
    """A median is that of its month alone."""
    if figure.kind is FigureKind.MEDIAN and basis not in (None, Basis.MONTH):
        yield (
            f"{basis} will not do for a median: that of a longer period cannot be worked out from the medians of its"
            " months; write MONTH, or take a mean"
        )


def _table_faults(spec: TableSpec, catalogue: Catalogue) -> Iterator[str]:
    if not spec.rows.holds_facts:
        if spec.series or spec.key or spec.area or spec.last:
            yield f"rows: {spec.rows} takes no series, key, area or last"
        yield from _suppress_faults(spec, catalogue)
        return
    yield from _key_faults(spec)
    wanted = Cadence.QUARTERLY if spec.rows is TableRows.QUARTERS else Cadence.MONTHLY
    for name in spec.series:
        if name not in catalogue.series:
            yield f"series: {name!r} is not a series"
            continue
        if catalogue.source_of(name).cadence is not wanted:
            yield f"series: {name} is {catalogue.source_of(name).cadence}; rows: {spec.rows} takes {wanted} series"
        without = [part for part in catalogue.parts(name) if catalogue.source_of(part).area is None]
        if spec.rows is TableRows.AREAS and without:
            yield f"series: {without[0]} has no areas; a table of areas cannot hold it"

    yield from _suppress_faults(spec, catalogue)


def _suppress_faults(spec: TableSpec, catalogue: Catalogue) -> Iterator[str]:
    if spec.suppress and spec.rows not in (TableRows.AREAS, TableRows.QUARTERS):
        yield f"suppress: rows: {spec.rows} takes none; only tables of areas and of quarters hold small counts"
        return
    known = [name for name in spec.series if name in catalogue.series]
    for name in spec.suppress:
        if name in catalogue.series and catalogue.series[name].median:
            yield f"suppress: {name} is a median, and no count"
        elif name not in spec.series:
            yield f"suppress: {name!r} is not among the table's series ({', '.join(spec.series) or 'it has none'})"
        elif name in known and spec.rows is TableRows.QUARTERS and catalogue.answers_of(name, known) is None:
            yield (
                f"suppress: {name} is not a number of respondents: its column is not the second of any pair of at_most"
                f" in sources.yaml > {catalogue.series[name].source}"
            )


def _key_faults(spec: TableSpec) -> Iterator[str]:
    needs: tuple[tuple[str, Callable[[TableSpec], str | None], bool], ...] = (
        ("key", lambda table: table.key, True),
        ("area", lambda table: table.area, spec.rows is TableRows.AREAS),
    )
    for field, value, needed in needs:
        if (value(spec) is not None) != needed:
            yield f"{field}: {'missing' if needed else 'surplus'} for rows: {spec.rows}"


def shipped(name: str) -> Path:
    """A folder that ships with the project (config, workbooks): beside the package or, once installed, inside it."""
    here = Path(str(files("cpa_xl"))).resolve()
    inside = here / f"_{name}"
    return inside if inside.is_dir() else here.parent / name
