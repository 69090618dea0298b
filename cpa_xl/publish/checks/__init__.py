"""The checks before a release: each a function with its code, level and sentences in one decorator.

In: the working copy, the frozen copy, the catalogue. Out: findings. Next: `publish.pipeline` stops or goes on.
"""
