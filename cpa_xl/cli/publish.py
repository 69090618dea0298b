"""The commands `publish`, `verify` and `page`, and what `check --release` prints."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cpa_xl.cli.options import (
    config_option,
    out_file_option,
    out_folder_option,
    refusals,
    refuse_both,
    since_options,
    workbook_argument,
)
from cpa_xl.config.load import load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.soffice import find_office
from cpa_xl.publish.checks.run import finding_lines
from cpa_xl.publish.claims.checks import register as register_claims
from cpa_xl.publish.page import write_page
from cpa_xl.publish.pdf import write_pdf
from cpa_xl.publish.pipeline import Published, preview, release
from cpa_xl.publish.verify import verify
from cpa_xl.workbook.text_sheets import CHANGED

_SEEN = "values, number formats, comments and hidden rows"
_UNSEEN = "colours, charts and pictures cannot be compared"
_TOLD = 40  # changes that a terminal lists


@click.command("publish")
@workbook_argument
@out_folder_option("Folder for the copy.  [default: the workbook's own]")
@click.option("--page", "with_page", is_flag=True, help="Write the scorecard as a page for browsers too.")
@click.option("--pdf", "with_pdf", is_flag=True, help="Print it as a PDF too, with LibreOffice.")
@since_options("LAST_COPY", "The copy published last: its figures are compared.  [default: the latest of an earlier"
               " month in the folder]")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace what was published for that month before.")
@config_option
@refusals
def publish_command(
    *,
    workbook: Path,
    out: Path | None,
    with_page: bool,
    with_pdf: bool,
    since: Path | None,
    no_since: bool,
    force: bool,
    config: Path,
) -> None:
    """Make a copy of WORKBOOK for readers: values in place of formulas, and nothing hidden."""
    refuse_both(since, no_since=no_since)
    register_claims()
    done = release(workbook, load(config), out, since=since, compare=not no_since,
                   with_page=with_page, with_pdf=with_pdf, force=force)  # fmt: skip
    for removed in done.removed:
        click.echo(f"Left out: {removed}")
    for line in finding_lines(done.findings):
        click.echo(line, err=True)
    for line in comparison_lines(done):
        click.echo(line)
    for path in done.files:
        click.echo(f"Written: {path}")


def comparison_lines(done: Published) -> Iterator[str]:
    """Lines with the changes since the compared copy, if there is one; the copy's sheet has those beyond the limit."""
    if done.since is not None:
        yield f"Compared with: {done.since}"
        yield from done.changes[:_TOLD]
        more = len(done.changes) - _TOLD
        if more > 0:
            yield f"and {more:,} more changes, on the sheet {CHANGED} of the copy"


@click.command("verify")
@click.argument("published", type=click.Path(path_type=Path))
@config_option
@refusals
def verify_command(published: Path, config: Path) -> None:
    """Check that PUBLISHED, its statement and the figures of its tables agree; exit code 1 where they do not."""
    found = verify(published, load(config), FUNCTIONS["CPA_SCORECARD"], EmbeddedCalculator(FUNCTIONS))
    for difference in found.differences:
        click.echo(f"Differs: {difference}")
    if found.saved_again:
        click.echo(f"Saved again: {found.saved_again}")
    verdict = "agrees with its statement" if found.agrees else "does not agree with its statement"
    if found.saved_again and not found.differences:
        verdict = f"was saved again since, and shows {_SEEN} as its statement has them; {_UNSEEN}"
    click.echo(f"{published} {verdict}; looked at: {', '.join(found.looked_at)}")
    sys.exit(0 if found.agrees else 1)


def check_before_release(
    workbook: Path | None, catalogue: Catalogue, out: Path | None, since: Path | None, *, compare: bool
) -> None:
    """Print the findings against a publication into the folder `out`; exit with 1 where they stop it.

    The workbook is compared with the copy `since`, by default with that of the latest earlier month in the folder.
    """
    if workbook is None:
        raise Refusal("check --release needs the workbook to publish: cpa_xl check WORKBOOK --release")
    register_claims()
    planned = preview(workbook, catalogue, out, since=since, compare=compare)
    if planned.since is not None:
        click.echo(f"Compared with: {planned.since}")
    for line in (*planned.changes, *finding_lines(planned.findings, planned.further)):
        click.echo(line)
    sys.exit(int(planned.stopped))


@click.command("page")
@workbook_argument
@out_file_option("The file to write; a PDF where its name ends in .pdf.  [default: NAME.html beside the workbook]")
@config_option
@refusals
def page_command(workbook: Path, out: Path | None, config: Path) -> None:
    """Write the scorecard of WORKBOOK as one self-contained page; WORKBOOK stays as it is."""
    target, catalogue = out or workbook.with_suffix(".html"), load(config)
    if target.suffix.lower() == ".pdf":
        write_pdf(workbook, target, catalogue, find_office())
    else:
        write_page(workbook, target, catalogue)
    click.echo(f"Written: {target}")
