"""The commands that only read: `show` and `diff` (workbooks), `facts` and `sources` (extracts and their layouts)."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cpa_xl.cli.options import config_option, json_option, refusals, workbook_argument
from cpa_xl.cli.output import print_extracts, print_outdated, print_rows, print_scorecard
from cpa_xl.config.load import layouts, load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
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
        print_outdated(book)
        return
    print_outdated(book, err=True)
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


@click.command("facts")
@click.argument("extracts", type=click.Path(path_type=Path, file_okay=False))
@click.option("--source", metavar="NAME", help="Count this source alone: one of sources.yaml, or of the library.")
@click.option("--by", metavar="COLUMN", help="Count by this column of the source too: its heading, or its name.")
@json_option("Print the facts as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the facts as CSV.")
@config_option
@refusals
def facts_command(
    extracts: Path, source: str | None, by: str | None, *, as_json: bool, as_csv: bool, config: Path
) -> None:
    """Count the extracts of a folder by month and area, without a workbook."""
    from cpa_xl.extracts.fact_table import facts_by_series, facts_of_source  # noqa: PLC0415  # show does not wait for it

    if as_json and as_csv:
        raise Refusal("give --json or --csv, not both")
    if by is not None and source is None:
        raise Refusal("--by needs --source: a column belongs to one source")
    catalogue = load(config)
    if source is None:
        table = facts_by_series(catalogue, extracts)
    else:
        of_library = source not in catalogue.sources
        table = facts_of_source(with_layout(catalogue, source), extracts, source, by, by_headings=of_library)
    if as_json:
        click.echo(json.dumps(list(table.plain()), indent=1, ensure_ascii=False))
        return
    if as_csv:
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(table.headings)
        rows.writerows(["" if cell is None else cell for cell in row] for row in table.rows)
        return
    print_rows(table.headings, table.rows)
    print_extracts(table.facts)


def with_layout(catalogue: Catalogue, name: str) -> Catalogue:
    """The catalogue, and a layout of the library under its name where no source has that name."""
    if name in catalogue.sources:
        return catalogue
    library = layouts()
    if name not in library:
        raise Refusal(
            f"--source {name}: there is no such source; sources.yaml has {', '.join(catalogue.sources)},"
            f" and the library {', '.join(library)}"
        )
    return replace(catalogue, sources={**catalogue.sources, name: library[name].source})


@click.group("sources", invoke_without_command=True)
@click.pass_context
def sources_group(context: click.Context) -> None:
    """List the layouts of extracts that cpa_xl knows, ready to use; sources show NAME says all of one."""
    if context.invoked_subcommand is None:
        _list()


@refusals
def _list() -> None:
    for name, layout in layouts().items():
        click.echo(f"{name}: {layout.source.title} ({layout.source.named})")
        click.echo(f"  {layout.documented}")


@sources_group.command("show")
@click.argument("name")
@refusals
def show_layout_command(name: str) -> None:
    """Print a layout as an entry for sources.yaml, with its publisher and its traps."""
    import yaml  # noqa: PLC0415  # only this command writes YAML

    library = layouts()
    if name not in library:
        raise Refusal(f"{name}: the library has no such layout; it has {', '.join(library)}")
    layout = library[name]
    click.echo(f"# {layout.documented}")
    for trap in layout.traps:
        click.echo(f"# * {trap}")
    entry = layout.source.model_dump(mode="json", exclude_defaults=True)
    click.echo(yaml.safe_dump({name: entry}, sort_keys=False, allow_unicode=True, width=110), nl=False)
