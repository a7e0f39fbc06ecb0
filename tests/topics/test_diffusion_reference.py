"""The reference of diffusion, against the formulas of the papers, torch's own layers and finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "diffusion"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}
MIXED = np.array([4, 1, 3, 2])


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "diffusion", "reference"))


@pytest.fixture
def sch(reference):
    return reference.make_schedule(4, "linear", 0.1, 0.4)


@pytest.fixture
def images():
    """Three batches of four images."""
    return np.random.default_rng(3).normal(size=(3, 4, 2, 3))


@pytest.fixture
def network():
    """A torch network with the layers of the noise predictor, and its parameters."""
    torch.manual_seed(0)
    layers = torch.nn.Sequential(
        torch.nn.Linear(11, 6), torch.nn.SiLU(), torch.nn.Linear(6, 6), torch.nn.SiLU(), torch.nn.Linear(6, 3)
    ).double()
    return layers, [value.detach().numpy() for value in layers.state_dict().values()]


def column(values):
    return np.asarray(values)[:, None, None]


def test_the_linear_schedule_is_the_worked_example(sch):
    assert_allclose(sch["beta"], [0, 0.1, 0.2, 0.3, 0.4], **ROUNDING)
    assert_allclose(sch["abar"], [1, 0.9, 0.72, 0.504, 0.3024], **ROUNDING)


def test_the_cosine_schedule_follows_its_curve_until_it_is_limited(reference):
    sch = reference.make_schedule(10, "cosine")
    level = np.cos((np.arange(11) / 10 + 0.008) / 1.008 * np.pi / 2) ** 2
    assert_allclose(sch["abar"][:10], level[:10] / level[0], **ROUNDING)
    assert sch["beta"][10] == 0.999


def test_an_unknown_schedule_is_refused(reference):
    with pytest.raises(ValueError, match="unknown kind 'sigmoid'"):
        reference.make_schedule(3, "sigmoid")


def test_steps_one_after_the_other_are_one_jump(reference, sch):
    noises = np.random.default_rng(0).normal(size=(5, 3, 2))
    x0 = np.random.default_rng(1).normal(size=(3, 2))
    x = x0
    for t in range(1, 5):
        x = reference.q_step(x, t, noises[t], sch)
    merged = sum(np.sqrt(sch["abar"][4] / sch["abar"][t] * sch["beta"][t]) * noises[t] for t in range(1, 5))
    assert_allclose(reference.q_sample(x0, 4, merged / np.sqrt(1 - sch["abar"][4]), sch), x, **ROUNDING)


def test_a_time_for_each_sample_is_each_sample_with_its_time(reference, sch, images):
    together = reference.q_sample(images[0], MIXED, images[1], sch)
    alone = [
        reference.q_sample(images[0][n : n + 1], int(t), images[1][n : n + 1], sch)[0] for n, t in enumerate(MIXED)
    ]
    assert_allclose(together, alone, **ROUNDING)


def test_image_and_noise_are_recovered(reference, sch, images):
    xt = reference.q_sample(images[0], MIXED, images[1], sch)
    assert_allclose(reference.predict_x0(xt, MIXED, images[1], sch), images[0], **ROUNDING)
    assert_allclose(reference.predict_eps(xt, MIXED, images[0], sch), images[1], **ROUNDING)


def test_the_posterior_is_that_of_the_paper(reference, sch, images):
    beta, alpha, abar, before = (sch[name][index] for name, index in
                                 (("beta", MIXED), ("alpha", MIXED), ("abar", MIXED), ("abar", MIXED - 1)))  # fmt: skip
    mean, var = reference.posterior(images[0], images[1], MIXED, sch)
    of_x0, of_xt = np.sqrt(before) * beta / (1 - abar), np.sqrt(alpha) * (1 - before) / (1 - abar)
    assert_allclose(mean, column(of_x0) * images[0] + column(of_xt) * images[1], **ROUNDING)
    assert_allclose(var, beta * (1 - before) / (1 - abar), **ROUNDING)


def test_the_posterior_at_the_first_step_is_the_image(reference, sch, images):
    mean, var = reference.posterior(images[0], images[1], 1, sch)
    assert_allclose(mean, images[0], **ROUNDING)
    assert var == 0


def test_the_reverse_mean_is_that_of_the_paper(reference, sch, images):
    beta, alpha, abar = (sch[name][MIXED] for name in ("beta", "alpha", "abar"))
    expected = (images[0] - column(beta / np.sqrt(1 - abar)) * images[1]) / column(np.sqrt(alpha))
    assert_allclose(reference.reverse_mean(images[0], MIXED, images[1], sch), expected, **ROUNDING)


@pytest.mark.parametrize("sigma", ["beta", "tilde"])
def test_the_last_step_has_no_noise_and_the_others_have_theirs(reference, sch, images, sigma):
    added = reference.p_sample(images[0], MIXED, images[1], images[2], sch, sigma)
    added = added - reference.reverse_mean(images[0], MIXED, images[1], sch)
    variance = (
        sch["beta"]
        if sigma == "beta"
        else np.append(0, sch["beta"][1:] * (1 - sch["abar"][:-1]) / (1 - sch["abar"][1:]))
    )
    expected = np.where(MIXED == 1, 0, np.sqrt(variance[MIXED]))
    assert_allclose(added, column(expected) * images[2], **ROUNDING)


@pytest.mark.parametrize("sigma, deviation", [("beta", 0.51244), ("tilde", 0.45667)])
def test_the_gaussian_comes_back_as_the_recursion_says(reference, sigma, deviation):
    sch = reference.make_schedule(50, "linear", 1e-4, 0.2)
    mean, std = reference.gaussian_moments(sch, 2.0, 0.5, sigma)
    assert (round(mean, 5), round(std, 5)) == (1.99768, deviation)
    units = np.eye(51)[:, 1:]
    zs = np.zeros((51, 51, 1))
    zs[50:1:-1] = units[:, 1:].T[..., None]
    out = reference.gaussian_loop(units[:, :1], zs, sch, 2.0, 0.5, sigma)[:, 0]
    assert_allclose([out[0], np.linalg.norm(out[1:] - out[0])], [mean, std], **ROUNDING)


def test_the_end_of_the_chain_costs_what_the_closed_form_says(reference, sch, images):
    flat, abar = images[0].reshape(4, 6), sch["abar"][-1]
    expected = 0.5 * (abar * (flat**2).sum(axis=1) - 6 * abar - 6 * np.log(1 - abar))
    assert_allclose(reference.prior_kl(images[0], sch), expected, **ROUNDING)


def test_a_guess_of_the_noise_costs_its_weighted_error(reference, sch, images):
    x0, eps, guess = images
    xt = reference.q_sample(x0, 3, eps, sch)
    var = float(reference.posterior(x0, xt, 3, sch)[1])
    weight = sch["beta"][3] ** 2 / (2 * var * sch["alpha"][3] * (1 - sch["abar"][3]))
    given = reference.vlb_term(x0, xt, 3, reference.reverse_mean(xt, 3, guess, sch), var, sch)
    assert_allclose(given, weight * ((eps - guess) ** 2).reshape(4, -1).sum(axis=1), **ROUNDING)


def test_the_first_term_is_a_log_density(reference, sch, images):
    expected = 0.5 * ((images[0] - images[2]) ** 2 / 0.3 + np.log(2 * np.pi * 0.3)).reshape(4, -1).sum(axis=1)
    assert_allclose(reference.vlb_term(images[0], images[1], 1, images[2], 0.3, sch), expected, **ROUNDING)


@pytest.mark.parametrize("t", [1, 2, 4])
def test_ddim_with_all_its_noise_is_ancestral_sampling(reference, sch, images, t):
    expected = reference.p_sample(images[0], t, images[1], images[2], sch, "tilde")
    assert_allclose(reference.ddim_step(images[0], t, t - 1, images[1], images[2], sch, 1.0), expected, **ROUNDING)


def test_ddim_without_noise_keeps_image_and_noise(reference, sch, images):
    xt = reference.q_sample(images[0], 4, images[1], sch)
    given = reference.ddim_step(xt, 4, 2, images[1], images[2], sch)
    assert_allclose(given, reference.q_sample(images[0], 2, images[1], sch), **ROUNDING)


def test_the_network_is_that_of_torchs_layers(reference, network):
    layers, weights = network
    x, t = np.random.default_rng(0).normal(size=(4, 3)), MIXED
    angles = np.pi / 2 * np.array([1, 2, 4, 8]) * t[:, None] / 5
    features = torch.from_numpy(np.hstack([x, np.sin(angles), np.cos(angles)]))
    assert_allclose(reference.network(x, t, 5, *weights), layers(features).detach().numpy(), **ROUNDING)


def test_gradients_of_the_loss_are_its_slopes(reference, sch, network):
    _, weights = network
    x0, eps = np.random.default_rng(0).normal(size=(2, 4, 3))
    args = [x0, MIXED, eps, sch, 4, *weights]
    gradient = reference.noise_loss.gradient(args, wrt=(5,))[0]
    for index in ((0, 0), (5, 3), (2, 10)):
        ends = []
        for h in (1e-5, -1e-5):
            moved = weights[0].copy()
            moved[index] += h
            ends.append(float(reference.noise_loss(*args[:5], moved, *weights[1:])))
        assert_allclose(gradient[index], (ends[0] - ends[1]) / 2e-5, rtol=1e-6, atol=1e-10)


def test_descent_takes_the_steps_of_torchs_sgd(reference, sch, network):
    layers, weights = network
    batches = [(*np.random.default_rng(k).normal(size=(2, 4, 3)), MIXED) for k in range(2)]
    losses, end = reference.descend([(x0, t, eps) for x0, eps, t in batches], sch, 4, 0.1, *weights)
    optimizer = torch.optim.SGD(layers.parameters(), lr=0.1)
    for (x0, eps, t), loss in zip(batches, losses, strict=True):
        abar = sch["abar"][t][:, None]
        angles = np.pi / 2 * np.array([1, 2, 4, 8]) * t[:, None] / 4
        given = np.hstack([np.sqrt(abar) * x0 + np.sqrt(1 - abar) * eps, np.sin(angles), np.cos(angles)])
        error = torch.nn.functional.mse_loss(layers(torch.from_numpy(given)), torch.from_numpy(eps))
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        assert_allclose(loss, error.item(), **ROUNDING)
    for value, parameter in zip(end, layers.parameters(), strict=True):
        assert_allclose(value, parameter.detach().numpy(), **ROUNDING)


def test_the_loss_of_the_linear_guess_is_the_worked_example(reference, sch):
    x0, eps = np.array([[2.0, -1.0], [0.5, 1.0]]), np.array([[-1.0, 0.5], [1.0, 0.0]])
    loss = reference.linear_loss(x0, np.array([3, 1]), eps, sch, np.array(0.5), np.array(0.1))
    assert round(float(loss), 6) == 0.869112


def test_sampling_with_the_linear_guess_is_the_loop_by_hand(reference, sch):
    xT, zs = np.random.default_rng(0).normal(size=(3, 2)), np.random.default_rng(1).normal(size=(5, 3, 2))
    x = xT
    for t in (4, 3, 2, 1):
        x = reference.p_sample(x, t, 0.5 * x + 0.1 * t, zs[t], sch)
    assert_allclose(reference.linear_generate(xT, zs, sch, 0.5, 0.1), x, **ROUNDING)


def test_sampling_with_the_network_asks_it_at_every_time(reference, sch, network):
    _, weights = network
    xT, zs = np.random.default_rng(0).normal(size=(2, 3)), np.random.default_rng(1).normal(size=(5, 2, 3))
    x = xT
    for t in (4, 3, 2, 1):
        x = reference.p_sample(x, t, reference.network(x, np.array([t, t]), 4, *weights), zs[t], sch)
    assert_allclose(reference.network_samples(xT, zs, sch, *weights), x, **ROUNDING)


def test_the_energy_distance_of_two_points_is_twice_their_distance(reference):
    assert reference.energy_distance(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])) == 10.0
