#!/usr/bin/python3
"""The numbers that tests/test_nn.c compares optimisers with: PyTorch's own, in f64.

usage: /usr/bin/python3 tests/golden/optim.py > tests/golden/optim.txt

The model: loss = mean((tanh(x w^T + b) - t)^2) + mean(k (u - 1)^2), of x [5,3], t [5,2], k [4] and of the parameters
w [2,3], b [2], u [4]. Lines are `name: values`. Of each optimiser: the losses of 100 steps, each before its step, and
then the parameters after 1, 10 and 100 steps (CASE.1, CASE.10, CASE.100: w, b, u one after another).
"""
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(20)
DATA = {name: torch.randn(shape, generator=g) for name, shape in
        (("x", (5, 3)), ("t", (5, 2)), ("w", (2, 3)), ("b", (2,)), ("u", (4,)))}
DATA["k"] = torch.tensor([0.5, 1.0, 2.0, 4.0])
SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
CASES = {
    "sgd": (SGD, dict(lr=0.1), 0),
    "sgd_decay": (SGD, dict(lr=0.1, weight_decay=0.02), 0),
    "momentum": (SGD, dict(lr=0.02, momentum=0.9), 0),
    "momentum_decay": (SGD, dict(lr=0.02, momentum=0.9, weight_decay=0.05), 0),
    "nesterov": (SGD, dict(lr=0.02, momentum=0.9, nesterov=True), 0),
    "nesterov_decay": (SGD, dict(lr=0.02, momentum=0.8, nesterov=True, weight_decay=0.05), 0),
    "adam": (Adam, dict(lr=0.01), 0),
    "adam_decay": (Adam, dict(lr=0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1), 0),
    "adamw": (AdamW, dict(lr=0.01), 0),
    "adamw_decay": (AdamW, dict(lr=0.02, betas=(0.85, 0.95), eps=1e-7, weight_decay=0.2), 0),
    "clip": (SGD, dict(lr=0.1), 0.25),
    "clip_adamw": (AdamW, dict(lr=0.02, weight_decay=0.1), 0.5),
    "cosine": (SGD, dict(lr=0.1, momentum=0.5), 0),
}


def line(name, values):
    print(name + ": " + " ".join(f"{v:.17g}" for v in values))


def train(name, kind, options, clip):
    p = {k: DATA[k].clone().requires_grad_() for k in "wbu"}
    optim = kind(p.values(), **options)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optim, 100, eta_min=0.01) if name == "cosine" else None
    losses, after = [], {}
    for step in range(1, 101):
        optim.zero_grad()
        y = torch.tanh(DATA["x"] @ p["w"].T + p["b"])
        loss = ((y - DATA["t"]) ** 2).mean() + (DATA["k"] * (p["u"] - 1) ** 2).mean()
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(p.values(), clip)
        optim.step()
        if rate:
            rate.step()
        losses.append(loss.item())
        if step in (1, 10, 100):
            after[step] = torch.cat([v.detach().flatten() for v in p.values()])
    line(name, losses)
    for step, values in after.items():
        line(f"{name}.{step}", values.tolist())


print("# written by tests/golden/optim.py, PyTorch", torch.__version__)
for name, value in DATA.items():
    line("data." + name, value.flatten().tolist())
for name, case in CASES.items():
    train(name, *case)
optim = SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
rate = torch.optim.lr_scheduler.CosineAnnealingLR(optim, 20, eta_min=0.03)
rates = []
for _ in range(21):
    rates.append(rate.get_last_lr()[0])
    optim.step()
    rate.step()
line("rates", rates)
