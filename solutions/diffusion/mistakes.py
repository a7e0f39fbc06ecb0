"""What students get wrong in diffusion, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (DF-...) are those of the course's catalogue.
"""

import math

import numpy as np
import torch
from autograder.topic import mistake

from .solution import (
    NoisePredictor,
    at,
    ddim_step,
    generate,
    make_schedule,
    p_sample,
    posterior,
    predict_x0,
    prior_kl,
    q_sample,
    reverse_mean,
    sample_loop,
    tilde,
    vlb_term,
)

# --- q1 make_schedule -------------------------------------------------------------------------------------------------


@mistake(
    of="make_schedule",
    caught_by=("four_steps_by_hand", "linear_schedule_is_right"),
    hint="Your abar is one minus the sum of the betas so far. Each step takes its share of what is still there, not of the "
    "beginning.",
)
def sum_in_place_of_the_product(T, kind="linear", lo=1e-4, hi=0.02):
    """(DF-5) 1 - cumsum(beta)."""
    sch = make_schedule(T, kind, lo, hi)
    return sch | {"abar": 1 - np.cumsum(sch["beta"])}


@mistake(
    of="make_schedule",
    caught_by=("four_steps_by_hand", "time_zero_is_the_image", "linear_schedule_is_right"),
    hint="Your arrays have T entries, and the first step stands at index 0. Index t is to be time t, and time 0 is the data.",
)
def without_time_zero(T, kind="linear", lo=1e-4, hi=0.02):
    """T entries, as in many code bases."""
    return {name: values[1:] for name, values in make_schedule(T, kind, lo, hi).items()}


@mistake(
    of="make_schedule",
    caught_by=("four_steps_by_hand", "time_zero_is_the_image", "linear_schedule_is_right"),
    hint="Your schedule takes something away at time 0 already: the product starts with a step that does not exist.",
)
def noise_at_time_zero(T, kind="linear", lo=1e-4, hi=0.02):
    """(DF-6) T + 1 betas from lo to hi, and a product from s = 0."""
    beta = np.linspace(lo, hi, T + 1) if kind == "linear" else make_schedule(T, kind)["beta"]
    if kind not in {"linear", "cosine"}:
        raise ValueError(kind)
    return {"beta": beta, "alpha": 1 - beta, "abar": np.cumprod(1 - beta)}


@mistake(
    of="make_schedule",
    caught_by=("four_steps_by_hand", "linear_schedule_is_right"),
    hint="Your abar is that of the step before: what is left after t steps includes step t.",
)
def product_one_step_late(T, kind="linear", lo=1e-4, hi=0.02):
    """The product of s < t."""
    sch = make_schedule(T, kind, lo, hi)
    return sch | {"abar": np.concatenate([[1.0], sch["abar"][:-1]])}


@mistake(
    of="make_schedule",
    caught_by=("four_steps_by_hand", "linear_schedule_is_right"),
    hint="Your betas stop short of `hi`: both ends are included.",
)
def last_beta_left_out(T, kind="linear", lo=1e-4, hi=0.02):
    """arange-like spacing, the end not included."""
    if kind != "linear":
        return make_schedule(T, kind)
    beta = np.append(0.0, np.linspace(lo, hi, T, endpoint=False))
    return {"beta": beta, "alpha": 1 - beta, "abar": np.cumprod(1 - beta)}


@mistake(
    of="make_schedule",
    caught_by="cosine_schedule_is_right",
    hint="Your last step takes away practically everything: beta was to be kept below a limit.",
)
def cosine_without_a_limit(T, kind="linear", lo=1e-4, hi=0.02):
    """No clipping at 0.999."""
    if kind != "cosine":
        return make_schedule(T, kind, lo, hi)
    level = _level(T)
    beta = np.append(0.0, 1 - level[1:] / level[:-1])
    return {"beta": beta, "alpha": 1 - beta, "abar": np.cumprod(1 - beta)}


@mistake(
    of="make_schedule",
    caught_by="cosine_schedule_is_right",
    hint="Your abar is not the product of your alphas: once a beta was limited, the curve is not followed to its end.",
)
def cosine_curve_as_the_product(T, kind="linear", lo=1e-4, hi=0.02):
    """abar = f(t) / f(0), unclipped."""
    sch = make_schedule(T, kind, lo, hi)
    return sch if kind == "linear" else sch | {"abar": _level(T) / _level(T)[0]}


@mistake(
    of="make_schedule",
    caught_by="cosine_schedule_is_right",
    hint="Your curve is a cosine, the formula has its square.",
)
def cosine_without_its_square(T, kind="linear", lo=1e-4, hi=0.02):
    """f = cos(...)."""
    if kind != "cosine":
        return make_schedule(T, kind, lo, hi)
    level = np.sqrt(np.abs(_level(T)))
    beta = np.append(0.0, np.minimum(1 - level[1:] / level[:-1], 0.999))
    return {"beta": beta, "alpha": 1 - beta, "abar": np.cumprod(1 - beta)}


@mistake(
    of="make_schedule",
    caught_by="unknown_schedules_are_refused",
    hint="A kind with a typing error gave somebody a schedule that they did not want, without a word.",
)
def anything_else_is_cosine(T, kind="linear", lo=1e-4, hi=0.02):
    """if linear: ... else: ..."""
    return make_schedule(T, kind if kind == "linear" else "cosine", lo, hi)


# --- q2 at, q_step, q_sample ------------------------------------------------------------------------------------------


@mistake(
    of="at",
    caught_by=("each_sample_gets_the_factor_of_its_time", "factors_fit_x_of_any_rank"),
    hint="A factor of shape (N,) lines up with the last axis of x. Here the samples are the first.",
)
def factor_without_new_axes(values, t, x):
    """(DF-16's cousin) values[t], as it comes."""
    return np.asarray(values[t], dtype=x.dtype)


@mistake(
    of="at",
    caught_by="factors_fit_x_of_any_rank",
    hint="Right for points, wrong for images: how many axes x has is for x to say.",
)
def factor_for_points_only(values, t, x):
    """values[t][:, None]."""
    picked = np.asarray(values[t], dtype=x.dtype)
    return picked[:, None] if picked.ndim and x.ndim > 1 else picked


@mistake(
    of="at",
    caught_by="factors_fit_x_of_any_rank",
    hint="The values are right, but float32 images become float64: a float64 factor decides for both.",
)
def factor_in_float64(values, t, x):
    """No thought of the dtype."""
    picked = np.asarray(values[t])
    return picked.reshape(picked.shape + (1,) * (x.ndim - 1)) if picked.ndim else picked


@mistake(
    of="at",
    caught_by=("each_sample_gets_the_factor_of_its_time", "factors_fit_x_of_any_rank"),
    hint="Every sample gets the factor of the first one: a batch has a time for each sample.",
)
def one_time_for_the_batch(values, t, x):
    """(DF-16) t[0] for all."""
    return np.asarray(values[np.ravel(t)[0]], dtype=x.dtype)


@mistake(
    of="at",
    caught_by=("each_sample_gets_the_factor_of_its_time", "factors_fit_x_of_any_rank"),
    hint="Your factors are those of one time earlier: here the index is the time.",
)
def factor_of_the_time_before(values, t, x):
    """values[t - 1], for arrays that start at 1."""
    return at(values, np.asarray(t) - 1, x)


@mistake(
    of="at",
    caught_by="noising_leaves_its_arguments_alone",
    hint="The caller's schedule is another one after the call.",
)
def factor_rounded_in_place(values, t, x):
    """values[...] = ..., to save an array."""
    out = at(values, t, x)
    values[0] = values[0] + 1
    return out


@mistake(
    of="q_step",
    caught_by=("one_number_noised_by_hand", "single_steps_are_right"),
    hint="Your step goes all the way from the image: one step only takes away the share of that step.",
)
def step_with_abar(x_prev, t, eps, sch):
    """The jump in place of the step."""
    return q_sample(x_prev, t, eps, sch)


@mistake(
    of="q_step",
    caught_by=("one_number_noised_by_hand", "single_steps_are_right"),
    hint="Your noise is too weak: beta is a variance.",
)
def step_without_the_root_of_beta(x_prev, t, eps, sch):
    """beta * eps."""
    return at(np.sqrt(sch["alpha"]), t, x_prev) * x_prev + at(sch["beta"], t, x_prev) * eps


@mistake(
    of="q_step",
    caught_by=("one_number_noised_by_hand", "single_steps_are_right", "many_steps_are_one_jump"),
    hint="Variances do not add up to one any more: what is kept of the variance is alpha, so what is kept of x is less "
    "obvious.",
)
def step_without_the_root_of_alpha(x_prev, t, eps, sch):
    """alpha * x."""
    return at(sch["alpha"], t, x_prev) * x_prev + at(np.sqrt(sch["beta"]), t, x_prev) * eps


@mistake(
    of="q_step",
    caught_by=("one_number_noised_by_hand", "single_steps_are_right"),
    hint="Your noise is added, but nothing is taken away: the variance grows with every step.",
)
def step_that_only_adds(x_prev, t, eps, sch):
    """x + sqrt(beta) eps."""
    return x_prev + at(np.sqrt(sch["beta"]), t, x_prev) * eps


@mistake(
    of="q_sample",
    caught_by=("one_number_noised_by_hand", "jumps_are_right", "many_steps_are_one_jump"),
    hint="Your jump takes one step only: how much of the signal survives all t steps?",
)
def jump_with_alpha(x0, t, eps, sch):
    """(DF-1) alpha in place of abar. The variance is preserved, so it looks fine."""
    return at(np.sqrt(sch["alpha"]), t, x0) * x0 + at(np.sqrt(1 - sch["alpha"]), t, x0) * eps


@mistake(
    of="q_sample",
    caught_by=("one_number_noised_by_hand", "jumps_are_right"),
    hint="Your signal fades too fast: what abar says of the variance, its square root says of the mean.",
)
def jump_without_the_root_of_abar(x0, t, eps, sch):
    """(DF-2) abar x0."""
    return at(sch["abar"], t, x0) * x0 + at(np.sqrt(1 - sch["abar"]), t, x0) * eps


@mistake(
    of="q_sample",
    caught_by=("one_number_noised_by_hand", "jumps_are_right"),
    hint="Your noise is too weak: 1 - abar is a variance.",
)
def jump_without_the_root_of_the_noise(x0, t, eps, sch):
    """(1 - abar) eps."""
    return at(np.sqrt(sch["abar"]), t, x0) * x0 + at(1 - sch["abar"], t, x0) * eps


@mistake(
    of="q_sample",
    caught_by=("one_number_noised_by_hand", "jumps_are_right"),
    hint="The noise in your x_t is that of one step. It grows with t, as the signal fades.",
)
def jump_with_the_noise_of_one_step(x0, t, eps, sch):
    """(DF-4) sqrt(beta) eps."""
    return at(np.sqrt(sch["abar"]), t, x0) * x0 + at(np.sqrt(sch["beta"]), t, x0) * eps


@mistake(
    of="q_sample",
    caught_by=("one_number_noised_by_hand", "no_time_no_noise", "jumps_are_right"),
    hint="Signal and noise have changed places: at time 0 everything is noise.",
)
def jump_the_wrong_way_round(x0, t, eps, sch):
    """The two factors exchanged."""
    return q_sample(eps, t, x0, sch)


@mistake(
    of="q_sample",
    caught_by=("one_number_noised_by_hand", "jumps_are_right", "many_steps_are_one_jump"),
    hint="The last step is right, but only that: two steps multiply their alphas.",
)
def jump_as_the_last_two_steps(x0, t, eps, sch):
    """(DF-7) the two-step formula of a source note, with alpha_t alone in the mean: here from x_0 at once."""
    return at(np.sqrt(sch["alpha"]), t, x0) * x0 + at(np.sqrt(1 - sch["abar"]), t, x0) * eps


@mistake(
    of="q_sample",
    caught_by="factors_are_worked_out_in_float64",
    hint="For small t your noise is off by some per cent in float32: 1 - abar is the small difference of two numbers near 1. "
    "Round last.",
)
def jump_rounded_first(x0, t, eps, sch):
    """abar as float32, then 1 - abar."""
    abar = at(sch["abar"], t, x0)
    return np.sqrt(abar) * x0 + np.sqrt(1 - abar) * eps


@mistake(
    of="q_sample",
    caught_by=("noising_leaves_its_arguments_alone", "jumps_are_right"),
    hint="Your jump writes into the caller's picture: it is noisy afterwards, and training goes on with it.",
    also=("step_in_place",),
)
def jump_in_place(x0, t, eps, sch):
    """x0 *= ...; x0 += ..."""
    x0 *= at(np.sqrt(sch["abar"]), t, x0)
    x0 += at(np.sqrt(1 - sch["abar"]), t, x0) * eps
    return x0


# --- q3 predict_x0, predict_eps ---------------------------------------------------------------------------------------


@mistake(
    of="predict_x0",
    caught_by=("guesses_by_hand", "the_image_is_recovered"),
    hint="The noise is taken away, but the picture stays as faint as it was.",
)
def image_not_scaled_back(xt, t, eps, sch):
    """xt - sqrt(1 - abar) eps."""
    return xt - at(np.sqrt(1 - sch["abar"]), t, xt) * eps


@mistake(
    of="predict_x0",
    caught_by=("guesses_by_hand", "the_image_is_recovered"),
    hint="You add the noise a second time instead of taking it away.",
)
def image_with_the_wrong_sign(xt, t, eps, sch):
    """+ in place of -."""
    return predict_x0(xt, t, -eps, sch)


@mistake(
    of="predict_x0",
    caught_by=("guesses_by_hand", "the_image_is_recovered"),
    hint="You undo one step. The image lies t steps back.",
)
def image_one_step_back(xt, t, eps, sch):
    """alpha and beta in place of abar."""
    return (xt - at(np.sqrt(sch["beta"]), t, xt) * eps) / at(np.sqrt(sch["alpha"]), t, xt)


@mistake(
    of="predict_x0",
    caught_by="guesses_keep_dtype_and_arguments",
    hint="float32 images become float64 in your hands.",
)
def image_in_float64(xt, t, eps, sch):
    """Computed in float64, and left there."""
    return predict_x0(xt.astype(np.float64), t, eps, sch)


@mistake(
    of="predict_eps",
    caught_by=("guesses_by_hand", "the_noise_is_recovered", "one_undoes_the_other"),
    hint="The picture is taken away, but what remains is noise of a smaller size: noise has variance 1.",
)
def noise_not_scaled_back(xt, t, x0, sch):
    """xt - sqrt(abar) x0."""
    return xt - at(np.sqrt(sch["abar"]), t, xt) * x0


@mistake(
    of="predict_eps",
    caught_by=("guesses_by_hand", "the_noise_is_recovered"),
    hint="You divide by a variance where its root belongs.",
)
def noise_divided_by_the_variance(xt, t, x0, sch):
    """/ (1 - abar)."""
    return (xt - at(np.sqrt(sch["abar"]), t, xt) * x0) / at(1 - sch["abar"], t, xt)


@mistake(
    of="predict_eps",
    caught_by=("guesses_by_hand", "the_noise_is_recovered"),
    hint="You take the whole picture away, but in x_t there is only a faded one.",
)
def noise_as_the_difference(xt, t, x0, sch):
    """(xt - x0) / sqrt(1 - abar)."""
    return (xt - x0) / at(np.sqrt(1 - sch["abar"]), t, xt)


# --- q4 posterior -----------------------------------------------------------------------------------------------------


@mistake(
    of="posterior",
    caught_by=("before_the_first_step_there_is_no_doubt", "the_way_back_by_hand", "posterior_mean_follows_from_bayes"),
    hint="The two weights have changed places: at t = 1 your mean is not x0.",
)
def posterior_weights_exchanged(x0, xt, t, sch):
    """(DF-19) the coefficient of x0 on xt, and the reverse."""
    return posterior(xt, x0, t, sch)


@mistake(
    of="posterior",
    caught_by=(
        "the_way_back_by_hand",
        "posterior_mean_follows_from_bayes",
        "without_noise_the_way_back_is_the_way_there",
    ),
    hint="Your weight of x0 uses abar at t. What is known before x_t is seen belongs to the step before.",
)
def posterior_mean_with_abar_of_now(x0, xt, t, sch):
    """sqrt(abar[t]) in place of sqrt(abar[t-1])."""
    mean, var = posterior(x0, xt, t, sch)
    now, before = sch["abar"], np.append(1.0, sch["abar"][:-1])
    share = np.append(0.0, sch["beta"][1:] / (1 - now[1:]))
    return mean + at((np.sqrt(now) - np.sqrt(before)) * share, t, x0) * x0, var


@mistake(
    of="posterior",
    caught_by=(
        "the_way_back_by_hand",
        "posterior_mean_follows_from_bayes",
        "without_noise_the_way_back_is_the_way_there",
    ),
    hint="Your mean is a weighted mean of x0 and x_t without their roots: both are faded to a degree, and the root of alpha or "
    "abar says to which.",
)
def posterior_mean_without_roots(x0, xt, t, sch):
    """abar[t-1] and alpha[t] in place of their roots."""
    beta, alpha, abar = sch["beta"], sch["alpha"], sch["abar"]
    a = np.append(0.0, abar[:-1] * beta[1:] / (1 - abar[1:]))
    b = np.append(0.0, alpha[1:] * (1 - abar[:-1]) / (1 - abar[1:]))
    return at(a, t, x0) * x0 + at(b, t, x0) * xt, tilde(sch)[t]


@mistake(
    of="posterior",
    caught_by=(
        "before_the_first_step_there_is_no_doubt",
        "the_way_back_by_hand",
        "posterior_variance_follows_from_bayes",
    ),
    hint="Your variance is that of the step there. On the way back x0 is known too, which leaves less doubt, and none at t = 1.",
)
def posterior_variance_is_beta(x0, xt, t, sch):
    """beta."""
    return posterior(x0, xt, t, sch)[0], sch["beta"][t]


@mistake(
    of="posterior",
    caught_by=("the_way_back_by_hand", "posterior_variance_follows_from_bayes"),
    hint="That is the standard deviation; the variance was asked for.",
)
def posterior_deviation(x0, xt, t, sch):
    """sqrt(beta tilde)."""
    mean, var = posterior(x0, xt, t, sch)
    return mean, np.sqrt(var)


@mistake(
    of="posterior",
    caught_by=("the_way_back_by_hand", "posterior_variance_follows_from_bayes"),
    hint="Your fraction stands on its head: doubt gets less, not more, once x0 is known.",
)
def posterior_variance_upside_down(x0, xt, t, sch):
    """beta (1 - abar[t]) / (1 - abar[t-1]), 0 where that would be infinite."""
    var, beta = tilde(sch), sch["beta"]
    flipped = np.where(var > 0, beta**2 / np.where(var > 0, var, 1.0), 0.0)
    return posterior(x0, xt, t, sch)[0], flipped[t]


@mistake(
    of="posterior",
    caught_by="posterior_is_silent_and_careful",
    hint="The numbers are right, but on the way a division by zero was made at time 0, for which nobody asked.",
)
def posterior_divides_by_zero(x0, xt, t, sch):
    """(DF-20) whole arrays, the entry 0 included: 0 / 0."""
    before = np.append(1.0, sch["abar"][:-1])
    var = sch["beta"] * (1 - before) / (1 - sch["abar"])
    return posterior(x0, xt, t, sch)[0], var[t]


@mistake(
    of="posterior",
    caught_by=("before_the_first_step_there_is_no_doubt", "posterior_variance_follows_from_bayes"),
    hint="Your variance is never 0: at t = 1 it was replaced by something small. That trick is for its logarithm, elsewhere.",
)
def posterior_variance_clipped(x0, xt, t, sch):
    """max(var, 1e-3), for the sake of a logarithm."""
    mean, var = posterior(x0, xt, t, sch)
    return mean, np.maximum(var, 1e-3)


# --- q5 reverse_mean, p_sample ----------------------------------------------------------------------------------------


def _mean(xt, t, eps_hat, sch, share, scale):
    """scale * (xt - share * eps_hat), both arrays over time."""
    return at(scale, t, xt) * (xt - at(share, t, xt) * eps_hat)


@mistake(
    of="reverse_mean",
    caught_by=("a_guess_by_hand", "reverse_mean_is_the_posterior_mean_of_the_guess"),
    hint="Too little noise is taken away: 1 - abar is a variance, and the noise in x_t is as large as its root.",
)
def mean_without_the_root(xt, t, eps_hat, sch):
    """(DF-8) beta / (1 - abar)."""
    share = np.append(0.0, sch["beta"][1:] / (1 - sch["abar"][1:]))
    return _mean(xt, t, eps_hat, sch, share, 1 / np.sqrt(sch["alpha"]))


@mistake(
    of="reverse_mean",
    caught_by=("a_guess_by_hand", "reverse_mean_is_the_posterior_mean_of_the_guess"),
    hint="A step there shrinks; your step back does not undo it.",
)
def mean_not_scaled_back(xt, t, eps_hat, sch):
    """(DF-10) 1 / sqrt(alpha) missing."""
    return reverse_mean(xt, t, eps_hat, sch) * at(np.sqrt(sch["alpha"]), t, xt)


@mistake(
    of="reverse_mean",
    caught_by=("a_guess_by_hand", "reverse_mean_is_the_posterior_mean_of_the_guess"),
    hint="Your samples would explode: undo the shrinking of one step, not of all of them.",
)
def mean_scaled_back_to_the_image(xt, t, eps_hat, sch):
    """(DF-11) 1 / sqrt(abar)."""
    return reverse_mean(xt, t, eps_hat, sch) * at(np.sqrt(sch["alpha"] / sch["abar"]), t, xt)


@mistake(
    of="reverse_mean",
    caught_by=("a_guess_by_hand", "reverse_mean_is_the_posterior_mean_of_the_guess"),
    hint="You take all the noise away at once: that is the guess of the image, not of the step before.",
)
def mean_as_the_image(xt, t, eps_hat, sch):
    """predict_x0."""
    return predict_x0(xt, t, eps_hat, sch)


@mistake(
    of="reverse_mean",
    caught_by=("a_guess_by_hand", "reverse_mean_is_the_posterior_mean_of_the_guess"),
    hint="You undo the step with the guess in place of its own noise. The guess is about all the noise in x_t; the last step "
    "brought only a part of it.",
)
def mean_by_undoing_the_step(xt, t, eps_hat, sch):
    """(xt - sqrt(beta) eps) / sqrt(alpha): q_step solved for x."""
    return _mean(xt, t, eps_hat, sch, np.sqrt(sch["beta"]), 1 / np.sqrt(sch["alpha"]))


@mistake(
    of="reverse_mean",
    caught_by="steps_keep_dtype_and_arguments",
    hint="Your step changes the caller's x_t.",
    also=("mean_in_float64",),
)
def mean_in_place(xt, t, eps_hat, sch):
    """xt -= ..."""
    out = reverse_mean(xt, t, eps_hat, sch)
    xt[...] = out
    return xt


@mistake(
    of="p_sample",
    caught_by=("a_step_by_hand", "a_step_weighs_its_parts_rightly"),
    hint="Your fresh noise has the size of a variance where that of a deviation belongs.",
)
def noise_times_the_variance(xt, t, eps_hat, z, sch, sigma="beta"):
    """sigma^2 z."""
    var = np.array(sch["beta"] if sigma == "beta" else tilde(sch))
    var[1] = 0
    return reverse_mean(xt, t, eps_hat, sch) + at(var, t, xt) * z


@mistake(
    of="p_sample",
    caught_by=("a_step_by_hand", "a_step_weighs_its_parts_rightly"),
    hint="Your step draws nothing: without fresh noise all samples gather at the mean.",
)
def no_fresh_noise(xt, t, eps_hat, z, sch, sigma="beta"):
    """(DF-13) the mean alone."""
    return reverse_mean(xt, t, eps_hat, sch)


@mistake(
    of="p_sample",
    caught_by=("the_last_step_adds_no_noise", "a_step_weighs_its_parts_rightly"),
    hint="Your last step adds noise that no later step will take away. In pictures it is hardly seen; here it is.",
)
def noise_in_the_last_step(xt, t, eps_hat, z, sch, sigma="beta"):
    """(DF-14) sigma[1] = sqrt(beta[1])."""
    return reverse_mean(xt, t, eps_hat, sch) + at(np.sqrt(sch["beta"] if sigma == "beta" else tilde(sch)), t, xt) * z


@mistake(
    of="p_sample",
    caught_by="a_step_takes_a_time_for_each_sample",
    hint="With mixed times, one sample at its last step silences the others, or is not silenced itself: decide for each sample.",
)
def last_step_of_one_is_last_for_all(xt, t, eps_hat, z, sch, sigma="beta"):
    """if np.min(t) == 1: no noise."""
    if np.min(t) == 1:
        return reverse_mean(xt, t, eps_hat, sch)
    return p_sample(xt, t, eps_hat, z, sch, sigma)


@mistake(
    of="p_sample",
    caught_by=("a_step_by_hand", "a_step_weighs_its_parts_rightly"),
    hint="Both sigmas give the same: the second is the variance of question 4.",
)
def sigma_not_looked_at(xt, t, eps_hat, z, sch, sigma="beta"):
    """Always beta."""
    return p_sample(xt, t, eps_hat, z, sch)


@mistake(
    of="p_sample",
    caught_by=("a_step_by_hand", "a_step_takes_a_time_for_each_sample"),
    hint='Without a sigma you use the smaller noise; by default it is "beta".',
)
def tilde_by_default(xt, t, eps_hat, z, sch, sigma="tilde"):
    """The other default."""
    return p_sample(xt, t, eps_hat, z, sch, sigma)


@mistake(
    of="p_sample",
    caught_by=("a_step_by_hand", "a_step_weighs_its_parts_rightly"),
    hint="Your fresh noise is that of all steps together: one step adds its own.",
)
def noise_of_the_whole_chain(xt, t, eps_hat, z, sch, sigma="beta"):
    """sqrt(1 - abar[t-1])."""
    if sigma != "beta":
        return p_sample(xt, t, eps_hat, z, sch, sigma)
    std = np.sqrt(1 - np.append(1.0, sch["abar"][:-1]))
    return reverse_mean(xt, t, eps_hat, sch) + at(std, t, xt) * z


# --- q6 sample_loop ---------------------------------------------------------------------------------------------------


def _loop(times, eps_fn, xT, zs, sch, sigma, noise=lambda t: t):
    x = xT
    for t in times:
        x = p_sample(x, t, eps_fn(x, t), zs[noise(t)], sch, sigma)
    return x


@mistake(
    of="sample_loop",
    caught_by=("every_time_is_asked_for_once", "the_gaussian_comes_back", "loops_are_right"),
    hint="Your loop runs forwards in time. Noise is where the way back begins.",
)
def loop_forwards(eps_fn, xT, zs, sch, sigma="beta"):
    """t = 1 ... T."""
    return _loop(range(1, len(sch["beta"])), eps_fn, xT, zs, sch, sigma)


@mistake(
    of="sample_loop",
    caught_by=("every_time_is_asked_for_once", "the_gaussian_comes_back", "loops_are_right"),
    hint="Your loop ends one step early: what it returns is still at time 1.",
)
def loop_without_its_last_step(eps_fn, xT, zs, sch, sigma="beta"):
    """range(T, 1, -1)."""
    return _loop(range(len(sch["beta"]) - 1, 1, -1), eps_fn, xT, zs, sch, sigma)


@mistake(
    of="sample_loop",
    caught_by=("every_time_is_asked_for_once", "the_gaussian_comes_back", "loops_are_right"),
    hint="Your loop begins one step late: time T is never asked for.",
)
def loop_without_its_first_step(eps_fn, xT, zs, sch, sigma="beta"):
    """range(T - 1, 0, -1)."""
    return _loop(range(len(sch["beta"]) - 2, 0, -1), eps_fn, xT, zs, sch, sigma)


@mistake(
    of="sample_loop",
    caught_by=("the_gaussian_comes_back", "loops_are_right"),
    hint="The noise is guessed for xT alone. After each step x is another one, and so is the noise in it.",
)
def noise_guessed_for_the_start(eps_fn, xT, zs, sch, sigma="beta"):
    """eps_fn(xT, t)."""
    x = xT
    for t in range(len(sch["beta"]) - 1, 0, -1):
        x = p_sample(x, t, eps_fn(xT, t), zs[t], sch, sigma)
    return x


@mistake(
    of="sample_loop",
    caught_by="loops_are_right",
    hint="Your steps take each other's fresh noise: zs[t] belongs to the step from t.",
)
def noise_of_the_step_before(eps_fn, xT, zs, sch, sigma="beta"):
    """zs[t - 1]."""
    return _loop(range(len(sch["beta"]) - 1, 0, -1), eps_fn, xT, zs, sch, sigma, noise=lambda t: t - 1)


@mistake(
    of="sample_loop",
    caught_by=("the_gaussian_comes_back", "loops_are_right"),
    hint="The same fresh noise in every step: it piles up instead of averaging out.",
)
def one_noise_for_all_steps(eps_fn, xT, zs, sch, sigma="beta"):
    """zs[-1], drawn before the loop."""
    return _loop(range(len(sch["beta"]) - 1, 0, -1), eps_fn, xT, zs, sch, sigma, noise=lambda t: -1)


@mistake(
    of="sample_loop",
    caught_by=("the_smaller_noise_makes_narrower_samples", "loops_are_right"),
    hint="Your samples are as wide for one sigma as for the other: is it handed on?",
)
def sigma_not_handed_on(eps_fn, xT, zs, sch, sigma="beta"):
    """p_sample(x, t, eps, z, sch)."""
    return sample_loop(eps_fn, xT, zs, sch)


@mistake(
    of="sample_loop",
    caught_by="the_loop_leaves_its_arguments_alone",
    hint="The caller's noise is gone: after the call, xT holds the samples.",
)
def loop_in_place(eps_fn, xT, zs, sch, sigma="beta"):
    """xT[...] = ..."""
    for t in range(len(sch["beta"]) - 1, 0, -1):
        xT[...] = p_sample(xT, t, eps_fn(xT, t), zs[t], sch, sigma)
    return xT


# --- q7 prior_kl, vlb_term --------------------------------------------------------------------------------------------


@mistake(
    of="prior_kl",
    caught_by=("three_terms_by_hand", "the_end_of_the_chain_is_measured"),
    hint="A KL divergence of a vector is a sum over its numbers; yours is smaller by their count.",
)
def prior_averaged(x0, sch):
    """Mean over the numbers of a sample."""
    return prior_kl(x0, sch) / x0[0].size


@mistake(
    of="prior_kl",
    caught_by="the_end_of_the_chain_is_measured",
    hint="One number for the whole batch: each sample has its own.",
)
def prior_summed_over_the_batch(x0, sch):
    """sum() over everything."""
    return prior_kl(x0, sch).sum()


@mistake(
    of="prior_kl",
    caught_by="the_end_of_the_chain_is_measured",
    hint="Right for points, wrong for images: a sample may have more axes than one.",
)
def prior_summed_over_one_axis(x0, sch):
    """sum(axis=1)."""
    abar = sch["abar"][-1]
    return 0.5 * (abar * x0**2 - abar - np.log(1 - abar)).sum(axis=1)


@mistake(
    of="prior_kl",
    caught_by=("three_terms_by_hand", "the_end_of_the_chain_is_measured"),
    hint="The direction is the other one: the first of the two is the end of your chain, the second the standard normal.",
)
def prior_reversed(x0, sch):
    """KL(N(0, I) || q)."""
    abar = sch["abar"][-1]
    each = 0.5 * ((1 + abar * x0**2) / (1 - abar) - 1 + np.log(1 - abar))
    return each.reshape(len(x0), -1).sum(axis=1)


@mistake(
    of="prior_kl",
    caught_by=("three_terms_by_hand", "the_end_of_the_chain_is_measured"),
    hint="Only the mean counts in yours; a variance that is not 1 costs too.",
)
def prior_of_the_mean_alone(x0, sch):
    """abar |x0|^2 / 2."""
    return 0.5 * sch["abar"][-1] * (x0.reshape(len(x0), -1) ** 2).sum(axis=1)


def _gap(a, b):
    return ((a - b).reshape(len(a), -1) ** 2).sum(axis=1)


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "a_step_of_the_bound_is_a_divergence"),
    hint="The two Gaussians have changed places: the true one comes first.",
)
def term_reversed(x0, xt, t, mean_theta, var_theta, sch):
    """KL(p || q)."""
    if t == 1:
        return vlb_term(x0, xt, t, mean_theta, var_theta, sch)
    mean, var = posterior(x0, xt, t, sch)
    d = x0[0].size
    return 0.5 * (_gap(mean, mean_theta) / var + d * (var_theta / var - 1 - np.log(var_theta / var)))


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "a_step_of_the_bound_is_a_divergence"),
    hint="Only the means are compared. Two Gaussians of one mean and different variances differ, too.",
)
def term_of_the_means_alone(x0, xt, t, mean_theta, var_theta, sch):
    """|difference|^2 / (2 var)."""
    if t == 1:
        return vlb_term(x0, xt, t, mean_theta, var_theta, sch)
    return _gap(posterior(x0, xt, t, sch)[0], mean_theta) / (2 * var_theta)


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "a_step_of_the_bound_is_a_divergence"),
    hint="Your true Gaussian is that of the step there, with variance beta. The one to be matched knows x0.",
)
def term_with_beta_as_the_true_variance(x0, xt, t, mean_theta, var_theta, sch):
    """beta in place of beta tilde."""
    if t == 1:
        return vlb_term(x0, xt, t, mean_theta, var_theta, sch)
    var, d = sch["beta"][t], x0[0].size
    gap = _gap(posterior(x0, xt, t, sch)[0], mean_theta)
    return 0.5 * (gap / var_theta + d * (var / var_theta - 1 - np.log(var / var_theta)))


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "the_last_term_is_a_likelihood"),
    hint="At t = 1 your term is infinite: the logarithm of a variance that is 0. The last term is no divergence.",
)
def term_of_time_one_like_the_others(x0, xt, t, mean_theta, var_theta, sch):
    """(DF-20) a KL divergence from a certainty."""
    mean, var = posterior(x0, xt, t, sch)
    d = x0[0].size
    with np.errstate(all="ignore"):
        return 0.5 * (_gap(mean, mean_theta) / var_theta + d * (var / var_theta - 1 - np.log(var / var_theta)))


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "the_last_term_is_a_likelihood"),
    hint="Your last term misses what makes a density integrate to one: a wide Gaussian is low.",
)
def last_term_without_its_constant(x0, xt, t, mean_theta, var_theta, sch):
    """|x0 - mean|^2 / (2 var) alone."""
    if t > 1:
        return vlb_term(x0, xt, t, mean_theta, var_theta, sch)
    return _gap(x0, mean_theta) / (2 * var_theta)


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "a_perfect_model_costs_nothing"),
    hint="A perfect model does not get 0 from you: you measure its mean against x0 at every time, not against the posterior.",
)
def term_measured_against_the_image(x0, xt, t, mean_theta, var_theta, sch):
    """x0 in place of the posterior mean."""
    if t == 1:
        return vlb_term(x0, xt, t, mean_theta, var_theta, sch)
    var, d = tilde(sch)[t], x0[0].size
    return 0.5 * (_gap(x0, mean_theta) / var_theta + d * (var / var_theta - 1 - np.log(var / var_theta)))


@mistake(
    of="vlb_term",
    caught_by=("three_terms_by_hand", "the_bound_weighs_the_noise"),
    hint="A half is missing: look at the exponent of a Gaussian.",
)
def term_without_its_half(x0, xt, t, mean_theta, var_theta, sch):
    """|difference|^2 / var."""
    if t == 1:
        return vlb_term(x0, xt, t, mean_theta, var_theta, sch)
    gap = _gap(posterior(x0, xt, t, sch)[0], mean_theta)
    return vlb_term(x0, xt, t, mean_theta, var_theta, sch) + gap / (2 * var_theta)


# --- q8 ddim_step -----------------------------------------------------------------------------------------------------


@mistake(
    of="ddim_step",
    caught_by=("two_steps_at_once_by_hand", "ddim_steps_are_right", "with_all_the_noise_it_is_the_old_step"),
    hint="Your old noise does not make room for the fresh one: with eta > 0 the variances add up to too much.",
)
def old_noise_in_full(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """sqrt(1 - abar_prev) eps + sigma z."""
    fresh = ddim_step(xt, t, t_prev, eps_hat, z, sch, eta) - ddim_step(xt, t, t_prev, eps_hat, 0 * z, sch, eta)
    return ddim_step(xt, t, t_prev, eps_hat, z, sch) + fresh


@mistake(
    of="ddim_step",
    caught_by=("two_steps_at_once_by_hand", "ddim_steps_are_right"),
    hint="You stop at the guess of the image, faded: the noise that belongs to the earlier time is missing.",
)
def no_noise_put_back(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """sqrt(abar_prev) x0 alone."""
    factor = xt.dtype.type(math.sqrt(sch["abar"][t_prev]))
    return factor * predict_x0(xt, t, eps_hat, sch)


@mistake(
    of="ddim_step",
    caught_by=("two_steps_at_once_by_hand", "ddim_steps_are_right"),
    hint="Your step does not look at where it goes: whatever t_prev is, it ends one step earlier.",
)
def one_step_whatever_is_asked(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """abar[t - 1]."""
    return ddim_step(xt, t, t - 1, eps_hat, z, sch, eta)


@mistake(
    of="ddim_step",
    caught_by=("two_steps_at_once_by_hand", "ddim_steps_are_right"),
    hint="Fresh noise and its variance: with eta between 0 and 1 your deviation is a square where a root belongs, or the reverse.",
)
def variance_as_deviation(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """sigma = eta * (the product without its root)."""
    now, before = float(sch["abar"][t]), float(sch["abar"][t_prev])
    sigma = eta * (1 - before) / (1 - now) * (1 - now / before)
    old = math.sqrt(1 - before - sigma**2)
    return math.sqrt(before) * predict_x0(xt, t, eps_hat, sch) + old * eps_hat + sigma * z


@mistake(
    of="ddim_step",
    caught_by=("two_steps_at_once_by_hand", "ddim_steps_are_right"),
    hint="The guessed image is put to the noise level of where you are, not of where you go.",
)
def level_of_now(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """sqrt(abar[t]) x0."""
    gap = math.sqrt(sch["abar"][t]) - math.sqrt(sch["abar"][t_prev])
    return ddim_step(xt, t, t_prev, eps_hat, z, sch, eta) + gap * predict_x0(xt, t, eps_hat, sch)


@mistake(
    of="ddim_step",
    caught_by="ddim_steps_are_right",
    hint="Right for eta 0 and eta 1, wrong between: eta scales the deviation, and its square the variance.",
)
def eta_without_its_square(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """sigma^2 = eta * (...)."""
    return ddim_step(xt, t, t_prev, eps_hat, z, sch, math.sqrt(eta))


# --- q9 NoisePredictor, train_step ------------------------------------------------------------------------------------


def _features(t, T, dtype, *, fraction=True, scale=math.pi / 2, order="sc"):
    time = t.to(dtype) / (T if fraction else 1)
    angle = time[:, None] * scale * torch.tensor([1, 2, 4, 8], dtype=dtype)
    parts = {"s": torch.sin(angle), "c": torch.cos(angle)}
    return torch.cat([parts[name] for name in order], dim=1)


def _through(model, x, phi, between=torch.nn.functional.silu):
    h = between(model.first(torch.cat([x, phi], dim=1)))
    return model.last(between(model.second(h)))


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "a_ring_is_learned"),
    hint="Your guess is the same for every time: the network must know how noisy its input is.",
)
class PredictorWithoutTime(NoisePredictor):
    """(DF-17) t is not looked at."""

    def forward(self, x, t):
        return _through(self, x, _features(0 * t, self.steps, x.dtype))


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "the_network_and_its_gradients_are_right"),
    hint="Your features turn far too fast: time enters as a share of T.",
)
class PredictorWithBareTimes(NoisePredictor):
    """(DF-17) t in place of t / T."""

    def forward(self, x, t):
        return _through(self, x, _features(t, self.steps, x.dtype, fraction=False))


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "the_network_and_its_gradients_are_right"),
    hint="Your cosines come before your sines. For training from scratch it would not matter; for somebody else's parameters it "
    "does.",
)
class PredictorWithCosinesFirst(NoisePredictor):
    """[cos, sin]."""

    def forward(self, x, t):
        return _through(self, x, _features(t, self.steps, x.dtype, order="cs"))


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "the_network_and_its_gradients_are_right"),
    hint="Times are cut off to whole numbers before they are used: t / T is 0 for all but the last.",
)
class PredictorWithIntegerDivision(NoisePredictor):
    """t // T."""

    def forward(self, x, t):
        return _through(self, x, _features(t // self.steps, 1, x.dtype))


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "the_network_and_its_gradients_are_right"),
    hint="Your hidden layers use another activation than the text.",
)
class PredictorWithRelu(NoisePredictor):
    """ReLU."""

    def forward(self, x, t):
        return _through(self, x, _features(t, self.steps, x.dtype), between=torch.relu)


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "the_network_and_its_gradients_are_right"),
    hint="Two linear layers without anything between them are one: an activation is missing.",
)
class PredictorWithoutItsSecondActivation(NoisePredictor):
    """last(second(...))."""

    def forward(self, x, t):
        h = torch.nn.functional.silu(self.first(torch.cat([x, _features(t, self.steps, x.dtype)], dim=1)))
        return self.last(self.second(h))


@mistake(
    of="NoisePredictor",
    caught_by=("the_network_computes_what_the_text_says", "the_network_and_its_gradients_are_right"),
    hint="Your guesses are squashed at the end. Noise is not bounded.",
)
class PredictorSquashed(NoisePredictor):
    """tanh on top."""

    def forward(self, x, t):
        return torch.tanh(_through(self, x, _features(t, self.steps, x.dtype)))


@mistake(
    of="NoisePredictor",
    caught_by=("parameters_have_their_names_and_shapes", "the_network_computes_what_the_text_says"),
    hint="Your parameters have names of their own, so nobody else's can be loaded.",
)
class PredictorAsASequence(torch.nn.Module):
    """One Sequential, called net."""

    def __init__(self, dim, width, T):
        super().__init__()
        self.steps = T
        linear, silu = torch.nn.Linear, torch.nn.SiLU()
        self.net = torch.nn.Sequential(linear(dim + 8, width), silu, linear(width, width), silu, linear(width, dim))

    def forward(self, x, t):
        return self.net(torch.cat([x, _features(t, self.steps, x.dtype)], dim=1))


@mistake(
    of="NoisePredictor",
    caught_by="the_network_and_its_gradients_are_right",
    hint="Somewhere the graph is cut: the numbers are right, but nothing before that place can learn.",
)
class PredictorThatDetaches(NoisePredictor):
    """.detach() after the first layer."""

    def forward(self, x, t):
        silu = torch.nn.functional.silu
        h = silu(self.first(torch.cat([x, _features(t, self.steps, x.dtype)], dim=1))).detach()
        return self.last(silu(self.second(h)))


@mistake(
    of="train_step",
    caught_by="training_steps_are_right",
    hint="Your first step is right, your second is not: it still has the gradients of the first.",
)
def gradients_add_up(model, optimizer, x0, t, eps, sch):
    """No zero_grad()."""
    loss = _loss(model, x0, t, eps, sch)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake(
    of="train_step",
    caught_by=("one_step_of_training_by_hand", "training_steps_are_right"),
    hint="The loss is right, but no parameter moves: the gradients were cleared between backward and the step.",
)
def gradients_cleared_too_late(model, optimizer, x0, t, eps, sch):
    """backward, zero_grad, step."""
    loss = _loss(model, x0, t, eps, sch)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@mistake(
    of="train_step",
    caught_by=("one_step_of_training_by_hand", "training_steps_are_right"),
    hint="Your loss is a sum over the numbers of a sample: the mean over all entries was asked for.",
)
def loss_summed_over_a_sample(model, optimizer, x0, t, eps, sch):
    """Sum over features, mean over the batch."""
    return _step(optimizer, _loss(model, x0, t, eps, sch) * x0[0].numel())


@mistake(
    of="train_step",
    caught_by=("one_step_of_training_by_hand", "training_steps_are_right"),
    hint="Your network is trained to guess the picture; here it guesses the noise.",
)
def image_as_the_target(model, optimizer, x0, t, eps, sch):
    """(guess - x0)^2."""
    return _step(optimizer, ((model(_noised(x0, t, eps, sch), t) - x0) ** 2).mean())


@mistake(
    of="train_step",
    caught_by=("one_step_of_training_by_hand", "training_steps_are_right"),
    hint="Every sample is noised to the time of the first: there is one t for each.",
)
def one_time_for_all_samples(model, optimizer, x0, t, eps, sch):
    """(DF-16) t[0]."""
    return _step(optimizer, _loss(model, x0, t[:1].expand(len(t)), eps, sch))


@mistake(
    of="train_step",
    caught_by=("one_step_of_training_by_hand", "training_steps_are_right"),
    hint="Your pictures are noised by one step only, whatever t is. Training would even look fine.",
)
def noised_by_one_step(model, optimizer, x0, t, eps, sch):
    """(DF-1) alpha in place of abar."""
    return _step(optimizer, _loss(model, x0, t, eps, sch | {"abar": sch["alpha"]}))


@mistake(
    of="train_step",
    caught_by=("one_step_of_training_by_hand", "training_steps_are_right"),
    hint="The model sees the clean picture, and is to guess the noise that is not in it.",
)
def clean_images_shown(model, optimizer, x0, t, eps, sch):
    """model(x0, t)."""
    return _step(optimizer, ((model(x0, t) - eps) ** 2).mean())


@mistake(
    of="train_step",
    caught_by="training_works_for_images",
    hint="Right for points, wrong for images: the factor of each sample has to reach all of its axes.",
)
def training_on_points_only(model, optimizer, x0, t, eps, sch):
    """abar[:, None]."""
    abar = sch["abar"][t][:, None]
    xt = abar.sqrt().to(x0.dtype) * x0 + (1 - abar).sqrt().to(x0.dtype) * eps
    return _step(optimizer, ((model(xt, t) - eps) ** 2).mean())


@mistake(
    of="train_step",
    caught_by="training_works_for_images",
    hint="The loss that you return carries the graph of the whole step; a list of a thousand of these fills the memory.",
)
def loss_with_its_graph(model, optimizer, x0, t, eps, sch):
    """return loss."""
    loss = _loss(model, x0, t, eps, sch)
    _step(optimizer, loss)
    return loss


@mistake(
    of="train_step",
    caught_by="training_works_for_images",
    hint="float32 pictures become float64 on the way to the model: the schedule decides for both.",
)
def training_in_float64(model, optimizer, x0, t, eps, sch):
    """No cast of the factors."""
    abar = sch["abar"][t].reshape(-1, *[1] * (x0.ndim - 1))
    xt = abar.sqrt() * x0 + (1 - abar).sqrt() * eps
    return _step(optimizer, ((model(xt, t) - eps) ** 2).mean())


# --- q10 generate -----------------------------------------------------------------------------------------------------


def _generate(model, xT, zs, sch, *, fresh=lambda t: t > 1, times=None, share="beta", deviation=None, handed=None):
    """generate, with something changed."""
    was = model.training
    model.eval()
    x = xT
    deviation = sch["beta"].sqrt() if deviation is None else deviation
    with torch.no_grad():
        for t in times if times is not None else range(len(sch["beta"]) - 1, 0, -1):
            beta, abar = sch["beta"][t].item(), sch["abar"][t].item()
            guess = model(x, torch.full((len(x),), t if handed is None else handed(t)))
            x = (x - sch[share][t].item() / math.sqrt(1.0 - abar) * guess) / math.sqrt(1.0 - beta)
            if fresh(t):
                x = x + deviation[t].item() * zs[t]
    model.train(was)
    return x


@mistake(
    of="generate",
    caught_by="sampling_leaves_no_trace",
    hint="Every call of the model leaves its graph in memory, though nothing will be differentiated.",
)
def sampling_with_a_graph(model, xT, zs, sch):
    """No no_grad()."""
    was = model.training
    model.eval()
    x = xT
    for t in range(len(sch["beta"]) - 1, 0, -1):
        beta, abar = sch["beta"][t].item(), sch["abar"][t].item()
        x = (x - beta / math.sqrt(1.0 - abar) * model(x, torch.full((len(x),), t))) / math.sqrt(1.0 - beta)
        if t > 1:
            x = x + math.sqrt(beta) * zs[t]
    model.train(was)
    return x


@mistake(
    of="generate",
    caught_by=("sampling_leaves_no_trace", "samples_are_right"),
    hint="Your model samples as if it were still training: dropout is at work.",
)
def sampling_in_training_mode(model, xT, zs, sch):
    """No eval()."""
    x = xT
    with torch.no_grad():
        for t in range(len(sch["beta"]) - 1, 0, -1):
            beta, abar = sch["beta"][t].item(), sch["abar"][t].item()
            x = (x - beta / math.sqrt(1.0 - abar) * model(x, torch.full((len(x),), t))) / math.sqrt(1.0 - beta)
            if t > 1:
                x = x + math.sqrt(beta) * zs[t]
    return x


@mistake(
    of="generate",
    caught_by="sampling_leaves_no_trace",
    hint="After sampling your model stays in eval mode: training would go on without dropout.",
)
def mode_not_set_back(model, xT, zs, sch):
    """eval(), and nothing after."""
    x = _generate(model, xT, zs, sch)
    model.eval()
    return x


@mistake(
    of="generate",
    caught_by="sampling_leaves_no_trace",
    hint="Your model is always in training mode afterwards, even if it was not before.",
)
def always_set_back_to_training(model, xT, zs, sch):
    """model.train()."""
    x = _generate(model, xT, zs, sch)
    model.train()
    return x


@mistake(
    of="generate",
    caught_by=("four_steps_back", "samples_are_right"),
    hint="Your last step adds noise that nobody takes away.",
)
def sampling_with_noise_in_the_end(model, xT, zs, sch):
    """(DF-14)"""
    return _generate(model, xT, zs, sch, fresh=lambda t: True)


@mistake(
    of="generate",
    caught_by=("four_steps_back", "samples_are_right"),
    hint="No fresh noise: one start, one picture, and all of them near the mean.",
)
def sampling_without_noise(model, xT, zs, sch):
    """(DF-13)"""
    return _generate(model, xT, zs, sch, fresh=lambda t: False)


@mistake(
    of="generate",
    caught_by=("four_steps_back", "samples_are_right"),
    hint="The model is told that it is one step earlier than it is.",
)
def sampling_with_times_from_zero(model, xT, zs, sch):
    """model(x, t - 1), for a model that counts from 0."""
    return _generate(model, xT, zs, sch, handed=lambda t: t - 1)


@mistake(
    of="generate",
    caught_by=("four_steps_back", "samples_are_right"),
    hint="Your fresh noise has the smaller variance of question 4; beta was asked for.",
)
def sampling_with_tilde(model, xT, zs, sch):
    """sigma^2 = beta tilde."""
    before = torch.cat([torch.ones(1), sch["abar"][:-1]])
    deviation = (sch["beta"] * (1 - before) / (1 - sch["abar"])).clamp(min=0).sqrt()
    return _generate(model, xT, zs, sch, deviation=deviation)


@mistake(
    of="generate",
    caught_by="samples_are_right",
    hint="float32 noise comes out as float64 samples.",
)
def sampling_in_float64(model, xT, zs, sch):
    """Tensors of the schedule as factors, of shape (1,)."""
    return _generate(model, xT, zs, sch).double()


@mistake(
    of="generate",
    caught_by="sampling_leaves_no_trace",
    hint="The caller's noise is overwritten by the samples.",
)
def sampling_in_place(model, xT, zs, sch):
    """xT.copy_(...)."""
    return xT.copy_(generate(model, xT, zs, sch))


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _level(T):
    return np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2


def _noised(x0, t, eps, sch):
    abar = sch["abar"][t].reshape(-1, *[1] * (x0.ndim - 1))
    return abar.sqrt().to(x0.dtype) * x0 + (1 - abar).sqrt().to(x0.dtype) * eps


def _loss(model, x0, t, eps, sch):
    return ((model(_noised(x0, t, eps, sch), t) - eps) ** 2).mean()


def _step(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
