"""What the statement of a published copy says, as the cover takes it."""

from collections.abc import Mapping

STATEMENT: Mapping[str, object] = {
    "title": "Roads & rails", "period": "Jan-09", "what": "A copy.", "contact": None, "letters": {"G": 2, "–": 1},
    "shorthand": ["[p]"],
    "made": {"when": "2009-02-10T09:30+00:00", "who": "analyst", "with": "cpa_xl"},
    "source": {"file": "book.xlsx", "sha256": "0" * 64}, "configuration": {"sha256": "1" * 64},
    "extracts": [], "checked": True, "checks": [], "removed": [],
}  # fmt: skip
