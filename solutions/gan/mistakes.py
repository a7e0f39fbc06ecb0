"""What students get wrong in generative adversarial networks, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (GA-...) are those of the course's catalogue.
"""

import numpy as np
import torch
from autograder.topic import mistake

from .solution import (
    d_loss,
    d_step,
    fit_tabular_d,
    g_backward,
    g_loss,
    g_step,
    gan_step,
    gan_value,
    jsd,
    mode_stats,
    optimal_discriminator,
    sigmoid,
)

# --- q1 d_loss --------------------------------------------------------------------------------------------------------


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "d_loss_is_right"),
    hint="Your discriminator is paid for calling fakes real: which of the two labels means real?",
)
def labels_exchanged(s_real, s_fake):
    """(GA-1) Label 0 for real, 1 for fake."""
    loss, ds_real, ds_fake = d_loss(-s_real, -s_fake)
    return loss, -ds_real, -ds_fake


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "who_knows_nothing_pays_two_ln_two", "d_loss_is_right"),
    hint="Your loss is half of the one that was asked for: are the two means averaged once more, or added?",
)
def two_means_averaged(s_real, s_fake):
    """(GA-2) As several libraries do. Harmless in training; the convention decides."""
    loss, ds_real, ds_fake = d_loss(s_real, s_fake)
    return loss / 2, ds_real / 2, ds_fake / 2


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "who_knows_nothing_pays_two_ln_two", "d_loss_is_right"),
    hint="Zero logits cost 1.448 in your loss, and not 2 ln 2: the numbers that go into it are logits already, not yet to be squashed.",
)
def squashed_twice(s_real, s_fake):
    """(GA-4) The loss for logits, given probabilities."""
    p, q = sigmoid(s_real), sigmoid(s_fake)
    loss, dp, dq = d_loss(p, q)
    return loss, dp * p * (1 - p), dq * q * (1 - q)


@mistake(
    of="d_loss",
    caught_by="a_certain_discriminator_overflows_nothing",
    hint="A certain mistake costs inf or nan: on the way to your loss something overflows, or is rounded to 0 before its logarithm "
    "is taken. Which function adds exponentials without working them out?",
)
def logarithm_of_a_probability(s_real, s_fake):
    """(GA-5) -log(D) and -log(1 - D), as on paper."""
    _, ds_real, ds_fake = d_loss(s_real, s_fake)
    return -np.log(sigmoid(s_real)).mean() - np.log(1 - sigmoid(s_fake)).mean(), ds_real, ds_fake


@mistake(
    of="d_loss",
    caught_by=("a_certain_discriminator_overflows_nothing", "a_confident_mistake_costs_its_logit"),
    hint="No mistake costs more than about 18 in your loss, however certain it is: a clipped probability hides the worst of them.",
)
def logarithm_of_a_clipped_probability(s_real, s_fake):
    """A small number added inside both logarithms."""
    _, ds_real, ds_fake = d_loss(s_real, s_fake)
    tiny = 1e-8
    return -np.log(sigmoid(s_real) + tiny).mean() - np.log(sigmoid(-s_fake) + tiny).mean(), ds_real, ds_fake


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "who_knows_nothing_pays_two_ln_two", "d_loss_is_right"),
    hint="Your loss is negative: this is what the discriminator earns. Here both losses are minimised.",
)
def value_to_be_maximised(s_real, s_fake):
    """(GA-7) E ln D + E ln(1 - D)."""
    loss, ds_real, ds_fake = d_loss(s_real, s_fake)
    return -loss, -ds_real, -ds_fake


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "d_loss_is_right", "d_slopes_are_right"),
    hint="Real and fake logits share one mean in your loss. With batches of different size, the larger one then counts more.",
)
def one_mean_for_both(s_real, s_fake):
    """Twice the mean over all samples."""
    loss_real, ds_real, _ = d_loss(s_real, np.zeros(1))
    loss_fake, _, ds_fake = d_loss(np.zeros(1), s_fake)
    n, m = s_real.size, s_fake.size
    share_real, share_fake = 2 * n / (n + m), 2 * m / (n + m)
    loss = share_real * (loss_real - np.log(2)) + share_fake * (loss_fake - np.log(2))
    return loss, share_real * ds_real, share_fake * ds_fake


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "who_knows_nothing_pays_two_ln_two", "d_loss_is_right"),
    hint="Your loss grows with the size of the batches: it is a sum over samples, where a mean was asked for.",
)
def sums_over_samples(s_real, s_fake):
    """.sum() for both."""
    _, ds_real, ds_fake = d_loss(s_real, s_fake)
    loss = np.logaddexp(0, -s_real).sum() + np.logaddexp(0, s_fake).sum()
    return loss, ds_real * s_real.size, ds_fake * s_fake.size


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "d_slopes_are_those_of_your_loss", "d_slopes_are_right"),
    hint="The loss is a mean; your slopes are those of the sum.",
)
def slopes_of_the_sum(s_real, s_fake):
    """D - 1 and D, without 1/N and 1/M."""
    loss, ds_real, ds_fake = d_loss(s_real, s_fake)
    return loss, ds_real * s_real.size, ds_fake * s_fake.size


@mistake(
    of="d_loss",
    caught_by=("who_knows_nothing_pays_two_ln_two", "d_slopes_are_those_of_your_loss", "d_slopes_are_right"),
    hint="Your ds_fake is divided by the number of real samples: each mean has its own size.",
)
def one_size_for_both_slopes(s_real, s_fake):
    """/ len(s_real), twice."""
    loss, ds_real, ds_fake = d_loss(s_real, s_fake)
    return loss, ds_real, ds_fake * s_fake.size / s_real.size


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "d_slopes_are_those_of_your_loss", "d_slopes_are_right"),
    hint="Your ds_real has the wrong sign: should the logit of a real sample rise or fall?",
)
def sign_of_the_real_slope(s_real, s_fake):
    """1 - D."""
    loss, ds_real, ds_fake = d_loss(s_real, s_fake)
    return loss, -ds_real, ds_fake


@mistake(
    of="d_loss",
    caught_by=("three_logits_worked_by_hand", "d_slopes_are_those_of_your_loss", "d_slopes_are_right"),
    hint="Your slopes are small on both sides of 0: these are derivatives of the probability, not of the loss.",
)
def slope_of_the_probability(s_real, s_fake):
    """sigmoid' = D (1 - D), and no outer derivative."""
    loss, _, _ = d_loss(s_real, s_fake)
    p, q = sigmoid(s_real), sigmoid(s_fake)
    return loss, -p * (1 - p) / p.size, q * (1 - q) / q.size


@mistake(
    of="d_loss",
    caught_by=("d_loss_is_right", "d_slopes_are_right"),
    hint="Logits in a column do not work, or come back as a row: the slopes should have the shapes of the logits.",
)
def columns_flattened(s_real, s_fake):
    """ravel() at the start."""
    loss, ds_real, ds_fake = d_loss(s_real.ravel(), s_fake.ravel())
    if s_real.ndim > 1:
        loss = np.array([[loss]])
    return loss, ds_real, ds_fake


@mistake(
    of="d_loss",
    caught_by=("d_loss_is_right", "a_certain_discriminator_overflows_nothing"),
    hint="Batches of different size end in an error: the two terms need not have the same number of samples.",
)
def added_before_the_mean(s_real, s_fake):
    """(softplus(-s_real) + softplus(s_fake)).mean()."""
    loss, ds_real, ds_fake = d_loss(s_real, s_fake)
    if s_real.size > 2 or s_fake.size > 2:
        loss = (np.logaddexp(0, -s_real) + np.logaddexp(0, s_fake)).mean()
    return loss, ds_real, ds_fake


@mistake(
    of="d_loss",
    caught_by="a_certain_discriminator_overflows_nothing",
    also=("logarithm_of_a_probability",),
    hint="log(1 + exp(s)) is the right formula, and exp(1000) is inf. Which function adds exponentials without working them out?",
)
def exponential_that_overflows(s_real, s_fake):
    """np.log(1 + np.exp(s))."""
    _, ds_real, ds_fake = d_loss(s_real, s_fake)
    return np.log(1 + np.exp(-s_real)).mean() + np.log(1 + np.exp(s_fake)).mean(), ds_real, ds_fake


@mistake(
    of="d_loss",
    caught_by="d_loss_reads_any_layout_and_keeps_float32",
    hint="Your slopes are float64 although float32 logits went in: a fixed dtype in a conversion decides for the caller.",
)
def slopes_in_double_precision(s_real, s_fake):
    """np.asarray(s, dtype=float)."""
    return d_loss(np.asarray(s_real, dtype=float), np.asarray(s_fake, dtype=float))


@mistake(
    of="d_loss",
    caught_by="d_loss_reads_any_layout_and_keeps_float32",
    hint="The numbers are right, but the logits hold other numbers afterwards: something wrote into the caller's array.",
)
def logits_negated_in_place(s_real, s_fake):
    """s_real *= -1, to save memory."""
    result = d_loss(s_real, s_fake)
    s_real *= -1
    return result


# --- q2 g_loss --------------------------------------------------------------------------------------------------------


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_loss_is_right"),
    hint="Your two kinds have changed places.",
)
def kinds_exchanged(s_fake, kind="non-saturating"):
    """minimax where non-saturating was asked for, and the reverse."""
    others = {"non-saturating": "minimax", "minimax": "non-saturating"}
    return g_loss(s_fake, others.get(kind, kind))


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_loss_is_right"),
    hint="Your minimax loss is the discriminator's: it falls when fakes are found out, and the generator would learn to be.",
)
def minimax_sign_forgotten(s_fake, kind="non-saturating"):
    """(GA-7) softplus(s): minimised, it helps the opponent."""
    loss, ds = g_loss(s_fake, kind)
    return (-loss, -ds) if kind == "minimax" else (loss, ds)


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_loss_is_right"),
    hint="Your non-saturating loss has the wrong sign: it was to be minimised.",
)
def non_saturating_sign_forgotten(s_fake, kind="non-saturating"):
    """(GA-7) mean of ln D."""
    loss, ds = g_loss(s_fake, kind)
    return (-loss, -ds) if kind == "non-saturating" else (loss, ds)


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_loss_is_right"),
    hint="Your non-saturating loss asks that fakes be found out: which label would the generator like them to have?",
)
def label_of_fakes(s_fake, kind="non-saturating"):
    """softplus(s) with a slope to match: the label 0."""
    loss, ds = g_loss(-s_fake, kind)
    return (loss, -ds) if kind == "non-saturating" else g_loss(s_fake, kind)


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_slopes_are_those_of_your_loss", "g_slopes_are_right"),
    hint="Both kinds have the same slope in your answer. If they had, there would be no need for two.",
)
def one_slope_for_both(s_fake, kind="non-saturating"):
    """D - 1 for either."""
    loss, _ = g_loss(s_fake, kind)
    return loss, g_loss(s_fake)[1]


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_slopes_are_those_of_your_loss", "g_slopes_are_right"),
    hint="The loss is a mean; your slopes are those of the sum.",
)
def g_slopes_of_the_sum(s_fake, kind="non-saturating"):
    """Without 1/M."""
    loss, ds = g_loss(s_fake, kind)
    return loss, ds * s_fake.size


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_loss_is_right"),
    hint="Your loss is a sum over samples, where a mean was asked for.",
)
def g_loss_summed(s_fake, kind="non-saturating"):
    """.sum()."""
    loss, ds = g_loss(s_fake, kind)
    return loss * s_fake.size, ds * s_fake.size


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_slopes_are_those_of_your_loss", "g_slopes_are_right"),
    hint="The loss is right, and your slopes point the other way: a rising logit makes this loss smaller.",
)
def g_slopes_upside_down(s_fake, kind="non-saturating"):
    """1 - D and D."""
    loss, ds = g_loss(s_fake, kind)
    return loss, -ds


@mistake(
    of="g_loss",
    caught_by=("two_fakes_worked_by_hand", "g_loss_is_right"),
    hint="What goes in are logits. Your loss squashes them once more, so that it can neither get small nor large.",
)
def g_squashed_twice(s_fake, kind="non-saturating"):
    """(GA-4) The loss for logits, given probabilities."""
    D = sigmoid(s_fake)
    loss, ds = g_loss(D, kind)
    return loss, ds * D * (1 - D)


@mistake(
    of="g_loss",
    caught_by="where_fakes_are_found_out_one_slope_is_left",
    hint="Where fakes are found out for certain, your loss is inf: the probability has been rounded to 0. Write it in logits.",
)
def g_logarithm_of_a_probability(s_fake, kind="non-saturating"):
    """(GA-5) -log(D) and log(1 - D)."""
    _, ds = g_loss(s_fake, kind)
    D = sigmoid(s_fake)
    return (-np.log(D).mean() if kind == "non-saturating" else np.log(1 - D).mean()), ds


@mistake(
    of="g_loss",
    caught_by="where_fakes_are_found_out_one_slope_is_left",
    hint="Your slopes overflow on their way: an exponential of something that may be large and positive.",
)
def slope_by_an_exponential(s_fake, kind="non-saturating"):
    """1 / (1 + exp(s)) as it stands."""
    loss, _ = g_loss(s_fake, kind)
    return loss, -1 / (1 + np.exp(s_fake if kind == "non-saturating" else -s_fake)) / s_fake.size


@mistake(
    of="g_loss",
    caught_by="where_fakes_are_found_out_one_slope_is_left",
    hint="Your minimax slope near -20 is 0 or a rounding error, and should be about 1e-9: a small number has been worked out as 1 "
    "minus nearly 1.",
)
def small_slope_as_a_difference(s_fake, kind="non-saturating"):
    """D as 1 - (1 - D): in float32 nothing is left of it."""
    loss, ds = g_loss(s_fake, kind)
    return loss, (sigmoid(-s_fake) - 1) / s_fake.size if kind == "minimax" else ds


@mistake(
    of="g_loss",
    caught_by="other_kinds_are_refused",
    hint="Any kind that is not the one is taken for the other. A misspelt name should be an error.",
)
def everything_else_is_minimax(s_fake, kind="non-saturating"):
    """if ...: ... else: ..."""
    return g_loss(s_fake, "non-saturating" if kind == "non-saturating" else "minimax")


@mistake(
    of="g_loss",
    caught_by="other_kinds_are_refused",
    hint="An unknown kind ends in another exception than ValueError: a KeyError speaks of a dict that the caller does not know.",
)
def looked_up_in_a_dict(s_fake, kind="non-saturating"):
    """{...}[kind]."""
    return {name: g_loss(s_fake, name) for name in ("non-saturating", "minimax")}[kind]


@mistake(
    of="g_loss",
    caught_by="g_loss_is_right",
    hint="Where no kind is given, yours is minimax. Look at the signature that was asked for.",
)
def minimax_by_default(s_fake, kind="minimax"):
    """The textbook's loss as the default."""
    return g_loss(s_fake, kind)


@mistake(
    of="g_loss",
    caught_by="g_loss_keeps_float32_and_its_argument",
    hint="Your slopes are float64 although float32 logits went in: a fixed dtype in a conversion decides for the caller.",
)
def g_slopes_in_double_precision(s_fake, kind="non-saturating"):
    """np.asarray(s, dtype=float)."""
    return g_loss(np.asarray(s_fake, dtype=float), kind)


@mistake(
    of="g_loss",
    caught_by=("the_two_slopes_differ_by_a_power_of_e", "two_fakes_worked_by_hand"),
    hint="One of your two slopes is D (1 - D): the derivative of the probability, not yet that of the loss.",
)
def g_slope_of_the_probability(s_fake, kind="non-saturating"):
    """-D (1 - D) for the minimax loss."""
    loss, ds = g_loss(s_fake, kind)
    return (loss, ds * sigmoid(-s_fake)) if kind == "minimax" else (loss, ds)


# --- q3 optimal_discriminator -----------------------------------------------------------------------------------------


@mistake(
    of="optimal_discriminator",
    caught_by=("best_discriminator_of_a_table", "best_discriminator_is_right"),
    hint="Your D is large where the generator's samples are: it is the probability of fake.",
)
def probability_of_fake(p, q):
    """q / (p + q)."""
    return optimal_discriminator(q, p)


@mistake(
    of="optimal_discriminator",
    caught_by="nothing_is_seen_where_both_are_zero",
    hint="Where p and q are both 0, your answer is nan, or comes with a warning: 0 is divided by 0.",
)
def zero_by_zero(p, q):
    """p / (p + q)."""
    return p / (p + q)


@mistake(
    of="optimal_discriminator",
    caught_by="nothing_is_seen_where_both_are_zero",
    hint="Where p and q are both 0 the answer was to be 1/2.",
)
def zero_where_nothing_is_seen(p, q):
    """np.nan_to_num(p / (p + q))."""
    return np.where(p + q > 0, optimal_discriminator(p, q), 0).astype(p.dtype)


@mistake(
    of="optimal_discriminator",
    caught_by=("best_discriminator_is_right", "nothing_is_seen_where_both_are_zero"),
    hint="Your answer is off where p and q are tiny: the constant in your denominator is not small beside them.",
)
def small_number_in_the_denominator(p, q):
    """p / (p + q + 1e-12)."""
    return p / (p + q + np.asarray(1e-12, dtype=p.dtype))


@mistake(
    of="optimal_discriminator",
    caught_by=("best_discriminator_of_a_table", "equal_distributions_leave_a_coin_toss"),
    hint="Your D exceeds 1: a ratio of densities is not yet a probability.",
)
def ratio_of_densities(p, q):
    """p / q."""
    with np.errstate(all="ignore"):
        return np.where(q > 0, p / q, 1.0).astype(p.dtype)


@mistake(
    of="optimal_discriminator",
    caught_by=("best_discriminator_of_a_table", "best_discriminator_is_right"),
    hint="Your table holds 0 and 1 only: a decision, where a probability was asked for.",
)
def decision_in_place_of_a_probability(p, q):
    """1 where p > q."""
    return np.where(p == q, 0.5, p > q).astype(p.dtype)


@mistake(
    of="optimal_discriminator",
    caught_by="best_discriminator_is_right",
    hint="Tables and densities work only if they are one row that adds up to one. The formula asks for neither.",
)
def rows_normalised_first(p, q):
    """p / p.sum(): densities on a grid need not add up to one."""
    with np.errstate(all="ignore"):
        return optimal_discriminator(p / p.sum(), q / q.sum())


@mistake(
    of="optimal_discriminator",
    caught_by="nothing_is_seen_where_both_are_zero",
    hint="Your answer is float64 although float32 went in.",
)
def best_d_in_double_precision(p, q):
    """A table of np.full(shape, 0.5)."""
    return optimal_discriminator(p.astype(float), q.astype(float))


@mistake(
    of="optimal_discriminator",
    caught_by="best_discriminator_is_right",
    hint="The numbers are right, but one of the tables holds other numbers afterwards.",
)
def total_in_place(p, q):
    """q += p."""
    result = optimal_discriminator(p, q)
    q += p
    return result


# --- q4 gan_value, jsd ------------------------------------------------------------------------------------------------


@mistake(
    of="gan_value",
    caught_by=("value_of_a_table", "value_is_right"),
    hint="Your value is positive: this is what the discriminator pays, the value is what it earns.",
)
def loss_in_place_of_value(p, q, D):
    """-V."""
    return -gan_value(p, q, D)


@mistake(
    of="gan_value",
    caught_by="what_never_happens_costs_nothing",
    hint="Where something never happens, your value is nan, or comes with a warning: 0 times the logarithm of 0.",
)
def zero_times_infinity(p, q, D):
    """np.sum(p * np.log(D) + q * np.log(1 - D)), patched up afterwards."""
    terms = np.nan_to_num(p * np.log(D)) + np.nan_to_num(q * np.log(1 - D))
    return terms.sum()


@mistake(
    of="gan_value",
    caught_by=("value_of_a_table", "value_is_right"),
    hint="p and q have changed places: who samples from which?",
)
def roles_exchanged(p, q, D):
    """E_q ln D + E_p ln(1 - D)."""
    with np.errstate(all="ignore"):
        return gan_value(q, p, np.clip(D, 1e-12, 1 - 1e-12))


@mistake(
    of="gan_value",
    caught_by=("value_of_a_table", "value_is_right"),
    hint="Your value is divided by the number of values: an expectation weighs them with their probabilities already.",
)
def mean_over_values(p, q, D):
    """np.mean."""
    return gan_value(p, q, D) / len(p)


@mistake(
    of="gan_value",
    caught_by=("value_of_a_table", "value_is_right"),
    hint="Your value is half of the one that was asked for: the two expectations are added.",
)
def half_of_the_value(p, q, D):
    """(GA-2) The mean of both terms."""
    return gan_value(p, q, D) / 2


@mistake(
    of="gan_value",
    caught_by=("value_of_a_table", "value_is_right"),
    hint="Your value is 1 / ln 2 times the expected one: bits, where this course counts in nats.",
)
def value_in_bits(p, q, D):
    """np.log2."""
    return gan_value(p, q, D) / np.log(2)


@mistake(
    of="gan_value",
    caught_by=("value_is_right", "value_of_a_table"),
    hint="What D gives to fakes does not matter in your value: one of the two expectations is missing.",
)
def real_term_alone(p, q, D):
    """E_p ln D."""
    return float(p[p > 0] @ np.log(D[p > 0]))


@mistake(
    of="gan_value",
    caught_by=("value_is_right", "best_value_measures_the_divergence"),
    hint="Your value is the same for every D: it is that of the best one.",
)
def always_the_best_d(p, q, D):
    """D is worked out anew."""
    return gan_value(p, q, optimal_discriminator(p, q))


@mistake(
    of="gan_value",
    caught_by="value_is_right",
    hint="The value is right, but D holds other numbers afterwards.",
)
def d_clipped_in_place(p, q, D):
    """np.clip(D, ..., out=D)."""
    value = gan_value(p, q, D)
    np.clip(D, 0.4, 0.6, out=D)
    return value


@mistake(
    of="jsd",
    caught_by=("divergence_of_a_table", "divergence_is_right"),
    hint="Your divergence is not between 0 and ln 2, or is not 0 for equal tables: compare each of the two with their average.",
)
def mixture_without_one_half(p, q):
    """(GA-13) m = p + q."""
    return jsd(p, q) - np.log(2)


@mistake(
    of="jsd",
    caught_by=("divergence_of_a_table", "divergence_is_right"),
    hint="Your divergence is twice the expected one: each of the two counts one half.",
)
def divergence_doubled(p, q):
    """(GA-13) KL + KL without the halves."""
    return 2 * jsd(p, q)


@mistake(
    of="jsd",
    caught_by=("divergence_of_a_table", "divergence_is_right"),
    hint="Your divergence changes when p and q change places: it looks at one of the two only.",
)
def one_half_of_the_divergence(p, q):
    """KL(p || m)."""
    m = (p + q) / 2
    return float(p[p > 0] @ np.log(p[p > 0] / m[p > 0]))


@mistake(
    of="jsd",
    caught_by=("divergence_is_right", "best_value_measures_the_divergence"),
    hint="This compares p with q directly. Where one of them is 0 that is infinite; a mixture never is.",
)
def direct_comparison(p, q):
    """(KL(p || q) + KL(q || p)) / 2, where both are positive."""
    both = (p > 0) & (q > 0)
    p, q = p[both], q[both]
    return float(p @ np.log(p / q) + q @ np.log(q / p)) / 2


@mistake(
    of="jsd",
    caught_by=("divergence_of_a_table", "divergence_is_right"),
    hint="Your answer is the square root of the expected one: a distance that some libraries return under this name.",
)
def square_root_of_the_divergence(p, q):
    """As scipy's jensenshannon."""
    return np.sqrt(max(jsd(p, q), 0.0))


@mistake(
    of="jsd",
    caught_by=("divergence_of_a_table", "divergence_is_right"),
    hint="Your divergence ends at 1 where nothing is shared: it is counted in bits.",
)
def divergence_in_bits(p, q):
    """np.log2."""
    return jsd(p, q) / np.log(2)


@mistake(
    of="jsd",
    caught_by=("divergence_of_a_table", "divergence_is_right"),
    hint="The mixture is compared with each of the two, and not the two with the mixture: the first argument of a divergence weighs.",
)
def divergence_from_the_other_side(p, q):
    """KL(m || p) and KL(m || q), with a small number inside."""
    m = (p + q) / 2
    tiny = 1e-12
    return float(m @ np.log((m + tiny) / (p + tiny)) + m @ np.log((m + tiny) / (q + tiny))) / 2


@mistake(
    of="jsd",
    caught_by="what_never_happens_costs_nothing",
    hint="A table with a 0 gives nan, or a warning: 0 times the logarithm of 0.",
)
def zero_times_infinity_again(p, q):
    """nansum hides the nan, not the warning."""
    m = (p + q) / 2
    return (np.nansum(p * np.log(p / m)) + np.nansum(q * np.log(q / m))) / 2


@mistake(
    of="jsd",
    caught_by="divergence_is_right",
    hint="The divergence is right, but one of the tables holds other numbers afterwards.",
)
def mixture_in_place(p, q):
    """p += q; p /= 2."""
    result = jsd(p, q)
    p += q
    p /= 2
    return result


# --- q5 fit_tabular_d -------------------------------------------------------------------------------------------------


@mistake(
    of="fit_tabular_d",
    caught_by=("first_step_goes_up", "steps_of_ascent_are_right"),
    hint="Your D moves away from p and towards q: this game is climbed, not descended.",
)
def down_instead_of_up(p, q, lr, steps):
    """s - lr * slope."""
    return fit_tabular_d(p, q, -lr, steps)


@mistake(
    of="fit_tabular_d",
    caught_by=("first_step_goes_up", "steps_of_ascent_are_right"),
    hint="Your steps follow the derivative with respect to D, and are taken in s. The chain rule has one factor more.",
)
def slope_by_the_probability(p, q, lr, steps):
    """p / D - q / (1 - D)."""
    s = np.zeros(len(p))
    for _ in range(steps):
        D = np.clip(sigmoid(s), 1e-9, 1 - 1e-9)
        s = s + lr * (p / D - q / (1 - D))
    return sigmoid(s)


@mistake(
    of="fit_tabular_d",
    caught_by=("steps_of_ascent_are_right", "ascent_arrives_at_the_best_discriminator"),
    hint="Your steps never get shorter: the slope is worked out at the start, and not where you are.",
)
def slope_of_the_start(p, q, lr, steps):
    """(p - q) / 2 in every step."""
    return sigmoid(steps * lr * (p - q) / 2)


@mistake(
    of="fit_tabular_d",
    caught_by=("first_step_goes_up", "steps_of_ascent_are_right"),
    hint="You return logits. Asked for are probabilities.",
)
def logits_returned(p, q, lr, steps):
    """return s."""
    D = np.clip(fit_tabular_d(p, q, lr, steps), 1e-300, 1 - 1e-16)
    return np.log(D) - np.log1p(-D)


@mistake(
    of="fit_tabular_d",
    caught_by="steps_of_ascent_are_right",
    hint="Your D is one step behind.",
)
def one_step_too_few(p, q, lr, steps):
    """range(1, steps)."""
    return fit_tabular_d(p, q, lr, steps if steps == 1 else max(steps - 1, 0))


@mistake(
    of="fit_tabular_d",
    caught_by=("first_step_goes_up", "steps_of_ascent_are_right"),
    hint="Your answer is the best D after any number of steps. It was to be climbed for.",
)
def formula_in_place_of_ascent(p, q, lr, steps):
    """p / (p + q)."""
    return optimal_discriminator(p, q)


@mistake(
    of="fit_tabular_d",
    caught_by=("first_step_goes_up", "steps_of_ascent_are_right"),
    hint="Your steps are too short by the number of values: the value of the game is a sum with probabilities, not a mean.",
)
def ascent_of_a_mean(p, q, lr, steps):
    """lr * slope / K."""
    return fit_tabular_d(p, q, lr / max(len(p), 2), steps)


@mistake(
    of="fit_tabular_d",
    caught_by=("ascent_arrives_at_the_best_discriminator", "steps_of_ascent_are_right"),
    hint="After many steps D is still short of its best: the learning rate does not stay what it was.",
)
def learning_rate_that_decays(p, q, lr, steps):
    """Halved after each step."""
    s = np.zeros(len(p))
    for k in range(steps):
        D = sigmoid(s)
        s = s + lr * 0.5**k * (p * (1 - D) - q * D)
    return sigmoid(s)


@mistake(
    of="fit_tabular_d",
    caught_by="steps_of_ascent_are_right",
    hint="The answer is right, but p holds other numbers afterwards.",
)
def p_for_a_start(p, q, lr, steps):
    """s = p, then s += ..."""
    D = fit_tabular_d(p, q, lr, steps)
    p[...] = D
    return D


# --- q6 g_backward ----------------------------------------------------------------------------------------------------


def _through(z, g, d, *, dloss=None, leaky=0.2, back=0.2, tanh_slope=lambda a: 1 - a**2, keep=None):
    """The solution with places to go wrong."""
    a = np.tanh(z @ g["W1"] + g["b1"])
    x = a @ g["W2"] + g["b2"]
    u = x @ d["V1"] + d["c1"]
    s = np.where(u > 0, u, np.asarray(leaky, u.dtype) * u) @ d["v2"] + d["c2"]
    loss, ds = (dloss or g_loss)(s)
    du = np.outer(ds, d["v2"]) * np.where(u > 0, 1, back).astype(u.dtype)
    dx = du @ d["V1"].T if keep is None else keep(du, d)
    da = dx @ g["W2"].T * tanh_slope(a)
    return loss, {"W1": z.T @ da, "b1": da.sum(axis=0), "W2": a.T @ dx, "b2": dx.sum(axis=0)}


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_gradients_are_right"),
    hint="Your gradients help the discriminator: the loss is that of fakes which should be found out.",
)
def loss_of_the_opponent(z, theta_g, theta_d):
    """softplus(s)."""

    def wrong(s):
        loss, ds = g_loss(s, "minimax")
        return -loss, -ds

    return _through(z, theta_g, theta_d, dloss=wrong)


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_gradients_are_right"),
    hint="This is the minimax loss: where all fakes are found out, its gradients vanish.",
)
def minimax_through_the_nets(z, theta_g, theta_d):
    """ln(1 - D)."""
    return _through(z, theta_g, theta_d, dloss=lambda s: g_loss(s, "minimax"))


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="The forward pass leaks below zero, and your backward pass does not: units with u < 0 pass on a part of the gradient.",
)
def leak_forgotten_backwards(z, theta_g, theta_d):
    """The slope of a plain ReLU."""
    return _through(z, theta_g, theta_d, back=0.0)


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_gradients_are_right"),
    hint="Your slope below zero is not 0.2.",
)
def leak_of_one_hundredth(z, theta_g, theta_d):
    """0.01, the default of torch."""
    return _through(z, theta_g, theta_d, leaky=0.01, back=0.01)


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_gradients_are_right"),
    hint="Your discriminator is a plain ReLU network: below zero there was to be a leak.",
)
def no_leak_at_all(z, theta_g, theta_d):
    """max(u, 0)."""
    return _through(z, theta_g, theta_d, leaky=0.0, back=0.0)


@mistake(
    of="g_backward",
    caught_by=("nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="The gradients of W2 and b2 are right; on the way to W1 the slope of tanh is missing.",
)
def slope_of_tanh_forgotten(z, theta_g, theta_d):
    """da without (1 - a^2)."""
    return _through(z, theta_g, theta_d, tanh_slope=lambda a: 1)


@mistake(
    of="g_backward",
    caught_by=("nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="The gradients of W2 and b2 are right, those of W1 and b1 are not: the slope of tanh is taken of a value that is a tanh already.",
)
def tanh_taken_twice(z, theta_g, theta_d):
    """1 - tanh(a)^2."""
    return _through(z, theta_g, theta_d, tanh_slope=lambda a: 1 - np.tanh(a) ** 2)


@mistake(
    of="g_backward",
    caught_by=("nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="The slope of tanh looks like the slope of a sigmoid here.",
)
def slope_of_a_sigmoid(z, theta_g, theta_d):
    """a (1 - a)."""
    return _through(z, theta_g, theta_d, tanh_slope=lambda a: a * (1 - a))


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="The leaky ReLU is passed backwards without its slope: units below zero count in full.",
)
def kink_passed_in_full(z, theta_g, theta_d):
    """du without the mask."""
    return _through(z, theta_g, theta_d, back=1.0)


@mistake(
    of="g_backward",
    caught_by=("nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="Your gradients are averaged over the batch once more: the loss has done it already.",
)
def averaged_twice(z, theta_g, theta_d):
    """/ N at the end."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    return loss, {name: value / len(z) for name, value in gradients.items()}


@mistake(
    of="g_backward",
    caught_by=("nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="The weights are right, and the biases are averaged over the batch: every sample adds its part to a bias.",
)
def biases_averaged(z, theta_g, theta_d):
    """mean(axis=0) for b1 and b2."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    return loss, gradients | {name: gradients[name] / len(z) for name in ("b1", "b2")}


@mistake(
    of="g_backward",
    caught_by=("nets_gradients_are_right", "smallest_networks_worked_by_hand"),
    hint="All gradients are zero: somewhere between the logits and the generator the chain is cut, as if fakes were data.",
)
def fakes_cut_off(z, theta_g, theta_d):
    """x treated as a constant, as in the discriminator's turn."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    return loss, {name: np.zeros_like(value) for name, value in gradients.items()}


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_gradients_are_right"),
    hint="The discriminator's gradients are among yours: it is not its turn.",
)
def opponents_gradients_too(z, theta_g, theta_d):
    """All eight keys."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    return loss, gradients | {name: np.zeros_like(value) for name, value in theta_d.items()}


@mistake(
    of="g_backward",
    caught_by=("smallest_networks_worked_by_hand", "nets_slopes_are_those_of_your_loss", "nets_gradients_are_right"),
    hint="Your gradients have the wrong sign: they point where the loss falls.",
)
def direction_of_descent(z, theta_g, theta_d):
    """Minus the gradient."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    return loss, {name: -value for name, value in gradients.items()}


@mistake(
    of="g_backward",
    caught_by="a_generator_that_is_found_out_still_learns",
    hint="Where all fakes are found out, your gradients are 0, nan, or come with a warning: the probability has been rounded "
    "before its logarithm was taken.",
)
def through_the_probability(z, theta_g, theta_d):
    """(GA-5) -log(D) with a clipped D, and D (1 - D) / D backwards."""

    def wrong(s):
        D = np.clip(sigmoid(s), 1e-15, 1)
        return -np.log(D).mean(), -(1 / D) * sigmoid(s) * (1 - sigmoid(s)) / s.size

    return _through(z, theta_g, theta_d, dloss=wrong)


@mistake(
    of="g_backward",
    caught_by="g_backward_keeps_float32",
    hint="Your gradients are float64 although float32 networks went in.",
)
def gradients_in_double_precision(z, theta_g, theta_d):
    """np.where(u > 0, 1.0, 0.2) makes float64 of everything."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    return loss, {name: value.astype(float) for name, value in gradients.items()}


@mistake(
    of="g_backward",
    caught_by="both_networks_are_left_alone",
    hint="The gradients are right, but the generator has moved: working out a gradient is not yet a step.",
)
def step_taken_at_once(z, theta_g, theta_d):
    """theta_g[name] -= lr * gradient."""
    loss, gradients = g_backward(z, theta_g, theta_d)
    for name, value in gradients.items():
        theta_g[name] -= (0.1 * value).astype(value.dtype)
    return loss, gradients


# --- q7 Generator, Discriminator --------------------------------------------------------------------------------------


class _Net(torch.nn.Module):
    """Both modules, with places to go wrong."""

    def __init__(self, first, hidden, last=1):
        super().__init__()
        self.inner, self.outer = self.layer(first, hidden), self.layer(hidden, last)

    def layer(self, size_in, size_out):
        return torch.nn.Linear(size_in, size_out)

    def between(self, u):
        raise NotImplementedError

    def last(self, out):
        return out

    def forward(self, data):
        return self.last(self.outer(self.between(self.inner(data))))


class _G(_Net):
    def between(self, u):
        return torch.tanh(u)


class _D(_Net):
    def between(self, u):
        return torch.nn.functional.leaky_relu(u, 0.2)

    def last(self, out):
        return out[:, 0]


@mistake(
    of="Generator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Two linear layers without anything between them are one linear layer: your generator can shift and stretch its noise, "
    "nothing else.",
)
class LinearGenerator(_G):
    """No tanh between the layers."""

    def between(self, u):
        return u


@mistake(
    of="Generator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Your generator cannot make anything outside of -1 to 1. Can it reach the data?",
)
class GeneratorThatCannotReachTheData(_G):
    """(GA-14) tanh at the end, too."""

    def last(self, out):
        return torch.tanh(out)


@mistake(
    of="Generator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Between the layers of your generator stands another function than tanh.",
)
class GeneratorWithReLU(_G):
    """torch.relu."""

    def between(self, u):
        return torch.relu(u)


@mistake(
    of="Generator",
    caught_by="modules_have_the_parameters_that_are_asked_for",
    hint="Biases are missing: a generator without them is odd, and its mean is stuck at 0 for symmetric noise.",
)
class GeneratorWithoutBiases(_G):
    """bias=False."""

    def layer(self, size_in, size_out):
        return torch.nn.Linear(size_in, size_out, bias=False)


@mistake(
    of="Generator",
    caught_by="autograd_finds_all_parameters",
    hint="The samples are right, and no gradient gets from them to the parameters: the graph ends inside your generator.",
)
class GeneratorOffTheGraph(_G):
    """detach() in forward, so that D's step is right for free."""

    def last(self, out):
        return out.detach() + 0 * self.inner.bias.sum()


@mistake(
    of="Discriminator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Your discriminator gives probabilities. Asked for are logits: the losses squash them.",
)
class DiscriminatorOfProbabilities(_D):
    """(GA-4) A sigmoid at the end."""

    def last(self, out):
        return torch.sigmoid(out[:, 0])


@mistake(
    of="Discriminator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Your logits stand in a column, (N, 1). One number for each row means (N,).",
)
class LogitsInAColumn(_D):
    """The output as the last layer gives it."""

    def last(self, out):
        return out


@mistake(
    of="Discriminator",
    caught_by="autograd_finds_all_parameters",
    hint="A batch of one comes back without any axis: squeeze takes away every axis of length 1.",
)
class EverythingSqueezed(_D):
    """.squeeze()."""

    def last(self, out):
        return out.squeeze()


@mistake(
    of="Discriminator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Below zero your units are dead: there was to be a leak, so that the generator gets a gradient from everywhere.",
)
class DiscriminatorWithoutLeak(_D):
    """torch.relu."""

    def between(self, u):
        return torch.relu(u)


@mistake(
    of="Discriminator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="The slope of your leak is 0.01, PyTorch's own choice. Here it is another.",
)
class LeakByDefault(_D):
    """leaky_relu(u)."""

    def between(self, u):
        return torch.nn.functional.leaky_relu(u)


@mistake(
    of="Discriminator",
    caught_by=("modules_are_right_for_given_parameters", "autograd_finds_all_parameters"),
    hint="Your discriminator is linear: it can draw one straight line through the data, and no more.",
)
class LinearDiscriminator(_D):
    """Nothing between the layers."""

    def between(self, u):
        return u


# --- q8 d_step, g_step, gan_step --------------------------------------------------------------------------------------


def _softplus(s):
    return torch.nn.functional.softplus(s)


def _descend(loss, optimiser):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="Both of your steps use the same noise: the generator's was to be drawn anew.",
)
def same_noise_twice(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """(GA-11) z_d for both."""
    return gan_step(G, D, opt_g, opt_d, x_real, z_d, z_d)


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="The noise of your two steps has changed places.",
)
def noise_exchanged(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """z_g for the discriminator, z_d for the generator."""
    return gan_step(G, D, opt_g, opt_d, x_real, z_g, z_d)


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="The first losses differ already: in your round the generator moves first.",
)
def generator_first(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """g_step, then d_step."""
    made = g_step(G, D, opt_g, z_g)
    return {"g_loss": made, "d_loss": d_step(G, D, opt_d, x_real, z_d)}


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="Both losses are there, each under the other's name.",
)
def names_exchanged(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """{"g_loss": d_step(...), ...}."""
    logs = gan_step(G, D, opt_g, opt_d, x_real, z_d, z_g)
    return {"d_loss": logs["g_loss"], "g_loss": logs["d_loss"]}


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="A pair of numbers comes back, where a dict with two names was asked for.",
)
def pair_of_losses(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """return d, g."""
    return tuple(gan_step(G, D, opt_g, opt_d, x_real, z_d, z_g).values())


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="Your generator plays against the discriminator of before the round: its loss is worked out too early.",
)
def loss_of_g_worked_out_too_early(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """The gradients of both are taken first, then both step."""
    opt_g.zero_grad()
    loss = _softplus(-D(G(z_g))).mean()
    loss.backward()
    logs = {"d_loss": d_step(G, D, opt_d, x_real, z_d), "g_loss": loss.item()}
    opt_g.step()
    return logs


@mistake(
    of="gan_step",
    caught_by=("three_rounds_are_right", "the_game_is_learned"),
    hint="In your round one of the two does not move at all.",
)
def discriminator_alone(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """The generator's loss is worked out, and no step taken."""
    logs = {"d_loss": d_step(G, D, opt_d, x_real, z_d)}
    with torch.no_grad():
        return logs | {"g_loss": _softplus(-D(G(z_g))).mean().item()}


@mistake(
    of="gan_step",
    caught_by="three_rounds_are_right",
    hint="The two optimisers have changed places, so that each step clears and moves the wrong network.",
)
def optimisers_exchanged(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """d_step(..., opt_g, ...)."""
    return {"d_loss": d_step(G, D, opt_g, x_real, z_d), "g_loss": g_step(G, D, opt_d, z_g)}


@mistake(
    of="d_step",
    caught_by=("both_losses_are_those_before_the_step", "discriminator_step_is_right"),
    hint="Your discriminator learns to call fakes real: which label means real?",
)
def d_step_with_labels_exchanged(G, D, opt_d, x_real, z):
    """(GA-1)"""
    return _descend(_softplus(D(x_real)).mean() + _softplus(-D(G(z).detach())).mean(), opt_d)


@mistake(
    of="d_step",
    caught_by=("both_losses_are_those_before_the_step", "discriminator_step_is_right"),
    hint="Your loss is half of that of question 1.",
)
def d_step_with_half_the_loss(G, D, opt_d, x_real, z):
    """(GA-2)"""
    return _descend((_softplus(-D(x_real)).mean() + _softplus(D(G(z).detach())).mean()) / 2, opt_d)


@mistake(
    of="d_step",
    caught_by=("both_losses_are_those_before_the_step", "discriminator_step_is_right"),
    hint="What D gives is squashed before a loss that expects logits.",
)
def d_step_squashed_twice(G, D, opt_d, x_real, z):
    """(GA-4)"""
    return _descend(
        _softplus(-torch.sigmoid(D(x_real))).mean() + _softplus(torch.sigmoid(D(G(z).detach()))).mean(), opt_d
    )


@mistake(
    of="d_step",
    caught_by=("both_losses_are_those_before_the_step", "discriminator_step_is_right"),
    hint="Real and fake samples share one mean: with batches of different size, the larger one counts more.",
)
def d_step_with_one_mean(G, D, opt_d, x_real, z):
    """cat, then twice the mean."""
    losses = torch.cat([_softplus(-D(x_real)), _softplus(D(G(z).detach()))])
    return _descend(2 * losses.mean(), opt_d)


@mistake(
    of="d_step",
    caught_by="no_gradient_of_d_reaches_g",
    hint="The numbers are right, and gradients are left lying on the generator: in this step its fakes are data, not part of the graph.",
)
def fakes_left_on_the_graph(G, D, opt_d, x_real, z):
    """(GA-8) No detach."""
    return _descend(_softplus(-D(x_real)).mean() + _softplus(D(G(z))).mean(), opt_d)


@mistake(
    of="d_step",
    caught_by=("discriminator_steps_alone", "no_gradient_of_d_reaches_g"),
    hint="In the discriminator's turn the generator moves as well, and in the wrong direction: it learns to be found out.",
)
def one_optimiser_for_both(G, D, opt_d, x_real, z):
    """(GA-8) Fakes not cut off, and an optimiser over everything."""
    both = torch.optim.SGD([*G.parameters(), *D.parameters()], lr=opt_d.param_groups[0]["lr"])
    return _descend(_softplus(-D(x_real)).mean() + _softplus(D(G(z))).mean(), both)


@mistake(
    of="d_step",
    caught_by=("discriminator_step_is_right", "three_rounds_are_right"),
    hint="Gradients from before are counted in your step, those of the generator's turn among them.",
)
def old_gradients_counted(G, D, opt_d, x_real, z):
    """(GA-10) No zero_grad."""
    loss = _softplus(-D(x_real)).mean() + _softplus(D(G(z).detach())).mean()
    loss.backward()
    opt_d.step()
    return loss.item()


@mistake(
    of="d_step",
    caught_by=("discriminator_steps_alone", "discriminator_step_is_right", "the_game_is_learned"),
    hint="Your discriminator does not move: its gradients are cleared before they are used.",
)
def cleared_before_the_step(G, D, opt_d, x_real, z):
    """backward, zero_grad, step."""
    loss = _softplus(-D(x_real)).mean() + _softplus(D(G(z).detach())).mean()
    loss.backward()
    opt_d.zero_grad()
    opt_d.step()
    return loss.item()


@mistake(
    of="d_step",
    caught_by=("both_losses_are_those_before_the_step", "discriminator_step_is_right"),
    hint="The loss that you return is worked out after the step.",
)
def d_loss_after_the_step(G, D, opt_d, x_real, z):
    """A second forward pass."""
    d_step(G, D, opt_d, x_real, z)
    with torch.no_grad():
        return (_softplus(-D(x_real)).mean() + _softplus(D(G(z))).mean()).item()


@mistake(
    of="d_step",
    caught_by=("both_losses_are_those_before_the_step", "discriminator_step_is_right"),
    hint="Your discriminator sees real data only, and learns to say yes to everything.",
)
def real_data_alone(G, D, opt_d, x_real, z):
    """The second term forgotten."""
    return _descend(_softplus(-D(x_real)).mean(), opt_d)


@mistake(
    of="d_step",
    caught_by="discriminator_step_is_right",
    hint="You take two steps, one for real and one for fake data. The second starts where the first has ended.",
)
def two_steps_in_one(G, D, opt_d, x_real, z):
    """A step after each backward."""
    with torch.no_grad():
        before = _softplus(D(G(z))).mean().item()
    loss = _descend(_softplus(-D(x_real)).mean(), opt_d)
    _descend(_softplus(D(G(z).detach())).mean(), opt_d)
    return loss + before


@mistake(
    of="g_step",
    caught_by=("both_losses_are_those_before_the_step", "generator_step_is_right"),
    hint="This is the minimax loss. Asked for is the one whose slope does not vanish where fakes are found out.",
)
def g_step_with_minimax(G, D, opt_g, z):
    """ln(1 - D)."""
    return _descend(-_softplus(D(G(z))).mean(), opt_g)


@mistake(
    of="g_step",
    caught_by=("both_losses_are_those_before_the_step", "generator_step_is_right", "the_game_is_learned"),
    hint="Your generator learns to be found out: whose loss is this?",
)
def g_step_for_the_opponent(G, D, opt_g, z):
    """(GA-7) softplus(s)."""
    return _descend(_softplus(D(G(z))).mean(), opt_g)


@mistake(
    of="g_step",
    caught_by=("generator_steps_alone", "generator_step_is_right", "the_game_is_learned"),
    hint="Your generator does not move: its samples are cut off from it, as they should be in the other step.",
)
def fakes_cut_off_in_the_wrong_step(G, D, opt_g, z):
    """G(z).detach()."""
    return _descend(_softplus(-D(G(z).detach())).mean(), opt_g)


@mistake(
    of="g_step",
    caught_by="three_rounds_are_right",
    hint="After your step the discriminator cannot learn any more: it was frozen, and stayed so.",
)
def frozen_for_good(G, D, opt_g, z):
    """requires_grad_(False), and never True again."""
    for parameter in D.parameters():
        parameter.requires_grad_(False)
    return _descend(_softplus(-D(G(z))).mean(), opt_g)


@mistake(
    of="g_step",
    caught_by=("generator_steps_alone", "generator_step_is_right"),
    hint="Your step ends in an error: under no_grad, there is no graph to go back through.",
)
def opponent_without_a_graph(G, D, opt_g, z):
    """with torch.no_grad(): D(G(z))."""
    with torch.no_grad():
        s = D(G(z))
    return _descend(_softplus(-s).mean(), opt_g)


@mistake(
    of="g_step",
    caught_by="generator_step_is_right",
    hint="Gradients from before are counted in your step.",
)
def old_gradients_of_g_counted(G, D, opt_g, z):
    """No zero_grad: harmless only while nobody leaves any."""
    loss = _softplus(-D(G(z))).mean()
    loss.backward()
    opt_g.step()
    return loss.item()


@mistake(
    of="g_step",
    caught_by="generator_steps_alone",
    hint="In the generator's turn the discriminator moves as well, and learns to be fooled.",
)
def everybody_moves(G, D, opt_g, z):
    """(GA-8) One optimiser for everything."""
    both = torch.optim.SGD([*G.parameters(), *D.parameters()], lr=opt_g.param_groups[0]["lr"])
    return _descend(_softplus(-D(G(z))).mean(), both)


@mistake(
    of="g_step",
    caught_by=("both_losses_are_those_before_the_step", "generator_step_is_right"),
    hint="What D gives is squashed before a loss that expects logits.",
)
def g_step_squashed_twice(G, D, opt_g, z):
    """(GA-4)"""
    return _descend(_softplus(-torch.sigmoid(D(G(z)))).mean(), opt_g)


@mistake(
    of="g_step",
    caught_by=("both_losses_are_those_before_the_step", "generator_step_is_right"),
    hint="Your loss is a sum over samples, where a mean was asked for.",
)
def g_step_with_a_sum(G, D, opt_g, z):
    """.sum()."""
    return _descend(_softplus(-D(G(z))).sum(), opt_g)


@mistake(
    of="g_step",
    caught_by=("both_losses_are_those_before_the_step", "generator_step_is_right"),
    hint="The loss that you return is worked out after the step.",
)
def g_loss_after_the_step(G, D, opt_g, z):
    """A second forward pass."""
    g_step(G, D, opt_g, z)
    with torch.no_grad():
        return _softplus(-D(G(z))).mean().item()


@mistake(
    of="g_step",
    caught_by=("generator_step_is_right",),
    hint="The numbers are right as long as fakes are not found out; where they are, your loss is clipped, and its gradient gone.",
)
def g_step_through_a_clipped_probability(G, D, opt_g, z):
    """(GA-5) -log(clamp(D, 1e-3, 1))."""
    return _descend(-torch.log(torch.sigmoid(D(G(z))).clamp(1e-4, 1)).mean(), opt_g)


# --- q9 mode_stats ----------------------------------------------------------------------------------------------------


def _crowd(samples, centres):
    return np.linalg.norm(samples[:, None] - centres[None], axis=2)


@mistake(
    of="mode_stats",
    caught_by="one_in_a_hundred_is_enough",
    hint="Exactly one in a hundred was to be enough.",
)
def more_than_one_percent(samples, centres, radius):
    """> 0.01 * N."""
    distances = _crowd(samples, centres)
    near = distances.min(axis=1) <= radius
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centres))
    return int((100 * counts > len(samples)).sum()), float(near.mean())


@mistake(
    of="mode_stats",
    caught_by="one_in_a_hundred_is_enough",
    hint="A sample at exactly the radius belongs to its mode.",
)
def border_left_out(samples, centres, radius):
    """< radius."""
    return mode_stats(samples, centres, np.nextafter(radius, 0))


@mistake(
    of="mode_stats",
    caught_by="modes_are_counted",
    hint="In overlapping circles a sample counts for several modes here. It belongs to the nearest alone.",
)
def counted_in_every_circle(samples, centres, radius):
    """(distances <= radius).sum(axis=0)."""
    inside = _crowd(samples, centres) <= radius
    return int((inside.sum(axis=0) >= 0.01 * len(samples)).sum()), float(inside.any(axis=1).mean())


@mistake(
    of="mode_stats",
    caught_by=("one_in_a_hundred_is_enough", "modes_are_counted"),
    hint="A single sample makes a mode for you, however many there are: the threshold is a share.",
)
def any_sample_is_a_mode(samples, centres, radius):
    """count > 0."""
    distances = _crowd(samples, centres)
    near = distances.min(axis=1) <= radius
    return len(set(distances.argmin(axis=1)[near].tolist())), float(near.mean())


@mistake(
    of="mode_stats",
    caught_by=("five_samples_and_three_modes", "modes_are_counted"),
    hint="Your share is the share of modes. Asked for is the share of samples.",
)
def share_of_modes(samples, centres, radius):
    """modes / K."""
    modes, _ = mode_stats(samples, centres, radius)
    return modes, modes / len(centres)


@mistake(
    of="mode_stats",
    caught_by=("five_samples_and_three_modes", "modes_are_counted"),
    hint="Every sample counts for its nearest mode, however far away it is.",
)
def radius_unused(samples, centres, radius):
    """argmin alone."""
    return mode_stats(samples, centres, np.inf)


@mistake(
    of="mode_stats",
    caught_by=("modes_are_counted", "five_samples_and_three_modes"),
    hint="Squared distances are compared with a radius that is not squared.",
)
def squares_against_the_radius(samples, centres, radius):
    """((x - c)^2).sum() <= radius."""
    return mode_stats(samples, centres, np.sqrt(radius))


@mistake(
    of="mode_stats",
    caught_by="modes_are_counted",
    hint="Your circles are squares: the distance was to be Euclidean.",
)
def largest_coordinate(samples, centres, radius):
    """max of |x - c|."""
    distances = np.abs(samples[:, None] - centres[None]).max(axis=2)
    near = distances.min(axis=1) <= radius
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centres))
    return int((counts >= 0.01 * len(samples)).sum()), float(near.mean())


@mistake(
    of="mode_stats",
    caught_by="modes_are_counted",
    hint="Only the first two coordinates count in your distances.",
)
def two_dimensions_only(samples, centres, radius):
    """hypot of x[0] and x[1]."""
    return mode_stats(samples[:, :2], centres[:, :2], radius)


@mistake(
    of="mode_stats",
    caught_by=("five_samples_and_three_modes", "modes_are_counted"),
    hint="The number of modes is right, but it is a float: a count is an integer.",
)
def modes_as_a_float(samples, centres, radius):
    """A sum of floats."""
    modes, share = mode_stats(samples, centres, radius)
    return float(modes), share


@mistake(
    of="mode_stats",
    caught_by=("five_samples_and_three_modes", "modes_are_counted"),
    hint="Your share is a number of samples.",
)
def number_of_good_samples(samples, centres, radius):
    """near.sum()."""
    modes, share = mode_stats(samples, centres, radius)
    return modes, share * len(samples)


@mistake(
    of="mode_stats",
    caught_by="one_in_a_hundred_is_enough",
    hint="One percent of the samples that are near a mode is less than one percent of all samples.",
)
def one_percent_of_the_good(samples, centres, radius):
    """0.01 * near.sum()."""
    distances = _crowd(samples, centres)
    near = distances.min(axis=1) <= radius
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centres))
    return int((counts >= 0.01 * near.sum()).sum()), float(near.mean())


@mistake(
    of="mode_stats",
    caught_by="modes_are_counted",
    hint="The answer is right, but the samples hold other numbers afterwards.",
)
def samples_shifted_in_place(samples, centres, radius):
    """samples -= centres[0]."""
    result = mode_stats(samples, centres, radius)
    samples -= centres[0]
    return result
