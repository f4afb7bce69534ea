#!/usr/bin/python3
"""The workloads of `wengert bench` by PyTorch: the same networks, sizes, batches and updates.

usage: torch_rows.py WORKLOAD [SECONDS]      OMP_NUM_THREADS says how many threads
Prints a row as `wengert bench --tsv` does: name, threads, median, unit, -, -, -, peak MiB. One workload a process, so that the
peak is its own. tests/bench/run says how PyTorch is run at its best.
"""
import math
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

BATCHES, NODES = 8, 100000
WARM, LEAST, MOST = 5, 7, 200000


# ---- training steps: zero_grad, forward, loss, backward, update, reading the loss; the batches in turn -----------------------

def trainer(model, loss_of, optimiser, batch):
    batches, at = [batch() for _ in range(BATCHES)], [0]

    def step():
        x, y = batches[at[0]]
        at[0] = (at[0] + 1) % BATCHES
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model(x), y)
        loss.backward()
        optimiser.step()
        return loss.item()
    return step


def images(n, *shape):
    return lambda: (torch.rand(n, *shape), torch.randint(0, 10, (n,)))


def mlp_tiny():
    model = nn.Sequential(nn.Linear(784, 64), nn.Sigmoid(), nn.Linear(64, 10), nn.Sigmoid())
    return trainer(model, F.mse_loss, torch.optim.SGD(model.parameters(), lr=0.1),
                   lambda: (torch.rand(64, 784), F.one_hot(torch.randint(0, 10, (64,)), 10).float()))


def mlp_small():
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return trainer(model, F.cross_entropy, torch.optim.Adam(model.parameters(), lr=1e-3), images(128, 784))


def mlp_big():
    model = nn.Sequential(nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10))
    return trainer(model, F.cross_entropy, torch.optim.Adam(model.parameters(), lr=1e-3), images(256, 784))


def cnn():
    model = nn.Sequential(nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Flatten(), nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, 10))
    return trainer(model, F.cross_entropy, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), images(64, 1, 28, 28))


class Block(nn.Module):
    def __init__(self, wide, heads, length):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(wide), nn.LayerNorm(wide)
        self.qkv, self.proj = nn.Linear(wide, 3 * wide), nn.Linear(wide, wide)
        self.fc, self.out = nn.Linear(wide, 4 * wide), nn.Linear(4 * wide, wide)
        self.register_buffer("ahead", torch.ones(length, length).triu(1).bool())

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (y.view(b, t, self.heads, c // self.heads).transpose(1, 2) for y in self.qkv(self.ln1(x)).split(c, 2))
        score = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(c // self.heads))
        a = score.masked_fill(self.ahead, -math.inf).softmax(-1) @ v
        x = x + self.proj(a.transpose(1, 2).reshape(b, t, c))
        return x + self.out(F.gelu(self.fc(self.ln2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, vocabulary=65, length=64, layers=4, heads=4, wide=128):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, wide), nn.Embedding(length, wide)
        self.blocks = nn.ModuleList(Block(wide, heads, length) for _ in range(layers))
        self.lnf = nn.LayerNorm(wide)

    def forward(self, ids):
        x = self.wte(ids) + self.wpe.weight
        for block in self.blocks:
            x = block(x)
        return F.linear(self.lnf(x), self.wte.weight)


def each_step(logits, y):
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())


def gpt():
    model = Gpt()
    return trainer(model, each_step, torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1),
                   lambda: (torch.randint(0, 65, (12, 64)), torch.randint(0, 65, (12, 64))))


class Characters(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn, self.head = kind(65, 128), nn.Linear(128, 65)

    def forward(self, x):
        return self.head(self.rnn(x)[0])


def recurrent(kind):
    model = Characters(kind)
    return trainer(model, each_step, torch.optim.Adam(model.parameters(), lr=2e-3),
                   lambda: (F.one_hot(torch.randint(0, 65, (64, 32)), 65).float(), torch.randint(0, 65, (64, 32))))


def lstm():
    return recurrent(nn.LSTM)


def gru():
    return recurrent(nn.GRU)


# ---- the others ---------------------------------------------------------------------------------------------------------------

def eltwise():
    x, dy = torch.rand(1 << 24).requires_grad_(), torch.ones(1 << 24)
    a, b = torch.tensor(1.5), torch.tensor(0.25)

    def step():
        x.grad = None
        (torch.sigmoid(x * a + b) * torch.tanh(x) + x * x).backward(dy)
    return step


def scalar_chain():
    w, b, x0 = (torch.tensor(v, requires_grad=True) for v in (0.9, 0.1, 0.5))

    def step():
        x = x0
        for _ in range(NODES // 4):
            x = torch.tanh(x * w + b) + x0
        x.backward()
    return step


def scalar_dag():
    x0 = torch.tensor(0.5, requires_grad=True)

    def step():
        x, ring, s = x0, [x0] * 16, 12345
        for i in range(NODES // 4):
            s = (s * 1103515245 + 12345) & 0x7fffffff
            p, q, r = ring[s >> 8 & 15], ring[s >> 14 & 15], ring[s >> 20 & 15]
            x = torch.tanh(x * p + q)
            ring[i % 16] = x
            x = x - r
        x.backward()
    return step


ROWS = {"mlp_tiny": (mlp_tiny, 1e6, "us/step"), "mlp_small": (mlp_small, 1e6, "us/step"), "mlp_big": (mlp_big, 1e3, "ms/step"),
        "cnn": (cnn, 1e3, "ms/step"), "gpt": (gpt, 1e3, "ms/step"), "lstm": (lstm, 1e3, "ms/step"), "gru": (gru, 1e3, "ms/step"),
        "eltwise": (eltwise, 1e3, "ms/step"), "scalar_chain": (scalar_chain, 1e9 / NODES, "ns/op"),
        "scalar_dag": (scalar_dag, 1e9 / NODES, "ns/op")}


def median_step(step, seconds, warm, least):
    for _ in range(warm):
        step()
    took, end = [], time.perf_counter() + seconds
    while len(took) < MOST and (len(took) < least or time.perf_counter() < end):
        start = time.perf_counter()
        step()
        took.append(time.perf_counter() - start)
    return sorted(took)[len(took) // 2]


def main():
    name, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    make, scale, unit = ROWS[name]
    torch.manual_seed(1)
    slow = name.startswith("scalar")  # seconds a step
    value = median_step(make(), seconds, 1 if slow else WARM, 2 if slow else LEAST) * scale
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}\t{torch.get_num_threads()}\t{value:.5g}\t{unit}\t-\t-\t-\t{peak:.1f}")


if __name__ == "__main__":
    main()
