"""What the counter can do, without a screen: identify, quote, commit, redeem, void, shifts, reports, and the command line.

Everything here is plain calls and frozen values. The app of `terminal/`, the command line and the demo are three ways to the
same functions.
"""
