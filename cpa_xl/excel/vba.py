"""The text of the Excel add-in's VBA modules, made from the registry of functions and the list of buttons.

`_vba/` holds the text that is the same in every add-in. xlwings' own code starts Python: `launch_module` takes it, with
its notice, from the installed package when the add-in is built, and takes only the procedures that the add-in needs.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from cpa_xl.errors import Refusal
from cpa_xl.excel.vba_project import CODE_PAGE, Module, ModuleKind
from cpa_xl.functions.registry import CellFunction

LONGEST_LINE = 1023  # characters of a physical line
MOST_CONTINUATIONS = 24
MOST_ARGUMENTS = 60
LONGEST_HELP = 255  # characters of a description that Excel shows
CATEGORY = "CPA scorecard"
_WIDTH = 110
_IN_FILES = ("ThisWorkbook", "CpaServer")
_WORDS = """abs addressof and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate cdbl cdec
cdecl cint circle clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare
defbool defbyte defcur defdate defdbl defdec defint deflng deflnglng deflngptr defobj defsng defstr defvar
dim do doevents double each else elseif empty end endif enum eqv erase error event exit false fix for friend
function get global go gosub goto if imp implements in input inputb int integer is lbound len lenb let like
line linput lock long longlong longptr loop lset me mid midb mod new next not nothing null object on open
option optional or paramarray preserve print private pset public put raiseevent redim rem resume return rset
scale seek select set sgn shared single spc static stop string sub tab then to true type typeof ubound
unlock until variant wend while with withevents write xor"""  # [MS-VBAL] 3.3.5.2, in lower case
RESERVED = frozenset(_WORDS.split())

# What the launch code must not do as it comes, and how often each occurs in it. A workbook may come from anywhere: it
# must neither choose the interpreter, nor add folders to search for Python code, nor make a process of its own.
_CHANGES = (
    ('PROJECT_NAME As String = "myaddin"', 'PROJECT_NAME As String = "cpa_xl"', 1),
    ('";" & ActiveWorkbook.FullName & ";"', '";" & ThisWorkbook.FullName & ";"', 1),
    ('GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")', '"false"', 1),
    ('tail = " -B -c ""', 'tail = " -B -P -c ""', 1),
    ('PYTHON_WIN = "cmd.exe " &', 'PYTHON_WIN = Environ("COMSPEC") & " " &', 2),
)
_GET_CONFIG = """\
Private Function GetConfig(configKey As String, Optional default As String = "") As Variant
    ' Not xlwings' own: only the user's file is read, no sheet and no file beside a workbook, and no interpreter
    ' is searched for.
    Dim configValue As String
    GetConfig = default
    If GetConfigFromFile(GetConfigFilePath(), configKey, configValue) Then GetConfig = configValue
    If configKey = "INTERPRETER" And GetConfig <> configValue Then
        Err.Raise 1001, Description:="it is not set up for this user; run  cpa_xl addin install"
    End If
    GetConfig = ExpandEnvironmentStrings(GetConfig)
End Function"""
_HEADER = re.compile(r"(?im)^(?:Public |Private )?(?:Function|Sub) (\w+)")
_PROCEDURE = re.compile(r"(?ims)^(?:Public |Private )?(?:Function|Sub) (\w+)\b.*?^End (?:Function|Sub)$")


def modules(
    functions: Mapping[str, CellFunction], callbacks: Mapping[str, tuple[str, bool]], version: str
) -> tuple[Module, ...]:
    """The modules of the add-in.

    Args:
        functions: the registry.
        callbacks: names of the procedures that ribbon buttons call, each with the action of `excel.ribbon` that it asks
            for and whether that needs an open workbook.
        version: of the package.

    Raises:
        Refusal: for a function that VBA cannot declare, and for an xlwings whose launch code is not as known.
    """
    for function in functions.values():
        check_declarable(function)
    return (
        Module("ThisWorkbook", _file("ThisWorkbook"), ModuleKind.WORKBOOK),
        Module("Sheet1", "", ModuleKind.WORKSHEET),
        Module("CpaFunctions", functions_text(functions.values(), version)),
        Module("CpaHelp", help_text(functions.values())),
        Module("CpaRibbon", ribbon_text(callbacks)),
        Module("CpaServer", _file("CpaServer")),
        Module("xlwings", launch_text(shipped_launch_code())),
    )


def _file(name: str) -> str:
    return (Path(__file__).parent / "basic" / f"{name}.bas").read_text(encoding="ascii")


def check_declarable(function: CellFunction) -> None:
    """Refusal where VBA has no such names, or cannot take so many arguments."""
    if len(function.arguments) > MOST_ARGUMENTS:
        raise Refusal(f"{function.name} has {len(function.arguments)} arguments; VBA takes {MOST_ARGUMENTS} at most")
    names = [function.name, *(argument.name for argument in function.arguments)]
    for name in names:
        if not re.fullmatch(r"[A-Za-z]\w{0,254}", name, re.ASCII):
            raise Refusal(f"{function.name}: {name} is no name in VBA; use letters, digits and _ after a letter")
        if name.casefold() in RESERVED:
            raise Refusal(f"{function.name}: {name} is a word of VBA's own; give the argument another name")
    if len({name.casefold() for name in names}) != len(names):
        raise Refusal(f"{function.name}: two names differ in capitals only, which are one name in VBA")


def literal(text: str) -> str:
    """Text as a VBA string; what Windows' western code page lacks becomes a question mark, line ends blanks."""
    held = " ".join(text.split()).encode(f"cp{CODE_PAGE}", "replace").decode(f"cp{CODE_PAGE}")
    return '"' + held.replace('"', '""') + '"'


def continued(start: str, parts: Sequence[str], end: str) -> str:
    """A statement with parts separated by commas, over as many lines as it needs."""
    whole = start + ", ".join(parts) + end
    if len(whole) <= _WIDTH:
        return whole
    lines, line = [], start
    for place, part in enumerate(parts):
        piece = part + (", " if place < len(parts) - 1 else end)
        if len(line) + len(piece) > _WIDTH and line.strip():
            lines.append(line.rstrip() + " _")
            line = "        "
        line += piece
    return "\n".join([*lines, line])


def functions_text(functions: Iterable[CellFunction], version: str) -> str:
    """The functions that cells call: each passes values on to Python and hands back what comes."""
    lines = [
        "Option Explicit",
        "",
        "' Written by: cpa_xl addin build. Changes here are lost with the next version.",
        "",
        f'Public Const CpaVersion As String = "{version}"',
    ]
    for function in functions:
        declared = [f"{'Optional ' if one.optional else ''}{one.name} As Variant" for one in function.arguments]
        given = [f"CpaValue({one.name})" for one in function.arguments]
        name = function.name
        lines += [
            "",
            continued(f"Public Function {name}(", declared, ") As Variant"),
            f"Attribute {name}.VB_Description = {literal(described(function))}",
            f'Attribute {name}.VB_ProcData.VB_Invoke_Func = " \\n14"',
            continued(f'    {name} = CpaAnswer("{name}", Array(', given, "))"),
            "End Function",
        ]
    return "\n".join(lines)


def described(function: CellFunction) -> str:
    """What the function does and gives, as short as Excel shows it."""
    return textwrap.shorten(f"{function.help} Result: {function.result}.", LONGEST_HELP, placeholder=" ...")


def help_text(functions: Iterable[CellFunction]) -> str:
    """Descriptions for the function wizard. Excel takes them only while the add-in is no add-in, and forgets them."""
    lines = ["Option Explicit", ""]
    calls: list[str] = []
    for function in functions:
        arguments = [
            literal(textwrap.shorten(one.help, LONGEST_HELP, placeholder=" ...")) for one in function.arguments
        ]
        procedure = "Describe_" + function.name
        calls.append(f"    {procedure}")
        lines += [
            f"Private Sub {procedure}()",
            f'    Application.MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!{function.name}", _',
            f"        Category:={literal(CATEGORY)}, _",
            f"        Description:={literal(described(function))}, _",
            continued("        ArgumentDescriptions:=Array(", arguments, ")"),
            "End Sub",
            "",
        ]
    return "\n".join(
        [
            *lines,
            "Public Sub CpaDescribe()",
            "    Dim updating As Boolean",
            "    updating = Application.ScreenUpdating",
            "    On Error GoTo Restore ' without descriptions the functions work all the same",
            "    Application.ScreenUpdating = False",
            "    ThisWorkbook.IsAddin = False",
            *calls,
            "Restore:",
            "    ThisWorkbook.IsAddin = True",
            "    ThisWorkbook.Saved = True",
            "    Application.ScreenUpdating = updating",
            "End Sub",
        ]
    )


def ribbon_text(callbacks: Mapping[str, tuple[str, bool]]) -> str:
    """The procedures that the buttons call."""
    lines = ["Option Explicit"]
    for name, (action, needs_workbook) in callbacks.items():
        lines += ["", f"Public Sub {name}(control As IRibbonControl)"]
        if needs_workbook:
            lines += [
                "    If ActiveWorkbook Is Nothing Then",
                '        MsgBox "Open a workbook first.", vbInformation, "CPA scorecard"',
                "        Exit Sub",
                "    End If",
            ]
        lines += [f'    CpaAct "{action}", ActiveWorkbook', "End Sub"]
    return "\n".join(lines)


def shipped_launch_code() -> str:
    """The module that the installed xlwings ships for custom add-ins."""
    spec = find_spec("xlwings")
    path = Path(spec.origin if spec and spec.origin else "xlwings").parent / "xlwings_custom_addin.bas"
    try:
        return path.read_text(encoding="cp1252")
    except OSError:
        raise Refusal(f"{path} is not there: install xlwings 0.37.8 or later in the 0.x series") from None


def launch_text(shipped: str) -> str:
    """As much of xlwings' launch code as starting Python takes, behind its notice and made private but for XLPy.

    Left out is what would let a formula in any workbook run programs (`=RunPython("...")`).

    Raises:
        Refusal: where the code is not the one that was looked through.
    """
    procedures = {found[1].casefold(): found[0] for found in _PROCEDURE.finditer(shipped)}
    procedures["getconfig"] = _GET_CONFIG
    first = _HEADER.search(shipped)
    declarations = shipped[: first.start()] if first else ""
    kept = _reached("xlpy", procedures)
    text = "\n\n".join([declarations.rstrip(), *(_private(procedures[name]) for name in procedures if name in kept)])
    text = re.sub(r"(?m)^( +)Declare ", r"\1Private Declare ", text)
    for old, new, times in _CHANGES:
        if text.count(old) != times:
            raise Refusal(
                f"xlwings' launch code is not the one of 0.37.8: {old!r} occurs in it {text.count(old)} times,"
                f" not {times}; run: python -m pip install xlwings==0.37.8"
            )
        text = text.replace(old, new)
    lines = text.splitlines()
    heading = "' Taken from xlwings and changed for cpa_xl; xlwings' notice follows."
    return "\n".join([heading, "Option Private Module", *lines[1:], ""])


def _reached(name: str, procedures: Mapping[str, str]) -> set[str]:
    """The procedures that one calls, and those that they call, by their names in lower case."""
    kept, waiting = set[str](), [name]
    while waiting:
        name = waiting.pop()
        if name in kept or name not in procedures:
            continue
        kept.add(name)
        code = re.sub(r'"[^"\n]*"|\'.*', "", procedures[name])
        waiting += {word.casefold() for word in re.findall(r"\w+", code)} - kept
    return kept


def _private(procedure: str) -> str:
    if re.match(r"(?i)(?:Function|Sub) XLPy\b|Private ", procedure):
        return procedure
    return "Private " + re.sub(r"(?i)^Public ", "", procedure)


def launch_dlls(shipped: str) -> dict[int, str]:
    """The DLLs that the launch code loads into Excel, by Excel's bitness."""
    return {int(bits): name for name, bits in re.findall(r'Lib "(xlwings(32|64)-[^"]+\.dll)"', shipped)}
