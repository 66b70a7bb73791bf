"""`python -m docs.pictures [NAME ...]`: draw all pictures, or those that are named; programmes in Chinese alone."""

from __future__ import annotations

import sys

from docs.pictures.programmes import SHOPS, draw_shop
from docs.pictures.scenes import FOLDER, LANGUAGES, PICTURES, draw


def main() -> None:
    """80×24, at a frozen minute."""
    for name, _online, _act in PICTURES:
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        for language, end in LANGUAGES:
            (FOLDER / f"{name}.{end}.svg").write_text(draw(name, language), encoding="utf-8", newline="\n")
    for shop in SHOPS:
        if len(sys.argv) == 1 or shop.file.partition(".")[0] in sys.argv[1:]:
            (FOLDER / shop.file).write_text(draw_shop(shop), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
