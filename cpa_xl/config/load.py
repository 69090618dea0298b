"""Reads the configuration folder into a `Catalogue`, and checks it as a whole.

The folder has four files: areas.yaml, sources.yaml, measures.yaml, workbooks.yaml. `load` reports all faults together,
each with its file, entry and field, what was there and what would do.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from cpa_xl.config.checks import measure_faults, series_faults, table_faults, title_faults
from cpa_xl.config.model import (
    NAME,
    TITLE,
    AreaList,
    Catalogue,
    Measure,
    SeriesSpec,
    Source,
    SourceLayout,
    WorkbookSpec,
)
from cpa_xl.config.sources import source_faults, with_layout, with_lookups
from cpa_xl.errors import Refusal

LAYOUTS = "layouts.yaml"
_LIBRARY: Mapping[str, Any] = {"layouts": dict[str, SourceLayout]}
SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "areas.yaml": {"areas": dict[str, AreaList]},
    "sources.yaml": {"sources": dict[str, Source]},
    "measures.yaml": {"series": dict[str, SeriesSpec], "measures": list[Measure]},
    "workbooks.yaml": {"workbooks": dict[str, WorkbookSpec]},
}


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
    if "sources" in parts:
        parts["sources"] = with_lookups(parts["sources"], folder, digest.update, faults)
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
        schema = _adapter(shape).json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        properties[section] = _with_use(schema, definitions) if section == "sources" else schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"cpa_xl {name}",
        "type": "object",
        "properties": properties,
        "required": list(sections),
        "additionalProperties": False,
        "$defs": definitions,
    }


@cache  # a program that stays loads configurations again and again
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _with_use(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of sources, each of which may also use a layout and say only what differs."""
    whole = definitions["Source"]
    use = {"description": "A layout of the library.", "enum": sorted(layouts())}
    columns = {"type": "object", "additionalProperties": {"type": ["object", "null"]}}
    definitions["SourceOfLayout"] = {
        "description": "A source that uses a layout of the library; what stands beside `use` differs from it.",
        "type": "object", "additionalProperties": False, "required": ["use"],
        "properties": {"use": use, **whole["properties"], "columns": columns},
    }  # fmt: skip
    choice = {"anyOf": [{"$ref": "#/$defs/SourceOfLayout"}, {"$ref": "#/$defs/Source"}]}
    return {**schema, "additionalProperties": choice}


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
            entries = data.get(section)
            if section == "sources" and isinstance(entries, dict):
                entries = {
                    entry: with_layout(name, entry, fields, layouts, faults) for entry, fields in entries.items()
                }
            text = json.dumps(entries, default=str)
            found[section] = _adapter(shape).validate_json(text, strict=True)
        except ValidationError as error:
            faults.extend(_validation_faults(name, section, data.get(section), error))
    return found


def _yaml_fault(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return str(error).strip()


_FORMS = {  # what the patterns of `cpa_xl.config.model` ask for
    NAME: "a name begins with a small letter and has only small letters, digits and _",
    TITLE: "a title is the heading of a column: it begins with a letter and has only letters A to Z, digits and spaces",
    r"^\d{4}/\d{2}$": "a financial year is written 2008/09",
    r"^\d+\.\d+$": "an indicator is written 1.1",
    r"\{target\}": "the text has no {target}, the place of the target",
    r"^(env|keyring):.+$": "a password is never written here: env:NAME or keyring:NAME says where it is",
}


def _validation_faults(name: str, section: str, data: Any, error: ValidationError) -> Iterator[str]:
    """One line for each fault that pydantic finds, in the names of the file."""
    for detail in error.errors(include_url=False):
        place = [section, *(_entry_name(section, data, detail["loc"]))]
        message = detail["msg"].removeprefix("Value error, ")
        was = detail["input"]
        shown = "" if detail["type"] == "missing" or isinstance(was, dict | list | BaseModel) else f" (was {was!r})"
        if detail["type"] == "extra_forbidden":
            message, shown = "not a field of this entry; check its spelling against the schema", ""
        if detail["type"] == "string_pattern_mismatch":
            message = _FORMS.get(detail["ctx"]["pattern"], message)
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
        yield from (f"sources.yaml: sources > {name}: {fault}" for fault in source_faults(source, catalogue))
    faults = [
        f"measures.yaml: series > {name}: {fault}"
        for name, series in catalogue.series.items()
        for fault in series_faults(name, series, catalogue)
    ]
    yield from faults
    if faults:
        return  # the checks below need the sources of series
    yield from title_faults(catalogue)
    for name, measure in catalogue.measures.items():
        yield from (f"measures.yaml: measures > {name} > {fault}" for fault in measure_faults(measure, catalogue))
    for name, workbook in catalogue.workbooks.items():
        for table, spec in workbook.tables.items():
            place = f"workbooks.yaml: workbooks > {name} > tables > {table}"
            yield from (f"{place}: {fault}" for fault in table_faults(spec, catalogue))


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


def shipped(name: str) -> Path:
    """A folder that ships with the project (config, workbooks): beside the package or, once installed, inside it."""
    here = Path(str(files("cpa_xl"))).resolve()
    inside = here / f"_{name}"
    return inside if inside.is_dir() else here.parent / name
