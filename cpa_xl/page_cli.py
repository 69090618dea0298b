"""The command `page`."""

from pathlib import Path

import click

from cpa_xl.clioptions import out_file_option, workbook_argument
from cpa_xl.configuration import load
from cpa_xl.office import find_office
from cpa_xl.page import write_page
from cpa_xl.pdf import write_pdf
from cpa_xl.refusals import refusals
from cpa_xl.shipped import config_option


@click.command("page")
@workbook_argument
@out_file_option("Where to; as a PDF where it ends in .pdf.  [default: NAME.html beside the workbook]")
@config_option
@refusals
def page_command(workbook: Path, out: Path | None, config: Path) -> None:
    """Write the scorecard of WORKBOOK as one page that needs nothing else; WORKBOOK stays as it is."""
    target, catalogue = out or workbook.with_suffix(".html"), load(config)
    if target.suffix.lower() == ".pdf":
        write_pdf(workbook, target, catalogue, find_office())
    else:
        write_page(workbook, target, catalogue)
    click.echo(f"Written: {target}")
