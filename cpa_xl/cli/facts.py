"""The commands that read extracts without a workbook: `facts`, and `sources`, the library of layouts."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import click

from cpa_xl.cli.options import config_option, json_option, refusals
from cpa_xl.config.load import layouts, load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal


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
    from cpa_xl.commands.facts import facts_by_series, facts_of_source  # noqa: PLC0415  # sources does not wait for it

    if as_json and as_csv:
        raise Refusal("give --json or --csv, not both")
    if by is not None and source is None:
        raise Refusal("--by needs --source: a column belongs to one source")
    catalogue = load(config)
    if source is None:
        table = facts_by_series(catalogue, extracts)
    else:
        table = facts_of_source(with_layout(catalogue, source), extracts, source, by)
    if as_json:
        click.echo(json.dumps(list(table.plain()), indent=1, ensure_ascii=False))
        return
    if as_csv:
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(table.headings)
        rows.writerows(["" if cell is None else cell for cell in row] for row in table.rows)
        return
    from cpa_xl.cli.output import print_extracts, print_rows  # noqa: PLC0415  # JSON and CSV do not wait for rich

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
        click.echo(f"{name}: {layout.source.title} ({layout.source.files})")
        click.echo(f"  {layout.documented}")


@sources_group.command("show")
@click.argument("name")
@refusals
def show_command(name: str) -> None:
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
