"""Values as bytes, between the grader and the process that runs a student's code.

A frame is `u32 header length | u64 buffers length | header | buffers`. The header is msgpack: the tree of a value, and how
each array of it stands in the buffers (`values`), which follow in that order.

The receiver on the grader's side reads what hostile code wrote: sizes are bounded before memory is taken for them, and bytes
that are no message raise Malformed, never another exception.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from autograder.submission.values import ArrayForm, CannotCross, Handle, Malformed, put_together, take_apart

__all__ = ["Bounds", "CannotCross", "Closed", "Connection", "Malformed", "TimedOut", "decode", "encode"]

VERSION = 1
PREFIX = struct.Struct("<IQ")


class Closed(Exception):
    """The other side closed the connection."""


class TimedOut(Exception):
    """No whole message arrived in time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a receiver accepts."""

    header_bytes: int = 4 << 20
    buffer_bytes: int = 64 << 20


class _Header(NamedTuple):
    version: int
    value: Any
    arrays: list[ArrayForm]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Header)


def encode(value: Any, *, keep: Callable[[Any], Handle] | None = None) -> list[bytes | memoryview]:
    """A frame as a list of buffers. Raises CannotCross, as `values.take_apart`."""
    apart = take_apart(value, keep=keep)
    header = _encoder.encode(_Header(VERSION, apart.tree, apart.forms))
    return [PREFIX.pack(len(header), sum(len(buffer) for buffer in apart.buffers)), header, *apart.buffers]


def decode(header: bytes | bytearray, buffers: memoryview, *, to_student: bool = False) -> Any:
    """The value of a frame. Raises Malformed, and nothing else, whatever the bytes."""
    try:
        parsed = _decoder.decode(header)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Malformed(f"not a message: {type(error).__name__}") from None
    if parsed.version != VERSION:
        raise Malformed(f"message version {parsed.version}, expected {VERSION}")
    return put_together(parsed.value, parsed.arrays, buffers, to_student=to_student)


class Connection:
    """Whole frames on a stream socket, with a deadline on every receive."""

    def __init__(self, sock: socket.socket, bounds: Bounds = Bounds(), *, to_student: bool = False) -> None:
        """Take over `sock`."""
        self.sock = sock
        self.bounds = bounds
        self.to_student = to_student
        self.received_bytes = 0

    def send(self, value: Any, *, keep: Any = None, timeout_s: float | None = None) -> None:
        """Send one value. Raises CannotCross, Malformed if it is larger than the bounds, Closed, TimedOut."""
        self.send_frame(encode(value, keep=keep), timeout_s=timeout_s)

    def send_frame(self, frame: list[bytes | memoryview], *, timeout_s: float | None = None) -> None:
        """Send one encoded value."""
        if len(frame[1]) > self.bounds.header_bytes or sum(map(len, frame[2:])) > self.bounds.buffer_bytes:
            raise Malformed("larger than a message may be")
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        pending = [memoryview(part) for part in frame if len(part)]
        while pending:
            self._wait(deadline)
            try:
                sent = self.sock.sendmsg(pending[:64])
            except (BlockingIOError, TimeoutError):
                raise TimedOut from None
            except OSError:
                raise Closed from None
            while pending and sent >= len(pending[0]):
                sent -= len(pending.pop(0))
            if sent:
                pending[0] = pending[0][sent:]

    def receive(self, *, timeout_s: float | None = None) -> Any:
        """The next value. Raises Closed, TimedOut, Malformed."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        header_bytes, buffer_bytes = PREFIX.unpack(self._exactly(PREFIX.size, deadline))
        if header_bytes > self.bounds.header_bytes or buffer_bytes > self.bounds.buffer_bytes:
            raise Malformed("larger than a message may be")
        header = self._exactly(header_bytes, deadline)
        buffers = memoryview(self._exactly(buffer_bytes, deadline))
        return decode(header, buffers, to_student=self.to_student)

    def send_descriptors(self, descriptors: list[int]) -> None:
        """Send open files, after a message that says how many. Raises Closed."""
        try:
            socket.send_fds(self.sock, [b"+"], descriptors)
        except OSError:
            raise Closed from None

    def receive_descriptors(self, count: int) -> list[int]:
        """The open files that follow a message."""
        if not count:
            return []
        _, descriptors, _, _ = socket.recv_fds(self.sock, 1, count)
        return descriptors

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def _exactly(self, count: int, deadline: float | None) -> bytearray:
        # Grows with what has arrived: a peer that announces much and sends little costs little.
        data = bytearray()
        while len(data) < count:
            self._wait(deadline)
            try:
                part = self.sock.recv(min(count - len(data), 1 << 20))
            except (BlockingIOError, TimeoutError):
                raise TimedOut from None
            except OSError:
                raise Closed from None
            if not part:
                raise Closed
            data += part
        self.received_bytes += count
        return data

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            self.sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimedOut
        self.sock.settimeout(left)
