"""The commands: demo, refresh, show, diff, check, sample, attach, detach, page, publish, verify, addin.

Every refusal is one message on standard error and exit code 1; the library's errors never come out as a traceback.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from cpa_xl import __version__
from cpa_xl.a1 import bounds, cell_name
from cpa_xl.addin_cli import addin_group
from cpa_xl.attach import Attachment, attach, detach
from cpa_xl.audit import Stamp
from cpa_xl.calculate import calculate
from cpa_xl.calculator import EmbeddedCalculator, Kept
from cpa_xl.catalogue import Catalogue, WorkbookSpec
from cpa_xl.configuration import load
from cpa_xl.diff import diff
from cpa_xl.difftext import lines
from cpa_xl.errors import CellError, Refusal
from cpa_xl.explaincell import explain_cell
from cpa_xl.facts import Facts, read_facts
from cpa_xl.office import find_office
from cpa_xl.package import PartChange, PartDifference
from cpa_xl.page_cli import page_command
from cpa_xl.periods import Month
from cpa_xl.plan import Progress as Tell
from cpa_xl.plan import as_json, log_plans, make_plan
from cpa_xl.publish_cli import publish_command, refuse_both, verify_command
from cpa_xl.refusals import refusals
from cpa_xl.release_cli import check_before_release, refuse_without_release
from cpa_xl.sample import make_sample
from cpa_xl.scorecard import Row, read_comment_facts, read_scorecard
from cpa_xl.shipped import config_option, shipped
from cpa_xl.spec import specification
from cpa_xl.sync import Outcome, refresh
from cpa_xl.targets import LETTER_WORDS
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.workbook import ClosedWorkbook

CELLS_SHOWN = 20  # new values that a calculation lists
COMMENT_WIDTH = 140  # a terminal must have so many columns for comments to be worth reading in it
NARROW = {"Target": 11}  # columns that wrap, so that the measures have room
LETTER_STYLES = {
    "G": "bold white on green4",
    "A": "bold black on orange1",
    "R": "bold white on red3",
    "–": "dim",
}


class MonthType(click.ParamType[Month]):
    """A month on the command line."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """Read it one way only; a usage error says what would do."""
        try:
            return Month.read(value)
        except CellError as error:
            self.fail(str(error), param, ctx)


@contextmanager
def told() -> Iterator[Tell]:
    """Progress on standard error, where somebody looks at it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _of: None
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of or None)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="cpa_xl")
def main() -> None:
    """A Critical Performance Areas scorecard that computes itself inside its Excel workbook."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that cannot show "–" shows "?" and goes on


@main.command("demo")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), show_default=True,
              help="Folder for the extracts and the workbook.")  # fmt: skip
@config_option
@refusals
def demo_command(out: Path, config: Path) -> None:
    """Make sample extracts, refresh a copy of the template from them, and show the scorecard."""
    catalogue = load(config)
    extracts, workbook = out / "extracts", out / "cpa_scorecard.xlsx"
    with told() as progress:
        make_sample(extracts, progress)
        shutil.copyfile(shipped("workbooks") / workbook.name, workbook)
        outcome = refresh(workbook, catalogue, extracts, EmbeddedCalculator(FUNCTIONS), progress=progress)
        if outcome.backup is not None:
            outcome.backup.unlink()  # a copy of the template, which is still in its place
    print_scorecard(ClosedWorkbook.open(workbook), catalogue, workbook)
    print_outcome(replace(outcome, backup=None))


@main.command("refresh")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--extracts", type=click.Path(path_type=Path, file_okay=False),
              help="Folder with the extracts.  [default: the folder extracts beside the workbook]")  # fmt: skip
@click.option("--as-of", type=MonthType(), metavar="YYYY-MM", help="Set the as-of month.  [default: the workbook's]")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would change; change nothing.")
@config_option
@refusals
def refresh_command(workbook: Path, extracts: Path | None, as_of: Month | None, dry_run: bool, config: Path) -> None:
    """Bring the data tables of WORKBOOK up to date from its extracts, and recalculate it."""
    catalogue = load(config)
    folder = extracts or workbook.parent / "extracts"
    with told() as progress:
        outcome = refresh(
            workbook,
            catalogue,
            folder,
            EmbeddedCalculator(FUNCTIONS),
            as_of=as_of,
            dry_run=dry_run,
            progress=progress,
        )
    print_outcome(outcome, dry_run=dry_run)


@main.command("plan")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--extracts", type=click.Path(path_type=Path, file_okay=False),
              help="Folder with the extracts.  [default: the folder extracts beside the workbook]")  # fmt: skip
@click.option("--as-of", type=MonthType(), metavar="YYYY-MM", help="Plan for this month.  [default: the workbook's]")
@config_option
@refusals
def plan_command(workbook: Path, extracts: Path | None, as_of: Month | None, config: Path) -> None:
    """Check the extracts of WORKBOOK and print what a refresh would write, as JSON. Changes nothing."""
    book = ClosedWorkbook.open(workbook)
    with told() as progress:
        plan = make_plan(
            book, workbook, load(config), extracts or workbook.parent / "extracts", as_of=as_of, progress=progress
        )
    click.echo(as_json(plan, log_plans(plan, book, Stamp.now())))


@main.command("show")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.option("--facts", is_flag=True, help="Show the figures that the comments need instead.")
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


@main.command("calculate")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--with", "calculator", type=click.Choice(["embedded", "libreoffice"]), default="embedded",
              show_default=True, help="Who calculates: embedded cells without a value, libreoffice all.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@refusals
def calculate_command(workbook: Path, calculator: str, dry_run: bool) -> None:
    """Calculate the formulas of WORKBOOK and write the values into it, and nothing else."""
    done = calculate(workbook, find_office() if calculator == "libreoffice" else None, dry_run=dry_run)
    click.echo(f"{done.cells:,} cells calculated: {done.same:,} as before, {len(done.values):,} new")
    for (sheet, row, column), value in list(done.values.items())[:CELLS_SHOWN]:
        click.echo(f"  {sheet}!{cell_name(row, column)}: {value.code if isinstance(value, CellError) else value!r}")
    print_kept(done.kept, announced=False)
    click.echo(f"Calculated {workbook}" if done.written else f"{workbook}: nothing was changed")


@main.command("explain")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.argument("cell", metavar="SHEET!CELL")
@refusals
def explain_command(workbook: Path, cell: str) -> None:
    """Say what the CPA functions of a cell are given, and why they answer as they do: explain FILE Scorecard!D7."""
    book = ClosedWorkbook.open(workbook)
    sheet, _, place = cell.rpartition("!")
    name = sheet.strip("'").replace("''", "'")
    if name not in book.sheet_names:
        raise Refusal(f"{cell}: write sheet and cell, such as {book.sheet_names[0]}!D7; the sheets are"
                      f" {', '.join(book.sheet_names)}")  # fmt: skip
    try:
        row, column = bounds(place)[:2]
    except ValueError:
        raise Refusal(f"{cell}: {place!r} is no cell; write one such as D7") from None
    click.echo(explain_cell(book, name, row, column))


@main.command("diff")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with exact values.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything differs, 0 where nothing does.")
@config_option
@refusals
def diff_command(before: Path, after: Path, as_json: bool, exit_code: bool, config: Path) -> None:
    """Show which figures, letters, targets, typed cells, formulas and table rows differ between two workbooks."""
    catalogue = load(config)
    old, new = ClosedWorkbook.open(before), ClosedWorkbook.open(after)
    spec, notes = shared_specification(catalogue, {before: old, after: new})
    found = diff(old, new, spec)
    found = replace(found, notes=(*notes, *found.notes))
    if as_json:
        names = {"before": str(before), "after": str(after)}
        click.echo(json.dumps(names | found.plain(), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(found, str(before), str(after))))
    sys.exit(int(exit_code and found.any))


def shared_specification(
    catalogue: Catalogue, books: Mapping[Path, ClosedWorkbook]
) -> tuple[WorkbookSpec | None, tuple[str, ...]]:
    """The entry of workbooks.yaml that fits one of the workbooks at least; or None, and why."""
    notes = []
    for path, book in books.items():
        try:
            return specification(catalogue, book, path, reading=True), ()
        except Refusal as refusal:
            notes.append(f"compared cell by cell: {refusal}")
    return None, tuple(notes)


@main.command("check")
@click.argument("workbook", type=click.Path(path_type=Path), required=False)
@click.option("--extracts", type=click.Path(path_type=Path, file_okay=False), help="Folder with extracts to check too.")
@click.option("--as-of", type=MonthType(), metavar="YYYY-MM", help="The month that the extracts are wanted for.")
@click.option("--release", is_flag=True,
              help="Say what publish would find in WORKBOOK; exit with 1 where it would be refused.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False),
              help="Folder that the copy would go to, with --release.  [default: the workbook's own]")  # fmt: skip
@click.option("--since", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The last published copy: with --release say also what changed since.  [default: the latest of an"
                   " earlier month in that folder]")  # fmt: skip
@click.option("--no-since", is_flag=True, help="Compare with no copy published before.")
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
    """Check the configuration, and extracts or a refresh of WORKBOOK where they are given; change nothing."""
    catalogue = load(config)
    if release:
        refuse_both(since, no_since=no_since)
        check_before_release(workbook, catalogue, out, since, compare=not no_since)
        return
    refuse_without_release(out, since, no_since=no_since)
    click.echo(
        f"Configuration {config}: {len(catalogue.sources)} sources, {len(catalogue.series)} series,"
        f" {len(catalogue.measures)} measures, in order."
    )
    with told() as progress:
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


@main.command("sample")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@refusals
def sample_command(folder: Path) -> None:
    """Write synthetic sample extracts into FOLDER."""
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(f"{folder} is not empty; name a new folder, so that no extract of yours is written over")
    with told() as progress:
        paths = make_sample(folder, progress)
    for path in paths:
        click.echo(f"{path}  ({path.stat().st_size:,} bytes)")


@main.command("attach")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--as", "entry", metavar="NAME", help="The entry of workbooks.yaml.  [default: the only one]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The copy.  [default: NAME (attached).xlsx beside the workbook]")  # fmt: skip
@click.option("--as-of", type=MonthType(), metavar="YYYY-MM", help="The as-of month to begin with.")
@config_option
@refusals
def attach_command(workbook: Path, entry: str | None, out: Path | None, as_of: Month | None, config: Path) -> None:
    """Add the data tables to a copy of WORKBOOK, for refresh to fill; WORKBOOK stays as it is."""
    done = attach(workbook, load(config), entry=entry, out=out, as_of=as_of)
    print_attachment(done, "Added")
    month = "" if as_of else " --as-of YYYY-MM"
    click.echo(f'Next: cpa_xl refresh "{done.workbook}" --extracts DIR{month}')


@main.command("detach")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The copy.  [default: NAME (detached).xlsx beside the workbook]")  # fmt: skip
@refusals
def detach_command(workbook: Path, out: Path | None) -> None:
    """Take out of a copy of WORKBOOK what attach added; WORKBOOK stays as it is."""
    print_attachment(detach(workbook, out=out), "Taken out")


main.add_command(page_command)
main.add_command(publish_command)
main.add_command(verify_command)
main.add_command(addin_group)


def print_attachment(done: Attachment, verb: str) -> None:
    """What attach or detach did, in a few lines."""
    click.echo(f"{verb}: the sheets {', '.join(done.sheets)} with the tables {', '.join(done.tables)}")
    for kind in PartChange:
        names = [part.name for part in done.parts if part.kind is kind]
        if names:
            click.echo(f"Parts {kind.value}: {', '.join(names)}")
    kept = f"; the file that stood there is kept in {done.backup}" if done.backup else ""
    click.echo(f"Written: {done.workbook}{kept}")


def print_scorecard(book: ClosedWorkbook, catalogue: Catalogue, path: Path) -> None:
    """The scorecard as a table: letters in colour and in words."""
    spec = specification(catalogue, book, path, reading=True)
    console = Console()
    comments = console.width >= COMMENT_WIDTH
    table = Table(title=str(path), box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("No.", "Measure", "Target", "", "Latest", "Period", *(["Comments"] if comments else [])):
        whole = heading in {"No.", "", "Latest", "Period"}
        table.add_column(heading, no_wrap=whole, overflow="fold", max_width=NARROW.get(heading))
    for row in read_scorecard(book, spec):
        measure = catalogue.measures.get(row.text("id"))
        cells = (row.text(field) for field in ("target_text", "latest", "period", "comment"))
        target, latest, period, comment = cells
        title = row.text("measure") if measure is None else measure.title
        table.add_row(row.text("id"), title, target, _letter(row), latest, period, *([comment] if comments else []))
    console.print(table)


def _letter(row: Row) -> Text:
    letter = row.text("rag")
    word = LETTER_WORDS[letter].word if letter in LETTER_WORDS else ""
    return Text(f"{letter} {word}".strip(), style=LETTER_STYLES.get(letter, ""))


def print_extracts(facts: Facts) -> None:
    """Which extracts were read, and what was noticed."""
    for extract in facts.extracts:
        click.echo(f"{extract.file}: {extract.rows:,} rows, {extract.first} to {extract.last}")
    for fault in facts.faults:
        click.echo(f"{fault.level}: {fault}")


def print_kept(kept: Sequence[Kept], *, announced: bool = True) -> None:
    """The cells that were not calculated: each named, and those with one reason together.

    `announced` says that the workbook is marked to be calculated by whoever opens it.
    """
    if not kept:
        return
    cells = "1 cell could not be calculated and keeps its value"
    if len(kept) > 1:
        cells = f"{len(kept):,} cells could not be calculated and keep their values"
    click.echo(f"{cells}:" if not announced else f"{cells}; Excel calculates when it opens the workbook:")
    reasons: dict[str, list[str]] = {}
    for cell in kept:
        reasons.setdefault(cell.reason, []).append(f"{cell.sheet}!{cell.cell}")
    for reason, places in reasons.items():
        click.echo(f"  {', '.join(places)}: {reason}")


def parts_in_words(parts: Sequence[PartDifference]) -> str:
    """The parts of a workbook by kind: "2 charts, 11 worksheets, xl/workbook.xml"."""
    kinds: dict[str, list[str]] = {}
    for part in parts:
        folder, _, name = part.name.rpartition("/")
        kinds.setdefault(folder.rpartition("/")[2] if re.search(r"\d\.xml$", name) else part.name, []).append(part.name)
    return ", ".join(f"{len(names)} {kind}" if len(names) > 1 else names[0] for kind, names in sorted(kinds.items()))


def print_outcome(outcome: Outcome, *, dry_run: bool = False) -> None:
    """What a refresh did, in a few lines."""
    for change in outcome.tables:
        click.echo(f"{change.table}: {change.before:,} rows before, {change.after:,} now")
    click.echo(f"As of {outcome.as_of.label}: {outcome.calculated:,} cells calculated")
    print_kept(outcome.kept)
    for note in outcome.notes:
        click.echo(f"note: {note}")
    if outcome.written:
        click.echo(f"Parts changed: {parts_in_words(outcome.parts)}")
        kept = f"; the workbook as it was is kept in {outcome.backup}" if outcome.backup else ""
        click.echo(f"Refreshed {outcome.workbook}{kept}")
    elif dry_run and outcome.parts:
        click.echo(f"Dry run: would change {parts_in_words(outcome.parts)}; nothing was changed")
    else:
        click.echo(f"{outcome.workbook} is up to date; nothing was changed")
