"""The two published tables as scores.

Source: Bock and Lieberman, Fitting a response model for n dichotomously scored items, Psychometrika 35 (1970), 179-197:
1000 people, five items of the Law School Admission Test, sections 6 and 7. Each number is how many people gave one pattern of
right and wrong answers, from 00000 to 11111 in the order of binary numbers.
"""

import pytest

from autograder.statistics.items import from_patterns

LSAT6 = (
    3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15, 10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298,
)  # fmt: skip
LSAT7 = (
    12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28, 7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308,
)  # fmt: skip
PATTERNS = tuple(format(number, "05b") for number in range(32))


@pytest.fixture
def lsat6():
    return from_patterns(PATTERNS, LSAT6)


@pytest.fixture
def lsat7():
    return from_patterns(PATTERNS, LSAT7)
