"""Failures that others had, and faults that anybody can have: each is a test here, named after it.

`test_peers_queue.py`, `test_peers_counter.py`, `test_many_tills.py`: twenty failures of shops, told in public by those they
hurt (Odoo, ERPNext, pretix, Square and others, with the link), played with the real parts of this project. Each test shows
that it cannot happen here, or that it happens in a bounded and told way.

`test_fault_classes.py`: the classes of faults F1 to F17 that a system like this has to stand. Where a campaign proves one
(power cuts, simulated seeds, killed processes), docs/offline.md names the test under "Faults and where they are tested", and
nothing is written here twice.

The parts: `places.py` is a real ledger in this process and real tills around it, of which nothing runs by itself. A test says
when a till pushes and pulls, and what the network does to the next requests (`tests/sync/faults.py`). What needs threads and
processes is in `tests/integration`.
"""
