#!/usr/bin/python3
"""The rows of mlp.c, eltwise.c and chain.c by PyTorch.

usage: torch_rows.py mlp_tiny|mlp_small|eltwise|chain [SECONDS]      OMP_NUM_THREADS says how many threads
Prints: name, threads, median, unit.
"""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

CHAIN = 100000


def steps(step, seconds, scale, unit, name):
    for _ in range(5):
        step()
    took, end = [], time.perf_counter() + seconds
    while len(took) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        took.append(time.perf_counter() - start)
    print(f"{name}\t{torch.get_num_threads()}\t{sorted(took)[len(took) // 2] * scale:.5g}\t{unit}")


def mlp(name, seconds):
    tiny = name == "mlp_tiny"
    rows = 64 if tiny else 128
    if tiny:
        model = nn.Sequential(nn.Linear(784, 64), nn.Sigmoid(), nn.Linear(64, 10), nn.Sigmoid())
        optim = torch.optim.SGD(model.parameters(), lr=0.1)
    else:
        model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
        optim = torch.optim.Adam(model.parameters(), lr=1e-3)
    labels = [torch.randint(0, 10, (rows,)) for _ in range(8)]
    batches = [(torch.rand(rows, 784), F.one_hot(y, 10).float() if tiny else y) for y in labels]
    at = [0]

    def step():
        x, y = batches[at[0]]
        at[0] = (at[0] + 1) % 8
        optim.zero_grad(set_to_none=True)
        loss = F.mse_loss(model(x), y) if tiny else F.cross_entropy(model(x), y)
        loss.backward()
        optim.step()
        return loss.item()
    steps(step, seconds, 1e6, "us/step", name)


def eltwise(seconds):
    x, dy = torch.randn(1 << 24).requires_grad_(), torch.ones(1 << 24)
    a, b = torch.tensor(1.5), torch.tensor(0.25)

    def step():
        x.grad = None
        y = torch.sigmoid(x * a + b) * torch.tanh(x) + x * x
        y.backward(dy)
    steps(step, seconds, 1e3, "ms/step", "eltwise")


def chain():
    w, b, x0 = (torch.tensor(v, requires_grad=True) for v in (0.9, 0.1, 0.5))
    took = []
    for _ in range(3):
        start = time.perf_counter()
        x = x0
        for _ in range(CHAIN // 4):
            x = torch.tanh(x * w + b) + x0
        x.backward()
        took.append(time.perf_counter() - start)
    print(f"chain/once/{CHAIN}\t1\t{sorted(took)[1] / CHAIN * 1e9:.5g}\tns/op")


what, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
torch.manual_seed(1)
if what == "chain":
    chain()
elif what == "eltwise":
    eltwise(seconds)
else:
    mlp(what, seconds)
