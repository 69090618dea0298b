"""The option that puts a configuration of one's own in the place of the one that comes with the project."""

from pathlib import Path

import click

from cpa_xl.configuration import shipped

__all__ = ["config_option", "shipped"]

config_option = click.option(
    "--config", type=click.Path(path_type=Path, file_okay=False), default=lambda: shipped("config"),
    show_default="the configuration that comes with cpa_xl", help="Folder with the configuration.",
)  # fmt: skip
