"""A program that paints each code of a serial port, with pyserial and nothing else: `python -m bench.shop.serial_echo PORT`.

The least that anybody can do between a scanner and a screen.
"""

from __future__ import annotations

import sys

from serial import Serial

from bench.shop.echo import READY


def main(port: str) -> None:
    """Until the port goes away."""
    with Serial(port, 9_600, exclusive=True) as line:
        print(READY, end="", flush=True)
        rest = b""
        while True:
            rest += line.read(line.in_waiting or 1)
            *codes, rest = rest.split(b"\r\n")
            for code in codes:
                print(code.decode(), end=" ", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
