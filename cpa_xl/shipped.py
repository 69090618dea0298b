"""What comes with the project, and the option that puts a configuration of one's own in its place."""

from pathlib import Path

import click

HERE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """A folder that comes with the project (config, workbooks): beside the package, or inside it once installed."""
    inside = HERE / f"_{name}"
    return inside if inside.is_dir() else HERE.parent / name


config_option = click.option(
    "--config", type=click.Path(path_type=Path, file_okay=False), default=lambda: shipped("config"),
    show_default="the configuration that comes with cpa_xl", help="Folder with the configuration.",
)  # fmt: skip
