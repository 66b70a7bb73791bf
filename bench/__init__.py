"""Measurements of the running product, each as a ratio with both sides in one run, and the replay of real trade.

`python -m bench` measures, `python -m bench replay` replays. Nothing here is a part of the product: it may import every room.
"""
