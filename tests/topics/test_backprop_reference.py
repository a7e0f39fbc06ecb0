"""The reference of backpropagation, against torch's own layers and optimiser, and against finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "backprop"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "backprop", "reference"))


@pytest.fixture
def network():
    rng = np.random.default_rng(8)
    params = {}
    for layer, (fan_in, fan_out) in enumerate(((6, 5), (5, 4), (4, 3)), start=1):
        params[f"W{layer}"], params[f"b{layer}"] = rng.normal(size=(fan_in, fan_out)), rng.normal(size=fan_out)
    return params, rng.normal(size=(7, 6)), np.array([0, 2, 1, 1, 2, 0, 2])


def torch_network(params):
    """The same network out of torch's layers."""
    layers = []
    for layer in range(1, len(params) // 2 + 1):
        fan_in, fan_out = params[f"W{layer}"].shape
        linear = torch.nn.Linear(fan_in, fan_out, dtype=torch.float64)
        linear.weight.data = torch.tensor(params[f"W{layer}"].T.copy())
        linear.bias.data = torch.tensor(params[f"b{layer}"])
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def slope(f, x, h=1e-5):
    """Central differences of a number by each entry of x."""
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        result[index] = (f(x + step) - f(x - step)) / (2 * h)
    return result


def test_affine_flattens_with_the_last_axis_fastest(reference):
    x, W, b = np.arange(6.0).reshape(1, 2, 3), np.eye(6), np.zeros(6)
    assert reference.affine(x, W, b).tolist() == [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]


def test_scores_are_those_of_torchs_layers(reference, network):
    params, X, _ = network
    expected = torch_network(params)(torch.tensor(X)).detach().numpy()
    assert_allclose(reference.mlp_scores(params, X), expected, **ROUNDING)


def test_the_order_of_the_dict_does_not_matter(reference, network):
    params, X, _ = network
    turned = dict(reversed(params.items()))
    assert_allclose(reference.mlp_scores(turned, X), reference.mlp_scores(params, X), **ROUNDING)


def test_the_loss_is_torchs_cross_entropy(reference, network):
    params, X, y = network
    expected = torch.nn.functional.cross_entropy(torch_network(params)(torch.tensor(X)), torch.tensor(y))
    assert_allclose(reference.mlp_loss(params, X, y), expected.item(), **ROUNDING)


def test_the_penalty_is_half_of_reg_times_the_squared_weights_without_biases(reference, network):
    params, X, y = network
    penalty = reference.mlp_loss(params, X, y, 0.6) - reference.mlp_loss(params, X, y)
    assert_allclose(penalty, 0.3 * sum((params[f"W{layer}"] ** 2).sum() for layer in (1, 2, 3)), **ROUNDING)


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2", "W3", "b3"])
def test_gradients_are_the_slopes_of_the_loss(reference, network, name):
    params, X, y = network
    expected = slope(lambda w: reference.mlp_loss({**params, name: w}, X, y, 0.6), params[name])
    assert_allclose(reference.mlp_gradients(params, X, y, 0.6)[name], expected, atol=1e-8)


def test_training_takes_the_steps_of_torchs_sgd_with_momentum(reference, network):
    params, X, y = network
    orders = np.array([[3, 1, 6, 0, 5, 2, 4], [0, 6, 2, 4, 1, 3, 5]])
    net = torch_network(params)
    weights = [p for name, p in net.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in net.named_parameters() if name.endswith("bias")]
    sgd = torch.optim.SGD([{"params": weights, "weight_decay": 0.2}, {"params": biases}], lr=0.1, momentum=0.7)
    losses = []
    for order in orders:
        for chosen in (order[:3], order[3:6], order[6:]):
            sgd.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(torch.tensor(X[chosen])), torch.tensor(y[chosen]))
            loss.backward()
            losses.append(loss.item() + 0.1 * sum((w**2).sum().item() for w in weights))
            sgd.step()
    end, history = reference.train_mlp(params, X, y, orders, 0.1, 0.7, 3, 0.2)
    assert_allclose(history, losses, **ROUNDING)
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        assert_allclose(end[f"W{layer}"], weight.detach().numpy().T, **ROUNDING)
        assert_allclose(end[f"b{layer}"], bias.detach().numpy(), **ROUNDING)


def test_no_epochs_leave_the_parameters_alone(reference, network):
    params, X, y = network
    end, history = reference.train_mlp(params, X, y, np.zeros((0, 7), dtype=int))
    assert history.shape == (0,)
    assert_allclose(end["W1"], params["W1"], **ROUNDING)


@pytest.mark.parametrize(
    "scheme, fill", [("he", torch.nn.init.kaiming_normal_), ("xavier", torch.nn.init.xavier_normal_)]
)
def test_spread_is_that_of_torchs_initialisation(reference, scheme, fill):
    torch.manual_seed(0)
    weight = torch.empty(300, 500)  # torch keeps (out, in)
    options = {"nonlinearity": "relu"} if scheme == "he" else {}
    fill(weight, **options)
    assert_allclose(reference.spread(500, 300, scheme), weight.std().item(), rtol=0.01)


def test_a_graph_of_numbers_worked_by_hand(reference):
    program = [("*", 0, 1), ("+", 3, 2), ("*", 4, 1)]
    leaves = np.array([2.0, -3.0, 10.0])
    assert reference.graph_values(leaves, program).tolist() == [2.0, -3.0, 10.0, -6.0, 4.0, -12.0]
    assert reference.graph_gradients(leaves, program).tolist() == [9.0, -2.0, -3.0, -3.0, -3.0, 1.0]


def test_every_operation_on_numbers_has_its_slope(reference):
    program = [("+", 0, 1.5), ("-", 2.5, 2), ("/", 3, 1), ("**", 0, 2.5), ("neg", 5), ("exp", 4), ("log", 7), ("tanh", 8),
               ("relu", 0), ("*", 9, 10), ("+", 11, 6)]  # fmt: skip
    leaves = np.array([0.7, 1.3])
    expected = slope(lambda x: reference.graph_values(x, program)[-1], leaves)
    assert_allclose(reference.graph_gradients(leaves, program)[:2], expected, atol=1e-9)


def test_a_node_without_effect_has_gradient_zero(reference):
    gradients = reference.graph_gradients(np.array([2.0, 5.0]), [("*", 0, 0), ("exp", 0)], 2)
    assert gradients.tolist() == [4.0, 0.0, 1.0, 0.0]


def test_relu_has_slope_zero_at_zero(reference):
    assert reference.graph_gradients(np.array([0.0]), [("relu", 0)])[0] == 0.0


def test_the_gradient_of_broadcasting_is_a_sum(reference):
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    (over_rows,) = reference.broadcast.gradient((np.zeros(3), (2, 3)), wrt=(0,), upstream=grad)
    assert over_rows.tolist() == [11.0, 22.0, 33.0]
    (over_columns,) = reference.broadcast.gradient((np.zeros((2, 1)), (2, 3)), wrt=(0,), upstream=grad)
    assert over_columns.tolist() == [[6.0], [60.0]]


def test_a_graph_of_arrays_is_numpys(reference):
    rng = np.random.default_rng(2)
    x, w = rng.normal(size=(2, 4, 3)), rng.normal(size=(3, 5))
    program = [("@", 0, 1), ("transpose", 2, (2, 0, 1)), ("sum", 3, (0, 2), True), ("reshape", 4, (2,)),
               ("getitem", 5, np.array([1, 1, 0])), ("*", 6, 2.0), ("exp", 7), ("-", 8, 6), ("relu", 9)]  # fmt: skip
    sums = (x @ w).sum(axis=(1, 2))[[1, 1, 0]]
    expected = np.maximum(np.exp(2 * sums) - sums, 0)
    assert_allclose(reference.tensor_value([x, w], program), expected, **ROUNDING)


def test_gradients_of_a_graph_of_arrays_are_its_slopes(reference):
    rng = np.random.default_rng(2)
    x, w, up = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=(4,))
    program = [("@", 0, 1), ("exp", 2), ("sum", 3, 1, False), ("log", 4), ("getitem", 0, (np.arange(4), np.array([0, 2, 2, 1]))),
               ("+", 5, 6)]  # fmt: skip
    dx, dw = reference.tensor_gradients([x, w], program, up)
    assert_allclose(dx, slope(lambda each: (reference.tensor_value([each, w], program) * up).sum(), x), atol=1e-8)
    assert_allclose(dw, slope(lambda each: (reference.tensor_value([x, each], program) * up).sum(), w), atol=1e-8)
