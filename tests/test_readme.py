"""The README's tables say what the code has."""

import re
from pathlib import Path

import click

from cpa_xl.buttons import BUTTONS
from cpa_xl.cells import CellFunction
from cpa_xl.cli import main
from cpa_xl.udfs import FUNCTIONS


def table(readme: str, heading: str) -> dict[str, str]:
    """The rows of the table whose first heading this is: first cell without back quotes, second cell."""
    rows = readme.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", row)[1:3] for row in rows]
    return {first.strip().strip("`"): second.strip() for first, second in cells}


def signature(function: CellFunction) -> str:
    """A function as the README writes it: optional arguments in brackets."""
    arguments = (f"[{one.name}]" if one.optional else one.name for one in function.arguments)
    return f"{function.name}({', '.join(arguments)})"


def test_every_function_is_described(root: Path) -> None:
    described = table((root / "README.md").read_text(encoding="utf-8"), "function")
    assert described == {signature(function): function.result for function in FUNCTIONS.values()}


def usage(name: str, command: click.Command) -> str:
    """A command as the README writes it, without the options that all have."""
    words = [name]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            name = parameter.human_readable_name
            words.append(name if parameter.required else f"[{name}]")
        elif parameter.name not in {"config", "help"}:
            given = "" if getattr(parameter, "is_flag", False) else f" {value(parameter)}"
            words.append(f"[{parameter.opts[0]}{given}]")
    return " ".join(words)


def value(parameter: click.Parameter) -> str:
    """What an option takes, as the README writes it; a bar inside a table is escaped."""
    if isinstance(parameter.type, click.Choice):
        return r"\|".join(parameter.type.choices)
    return parameter.metavar or "DIR"


def commands(group: click.Group, before: str = "") -> list[str]:
    """Every command as the README writes it; those of a group behind its name."""
    found = []
    for name in group.commands:
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            found += commands(command, f"{before}{name} ")
        else:
            assert command is not None, name
            found.append(usage(f"{before}{name}", command))
    return found


def test_every_command_is_described(root: Path) -> None:
    described = table((root / "README.md").read_text(encoding="utf-8"), "command")
    assert list(described) == commands(main)


def test_every_button_is_described(root: Path) -> None:
    described = table((root / "README.md").read_text(encoding="utf-8"), "button")
    assert described == {button.label: button.supertip for button in BUTTONS.values()}


def test_the_two_commands_stand_on_the_first_screen(root: Path) -> None:
    first_screen = "\n".join((root / "README.md").read_text(encoding="utf-8").splitlines()[:20])
    assert "python run.py cpa_xl demo\npython run.py pytest\n" in first_screen
    assert "![The scorecard" in first_screen


def test_pictures_and_pages_that_the_readme_names_are_there(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (root / target).exists(), target
