"""Four themes. Dark and light are calm greys with one colour for what counts; contrast is for eyes that need more of it; ASCII
draws nothing of ambiguous width.

Colours carry no meaning of their own: whatever is said in colour is said in words beside it.
"""

from __future__ import annotations

from typing import Any, Final

from textual.theme import Theme

ASCII: Final = "till-ascii"

_DARK: Final[dict[str, Any]] = {
    "primary": "#7fb8c9", "secondary": "#a9bccb", "accent": "#e6c384", "warning": "#e8b45a", "error": "#ef8d80",
    "success": "#9ccf9c", "foreground": "#dfe4e8", "background": "#15191d", "surface": "#1b2025", "panel": "#242b31",
}  # fmt: skip
_LIGHT: Final[dict[str, Any]] = {
    "primary": "#1d6478", "secondary": "#4a5b67", "accent": "#7a4b00", "warning": "#8a5200", "error": "#a6261a",
    "success": "#23692b", "foreground": "#1d2328", "background": "#f6f4ef", "surface": "#efece5", "panel": "#e3dfd6",
}  # fmt: skip
_CONTRAST: Final[dict[str, Any]] = {
    "primary": "#8fe3ff", "secondary": "#ffffff", "accent": "#ffe14d", "warning": "#ffc933", "error": "#ffb3a8",
    "success": "#9dffa0", "foreground": "#ffffff", "background": "#000000", "surface": "#000000", "panel": "#101010",
}  # fmt: skip

THEMES: Final = (
    Theme(name="till-dark", dark=True, variables={"quiet": "#8e9aa3", "rule": "#3d4850", "frame": "round"}, **_DARK),
    Theme(
        name="till-light", dark=False, variables={"quiet": "#5c666d", "rule": "#b9b3a6", "frame": "round"}, **_LIGHT
    ),
    Theme(
        name="till-contrast",
        dark=True,
        variables={"quiet": "#e0e0e0", "rule": "#ffffff", "frame": "heavy"},
        **_CONTRAST,
    ),
    Theme(name=ASCII, dark=True, variables={"quiet": "#9aa5ad", "rule": "#5a666e", "frame": "ascii"}, **_DARK),
)
