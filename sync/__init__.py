"""Background reconciliation: the journal is pushed, the feed is pulled, and the cashier notices only that words change.

Nothing here stands between a cashier and a sale. The one exception is `SyncAgent.reserve`, an online redemption's call, and
it ends after 800 ms whatever the network does.
"""
