"""What students get wrong in logistic regression, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (LG-...) are those of the course's catalogue.
"""

import math

import numpy as np
from autograder.topic import mistake

from .solution import (
    accuracy,
    bce_with_logits,
    log_sigmoid,
    logreg_fit_gd,
    logreg_fit_newton,
    logreg_hessian,
    logreg_loss,
    predict,
    predict_proba,
    sigmoid,
    standardise,
)

# --- q1 sigmoid -------------------------------------------------------------------------------------------------------


@mistake(
    of="sigmoid",
    caught_by="sigmoid_does_not_overflow",
    hint="The formula is right, the arithmetic is not: for very negative z, exp(-z) is larger than any float. There is an "
    "equal form that only exponentiates numbers that are not positive.",
)
def short_formula_everywhere(z):
    """(LG-11) 1 / (1 + exp(-z)), as it stands in the book. Overflows at -710, in float32 already at -89."""
    return 1.0 / (1.0 + np.exp(-(1.0 * np.asarray(z))))


@mistake(
    of="sigmoid",
    caught_by="sigmoid_at_three_known_points",
    hint="Your sigmoid falls where it should rise: is a large positive score evidence for class 1, or against it?",
)
def sign_of_the_exponent(z):
    """1 / (1 + exp(z))."""
    return sigmoid(-np.asarray(z))


@mistake(
    of="sigmoid",
    caught_by="sigmoid_at_three_known_points",
    hint="Right at 0 and at the ends, too steep in between: tanh and sigmoid measure z on different scales.",
)
def tanh_of_the_whole_argument(z):
    """(1 + tanh(z)) / 2, which is sigmoid(2z)."""
    return 0.5 * (1.0 + np.tanh(np.asarray(z)))


@mistake(
    of="sigmoid",
    caught_by=("sigmoid_at_three_known_points", "sigmoid_and_its_mirror_add_up_to_one"),
    hint="Right for z >= 0 only. On the other side, compare exp(z) with exp(z) / (1 + exp(z)): they agree far out, but not "
    "near 0.",
)
def denominator_forgotten_below_zero(z):
    """exp(z) for z < 0: what is left of the fraction when exp(z) is taken for small."""
    z = 1.0 * np.asarray(z)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0 / (1.0 + small), small)


@mistake(
    of="sigmoid",
    caught_by="sigmoid_does_not_overflow",
    hint="The branch is chosen once for the whole array, so an array with very large scores of both signs still overflows. "
    "Every element needs its own choice.",
)
def one_branch_for_the_whole_array(z):
    """`if z.max() >= -z.min()` where an element-wise choice was meant: np.where looks at every element, `if` at one number."""
    z = 1.0 * np.asarray(z)
    if z.max(initial=0.0) >= -z.min(initial=0.0):
        e = np.exp(z)
        return e / (1.0 + e)
    return 1.0 / (1.0 + np.exp(-z))


@mistake(
    of="sigmoid",
    caught_by="sigmoid_keeps_shape_and_dtype",
    hint="Your result is float64 although float32 went in: a fixed dtype in a conversion decides for the caller.",
)
def always_double_precision(z):
    """np.asarray(z, dtype=float), to be safe with integers."""
    return sigmoid(np.asarray(z, dtype=float))


@mistake(
    of="sigmoid",
    caught_by=("sigmoid_keeps_shape_and_dtype", "sigmoid_works_for_arrays_of_any_shape"),
    hint="Your result is flat: one long row whatever shape went in.",
)
def result_left_flat(z):
    """Loops over z.ravel() and forgets to reshape."""
    z = 1.0 * np.asarray(z)
    return sigmoid(z.ravel())


@mistake(
    of="sigmoid",
    caught_by="sigmoid_works_for_single_numbers",
    hint="Arrays work, single numbers do not: a float has no len() and cannot be indexed.",
)
def only_arrays(z):
    """Masks written into np.empty(len(z)): a single number has no length."""
    out = np.empty((len(z), *np.shape(z)[1:]), dtype=np.result_type(z, np.float32))
    out[...] = sigmoid(z)
    return out


@mistake(
    of="sigmoid",
    caught_by="sigmoid_leaves_its_argument_alone",
    hint="The numbers are right, but z itself holds other numbers afterwards: something wrote into the caller's array.",
)
def writes_over_its_argument(z):
    """`z *= -1` and `out=z`, to save memory."""
    result = sigmoid(z)
    if isinstance(z, np.ndarray) and z.dtype.kind == "f":
        np.negative(z, out=z)
        np.exp(np.minimum(z, 0), out=z)
    return result


# --- q2 log_sigmoid ---------------------------------------------------------------------------------------------------


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_is_right_far_from_zero",
    hint="The probability of z = -1000 is 0 in floating point, and its logarithm is lost. Simplify log(sigmoid(z)) on paper "
    "before you compute anything.",
)
def log_of_a_rounded_probability(z):
    """(LG-4) np.log(sigmoid(z)): even a perfect sigmoid has rounded to 0 by then."""
    return np.log(sigmoid(z))


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_is_right_far_from_zero",
    hint="Your answer never falls below about -34.5. A clipped probability hides exactly the numbers that matter: those of "
    "confident mistakes.",
)
def log_of_a_clipped_probability(z):
    """(LG-5) np.log(np.clip(p, 1e-15, 1)): no inf any more, and no right answer either."""
    return np.log(np.clip(sigmoid(z), 1e-15, 1.0))


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_is_right_far_from_zero",
    hint="-log(1 + exp(-z)) is the right formula, but exp(1000) is inf. What is log(1 + exp(a)) for a large a, nearly?",
)
def log_of_one_plus_an_overflow(z):
    """-log1p(exp(-z)): log1p is for small arguments, and this one is not small."""
    return -np.log1p(np.exp(-(1.0 * np.asarray(z))))


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_at_three_known_points",
    hint="Your values are positive. A logarithm of a probability cannot be.",
)
def softplus_instead(z):
    """log(1 + exp(z)), the softplus: the loss of class 0, not the log-probability of class 1."""
    return -log_sigmoid(-np.asarray(z))


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_at_three_known_points",
    hint="This is the logarithm of the other class: log_sigmoid(2) is close to 0, because sigmoid(2) is close to 1.",
)
def logarithm_of_the_other_class(z):
    """-log(1 + exp(z)) = log(1 - sigmoid(z))."""
    return log_sigmoid(-np.asarray(z))


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_works_for_arrays_of_any_shape",
    hint="Right for one-dimensional arrays, but not for others: an element-wise function should not care about rows.",
)
def one_dimension_only(z):
    """A list comprehension with math.exp over `z`: fine until z[i] is a row."""
    z = np.asarray(z)
    values = [min(float(v), 0.0) - math.log1p(math.exp(-abs(float(v)))) for v in z]
    return np.array(values, dtype=z.dtype if z.dtype.kind == "f" else float)


@mistake(
    of="log_sigmoid",
    caught_by="log_sigmoid_keeps_its_dtype_and_argument",
    hint="Your result is float64 although float32 went in: a fixed dtype in a conversion decides for the caller.",
)
def logarithm_in_double_precision(z):
    """np.asarray(z, dtype=float)."""
    return log_sigmoid(np.asarray(z, dtype=float))


# --- q3 bce_with_logits -----------------------------------------------------------------------------------------------


@mistake(
    of="bce_with_logits",
    caught_by=("bce_of_two_samples_worked_by_hand", "bce_loss_is_right"),
    hint="Samples of class 0 cost nothing in your loss. What should a confident mistake on class 0 cost?",
)
def only_the_positive_class(z, y, reduction="mean"):
    """(LG-13) -y log p: the cross-entropy of one class out of two."""
    _check(z, y)
    p = sigmoid(z)
    return _reduce(-y * log_sigmoid(z), y * (p - 1.0), reduction)


@mistake(
    of="bce_with_logits",
    caught_by=("bce_of_two_samples_worked_by_hand", "bce_derivative_is_the_slope_of_your_loss"),
    hint="Your losses are 1/ln 2 = 1.4427 times the expected ones: bits, where this course counts in nats.",
)
def logarithm_to_base_two(z, y, reduction="mean"):
    """(LG-10) np.log2, as in information theory."""
    loss, dz = bce_with_logits(z, y, reduction)
    return loss / np.log(2.0), dz


@mistake(
    of="bce_with_logits",
    caught_by=("bce_of_two_samples_worked_by_hand", "bce_loss_is_right"),
    hint="Your loss is negative: this is the log-likelihood, which is to be made large. A loss is to be made small.",
)
def log_likelihood_instead_of_loss(z, y, reduction="mean"):
    """Copied from a formula sheet that prints the log-likelihood and calls it BCE."""
    loss, dz = bce_with_logits(z, y, reduction)
    return -loss, -dz


@mistake(
    of="bce_with_logits",
    caught_by=("bce_of_two_samples_worked_by_hand", "bce_loss_is_right"),
    hint="Class 1 is right, class 0 has the opposite sign: does the minus in front reach both terms?",
)
def minus_on_the_first_term_only(z, y, reduction="mean"):
    """-y log p + (1-y) log(1-p): the bracket that some notes leave out."""
    _check(z, y)
    p = sigmoid(z)
    losses = -y * log_sigmoid(z) + (1.0 - y) * log_sigmoid(-z)
    return _reduce(losses, y * (p - 1.0) - (1.0 - y) * p, reduction)


@mistake(
    of="bce_with_logits",
    caught_by=(
        "bce_of_two_samples_worked_by_hand",
        "bce_derivative_is_the_slope_of_your_loss",
        "bce_derivative_is_right",
    ),
    hint="dz is N times too large: the loss is a mean, so is its derivative.",
)
def derivative_not_averaged(z, y, reduction="mean"):
    """(LG-1) p - y, for the mean loss too."""
    loss, _ = bce_with_logits(z, y, reduction)
    p = sigmoid(z)
    return loss, (p - y).astype(p.dtype)


@mistake(
    of="bce_with_logits",
    caught_by=(
        "bce_of_two_samples_worked_by_hand",
        "bce_derivative_is_the_slope_of_your_loss",
        "bce_derivative_is_right",
    ),
    hint="dz has the opposite sign: a step against it would go uphill. If y = 1, should a larger z raise the loss?",
)
def derivative_uphill(z, y, reduction="mean"):
    """(LG-2) y - p, from a text that ascends the likelihood."""
    loss, dz = bce_with_logits(z, y, reduction)
    return loss, -dz


@mistake(
    of="bce_with_logits",
    caught_by=(
        "bce_of_two_samples_worked_by_hand",
        "bce_derivative_is_the_slope_of_your_loss",
        "bce_derivative_is_right",
    ),
    hint="dz compares labels with scores. Labels live in [0, 1], scores do not: which quantity should y be compared with?",
)
def scores_taken_for_probabilities(z, y, reduction="mean"):
    """(LG-3) z - y, as in linear regression."""
    loss, _ = bce_with_logits(z, y, reduction)
    return loss, (z - y) / (len(z) if reduction == "mean" else 1)


@mistake(
    of="bce_with_logits",
    caught_by=(
        "bce_of_two_samples_worked_by_hand",
        "bce_derivative_is_the_slope_of_your_loss",
        "bce_derivative_is_right",
    ),
    hint="There is a factor p (1 - p) too many in dz. It belongs to dp/dz, and something in dloss/dp cancels it.",
)
def sigmoid_derivative_counted_twice(z, y, reduction="mean"):
    """(LG-6) (p - y) p (1 - p): the chain rule on top of a result that already contains it."""
    loss, dz = bce_with_logits(z, y, reduction)
    p = sigmoid(z)
    return loss, dz * p * (1.0 - p)


@mistake(
    of="bce_with_logits",
    caught_by="bce_of_a_confident_mistake_is_its_logit",
    hint="nan or inf for confident scores: the probability was rounded to 0 or 1 before its logarithm was taken. Work with "
    "logits all the way.",
)
def logarithm_of_the_probability(z, y, reduction="mean"):
    """(LG-4) log(p) and log(1 - p), from a perfect sigmoid: log(0) at -1000, log(1 - 1) at 1000."""
    _check(z, y)
    p = sigmoid(z)
    y = np.asarray(y, dtype=p.dtype)
    return _reduce(-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)), p - y, reduction)


@mistake(
    of="bce_with_logits",
    caught_by="bce_of_a_confident_mistake_is_its_logit",
    hint="No confident mistake costs more than about 16.1 in your loss: clipping hides the loss that you should see, and dz is "
    "no longer its derivative.",
)
def probability_clipped(z, y, reduction="mean"):
    """(LG-5) np.clip(p, 1e-7, 1 - 1e-7): the loss saturates at 16.118."""
    _check(z, y)
    p = np.clip(sigmoid(z), 1e-7, 1.0 - 1e-7)
    y = np.asarray(y, dtype=p.dtype)
    return _reduce(-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p)), sigmoid(z) - y, reduction)


@mistake(
    of="bce_with_logits",
    caught_by=("bce_of_two_samples_worked_by_hand", "bce_loss_is_right"),
    hint="Labels 0 were turned into -1 on the way. The formula with y and 1 - y is for labels 0 and 1; with -1 it can even be "
    "negative.",
)
def labels_of_another_convention(z, y, reduction="mean"):
    """(LG-7) y = 2y - 1, as in the perceptron, put into the 0/1 formula."""
    return bce_with_logits(z, 2.0 * np.asarray(y) - 1.0, reduction)


@mistake(
    of="bce_with_logits",
    caught_by="bce_takes_soft_labels",
    hint="Right for labels 0 and 1 only: a label of 0.7 is treated as if it were a class. It is a probability, and weighs both "
    "terms.",
)
def labels_taken_for_classes(z, y, reduction="mean"):
    """np.where(y == 1, ...): every label that is not exactly 1 counts as class 0."""
    return bce_with_logits(z, (np.asarray(y) == 1).astype(np.asarray(z).dtype), reduction)


@mistake(
    of="bce_with_logits",
    caught_by="bce_reductions_are_right",
    hint="Every reduction gives the mean: the third parameter is accepted, and then not looked at.",
)
def reduction_ignored(z, y, reduction="mean"):
    """Returns the mean whatever is asked for."""
    return bce_with_logits(z, y)


@mistake(
    of="bce_with_logits",
    caught_by="bce_reductions_are_right",
    hint="The losses follow `reduction`, the derivative does not: it is N times too small for a sum.",
)
def derivative_always_averaged(z, y, reduction="mean"):
    """(p - y) / N for "sum" and "none" too."""
    return bce_with_logits(z, y, reduction)[0], bce_with_logits(z, y)[1]


@mistake(
    of="bce_with_logits",
    caught_by="bce_refuses_labels_in_a_column",
    hint="(N,) and (N, 1) were broadcast to (N, N): every logit is compared with every label. Compare the shapes first.",
)
def column_broadcast(z, y, reduction="mean"):
    """(LG-12) No look at the shapes: a column of labels makes N x N losses, and their mean looks harmless."""
    z = 1.0 * np.asarray(z)
    y = np.asarray(y).astype(z.dtype)
    losses = -y * log_sigmoid(z) - (1.0 - y) * log_sigmoid(-z)
    return _reduce(losses, sigmoid(z) - y, reduction)


@mistake(
    of="bce_with_logits",
    caught_by="bce_leaves_its_arguments_alone",
    hint="The numbers are right, but y holds other numbers afterwards: an in-place operation wrote into the caller's labels.",
)
def difference_stored_in_the_labels(z, y, reduction="mean"):
    """`y -= p; dz = -y / N`: saves an array, spoils the labels for the next call."""
    result = bce_with_logits(z, y, reduction)
    if np.asarray(y).dtype.kind == "f":
        y -= sigmoid(z)
    return result


# --- q4 logreg_loss ---------------------------------------------------------------------------------------------------


@mistake(
    of="logreg_loss",
    caught_by=("loss_of_zero_parameters_is_ln_2", "gradient_is_the_slope_of_your_loss", "logreg_gradient_is_right"),
    hint="dw and db are N times too large: the loss is a mean, so is its gradient.",
)
def gradient_not_averaged(w, b, X, y, reg=0.0):
    """(LG-1) X.T @ (p - y), without the 1/N."""
    loss, _ = bce_with_logits(X @ w + b, y)
    error = sigmoid(X @ w + b) - y
    return loss + 0.5 * reg * (w @ w), X.T @ error + reg * w, error.sum()


@mistake(
    of="logreg_loss",
    caught_by=("loss_of_zero_parameters_is_ln_2", "gradient_is_the_slope_of_your_loss", "logreg_gradient_is_right"),
    hint="Your gradient points downhill, so a step against it goes uphill. Which way round is the difference of p and y?",
)
def gradient_of_the_likelihood(w, b, X, y, reg=0.0):
    """(LG-2) X.T @ (y - p) / N."""
    loss, dz = bce_with_logits(X @ w + b, y)
    return loss + 0.5 * reg * (w @ w), -X.T @ dz + reg * w, -dz.sum()


@mistake(
    of="logreg_loss",
    caught_by=("loss_of_zero_parameters_is_ln_2", "logreg_loss_is_right"),
    hint="Your loss grows with the number of samples: at zero parameters it is N ln 2, not ln 2. Which reduction was asked for?",
)
def sum_everywhere(w, b, X, y, reg=0.0):
    """A sum over samples, with its own right gradient."""
    loss, dz = bce_with_logits(X @ w + b, y, reduction="sum")
    return loss + 0.5 * reg * (w @ w), X.T @ dz + reg * w, dz.sum()


@mistake(
    of="logreg_loss",
    caught_by=("gradient_is_the_slope_of_your_loss", "logreg_loss_is_right", "logreg_gradient_is_right"),
    hint="All is well as long as b is 0: the scores are computed without the bias.",
)
def bias_left_out_of_the_scores(w, b, X, y, reg=0.0):
    """X @ w, although db is returned."""
    loss, dz = bce_with_logits(X @ w, y)
    return loss + 0.5 * reg * (w @ w), X.T @ dz + reg * w, dz.sum()


@mistake(
    of="logreg_loss",
    caught_by="penalty_falls_on_the_weights_alone",
    hint="db contains reg * b, and the loss 0.5 * reg * b**2: the intercept is not penalised. It only says how common class 1 "
    "is.",
)
def bias_penalised(w, b, X, y, reg=0.0):
    """(LG-8) The penalty on all parameters, consistently."""
    loss, dw, db = logreg_loss(w, b, X, y, reg)
    return loss + 0.5 * reg * b * b, dw, db + reg * b


@mistake(
    of="logreg_loss",
    caught_by=("gradient_is_the_slope_of_your_loss", "penalty_falls_on_the_weights_alone"),
    hint="db contains reg * b although your loss does not penalise b, and should not: the intercept is not penalised.",
)
def bias_penalised_in_the_gradient(w, b, X, y, reg=0.0):
    """(LG-8) The penalty on b in the gradient alone: db + reg * b."""
    loss, dw, db = logreg_loss(w, b, X, y, reg)
    return loss, dw, db + reg * b


@mistake(
    of="logreg_loss",
    caught_by="penalty_falls_on_the_weights_alone",
    hint="Your penalty is twice the one asked for: check the factor in front of it, in the loss and in dw.",
)
def penalty_without_the_half(w, b, X, y, reg=0.0):
    """(LG-9) reg * ||w||^2, with its own right gradient 2 reg w: a common convention, but not the one of this course."""
    return logreg_loss(w, b, X, y, 2.0 * reg)


@mistake(
    of="logreg_loss",
    caught_by=("gradient_is_the_slope_of_your_loss", "penalty_falls_on_the_weights_alone"),
    hint="Loss and gradient follow different penalties: differentiate the penalty of your loss and compare it with what you add "
    "to dw.",
)
def penalty_half_forgotten_in_the_loss(w, b, X, y, reg=0.0):
    """(LG-9) reg * ||w||^2 in the loss, reg * w in the gradient."""
    loss, dw, db = logreg_loss(w, b, X, y, reg)
    return loss + 0.5 * reg * (w @ w), dw, db


@mistake(
    of="logreg_loss",
    caught_by=("gradient_is_the_slope_of_your_loss", "penalty_falls_on_the_weights_alone"),
    hint="dw does not change with reg: the penalty is part of the loss, so its derivative is part of the gradient.",
)
def penalty_missing_in_the_gradient(w, b, X, y, reg=0.0):
    """The loss is penalised, dw is not: training then ignores reg altogether."""
    loss, _, _ = logreg_loss(w, b, X, y, reg)
    _, dw, db = logreg_loss(w, b, X, y)
    return loss, dw, db


@mistake(
    of="logreg_loss",
    caught_by=("penalty_falls_on_the_weights_alone", "renaming_the_classes_or_doubling_the_data_changes_nothing"),
    hint="Your penalty shrinks when there is more data: it was divided by N along with the sum of the losses.",
)
def penalty_divided_by_the_number_of_samples(w, b, X, y, reg=0.0):
    """(sum of losses + 0.5 reg ||w||^2) / N: notes that switch between sums and means make two different reg of one."""
    return logreg_loss(w, b, X, y, reg / len(y))


@mistake(
    of="logreg_loss",
    caught_by="logreg_loss_takes_every_kind_of_label",
    hint="Your loss fails when all labels are equal or soft: labels are used as an index or a mask. They are numbers in the "
    "formula.",
)
def labels_used_as_a_mask(w, b, X, y, reg=0.0):
    """Means over the samples of class 1 and of class 0, put together again: nothing to average if a class is empty."""
    z = X @ w + b
    loss, dw, db = logreg_loss(w, b, X, y, reg)
    ones, zeros = z[np.asarray(y) == 1], z[np.asarray(y) == 0]
    share = np.mean(np.asarray(y) == 1)
    loss = -share * log_sigmoid(ones).mean() - (1.0 - share) * log_sigmoid(-zeros).mean()
    return loss + 0.5 * reg * (w @ w), dw, db


@mistake(
    of="logreg_loss",
    caught_by="logreg_loss_does_not_overflow",
    hint="Scores of +-1000 break your loss: a probability is rounded to 0 or 1 before its logarithm is taken. You have a "
    "function that avoids this.",
)
def probabilities_before_logarithms(w, b, X, y, reg=0.0):
    """(LG-4) p first, then log(p): ignores the function that was written for this."""
    _check(X @ w, y)
    p = sigmoid(X @ w + b)
    loss = -np.mean(y * np.log(p) + (1.0 - y) * np.log(1.0 - p))
    return loss + 0.5 * reg * (w @ w), X.T @ (p - y) / len(y) + reg * w, np.mean(p - y)


@mistake(
    of="logreg_loss",
    caught_by="logreg_loss_refuses_a_column_and_leaves_its_arguments_alone",
    hint="A column of labels, shape (N, 1), goes through without complaint. If you flatten whatever comes, a mix-up of shapes "
    "elsewhere stays unseen; the docstring asks for ValueError.",
)
def column_flattened(w, b, X, y, reg=0.0):
    """np.ravel(y): friendly, but not what was asked for."""
    return logreg_loss(w, b, X, np.ravel(y), reg)


@mistake(
    of="logreg_loss",
    caught_by="logreg_loss_refuses_a_column_and_leaves_its_arguments_alone",
    hint="The numbers are right, but w holds other numbers afterwards: an in-place operation reached the caller's array.",
)
def weights_scaled_in_place(w, b, X, y, reg=0.0):
    """`w *= reg; dw += w`: reuses the memory of a parameter."""
    loss, dw, db = logreg_loss(w, b, X, y, reg)
    w *= reg
    return loss, dw, db


# --- q5 logreg_fit_gd -------------------------------------------------------------------------------------------------


@mistake(
    of="logreg_fit_gd",
    caught_by=("first_step_goes_against_the_gradient", "descent_takes_the_right_steps"),
    hint="Your loss rises from step to step: the step goes uphill.",
)
def ascent(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """w + lr * dw."""
    return logreg_fit_gd(X, y, -lr, steps, reg, w0, b0)


@mistake(
    of="logreg_fit_gd",
    caught_by=("history_holds_the_loss_before_and_after_every_step", "descent_takes_the_right_steps"),
    hint="history is one entry short: `steps` steps have steps + 1 points, and the last loss is missing.",
)
def last_loss_missing(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """Records the loss at the top of the loop, and leaves after the last update."""
    w, b, history = logreg_fit_gd(X, y, lr, steps, reg, w0, b0)
    return w, b, history[:-1]


@mistake(
    of="logreg_fit_gd",
    caught_by=("history_holds_the_loss_before_and_after_every_step", "descent_takes_the_right_steps"),
    hint="history is one entry short: the loss at the starting point, before any step, is missing.",
)
def first_loss_missing(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """Records the loss at the bottom of the loop only."""
    w, b, history = logreg_fit_gd(X, y, lr, steps, reg, w0, b0)
    return w, b, history[1:]


@mistake(
    of="logreg_fit_gd",
    caught_by=("first_step_goes_against_the_gradient", "descent_takes_the_right_steps"),
    hint="You go one step too far: count the updates for steps=1.",
)
def one_step_too_many(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """`for _ in range(steps + 1)`, so that history gets its steps + 1 entries; each of them updates as well."""
    _, _, history = logreg_fit_gd(X, y, lr, steps, reg, w0, b0)
    w, b, _ = logreg_fit_gd(X, y, lr, steps + 1, reg, w0, b0)
    return w, b, history


@mistake(
    of="logreg_fit_gd",
    caught_by=("first_step_goes_against_the_gradient", "mean_prediction_is_the_mean_label_at_the_optimum"),
    hint="b never moves from where it started: it is a parameter like the others, and has a derivative of its own.",
)
def bias_never_updated(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """Forgets the line for b."""
    w = np.zeros(X.shape[1]) if w0 is None else np.array(w0)
    history = [logreg_loss(w, b0, X, y, reg)[0]]
    for _ in range(steps):
        w = w - lr * logreg_loss(w, b0, X, y, reg)[1]
        history.append(logreg_loss(w, b0, X, y, reg)[0])
    return w, b0, history


@mistake(
    of="logreg_fit_gd",
    caught_by=("first_step_goes_against_the_gradient", "descent_takes_the_right_steps"),
    hint="The derivative for b was taken after w had moved. Both belong to the same point: one gradient, then one step.",
)
def bias_updated_after_the_weights(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """Calls logreg_loss once for dw and, after the update of w, once more for db."""
    w, b = np.zeros(X.shape[1]) if w0 is None else np.array(w0), float(b0)
    history = [logreg_loss(w, b, X, y, reg)[0]]
    for _ in range(steps):
        w = w - lr * logreg_loss(w, b, X, y, reg)[1]
        b = b - lr * logreg_loss(w, b, X, y, reg)[2]
        history.append(logreg_loss(w, b, X, y, reg)[0])
    return w, b, history


@mistake(
    of="logreg_fit_gd",
    caught_by=("descent_takes_the_right_steps", "starting_point_is_left_alone"),
    hint="Your descent always starts at zero, whatever w0 and b0 say.",
)
def start_ignored(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """w = np.zeros(D)."""
    return logreg_fit_gd(X, y, lr, steps, reg)


@mistake(
    of="logreg_fit_gd",
    caught_by=("descent_honours_the_penalty",),
    hint="reg makes no difference to your result: it is a parameter of the loss, and has to get there.",
)
def penalty_not_passed_on(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """logreg_loss(w, b, X, y), without reg."""
    return logreg_fit_gd(X, y, lr, steps, 0.0, w0, b0)


@mistake(
    of="logreg_fit_gd",
    caught_by=("first_step_goes_against_the_gradient", "loss_never_rises_for_a_small_enough_learning_rate"),
    hint="Your steps are N times too long: the gradient that logreg_loss returns is already that of the mean.",
)
def steps_along_the_summed_gradient(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """lr * N * gradient: takes the mean for a sum."""
    return logreg_fit_gd(X, y, lr * len(y), steps, reg, w0, b0)


@mistake(
    of="logreg_fit_gd",
    caught_by="starting_point_is_left_alone",
    hint="After your fit the caller's w0 holds the result: `w = w0` is a second name for the same array, not a copy.",
)
def start_overwritten(X, y, lr, steps, reg=0.0, w0=None, b0=0.0):
    """w = w0, then w -= lr * dw."""
    w, b, history = logreg_fit_gd(X, y, lr, steps, reg, w0, b0)
    if w0 is not None:
        w0[...] = w
    return w, b, history


# --- q6 logreg_hessian ------------------------------------------------------------------------------------------------


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "hessian_is_right"),
    hint="Each sample is weighted with p. Differentiate p once more: the weight is largest where the model is undecided.",
)
def weighted_with_the_probability(w, b, X, reg=0.0):
    """p in place of p (1 - p)."""
    return _curvature(sigmoid(X @ w + b), X, reg)


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "hessian_is_right"),
    hint="The data part of your Hessian is N times too large: the loss is a mean, so are all its derivatives.",
)
def curvature_not_averaged(w, b, X, reg=0.0):
    """X1.T S X1, without the 1/N."""
    p = sigmoid(X @ w + b)
    return _curvature(len(X) * p * (1.0 - p), X, reg)


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "hessian_is_right"),
    hint="Your Hessian has a row and a column too few: the bias is a parameter as well.",
)
def bias_without_curvature(w, b, X, reg=0.0):
    """X.T S X / N, shape (D, D)."""
    return logreg_hessian(w, b, X, reg)[:-1, :-1]


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "hessian_is_right"),
    hint="Right numbers in the wrong order: the bias stands first in your Hessian, here it stands last.",
)
def bias_first(w, b, X, reg=0.0):
    """The column of ones in front, as in many linear regression texts."""
    order = np.r_[len(w), np.arange(len(w))]
    return logreg_hessian(w, b, X, reg)[np.ix_(order, order)]


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "penalty_curves_the_weights_alone"),
    hint="The last diagonal entry contains reg: the intercept is not penalised, so the penalty does not curve it.",
)
def bias_curved_by_the_penalty(w, b, X, reg=0.0):
    """reg * np.eye(D + 1)."""
    return logreg_hessian(w, b, X, 0.0) + reg * np.eye(len(w) + 1)


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "penalty_curves_the_weights_alone"),
    hint="The difference to the right Hessian is reg in the entries that are not on the diagonal: the penalty couples no two "
    "weights.",
)
def penalty_added_to_every_entry(w, b, X, reg=0.0):
    """H[:D, :D] + reg: a number added to a matrix is added everywhere."""
    H = logreg_hessian(w, b, X, 0.0)
    H[:-1, :-1] += reg
    return H


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "penalty_curves_the_weights_alone"),
    hint="Your Hessian does not change with reg: the penalty is quadratic, so its second derivative is a constant, not zero.",
)
def penalty_without_curvature(w, b, X, reg=0.0):
    """The second derivative of the data term alone."""
    return logreg_hessian(w, b, X, 0.0)


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "hessian_is_symmetric_and_never_negative"),
    hint="Your Hessian is not symmetric: the second derivative by w and b is written into one of its two places only.",
)
def one_border_forgotten(w, b, X, reg=0.0):
    """Fills the last column, and leaves the last row at zero."""
    H = logreg_hessian(w, b, X, reg)
    H[-1, :-1] = 0.0
    return H


@mistake(
    of="logreg_hessian",
    caught_by=("hessian_predicts_how_the_gradient_changes", "hessian_is_symmetric_and_never_negative"),
    hint="Your Hessian curves downwards. Cross-entropy is convex in w and b: its curvature is never negative.",
)
def curvature_of_the_likelihood(w, b, X, reg=0.0):
    """-X1.T S X1 / N: the Hessian of the log-likelihood."""
    return -logreg_hessian(w, b, X, 0.0) + np.diag([reg] * len(w) + [0.0])


# --- q7 logreg_fit_newton ---------------------------------------------------------------------------------------------


@mistake(
    of="logreg_fit_newton",
    caught_by=("newton_arrives_at_the_minimum", "newton_converges_on_the_breast_cancer_data"),
    hint="One Newton step is taken, whatever `iters` says: the loss is no parabola, one jump does not end at its minimum.",
)
def one_step_only(X, y, reg, iters=10):
    """No loop."""
    return logreg_fit_newton(X, y, reg, min(iters, 1))


@mistake(
    of="logreg_fit_newton",
    caught_by=("newton_arrives_at_the_minimum", "newton_converges_on_the_breast_cancer_data"),
    hint="Your steps are half as long as Newton's: the curvature already says how far to go, no learning rate is needed.",
)
def steps_damped(X, y, reg, iters=10):
    """theta - 0.5 * step: converges, but one bit for each iteration."""
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(iters):
        theta = theta - 0.5 * _newton_step(theta, X, y, reg, reg)
    return theta[:-1], theta[-1]


@mistake(
    of="logreg_fit_newton",
    caught_by=("newton_arrives_at_the_minimum", "newton_steps_are_right"),
    hint="reg reaches only one of gradient and Hessian. You still converge, to another point or more slowly.",
)
def penalty_missing_in_the_newton_gradient(X, y, reg, iters=10):
    """logreg_loss(w, b, X, y) without reg, logreg_hessian with it."""
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(iters):
        theta = theta - _newton_step(theta, X, y, 0.0, reg)
    return theta[:-1], theta[-1]


@mistake(
    of="logreg_fit_newton",
    caught_by=("newton_arrives_at_the_minimum", "newton_steps_are_right"),
    hint="Your steps ignore how the parameters act together: only the diagonal of the Hessian is used.",
)
def diagonal_only(X, y, reg, iters=10):
    """gradient / diag(H): a step for each parameter on its own."""
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(iters):
        _, dw, db = logreg_loss(theta[:-1], theta[-1], X, y, reg)
        theta = theta - np.append(dw, db) / np.diag(logreg_hessian(theta[:-1], theta[-1], X, reg))
    return theta[:-1], theta[-1]


@mistake(
    of="logreg_fit_newton",
    caught_by=("newton_arrives_at_the_minimum", "newton_leaves_the_bias_unpenalised"),
    hint="Your intercept is pulled towards 0 by reg: it should follow the share of ones, however strong the penalty.",
)
def bias_shrunk(X, y, reg, iters=10):
    """The penalty on all of theta, in gradient and Hessian."""
    theta = np.zeros(X.shape[1] + 1)
    for _ in range(iters):
        w, b = theta[:-1], theta[-1]
        _, dw, db = logreg_loss(w, b, X, y, reg)
        H = logreg_hessian(w, b, X, reg)
        H[-1, -1] += reg
        theta = theta - np.linalg.solve(H, np.append(dw, db + reg * b))
    return theta[:-1], theta[-1]


@mistake(
    of="logreg_fit_newton",
    caught_by="newton_steps_are_right",
    hint="You stop one step early: count the updates for iters=1.",
)
def one_iteration_short(X, y, reg, iters=10):
    """`for _ in range(1, iters)`."""
    return logreg_fit_newton(X, y, reg, max(iters - 1, 0))


# --- q8 predict_proba, predict, accuracy ------------------------------------------------------------------------------


@mistake(
    of="predict",
    caught_by="decisions_follow_the_threshold",
    hint="The threshold is compared with scores. It is a probability.",
)
def threshold_on_the_scores(w, b, X, threshold=0.5):
    """X @ w + b >= threshold."""
    return (X @ w + b >= threshold).astype(int)


@mistake(
    of="predict_proba",
    caught_by="probabilities_are_the_sigmoid_of_the_scores",
    also=("threshold_on_the_scores",),
    hint="Some of your probabilities are negative or larger than 1: these are scores.",
)
def scores_returned(w, b, X):
    """X @ w + b."""
    return X @ w + b


@mistake(
    of="predict_proba",
    caught_by="probabilities_are_the_sigmoid_of_the_scores",
    hint="The bias is not in your probabilities: where all features are 0, they are always 1/2.",
)
def probabilities_without_the_bias(w, b, X):
    """sigmoid(X @ w)."""
    return sigmoid(X @ w)


@mistake(
    of="predict_proba",
    caught_by="probabilities_are_the_sigmoid_of_the_scores",
    hint="One probability for each row was asked for, P(y = 1 | x). That of class 0 follows from it.",
)
def one_column_for_each_class(w, b, X):
    """Shape (N, 2), as scikit-learn's predict_proba has it."""
    p = predict_proba(w, b, X)
    return np.column_stack([1.0 - p, p])


@mistake(
    of="predict",
    caught_by="decisions_follow_the_threshold",
    hint="Your decisions are those for a threshold of 1/2, whatever threshold is asked for.",
)
def threshold_ignored(w, b, X, threshold=0.5):
    """np.round(p)."""
    return (predict_proba(w, b, X) >= 0.5).astype(int)


@mistake(
    of="predict",
    caught_by="decisions_follow_the_threshold",
    hint="Right except where the probability equals the threshold exactly: the docstring says to which class that belongs.",
)
def strictly_above_the_threshold(w, b, X, threshold=0.5):
    """p > threshold."""
    return (predict_proba(w, b, X) > threshold).astype(int)


@mistake(
    of="predict",
    caught_by="decisions_follow_the_threshold",
    hint="Your labels are -1 and 1, the convention of the perceptron. Here the classes are called 0 and 1.",
)
def labels_of_the_perceptron(w, b, X, threshold=0.5):
    """np.where(p >= threshold, 1, -1)."""
    return np.where(predict_proba(w, b, X) >= threshold, 1, -1)


@mistake(
    of="accuracy",
    caught_by=("accuracy_is_the_share_of_equal_labels", "accuracy_counts_equal_labels"),
    hint="This is the number of hits. How would you compare test sets of different sizes?",
)
def hits_counted(y_true, y_pred):
    """np.sum(y_true == y_pred)."""
    return int(np.sum(np.asarray(y_true) == np.asarray(y_pred)))


@mistake(
    of="accuracy",
    caught_by=("accuracy_is_the_share_of_equal_labels", "accuracy_counts_equal_labels"),
    hint="This is the error rate: it falls when the predictions get better.",
)
def error_rate(y_true, y_pred):
    """np.mean(y_true != y_pred)."""
    return 1.0 - accuracy(y_true, y_pred)


@mistake(
    of="accuracy",
    caught_by="accuracy_counts_equal_labels",
    hint="(N,) and (N, 1) were compared as (N, N): every label with every prediction. The result looks like an accuracy, and is "
    "none.",
)
def every_label_with_every_prediction(y_true, y_pred):
    """np.mean(y_true == y_pred), without a look at the shapes."""
    return float(np.mean(np.asarray(y_true) == np.asarray(y_pred)))


# --- q9 standardise, train_breast_cancer ------------------------------------------------------------------------------


@mistake(
    of="standardise",
    caught_by="test_data_are_measured_with_the_training_statistics",
    hint="Each set is measured by its own ruler, so the same patient gets other numbers in another company. The model only knows "
    "the units of the training set.",
)
def each_set_on_its_own(X_train, X_test):
    """Statistics of the test set for the test set."""
    return standardise(X_train, X_train)[0], standardise(X_test, X_test)[0]


@mistake(
    of="standardise",
    caught_by=(
        "training_features_get_mean_zero_and_deviation_one",
        "test_data_are_measured_with_the_training_statistics",
    ),
    hint="The test set takes part in your mean and standard deviation: information from it leaks into training.",
)
def statistics_of_all_data(X_train, X_test):
    """Mean and standard deviation of both sets together."""
    everything = np.vstack([X_train, X_test])
    return standardise(everything, X_train)[1], standardise(everything, X_test)[1]


@mistake(
    of="standardise",
    caught_by=(
        "training_features_get_mean_zero_and_deviation_one",
        "test_data_are_measured_with_the_training_statistics",
    ),
    hint="Divided by the variance: after that, a feature in metres and one in millimetres still differ in scale.",
)
def divided_by_the_variance(X_train, X_test):
    """(X - mean) / var."""
    mean, variance = X_train.mean(axis=0), np.where(np.ptp(X_train, axis=0) == 0, 1.0, X_train.var(axis=0))
    return (X_train - mean) / variance, (X_test - mean) / variance


@mistake(
    of="standardise",
    caught_by=(
        "training_features_get_mean_zero_and_deviation_one",
        "test_data_are_measured_with_the_training_statistics",
    ),
    hint="Your numbers are smaller than expected by a factor sqrt((N - 1) / N): the docstring divides by N.",
)
def divided_by_n_minus_one(X_train, X_test):
    """std(ddof=1): the unbiased variance."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0, ddof=1)
    std = np.where(np.ptp(X_train, axis=0) == 0, 1.0, std)
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(
    of="standardise",
    caught_by=(
        "training_features_get_mean_zero_and_deviation_one",
        "test_data_are_measured_with_the_training_statistics",
    ),
    hint="Rows were standardised, not columns: a patient has no mean of age and blood pressure. Statistics belong to features.",
)
def rows_instead_of_columns(X_train, X_test):
    """axis=1."""
    return tuple((X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True) for X in (X_train, X_test))


@mistake(
    of="standardise",
    caught_by="constant_features_become_zero",
    hint="0 / 0: a feature that never varies has standard deviation 0. The docstring says what it should become.",
)
def constant_features_divided_by_zero(X_train, X_test):
    """No thought of a standard deviation of zero."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(
    of="train_breast_cancer",
    caught_by=("training_loss_falls_from_ln_2_to_below_a_tenth", "the_model_generalises"),
    hint="Your loss is still falling when you stop: the number of steps or the learning rate is smaller than asked for.",
)
def learning_rate_too_small(X_train, y_train, X_test, y_test):
    """lr = 0.01: after 500 steps still on the way."""
    return _train(*standardise(X_train, X_test), y_train, y_test, lr=0.01)


@mistake(
    of="train_breast_cancer",
    caught_by=("training_loss_falls_from_ln_2_to_below_a_tenth", "the_model_generalises"),
    hint="Your loss jumps instead of falling: some features here are in the thousands, others below 0.01. They were to be "
    "brought to one scale first.",
)
def raw_features(X_train, y_train, X_test, y_test):
    """No standardisation: the area in square pixels decides everything."""
    return _train(X_train, X_test, y_train, y_test)


@mistake(
    of="train_breast_cancer",
    caught_by="the_model_generalises",
    hint="Your test accuracy is that of the training set, which says nothing about patients whom the model has not seen.",
)
def accuracy_of_the_training_set_twice(X_train, y_train, X_test, y_test):
    """predict(w, b, X_train) in both places."""
    result = _train(*standardise(X_train, X_test), y_train, y_test)
    return result | {"test_accuracy": result["train_accuracy"]}


@mistake(
    of="train_breast_cancer",
    caught_by="the_model_generalises",
    hint="The model was fitted with the help of the test set. Its test accuracy is then no test any more.",
)
def test_set_trained_on(X_train, y_train, X_test, y_test):
    """Fits on all data, to have more of them."""
    A, B = standardise(X_train, X_test)
    w, b, history = logreg_fit_gd(np.vstack([A, B]), np.append(y_train, y_test), lr=0.5, steps=500, reg=1e-3)
    scores = accuracy(y_train, predict(w, b, A)), accuracy(y_test, predict(w, b, B))
    return {"w": w, "b": b, "history": history, "train_accuracy": scores[0], "test_accuracy": scores[1]}


@mistake(
    of="train_breast_cancer",
    caught_by="the_model_generalises",
    hint="The loss that you report is not that of the model that you return: was the penalty of 0.001 part of it?",
)
def penalty_left_out(X_train, y_train, X_test, y_test):
    """reg = 0: the loss gets lower, the weights larger."""
    return _train(*standardise(X_train, X_test), y_train, y_test, reg=0.0)


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _check(z, y):
    if np.shape(z) != np.shape(y):
        raise ValueError("z and y must have one shape (N,)")


def _reduce(losses, dz, reduction):
    if reduction == "mean":
        return losses.mean(), dz / len(dz)
    return (losses.sum() if reduction == "sum" else losses), dz


def _curvature(weights, X, reg):
    X1 = np.column_stack([X, np.ones(len(X))])
    return X1.T @ (weights[:, None] * X1) / len(X) + np.diag([reg] * X.shape[1] + [0.0])


def _newton_step(theta, X, y, reg_in_gradient, reg_in_hessian):
    _, dw, db = logreg_loss(theta[:-1], theta[-1], X, y, reg_in_gradient)
    return np.linalg.solve(logreg_hessian(theta[:-1], theta[-1], X, reg_in_hessian), np.append(dw, db))


def _train(X_train, X_test, y_train, y_test, *, lr=0.5, reg=1e-3):
    w, b, history = logreg_fit_gd(X_train, y_train, lr=lr, steps=500, reg=reg)
    return {
        "w": w,
        "b": b,
        "history": history,
        "train_accuracy": accuracy(y_train, predict(w, b, X_train)),
        "test_accuracy": accuracy(y_test, predict(w, b, X_test)),
    }
