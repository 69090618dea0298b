"""The commands that read extracts, calculate or write workbooks: from `demo` to `detach`."""

import shutil
from dataclasses import replace
from pathlib import Path

import click

from cpa_xl.cli.options import (
    as_of_option,
    config_option,
    dry_run_option,
    extracts_option,
    memory_option,
    out_file_option,
    out_folder_option,
    refusals,
    refuse_both,
    refuse_without_release,
    since_options,
    workbook_argument,
)
from cpa_xl.cli.output import print_attachment, print_extracts, print_kept, print_outcome, print_scorecard, progress_bar
from cpa_xl.commands.attach import attach, detach
from cpa_xl.commands.calculate import calculate, explain_cell
from cpa_xl.commands.plan import as_json, log_plans, make_plan
from cpa_xl.commands.refresh import refresh
from cpa_xl.commands.sample import make_sample
from cpa_xl.config.load import load, shipped
from cpa_xl.errors import CellError, Refusal
from cpa_xl.extracts.facts import read_facts
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.soffice import find_office
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import bounds, cell_name
from cpa_xl.scorecard.history import store_of
from cpa_xl.scorecard.tables import Stamp
from cpa_xl.workbook.closed import ClosedWorkbook

CELLS_SHOWN = 20  # new values that `calculate` lists


@click.command("demo")
@out_folder_option("Folder for the extracts and the workbook.", default=Path("out"))
@config_option
@refusals
def demo_command(out: Path, config: Path) -> None:
    """Make sample extracts, refresh a copy of the template from them, and show the scorecard."""
    catalogue = load(config)
    extracts, workbook = out / "extracts", out / "cpa_scorecard.xlsx"
    with progress_bar() as progress:
        make_sample(extracts, progress)
        shutil.copyfile(shipped("workbooks") / workbook.name, workbook)
        store_of(workbook).unlink(missing_ok=True)  # the demo begins anew
        outcome = refresh(workbook, catalogue, extracts, EmbeddedCalculator(FUNCTIONS), progress=progress)
        if outcome.backup is not None:
            outcome.backup.unlink()  # it equals the template, which is still there
    print_scorecard(ClosedWorkbook.open(workbook), catalogue, workbook)
    print_outcome(replace(outcome, backup=None))


@click.command("refresh")
@workbook_argument
@extracts_option()
@as_of_option("Set the as-of month.  [default: the workbook's]")
@dry_run_option("Check everything and say what would change; change nothing.")
@click.option(
    "--accept-revisions",
    is_flag=True,
    help="Take extracts that revise a year by more than a tenth, or lack figures that are known.",
)
@memory_option
@config_option
@refusals
def refresh_command(
    workbook: Path, extracts: Path | None, as_of: Month | None, *, dry_run: bool, accept_revisions: bool, config: Path
) -> None:
    """Update the data tables of WORKBOOK from its extracts, and recalculate it."""
    catalogue = load(config)
    folder = extracts or workbook.parent / "extracts"
    with progress_bar() as progress:
        outcome = refresh(
            workbook,
            catalogue,
            folder,
            EmbeddedCalculator(FUNCTIONS),
            as_of=as_of,
            dry_run=dry_run,
            accept_revisions=accept_revisions,
            progress=progress,
        )
    print_outcome(outcome, dry_run=dry_run)


@click.command("plan")
@workbook_argument
@extracts_option()
@as_of_option("Plan for this month.  [default: the workbook's]")
@click.option("--copy-of", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The open document that WORKBOOK is a copy of. The history beside it, with what a refresh would add,"
              " is written beside WORKBOOK.")  # fmt: skip
@memory_option
@config_option
@refusals
def plan_command(
    workbook: Path, extracts: Path | None, as_of: Month | None, copy_of: Path | None, config: Path
) -> None:
    """Check the extracts of WORKBOOK and print what a refresh would write, as JSON. Changes nothing."""
    book, stamp = ClosedWorkbook.open(workbook), Stamp.now()
    folder = extracts or workbook.parent / "extracts"
    with progress_bar() as progress:
        plan = make_plan(book, workbook, load(config), folder, as_of=as_of, progress=progress, copy_of=copy_of)
    grown = None
    if copy_of is not None and (content := plan.history.grown(plan.catalogue, plan.merged, stamp)) is not None:
        grown = workbook.absolute().with_name(plan.history.path.name)
        grown.write_bytes(content)
    click.echo(as_json(plan, log_plans(plan, book, stamp), grown))


@click.command("calculate")
@workbook_argument
@click.option("--with", "calculator", type=click.Choice(["embedded", "libreoffice"]), default="embedded",
              show_default=True, help="embedded calculates cells without a value, libreoffice all cells.")  # fmt: skip
@dry_run_option("Say what would change; change nothing.")
@refusals
def calculate_command(workbook: Path, calculator: str, dry_run: bool) -> None:
    """Calculate the formulas of WORKBOOK and write only their values into it."""
    done = calculate(workbook, find_office() if calculator == "libreoffice" else None, dry_run=dry_run)
    click.echo(f"{done.cells:,} cells calculated: {done.same:,} as before, {len(done.values):,} new")
    for (sheet, row, column), value in list(done.values.items())[:CELLS_SHOWN]:
        click.echo(f"  {sheet}!{cell_name(row, column)}: {value.code if isinstance(value, CellError) else value!r}")
    print_kept(done.kept, announced=False)
    click.echo(f"Calculated {workbook}" if done.written else f"{workbook}: nothing was changed")


@click.command("explain")
@workbook_argument
@click.argument("cell", metavar="SHEET!CELL")
@refusals
def explain_command(workbook: Path, cell: str) -> None:
    """Show what the CPA functions of a cell get, and why they answer as they do: explain FILE Scorecard!D7."""
    book = ClosedWorkbook.open(workbook)
    sheet, _, place = cell.rpartition("!")
    name = sheet.strip("'").replace("''", "'")
    if name not in book.sheet_names:
        raise Refusal(f"{cell}: write sheet and cell, such as {book.sheet_names[0]}!D7; the sheets are"
                      f" {', '.join(book.sheet_names)}")  # fmt: skip
    try:
        row, column = bounds(place)[:2]
    except ValueError:
        raise Refusal(f"{cell}: {place!r} is not a cell; write one such as D7") from None
    click.echo(explain_cell(book, name, row, column))


@click.command("check")
@click.argument("workbook", type=click.Path(path_type=Path), required=False)
@extracts_option("Folder with extracts to check too.")
@as_of_option("The month to check the extracts for.")
@click.option("--release", is_flag=True,
              help="Show what publish would find in WORKBOOK; exit with 1 where publish would refuse it.")  # fmt: skip
@out_folder_option("Folder for the copy, with --release.  [default: the workbook's own]")
@since_options("FILE", "The last published copy: with --release, show also what changed since.  [default: the latest of"
               " an earlier month in that folder]")  # fmt: skip
@memory_option
@config_option
@refusals
def check_command(
    workbook: Path | None,
    extracts: Path | None,
    as_of: Month | None,
    *,
    release: bool,
    out: Path | None,
    since: Path | None,
    no_since: bool,
    config: Path,
) -> None:
    """Check the configuration, and the extracts or the refresh of WORKBOOK that you name; change nothing."""
    catalogue = load(config)
    if release:
        refuse_both(since, no_since=no_since)
        from cpa_xl.cli.publish import check_before_release  # noqa: PLC0415  # most checks do not need publishing

        check_before_release(workbook, catalogue, out, since, compare=not no_since)
        return
    refuse_without_release(out, since, no_since=no_since)
    click.echo(
        f"Configuration {config}: {len(catalogue.sources)} sources, {len(catalogue.series)} series,"
        f" {len(catalogue.measures)} measures, in order."
    )
    with progress_bar() as progress:
        if workbook is not None:
            folder = extracts or workbook.parent / "extracts"
            outcome = refresh(
                workbook,
                catalogue,
                folder,
                EmbeddedCalculator(FUNCTIONS),
                as_of=as_of,
                dry_run=True,
                progress=progress,
            )
        elif extracts is not None:
            facts = read_facts(catalogue, extracts, as_of=as_of, progress=progress)
    if workbook is not None:
        print_outcome(outcome, dry_run=True)
    elif extracts is not None:
        print_extracts(facts)


@click.command("sample")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@refusals
def sample_command(folder: Path) -> None:
    """Write synthetic sample extracts into FOLDER."""
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(f"{folder} is not empty; name a new folder, so that no extract of yours is written over")
    with progress_bar() as progress:
        paths = make_sample(folder, progress)
    for path in paths:
        click.echo(f"{path}  ({path.stat().st_size:,} bytes)")


@click.command("attach")
@workbook_argument
@click.option("--as", "entry", metavar="NAME", help="The entry of workbooks.yaml.  [default: the only one]")
@out_file_option("The copy.  [default: NAME (attached).xlsx beside the workbook]")
@as_of_option("The as-of month to begin with.")
@config_option
@refusals
def attach_command(workbook: Path, entry: str | None, out: Path | None, as_of: Month | None, config: Path) -> None:
    """Add the data tables to a copy of WORKBOOK, for refresh to fill; WORKBOOK stays as it is."""
    done = attach(workbook, load(config), entry=entry, out=out, as_of=as_of)
    print_attachment(done, "Added")
    month = "" if as_of else " --as-of YYYY-MM"
    click.echo(f'Next: cpa_xl refresh "{done.workbook}" --extracts DIR{month}')


@click.command("detach")
@workbook_argument
@out_file_option("The copy.  [default: NAME (detached).xlsx beside the workbook]")
@refusals
def detach_command(workbook: Path, out: Path | None) -> None:
    """Take out of a copy of WORKBOOK what attach added; WORKBOOK stays as it is."""
    print_attachment(detach(workbook, out=out), "Taken out")
