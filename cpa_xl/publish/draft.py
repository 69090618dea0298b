"""The types of the pipeline: a draft copy, what it is made from, and the kinds of steps that work on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cpa_xl.config.model import Catalogue, WorkbookSpec
from cpa_xl.measures.periods import Month
from cpa_xl.publish.annotate.since_last import Comparison
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.freeze.freeze import Frozen
from cpa_xl.workbook.closed import ClosedWorkbook


@dataclass(frozen=True)
class Working:
    """The source of a copy: the working workbook, the configuration, its entry for this workbook, the as-of month."""

    workbook: ClosedWorkbook
    catalogue: Catalogue
    spec: WorkbookSpec
    as_of: Month


@dataclass(frozen=True)
class Draft(Frozen):
    """A frozen copy on its way to readers; `comparison` with the copy published last, where there is one."""

    comparison: Comparison | None = None


PublishStep = Callable[[Draft, Working], Draft]
"""Changes a draft before it is checked, and adds to the list of what readers do not get."""

DraftCheck = Callable[[Working, Draft], tuple[Finding, ...]]
"""A check before the release: of the working workbook, and of the draft with its cover."""

Page = Callable[[ClosedWorkbook, Catalogue, WorkbookSpec], Mapping[str, bytes]]
"""Makes further files of a frozen copy: their bytes by the ending of their names (.html, .pdf)."""
