"""Ports, framing, scanners, simulators and QR drawing: what stands on the counter, behind words of UnifiedPOS.

A value climbs: `serial_port` (bytes) -> `framing` (frames) -> `decoding` (what was scanned) -> `scanner` (events). What answers
a command is taken out before: `router`, by the shapes in `frames/`.
`profiles` says how one model of scanner speaks, `ports` which port is which, `simulators` types like a scanner does.
"""
