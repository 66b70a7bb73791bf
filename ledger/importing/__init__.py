"""What a group brings along from the systems before: its members, their balances, cards, staff, goods and stores."""
