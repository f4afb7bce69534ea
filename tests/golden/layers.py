#!/usr/bin/env python3
"""Layers of torch.nn in f64 with numbers made by a formula, into layers.txt, which test_nn_layers.c reads: the names and shapes of
parameters, the result, and the gradients of its sum weighted by waves.

usage: /usr/bin/python3 tests/golden/layers.py > tests/golden/layers.txt      (needs PyTorch)
"""
import math

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
print("# written by tests/golden/layers.py, PyTorch " + torch.__version__)


def wave(shape, scale, step, phase):
    n = math.prod(shape)
    return torch.tensor([scale * math.sin(step * i + phase) for i in range(n)]).reshape(shape)


def numbers(t):
    return " ".join("%.17g" % v for v in t.detach().reshape(-1).tolist())


def run(name, module, inputs, call):
    """inputs: shapes, or tensors of integers. call(module, *inputs) -> tensors; the first is the result whose gradients are taken."""
    print("case: " + name)
    for k, (key, p) in enumerate(module.named_parameters()):
        p.data = wave(p.shape, 0.4, 0.7, 1.3 * k + 0.2)
        print("param %s: %s" % (key, " ".join(map(str, p.shape))))
    x = [i if torch.is_tensor(i) else wave(i, 1.0, 0.37, 0.5 * k + 0.1).requires_grad_() for k, i in enumerate(inputs)]
    out = call(module, *x)
    out = out if isinstance(out, tuple) else (out,)
    for k, y in enumerate(out):
        print("out%d: %s" % (k, numbers(y)))
    loss = sum((y * wave(y.shape, 1.0, 0.5, 0.3 + k)).sum() for k, y in enumerate(out))
    loss.backward()
    for key, p in module.named_parameters():
        print("grad %s: %s" % (key, numbers(p.grad)))
    for k, v in enumerate(x):
        if v.is_floating_point():
            print("grad x%d: %s" % (k, numbers(v.grad)))
    for key, b in module.named_buffers():
        print("buffer %s: %s" % (key, numbers(b.double())))


def plain(m, *x):
    return m(*x)


run("linear", nn.Linear(3, 4), [(2, 3)], plain)
run("bilinear", nn.Bilinear(3, 2, 4), [(2, 3), (2, 2)], plain)
run("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2), [(2, 4, 9)], plain)
run("conv2d", nn.Conv2d(2, 3, (3, 2), stride=(1, 2), padding=(1, 0)), [(2, 2, 4, 5)], plain)
run("conv3d", nn.Conv3d(1, 2, 2, bias=False), [(1, 1, 3, 3, 3)], plain)
run("conv_transpose1d", nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), [(2, 4, 3)], plain)
run("conv_transpose2d", nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, dilation=1), [(1, 2, 3, 2)], plain)
run("conv_transpose2d_more", nn.ConvTranspose2d(4, 2, (3, 2), stride=(3, 2), output_padding=(2, 1), dilation=2, groups=2), [(1, 4, 2, 3)],
    plain)
run("conv_transpose3d", nn.ConvTranspose3d(2, 4, (2, 1, 3), stride=2, padding=(0, 0, 1), output_padding=1, groups=2), [(1, 2, 2, 1, 2)], plain)
run("batch_norm", nn.BatchNorm2d(3), [(2, 3, 2, 2)], plain)
run("batch_norm_mean", nn.BatchNorm1d(3, momentum=None, eps=1e-3), [(4, 3)], plain)
evaluated = nn.BatchNorm1d(3)
evaluated.running_mean = wave((3,), 0.4, 1.0, 0.5)
evaluated.running_var = wave((3,), 0.4, 1.0, 0.5) + 1.5
run("batch_norm_eval", evaluated.eval(), [(4, 3)], plain)
run("layer_norm", nn.LayerNorm((3, 4)), [(2, 3, 4)], plain)
run("group_norm", nn.GroupNorm(2, 4), [(2, 4, 3)], plain)
run("instance_norm", nn.InstanceNorm2d(3, affine=True), [(2, 3, 2, 3)], plain)
run("embedding", nn.Embedding(5, 3, padding_idx=1), [torch.tensor([[0, 4, 1], [2, 4, 4]])], plain)
run("rnn", nn.RNN(3, 4, batch_first=True), [(2, 3, 3)], plain)
run("rnn_relu", nn.RNN(3, 4, batch_first=True, nonlinearity="relu", bias=False), [(2, 3, 3), (1, 2, 4)], plain)
run("gru", nn.GRU(3, 2, 2, batch_first=True, bidirectional=True), [(2, 3, 3), (4, 2, 2)], plain)
run("lstm", nn.LSTM(3, 2, 2, batch_first=True), [(2, 3, 3), (2, 2, 2), (2, 2, 2)],
    lambda m, x, h, c: (lambda y, s: (y, *s))(*m(x, (h, c))))


def packed(m, x):
    y, (h, c) = m(pack_padded_sequence(x, torch.tensor([2, 4, 1]), batch_first=True, enforce_sorted=False))
    return pad_packed_sequence(y, batch_first=True, total_length=4)[0], h, c


run("lstm_lengths", nn.LSTM(2, 2, batch_first=True, bidirectional=True), [(3, 4, 2)], packed)
run("attention", nn.MultiheadAttention(4, 2, batch_first=True), [(2, 3, 4)], lambda m, x: m(x, x, x)[0])
hidden = torch.tensor([[False, True, True], [False, False, True], [False, False, False]])
run("attention_causal", nn.MultiheadAttention(4, 2, batch_first=True, bias=False), [(2, 3, 4)],
    lambda m, x: m(x, x, x, attn_mask=hidden)[0])
run("attention_cross", nn.MultiheadAttention(4, 2, kdim=3, vdim=2, batch_first=True), [(2, 3, 4), (2, 5, 3), (2, 5, 2)],
    lambda m, q, k, v: m(q, k, v)[0])
run("encoder_layer", nn.TransformerEncoderLayer(4, 2, 6, 0.0, batch_first=True), [(2, 3, 4)], plain)
run("encoder_layer_first", nn.TransformerEncoderLayer(4, 2, 6, 0.0, "gelu", batch_first=True, norm_first=True), [(2, 3, 4)],
    lambda m, x: m(x, src_mask=hidden))
run("decoder_layer", nn.TransformerDecoderLayer(4, 2, 6, 0.0, batch_first=True), [(2, 3, 4), (2, 5, 4)],
    lambda m, x, memory: m(x, memory, tgt_mask=hidden))
run("sequential", nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 4), nn.Tanh()), nn.Linear(4, 2)), [(2, 3)], plain)
