"""What a user can ask for, one module each: refresh, attach, calculate, explain, diff, sample.

In: paths and the catalogue. Out: a result that says what was done; files change all or nothing.
Next: `cli` and `excel` show it.
"""
