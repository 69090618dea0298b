"""Reads extracts as the version of cpa_xl does that Python finds: this one, or an earlier one in a child process.

`python benchmarks/fault_reader.py CONFIG JOBS` prints a JSON answer for each job of a file, one a line. It imports no
module of the benchmarks, since the other version has a folder of that name too.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

NEW = find_spec("cpa_xl.measures") is not None  # the first version had all modules in one folder


class Job(NamedTuple):
    """A source to refresh: the folder with its extracts, the as-of month, and the same of the refresh before."""

    source: str
    as_of: str
    now: str
    before_as_of: str | None = None
    before: str | None = None


class Answer(NamedTuple):
    """What comes of a job: the reason of a refusal, or the figures by "series month area", and what is said.

    `said` has the level, code and text of each finding.
    """

    refused: str | None
    said: tuple[tuple[str, str, str], ...]
    figures: Mapping[str, float]


class Reader:
    """One version of cpa_xl with one configuration; what was known before is read once for many jobs."""

    def __init__(self, config: Path) -> None:
        self._facts = import_module("cpa_xl.extracts.facts" if NEW else "cpa_xl.facts")
        self._month = import_module("cpa_xl.measures.periods" if NEW else "cpa_xl.periods").Month
        self._refusal = import_module("cpa_xl.errors").Refusal
        self._catalogue = import_module("cpa_xl.config.load" if NEW else "cpa_xl.configuration").load(config)
        self._known: dict[Job, Any] = {}

    def answer(self, job: Job) -> Answer:
        """What a refresh makes of the extracts, on top of the one before that the job names."""
        known = {}
        if job.before is not None and job.before_as_of is not None:
            earlier = Job(job.source, job.before_as_of, job.before)
            if earlier not in self._known:
                self._known[earlier] = self.refreshed(earlier, {})[1]
            known = self._known[earlier]
        return self.refreshed(job, known)[0]

    def refreshed(self, job: Job, known: Any) -> tuple[Answer, Any]:
        """What a refresh makes of the extracts where this is known, and what is known then."""
        last = {job.source: self._month.read(job.before_as_of)} if job.before_as_of else {}
        as_of = self._month.read(job.as_of)
        try:
            facts = self._facts.read_facts(
                self._catalogue, Path(job.now), as_of=as_of, known=self._ends(job, last), sources=[job.source]
            )
            if NEW:
                revisions = import_module("cpa_xl.extracts.revisions")
                facts = revisions.with_known(self._catalogue, facts, known, as_of=as_of).facts
        except self._refusal as refusal:
            faults = [(str(fault.level.value), fault.code, str(fault)) for fault in getattr(refusal, "faults", ())]
            return Answer(str(refusal), tuple(faults), {}), known
        said = tuple((str(fault.level.value), fault.code, str(fault)) for fault in facts.faults)
        return Answer(None, said, _figures(facts, job.as_of)), self._states(facts)

    def _ends(self, job: Job, last: Mapping[str, Any]) -> Mapping[str, Any]:
        """The last month known of the source; none of a survey, whose extract may be late."""
        return {} if self._catalogue.sources[job.source].lag else last

    def _states(self, facts: Any) -> Any:
        if not NEW:
            return {}
        states = import_module("cpa_xl.extracts.revisions").states
        return {name: states(facts, name) for name in facts.counts}


def _figures(facts: Any, as_of: str) -> Mapping[str, float]:
    return {
        f"{name} {month} {area or ''}": number
        for name, counts in facts.counts.items()
        for (month, area), number in counts.items()
        if str(month) <= as_of
    }


def main(arguments: Sequence[str]) -> None:
    """Answer the jobs of a file."""
    reader = Reader(Path(arguments[0]))
    for line in Path(arguments[1]).read_text(encoding="utf-8").splitlines():
        print(json.dumps(reader.answer(Job(*json.loads(line)))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
