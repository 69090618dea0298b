"""What extracts with a fault do to the figures: `python run.py benchmarks.faults [--json] [--kind b5] [--against REV]`.

Inputs of each kind are made from the sample by seeded variation (`fault_inputs`). Each is refreshed: on top of the
month before, or with nothing known. An input is *silent* where some monthly figure differs from the one that the right
extract gives, and nothing is said that is not said of the right extract. The same inputs go to another version: a
folder with it, or a commit, which is checked out beside (the first version if you do not say; `--alone`: none).

Then false alarms: what is said of extracts without a fault, over three years of monthly refreshes with late records,
revisions, a seasonal swing and chance (`Years`), and of open data where CPA_XL_OPEN_DATA names its folder. Exit code 1
where an input is silent, a right extract is stopped, or warnings are more than one in a year of refreshes.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import fault_reader
from benchmarks.fault_inputs import FILES, KINDS, SURVEYS, Case, Sample, Table, Years, cases
from benchmarks.fault_reader import Answer, Job, Reader
from benchmarks.refresh import FIRST, checkout
from benchmarks.start import ROOT
from cpa_xl.commands.sample import make_sample
from cpa_xl.measures.periods import Month

INPUTS = 8  # of each kind
OPEN_MONTHS = 36  # the last refreshes of the open data
MOST_WARNINGS = 1  # in a year of refreshes, where nothing is wrong
VERDICTS = ("silent", "noted", "warned", "refused", "right", "unfair")
EXPECTED_NOTES = {"P1", "R3"}  # they say which months are provisional, or stay: nothing of a fault


@dataclass(frozen=True)
class Tried:
    """An input and what came of it: one of `VERDICTS`, and what was said."""

    kind: str
    words: str
    verdict: str
    said: tuple[str, ...]


def verdict(right: Answer, wrong: Answer) -> str:
    """What the fault did: `right` where every figure is as it should be, whatever is said."""
    if wrong.refused is not None:
        return "refused"
    if wrong.figures == right.figures:
        return "right"
    levels = {level for level, _, _ in news(right, wrong)}
    return "warned" if "warn" in levels else "noted" if levels else "silent"


def news(right: Answer, wrong: Answer) -> Iterator[tuple[str, str, str]]:
    """What is said of one extract and not of the other; other numbers or another suffix make no difference."""
    known = {_plain(text) for _, _, text in right.said}
    for level, code, text in wrong.said:
        if code not in EXPECTED_NOTES and _plain(text) not in known:
            yield level, code, text


def _plain(text: str) -> str:
    return re.sub(r"[0-9.,]+|(csv|xlsx|ods)\b", "", text)


def configuration(root: Path, folder: Path) -> Path:
    """The configuration of a version, in which an extract may be a sheet too."""
    shutil.copytree(root / "config", folder)
    sources = folder / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(re.sub(r'(files: "\w+\*)\.(csv|xlsx)"', r'\1.*"', text), encoding="utf-8")
    return folder


class Inputs:
    """Files of cases in a folder, and their jobs: the right extract and that with the fault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[tuple[object, ...], str] = {}
        self._number = 0

    def jobs(self, case: Case) -> tuple[Job, Job]:
        """Write the files of a case."""
        step = 3 if case.right.source in SURVEYS else 1
        before = None if case.before is None else self._write(case.before, (case.before.source, case.as_of))
        last = None if before is None else str(case.as_of - step)
        source, month = case.right.source, str(case.as_of)
        right = (source, case.as_of, case.right.form, len(case.right.rows), len(case.right.head))
        return (
            Job(source, month, self._write(case.right, right), last, before),
            Job(source, month, self._write(case.wrong, None), last, before),
        )

    def _write(self, table: Table, key: tuple[object, ...] | None) -> str:
        if key is not None and key in self._places:
            return self._places[key]
        self._number += 1
        place = self._folder / str(self._number)
        table.write(place)
        if key is not None:
            self._places[key] = str(place)
        return str(place)


def answers_of(root: Path, jobs: Sequence[Job], folder: Path) -> list[Answer]:
    """What another version makes of these jobs, in a process of its own; SystemExit where that ends early."""
    folder.mkdir()
    asked = folder / "jobs.jsonl"
    asked.write_text("".join(f"{json.dumps(job)}\n" for job in jobs), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(Path(fault_reader.__file__)), str(configuration(root, folder / "config")), str(asked)],
        capture_output=True, text=True, check=False, cwd=root, env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the version in {root} failed: {done.stderr.strip()[-2000:]}")
    return [Answer(refused, tuple(map(tuple, said)), figures)
            for refused, said, figures in map(json.loads, done.stdout.splitlines())]  # fmt: skip


Named = tuple[str, str]  # the kind of a case, and its words


def tried(named: Iterable[Named], pairs: Iterable[tuple[Answer, Answer]]) -> list[Tried]:
    """The verdict on each case; `unfair` where the right extract is refused, which proves nothing."""
    results = []
    for (kind, words), (right, wrong) in zip(named, pairs, strict=True):
        if right.refused is not None:
            results.append(Tried(kind, words, "unfair", (right.refused,)))
            continue
        said = (wrong.refused,) if wrong.refused else tuple(text for _, _, text in news(right, wrong))
        results.append(Tried(kind, words, verdict(right, wrong), said))
    return results


def measured(  # noqa: PLR0917  # each is another thing, and two callers name them in this order
    kinds: Sequence[str], inputs: int, seed: int, sample: Sample, reader: Reader, other: Path | None, folder: Path
) -> Mapping[str, list[Tried]]:
    """By version (`now`, `then`), what came of the inputs of these kinds."""
    written, named, pairs = Inputs(folder / "inputs"), [], []
    for kind in kinds:
        for case in cases(sample, kind, inputs, seed):  # one at a time: some are large
            named.append((case.kind, case.words))
            pairs.append(written.jobs(case))
    rights: dict[Job, Answer] = {}
    for right, _ in pairs:
        if right not in rights:
            rights[right] = reader.answer(right)
    result = {"now": tried(named, ((rights[right], reader.answer(wrong)) for right, wrong in pairs))}
    if other is not None:
        jobs = list(dict.fromkeys(job for pair in pairs for job in pair))
        answers = dict(zip(jobs, answers_of(other, jobs, folder / "other"), strict=True))
        result["then"] = tried(named, ((answers[right], answers[wrong]) for right, wrong in pairs))
    return result


def table(found: Mapping[str, Sequence[Tried]]) -> list[str]:
    """A line for each kind: what came of its inputs in each version."""
    lines = ["| kind | what | inputs | " + " | ".join(f"{one} {name}" for one in found for name in VERDICTS) + " |"]
    lines.append("|---" * (3 + len(VERDICTS) * len(found)) + "|")
    for kind in dict.fromkeys(one.kind for one in found["now"]):
        own = {name: [one.verdict for one in results if one.kind == kind] for name, results in found.items()}
        what = (KINDS[kind].__doc__ or "").split("\n")[0].rstrip(".")
        numbers = [str(Counter(verdicts)[name]) for verdicts in own.values() for name in VERDICTS]
        lines.append(f"| {kind} | {what} | {len(own['now'])} | {' | '.join(numbers)} |")
    return lines


@dataclass(frozen=True)
class Alarm:
    """A warning or a stop where nothing is wrong."""

    where: str
    source: str
    as_of: str
    level: str
    code: str
    text: str


def alarms(where: str, reader: Reader, months: Iterable[tuple[Month, Table]], folder: Path) -> Iterator[Alarm]:
    """What is said of the extracts of one source, each refreshed on top of the ones before; the first says nothing."""
    known: object = {}
    last = None
    for as_of, extract in months:
        shutil.rmtree(folder, ignore_errors=True)
        extract.write(folder)
        job = Job(extract.source, str(as_of), str(folder), last, None)
        answer, known = reader.refreshed(job, known)
        if last is not None:
            for level, code, text in answer.said:
                if level != "note":
                    yield Alarm(where, extract.source, str(as_of), level, code, text)
        last = str(as_of)


def false_alarms(sample: Sample, reader: Reader, years: int, seed: int, folder: Path) -> Iterator[Alarm]:
    """What is said of the sample as it is, month by month, and of simulated forces."""
    for source in FILES:
        yield from alarms("sample", reader, sample.as_it_came(source), folder)
    for number in range(years):
        simulated = Years(sample, seed + number)
        for source in FILES:
            yield from alarms("simulated", reader, simulated.refreshes(source), folder)


OPEN_DATA = "CPA_XL_OPEN_DATA"  # names a folder with the published extract
OPEN_FILE = "MPS_Borough_Level_Crime_Historic_2008-2016.csv"
OPEN_CONFIGURATION = {
    "sources.yaml": f"""sources:
  crime:
    title: MPS borough level crime, historic
    files: {OPEN_FILE}
    shape: wide
    months: yyyymm
    columns:
      borough: {{header: Borough, type: area}}
      major: {{header: Major Category, type: text}}
      minor: {{header: Minor Category, type: text}}
    area: borough
    areas: london_boroughs
    keys: [borough, major, minor]
""",
    "measures.yaml": """series:
  burglary: {title: Burglary, source: crime, sum: count, where: "minor = 'Burglary in a Dwelling'"}
  robbery: {title: Robbery, source: crime, sum: count, where: "major = 'Robbery'"}
  vehicles: {title: Vehicles, source: crime, sum: count,
             where: "minor in ('Theft/Taking Of Motor Vehicle', 'Theft From Motor Vehicle')"}
  violence: {title: Violence, source: crime, sum: count, where: "major = 'Violence Against the Person'"}
measures: []
""",
    "workbooks.yaml": """workbooks:
  open:
    file: open.xlsx
    as_of: as_of
    tables:
      Monthly: {rows: months, key: Month, series: [burglary, robbery, vehicles, violence]}
""",
}


def open_data(data: Path, months: int, folder: Path) -> Iterator[Alarm]:
    """What is said of the published extract, refreshed month by month to its end in December 2016."""
    config = folder / "open"
    shutil.copytree(ROOT / "config", config)
    for name, text in OPEN_CONFIGURATION.items():
        (config / name).write_text(text, encoding="utf-8")
    extracts = folder / "published"
    extracts.mkdir()
    shutil.copy(data / OPEN_FILE, extracts)
    reader, last = Reader(config), None
    known: object = {}
    for back in range(months, -1, -1):
        as_of = str(Month(2016, 12) - back)
        answer, known = reader.refreshed(Job("crime", as_of, str(extracts), last, None), known)
        yield from (
            Alarm("open data", "crime", as_of, level, code, text)
            for level, code, text in answer.said if level != "note" and last is not None
        )  # fmt: skip
        last = as_of


def rates(found: Sequence[Alarm], years: int) -> Mapping[str, tuple[int, float]]:
    """By place: the stops, and the warnings in a year of refreshes; simulated forces together."""
    length = {"sample": 1.0, "simulated": years * Years.REFRESHES / 12}
    if os.environ.get(OPEN_DATA):
        length["open data"] = OPEN_MONTHS / 12
    result = {}
    for where, number in length.items():
        own = [one for one in found if one.where == where]
        warnings = len([one for one in own if one.level == "warn"])
        result[where] = len(own) - warnings, round(warnings / number, 2) if number else 0.0
    return result


def alarm_lines(found: Sequence[Alarm], years: int) -> Iterator[str]:
    """A table of false alarms, and what they were."""
    yield "| extracts without a fault | stops | warnings in a year of refreshes |"
    yield "|---|---|---|"
    for where, (stops, warnings) in rates(found, years).items():
        yield f"| {where} | {stops} | {warnings} |"
    if not os.environ.get(OPEN_DATA):
        yield f"The open data were not looked at: {OPEN_DATA} names no folder with {OPEN_FILE}."
    for one in found:
        yield f"{one.where}, {one.source}, {one.as_of}: {one.level}: {one.text}"


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print every input and alarm as JSON")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind; may be given again")
    parser.add_argument("--against", metavar="REV", default=FIRST, help=f"a folder or a commit (default: {FIRST})")
    parser.add_argument("--alone", action="store_true", help="try this version only")
    parser.add_argument("--inputs", type=int, default=INPUTS, help=f"inputs of each kind (default: {INPUTS})")
    parser.add_argument("--years", type=int, default=2, help="simulated forces, three years each (default: 2)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other inputs")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try and print; 1 where an input is silent, a right extract is stopped, or warnings are too many."""
    given = parsed(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        other = None
        if not given.alone:
            other = Path(given.against)
            if not other.is_dir():
                other = stack.enter_context(checkout(given.against, folder))
        make_sample(folder / "sample")
        sample = Sample(folder / "sample")
        reader = Reader(configuration(ROOT, folder / "config"))
        found = measured(given.kind or list(KINDS), given.inputs, given.seed, sample, reader, other, folder)
        told = [] if given.kind else list(false_alarms(sample, reader, given.years, given.seed, folder / "alarms"))
        if not given.kind and (data := os.environ.get(OPEN_DATA)):
            told += open_data(Path(data), OPEN_MONTHS, folder)
    bad = [one for one in found["now"] if one.verdict in ("silent", "unfair")]
    if given.json:
        every: dict[str, object] = {name: [asdict(one) for one in results] for name, results in found.items()}
        print(json.dumps({**every, "alarms": [asdict(one) for one in told]}, indent=2))
    else:
        print("\n".join((*table(found), "", *(() if given.kind else alarm_lines(told, given.years)))))
        for one in bad:
            print(f"{one.verdict}: {one.kind}, {one.words}: {' '.join(one.said)}")
    too_many = any(stops or warnings > MOST_WARNINGS for stops, warnings in rates(told, given.years).values())
    return 1 if bad or too_many else 0


if __name__ == "__main__":
    sys.exit(main())
