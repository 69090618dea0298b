"""The buttons on Excel's ribbon, as data: what they are called, in which group, with which help."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

ADD_IN = "cpa_xl.xlam"
TAB = "CPA scorecard"
_NAMESPACES = {
    "customUI14.xml": "http://schemas.microsoft.com/office/2009/07/customui",
    "customUI.xml": "http://schemas.microsoft.com/office/2006/01/customui",  # Excel 2007
}


@dataclass(frozen=True)
class Button:
    """A button; `image` is the name of one of Office's own pictures."""

    action: str
    group: str
    label: str
    screentip: str
    supertip: str
    image: str
    needs_workbook: bool = True

    @property
    def callback(self) -> str:
        """The procedure of the add-in that it calls."""
        return "Cpa" + "".join(word.capitalize() for word in self.action.split("_"))


_EACH = (
    Button(
        "refresh",
        "Data",
        "Refresh",
        "Bring the data tables up to date",
        "Checks the extracts in the folder beside this workbook and writes their figures into the data tables."
        " Nothing is changed unless everything is in order. Excel cannot undo it: close without saving for that.",
        "RefreshAll",
    ),
    Button(
        "check",
        "Data",
        "Check extracts",
        "Say what a refresh would do",
        "Reads the extracts and says what is wrong with them and what would change. Changes nothing.",
        "ReviewAcceptChange",
    ),
    Button(
        "explain",
        "Cells",
        "Explain this cell",
        "Say how the selected figure comes about",
        "Shows the function, the values it was given, and the reason where the cell shows an error.",
        "FindDialog",
    ),
    Button(
        "freeze",
        "Workbook",
        "Freeze for circulation",
        "Make a copy that no longer calculates",
        "Writes a copy with values in the place of formulas, which looks the same on every computer.",
        "FileSaveAs",
    ),
    Button(
        "repair_links",
        "Workbook",
        "Repair links",
        "Connect the CPA functions again",
        "For a workbook that shows #NAME? or asks for cpa_xl.xlam in a folder that is not there: points it to the"
        " add-in of this computer and recalculates the cells.",
        "HyperlinkInsert",
    ),
    Button(
        "function_help",
        "Help",
        "Function help",
        "List the CPA functions",
        "Opens a page with every function, its arguments and its result; the one in the selected cell first.",
        "FunctionWizard",
        needs_workbook=False,
    ),
    Button(
        "about",
        "Help",
        "About",
        "Version and place of cpa_xl",
        "Shows the version of the add-in and of Python, and where they are. Quote it when you ask for help.",
        "Info",
        needs_workbook=False,
    ),
)


BUTTONS: Mapping[str, Button] = {button.action: button for button in _EACH}


def customui(part: str) -> str:
    """The ribbon as XML, for one of the parts `customUI14.xml` and `customUI.xml`."""
    lines = [
        f"<customUI xmlns={quoteattr(_NAMESPACES[part])}>",
        f'<ribbon><tabs><tab id="cpaTab" label={quoteattr(TAB)}>',
    ]
    for group in dict.fromkeys(button.group for button in _EACH):
        lines.append(f"<group id={quoteattr('cpaGroup' + group)} label={quoteattr(group)}>")
        for button in _EACH:
            if button.group == group:
                shown = {
                    "id": "cpaButton" + button.callback,
                    "label": button.label,
                    "size": "large",
                    "imageMso": button.image,
                    "screentip": button.screentip,
                    "supertip": button.supertip,
                    "onAction": button.callback,
                }
                lines.append(f"<button {' '.join(f'{key}={quoteattr(value)}' for key, value in shown.items())}/>")
        lines.append("</group>")
    return "\n".join([*lines, "</tab></tabs></ribbon>", "</customUI>", ""])
