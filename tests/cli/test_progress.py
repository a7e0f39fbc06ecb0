"""How far a class has come, in a terminal and elsewhere; and the two meanings of Ctrl-C."""

import os
import signal
import sys

import pytest

from autograder.cli import progress
from autograder.cli.progress import Interruptible, Shown


def test_elsewhere_a_line_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    with Shown(3) as shown:
        shown.add(readable=True, graded=True)
        shown.add(readable=False, graded=True)
        shown.add(readable=False, graded=False)
    first, one, two, three = capsys.readouterr().err.splitlines()
    assert first == "grading 3 submissions"
    assert one.startswith("1 of 3, ")
    assert two.startswith("2 of 3, 1 unreadable, ")
    assert three.startswith("3 of 3, 1 unreadable, 1 not graded, ")
    assert three.endswith("about 0 s left")


def test_lines_do_not_come_faster_than_they_are_read(capsys):
    with Shown(100) as shown:
        for _ in range(100):
            shown.add(readable=True, graded=True)
    assert capsys.readouterr().err == "grading 100 submissions\n"


def test_in_a_terminal_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    with Shown(2) as shown:
        shown.add(readable=True, graded=False)
        assert shown._bar is not None
    assert "1 not graded, " in capsys.readouterr().err


def test_the_first_ctrl_c_asks_and_the_second_ends():
    with Interruptible() as stop:
        assert not stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_being_asked_to_end_ends_at_once():
    with Interruptible(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)


def test_the_request_is_seen_while_something_else_is_printed(capfd):
    with Interruptible():
        os.kill(os.getpid(), signal.SIGINT)
    assert "Finishing what is in hand; Ctrl-C once more to leave it." in capfd.readouterr().err


def test_afterwards_ctrl_c_means_what_it_meant():
    before = signal.getsignal(signal.SIGINT)
    with Interruptible():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
