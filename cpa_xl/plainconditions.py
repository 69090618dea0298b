"""Conditions of the usual kind, read without a parser of SQL: `offence in ('a', 'b') and age < 20`.

A condition is plain where it is comparisons joined by and, or. A comparison is a column alone, or a column (or
`coalesce(column, 'text')`) with =, <>, <, <=, >, >= or in, and texts or whole numbers. What is not plain is not
refused here: `cpa_xl.conditions` parses it. What is plain would be read there with the same columns.
"""

import re

# Words that mean something in DuckDB's SQL where a column could be; a condition with one of them is not plain.
_RESERVED = """
    all alter analyze and any array as attach begin between cache call case comment commit connect connect_by_root
    copy create cross current_catalog current_date current_time current_timestamp current_user delete desc describe
    detach disconnect distinct drop else except execute explain false fetch for force from glob grant having if
    ilike inner insert install intersect into join kill lateral like list load localtime localtimestamp map merge
    not notnull null nullable object on only optimize or outer partitioned_by pivot pivot_wider positional pragma
    prepare qualify range regexp rename reset returning revoke rlike rollback row select session_user set show
    struct summarize table tablesample then true truncate uncache union unpivot update use using vacuum when where
    with xor
"""
_NAME = r"([A-Za-z][A-Za-z_]*)"
_TEXT = r"'[^'\\\x00-\x1f]*'"  # a backslash is refused elsewhere, a quote inside is written twice: both take the parser
_VALUE = rf"(?:{_TEXT}|[0-9]{{1,9}})"
_COMPARED = (
    rf"(?:coalesce\({_NAME}, {_TEXT}\)|{_NAME})"
    rf" (?:(?:=|<>|<=|>=|<|>) {_VALUE}|in \({_VALUE}(?:, {_VALUE})*\))"
)
_COMPARISON = re.compile(rf"{_COMPARED}|{_NAME}", re.IGNORECASE | re.ASCII)
_JOINED = re.compile(r" (?:and|or) ", re.IGNORECASE | re.ASCII)


def plain_columns(text: str) -> frozenset[str] | None:
    """The columns that a plain condition names, in lower case; None where it is not plain."""
    columns, at = set[str](), 0
    while found := _COMPARISON.match(text, at):
        columns |= {name.lower() for name in found.groups() if name is not None}
        at = found.end()
        if at == len(text):
            return None if not columns.isdisjoint(_RESERVED.split()) else frozenset(columns)
        joined = _JOINED.match(text, at)
        if joined is None:
            return None
        at = joined.end()
    return None
