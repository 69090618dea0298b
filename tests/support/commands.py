"""The commands, called as at a terminal."""

from click.testing import CliRunner, Result

from cpa_xl.cli.main import main


def run(*arguments: object) -> Result:
    """What `cpa_xl ARGUMENTS` prints and answers; an exception of ours comes through."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
