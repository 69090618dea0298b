"""Colours as light, and the contrast between two of them."""

import math
from collections.abc import Sequence

Colour = tuple[float, float, float]

# IEC 61966-2-1, linear sRGB to XYZ, and its white (D65).
TO_XYZ: Sequence[Colour] = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
D65: Colour = (0.9505, 1.0, 1.0890)


def linear(colour: str) -> Colour:
    """#RRGGBB as linear light."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)


def times(matrix: Sequence[Colour], colour: Colour) -> Colour:
    one, two, three = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return one, two, three


def contrast(first: str, second: str) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines 2.2."""
    light, dark = sorted((times(TO_XYZ, linear(colour))[1] for colour in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
