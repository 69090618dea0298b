"""The package keeps its order: a module imports only from rows above its own."""

import ast
from pathlib import Path

import pytest

ROWS = (
    ("errors",),
    ("vocabulary",),
    ("figures", "periods"),
    ("rates",),
    ("targets",),
    ("outlook",),
    ("conditions",),
    ("catalogue",),
    ("configuration",),
)


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
