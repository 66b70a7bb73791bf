"""`python -m ledger` is `till-ledger`."""

from ledger.cli import main

main(prog_name="till-ledger")
