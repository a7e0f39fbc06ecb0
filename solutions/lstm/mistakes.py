"""What students get wrong in an LSTM, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (LT-...) are those of the course's catalogue.
"""

import math

import numpy as np
import torch
from autograder.topic import mistake

from .solution import (
    convert_gates,
    digit_loss,
    fix_gate,
    highway,
    lstm_backward,
    lstm_forward,
    lstm_init,
    lstm_params,
    lstm_step_backward,
    lstm_step_forward,
    sigmoid,
    train_digits,
)

# --- q1 lstm_step_forward ---------------------------------------------------------------------------------------------


@mistake(
    of="lstm_step_forward",
    caught_by=("one_step_of_two_samples", "one_unit_worked_by_hand", "step_is_right"),
    hint="Your blocks are read in the order i, f, o, g: the third block and the fourth have changed places.",
)
def candidate_block_last(x, h, c, Wx, Wh, b):
    """(LT-1) i, f, o, g: the three sigmoids in a row, as in several public courses."""
    return _step(x, h, c, Wx, Wh, b, order="ifog")


@mistake(
    of="lstm_step_forward",
    caught_by=("one_step_of_two_samples", "one_unit_worked_by_hand", "step_is_right"),
    hint="Your first two blocks have changed places: what should let new things in decides what is kept, and the reverse.",
)
def forget_block_first(x, h, c, Wx, Wh, b):
    """(LT-1) f, i, g, o: the order in which the formulas are often printed."""
    return _step(x, h, c, Wx, Wh, b, order="figo")


@mistake(
    of="lstm_step_forward",
    caught_by=("one_step_of_two_samples", "one_unit_worked_by_hand", "step_is_right"),
    hint="Your second block is used as the output gate and your fourth as the forget gate: compare the packing.",
)
def output_block_second(x, h, c, Wx, Wh, b):
    """(LT-1) i, o, g, f."""
    return _step(x, h, c, Wx, Wh, b, order="iogf")


@mistake(
    of="lstm_step_forward",
    caught_by=("one_step_of_two_samples", "step_is_right"),
    hint="Right for one unit, wrong for more: each gate is one block of H neighbouring columns, not every fourth column.",
)
def every_fourth_column(x, h, c, Wx, Wh, b):
    """a[:, 0::4] and so on."""
    fourth = np.arange(len(b)).reshape(-1, 4).T.ravel()
    result = _step(x, h, c, Wx[:, fourth], Wh[:, fourth], b[fourth])
    return *result[:2], result[2] | {"Wx": Wx, "Wh": Wh, "b": b}


@mistake(
    of="lstm_step_forward",
    caught_by=("old_cell_is_scaled_by_the_forget_gate", "one_unit_worked_by_hand", "step_is_right"),
    hint="Your cell only ever adds: a difference between two old cell states comes out as large as it went in. What scales the "
    "old cell state?",
)
def nothing_is_forgotten(x, h, c, Wx, Wh, b):
    """(LT-2) c' = c + i g, the cell of 1997."""
    return _step(x, h, c, Wx, Wh, b, cell=lambda i, f, g: c + i * g)


@mistake(
    of="lstm_step_forward",
    caught_by=("one_unit_worked_by_hand", "step_is_right"),
    hint="Your input gate follows from the forget gate: what is kept and what is written then always add up to one. Here "
    "they are independent.",
)
def gates_coupled(x, h, c, Wx, Wh, b):
    """c' = f c + (1 - f) g, as in a GRU."""
    return _step(x, h, c, Wx, Wh, b, cell=lambda i, f, g: f * c + (1 - f) * g)


@mistake(
    of="lstm_step_forward",
    caught_by=("one_unit_worked_by_hand", "step_is_right"),
    hint="The candidate is written into the cell in full: the gate that decides how much of it gets in has no effect.",
)
def candidate_let_in_ungated(x, h, c, Wx, Wh, b):
    """c' = f c + g."""
    return _step(x, h, c, Wx, Wh, b, cell=lambda i, f, g: f * c + g)


@mistake(
    of="lstm_step_forward",
    caught_by=("gates_are_between_zero_and_one", "one_unit_worked_by_hand"),
    hint="Your candidate is never negative, so nothing can be subtracted from the cell. Gates are shares; the candidate is a "
    "value with a sign.",
)
def candidate_as_a_gate(x, h, c, Wx, Wh, b):
    """(LT-4) sigmoid for all four, as one of the source notes has it."""
    return _step(x, h, c, Wx, Wh, b, squash=(sigmoid, sigmoid, sigmoid, sigmoid))


@mistake(
    of="lstm_step_forward",
    caught_by=("gates_are_between_zero_and_one", "one_unit_worked_by_hand"),
    hint="Your output gate is sometimes negative. A share of something lies between nothing and all of it.",
)
def output_gate_by_tanh(x, h, c, Wx, Wh, b):
    """(LT-4) o = tanh(...), because the formula of h' has a tanh in it."""
    return _step(x, h, c, Wx, Wh, b, squash=(sigmoid, sigmoid, np.tanh, np.tanh))


@mistake(
    of="lstm_step_forward",
    caught_by=("gates_are_between_zero_and_one", "one_unit_worked_by_hand"),
    hint="Your h' can be larger than 1: the cell may grow without bound, and is squashed before it is shown.",
)
def cell_shown_unsquashed(x, h, c, Wx, Wh, b):
    """(LT-5) h' = o c'."""
    _, c_next, cache = lstm_step_forward(x, h, c, Wx, Wh, b)
    return cache["o"] * c_next, c_next, cache


@mistake(
    of="lstm_step_forward",
    caught_by=("one_unit_worked_by_hand", "step_is_right"),
    hint="Your h' shows the cell as it was before this step. The new input then has no way to the output except through o.",
)
def old_cell_shown(x, h, c, Wx, Wh, b):
    """h' = o tanh(c)."""
    _, c_next, cache = lstm_step_forward(x, h, c, Wx, Wh, b)
    return cache["o"] * np.tanh(c), c_next, cache


@mistake(
    of="lstm_step_forward",
    caught_by=("one_step_of_two_samples", "one_unit_worked_by_hand"),
    hint="Your scores change with x, but not with h: the gates do not know what was read before.",
)
def gates_without_the_state(x, h, c, Wx, Wh, b):
    """a = x @ Wx + b."""
    return _step(x, h, c, Wx, Wh, b, state=0 * h)


@mistake(
    of="lstm_step_forward",
    caught_by=("one_step_of_two_samples", "one_unit_worked_by_hand"),
    hint="Every gate is exactly 1/2 for zero input and zero state, whatever the bias says.",
)
def bias_forgotten(x, h, c, Wx, Wh, b):
    """a = x @ Wx + h @ Wh."""
    h_next, c_next, cache = lstm_step_forward(x, h, c, Wx, Wh, 0 * b)
    return h_next, c_next, cache | {"b": b}


@mistake(
    of="lstm_step_forward",
    caught_by="gates_may_be_saturated",
    hint="The gates are right, but for very negative scores exp overflows on the way. The sigmoid that comes with the notebook "
    "does not.",
)
def sigmoid_of_the_book(x, h, c, Wx, Wh, b):
    """1 / (1 + np.exp(-a)), written again in place."""

    def plain(a):
        return 1 / (1 + np.exp(-a))

    return _step(x, h, c, Wx, Wh, b, squash=(plain, plain, np.tanh, plain))


@mistake(
    of="lstm_step_forward",
    caught_by="step_leaves_its_arguments_alone",
    hint="After your step the old cell state is gone: the array that came in holds the new one. Backwards it is needed again.",
)
def old_cell_overwritten(x, h, c, Wx, Wh, b):
    """c *= f, then c += i * g: saves an array."""
    h_next, c_next, cache = lstm_step_forward(x, h, c.copy(), Wx, Wh, b)
    c[...] = c_next
    return h_next, c, cache


@mistake(
    of="lstm_step_forward",
    caught_by="step_reads_any_layout_and_keeps_float32",
    hint="float32 goes in and float64 comes out: somewhere an array is made without a look at what it is made from.",
)
def float64_inside(x, h, c, Wx, Wh, b):
    """np.zeros for the scores."""
    return lstm_step_forward(*(np.asarray(each, dtype=np.float64) for each in (x, h, c, Wx, Wh, b)))


@mistake(
    of="lstm_step_forward",
    caught_by="cache_holds_inputs_gates_and_the_new_cell",
    hint="Your cache holds scores where gates were asked for: what is kept is what comes after the squashing.",
)
def scores_cached(x, h, c, Wx, Wh, b):
    """The pre-activations under the names of the gates."""
    h_next, c_next, cache = lstm_step_forward(x, h, c, Wx, Wh, b)
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    return h_next, c_next, cache | {name: a[:, k * H : (k + 1) * H] for k, name in enumerate("ifgo")}


@mistake(
    of="lstm_step_forward",
    caught_by="cache_holds_inputs_gates_and_the_new_cell",
    hint='Your cache holds the new cell state under "c" too. Both are needed backwards, and they are not the same.',
)
def new_cell_cached_as_the_old(x, h, c, Wx, Wh, b):
    """c was overwritten by name before the cache was made."""
    h_next, c_next, cache = lstm_step_forward(x, h, c, Wx, Wh, b)
    return h_next, c_next, cache | {"c": c_next}


# --- q2 lstm_step_backward --------------------------------------------------------------------------------------------


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "the_cell_alone_brings_a_gradient_back", "step_gradients_are_right"),
    hint="Your gradients do not depend on dc'. The cell state goes on to the next step too, and carries a gradient of its own.",
)
def cell_gradient_ignored(dh_next, dc_next, cache):
    """(LT-7) Everything through h' only. Networks trained with it still learn a little."""
    return lstm_step_backward(dh_next, 0 * dc_next, cache)


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "the_output_alone_brings_a_gradient_back", "step_gradients_are_right"),
    hint="From dh' only the output gate gets anything. But h' also shows the cell, and so depends on i, f and g.",
)
def output_stops_at_its_gate(dh_next, dc_next, cache):
    """(LT-8) dc misses the term through h'."""
    return _backward(dh_next, dc_next, cache, through_h=0.0)


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "the_output_alone_brings_a_gradient_back"),
    hint="On its way from h' to c' the gradient passes a tanh, and you have left out its slope.",
)
def tanh_passed_without_slope(dh_next, dc_next, cache):
    """dc + dh o."""
    return _backward(dh_next, dc_next, cache, through_h=cache["o"])


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "the_output_alone_brings_a_gradient_back"),
    hint="The slope of tanh was taken at the wrong place: 1 - t^2 wants the value of the tanh, not its argument.",
)
def tanh_slope_of_the_argument(dh_next, dc_next, cache):
    """1 - c'^2."""
    return _backward(dh_next, dc_next, cache, through_h=cache["o"] * (1 - cache["c_next"] ** 2))


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "the_output_alone_brings_a_gradient_back"),
    hint="Only the block of the output gate is wrong. What exactly did the output gate multiply on the way forward?",
)
def output_gate_times_the_cell(dh_next, dc_next, cache):
    """do = dh' c'."""
    return _backward(dh_next, dc_next, cache, shown=cache["c_next"])


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="Only the block of the forget gate is wrong. Which of the two cell states did the forget gate multiply?",
)
def forget_gate_times_the_new_cell(dh_next, dc_next, cache):
    """(LT-13) df uses c' instead of c."""
    return _backward(dh_next, dc_next, cache, kept=cache["c_next"])


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="Only dc is wrong: what arrives at the new cell is handed back in full, although only a share of the old cell went on.",
)
def old_cell_gets_everything(dh_next, dc_next, cache):
    """dc = dc_total, without f."""
    result = lstm_step_backward(dh_next, dc_next, cache)
    total = dc_next + dh_next * cache["o"] * (1 - np.tanh(cache["c_next"]) ** 2)
    return *result[:2], total, *result[3:]


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="Only dc is wrong. It should be a share of *all* that arrives at the new cell, the part through h' included.",
)
def old_cell_gets_only_dc(dh_next, dc_next, cache):
    """dc = dc' f: the second way into the cell is forgotten at the end."""
    result = lstm_step_backward(dh_next, dc_next, cache)
    return *result[:2], dc_next * cache["f"], *result[3:]


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="Your gradients are those of gates, not of scores: between the two lies a squashing function, and its slope.",
)
def squashing_forgotten(dh_next, dc_next, cache):
    """da = [di, df, dg, do]."""
    return _backward(dh_next, dc_next, cache, slopes=(1.0, 1.0, 1.0, 1.0))


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="Only the block of the candidate is wrong: its squashing function is another one than that of the gates.",
)
def candidate_with_the_slope_of_a_gate(dh_next, dc_next, cache):
    """g (1 - g) for the candidate too."""
    i, f, g, o = (cache[name] for name in "ifgo")
    return _backward(dh_next, dc_next, cache, slopes=(i * (1 - i), f * (1 - f), g * (1 - g), o * (1 - o)))


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="The right numbers, two blocks in each other's place: gradients are packed as the weights are.",
)
def blocks_joined_in_another_order(dh_next, dc_next, cache):
    """np.concatenate([di, df, do, dg])."""
    return _backward(dh_next, dc_next, cache, order=(0, 1, 3, 2))


@mistake(
    of="lstm_step_backward",
    caught_by=("samples_are_summed_not_averaged", "step_gradients_are_right"),
    hint="Your weight gradients are means over the samples. The mean, if there is one, belongs to the loss, and is in dh' already.",
)
def weight_gradients_averaged(dh_next, dc_next, cache):
    """dWx / N and so on."""
    *states, dWx, dWh, db = lstm_step_backward(dh_next, dc_next, cache)
    return *states, dWx / len(dh_next), dWh / len(dh_next), db / len(dh_next)


@mistake(
    of="lstm_step_backward",
    caught_by=("step_gradients_are_the_slopes_of_your_step", "step_gradients_are_right"),
    hint="Your db has one row for each sample. One bias served them all: how do their gradients come together?",
)
def bias_gradient_for_each_sample(dh_next, dc_next, cache):
    """db = da."""
    result = lstm_step_backward(dh_next, dc_next, cache)
    da = _scores(dh_next, dc_next, cache)
    return *result[:5], da


@mistake(
    of="lstm_step_backward",
    caught_by="step_backward_keeps_float32_and_its_arguments",
    hint="dc' is another array after your call than before: what was added to it stays there, for the caller too.",
)
def upstream_added_to_in_place(dh_next, dc_next, cache):
    """dc_next += ..."""
    result = lstm_step_backward(dh_next, dc_next.copy(), cache)
    dc_next += dh_next * cache["o"] * (1 - np.tanh(cache["c_next"]) ** 2)
    return result


@mistake(
    of="lstm_step_backward",
    caught_by=("one_unit_backwards", "step_gradients_are_right"),
    hint="Only dWh is wrong. A step knows two hidden states: which of them did the recurrent weights multiply?",
)
def recurrent_weights_meet_the_new_state(dh_next, dc_next, cache):
    """dWh = h'.T @ da."""
    result = lstm_step_backward(dh_next, dc_next, cache)
    h_next = cache["o"] * np.tanh(cache["c_next"])
    return *result[:4], h_next.T @ _scores(dh_next, dc_next, cache), result[5]


# --- q3 lstm_forward --------------------------------------------------------------------------------------------------


@mistake(
    of="lstm_forward",
    caught_by=("a_run_can_be_interrupted", "run_is_right"),
    hint="Every step starts from h0 and c0 again: nothing that was read is remembered.",
)
def every_step_from_the_start(x, h0, c0, Wx, Wh, b):
    """The states are not handed on."""
    steps = [lstm_step_forward(x[:, t], h0, c0, Wx, Wh, b) for t in range(x.shape[1])]
    return _collected(steps, x, h0, c0)


@mistake(
    of="lstm_forward",
    caught_by=("run_is_right", "caches_are_those_of_the_steps"),
    hint="h is handed on, c is not. There are two states, and the cell is the one with the long memory.",
)
def cell_not_handed_on(x, h0, c0, Wx, Wh, b):
    """Only h goes from step to step: the habit of a plain RNN."""
    steps, h = [], h0
    for t in range(x.shape[1]):
        steps.append(lstm_step_forward(x[:, t], h, c0, Wx, Wh, b))
        h = steps[-1][0]
    return _collected(steps, x, h0, c0)


@mistake(
    of="lstm_forward",
    caught_by=("a_sequence_of_one_is_one_step", "run_is_right"),
    hint="h and hT are right, cT is one step late: it is the cell state that went into the last step.",
)
def cell_of_the_step_before(x, h0, c0, Wx, Wh, b):
    """(LT-14) cT from the last cache, where it is called c."""
    h, (hT, cT), caches = lstm_forward(x, h0, c0, Wx, Wh, b)
    return h, (hT, caches[-1]["c"] if caches else cT), caches


@mistake(
    of="lstm_forward",
    caught_by=("run_is_right", "the_future_changes_no_output_before_it"),
    hint="All your outputs are equal to the last one: the list holds one array T times, not T arrays.",
)
def one_array_for_all_states(x, h0, c0, Wx, Wh, b):
    """h[...] = new: the list of outputs aliases one array."""
    h, last, caches = lstm_forward(x, h0, c0, Wx, Wh, b)
    return np.repeat(h[:, -1:], x.shape[1], axis=1) if x.shape[1] else h, last, caches


@mistake(
    of="lstm_forward",
    caught_by=("run_is_right", "a_run_can_be_interrupted"),
    hint="Your h has time first and samples second. In this notebook the batch comes first.",
)
def time_first(x, h0, c0, Wx, Wh, b):
    """np.stack(hs): (T, N, H)."""
    h, last, caches = lstm_forward(x, h0, c0, Wx, Wh, b)
    return h.swapaxes(0, 1), last, caches


@mistake(
    of="lstm_forward",
    caught_by=("run_is_right", "a_run_can_be_interrupted"),
    hint="Your outputs begin with h0 and lack the last one: h[:, t] is the state *after* step t.",
)
def outputs_one_step_late(x, h0, c0, Wx, Wh, b):
    """The state is stored before the step."""
    h, last, caches = lstm_forward(x, h0, c0, Wx, Wh, b)
    return np.concatenate([h0[:, None], h], axis=1)[:, :-1], last, caches


@mistake(
    of="lstm_forward",
    caught_by="the_future_changes_no_output_before_it",
    hint="Early outputs change with late inputs: the sequence is read from its end.",
)
def read_from_the_end(x, h0, c0, Wx, Wh, b):
    """The loop of the backward pass, copied."""
    h, last, caches = lstm_forward(x[:, ::-1], h0, c0, Wx, Wh, b)
    return h[:, ::-1], last, caches


@mistake(
    of="lstm_forward",
    caught_by="nothing_happens_in_no_time",
    hint="A sequence without steps is an error here. A batch of empty sequences has outputs too: none, and the states it had.",
)
def at_least_one_step(x, h0, c0, Wx, Wh, b):
    """np.stack of an empty list."""
    np.stack([x[:, t] for t in range(x.shape[1])])
    return lstm_forward(x, h0, c0, Wx, Wh, b)


@mistake(
    of="lstm_forward",
    caught_by="run_keeps_float32_and_its_arguments",
    hint="h is float64 although float32 went in: the array for the outputs was made without a dtype.",
)
def outputs_in_float64(x, h0, c0, Wx, Wh, b):
    """np.zeros((N, T, H))."""
    h, last, caches = lstm_forward(x, h0, c0, Wx, Wh, b)
    return h.astype(np.float64), last, caches


@mistake(
    of="lstm_forward",
    caught_by="caches_are_those_of_the_steps",
    hint="Your caches are in reverse: the last step's comes first.",
)
def caches_last_step_first(x, h0, c0, Wx, Wh, b):
    """caches.insert(0, cache)."""
    h, last, caches = lstm_forward(x, h0, c0, Wx, Wh, b)
    return h, last, caches[::-1]


@mistake(
    of="lstm_forward",
    caught_by="run_keeps_float32_and_its_arguments",
    hint="h0 holds another state after the call: the loop wrote its states into the array that it was given.",
)
def start_overwritten(x, h0, c0, Wx, Wh, b):
    """h = h0, and then h[...] = new."""
    h, (hT, cT), caches = lstm_forward(x, h0.copy(), c0, Wx, Wh, b)
    h0[...] = hT
    return h, (hT, cT), caches


# --- q4 lstm_backward -------------------------------------------------------------------------------------------------


@mistake(
    of="lstm_backward",
    caught_by=("run_gradients_are_right", "run_gradients_are_the_slopes_of_your_run"),
    hint="Right at the last step, too small before it: the gradient of the cell state is dropped between steps. It is the "
    "very thing that an LSTM was built to carry.",
)
def cell_gradient_dropped(dh, dhT, dcT, caches):
    """(LT-7) dc starts from zero at every step."""
    return _through_time(dh, dhT, dcT, caches, carry_c=0.0)


@mistake(
    of="lstm_backward",
    caught_by=("run_gradients_are_right", "run_gradients_are_the_slopes_of_your_run"),
    hint="At each step only the gradient from outside is used. Two gradients meet at h_t: one from its output, one from the "
    "step after it.",
)
def state_gradient_dropped(dh, dhT, dcT, caches):
    """dh_carried is never added."""
    return _through_time(dh, dhT, dcT, caches, carry_h=0.0)


@mistake(
    of="lstm_backward",
    caught_by=("every_step_has_its_own_upstream_gradient", "run_gradients_are_right"),
    hint="Only the gradient of the last output is used: dx is right at the last step alone. Every output may have one.",
)
def only_the_last_output(dh, dhT, dcT, caches):
    """(LT-11) dh[:, -1] at the start, and then only what is carried."""
    return _through_time(dh * (np.arange(dh.shape[1]) == dh.shape[1] - 1)[:, None], dhT, dcT, caches)


@mistake(
    of="lstm_backward",
    caught_by=("weights_gather_the_gradients_of_all_steps", "run_gradients_are_right"),
    hint="dx, dh0 and dc0 are right; the weight gradients are those of a single step. All steps share the weights.",
)
def weight_gradients_overwritten(dh, dhT, dcT, caches):
    """(LT-10) = where += was meant: what is left is the first step's."""
    return _through_time(dh, dhT, dcT, caches, weigh=lambda t, T: float(t == 0))


@mistake(
    of="lstm_backward",
    caught_by=("weights_gather_the_gradients_of_all_steps", "run_gradients_are_right"),
    hint="Your weight gradients are T times too small: the mean over steps was taken where the sum belongs.",
)
def weight_gradients_averaged_over_time(dh, dhT, dcT, caches):
    """dWx / T."""
    return _through_time(dh, dhT, dcT, caches, weigh=lambda t, T: 1 / T)


@mistake(
    of="lstm_backward",
    caught_by=("last_states_send_their_gradients_all_the_way", "run_gradients_are_right"),
    hint="What arrives at the last hidden state from outside is lost: your gradients do not depend on dhT.",
)
def gradient_of_the_last_state_ignored(dh, dhT, dcT, caches):
    """Starts with zeros: "hT is an output already"."""
    return _through_time(dh, 0 * dhT, dcT, caches)


@mistake(
    of="lstm_backward",
    caught_by=("last_states_send_their_gradients_all_the_way", "run_gradients_are_right"),
    hint="What arrives at the last cell state from outside is lost: your gradients do not depend on dcT.",
)
def gradient_of_the_last_cell_ignored(dh, dhT, dcT, caches):
    """Starts with dc = 0."""
    return _through_time(dh, dhT, 0 * dcT, caches)


@mistake(
    of="lstm_backward",
    caught_by=("run_gradients_are_right", "last_states_send_their_gradients_all_the_way"),
    hint="dhT enters at every step. It is the gradient of one state: the last.",
)
def last_state_at_every_step(dh, dhT, dcT, caches):
    """dh[:, t] + dhT + dh_carried inside the loop."""
    dh = dh + dhT[:, None]
    return _through_time(dh, 0 * dhT, dcT, caches)


@mistake(
    of="lstm_backward",
    caught_by=("run_gradients_are_right", "run_gradients_are_the_slopes_of_your_run"),
    hint="The right gradients in the wrong order: your dx is reversed in time.",
)
def inputs_reversed_in_time(dh, dhT, dcT, caches):
    """dx appended in the order of the loop."""
    dx, *rest = lstm_backward(dh, dhT, dcT, caches)
    return dx[:, ::-1], *rest


@mistake(
    of="lstm_backward",
    caught_by=("run_gradients_are_right", "run_gradients_are_the_slopes_of_your_run"),
    hint="You walk through time in the direction of the forward pass. The gradient of a step needs that of the step after it.",
)
def forwards_through_time(dh, dhT, dcT, caches):
    """for t in range(T)."""
    dx, *rest = lstm_backward(dh[:, ::-1], dhT, dcT, caches[::-1])
    return dx[:, ::-1], *rest


@mistake(
    of="lstm_backward",
    caught_by=("run_gradients_are_right", "run_gradients_are_the_slopes_of_your_run"),
    hint="dh0 and dc0 have changed places.",
)
def first_states_exchanged(dh, dhT, dcT, caches):
    """return dx, dc0, dh0, ..."""
    dx, dh0, dc0, *weights = lstm_backward(dh, dhT, dcT, caches)
    return dx, dc0, dh0, *weights


@mistake(
    of="lstm_backward",
    caught_by="run_backward_keeps_float32_and_its_arguments",
    hint="dh is another array after your call: what was added at its last step stays there, and a second call adds it again.",
)
def upstream_of_the_run_changed(dh, dhT, dcT, caches):
    """dh[:, -1] += dhT."""
    result = lstm_backward(dh.copy(), dhT, dcT, caches)
    dh[:, -1] += dhT
    return result


@mistake(
    of="lstm_backward",
    caught_by="run_backward_keeps_float32_and_its_arguments",
    hint="The gradients are float64 although everything that went in is float32.",
)
def gradients_in_float64(dh, dhT, dcT, caches):
    """np.zeros(...) for the sums."""
    return tuple(each.astype(np.float64) for each in lstm_backward(dh, dhT, dcT, caches))


# --- q5 fix_gate, highway ---------------------------------------------------------------------------------------------


@mistake(
    of="fix_gate",
    caught_by=("a_fixed_gate_hears_nothing", "any_gate_can_be_fixed"),
    hint="Only the bias is set: your gate still listens to x and h, and is not fixed.",
)
def only_the_bias_is_set(Wx, Wh, b, gate, value):
    """b[block] = logit."""
    return Wx.copy(), Wh.copy(), fix_gate(Wx, Wh, b, gate, value)[2]


@mistake(
    of="fix_gate",
    caught_by=("a_fixed_gate_hears_nothing", "any_gate_can_be_fixed"),
    hint="The recurrent weights still reach the gate: it hears h.",
)
def recurrent_weights_left(Wx, Wh, b, gate, value):
    """Wh forgotten."""
    Wx, _, b = fix_gate(Wx, Wh, b, gate, value)
    return Wx, Wh.copy(), b


@mistake(
    of="fix_gate",
    caught_by=("a_fixed_gate_hears_nothing", "any_gate_can_be_fixed"),
    hint="The bias is the value of the gate. The gate is the sigmoid of its bias, so 0 gives 1/2.",
)
def value_as_bias(Wx, Wh, b, gate, value):
    """b[block] = value."""
    Wx, Wh, fixed = fix_gate(Wx, Wh, b, gate, value)
    return Wx, Wh, _with_block(fixed, gate, value)


@mistake(
    of="fix_gate",
    caught_by=("a_fixed_gate_hears_nothing", "any_gate_can_be_fixed"),
    hint="Your gate closes where it should open: at 0.75 it is 0.25.",
)
def logit_upside_down(Wx, Wh, b, gate, value):
    """ln((1 - v) / v)."""
    Wx, Wh, fixed = fix_gate(Wx, Wh, b, gate, value)
    start = "ifgo".index(gate) * len(Wh)
    return Wx, Wh, _with_block(fixed, gate, -fixed[start])


@mistake(
    of="fix_gate",
    caught_by="any_gate_can_be_fixed",
    hint="Right for i and f; for the output gate you have fixed the candidate.",
)
def gates_without_the_candidate(Wx, Wh, b, gate, value):
    """ "ifo".index(gate)."""
    return fix_gate(Wx, Wh, b, "ifg"["ifo".index(gate)], value)


@mistake(
    of="fix_gate",
    caught_by="any_gate_can_be_fixed",
    hint="A gate that is fully open or closed ends in a division by zero or an infinite bias. The docstring says what to use.",
)
def infinite_bias(Wx, Wh, b, gate, value):
    """The logit, for every value."""
    Wx, Wh, fixed = fix_gate(Wx, Wh, b, gate, value)
    with np.errstate(divide="ignore"):
        return Wx, Wh, _with_block(fixed, gate, np.log(np.float64(value)) - np.log(1 - np.float64(value)))


@mistake(
    of="fix_gate",
    caught_by="any_gate_can_be_fixed",
    hint="The weights that were passed in have changed too: an experiment should leave the trained network alone.",
)
def weights_fixed_in_place(Wx, Wh, b, gate, value):
    """Wx[:, block] = 0."""
    for given, fixed in zip((Wx, Wh, b), fix_gate(Wx, Wh, b, gate, value), strict=True):
        given[...] = fixed
    return Wx, Wh, b


@mistake(
    of="highway",
    caught_by=("three_steps_of_a_highway", "highway_is_the_product_of_later_forget_gates"),
    hint="One factor too many: the forget gate of step t lies before c_t, not after it.",
)
def own_gate_included(f):
    """The product over s >= t."""
    return highway(f) * f


@mistake(
    of="highway",
    caught_by=("three_steps_of_a_highway", "highway_is_the_product_of_later_forget_gates"),
    hint="You multiply the gates from the start of the sequence up to t. Asked for is the way from t to the end.",
)
def from_the_wrong_end(f):
    """np.cumprod(f, axis=1)."""
    return np.cumprod(f, axis=1)


@mistake(
    of="highway",
    caught_by=("three_steps_of_a_highway", "highway_is_the_product_of_later_forget_gates"),
    hint="A chain of derivatives is a product, and you have added.",
)
def gates_added(f):
    """A cumulative sum."""
    return f[:, ::-1].cumsum(axis=1)[:, ::-1] - f


@mistake(
    of="highway",
    caught_by="a_closed_gate_ends_the_highway",
    hint="Right until a gate is exactly 0: dividing by what is already in a product fails where it was nothing.",
)
def quotient_of_products(f):
    """The product of all gates, divided by that of the first t."""
    so_far = np.cumprod(f, axis=1)
    return so_far[:, -1:] / so_far


@mistake(
    of="highway",
    caught_by="highway_is_the_product_of_later_forget_gates",
    hint="The gates that you were given have changed: your products are written over them.",
)
def products_written_over_the_gates(f):
    """In place, from the end."""
    out = highway(f)
    f[...] = out
    return f


# --- q6 convert_gates -------------------------------------------------------------------------------------------------


@mistake(
    of="convert_gates",
    caught_by=("there_and_back_again", "blocks_move_as_wholes"),
    hint="You go from dst to src: exchanging two blocks works, because that is its own inverse; moving three in a ring does "
    "not.",
)
def the_way_back(W, src, dst):
    """[dst.index(gate) for gate in src]."""
    return convert_gates(W, dst, src)


@mistake(
    of="convert_gates",
    caught_by=("there_and_back_again", "blocks_move_as_wholes"),
    hint="Right for H = 1 only: single columns move, and each gate is a block of H neighbours.",
)
def every_fourth_column_moved(W, src, dst):
    """W.reshape(..., H, 4): gates are interleaved."""
    blocks = W.reshape(*W.shape[:-1], -1, 4)
    return blocks[..., [src.index(gate) for gate in dst]].reshape(W.shape) if _orders(src, dst) else W


@mistake(
    of="convert_gates",
    caught_by="blocks_move_as_wholes",
    hint="Rows were moved instead of columns, or an array with one axis does not work: gates lie along the *last* axis.",
)
def first_two_axes_only(W, src, dst):
    """np.split(W, 4, axis=1)."""
    blocks = dict(zip(src, np.split(W, 4, axis=1), strict=True)) if _orders(src, dst) else {}
    return np.concatenate([blocks[gate] for gate in dst], axis=1)


@mistake(
    of="convert_gates",
    caught_by="orders_that_are_none_are_refused",
    hint='An order such as "iffo" is accepted: the result then holds one gate twice, and nobody notices.',
)
def any_order_will_do(W, src, dst):
    """No validation."""
    blocks = np.split(W, 4, axis=-1)
    return np.concatenate([blocks[max(src.find(gate), 0)] for gate in dst], axis=-1)


@mistake(
    of="convert_gates",
    caught_by=("four_columns_in_another_order", "blocks_move_as_wholes"),
    hint="Your result does not depend on src: you always start from i, f, g, o.",
)
def always_from_ifgo(W, src, dst):
    """ "ifgo".index(gate)."""
    return convert_gates(W, "ifgo", dst) if _orders(src, dst) else W


# --- q7 lstm_params, lstm_init ----------------------------------------------------------------------------------------


@mistake(
    of="lstm_params",
    caught_by=("three_inputs_and_four_units", "parameters_are_counted"),
    hint="Three quarters of the right number: the candidate has weights of its own, like each of the gates.",
)
def three_gates_counted(D, H, biases=1):
    """Three gates."""
    return 3 * H * (D + H + biases)


@mistake(
    of="lstm_params",
    caught_by=("three_inputs_and_four_units", "parameters_are_counted"),
    hint="The recurrent weights are missing: every unit also reads the whole hidden state.",
)
def no_recurrent_weights(D, H, biases=1):
    """4 (D H + H)."""
    return 4 * H * (D + biases)


@mistake(
    of="lstm_params",
    caught_by=("three_inputs_and_four_units", "parameters_are_counted"),
    hint="Always one bias, whatever was asked for.",
)
def one_bias_always(D, H, biases=1):
    """4 (D H + H^2 + H)."""
    return 4 * H * (D + H + 1)


@mistake(
    of="lstm_params",
    caught_by=("three_inputs_and_four_units", "parameters_are_counted"),
    hint="The number is right, but it is a float: a count is an integer.",
)
def counted_as_a_float(D, H, biases=1):
    """4.0 * ..."""
    return float(lstm_params(D, H, biases))


@mistake(
    of="lstm_init",
    caught_by="the_forget_gate_starts_open",
    hint="The bias of another gate is raised: look up where the forget block lies.",
)
def input_gate_opened(D, H, rng, forget_bias=1.0):
    """b[:H] = 1."""
    Wx, Wh, b = lstm_init(D, H, rng, forget_bias)
    return Wx, Wh, np.roll(b, -H)


@mistake(
    of="lstm_init",
    caught_by="the_forget_gate_starts_open",
    hint="Your forget bias is 1 whatever forget_bias is.",
)
def forget_bias_of_one(D, H, rng, forget_bias=1.0):
    """The parameter is not used."""
    return lstm_init(D, H, rng, 1.0)


@mistake(
    of="lstm_init",
    caught_by="weights_start_small_and_random",
    hint="Your weights come from a normal distribution: most are smaller than the bound, and some are larger.",
)
def normal_weights(D, H, rng, forget_bias=1.0):
    """rng.normal(0, k)."""
    k = 1 / math.sqrt(H)
    _, _, b = lstm_init(D, H, rng, forget_bias)
    return rng.normal(0, k, (D, 4 * H)), rng.normal(0, k, (H, 4 * H)), b


@mistake(
    of="lstm_init",
    caught_by="weights_start_small_and_random",
    hint="Your weights are all positive: the lower end of the interval is 0.",
)
def positive_weights(D, H, rng, forget_bias=1.0):
    """rng.random(...) * k."""
    Wx, Wh, b = lstm_init(D, H, rng, forget_bias)
    return np.abs(Wx), np.abs(Wh), b


@mistake(
    of="lstm_init",
    caught_by="weights_start_small_and_random",
    hint="The bound of Wx depends on D here. In PyTorch's rule it is the same for both: it depends on H.",
)
def bound_by_the_number_of_inputs(D, H, rng, forget_bias=1.0):
    """1 / sqrt(D) for Wx."""
    Wx, Wh, b = lstm_init(D, H, rng, forget_bias)
    return Wx * math.sqrt(H / D), Wh, b


@mistake(
    of="lstm_init",
    caught_by="weights_start_small_and_random",
    hint="Two different generators give the same weights: the numbers come from somewhere else than the generator you were given.",
)
def generator_of_its_own(D, H, rng, forget_bias=1.0):
    """np.random.default_rng(0) inside."""
    return lstm_init(D, H, np.random.default_rng(0), forget_bias)


# --- q8 LSTMCell ------------------------------------------------------------------------------------------------------


class _Cell(torch.nn.Module):
    """The cell with places to go wrong."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        k = 1 / math.sqrt(hidden_size)
        for name, shape in self.shapes(input_size, hidden_size).items():
            self.keep(name, torch.empty(shape).uniform_(-k, k))

    def shapes(self, D, H):
        return {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H), "bias_ih": (4 * H,), "bias_hh": (4 * H,)}

    def keep(self, name, value):
        setattr(self, name, torch.nn.Parameter(value))

    def start(self, x):
        zeros = x.new_zeros(len(x), self.hidden_size)
        return zeros, zeros

    def scores(self, x, h):
        return x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh

    def blocks(self, a):
        return a.chunk(4, dim=1)

    def old(self, c):
        return c

    def show(self, o, c):
        return torch.sigmoid(o) * torch.tanh(c)

    def forward(self, x, state=None):
        h, c = self.start(x) if state is None else state
        i, f, g, o = self.blocks(self.scores(x, h))
        c = torch.sigmoid(f) * self.old(c) + torch.sigmoid(i) * torch.tanh(g)
        return self.show(o, c), c


@mistake(
    of="LSTMCell",
    caught_by=("the_cell_makes_one_step", "the_cell_runs_over_a_sequence"),
    hint="The blocks of your module are read in the order i, f, o, g. Weights of another library then load, and mean something else.",
)
class BlocksInAnotherOrder(_Cell):
    """(LT-1) i, f, o, g."""

    def blocks(self, a):
        i, f, o, g = a.chunk(4, dim=1)
        return i, f, g, o


@mistake(
    of="LSTMCell",
    caught_by=("the_cell_makes_one_step", "the_cell_runs_over_a_sequence"),
    hint="bias_hh is in the state dict, but changes nothing: PyTorch has two biases, and both are added.",
)
class SecondBiasUnused(_Cell):
    """x @ W.T + bias_ih + h @ W.T."""

    def scores(self, x, h):
        return x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T


@mistake(
    of="LSTMCell",
    caught_by=("the_cell_makes_one_step", "the_cell_runs_over_a_sequence"),
    hint="Your h' is the gated cell itself: it was to be squashed first.",
)
class CellUnsquashed(_Cell):
    """(LT-5) h' = o c'."""

    def show(self, o, c):
        return torch.sigmoid(o) * c


@mistake(
    of="LSTMCell",
    caught_by="autograd_finds_every_parameter",
    hint="All outputs are right, and the gradients are too small: somewhere the graph is cut between the old cell and the new.",
)
class OldCellDetached(_Cell):
    """c.detach(), as seen in truncated back-propagation."""

    def old(self, c):
        return c.detach()


@mistake(
    of="LSTMCell",
    caught_by="autograd_finds_every_parameter",
    hint="All outputs are right, and the gradient by the gates of earlier steps is incomplete: h is cut out of the graph.",
)
class StateDetached(_Cell):
    """h.detach()."""

    def scores(self, x, h):
        return super().scores(x, h.detach())


@mistake(
    of="LSTMCell",
    caught_by="parameters_have_the_names_and_shapes_of_torch",
    hint="Your module has no parameters that are trained: a tensor becomes one only by being declared as one.",
)
class TensorsThatAreNoParameters(_Cell):
    """Buffers: in the state dict, but not among the parameters."""

    def keep(self, name, value):
        self.register_buffer(name, value)


@mistake(
    of="LSTMCell",
    caught_by="parameters_have_the_names_and_shapes_of_torch",
    hint="Your weights are (D, 4H), as in question 1. PyTorch stores the transpose, and a state dict must fit exactly.",
)
class WeightsTransposed(_Cell):
    """The shapes of question 1."""

    def shapes(self, D, H):
        return {"weight_ih": (D, 4 * H), "weight_hh": (H, 4 * H), "bias_ih": (4 * H,), "bias_hh": (4 * H,)}

    def scores(self, x, h):
        return x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh


@mistake(
    of="LSTMCell",
    caught_by="parameters_start_small_and_random",
    hint="All numbers of a new cell are equal. Units that start alike get equal gradients, and stay alike for ever.",
)
class EverythingStartsAtZero(_Cell):
    """torch.zeros: fine for a bias of another layer, fatal for weights."""

    def keep(self, name, value):
        super().keep(name, torch.zeros_like(value))


@mistake(
    of="LSTMCell",
    caught_by="parameters_start_small_and_random",
    hint="Your cell starts with large numbers. With them its gates are open or shut before anything has been read: compare the "
    "bounds in the docstring.",
)
class StartsFromStandardNormals(_Cell):
    """torch.randn, as in most first sketches."""

    def keep(self, name, value):
        super().keep(name, torch.randn(value.shape))


@mistake(
    of="LSTMCell",
    caught_by="without_a_state_the_cell_starts_from_zero",
    hint="Without a state your cell ends in an error: the state is optional.",
)
class StateRequired(_Cell):
    """h, c = state, without a look."""

    def start(self, x):
        h, c = None
        return h, c


@mistake(
    of="LSTMCell",
    caught_by="without_a_state_the_cell_starts_from_zero",
    hint="Without a state your cell starts from something that is not zero.",
)
class StartsFromOnes(_Cell):
    """torch.ones."""

    def start(self, x):
        ones = x.new_ones(len(x), self.hidden_size)
        return ones, ones


@mistake(
    of="LSTMCell",
    caught_by="without_a_state_the_cell_starts_from_zero",
    hint="For an input in float64 the zeros that you start from are float32, and the two do not multiply.",
)
class ZerosInFloat32(_Cell):
    """torch.zeros without a dtype."""

    def start(self, x):
        zeros = torch.zeros(len(x), self.hidden_size)
        return zeros, zeros


# --- q9 digit_loss, train_digits --------------------------------------------------------------------------------------


@mistake(
    of="digit_loss",
    caught_by=("digit_gradients_are_the_slopes_of_your_loss", "digit_loss_and_gradients_are_right"),
    hint="Your loss is a sum over samples: with V = 0 it is N times ln 10.",
)
def loss_summed(p, x, y):
    """.sum() for the loss, and for its gradient."""
    loss, gradients = digit_loss(p, x, y)
    return len(x) * loss, {name: len(x) * gradient for name, gradient in gradients.items()}


@mistake(
    of="digit_loss",
    caught_by=("digit_gradients_are_the_slopes_of_your_loss", "digit_loss_and_gradients_are_right"),
    hint="The loss is a mean, and its gradients are those of the sum: they are N times too large.",
)
def gradients_of_the_sum(p, x, y):
    """ds without / N."""
    loss, gradients = digit_loss(p, x, y)
    return loss, {name: len(x) * gradient for name, gradient in gradients.items()}


@mistake(
    of="digit_loss",
    caught_by="digit_loss_and_gradients_are_right",
    hint="Your loss reads the mean of all hidden states. Asked for is the last, which has seen everything.",
)
def mean_of_all_states(p, x, y):
    """h.mean(axis=1)."""
    return _read(p, x, y, lambda h: h.mean(axis=1), lambda dh, h: np.repeat(dh[:, None], h.shape[1], 1) / h.shape[1])


@mistake(
    of="digit_loss",
    caught_by=("digit_gradients_are_the_slopes_of_your_loss", "digit_loss_and_gradients_are_right"),
    hint="The gradients of V and a are right, those of the LSTM are not: the gradient of the last output enters at the first.",
)
def gradient_at_the_first_step(p, x, y):
    """dh[:, 0]."""
    return _read(p, x, y, lambda h: h[:, -1], lambda dh, h: _placed(dh, h, 0))


@mistake(
    of="digit_loss",
    caught_by="digit_loss_and_gradients_are_right",
    hint="The gradient of the bias a is missing: it is zero whatever the labels are.",
)
def no_gradient_for_the_last_bias(p, x, y):
    """np.zeros_like(a)."""
    loss, gradients = digit_loss(p, x, y)
    return loss, gradients | {"a": np.zeros_like(gradients["a"])}


@mistake(
    of="digit_loss",
    caught_by="scores_may_be_large",
    hint="Your softmax overflows for large scores. It does not change when all scores of a sample are shifted by the same number: "
    "which shift would keep exp small?",
)
def softmax_of_the_book(p, x, y):
    """np.exp(s) / np.exp(s).sum(), and then its logarithm."""
    N = len(x)
    zeros = np.zeros((N, p["Wh"].shape[0]))
    h, (hT, _), caches = lstm_forward(x, zeros, zeros, p["Wx"], p["Wh"], p["b"])
    exps = np.exp(hT @ p["V"] + p["a"])
    q = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(q[np.arange(N), y]).mean()
    ds = (q - np.eye(q.shape[1])[y]) / N
    *_, dWx, dWh, db = lstm_backward(0 * h, ds @ p["V"].T, zeros, caches)
    return float(loss), {"Wx": dWx, "Wh": dWh, "b": db, "V": hT.T @ ds, "a": ds.sum(axis=0)}


@mistake(
    of="train_digits",
    caught_by="steps_are_those_of_adam",
    hint="Your first steps are about three times too long: both moments start at zero, and have to be corrected for it.",
)
def moments_uncorrected(p, X, y, batches, lr=0.01):
    """No bias correction."""
    return _trained(p, X, y, batches, lambda m, v, step: lr * m / (np.sqrt(v) + 1e-8))


@mistake(
    of="train_digits",
    caught_by=("unseen_digits_are_read", "steps_are_those_of_adam"),
    hint="The loss hardly falls: these are steps of plain gradient descent, with a learning rate that was meant for Adam.",
)
def plain_descent(p, X, y, batches, lr=0.01):
    """p - lr * gradient."""
    return _trained(p, X, y, batches, lambda m, v, step: lr * m, first=0.0)


@mistake(
    of="train_digits",
    caught_by="steps_are_those_of_adam",
    hint="The correction is that of the first step, in every step: the number of the step has to count up.",
)
def step_counter_stands_still(p, X, y, batches, lr=0.01):
    """1 - beta instead of 1 - beta ** step."""
    return _trained(p, X, y, batches, lambda m, v, step: lr * (m / 0.1) / (np.sqrt(v / 0.001) + 1e-8))


@mistake(
    of="train_digits",
    caught_by="steps_are_those_of_adam",
    hint="The parameters that you were given are changed: whoever wants to start again cannot.",
)
def parameters_trained_in_place(p, X, y, batches, lr=0.01):
    """p[name] -= ..."""
    trained, history = train_digits(p, X, y, batches, lr)
    for name in p:
        p[name][...] = trained[name]
    return p, history


@mistake(
    of="train_digits",
    caught_by="steps_are_those_of_adam",
    hint="history holds the loss after each step. It was to be the one before it.",
)
def loss_after_the_step(p, X, y, batches, lr=0.01):
    """The loss worked out again."""
    trained, history = train_digits(p, X, y, batches, lr)
    return trained, [*history[1:], digit_loss(trained, X[batches[-1]], y[batches[-1]])[0]]


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _step(x, h, c, Wx, Wh, b, *, order="ifgo", squash=(sigmoid, sigmoid, np.tanh, sigmoid), cell=None, state=None):
    H = h.shape[1]
    a = x @ Wx + (h if state is None else state) @ Wh + b
    functions = dict(zip("ifgo", squash, strict=True))
    gates = {name: functions[name](a[:, k * H : (k + 1) * H]) for k, name in enumerate(order)}
    i, f, g, o = (gates[name] for name in "ifgo")
    c_next = f * c + i * g if cell is None else cell(i, f, g)
    cache = {"x": x, "h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b, "i": i, "f": f, "g": g, "o": o, "c_next": c_next}
    return o * np.tanh(c_next), c_next, cache


def _scores(dh, dc, cache, *, through_h=None, shown=None, kept=None, slopes=None, order=(0, 1, 2, 3)):
    i, f, g, o = (cache[name] for name in "ifgo")
    t = np.tanh(cache["c_next"])
    total = dc + dh * (o * (1 - t**2) if through_h is None else through_h)
    slopes = slopes or (i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o))
    gates = (total * g, total * (cache["c"] if kept is None else kept), total * i, dh * (t if shown is None else shown))
    return np.concatenate([gates[k] * slopes[k] for k in order], axis=1)


def _backward(dh, dc, cache, **wrong):
    da = _scores(dh, dc, cache, **wrong)
    t, through_h = np.tanh(cache["c_next"]), wrong.get("through_h")
    total = dc + dh * (cache["o"] * (1 - t**2) if through_h is None else through_h)
    dx, dh_before, dc_before = da @ cache["Wx"].T, da @ cache["Wh"].T, total * cache["f"]
    return dx, dh_before, dc_before, cache["x"].T @ da, cache["h"].T @ da, da.sum(axis=0)


def _collected(steps, x, h0, c0):
    if not steps:
        return np.zeros((len(x), 0, h0.shape[1]), dtype=h0.dtype), (h0, c0), []
    return np.stack([h for h, _, _ in steps], axis=1), steps[-1][:2], [cache for _, _, cache in steps]


def _through_time(dh, dhT, dcT, caches, *, carry_h=1.0, carry_c=1.0, weigh=lambda t, T: 1.0):
    T, dx, carried, dc, sums = len(caches), [], dhT, dcT, [0.0, 0.0, 0.0]
    for t in reversed(range(T)):
        dx_t, dh_before, dc_before, *weights = lstm_step_backward(dh[:, t] + carried, dc, caches[t])
        dx.append(dx_t)
        carried, dc = (carry_h * dh_before, carry_c * dc_before) if t else (dh_before, dc_before)
        sums = [total + np.asarray(weigh(t, T), each.dtype) * each for total, each in zip(sums, weights, strict=True)]
    return np.stack(dx[::-1], axis=1), carried, dc, *sums


def _with_block(b, gate, value):
    b, H = b.copy(), len(b) // 4
    start = "ifgo".index(gate) * H
    b[start : start + H] = value
    return b


def _orders(*orders):
    for order in orders:
        if sorted(order) != sorted("ifgo"):
            raise ValueError("no order of the four gates")
    return True


def _placed(dh, h, t):
    out = np.zeros_like(h)
    out[:, t] = dh
    return out


def _read(p, x, y, pooled, spread):
    zeros = np.zeros((len(x), p["Wh"].shape[0]))
    h, _, caches = lstm_forward(x, zeros, zeros, p["Wx"], p["Wh"], p["b"])
    scores = pooled(h) @ p["V"] + p["a"]
    log_p = scores - np.log(np.exp(scores - scores.max()).sum(axis=1, keepdims=True)) - scores.max()
    ds = (np.exp(log_p) - np.eye(len(p["a"]))[y]) / len(x)
    *_, dWx, dWh, db = lstm_backward(spread(ds @ p["V"].T, h), zeros, zeros, caches)
    gradients = {"Wx": dWx, "Wh": dWh, "b": db, "V": pooled(h).T @ ds, "a": ds.sum(axis=0)}
    return float(-log_p[np.arange(len(x)), y].mean()), gradients


def _trained(p, X, y, batches, change, first=0.9):
    p = dict(p)
    m, v = ({name: np.zeros_like(value) for name, value in p.items()} for _ in range(2))
    history = []
    for step, batch in enumerate(batches, start=1):
        loss, gradients = digit_loss(p, X[batch], y[batch])
        history.append(loss)
        for name, gradient in gradients.items():
            m[name] = first * m[name] + (1 - first) * gradient
            v[name] = 0.999 * v[name] + 0.001 * gradient**2
            p[name] = p[name] - change(m[name], v[name], step)
    return p, history
