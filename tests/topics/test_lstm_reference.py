"""The reference of the LSTM, against torch's own layers and against finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "lstm"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "lstm", "reference"))


@pytest.fixture
def run():
    """x, h0, c0, Wx, Wh, b for N = 3, T = 4, D = 2 and H = 5."""
    rng = np.random.default_rng(7)
    shapes = ((3, 4, 2), (3, 5), (3, 5), (2, 20), (5, 20), (20,))
    return [rng.normal(size=shape) * 0.6 for shape in shapes]


def torch_lstm(Wx, Wh, b):
    layer = torch.nn.LSTM(Wx.shape[0], Wh.shape[0], batch_first=True).double()
    values = {"weight_ih_l0": Wx.T, "weight_hh_l0": Wh.T, "bias_ih_l0": b, "bias_hh_l0": 0 * b}
    layer.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in values.items()})
    return layer


def test_a_run_is_that_of_torchs_lstm(reference, run):
    x, h0, c0, *weights = run
    h, (hT, cT), caches = reference.lstm_forward(*run)
    states = torch.from_numpy(h0[None]), torch.from_numpy(c0[None])
    out, (last_h, last_c) = torch_lstm(*weights)(torch.from_numpy(x), states)
    assert_allclose(h, out.detach(), **ROUNDING)
    assert_allclose(hT, last_h[0].detach(), **ROUNDING)
    assert_allclose(cT, last_c[0].detach(), **ROUNDING)
    assert len(caches) == 4


def test_a_step_is_that_of_torchs_cell(reference, run):
    x, h0, c0, Wx, Wh, b = run
    cell = torch.nn.LSTMCell(2, 5).double()
    values = {"weight_ih": Wx.T, "weight_hh": Wh.T, "bias_ih": b, "bias_hh": 0 * b}
    cell.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in values.items()})
    expected = cell(torch.from_numpy(x[:, 0].copy()), (torch.from_numpy(h0), torch.from_numpy(c0)))
    h, c, cache = reference.lstm_step_forward(x[:, 0], h0, c0, Wx, Wh, b)
    assert_allclose(h, expected[0].detach(), **ROUNDING)
    assert_allclose(c, expected[1].detach(), **ROUNDING)
    assert_allclose(cache["c_next"], c, **ROUNDING)
    assert_allclose(cache["o"] * np.tanh(c), h, **ROUNDING)


def test_a_run_without_steps_returns_its_states(reference, run):
    x, h0, c0, *weights = run
    h, (hT, cT), caches = reference.lstm_forward(x[:, :0], h0, c0, *weights)
    assert h.shape == (3, 0, 5)
    assert_allclose(hT, h0)
    assert_allclose(cT, c0)
    assert caches == []


def test_gradients_of_a_run_are_its_slopes(reference, run):
    rng = np.random.default_rng(1)
    upstream = [rng.normal(size=shape) for shape in ((3, 4, 5), (3, 5), (3, 5))]
    gradients = reference.lstm_weighted.gradient((*run, *upstream), wrt=range(6))
    for position, gradient in enumerate(gradients):
        direction = rng.normal(size=run[position].shape)
        moved = []
        for sign in (1, -1):
            args = list(run)
            args[position] = args[position] + sign * 1e-5 * direction
            moved.append(reference.lstm_weighted(*args, *upstream))
        assert_allclose((gradient * direction).sum(), (moved[0] - moved[1]) / 2e-5, rtol=1e-7)


def test_a_step_is_a_run_of_one_step(reference, run):
    x, h0, c0, *weights = run
    up_h, up_c = np.random.default_rng(2).normal(size=(2, 3, 5))
    step = reference.step_weighted.gradient((x[:, 0], h0, c0, *weights, up_h, up_c), wrt=range(6))
    whole = reference.lstm_weighted.gradient((x[:, :1], h0, c0, *weights, up_h[:, None], 0 * up_h, up_c), wrt=range(6))
    assert_allclose(step[0], whole[0][:, 0], **ROUNDING)
    for a, b in zip(step[1:], whole[1:], strict=True):
        assert_allclose(a, b, **ROUNDING)


@pytest.mark.parametrize("gate, value", [("i", 0.25), ("f", 1.0), ("o", 0.0)])
def test_a_fixed_gate_has_its_value_whatever_it_sees(reference, run, gate, value):
    x, h0, c0, *weights = run
    fixed = reference.fix_gate(*weights, gate, value)
    cache = reference.lstm_step_forward(x[:, 0], h0, c0, *fixed)[2]
    before = reference.lstm_step_forward(x[:, 0], h0, c0, *weights)[2]
    assert_allclose(cache[gate], np.full((3, 5), value), **ROUNDING)
    for other in set("ifgo") - {gate}:
        assert_allclose(cache[other], before[other], **ROUNDING)


def test_without_recurrent_weights_the_highway_is_the_gradient_of_the_cells(reference, run):
    x, h0, c0, Wx, Wh, b = run
    up_c = np.random.default_rng(3).normal(size=(3, 5))
    args = (x, h0, c0, Wx, 0 * Wh, b, np.zeros((3, 4, 5)), 0 * up_c, up_c)
    f = np.stack([cache["f"] for cache in reference.lstm_forward(*args[:6])[2]], axis=1)
    (dc0,) = reference.lstm_weighted.gradient(args, wrt=(2,))
    assert_allclose(dc0, up_c * f[:, 0] * reference.highway(f)[:, 0], **ROUNDING)


def test_blocks_are_moved_by_their_letters(reference):
    W = np.arange(8.0)[None]
    assert reference.convert_gates(W, "fiog", "ifgo").tolist() == [[2.0, 3.0, 0.0, 1.0, 6.0, 7.0, 4.0, 5.0]]


@pytest.mark.parametrize("biases, count", [(1, 128), (2, 144)])
def test_parameters_of_three_features_and_four_units(reference, biases, count):
    assert reference.lstm_params(3, 4, biases) == count


def test_a_module_of_torch_with_two_biases_has_as_many_parameters(reference):
    assert reference.lstm_params(7, 3, 2) == sum(p.numel() for p in torch.nn.LSTMCell(7, 3).parameters())


def test_both_biases_of_the_module_are_added(reference, run):
    x, h0, c0, Wx, Wh, b = run
    h, cT = reference.cell_run(x, h0, c0, Wx.T, Wh.T, 0.25 * b, 0.75 * b)
    expected, (_, last_c), _ = reference.lstm_forward(*run)
    assert_allclose(h, expected, **ROUNDING)
    assert_allclose(cT, last_c, **ROUNDING)


def test_training_takes_the_steps_of_torchs_adam(reference):
    rng = np.random.default_rng(4)
    given = [rng.normal(size=shape) for shape in ((2, 12), (3, 12), (12,), (3, 10), (10,))]
    X, y = rng.normal(size=(9, 4, 2)), rng.integers(0, 10, 9)
    batches = np.stack([rng.permutation(9)[:5] for _ in range(6)])
    trained, history = reference.train_digits(*given, X, y, batches, 0.05)

    lstm = torch_lstm(*given[:3])
    lstm.bias_hh_l0.requires_grad_(False)
    head = torch.nn.Linear(3, 10).double()
    head.load_state_dict({"weight": torch.from_numpy(given[3].T.copy()), "bias": torch.from_numpy(given[4])})
    adam = torch.optim.Adam([*(p for p in lstm.parameters() if p.requires_grad), *head.parameters()], lr=0.05)
    losses = []
    for batch in batches:
        adam.zero_grad()
        scores = head(lstm(torch.from_numpy(X[batch]))[0][:, -1])
        loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(y[batch]))
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert_allclose(history, losses, rtol=1e-9)
    assert_allclose(trained[0], lstm.weight_ih_l0.detach().T, rtol=1e-8, atol=1e-10)
    assert_allclose(trained[4], head.bias.detach(), rtol=1e-8, atol=1e-10)
