#!/bin/sh
# A condition on a column called force is no condition for sqlglot: it becomes a command that it does not understand.
#
# Guess before running: force is no reserved word of DuckDB, so "force = 'Kent Police'" parses as a comparison, as it
# does in DuckDB itself.
# What happens with sqlglot 30.30.0: parse() returns exp.Command, with a warning in the log and no error; after NOT or AND it
# is a ParseError. DuckDB 1.5.6 takes the same text as a comparison.
# Who is hurt: police data name this column so (data.police.uk: "Reported by", STATS19: police_force). Code that walks
# the tree for columns finds none, and code that only prints it back sees no difference.
# What we do: the word is quoted before sqlglot sees it (cpa_xl/config/condition_tree.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "sqlglot==30.30.0" "duckdb==1.5.6"
"$folder/venv/bin/python" - <<'PYTHON'
import logging

import duckdb
import sqlglot
from sqlglot import exp

logging.disable(logging.CRITICAL)
text = "force = 'Kent Police'"
[tree] = sqlglot.parse(text, read="duckdb")
[(counted,)] = duckdb.sql(f"SELECT count(*) FROM (SELECT 'Kent Police' AS force) WHERE {text}").fetchall()
print(sqlglot.__version__, type(tree).__name__, [column.name for column in tree.find_all(exp.Column)], duckdb.__version__, counted)
assert isinstance(tree, exp.Command), "sqlglot reads a column called force now"
assert counted == 1
try:
    sqlglot.parse("kind = 'a' and force = 'b'", read="duckdb")
except sqlglot.errors.ParseError:
    print("ParseError after AND")
else:
    raise AssertionError("sqlglot reads a column called force after AND now")
PYTHON
