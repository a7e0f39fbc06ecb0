"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write loops over samples and units, one matrix for each gate, the
concatenated form of the papers, einsum, or torch inside; a check that takes a point from any of these is wrong, not the answer.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import (
    digit_loss,
    lstm_backward,
    lstm_forward,
    lstm_step_backward,
    lstm_step_forward,
    sigmoid,
)

# --- q1 lstm_step_forward ---------------------------------------------------------------------------------------------


@accepted(of="lstm_step_forward")
def four_gates_one_by_one(x, h, c, Wx, Wh, b):
    """A matrix product for each gate, as the papers print it."""
    H = h.shape[1]
    gates = {}
    for k, (name, squash) in enumerate({"i": sigmoid, "f": sigmoid, "g": np.tanh, "o": sigmoid}.items()):
        block = slice(k * H, (k + 1) * H)
        gates[name] = squash(np.dot(x, Wx[:, block]) + np.dot(h, Wh[:, block]) + b[block])
    c_next = gates["f"] * c + gates["i"] * gates["g"]
    inputs = {"x": x, "h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b}
    return gates["o"] * np.tanh(c_next), c_next, inputs | gates | {"c_next": c_next}


@accepted(of="lstm_step_forward")
def inputs_side_by_side(x, h, c, Wx, Wh, b):
    """[x, h] times one tall matrix, blocks by reshape, the sigmoid as a tanh, copies in the cache."""
    scores = np.hstack([x, h]) @ np.vstack([Wx, Wh]) + b
    a = scores.reshape(len(x), 4, -1)
    i, f, o = (0.5 * (1 + np.tanh(a[:, k] / 2)) for k in (0, 1, 3))
    g = np.tanh(a[:, 2])
    c_next = f * c + i * g
    values = dict(x=x, h=h, c=c, Wx=Wx, Wh=Wh, b=b, i=i, f=f, g=g, o=o, c_next=c_next)
    return o * np.tanh(c_next), c_next, {name: value.copy() for name, value in values.items()} | {"scores": scores}


@accepted(of="lstm_step_forward")
def sample_by_sample(x, h, c, Wx, Wh, b):
    """One sample after the other, a vector of scores for each."""
    out = {name: np.zeros_like(c) for name in ("i", "f", "g", "o", "c_next", "h_next")}
    for n in range(len(x)):
        a = np.split(x[n] @ Wx + h[n] @ Wh + b, 4)
        for name, scores in zip("ifgo", a, strict=True):
            out[name][n] = np.tanh(scores) if name == "g" else sigmoid(scores)
        out["c_next"][n] = out["f"][n] * c[n] + out["i"][n] * out["g"][n]
        out["h_next"][n] = out["o"][n] * np.tanh(out["c_next"][n])
    h_next = out.pop("h_next")
    return h_next, out["c_next"], {"x": x, "h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b} | out


@accepted(of="lstm_step_forward")
def step_in_torch(x, h, c, Wx, Wh, b):
    """The same in torch, back to numpy at the end."""
    tensors = [torch.tensor(np.ascontiguousarray(each)) for each in (x, h, c, Wx, Wh, b)]
    i, f, g, o = torch.chunk(tensors[0] @ tensors[3] + tensors[1] @ tensors[4] + tensors[5], 4, dim=1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c_next = torch.addcmul(i * g, f, tensors[2])
    gates = {"i": i, "f": f, "g": g, "o": o, "c_next": c_next}
    cache = {"x": x, "h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b} | {name: gate.numpy() for name, gate in gates.items()}
    return (o * c_next.tanh()).numpy(), c_next.numpy(), cache


# --- q2 lstm_step_backward --------------------------------------------------------------------------------------------


@accepted(of="lstm_step_backward")
def backwards_with_einsum(dh_next, dc_next, cache):
    """The four blocks as an axis of their own, products by einsum."""
    i, f, g, o = (cache[name] for name in "ifgo")
    N, H = i.shape
    t = np.tanh(cache["c_next"])
    dc = dc_next + dh_next * o * (1 - t * t)
    slopes = np.stack([g * i * (1 - i), cache["c"] * f * (1 - f), i * (1 - g * g)], axis=1) * dc[:, None]
    da = np.concatenate([slopes, (dh_next * t * o * (1 - o))[:, None]], axis=1)
    Wx, Wh = cache["Wx"].reshape(-1, 4, H), cache["Wh"].reshape(-1, 4, H)
    dWx, dWh = np.einsum("nd,nqh->dqh", cache["x"], da), np.einsum("nd,nqh->dqh", cache["h"], da)
    db = np.einsum("nqh->qh", da).reshape(-1)
    dx, dh = np.einsum("nqh,dqh->nd", da, Wx), np.einsum("nqh,dqh->nd", da, Wh)
    return dx, dh, dc * f, dWx.reshape(-1, 4 * H), dWh.reshape(-1, 4 * H), db


@accepted(of="lstm_step_backward")
def backwards_gate_by_gate(dh_next, dc_next, cache):
    """Gradients filled into slices of empty arrays; 1 - tanh^2 as 1 / cosh^2."""
    c_next, H = cache["c_next"], cache["h"].shape[1]
    dc = dh_next * cache["o"] / np.cosh(c_next) ** 2 + dc_next
    da = np.empty_like(cache["h"], shape=(len(c_next), 4 * H))
    da[:, :H] = dc * cache["g"] * (cache["i"] - cache["i"] ** 2)
    da[:, H : 2 * H] = dc * cache["c"] * (cache["f"] - cache["f"] ** 2)
    da[:, 2 * H : 3 * H] = dc * cache["i"] * (1 + cache["g"]) * (1 - cache["g"])
    da[:, 3 * H :] = dh_next * np.tanh(c_next) * (cache["o"] - cache["o"] ** 2)
    dx, dh = (cache["Wx"] @ da.T).T, (cache["Wh"] @ da.T).T
    return [
        dx,
        dh,
        dc * cache["f"],
        np.dot(cache["x"].T, da),
        np.dot(cache["h"].T, da),
        np.ones(len(da), da.dtype) @ da,
    ]


@accepted(of="lstm_step_backward")
def backwards_from_the_inputs(dh_next, dc_next, cache):
    """Uses nothing of the cache but the inputs, and works the gates out again."""
    inputs = [cache[name] for name in ("x", "h", "c", "Wx", "Wh", "b")]
    _, _, again = lstm_step_forward(*inputs)
    return lstm_step_backward(dh_next, dc_next, again)


# --- q3 lstm_forward --------------------------------------------------------------------------------------------------


@accepted(of="lstm_forward")
def states_in_lists(x, h0, c0, Wx, Wh, b):
    """Lists of states, the first of them the given ones, stacked at the end."""
    hs, cs, caches = [h0], [c0], []
    for t in range(x.shape[1]):
        h, c, cache = lstm_step_forward(x[:, t, :], hs[-1], cs[-1], Wx, Wh, b)
        hs.append(h)
        cs.append(c)
        caches.append(cache)
    return np.stack(hs, axis=1)[:, 1:], (hs[-1], cs[-1]), caches


@accepted(of="lstm_forward")
def time_first_inside(x, h0, c0, Wx, Wh, b):
    """Time first inside, batch first outside."""
    h, c, caches = h0.copy(), c0.copy(), []
    out = np.empty((x.shape[1], *h0.shape), dtype=h0.dtype)
    for t, x_t in enumerate(np.swapaxes(x, 0, 1)):
        h, c, cache = lstm_step_forward(x_t, h, c, Wx, Wh, b)
        out[t] = h
        caches.append(cache)
    return np.moveaxis(out, 0, 1), [h, c], tuple(caches)


@accepted(of="lstm_forward")
def by_recursion(x, h0, c0, Wx, Wh, b):
    """One step, and then the rest of the sequence."""
    if x.shape[1] == 0:
        return np.zeros((len(x), 0, h0.shape[1]), h0.dtype), (h0, c0), []
    h, c, cache = lstm_step_forward(x[:, 0], h0, c0, Wx, Wh, b)
    rest, last, caches = by_recursion(x[:, 1:], h, c, Wx, Wh, b)
    return np.concatenate([h[:, None], rest], axis=1), last, [cache, *caches]


# --- q4 lstm_backward -------------------------------------------------------------------------------------------------


@accepted(of="lstm_backward")
def last_state_joined_to_the_last_output(dh, dhT, dcT, caches):
    """hT is the last output, so dhT may be added to a copy of dh first."""
    dh = dh.copy()
    dh[:, -1] += dhT
    dx, dh_t, dc_t = [None] * len(caches), np.zeros_like(dhT), dcT
    totals = [0.0, 0.0, 0.0]
    for t in range(len(caches) - 1, -1, -1):
        dx[t], dh_t, dc_t, *grads = lstm_step_backward(dh_t + dh[:, t], dc_t, caches[t])
        totals = [total + grad for total, grad in zip(totals, grads, strict=True)]
    return np.stack(dx, axis=1), dh_t, dc_t, *totals


@accepted(of="lstm_backward")
def in_place_on_own_arrays(dh, dhT, dcT, caches):
    """Everything summed in place, into arrays of its own."""
    N, T, _ = dh.shape
    dx = np.zeros((N, T, caches[0]["x"].shape[1]), dh.dtype)
    dWx, dWh = np.zeros_like(caches[0]["Wx"]), np.zeros_like(caches[0]["Wh"])
    db = np.zeros_like(caches[0]["b"])
    carried, dc = np.array(dhT), np.array(dcT)
    for t in range(T)[::-1]:
        carried += dh[:, t]
        dx[:, t], carried, dc, *grads = lstm_step_backward(carried, dc, caches[t])
        for total, grad in zip((dWx, dWh, db), grads, strict=True):
            total += grad
    return [dx, carried, dc, dWx, dWh, db]


@accepted(of="lstm_backward")
def backwards_by_halves(dh, dhT, dcT, caches):
    """The second half first, then the first half with what it hands back."""
    if len(caches) == 1:
        dx, *rest = lstm_step_backward(dh[:, 0] + dhT, dcT, caches[0])
        return dx[:, None], *rest
    middle = len(caches) // 2
    late = backwards_by_halves(dh[:, middle:], dhT, dcT, caches[middle:])
    early = backwards_by_halves(dh[:, :middle], late[1], late[2], caches[:middle])
    sums = [a + b for a, b in zip(early[3:], late[3:], strict=True)]
    return np.concatenate([early[0], late[0]], axis=1), early[1], early[2], *sums


# --- q5 fix_gate, highway ---------------------------------------------------------------------------------------------


@accepted(of="fix_gate")
def gates_by_mask(Wx, Wh, b, gate, value):
    """Masks of whole columns; the logit as a difference of logarithms."""
    mine = np.repeat(np.array(list("ifgo")) == gate, len(Wh))
    score = -100 if value == 0 else 100 if value == 1 else np.log(value) - np.log1p(-value)
    return np.where(mine, 0, Wx), np.where(mine, 0, Wh), np.where(mine, score, b)


@accepted(of="fix_gate")
def gates_by_pieces(Wx, Wh, b, gate, value):
    """Cut into four pieces, one of them replaced, joined again."""
    score = {0: -100.0, 1: 100.0}.get(value)
    score = -math.log(1 / value - 1) if score is None else score
    return tuple(
        np.concatenate(
            [p * 0 + new if name == gate else p for name, p in zip("ifgo", np.split(W, 4, -1), strict=True)], -1
        )
        for W, new in ((Wx, 0.0), (Wh, 0.0), (b, score))
    )


@accepted(of="fix_gate")
def gates_by_reshape(Wx, Wh, b, gate, value):
    """The blocks as an axis of their own, in copies."""
    q, H = {"i": 0, "f": 1, "g": 2, "o": 3}[gate], Wh.shape[0]
    Wx, Wh, b = np.array(Wx).reshape(-1, 4, H), np.array(Wh).reshape(-1, 4, H), np.array(b).reshape(4, H)
    Wx[:, q], Wh[:, q] = 0, 0
    with np.errstate(divide="ignore"):
        b[q] = np.clip(np.log(np.float64(value) / (1 - np.float64(value))), -100, 100)
    return Wx.reshape(-1, 4 * H), Wh.reshape(-1, 4 * H), b.ravel()


@accepted(of="highway")
def highway_by_cumprod(f):
    """A reversed cumulative product, shifted by one step."""
    ones = np.ones_like(f[:, :1])
    return np.cumprod(np.concatenate([ones, f[:, :0:-1]], axis=1), axis=1)[:, ::-1]


@accepted(of="highway")
def highway_by_definition(f):
    """The product, for each step anew."""
    T = f.shape[1]
    return np.stack([np.prod(f[:, t + 1 :], axis=1) for t in range(T)], axis=1)


@accepted(of="highway")
def highway_by_logarithms(f):
    """Products as sums of logarithms; the logarithm of 0 is -inf, which exp takes back to 0."""
    with np.errstate(divide="ignore"):
        logs = np.log(f)
    return np.exp(np.stack([logs[:, t + 1 :].sum(axis=1) for t in range(f.shape[1])], axis=1))


# --- q6 convert_gates -------------------------------------------------------------------------------------------------


def _refuse(*orders):
    for order in orders:
        if len(order) != 4 or set(order) != set("ifgo"):
            raise ValueError("not an order of the four gates")


@accepted(of="convert_gates")
def columns_by_index(W, src, dst):
    """One list of columns."""
    _refuse(src, dst)
    H = W.shape[-1] // 4
    return W[..., np.concatenate([np.arange(H) + src.index(gate) * H for gate in dst])]


@accepted(of="convert_gates")
def blocks_as_an_axis(W, src, dst):
    """Reshape to (..., 4, H), take, reshape back."""
    _refuse(src, dst)
    blocks = W.reshape(*W.shape[:-1], 4, W.shape[-1] // 4)
    return np.take(blocks, [src.index(gate) for gate in dst], axis=-2).reshape(W.shape)


@accepted(of="convert_gates")
def block_by_block(W, src, dst):
    """Copies each block to its new place."""
    _refuse(src, dst)
    out, H = np.empty_like(W), W.shape[-1] // 4
    for gate in "ifgo":
        old, new = src.index(gate) * H, dst.index(gate) * H
        out[..., new : new + H] = W[..., old : old + H]
    return out


# --- q7 lstm_params, lstm_init ----------------------------------------------------------------------------------------


@accepted(of="lstm_params")
def counted_array_by_array(D, H, biases=1):
    """The sizes of the arrays."""
    return D * 4 * H + H * 4 * H + biases * 4 * H


@accepted(of="lstm_params")
def counted_by_numpy(D, H, biases=1):
    """np.prod of the shapes: a numpy integer."""
    return np.prod((4, D, H)) + np.prod((4, H, H)) + np.prod((biases, 4, H))


@accepted(of="lstm_params")
def counted_with_a_column_of_ones(D, H, biases=1):
    """Biases as weights of inputs that are always 1."""
    return (D + biases + H) * H << 2


@accepted(of="lstm_init")
def init_in_one_matrix(D, H, rng, forget_bias=1.0):
    """Drawn as one matrix and cut; the recurrent part first."""
    k = H**-0.5
    both = rng.uniform(-k, k, size=(H + D, 4 * H))
    return both[H:], both[:H], np.repeat([0.0, forget_bias, 0.0, 0.0], H)


@accepted(of="lstm_init")
def init_gate_by_gate(D, H, rng, forget_bias=1.0):
    """Block by block, from rng.random."""
    k = 1 / np.sqrt(H)
    Wx = np.hstack([(2 * rng.random((D, H)) - 1) * k for _ in range(4)])
    Wh = np.hstack([(2 * rng.random((H, H)) - 1) * k for _ in range(4)])
    return Wx, Wh, np.concatenate([np.zeros(H), np.full(H, forget_bias), np.zeros(2 * H)])


@accepted(of="lstm_init")
def init_number_by_number(D, H, rng, forget_bias=1.0):
    """Loops, as in C."""
    k = 1 / math.sqrt(H)
    Wx = np.array([[rng.uniform(-k, k) for _ in range(4 * H)] for _ in range(D)])
    Wh = np.array([[rng.uniform(-k, k) for _ in range(4 * H)] for _ in range(H)])
    return Wx, Wh, np.array([forget_bias if H <= column < 2 * H else 0.0 for column in range(4 * H)])


# --- q8 LSTMCell ------------------------------------------------------------------------------------------------------


@accepted(of="LSTMCell")
class CellWithLinear(torch.nn.Module):
    """torch.nn.functional.linear, a loop over the gates; random numbers from 0 to 1, stretched."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        k = hidden_size**-0.5
        self.weight_ih = torch.nn.Parameter(k * (2 * torch.rand(4 * hidden_size, input_size) - 1))
        self.weight_hh = torch.nn.Parameter(k * (2 * torch.rand(4 * hidden_size, hidden_size) - 1))
        self.bias_ih = torch.nn.Parameter(k * (2 * torch.rand(4 * hidden_size) - 1))
        self.bias_hh = torch.nn.Parameter(k * (2 * torch.rand(4 * hidden_size) - 1))

    def forward(self, x, state=None):
        H = self.weight_hh.shape[1]
        h, c = state if state is not None else 2 * [torch.zeros(len(x), H, dtype=x.dtype)]
        linear = torch.nn.functional.linear
        a = (linear(x, self.weight_ih, self.bias_ih) + linear(h, self.weight_hh, self.bias_hh)).view(len(x), 4, H)
        i, f, o = (a[:, k].sigmoid() for k in (0, 1, 3))
        c = f * c + i * a[:, 2].tanh()
        return o * c.tanh(), c


@accepted(of="LSTMCell")
class CellWithOneProduct(torch.nn.Module):
    """Inputs and states side by side; the sigmoid as a tanh; register_parameter."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.H = hidden_size
        any_of_them = torch.distributions.Uniform(-1 / hidden_size**0.5, 1 / hidden_size**0.5)
        for name, columns in (("ih", input_size), ("hh", hidden_size)):
            weight, bias = any_of_them.sample((4 * hidden_size, columns)), any_of_them.sample((4 * hidden_size,))
            self.register_parameter(f"weight_{name}", torch.nn.Parameter(weight))
            self.register_parameter(f"bias_{name}", torch.nn.Parameter(bias))

    def forward(self, x, state=None):
        if state is None:
            state = torch.zeros_like(x[:, :1]).expand(-1, self.H), torch.zeros_like(x[:, :1]).expand(-1, self.H)
        h, c = state
        weight = torch.cat([self.weight_ih, self.weight_hh], dim=1)
        scores = torch.cat([x, h], dim=1) @ weight.t() + (self.bias_ih + self.bias_hh)
        i, f, g, o = scores.split(self.H, dim=-1)
        i, f, o = (0.5 + 0.5 * torch.tanh(0.5 * gate) for gate in (i, f, o))
        c_next = f * c + i * torch.tanh(g)
        return o * torch.tanh(c_next), c_next


@accepted(of="LSTMCell")
class CellGateByGate(torch.nn.Module):
    """einsum and slices; the state may be None or absent."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        new = torch.nn.Parameter
        self.weight_ih, self.weight_hh = (
            new(torch.empty(4 * hidden_size, input_size)),
            new(torch.empty(4 * hidden_size, hidden_size)),
        )
        self.bias_ih, self.bias_hh = new(torch.empty(4 * hidden_size)), new(torch.empty(4 * hidden_size))
        for each in self.parameters():
            torch.nn.init.uniform_(each, -1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def gate(self, k, x, h):
        rows = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
        from_input = torch.einsum("nd,hd->nh", x, self.weight_ih[rows]) + self.bias_ih[rows]
        return from_input + torch.einsum("nd,hd->nh", h, self.weight_hh[rows]) + self.bias_hh[rows]

    def forward(self, x, state=None):
        if state is None:
            h = c = torch.zeros((x.size(0), self.hidden_size)).to(x)
        else:
            h, c = state
        kept = torch.sigmoid(self.gate(1, x, h)) * c
        c = kept + torch.sigmoid(self.gate(0, x, h)) * torch.tanh(self.gate(2, x, h))
        return [torch.sigmoid(self.gate(3, x, h)) * torch.tanh(c), c]


# --- q9 digit_loss, train_digits --------------------------------------------------------------------------------------


@accepted(of="digit_loss")
def loss_with_probabilities(p, x, y):
    """Probabilities first; the gradient enters at the last output instead of the last state."""
    N, T, _ = x.shape
    zeros = np.zeros((N, p["Wh"].shape[0]))
    h, _, caches = lstm_forward(x, zeros, zeros, p["Wx"], p["Wh"], p["b"])
    scores = h[:, -1] @ p["V"] + p["a"]
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    q = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(q[np.arange(N), y]))
    q[np.arange(N), y] -= 1
    q /= N
    dh = np.zeros_like(h)
    dh[:, T - 1] = q @ p["V"].T
    grads = lstm_backward(dh, zeros, zeros, caches)
    return loss, {"a": q.sum(0), "V": h[:, -1].T @ q, "b": grads[5], "Wh": grads[4], "Wx": grads[3]}


@accepted(of="digit_loss")
def loss_sample_by_sample(p, x, y):
    """One sequence after the other."""
    total, sums = 0.0, {name: np.zeros_like(value) for name, value in p.items()}
    zeros = np.zeros((1, p["Wh"].shape[0]))
    for sequence, label in zip(x, y, strict=True):
        h, (hT, _), caches = lstm_forward(sequence[None], zeros, zeros, p["Wx"], p["Wh"], p["b"])
        scores = (hT @ p["V"] + p["a"])[0]
        top = scores.max()
        log_z = top + math.log(sum(math.exp(s - top) for s in scores))
        total += log_z - scores[label]
        ds = np.exp(scores - log_z)
        ds[label] -= 1
        _, _, _, *grads = lstm_backward(0 * h, (p["V"] @ ds)[None], zeros, caches)
        for name, grad in zip(("Wx", "Wh", "b", "V", "a"), (*grads, np.outer(hT, ds), ds), strict=True):
            sums[name] += grad / len(x)
    return total / len(x), sums


@accepted(of="digit_loss")
def loss_of_all_scores_in_torch(p, x, y):
    """The head in torch, its gradient by hand, the LSTM in numpy."""
    zeros = np.zeros((len(x), p["Wh"].shape[0]))
    h, (hT, _), caches = lstm_forward(x, zeros, zeros, p["Wx"], p["Wh"], p["b"])
    log_p = torch.log_softmax(torch.tensor(hT @ p["V"] + p["a"]), dim=1).numpy()
    one_hot = np.eye(log_p.shape[1])[y]
    ds = (np.exp(log_p) - one_hot) / len(x)
    grads = lstm_backward(np.zeros(h.shape), ds.dot(p["V"].T), zeros, caches)
    return -(log_p * one_hot).sum() / len(x), dict(Wx=grads[3], Wh=grads[4], b=grads[5], V=hT.T.dot(ds), a=ds.sum(0))


def _adam(p, gradients, m, v, step, lr):
    for name in p:
        m[name] += 0.1 * (gradients[name] - m[name])
        v[name] += 0.001 * (gradients[name] ** 2 - v[name])
        rate = lr * math.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        p[name] -= rate * m[name] / (np.sqrt(v[name]) + 1e-8 * math.sqrt(1 - 0.999**step))


@accepted(of="train_digits")
def adam_in_place_on_copies(p, X, y, batches, lr=0.01):
    """Both corrections in one rate, in place on copies."""
    p = {name: np.array(value) for name, value in p.items()}
    m, v = ({name: 0 * value for name, value in p.items()} for _ in range(2))
    history = []
    for k in range(len(batches)):
        loss, gradients = digit_loss(p, X[batches[k]], y[batches[k]])
        history += [loss]
        _adam(p, gradients, m, v, k + 1, lr)
    return p, history


@accepted(of="train_digits")
def adam_with_powers_kept(p, X, y, batches, lr=0.01):
    """The powers of beta multiplied up from step to step; history as an array."""
    p, state = dict(p), {name: (np.zeros_like(value), np.zeros_like(value)) for name, value in p.items()}
    history, power_1, power_2 = np.zeros(len(batches)), 1.0, 1.0
    for k, batch in enumerate(batches):
        history[k], gradients = digit_loss(p, X[batch], y[batch])
        power_1, power_2 = power_1 * 0.9, power_2 * 0.999
        for name, g in gradients.items():
            m, v = state[name]
            m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
            state[name] = m, v
            p[name] = p[name] - lr * (m / (1 - power_1)) / (np.sqrt(v / (1 - power_2)) + 1e-8)
    return p, history


@accepted(of="train_digits")
def adam_on_one_long_vector(p, X, y, batches, lr=0.01):
    """All parameters in one vector, cut apart for the loss."""
    shapes = {name: np.shape(value) for name, value in p.items()}

    def cut(vector):
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
        return {
            name: part.reshape(shapes[name]) for name, part in zip(shapes, np.split(vector, ends[:-1]), strict=True)
        }

    theta = np.concatenate([np.ravel(value) for value in p.values()])
    m, v, history = 0.0, 0.0, []
    for step, batch in enumerate(batches, 1):
        loss, gradients = digit_loss(cut(theta), X[batch], y[batch])
        g = np.concatenate([np.ravel(gradients[name]) for name in shapes])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - lr * m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        history.append(float(loss))
    return cut(theta), history
