"""Every known answer with every set of inputs, beside us: in forked processes of our own, without the sandbox.

Mistakes of one question share a process, since what one answers is what the next is compared with. Where that leaves any
doubt, and where such a process ends early, each of its answers gets a process of its own, and that counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from autograder.grading import Grader
from autograder.submission.worker import GRACE_S
from autograder.topic import KnownAnswer, Topic
from autograder.verdict import CheckResult
from autograder.verify import proof
from autograder.verify.children import Ended, in_children
from autograder.verify.findings import Verification
from autograder.verify.reach import Reach
from autograder.verify.trial import Trial, all_checks, numbered, run, tried

Progress = Callable[[str], None]
Answer = KnownAnswer | None
"""None is the solution."""
Group = tuple[Trial, ...]
Results = dict[tuple[Answer, int], tuple[CheckResult, ...]]
"""The verdicts of each answer with each set of inputs."""

CHUNK = 10
"""Sets of inputs that one process tries: forking costs as much as a few quick checks."""


def beside_us(found: Verification, grader: Grader, reach: Reach, jobs: int, tell: Progress) -> frozenset[str]:
    """Hold what comes out against what must be true. Returns the ids of answers that do not come to their end."""
    topic = found.topic
    groups = list(groups_of(grader, reach, found.seeds))
    results, unfinished = tried_in_groups(found, grader, groups, jobs, tell)
    alone = [
        (trial,)
        for group in groups
        for trial in group
        if trial.answer not in unfinished and not _clear(found, trial, results)
    ]
    again, ended = tried_in_groups(found, grader, alone, jobs, tell)
    results |= again
    unfinished |= ended
    for answer in (None, *topic.accepted, *topic.mistakes):
        if answer in unfinished:
            broken_off(found, answer, unfinished[answer])
            continue
        for seed in range(found.seeds):
            proof.judged(found, answer, results[answer, seed], seed)
    return frozenset(answer.id for answer in unfinished if answer is not None)


def groups_of(grader: Grader, reach: Reach, seeds: int) -> Iterator[Group]:
    """What shares a process: the right answers of a question, or its mistakes, with a few sets of inputs one after the other.

    The first set of inputs: every answer against every check that it can change, but for training runs of other questions,
    which are the most of the work and meet it in the sandbox. The others: what changes with the inputs. The solution meets
    everything again; an accepted answer its question's checks, and a few times those of the questions that use it, where it
    differs from the solution by rounding; a mistake the checks that are to catch it.
    """
    topic, known = grader.topic, grader.known
    assert known is not None
    everything = all_checks(topic)
    groups: list[Sequence[Answer]] = [[None]]
    for question in topic.questions:
        for known_answers in (topic.accepted, topic.mistakes):
            groups.append([each for each in known_answers if each.of in question.settings.names])
    for answers in groups:
        yield tuple(
            Trial(
                answer,
                0,
                everything if answer is None else _reached(topic, answer, reach.of(known.sources(answer)[-1])),
            )
            for answer in answers
        )
    for first in range(1, seeds, CHUNK):
        for answers in groups:
            checks = {answer: _that_change(topic, answer, users=first == 1) for answer in answers}
            some = range(first, min(first + CHUNK, seeds))
            yield tuple(Trial(answer, seed, checks[answer]) for seed in some for answer in answers)


def _reached(topic: Topic, answer: KnownAnswer, checks: frozenset[str]) -> frozenset[str]:
    """Those of `checks` that an answer meets, which are all that it can change, with the first set of inputs."""
    return checks - {
        check.name
        for question in topic.questions
        for check in question.checks
        if check.behaviour and answer.of not in question.settings.names
    }


def _that_change(topic: Topic, answer: Answer, *, users: bool) -> frozenset[str]:
    """The checks that an answer meets again with other inputs."""
    if answer is None:
        return all_checks(topic)
    if answer.caught_by:
        return frozenset(answer.caught_by)
    return frozenset(
        check.name
        for question in topic.questions
        for check in question.checks
        if answer.of in question.settings.names
        or (users and answer.of in question.settings.uses and not check.behaviour)
    )


def tried_in_groups(
    found: Verification, grader: Grader, groups: Sequence[Group], jobs: int, tell: Progress
) -> tuple[Results, dict[Answer, Ended]]:
    """The verdicts of every trial, `jobs` groups at a time, and how those answers ended that did not come to their end.

    An answer that takes its process with it leaves the others of the group to a new one.
    """
    topic = found.topic
    limits = topic.settings.limits
    longest_s = max(check.cpu_s or limits.check_cpu_s for _, check in numbered(topic))
    results: Results = {}
    unfinished: dict[Answer, Ended] = {}
    waiting = [group for group in groups if group]
    while waiting:
        left: list[Group] = []
        done: Counter[Group] = Counter()
        for group, item in in_children(
            waiting,
            lambda group, say: run(grader, group, say),
            jobs=jobs,
            silence_s=2 * (longest_s * limits.wall_factor + GRACE_S),
            memory_mib=limits.memory_mib,
        ):
            if done[group] == len(group):  # it has said all that was asked; how it ends is no matter
                continue
            trial = group[done[group]]
            done[group] += 1
            if isinstance(item, Ended):
                unfinished.setdefault(trial.answer, item)
                left.append(tuple(each for each in group[done[group] :] if each.answer is not trial.answer))
                continue
            one = tried(item)
            results[trial.answer, trial.seed] = one.results
            if one.endless:
                ended = Ended("it does not end within its CPU time", one.results[-1].name if one.results else "")
                unfinished.setdefault(trial.answer, ended)
            tell(_progress(found, trial, one.results))
        waiting = [group for group in left if group]
    return results, unfinished


def broken_off(found: Verification, answer: Answer, ended: Ended) -> None:
    """A known answer must come to its end."""
    found.fault(f"{proof.kind(answer)} breaks off at {ended.at or 'its definition'}", ended.why)


def _clear(found: Verification, trial: Trial, results: Results) -> bool:
    """Whether what came out of a shared process is what must be."""
    alone = Verification(found.topic, found.seeds)
    proof.judged(alone, trial.answer, results[trial.answer, trial.seed], trial.seed)
    return alone.ok


def _progress(found: Verification, trial: Trial, results: Sequence[CheckResult]) -> str:
    """What was tried, and, in a long run, at once whether it was a right answer that failed."""
    answer = trial.answer
    name = answer.id if answer else "solution"
    inputs = f", inputs {trial.seed + 1} of {found.seeds}" if found.seeds > 1 else ""
    wrong = [] if answer is not None and answer.caught_by else [each for each in results if each.earned != each.points]
    fails = f" fails {', '.join(each.name for each in wrong)}" if wrong else ""
    return f"{found.topic.name}: {name}{inputs}{fails}"
