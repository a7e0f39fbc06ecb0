"""The reference of generative adversarial networks, against torch's own losses, modules and optimisers, and closed forms."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.spatial.distance import jensenshannon

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "gan"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}
P, Q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.1, 0.3, 0.0, 0.6])


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "gan", "reference"))


@pytest.fixture
def networks():
    """Parameters of a generator (2, 5, 3) and a discriminator (3, 4)."""
    rng = np.random.default_rng(3)
    names = ("inner.weight", "inner.bias", "outer.weight", "outer.bias")
    shapes = ((5, 2), (5,), (3, 5), (3,)), ((4, 3), (4,), (1, 4), (1,))
    return [dict(zip(names, (rng.normal(size=shape) for shape in each), strict=True)) for each in shapes]


def module(state, between):
    inner, outer = (torch.nn.Linear(*state[f"{name}.weight"].shape[::-1]) for name in ("inner", "outer"))
    net = torch.nn.Sequential(inner, between, outer).double()
    for parameter, value in zip(net.parameters(), state.values(), strict=True):
        parameter.data = torch.from_numpy(value)
    return net


def modules(networks):
    g, d = networks
    return module(g, torch.nn.Tanh()), torch.nn.Sequential(module(d, torch.nn.LeakyReLU(0.2)), torch.nn.Flatten(0))


def cross_entropy(s, label):
    return torch.nn.functional.binary_cross_entropy_with_logits(s, torch.full_like(s, label))


def test_discriminator_pays_torchs_cross_entropy_for_both_batches(reference):
    real, fake = torch.tensor([-800.0, 0.3, 900.0]).double(), torch.tensor([[-2.0], [700.0]]).double()
    expected = cross_entropy(real, 1.0) + cross_entropy(fake, 0.0)
    assert_allclose(reference.d_loss(real.numpy(), fake.numpy()), expected, **ROUNDING)


def test_who_knows_nothing_pays_two_ln_two(reference):
    assert_allclose(reference.d_loss(np.zeros(3), np.zeros(5)), 2 * np.log(2), **ROUNDING)


def test_non_saturating_loss_is_the_cross_entropy_with_the_label_of_real_samples(reference):
    s = torch.tensor([-800.0, 0.3, 900.0]).double()
    assert_allclose(reference.g_loss(s.numpy()), cross_entropy(s, 1.0), **ROUNDING)


def test_minimax_loss_is_minus_the_cross_entropy_with_the_label_of_fakes(reference):
    s = torch.tensor([-800.0, 0.3, 900.0]).double()
    assert_allclose(reference.g_loss(s.numpy(), "minimax"), -cross_entropy(s, 0.0), **ROUNDING)


def test_slopes_of_the_two_losses_differ_by_a_power_of_e(reference):
    s = np.array([-20.0, -1.0, 0.0, 2.0])
    (strong,), (weak,) = (reference.g_loss.gradient((s, kind), wrt=(0,)) for kind in ("non-saturating", "minimax"))
    assert_allclose(strong, np.exp(-s) * weak, rtol=1e-12)


def test_best_discriminator_is_a_half_where_nothing_is_seen(reference):
    D = reference.optimal_discriminator(np.append(P, 0.0), np.append(Q, 0.0))
    assert_allclose(D, [5 / 6, 0.5, 1.0, 0.0, 0.5], **ROUNDING)


def test_divergence_is_the_square_of_scipys_distance(reference):
    assert_allclose(reference.jsd(P, Q), jensenshannon(P, Q) ** 2, **ROUNDING)


def test_divergence_lies_between_zero_and_ln_two(reference):
    apart = np.array([0.4, 0.6, 0.0]), np.array([0.0, 0.0, 1.0])
    assert_allclose([reference.jsd(P, P), reference.jsd(*apart)], [0.0, np.log(2)], **ROUNDING)


def test_value_with_the_best_discriminator_measures_the_divergence(reference):
    best = reference.gan_value(P, Q, reference.optimal_discriminator(P, Q))
    assert_allclose(best, -np.log(4) + 2 * reference.jsd(P, Q), **ROUNDING)


def test_no_other_discriminator_has_a_larger_value(reference):
    best = reference.optimal_discriminator(P, Q)
    for step in (-0.05, 0.05):
        other = np.clip(best + step, 1e-3, 1 - 1e-3)
        assert reference.gan_value(P, Q, other) < reference.gan_value(P, Q, best)


def test_ascent_starts_at_a_half(reference):
    assert_allclose(reference.fit_tabular_d(P, Q, 1.0, 0), np.full(4, 0.5))


def test_first_step_of_ascent_is_half_the_difference_of_the_tables(reference):
    D = reference.fit_tabular_d(P, Q, 2.0, 1)
    assert_allclose(np.log(D / (1 - D)), P - Q, **ROUNDING)


def test_ascent_arrives_at_the_best_discriminator(reference):
    p, q = P + 0.1, Q + 0.1
    assert_allclose(reference.fit_tabular_d(p, q, 8.0, 400), reference.optimal_discriminator(p, q), atol=1e-9)


def test_networks_are_those_of_torchs_layers(reference, networks):
    rng = np.random.default_rng(4)
    z, x = rng.normal(size=(6, 2)), rng.normal(size=(7, 3))
    G, D = modules(networks)
    g, d = networks
    assert_allclose(reference.generator(z, *g.values()), G(torch.from_numpy(z)).detach(), **ROUNDING)
    assert_allclose(reference.discriminator(x, *d.values()), D(torch.from_numpy(x)).detach(), **ROUNDING)


def test_loss_through_both_networks_is_that_of_torchs_layers(reference, networks):
    z = np.random.default_rng(5).normal(size=(6, 2))
    G, D = modules(networks)
    g, d = ([value.T for value in state.values()] for state in networks)
    expected = cross_entropy(D(G(torch.from_numpy(z))), 1.0)
    assert_allclose(reference.g_loss_of_nets(z, *g, *d[:2], d[2][:, 0], d[3]), expected.item(), **ROUNDING)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_rounds_are_those_of_torchs_optimisers(reference, networks, rule):
    rng = np.random.default_rng(6)
    sizes = {"x_real": (6, 3), "z_d": (8, 2), "z_g": (7, 2)}
    batches = [{name: rng.normal(size=size) for name, size in sizes.items()} for _ in range(4)]
    g, d, logs = reference.train(*networks, batches, 0.1, 0.2, rule)

    G, D = modules(networks)
    kind = {"sgd": torch.optim.SGD, "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, betas=(0.5, 0.999))}[rule]
    opt_g, opt_d = kind(G.parameters(), lr=0.1), kind(D.parameters(), lr=0.2)
    for batch, log in zip(batches, logs, strict=True):
        given = {name: torch.from_numpy(value) for name, value in batch.items()}
        opt_d.zero_grad()
        loss = cross_entropy(D(given["x_real"]), 1.0) + cross_entropy(D(G(given["z_d"]).detach()), 0.0)
        loss.backward()
        opt_d.step()
        assert_allclose(log["d_loss"], loss.item(), rtol=1e-9)
        opt_g.zero_grad()
        loss = cross_entropy(D(G(given["z_g"])), 1.0)
        loss.backward()
        opt_g.step()
        assert_allclose(log["g_loss"], loss.item(), rtol=1e-9)
    for state, net in ((g, G), (d, D)):
        for value, parameter in zip(state.values(), net.parameters(), strict=True):
            assert_allclose(value, parameter.detach(), rtol=1e-9)


def test_a_step_of_one_leaves_the_other_as_it_was(reference, networks):
    rng = np.random.default_rng(7)
    before_g, before_d = networks
    g, d, _ = reference.train(
        *networks, [{"x_real": rng.normal(size=(4, 3)), "z_d": rng.normal(size=(5, 2))}], 0.1, 0.1
    )
    assert all((g[name] == before_g[name]).all() for name in g)
    assert all((d[name] != before_d[name]).any() for name in d)
    g, d, _ = reference.train(*networks, [{"z_g": rng.normal(size=(5, 2))}], 0.1, 0.1)
    assert all((g[name] != before_g[name]).any() for name in g)
    assert all((d[name] == before_d[name]).all() for name in d)


def test_a_sample_belongs_to_its_nearest_centre_if_that_is_near_enough(reference):
    centres = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 9.0]])
    samples = np.array([[0.4, 0.0], [0.3, 0.0], [5.0, 5.0], [0.0, 0.5]])
    assert reference.mode_stats(samples, centres, 0.5) == (1, 0.75)
    assert reference.mode_stats(samples, centres, 0.8) == (1, 0.75)


def test_one_sample_in_a_hundred_makes_a_mode(reference):
    centres = np.array([[0.0], [5.0]])
    hundred = np.append(np.zeros(99), 5.0)[:, None]
    assert reference.mode_stats(hundred, centres, 0.1) == (2, 1.0)
    assert reference.mode_stats(np.append(hundred, [[0.0]], axis=0), centres, 0.1) == (1, 1.0)
