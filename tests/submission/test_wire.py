"""Whole frames on sockets, with a bound on every size and a deadline on every wait."""

from __future__ import annotations

import os
import socket
import threading

import numpy as np
import pytest

from autograder.submission import wire


@pytest.fixture
def ends():
    """Our connection, and the socket at its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield wire.Connection(ours, wire.Bounds(header_bytes=1000, buffer_bytes=10_000)), theirs


def test_a_value_arrives_whole_though_it_is_sent_in_pieces(ends):
    connection, theirs = ends
    frame = b"".join(bytes(part) for part in wire.encode({"x": np.arange(100.0)}))

    def dribble():
        for start in range(0, len(frame), 37):
            theirs.sendall(frame[start : start + 37])

    thread = threading.Thread(target=dribble)
    thread.start()
    assert connection.receive(timeout_s=30)["x"].sum() == 4950
    thread.join()


def test_silence_ends_at_the_deadline(ends):
    with pytest.raises(wire.TimedOut):
        ends[0].receive(timeout_s=0.01)


def test_half_a_frame_ends_at_the_deadline(ends):
    ends[1].sendall(wire.PREFIX.pack(10, 0) + b"half")
    with pytest.raises(wire.TimedOut):
        ends[0].receive(timeout_s=0.01)


def test_a_hang_up_is_told_from_silence(ends):
    ends[1].close()
    with pytest.raises(wire.Closed):
        ends[0].receive(timeout_s=5)


@pytest.mark.parametrize("header, buffers", [(1001, 0), (0, 10_001), (2**32 - 1, 2**64 - 1)])
def test_a_frame_larger_than_the_bounds_is_refused_before_memory_is_taken(ends, header, buffers):
    ends[1].sendall(wire.PREFIX.pack(header, buffers))
    with pytest.raises(wire.Malformed, match="larger than a message may be"):
        ends[0].receive(timeout_s=5)


def test_a_value_larger_than_the_bounds_is_not_sent(ends):
    with pytest.raises(wire.Malformed, match="larger than a message may be"):
        ends[0].send(np.zeros(2000))


def test_a_peer_that_does_not_read_cannot_hold_us(ends):
    connection, _ = ends

    def send_for_ever():
        while True:
            connection.send(np.zeros(1000), timeout_s=0.05)

    with pytest.raises(wire.TimedOut):
        send_for_ever()


def test_open_files_follow_a_message(ends):
    connection, theirs = ends
    other = wire.Connection(theirs)
    reader, writer = os.pipe()
    connection.send({"descriptors": 1})
    connection.send_descriptors([writer])
    os.close(writer)
    (received,) = other.receive_descriptors(other.receive()["descriptors"])
    os.write(received, b"hello")
    os.close(received)
    assert os.read(reader, 10) == b"hello"
    os.close(reader)


def test_what_was_received_is_counted(ends):
    connection, theirs = ends
    frame = b"".join(bytes(part) for part in wire.encode(np.zeros(100)))
    theirs.sendall(frame)
    connection.receive()
    assert connection.received_bytes == len(frame)
