"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write loops, einsum, closures instead of lists of slopes, recursion
that is only as deep as it must be, gradients of one pass kept in other places; a check that takes a point from any of these
is wrong, not the answer.
"""

import math

import numpy as np
from autograder.topic import accepted

from .solution import affine_backward, affine_forward, mlp_forward, mlp_loss, softmax_loss, unbroadcast

# --- q1 affine_forward ------------------------------------------------------------------------------------------------


@accepted(of="affine_forward")
def affine_by_loop(x, W, b):
    """Sample by sample."""
    out = np.zeros((x.shape[0], W.shape[1]), dtype=np.result_type(x, W))
    for i in range(x.shape[0]):
        out[i] = x[i].ravel() @ W + b
    return out, (x, W, b)


@accepted(of="affine_forward")
def affine_by_einsum(x, W, b):
    """Index notation."""
    rows = x.reshape(x.shape[0], W.shape[0])
    return np.einsum("nd,dm->nm", rows, W) + b[None, :], (x, W, b)


@accepted(of="affine_forward")
def affine_by_tensordot(x, W, b):
    """W gets the axes of x instead: one contraction over all of them."""
    axes = x.ndim - 1
    weights = W.reshape(*x.shape[1:], -1)
    return np.tensordot(x, weights, axes=(range(1, axes + 1), range(axes))) + b, [x, W, b]


# --- q2 affine_backward -----------------------------------------------------------------------------------------------


@accepted(of="affine_backward")
def affine_backward_by_loop(dout, cache):
    """Outer products, one for each sample."""
    x, W, b = cache
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(b)
    for i in range(len(x)):
        dx[i] = (W @ dout[i]).reshape(x.shape[1:])
        dW += np.outer(x[i].ravel(), dout[i])
        db += dout[i]
    return dx, dW, db


@accepted(of="affine_backward")
def affine_backward_by_einsum(dout, cache):
    """Index notation: what is missing on the right is summed."""
    x, W, _ = cache
    rows = x.reshape(x.shape[0], -1)
    dx = np.einsum("nm,dm->nd", dout, W)
    return dx.reshape(x.shape), np.einsum("nd,nm->dm", rows, dout), np.einsum("nm->m", dout)


@accepted(of="affine_backward")
def affine_backward_with_a_column_of_ones(dout, cache):
    """The bias as one more row of W."""
    x, W, _ = cache
    rows = np.concatenate([x.reshape(len(x), -1), np.ones((len(x), 1), dtype=x.dtype)], axis=1)
    both = (dout.T @ rows).T
    return np.matmul(dout, W.T).reshape(x.shape), both[:-1], both[-1]


# --- q3 mlp_init ------------------------------------------------------------------------------------------------------


@accepted(of="mlp_init")
def init_with_normal(dims, rng, scheme="he"):
    """rng.normal, and the biases first."""
    if scheme not in ("he", "xavier"):
        raise ValueError(scheme)
    params = {f"b{i}": np.zeros(d) for i, d in enumerate(dims[1:], 1)}
    for i in range(1, len(dims)):
        variance = 2 / dims[i - 1] if scheme == "he" else 2 / (dims[i - 1] + dims[i])
        params[f"W{i}"] = rng.normal(0.0, variance**0.5, size=(dims[i - 1], dims[i]))
    return params


@accepted(of="mlp_init")
def init_uniform(dims, rng, scheme="he"):
    """Uniform numbers of the same variance: a^2 / 3 for the bound a."""
    params = {}
    for i, (n, m) in enumerate(zip(dims, dims[1:]), 1):
        variance = {"he": 2 / n, "xavier": 2 / (n + m)}.get(scheme)
        if variance is None:
            raise ValueError("unknown scheme")
        bound = math.sqrt(3 * variance)
        params[f"W{i}"], params[f"b{i}"] = rng.uniform(-bound, bound, (n, m)), np.zeros((m,))
    return params


@accepted(of="mlp_init")
def init_from_the_last_layer(dims, rng, scheme="he"):
    """Draws the layers in the other order."""
    if scheme != "he" and scheme != "xavier":
        raise ValueError("scheme?")
    params = {}
    for layer in reversed(range(1, len(dims))):
        n, m = dims[layer - 1 : layer + 1]
        params["W" + str(layer)] = rng.standard_normal((m, n)).T / np.sqrt(n / 2 if scheme == "he" else (n + m) / 2)
        params["b" + str(layer)] = np.zeros(m)
    return params


# --- q4 mlp_forward ---------------------------------------------------------------------------------------------------


@accepted(of="mlp_forward")
def forward_by_recursion(params, X):
    """A network is its last layer on top of a smaller network. The cache is the same list."""

    def up_to(layer):
        if layer == 0:
            return X, []
        below, caches = up_to(layer - 1)
        h = below if layer == 1 else below * (below > 0)
        z, cache = affine_forward(h, params[f"W{layer}"], params[f"b{layer}"])
        return z, [*caches, cache]

    return up_to(sum(name[0] == "W" for name in params))


@accepted(of="mlp_forward")
def forward_by_sorted_names(params, X):
    """Layers sorted by their number."""
    numbers = sorted(int(name[1:]) for name in params if name.startswith("W"))
    caches, out = [], X
    for number in numbers:
        if number > 1:
            out = np.where(out > 0, out, np.zeros_like(out))
        out, cache = affine_forward(out, params[f"W{number}"], params[f"b{number}"])
        caches.append(cache)
    return out, caches


@accepted(of="mlp_forward")
def forward_while_there_is_a_layer(params, X):
    """Counts upwards until there is no such layer; flattens the input itself."""
    h, caches, layer = X.reshape(X.shape[0], -1), [], 1
    while f"W{layer}" in params:
        caches.append((h, params[f"W{layer}"], params[f"b{layer}"]))
        z = h @ params[f"W{layer}"] + params[f"b{layer}"]
        h = z.clip(min=0)
        layer += 1
    return z, caches


# --- q5 mlp_loss ------------------------------------------------------------------------------------------------------


@accepted(of="mlp_loss")
def loss_with_lists(params, X, y, reg=0.0):
    """A list of activations and a list of pre-activations, nothing of the earlier questions."""
    L = len(params) // 2
    a, zs = [X.reshape(len(X), -1)], []
    for i in range(1, L + 1):
        zs.append(a[-1] @ params[f"W{i}"] + params[f"b{i}"])
        a.append(np.maximum(zs[-1], 0))
    loss, delta = softmax_loss(zs[-1], y)
    loss = loss + 0.5 * reg * sum(np.sum(params[f"W{i}"] ** 2) for i in range(1, L + 1))
    grads = {}
    for i in range(L, 0, -1):
        grads[f"W{i}"] = a[i - 1].T @ delta + reg * params[f"W{i}"]
        grads[f"b{i}"] = delta.sum(0)
        if i > 1:
            delta = (delta @ params[f"W{i}"].T) * (zs[i - 2] > 0)
    return loss, grads


@accepted(of="mlp_loss")
def loss_by_recursion(params, X, y, reg=0.0):
    """Each layer calls the rest of the network, and gets the gradient of its output back."""
    depth, grads, penalties = len(params) // 2, {}, []

    def through(h, layer):
        W = params[f"W{layer}"]
        z, cache = affine_forward(h, W, params[f"b{layer}"])
        if layer == depth:
            loss, dz = softmax_loss(z, y)
        else:
            on = z > 0
            loss, dh = through(np.where(on, z, 0).astype(z.dtype), layer + 1)
            dz = np.where(on, dh, 0).astype(z.dtype)
        penalties.append(reg / 2 * np.linalg.norm(W) ** 2)
        dx, dW, grads[f"b{layer}"] = affine_backward(dz, cache)
        grads[f"W{layer}"] = dW + np.asarray(reg * W, dtype=W.dtype)
        return loss, dx

    loss, _ = through(X, 1)
    return loss + sum(penalties), grads


@accepted(of="mlp_loss")
def loss_sample_by_sample(params, X, y, reg=0.0):
    """The mean of the gradients of the samples."""
    depth = len(params) // 2
    grads = {name: np.zeros_like(w) for name, w in params.items()}
    total = 0.0
    for sample, label in zip(X, y):
        _, caches = mlp_forward(params, sample[None])
        scores = caches[-1][0] @ params[f"W{depth}"] + params[f"b{depth}"]
        loss, delta = softmax_loss(scores, np.array([label]))
        total += loss / len(y)
        for i in range(depth, 0, -1):
            h = caches[i - 1][0].reshape(1, -1)
            grads[f"W{i}"] += (h.T * delta / len(y)).astype(h.dtype)
            grads[f"b{i}"] += delta[0] / len(y)
            delta = (delta @ params[f"W{i}"].T) * (h > 0)
    for i in range(1, depth + 1):
        total += 0.5 * reg * np.einsum("ij,ij", params[f"W{i}"], params[f"W{i}"])
        grads[f"W{i}"] += reg * params[f"W{i}"]
    return total, grads


# --- q6 train_mlp -----------------------------------------------------------------------------------------------------


@accepted(of="train_mlp")
def training_in_place_on_copies(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """The caller's arrays are copied once."""
    params = {name: w.copy() for name, w in params.items()}
    v = {name: 0.0 * w for name, w in params.items()}
    history = []
    for epoch in range(len(orders)):
        Xe, ye = X[orders[epoch]], y[orders[epoch]]
        for k in range(0, len(ye), batch):
            loss, grads = mlp_loss(params, Xe[k : k + batch], ye[k : k + batch], reg)
            history += [loss]
            for name in params:
                v[name] *= momentum
                v[name] += grads[name]
                params[name] -= lr * v[name]
    return params, history


@accepted(of="train_mlp")
def training_with_the_other_momentum(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """v <- mu v - lr g, w <- w + v: the same steps for a learning rate that does not change."""
    v = {name: np.zeros(w.shape) for name, w in params.items()}
    history = []
    for order in orders:
        for chosen in np.split(order, range(batch, len(order), batch)):
            loss, grads = mlp_loss(params, X[chosen], y[chosen], reg=reg)
            history.append(loss)
            v = {name: momentum * v[name] - lr * grads[name] for name in v}
            params = {name: params[name] + v[name] for name in v}
    return params, np.array(history)


@accepted(of="train_mlp")
def training_by_counting_batches(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """A velocity that is made when it is first needed."""
    n, v, losses, params = len(y), {}, [], dict(params)
    for order in orders:
        for k in range(math.ceil(n / batch)):
            rows = order[k * batch : min((k + 1) * batch, n)]
            loss, grads = mlp_loss(params, X[rows], y[rows], reg)
            losses.append(float(loss))
            for name, g in grads.items():
                v[name] = g if name not in v else momentum * v[name] + g
                params[name] = params[name] - lr * v[name]
    return params, losses


# --- q7 Value ---------------------------------------------------------------------------------------------------------


@accepted(of="Value")
class WithClosures:
    """Each node keeps a function that passes the gradient on, as in micrograd, but through gradients of this pass alone."""

    def __init__(self, data, children=()):
        self.data, self.grad, self._flow = data, 0.0, 0.0
        self._children, self._pass_on = children, lambda: None

    @staticmethod
    def _lift(x):
        return x if isinstance(x, WithClosures) else WithClosures(x)

    def __add__(self, other):
        other = self._lift(other)
        out = WithClosures(self.data + other.data, (self, other))

        def pass_on():
            self._flow += out._flow
            other._flow += out._flow

        out._pass_on = pass_on
        return out

    def __mul__(self, other):
        other = self._lift(other)
        out = WithClosures(self.data * other.data, (self, other))

        def pass_on():
            self._flow += other.data * out._flow
            other._flow += self.data * out._flow

        out._pass_on = pass_on
        return out

    def __pow__(self, p):
        out = WithClosures(self.data**p, (self,))

        def pass_on():
            self._flow += p * self.data ** (p - 1) * out._flow

        out._pass_on = pass_on
        return out

    def _unary(self, data, slope):
        out = WithClosures(data, (self,))

        def pass_on():
            self._flow += slope * out._flow

        out._pass_on = pass_on
        return out

    def exp(self):
        return self._unary(math.exp(self.data), math.exp(self.data))

    def log(self):
        return self._unary(math.log(self.data), 1 / self.data)

    def tanh(self):
        return self._unary(math.tanh(self.data), 1 - math.tanh(self.data) ** 2)

    def relu(self):
        return self._unary(self.data if self.data > 0 else 0.0, float(self.data > 0))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-self._lift(other))

    def __rsub__(self, other):
        return self._lift(other) + (-self)

    def __truediv__(self, other):
        return self * self._lift(other) ** -1

    def __rtruediv__(self, other):
        return self._lift(other) * self**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._children)
        for node in order:
            node._flow = 0.0
        self._flow = 1.0
        for node in reversed(order):
            node._pass_on()
            node.grad += node._flow


@accepted(of="Value")
class ByCountingConsumers:
    """Kahn's way: a node's turn comes once everything that it went into has been done."""

    def __init__(self, data):
        self.data = data
        self.grad = 0.0
        self.inputs, self.slopes = [], []

    def _new(self, data, inputs, slopes):
        node = ByCountingConsumers(data)
        node.inputs, node.slopes = inputs, slopes
        return node

    def _as(self, x):
        if isinstance(x, ByCountingConsumers):
            return x
        return ByCountingConsumers(float(x))

    def __add__(self, o):
        o = self._as(o)
        return self._new(self.data + o.data, [self, o], [1, 1])

    def __radd__(self, o):
        return self._as(o).__add__(self)

    def __sub__(self, o):
        o = self._as(o)
        return self._new(self.data - o.data, [self, o], [1, -1])

    def __rsub__(self, o):
        return self._as(o).__sub__(self)

    def __mul__(self, o):
        o = self._as(o)
        return self._new(self.data * o.data, [self, o], [o.data, self.data])

    def __rmul__(self, o):
        return self._as(o).__mul__(self)

    def __truediv__(self, o):
        o = self._as(o)
        return self._new(self.data / o.data, [self, o], [1 / o.data, -self.data / o.data**2])

    def __rtruediv__(self, o):
        return self._as(o).__truediv__(self)

    def __pow__(self, k):
        return self._new(self.data**k, [self], [k * self.data ** (k - 1)])

    def __neg__(self):
        return self._new(-self.data, [self], [-1])

    def exp(self):
        y = math.exp(self.data)
        return self._new(y, [self], [y])

    def log(self):
        return self._new(math.log(self.data), [self], [1 / self.data])

    def tanh(self):
        y = math.tanh(self.data)
        return self._new(y, [self], [(1 - y) * (1 + y)])

    def relu(self):
        return self._new(max(0.0, self.data), [self], [1.0 if self.data > 0 else 0.0])

    def backward(self):
        consumers, todo = {self: 0}, [self]
        while todo:
            for node in todo.pop().inputs:
                if node not in consumers:
                    consumers[node] = 0
                    todo.append(node)
                consumers[node] += 1
        flow, ready = dict.fromkeys(consumers, 0.0), [self]
        flow[self] = 1.0
        while ready:
            node = ready.pop()
            node.grad += flow[node]
            for below, slope in zip(node.inputs, node.slopes):
                flow[below] += slope * flow[node]
                consumers[below] -= 1
                if consumers[below] == 0:
                    ready.append(below)


@accepted(of="Value")
class OnATape:
    """Numbers in the order in which they were made: that is a topological order already, and no search is needed."""

    made = 0

    def __init__(self, data):
        self.data, self.grad, self.above = float(data), 0.0, ()
        OnATape.made += 1
        self.number = OnATape.made

    def _make(self, data, *above):
        out = OnATape(data)
        out.above = above
        return out

    def __add__(self, o):
        o = o if isinstance(o, OnATape) else OnATape(o)
        return self._make(self.data + o.data, (self, 1.0), (o, 1.0))

    def __mul__(self, o):
        o = o if isinstance(o, OnATape) else OnATape(o)
        return self._make(self.data * o.data, (self, o.data), (o, self.data))

    def __pow__(self, k):
        return self._make(self.data**k, (self, k * self.data ** (k - 1)))

    def __neg__(self):
        return self._make(-self.data, (self, -1.0))

    def __sub__(self, o):
        return self + (-o)

    def __truediv__(self, o):
        return self * (o**-1 if isinstance(o, OnATape) else 1 / o)

    def __rsub__(self, o):
        return (-self) + o

    def __rtruediv__(self, o):
        return o * self**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def exp(self):
        e = math.e**self.data if abs(self.data) < 1 else math.exp(self.data)
        return self._make(e, (self, e))

    def log(self):
        return self._make(math.log(self.data), (self, self.data**-1))

    def tanh(self):
        return self._make(math.tanh(self.data), (self, 1 - math.tanh(self.data) ** 2))

    def relu(self):
        on = self.data > 0
        return self._make(self.data * on, (self, float(on)))

    def backward(self):
        found, todo = {self.number: self}, [self]
        while todo:
            for node, _ in todo.pop().above:
                if node.number not in found:
                    found[node.number] = node
                    todo.append(node)
        flow = dict.fromkeys(found, 0.0)
        flow[self.number] = 1.0
        for number in sorted(found, reverse=True):
            node = found[number]
            node.grad += flow[number]
            for other, slope in node.above:
                flow[other.number] += slope * flow[number]


# --- q8 unbroadcast ---------------------------------------------------------------------------------------------------


@accepted(of="unbroadcast")
def unbroadcast_axis_by_axis(grad, shape):
    """First the axes in front, then those of size 1."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@accepted(of="unbroadcast")
def unbroadcast_with_padded_shape(grad, shape):
    """Pads the shape with ones in front, and sums wherever it differs."""
    padded = (1,) * (np.ndim(grad) - len(shape)) + tuple(shape)
    axes = tuple(i for i, (a, b) in enumerate(zip(grad.shape, padded)) if a != b)
    return np.sum(grad, axis=axes, keepdims=True).reshape(shape)


@accepted(of="unbroadcast")
def unbroadcast_by_loop(grad, shape):
    """Entry by entry: each goes back to where it was read."""
    out = np.zeros(shape, dtype=grad.dtype)
    places = np.broadcast_to(np.arange(out.size).reshape(shape), grad.shape)
    for place, g in zip(places.ravel(), grad.ravel()):
        out.reshape(-1)[place] += g
    return out


# --- q9 Tensor --------------------------------------------------------------------------------------------------------


@accepted(of="Tensor")
class TensorWithClosures:
    """One function for each result, which returns the gradients of its inputs."""

    def __init__(self, data, inputs=(), pull=None):
        self.data = np.array(data, dtype=float)
        self.inputs, self.pull = inputs, pull
        self.zero_grad()

    def zero_grad(self):
        self.grad = np.zeros(self.data.shape)

    def __add__(self, o):
        o = o if isinstance(o, TensorWithClosures) else TensorWithClosures(o)
        return TensorWithClosures(
            self.data + o.data, (self, o), lambda g: (unbroadcast(g, self.data.shape), unbroadcast(g, o.data.shape))
        )

    def __mul__(self, o):
        o = o if isinstance(o, TensorWithClosures) else TensorWithClosures(o)

        def pull(g):
            return unbroadcast(g * o.data, self.data.shape), unbroadcast(g * self.data, o.data.shape)

        return TensorWithClosures(self.data * o.data, (self, o), pull)

    def __matmul__(self, o):
        def pull(g):
            da = np.einsum("...nm,...dm->...nd", g, o.data)
            db = np.einsum("...nd,...nm->...dm", self.data, g)
            return unbroadcast(da, self.data.shape), unbroadcast(db, o.data.shape)

        return TensorWithClosures(np.matmul(self.data, o.data), (self, o), pull)

    def sum(self, axis=None, keepdims=False):
        kept = self.data.sum(axis=axis, keepdims=True)
        out = kept if keepdims else self.data.sum(axis=axis)
        return TensorWithClosures(out, (self,), lambda g: (g.reshape(kept.shape) * np.ones_like(self.data),))

    def reshape(self, *shape):
        return TensorWithClosures(self.data.reshape(shape), (self,), lambda g: (g.reshape(self.data.shape),))

    def transpose(self, *axes):
        def pull(g):
            back = [axes.index(i) for i in range(len(axes))]
            return (g.transpose(back),)

        return TensorWithClosures(np.transpose(self.data, axes), (self,), pull)

    def __getitem__(self, index):
        places = np.arange(self.data.size).reshape(self.data.shape)[index]

        def pull(g):
            total = np.bincount(np.ravel(places), weights=np.ravel(g), minlength=self.data.size)
            return (total.reshape(self.data.shape),)

        return TensorWithClosures(self.data[index], (self,), pull)

    def exp(self):
        return TensorWithClosures(np.exp(self.data), (self,), lambda g: (g * np.exp(self.data),))

    def log(self):
        return TensorWithClosures(np.log(self.data), (self,), lambda g: (g / self.data,))

    def relu(self):
        return TensorWithClosures(self.data * (self.data > 0), (self,), lambda g: (np.where(self.data > 0, g, 0.0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + (-o)

    def __rsub__(self, o):
        return -self + o

    __radd__, __rmul__ = __add__, __mul__

    def backward(self, grad=1.0):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for each in node.inputs:
                    visit(each)
                order.append(node)

        visit(self)
        flow = {id(self): np.asarray(grad) * np.ones_like(self.data)}
        for node in reversed(order):
            g = flow.pop(id(node))
            node.grad = node.grad + g
            for each, part in zip(node.inputs, node.pull(g) if node.pull else ()):
                flow[id(each)] = flow[id(each)] + part if id(each) in flow else part


@accepted(of="Tensor")
class TensorOnATape:
    """A list of all operations since the beginning, played backwards from the output."""

    tape = []

    def __init__(self, data):
        self.data = np.asarray(data) * 1.0
        self.grad = np.zeros_like(self.data)

    def _note(self, data, *inputs):
        out = TensorOnATape(data)
        self.tape.append((out, inputs))
        return out

    def _of(self, x):
        return x if isinstance(x, TensorOnATape) else TensorOnATape(x)

    def __add__(self, other):
        a, b = self, self._of(other)
        return self._note(a.data + b.data, (a, lambda g: g), (b, lambda g: g))

    def __mul__(self, other):
        a, b = self, self._of(other)
        return self._note(a.data * b.data, (a, lambda g: g * b.data), (b, lambda g: g * a.data))

    def __matmul__(self, other):
        a, b = self, other
        return self._note(a.data @ b.data, (a, lambda g: g @ b.data.swapaxes(-1, -2)),
                          (b, lambda g: a.data.swapaxes(-1, -2) @ g))  # fmt: skip

    def sum(self, axis=None, keepdims=False):
        axes = tuple(range(self.data.ndim)) if axis is None else axis
        lost = not keepdims
        return self._note(self.data.sum(axis=axes, keepdims=keepdims),
                          (self, lambda g: (np.expand_dims(g, axes) if lost else g) + np.zeros_like(self.data)))  # fmt: skip

    def reshape(self, *shape):
        before = self.data.shape
        return self._note(self.data.reshape(shape), (self, lambda g: np.reshape(g, before)))

    def transpose(self, *axes):
        inverse = np.empty(len(axes), dtype=int)
        inverse[list(axes)] = range(len(axes))
        return self._note(self.data.transpose(axes), (self, lambda g: g.transpose(inverse)))

    def __getitem__(self, index):
        def scatter(g):
            out = np.zeros(self.data.shape)
            np.add.at(out, index, g)
            return out

        return self._note(self.data[index], (self, scatter))

    def exp(self):
        out = self._note(np.exp(self.data), (self, lambda g: g * out.data))
        return out

    def log(self):
        return self._note(np.log(self.data), (self, lambda g: g * self.data**-1.0))

    def relu(self):
        return self._note(np.where(self.data > 0, self.data, 0.0), (self, lambda g: g * np.heaviside(self.data, 0.0)))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + self._of(other) * -1.0

    def __rsub__(self, other):
        return self._of(other) - self

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def zero_grad(self):
        self.grad = self.grad * 0.0

    def backward(self, grad=None):
        flow = {self: np.ones_like(self.data) if grad is None else grad}
        self.grad = self.grad + flow[self]
        for out, inputs in reversed(self.tape):
            if out not in flow:
                continue
            for node, pull in inputs:
                g = unbroadcast(pull(flow[out]), node.data.shape)
                node.grad = node.grad + g
                flow[node] = flow.get(node, 0.0) + g


@accepted(of="Tensor")
class TensorByCounting:
    """Every operation is made of a value and a list of (input, pull); a tensor's turn comes when nobody owes it anything."""

    def __init__(self, data):
        self.data = np.asarray(data, dtype="float64")
        self.grad = np.zeros(self.data.shape)
        self.sources = []

    @staticmethod
    def _wrap(x):
        return x if hasattr(x, "sources") else TensorByCounting(x)

    @classmethod
    def _op(cls, data, sources):
        out = cls(data)
        out.sources = sources
        return out

    def __add__(self, other):
        other = self._wrap(other)
        return self._op(np.add(self.data, other.data), [(self, lambda g: g), (other, lambda g: g)])

    def __sub__(self, other):
        other = self._wrap(other)
        return self._op(np.subtract(self.data, other.data), [(self, lambda g: g), (other, lambda g: -g)])

    def __mul__(self, other):
        other = self._wrap(other)
        x, y = self.data, other.data
        return self._op(x * y, [(self, lambda g: g * y), (other, lambda g: x * g)])

    def __matmul__(self, other):
        x, y = self.data, self._wrap(other).data
        return self._op(
            x @ y, [(self, lambda g: g @ np.moveaxis(y, -1, -2)), (other, lambda g: np.moveaxis(x, -1, -2) @ g)]
        )

    def __neg__(self):
        return self._op(-self.data, [(self, np.negative)])

    def __radd__(self, other):
        return self._wrap(other) + self

    def __rmul__(self, other):
        return self._wrap(other) * self

    def __rsub__(self, other):
        return self._wrap(other) - self

    def sum(self, axis=None, keepdims=False):
        shape = self.data.sum(axis=axis, keepdims=True).shape
        return self._op(self.data.sum(axis, keepdims=keepdims),
                        [(self, lambda g: np.broadcast_to(g.reshape(shape), self.data.shape))])  # fmt: skip

    def reshape(self, *shape):
        return self._op(self.data.reshape(*shape), [(self, lambda g: g.reshape(self.data.shape))])

    def transpose(self, *axes):
        return self._op(self.data.transpose(*axes), [(self, lambda g: np.transpose(g, np.argsort(axes)))])

    def __getitem__(self, index):
        def put_back(g):
            counts = np.zeros_like(self.data)
            for place, value in zip(np.ravel(np.arange(self.data.size).reshape(self.data.shape)[index]), np.ravel(g)):
                counts.flat[place] += value
            return counts

        return self._op(self.data[index], [(self, put_back)])

    def exp(self):
        y = np.exp(self.data)
        return self._op(y, [(self, lambda g: y * g)])

    def log(self):
        return self._op(np.log(self.data), [(self, lambda g: g / self.data)])

    def relu(self):
        on = self.data > 0
        return self._op(self.data * on, [(self, lambda g: g * on)])

    def zero_grad(self):
        self.grad.fill(0.0)

    def backward(self, grad=None):
        owed, todo = {self: 0}, [self]
        while todo:
            for source, _ in todo.pop().sources:
                if source not in owed:
                    owed[source] = 0
                    todo.append(source)
                owed[source] += 1
        flow = {node: np.zeros(node.data.shape) for node in owed}
        flow[self] += 1.0 if grad is None else grad
        ready = [self]
        while ready:
            node = ready.pop()
            node.grad += flow[node]
            for source, pull in node.sources:
                flow[source] += unbroadcast(pull(flow[node]), source.data.shape)
                owed[source] -= 1
                if not owed[source]:
                    ready.append(source)
