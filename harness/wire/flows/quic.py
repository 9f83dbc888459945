"""The ClientHello in QUIC's first packets, whose keys follow from what anybody can see (RFC 9001).

Versions 1, 2 (RFC 9369) and draft 29. What follows the first flight cannot be read from outside.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SALTS = {
    0x00000001: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    0x6B3343CF: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
    0xFF00001D: bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899"),
}
_VERSION_2 = 0x6B3343CF
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO, _CLOSE = 0, 1, 2, 3, 6, 0x1C
_LONGEST_HELLO = 16 * 1024
_TAG_BYTES = 16


class NotInitialError(ValueError):
    """The datagram is no Initial packet that can be opened."""


class _Keys:
    """What opens a client's Initial packets."""

    def __init__(self, version: int, connection: bytes) -> None:
        secret = hmac.digest(_SALTS[version], connection, hashlib.sha256)
        secret = _expand(secret, b"client in", 32)
        prefix = b"quicv2 " if version == _VERSION_2 else b"quic "
        self.iv = int.from_bytes(_expand(secret, prefix + b"iv", 12), "big")
        self.payload = AESGCM(_expand(secret, prefix + b"key", 16))
        self.header = Cipher(algorithms.AES(_expand(secret, prefix + b"hp", 16)), modes.ECB())

    def mask(self, sample: bytes) -> bytes:
        return self.header.encryptor().update(sample)


class InitialReader:
    """Gathers a client's ClientHello from its datagrams, in whatever order they come."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._keys: dict[tuple[int, bytes], _Keys] = {}
        self._pieces: dict[int, bytes] = {}

    def take(self, datagram: bytes) -> bytes | None:
        """The ClientHello with its header, as soon as it is whole.

        Raises `NotInitialError` where the datagram holds no Initial packet that can be opened.
        """
        at, opened = 0, False
        while at < len(datagram) and datagram[at] & 0xC0 == 0xC0:
            try:
                frames, at = self._open(datagram, at)
                self._gather(frames)
            except (IndexError, KeyError, InvalidTag) as error:
                if not opened:
                    raise NotInitialError from error
                break
            opened = True
        return self._whole()

    def _open(self, datagram: bytes, start: int) -> tuple[bytes, int]:
        """The frames of the packet that begins at `start`, and where it ends."""
        version = int.from_bytes(datagram[start + 1 : start + 5], "big")
        kind = (datagram[start] >> 4) & 3
        if version not in _SALTS or kind != (1 if version == _VERSION_2 else 0):
            raise IndexError
        connection, at = _counted(datagram, start + 5)
        _, at = _counted(datagram, at)
        size, at = _number(datagram, at)
        length, at = _number(datagram, at + size)
        end = at + length
        if end > len(datagram) or length < 4 + _TAG_BYTES:
            raise IndexError
        last: Exception = KeyError()
        for keys in self._candidates(version, connection):
            try:
                return _decrypted(keys, datagram, start, at, end), end
            except InvalidTag as error:
                last = error
        raise last

    def _candidates(self, version: int, connection: bytes) -> list[_Keys]:
        """Keys of the client's first packet, or of the one after a Retry."""
        known = list(self._keys.values())
        if (version, connection) not in self._keys and len(known) < 4:
            self._keys[version, connection] = _Keys(version, connection)
            known.append(self._keys[version, connection])
        return known

    def _gather(self, frames: bytes) -> None:
        at = 0
        while at < len(frames):
            kind = frames[at]
            at += 1
            if kind == _PADDING:  # a thousand of them, as a rule
                at = len(frames) - len(frames[at:].lstrip(b"\0"))
                continue
            if kind == _PING:
                continue
            if kind in (_ACK, _ACK_ECN):
                at = _after_ack(frames, at, kind == _ACK_ECN)
            elif kind == _CRYPTO:
                offset, at = _number(frames, at)
                size, at = _number(frames, at)
                if at + size > len(frames) or offset + size > _LONGEST_HELLO:
                    raise IndexError
                self._pieces[offset] = max(
                    self._pieces.get(offset, b""), frames[at : at + size], key=len
                )
                at += size
            else:  # it says goodbye, or is not what an Initial may hold
                return

    def _whole(self) -> bytes | None:
        stream = contiguous(self._pieces)
        if len(stream) < 4 or len(stream) < 4 + int.from_bytes(stream[1:4], "big"):
            return None
        return stream


def contiguous(pieces: dict[int, bytes]) -> bytes:
    """What pieces by their place make up from 0 on, without a gap."""
    stream = b""
    for place in sorted(pieces):
        if place > len(stream):
            break
        stream += pieces[place][len(stream) - place :]
    return stream


def _decrypted(keys: _Keys, datagram: bytes, start: int, at: int, end: int) -> bytes:
    mask = keys.mask(datagram[at + 4 : at + 20])
    first = datagram[start] ^ (mask[0] & 0x0F)
    width = (first & 3) + 1
    hidden = int.from_bytes(datagram[at : at + width], "big")
    number = hidden ^ int.from_bytes(mask[1 : 1 + width], "big")
    head = bytes([first]) + datagram[start + 1 : at] + number.to_bytes(width, "big")
    nonce = (keys.iv ^ number).to_bytes(12, "big")
    return keys.payload.decrypt(nonce, datagram[at + width : end], head)


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    label = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0\1"
    return hmac.digest(secret, info, hashlib.sha256)[:size]


def _counted(data: bytes, at: int) -> tuple[bytes, int]:
    size = data[at]
    if size > 20 or at + 1 + size > len(data):
        raise IndexError
    return data[at + 1 : at + 1 + size], at + 1 + size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """An integer of 1, 2, 4 or 8 bytes, and where it ends."""
    width = 1 << (data[at] >> 6)
    if at + width > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + width], "big") & ((1 << (8 * width - 2)) - 1), at + width


def _after_ack(frames: bytes, at: int, congestion: bool) -> int:
    for _ in range(2):
        _, at = _number(frames, at)
    ranges, at = _number(frames, at)
    for _ in range(1 + 2 * ranges + (3 if congestion else 0)):
        _, at = _number(frames, at)
    return at
