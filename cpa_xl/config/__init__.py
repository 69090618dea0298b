"""What an analyst writes in YAML: areas, sources, series, measures, workbooks; read and checked as a whole.

In: the configuration folder. Out: one frozen `Catalogue`, or a refusal that names file, entry and field.
Next: `extracts` and `scorecard` read it.
"""
