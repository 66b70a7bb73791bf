"""Deterministic simulation: many tills and one ledger in one thread, with everything that can go wrong between them.

Every part of the product is the real one. What would make two runs differ (clocks, chance, threads, the network, the moment
of a crash) comes from one seed through `sync.machine.Machine`, the clocks of `till.clock` and `ledger.chance`.
"""
