"""The checks before a release: each is a function with its code, level and sentences in one decorator.

In: the working workbook, the frozen copy, the configuration. Out: findings. Every module in this folder may hold
checks: `run` imports them all. Next: `publish.pipeline` stops or goes on.
"""
