"""The cost of a multilayer perceptron as the users of other libraries write it; parameters are w1, b1, w2, b2, ..."""


def autograd_cost():
    import autograd.numpy as anp

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = 1 / (1 + anp.exp(-(anp.dot(a, w) + b)))
        return anp.mean(anp.sum((a - y) ** 2, axis=-1))

    return cost


def mygrad_cost():
    import mygrad as mg

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = 1 / (1 + mg.exp(-(mg.matmul(a, w) + b)))
        return mg.mean(mg.sum((a - y) ** 2, axis=-1))

    return cost


def pytensor_cost():
    import pytensor.tensor as pt

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = pt.sigmoid(a @ w + b)
        return pt.mean(pt.sum((a - y) ** 2, axis=-1))

    return cost


def jax_cost():
    import jax
    import jax.numpy as jnp

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = jax.nn.sigmoid(a @ w + b)
        return jnp.mean(jnp.sum((a - y) ** 2, axis=-1))

    return cost


def torch_cost():
    import torch

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = torch.sigmoid(a @ w + b)
        return ((a - y) ** 2).sum(-1).mean()

    return cost


def micrograd_sigmoid():
    """micrograd has no exponential; this is how its users add an operation."""
    import math

    from micrograd.engine import Value

    def sigmoid(z):
        out = Value(1 / (1 + math.exp(-z.data)), (z,), "σ")

        def backward():
            z.grad += out.data * (1 - out.data) * out.grad

        out._backward = backward  # noqa: SLF001  micrograd has it so
        return out

    return sigmoid


def with_micrograd(net):
    """One neuron in every layer."""
    from micrograd.engine import Value

    sigmoid = micrograd_sigmoid()
    parameters = [Value(float(p.item())) for p in net.parameters]
    x, y = net.x.item(), net.y.item()

    def step():
        for p in parameters:
            p.grad = 0
        a = x
        for w, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = sigmoid(w * a + b)
        cost = (a - y) ** 2
        cost.backward()
        return cost.data, [p.grad for p in parameters]

    def shaped():
        cost, gradients = step()
        return cost, [[[g]] if w.ndim == 2 else [g] for g, w in zip(gradients, net.parameters, strict=True)]

    return shaped
