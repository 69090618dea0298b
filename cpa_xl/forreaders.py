"""Findings in words for readers: what a check that failed means for whoever uses the copy.

Its own message tells those who work on the book what to do, and where. Readers are told of cells of sheets that they
have, and of no other.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from cpa_xl.errors import Level
from cpa_xl.findings import Finding

WHAT: Mapping[Level, str] = MappingProxyType({
    Level.STOP: "Wrong", Level.WARN: "Weakness", Level.NOTE: "Remark",
})  # fmt: skip
ACCEPTED = "Accepted"
MEANS: Mapping[str, str] = MappingProxyType({
    "W1": "a table is not marked as a table with one row of headings, which screen readers need",
    "W2": "the name of a table does not say what it holds",
    "W3": "cells are merged, which screen readers and programs read badly",
    "W4": "a table has an empty row, column or cell that nothing explains",
    "W5": "a table does not begin in column A, or shares its sheet with something else",
    "W6": "a sheet has no title, or does not say how many tables it has",
    "W7": "something is hidden or blank",
    "W8": "a filter, header, footer, text box, picture or frozen pane is there, or is not described",
    "W9": "a note is not explained or not used, or a symbol stands in the place of one",
    "W10": "shorthand is not explained, or stands in a cell with a number",
    "W11": "a letter or a colour is hard to read",
    "W12": "some text is hard to read: small, slanted, underlined or not in plain letters",
    "W13": "the file lacks its title, its language or a sheet that readers expect, or opens on another one",
    "W14": "a link, a formula or another part of the file does not work for readers",
    "W15": "numbers or dates are written as text, or not alike in a column",
    "W16": "tables or their columns are others than in the copy published before",
    "T1": "not every printed figure could be worked out again from the counts in the tables",
    "T2": "a letter does not follow from its figure and target",
    "T3": "parts do not add up to their whole",
    "T4": "a figure in a comment is not one that was computed",
    "T5": "words of a comment do not agree with the figures",
    "T6": "a period is named that is not the one of the figures",
    "T7": "data that are provisional, a proxy or not complete are not said to be so everywhere",
    "T8": "counts of past months are others than in the copy published before",
    "T9": "a red or amber measure has no comment",
    "T10": "who answers for the figures has not signed as it should be",
})  # fmt: skip


def for_readers(finding: Finding, sheets: Collection[str]) -> Mapping[str, str] | None:
    """A finding for the readers of a copy with these sheets; None where it concerns only those who work on the book.

    What it is, what it means, where, and why it was accepted: texts, empty where there is nothing to say.
    """
    means = MEANS[finding.code] if finding.readers is None else finding.readers
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
