"""The files that other systems leave in a folder: found, checked cell by cell, and counted.

In: a folder and the catalogue. Out: `Facts`, monthly counts by series and area, with the faults that were found.
Next: `scorecard.tables` lays facts out as table rows.
"""
