"""断网能撑住吗? Whether this till will survive an outage: checked, rehearsed, kept, and told to the ledger."""
