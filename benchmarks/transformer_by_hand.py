"""A transformer block and its gradient in numpy, every line by hand."""

import math

import numpy as np

EPSILON = 1e-5
ROOT = math.sqrt(2 / math.pi)


def by_hand(net):
    """Numpy, matrices of all positions at once."""
    batch, places, width = net.x.shape
    heads, each = net.heads, width // net.heads
    gain1, shift1, w_qkv, b_qkv, w_out, b_out, gain2, shift2, w_up, b_up, w_down, b_down = net.parameters

    def apart(a):
        return a.reshape(batch, places, heads, each).transpose(0, 2, 1, 3)

    def together(a):
        return a.transpose(0, 2, 1, 3).reshape(batch * places, width)

    x, y = net.x.reshape(-1, width), net.y.reshape(-1, width)

    def step():
        normal1, _ = normal(x)
        seen = normal1 * gain1 + shift1
        q, k, v = map(apart, np.split(seen @ w_qkv + b_qkv, 3, axis=-1))
        weights = softmax(q @ k.swapaxes(-1, -2) / math.sqrt(each))
        found = together(weights @ v)
        h = x + (found @ w_out + b_out)
        normal2, spread2 = normal(h)
        read = normal2 * gain2 + shift2
        z = read @ w_up + b_up
        t = np.tanh(ROOT * (z + 0.044715 * (z * z * z)))
        up = 0.5 * z * (1 + t)
        out = h + (up @ w_down + b_down)
        cost = np.mean(np.sum((out - y) ** 2, axis=-1))

        dout = 2 * (out - y) / len(x)
        dz = dout @ w_down.T * (0.5 * (1 + t) + 0.5 * z * (1 - t * t) * (ROOT * (1 + 3 * 0.044715 * (z * z))))
        dread = dz @ w_up.T
        dh = dout + dnormal(dread * gain2, normal2, spread2)
        dfound = apart(dh @ w_out.T)
        dweights = dfound @ v.swapaxes(-1, -2)
        dscores = weights * (dweights - np.sum(dweights * weights, axis=-1, keepdims=True)) / math.sqrt(each)
        dq, dk, dv = dscores @ k, dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dfound
        dqkv = np.concatenate([together(dq), together(dk), together(dv)], axis=-1)
        dseen = dqkv @ w_qkv.T
        return cost, [
            np.sum(dseen * normal1, axis=0), dseen.sum(axis=0), seen.T @ dqkv, dqkv.sum(axis=0),
            found.T @ dh, dh.sum(axis=0),
            np.sum(dread * normal2, axis=0), dread.sum(axis=0), read.T @ dz, dz.sum(axis=0),
            up.T @ dout, dout.sum(axis=0),
        ]  # fmt: skip

    return step


def normal(x):
    away = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(away * away, axis=-1, keepdims=True) + EPSILON)
    return away / spread, spread


def dnormal(dout, out, spread):
    shift = dout.mean(axis=-1, keepdims=True)
    return (dout - shift - out * np.mean(dout * out, axis=-1, keepdims=True)) / spread


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
