"""The counter without a screen: a sentence a line, for who cannot see one. The same `Counter`, the same words and keys."""
