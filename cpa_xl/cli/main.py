"""The commands: demo, refresh, show, diff, history, check, sample, attach, detach, page, publish, verify, addin.

The program imports a command when it is called: the table `COMMANDS` has its place and the line that `--help` prints.
A refusal is one message on standard error and exit code 1. The library's errors never end in a traceback.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

import click

from cpa_xl import __version__


class Late(NamedTuple):
    """A command that is imported when it is called: `module:function`, and its help line."""

    place: str
    text: str

    def load(self) -> click.Command:
        """The command itself."""
        module, _, function = self.place.partition(":")
        command = getattr(import_module(module), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.place} is not a command")
        return command


COMMANDS: Mapping[str, Late] = {
    "demo": Late(
        "cpa_xl.cli.refresh:demo_command",
        "Make sample extracts, refresh a copy of the template from them, and show the scorecard.",
    ),
    "refresh": Late(
        "cpa_xl.cli.refresh:refresh_command",
        "Update the data tables of WORKBOOK from its extracts, and recalculate it.",
    ),
    "plan": Late(
        "cpa_xl.cli.refresh:plan_command",
        "Check the extracts of WORKBOOK and print what a refresh would write, as JSON. Changes nothing.",
    ),
    "show": Late("cpa_xl.cli.show:show_command", "Show the scorecard of WORKBOOK in the terminal."),
    "calculate": Late(
        "cpa_xl.cli.refresh:calculate_command",
        "Calculate the formulas of WORKBOOK and write only their values into it.",
    ),
    "explain": Late(
        "cpa_xl.cli.refresh:explain_command",
        "Show what the CPA functions of a cell get, and why they answer as they do: explain FILE Scorecard!D7.",
    ),
    "diff": Late(
        "cpa_xl.cli.show:diff_command",
        "Show which figures, letters, targets, typed cells, formulas and table rows differ between two workbooks.",
    ),
    "history": Late(
        "cpa_xl.cli.show:history_command",
        "Show the monthly figures that WORKBOOK knows or once knew, and how often they were revised.",
    ),
    "check": Late(
        "cpa_xl.cli.refresh:check_command",
        "Check the configuration, and the extracts or the refresh of WORKBOOK that you name; change nothing.",
    ),
    "facts": Late(
        "cpa_xl.cli.show:facts_command", "Count the extracts of a folder by month and area, without a workbook."
    ),
    "describe": Late(
        "cpa_xl.cli.show:describe_command",
        "Say what FILES are: headings, columns with types, months, areas, categories, totals, what would stop them.",
    ),
    "sources": Late(
        "cpa_xl.cli.show:sources_group",
        "List the layouts of extracts that cpa_xl knows, ready to use; sources show NAME says all of one.",
    ),
    "sample": Late("cpa_xl.cli.refresh:sample_command", "Write synthetic sample extracts into FOLDER."),
    "attach": Late(
        "cpa_xl.cli.refresh:attach_command",
        "Add the data tables to a copy of WORKBOOK, for refresh to fill; WORKBOOK stays as it is.",
    ),
    "detach": Late(
        "cpa_xl.cli.refresh:detach_command",
        "Take out of a copy of WORKBOOK what attach added; WORKBOOK stays as it is.",
    ),
    "page": Late(
        "cpa_xl.cli.publish:page_command",
        "Write the scorecard of WORKBOOK as one self-contained page; WORKBOOK stays as it is.",
    ),
    "publish": Late(
        "cpa_xl.cli.publish:publish_command",
        "Make a copy of WORKBOOK for readers: values in place of formulas, and nothing hidden.",
    ),
    "verify": Late(
        "cpa_xl.cli.publish:verify_command",
        "Check that PUBLISHED, its statement and the figures of its tables agree; exit code 1 where they do not.",
    ),
    "addin": Late(
        "cpa_xl.cli.addin:addin_group",
        "Build the add-in that gives the CPA_ functions to a spreadsheet program, and put it in its place.",
    ),
}


class LateGroup(click.Group):
    """A group of `COMMANDS`: `commands` holds names and help lines, `get_command` imports a command."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's own
        """The command of this name, imported now; None where there is none."""
        found = COMMANDS.get(cmd_name)
        return None if found is None else found.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their help lines, without importing them."""
        click.Group(commands=self.commands).format_commands(ctx, formatter)


@click.group(
    cls=LateGroup,
    commands={name: click.Command(name, help=one.text) for name, one in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="cpa_xl")
def main() -> None:
    """A Critical Performance Areas scorecard that computes itself inside its Excel workbook."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that cannot show "–" shows "?" and goes on
