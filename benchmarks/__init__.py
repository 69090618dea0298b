"""Measurements: run one with `python run.py benchmarks.NAME`."""
