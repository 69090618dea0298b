"""What comments claim in words ("up", "now green", "above target"), checked against the figures. Optional.

In: a comment and computed figures. Out: findings of check T5. The rest of `publish` works without this folder.
"""
