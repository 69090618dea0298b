"""What `check --release` prints: what changed since the last published copy, and what speaks against the next one."""

import sys
from contextlib import suppress
from pathlib import Path

import click

from cpa_xl.catalogue import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.faults import Level
from cpa_xl.plan import specification
from cpa_xl.publish import last_copy
from cpa_xl.releasechecks import check_release, finding_lines
from cpa_xl.sincelast import comparison, lines
from cpa_xl.workbook import ClosedWorkbook


def check_before_release(workbook: Path | None, since: Path | None, catalogue: Catalogue) -> None:
    """Print what speaks against publishing a workbook; exit with 1 where that stops it.

    It is compared with the copy `since`, by default with the one of the latest month before that lies beside it.
    """
    if workbook is None:
        raise Refusal("check --release needs the workbook that is to be published: cpa_xl check WORKBOOK --release")
    if since is None:
        with suppress(Refusal):  # no month to tell it by, which the checks say
            since = last_copy(workbook, catalogue, workbook.parent)
    book, last = ClosedWorkbook.open(workbook), None if since is None else ClosedWorkbook.open(since)
    _, spec = specification(catalogue, book, workbook, reading=True)
    compared = None if last is None else comparison(book, last, spec)
    findings = check_release(book, None, catalogue, spec, compared)
    changes = () if compared is None else (f"Compared with: {since}", *lines(compared.changes))
    for line in (*changes, *finding_lines(findings)):
        click.echo(line)
    sys.exit(int(any(finding.level is Level.STOP for finding in findings)))
