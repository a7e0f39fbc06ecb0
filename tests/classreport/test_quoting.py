"""Messages that may stand on a page about a class: nobody is recognised by them."""

from collections import Counter

import pytest

from autograder.classreport.quoting import MANY, example, without_own_words


@pytest.mark.parametrize(
    "message, shown",
    [
        ("`f` raised ValueError: I am Ada (cell 3, line 4)\n    x = 'Ada'", "`f` raised ValueError."),
        ("`f` raised AdaError: hello", "`f` raised an exception."),
        ("`f` raised an exception (cell 3, line 4).", "`f` raised an exception."),
        ("`cell.forward` raised KeyError: 'Ada'", "`cell.forward` raised KeyError."),
        ("`f` returned <Ada object>.", "`f` returned something else than the handout asks for."),
        ("`f` is not a function: it is 'Ada'.", "`f` cannot be called as the handout says."),
        ("`f(ada)` cannot be called as the handout says: no ada.", "`f` cannot be called as the handout says."),
        ("got 'Ada', expected 'mean'.", "got '…', expected '…'."),
        ("dw: 3 of 3 elements differ.", "dw: 3 of 3 elements differ."),
    ],
)
def test_a_students_own_words_are_cut_off(message, shown):
    assert without_own_words(message) == shown


def test_what_many_read_is_shown_as_it_is():
    assert example(Counter({("1.1", "got 'sum'."): MANY})) == ("1.1", "got 'sum'.", MANY)


def test_rare_messages_that_say_the_same_are_counted_together():
    messages = Counter(
        {("1.1", "`f` raised ValueError: a"): 1, ("1.1", "`f` raised ValueError: b"): 1, ("1.2", "x"): 1}
    )
    assert example(messages) == ("1.1", "`f` raised ValueError.", 2)


def test_no_message_is_no_example():
    assert example(Counter()) == ("", "", 0)
