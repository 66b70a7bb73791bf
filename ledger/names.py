"""Names as the books keep them: `protocol.names`, under the name that this room has for it."""

from protocol.names import MAX_NAME, clean, harmless, mask

__all__ = ["MAX_NAME", "clean", "harmless", "mask"]
