"""A program that paints each key as it comes, and nothing else: `python -m bench.shop.echo`.

What it takes is what terminal, kernel and everybody else on the machine take: no app can be quicker.
"""

from __future__ import annotations

import os
import sys

from bench.shop.pty_posix import pass_keys_on

READY = "echo-is-ready"

if __name__ == "__main__":
    pass_keys_on()
    os.write(1, READY.encode())
    while True:
        key = os.read(0, 1_024)
        if not key:
            sys.exit()
        os.write(1, key)
