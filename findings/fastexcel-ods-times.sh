#!/bin/sh
# Times in an OpenDocument sheet come as empty cells from fastexcel, where dates and numbers come as text.
#
# Guess before running: a duration such as 01:02:03 (office:value-type="time") is text like the dates beside it.
# What happens with fastexcel 0.21.0 (calamine): dtypes="string" gives None for every time cell of an .ods file, without
# an error or a warning; the same cells of an .xlsx file come as "1899-12-31 01:02:03". A column of response times is
# read as a column of missing values.
# Who is hurt: anybody who reads response or waiting times from .ods tables; a mean over the rest looks plausible.
# What we do: the sheet's own XML is asked for such cells (cpa_xl/extracts/files/sheets.py).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "fastexcel==0.21.0" "nanoarrow==0.9.0"
cat >"$folder/run.py" <<'PYTHON'
import sys
import zipfile

import fastexcel
import nanoarrow

NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
TYPE = "application/vnd.oasis.opendocument.spreadsheet"
cells = (
    '<table:table-cell office:value-type="date" office:date-value="2024-04-23"><text:p>23/04/24</text:p></table:table-cell>'
    '<table:table-cell office:value-type="float" office:value="12"><text:p>12</text:p></table:table-cell>'
    '<table:table-cell office:value-type="time" office:time-value="PT01H02M03S"><text:p>01:02:03</text:p></table:table-cell>'
)
content = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES} office:version="1.2"><office:body>'
    f'<office:spreadsheet><table:table table:name="S"><table:table-row>{cells}</table:table-row></table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
manifest = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.2"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("mimetype", TYPE)
    archive.writestr("content.xml", content)
    archive.writestr("META-INF/manifest.xml", manifest)
sheet = fastexcel.read_excel(sys.argv[1]).load_sheet(0, header_row=None, dtypes="string")
row = [column.to_pylist()[0] for column in nanoarrow.Array(sheet).iter_children()]
print(fastexcel.__version__, row)
assert row == ["2024-04-23", "12", None], "fastexcel reads times of .ods files otherwise now"
PYTHON
"$folder/venv/bin/python" "$folder/run.py" "$folder/times.ods"
# Seen: 0.21.0 ['2024-04-23', '12', None]
