"""The member's page: what a member sees on his own phone. HTML for a cheap one; the only script renews his code."""
