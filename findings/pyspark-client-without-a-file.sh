#!/bin/sh
# A Spark Connect client ends the whole program where Python was not started from a file.
#
# Guess before running: SparkSession.builder.remote(...).create() works in `python -c`, in a test worker and in a Python
# that another program embeds, as it does in a script; at worst it raises an error that can be caught by its class.
# What happens with pyspark-client 4.2.0: a program whose __main__ has neither __file__ nor __spec__ is taken for a run
# of Spark's own doctests. Loading the client imports pyspark.testing.sqlutils, which looks for a Spark installation with
# jars. The client has none, so it prints "Could not find valid SPARK_HOME" and calls sys.exit(-1). The same lines in
# a file count the rows.
# Who is hurt: Python inside an office program or an add-in's server, workers of pytest-xdist, `python -c` in a job.
# What we do: the program gets a file's name while the client loads (cpa_xl/extracts/files/database.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyspark-client==4.2.0" "pysail==0.7.2"
cat > "$folder/count.py" <<'PYTHON'
import sys
import warnings

warnings.simplefilter("ignore")
from pyspark.sql import SparkSession
from pysail.spark import SparkConnectServer

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
session = SparkSession.builder.remote("sc://127.0.0.1:%d" % server.listening_address[1]).create()
print("rows:", session.range(3).count())
session.stop()
server.stop()
PYTHON
"$folder/venv/bin/python" "$folder/count.py" 2> /dev/null | grep -x "rows: 3"
code=0
"$folder/venv/bin/python" -c "$(cat "$folder/count.py")" > "$folder/out" 2> "$folder/err" || code=$?
echo "from -c: exit code $code, $(grep -c "Could not find valid SPARK_HOME" "$folder/err") message about SPARK_HOME"
test "$code" = 255
grep -q "Could not find valid SPARK_HOME" "$folder/err"
! grep -q "rows: 3" "$folder/out"
