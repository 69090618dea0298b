"""The package keeps its order: a module imports only from rows above its own."""

import ast
import sys
from pathlib import Path

# Rows from top to bottom; modules of one row do not know each other. The order is the way that data go:
# arithmetic, what we know, extracts to facts, the workbook file, calculation, acts, surfaces.
ROWS = """
errors
excelerrors markuptree samefigure shorthand vocabulary wording
figures periods
figuresintext
commentary
rates suppression
intervals targets poisson
localities outlook projection spc funnel
forcetargets
plainconditions
conditions
catalogue
configuration
shipped
faults staging
cellfaults textfile
outliers sheetfile
layout
extracts typed
categories checks
facts
a1 archive spans
elementrules
markup
sheetxml
cellxml gaps tablexml
charts plainrows soundness structured tablerows
bodyxml following namedareas package
attachedxml reading workbookxml newsheet
workbook insertion
addedcolumn
properties textstyles
textsheets
mentions stripping
references
dependencies office ownpython standing trust
formulabook engine
calculator
scorecard tables sample_figures
trend signoff spec
sparkline drawnsparklines
audit
plan calcdocument
differences alignment
versions
departures fixedcharts frozencells pagerows ruleresults strippeddrawings strippedpictures strippedpivots
strippedtraces
strippedlinks strippedparts
frozenrules bookstyles
appearance instructions
freeze
statement
cover
attach sync sample diff
difftext sincelast
cells
arguments comcells
measurerows udfs_areas udfs_charts udfs_rates udfs_targets
sentences wholetable xlfunctions
udfs_scorecard
udfs
calcnames explain examples icons unoidl xludfs stockudfs
calccells calcformulas calcmenu
calcwatch calcaddin
libreoffice calcinstall
officecalc explaincell
claimwords disturbance findings storedfigures
claims rowmarks changesheet sheetviews
verify marks page checkcontext
pdf
componentchecks revisionchecks signchecks trustchecks
areachecks claimchecks commentchecks filechecks layoutchecks markchecks stylechecks
releasechecks
forreaders
publish
knownsums
confidential
release
foretell
calculate api
openbook
livetables
excel
refusals cfb buttons
ribbon ovba bundle checkbook excelhome
vba
addin
excelinstall
clioptions clioutput
addin_cli page_cli publish_cli release_cli show_cli
refresh_cli
cli
"""


def imports(path: Path) -> set[str]:
    """The modules of this package that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "cpa_xl":
            found |= {alias.name for alias in node.names if alias.name != "__version__"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("cpa_xl."):
            found.add(node.module.removeprefix("cpa_xl."))
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("cpa_xl.") for alias in node.names if alias.name.startswith("cpa_xl.")}
    return found


def test_every_module_has_its_row(root: Path) -> None:
    modules = {path.stem for path in (root / "cpa_xl").glob("*.py")} - {"__init__", "__main__"}
    assert sorted(ROWS.split()) == sorted(modules)


def test_modules_import_only_from_rows_above(root: Path) -> None:
    above: set[str] = set()
    for row in ROWS.strip().splitlines():
        for module in row.split():
            assert imports(root / f"cpa_xl/{module}.py") <= above, module
        above |= set(row.split())


def test_few_modules_know_xlwings(root: Path) -> None:
    """Its next version moves much of what is used here, and importing it takes longer than all else together."""
    for path in (root / "cpa_xl").glob("*.py"):
        if "import xlwings" in path.read_text(encoding="utf-8"):
            assert path.stem in {"xlfunctions", "excel", "livetables", "openbook", "ribbon"}


def test_arithmetic_needs_nothing_but_the_standard_library(root: Path) -> None:
    """Cells wait for these modules: what they import has to be there already, and quick."""
    rows = ROWS.split()
    for module in [*rows[: rows.index("conditions")], *rows[rows.index("cells") : rows.index("xludfs")]]:
        for node in ast.walk(ast.parse((root / f"cpa_xl/{module}.py").read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                known = {*sys.stdlib_module_names, "cpa_xl", *(["xlwings"] if module == "xlfunctions" else [])}
                assert name.partition(".")[0] in known, (module, name)


INSIDE = ("calcwatch", "calcdocument", "calcmenu", "calccells", "libreoffice")  # these hold LibreOffice's objects


def chained(source: str) -> list[str]:
    """Methods called on what a call or a property of LibreOffice gives, which has no name that keeps it alive."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        on = node.func.value
        given = isinstance(on, ast.Call) or (isinstance(on, ast.Attribute) and on.attr[0].isupper())
        if given and not hasattr(str, node.func.attr):  # texts are Python's own
            found.append(ast.unparse(node.func))
    return found


def test_inside_libreoffice_each_object_has_a_name(root: Path) -> None:
    """Why: see `calcwatch`. One run in four of tests/test_calcundo.py on a busy machine stood still before."""
    assert chained("a.query().getCount(); a.Sheets.getByName(n); a.isModified(); str(a.Name).replace(b, c)") == [
        "a.query().getCount", "a.Sheets.getByName",
    ]  # fmt: skip
    for name in INSIDE:
        assert chained((root / "cpa_xl" / f"{name}.py").read_text(encoding="utf-8")) == [], name
