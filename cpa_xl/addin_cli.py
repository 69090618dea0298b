"""The commands `addin build | install | uninstall | status | bundle`, for each host that takes add-ins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from cpa_xl import addin
from cpa_xl.refusals import refusals

Said = list[str]


@dataclass(frozen=True)
class Host:
    """What the commands do for one host; each gives the lines to print, or raises a Refusal."""

    build: Callable[[Path], Said]


def _built_for_excel(folder: Path) -> Said:
    return [f"Written: {path}" for path in addin.build(folder)]


HOSTS: Mapping[str, Host] = {"excel": Host(_built_for_excel)}

host_option = click.option(
    "--for", "host", type=click.Choice([*HOSTS]), default="excel", show_default=True, help="The program to serve."
)


@click.group("addin")
def addin_group() -> None:
    """Build the add-in that gives the CPA_ functions to a spreadsheet program, and put it in its place."""


@addin_group.command("build")
@host_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), show_default=True,
              help="Folder for the add-in.")  # fmt: skip
@refusals
def build_command(host: str, out: Path) -> None:
    """Write the add-in's files into a folder."""
    click.echo("\n".join(HOSTS[host].build(out)))
