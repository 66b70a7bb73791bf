"""What puts a version of Till on a machine: read by an installed till (`till upgrade`), and run from a USB stick before there
is one. So everything in here stands on Python's standard library alone.
"""
