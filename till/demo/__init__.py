"""The demonstration: a day at a counter with a real ledger, a real scanner and a plug that can be pulled."""
