# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Backpropagation: the answers that an instructor would publish."""

import math

import numpy as np
from jaxtyping import Float, Int

Params = dict[str, np.ndarray]


def affine_forward(
    x: Float[np.ndarray, "N ..."], W: Float[np.ndarray, "D M"], b: Float[np.ndarray, " M"]
) -> tuple[Float[np.ndarray, "N M"], tuple]:
    """Each sample as one row, times W, plus b. The cache keeps x as it came: backward needs its shape."""
    return x.reshape(len(x), -1) @ W + b, (x, W, b)


def affine_backward(
    dout: Float[np.ndarray, "N M"], cache: tuple
) -> tuple[Float[np.ndarray, "N ..."], Float[np.ndarray, "D M"], Float[np.ndarray, " M"]]:
    """Each product is the only one whose shapes fit; the sum over samples is inside the product for dW."""
    x, W, _ = cache
    dx = (dout @ W.T).reshape(x.shape)
    dW = x.reshape(len(x), -1).T @ dout
    return dx, dW, dout.sum(axis=0)


def mlp_init(dims: list[int], rng: np.random.Generator, scheme: str = "he") -> Params:
    """Normal weights that keep the size of what passes through; biases of zero."""
    params = {}
    for layer, (fan_in, fan_out) in enumerate(zip(dims[:-1], dims[1:], strict=True), start=1):
        if scheme == "he":
            std = math.sqrt(2 / fan_in)
        elif scheme == "xavier":
            std = math.sqrt(2 / (fan_in + fan_out))
        else:
            raise ValueError(f'scheme must be "he" or "xavier", got {scheme!r}')
        params[f"W{layer}"] = std * rng.standard_normal((fan_in, fan_out))
        params[f"b{layer}"] = np.zeros(fan_out)
    return params


def mlp_forward(params: Params, X: Float[np.ndarray, "N ..."]) -> tuple[Float[np.ndarray, "N C"], list]:
    """Affine, ReLU, affine, ReLU, ..., affine. The cache has one entry for each layer: the cache of its affine part."""
    depth = len(params) // 2
    h, caches = X, []
    for layer in range(1, depth + 1):
        z, cache = affine_forward(h, params[f"W{layer}"], params[f"b{layer}"])
        caches.append(cache)
        h = np.maximum(z, 0) if layer < depth else z
    return h, caches


def softmax_loss(scores: Float[np.ndarray, "N C"], y: Int[np.ndarray, " N"]) -> tuple[float, Float[np.ndarray, "N C"]]:
    """Mean cross-entropy of the classes y under softmax(scores), and its derivative with respect to the scores."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    dscores = np.exp(log_probs)
    dscores[rows, y] -= 1
    return -log_probs[rows, y].mean(), dscores / len(y)


def mlp_loss(
    params: Params, X: Float[np.ndarray, "N ..."], y: Int[np.ndarray, " N"], reg: float = 0.0
) -> tuple[float, Params]:
    """Forward, loss, then the layers in reverse. What a layer got as its input says where the ReLU before it was on."""
    scores, caches = mlp_forward(params, X)
    loss, upstream = softmax_loss(scores, y)
    grads = {}
    for layer in range(len(caches), 0, -1):
        W = params[f"W{layer}"]
        dx, dW, db = affine_backward(upstream, caches[layer - 1])
        grads[f"W{layer}"], grads[f"b{layer}"] = dW + reg * W, db
        loss += 0.5 * reg * (W**2).sum()
        came_in = caches[layer - 1][0]  # what the ReLU before this layer let through
        upstream = dx * (came_in > 0)
    return loss, grads


def train_mlp(
    params: Params,
    X: Float[np.ndarray, "N ..."],
    y: Int[np.ndarray, " N"],
    orders: Int[np.ndarray, "epochs N"],
    lr: float = 0.1,
    momentum: float = 0.9,
    batch: int = 32,
    reg: float = 0.0,
) -> tuple[Params, list[float]]:
    """v <- momentum * v + g, w <- w - lr * v, for each batch of each epoch."""
    velocity = {name: np.zeros_like(w) for name, w in params.items()}
    history = []
    for order in orders:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            loss, grads = mlp_loss(params, X[chosen], y[chosen], reg)
            history.append(float(loss))
            velocity = {name: momentum * velocity[name] + grads[name] for name in params}
            params = {
                name: params[name] - lr * velocity[name] for name in params
            }  # new arrays: the caller keeps theirs
    return params, history


class Value:
    """A number that remembers what it was made of: its inputs, and the slope of the result along each of them."""

    def __init__(self, data: float):
        self.data = float(data)
        self.grad = 0.0
        self.made_of = ()  # pairs (node, d self / d node)

    def _result(self, data, *made_of):
        result = type(self)(data)
        result.made_of = made_of
        return result

    def _node(self, other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = self._node(other)
        return self._result(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self._node(other)
        return self._result(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, exponent: float):
        return self._result(self.data**exponent, (self, exponent * self.data ** (exponent - 1)))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self._node(other)

    def __truediv__(self, other):
        return self * self._node(other) ** -1.0

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return -self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def exp(self):
        e = math.exp(self.data)
        return self._result(e, (self, e))

    def log(self):
        return self._result(math.log(self.data), (self, 1.0 / self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return self._result(t, (self, 1.0 - t * t))

    def relu(self):
        return self._result(max(self.data, 0.0), (self, 1.0 if self.data > 0 else 0.0))

    def backward(self):
        """Walk from here to the leaves, each node only once all that it went into has been done."""
        arriving = {self: 1.0}  # of this pass alone: node.grad may hold what earlier passes brought
        for node in reversed(self._inputs_first()):
            gradient = arriving[node]
            node.grad += gradient
            for other, slope in node.made_of:
                arriving[other] = arriving.get(other, 0.0) + slope * gradient

    def _inputs_first(self):
        """Every node that this one depends on, and this one, each after its inputs. A stack of our own has no limit."""
        order, seen, stack = [], {self}, [(self, iter(self.made_of))]
        while stack:
            node, inputs = stack[-1]
            following = next((other for other, _ in inputs if other not in seen), None)
            if following is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(following.made_of)))
        return order


def unbroadcast(grad: Float[np.ndarray, "*big"], shape: tuple[int, ...]) -> Float[np.ndarray, "*shape"]:
    """One entry was used in many places: its gradient is the sum over them."""
    added = grad.ndim - len(shape)
    stretched = tuple(added + axis for axis, size in enumerate(shape) if size == 1)
    return grad.sum(axis=(*range(added), *stretched)).reshape(shape)


class Tensor:
    """An array that remembers what it was made of, and how a gradient gets from the result to each input."""

    def __init__(self, data):
        self.data = np.asarray(data, dtype=np.float64)
        self.grad = np.zeros_like(self.data)
        self.made_of = ()  # pairs (tensor, function from the gradient of the result to that of the tensor)

    def _result(self, data, *made_of):
        result = type(self)(data)
        result.made_of = made_of
        return result

    def _tensor(self, other):
        return other if isinstance(other, Tensor) else Tensor(other)

    def __add__(self, other):
        other = self._tensor(other)
        return self._result(
            self.data + other.data,
            (self, lambda g: unbroadcast(g, self.data.shape)),
            (other, lambda g: unbroadcast(g, other.data.shape)),
        )

    def __mul__(self, other):
        other = self._tensor(other)
        return self._result(
            self.data * other.data,
            (self, lambda g: unbroadcast(g * other.data, self.data.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.data.shape)),
        )

    def __matmul__(self, other):
        return self._result(
            self.data @ other.data,
            (self, lambda g: unbroadcast(g @ np.swapaxes(other.data, -1, -2), self.data.shape)),
            (other, lambda g: unbroadcast(np.swapaxes(self.data, -1, -2) @ g, other.data.shape)),
        )

    def sum(self, axis=None, keepdims=False):
        def backward(g):
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return np.broadcast_to(g, self.data.shape)

        return self._result(self.data.sum(axis=axis, keepdims=keepdims), (self, backward))

    def reshape(self, *shape):
        return self._result(self.data.reshape(*shape), (self, lambda g: g.reshape(self.data.shape)))

    def transpose(self, *axes):
        return self._result(self.data.transpose(*axes), (self, lambda g: g.transpose(*np.argsort(axes))))

    def __getitem__(self, index):
        def backward(g):
            whole = np.zeros_like(self.data)
            np.add.at(whole, index, g)  # whole[index] += g would count an entry once that was taken twice
            return whole

        return self._result(self.data[index], (self, backward))

    def exp(self):
        e = np.exp(self.data)
        return self._result(e, (self, lambda g: g * e))

    def log(self):
        return self._result(np.log(self.data), (self, lambda g: g / self.data))

    def relu(self):
        return self._result(np.maximum(self.data, 0.0), (self, lambda g: g * (self.data > 0)))

    def zero_grad(self):
        self.grad = np.zeros_like(self.data)

    def backward(self, grad=None):
        """As in Value. The gradient that arrives at the result is 1 if the result is a single number."""
        arriving = {self: np.ones_like(self.data) if grad is None else np.asarray(grad)}
        for node in reversed(self._inputs_first()):
            gradient = arriving[node]
            node.grad = node.grad + gradient
            for other, pull in node.made_of:
                arriving[other] = arriving.get(other, 0.0) + pull(gradient)

    def _inputs_first(self):
        order, seen, stack = [], {self}, [(self, iter(self.made_of))]
        while stack:
            node, inputs = stack[-1]
            following = next((other for other, _ in inputs if other not in seen), None)
            if following is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(following.made_of)))
        return order

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + self._tensor(other) * -1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self._tensor(other) - self
