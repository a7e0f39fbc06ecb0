"""Stands in for msgspec where a student has not installed it: values then never leave the process anyway.

A message is kept as it is, and its "bytes" are the number under which it is kept. Only what `submission.wire` uses is here.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class DecodeError(Exception):
    """These bytes are the number of no message."""


class ValidationError(DecodeError):
    """Never raised here: a message is what it was."""


class Struct:
    """A class of fields, filled by position or by name."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Accept msgspec's options, which are about bytes."""

    def __init__(self, *values: Any, **named: Any) -> None:
        """Fill the fields in their order."""
        for name, value in zip(self.__annotations__, values, strict=False):
            setattr(self, name, value)
        for name, value in named.items():
            setattr(self, name, value)


_messages: dict[int, Any] = {}
_numbers = itertools.count()


class Encoder:
    """Keeps a message."""

    def encode(self, message: Any) -> bytes:
        """The number of the message, which can be decoded once."""
        number = next(_numbers)
        _messages.clear()  # one message is under way at a time; one that was never fetched need not be kept
        _messages[number] = message
        return str(number).encode()


class Decoder:
    """Fetches a message."""

    def __init__(self, kind: Any = None) -> None:
        """Accept the kind of message, which needs no checking here."""

    def decode(self, number: bytes | bytearray) -> Any:
        """The message of this number. Raises DecodeError if there is none."""
        try:
            return _messages.pop(int(number))
        except (ValueError, KeyError):
            raise DecodeError from None


@contextmanager
def stood_in_for() -> Iterator[None]:
    """If msgspec is not installed, `import msgspec` finds this module for as long as the context lasts."""
    try:
        import msgspec  # noqa: F401
    except ImportError:
        pass
    else:
        yield
        return
    module, msgpack = ModuleType("msgspec"), ModuleType("msgspec.msgpack")
    vars(module).update(Struct=Struct, DecodeError=DecodeError, ValidationError=ValidationError, msgpack=msgpack)
    vars(msgpack).update(Encoder=Encoder, Decoder=Decoder)
    sys.modules["msgspec"] = module
    try:
        yield
    finally:
        del sys.modules["msgspec"]
