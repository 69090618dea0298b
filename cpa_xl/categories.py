"""Categories that conditions count and an extract no longer has: renamed ones would be lost without a word (D1)."""

import difflib
from collections.abc import Iterator, Mapping

from cpa_xl.catalogue import ColumnType, Series, Shape
from cpa_xl.cellfaults import plain
from cpa_xl.conditions import read_condition
from cpa_xl.errors import Level
from cpa_xl.faults import Findings
from cpa_xl.staging import Staging, quoted
from cpa_xl.typed import Reader
from cpa_xl.wording import FEWEST, TO_CHOOSE_FROM, all_or_few, first_few


def check_categories(staging: Staging, reader: Reader, series: Mapping[str, Series], findings: Findings) -> None:
    """Every text that a condition names is there, and every series counts something.

    A text that the column may hold (`values`) can be missing for want of such an event; any other one stops the file.
    """
    lost: dict[tuple[str, str], list[str]] = {}
    there: dict[str, list[str]] = {}
    for one in series.values():
        for column, text in set(_texts_named(one, reader)):
            if column not in there:
                query = "SELECT DISTINCT {name} FROM typed WHERE {name} IS NOT NULL ORDER BY 1"
                there[column] = [value for (value,) in staging.rows(query, name=quoted(column))]
            if text not in there[column]:
                lost.setdefault((column, text), []).append(one.title)
    for (column, text), titles in sorted(lost.items()):
        heading = reader.layout.heading(column)
        counted = all_or_few(titles, FEWEST)
        message = f"no row holds '{text}', which {counted} count{'s' if len(titles) == 1 else ''}"
        findings.add("D1", message, _likely(text, there[column]), column=heading, was=text)
    named = {title for titles in lost.values() for title in titles}
    for name, one in series.items():
        if one.title not in named:
            _check_counts_something(staging, reader, name, one, findings)


def _texts_named(series: Series, reader: Reader) -> Iterator[tuple[str, str]]:
    """Each text column and the text that the condition compares it with."""
    if series.where is None:
        return
    import sqlglot  # noqa: PLC0415  # as in `conditions`
    from sqlglot import exp  # noqa: PLC0415  # the same

    columns = reader.source.columns
    condition = sqlglot.parse_one(read_condition(series.where, columns).sql("duckdb"), read="duckdb")
    for node in condition.find_all(exp.EQ, exp.NEQ, exp.In):
        name = _column(node.this)
        others = node.expressions if isinstance(node, exp.In) else [node.expression]
        if name is None or columns[name].type is not ColumnType.TEXT:
            continue
        texts = [other.name for other in others if isinstance(other, exp.Literal) and other.is_string]
        yield from ((name, text) for text in texts if text and text not in columns[name].values)


def _column(node: object) -> str | None:
    """The column that is compared, as it is or with something in place of an empty cell."""
    from sqlglot import exp  # noqa: PLC0415  # as in `conditions`

    if isinstance(node, exp.Coalesce):
        node = node.this
    return node.name if isinstance(node, exp.Column) else None


def _likely(text: str, there: list[str]) -> str:
    """What would do for a text that is not there: the one that it has become, or what there is to choose from."""
    spellings = {plain(value): value for value in there}
    if close := difflib.get_close_matches(plain(text), spellings, n=1, cutoff=0.75):
        return f"Is it '{spellings[close[0]]}' now? Then correct the condition in measures.yaml."
    held = first_few([f"'{value}'" for value in there], TO_CHOOSE_FROM)
    return f"The column holds {held}. Correct the condition in measures.yaml."


def _check_counts_something(staging: Staging, reader: Reader, name: str, series: Series, findings: Findings) -> None:
    """A series to which no row belongs; where rows are events, there may have been none."""
    if series.where is None:
        return
    condition = read_condition(series.where, reader.source.columns).sql("duckdb")
    if staging.rows("SELECT 1 FROM typed WHERE {condition} LIMIT 1", condition=condition):
        return
    level = Level.WARN if reader.source.shape is Shape.RECORDS else Level.STOP
    message = f"no row belongs to {series.title} ({name}): {series.where}"
    findings.add("D1", message, "Check the condition in measures.yaml against the file.", level=level)
