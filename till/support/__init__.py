"""The support bundle: what a stranger needs to see of a till that is in trouble, and nothing of anybody."""
