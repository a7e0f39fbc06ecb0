"""Hidden checks of generative adversarial networks: the case packs, the properties, and a short game."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_backward_close,
    assert_close,
    assert_dtype,
    assert_integer,
    assert_trains,
    assert_unchanged,
    parts,
)
from autograder.errors import CheckFailed, StudentRaised

OF_G = ("W1", "b1", "W2", "b2")
OF_D = ("V1", "c1", "v2", "c2")
NAMES = ("inner.weight", "inner.bias", "outer.weight", "outer.bias")
KINDS = ("non-saturating", "minimax")

# --- q1 d_loss --------------------------------------------------------------------------------------------------------


@check("q1", points=3, repeat=3)
def d_loss_is_right(student, reference, rng):
    """The loss is right for batches of any two sizes, with logits in a row or in a column."""
    for real, fake in (((5,), (3,)), ((1,), (4,)), ((2,), (1,)), ((3, 1), (5, 1)), ((4,), (6, 1))):
        s_real, s_fake = inputs.uniform(rng, real, -4, 4), inputs.uniform(rng, fake, -4, 4)
        loss, _, _ = _d_loss(student, s_real, s_fake)
        assert_close(loss, reference.d_loss(s_real, s_fake), what=f"loss for logits of shapes {real} and {fake}")


@check("q1", points=3, repeat=3)
def d_slopes_are_right(student, reference, rng):
    """ds_real and ds_fake are right, and have the shapes of s_real and s_fake."""
    for real, fake in (((5,), (3,)), ((1,), (4,)), ((3, 1), (5, 1)), ((4,), (6, 1))):
        s_real, s_fake = inputs.uniform(rng, real, -4, 4), inputs.uniform(rng, fake, -4, 4)
        _, ds_real, ds_fake = _d_loss(student, s_real, s_fake)
        given, what = {"ds_real": ds_real, "ds_fake": ds_fake}, f"d_loss for shapes {real} and {fake}"
        assert_backward_close(given, reference.d_loss, (s_real, s_fake), what=what)


@check("q1", points=2)
def a_certain_discriminator_overflows_nothing(student, reference, rng):
    """From -1000 to 1000 loss and slopes are right and silent, in float64 and in float32."""
    s_real = np.concatenate([inputs.large(rng, (4,)), inputs.normal(rng, (3,)), [1000.0, -1000.0, 1e-8]])
    s_fake = np.concatenate([inputs.large(rng, (5,)), inputs.normal(rng, (2,)), [1000.0, -1000.0]])
    for dtype in (np.float64, np.float32):
        args = s_real.astype(dtype), s_fake.astype(dtype)
        loss, ds_real, ds_fake = _d_loss(student, *args)
        assert_close(loss, reference.d_loss(*args), dtype=dtype, what="loss for logits up to +-1000")
        given = {"ds_real": ds_real, "ds_fake": ds_fake}
        assert_backward_close(given, reference.d_loss, args, what="d_loss for logits up to +-1000")
        student.d_loss.strictly(*args)


@check("q1", points=1)
def d_loss_reads_any_layout_and_keeps_float32(student, reference, rng):
    """Reversed and strided arrays are read right, float32 logits give float32 slopes, and nothing is written into."""
    s_real, s_fake = inputs.normal(rng, (6,), scale=2), inputs.normal(rng, (4,), scale=2)
    right = reference.d_loss.gradient((s_real, s_fake), wrt=(0, 1))
    other = inputs.layouts(s_fake)
    for layout, view in inputs.layouts(s_real).items():
        _, ds_real, ds_fake = _d_loss(student, view, other[layout])
        for name, value, expected in zip(("ds_real", "ds_fake"), (ds_real, ds_fake), right, strict=True):
            assert_close(value, expected, kind="gradient", what=f"{name} for a {layout}")
    single = s_real.astype(np.float32), s_fake.astype(np.float32)
    for name, value in zip(("ds_real", "ds_fake"), _d_loss(student, *single)[1:], strict=True):
        assert_dtype(value, np.float32, what=f"{name} for float32 logits")
    assert_unchanged(student.d_loss, (s_real, s_fake), what="d_loss")


@check("q1", points=1)
def a_confident_mistake_costs_its_logit(student, rng):
    """Taking one fake of M for real, with a logit a of hundreds, costs a / M, and a real one of N with -a costs a / N."""
    a = float(inputs.uniform(rng, (), 300, 700))
    for size in (1, 3):
        right = np.full(4, 800.0)
        fakes = np.concatenate([[a], np.full(size - 1, -800.0)])
        loss, _, _ = _d_loss(student, right, fakes)
        assert_close(loss, a / size, what=f"loss where one of {size} fakes is taken for real")
        loss, _, _ = _d_loss(student, -fakes, -right)
        assert_close(loss, a / size, what=f"loss where one of {size} real samples is taken for fake")


# --- q2 g_loss --------------------------------------------------------------------------------------------------------


@check("q2", points=2, repeat=2)
def g_loss_is_right(student, reference, rng):
    """Both losses are right for batches of any size, and kind is "non-saturating" where it is not given."""
    for shape in ((5,), (1,), (4, 1)):
        s = inputs.uniform(rng, shape, -4, 4)
        for kind in KINDS:
            loss, _ = _g_loss(student, s, kind)
            assert_close(loss, reference.g_loss(s, kind), what=f'loss of g_loss(s_fake, "{kind}") for shape {shape}')
        loss, _ = parts(student.g_loss(s), ("loss", "ds_fake"), what="g_loss(s_fake)")
        assert_close(loss, reference.g_loss(s), what=f"loss of g_loss(s_fake) for shape {shape}")


@check("q2", points=3, repeat=2)
def g_slopes_are_right(student, reference, rng):
    """ds_fake is right for both kinds, and has the shape of s_fake."""
    for shape in ((5,), (1,), (4, 1)):
        s = inputs.uniform(rng, shape, -4, 4)
        for kind in KINDS:
            _, ds = _g_loss(student, s, kind)
            what = f'g_loss(s_fake, "{kind}") for shape {shape}'
            assert_backward_close({"ds_fake": ds}, reference.g_loss, (s, kind), what=what)


@check("q2", points=1)
def the_two_slopes_differ_by_a_power_of_e(student, rng):
    """For every logit s, the non-saturating slope is exp(-s) times the minimax slope."""
    s = inputs.normal(rng, (7,), scale=2)
    _, strong = _g_loss(student, s, "non-saturating")
    _, weak = _g_loss(student, s, "minimax")
    strong, weak = array_of_shape(strong, (7,), what="ds_fake"), array_of_shape(weak, (7,), what="ds_fake")
    assert_close(strong, np.exp(-s) * weak, kind="gradient", what="non-saturating slope")
    assert_trains(float(np.abs(weak).min()), above=1e-9, what="smallest minimax slope, without its sign")


@check("q2", points=2)
def where_fakes_are_found_out_one_slope_is_left(student, reference, rng):
    """At logits near -20 the minimax slope is about 1e-9, the other 1 / N; up to +-1000 both are right and silent."""
    found_out = -inputs.uniform(rng, (5,), 18, 22)
    mixed = np.concatenate([inputs.large(rng, (4,)), [1000.0, -1000.0, 1e-8], inputs.normal(rng, (2,))])
    for s in (found_out, found_out.astype(np.float32), mixed, mixed.astype(np.float32)):
        for kind in KINDS:
            result = student.g_loss.strictly(s, kind)
            loss, ds = parts(result, ("loss", "ds_fake"), what=f'g_loss(s_fake, "{kind}")')
            far = "near -20" if s.size == 5 else "up to +-1000"
            what = f'g_loss(s_fake, "{kind}") for {s.dtype} logits {far}'
            assert_close(loss, reference.g_loss(s, kind), dtype=s.dtype, what=f"loss of {what}")
            (right,) = reference.g_loss.gradient((s, kind), wrt=(0,))
            assert_close(ds, right, kind="gradient", dtype=s.dtype, what=f"ds_fake of {what}")
            if s.size == 5 and kind == "minimax":  # enlarged: 1e-9 would be lost beside an absolute tolerance
                scaled = 1e9 * array_of_shape(ds, (5,), what="ds_fake").astype(np.float64)
                assert_close(scaled, 1e9 * right, kind="gradient", dtype=s.dtype, what=f"10^9 ds_fake of {what}")


@check("q2", points=1)
def g_loss_keeps_float32_and_its_argument(student, rng):
    """Float32 logits give float32 slopes, and s_fake is not written into."""
    s = inputs.normal(rng, (5,), scale=2)
    for kind in KINDS:
        _, ds = _g_loss(student, s.astype(np.float32), kind)
        assert_dtype(ds, np.float32, what=f'ds_fake of g_loss(s_fake, "{kind}") for float32')
        assert_unchanged(student.g_loss, (s, kind), what="g_loss")


@check("q2", points=1)
def other_kinds_are_refused(student, rng):
    """A kind that is neither raises ValueError."""
    s = inputs.normal(rng, (3,))
    _g_loss(student, s, "minimax")
    for kind in ("maximin", "", "least squares"):
        _assert_refused(student.g_loss, (s, kind), f'g_loss(s_fake, "{kind}")')


# --- q3 optimal_discriminator -----------------------------------------------------------------------------------------


@check("q3", points=3, repeat=2)
def best_discriminator_is_right(student, reference, rng):
    """p / (p + q) is right for tables, for densities on a grid, and for numbers that are very small."""
    for shape in ((7,), (3, 5), (1,)):
        p, q = inputs.uniform(rng, shape, 0.01, 3), inputs.uniform(rng, shape, 0.01, 3)
        for scale in (1.0, 1e-12):
            given = student.optimal_discriminator(scale * p, scale * q)
            what = f"optimal_discriminator(p, q) for shape {shape}" + (", numbers near 1e-12" if scale < 1 else "")
            assert_close(given, reference.optimal_discriminator(scale * p, scale * q), what=what)
    assert_unchanged(student.optimal_discriminator, (p, q), what="optimal_discriminator")


@check("q3", points=2)
def nothing_is_seen_where_both_are_zero(student, reference, rng):
    """Where p and q are both 0 the answer is 1/2, where one of them is 0 it is 0 or 1, without a warning; float32 stays."""
    p, q = _with_zeros(rng)
    for dtype in (np.float64, np.float32):
        given = student.optimal_discriminator.strictly(p.astype(dtype), q.astype(dtype))
        expected = reference.optimal_discriminator(p, q)
        what = f"optimal_discriminator(p, q) with zeros, {np.dtype(dtype).name}"
        assert_close(given, expected, dtype=dtype, actual_dtype=dtype, what=what)


# --- q4 gan_value, jsd ------------------------------------------------------------------------------------------------


@check("q4", points=2, repeat=2)
def value_is_right(student, reference, rng):
    """gan_value is right for any p, q and D."""
    for size in (5, 1, 12):
        p, q = inputs.probabilities(rng, (size,)), inputs.probabilities(rng, (size,))
        D = inputs.uniform(rng, (size,), 0.05, 0.95)
        assert_close(student.gan_value(p, q, D), reference.gan_value(p, q, D), what=f"gan_value(p, q, D) for K={size}")
    assert_unchanged(student.gan_value, (p, q, D), what="gan_value")


@check("q4", points=2, repeat=2)
def divergence_is_right(student, reference, rng):
    """jsd is right, the same for (q, p), 0 for equal tables and ln 2 for tables that share nothing."""
    p, q = inputs.probabilities(rng, (6,)), inputs.probabilities(rng, (6,))
    right = reference.jsd(p, q)
    assert_close(student.jsd(p, q), right, what="jsd(p, q)")
    assert_close(student.jsd(q, p), right, what="jsd(q, p)")
    assert_close(student.jsd(p, p), 0.0, kind="exact", what="jsd(p, p)")
    apart = np.concatenate([p, np.zeros(6)]), np.concatenate([np.zeros(6), q])
    assert_close(student.jsd(*apart), np.log(2), what="jsd of two tables that share nothing")
    assert_unchanged(student.jsd, (p, q), what="jsd")


@check("q4", points=2)
def what_never_happens_costs_nothing(student, reference, rng):
    """Where p or q is 0 its term is 0, also for D = 0 or D = 1 there, without a warning."""
    p, q = _with_zeros(rng)
    p, q = p / p.sum(), q / q.sum()
    D = reference.optimal_discriminator(p, q)
    assert_close(
        student.gan_value.strictly(p, q, D), reference.gan_value(p, q, D), what="gan_value(p, q, best D), zeros"
    )
    assert_close(student.jsd.strictly(p, q), reference.jsd(p, q), what="jsd(p, q) with zeros")


# --- q5 fit_tabular_d -------------------------------------------------------------------------------------------------


@check("q5", points=2, repeat=2)
def steps_of_ascent_are_right(student, reference, rng):
    """D is right after 0, 1, 2 and 7 steps, for several learning rates; p and q are left alone."""
    for size in (5, 1, 8):
        p, q = inputs.probabilities(rng, (size,)), inputs.probabilities(rng, (size,))
        for lr, steps in ((0.7, 0), (2.5, 1), (1.5, 2), (4.0, 7)):
            given = student.fit_tabular_d(p, q, lr, steps)
            right = reference.fit_tabular_d(p, q, lr, steps)
            assert_close(given, right, what=f"fit_tabular_d(p, q, {lr}, {steps}) for K={size}")
    assert_unchanged(student.fit_tabular_d, (p, q, 1.0, 3), what="fit_tabular_d")


@check("q5", points=2)
def ascent_arrives_at_the_best_discriminator(student, reference, rng):
    """After 400 long steps D is p / (p + q) to 1e-6, and 1/2 where both are 0."""
    p, q = (inputs.uniform(rng, (6,), 0.1, 0.3) for _ in range(2))
    p[2] = q[2] = 0.0
    given = student.fit_tabular_d(p, q, 8.0, 400)
    best = reference.optimal_discriminator(p, q)
    assert_close(given, best, rtol=0.0, atol=1e-6, what="fit_tabular_d(p, q, 8.0, 400)",
                 because="400 steps of this length come to 1e-12 of the limit")  # fmt: skip


# --- q6 g_backward ----------------------------------------------------------------------------------------------------


@check("q6", points=5, repeat=3)
def nets_gradients_are_right(student, reference, rng):
    """The loss and all four gradients are right, for networks and batches of any size."""
    for sizes in ((4, 2, 5, 3, 6), (1, 3, 2, 4, 5), (6, 1, 4, 2, 3)):
        args = _nets(rng, *sizes)
        loss, gradients = _g_backward(student, *_split(args))
        what = "g_backward for N={}, Z={}, A={}, F={}, H={}".format(*sizes)
        assert_close(loss, reference.g_loss_of_nets(*args), what=f"loss of {what}")
        given = {f"d{name}": gradients[name] for name in OF_G}
        assert_backward_close(given, reference.g_loss_of_nets, args, what=what)


@check("q6", points=2)
def a_generator_that_is_found_out_still_learns(student, reference, rng):
    """Where the discriminator is certain that all is fake, the gradients are as large as ever, and silent."""
    z, *arrays = _nets(rng, 4, 2, 5, 3, 6)
    arrays[-1] = arrays[-1] - 60.0
    args = (z, *arrays)
    result = student.g_backward.strictly(*_split(args))
    loss, gradients = _of_g(result)
    assert_close(loss, reference.g_loss_of_nets(*args), what="loss of g_backward for logits near -60")
    given = {f"d{name}": gradients[name] for name in OF_G}
    assert_backward_close(given, reference.g_loss_of_nets, args, what="g_backward for logits near -60")


@check("q6", points=1)
def g_backward_keeps_float32(student, reference, rng):
    """Float32 networks give float32 gradients."""
    args = tuple(each.astype(np.float32) for each in _nets(rng, 4, 2, 5, 3, 6))
    _, gradients = _g_backward(student, *_split(args))
    for name in OF_G:
        assert_dtype(gradients[name], np.float32, what=f"d{name} for float32")
    given = {f"d{name}": gradients[name] for name in OF_G}
    assert_backward_close(given, reference.g_loss_of_nets, args, what="g_backward for float32")


@check("q6", points=1)
def both_networks_are_left_alone(student, rng):
    """g_backward writes into neither z nor either network."""
    assert_unchanged(student.g_backward, _split(_nets(rng, 4, 2, 5, 3, 6)), what="g_backward")


# --- q7 Generator, Discriminator --------------------------------------------------------------------------------------


@check("q7", points=3, repeat=2)
def autograd_finds_all_parameters(student, reference, rng):
    """For batches of any size, one row too, outputs and gradients by inputs and parameters are right, in float32 too."""
    for noise, hidden, features, n in ((2, 5, 3, 4), (3, 4, 1, 1), (1, 6, 2, 3)):
        g, d = _state(rng, noise, hidden, features), _state(rng, features, hidden, 1)
        z, x = inputs.normal(rng, (n, noise), scale=2), inputs.normal(rng, (n, features), scale=2)
        up_g, up_d = inputs.normal(rng, (n, features)), inputs.normal(rng, (n,))
        games = (
            ("G(z)", "Generator", reference.generator, reference.generator_weighted, g, z, up_g),
            ("D(x)", "Discriminator", reference.discriminator, reference.discriminator_weighted, d, x, up_d),
        )
        for call, kind, forward, weighted, state, data, up in games:
            for dtype in ("float64", "float32"):
                names = ("output", "inputs", *NAMES)
                found = parts(student.run(differentiated, kind, state, data, up, dtype), names, what=call)
                right, what = forward(data, *state.values()), f"{call} for N={n}, {dtype}"
                assert_close(found[0], right, dtype=dtype, actual_dtype=dtype, what=what)
                args = (data, *state.values(), up)
                expected = weighted.gradient(args, wrt=range(5))
                for name, value, slope in zip(names[1:], found[1:], expected, strict=True):
                    assert_close(value, slope, kind="gradient", dtype=dtype, what=f"gradient by {name} of {what}")


# --- q8 d_step, g_step, gan_step --------------------------------------------------------------------------------------


@check("q8", points=3, repeat=2)
def discriminator_step_is_right(student, reference, rng):
    """After d_step D is right, with batches of different size, and with old gradients still lying about."""
    for leftover in (0.0, 3.0):
        g, d, x, z, _ = _game(rng)
        moves = [{"x_real": x, "z_d": z}]
        _, right, (log,) = reference.train(g, d, moves, 0.1, 0.2)
        logs, _, d_after = _played(student, g, d, moves, "sgd", leftover)
        _assert_state(d_after, right, "D after d_step" + (", with old gradients" if leftover else ""))
        assert_close(logs[0]["d_loss"], log["d_loss"], what="d_step(G, D, opt_d, x_real, z)")


@check("q8", points=3, repeat=2)
def generator_step_is_right(student, reference, rng):
    """After g_step G is right, also where D sees through every fake, and with old gradients still lying about."""
    for leftover, certainty in ((0.0, 0.0), (3.0, 0.0), (0.0, 12.0)):
        g, d, _, _, z = _game(rng)
        d["outer.bias"] = d["outer.bias"] - certainty
        moves = [{"z_g": z}]
        right, _, (log,) = reference.train(g, d, moves, 0.1, 0.2)
        logs, g_after, _ = _played(student, g, d, moves, "sgd", leftover)
        case = ", with old gradients" if leftover else ", found out" if certainty else ""
        _assert_state(g_after, right, "G after g_step" + case)
        assert_close(logs[0]["g_loss"], log["g_loss"], what="g_step(G, D, opt_g, z)")


@check("q8", points=2)
def no_gradient_of_d_reaches_g(student, rng):
    """d_step leaves no gradient behind on the generator: its fakes are cut out of the graph."""
    g, d, x, z, _ = _game(rng)
    largest = student.run(gradient_left_on_g, g, d, x, z)
    if float(array_of_shape(largest, (), what="largest gradient on G")) != 0.0:
        raise CheckFailed("After d_step, the generator's parameters hold a gradient, expected none.")


@check("q8", points=4, repeat=2)
def three_rounds_are_right(student, reference, rng):
    """Three gan_steps give the right losses and the right parameters, with plain descent and with Adam."""
    for rule in ("sgd", "adam"):
        g, d, *_ = _game(rng)
        moves = [dict(zip(("x_real", "z_d", "z_g"), _game(rng)[2:], strict=True)) for _ in range(3)]
        right_g, right_d, right_logs = reference.train(g, d, moves, 0.1, 0.2, rule)
        logs, g_after, d_after = _played(student, g, d, moves, rule, 0.0)
        for k, (log, right) in enumerate(zip(logs, right_logs, strict=True)):
            for name in ("d_loss", "g_loss"):
                assert_close(log[name], right[name], what=f'"{name}" of round {k + 1}, {rule}')
        _assert_state(g_after, right_g, f"G after three rounds, {rule}")
        _assert_state(d_after, right_d, f"D after three rounds, {rule}")


@check("q8", points=2, behaviour=True)
def the_game_is_learned(student, rng):
    """In 600 rounds from noise around 0, the generator's mean comes within 1.2 of 4, and its spread between 0.3 and 3."""
    # Of 60 games the mean was 3.4 to 4.5 and the standard deviation 0.8 to 1.8; a generator that does not learn stays at 0.
    g, d = _state(rng, 4, 8, 1), _state(rng, 1, 16, 1)
    x = inputs.normal(rng, (600, 32, 1), scale=1.25, dtype=np.float32) + np.float32(4)
    z = inputs.normal(rng, (600, 2, 32, 4), dtype=np.float32)
    made = student.run(game, g, d, x, z, inputs.normal(rng, (1000, 4), dtype=np.float32))
    made = array_of_shape(made, (1000, 1), what="G(z) after 600 rounds").astype(np.float64)
    assert_trains(float(abs(made.mean() - 4)), below=1.2, what="distance of the generator's mean from 4")
    assert_trains(float(made.std()), above=0.3, what="spread of the generator")
    assert_trains(float(made.std()), below=3.0, what="spread of the generator")


# --- q9 mode_stats ----------------------------------------------------------------------------------------------------


@check("q9", points=3, repeat=3)
def modes_are_counted(student, reference, rng):
    """Modes and share are right for many samples, in two dimensions and in more, also where circles overlap."""
    for samples, centres, radius in _crowds(rng):
        modes, share = parts(student.mode_stats(samples, centres, radius), ("modes", "share"), what="mode_stats(...)")
        right_modes, right_share = reference.mode_stats(samples, centres, radius)
        case = f"{len(samples)} samples, {len(centres)} modes in {samples.shape[1]} dimensions"
        assert_integer(modes, right_modes, what=f"modes of {case}")
        assert_close(share, right_share, what=f"share of {case}")
    assert_unchanged(student.mode_stats, (samples, centres, radius), what="mode_stats")


@check("q9", points=1)
def one_in_a_hundred_is_enough(student):
    """One sample of 100 makes a mode, one of 101 does not; a sample at exactly the radius counts."""
    centres = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
    for total, stray, right in ((100, 0, 2), (101, 0, 1), (101, 20, 1), (200, 0, 1)):
        far_away = np.full((stray, 2), -5.0)
        samples = np.concatenate([np.zeros((total - stray - 1, 2)), [[8.0, 0.5]], far_away])
        modes, share = parts(student.mode_stats(samples, centres, 0.5), ("modes", "share"), what="mode_stats(...)")
        assert_integer(modes, right, what=f"modes where one of {total} samples is at the second centre")
        what = f"share of {total} samples, one of them at exactly the radius, {stray} far away"
        assert_close(share, 1 - stray / total, what=what)


# --- probes: these run beside the student's code ----------------------------------------------------------------------


def differentiated(kind, state, data, up, dtype):
    """Output of a module with these parameters, and the gradients of sum(output * up) by inputs and parameters."""
    import torch

    (hidden, first), last = state["inner.weight"].shape, len(state["outer.bias"])
    dtype = getattr(torch, dtype)
    net = (Generator(first, hidden, last) if kind == "Generator" else Discriminator(first, hidden)).to(dtype)  # noqa: F821
    net.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    data = torch.tensor(data, dtype=dtype, requires_grad=True)
    out = net(data)
    up = torch.tensor(up, dtype=dtype)
    if out.shape != up.shape:
        return out.detach(), *[None] * 5
    (out * up).sum().backward()
    found = [data, *(dict(net.named_parameters())[name] for name in state)]
    return out.detach(), *(torch.zeros_like(each) if each.grad is None else each.grad for each in found)


def played(g, d, moves, rule, leftover):
    """Moves from these parameters, with learning rates 0.1 for G and 0.2 for D: losses, and the parameters after them."""
    from collections import OrderedDict

    import torch
    from torch import nn

    def _net(state, between):
        sizes = [(value.shape[1], value.shape[0]) for name, value in state.items() if name.endswith("weight")]
        layers = {"inner": nn.Linear(*sizes[0]), "between": between, "outer": nn.Linear(*sizes[1])}
        made = nn.Sequential(OrderedDict(layers)).double()
        made.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
        return made

    def _optimiser(net, lr):
        if rule == "adam":
            return torch.optim.Adam(net.parameters(), lr=lr, betas=(0.5, 0.999))
        return torch.optim.SGD(net.parameters(), lr=lr)

    G, D = _net(g, nn.Tanh()), nn.Sequential(_net(d, nn.LeakyReLU(0.2)), nn.Flatten(0))
    opt_g, opt_d = _optimiser(G, 0.1), _optimiser(D, 0.2)
    if leftover:
        for parameter in (*G.parameters(), *D.parameters()):
            parameter.grad = torch.full_like(parameter, leftover)
    logs = []
    for move in moves:
        given = {name: torch.tensor(value) for name, value in move.items()}
        if len(given) == 3:
            logs.append(gan_step(G, D, opt_g, opt_d, given["x_real"], given["z_d"], given["z_g"]))  # noqa: F821
        elif "z_g" in given:
            logs.append({"g_loss": g_step(G, D, opt_g, given["z_g"])})  # noqa: F821
        else:
            logs.append({"d_loss": d_step(G, D, opt_d, given["x_real"], given["z_d"])})  # noqa: F821
    return logs, *({name: each.detach() for name, each in made.state_dict().items()} for made in (G, D[0]))


def gradient_left_on_g(g, d, x, z):
    """The largest element, without its sign, of what a d_step leaves on G."""
    import torch
    from torch import nn

    G = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    D = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1), nn.Flatten(0)).double()
    for net, state in ((G, g), (D, d)):
        for parameter, value in zip(net.parameters(), state.values(), strict=True):
            parameter.data = torch.tensor(value)
    d_step(G, D, torch.optim.SGD(D.parameters(), lr=0.2), torch.tensor(x), torch.tensor(z))  # noqa: F821
    return max((float(each.grad.abs().max()) for each in G.parameters() if each.grad is not None), default=0.0)


def game(g, d, x, z, z_last):
    """G(z_last) after a round for each batch."""
    import torch
    from torch import nn

    G = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    D = nn.Sequential(nn.Linear(1, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Flatten(0))
    for net, state in ((G, g), (D, d)):
        for parameter, value in zip(net.parameters(), state.values(), strict=True):
            parameter.data = torch.tensor(value, dtype=torch.float32)
    opt_g = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.9))
    opt_d = torch.optim.Adam(D.parameters(), lr=0.02, betas=(0.5, 0.9))
    for x_real, (z_d, z_g) in zip(torch.tensor(x), torch.tensor(z), strict=True):
        gan_step(G, D, opt_g, opt_d, x_real, z_d, z_g)  # noqa: F821
    return G(torch.tensor(z_last)).detach()


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _d_loss(student, s_real, s_fake):
    names = ("loss", "ds_real", "ds_fake")
    return parts(student.d_loss(s_real, s_fake), names, what="d_loss(s_real, s_fake)")


def _g_loss(student, s_fake, kind):
    return parts(student.g_loss(s_fake, kind), ("loss", "ds_fake"), what=f'g_loss(s_fake, "{kind}")')


def _with_zeros(rng):
    """Tables of eight values: zero in p, in q, and in both."""
    p, q = inputs.uniform(rng, (8,), 0.05, 0.4), inputs.uniform(rng, (8,), 0.05, 0.4)
    order = rng.permutation(8)
    p[order[:3]] = 0.0
    q[order[2:5]] = 0.0
    return p, q


def _g_backward(student, z, g, d):
    return _of_g(student.g_backward(z, g, d))


def _of_g(result):
    """The loss, and exactly the four gradients of the generator."""
    what = "g_backward(z, theta_g, theta_d)"
    loss, gradients = parts(result, ("loss", "gradients"), what=what)
    if not isinstance(gradients, dict) or sorted(map(str, gradients)) != sorted(OF_G):
        raise CheckFailed(f"The second result of {what} is not a dict with the keys {', '.join(OF_G)}, and no others.")
    return loss, gradients


def _nets(rng, n, noise, inner, features, hidden):
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


def _state(rng, inputs_, hidden, outputs_):
    """Parameters of one of the two modules, in the order in which the reference takes them."""
    shapes = ((hidden, inputs_), (hidden,), (outputs_, hidden), (outputs_,))
    return {name: inputs.normal(rng, shape, scale=0.6) for name, shape in zip(NAMES, shapes, strict=True)}


def _game(rng):
    """Both networks, real data, and noise for either step: three batches of different size."""
    g, d = _state(rng, 2, 5, 3), _state(rng, 3, 4, 1)
    return g, d, inputs.normal(rng, (6, 3)) + 1, inputs.normal(rng, (8, 2)), inputs.normal(rng, (7, 2))


def _played(student, g, d, moves, rule, leftover):
    result = student.run(played, g, d, moves, rule, leftover)
    logs, g_after, d_after = parts(result, ("logs", "G", "D"), what="the steps")
    for log, move in zip(logs, moves, strict=True):
        if not isinstance(log, dict) or (len(move) == 3 and not {"d_loss", "g_loss"} <= log.keys()):
            raise CheckFailed('gan_step does not return a dict with the keys "d_loss" and "g_loss".')
    return logs, g_after, d_after


def _assert_state(state, right, what):
    for name, value in zip(NAMES, parts(state, NAMES, what=what), strict=True):
        assert_close(value, right[name], what=f"{name} of {what}")


def _crowds(rng):
    """Samples around the centres, but few around the second and none around the first; others far away, or just outside.

    In the last crowd circles overlap, and the first centre's holds samples that belong to another.

    No sample lies exactly on a circle, and their number is no multiple of 100: ties have a check of their own.
    """
    for dimensions, count, radius in ((2, 8, 0.3005), (3, 5, 0.4005), (2, 6, 1.5005)):
        centres = inputs.normal(rng, (count, dimensions), scale=2)
        if radius > 1:
            centres[0] = centres[2] + (0.9, 0.0)
        counts = np.concatenate([[0, 3], rng.integers(6, 90, count - 2)])
        around = np.repeat(centres, counts, axis=0)
        samples = around + inputs.normal(rng, around.shape, scale=0.15)
        stray = inputs.uniform(rng, (25, dimensions), -6, 6)
        corners = centres + 0.9 * radius * rng.choice([-1.0, 1.0], centres.shape)
        samples = np.concatenate([samples, stray, corners])
        yield rng.permutation(samples[len(samples) % 100 == 0 :]), centres, radius


def _assert_refused(function, args, what):
    try:
        function(*args)
    except StudentRaised as error:
        if error.exception == "ValueError":
            return
        raise CheckFailed(f"{what} raised another exception than ValueError.") from None
    raise CheckFailed(f"{what} gave an answer, expected ValueError.")
