"""The first day: twelve tasks in training, watched and told right or what was missed; who passed is told the ledger."""
