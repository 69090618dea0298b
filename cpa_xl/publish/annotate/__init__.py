"""What a published copy says about its figures: provisional [p], revised [r], and what changed since the last copy.

In: the frozen copy and the copy published before. Out: the copy with its marks. Next: `publish.pipeline`.
"""
