"""A topic proves its own grader.

The solution gets full marks, and the untouched handout none; every accepted answer gets full marks; every mistake fails the
check that it names, with its hint, and costs no other question points; every check is failed by at least one mistake; the
student package holds no secret; the solved notebook runs. All of it once beside us and once in the sandbox, where the
answers are notebooks. *A check without a wrong answer that it catches is not yet a check.*
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from autograder.errors import CourseError
from autograder.grading import Grader
from autograder.stopwatch import TooLong, time_limit
from autograder.submission.worker import GRACE_S
from autograder.topic import KnownAnswer, Topic
from autograder.verdict import CheckResult
from autograder.verify import proof
from autograder.verify.children import Ended, Say, in_children
from autograder.verify.findings import Verification
from autograder.verify.reach import Reach
from autograder.verify.sandboxed import in_sandbox
from autograder.verify.survival import THRESHOLD, survival
from autograder.verify.trial import Trial, Tried, all_checks, local_grader, numbered, run, tried, warm_up

__all__ = ["Verification", "verify"]

Progress = Callable[[str], None]
Answer = KnownAnswer | None
"""None is the solution."""
CHUNK = 10
"""Sets of inputs that one process tries: forking costs as much as a few quick checks."""

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
        without = _beside_us(found, grader, reach, jobs, tell)
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
    trial = Trial(None, (0,), all_checks(found.topic))
    results, unfinished = _tried(found, grader, [trial], 1, lambda line: None)
    if unfinished:
        _broken_off(found, None, unfinished[None])
        return {}
    return {check.name: check.seconds for check in results[None, 0]}


def _trials(grader: Grader, reach: Reach, seeds: int) -> Iterator[Trial]:
    """The first set of inputs: every answer against every check that it can change. The others: what changes with the inputs.

    The solution meets everything again. An accepted answer meets its question's checks, and a few times those of the
    questions that use it, where it differs from the solution by rounding. A mistake meets the checks that are to catch it.
    """
    topic, known = grader.topic, grader.known
    assert known is not None
    answers: list[Answer] = [None, *topic.accepted, *topic.mistakes]
    everything = all_checks(topic)
    for answer in answers:
        yield Trial(answer, (0,), everything if answer is None else reach.of(known.sources(answer)[-1]))
    for answer in answers:
        for first in range(1, seeds, CHUNK):
            checks = everything
            if answer is not None and answer.caught_by:
                checks = frozenset(answer.caught_by)
            elif answer is not None:
                checks = _concerned(topic, answer.of, users=first == 1)
            yield Trial(answer, tuple(range(first, min(first + CHUNK, seeds))), checks)


def _concerned(topic: Topic, name: str, *, users: bool) -> frozenset[str]:
    """Checks of the question that asks for a name, and of those whose answers may use it."""
    return frozenset(
        check.name
        for question in topic.questions
        if name in question.settings.names or (users and name in question.settings.uses)
        for check in question.checks
    )


def _tried(
    found: Verification, grader: Grader, trials: Sequence[Trial], jobs: int, tell: Progress
) -> tuple[dict[tuple[Answer, int], tuple[CheckResult, ...]], dict[Answer, Ended]]:
    """The verdicts of each answer for each set of inputs, and how those ended that did not come to their end."""
    topic = found.topic
    limits = topic.settings.limits
    longest_s = max(check.cpu_s or limits.check_cpu_s for _, check in numbered(topic))
    results: dict[tuple[Answer, int], tuple[CheckResult, ...]] = {}
    unfinished: dict[Answer, Ended] = {}
    for trial, item in in_children(
        trials,
        lambda trial, say: run(grader, trial, say),
        jobs=jobs,
        silence_s=2 * (longest_s * limits.wall_factor + GRACE_S),
        memory_mib=limits.memory_mib,
    ):
        if isinstance(item, Ended):
            unfinished.setdefault(trial.answer, item)
            continue
        one = tried(item)
        results[trial.answer, one.seed] = one.results
        if one.endless:
            unfinished.setdefault(trial.answer, Ended("it does not end within its CPU time", one.results[-1].name))
        tell(_progress(found, trial.answer, one))
    return results, unfinished


def _progress(found: Verification, answer: Answer, one: Tried) -> str:
    """What was tried, and, in a long run, at once whether it was a right answer that failed."""
    name = answer.id if answer else "solution"
    inputs = f", inputs {one.seed + 1} of {found.seeds}" if found.seeds > 1 else ""
    wrong = (
        [] if answer is not None and answer.caught_by else [each for each in one.results if each.earned != each.points]
    )
    fails = f" fails {', '.join(each.name for each in wrong)}" if wrong else ""
    return f"{found.topic.name}: {name}{inputs}{fails}"


def _broken_off(found: Verification, answer: Answer, ended: Ended) -> None:
    found.fault(f"{proof.kind(answer)} breaks off at {ended.at or 'its definition'}", ended.why)


def _beside_us(found: Verification, grader: Grader, reach: Reach, jobs: int, tell: Progress) -> frozenset[str]:
    """Every answer with every set of inputs, in processes of our own. Which answers do not come to their end."""
    topic = found.topic
    results, unfinished = _tried(found, grader, list(_trials(grader, reach, found.seeds)), jobs, tell)
    for answer in (None, *topic.accepted, *topic.mistakes):
        if answer in unfinished:
            _broken_off(found, answer, unfinished[answer])
            continue
        for seed in range(found.seeds):
            proof.judged(found, answer, results[answer, seed], seed)
    return frozenset(answer.id for answer in unfinished if answer is not None)


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
