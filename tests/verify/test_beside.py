"""Answers that share a process: what one does must not cost another anything."""


def test_an_answer_that_ends_its_process_leaves_the_others_to_a_new_one(verified, change):
    change("solutions/accepted.py", "return torch.tensor(x) * torch.tensor(factor)", "import os\n    os._exit(3)")
    change("solutions/accepted.py", "return x @ np.diag(factor)", "return x @ np.diag(factor) + 1")
    first, *others = verified(seeds=3).faults
    assert (
        first == "the accepted answer with_torch breaks off at worked_example_is_right: ended its process (exit code 3)"
    )
    assert others[0].startswith("the accepted answer with_a_diagonal_matrix fails worked_example_is_right: ")


def test_an_answer_without_an_end_does_not_keep_its_neighbours_from_being_tried(verified, change, quick):
    change("solutions/mistakes.py", "return x * _shifted(factor)", "while True: pass")
    found = verified()
    assert "the mistake scale_around_one breaks off at worked_example_is_right" in found.faults[0]
    assert found.matrix["scale_in_place"] == {"arguments_stay_as_they_are"}


def test_what_an_answer_does_to_the_process_is_held_against_nobody_else(verified, change, add):
    change("solutions/accepted.py", "return x @ np.diag(factor)",
           "np.multiply = np.add\n    return x @ np.diag(factor)")  # fmt: skip
    add("solutions/accepted.py", '@accepted(of="scale")\ndef by_name(x, factor):\n    return np.multiply(x, factor)\n')
    assert verified().faults == []
