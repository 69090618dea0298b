"""The commands that only read workbooks: `show` and `diff`."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cpa_xl.cli.options import config_option, json_option, refusals, workbook_argument
from cpa_xl.cli.output import print_scorecard
from cpa_xl.config.load import load
from cpa_xl.scorecard.rows import read_comment_facts, read_scorecard, specification
from cpa_xl.workbook.closed import ClosedWorkbook


@click.command("show")
@workbook_argument
@json_option("Print the rows as JSON.")
@click.option("--facts", is_flag=True, help="Show the figures for comments instead.")
@config_option
@refusals
def show_command(workbook: Path, as_json: bool, facts: bool, config: Path) -> None:
    """Show the scorecard of WORKBOOK in the terminal."""
    catalogue, book = load(config), ClosedWorkbook.open(workbook)
    if not as_json and not facts:
        print_scorecard(book, catalogue, workbook)
        return
    spec = specification(catalogue, book, workbook, reading=True)
    rows = read_comment_facts(book, spec) if facts else read_scorecard(book, spec)
    if as_json:
        click.echo(json.dumps([row.plain() for row in rows], indent=1, ensure_ascii=False))
        return
    table = Table("Id", "Fact", "Period", "Figure")
    for row in rows:
        table.add_row(*(row.text(field) for field in ("measure", "fact", "period", "text")))
    Console().print(table)


@click.command("diff")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@json_option("Print everything as JSON, with exact values.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything differs, with 0 where nothing does.")
@config_option
@refusals
def diff_command(before: Path, after: Path, as_json: bool, exit_code: bool, config: Path) -> None:
    """Show which figures, letters, targets, typed cells, formulas and table rows differ between two workbooks."""
    from cpa_xl.commands.diff import diff_files  # noqa: PLC0415  # show does not need it
    from cpa_xl.commands.diff_text import difference_lines  # noqa: PLC0415  # the same

    found = diff_files(before, after, load(config))
    if as_json:
        names = {"before": str(before), "after": str(after)}
        click.echo(json.dumps(names | found.plain(), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(difference_lines(found, str(before), str(after))))
    sys.exit(int(exit_code and found.any))
