# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted backpropagation: float64 torch, forward only; every derivative is taken by torch autograd.

Samples are rows, losses are means over them, the penalty is 0.5 * reg * ||W||^2 of every weight matrix, biases are never
penalised, and ReLU has slope 0 at 0. Parameters of a network are {"W1": (D, H1), "b1": (H1,), "W2": ...}.

An expression graph is `leaves` and a `program`: each instruction is an operation with its operands, of which whole numbers
are nodes (leaves first, then one node for each instruction) and floats or arrays are constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

Params = dict[str, Tensor]
Program = Sequence[Sequence[Any]]


def affine(x: Float[Tensor, "N ..."], W: Float[Tensor, "D M"], b: Float[Tensor, " M"]) -> Float[Tensor, "N M"]:
    """Every sample flattened in C order, times W, plus b."""
    return torch.einsum("nd,dm->nm", x.flatten(start_dim=1), W) + b


def mlp_scores(params: Params, X: Float[Tensor, "N ..."]) -> Float[Tensor, "N C"]:
    """Affine layers with a ReLU after each but the last."""
    depth = sum(name.startswith("W") for name in params)
    h = affine(X, params["W1"], params["b1"])
    for layer in range(2, depth + 1):
        h = affine(torch.relu(h), params[f"W{layer}"], params[f"b{layer}"])
    return h


def mlp_loss(params: Params, X: Float[Tensor, "N ..."], y: Int[Tensor, " N"], reg: float = 0.0) -> Float[Tensor, ""]:
    """Mean cross-entropy of the softmax of the scores, plus 0.5 * reg * ||W||^2 for every layer."""
    scores = mlp_scores(params, X)
    right = scores.gather(1, y[:, None])[:, 0]
    penalty = sum((w.square().sum() for name, w in params.items() if name.startswith("W")), start=torch.zeros(()))
    return (torch.logsumexp(scores, dim=1) - right).mean() + 0.5 * reg * penalty


def mlp_gradients(params: Params, X: Float[Tensor, "N ..."], y: Int[Tensor, " N"], reg: float = 0.0) -> Params:
    """The gradient of mlp_loss with respect to every parameter."""
    leaves = {name: w.detach().clone().requires_grad_() for name, w in params.items()}
    with torch.enable_grad():
        gradients = torch.autograd.grad(mlp_loss(leaves, X, y, reg), list(leaves.values()))
    return dict(zip(leaves, gradients, strict=True))


def train_mlp(
    params: Params,
    X: Float[Tensor, "N ..."],
    y: Int[Tensor, " N"],
    orders: Int[Tensor, "epochs N"],
    lr: float = 0.1,
    momentum: float = 0.9,
    batch: int = 32,
    reg: float = 0.0,
) -> tuple[Params, Float[Tensor, " steps"]]:
    """Minibatch descent with v <- momentum * v + g and w <- w - lr * v. One loss for each step, taken before it."""
    velocity = {name: torch.zeros_like(w) for name, w in params.items()}
    losses = []
    for order in orders:
        for chosen in torch.split(order, batch):
            losses.append(mlp_loss(params, X[chosen], y[chosen], reg).detach())
            gradients = mlp_gradients(params, X[chosen], y[chosen], reg)
            for name, gradient in gradients.items():
                velocity[name] = momentum * velocity[name] + gradient
            params = {name: w - lr * velocity[name] for name, w in params.items()}
    return params, torch.stack(losses) if losses else torch.zeros(0, dtype=torch.float64)


def spread(fan_in: int, fan_out: int, scheme: str) -> float:
    """Standard deviation of the weights of one layer: He et al. 2015 (normal, fan-in), Glorot and Bengio 2010."""
    return (2 / fan_in) ** 0.5 if scheme == "he" else (2 / (fan_in + fan_out)) ** 0.5


def graph_values(leaves: Float[Tensor, " n"], program: Program) -> Float[Tensor, " nodes"]:
    """The value of every node of a graph of numbers."""
    return torch.stack(_numbers(leaves, program))


def graph_gradients(leaves: Float[Tensor, " n"], program: Program, output: int = -1) -> Float[Tensor, " nodes"]:
    """The derivative of one node (the last) with respect to every node; zero where it does not depend on it."""
    with torch.enable_grad():
        nodes = _numbers(leaves.detach().clone().requires_grad_(), program)
        gradients = torch.autograd.grad(nodes[output], nodes, allow_unused=True)
    return torch.stack([torch.zeros_like(node) if g is None else g for node, g in zip(nodes, gradients, strict=True)])


def broadcast(a: Float[Tensor, "*shape"], shape: tuple[int, ...]) -> Float[Tensor, "*big"]:
    """The array, repeated to fill a larger shape: what unbroadcast is the gradient of."""
    return a.expand(*shape)


def tensor_value(leaves: Sequence[Tensor], program: Program) -> Tensor:
    """The last node of a graph of arrays."""
    return _tensors(leaves, program)[-1]


def tensor_gradients(leaves: Sequence[Tensor], program: Program, upstream: Tensor | None = None) -> list[Tensor]:
    """The gradient of (last node * upstream).sum() with respect to every leaf, zero where it does not depend on it."""
    given = [leaf.detach().clone().requires_grad_() for leaf in leaves]
    with torch.enable_grad():
        out = _tensors(given, program)[-1]
        gradients = torch.autograd.grad(out, given, upstream, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(given, gradients, strict=True)]


def _numbers(leaves: Tensor, program: Program) -> list[Tensor]:
    nodes = list(leaves.unbind())
    for operation, *operands in program:
        first, *rest = [nodes[each] if isinstance(each, int) else float(each) for each in operands]
        match operation:
            case "+":
                node = first + rest[0]
            case "-":
                node = first - rest[0]
            case "*":
                node = first * rest[0]
            case "/":
                node = first / rest[0]
            case "**":
                node = first ** rest[0]
            case "neg":
                node = -first
            case name:
                node = getattr(torch, name)(first)
        nodes.append(node)
    return nodes


def _tensors(leaves: Sequence[Tensor], program: Program) -> list[Tensor]:
    nodes = list(leaves)
    for operation, place, *rest in program:
        first = nodes[place]
        match operation:
            case "+" | "*" | "@" | "-":
                other = nodes[rest[0]] if isinstance(rest[0], int) else rest[0]
                node = {"+": torch.add, "*": torch.mul, "@": torch.matmul, "-": torch.sub}[operation](first, other)
            case "sum":
                axis, keepdims = rest
                node = first.sum(keepdim=keepdims, dim=axis if axis is not None else tuple(range(first.ndim)))
            case "reshape":
                node = first.reshape(rest[0])
            case "transpose":
                node = first.permute(*rest[0])
            case "getitem":
                node = first[rest[0]]
            case name:
                node = getattr(torch, name)(first)
        nodes.append(node)
    return nodes
