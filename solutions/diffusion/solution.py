# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Diffusion: the answers that an instructor would publish."""

import math

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

Array = np.ndarray
Schedule = dict[str, Float[Array, " T+1"]]
Time = int | Int[Array, " N"]


def make_schedule(T: int, kind: str = "linear", lo: float = 1e-4, hi: float = 0.02) -> Schedule:
    """beta, 1 - beta, and its running product; the entry 0 stands for the image itself."""
    if kind == "linear":
        betas = np.linspace(lo, hi, T)
    elif kind == "cosine":
        level = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
        betas = np.minimum(1.0 - level[1:] / level[:-1], 0.999)
    else:
        raise ValueError(f'kind must be "linear" or "cosine", got {kind!r}')
    beta = np.concatenate([[0.0], betas])
    return {"beta": beta, "alpha": 1.0 - beta, "abar": np.cumprod(1.0 - beta)}


def at(values: Float[Array, " T+1"], t: Time, x: Float[Array, "*shape"]) -> Float[Array, "*ones"]:
    """values[t] as a factor for x: one axis of length 1 for every axis of x but the first, and the dtype of x."""
    picked = np.asarray(values[t], dtype=x.dtype)
    return picked.reshape(picked.shape + (1,) * (x.ndim - 1)) if picked.ndim else picked


def q_step(
    x_prev: Float[Array, "N *shape"], t: Time, eps: Float[Array, "N *shape"], sch: Schedule
) -> Float[Array, "N *shape"]:
    """Shrink a little, add a little noise: if x_prev has variance 1, so has the result."""
    return at(np.sqrt(sch["alpha"]), t, x_prev) * x_prev + at(np.sqrt(sch["beta"]), t, x_prev) * eps


def q_sample(
    x0: Float[Array, "N *shape"], t: Time, eps: Float[Array, "N *shape"], sch: Schedule
) -> Float[Array, "N *shape"]:
    """All t steps in one, with one noise in place of t."""
    return at(np.sqrt(sch["abar"]), t, x0) * x0 + at(np.sqrt(1.0 - sch["abar"]), t, x0) * eps


def predict_x0(
    xt: Float[Array, "N *shape"], t: Time, eps: Float[Array, "N *shape"], sch: Schedule
) -> Float[Array, "N *shape"]:
    """x_t = sqrt(abar) x_0 + sqrt(1 - abar) eps, solved for x_0."""
    return (xt - at(np.sqrt(1.0 - sch["abar"]), t, xt) * eps) / at(np.sqrt(sch["abar"]), t, xt)


def predict_eps(
    xt: Float[Array, "N *shape"], t: Time, x0: Float[Array, "N *shape"], sch: Schedule
) -> Float[Array, "N *shape"]:
    """The same, solved for eps."""
    return (xt - at(np.sqrt(sch["abar"]), t, xt) * x0) / at(np.sqrt(1.0 - sch["abar"]), t, xt)


def tilde(sch: Schedule) -> Float[Array, " T+1"]:
    """The posterior variance for every t; the entry 0, which nobody needs, is 0."""
    beta, abar = sch["beta"], sch["abar"]
    return np.concatenate([[0.0], beta[1:] * (1.0 - abar[:-1]) / (1.0 - abar[1:])])


def posterior(
    x0: Float[Array, "N *shape"], xt: Float[Array, "N *shape"], t: Time, sch: Schedule
) -> tuple[Float[Array, "N *shape"], float | Float[Array, " N"]]:
    """A weighted mean of x_0 and x_t; both weights for every t at once, with a 0 in front."""
    beta, alpha, abar = sch["beta"], sch["alpha"], sch["abar"]
    of_x0, of_xt = np.zeros_like(beta), np.zeros_like(beta)
    of_x0[1:] = np.sqrt(abar[:-1]) * beta[1:] / (1.0 - abar[1:])
    of_xt[1:] = np.sqrt(alpha[1:]) * (1.0 - abar[:-1]) / (1.0 - abar[1:])
    return at(of_x0, t, x0) * x0 + at(of_xt, t, x0) * xt, tilde(sch)[t]


def reverse_mean(
    xt: Float[Array, "N *shape"], t: Time, eps_hat: Float[Array, "N *shape"], sch: Schedule
) -> Float[Array, "N *shape"]:
    """Take away the noise of one step, and undo the shrinking of one step."""
    share = np.zeros_like(sch["beta"])
    share[1:] = sch["beta"][1:] / np.sqrt(1.0 - sch["abar"][1:])
    return (xt - at(share, t, xt) * eps_hat) / at(np.sqrt(sch["alpha"]), t, xt)


def p_sample(
    xt: Float[Array, "N *shape"],
    t: Time,
    eps_hat: Float[Array, "N *shape"],
    z: Float[Array, "N *shape"],
    sch: Schedule,
    sigma: str = "beta",
) -> Float[Array, "N *shape"]:
    """The reverse mean and fresh noise, except in the last step."""
    std = np.sqrt(sch["beta"] if sigma == "beta" else tilde(sch))
    std[1] = 0.0
    return reverse_mean(xt, t, eps_hat, sch) + at(std, t, xt) * z


def sample_loop(
    eps_fn, xT: Float[Array, "N *shape"], zs: Float[Array, "T+1 N *shape"], sch: Schedule, sigma: str = "beta"
) -> Float[Array, "N *shape"]:
    """From x_T to x_0, asking for the noise once in every step."""
    x = xT
    for t in range(len(sch["beta"]) - 1, 0, -1):
        x = p_sample(x, t, eps_fn(x, t), zs[t], sch, sigma)
    return x


def prior_kl(x0: Float[Array, "N *shape"], sch: Schedule) -> Float[Array, " N"]:
    """How far x_T is from pure noise: a Gaussian with mean sqrt(abar_T) x_0 and variance 1 - abar_T, against N(0, I)."""
    x0 = x0.reshape(len(x0), -1)
    abar, d = sch["abar"][-1], x0.shape[1]
    return 0.5 * (abar * (x0**2).sum(axis=1) - d * abar - d * np.log(1.0 - abar))


def vlb_term(
    x0: Float[Array, "N *shape"],
    xt: Float[Array, "N *shape"],
    t: int,
    mean_theta: Float[Array, "N *shape"],
    var_theta: float,
    sch: Schedule,
) -> Float[Array, " N"]:
    """At t = 1 the cost of the image itself; before, how far the model's step is from the best one."""
    if t == 1:
        squared = ((x0 - mean_theta).reshape(len(x0), -1) ** 2).sum(axis=1)
        d = x0[0].size
        return 0.5 * (squared / var_theta + d * np.log(2.0 * np.pi * var_theta))
    mean, var = posterior(x0, xt, t, sch)
    squared = ((mean - mean_theta).reshape(len(x0), -1) ** 2).sum(axis=1)
    d = x0[0].size
    return 0.5 * (squared / var_theta + d * (var / var_theta - 1.0 - np.log(var / var_theta)))


def ddim_step(
    xt: Float[Array, "N *shape"],
    t: int,
    t_prev: int,
    eps_hat: Float[Array, "N *shape"],
    z: Float[Array, "N *shape"],
    sch: Schedule,
    eta: float = 0.0,
) -> Float[Array, "N *shape"]:
    """Guess the image, and go to the noise level of t_prev: with the old noise, fresh noise, or some of both."""
    now, before = float(sch["abar"][t]), float(sch["abar"][t_prev])
    sigma = eta * math.sqrt((1.0 - before) / (1.0 - now) * (1.0 - now / before))
    old = math.sqrt(1.0 - before - sigma**2)
    return math.sqrt(before) * predict_x0(xt, t, eps_hat, sch) + old * eps_hat + sigma * z


class NoisePredictor(torch.nn.Module):
    """Guesses the noise in x_t, from x_t and t."""

    def __init__(self, dim: int, width: int, T: int) -> None:
        """Three linear layers; the first also sees eight numbers that tell the time."""
        super().__init__()
        self.steps = T
        self.first = torch.nn.Linear(dim + 8, width)
        self.second = torch.nn.Linear(width, width)
        self.last = torch.nn.Linear(width, dim)

    def forward(self, x: Float[Tensor, "N D"], t: Int[Tensor, " N"]) -> Float[Tensor, "N D"]:
        """The features take the dtype of x, so that the module works in float64 too."""
        angle = (t.to(x.dtype) / self.steps)[:, None] * (math.pi / 2) * torch.tensor([1, 2, 4, 8], dtype=x.dtype)
        h = torch.cat([x, torch.sin(angle), torch.cos(angle)], dim=1)
        h = torch.nn.functional.silu(self.first(h))
        h = torch.nn.functional.silu(self.second(h))
        return self.last(h)


def train_step(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    x0: Float[Tensor, "N *shape"],
    t: Int[Tensor, " N"],
    eps: Float[Tensor, "N *shape"],
    sch: dict[str, Float[Tensor, " T+1"]],
) -> float:
    """Noise the batch, guess the noise, and move the parameters."""
    abar = sch["abar"][t].reshape(-1, *[1] * (x0.ndim - 1))
    xt = abar.sqrt().to(x0.dtype) * x0 + (1.0 - abar).sqrt().to(x0.dtype) * eps
    loss = ((model(xt, t) - eps) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def generate(
    model: torch.nn.Module,
    xT: Float[Tensor, "N *shape"],
    zs: Float[Tensor, "T+1 N *shape"],
    sch: dict[str, Float[Tensor, " T+1"]],
) -> Float[Tensor, "N *shape"]:
    """Question 6 with a network: no graph, no dropout, and the model left in the mode in which it came."""
    was_training = model.training
    model.eval()
    x = xT
    with torch.no_grad():
        for t in range(len(sch["beta"]) - 1, 0, -1):
            beta, abar = sch["beta"][t].item(), sch["abar"][t].item()
            eps_hat = model(x, torch.full((len(x),), t))
            x = (x - beta / math.sqrt(1.0 - abar) * eps_hat) / math.sqrt(1.0 - beta)
            if t > 1:
                x = x + math.sqrt(beta) * zs[t]
    model.train(was_training)
    return x
