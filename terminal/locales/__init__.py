"""Catalogues: `terminal.pot`, and per language a .po for translators with its compiled .mo. `build.py` makes them."""
