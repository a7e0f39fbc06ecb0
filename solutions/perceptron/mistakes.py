"""What students get wrong about the perceptron, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (PC-...) are those of the course's catalogue.
"""

import numpy as np
from autograder.topic import mistake

from .solution import (
    averaged_perceptron_fit,
    kernel_perceptron_fit,
    perceptron_fit,
    perceptron_loss,
    perceptron_predict,
    perceptron_step,
    quadratic_features,
    radius_and_margin,
)

# --- q1 perceptron_predict --------------------------------------------------------------------------------------------


@mistake(
    of="perceptron_predict",
    caught_by="points_on_the_line_count_as_plus_one",
    hint="On the line your answer is 0, and 0 is no label. Which side does the docstring give the line to?",
)
def sign_of_zero_is_zero(w, b, X):
    """np.sign(scores): three answers, where there are two labels."""
    return np.sign(X @ w + b).astype(int)


@mistake(
    of="perceptron_predict",
    caught_by="points_on_the_line_count_as_plus_one",
    hint="Right off the line, but points on it are given to -1: compare > and >= with the docstring.",
)
def line_given_to_minus_one(w, b, X):
    """scores > 0."""
    return np.where(X @ w + b > 0, 1, -1)


@mistake(
    of="perceptron_predict",
    caught_by="three_points_get_their_sides",
    hint="Your labels are 0 and 1. The perceptron's are -1 and +1: its rule multiplies by them, and a product with 0 is nothing.",
)
def labels_zero_and_one(w, b, X):
    """(scores >= 0).astype(int), as for logistic regression."""
    return (X @ w + b >= 0).astype(int)


@mistake(
    of="perceptron_predict",
    caught_by="three_points_get_their_sides",
    hint="Your line always goes through the origin: b is given to you, and takes no part in the answer.",
)
def bias_left_out_of_the_prediction(w, b, X):
    """sign(X @ w)."""
    return perceptron_predict(w, 0.0, X)


@mistake(
    of="perceptron_predict",
    caught_by="three_points_get_their_sides",
    hint="The labels are right, but they are floats; the docstring asks for integers.",
)
def labels_as_floats(w, b, X):
    """np.where(..., 1.0, -1.0)."""
    return np.where(X @ w + b >= 0, 1.0, -1.0)


@mistake(
    of="perceptron_predict",
    caught_by="three_points_get_their_sides",
    hint="The two sides are exchanged: w points to the side of +1.",
)
def sides_exchanged(w, b, X):
    """-1 where the score is positive."""
    return -perceptron_predict(w, b, X)


@mistake(
    of="perceptron_predict",
    caught_by="three_points_get_their_sides",
    hint="Your predictions stand in a column of shape (N, 1). Compared with labels of shape (N,), that quietly makes N x N "
    "comparisons.",
)
def predictions_in_a_column(w, b, X):
    """X @ w[:, None]: a matrix times a matrix."""
    return perceptron_predict(w, b, X)[:, None]


@mistake(
    of="perceptron_predict",
    caught_by="predictions_are_right",
    hint="Scores between -1 and 0 end on the wrong side: something makes whole numbers of them before their sign is looked at.",
)
def scores_cut_to_integers(w, b, X):
    """(X @ w + b).astype(int) >= 0: -0.7 becomes 0."""
    return np.where((X @ w + b).astype(int) >= 0, 1, -1)


@mistake(
    of="perceptron_predict",
    caught_by="integers_and_no_samples_at_all_are_fine",
    hint="Your function breaks where there is no sample to predict: an empty batch is a batch too.",
)
def one_prediction_at_least(w, b, X):
    """np.stack of a list, which may not be empty."""
    return np.stack([np.int64(1 if x @ w + b >= 0 else -1) for x in X])


@mistake(
    of="perceptron_predict",
    caught_by="predict_leaves_its_arguments_alone",
    hint="The labels are right, but X holds other numbers afterwards: an in-place operation reached the caller's array.",
)
def samples_multiplied_in_place(w, b, X):
    """X *= w; X.sum(axis=1) + b."""
    labels = perceptron_predict(w, b, X)
    X *= w.astype(X.dtype)
    return labels


# --- q2 perceptron_step -----------------------------------------------------------------------------------------------


@mistake(
    of="perceptron_step",
    caught_by="a_score_of_zero_is_a_mistake",
    hint="With w = 0 and b = 0 nothing is ever a mistake for you, so nothing is ever learned. What is y * score at the start?",
)
def zero_counts_as_right(w, b, x, y, lr=1.0):
    """(PC-1) y * score < 0."""
    return _step(w, b, x, y, lr, y * (x @ w + b) < 0)


@mistake(
    of="perceptron_step",
    caught_by="a_score_of_zero_is_a_mistake",
    hint="On the line, a sample with label +1 counts as right for you, and one with label -1 does not. A prediction and a "
    "mistake are different questions: predicting must choose a side, learning need not be content with it.",
)
def prediction_compared_with_the_label(w, b, x, y, lr=1.0):
    """predict(x) != y: agrees with y * score <= 0 everywhere but on the line."""
    return _step(w, b, x, y, lr, perceptron_predict(w, b, x[None])[0] != y)


@mistake(
    of="perceptron_step",
    caught_by="one_step_worked_by_hand",
    hint="Your step moves the line away from the sample, and makes the mistake worse. Which sign moves w towards a sample of "
    "class +1?",
    also=("moved_by_the_prediction",),
)
def away_from_the_sample(w, b, x, y, lr=1.0):
    """w - lr * y * x."""
    return perceptron_step(w, b, x, y, -lr)


@mistake(
    of="perceptron_step",
    caught_by="one_step_worked_by_hand",
    hint="You move along the prediction. It has just been found wrong: which sign should move you towards the sample?",
    also=("away_from_the_sample",),
)
def moved_by_the_prediction(w, b, x, y, lr=1.0):
    """(PC-2) w + lr * predicted * x."""
    predicted = perceptron_predict(w, b, x[None])[0]
    if y * (x @ w + b) > 0:
        return w, b, False
    return w + lr * predicted * x, b + lr * predicted, True


@mistake(
    of="perceptron_step",
    caught_by="one_step_worked_by_hand",
    hint="b stays where it is: can your separating line ever leave the origin?",
)
def bias_forgotten(w, b, x, y, lr=1.0):
    """(PC-4) Only w moves."""
    new_w, _, wrong = perceptron_step(w, b, x, y, lr)
    return new_w, b, wrong


@mistake(
    of="perceptron_step",
    caught_by="a_score_of_zero_is_a_mistake",
    hint="b moves the same way whatever the label: after a mistake on class -1 it should go down.",
)
def bias_moved_without_the_label(w, b, x, y, lr=1.0):
    """b + lr."""
    new_w, _, wrong = perceptron_step(w, b, x, y, lr)
    return new_w, b + lr * wrong, wrong


@mistake(
    of="perceptron_step",
    caught_by=("one_step_worked_by_hand", "an_update_helps_by_the_squared_length"),
    hint="The learning rate reaches w, but not b: both are parameters.",
)
def bias_moved_at_full_rate(w, b, x, y, lr=1.0):
    """b + y."""
    new_w, _, wrong = perceptron_step(w, b, x, y, lr)
    return new_w, b + y * wrong, wrong


@mistake(
    of="perceptron_step",
    caught_by=("one_step_worked_by_hand", "an_update_helps_by_the_squared_length"),
    hint="Your step is the same for every learning rate: lr is accepted, and then not looked at.",
)
def rate_ignored(w, b, x, y, lr=1.0):
    """w + y * x."""
    return perceptron_step(w, b, x, y)


@mistake(
    of="perceptron_step",
    caught_by=("one_step_worked_by_hand", "a_sample_on_the_right_side_changes_nothing"),
    hint="You learn from samples that are right already. Only mistakes change the weights.",
)
def every_sample_moves_the_line(w, b, x, y, lr=1.0):
    """(PC-7) The update, without a condition."""
    return w + lr * y * x, b + lr * y, bool(y * (x @ w + b) <= 0)


@mistake(
    of="perceptron_step",
    caught_by=("one_step_worked_by_hand", "steps_are_right"),
    hint="You look at the score alone: a negative score is a mistake for class +1 only.",
)
def label_left_out_of_the_test(w, b, x, y, lr=1.0):
    """score <= 0."""
    return _step(w, b, x, y, lr, x @ w + b <= 0)


@mistake(
    of="perceptron_step",
    caught_by="one_step_worked_by_hand",
    hint="You decide without b: the line that you learn is not the line that you test with.",
)
def score_without_the_bias(w, b, x, y, lr=1.0):
    """y * (x @ w) <= 0."""
    return _step(w, b, x, y, lr, y * (x @ w) <= 0)


@mistake(
    of="perceptron_step",
    caught_by="steps_are_right",
    hint="Samples of class -1 teach you nothing: multiply by the label, and ask what happens if it has become 0.",
)
def labels_made_zero_and_one(w, b, x, y, lr=1.0):
    """(PC-5) Converts y to 0 and 1 for the update, so that class -1 adds nothing."""
    wrong = y * (x @ w + b) <= 0
    target = max(y, 0)
    return w + lr * wrong * target * x, b + lr * wrong * target, bool(wrong)


@mistake(
    of="perceptron_step",
    caught_by=("one_step_worked_by_hand", "an_update_helps_by_the_squared_length"),
    hint="Your step depends on how wrong the score is. That is the delta rule of linear regression; the perceptron's step is "
    "as long for a near miss as for a bad one.",
)
def delta_rule(w, b, x, y, lr=1.0):
    """lr * (y - score) * x: Widrow and Hoff, 1960."""
    score = x @ w + b
    return _step(w, b, x, y - score, lr, y * score <= 0)


@mistake(
    of="perceptron_step",
    caught_by=("one_step_worked_by_hand", "an_update_helps_by_the_squared_length"),
    hint="Your steps all have the same length: x was normalised. The rule adds the sample as it is.",
)
def sample_normalised(w, b, x, y, lr=1.0):
    """x / ||x||, from the proof of convergence, where it is assumed for convenience."""
    score = x @ w + b
    new_w, new_b, wrong = _step(w, b, x / np.linalg.norm(x), y, lr, y * score <= 0)
    return new_w, new_b, wrong


@mistake(
    of="perceptron_step",
    caught_by="one_step_worked_by_hand",
    hint="The weights are right, but `mistake` says whether the sample is wrong *after* the update; it is asked about before.",
)
def mistake_looked_for_after_the_update(w, b, x, y, lr=1.0):
    """Updates, and then evaluates y * score <= 0 once more for the third value."""
    new_w, new_b, _ = perceptron_step(w, b, x, y, lr)
    return new_w, new_b, bool(y * (x @ new_w + new_b) <= 0)


@mistake(
    of="perceptron_step",
    caught_by=("steps_are_right", "an_update_helps_by_the_squared_length"),
    hint="One call moves the line until the sample is right. The perceptron takes a single step, even if that is not enough.",
)
def repeated_until_right(w, b, x, y, lr=1.0):
    """while instead of if."""
    wrong = y * (x @ w + b) <= 0
    for _ in range(10_000):
        if y * (x @ w + b) > 0:
            break
        w, b = w + lr * y * x, b + lr * y
    return w, b, bool(wrong)


@mistake(
    of="perceptron_step",
    caught_by="a_sample_on_the_right_side_changes_nothing",
    hint="You also move for samples that are right, if only just: that is a hinge loss with a margin. Here any positive "
    "y * score will do.",
)
def margin_of_one_demanded(w, b, x, y, lr=1.0):
    """y * score <= 1, as in a support vector machine."""
    return _step(w, b, x, y, lr, y * (x @ w + b) <= 1)


@mistake(
    of="perceptron_step",
    caught_by="integer_weights_and_samples_are_fine",
    hint="Integer weights stay integers in your code: half a step is cut off to a whole number. Think of the dtype of what you "
    "write into.",
)
def halves_cut_off(w, b, x, y, lr=1.0):
    """new = w.copy(); new[:] = w + lr * y * x: writes floats into an array of integers."""
    new_w, new_b, wrong = perceptron_step(w, b, x, y, lr)
    result = w.copy()
    result[:] = new_w
    return result, new_b, wrong


@mistake(
    of="perceptron_step",
    caught_by="step_leaves_its_arguments_alone",
    hint="The result is right, but the caller's w is changed too: `w += ...` writes into the array that was given to you.",
)
def weights_changed_in_place(w, b, x, y, lr=1.0):
    """w += lr * y * x."""
    new_w, new_b, wrong = perceptron_step(w, b, x, y, lr)
    if w.dtype.kind != "f":
        return new_w, new_b, wrong
    w[:] = new_w
    return w, new_b, wrong


# --- q3 perceptron_fit ------------------------------------------------------------------------------------------------


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="You report success without a single mistake, and w is still 0. What is y * score at w = 0, and is that right or "
    "wrong?",
)
def never_starts(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-1) y * score < 0: at zero nothing is wrong, so nothing moves, so nothing is ever wrong."""
    return _fit(X, y, lr, max_epochs, order, fit_bias, wrong=lambda margin, label: margin < 0)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="Scores of exactly 0 are mistakes for one class only: you compare predictions with labels, and predict gives the line "
    "to +1. Learning treats both classes alike.",
)
def line_counts_as_right_for_plus_one(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """predict(x) != y."""
    return _fit(
        X, y, lr, max_epochs, order, fit_bias, wrong=lambda margin, label: margin < 0 or (margin == 0 and label < 0)
    )


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "mistakes_keep_the_bound"),
    hint="The more you train, the worse it gets: every update moves away from the sample. Is it the label that you add, or "
    "your own wrong answer?",
)
def driven_by_predictions(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-2) w + lr * predicted * x."""
    return _fit(X, y, lr, max_epochs, order, fit_bias, sign=-1.0)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "unusual_samples_are_no_exception"),
    hint="b is 0 at the end: your line cannot leave the origin, and some samples need it to.",
)
def bias_never_learned(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-4) Forgets b."""
    return perceptron_fit(X, y, lr, max_epochs, order, fit_bias=False)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="Only samples of class +1 ever move w. Multiply by y: what happens if class -1 was turned into 0 before?",
)
def classes_zero_and_one(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-5) y = (y > 0).astype(int): products with the label 0 are 0, a mistake that adds nothing, for ever."""
    return _fit(X, np.maximum(y, 0), lr, max_epochs, order, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="You start the sweep again after each mistake, so early samples are seen more often than late ones. Some notes say "
    "so; here the sweep goes on with the next sample.",
)
def sweep_restarted_after_each_mistake(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-6) `go to step 2`, taken literally: break after the update."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        history.append(0)
        for i in range(len(y)) if order is None else order:
            w, moved, wrong = perceptron_step(w, b, X[i], y[i], lr)
            b = moved if fit_bias else 0.0
            if wrong:
                history[-1] = 1
                break
        if not history[-1]:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "mistakes_keep_the_bound"),
    hint="Every sweep counts N mistakes, and none is the last: you learn from samples that are right already.",
)
def every_sample_learned_from(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-7) No condition in front of the update."""
    return _fit(X, y, lr, max_epochs, order, fit_bias, wrong=lambda margin, label: True)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="All samples of a sweep are judged by the weights that it began with. The perceptron learns at once: the next sample "
    "meets the line as it is after the last mistake.",
)
def whole_sweep_judged_at_once(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-8) Vectorised: the first sweep then adds all y_i x_i."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        wrong = y * (X @ w + b) <= 0
        w = w + lr * (y[wrong] @ X[wrong])
        b = b + lr * y[wrong].sum() * fit_bias
        history.append(int(wrong.sum()))
        if not history[-1]:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by="the_given_order_is_followed",
    hint="Your result does not depend on `order`: use the order that you are given.",
)
def order_ignored(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """for x, label in zip(X, y), whatever order says."""
    return perceptron_fit(X, y, lr, max_epochs, None, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by="the_given_order_is_followed",
    hint="Every call of yours gives another result: samples are shuffled with a global random generator. The order is given to "
    "you, or is that of the rows.",
)
def shuffled_in_every_sweep(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """(PC-10) np.random.permutation: good practice elsewhere, but nobody can repeat the run."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        shuffled = np.random.permutation(len(y))
        once = _sweep(X, y, w, b, lr, shuffled, fit_bias)
        w, b = once[0], once[1]
        history.append(once[2])
        if not history[-1]:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by="the_given_order_is_followed",
    hint="`order` lists which sample comes first, second, third. You read it the other way: at which place each sample comes.",
)
def order_inverted(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """np.argsort(order)."""
    return perceptron_fit(X, y, lr, max_epochs, None if order is None else np.argsort(order), fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by="the_given_order_is_followed",
    hint="Your first sweep follows `order`, the others do not: it holds for every epoch.",
)
def order_used_once(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """An iterator or a flag that is used up after the first sweep."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        visits = order if order is not None and not history else np.arange(len(y))
        w, b, wrong = _sweep(X, y, w, b, lr, visits, fit_bias)
        history.append(wrong)
        if not wrong:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by="the_given_order_is_followed",
    hint="The samples are put in order, but their labels are not: each sample must keep its own.",
)
def labels_left_in_place(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """X = X[order], without y = y[order]."""
    return perceptron_fit(X if order is None else X[order], y, lr, max_epochs, None, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by=("counts_belong_together", "mistakes_are_counted"),
    hint="The last sweep, the one without mistakes, is missing from your counts: it was made, and it is how you know that you "
    "are done.",
)
def clean_sweep_not_counted(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """Breaks before history.append."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    history = [each for each in run["history"] if each]
    return run | {"history": history, "epochs": len(history)}


@mistake(
    of="perceptron_fit",
    caught_by=("counts_belong_together", "mistakes_are_counted"),
    hint="Your history only ever rises: the counter of mistakes is not set back at the start of a sweep. So no sweep seems "
    "free of mistakes.",
)
def counter_never_reset(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """mistakes = 0 stands before the outer loop."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    history = np.cumsum(run["history"] + [0] * (max_epochs - run["epochs"]))
    return run | {"history": history, "epochs": max_epochs, "mistakes": int(history[-1]), "converged": False}


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "mistakes_are_counted"),
    hint="`mistakes` is the number of the last sweep alone, which is 0 whenever the run has converged. It is asked for the "
    "whole run.",
)
def mistakes_of_the_last_sweep(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """The counter is reset in every sweep, and returned."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    return run | {"mistakes": run["history"][-1]}


@mistake(
    of="perceptron_fit",
    caught_by=("counts_belong_together", "sweeping_stops_in_time"),
    hint="You say that the run has converged although its last sweep made mistakes: giving up is not success.",
)
def always_converged(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """converged = True after the loop."""
    return perceptron_fit(X, y, lr, max_epochs, order, fit_bias) | {"converged": True}


@mistake(
    of="perceptron_fit",
    caught_by="sweeping_stops_in_time",
    hint="A run whose very last allowed sweep is free of mistakes has converged too: look at the sweep, not at the number of "
    "sweeps.",
)
def converged_if_there_is_time_left(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """converged = epochs < max_epochs."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    return run | {"converged": run["epochs"] < max_epochs}


@mistake(
    of="perceptron_fit",
    caught_by="sweeping_stops_in_time",
    hint="You call the run converged because the final weights happen to be right. They are, but no sweep has shown it: "
    "`converged` is a statement about the last sweep.",
)
def converged_if_the_final_weights_are_right(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """converged = accuracy of the result == 1."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    return run | {"converged": bool(np.all(y * (X @ run["w"] + run["b"]) > 0))}


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "counts_belong_together", "runs_are_right"),
    hint="You make one sweep more than max_epochs allows.",
)
def one_sweep_too_many(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """while epochs <= max_epochs."""
    return perceptron_fit(X, y, lr, max_epochs + 1, order, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by=("counts_belong_together", "sweeping_stops_in_time"),
    hint="You always sweep max_epochs times: once a sweep has made no mistake, no later one will.",
)
def no_early_end(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """for epoch in range(max_epochs), without a break."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    return run | {"history": run["history"] + [0] * (max_epochs - run["epochs"]), "epochs": max_epochs}


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "and_and_or_are_learned"),
    hint="You sweep once and stop. A sample that was right early in the sweep may be wrong at its end.",
)
def one_sweep_only(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """No outer loop."""
    return perceptron_fit(X, y, lr, 1, order, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "and_and_or_are_learned"),
    hint="Your run ends at the first sample that is right. It may end when a whole sweep is.",
)
def stopped_at_the_first_right_sample(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """break where continue was meant, and then out of both loops."""
    w, b, wrongs = np.zeros(X.shape[1]), 0.0, 0
    for i in range(len(y)) if order is None else order:
        w, moved, wrong = perceptron_step(w, b, X[i], y[i], lr)
        b = moved if fit_bias else 0.0
        if not wrong:
            break
        wrongs += 1
    return _result(w, b, [wrongs, 0]) | {"epochs": 1, "history": [wrongs]}


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="You return the weights of your best sweep. That is the pocket algorithm, and a good idea; here the last weights are "
    "asked for.",
)
def best_weights_kept(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """The pocket algorithm."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    pocket, most = (w, b), -1
    while len(history) < max_epochs:
        right = int(np.sum(y * (X @ w + b) > 0))
        if right > most:
            pocket, most = (w, b), right
        w, b, wrong = _sweep(X, y, w, b, lr, np.arange(len(y)) if order is None else order, fit_bias)
        history.append(wrong)
        if not wrong:
            break
    return _result(*pocket, history)


@mistake(
    of="perceptron_fit",
    caught_by=("runs_are_right", "the_learning_rate_only_scales"),
    hint="w is the same for every learning rate. With a zero start lr changes no decision, but it does scale the result.",
)
def learning_rate_ignored(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """perceptron_step(w, b, x, y), without lr."""
    return perceptron_fit(X, y, 1.0, max_epochs, order, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by="runs_are_right",
    hint="With another learning rate you make other mistakes. From a zero start lr is only a unit of length, as long as w and "
    "b are measured in the same one.",
)
def learning_rate_for_the_weights_alone(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """b += y."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        history.append(0)
        for i in range(len(y)) if order is None else order:
            w, _, wrong = perceptron_step(w, b, X[i], y[i], lr)
            b += float(y[i]) * wrong * fit_bias
            history[-1] += int(wrong)
        if not history[-1]:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by="without_a_bias_it_stays_zero",
    hint="fit_bias makes no difference to your result.",
)
def bias_always_learned(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """Does not look at fit_bias."""
    return perceptron_fit(X, y, lr, max_epochs, order)


@mistake(
    of="perceptron_fit",
    caught_by="without_a_bias_it_stays_zero",
    hint="b is 0 in your result, but it took part in the decisions on the way: w is that of a run with a bias.",
    also=("bias_always_learned",),  # the same numbers, where a bias that is learned happens to end at 0
)
def bias_dropped_at_the_end(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """b if fit_bias else 0.0, in the return statement alone."""
    run = perceptron_fit(X, y, lr, max_epochs, order)
    return run | {"b": run["b"] if fit_bias else 0.0}


@mistake(
    of="perceptron_fit",
    caught_by=("and_and_or_are_learned", "unusual_samples_are_no_exception"),
    hint="A sample of zeros is skipped. Its score is b, and through b it can be learned.",
)
def zeros_skipped(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """if not x.any(): continue."""
    visits = np.arange(len(y)) if order is None else order
    kept = visits[X[visits].any(axis=1)]
    return perceptron_fit(X, y, lr, max_epochs, kept, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by="unusual_samples_are_no_exception",
    hint="You refuse data of one class. The rule has no difficulty with them: a line with everything on one side will do.",
)
def two_classes_demanded(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """raise ValueError, as scikit-learn does."""
    if len(np.unique(y)) < 2:
        raise ValueError("needs samples of 2 classes")
    return perceptron_fit(X, y, lr, max_epochs, order, fit_bias)


@mistake(
    of="perceptron_fit",
    caught_by="unusual_samples_are_no_exception",
    hint="For integer X your weights are integers, and half a step is cut off: an array made `like` X has its dtype.",
)
def weights_of_the_dtype_of_the_data(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """w = np.zeros_like(X[0]); w[:] = ..."""
    w, b, history = np.zeros_like(X[0]), 0.0, []
    while len(history) < max_epochs:
        history.append(0)
        for i in range(len(y)) if order is None else order:
            w[:], moved, wrong = perceptron_step(w, b, X[i], y[i], lr)
            b = moved if fit_bias else 0.0
            history[-1] += int(wrong)
        if not history[-1]:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by=("four_points_traced_by_hand", "runs_are_right"),
    hint="You do not start from w = 0 and b = 0. Other starts converge too, but to other weights, and after other mistakes.",
)
def started_elsewhere(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """w = np.ones(D): so that the first score is not 0."""
    w, b, history = np.ones(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        w, b, wrong = _sweep(X, y, w, b, lr, np.arange(len(y)) if order is None else order, fit_bias)
        history.append(wrong)
        if not wrong:
            break
    return _result(w, b, history)


@mistake(
    of="perceptron_fit",
    caught_by="fit_leaves_its_arguments_alone",
    hint="The result is right, but X holds other numbers afterwards: folding the labels into the samples needs a copy.",
)
def labels_folded_into_the_samples(X, y, lr=1.0, max_epochs=100, order=None, fit_bias=True):
    """X *= y[:, None], because the rule only needs y * x."""
    run = perceptron_fit(X, y, lr, max_epochs, order, fit_bias)
    X *= y[:, None].astype(X.dtype)
    return run


# --- q4 radius_and_margin ---------------------------------------------------------------------------------------------


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "radius_is_right"),
    hint="Your R is the length of x alone. The bound speaks of the vectors (1, x), because b is learned like a weight of a "
    "feature that is always 1.",
)
def radius_without_the_one(X, y, w, b):
    """max ||x||."""
    return np.linalg.norm(X, axis=1).max(), radius_and_margin(X, y, w, b)[1]


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "margin_is_right"),
    hint="You divide by the length of w alone: that is the distance in the picture, but the bound measures along (b, w).",
)
def normalised_without_the_bias(X, y, w, b):
    """The geometric margin of support vector machines."""
    R, gamma = radius_and_margin(X, y, w, b)
    with np.errstate(all="ignore"):
        return R, gamma * np.linalg.norm(np.append(w, b)) / np.linalg.norm(w)


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "a_longer_normal_vector_changes_nothing"),
    hint="Your gamma grows with (w, b), although the line stays the same: a margin is a length, and needs a unit vector.",
)
def margin_not_normalised(X, y, w, b):
    """min y * score: the functional margin."""
    return radius_and_margin(X, y, w, b)[0], (y * (X @ w + b)).min()


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "a_sample_on_the_wrong_side_makes_gamma_negative"),
    hint="Your gamma is never negative: it measures how near the nearest sample is, not whether it is on its own side.",
)
def distance_without_a_side(X, y, w, b):
    """min |score|, without the labels."""
    return radius_and_margin(X, y, w, b)[0], np.abs(X @ w + b).min() / np.linalg.norm(np.append(w, b))


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "a_sample_on_the_wrong_side_makes_gamma_negative"),
    hint="Your gamma stops at 0. A negative margin is worth knowing: it says by how much the worst sample is wrong.",
)
def margin_cut_at_zero(X, y, w, b):
    """max(0, ...), because a distance cannot be negative."""
    R, gamma = radius_and_margin(X, y, w, b)
    return R, max(gamma, 0.0)


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "margin_is_right"),
    hint="You give the mean of the margins: a guarantee for all samples is decided by the worst of them.",
)
def mean_margin(X, y, w, b):
    """mean instead of min."""
    return radius_and_margin(X, y, w, b)[0], (y * (X @ w + b)).mean() / np.linalg.norm(np.append(w, b))


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "radius_is_right"),
    hint="Your R is the square of the one asked for: the bound squares it once more.",
)
def radius_squared(X, y, w, b):
    """Stops before the root."""
    R, gamma = radius_and_margin(X, y, w, b)
    return R**2, gamma


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "radius_is_right"),
    hint="Your R does not reach the farthest sample: is it a mean, where a maximum is asked for?",
)
def mean_radius(X, y, w, b):
    """Mean length."""
    return np.sqrt(1 + (X**2).sum(axis=1)).mean(), radius_and_margin(X, y, w, b)[1]


@mistake(
    of="radius_and_margin",
    caught_by=("four_points_measured_by_hand", "radius_is_right", "margin_is_right"),
    hint="The two values are exchanged: R comes first.",
)
def values_exchanged(X, y, w, b):
    """return gamma, R."""
    return radius_and_margin(X, y, w, b)[::-1]


@mistake(
    of="radius_and_margin",
    caught_by="margin_of_few_samples_and_extreme_weights",
    hint="For very short weights your gamma is off: something was added to the length so that nobody divides by zero. Compared "
    "with weights of 1e-8 even a small number is large.",
)
def length_plus_epsilon(X, y, w, b):
    """norm + 1e-10."""
    length = np.linalg.norm(np.append(w, b))
    R, gamma = radius_and_margin(X, y, w, b)
    return R, gamma * length / (length + 1e-10)


@mistake(
    of="radius_and_margin",
    caught_by="margin_of_few_samples_and_extreme_weights",
    hint="You look at the two classes one after the other, and one of them may have no samples.",
)
def one_margin_for_each_class(X, y, w, b):
    """min over class +1, min over class -1."""
    scores = (X @ w + b) / np.linalg.norm(np.append(w, b))
    return radius_and_margin(X, y, w, b)[0], min(scores[y > 0].min(), -scores[y < 0].max())


@mistake(
    of="radius_and_margin",
    caught_by="measuring_leaves_its_arguments_alone",
    hint="The numbers are right, but the caller's w is a unit vector afterwards: `w /= ...` works in place.",
)
def weights_normalised_in_place(X, y, w, b):
    """w /= length."""
    result = radius_and_margin(X, y, w, b)
    w /= np.linalg.norm(np.append(w, b)) or 1.0
    return result


# --- q5 perceptron_loss -----------------------------------------------------------------------------------------------


@mistake(
    of="perceptron_loss",
    caught_by=("loss_of_four_points_worked_by_hand", "perceptron_loss_is_right"),
    hint="Samples that are right still cost something in your loss: that is the hinge loss of support vector machines, which "
    "demands a margin of 1.",
)
def hinge_with_a_margin(w, b, X, y):
    """max(0, 1 - y * score)."""
    _one_label_each(X, y)
    margins = y * (X @ w + b)
    dscores = np.where(margins <= 1, -y, 0) / len(y)
    return np.maximum(0.0, 1.0 - margins).mean(), X.T @ dscores, dscores.sum()


@mistake(
    of="perceptron_loss",
    caught_by=("loss_of_four_points_worked_by_hand", "perceptron_loss_is_right"),
    hint="Your loss and gradient grow with the number of samples: a sum, where a mean is asked for.",
)
def sum_instead_of_mean(w, b, X, y):
    """Sum over samples, with its own right gradient."""
    return tuple(len(y) * each for each in perceptron_loss(w, b, X, y))


@mistake(
    of="perceptron_loss",
    caught_by=("loss_of_four_points_worked_by_hand", "perceptron_loss_is_right"),
    hint="You average over the mistakes only. The mean is over all samples: with few mistakes the loss should be small.",
)
def mean_over_the_mistakes(w, b, X, y):
    """margins[wrong].mean()."""
    _one_label_each(X, y)
    count = max(1, int((y * (X @ w + b) <= 0).sum()))
    return tuple(each * len(y) / count for each in perceptron_loss(w, b, X, y))


@mistake(
    of="perceptron_loss",
    caught_by=(
        "loss_of_four_points_worked_by_hand",
        "gradient_is_the_slope_of_your_loss",
        "perceptron_gradient_is_right",
    ),
    hint="Your loss is a mean, your gradient a sum: it is N times too large.",
)
def gradient_not_averaged(w, b, X, y):
    """The 1/N is forgotten in the gradient."""
    loss, dw, db = perceptron_loss(w, b, X, y)
    return loss, len(y) * dw, len(y) * db


@mistake(
    of="perceptron_loss",
    caught_by=(
        "loss_of_four_points_worked_by_hand",
        "gradient_is_the_slope_of_your_loss",
        "perceptron_gradient_is_right",
    ),
    hint="You return the update of the perceptron. A gradient points uphill, and the update is a step against it.",
)
def update_instead_of_gradient(w, b, X, y):
    """+y x for each mistake."""
    loss, dw, db = perceptron_loss(w, b, X, y)
    return loss, -dw, -db


@mistake(
    of="perceptron_loss",
    caught_by=(
        "loss_of_four_points_worked_by_hand",
        "gradient_is_the_slope_of_your_loss",
        "perceptron_gradient_is_right",
    ),
    hint="All samples contribute to your gradient, the right ones too. Where the loss is flat its derivative is 0.",
)
def gradient_of_all_samples(w, b, X, y):
    """-X.T @ y / N: the condition is missing."""
    loss, _, _ = perceptron_loss(w, b, X, y)
    return loss, -X.T @ y / len(y), -np.mean(y)


@mistake(
    of="perceptron_loss",
    caught_by=("loss_of_four_points_worked_by_hand", "gradient_is_the_slope_of_your_loss", "perceptron_loss_is_right"),
    hint="Your loss counts mistakes. Such a count jumps and has no slope, so nothing could descend on it.",
)
def share_of_mistakes(w, b, X, y):
    """The zero-one loss, with the perceptron's gradient."""
    loss, dw, db = perceptron_loss(w, b, X, y)
    return np.mean(y * (X @ w + b) <= 0), dw, db


@mistake(
    of="perceptron_loss",
    caught_by=("loss_of_four_points_worked_by_hand", "perceptron_loss_is_right"),
    hint="Your loss can be negative: samples that are right pay for those that are wrong.",
)
def no_maximum(w, b, X, y):
    """mean(-y * score)."""
    _one_label_each(X, y)
    return -np.mean(y * (X @ w + b)), -X.T @ y / len(y), -np.mean(y)


@mistake(
    of="perceptron_loss",
    caught_by=("loss_of_four_points_worked_by_hand", "perceptron_loss_is_right"),
    hint="Your loss falls with the mistakes that are worse: the sign inside max(0, ...) is the other one.",
)
def right_samples_penalised(w, b, X, y):
    """max(0, y * score)."""
    _one_label_each(X, y)
    margins = y * (X @ w + b)
    dscores = np.where(margins >= 0, y, 0) / len(y)
    return np.maximum(0.0, margins).mean(), X.T @ dscores, dscores.sum()


@mistake(
    of="perceptron_loss",
    caught_by=("gradient_is_the_slope_of_your_loss", "perceptron_gradient_is_right"),
    hint="db does not know the labels: a mistake on class +1 should push b up, one on class -1 down.",
)
def bias_gradient_without_labels(w, b, X, y):
    """db = mean of the mistakes, without -y."""
    loss, dw, _ = perceptron_loss(w, b, X, y)
    return loss, dw, np.mean(y * (X @ w + b) <= 0)


@mistake(
    of="perceptron_loss",
    caught_by="one_gradient_step_is_one_perceptron_step",
    hint="On the line your gradient is 0. From w = 0, where every score is 0, gradient descent would then never take its "
    "first step; the text says which side's slope to take.",
)
def flat_at_the_kink(w, b, X, y):
    """y * score < 0 in the gradient, as relu's derivative in most libraries."""
    loss, _, _ = perceptron_loss(w, b, X, y)
    dscores = np.where(y * (X @ w + b) < 0, -y, 0) / len(y)
    return loss, X.T @ dscores, dscores.sum()


@mistake(
    of="perceptron_loss",
    caught_by="one_gradient_step_is_one_perceptron_step",
    hint="On the line you take half of the slope. Any number between 0 and the full slope is a subgradient; the text says "
    "which one is wanted here.",
)
def half_at_the_kink(w, b, X, y):
    """np.sign: 0.5 * (sign - 1), the symmetric choice."""
    loss, _, _ = perceptron_loss(w, b, X, y)
    dscores = 0.5 * (np.sign(y * (X @ w + b)) - 1.0) * y / len(y)
    return loss, X.T @ dscores, dscores.sum()


@mistake(
    of="perceptron_loss",
    caught_by="perceptron_loss_takes_what_comes",
    hint="Without any mistake your loss is nan: a mean over no samples. Over how many samples is the mean here?",
)
def mean_of_an_empty_selection(w, b, X, y):
    """-margins[wrong].mean() * share: fine until nothing is wrong."""
    _one_label_each(X, y)
    margins = y * (X @ w + b)
    wrong = margins <= 0
    share = wrong.sum() / len(y)
    with np.errstate(all="ignore"):
        loss = -margins[wrong].sum() / wrong.sum() * share
    return loss, *perceptron_loss(w, b, X, y)[1:]


@mistake(
    of="perceptron_loss",
    caught_by="labels_in_a_column_are_refused",
    hint="(N,) and (N, 1) were broadcast to (N, N): every score is multiplied by every label. Compare the shapes first.",
)
def column_of_labels_broadcast(w, b, X, y):
    """No look at the shape of y."""
    margins = y * (X @ w + b)
    dscores = np.where(margins <= 0, -y, 0) / len(y)
    return np.maximum(0.0, -margins).mean(), X.T @ dscores, dscores.sum()


@mistake(
    of="perceptron_loss",
    caught_by="labels_in_a_column_are_refused",
    hint="The numbers are right, but y holds other numbers afterwards: an in-place product wrote into the caller's labels.",
)
def margins_stored_in_the_labels(w, b, X, y):
    """y *= scores."""
    result = perceptron_loss(w, b, X, y)
    if y.dtype.kind == "f":
        y *= X @ w + b
    return result


# --- q6 averaged_perceptron_fit ---------------------------------------------------------------------------------------


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="You average over the mistakes only. Weights that are right for a long time are better than others, and say so by "
    "lasting: average over every visited sample, right or wrong.",
)
def mean_over_the_mistakes_alone(X, y, lr=1.0, epochs=10, order=None):
    """(PC-11) Adds to the sum inside the if."""
    kept = [each for each in _path(X, y, lr, epochs, order) if each[2]]
    return np.mean([w for w, _, _ in kept], axis=0), np.mean([b for _, b, _ in kept])


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="You average the weights at the ends of the sweeps. Those are the luck of the last samples again; every visit counts.",
)
def mean_over_the_epochs(X, y, lr=1.0, epochs=10, order=None):
    """One entry for each sweep."""
    path = _path(X, y, lr, epochs, order)[len(y) - 1 :: len(y)]
    return np.mean([w for w, _, _ in path], axis=0), np.mean([b for _, b, _ in path])


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averaging_helps_where_labels_are_noisy"),
    hint="You return the last weights: nothing is averaged. If you did collect them all, look whether the list holds many "
    "arrays, or one array many times.",
)
def last_weights(X, y, lr=1.0, epochs=10, order=None):
    """path.append(w), where w is changed in place afterwards: the list holds one array, N * epochs times."""
    w, b, _ = _path(X, y, lr, epochs, order)[-1]
    return w, b


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="The weights enter your mean before the visit, not after it: so the zeros of the start take part, and the result of "
    "the last visit does not.",
)
def averaged_before_the_update(X, y, lr=1.0, epochs=10, order=None):
    """w_sum += w at the top of the loop."""
    path = [(np.zeros(X.shape[1]), 0.0, True), *_path(X, y, lr, epochs, order)[:-1]]
    return np.mean([w for w, _, _ in path], axis=0), np.mean([b for _, b, _ in path])


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="Your mean is a little too small: the zeros of the start are counted as one more visit.",
)
def zero_start_counted(X, y, lr=1.0, epochs=10, order=None):
    """A list that begins with the initial weights."""
    w, b = averaged_perceptron_fit(X, y, lr, epochs, order)
    visits = epochs * len(y)
    return w * visits / (visits + 1), b * visits / (visits + 1)


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="A sum is returned where a mean is asked for. The predictions are the same; the numbers are not.",
)
def sum_of_the_weights(X, y, lr=1.0, epochs=10, order=None):
    """No division."""
    w, b = averaged_perceptron_fit(X, y, lr, epochs, order)
    return w * epochs * len(y), b * epochs * len(y)


@mistake(
    of="averaged_perceptron_fit",
    caught_by="mean_of_one_sweep_worked_by_hand",
    hint="You divide by the number of visits of one sweep, whatever the number of epochs.",
)
def divided_by_the_samples(X, y, lr=1.0, epochs=10, order=None):
    """/ N."""
    w, b = averaged_perceptron_fit(X, y, lr, epochs, order)
    return w * epochs, b * epochs


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="w is averaged, b is that of the end: together they are no line that was ever meant.",
)
def bias_not_averaged(X, y, lr=1.0, epochs=10, order=None):
    """Forgets the sum of b."""
    return averaged_perceptron_fit(X, y, lr, epochs, order)[0], _path(X, y, lr, epochs, order)[-1][1]


@mistake(
    of="averaged_perceptron_fit",
    caught_by="sweeps_without_mistakes_count_too",
    hint="You stop at the first sweep without a mistake. Here all epochs are swept: the weights that make no more mistakes are "
    "those that should weigh most.",
)
def stopped_when_converged(X, y, lr=1.0, epochs=10, order=None):
    """Keeps the break of perceptron_fit."""
    needed = perceptron_fit(X, y, lr, epochs, order)["epochs"]
    return averaged_perceptron_fit(X, y, lr, min(epochs, needed), order)


@mistake(
    of="averaged_perceptron_fit",
    caught_by="averages_are_right",
    hint="Your average does not depend on `order`: use the order that you are given.",
)
def order_not_followed(X, y, lr=1.0, epochs=10, order=None):
    """range(N), whatever order says."""
    return averaged_perceptron_fit(X, y, lr, epochs)


@mistake(
    of="averaged_perceptron_fit",
    caught_by="averages_are_right",
    hint="Your average is the same for every learning rate: lr scales all weights, and so their mean.",
)
def rate_not_passed_on(X, y, lr=1.0, epochs=10, order=None):
    """lr is not handed to the step."""
    return averaged_perceptron_fit(X, y, 1.0, epochs, order)


@mistake(
    of="averaged_perceptron_fit",
    caught_by=("mean_of_one_sweep_worked_by_hand", "averages_are_right"),
    hint="Every sweep of yours begins at zero again: only the mean is to be started once, and so are the weights.",
)
def weights_reset_in_every_epoch(X, y, lr=1.0, epochs=10, order=None):
    """w, b = 0 inside the outer loop."""
    return averaged_perceptron_fit(X, y, lr, 1, order)


@mistake(
    of="averaged_perceptron_fit",
    caught_by="averaging_leaves_its_arguments_alone",
    hint="The result is right, but y holds other numbers afterwards: the learning rate was multiplied into the caller's labels.",
)
def rate_multiplied_into_the_labels(X, y, lr=1.0, epochs=10, order=None):
    """y *= lr, to save a product in the loop."""
    result = averaged_perceptron_fit(X, y, lr, epochs, order)
    if y.dtype.kind == "f":
        y *= lr
    return result


# --- q7 kernel_perceptron_fit -----------------------------------------------------------------------------------------


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="alpha stays 0: at the start every score is 0. Is a score of 0 right or wrong?",
)
def kernel_never_starts(K, y, max_epochs=100):
    """(PC-1) y * score < 0."""
    return np.zeros(len(y), dtype=int)


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="The labels of the samples that were mistakes are missing from your score: each of them pulls to its own side.",
)
def score_without_labels(K, y, max_epochs=100):
    """K[i] @ alpha."""
    return _count(K, y, max_epochs, lambda i, alpha: y[i] * (K[i] @ alpha))


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="The sign of your score is not compared with the label of the sample itself: a negative score is right for class -1.",
)
def own_label_left_out(K, y, max_epochs=100):
    """K[i] @ (alpha * y) <= 0."""
    return _count(K, y, max_epochs, lambda i, alpha: K[i] @ (alpha * y))


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="alpha marks the samples that were mistakes; it should count how often they were. A sample that is wrong twice weighs "
    "twice.",
)
def marks_instead_of_counts(K, y, max_epochs=100):
    """alpha[i] = 1."""
    alpha = np.zeros(len(y), dtype=int)
    for _ in range(max_epochs):
        for i in range(len(y)):
            if y[i] * (K[i] @ (alpha * y)) <= 0:
                alpha[i] = 1
    return alpha


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_tell_the_weights"),
    hint="Your alpha has signs: the label is already in it. It should count, and the label comes in where alpha is used.",
)
def counts_with_signs(K, y, max_epochs=100):
    """alpha[i] += y[i]."""
    return kernel_perceptron_fit(K, y, max_epochs) * y


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="All scores of a sweep are computed from the alpha at its start: a mistake should count for the next sample already.",
)
def kernel_sweep_at_once(K, y, max_epochs=100):
    """(PC-8) scores = K @ (alpha * y), once for each sweep."""
    alpha = np.zeros(len(y), dtype=int)
    for _ in range(max_epochs):
        wrong = y * (K @ (alpha * y)) <= 0
        if not wrong.any():
            break
        alpha = alpha + wrong
    return alpha


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="alpha grows with every visit: only mistakes count.",
)
def every_visit_counted(K, y, max_epochs=100):
    """(PC-7) alpha[i] += 1, without a condition."""
    return np.full(len(y), max_epochs)


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "xor_is_separated_by_a_quadratic_kernel"),
    hint="You sweep once and stop: a sample that was right early in the sweep may be wrong at its end.",
    also=("marks_instead_of_counts",),
)
def one_kernel_sweep(K, y, max_epochs=100):
    """No outer loop."""
    return kernel_perceptron_fit(K, y, 1)


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_are_right", "counts_tell_the_weights"),
    hint="Your counts are those of another kernel, K + 1: you have added a bias. A kernel decides for itself whether it holds "
    "one.",
)
def bias_added_to_the_kernel(K, y, max_epochs=100):
    """score + sum(alpha * y)."""
    return kernel_perceptron_fit(K + 1.0, y, max_epochs)


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_are_right", "kernel_sweeps_stop_in_time"),
    hint="max_epochs is not what stops you: for samples that nothing separates, your counts go on growing.",
)
def sweeps_without_end(K, y, max_epochs=100):
    """while True, with an emergency brake."""
    return kernel_perceptron_fit(K, y, 200)


@mistake(
    of="kernel_perceptron_fit",
    caught_by=("counts_of_the_four_points", "counts_are_right"),
    hint="alpha adds up to 1: it was normalised. Its entries are counts.",
)
def counts_normalised(K, y, max_epochs=100):
    """alpha / alpha.sum(): the same decisions, other numbers."""
    alpha = kernel_perceptron_fit(K, y, max_epochs)
    return alpha / alpha.sum()


@mistake(
    of="kernel_perceptron_fit",
    caught_by="kernel_fit_leaves_its_arguments_alone",
    hint="The counts are right, but K holds other numbers afterwards: the labels were multiplied into the caller's matrix.",
)
def labels_multiplied_into_the_kernel(K, y, max_epochs=100):
    """K *= np.outer(y, y)."""
    alpha = kernel_perceptron_fit(K, y, max_epochs)
    K *= np.outer(y, y)
    return alpha


# --- q8 quadratic_features --------------------------------------------------------------------------------------------


@mistake(
    of="quadratic_features",
    caught_by=(
        "features_of_one_sample_worked_by_hand",
        "features_are_right",
        "a_ring_around_a_disc_becomes_separable",
    ),
    hint="The squares are missing: a feature times itself is a product of two features too. Without them no circle can be "
    "drawn.",
)
def squares_missing(X):
    """Pairs i < j only."""
    first, second = np.triu_indices(X.shape[1], k=1)
    return np.hstack([X, X[:, first] * X[:, second]])


@mistake(
    of="quadratic_features",
    caught_by=("features_of_one_sample_worked_by_hand", "xor_becomes_separable"),
    hint="Only squares are there. Products of two different features are what XOR needs: whether two bits agree is a statement "
    "about both.",
)
def squares_only(X):
    """np.hstack([X, X**2])."""
    return np.hstack([X, X * X])


@mistake(
    of="quadratic_features",
    caught_by=("features_of_one_sample_worked_by_hand", "features_are_right"),
    hint="Products appear twice, as x1*x2 and as x2*x1: each pair once, please.",
)
def every_product_twice(X):
    """All D x D products."""
    return np.hstack([X, (X[:, :, None] * X[:, None, :]).reshape(len(X), -1)])


@mistake(
    of="quadratic_features",
    caught_by=("features_of_one_sample_worked_by_hand", "features_are_right"),
    hint="The features themselves are missing; only their products are there.",
)
def features_themselves_missing(X):
    """The products alone."""
    return quadratic_features(X)[:, X.shape[1] :]


@mistake(
    of="quadratic_features",
    caught_by=("features_of_one_sample_worked_by_hand", "features_are_right"),
    hint="Right numbers, in another order: all squares first, then the mixed products. The docstring goes row by row.",
)
def squares_before_products(X):
    """np.hstack([X, X**2, mixed])."""
    first, second = np.triu_indices(X.shape[1], k=1)
    return np.hstack([X, X * X, X[:, first] * X[:, second]])


@mistake(
    of="quadratic_features",
    caught_by="features_are_right",
    hint="Right for one and two columns; with more of them the pairs come column by column instead of row by row.",
)
def pairs_column_by_column(X):
    """for j: for i <= j: x1x1, x1x2, x2x2, x1x3 ..."""
    D = X.shape[1]
    return np.column_stack([X, *(X[:, i] * X[:, j] for j in range(D) for i in range(j + 1))])


@mistake(
    of="quadratic_features",
    caught_by=("features_of_one_sample_worked_by_hand", "features_are_right"),
    hint="There is a column of ones too many: the perceptron has a bias of its own.",
)
def column_of_ones_added(X):
    """The constant term of the polynomial."""
    return np.hstack([np.ones((len(X), 1)), quadratic_features(X)])


@mistake(
    of="quadratic_features",
    caught_by="features_are_right",
    hint="Written for two columns: with more of them, most products are missing.",
)
def two_columns_taken_for_granted(X):
    """X[:, 0] * X[:, 1] and two squares."""
    a, b = X[:, 0], X[:, -1] if X.shape[1] > 1 else X[:, 0]
    return np.column_stack([X, a * a, a * b, b * b])


@mistake(
    of="quadratic_features",
    caught_by=("features_of_one_sample_worked_by_hand", "features_are_right"),
    hint="Mixed products are too large by sqrt(2). The kernel (1 + x.z)**2 weighs them so; plain products are asked for.",
)
def features_of_the_quadratic_kernel(X):
    """sqrt(2) * x_i * x_j."""
    first, second = np.triu_indices(X.shape[1])
    return np.hstack([X, X[:, first] * X[:, second] * np.where(first == second, 1.0, np.sqrt(2.0))])


@mistake(
    of="quadratic_features",
    caught_by="features_are_right",
    hint="Your products are never negative. For the sample worked by hand that makes no difference; try one with a negative "
    "feature.",
)
def products_without_a_sign(X):
    """np.abs(x_i * x_j): as if products, like squares and distances, had no sign."""
    first, second = np.triu_indices(X.shape[1])
    return np.hstack([X, np.abs(X[:, first] * X[:, second])])


@mistake(
    of="quadratic_features",
    caught_by="features_leave_their_argument_alone",
    hint="The features are right, but X holds other numbers afterwards: a product was written into the caller's array.",
)
def squared_in_place(X):
    """X *= X, once the features have been copied."""
    features = quadratic_features(X)
    X *= X
    return features


@mistake(
    of="quadratic_features",
    caught_by="features_are_right",
    hint="Large integers overflow in your products: a small integer dtype holds a feature, but not its square.",
)
def products_of_small_integers(X):
    """X.astype(np.int8) for integer data, to save memory."""
    if X.dtype.kind in "iu":
        return quadratic_features(X.astype(np.int8))
    return quadratic_features(X)


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _step(w, b, x, y, lr, wrong):
    if not wrong:
        return w, b, False
    return w + lr * y * x, b + lr * y, True


def _result(w, b, history):
    return {
        "w": w,
        "b": b,
        "mistakes": sum(history),
        "epochs": len(history),
        "converged": history[-1] == 0,
        "history": history,
    }


def _fit(X, y, lr, max_epochs, order, fit_bias, *, wrong=lambda margin, label: margin <= 0, sign=1.0):
    """perceptron_fit with another idea of a mistake, or of the direction of a step."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    while len(history) < max_epochs:
        history.append(0)
        for i in range(len(y)) if order is None else order:
            if wrong(y[i] * (X[i] @ w + b), y[i]):
                w, b = w + sign * lr * y[i] * X[i], b + sign * lr * y[i] * fit_bias
                history[-1] += 1
        if not history[-1]:
            break
    return _result(w, b, history)


def _sweep(X, y, w, b, lr, visits, fit_bias):
    """One sweep from given weights."""
    mistakes = 0
    for i in visits:
        w, moved, wrong = perceptron_step(w, b, X[i], y[i], lr)
        b = moved if fit_bias else 0.0
        mistakes += int(wrong)
    return w, b, mistakes


def _one_label_each(X, y):
    if y.shape != (len(X),):
        raise ValueError("y must have shape (N,)")


def _path(X, y, lr, epochs, order):
    """The weights after each visit, and whether it was a mistake."""
    w, b, path = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for i in range(len(y)) if order is None else order:
            w, b, wrong = perceptron_step(w, b, X[i], y[i], lr)
            path.append((w, b, wrong))
    return path


def _count(K, y, max_epochs, margin):
    """kernel_perceptron_fit with another margin."""
    alpha = np.zeros(len(y), dtype=int)
    for _ in range(max_epochs):
        before = alpha.sum()
        for i in range(len(y)):
            alpha[i] += int(margin(i, alpha) <= 0)
        if alpha.sum() == before:
            break
    return alpha
