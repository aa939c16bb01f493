"""The cost of a small transformer block as the users of other libraries write it."""

import math

HEADS, EPSILON, ROOT = 4, 1e-5, math.sqrt(2 / math.pi)


def torch_cost():
    import torch.nn.functional as F  # noqa: N812  as its users call it

    def cost(parameters, x, y):
        gain1, shift1, w_qkv, b_qkv, w_out, b_out, gain2, shift2, w_up, b_up, w_down, b_down = parameters
        batch, places, width = x.shape
        qkv = F.layer_norm(x, (width,), gain1, shift1) @ w_qkv + b_qkv
        q, k, v = qkv.view(batch, places, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, places, width)
        h = x + found @ w_out + b_out
        up = F.gelu(F.layer_norm(h, (width,), gain2, shift2) @ w_up + b_up, approximate="tanh")
        return ((h + up @ w_down + b_down - y) ** 2).sum(-1).mean()

    return cost


def jax_cost():
    import jax
    import jax.numpy as jnp

    def layer_norm(x, gain, shift):
        away = x - x.mean(-1, keepdims=True)
        return away * jax.lax.rsqrt(jnp.mean(away * away, -1, keepdims=True) + EPSILON) * gain + shift

    def cost(parameters, x, y):
        gain1, shift1, w_qkv, b_qkv, w_out, b_out, gain2, shift2, w_up, b_up, w_down, b_down = parameters
        batch, places, width = x.shape
        qkv = (layer_norm(x, gain1, shift1) @ w_qkv + b_qkv).reshape(batch, places, 3, HEADS, width // HEADS)
        found = jax.nn.dot_product_attention(qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]).reshape(batch, places, width)
        h = x + found @ w_out + b_out
        up = jax.nn.gelu(layer_norm(h, gain2, shift2) @ w_up + b_up, approximate=True)
        return jnp.mean(jnp.sum((h + up @ w_down + b_down - y) ** 2, -1))

    return cost


def in_numpys_words(lib, softmax=None):
    """For libraries that have numpy's functions under their names."""

    def layer_norm(x, gain, shift):
        away = x - lib.mean(x, axis=-1, keepdims=True)
        return away / lib.sqrt(lib.mean(away * away, axis=-1, keepdims=True) + EPSILON) * gain + shift

    def stable_softmax(z):
        e = lib.exp(z - lib.max(z, axis=-1, keepdims=True))
        return e / lib.sum(e, axis=-1, keepdims=True)

    softmax = softmax or stable_softmax

    def cost(parameters, x, y):
        gain1, shift1, w_qkv, b_qkv, w_out, b_out, gain2, shift2, w_up, b_up, w_down, b_down = parameters
        batch, places, width = x.shape
        qkv = lib.reshape(
            lib.matmul(layer_norm(x, gain1, shift1), w_qkv) + b_qkv, (batch, places, 3, HEADS, width // HEADS)
        )
        q, k, v = (lib.transpose(qkv[:, :, part], (0, 2, 1, 3)) for part in range(3))
        weights = softmax(lib.matmul(q, lib.transpose(k, (0, 1, 3, 2))) * (width // HEADS) ** -0.5)
        found = lib.reshape(lib.transpose(lib.matmul(weights, v), (0, 2, 1, 3)), (batch, places, width))
        h = x + lib.matmul(found, w_out) + b_out
        z = lib.matmul(layer_norm(h, gain2, shift2), w_up) + b_up
        up = 0.5 * z * (1 + lib.tanh(ROOT * (z + 0.044715 * z * z * z)))
        return lib.mean(lib.sum((h + lib.matmul(up, w_down) + b_down - y) ** 2, axis=-1))

    return cost


def autograd_cost():
    import autograd.numpy as anp

    return in_numpys_words(anp)


def mygrad_cost():
    import mygrad as mg
    from mygrad.nnet.activations import softmax

    return in_numpys_words(mg, softmax)


def pytensor_cost():
    import pytensor.tensor as pt

    return in_numpys_words(pt, lambda z: pt.special.softmax(z, axis=-1))
