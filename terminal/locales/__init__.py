"""`build.py` makes the catalogues of `till/locales`: a .po for translators, and the .mo that gettext reads."""
