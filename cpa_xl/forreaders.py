"""Findings in words for readers: what a failed check means for people who use the copy.

The message of a finding tells those who work on the workbook what to do. Readers get the sentence of the check, and
the names of cells only for sheets that the copy has.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from cpa_xl.errors import Level
from cpa_xl.findings import Finding
from cpa_xl.releasechecks import checks

WHAT: Mapping[Level, str] = MappingProxyType({
    Level.STOP: "Wrong", Level.WARN: "Weakness", Level.NOTE: "Remark",
})  # fmt: skip
ACCEPTED = "Accepted"


def for_readers(finding: Finding, sheets: Collection[str]) -> Mapping[str, str] | None:
    """A finding for the readers of a copy with these sheets; None where it concerns only those who work on the book.

    What it is, what it means, where, and why it was accepted: texts, empty where there is nothing to say.
    """
    means = checks()[finding.code].for_readers if finding.readers is None else finding.readers
    if not means:
        return None
    sheet, _, cell = finding.place.rpartition("!")
    where = f"{sheet}, cell {cell}" if cell and sheet in sheets else finding.place if finding.place in sheets else ""
    row = finding.accepted
    if row is None:
        return {"what": WHAT[finding.level], "means": means, "where": where, "accepted": ""}
    text = f': "{row.text}"' if finding.quote and where else ""
    when = f" on {row.date}" if row.date else ""
    return {"what": ACCEPTED, "means": f"{means}{text}", "where": where, "accepted": f"{row.who}{when}: {row.reason}"}
