"""Whatever bytes the student's side answers with, the grader reaches a verdict, and never a better one than is earned.

Each try grades the tiny topic against a peer that knows the right answers, and damages them on the way: flipped bytes, cut
and stretched frames, trees of nonsense, arrays that are not what they say, questions where an answer is due. `make fuzz` tries
for an hour; the test suite for a few seconds. A failure names its seed: `CHAINRULE_FUZZ_SEED=<seed>` tries that one again.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from autograder.cohort import trusted_grader
from autograder.course import find_course
from autograder.grading import Keys
from autograder.recognise import said_by
from autograder.submission import Submission, wire
from autograder.submission._engine import Engine
from autograder.submission.lending import Lender
from autograder.submission.values import Malformed
from autograder.submission.worker import Worker
from autograder.topic import Limits, Topic
from autograder.verdict import Outcome

TINY = Path(__file__).parent.parent / "courses" / "tiny"
SECONDS = float(os.environ.get("CHAINRULE_FUZZ_S", "5"))
SEED = os.environ.get("CHAINRULE_FUZZ_SEED")

NONSENSE = [
    None, True, 0, -1, 2**63, 1e308, float("nan"), "", "x" * 100_000, b"\xff" * 10, [], {}, ["a", 0], ["a", 1], ["l", [["a", 0]]],
    ["t", []], ["d", [["value", 1]]], ["d", [["error", ["d", [["kind", "raised"]]]]]], ["h", 0, "x"], ["h", -1, ""], ["i", "9" * 50],
    ["z", 0.0, 1.0], ["s", [1, 1]], ["b", b"x"], ["d", [["ask", ["d", [["name", "scale"], ["args", ["l", []]], ["kwargs", ["d", []]]]]]]],
]  # fmt: skip
ERRORS = [
    "undefined",
    "not callable",
    "signature",
    "not attempted",
    "cannot cross",
    "no gradient",
    "time",
    "raised",
    "ours",
    "?",
]
DTYPES = ["<f8", "<f4", "<f2", "<i8", "|b1", "<c16", "|u1", "|O", ""]


def damaged(frame: bytes, chance: random.Random) -> bytes:
    """The frame, as a hostile peer would rather send it."""
    data = bytearray(frame)
    match chance.randrange(6):
        case 0:
            for _ in range(chance.randint(1, 8)):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 1:
            del data[chance.randrange(len(data)) :]
        case 2:
            place = chance.randrange(len(data))
            data[place:place] = chance.randbytes(chance.randint(1, 50))
        case 3:
            data[: wire.PREFIX.size] = wire.PREFIX.pack(chance.choice([0, 1, 2**31]), chance.choice([0, 7, 2**40]))
        case 4:
            data = bytearray(chance.randbytes(chance.randint(0, 200)))
        case 5:
            pass
    return bytes(data)


def invented(right: dict, chance: random.Random) -> bytes:
    """A frame that reads well, and says something else."""
    match chance.randrange(4):
        case 0:
            tree: object = chance.choice(NONSENSE)
            forms: list = [[chance.choice(DTYPES), [chance.choice([0, 1, 2, 2**33])] * chance.randrange(3)]]
            body = chance.randbytes(chance.choice([0, 8, 16]))
            header = msgspec.msgpack.encode([1, ["d", [[chance.choice(["value", "error", "ask"]), tree]]], forms])
            return wire.PREFIX.pack(len(header), len(body)) + header + body
        case 1:
            kind = chance.choice(ERRORS)
            extra = chance.choice(["x", 5, None, "\x1b[31m", "\ud800".encode("utf-8", "replace").decode()])
            reply: object = {
                "error": {"kind": kind, "text": extra, "cell": extra, "line": 10**6, "exception": "KeyError"}
            }
        case 2:
            reply = {"value": altered(right.get("value"), chance)}
        case _:
            reply = {
                "ask": {
                    "name": chance.choice(["scale", "x", 3]),
                    "args": [altered(1.5, chance)],
                    "kwargs": {},
                    "wrt": [7],
                }
            }
    return b"".join(bytes(part) for part in wire.encode(reply, keep=lambda value: None))


def altered(value, chance: random.Random):
    """A value that is nearly right, or far from it."""
    if isinstance(value, tuple) and chance.random() < 0.7:
        return tuple(altered(item, chance) if chance.random() < 0.5 else item for item in value)
    array = np.asarray(value, dtype=float) if isinstance(value, (np.ndarray, float, int)) else np.ones(3)
    return chance.choice([
        array, array.T, array[..., None], array.astype(np.float32), array.astype(complex), array * np.nan, array * 1e300,
        array.astype(bool), array.tolist(), (array,), [array, array[:1]], {"x": array}, array.sum(), np.zeros((0, 3)), "text", None,
        np.broadcast_to(array.ravel()[:1], (3, 3)), array.ravel(), {1, 2}, 10**60, array > 0, np.full(array.shape, 5e-324),
    ])  # fmt: skip


def peer(theirs: socket.socket, namespace: dict, chance: random.Random) -> None:
    """A student's side that answers rightly until it does not."""
    engine = Engine(namespace)
    connection = wire.Connection(theirs, to_student=True)
    try:
        while True:
            request = connection.receive(timeout_s=20)
            right = engine.answer(request)
            frame = b"".join(bytes(part) for part in wire.encode(right, keep=engine.keep))
            lot = chance.random()
            theirs.sendall(frame if lot < 0.3 else invented(right, chance) if lot < 0.7 else damaged(frame, chance))
            if chance.random() < 0.05:
                theirs.shutdown(socket.SHUT_WR)
    except (wire.Closed, wire.TimedOut, Malformed, OSError):
        pass
    except Exception:
        if not chance:  # a request that a damaged reply led to; the peer's own trouble
            raise
    finally:
        theirs.close()


def earned(check: str, said, right) -> bool:
    """Whether what was said is right: the same numbers in the same shape. Another container or float type is harmless."""
    if check == "arguments_stay_as_they_are":  # which asks for the arguments alone
        said, right = said[1], right[1]
    if isinstance(right, tuple):
        return len(said) == len(right) and all(earned("", one, other) for one, other in zip(said, right, strict=True))
    if isinstance(said, set | dict | str):
        return False
    one, other = np.asarray(said, dtype=complex), np.asarray(right, dtype=complex)
    return one.shape == other.shape and bool(np.linalg.norm(one - other) <= 1e-6 * np.linalg.norm(other))


def grade_against_a_liar(grader, seed: int) -> None:
    chance = random.Random(seed)
    worker = Worker(None, None, Limits(message_mib=1), {"scale": "scale(x, factor)"})  # type: ignore[arg-type]
    opened = []

    @contextmanager
    def open_submission(state: int, cpu_s: float, right: frozenset[str]):
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=peer, args=(theirs, grader.known.namespace(), chance))
        thread.start()
        lender = Lender({name: grader.known.solution[name] for name in right}) if right else None
        connection = wire.Connection(ours, wire.Bounds(buffer_bytes=1 << 20))
        student = Submission(worker._asker(connection, time.monotonic() + 5, 5, lender), {}, {})
        opened.append(student)
        try:
            yield student
        finally:
            connection.close()
            thread.join(timeout=30)
            assert not thread.is_alive()

    keys = Keys(b"fuzz", "scale")
    for question in grader.topic.questions:
        for number, check in enumerate(question.checks):
            result = grader.run_check(check, question, str(number), keys, open_submission)
            assert result.outcome is not Outcome.NOT_GRADED, (seed, result.detail)
            if result.outcome is Outcome.PASSED:
                last = check.repeat - 1
                said, _ = grader.known.transcript(
                    check, None, reference=grader.reference, rng=lambda check=check, last=last: keys.rng(check, last)
                )
                assert earned(check.name, said_by(opened[-1])[-1].result, said[-1].result), (seed, check.name)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_bytes_crash_hang_or_mislead_the_grader(capsys):
    grader = trusted_grader(Topic(find_course(TINY), "scale"))
    if SEED:
        grade_against_a_liar(grader, int(SEED))
        return
    end, tries, seed = time.monotonic() + SECONDS, 0, random.SystemRandom().randrange(2**40)
    while time.monotonic() < end or tries < 20:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                grade_against_a_liar(grader, seed + tries)
            except BaseException:
                print(f"CHAINRULE_FUZZ_SEED={seed + tries}")
                raise
        tries += 1
    with capsys.disabled():
        if SECONDS > 60:
            print(f"\n{tries} submissions from a lying peer in {SECONDS:g} s: each reached its verdict")
