"""Attach, refresh twice and detach every workbook of a folder, and say what became of each.

The folder is CPA_XL_CORPUS or the first argument: any collection of .xlsx and .xlsm, searched with its subfolders. Its
files are only read. Exit code 1 where a workbook was damaged, 2 where there is none.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import judging  # noqa: E402 - it stands beside the tests, which judge single files the same way
import small  # noqa: E402 - the same

from cpa_xl.configuration import load  # noqa: E402 - the same

KINDS = {".xlsx", ".xlsm", ".xltx", ".xltm"}
LONGEST = 150  # characters of a reason


def main() -> int:
    """Judge all files; a line for each that was refused or damaged, then the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CPA_XL_CORPUS", ""))
    files = sorted(path for path in folder.rglob("*") if path.suffix.casefold() in KINDS and path.name[:2] != "~$")
    if folder == Path() or not files:
        print("Name a folder of workbooks: CPA_XL_CORPUS=DIR python benchmarks/corpus.py", file=sys.stderr)
        return 2
    verdicts = list(judged(folder, files))
    reasons = Counter(reason(one) for one in verdicts if one.fate is judging.Fate.REFUSED)
    print(f"\n| {len(verdicts):,} workbooks | |\n|---|---|")
    for fate in judging.Fate:
        print(f"| {fate.value} | {sum(1 for one in verdicts if one.fate is fate):,} |")
    print(f"| edited, and formulas calculated or left to Excel | {sum(one.calculated for one in verdicts):,} |")
    for text, number in reasons.most_common():
        print(f"| refused: {text} | {number:,} |")
    return int(any(one.fate is judging.Fate.DAMAGED for one in verdicts))


def judged(folder: Path, files: list[Path]) -> "list[judging.Verdict]":
    """The verdict on each file."""
    verdicts = []
    with tempfile.TemporaryDirectory() as desk:
        catalogue = load(small.configuration(Path(desk) / "config"))
        extracts = Path(desk) / "extracts"
        small.extract(extracts)
        for path in files:
            with tempfile.TemporaryDirectory(dir=desk) as table:
                verdict = judging.judge(path, catalogue, extracts, Path(table))
            verdicts.append(verdict)
            if verdict.fate is not judging.Fate.EDITED:
                print(f"{verdict.fate.value}: {path.relative_to(folder)}: {verdict.reason[:400]}", flush=True)
    return verdicts


def reason(verdict: "judging.Verdict") -> str:
    """The reason without the file's own name, so that equal ones are counted together."""
    text = verdict.reason.replace(str(verdict.path), "").replace(str(verdict.path.parent), "")
    return text.strip(" :")[:LONGEST]


if __name__ == "__main__":
    sys.exit(main())
