"""Writes what follows from the code: `python run.py docs.make`.

That is the lists in the pages of this folder, the number of functions in README, and the schemas of the configuration.
A list begins with the line `<!-- made: NAME ARGUMENT -->` and ends with the line `<!-- end -->`. What lies between is
written here, and tests compare it with the code. A command without a section gets one at the end of commands.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import click

from cpa_xl.cli.main import main as cli
from cpa_xl.config.load import schemas
from cpa_xl.excel.buttons import BUTTONS
from cpa_xl.functions import examples
from cpa_xl.functions.examples import EXAMPLES, Example, ExampleRange, ExampleTable, ExampleValue
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import AREAS, OUTLOOK, PERIODS, RATES, TABLES, TARGETS, VARIATION, Argument, CellFunction
from cpa_xl.publish.checks.run import checks

DOCS = Path(__file__).resolve().parent
CATEGORIES = (PERIODS, RATES, TARGETS, OUTLOOK, VARIATION, AREAS, TABLES)
_MADE = re.compile(r"(<!-- made: ([^\n]+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_BLOCKS: Mapping[ExampleTable, str] = {
    examples.MONTHLY: "Monthly",
    examples.MEASURES: "Measures",
    examples.AREAS: "Areas",
    examples.STEADY: "Steady",
    examples.POPULATION: "Population",
}


def made(text: str) -> str:
    """A page with its lists written anew.

    Raises:
        KeyError: where a line names a list that there is not.
    """
    return _MADE.sub(lambda found: found[1] + _list(found[2]) + found[4], text)


def lists(text: str) -> list[str]:
    """The names of the lists of a page, as its lines write them."""
    return [found[2] for found in _MADE.finditer(text)]


def _list(name: str) -> str:
    kind, _, argument = name.partition(" ")
    return "\n" + "\n".join(MAKERS[kind](argument)) + "\n\n"


def _row(*cells: str) -> str:
    """A row of a table; a bar inside a cell is escaped."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


# Commands ------------------------------------------------------------------------------------------------------------


def commands(group: click.Group = cli, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its name, those of a group behind the name of the group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield f"{before}{name}", command
            yield from commands(command, f"{before}{name} ")
        elif command is not None:
            yield f"{before}{name}", command


def usage(name: str, command: click.Command) -> str:
    """A command as it is typed, without its options."""
    given = [one for one in command.params if isinstance(one, click.Argument)]
    words = (one.human_readable_name if one.required else f"[{one.human_readable_name}]" for one in given)
    return " ".join(("cpa_xl", name, *words))


def _option(option: click.Option) -> tuple[str, str, str]:
    """An option: how it is written, what it does, and what holds without it."""
    meaning, _, default = (option.help or "").removesuffix("]").partition("  [default: ")
    if isinstance(option.show_default, str):
        default = option.show_default
    elif option.show_default:
        default = str(option.default)
    value = option.metavar or "DIR"
    if isinstance(option.type, click.Choice):
        value = "|".join(option.type.choices)
    return (f"`{option.opts[0]}{'' if option.is_flag else f' {value}'}`", meaning, default)


def _all_commands(_: str) -> Iterator[str]:
    yield from (_row("command", "what it does"), _row("---", "---"))
    for name, command in commands():
        yield _row(f"[`{name}`](#{name.replace(' ', '-')})", (command.help or "").partition("\n\n")[0])


def _one_command(name: str) -> Iterator[str]:
    command = dict(commands())[name]
    options = [one for one in command.params if isinstance(one, click.Option)]
    yield from ("```", usage(name, command) + (" [OPTIONS]" if options else ""), "```", "")
    yield " ".join((command.help or "").split())
    if options:
        yield from ("", _row("option", "what it does", "without it"), _row("---", "---", "---"))
        yield from (_row(*_option(option)) for option in options)


# Cell functions ------------------------------------------------------------------------------------------------------


def signature(function: CellFunction) -> str:
    """A function as it is typed; optional arguments are in brackets."""
    arguments = (f"[{one.name}]" if one.optional else one.name for one in function.arguments)
    return f"{function.name}({', '.join(arguments)})"


def _categories() -> dict[str, list[CellFunction]]:
    """The functions of each category, in the order in which a reader meets them."""
    found: dict[str, list[CellFunction]] = {category: [] for category in CATEGORIES}
    for function in FUNCTIONS.values():
        found[function.category].append(function)
    return found


def _all_functions(_: str) -> Iterator[str]:
    for category, functions in _categories().items():
        yield from (f"**{category}**", "", _row("function", "result"), _row("---", "---"))
        yield from (_row(f"[`{one.name}`](#{one.name.lower()})", one.result) for one in functions)
        yield ""


def _each_function(_: str) -> Iterator[str]:
    calls = {one.function: one for one in EXAMPLES}
    for function in chain.from_iterable(_categories().values()):
        yield from (f"### {function.name}", "", f"`={signature(function)}`", "", function.help, "")
        yield from (_row("argument", "what it is", "left out"), _row("---", "---", "---"))
        yield from (_row(f"`{one.name}`", one.help, _default(one)) for one in function.arguments)
        yield from ("", f"Result: {function.result}.", "", _example(calls[function.name]), "")


def _default(argument: Argument) -> str:
    """What an omitted argument counts as; a required one cannot be left out."""
    if not argument.optional:
        return "required"
    default = argument.default
    if default is None:
        return "may be left out"
    if isinstance(default, bool):
        return str(default).upper()
    return f"{default:.15g}" if isinstance(default, float | int) else str(default)


def _example(example: Example) -> str:
    call = f"={example.function}({', '.join(map(_written, example.arguments))})"
    place = f" in row {example.row}, column {example.column} of the answer" if example.row else ""
    answer = example.answer if isinstance(example.answer, str) else f"{example.answer:.6g}"
    rows = {one.rows for one in example.arguments if isinstance(one, ExampleRange) and one.rows}
    first = f" over the first {max(rows)} rows" if rows else ""
    return f"Example: `{call}`{first} gives `{answer}`{place} ({example.source})."


def _written(argument: ExampleRange | ExampleValue) -> str:
    """An argument of an example; cells as a table and its column."""
    if isinstance(argument, ExampleRange):
        return f"{_BLOCKS[argument.block]}[{argument.heading or '#All'}]"
    return f'"{argument}"' if isinstance(argument, str) else f"{argument:.15g}"


# Checks and buttons --------------------------------------------------------------------------------------------------


def _checks(_: str) -> Iterator[str]:
    yield from (_row("check", "what has to hold", "if not", "may be accepted"), _row("---", "---", "---", "---"))
    for code, check in checks().items():
        yield _row(f"`{code}`", check.about, str(check.level), "yes" if check.acceptable else "no")


def _buttons(_: str) -> Iterator[str]:
    yield from (_row("button", "what it does"), _row("---", "---"))
    yield from (_row(one.label, one.supertip) for one in BUTTONS.values())


MAKERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "commands": _all_commands,
    "command": _one_command,
    "functions": _all_functions,
    "each-function": _each_function,
    "checks": _checks,
    "buttons": _buttons,
}


def with_sections(text: str) -> str:
    """The page of commands with a section for each command that has none."""
    missing = [name for name, _ in commands() if f"<!-- made: command {name} -->" not in text]
    return text + "".join(f"\n## {name}\n\n<!-- made: command {name} -->\n<!-- end -->\n" for name in missing)


def counted(text: str) -> str:
    """README with the number of cell functions."""
    return re.sub(r"All \d+ functions", f"All {len(FUNCTIONS)} functions", text)


def main() -> None:
    """Write the lists of every page, README's count, and the schemas."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
    pages[DOCS / "commands.md"] = with_sections(pages[DOCS / "commands.md"])
    readme = DOCS.parent / "README.md"
    texts = {path: made(text) for path, text in pages.items()}
    texts[readme] = counted(readme.read_text(encoding="utf-8"))
    texts |= {DOCS.parent / "config/schemas" / name: text for name, text in schemas().items()}
    for path, after in texts.items():
        if after != path.read_text(encoding="utf-8"):
            path.write_text(after, encoding="utf-8", newline="\n")
            print(f"Written: {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
