"""What can go wrong with a device.

    DeviceError
    +-- PortError                a port, by the name it was asked for
    |   +-- PortMissingError     port-missing      no such port
    |   |   +-- SocketEmptyError     port-socket-empty  nothing is in the socket that was assigned
    |   |   +-- PortExchangedError   port-exchanged     another device of the same model is there instead
    |   +-- PortOtherModelError  port-other-model  another model is where the device was
    |   +-- PortAmbiguousError   port-ambiguous    two devices say the same of themselves
    |   +-- PortForbiddenError   port-forbidden    this account may not open it
    |   +-- PortTakenError       port-taken        another program holds it
    |   +-- PortInvalidError     port-invalid      the text names no port at all
    |   +-- SettingRefusedError  setting-refused   baud rate, parity ... not taken
    |   +-- PortStalledError     port-stalled      open, but takes no more bytes (handshake)
    |   +-- TransportLostError   port-gone         was open, has disappeared
    |   |   +-- PortSharedError      port-shared       another program reads it too
    +-- ProfileError             profile-bad       a device profile cannot be read
    +-- QrTooLongError           qr-too-long       the text does not fit the promised size
    +-- ScannerStateError        scanner-state     a call out of order: the program's mistake

`code` is stable: screens choose their own sentence by it. `str()` is the English sentence for logs and the command line.
"""

from __future__ import annotations

from typing import ClassVar


class DeviceError(Exception):
    """Base of this room's errors."""

    code: ClassVar[str] = "device"


class PortError(DeviceError):
    """Something about one port; `port` is the name it was asked for, `detail` the words of the system below."""

    code: ClassVar[str] = "port"
    sentence: ClassVar[str] = "{port}: trouble with this port"

    def __init__(self, port: str, detail: str = "") -> None:
        self.port = port
        self.detail = detail
        text = self.sentence.format(port=port)
        super().__init__(f"{text} ({detail})" if detail else text)


class PortMissingError(PortError):
    """No such port, or nobody answers at that address."""

    code = "port-missing"
    sentence = "{port}: there is no such port; check the cable and the device's power"


class SocketEmptyError(PortMissingError):
    """The reference follows a socket, and nothing is plugged into it."""

    code = "port-socket-empty"
    sentence = "{port}: nothing is plugged into this socket; put the device back where it was, or assign it anew"


class PortExchangedError(PortMissingError):
    """The device is away and another of its model is there. It may be the new scanner, or the cash register's."""

    code = "port-exchanged"
    sentence = "{port}: not this device, but another of the same model is plugged in; assign it if it is the new one"


class PortOtherModelError(PortError):
    """The reference follows a socket, and another model is plugged into it: not opened, it may be a printer."""

    code = "port-other-model"
    sentence = "{port}: another device is where this one was; put the right one back, or assign the other one"


class PortAmbiguousError(PortError):
    """Two devices with one USB id and one serial number, and none is in the socket that is remembered."""

    code = "port-ambiguous"
    sentence = "{port}: two devices say the same of themselves; put this one back where it was, or assign it anew"


class PortForbiddenError(PortError):
    """The account lacks the right; on Debian serial ports are 0660 root:dialout."""

    code = "port-forbidden"
    sentence = "{port}: this account may not open the port; add it to the group 'dialout' and sign in again"


class PortTakenError(PortError):
    """Another program, or another part of this one, holds the port."""

    code = "port-taken"
    sentence = "{port}: another program is using the port"


class PortInvalidError(PortError):
    """A reference that cannot name a port."""

    code = "port-invalid"
    sentence = (
        "{port}: this does not name a port; write by-id:NAME, by-path:NAME, usb:VVVV:PPPP, device:PATH or url:ADDRESS"
    )


class SettingRefusedError(PortError):
    """The port or its driver does not take the line settings."""

    code = "setting-refused"
    sentence = "{port}: the port refuses the line settings of the profile"


class PortStalledError(PortError):
    """A write timed out: the handshake line or XOFF holds it back. The port itself is still there."""

    code = "port-stalled"
    sentence = "{port}: the device takes no more bytes; check the handshake setting"


class TransportLostError(PortError):
    """The port was open and is gone: unplugged, hung up, or read by a second program."""

    code = "port-gone"
    sentence = "{port}: the connection to the device is lost"


class PortSharedError(TransportLostError):
    """Another program reads the same port and takes bytes away; a code could come in two halves."""

    code = "port-shared"
    sentence = "{port}: another program reads this port too; close it, or codes come in pieces"


def plain_code(code: str) -> str:
    """The code of the general case, for a device of which nothing finer is said: away, or taken."""
    match code:
        case "port-socket-empty" | "port-exchanged" | "port-other-model" | "port-ambiguous":
            return PortMissingError.code
        case "port-shared":
            return PortTakenError.code
    return code


class ProfileError(DeviceError):
    """A profile document that cannot be used; names the file and, where known, the key."""

    code = "profile-bad"

    def __init__(self, file: str, key: str, reason: str) -> None:
        self.file = file
        self.key = key
        self.reason = reason
        super().__init__(f"{file}: {key}: {reason}" if key else f"{file}: {reason}")


class QrTooLongError(DeviceError):
    """A text that would need a larger code than the place it is drawn in."""

    code = "qr-too-long"

    def __init__(self, length: int, max_version: int) -> None:
        super().__init__(f"a text of {length} characters does not fit a QR code of version {max_version}")


class ScannerStateError(DeviceError):
    """A call out of order: a mistake of the program, not of the device."""

    code = "scanner-state"

    def __init__(self, needed: str, now: str) -> None:
        super().__init__(f"the scanner must be {needed} first, it is {now}")
