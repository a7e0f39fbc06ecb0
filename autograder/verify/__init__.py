"""A topic proves its own grader.

The solution gets full marks, and the untouched handout none; every accepted answer gets full marks; every mistake fails the
check that it names, with its hint, and costs no other question points; every check is failed by at least one mistake; the
student package holds no secret; the solved notebook runs. All of it once beside us and once in the sandbox, where the
answers are notebooks. *A check without a wrong answer that it catches is not yet a check.*
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from autograder.errors import CourseError
from autograder.grading import Grader
from autograder.stopwatch import TooLong, time_limit
from autograder.topic import Topic
from autograder.verify import proof
from autograder.verify.beside import Progress, beside_us, broken_off, tried_in_groups
from autograder.verify.children import Ended, Say, in_children
from autograder.verify.findings import Verification
from autograder.verify.sandboxed import in_sandbox
from autograder.verify.survival import THRESHOLD, survival
from autograder.verify.trial import Trial, all_checks, local_grader, warm_up

__all__ = ["Verification", "verify"]

LOADING_S = 120.0
"""For the topic's files: a loop in one of them that does not end must not keep us for ever."""


def verify(
    topic: Topic,
    *,
    seeds: int = 1,
    local: bool = True,
    sandboxed: bool = True,
    mutants: bool = False,
    jobs: int = 1,
    on_progress: Progress | None = None,
) -> Verification:
    """Try a topic's checks on every answer that is known, `jobs` at a time.

    `seeds`: how many sets of inputs to try beside us, the first of them with everything, the others with what can change.
    `mutants`: try small wrong changes of the solution as well. Raises CourseError if the topic cannot be read.
    """
    import torch

    torch.set_num_threads(1)
    try:
        with time_limit(LOADING_S):
            topic.validate()
    except TooLong:
        raise CourseError(f"its files cannot be loaded within {LOADING_S:g} s", path=topic.name) from None
    tell = on_progress or (lambda line: None)
    found = Verification(topic, seeds)
    proof.known_answers_have_names_of_their_own(found)
    grader = local_grader(topic)
    without: frozenset[str] = frozenset()
    seconds = _warmed_up(found, grader)
    if not seconds:  # nothing else can be said of a topic whose solution does not come to its end
        return found
    reach = warm_up(grader)
    if local:
        without = beside_us(found, grader, reach, jobs, tell)
    if sandboxed:
        in_sandbox(found, jobs=jobs, tell=tell, without=without)
    proof.every_check_catches_something(found)
    proof.points_are_well_spread(found)
    _package(found, tell)
    if mutants:
        _mutants(found, grader, seconds, jobs, tell)
    return found


def _warmed_up(found: Verification, grader: Grader) -> dict[str, float]:
    """The seconds that each check takes with the solution; nothing if that does not come to its end."""
    trial = Trial(None, 0, all_checks(found.topic))
    results, unfinished = tried_in_groups(found, grader, [(trial,)], 1, lambda line: None)
    if unfinished:
        broken_off(found, None, unfinished[None])
        return {}
    return {check.name: check.seconds for check in results[None, 0]}


def _package(found: Verification, tell: Progress) -> None:
    """The student package can be built, and holds no secret."""
    topic = found.topic
    tell(f"{topic.name}: student package")

    def work(_: None, say: Say) -> Iterator[bytes]:
        from autograder.package import leaks, student

        say("building")
        archive = student.zipped(student.package_files(topic), root=topic.name)
        say("searching")
        yield msgspec.json.encode([str(leak) for leak in leaks.leaks_in(archive, leaks.secrets_of(topic))])

    for _, item in in_children([None], work, jobs=1, silence_s=120.0, memory_mib=2048):
        if isinstance(item, Ended):
            found.fault("the student package cannot be made", item.why.removeprefix("raised CourseError: "))
            continue
        for leak in msgspec.json.decode(item, type=list[str]):
            found.fault(f"the student package gives a secret away: {leak}")


def _mutants(found: Verification, grader: Grader, seconds: Mapping[str, float], jobs: int, tell: Progress) -> None:
    """Hidden checks kill enough of the solution's mutants."""
    try:
        result = survival(grader, seconds=seconds, jobs=jobs, on_progress=tell)
    except CourseError as error:
        found.fault(str(error))
        return
    found.survival = result
    if result.share < THRESHOLD:
        found.fault(f"hidden checks kill {100 * result.share:.1f} % of the mutants, fewer than {100 * THRESHOLD:.0f} %")
    for mutant, check in result.not_equivalent:
        found.fault(
            f"{mutant.id} is listed as equivalent, but {check or 'Python'} can tell: {mutant.becomes or 'dropped'}"
        )
    for mutant, death in result.not_graded:
        found.fault(
            f"{death.check} cannot be graded for the mutant {mutant.id} ({mutant.becomes or 'dropped'})", death.fault
        )
