"""Who did what, when, from which files, with which result: the entries of a workbook's log."""

import datetime as dt
import getpass
from dataclasses import dataclass

from cpa_xl.facts import Facts
from cpa_xl.periods import Month
from cpa_xl.tables import Row


@dataclass(frozen=True)
class Stamp:
    """When, to the minute, and who."""

    when: dt.datetime
    who: str

    @classmethod
    def now(cls) -> "Stamp":
        """This minute, and the user of this machine."""
        try:
            who = getpass.getuser()
        except (KeyError, OSError, ImportError):  # what the platforms raise where nobody is logged in by name
            who = "unknown"
        return cls(dt.datetime.now().astimezone(), who)


def refresh_entry(stamp: Stamp, as_of: Month, facts: Facts, calculated: int | None, kept: int | None) -> Row:
    """The row that a refresh adds to the log, under the headings of `tables.HEADINGS`.

    The counts of cells are None where a spreadsheet calculates.
    """
    return (
        stamp.when.strftime("%Y-%m-%d %H:%M"),
        stamp.who,
        as_of.first_day,
        ", ".join(f"{extract.file} {extract.sha256[:12]}" for extract in facts.extracts),
        sum(extract.rows for extract in facts.extracts),
        calculated,
        kept,
        len(facts.faults),
    )
