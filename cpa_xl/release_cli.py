"""What `check --release` prints: what changed since the last published copy, and what speaks against the next one."""

import sys
from pathlib import Path

import click

from cpa_xl.catalogue import Catalogue
from cpa_xl.claimchecks import register as register_claims
from cpa_xl.errors import Refusal
from cpa_xl.foretell import foretell
from cpa_xl.releasechecks import finding_lines


def check_before_release(
    workbook: Path | None, catalogue: Catalogue, out: Path | None, since: Path | None, *, compare: bool
) -> None:
    """Print what speaks against publishing a workbook into the folder `out`; exit with 1 where that stops it.

    It is compared with the copy `since`, by default with the one of the latest month before in that folder.
    """
    if workbook is None:
        raise Refusal("check --release needs the workbook that is to be published: cpa_xl check WORKBOOK --release")
    register_claims()
    told = foretell(workbook, catalogue, out, since=since, compare=compare)
    if told.since is not None:
        click.echo(f"Compared with: {told.since}")
    for line in (*told.changes, *finding_lines(told.findings, told.further)):
        click.echo(line)
    sys.exit(int(told.stopped))
