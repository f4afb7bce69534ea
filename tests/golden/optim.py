#!/usr/bin/python3
"""The numbers that tests/test_optim.c compares optimisers with, in f64: PyTorch's own; of those that PyTorch 1.13 lacks (Lion,
Adafactor, Muon), the papers' pseudo-code as PyTorch 2.9 has it, in NumPy. NAdam is its foreach form: the other, in 1.13, takes mu twice
in the product for the step to come, which was mended in 2.0.

usage: /usr/bin/python3 tests/golden/optim.py > tests/golden/optim.txt

The model: loss = mean((tanh(x w^T + b) - t)^2) + mean(k (u - 1)^2), of x [5,3], t [5,2], k [4] and of the parameters
w [2,3], b [2], u [4]. Lines are `name: values`. Of each optimiser, over 1,000 steps: CASE, the losses before steps 1 to 10
and then before every 50th; CASE.1, .10, .100, .1000: the parameters after so many steps, w, b, u one after another.
"""
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(20)
DATA = {name: torch.randn(shape, generator=g) for name, shape in
        (("x", (5, 3)), ("t", (5, 2)), ("w", (2, 3)), ("b", (2,)), ("u", (4,)))}
DATA["k"] = torch.tensor([0.5, 1.0, 2.0, 4.0])
AT = list(range(1, 11)) + list(range(50, 1001, 50))
O = torch.optim


class Rule:
    """An optimiser in NumPy: step(state, p, g, t) gives the new p."""

    def __init__(self, params, **options):
        self.params, self.o, self.t = list(params), dict(self.defaults, **options), 0
        self.state = [{} for _ in self.params]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        self.t += 1
        for p, s in zip(self.params, self.state):
            new = self.update(s, p.detach().numpy(), p.grad.numpy(), self.t, **self.o)
            p.data = torch.from_numpy(np.array(new))


class Lion(Rule):
    defaults = dict(lr=1e-4, betas=(0.9, 0.99), weight_decay=0)

    def update(self, s, p, g, t, lr, betas, weight_decay):
        m = s.get("m", np.zeros_like(p))
        s["m"] = betas[1] * m + (1 - betas[1]) * g
        return p * (1 - lr * weight_decay) - lr * np.sign(betas[0] * m + (1 - betas[0]) * g)


class Adafactor(Rule):
    defaults = dict(lr=1e-2, beta2_decay=-0.8, eps=(np.finfo(np.float64).eps, 1e-3), d=1.0, weight_decay=0.0)

    def update(self, s, p, g, t, lr, beta2_decay, eps, d, weight_decay):
        def rms(x):
            return np.sqrt(np.mean(x * x))
        new, rho = t ** beta2_decay, min(lr, 1 / np.sqrt(t))
        alpha = max(eps[1], rms(p)) * rho
        if g.ndim > 1:
            row, col = (g * g).mean(-1, keepdims=True), (g * g).mean(-2, keepdims=True)
            s["r"] = (1 - new) * s.get("r", np.zeros_like(row)) + new * row
            s["c"] = (1 - new) * s.get("c", np.zeros_like(col)) + new * col
            v = s["r"] @ s["c"] / np.maximum(s["r"].mean(-2, keepdims=True), eps[0])
        else:
            v = s["v"] = (1 - new) * s.get("v", np.zeros_like(p)) + new * g * g
        u = g / np.sqrt(np.maximum(v, eps[0] * eps[0]))
        return p * (1 - lr * weight_decay) - alpha / max(1.0, rms(u) / d) * u


class Muon(Rule):
    defaults = dict(lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True, eps=1e-7, ns_steps=5)

    def update(self, s, p, g, t, lr, weight_decay, momentum, nesterov, eps, ns_steps):
        s["b"] = momentum * s.get("b", np.zeros_like(p)) + (1 - momentum) * g
        x = momentum * s["b"] + (1 - momentum) * g if nesterov else s["b"]
        if p.shape[0] > p.shape[1]:
            x = x.T
        x = x / max(np.linalg.norm(x), eps)
        for _ in range(ns_steps):
            a = x @ x.T
            x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
        if p.shape[0] > p.shape[1]:
            x = x.T
        return p * (1 - lr * weight_decay) - lr * np.sqrt(max(1, p.shape[0] / p.shape[1])) * x


class MuonAndAdamW:
    """The matrix by Muon, the rest by AdamW; .wide: the matrix is seen from its other side by transposing the model."""

    def __init__(self, params, adamw, **options):
        w, *rest = params
        self.both = Muon([w], **options), O.AdamW(rest, **adamw)

    def zero_grad(self):
        for o in self.both:
            o.zero_grad()

    def step(self):
        for o in self.both:
            o.step()


BETAS = dict(betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1)
CASES = {
    "sgd": (O.SGD, dict(lr=0.1)),
    "sgd_decay": (O.SGD, dict(lr=0.1, weight_decay=0.02)),
    "momentum": (O.SGD, dict(lr=0.02, momentum=0.9)),
    "momentum_decay": (O.SGD, dict(lr=0.02, momentum=0.9, weight_decay=0.05)),
    "dampening": (O.SGD, dict(lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01)),
    "nesterov": (O.SGD, dict(lr=0.02, momentum=0.9, nesterov=True)),
    "nesterov_decay": (O.SGD, dict(lr=0.02, momentum=0.8, nesterov=True, weight_decay=0.05)),
    "rmsprop": (O.RMSprop, dict(lr=1e-3)),
    "rmsprop_all": (O.RMSprop, dict(lr=1e-4, alpha=0.9, eps=1e-4, weight_decay=0.05, momentum=0.5, centered=True)),
    "adagrad": (O.Adagrad, dict(lr=0.05)),
    "adagrad_all": (O.Adagrad, dict(lr=0.05, lr_decay=0.01, weight_decay=0.01, initial_accumulator_value=0.1, eps=1e-6)),
    "adadelta": (O.Adadelta, dict(lr=0.1)),
    "adadelta_all": (O.Adadelta, dict(lr=0.5, rho=0.95, eps=1e-5, weight_decay=0.02)),
    "adam": (O.Adam, dict(lr=0.01)),
    "adam_decay": (O.Adam, dict(lr=0.001, **BETAS)),
    "amsgrad": (O.Adam, dict(lr=0.01, amsgrad=True)),
    "adamw": (O.AdamW, dict(lr=0.01)),
    "adamw_decay": (O.AdamW, dict(lr=5e-4, betas=(0.85, 0.98), eps=1e-5, weight_decay=0.2)),
    "adamw_amsgrad": (O.AdamW, dict(lr=0.02, amsgrad=True, **BETAS)),
    "nadam": (O.NAdam, dict(foreach=True)),
    "nadam_all": (O.NAdam, dict(lr=5e-4, foreach=True, momentum_decay=0.01, **BETAS)),
    "radam": (O.RAdam, dict()),
    "radam_all": (O.RAdam, dict(lr=0.001, **BETAS)),
    "lion": (Lion, dict(lr=2e-4)),
    "lion_decay": (Lion, dict(lr=2e-4, betas=(0.8, 0.95), weight_decay=0.5)),
    "adafactor": (Adafactor, dict(lr=5e-4)),
    "adafactor_all": (Adafactor, dict(lr=3e-4, beta2_decay=-0.7, eps=(1e-12, 1e-2), d=0.8, weight_decay=0.1)),
    "muon": (MuonAndAdamW, dict(adamw=dict(lr=5e-4))),
    "muon_all": (MuonAndAdamW, dict(lr=5e-4, weight_decay=0.3, momentum=0.9, nesterov=False, eps=1e-6, ns_steps=4,
                                    adamw=dict(lr=1e-3))),
    "clip": (O.SGD, dict(lr=0.1)),
    "clip_adamw": (O.AdamW, dict(lr=0.02, weight_decay=0.1)),
    "clip_value": (O.SGD, dict(lr=0.01, momentum=0.5)),
    "clip_both": (O.SGD, dict(lr=0.1)),
    "cosine": (O.SGD, dict(lr=0.1, momentum=0.5)),
    "gathered": (O.AdamW, dict(lr=0.02, weight_decay=0.1)),
    "ema": (O.SGD, dict(lr=0.01)),
    "groups": (None, None),
}
CLIP_NORM = {"clip": 0.25, "clip_adamw": 0.5, "clip_both": 0.2}
CLIP_VALUE = {"clip_value": 0.1, "clip_both": 0.15}


def line(name, values):
    print(name + ": " + " ".join(f"{v:.17g}" for v in values))


def flat(tensors):
    return torch.cat([v.detach().flatten() for v in tensors]).tolist()


def model(p, rows=slice(None)):
    y = torch.tanh(DATA["x"][rows] @ p["w"].T + p["b"])
    return ((y - DATA["t"][rows]) ** 2).mean() + (DATA["k"] * (p["u"] - 1) ** 2).mean()


def optimiser(name, p):
    kind, options = CASES[name]
    if name != "groups":
        return kind(p.values(), **options)
    # w at a tenth of the rate and without decay, b frozen
    p["b"].requires_grad_(False)
    return O.AdamW([dict(params=[p["w"]], lr=0.001, weight_decay=0), dict(params=[p["u"]])], lr=0.01, weight_decay=0.3)


def train(name):
    p = {k: DATA[k].clone().requires_grad_() for k in "wbu"}
    optim = optimiser(name, p)
    rate = O.lr_scheduler.CosineAnnealingLR(optim, 1000, eta_min=0.01) if name == "cosine" else None
    averaged = {k: v.detach().clone() for k, v in p.items()}
    losses = []
    for step in range(1, 1001):
        optim.zero_grad()
        loss = model(p)
        if name == "gathered":  # over three parts of the data, as its test feeds them: each step is a mean of three runs
            parts = [model(p, slice(i, i + 3)) for i in range(3)]
            loss = sum(parts) / 3
        loss.backward()
        grads = [v for v in p.values() if v.requires_grad]
        if name in CLIP_VALUE:
            torch.nn.utils.clip_grad_value_(grads, CLIP_VALUE[name])
        if name in CLIP_NORM:
            torch.nn.utils.clip_grad_norm_(grads, CLIP_NORM[name])
        optim.step()
        if rate:
            rate.step()
        if step in AT:
            losses.append(loss.item())
        for k in p:  # torch.optim.swa_utils.AveragedModel: the first is a copy
            averaged[k] = p[k].detach().clone() if step == 1 else 0.95 * averaged[k] + 0.05 * p[k].detach()
        if step in (1, 10, 100, 1000):
            line(f"{name}.{step}", flat(p.values()))
            if name == "ema":
                line(f"averages.{step}", flat(averaged.values()))
    line(name, losses)


print("# written by tests/golden/optim.py, PyTorch", torch.__version__, "NumPy", np.__version__)
for name, value in DATA.items():
    line("data." + name, value.flatten().tolist())
for name in CASES:
    train(name)
LBFGS = {
    "lbfgs": dict(lr=0.5, max_iter=2, history_size=3, tolerance_grad=1e-12, tolerance_change=1e-14),
    "lbfgs_wolfe": dict(line_search_fn="strong_wolfe", max_iter=2, tolerance_grad=1e-12, tolerance_change=1e-14),
    "lbfgs_long": dict(line_search_fn="strong_wolfe", lr=1e-3, max_iter=3, history_size=2, tolerance_grad=1e-12, tolerance_change=1e-14),
}


def lbfgs(name, options):
    """The losses before each of 20 steps, the evaluations made, the parameters after steps 1, 10 and 20."""
    p = {k: DATA[k].clone().requires_grad_() for k in "wbu"}
    optim, losses = O.LBFGS(p.values(), **options), []

    def closure():
        optim.zero_grad()
        loss = model(p)
        loss.backward()
        return loss
    for step in range(1, 21):
        losses.append(optim.step(closure).item())
        if step in (1, 10, 20):
            line(f"{name}.{step}", flat(p.values()))
    line(name, losses)
    line(name + ".evaluations", [optim.state[p["w"]]["func_evals"]])


def lowest(name, options):
    """Where it ends in the valley of Rosenbrock (1960), chained over four numbers."""
    x = torch.tensor([-1.2, 1, -1.2, 1], dtype=torch.float64, requires_grad=True)
    optim = O.LBFGS([x], **options)

    def closure():
        optim.zero_grad()
        loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        loss.backward()
        return loss
    for step in range(100):
        optim.step(closure)
    line(name + ".minimum", x.tolist())


for name, options in LBFGS.items():
    lbfgs(name, options)
    if "line_search_fn" in options:
        lowest(name, options)
S = O.lr_scheduler
RATES = {  # 60 steps each, from a base rate of 0.3
    "constant": lambda o: S.ConstantLR(o, factor=0.25, total_iters=7),
    "linear": lambda o: S.LinearLR(o, start_factor=0.2, end_factor=0.9, total_iters=30),
    "step": lambda o: S.StepLR(o, 7, gamma=0.6),
    "multistep": lambda o: S.MultiStepLR(o, [5, 20, 21], gamma=0.3),
    "exponential": lambda o: S.ExponentialLR(o, 0.97),
    "polynomial": lambda o: S.PolynomialLR(o, total_iters=40, power=1.5),
    "cosine_rate": lambda o: S.CosineAnnealingLR(o, 59, eta_min=0.03),
    "restarts": lambda o: S.CosineAnnealingWarmRestarts(o, 8, T_mult=2, eta_min=0.03),
    "restarts_same": lambda o: S.CosineAnnealingWarmRestarts(o, 8),
    "one_cycle": lambda o: S.OneCycleLR(o, 0.3, total_steps=61, cycle_momentum=False),
    "one_cycle_linear": lambda o: S.OneCycleLR(o, 0.3, total_steps=61, pct_start=0.4, div_factor=10, final_div_factor=100,
                                               anneal_strategy="linear", cycle_momentum=False),
    "warmup_cosine": lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.01, 1, 10), S.CosineAnnealingLR(o, 50, eta_min=0.03)], [10]),
    "sequence": lambda o: S.SequentialLR(o, [S.ConstantLR(o, 0.1, 100), S.StepLR(o, 4), S.ExponentialLR(o, 0.9)], [5, 30]),
    "product": lambda o: S.ChainedScheduler([S.LinearLR(o, 0.5, 1, 20), S.StepLR(o, 15, gamma=0.5)]),
}
METRICS = [3, 2, 1.5, 1.49999, 1.6, 1.6, 1.6, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.0, 0.95,
           0.94, 0.93, 0.925, 0.924, 0.923, 0.922, 0.921, 0.92, 0.9, 1.9, 2.1, 2.3, 2.2, 2.2, 2.0]
PLATEAUS = {
    "plateau": dict(patience=2),
    "plateau_all": dict(patience=1, factor=0.5, threshold=0.01, cooldown=2, min_lr=0.03),
    "plateau_absolute": dict(patience=1, factor=0.7, threshold=0.05, threshold_mode="abs", min_lr=0.01),
    "plateau_max": dict(patience=3, factor=0.5, mode="max"),
}


def rates(name, make, steps):
    optim = O.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    rate, values = make(optim), []
    for i in range(steps):
        if isinstance(rate, S.ReduceLROnPlateau):
            rate.step(METRICS[i])
        values.append(optim.param_groups[0]["lr"])
        if not isinstance(rate, S.ReduceLROnPlateau):
            optim.step()
            rate.step()
    line("rate." + name, values)


for name, make in RATES.items():
    rates(name, make, 60)
line("metrics", METRICS)
for name, options in PLATEAUS.items():
    rates(name, lambda o: S.ReduceLROnPlateau(o, **options), len(METRICS))


def begin(name, values):
    """An initialiser's numbers from np.random.seed(7)."""
    np.random.seed(7)
    line("init." + name, np.asarray(values()).ravel().tolist())


def signed_q(rows, cols, gain=1.0):
    a = np.random.normal(size=(rows, cols))
    q, r = np.linalg.qr(a.T if rows < cols else a)
    q = q * np.sign(np.diag(r))
    return gain * (q.T if rows < cols else q)


def truncated(mean, deviation, lo, hi):
    from math import erf
    l, h = (erf((v - mean) / deviation / 2 ** 0.5) for v in (lo, hi))
    return mean + deviation * 2 ** 0.5 * torch.erfinv(torch.tensor(np.random.uniform(l, h, 12))).numpy()


begin("uniform", lambda: np.random.uniform(-1, 2, 12))
begin("normal", lambda: np.random.normal(0.5, 2, 12))
begin("kaiming_uniform", lambda: np.random.uniform(-1 / 6 ** 0.5, 1 / 6 ** 0.5, 12))
begin("kaiming_uniform_out", lambda: np.random.uniform(-6 ** 0.5 / 4 ** 0.5, 6 ** 0.5 / 4 ** 0.5, 12))
begin("kaiming_normal", lambda: np.random.normal(0, (2 / 6) ** 0.5, 12))
begin("xavier_uniform", lambda: np.random.uniform(-5 / 3 * 0.6 ** 0.5, 5 / 3 * 0.6 ** 0.5, 12))
begin("xavier_normal", lambda: np.random.normal(0, 0.2 ** 0.5, 12))
begin("truncated", lambda: truncated(0, 1, -2, 2))
begin("truncated_all", lambda: truncated(1, 0.5, 0.9, 3))
begin("tall", lambda: signed_q(4, 3))
begin("wide", lambda: signed_q(3, 4, 2.0))
line("gains", [torch.nn.init.calculate_gain(k) for k in ("linear", "sigmoid", "tanh", "relu", "selu")] +
     [torch.nn.init.calculate_gain("leaky_relu", 0.2)])
