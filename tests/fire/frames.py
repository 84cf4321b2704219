"""HTTP/2 frames by hand (RFC 9113, RFC 7541): what no client library lets one send."""

import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
CANCEL = b"\0\0\0\x08"


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def field(name: bytes, value: bytes) -> bytes:
    """Return a header field that is written out and not to be remembered."""
    return b"\0" + _text(name) + _text(value)


def post(*fields: tuple[bytes, bytes]) -> bytes:
    """Return the header block of a POST to the webhook."""
    return b"\x83\x86\x04" + _text(b"/sms") + b"\x01" + _text(b"a") + b"".join(field(*pair) for pair in fields)


def parse(got: bytes) -> list[tuple[int, bytes]]:
    """Return kind and payload of each whole frame."""
    found = []
    while len(got) >= 9:
        end = 9 + int.from_bytes(got[:3], "big")
        found.append((got[3], got[9:end]))
        got = got[end:]
    return found


def _text(text: bytes) -> bytes:
    assert len(text) < 127, "a longer one needs a longer prefix"
    return bytes([len(text)]) + text
