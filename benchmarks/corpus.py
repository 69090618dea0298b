"""Attach, refresh twice and detach every workbook of a folder: `python run.py benchmarks.corpus [DIR]`.

DIR, or else what CPA_XL_CORPUS names, is any collection of .xlsx and .xlsm, searched with its subfolders. Its files are
only read, each in a child process with a bound on time and (but on Windows) memory. A line for each workbook that was
not edited, then a table. Exit code 1 where a workbook was damaged or could not be judged within the bounds, 2 where
there is none.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cpa_xl.config.load import load  # noqa: E402 - found where this file is, wherever it is started
from tests.support import judging, small  # noqa: E402 - the tests judge single files the same way

KINDS = {".xlsx", ".xlsm", ".xltx", ".xltm"}
VARIABLE = "CPA_XL_CORPUS"
LONGEST = 150  # characters of a reason
SPAWN = multiprocessing.get_context("spawn")


@dataclass
class Judge:
    """A child process that judges one workbook after the other; started anew when it dies or takes too long.

    seconds, megabytes: what one workbook may take.
    """

    seconds: float
    megabytes: int
    _process: SpawnProcess | None = field(default=None, init=False)
    _line: Connection | None = field(default=None, init=False)

    def judge(self, path: Path) -> judging.Verdict:
        """The verdict on a file."""
        line = self._line or self._started()
        try:
            line.send(path)
            if line.poll(self.seconds):
                verdict: judging.Verdict = line.recv()
                return verdict
            reason = f"it took more than {self.seconds:g} seconds"
        except (EOFError, OSError):
            reason = "the process that read it came to an end"
        self.stop()
        return judging.Verdict(path, judging.Fate.STOPPED, reason)

    def _started(self) -> Connection:
        self._line, other = SPAWN.Pipe()
        self._process = SPAWN.Process(target=serve, args=(other, self.megabytes), daemon=True)
        self._process.start()
        other.close()
        if self._line.recv() != "ready":
            raise AssertionError("the child process says something else first")
        return self._line

    def stop(self) -> None:
        """End the process."""
        if self._process is not None and self._line is not None:
            self._line.close()
            self._process.kill()
            self._process.join()
        self._process = self._line = None


def serve(line: Connection, megabytes: int) -> None:
    """What the child process does: judges the files it is sent."""
    bound_memory(megabytes)
    with tempfile.TemporaryDirectory() as desk:
        catalogue = load(small.configuration(Path(desk) / "config"))
        extracts = Path(desk) / "extracts"
        small.extract(extracts)
        line.send("ready")
        while True:
            with tempfile.TemporaryDirectory(dir=desk) as table:
                line.send(judging.judge(line.recv(), catalogue, extracts, Path(table)))


def bound_memory(megabytes: int) -> None:
    """Let this process take no more; where the system knows no such bound, nothing happens."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 10**6, megabytes * 10**6))


def judged(files: Sequence[Path], judges: Sequence[Judge]) -> Iterator[judging.Verdict]:
    """The verdict on each file, in order; as many at a time as there are judges."""
    free: SimpleQueue[Judge] = SimpleQueue()
    with ExitStack() as stack:
        for one in judges:
            stack.callback(one.stop)
            free.put(one)

        def verdict(path: Path) -> judging.Verdict:
            judge = free.get()
            try:
                return judge.judge(path)
            finally:
                free.put(judge)

        yield from stack.enter_context(ThreadPoolExecutor(len(judges))).map(verdict, files)


def reason(verdict: judging.Verdict) -> str:
    """The reason without the file's own name, so that equal ones are counted together."""
    text = verdict.reason.replace(str(verdict.path), "").replace(str(verdict.path.parent), "")
    return text.strip(" :")[:LONGEST]


def table(verdicts: Sequence[judging.Verdict]) -> str:
    """How many were edited, refused and why, damaged, and not judged."""
    lines = [f"| {len(verdicts):,} workbooks | |", "|---|---|"]
    lines += [f"| {fate.value} | {sum(1 for one in verdicts if one.fate is fate):,} |" for fate in judging.Fate]
    lines.append(f"| edited, and formulas calculated or left to Excel | {sum(one.calculated for one in verdicts):,} |")
    reasons = Counter(reason(one) for one in verdicts if one.fate is judging.Fate.REFUSED)
    return "\n".join([*lines, *(f"| refused: {text} | {number:,} |" for text, number in reasons.most_common())])


def workbooks(folder: Path) -> list[Path]:
    """The workbooks of a folder and its subfolders, in order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix.casefold() in KINDS and path.name[:2] != "~$")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge all files and print what became of them."""
    parser = argparse.ArgumentParser(prog="benchmarks.corpus", description=__doc__, allow_abbrev=False)
    parser.add_argument("folder", nargs="?", default=os.environ.get(VARIABLE), help=f"default: {VARIABLE}")
    parser.add_argument("--seconds", type=float, default=120, help="what one workbook may take (default: 120)")
    parser.add_argument("--memory", type=int, default=3_000, help="MB that it may take (default: 3000)")
    parser.add_argument("--jobs", type=int, default=1, help="workbooks at a time (default: 1)")
    given = parser.parse_args(arguments)
    if not given.folder:
        parser.error(f"name a folder of workbooks, or set {VARIABLE} to one")
    folder = Path(given.folder)
    files = workbooks(folder)
    if not files:
        what = "no .xlsx or .xlsm file is in it" if folder.is_dir() else "it is no folder"
        parser.error(f"{folder} holds no workbooks: {what}")
    verdicts = []
    for verdict in judged(files, [Judge(given.seconds, given.memory) for _ in range(max(given.jobs, 1))]):
        verdicts.append(verdict)
        if verdict.fate is not judging.Fate.EDITED:
            print(f"{verdict.fate.value}: {verdict.path.relative_to(folder)}: {verdict.reason[:400]}", flush=True)
    print(f"\n{table(verdicts)}")
    return int(any(one.fate in (judging.Fate.DAMAGED, judging.Fate.STOPPED) for one in verdicts))


if __name__ == "__main__":
    sys.exit(main())
