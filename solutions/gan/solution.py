# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Generative adversarial networks: the answers that an instructor would publish."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Array = np.ndarray


def sigmoid(s: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """1 / (1 + exp(-s)), by way of its logarithm, so that nothing overflows."""
    return np.exp(-np.logaddexp(0, -s))


def d_loss(
    s_real: Float[Array, "*real"], s_fake: Float[Array, "*fake"]
) -> tuple[float, Float[Array, "*real"], Float[Array, "*fake"]]:
    """-ln D of what is real, -ln(1 - D) of what is not: on logits, both are logaddexp. Each batch has its own mean."""
    loss = np.logaddexp(0, -s_real).mean() + np.logaddexp(0, s_fake).mean()
    return loss, -sigmoid(-s_real) / s_real.size, sigmoid(s_fake) / s_fake.size


def g_loss(s_fake: Float[Array, "*fake"], kind: str = "non-saturating") -> tuple[float, Float[Array, "*fake"]]:
    """-ln D of the fakes, or ln(1 - D) of them. The slopes are D - 1 and -D: one is large where the generator loses."""
    if kind == "non-saturating":
        return np.logaddexp(0, -s_fake).mean(), -sigmoid(-s_fake) / s_fake.size
    if kind == "minimax":
        return -np.logaddexp(0, s_fake).mean(), -sigmoid(s_fake) / s_fake.size
    raise ValueError(f'kind must be "non-saturating" or "minimax", got {kind!r}')


def optimal_discriminator(p: Float[Array, "*shape"], q: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """p / (p + q). Where both are 0, nothing is ever seen, and 0 is divided by 1 before 1/2 is put in its place."""
    total = p + q
    nowhere = total == 0
    return np.where(nowhere, 0.5, p / np.where(nowhere, 1, total)).astype(total.dtype)


def gan_value(p: Float[Array, " K"], q: Float[Array, " K"], D: Float[Array, " K"]) -> float:
    """E_p ln D + E_q ln(1 - D). Where a probability is 0, so is its term: the logarithm there is not looked at."""
    real, fake = p > 0, q > 0
    return float(p[real] @ np.log(D[real]) + q[fake] @ np.log(1 - D[fake]))


def jsd(p: Float[Array, " K"], q: Float[Array, " K"]) -> float:
    """Half of KL(p || m), half of KL(q || m), with m half-way between them. Where p > 0, m > 0 too."""
    m = (p + q) / 2
    real, fake = p > 0, q > 0
    return float(p[real] @ np.log(p[real] / m[real]) + q[fake] @ np.log(q[fake] / m[fake])) / 2


def fit_tabular_d(p: Float[Array, " K"], q: Float[Array, " K"], lr: float, steps: int) -> Float[Array, " K"]:
    """One logit for each value. The slope of the game's value by a logit is p (1 - D) - q D."""
    s = np.zeros(len(p))
    for _ in range(steps):
        D = sigmoid(s)
        s = s + lr * (p * (1 - D) - q * D)
    return sigmoid(s)


def g_backward(
    z: Float[Array, "N Z"], theta_g: dict[str, Array], theta_d: dict[str, Array]
) -> tuple[float, dict[str, Array]]:
    """Forward through both, backward through both; only what belongs to the generator is returned."""
    a = np.tanh(z @ theta_g["W1"] + theta_g["b1"])
    x = a @ theta_g["W2"] + theta_g["b2"]
    u = x @ theta_d["V1"] + theta_d["c1"]
    h = np.where(u > 0, u, 0.2 * u)
    loss, ds = g_loss(h @ theta_d["v2"] + theta_d["c2"])
    du = np.outer(ds, theta_d["v2"]) * np.where(u > 0, 1, 0.2).astype(u.dtype)
    dx = du @ theta_d["V1"].T
    da = dx @ theta_g["W2"].T * (1 - a**2)
    return loss, {"W1": z.T @ da, "b1": da.sum(axis=0), "W2": a.T @ dx, "b2": dx.sum(axis=0)}


class Generator(torch.nn.Module):
    """Noise -> tanh -> data; nothing squashes the output, so it can reach data of any range."""

    def __init__(self, noise: int, hidden: int, features: int) -> None:
        """Two linear layers."""
        super().__init__()
        self.inner = torch.nn.Linear(noise, hidden)
        self.outer = torch.nn.Linear(hidden, features)

    def forward(self, z: Float[Tensor, "N Z"]) -> Float[Tensor, "N F"]:
        """One sample for each row of noise."""
        return self.outer(torch.tanh(self.inner(z)))


class Discriminator(torch.nn.Module):
    """Data -> leaky ReLU -> one logit."""

    def __init__(self, features: int, hidden: int) -> None:
        """Two linear layers."""
        super().__init__()
        self.inner = torch.nn.Linear(features, hidden)
        self.outer = torch.nn.Linear(hidden, 1)

    def forward(self, x: Float[Tensor, "N F"]) -> Float[Tensor, " N"]:
        """One logit for each row: column 0, so that a batch of one is still a batch."""
        return self.outer(torch.nn.functional.leaky_relu(self.inner(x), 0.2))[:, 0]


def d_step(
    G: torch.nn.Module,
    D: torch.nn.Module,
    opt_d: torch.optim.Optimizer,
    x_real: Float[Tensor, "N F"],
    z: Float[Tensor, "M Z"],
) -> float:
    """The fakes are made without a graph: nothing of this loss is the generator's business."""
    with torch.no_grad():
        x_fake = G(z)
    loss = torch.nn.functional.softplus(-D(x_real)).mean() + torch.nn.functional.softplus(D(x_fake)).mean()
    opt_d.zero_grad()
    loss.backward()
    opt_d.step()
    return loss.item()


def g_step(G: torch.nn.Module, D: torch.nn.Module, opt_g: torch.optim.Optimizer, z: Float[Tensor, "M Z"]) -> float:
    """Here the graph must reach from the logits through D into G. D gets gradients too; its own step clears them."""
    loss = torch.nn.functional.softplus(-D(G(z))).mean()
    opt_g.zero_grad()
    loss.backward()
    opt_g.step()
    return loss.item()


def gan_step(
    G: torch.nn.Module,
    D: torch.nn.Module,
    opt_g: torch.optim.Optimizer,
    opt_d: torch.optim.Optimizer,
    x_real: Float[Tensor, "N F"],
    z_d: Float[Tensor, "M Z"],
    z_g: Float[Tensor, "K Z"],
) -> dict[str, float]:
    """First D, then G against the D that has just learned."""
    return {"d_loss": d_step(G, D, opt_d, x_real, z_d), "g_loss": g_step(G, D, opt_g, z_g)}


def mode_stats(samples: Float[Array, "N F"], centres: Float[Array, "K F"], radius: float) -> tuple[int, float]:
    """Distances of all pairs; each sample belongs to its nearest centre, if that is near enough."""
    distances = np.linalg.norm(samples[:, None] - centres[None], axis=2)
    near = distances.min(axis=1) <= radius
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centres))
    return int((counts >= 0.01 * len(samples)).sum()), float(near.mean())
