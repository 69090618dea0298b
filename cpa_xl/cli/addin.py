"""The commands `addin build | install | uninstall | status | bundle`, for each host that takes add-ins."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from cpa_xl.cli.options import out_folder_option, refusals
from cpa_xl.errors import Refusal
from cpa_xl.excel import addin
from cpa_xl.excel import install as excel_install
from cpa_xl.excel.install import bundle
from cpa_xl.libreoffice import install as libreoffice_install

Lines = list[str]


@dataclass(frozen=True)
class HostCommands:
    """The commands for one host; each returns the lines to print, or raises a Refusal."""

    build: Callable[[Path], Lines]
    install: Callable[[], Lines]
    uninstall: Callable[[], Lines]
    status: Callable[[], Lines]
    bundle: Callable[[Path], Lines]


def _build_for_excel(folder: Path) -> Lines:
    return [f"Written: {path}" for path in addin.build(folder)]


def _install_for_excel() -> Lines:
    excel_install.check_windows(sys.platform)
    return excel_install.install(os.environ, excel_install.here(), excel_install.windows_registry)


def _uninstall_for_excel() -> Lines:
    excel_install.check_windows(sys.platform)
    return excel_install.uninstall(os.environ)


def _status_for_excel() -> Lines:
    excel_install.check_windows(sys.platform)
    return excel_install.status(os.environ, excel_install.here(), excel_install.windows_registry)


def _bundle_for_excel(folder: Path) -> Lines:
    return [f"Written: {path}" for path in bundle(folder, addin.files())]


def _no_bundle(_folder: Path) -> Lines:
    raise Refusal("for LibreOffice one file is enough: cpa_xl addin build --for libreoffice writes it")


HOSTS: Mapping[str, HostCommands] = {
    "excel": HostCommands(
        _build_for_excel, _install_for_excel, _uninstall_for_excel, _status_for_excel, _bundle_for_excel
    ),
    "libreoffice": HostCommands(
        libreoffice_install.build,
        libreoffice_install.install,
        libreoffice_install.uninstall,
        libreoffice_install.status,
        _no_bundle,
    ),
}

host_option = click.option(
    "--for",
    "host",
    type=click.Choice([*HOSTS]),
    default="excel",
    show_default=True,
    help="Program that gets the add-in.",
)


@click.group("addin")
def addin_group() -> None:
    """Build the add-in that gives the CPA_ functions to a spreadsheet program, and put it in its place."""


@addin_group.command("build")
@host_option
@out_folder_option("Folder for the add-in.", default=Path("out"))
@refusals
def build_command(host: str, out: Path) -> None:
    """Write the add-in's files into a folder."""
    click.echo("\n".join(HOSTS[host].build(out)))


@addin_group.command("install")
@host_option
@refusals
def install_command(host: str) -> None:
    """Put the add-in into its place, for the user who runs this."""
    click.echo("\n".join(HOSTS[host].install()))


@addin_group.command("uninstall")
@host_option
@refusals
def uninstall_command(host: str) -> None:
    """Take the add-in away again."""
    click.echo("\n".join(HOSTS[host].uninstall()))


@addin_group.command("status")
@host_option
@refusals
def status_command(host: str) -> None:
    """Check that everything is in its place, and say what to do where it is not."""
    click.echo("\n".join(HOSTS[host].status()))


@addin_group.command("bundle")
@host_option
@out_folder_option("A new folder, to copy to a share.", default=Path("cpa_xl-bundle"))
@refusals
def bundle_command(host: str, out: Path) -> None:
    """Write a folder that colleagues can install the add-in from."""
    click.echo("\n".join(HOSTS[host].bundle(out)))
