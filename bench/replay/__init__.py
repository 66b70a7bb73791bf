"""The replay of real trade."""
