"""Attach, refresh twice and detach one workbook, and judge what became of it; files are read by the standard library.

Damaged is a workbook of which a part changed that nobody asked to change, which the check of parts finds a new fault
in, which openpyxl loaded before and does not now, which a second refresh changes, or whose original parts detach does
not give back.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import openpyxl

from cpa_xl.commands.attach import attach, detach
from cpa_xl.commands.refresh import refresh
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.package import Package, validate

Parts = dict[str, bytes]

_FORMULA_CELL = re.compile(
    rb"(<(?:\w+:)?c\b)([^>]*)(>\s*<(?:\w+:)?f\b(?:[^>]*/>|.*?</(?:\w+:)?f>))(.*?)(</(?:\w+:)?c>)", re.S
)
_TYPE = re.compile(rb'\s+t="\w+"')
_CACHE = re.compile(rb"<c:(num|str)Cache>.*?</c:\1Cache>", re.S)
_CALCULATION = re.compile(rb"<(?:\w+:)?calcPr\b[^>]*(?:/>|>\s*</(?:\w+:)?calcPr>)")


class Fate(Enum):
    """What became of a workbook."""

    EDITED = "edited"
    REFUSED = "refused"
    DAMAGED = "damaged"
    STOPPED = "not judged: too much time or memory"


@dataclass(frozen=True)
class Verdict:
    """The fate of a workbook, and why; `calculated` where the refresh gave values to formulas that had none."""

    path: Path
    fate: Fate
    reason: str = ""
    calculated: bool = False


class Damage(AssertionError):
    """What is wrong with a workbook now."""


def judge(path: Path, catalogue: Catalogue, extracts: Path, desk: Path) -> Verdict:
    """Attach, refresh twice and detach a copy in the empty folder `desk`; the file itself must stay as it is."""
    content = path.read_bytes()
    try:
        calculated = _tried(path, catalogue, extracts, desk)
        verdict = Verdict(path, Fate.EDITED, calculated=calculated)
    except Refusal as refusal:
        verdict = Verdict(path, Fate.REFUSED, str(refusal))
    except Damage as damage:
        verdict = Verdict(path, Fate.DAMAGED, str(damage))
    except MemoryError:
        verdict = Verdict(path, Fate.STOPPED, "it took more memory than is allowed")
    except Exception as fault:  # a fault of ours is damage too; the other files are still to be tried
        verdict = Verdict(path, Fate.DAMAGED, f"{type(fault).__name__}: {fault}")
    if path.read_bytes() != content:
        return Verdict(path, Fate.DAMAGED, "the file itself was written")
    return verdict


def _tried(path: Path, catalogue: Catalogue, extracts: Path, desk: Path) -> bool:
    loads = _loads(path)
    copy = desk / f"attached{path.suffix}"
    attach(path, catalogue, out=copy, as_of=Month(2009, 1))
    before, attached = parts_of(path), parts_of(copy)
    own = attached.keys() - before.keys()
    _hold(before.keys() <= attached.keys(), "attach lost a part")
    lists = {name for name in before if attached[name] != before[name]}
    _hold(len(lists) == 4 and "[content_types].xml" in lists, f"attach changed {', '.join(sorted(lists))}")
    _sound(path, copy, loads)
    _hold(parts_of(_detached(copy, desk / f"at once{path.suffix}")) == before, "detach gives other parts back")
    outcome = refresh(copy, catalogue, extracts, EmbeddedCalculator(FUNCTIONS))
    _hold(outcome.written, "refresh wrote nothing")
    refreshed = parts_of(copy)
    changed = set(_changed(attached, refreshed)) - own
    _hold(all(_only_results(attached[name], refreshed[name]) for name in changed), f"refresh changed {changed}")
    calculated = bool(outcome.calculated or outcome.kept)
    _hold(calculated or not changed, f"refresh calculated nothing and changed {', '.join(sorted(changed))}")
    _sound(path, copy, loads)
    again = refresh(copy, catalogue, extracts, EmbeddedCalculator(FUNCTIONS))
    _hold(not again.written and not again.parts, f"a second refresh changed {[part.name for part in again.parts]}")
    left = parts_of(_detached(copy, desk / f"detached{path.suffix}"))
    differing = set(_changed(before, left))
    _hold(
        differing <= changed - {"xl/workbook.xml"},
        f"detach after refresh does not give back {', '.join(sorted(differing - changed))}",
    )
    _hold(all(_only_results(before[name], left[name]) for name in differing), f"more than results in {differing}")
    _sound(path, desk / f"detached{path.suffix}", loads)
    return bool(changed)


def _detached(copy: Path, out: Path) -> Path:
    """The copy without what was attached; it was attached by ourselves, so that nothing speaks against it."""
    try:
        detach(copy, out=out)
    except Refusal as refusal:
        raise Damage(f"detach refuses: {refusal}") from refusal
    return out


def _hold(condition: bool, what: str) -> None:
    if not condition:
        raise Damage(what)


def parts_of(path: Path) -> Parts:
    """The parts of a file, read by the standard library; names in lower case, as nothing tells them apart by case."""
    with zipfile.ZipFile(path) as file:
        return {info.filename.casefold(): file.read(info) for info in file.infolist() if not info.is_dir()}


def _changed(before: Parts, after: Parts) -> Iterator[str]:
    _hold(before.keys() == after.keys(), f"parts came or went: {', '.join(sorted(before.keys() ^ after.keys()))}")
    yield from (name for name in before if before[name] != after[name])


def _only_results(before: bytes, after: bytes) -> bool:
    """Whether two parts differ in results of formulas, in what charts keep of them, and in when to calculate only."""
    return _without_results(before) == _without_results(after)


def _without_results(text: bytes) -> bytes:
    text = _FORMULA_CELL.sub(lambda cell: cell[1] + _TYPE.sub(b"", cell[2]) + cell[3] + cell[5], text)
    return _CALCULATION.sub(b"", _CACHE.sub(b"", text))


def _sound(path: Path, copy: Path, loads: bool) -> None:
    known = set(validate(Package.read(path)))
    new = [fault for fault in validate(Package.read(copy)) if fault not in known]
    _hold(not new, f"new faults: {'; '.join(new[:3])}")
    _hold(not loads or _loads(copy), "openpyxl does not load it any more")


def _loads(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl would drop, which is not at stake here
        try:
            openpyxl.load_workbook(path).close()
        except Exception:  # it raises whatever a strange file makes it stumble over
            return False
    return True
