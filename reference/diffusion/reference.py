# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted denoising diffusion: float64 torch; every derivative is taken by autograd.

The chain of Ho, Jain and Abbeel (2020): q(x_t | x_{t-1}) = N(sqrt(1 - beta_t) x_{t-1}, beta_t I) for t = 1 ... T. Schedules
are dicts of arrays of length T + 1 with beta[0] = 0 and abar[0] = 1. A time is an integer, or one for each sample.

Backwards everything follows from Bayes' rule for Gaussians alone: no formula of the posterior is copied.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Normal, kl_divergence

Schedule = dict[str, Tensor]
Time = int | Tensor


def make_schedule(T: int, kind: str = "linear", lo: float = 1e-4, hi: float = 0.02) -> Schedule:
    """Linear in beta, or the cosine schedule of Nichol and Dhariwal (2021), eq. 17; abar as a running product."""
    if kind == "linear":
        betas = [lo + (hi - lo) * (t - 1) / max(T - 1, 1) for t in range(1, T + 1)]
    elif kind == "cosine":
        level = [math.cos((t / T + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(T + 1)]
        betas = [min(1.0 - level[t] / level[t - 1], 0.999) for t in range(1, T + 1)]
    else:
        raise ValueError(f"unknown kind {kind!r}")
    survives = [1.0]
    for beta in betas:
        survives.append(survives[-1] * (1.0 - beta))
    beta = torch.tensor([0.0, *betas], dtype=torch.float64)
    return {"beta": beta, "alpha": 1.0 - beta, "abar": torch.tensor(survives, dtype=torch.float64)}


def at(values: Float[Tensor, " T+1"], t: Time, x: Tensor) -> Tensor:
    """values[t], with as many axes of length 1 as x has more."""
    picked = values[t]
    return picked.reshape(*picked.shape, *(1 for _ in range(x.ndim - 1))) if picked.ndim else picked


def q_step(x_prev: Tensor, t: Time, eps: Tensor, sch: Schedule) -> Tensor:
    """A draw of q(x_t | x_{t-1})."""
    beta = at(sch["beta"], t, x_prev)
    return (1.0 - beta) ** 0.5 * x_prev + beta**0.5 * eps


def q_sample(x0: Tensor, t: Time, eps: Tensor, sch: Schedule) -> Tensor:
    """A draw of q(x_t | x_0): what t steps amount to."""
    abar = at(sch["abar"], t, x0)
    return abar**0.5 * x0 + (1.0 - abar) ** 0.5 * eps


def predict_x0(xt: Tensor, t: Time, eps: Tensor, sch: Schedule) -> Tensor:
    """q_sample solved for x0."""
    abar = at(sch["abar"], t, xt)
    return (xt - (1.0 - abar) ** 0.5 * eps) * abar**-0.5


def predict_eps(xt: Tensor, t: Time, x0: Tensor, sch: Schedule) -> Tensor:
    """q_sample solved for eps."""
    abar = at(sch["abar"], t, xt)
    return (xt - abar**0.5 * x0) * (1.0 - abar) ** -0.5


def posterior(x0: Tensor, xt: Tensor, t: Time, sch: Schedule) -> tuple[Tensor, Tensor]:
    """Mean and variance of q(x_{t-1} | x_t, x_0): the normal prior q(x_{t-1} | x_0), updated with one observation x_t.

    Kalman's form: the gain is zero where the prior is certain, so nothing special happens at t = 1.
    """
    before, beta = at(sch["abar"], t - 1, x0), at(sch["beta"], t, x0)
    prior_mean, prior_var = before**0.5 * x0, 1.0 - before
    slope = (1.0 - beta) ** 0.5
    gain = prior_var * slope / (slope**2 * prior_var + beta)
    mean = prior_mean + gain * (xt - slope * prior_mean)
    return mean, ((1.0 - gain * slope) * prior_var).reshape(torch.as_tensor(t).shape)


def reverse_mean(xt: Tensor, t: Time, eps_hat: Tensor, sch: Schedule) -> Tensor:
    """The posterior mean at the x0 that the guessed noise implies."""
    return posterior(predict_x0(xt, t, eps_hat, sch), xt, t, sch)[0]


def p_sample(xt: Tensor, t: Time, eps_hat: Tensor, z: Tensor, sch: Schedule, sigma: str = "beta") -> Tensor:
    """One step of ancestral sampling, without noise at t = 1."""
    if isinstance(t, int):
        t = torch.full((len(xt),), t)
    variance = posterior(xt, xt, t, sch)[1] if sigma == "tilde" else sch["beta"][t]
    std = torch.where(t > 1, variance, torch.zeros_like(variance)).sqrt()
    return reverse_mean(xt, t, eps_hat, sch) + std.reshape(-1, *(1 for _ in range(xt.ndim - 1))) * z


def gaussian_eps(x: Tensor, t: int, sch: Schedule, m: float, s: float) -> Tensor:
    """E[eps | x_t = x] if x_0 ~ N(m, s^2): by the regression of eps on x_t."""
    abar = sch["abar"][t]
    return (1.0 - abar) ** 0.5 / (abar * s**2 + 1.0 - abar) * (x - abar**0.5 * m)


def gaussian_loop(xT: Tensor, zs: Tensor, sch: Schedule, m: float, s: float, sigma: str = "beta") -> Tensor:
    """Ancestral sampling from T to 1 with the denoiser above."""
    return loop(lambda x, t: gaussian_eps(x, t, sch, m, s), xT, zs, sch, sigma)


def loop(eps_fn: Callable[[Tensor, int], Tensor], xT: Tensor, zs: Tensor, sch: Schedule, sigma: str = "beta") -> Tensor:
    """Ancestral sampling from T to 1."""
    x = xT
    for t in reversed(range(1, len(sch["beta"]))):
        x = p_sample(x, t, eps_fn(x, t), zs[t], sch, sigma)
    return x


def gaussian_moments(sch: Schedule, m: float, s: float, sigma: str = "beta") -> tuple[float, float]:
    """Mean and standard deviation of the samples that gaussian_loop draws, step by step."""
    mean, variance = 0.0, 1.0
    abar, beta = sch["abar"].tolist(), sch["beta"].tolist()
    for t in reversed(range(1, len(beta))):
        guess = math.sqrt(1 - abar[t]) / (abar[t] * s**2 + 1 - abar[t])
        shrink = beta[t] / math.sqrt(1 - abar[t])
        slope, shift = 1 - shrink * guess, shrink * guess * math.sqrt(abar[t]) * m
        fresh = 0.0 if t == 1 else beta[t] if sigma == "beta" else beta[t] * (1 - abar[t - 1]) / (1 - abar[t])
        mean = (slope * mean + shift) / math.sqrt(1 - beta[t])
        variance = slope**2 * variance / (1 - beta[t]) + fresh
    return mean, math.sqrt(variance)


def prior_kl(x0: Tensor, sch: Schedule) -> Float[Tensor, " N"]:
    """KL(q(x_T | x_0) || N(0, I)) for each sample, in nats."""
    abar = sch["abar"][-1]
    last = Normal(abar.sqrt() * x0, (1.0 - abar).sqrt())
    return kl_divergence(last, Normal(torch.zeros_like(x0), 1.0)).reshape(len(x0), -1).sum(dim=1)


def vlb_term(
    x0: Tensor, xt: Tensor, t: int, mean_theta: Tensor, var_theta: float, sch: Schedule
) -> Float[Tensor, " N"]:
    """L_{t-1} for each sample, in nats: a KL divergence for t > 1, minus a log-density for t = 1."""
    model = Normal(mean_theta, math.sqrt(var_theta))
    if t == 1:
        return -model.log_prob(x0).reshape(len(x0), -1).sum(dim=1)
    mean, variance = posterior(x0, xt, t, sch)
    return kl_divergence(Normal(mean, variance.sqrt()), model).reshape(len(x0), -1).sum(dim=1)


def ddim_step(xt: Tensor, t: int, t_prev: int, eps_hat: Tensor, z: Tensor, sch: Schedule, eta: float = 0.0) -> Tensor:
    """Song, Meng and Ermon (2021), eq. 12 and 16."""
    now, before = sch["abar"][t], sch["abar"][t_prev]
    sigma = eta * ((1.0 - before) / (1.0 - now) * (1.0 - now / before)) ** 0.5
    direction = (1.0 - before - sigma**2) ** 0.5 * eps_hat
    return before**0.5 * predict_x0(xt, t, eps_hat, sch) + direction + sigma * z


def network(x: Float[Tensor, "N D"], t: Tensor, T: int, *weights: Tensor) -> Float[Tensor, "N D"]:
    """The noise predictor: two hidden layers with SiLU; `weights` are W1, b1, W2, b2, W3, b3 as PyTorch stores them."""
    angles = torch.outer(t.double() / T, torch.tensor([0.5, 1.0, 2.0, 4.0], dtype=torch.float64) * math.pi)
    h = torch.hstack([x, angles.sin(), angles.cos()])
    W1, b1, W2, b2, W3, b3 = weights
    for W, b in ((W1, b1), (W2, b2)):
        z = torch.addmm(b, h, W.T)
        h = z / (1.0 + torch.exp(-z))
    return torch.addmm(b3, h, W3.T)


def network_weighted(x: Tensor, t: Tensor, T: int, up: Tensor, *weights: Tensor) -> Float[Tensor, ""]:
    """sum(network * up): the scalar whose gradients a backward pass gives."""
    return (network(x, t, T, *weights) * up).sum()


def noise_loss(x0: Tensor, t: Tensor, eps: Tensor, sch: Schedule, T: int, *weights: Tensor) -> Float[Tensor, ""]:
    """Mean over all entries of (guessed noise - noise)^2."""
    return ((network(q_sample(x0, t, eps, sch), t, T, *weights) - eps) ** 2).mean()


def descend(
    batches: Sequence[tuple[Tensor, Tensor, Tensor]], sch: Schedule, T: int, lr: float, *weights: Tensor
) -> tuple[list[float], list[Tensor]]:
    """Plain gradient descent, one step for each (x0, t, eps): the losses before each step, and the weights after all."""
    losses = []
    for x0, t, eps in batches:
        leaves = [weight.detach().requires_grad_(True) for weight in weights]
        with torch.enable_grad():
            loss = noise_loss(x0, t, eps, sch, T, *leaves)
            gradients = torch.autograd.grad(loss, leaves)
        weights = tuple(leaf.detach() - lr * gradient for leaf, gradient in zip(leaves, gradients, strict=True))
        losses.append(float(loss.detach()))
    return losses, list(weights)


def linear_loss(x0: Tensor, t: Tensor, eps: Tensor, sch: Schedule, gain: Tensor, tilt: Tensor) -> Float[Tensor, ""]:
    """The loss of the guess gain * x_t + tilt * t, for x0 of any rank."""
    guess = gain * q_sample(x0, t, eps, sch) + tilt * at(torch.arange(len(sch["abar"])).double(), t, x0)
    return ((guess - eps) ** 2).mean()


def linear_generate(xT: Tensor, zs: Tensor, sch: Schedule, gain: float, tilt: float) -> Tensor:
    """Ancestral sampling with the guess gain * x_t + tilt * t, with variance beta."""
    return loop(lambda x, t: gain * x + tilt * t, xT, zs, sch)


def network_samples(xT: Tensor, zs: Tensor, sch: Schedule, *weights: Tensor) -> Tensor:
    """Ancestral sampling with the noise predictor."""
    T = len(sch["beta"]) - 1
    return loop(lambda x, t: network(x, torch.full((len(x),), t), T, *weights), xT, zs, sch)


def energy_distance(a: Float[Tensor, "N D"], b: Float[Tensor, "M D"]) -> float:
    """2 E|a - b| - E|a - a'| - E|b - b'| (Székely and Rizzo, 2013): zero only for equal distributions."""
    return float(2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean())
