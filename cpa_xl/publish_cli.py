"""The command `publish`."""

from pathlib import Path

import click

from cpa_xl.calculator import EmbeddedCalculator
from cpa_xl.configuration import load
from cpa_xl.publish import publish
from cpa_xl.refusals import refusals
from cpa_xl.shipped import config_option
from cpa_xl.udfs import FUNCTIONS


@click.command("publish")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for the copy.  [default: the workbook's own]")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over what was published for that month before.")
@config_option
@refusals
def publish_command(workbook: Path, out: Path | None, force: bool, config: Path) -> None:
    """Make a copy of WORKBOOK that readers can be given: values for formulas, and nothing that gives anything away."""
    done = publish(workbook, load(config), EmbeddedCalculator(FUNCTIONS), out, force=force)
    for removed in done.removed:
        click.echo(f"Left out: {removed}")
    for finding in done.findings:
        click.echo(f"{finding.level}: {finding.code} {finding.place}: {finding.message}", err=True)
    for path in done.files:
        click.echo(f"Written: {path}")
