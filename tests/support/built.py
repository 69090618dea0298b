"""What is dear to build and the same for every test: built once for each state of the checkout, handed out as copies.

It is kept in `.pytest_cache/built`, in a folder named by a hash of all that it is made from. A second run, and the
second worker of `pytest -n 2`, find it there. Folders of earlier states are removed.
"""

import hashlib
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".pytest_cache/built"
MADE_FROM = (
    "cpa_xl",
    "config",
    "workbooks",
    "tests/support/built.py",
    "tests/support/readonce.py",
    "tests/conftest.py",
)
LIBRARIES = (
    "duckdb",
    "fastexcel",
    "formualizer",
    "formulon",
    "openpyxl",
    "pydantic",
    "PyYAML",
    "sqlglot",
    "XlsxWriter",
)
LONGEST = 600  # seconds to wait for another process that builds


def copy_of(name: str, build: Callable[[Path], object], to: Path) -> Path:
    """A copy, in the folder `to`, of the folder that `build` fills; it is filled only where this state has none yet.

    One process builds, others wait. Raises `sqlite3.OperationalError` after ten minutes of waiting.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    # A lock of SQLite ends with its process, on every system.
    with closing(sqlite3.connect(KEPT / "lock.sqlite", timeout=LONGEST, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        _remove_others(state())
        kept = KEPT / state() / name
        if not kept.exists():
            half = kept.with_name(f"{name}-half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            build(half)
            half.rename(kept)
        shutil.copytree(kept, to, dirs_exist_ok=True)
    return to


@cache
def state() -> str:
    """A hash of the package, the configuration, the template, and the libraries that read and calculate."""
    digest = hashlib.sha256(sys.version.encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    for path in _files():
        digest.update(f"{path.relative_to(ROOT).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for name in MADE_FROM:
        path = ROOT / name
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (one for one in inside if one.is_file() and one.suffix != ".pyc")


def _remove_others(own: str) -> None:
    for folder in KEPT.iterdir():
        if folder.is_dir() and folder.name != own:
            shutil.rmtree(folder, ignore_errors=True)
