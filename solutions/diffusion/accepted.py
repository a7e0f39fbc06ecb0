"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students loop over samples, precompute tables or index first, go through the image
instead of the noise; a check that takes a point from any of these is wrong, not the answer.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import at, p_sample, posterior, predict_x0, reverse_mean

# --- q1 make_schedule -------------------------------------------------------------------------------------------------


@accepted(of="make_schedule")
def schedule_by_loop(T, kind="linear", lo=1e-4, hi=0.02):
    """One time after the other."""
    if kind not in {"linear", "cosine"}:
        raise ValueError(kind)

    def f(t):
        return math.cos((t / T + 0.008) / 1.008 * math.pi / 2) ** 2

    beta, abar = np.zeros(T + 1), np.ones(T + 1)
    for t in range(1, T + 1):
        if kind == "linear":
            beta[t] = lo if T == 1 else lo + (t - 1) * (hi - lo) / (T - 1)
        else:
            beta[t] = min(1 - f(t) / f(t - 1), 0.999)
        abar[t] = abar[t - 1] * (1 - beta[t])
    return {"beta": beta, "alpha": 1 - beta, "abar": abar}


@accepted(of="make_schedule")
def schedule_by_logarithms(T, kind="linear", lo=1e-4, hi=0.02):
    """The product as the exponential of a sum."""
    if kind == "linear":
        beta = np.r_[0.0, np.linspace(lo, hi, T)]
    elif kind == "cosine":
        f = np.cos((np.linspace(0, 1, T + 1) + 0.008) / 1.008 * np.pi / 2) ** 2
        beta = np.r_[0.0, np.clip(1 - f[1:] / f[:-1], 0, 0.999)]
    else:
        raise ValueError("kind")
    return dict(beta=beta, alpha=1 - beta, abar=np.exp(np.cumsum(np.log1p(-beta))))


@accepted(of="make_schedule")
def schedule_in_torch(T, kind="linear", lo=1e-4, hi=0.02):
    """torch has the same functions."""
    if kind == "linear":
        betas = torch.linspace(lo, hi, T, dtype=torch.float64)
    elif kind == "cosine":
        t = torch.arange(T + 1, dtype=torch.float64)
        f = torch.cos((t / T + 0.008) / 1.008 * torch.pi / 2).square()
        betas = (1 - f[1:] / f[:-1]).clamp(max=0.999)
    else:
        raise ValueError(f"no schedule {kind}")
    beta = torch.cat([torch.zeros(1, dtype=torch.float64), betas])
    return {"beta": beta.numpy(), "alpha": (1 - beta).numpy(), "abar": torch.cumprod(1 - beta, 0).numpy()}


# --- q2 at, q_step, q_sample ------------------------------------------------------------------------------------------


@accepted(of="at")
def at_by_new_axes(values, t, x):
    """One axis after the other."""
    out = np.asarray(values)[t]
    if np.ndim(t):
        while out.ndim < x.ndim:
            out = out[..., None]
    return np.asarray(out).astype(x.dtype)


@accepted(of="at")
def at_in_the_full_shape(values, t, x):
    """A factor for every number of x."""
    out = np.empty(x.shape, dtype=x.dtype)
    for n in range(len(x)):
        out[n] = values[t[n] if np.ndim(t) else t]
    return out


@accepted(of="at")
def at_for_one_time_too(values, t, x):
    """One time is a time for every sample."""
    t = np.broadcast_to(t, len(x))
    return np.take(values, t).reshape(-1, *[1] * (x.ndim - 1)).astype(x.dtype)


@accepted(of="q_step")
def step_by_the_square_root_of_one_minus_beta(x_prev, t, eps, sch):
    """1 - beta in place of alpha, indexed first."""
    b = np.asarray(sch["beta"])[t]
    if np.ndim(b):
        b = b.reshape(-1, *[1] * (x_prev.ndim - 1))
    return (np.sqrt(1 - b) * x_prev + np.sqrt(b) * eps).astype(x_prev.dtype)


@accepted(of="q_step")
def step_by_loop(x_prev, t, eps, sch):
    """Sample by sample."""
    out = np.zeros_like(x_prev)
    for n in range(len(x_prev)):
        beta = float(sch["beta"][t[n] if np.ndim(t) else t])
        out[n] = math.sqrt(1 - beta) * x_prev[n] + math.sqrt(beta) * eps[n]
    return out


@accepted(of="q_sample")
def jump_by_loop(x0, t, eps, sch):
    """Sample by sample."""
    times = np.broadcast_to(t, (len(x0),))
    rows = []
    for x, e, time in zip(x0, eps, times):
        abar = float(sch["abar"][time])
        rows.append(abar**0.5 * x + (1 - abar) ** 0.5 * e)
    return np.array(rows)


@accepted(of="q_sample")
def jump_by_einsum(x0, t, eps, sch):
    """The batch axis by name, computed in float64 and rounded at the end."""
    abar = np.broadcast_to(sch["abar"][t], (len(x0),))
    x = np.einsum("n,n...->n...", np.sqrt(abar), x0) + np.einsum("n,n...->n...", np.sqrt(1 - abar), eps)
    return x.astype(x0.dtype)


@accepted(of="q_sample")
def jump_through_transposes(x0, t, eps, sch):
    """With the batch last, (N,) broadcasts as it is."""
    abar = sch["abar"][t]
    return (np.sqrt(abar) * x0.T + np.sqrt(1 - abar) * eps.T).T.astype(x0.dtype)


# --- q3 predict_x0, predict_eps ---------------------------------------------------------------------------------------


@accepted(of="predict_x0")
def image_by_the_noise_to_signal_ratio(xt, t, eps, sch):
    """x_t / sqrt(abar) - sqrt(1 / abar - 1) eps, the form of many code bases."""
    return at(1 / np.sqrt(sch["abar"]), t, xt) * xt - at(np.sqrt(1 / sch["abar"] - 1), t, xt) * eps


@accepted(of="predict_x0")
def image_by_loop(xt, t, eps, sch):
    """Sample by sample."""
    out = np.empty_like(xt)
    for n, time in enumerate(np.broadcast_to(t, len(xt))):
        a = float(sch["abar"][time])
        out[n] = (xt[n] - math.sqrt(1 - a) * eps[n]) / math.sqrt(a)
    return out


@accepted(of="predict_x0")
def image_through_transposes(xt, t, eps, sch):
    """Indexed first, with the batch last."""
    a = sch["abar"][t]
    return ((xt.T - np.sqrt(1 - a) * eps.T) * a**-0.5).T.astype(xt.dtype)


@accepted(of="predict_eps")
def noise_by_loop(xt, t, x0, sch):
    """Sample by sample."""
    out = np.empty_like(xt)
    for n, time in enumerate(np.broadcast_to(t, len(xt))):
        a = float(sch["abar"][time])
        out[n] = (xt[n] - math.sqrt(a) * x0[n]) / math.sqrt(1 - a)
    return out


@accepted(of="predict_eps")
def noise_by_two_factors(xt, t, x0, sch):
    """A factor for each of the two; the one at t = 0, which nobody needs, is infinite."""
    with np.errstate(divide="ignore"):
        return at(1 / np.sqrt(1 - sch["abar"]), t, xt) * xt - at(np.sqrt(sch["abar"] / (1 - sch["abar"])), t, xt) * x0


@accepted(of="predict_eps")
def noise_through_transposes(xt, t, x0, sch):
    """Indexed first, with the batch last."""
    a = sch["abar"][t]
    return ((xt.T - np.sqrt(a) * x0.T) / np.sqrt(1 - a)).T.astype(xt.dtype)


# --- q4 posterior -----------------------------------------------------------------------------------------------------


@accepted(of="posterior")
def posterior_by_precisions(x0, xt, t, sch):
    """A product of two Gaussians: precisions add, means are weighted by them. A certain prior (t = 1) is a case apart."""
    times = np.broadcast_to(t, len(x0))
    mean, var = np.empty_like(x0), np.zeros(len(x0))
    for n, time in enumerate(times):
        before, alpha, beta = (float(v) for v in (sch["abar"][time - 1], sch["alpha"][time], sch["beta"][time]))
        if time == 1:
            mean[n] = x0[n]
            continue
        precision = 1 / (1 - before) + alpha / beta
        var[n] = 1 / precision
        mean[n] = (math.sqrt(before) / (1 - before) * x0[n] + math.sqrt(alpha) / beta * xt[n]) / precision
    return mean, var if np.ndim(t) else var[0]


@accepted(of="posterior")
def posterior_indexed_first(x0, xt, t, sch):
    """The formula with numbers of t alone; abar[t-1] as abar / alpha."""
    t = np.asarray(t)
    beta, alpha, now = sch["beta"][t], sch["alpha"][t], sch["abar"][t]
    before = sch["abar"][t - 1]
    a, b = np.sqrt(before) * beta / (1 - now), np.sqrt(alpha) * (1 - before) / (1 - now)
    if t.ndim:
        a, b = (each.reshape(-1, *[1] * (x0.ndim - 1)) for each in (a, b))
    return (a * x0 + b * xt).astype(x0.dtype), beta * (1 - before) / (1 - now)


@accepted(of="posterior")
def posterior_by_conditioning(x0, xt, t, sch):
    """Regression of x_{t-1} on x_t: covariance over variance."""
    now, before, alpha = sch["abar"][t], sch["abar"][np.asarray(t) - 1], sch["alpha"][t]
    gain = np.sqrt(alpha) * (1 - before) / (1 - now)
    var = (1 - before) - gain * np.sqrt(alpha) * (1 - before)
    var = np.where(np.asarray(t) == 1, 0.0, var)
    mean = np.sqrt(before) * x0.T + gain * (xt.T - np.sqrt(now) * x0.T)
    return mean.T.astype(x0.dtype), var


# --- q5 reverse_mean, p_sample ----------------------------------------------------------------------------------------


@accepted(of="reverse_mean")
def mean_through_the_image(xt, t, eps_hat, sch):
    """Question 4 at the guess of question 3."""
    return posterior(predict_x0(xt, t, eps_hat, sch), xt, t, sch)[0]


@accepted(of="reverse_mean")
def mean_by_loop(xt, t, eps_hat, sch):
    """Sample by sample."""
    out = np.empty_like(xt)
    for n, time in enumerate(np.broadcast_to(t, len(xt))):
        beta, abar = float(sch["beta"][time]), float(sch["abar"][time])
        out[n] = (xt[n] - beta / math.sqrt(1 - abar) * eps_hat[n]) / math.sqrt(1 - beta)
    return out


@accepted(of="reverse_mean")
def mean_with_two_factors(xt, t, eps_hat, sch):
    """Indexed first, multiplied out."""
    a = 1 / np.sqrt(sch["alpha"][t])
    b = a * (1 - sch["alpha"][t]) / np.sqrt(1 - sch["abar"][t])
    return (a * xt.T - b * eps_hat.T).T.astype(xt.dtype)


@accepted(of="p_sample")
def step_with_a_mask(xt, t, eps_hat, z, sch, sigma="beta"):
    """Noise times (t > 1)."""
    beta, abar = sch["beta"][t], sch["abar"][t]
    variance = beta if sigma == "beta" else beta * (1 - sch["abar"][np.asarray(t) - 1]) / (1 - abar)
    std = np.asarray(np.sqrt(variance) * (np.asarray(t) > 1)).astype(xt.dtype)
    return reverse_mean(xt, t, eps_hat, sch) + (std * z.T).T


@accepted(of="p_sample")
def step_by_posterior(xt, t, eps_hat, z, sch, sigma="beta"):
    """Mean and variance of the posterior at the guessed image."""
    mean, var = posterior(predict_x0(xt, t, eps_hat, sch), xt, t, sch)
    if sigma == "beta":
        var = np.where(np.asarray(t) == 1, 0.0, sch["beta"][t])
    return mean + (np.sqrt(var).astype(xt.dtype) * z.T).T


@accepted(of="p_sample")
def step_one_sample_at_a_time(xt, t, eps_hat, z, sch, sigma="beta"):
    """A loop with an if."""
    rows = []
    for n, time in enumerate(np.broadcast_to(t, len(xt))):
        time = int(time)
        row = reverse_mean(xt[n : n + 1], time, eps_hat[n : n + 1], sch)[0]
        if time > 1:
            var = sch["beta"][time]
            if sigma == "tilde":
                var = var * (1 - sch["abar"][time - 1]) / (1 - sch["abar"][time])
            row = row + math.sqrt(var) * z[n]
        rows.append(row)
    return np.stack(rows)


# --- q6 sample_loop ---------------------------------------------------------------------------------------------------


@accepted(of="sample_loop")
def loop_counting_down(eps_fn, xT, zs, sch, sigma="beta"):
    """while t > 0."""
    x, t = xT.copy(), len(sch["beta"]) - 1
    while t > 0:
        x = p_sample(x, t, eps_fn(x, t), zs[t], sch, sigma)
        t -= 1
    return x


@accepted(of="sample_loop")
def loop_by_recursion(eps_fn, xT, zs, sch, sigma="beta"):
    """One step, and the rest of the way."""

    def rest(x, t):
        return x if t == 0 else rest(p_sample(x, t, eps_fn(x, t), zs[t], sch, sigma), t - 1)

    return rest(xT, len(zs) - 1)


@accepted(of="sample_loop")
def loop_with_the_step_written_out(eps_fn, xT, zs, sch, sigma="beta"):
    """Does not use question 5."""
    x, dtype = xT, xT.dtype.type
    for t in reversed(range(1, len(sch["abar"]))):
        beta, abar, before = sch["beta"][t], sch["abar"][t], sch["abar"][t - 1]
        x = (x - dtype(beta / np.sqrt(1 - abar)) * eps_fn(x, t)) / dtype(np.sqrt(1 - beta))
        if t > 1:
            var = beta if sigma == "beta" else beta * (1 - before) / (1 - abar)
            x = x + dtype(np.sqrt(var)) * zs[t]
    return x


# --- q7 prior_kl, vlb_term --------------------------------------------------------------------------------------------


@accepted(of="prior_kl")
def prior_kl_by_the_general_formula(x0, sch):
    """KL of two Gaussians, number by number."""
    mean, var = np.sqrt(sch["abar"][-1]) * x0, 1 - sch["abar"][-1]
    each = 0.5 * (var - 1 - np.log(var) + mean**2)
    return each.reshape(len(x0), -1).sum(axis=1)


@accepted(of="prior_kl")
def prior_kl_by_loop(x0, sch):
    """Sample by sample."""
    abar = float(sch["abar"][-1])
    return np.array([0.5 * (abar * np.sum(x**2) - x.size * (abar + math.log1p(-abar))) for x in x0])


@accepted(of="prior_kl")
def prior_kl_by_torch(x0, sch):
    """Summed over every axis but the first."""
    abar = sch["abar"][-1]
    each = torch.tensor(np.array(0.5 * (abar * x0**2 - abar - np.log(1 - abar))))
    return each.sum(dim=tuple(range(1, x0.ndim))).numpy()


@accepted(of="vlb_term")
def term_number_by_number(x0, xt, t, mean_theta, var_theta, sch):
    """Everything element by element, summed at the end."""
    axes = tuple(range(1, x0.ndim))
    if t == 1:
        log_p = -0.5 * np.log(2 * np.pi) - 0.5 * np.log(var_theta) - (x0 - mean_theta) ** 2 / (2 * var_theta)
        return -log_p.sum(axis=axes)
    mean, var = posterior(x0, xt, t, sch)
    return 0.5 * (var / var_theta - 1 + np.log(var_theta / var) + (mean - mean_theta) ** 2 / var_theta).sum(axis=axes)


@accepted(of="vlb_term")
def term_by_loop(x0, xt, t, mean_theta, var_theta, sch):
    """Sample by sample, with math."""
    mean, var = posterior(x0, xt, t, sch)
    out = []
    for n in range(len(x0)):
        d = x0[n].size
        if t == 1:
            out.append(
                np.sum((x0[n] - mean_theta[n]) ** 2) / (2 * var_theta) + d / 2 * math.log(2 * math.pi * var_theta)
            )
        else:
            gap = np.sum((mean[n] - mean_theta[n]) ** 2)
            out.append((d * (var / var_theta - 1 - math.log(var) + math.log(var_theta)) + gap / var_theta) / 2)
    return np.array(out)


@accepted(of="vlb_term")
def term_by_torchs_densities(x0, xt, t, mean_theta, var_theta, sch):
    """E_q[log q] is minus the entropy; E_q[log p] adds the posterior's variance to the squared gap."""
    d = x0[0].size
    mean, var = (x0, 0.0) if t == 1 else posterior(x0, xt, t, sch)
    gap = ((mean - mean_theta) ** 2).reshape(len(x0), d).sum(1)
    cross = 0.5 * d * np.log(2 * np.pi * var_theta) + 0.5 * (gap + d * var) / var_theta
    return cross if t == 1 else cross - 0.5 * d * np.log(2 * np.pi * np.e * var)


# --- q8 ddim_step -----------------------------------------------------------------------------------------------------


@accepted(of="ddim_step")
def ddim_with_the_image_written_out(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """No other question used."""
    now, before = float(sch["abar"][t]), float(sch["abar"][t_prev])
    variance = eta**2 * (1 - before) / (1 - now) * (1 - now / before)
    x0 = (xt - (1 - now) ** 0.5 * eps_hat) / now**0.5
    return before**0.5 * x0 + max(1 - before - variance, 0.0) ** 0.5 * eps_hat + variance**0.5 * z


@accepted(of="ddim_step")
def ddim_by_two_factors(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """Factors of xt and of eps_hat, collected."""
    now, before = (np.asarray(sch["abar"][k], dtype=np.float64) for k in (t, t_prev))
    ratio = np.sqrt(before / now)
    sigma = eta * np.sqrt((1 - before) / (1 - now) * (1 - now / before))
    old = np.sqrt(1 - before - sigma**2) - ratio * np.sqrt(1 - now)
    return xt * xt.dtype.type(ratio) + eps_hat * xt.dtype.type(old) + z * xt.dtype.type(sigma)


@accepted(of="ddim_step")
def ddim_in_float64(xt, t, t_prev, eps_hat, z, sch, eta=0.0):
    """Everything in float64, rounded at the end."""
    x0 = predict_x0(xt.astype(np.float64), t, eps_hat, sch)
    before = sch["abar"][t_prev]
    sigma = eta * np.sqrt((1 - before) / (1 - sch["abar"][t])) * np.sqrt(1 - sch["abar"][t] / before)
    return (np.sqrt(before) * x0 + np.sqrt(1 - before - sigma**2) * eps_hat + sigma * z).astype(xt.dtype)


# --- q9 NoisePredictor, train_step ------------------------------------------------------------------------------------


@accepted(of="NoisePredictor")
class PredictorWithALoop(torch.nn.Module):
    """The features one after the other; SiLU written out."""

    def __init__(self, dim, width, T):
        super().__init__()
        self.steps = T
        sizes = {"first": (dim + 8, width), "second": (width, width), "last": (width, dim)}
        for name, (rows, columns) in sizes.items():
            setattr(self, name, torch.nn.Linear(rows, columns))

    def forward(self, x, t):
        time = t.to(x.dtype) / self.steps
        angles = [2**k * torch.pi / 2 * time for k in range(4)]
        features = [torch.sin(a) for a in angles] + [torch.cos(a) for a in angles]
        h = torch.cat([x, torch.stack(features, dim=-1)], dim=-1)
        for layer in (self.first, self.second):
            a = layer(h)
            h = a * torch.sigmoid(a)
        return self.last(h)


@accepted(of="NoisePredictor")
class PredictorWithABuffer(torch.nn.Module):
    """Frequencies in a buffer that is not saved; one layer for the activation."""

    def __init__(self, dim, width, T):
        super().__init__()
        self.first, self.second = torch.nn.Linear(dim + 8, width), torch.nn.Linear(width, width)
        self.last = torch.nn.Linear(width, dim)
        self.act = torch.nn.SiLU()
        frequencies = math.pi / (2 * T) * 2.0 ** torch.arange(4, dtype=torch.float64)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, x, t):
        angle = torch.outer(t.to(self.frequencies.dtype), self.frequencies).to(x.dtype)
        h = torch.hstack((x, angle.sin(), angle.cos()))
        return self.last(self.act(self.second(self.act(self.first(h)))))


@accepted(of="NoisePredictor")
class PredictorWithSlices(torch.nn.Module):
    """The first layer in two products, for x and for the time."""

    def __init__(self, dim, width, T):
        super().__init__()
        self.dim, self.steps = dim, T
        self.last = torch.nn.Linear(width, dim)
        self.second = torch.nn.Linear(width, width)
        self.first = torch.nn.Linear(dim + 8, width)

    def forward(self, x, t):
        angle = (t[:, None].double() / self.steps * torch.tensor([0.5, 1, 2, 4]).double() * torch.pi).type_as(x)
        phi = torch.cat((angle.sin(), angle.cos()), 1)
        weight = self.first.weight
        h = x @ weight[:, : self.dim].T + phi @ weight[:, self.dim :].T + self.first.bias
        silu = torch.nn.functional.silu
        return self.last(silu(self.second(silu(h))))


@accepted(of="train_step")
def training_with_mse_loss(model, optimizer, x0, t, eps, sch):
    """torch's loss, and the gradients cleared at the end."""
    shape = (len(x0),) + (1,) * (x0.dim() - 1)
    a = sch["abar"][t].sqrt().view(shape).to(x0)
    b = (1 - sch["abar"][t]).sqrt().view(shape).to(x0)
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(a * x0 + b * eps, t), eps)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


@accepted(of="train_step")
def training_by_loop(model, optimizer, x0, t, eps, sch):
    """Sample by sample to x_t; the loss as a sum over a count."""
    xt = torch.empty_like(x0)
    for n in range(len(x0)):
        abar = sch["abar"][t[n]].item()
        xt[n] = math.sqrt(abar) * x0[n] + math.sqrt(1 - abar) * eps[n]
    for parameter in model.parameters():
        parameter.grad = None
    loss = (model(xt, t) - eps).square().sum() / eps.numel()
    loss.backward()
    optimizer.step()
    return loss.item()


@accepted(of="train_step")
def training_with_autograd_grad(model, optimizer, x0, t, eps, sch):
    """torch.autograd.grad instead of backward()."""
    abar = sch["abar"][t][(...,) + (None,) * (x0.ndim - 1)]
    xt = (abar.sqrt() * x0 + (1 - abar).sqrt() * eps).to(x0.dtype)
    loss = ((eps - model(xt, t)) ** 2).mean()
    parameters = [p for p in model.parameters() if p.requires_grad]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return loss.detach().item()


# --- q10 generate -----------------------------------------------------------------------------------------------------


@accepted(of="generate")
def sampling_with_the_mode_set_back_in_a_finally(model, xT, zs, sch):
    """Noise times zero at the end, no_grad switched by hand."""
    mode, recording = model.training, torch.is_grad_enabled()
    model.eval()
    torch.set_grad_enabled(False)
    try:
        x = xT.clone()
        for t in reversed(range(1, zs.shape[0])):
            beta, alpha, abar = (sch[name][t].to(x.dtype) for name in ("beta", "alpha", "abar"))
            guess = model(x, torch.full((x.shape[0],), t, dtype=torch.long))
            x = (x - beta / (1 - abar).sqrt() * guess) / alpha.sqrt() + beta.sqrt() * zs[t] * (t > 1)
        return x
    finally:
        torch.set_grad_enabled(recording)
        model.train(mode)


@accepted(of="generate")
def sampling_in_inference_mode(model, xT, zs, sch):
    """torch.inference_mode, and the image guessed at every step."""
    was = model.training
    model.train(False)
    x = xT
    with torch.inference_mode():
        for t in range(len(zs) - 1, 0, -1):
            beta, now, before = (float(v) for v in (sch["beta"][t], sch["abar"][t], sch["abar"][t - 1]))
            guess = model(x, torch.tensor([t] * len(x)))
            x0 = (x - math.sqrt(1 - now) * guess) / math.sqrt(now)
            x = math.sqrt(before) * beta / (1 - now) * x0 + math.sqrt(1 - beta) * (1 - before) / (1 - now) * x
            x = x + (math.sqrt(beta) if t > 1 else 0.0) * zs[t]
    model.train(was)
    return x.clone()


@accepted(of="generate")
def sampling_by_detaching(model, xT, zs, sch):
    """Each guess cut off from its graph; times as ones times t."""
    training, T = model.training, len(sch["alpha"]) - 1
    model.eval()
    x = xT
    for t in range(T, 0, -1):
        guess = model(x, t * torch.ones(len(x), dtype=torch.int64)).detach()
        share = (sch["beta"][t] / (1 - sch["abar"][t]).sqrt()).item()
        x = (x - share * guess) / sch["alpha"][t].sqrt().item()
        if t != 1:
            x = x + sch["beta"][t].sqrt().item() * zs[t]
    if training:
        model.train()
    return x
