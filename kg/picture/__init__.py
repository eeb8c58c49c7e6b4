"""Pictures of answers, as SVG without script or style, and as PNG: one module a kind, and one for what surrounds each."""

from kg.picture.frame import NARROW, WIDE, Frame, Picture, draw, write_png
