"""The commands that only read: `show`, `diff` and `history` (workbooks), `facts` and `sources` (extracts, layouts)."""

import csv
import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cpa_xl.cli.options import MonthType, config_option, json_option, memory_option, refusals, workbook_argument
from cpa_xl.cli.output import print_description, print_extracts, print_outdated, print_rows, print_scorecard
from cpa_xl.config.load import layouts, load
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.measures.periods import Month
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
@click.argument("extracts", type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", help="Count this source alone: one of sources.yaml, or of the library.")
@click.option("--by", metavar="COLUMN", help="Count by this column of the source too: its heading, or its name.")
@json_option("Print the facts as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the facts as CSV.")
@memory_option
@config_option
@refusals
def facts_command(
    extracts: Path, source: str | None, by: str | None, *, as_json: bool, as_csv: bool, config: Path
) -> None:
    """Count the extracts of a folder by month and area, without a workbook."""
    from cpa_xl.extracts.facts import facts_by_series, facts_of_source  # noqa: PLC0415  # show does not wait for it

    _refuse_two_forms(as_json=as_json, as_csv=as_csv)
    if by is not None and source is None:
        raise Refusal("--by needs --source: a column belongs to one source")
    catalogue = load(config)
    if source is None:
        table = facts_by_series(catalogue, extracts)
    else:
        of_library = source not in catalogue.sources
        table = facts_of_source(with_layout(catalogue, source), extracts, source, by, by_headings=of_library)
    _print_table(table.headings, table.rows, as_json=as_json, as_csv=as_csv)
    if not as_json and not as_csv:
        print_extracts(table.facts)


@click.command("history")
@workbook_argument
@click.option("--as-known-on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="Show the figures as they were known on that day.")  # fmt: skip
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="Show each series in this month.")
@click.option("--series", metavar="NAME", help="Show each month of this series: its title, or its name.")
@json_option("Print the rows as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the rows as CSV.")
@config_option
@refusals
def history_command(
    workbook: Path,
    day: dt.datetime | None,
    month: Month | None,
    series: str | None,
    *,
    as_json: bool,
    as_csv: bool,
    config: Path,
) -> None:
    """Show the monthly figures that WORKBOOK knows or once knew, and how often they were revised."""
    from cpa_xl.scorecard.history import history_rows, read_history  # noqa: PLC0415  # show does not wait for it

    _refuse_two_forms(as_json=as_json, as_csv=as_csv)
    catalogue, book = load(config), ClosedWorkbook.open(workbook)
    history = read_history(workbook, book, catalogue, specification(catalogue, book, workbook, reading=True))
    on = None if day is None else day.date()
    headings, rows = history_rows(history, catalogue, month=month, series=series, on=on)
    if not history.rows:
        click.echo(
            f"There is no {history.path.name} beside the workbook; these are the figures in its tables.", err=True
        )
    elif not rows:
        asked = [f"of {month.label}"] if month else []
        asked += [f"on {on}: the history begins on {history.rows[0].known_on.date()}"] if on else []
        click.echo(f"Nothing was known {' '.join(asked)}.", err=True)
    _print_table(headings, rows, as_json=as_json, as_csv=as_csv)


def _refuse_two_forms(*, as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise Refusal("give --json or --csv, not both")


def _print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str | float | None]], *, as_json: bool, as_csv: bool
) -> None:
    """Print rows: for people, or as a list of objects, or as comma-separated values."""
    if as_json:
        plain = [dict(zip(headings, row, strict=True)) for row in rows]
        click.echo(json.dumps(plain, indent=1, ensure_ascii=False))
    elif as_csv:
        lines = csv.writer(sys.stdout, lineterminator="\n")
        lines.writerow(headings)
        lines.writerows(["" if cell is None else cell for cell in row] for row in rows)
    else:
        print_rows(headings, rows)


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


@click.command("describe")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option("Print the descriptions as JSON.")
@config_option
@refusals
def describe_command(files: tuple[Path, ...], as_json: bool, config: Path) -> None:
    """Say what FILES are: headings, columns with types, months, areas, categories, totals, what would stop them."""
    from cpa_xl.extracts.describe import describe  # noqa: PLC0415  # show does not wait for it

    catalogue = load(config)
    library = {name: layout.source for name, layout in layouts().items()}
    found = [one for path in files for one in describe(catalogue, library, path)]
    if as_json:
        click.echo(json.dumps([one.plain() for one in found], indent=1, ensure_ascii=False))
        return
    for one in found:
        print_description(one)


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
