"""The cells that people type: what each accepts, the hint beside it, and the message for anything else."""

import datetime as dt
from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from cpa_xl.config.model import Measure
from cpa_xl.measures.targets import AmberBasis, Rule
from cpa_xl.publish.checks.run import checks

Options = Mapping[str, object]

AS_OF: Options = {
    "validate": "date", "criteria": ">=", "value": dt.date(2000, 4, 1),
    "input_title": "As-of month",
    "input_message": "Any date in the month that the scorecard is for, such as 1/1/2009. Then refresh.",
    "error_title": "A date is needed",
    "error_message": "Type a date in the as-of month, such as 1/1/2009, from April 2000 on.",
}  # fmt: skip
COMMENT: Options = {
    "validate": "any",
    "input_title": "Comment: yours to type",
    "input_message": "As long as it is a formula its figures follow the data. What you type over it stays as typed.",
}
RULE: Options = {
    "validate": "list", "source": [rule.value for rule in Rule],
    "input_title": "Target rule",
    "input_message": "How the amount is meant; empty where no target is agreed.",
    "error_title": "No such rule",
    "error_message": "Choose a rule from the list.",
}  # fmt: skip
FRACTION: Options = {
    "validate": "decimal", "criteria": "between", "minimum": -1, "maximum": 1,
    "input_title": "Rate, change or gap",
    "input_message": "With the sign %: 78.9%, -4%; points as well: 3.8%.",
    "error_title": "Write it with the sign %",
    "error_message": "This target is a percentage: write 78.9% (or 0.789), not 78.9.",
}  # fmt: skip
COUNT: Options = {
    "validate": "decimal", "criteria": ">=", "value": 0,
    "input_title": "Number",
    "input_message": "For a monthly average the number a year: 350. For an uplift or increase a percentage: 20%.",
    "error_title": "A number is needed",
    "error_message": "Type a number from 0 on, such as 350.",
}  # fmt: skip
AMBER: Options = {
    "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1,
    "input_title": "Amber band",
    "input_message": "How far short of the target is still amber: 5% of its size, or 2% for two points.",
    "error_title": "Write it with the sign %",
    "error_message": "The amber band is a percentage from 0% to 100%: write 5% (or 0.05).",
}  # fmt: skip
AMBER_BASIS: Options = {
    "validate": "list", "source": [basis.value for basis in AmberBasis],
    "input_title": "Amber basis",
    "input_message": "relative: a share of the target's size. points: percentage points.",
    "error_title": "No such basis",
    "error_message": "Choose relative or points.",
}  # fmt: skip


def _hint(title: str, message: str) -> Options:
    """Of a cell that takes anything."""
    return {"validate": "any", "input_title": title, "input_message": message}


SIGNED: Options = _hint(
    "Name", "Who made, checked or approved the figures of the as-of month; the day goes into the next cell."
)
SIGNED_ON: Options = {
    "validate": "date", "criteria": ">=", "value": dt.date(2000, 4, 1),
    "input_title": "Date",
    "input_message": "The day, such as 2/2/2009. A signature older than the last refresh does not count.",
    "error_title": "A date is needed",
    "error_message": "Type the day, such as 2/2/2009, from April 2000 on.",
}  # fmt: skip
ACCEPTED_CODE: Options = {
    "validate": "list", "source": [code for code, check in checks().items() if check.acceptable],
    "input_title": "Code of the finding",
    "input_message": "As check --release prints it in brackets: T4. Cell, text, reason and name belong beside it.",
    "error_title": "Not to be accepted",
    "error_message": "Choose a code from the list; what has another code is to be put right.",
}  # fmt: skip
ACCEPTED: Mapping[str, Options] = {
    "Code": ACCEPTED_CODE,
    "Cell": _hint("Cell", "Where the finding is, as check --release prints it: Scorecard!J13."),
    "Text": _hint(
        "Text",
        "The words in quotation marks at the end of the finding, or its whole message. You accept these words alone.",
    ),
    "Reason": _hint("Reason", "Why it is right as it stands, and where the figure comes from."),
    "Who": _hint("Who", "Your name: the published copy says who accepted it, and why."),
    "Date": SIGNED_ON,
}


def year(cell: str) -> Options:
    """The financial year of a target: a text such as 2008/09. `cell` is the first of the cells."""
    return {
        "validate": "custom",
        "value": f'=AND(LEN({cell})=7,MID({cell},5,1)="/",MOD(VALUE(LEFT({cell},4))+1,100)=VALUE(RIGHT({cell},2)))',
        "input_title": "Financial year",
        "input_message": "The year that the target is for, as 2008/09; empty to judge it in any year.",
        "error_title": "A financial year is needed",
        "error_message": "Type both years, as 2008/09.",
    }


def picked(name: str) -> Options:
    """A choice from the list that a defined name holds."""
    return {
        "validate": "list", "source": f"={name}",
        "input_title": "Pick a measure",
        "input_message": "Choose from the list; the boroughs' figures follow when the workbook is calculated.",
        "error_title": "Not in the list",
        "error_message": "Choose one of the measures that the list offers; the sheet Borough measures holds them.",
    }  # fmt: skip


def validate_targets(sheet: Worksheet, heads: Sequence[str], measures: Sequence[Measure], first: int) -> None:
    """The typed columns of the agreed targets, from row `first` (zero-based) on: a row for each measure."""
    last = first + len(measures) - 1
    whole = {"Rule": RULE, "Amber": AMBER, "Amber basis": AMBER_BASIS,
             "Year": year(xl_range(first, heads.index("Year"), first, heads.index("Year")))}  # fmt: skip
    for head, options in whole.items():
        sheet.data_validation(first, heads.index(head), last, heads.index(head), dict(options))
    for head in ("Amount", "Baseline"):
        for options, counted in ((FRACTION, False), (COUNT, True)):
            rows = [first + at for at, measure in enumerate(measures) if measure.number is counted]
            if not rows:
                continue
            cells = " ".join(xl_range(row, heads.index(head), row, heads.index(head)) for row in rows)
            column = heads.index(head)
            sheet.data_validation(rows[0], column, rows[0], column, {**options, "multi_range": cells})
