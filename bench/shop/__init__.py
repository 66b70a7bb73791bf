"""What measurements and the replay are made in: ledgers with many members, tills that are paired with them."""
