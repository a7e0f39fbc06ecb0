"""Public checks of generative adversarial networks: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_close,
    assert_integer,
    assert_own_gradient,
    assert_shape,
    parts,
)
from autograder.errors import CheckFailed

OF_G = ("W1", "b1", "W2", "b2")
OF_D = ("V1", "c1", "v2", "c2")
NAMES = ("inner.weight", "inner.bias", "outer.weight", "outer.bias")

# --- q1 d_loss --------------------------------------------------------------------------------------------------------


@check("q1", points=2)
def three_logits_worked_by_hand(student):
    """For s_real = [2, -1] and s_fake = [0.5] the loss is 1.694172; ds_real = [-0.059601, -0.365529], ds_fake = [0.622459]."""
    loss, ds_real, ds_fake = _d_loss(student, np.array([2.0, -1.0]), np.array([0.5]))
    assert_close(loss, 1.6941718334607043, what="loss of d_loss([2, -1], [0.5])")
    assert_close(ds_real, [-0.05960146101105877, -0.36552928931500245], what="ds_real of d_loss([2, -1], [0.5])")
    assert_close(ds_fake, [0.6224593312018546], what="ds_fake of d_loss([2, -1], [0.5])")


@check("q1", points=1)
def who_knows_nothing_pays_two_ln_two(student):
    """With all logits 0 the loss is 2 ln 2, and each slope is one half over the size of its own batch."""
    loss, ds_real, ds_fake = _d_loss(student, np.zeros(3), np.zeros(5))
    assert_close(loss, 2 * np.log(2), what="loss of zero logits")
    assert_close(ds_real, np.full(3, -1 / 6), sizes={"N": 3, "M": 5}, what="ds_real of zero logits, N = 3")
    assert_close(ds_fake, np.full(5, 1 / 10), sizes={"N": 3, "M": 5}, what="ds_fake of zero logits, M = 5")


@check("q1", points=3)
def d_slopes_are_those_of_your_loss(student, rng):
    """ds_real and ds_fake say how your own loss changes when a logit changes a little."""
    s_real, s_fake = inputs.normal(rng, (4,), scale=2), inputs.normal(rng, (7,), scale=2)
    _, ds_real, ds_fake = _d_loss(student, s_real, s_fake)
    given, names = {"ds_real": ds_real, "ds_fake": ds_fake}, ("s_real", "s_fake")
    assert_own_gradient(student.d_loss, (s_real, s_fake), given, rng=rng, output=0, names=names)


# --- q2 g_loss --------------------------------------------------------------------------------------------------------


@check("q2", points=2)
def two_fakes_worked_by_hand(student):
    """For s_fake = [0, -2] the non-saturating loss is 1.410038, the minimax loss -0.410038."""
    s = np.array([0.0, -2.0])
    loss, ds = _g_loss(student, s, "non-saturating")
    assert_close(loss, 1.410037595801459, what='loss of g_loss([0, -2], "non-saturating")')
    assert_close(ds, [-0.25, -0.44039853898894116], what='ds_fake of g_loss([0, -2], "non-saturating")')
    loss, ds = _g_loss(student, s, "minimax")
    assert_close(loss, -0.4100375958014589, what='loss of g_loss([0, -2], "minimax")')
    assert_close(ds, [-0.25, -0.05960146101105877], what='ds_fake of g_loss([0, -2], "minimax")')


@check("q2", points=2)
def g_slopes_are_those_of_your_loss(student, rng):
    """ds_fake says how your own loss changes when a logit changes a little, for both kinds."""
    s = inputs.normal(rng, (6,), scale=2)
    for kind in ("non-saturating", "minimax"):
        _, ds = _g_loss(student, s, kind)
        names = ("s_fake", "kind")
        assert_own_gradient(student.g_loss, (s, kind), {"ds_fake": ds}, rng=rng, output=0, names=names)


# --- q3 optimal_discriminator -----------------------------------------------------------------------------------------


@check("q3", points=2)
def best_discriminator_of_a_table(student):
    """For p = [0.5, 0.3, 0.2, 0] and q = [0.1, 0.3, 0, 0.6] the best D is [5/6, 1/2, 1, 0]."""
    p, q = _table()
    assert_close(student.optimal_discriminator(p, q), [5 / 6, 0.5, 1.0, 0.0], what="optimal_discriminator(p, q)")


@check("q3", points=1)
def equal_distributions_leave_a_coin_toss(student, rng):
    """Where p and q are equal, the best D is 1/2 everywhere."""
    p = inputs.probabilities(rng, (6,))
    assert_close(student.optimal_discriminator(p, p), np.full(6, 0.5), what="optimal_discriminator(p, p)")


# --- q4 gan_value, jsd ------------------------------------------------------------------------------------------------


@check("q4", points=1)
def value_of_a_table(student):
    """For the table of question 3, the value is -1.386294 with D = 1/2 everywhere, and -0.686225 with the best D."""
    p, q = _table()
    assert_close(student.gan_value(p, q, np.full(4, 0.5)), -2 * np.log(2), what="gan_value(p, q, 1/2)")
    best = np.array([5 / 6, 0.5, 1.0, 0.0])
    assert_close(student.gan_value(p, q, best), -0.68622503365575, what="gan_value(p, q, best D)")


@check("q4", points=1)
def divergence_of_a_table(student):
    """For the table of question 3, the Jensen-Shannon divergence is 0.350035."""
    p, q = _table()
    assert_close(student.jsd(p, q), 0.3500346637320703, what="jsd(p, q)")


@check("q4", points=2)
def best_value_measures_the_divergence(student, rng):
    """With the best D, your gan_value is -ln 4 plus twice your jsd; with any other D it is smaller."""
    p, q = inputs.probabilities(rng, (6,)), inputs.probabilities(rng, (6,))
    best = p / (p + q)
    value = _number(student.gan_value(p, q, best), "gan_value(p, q, best D)")
    assert_close(2 * _number(student.jsd(p, q), "jsd(p, q)"), value + np.log(4), what="2 jsd(p, q)")
    for _ in range(3):
        other = best + inputs.uniform(rng, (6,), -0.4, 0.4) * best * (1 - best)
        if not _number(student.gan_value(p, q, other), "gan_value(p, q, D)") < value:
            raise CheckFailed("gan_value(p, q, D) is not smaller for another D than for the best one.")


# --- q5 fit_tabular_d -------------------------------------------------------------------------------------------------


@check("q5", points=2)
def first_step_goes_up(student):
    """One step from zero with lr = 2 ends at the logits p - q, that is at D = [0.598688, 0.5, 0.549834, 0.354344]."""
    p, q = _table()
    expected = [0.598687660112452, 0.5, 0.549833997312478, 0.35434369377420455]
    assert_close(student.fit_tabular_d(p, q, 2.0, 1), expected, what="fit_tabular_d(p, q, 2.0, 1)")


# --- q6 g_backward ----------------------------------------------------------------------------------------------------


@check("q6", points=2)
def smallest_networks_worked_by_hand(student):
    """In the worked example the loss is 1.496526, and dW1, db1, dW2, db2 are -0.097782, -0.195564, -0.236427, -0.310437."""
    g = {"W1": np.array([[1.0]]), "b1": np.array([0.5]), "W2": np.array([[1.5]]), "b2": np.array([-2.0])}
    d = {"V1": np.array([[2.0]]), "c1": np.array([0.5]), "v2": np.array([1.0]), "c2": np.array([-1.0])}
    loss, gradients = _g_backward(student, np.array([[0.5]]), g, d)
    right = {
        "W1": [[-0.09778178637976513]],
        "b1": [-0.19556357275953026],
        "W2": [[-0.2364272597528833]],
        "b2": [-0.3104373345094517],
    }
    assert_close(loss, 1.4965259937552322, what="loss of the worked example")
    for name in OF_G:
        assert_close(gradients[name], right[name], what=f"d{name} of the worked example")


@check("q6", points=3)
def nets_slopes_are_those_of_your_loss(student, rng):
    """The four gradients say how your own loss changes with the generator's parameters."""
    args = _nets(rng, n=4, noise=2, inner=5, features=3, hidden=6)
    _, gradients = _g_backward(student, *_split(args))
    given = {f"d{name}": gradients[name] for name in OF_G}
    names = ("z", *OF_G, *OF_D)
    assert_own_gradient(_Loss(student.g_backward), args, given, rng=rng, output=0, names=names)


# --- q7 Generator, Discriminator --------------------------------------------------------------------------------------


@check("q7", points=1)
def modules_have_the_parameters_that_are_asked_for(student):
    """Generator(2, 5, 3) and Discriminator(3, 4) have inner and outer weights and biases of the right shapes, and no more."""
    inner_outer = {
        "Generator(2, 5, 3)": ((5, 2), (5,), (3, 5), (3,)),
        "Discriminator(3, 4)": ((4, 3), (4,), (1, 4), (1,)),
    }
    states = parts(student.run(trained_parameters), ("G", "D"), what="the parameters of both modules")
    for state, (what, shapes) in zip(states, inner_outer.items(), strict=True):
        if not isinstance(state, dict) or sorted(map(str, state)) != sorted(NAMES):
            found = ", ".join(sorted(map(str, state))) if isinstance(state, dict) else ""
            raise CheckFailed(f"{what} trains the parameters {found or '(none)'}, expected {', '.join(NAMES)}.")
        for name, shape in zip(NAMES, shapes, strict=True):
            assert_shape(state[name], shape, what=f"{name} of {what}")


@check("q7", points=2)
def modules_are_right_for_given_parameters(student, reference, rng):
    """G(z) is linear, tanh, linear; D(x) is linear, leaky ReLU with slope 0.2, linear, and one logit for each row."""
    g, d = _state(rng, 2, 5, 3), _state(rng, 3, 4, 1)
    z, x = inputs.normal(rng, (6, 2), scale=2), inputs.normal(rng, (7, 3), scale=2)
    made, logits = parts(student.run(outputs, g, d, z, x), ("G(z)", "D(x)"), what="both outputs")
    assert_close(made, reference.generator(z, *g.values()), what="G(z) for 6 rows of noise")
    assert_close(logits, reference.discriminator(x, *d.values()), what="D(x) for 7 rows of data")


# --- q8 d_step, g_step, gan_step --------------------------------------------------------------------------------------


@check("q8", points=2)
def discriminator_steps_alone(student, rng):
    """d_step changes every parameter of D, and leaves G bitwise as it was."""
    g, d, x, z, _ = _game(rng)
    _, g_after, d_after = _played(student, g, d, [{"x_real": x, "z_d": z}], "d_step")
    _assert_bitwise(g_after, g, "G", "d_step")
    _assert_moved(d_after, d, "D", "d_step")


@check("q8", points=2)
def generator_steps_alone(student, rng):
    """g_step changes every parameter of G, and leaves D bitwise as it was."""
    g, d, _, _, z = _game(rng)
    _, g_after, d_after = _played(student, g, d, [{"z_g": z}], "g_step")
    _assert_bitwise(d_after, d, "D", "g_step")
    _assert_moved(g_after, g, "G", "g_step")


@check("q8", points=2)
def both_losses_are_those_before_the_step(student, reference, rng):
    """d_step and g_step return the losses of questions 1 and 2, worked out before the parameters move."""
    g, d, x, z_d, z_g = _game(rng)
    _, _, (d_log, g_log) = reference.train(g, d, [{"x_real": x, "z_d": z_d}, {"z_g": z_g}], 0.0, 0.0)
    logs, _, _ = _played(student, g, d, [{"x_real": x, "z_d": z_d}], "d_step")
    assert_close(logs[0]["d_loss"], d_log["d_loss"], what="d_step(G, D, opt_d, x_real, z)")
    logs, _, _ = _played(student, g, d, [{"z_g": z_g}], "g_step")
    assert_close(logs[0]["g_loss"], g_log["g_loss"], what="g_step(G, D, opt_g, z)")


# --- q9 mode_stats ----------------------------------------------------------------------------------------------------


@check("q9", points=2)
def five_samples_and_three_modes(student):
    """Of five samples, three are near one of two modes, one is near another, one is near none: 2 modes, share 0.8."""
    samples = np.array([[0.1, 0.0], [0.0, -0.2], [-0.1, 0.1], [4.0, 0.3], [0.0, 3.4]])
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    modes, share = parts(student.mode_stats(samples, centres, 0.5), ("modes", "share"), what="mode_stats(...)")
    assert_integer(modes, 2, what="modes of five samples")
    assert_close(share, 0.8, what="share of five samples")


# --- probes: these run beside the student's code ----------------------------------------------------------------------


def trained_parameters():
    """What Generator(2, 5, 3) and Discriminator(3, 4) train, by name."""
    G, D = Generator(2, 5, 3), Discriminator(3, 4)  # noqa: F821 - names of the student
    return tuple({name: each.detach() for name, each in net.named_parameters()} for net in (G, D))


def outputs(g, d, z, x):
    """G(z) and D(x) with these parameters."""
    import torch

    (hidden, noise), features = g["inner.weight"].shape, len(g["outer.bias"])
    G = Generator(noise, hidden, features).double()  # noqa: F821 - a name of the student
    D = Discriminator(d["inner.weight"].shape[1], len(d["inner.bias"])).double()  # noqa: F821 - a name of the student
    for net, state in ((G, g), (D, d)):
        net.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    return G(torch.tensor(z)).detach(), D(torch.tensor(x)).detach()


def played(g, d, moves):
    """Steps of plain descent (0.1 for G, 0.2 for D) from these parameters: losses, and the parameters after them."""
    from collections import OrderedDict

    import torch
    from torch import nn

    def _net(state, between):
        sizes = [(value.shape[1], value.shape[0]) for name, value in state.items() if name.endswith("weight")]
        layers = {"inner": nn.Linear(*sizes[0]), "between": between, "outer": nn.Linear(*sizes[1])}
        made = nn.Sequential(OrderedDict(layers)).double()
        made.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
        return made

    G, D = _net(g, nn.Tanh()), nn.Sequential(_net(d, nn.LeakyReLU(0.2)), nn.Flatten(0))
    opt_g, opt_d = torch.optim.SGD(G.parameters(), lr=0.1), torch.optim.SGD(D.parameters(), lr=0.2)
    logs = []
    for move in moves:
        given = {name: torch.tensor(value) for name, value in move.items()}
        if "z_d" not in given:
            logs.append({"g_loss": g_step(G, D, opt_g, given["z_g"])})  # noqa: F821 - a name of the student
        else:
            logs.append({"d_loss": d_step(G, D, opt_d, given["x_real"], given["z_d"])})  # noqa: F821 - the same
    return logs, *({name: each.detach() for name, each in made.state_dict().items()} for made in (G, D[0]))


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _d_loss(student, s_real, s_fake):
    names = ("loss", "ds_real", "ds_fake")
    return parts(student.d_loss(s_real, s_fake), names, what="d_loss(s_real, s_fake)")


def _g_loss(student, s_fake, kind):
    return parts(student.g_loss(s_fake, kind), ("loss", "ds_fake"), what=f'g_loss(s_fake, "{kind}")')


def _table():
    return np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.1, 0.3, 0.0, 0.6])


def _number(value, what):
    number = float(array_of_shape(value, (), what=what))
    if not np.isfinite(number):
        raise CheckFailed(f"{what} is nan or inf.")
    return number


def _g_backward(student, z, g, d):
    """The loss, and exactly the four gradients of the generator."""
    what = "g_backward(z, theta_g, theta_d)"
    loss, gradients = parts(student.g_backward(z, g, d), ("loss", "gradients"), what=what)
    if not isinstance(gradients, dict) or sorted(map(str, gradients)) != sorted(OF_G):
        raise CheckFailed(f"The second result of {what} is not a dict with the keys {', '.join(OF_G)}, and no others.")
    return loss, gradients


def _nets(rng, *, n, noise, inner, features, hidden):
    """z and the eight arrays, all units of the discriminator away from their kink."""
    while True:
        z = inputs.normal(rng, (n, noise))
        shapes = (
            (noise, inner),
            (inner,),
            (inner, features),
            (features,),
            (features, hidden),
            (hidden,),
            (hidden,),
            (1,),
        )
        arrays = [inputs.normal(rng, shape, scale=0.7) for shape in shapes]
        W1, b1, W2, b2, V1, c1, *_ = arrays
        units = (np.tanh(z @ W1 + b1) @ W2 + b2) @ V1 + c1
        if np.abs(units).min() > 0.01 and (units > 0).any() and (units < 0).any():
            return (z, *arrays)


def _split(args):
    z, *arrays = args
    return z, dict(zip(OF_G, arrays[:4], strict=True)), dict(zip(OF_D, arrays[4:], strict=True))


class _Loss:
    """g_backward as a function of nine arrays, for finite differences."""

    def __init__(self, function):
        self.function, self.name = function, "g_backward"

    def __call__(self, *args):
        return self.function(*_split(args))

    def map(self, calls):
        return self.function.map([_split(args) for args in calls])


def _state(rng, inputs_, hidden, outputs_):
    """Parameters of one of the two modules, in the order in which the reference takes them."""
    shapes = ((hidden, inputs_), (hidden,), (outputs_, hidden), (outputs_,))
    return {name: inputs.normal(rng, shape, scale=0.6) for name, shape in zip(NAMES, shapes, strict=True)}


def _game(rng):
    """Both networks, real data, and noise for either step: three batches of different size."""
    g, d = _state(rng, 2, 5, 3), _state(rng, 3, 4, 1)
    return g, d, inputs.normal(rng, (6, 3)) + 1, inputs.normal(rng, (8, 2)), inputs.normal(rng, (7, 2))


def _played(student, g, d, moves, what):
    logs, g_after, d_after = parts(student.run(played, g, d, moves), ("logs", "G", "D"), what=what)
    states = []
    for state, before in ((g_after, g), (d_after, d)):
        named = zip(NAMES, parts(state, NAMES, what=f"parameters after {what}"), strict=True)
        states.append({name: array_of_shape(value, before[name].shape, what=name) for name, value in named})
    return logs, *states


def _assert_bitwise(after, before, net, step):
    changed = [name for name in NAMES if after[name].tobytes() != before[name].tobytes()]
    if changed:
        raise CheckFailed(
            f"{step} changes {net}: {', '.join(changed)} {'are' if len(changed) > 1 else 'is'} not what it was."
        )


def _assert_moved(after, before, net, step):
    still = [name for name in NAMES if np.array_equal(after[name], before[name])]
    if still:
        raise CheckFailed(f"{step} leaves {', '.join(still)} of {net} as it was, expected a step of the optimiser.")
