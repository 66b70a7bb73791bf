"""`python -m till`."""

from till.cli import main

main(prog_name="till")
