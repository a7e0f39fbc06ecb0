"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write one branch for each sign, loops over samples, entropies in place of
divergences, torch's own losses where they are allowed, a frozen opponent; a check that takes a point from any of these is wrong,
not the answer.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import g_loss, g_step, optimal_discriminator, sigmoid

# --- q1 d_loss --------------------------------------------------------------------------------------------------------


def _softplus(s):
    return np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s)))


@accepted(of="d_loss")
def d_loss_by_softplus(s_real, s_fake):
    """softplus of minus the real logits and of the fake ones, with the maximum taken out; slopes as D - 1 and D."""
    loss = np.mean(_softplus(-s_real)) + np.mean(_softplus(s_fake))
    return loss, (sigmoid(s_real) - 1) / s_real.size, sigmoid(s_fake) / s_fake.size


@accepted(of="d_loss")
def d_loss_with_labels(s_real, s_fake):
    """One row of logits with labels 1 and 0, and a weight for each sample: 1 over the size of its batch."""
    s = np.concatenate([s_real.ravel(), s_fake.ravel()])
    y = np.concatenate([np.ones(s_real.size), np.zeros(s_fake.size)]).astype(s.dtype)
    weight = np.where(y == 1, 1 / s_real.size, 1 / s_fake.size).astype(s.dtype)
    loss = (weight * (_softplus(s) - y * s)).sum()
    ds = weight * (sigmoid(s) - y)
    return float(loss), ds[: s_real.size].reshape(s_real.shape), ds[s_real.size :].reshape(s_fake.shape)


@accepted(of="d_loss")
def d_loss_by_loop(s_real, s_fake):
    """One logit after the other, with math.exp of numbers that are not positive."""
    loss, slopes = 0.0, []
    for s, sign in ((s_real, -1), (s_fake, 1)):
        ds = np.zeros_like(s)
        for index in np.ndindex(s.shape):
            v = sign * float(s[index])
            small = math.exp(-abs(v))
            loss += (max(v, 0.0) + math.log1p(small)) / s.size
            ds[index] = sign * (1 if v >= 0 else small) / (1 + small) / s.size
        slopes.append(ds)
    return loss, *slopes


@accepted(of="d_loss")
def d_loss_in_torch(s_real, s_fake):
    """torch's functions, slopes by hand."""
    real, fake = torch.tensor(np.array(s_real)), torch.tensor(np.array(s_fake))
    loss = -torch.nn.functional.logsigmoid(real).mean() - torch.nn.functional.logsigmoid(-fake).mean()
    return loss, -torch.sigmoid(-real) / real.numel(), torch.sigmoid(fake) / fake.numel()


# --- q2 g_loss --------------------------------------------------------------------------------------------------------


@accepted(of="g_loss")
def g_loss_by_signs(s_fake, kind="non-saturating"):
    """Both losses are one function of plus or minus s."""
    if kind not in ("non-saturating", "minimax"):
        raise ValueError(kind)
    sign = -1 if kind == "non-saturating" else 1
    return -sign * _softplus(sign * s_fake).mean(), -sigmoid(sign * s_fake) / s_fake.size


@accepted(of="g_loss")
def g_loss_by_match(s_fake, kind="non-saturating"):
    """log-probabilities first, slopes as D - 1 and -D."""
    D = np.exp(-np.logaddexp(0, -s_fake))
    match kind:
        case "minimax":
            return np.mean(-np.logaddexp(0, s_fake)), -D / len(s_fake)
        case "non-saturating":
            return -np.mean(-np.logaddexp(0, -s_fake)), (D - 1) / len(s_fake)
        case _:
            raise ValueError("unknown kind")


@accepted(of="g_loss")
def g_loss_by_loop(s_fake, kind="non-saturating"):
    """Sample by sample."""
    if kind == "non-saturating":
        sign = 1
    elif kind == "minimax":
        sign = -1
    else:
        raise ValueError(f"{kind}?")
    ds, total = np.empty_like(s_fake), 0.0
    for index in np.ndindex(s_fake.shape):
        v = sign * float(s_fake[index])
        small = math.exp(-abs(v))
        total += sign * (max(-v, 0.0) + math.log1p(small))
        ds[index] = -(small if v > 0 else 1.0) / (1 + small) / s_fake.size
    return total / s_fake.size, ds


# --- q3 optimal_discriminator -----------------------------------------------------------------------------------------


@accepted(of="optimal_discriminator")
def best_d_by_divide(p, q):
    """np.divide where there is something to divide by."""
    total = p + q
    return np.divide(p, total, out=np.full_like(total, 0.5), where=total > 0)


@accepted(of="optimal_discriminator")
def best_d_by_mask(p, q):
    """A table of halves, filled where something is seen."""
    D = np.full(p.shape, 0.5, dtype=p.dtype)
    seen = (p > 0) | (q > 0)
    D[seen] = p[seen] / (p[seen] + q[seen])
    return D


@accepted(of="optimal_discriminator")
def best_d_with_warnings_silenced(p, q):
    """0 / 0 is NaN, silently, and NaN becomes 1/2."""
    with np.errstate(invalid="ignore"):
        D = p / (p + q)
    D[np.isnan(D)] = 0.5
    return D


# --- q4 gan_value, jsd ------------------------------------------------------------------------------------------------


@accepted(of="gan_value")
def value_by_loop(p, q, D):
    """Term by term."""
    total = 0.0
    for real, fake, d in zip(p, q, D, strict=True):
        if real > 0:
            total += real * math.log(d)
        if fake > 0:
            total += fake * math.log(1 - d)
    return total


@accepted(of="gan_value")
def value_by_where(p, q, D):
    """The logarithm of 1 where it does not matter."""
    return np.sum(p * np.log(np.where(p > 0, D, 1))) + np.sum(q * np.log1p(-np.where(q > 0, D, 0)))


@accepted(of="gan_value")
def value_in_torch(p, q, D):
    """xlogy, which knows that 0 log 0 is 0."""
    p, q, D = (torch.tensor(np.array(each)) for each in (p, q, D))
    return (torch.xlogy(p, D) + torch.xlogy(q, 1 - D)).sum().item()


@accepted(of="jsd")
def divergence_by_entropies(p, q):
    """Entropy of the mixture minus the mean of the entropies."""

    def entropy(r):
        r = r[r > 0]
        return -(r * np.log(r)).sum()

    return entropy((p + q) / 2) - entropy(p) / 2 - entropy(q) / 2


@accepted(of="jsd")
def divergence_by_kl(p, q):
    """Two Kullback-Leibler divergences from the mixture."""

    def kl(a, b):
        return sum(x * math.log(x / y) for x, y in zip(a, b, strict=True) if x > 0)

    m = 0.5 * p + 0.5 * q
    return 0.5 * kl(p, m) + 0.5 * kl(q, m)


@accepted(of="jsd")
def divergence_by_the_best_discriminator(p, q):
    """The identity of the question, read from right to left."""
    D = optimal_discriminator(p, q)
    real, fake = p > 0, q > 0
    return (np.log(4) + (p[real] * np.log(D[real])).sum() + (q[fake] * np.log(1 - D[fake])).sum()) / 2


# --- q5 fit_tabular_d -------------------------------------------------------------------------------------------------


@accepted(of="fit_tabular_d")
def ascent_with_the_total(p, q, lr, steps):
    """The slope as p - (p + q) D, added in place."""
    s = np.zeros_like(p)
    for _ in range(steps):
        s += lr * (p - (p + q) * sigmoid(s))
    return sigmoid(s)


@accepted(of="fit_tabular_d")
def ascent_as_descent(p, q, lr, steps):
    """Down the slope of minus the value, one logit after the other."""
    result = []
    for real, fake in zip(p.tolist(), q.tolist(), strict=True):
        s = 0.0
        for _ in range(steps):
            D = 1 / (1 + math.exp(-s))
            s -= lr * (fake * D - real * (1 - D))
        result.append(1 / (1 + math.exp(-s)))
    return np.array(result)


@accepted(of="fit_tabular_d")
def ascent_in_torch(p, q, lr, steps):
    """Tensors, slopes by hand."""
    p, q = torch.tensor(np.array(p)), torch.tensor(np.array(q))
    s = torch.zeros_like(p)
    for _ in range(steps):
        s = s + lr * (p * torch.sigmoid(-s) - q * torch.sigmoid(s))
    return torch.sigmoid(s)


# --- q6 g_backward ----------------------------------------------------------------------------------------------------


@accepted(of="g_backward")
def backward_by_loop(z, theta_g, theta_d):
    """One sample after the other."""
    W1, b1, W2, b2 = (theta_g[name] for name in ("W1", "b1", "W2", "b2"))
    V1, c1, v2, c2 = (theta_d[name] for name in ("V1", "c1", "v2", "c2"))
    gradients = {name: np.zeros_like(value) for name, value in theta_g.items()}
    activations, logits = [], np.zeros(len(z), dtype=z.dtype)
    for i, row in enumerate(z):
        a = np.tanh(row @ W1 + b1)
        u = (a @ W2 + b2) @ V1 + c1
        logits[i] = np.where(u > 0, u, 0.2 * u) @ v2 + c2[0]
        activations.append((a, u))
    loss, ds = g_loss(logits)
    for row, (a, u), slope in zip(z, activations, ds, strict=True):
        du = slope * v2
        du = np.where(u > 0, du, du * 0.2)
        dx = V1 @ du
        da = (W2 @ dx) * (1 - a * a)
        gradients["W2"] += np.outer(a, dx)
        gradients["b2"] += dx
        gradients["W1"] += np.outer(row, da)
        gradients["b1"] += da
    return loss, gradients


@accepted(of="g_backward")
def backward_by_einsum(z, theta_g, theta_d):
    """Index notation; leaky ReLU as a maximum; g_loss written out."""
    a = np.tanh(np.einsum("nz,za->na", z, theta_g["W1"]) + theta_g["b1"])
    x = np.einsum("na,af->nf", a, theta_g["W2"]) + theta_g["b2"]
    u = np.einsum("nf,fh->nh", x, theta_d["V1"]) + theta_d["c1"]
    s = np.einsum("nh,h->n", np.maximum(u, 0.2 * u), theta_d["v2"]) + theta_d["c2"]
    ds = -np.exp(-np.logaddexp(0, s)) / len(s)
    slope = np.ones_like(u)
    slope[u <= 0] = 0.2
    dx = np.einsum("n,h,nh,fh->nf", ds, theta_d["v2"], slope, theta_d["V1"])
    da = np.einsum("nf,af,na->na", dx, theta_g["W2"], 1 - a**2)
    gradients = {
        "b2": np.einsum("nf->f", dx),
        "W2": np.einsum("na,nf->af", a, dx),
        "b1": np.einsum("na->a", da),
        "W1": np.einsum("nz,na->za", z, da),
    }
    return np.logaddexp(0, -s).mean(), gradients


@accepted(of="g_backward")
def backward_with_a_column_of_logits(z, theta_g, theta_d):
    """Logits as a column, biases as ones, lists of layers."""
    ones = np.ones((1, len(z)), dtype=z.dtype)
    hidden = np.tanh(z.dot(theta_g["W1"]) + theta_g["b1"][None])
    u = (hidden.dot(theta_g["W2"]) + theta_g["b2"]).dot(theta_d["V1"]) + theta_d["c1"][None]
    s = (u * np.where(u >= 0, 1, 0.2).astype(u.dtype)).dot(theta_d["v2"][:, None]) + theta_d["c2"]
    loss, ds = g_loss(s)
    du = ds.dot(theta_d["v2"][None]) * np.where(u >= 0, 1, 0.2).astype(u.dtype)
    dx = du.dot(theta_d["V1"].T)
    da = dx.dot(theta_g["W2"].T)
    da -= da * hidden**2
    return float(loss), {"W1": z.T.dot(da), "b1": ones.dot(da)[0], "W2": hidden.T.dot(dx), "b2": ones.dot(dx)[0]}


# --- q7 Generator, Discriminator --------------------------------------------------------------------------------------


@accepted(of="Generator")
class GeneratorOfNamedLayers(torch.nn.Module):
    """Sequential layers, named."""

    def __init__(self, noise, hidden, features):
        super().__init__()
        self.add_module("inner", torch.nn.Linear(noise, hidden))
        self.add_module("outer", torch.nn.Linear(hidden, features))
        self.between = torch.nn.Tanh()

    def forward(self, z):
        for layer in (self.inner, self.between, self.outer):
            z = layer(z)
        return z


@accepted(of="Generator")
class GeneratorInASequence(torch.nn.Sequential):
    """A Sequential with names."""

    def __init__(self, noise, hidden, features):
        super().__init__()
        self.inner = torch.nn.Linear(noise, hidden)
        self.squash = torch.nn.Tanh()
        self.outer = torch.nn.Linear(hidden, features)


@accepted(of="Generator")
class GeneratorByFormula(torch.nn.Module):
    """tanh as an expression of the sigmoid, products written out."""

    def __init__(self, noise, hidden, features):
        super().__init__()
        self.inner, self.outer = torch.nn.Linear(noise, hidden), torch.nn.Linear(hidden, features)

    def forward(self, z):
        a = 2 * torch.sigmoid(2 * (z @ self.inner.weight.T + self.inner.bias)) - 1
        return a @ self.outer.weight.T + self.outer.bias


@accepted(of="Discriminator")
class DiscriminatorFlattened(torch.nn.Module):
    """squeeze of the last axis alone, the slope as a layer."""

    def __init__(self, features, hidden):
        super().__init__()
        self.inner = torch.nn.Linear(features, hidden)
        self.leaky = torch.nn.LeakyReLU(negative_slope=0.2)
        self.outer = torch.nn.Linear(hidden, 1)

    def forward(self, x):
        return self.outer(self.leaky(self.inner(x))).squeeze(-1)


@accepted(of="Discriminator")
class DiscriminatorByMaximum(torch.nn.Module):
    """max(u, u / 5), and a product with the only row."""

    def __init__(self, features, hidden):
        super().__init__()
        self.inner, self.outer = torch.nn.Linear(features, hidden), torch.nn.Linear(hidden, 1)

    def forward(self, x):
        u = self.inner(x)
        return torch.maximum(u, u / 5) @ self.outer.weight[0] + self.outer.bias


@accepted(of="Discriminator")
class DiscriminatorByParts(torch.nn.Module):
    """relu(u) - 0.2 relu(-u), and view."""

    def __init__(self, features, hidden):
        super().__init__()
        self.inner, self.outer = torch.nn.Linear(features, hidden), torch.nn.Linear(hidden, 1)

    def forward(self, x):
        u = self.inner(x)
        return self.outer(torch.relu(u) - 0.2 * torch.relu(-u)).view(len(x))


# --- q8 d_step, g_step, gan_step --------------------------------------------------------------------------------------


@accepted(of="d_step")
def d_step_with_detach(G, D, opt_d, x_real, z):
    """The fakes cut out of the graph, torch's own loss with labels."""
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    opt_d.zero_grad()
    s_real, s_fake = D(x_real), D(G(z).detach())
    loss = loss_of(s_real, torch.ones_like(s_real)) + loss_of(s_fake, torch.zeros_like(s_fake))
    loss.backward()
    opt_d.step()
    return loss


@accepted(of="d_step")
def d_step_in_two_backwards(G, D, opt_d, x_real, z):
    """Two backward passes, whose gradients add up; one step."""
    opt_d.zero_grad(set_to_none=False)
    real = -torch.nn.functional.logsigmoid(D(x_real)).mean()
    real.backward()
    fake = -torch.nn.functional.logsigmoid(-D(G(z).detach())).mean()
    fake.backward()
    opt_d.step()
    return float(real) + float(fake)


@accepted(of="d_step")
def d_step_of_one_batch(G, D, opt_d, x_real, z):
    """Real and fake in one forward pass, then taken apart."""
    with torch.no_grad():
        both = torch.cat([x_real, G(z)])
    s = D(both)
    zero = torch.zeros((), dtype=s.dtype)
    loss = torch.logaddexp(zero, -s[: len(x_real)]).mean() + torch.logaddexp(zero, s[len(x_real) :]).mean()
    D.zero_grad()
    loss.backward()
    opt_d.step()
    return loss.detach()


@accepted(of="d_step")
def d_step_by_autograd_grad(G, D, opt_d, x_real, z):
    """Gradients asked for by name, and put where the optimiser looks."""
    loss = torch.nn.functional.softplus(-D(x_real)).mean() + torch.nn.functional.softplus(D(G(z))).mean()
    parameters = list(D.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    opt_d.step()
    return loss.item()


@accepted(of="g_step")
def g_step_with_a_frozen_opponent(G, D, opt_g, z):
    """D needs no gradients of its own here, and gets its own back afterwards."""
    for parameter in D.parameters():
        parameter.requires_grad_(False)
    opt_g.zero_grad()
    loss = -torch.nn.functional.logsigmoid(D(G(z))).mean()
    loss.backward()
    opt_g.step()
    for parameter in D.parameters():
        parameter.requires_grad_(True)
    return loss.item()


@accepted(of="g_step")
def g_step_with_labels(G, D, opt_g, z):
    """Fakes with the label of real ones; D swept clean, too."""
    s = D(G(z))
    loss = torch.nn.functional.binary_cross_entropy_with_logits(s, torch.ones_like(s))
    G.zero_grad()
    loss.backward()
    opt_g.step()
    D.zero_grad()
    return loss


@accepted(of="g_step")
def g_step_by_autograd_grad(G, D, opt_g, z):
    """Gradients of G alone."""
    loss = torch.nn.functional.softplus(-D(G(z))).mean()
    parameters = [*G.parameters()]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    opt_g.step()
    return loss.item()


@accepted(of="gan_step")
def both_steps_written_out(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """Without the two functions."""
    softplus = torch.nn.functional.softplus
    opt_d.zero_grad()
    d = softplus(-D(x_real)).mean() + softplus(D(G(z_d).detach())).mean()
    d.backward()
    opt_d.step()
    opt_g.zero_grad()
    g = softplus(-D(G(z_g))).mean()
    g.backward()
    opt_g.step()
    return {"g_loss": g.item(), "d_loss": d.item()}


@accepted(of="gan_step")
def second_step_from_the_function(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """One step written out, the other called; tensors in the logs."""
    loss = torch.nn.functional.softplus(-D(x_real)).mean()
    loss = loss + torch.nn.functional.softplus(D(G(z_d).detach())).mean()
    opt_d.zero_grad()
    loss.backward()
    opt_d.step()
    return dict(d_loss=loss.detach(), g_loss=g_step(G, D, opt_g, z_g))


@accepted(of="gan_step")
def everything_swept_first(G, D, opt_g, opt_d, x_real, z_d, z_g):
    """Both optimisers swept before each step; fakes of D's step made first, while no graph is kept."""
    with torch.no_grad():
        fakes = G(z_d)
    logs = {}
    for name in ("d_loss", "g_loss"):
        opt_d.zero_grad()
        opt_g.zero_grad()
        if name == "d_loss":
            loss = -torch.log(torch.sigmoid(D(x_real))).mean() - torch.log(torch.sigmoid(-D(fakes))).mean()
        else:
            loss = -torch.log(torch.sigmoid(D(G(z_g)))).mean()
        loss.backward()
        (opt_d if name == "d_loss" else opt_g).step()
        logs[name] = float(loss)
    return logs


# --- q9 mode_stats ----------------------------------------------------------------------------------------------------


@accepted(of="mode_stats")
def modes_by_loop(samples, centres, radius):
    """Sample after sample."""
    counts, near = [0] * len(centres), 0
    for x in samples:
        distances = [math.dist(x, centre) for centre in centres]
        k = min(range(len(centres)), key=distances.__getitem__)
        if distances[k] <= radius:
            counts[k] += 1
            near += 1
    return sum(100 * count >= len(samples) for count in counts), near / len(samples)


@accepted(of="mode_stats")
def modes_by_squares(samples, centres, radius):
    """Squared distances by |x|^2 - 2 x c + |c|^2 would lose digits; differences do not."""
    squares = ((samples[:, None, :] - centres[None, :, :]) ** 2).sum(-1)
    nearest, near = squares.argmin(1), squares.min(1) <= radius**2
    shares = [np.mean(near & (nearest == k)) for k in range(len(centres))]
    return int(np.sum(np.array(shares) >= 0.01)), np.mean(near)


@accepted(of="mode_stats")
def modes_in_torch(samples, centres, radius):
    """cdist, and a set of the modes that occur often enough."""
    distance, nearest = torch.cdist(
        torch.tensor(np.array(samples)), torch.tensor(np.array(centres)), compute_mode="donot_use_mm_for_euclid_dist"
    ).min(dim=1)
    good = nearest[distance <= radius]
    values, counts = np.unique(good.numpy(), return_counts=True)
    return len({v for v, c in zip(values, counts, strict=True) if c >= len(samples) / 100}), len(good) / len(samples)
