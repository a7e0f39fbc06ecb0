"""Public checks of diffusion: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import array_of_shape, assert_close, assert_integer, assert_shape, parts
from autograder.errors import CheckFailed

SHAPES = {
    "first.weight": (5, 10),
    "first.bias": (5,),
    "second.weight": (5, 5),
    "second.bias": (5,),
    "last.weight": (2, 5),
    "last.bias": (2,),
}
"""Of NoisePredictor(2, 5, T)."""

# --- q1 make_schedule -------------------------------------------------------------------------------------------------


@check("q1", points=2)
def four_steps_by_hand(student):
    """For T = 4, linear from 0.1 to 0.4, beta is 0, 0.1, 0.2, 0.3, 0.4 and abar is 1, 0.9, 0.72, 0.504, 0.3024."""
    expected = _worked()
    for name, value in _made(student, 4, "linear", 0.1, 0.4).items():
        assert_close(value, expected[name], what=f'"{name}" of make_schedule(4, "linear", 0.1, 0.4)')


@check("q1", points=1)
def time_zero_is_the_image(student):
    """Both kinds have T + 1 entries; beta[0] = 0 and abar[0] = 1, and from there abar falls at every step."""
    for kind in ("linear", "cosine"):
        sch = _made(student, 12, kind)
        what = f'of make_schedule(12, "{kind}")'
        for name, value in sch.items():
            assert_shape(value, (13,), what=f'"{name}" {what}')
        start = [sch["beta"][0], sch["alpha"][0], sch["abar"][0]]
        assert_close(start, [0.0, 1.0, 1.0], kind="exact", what=f"beta[0], alpha[0] and abar[0] {what}")
        if not (np.diff(sch["abar"]) < 0).all():
            raise CheckFailed(f"abar {what} does not fall at every step.")


# --- q2 at, q_step, q_sample ------------------------------------------------------------------------------------------


@check("q2", points=1)
def each_sample_gets_the_factor_of_its_time(student):
    """at([1, 10, 100], [2, 0], x) multiplies the first row of x by 100 and the second by 1."""
    values, x = np.array([1.0, 10.0, 100.0]), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    result = student.run(product, values, np.array([2, 0]), x)
    assert_close(result, [[100.0, 200.0, 300.0], [4.0, 5.0, 6.0]], what="at(values, [2, 0], x) * x")
    assert_close(student.run(product, values, 1, x), 10 * x, what="at(values, 1, x) * x")


@check("q2", points=2)
def one_number_noised_by_hand(student):
    """From 2 with noise -1 at t = 3, one step gives 1.125597, and all three steps in one give 0.715586."""
    two, noise, sch = np.array([2.0]), np.array([-1.0]), _worked()
    assert_close(student.q_step(two, 3, noise, sch), [1.1255974955629848], what="q_step(2, 3, -1, sch)")
    assert_close(student.q_sample(two, 3, noise, sch), [0.7155864734775474], what="q_sample(2, 3, -1, sch)")


@check("q2", points=1)
def no_time_no_noise(student, rng):
    """At t = 0, q_sample gives x0 back; at t = 1, it does the same as q_step."""
    x0, eps, sch = inputs.normal(rng, (3, 2)), inputs.normal(rng, (3, 2)), _worked()
    assert_close(student.q_sample(x0, 0, eps, sch), x0, kind="exact", what="q_sample(x0, 0, eps, sch)")
    first = array_of_shape(student.q_step(x0, 1, eps, sch), (3, 2), what="q_step(x0, 1, eps, sch)")
    assert_close(student.q_sample(x0, 1, eps, sch), _finite(first, "q_step"), what="q_sample(x0, 1, eps, sch)")


# --- q3 predict_x0, predict_eps ---------------------------------------------------------------------------------------


@check("q3", points=1)
def guesses_by_hand(student):
    """For x_3 = 1, the noise -1 means x_0 = 2.400622, and the image 2 means eps = -0.596160."""
    one, sch = np.array([1.0]), _worked()
    assert_close(student.predict_x0(one, 3, np.array([-1.0]), sch), [2.400622170071321], what="predict_x0(1, 3, -1)")
    assert_close(student.predict_eps(one, 3, np.array([2.0]), sch), [-0.596159929479079], what="predict_eps(1, 3, 2)")


@check("q3", points=1)
def one_undoes_the_other(student, rng):
    """predict_eps of the x0 that predict_x0 gives is the noise that went in, with a time for each sample."""
    xt, eps, t, sch = inputs.normal(rng, (4, 3)), inputs.normal(rng, (4, 3)), np.array([4, 1, 3, 2]), _worked()
    x0 = _finite(array_of_shape(student.predict_x0(xt, t, eps, sch), (4, 3), what="predict_x0(xt, t, eps)"), "x0")
    assert_close(student.predict_eps(xt, t, x0, sch), eps, what="predict_eps(xt, t, predict_x0(xt, t, eps))")


# --- q4 posterior -----------------------------------------------------------------------------------------------------


@check("q4", points=2)
def the_way_back_by_hand(student):
    """For x_0 = 2 and x_3 = 1, x_2 has mean 1.498753 and variance 0.169355."""
    result = student.posterior(np.array([2.0]), np.array([1.0]), 3, _worked())
    mean, var = parts(result, ("mean", "var"), what="posterior(2, 1, 3, sch)")
    assert_close(mean, [1.498753407023902], what="mean of posterior(2, 1, 3, sch)")
    assert_close(var, 0.16935483870967744, what="variance of posterior(2, 1, 3, sch)")


@check("q4", points=2)
def before_the_first_step_there_is_no_doubt(student, rng):
    """At t = 1 the mean is x0 and the variance is 0, whatever xt is."""
    x0, xt = inputs.normal(rng, (3, 2)), inputs.normal(rng, (3, 2), scale=5)
    mean, var = parts(student.posterior(x0, xt, 1, _worked()), ("mean", "var"), what="posterior(x0, xt, 1, sch)")
    assert_close(mean, x0, what="mean of posterior(x0, xt, 1, sch)")
    assert_close(var, 0.0, kind="exact", what="variance of posterior(x0, xt, 1, sch)")


# --- q5 reverse_mean, p_sample ----------------------------------------------------------------------------------------


@check("q5", points=2)
def a_guess_by_hand(student):
    """For x_3 = 1 and a guessed noise of -1, the mean of x_2 is 1.704362."""
    given = student.reverse_mean(np.array([1.0]), 3, np.array([-1.0]), _worked())
    assert_close(given, [1.7043617843109917], what="reverse_mean(1, 3, -1, sch)")


@check("q5", points=2)
def a_step_by_hand(student):
    """With z = 0.5 the step from x_3 = 1 ends at 1.978223 for sigma "beta", and at 1.910126 for sigma "tilde"."""
    args = np.array([1.0]), 3, np.array([-1.0]), np.array([0.5]), _worked()
    assert_close(student.p_sample(*args), [1.9782230630635749], what="p_sample(1, 3, -1, 0.5, sch)")
    assert_close(student.p_sample(*args, "tilde"), [1.910125507249267], what='p_sample(1, 3, -1, 0.5, sch, "tilde")')


@check("q5", points=1)
def the_last_step_adds_no_noise(student, rng):
    """At t = 1 the result does not depend on z."""
    xt, eps, z = (inputs.normal(rng, (3, 2)) for _ in range(3))
    for sigma in ("beta", "tilde"):
        quiet = array_of_shape(student.p_sample(xt, 1, eps, 0 * z, _worked(), sigma), (3, 2), what="p_sample at t = 1")
        given = student.p_sample(xt, 1, eps, 10 * z, _worked(), sigma)
        assert_close(given, _finite(quiet, "p_sample"), kind="exact", what=f'p_sample at t = 1 with sigma "{sigma}"')


# --- q6 sample_loop ---------------------------------------------------------------------------------------------------


@check("q6", points=1)
def every_time_is_asked_for_once(student):
    """For T = 4, eps_fn is asked at t = 4, 3, 2, 1, in this order."""
    times = student.run(times_asked, np.ones((2, 3)), np.zeros((5, 2, 3)), _worked())
    if not isinstance(times, list) or not times or not all(isinstance(t, int) for t in times):
        raise CheckFailed("sample_loop did not ask eps_fn(x, t) with an integer t.")
    if len(times) != 4:
        raise CheckFailed(f"sample_loop asks eps_fn {'more' if len(times) > 4 else 'fewer'} than 4 times for T = 4.")
    assert_integer(times, np.array([4, 3, 2, 1]), what="times at which sample_loop asks eps_fn")


@check("q6", points=3)
def the_gaussian_comes_back(student):
    """For data N(2, 0.5^2) and the schedule of the text, the samples have mean 1.997684 and deviation 0.512442."""
    # x_0 is linear in (x_T, z_T, ..., z_2): row k has a one in place of the k-th of these. Nothing here is random.
    T, sch = 50, _linear(50, 1e-4, 0.2)
    units = np.eye(T + 1)[:, 1:]
    zs = np.ones((T + 1, T + 1, 1))
    zs[T:1:-1] = units[:, 1:].T[..., None]
    result = student.run(gaussian_run, units[:, :1], zs, sch, "beta", 2.0, 0.5)
    out = _finite(array_of_shape(result, (T + 1, 1), what="sample_loop(eps_fn, xT, zs, sch)"), "sample_loop")[:, 0]
    assert_close(out[0], 1.9976839260535313, what="mean of the samples")
    assert_close(np.sqrt(((out[1:] - out[0]) ** 2).sum()), 0.5124419501484136, what="deviation of the samples")


# --- q7 prior_kl, vlb_term --------------------------------------------------------------------------------------------


@check("q7", points=1)
def three_terms_by_hand(student):
    """For x_0 = (2, 0), L_T is 0.662509; for x_0 = 2, x_3 = 1 and a model N(1.5, 0.25), L_2 and L_0 are 0.033445, 0.725791."""
    sch, two, one = _worked(), np.array([[2.0]]), np.array([[1.0]])
    assert_close(student.prior_kl(np.array([[2.0, 0.0]]), sch), [0.6625094063873671], what="prior_kl([[2, 0]], sch)")
    for t, expected in ((3, 0.03344516878831259), (1, 0.7257913526447274)):
        given = student.vlb_term(two, one, t, np.array([[1.5]]), 0.25, sch)
        assert_close(given, [expected], what=f"vlb_term(2, 1, {t}, 1.5, 0.25, sch)")


@check("q7", points=1)
def a_perfect_model_costs_nothing(student, reference, rng):
    """vlb_term is zero, for t > 1, if the model's mean and variance are those of the posterior."""
    x0, xt, sch = inputs.normal(rng, (3, 2)), inputs.normal(rng, (3, 2)), _worked()
    mean, var = reference.posterior(x0, xt, 3, sch)
    given = student.vlb_term(x0, xt, 3, mean, float(var), sch)
    assert_close(given, np.zeros(3), kind="exact", what="vlb_term of a perfect model at t = 3")


# --- q8 ddim_step -----------------------------------------------------------------------------------------------------


@check("q8", points=1)
def two_steps_at_once_by_hand(student):
    """From x_3 = 1 with a guessed noise of -1, x_1 is 1.961202 without fresh noise, and 2.320095 for eta = 1 and z = 0.5."""
    args = np.array([1.0]), 3, 1, np.array([-1.0]), np.array([0.5]), _worked()
    assert_close(student.ddim_step(*args), [1.961202391659604], what="ddim_step(1, 3, 1, -1, 0.5, sch)")
    assert_close(student.ddim_step(*args, 1.0), [2.320095077345949], what="ddim_step(1, 3, 1, -1, 0.5, sch, eta=1)")


# --- q9 NoisePredictor, train_step ------------------------------------------------------------------------------------


@check("q9", points=1)
def parameters_have_their_names_and_shapes(student):
    """The state dict of NoisePredictor(2, 5, 9) holds a weight and a bias of first, second and last, all trained."""
    state, trained = parts(student.run(predictor_state, 2, 5, 9), ("state", "trained"), what="NoisePredictor(2, 5, 9)")
    if not isinstance(state, dict) or sorted(map(str, state)) != sorted(SHAPES):
        found = ", ".join(sorted(map(str, state))) if isinstance(state, dict) else ""
        raise CheckFailed(
            f"NoisePredictor(2, 5, 9).state_dict() has the keys {found or '(none)'}, expected {', '.join(SHAPES)}.",
            redacted=f"NoisePredictor(2, 5, 9).state_dict() has other keys than {', '.join(SHAPES)}.",
        )
    for name, shape in SHAPES.items():
        assert_shape(state[name], shape, what=f"{name} of NoisePredictor(2, 5, 9)")
    assert_integer(trained, 97, what="numbers in NoisePredictor(2, 5, 9) that are trained")


@check("q9", points=2)
def the_network_computes_what_the_text_says(student, reference, rng):
    """With given parameters, the guess for three points at times 1, 4 and 9 of T = 9 is right."""
    x, t = inputs.normal(rng, (3, 2)), np.array([4, 9, 1])
    state = {name: inputs.normal(rng, shape, scale=0.5) for name, shape in SHAPES.items()}
    given = student.run(predictor_forward, 2, 5, 9, state, x, t)
    assert_close(given, reference.network(x, t, 9, *state.values()), what="NoisePredictor(2, 5, 9)(x, t)")


@check("q9", points=2)
def one_step_of_training_by_hand(student):
    """For the model 0.5 x + 0.1 t of the text, the loss is 0.869112; a step with lr 0.1 ends at 0.426614 and -0.095316."""
    x0, eps = np.array([[2.0, -1.0], [0.5, 1.0]]), np.array([[-1.0, 0.5], [1.0, 0.0]])
    result = student.run(one_step, x0, np.array([3, 1]), eps, _worked())
    loss, gain, tilt = parts(result, ("loss", "gain", "tilt"), what="train_step")
    assert_close(loss, 0.8691117298639357, what="the loss that train_step returns")
    assert_close(gain, 0.42661415401121233, what="the factor of x after the step")
    assert_close(tilt, -0.09531581058272326, what="the factor of t after the step")


# --- q10 generate -----------------------------------------------------------------------------------------------------


@check("q10", points=2)
def four_steps_back(student, reference, rng):
    """For T = 4 and the model 0.5 x + 0.1 t, the samples are those of question 6."""
    xT, zs, sch = inputs.normal(rng, (3, 2)), inputs.normal(rng, (5, 3, 2)), _worked()
    expected = reference.linear_generate(xT, zs, sch, 0.5, 0.1)
    assert_close(student.run(four_back, xT, zs, sch), expected, what="generate(model, xT, zs, sch)")


# --- probes: these run beside the student's code ----------------------------------------------------------------------


def product(values, t, x):
    """at(values, t, x), used as it is meant."""
    return at(values, t, x) * x  # noqa: F821 - a name of the student


def times_asked(xT, zs, sch):
    """The times at which sample_loop asks for the noise."""
    times = []

    def eps_fn(x, t):
        times.append(int(t))
        return 0 * x

    sample_loop(eps_fn, xT, zs, sch)  # noqa: F821 - a name of the student
    return times


def gaussian_run(xT, zs, sch, sigma, m, s):
    """sample_loop with the best guess of the noise for data N(m, s^2)."""
    import numpy as np

    def eps_fn(x, t):
        abar = sch["abar"][t]
        return np.sqrt(1 - abar) * (x - np.sqrt(abar) * m) / (abar * s**2 + 1 - abar)

    return sample_loop(eps_fn, xT, zs, sch, sigma)  # noqa: F821 - a name of the student


def predictor_state(dim, width, T):
    """The state dict of a new network, and how many numbers of it are trained."""
    model = NoisePredictor(dim, width, T)  # noqa: F821 - a name of the student
    state = {name: value.detach() for name, value in model.state_dict().items()}
    return state, sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def predictor_forward(dim, width, T, state, x, t):
    """The guess of a network with these parameters, in float64."""
    import torch

    model = NoisePredictor(dim, width, T).double()  # noqa: F821 - a name of the student
    model.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    return model(torch.tensor(x), torch.tensor(t)).detach()


def one_step(x0, t, eps, sch):
    """train_step on the model 0.5 x + 0.1 t, with plain gradient descent."""
    import torch

    class Guess(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = torch.nn.Parameter(torch.tensor(0.5).double())
            self.tilt = torch.nn.Parameter(torch.tensor(0.1).double())

        def forward(self, x, t):
            return self.gain * x + self.tilt * t.view(-1, 1).to(x.dtype)

    model = Guess()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    sch = {name: torch.tensor(value) for name, value in sch.items()}
    loss = train_step(model, optimizer, torch.tensor(x0), torch.tensor(t), torch.tensor(eps), sch)  # noqa: F821
    return float(loss), model.gain.item(), model.tilt.item()


def four_back(xT, zs, sch):
    """generate with the model 0.5 x + 0.1 t."""
    import torch

    class Guess(torch.nn.Module):
        def forward(self, x, t):
            return 0.5 * x + 0.1 * t.view(-1, 1).to(x.dtype)

    sch = {name: torch.tensor(value) for name, value in sch.items()}
    return generate(Guess(), torch.tensor(xT), torch.tensor(zs), sch).detach()  # noqa: F821 - a name of the student


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _linear(T, lo, hi):
    """A schedule, without the student's help."""
    beta = np.append(0.0, np.linspace(lo, hi, T))
    return {"beta": beta, "alpha": 1 - beta, "abar": np.cumprod(1 - beta)}


def _worked():
    """The schedule of the worked examples."""
    return _linear(4, 0.1, 0.4)


def _made(student, *args):
    what = f"make_schedule({', '.join(map(repr, args))})"
    result = student.make_schedule(*args)
    if not isinstance(result, dict):
        raise CheckFailed(f'{what} is no dict, expected one with the keys "beta", "alpha" and "abar".')
    names = ("beta", "alpha", "abar")
    T = args[0]
    values = zip(names, parts(result, names, what=what), strict=True)
    return {name: array_of_shape(value, (T + 1,), what=f'"{name}" of {what}') for name, value in values}


def _finite(array, what):
    """An answer that others are to be compared with."""
    if not np.isfinite(array).all():
        raise CheckFailed(f"{what} gives nan or inf.")
    return array
