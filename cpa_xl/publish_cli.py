"""The commands `publish` and `verify`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cpa_xl.calculator import EmbeddedCalculator
from cpa_xl.claimchecks import register as register_claims
from cpa_xl.clioptions import out_folder_option, refuse_both, since_options, workbook_argument
from cpa_xl.configuration import load
from cpa_xl.publish import Published
from cpa_xl.refusals import refusals
from cpa_xl.release import release
from cpa_xl.releasechecks import finding_lines
from cpa_xl.shipped import config_option
from cpa_xl.textsheets import CHANGED
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.verify import verify

_SEEN = "values, number formats, comments and hidden rows"
_UNSEEN = "colours, charts and pictures cannot be compared"
_TOLD = 40  # changes in a terminal


@click.command("publish")
@workbook_argument
@out_folder_option("Folder for the copy.  [default: the workbook's own]")
@click.option("--page", "with_page", is_flag=True, help="Write the scorecard as a page for browsers too.")
@click.option("--pdf", "with_pdf", is_flag=True, help="Print it as a PDF too, with LibreOffice.")
@since_options("LAST_COPY", "The copy published last: its figures are compared.  [default: the latest of an earlier"
               " month in the folder]")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over what was published for that month before.")
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
    """Make a copy of WORKBOOK that readers can be given: values for formulas, and nothing that gives anything away."""
    refuse_both(since, no_since=no_since)
    register_claims()
    done = release(workbook, load(config), out, since=since, compare=not no_since,
                   with_page=with_page, with_pdf=with_pdf, force=force)  # fmt: skip
    for removed in done.removed:
        click.echo(f"Left out: {removed}")
    for line in finding_lines(done.findings):
        click.echo(line, err=True)
    for line in change_lines(done):
        click.echo(line)
    for path in done.files:
        click.echo(f"Written: {path}")


def change_lines(done: Published) -> Iterator[str]:
    """What changed since the copy that was compared, if one was; long lists are cut, the copy's sheet has all."""
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
    """Say whether PUBLISHED, its statement beside it and the figures of its tables agree; exit code 1 where not."""
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
