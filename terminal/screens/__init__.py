"""Whole screens, each in a file of its own; all are `base.TillScreen`, so that keys and scans mean the same on each."""
