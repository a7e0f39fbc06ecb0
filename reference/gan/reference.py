# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted generative adversarial networks: float64 torch, losses only; every derivative is taken by autograd.

The game of Goodfellow et al. (2014). Everything works on logits s, the probability of "real" being D = 1 / (1 + exp(-s)). Both
losses are minimised; real and fake batches have a mean of their own. The generator is linear, tanh, linear; the
discriminator is linear, leaky ReLU with slope 0.2, linear.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

SLOPE = 0.2
Parameters = dict[str, Tensor]
NAMES = ("inner.weight", "inner.bias", "outer.weight", "outer.bias")


def d_loss(s_real: Float[Tensor, "*real"], s_fake: Float[Tensor, "*fake"]) -> Float[Tensor, ""]:
    """Cross-entropy with label 1 for the real batch, plus cross-entropy with label 0 for the fake one."""
    return _cross_entropy(s_real, 1.0) + _cross_entropy(s_fake, 0.0)


def g_loss(s_fake: Float[Tensor, "*fake"], kind: str = "non-saturating") -> Float[Tensor, ""]:
    """Cross-entropy of the fakes with label 1; or minus their cross-entropy with label 0."""
    return {"non-saturating": _cross_entropy(s_fake, 1.0), "minimax": -_cross_entropy(s_fake, 0.0)}[kind]


def optimal_discriminator(p: Float[Tensor, "*shape"], q: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """p / (p + q), and 1/2 where that is 0 / 0."""
    return torch.nan_to_num(p / (p + q), nan=0.5)


def gan_value(p: Float[Tensor, " K"], q: Float[Tensor, " K"], D: Float[Tensor, " K"]) -> Float[Tensor, ""]:
    """E_p ln D + E_q ln(1 - D), with 0 ln 0 = 0."""
    return (torch.special.xlogy(p, D) + torch.special.xlog1py(q, -D)).sum()


def jsd(p: Float[Tensor, " K"], q: Float[Tensor, " K"]) -> Float[Tensor, ""]:
    """Entropy of the mean of p and q, minus the mean of their entropies (Lin, 1991)."""
    return _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2


def fit_tabular_d(p: Float[Tensor, " K"], q: Float[Tensor, " K"], lr: float, steps: int) -> Float[Tensor, " K"]:
    """Gradient ascent on the value of the game, by one logit for each of K values, from zero."""
    s = torch.zeros_like(p)
    for _ in range(steps):
        s = s.detach().requires_grad_(True)
        with torch.enable_grad():
            log_d, log_not_d = -torch.nn.functional.softplus(-s), -torch.nn.functional.softplus(s)
            (slope,) = torch.autograd.grad((p * log_d + q * log_not_d).sum(), s)
        s = s + lr * slope
    return torch.special.expit(s.detach())


def g_loss_of_nets(
    z: Float[Tensor, "N Z"],
    W1: Float[Tensor, "Z A"],
    b1: Float[Tensor, " A"],
    W2: Float[Tensor, "A F"],
    b2: Float[Tensor, " F"],
    V1: Float[Tensor, "F H"],
    c1: Float[Tensor, " H"],
    v2: Float[Tensor, " H"],
    c2: Float[Tensor, " 1"],
) -> Float[Tensor, ""]:
    """Non-saturating loss of a generator with weights in columns, as numpy courses write them."""
    x = generator(z, W1.T, b1, W2.T, b2)
    return g_loss(discriminator(x, V1.T, c1, v2[None], c2))


def generator(z: Float[Tensor, "N Z"], w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Float[Tensor, "N F"]:
    """Linear, tanh, linear; weights are (out, in), as in torch.nn.Linear."""
    return torch.addmm(b2, torch.tanh(torch.addmm(b1, z, w1.T)), w2.T)


def discriminator(x: Float[Tensor, "N F"], w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Float[Tensor, " N"]:
    """Linear, leaky ReLU, linear to one logit."""
    u = torch.addmm(b1, x, w1.T)
    return torch.addmm(b2, torch.where(u > 0, u, SLOPE * u), w2.T).squeeze(1)


def generator_weighted(z: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, up: Tensor) -> Float[Tensor, ""]:
    """sum(G(z) * up): the scalar whose gradients a backward pass returns."""
    return (generator(z, w1, b1, w2, b2) * up).sum()


def discriminator_weighted(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, up: Tensor) -> Float[Tensor, ""]:
    """sum(D(x) * up)."""
    return (discriminator(x, w1, b1, w2, b2) * up).sum()


def train(
    theta_g: Parameters,
    theta_d: Parameters,
    batches: list[dict[str, Tensor]],
    lr_g: float,
    lr_d: float,
    rule: str = "sgd",
) -> tuple[Parameters, Parameters, list[dict[str, float]]]:
    """Parameters after the batches, and both losses of each batch.

    A batch with `x_real` and `z_d` moves the discriminator; one with `z_g` moves the generator; one with all three first the
    one, then the other. rule: "sgd", or "adam" (Kingma and Ba, 2015, algorithm 1, with beta 0.5 and 0.999).
    """
    g, d, logs = _Moving(theta_g, lr_g, rule), _Moving(theta_d, lr_d, rule), []
    for batch in batches:
        log = {}
        if "z_d" in batch:
            fake = generator(batch["z_d"], *g.values)
            log["d_loss"] = d.descend(
                lambda theta, x=batch["x_real"], fake=fake: d_loss(
                    discriminator(x, *theta), discriminator(fake, *theta)
                )
            )
        if "z_g" in batch:
            log["g_loss"] = g.descend(
                lambda theta, z=batch["z_g"], d=d: g_loss(discriminator(generator(z, *theta), *d.values))
            )
        logs.append(log)
    return dict(zip(NAMES, g.values, strict=True)), dict(zip(NAMES, d.values, strict=True)), logs


def mode_stats(samples: Float[Tensor, "N F"], centres: Float[Tensor, "K F"], radius: float) -> tuple[int, float]:
    """Samples are given to their nearest centre; a mode is there with at least one sample in a hundred within the radius."""
    distance, nearest = ((samples[:, None] - centres) ** 2).sum(dim=2).sqrt().min(dim=1)
    near = distance <= radius
    per_mode = [int((near & (nearest == k)).sum()) for k in range(len(centres))]
    return sum(100 * count >= len(samples) for count in per_mode), int(near.sum()) / len(samples)


class _Moving:
    """Parameters with an optimiser."""

    def __init__(self, theta: Parameters, lr: float, rule: str) -> None:
        self.values = [theta[name].detach().clone() for name in NAMES]
        self.lr, self.rule, self.step = lr, rule, 0
        self.first, self.second = ([torch.zeros_like(value) for value in self.values] for _ in range(2))

    def descend(self, loss_of) -> float:
        """One step down the slope of `loss_of`; the loss before it."""
        leaves = [value.requires_grad_(True) for value in self.values]
        with torch.enable_grad():
            loss = loss_of(leaves)
        self.step += 1
        moved = []
        for k, (value, slope) in enumerate(zip(leaves, torch.autograd.grad(loss, leaves), strict=True)):
            way = slope
            if self.rule == "adam":
                self.first[k] = 0.5 * self.first[k] + 0.5 * slope
                self.second[k] = 0.999 * self.second[k] + 0.001 * slope**2
                mean, square = self.first[k] / (1 - 0.5**self.step), self.second[k] / (1 - 0.999**self.step)
                way = mean / (square.sqrt() + 1e-8)
            moved.append(value.detach() - self.lr * way)
        self.values = moved
        return float(loss.detach())


def _cross_entropy(s: Float[Tensor, "*shape"], label: float) -> Float[Tensor, ""]:
    """Mean of ln(1 + exp(s)) - label s."""
    return (torch.logaddexp(torch.zeros_like(s), s) - label * s).mean()


def _entropy(p: Float[Tensor, " K"]) -> Float[Tensor, ""]:
    return -torch.special.xlogy(p, p).sum()
