"""Freezing: formulas that readers cannot calculate become values; what readers must not get is taken out.

In: a `ClosedWorkbook`. Out: the frozen one, and the list of what was taken out. Next: `publish.pipeline`.
"""
