"""The house keeps its order: which folders there are, how large they may grow, and who may import what.

The direction of imports is held by import-linter (`.importlinter`); here is what it cannot say.
"""

import ast
import configparser
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

MOST_MODULES, MOST_LINES, MOST_FILES = 148, 600, 12
XLWINGS = {"excel/refresh", "excel/open_workbook", "excel/ribbon", "excel/calls"}
INSIDE_CALC = ("formulas", "document", "menu", "cells", "component")  # these hold LibreOffice's objects


def modules(root: Path) -> dict[str, Path]:
    """Every module but the faces of folders and the start (`__init__`, `__main__`), by its path: "measures/rates"."""
    package = root / "cpa_xl"
    paths = {path.relative_to(package).with_suffix("").as_posix(): path for path in package.rglob("*.py")}
    return {name: path for name, path in paths.items() if not name.endswith(("__init__", "__main__"))}


def imported(source: str) -> Iterator[str]:
    """The modules that a text imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def layers(root: Path) -> list[str]:
    """The folders of the contract, from the top."""
    contract = configparser.ConfigParser()
    contract.read(root / ".importlinter", encoding="utf-8")
    return re.findall(r"\w+", contract["importlinter:contract:layers"]["layers"])


def test_no_room_grows_too_large(root: Path) -> None:
    found = modules(root)
    assert len(found) <= MOST_MODULES
    long = {name: lines for name, path in found.items() if (lines := len(path.read_bytes().splitlines())) > MOST_LINES}
    assert long == {}
    folders = Counter(path.parent.relative_to(root).as_posix() for path in (root / "cpa_xl").rglob("*.py"))
    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


def test_every_folder_has_its_layer_and_its_line(root: Path) -> None:
    """ARCHITECTURE.md lists the folders in the order of the contract, from the top."""
    folders = {path.parent.name for path in (root / "cpa_xl").glob("*/__init__.py")}
    assert folders | {"errors", "wording"} == set(layers(root))
    table = (root / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## The folders", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == layers(root)


def test_few_modules_know_xlwings(root: Path) -> None:
    """Its next version moves much of what is used here, and importing it takes longer than all else together."""
    assert list(imported("from xlwings import x")) == list(imported("import xlwings")) == ["xlwings"]
    knowing = {
        name for name, path in modules(root).items()
        if any(one.partition(".")[0] == "xlwings" for one in imported(path.read_text(encoding="utf-8")))
    }  # fmt: skip
    assert knowing == XLWINGS


def test_arithmetic_needs_nothing_but_the_standard_library(root: Path) -> None:
    """Cells wait for these modules: what they import has to be there already, and quick."""
    for name, path in modules(root).items():
        if name.partition("/")[0] in {"errors", "wording", "measures", "functions", "udfs"}:
            for one in imported(path.read_text(encoding="utf-8")):
                assert one.partition(".")[0] in {*sys.stdlib_module_names, "cpa_xl"}, (name, one)


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
    """Why: see `libreoffice/formulas`. Without names one run in four of test_formulas_and_undo.py hung."""
    assert chained("a.query().getCount(); a.Sheets.getByName(n); a.isModified(); str(a.Name).replace(b, c)") == [
        "a.query().getCount", "a.Sheets.getByName",
    ]  # fmt: skip
    for name in INSIDE_CALC:
        assert chained((root / "cpa_xl/libreoffice" / f"{name}.py").read_text(encoding="utf-8")) == [], name
