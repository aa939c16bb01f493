"""The use of each library: from a cost, written as its users write it, to a step that gives cost and gradients.

Every function here takes a maker of a cost (so that a library is imported only where it is used) and returns what
`comparing.Program` needs: a function of a net. A net has ``parameters``, a list of arrays, ``x``, ``y`` and ``dtype``.
"""

from comparing import Program

import graphcore as gc


def in_every_library(by_hand, graph_of, peers, **in_numpy):
    """Return the programs of a table: a net by hand, as graphcore's graph, and as the costs of the module ``peers``.

    ``in_numpy`` are others that are written by hand.
    """
    return {
        "numpy": Program(by_hand),
        **{name: Program(write) for name, write in in_numpy.items()},
        "gc numpy": Program(compiled(graph_of, "numpy")),
        "gc numba": Program(compiled(graph_of, "numba"), "numba"),
        "gc backprop": Program(interpreted(graph_of)),
        "pytensor": Program(with_pytensor(peers.pytensor_cost), "pytensor"),
        "jax jit": Program(with_jax(peers.jax_cost), "jax"),
        "torch": Program(with_torch(peers.torch_cost), "torch"),
        "torch.compile": Program(with_torch(peers.torch_cost, compiled=True), "torch"),
        "autograd": Program(with_autograd(peers.autograd_cost), "autograd"),
        "mygrad": Program(with_mygrad(peers.mygrad_cost), "mygrad"),
    }


def interpreted(graph_of):
    """graphcore's executor, every value kept."""

    def write(net):
        cost, feed, parameters = graph_of(net)

        def step():
            run = gc.backprop(cost, feed)
            return run.cost, [run.grad[p] for p in parameters]

        return step

    return write


def compiled(graph_of, backend):
    """graphcore's compiled step."""

    def write(net):
        cost, feed, _ = graph_of(net)
        step = gc.compile(cost, backend=backend)

        def run():
            value, gradients = step(feed)
            return value, list(gradients.values())

        return run

    return write


def with_autograd(cost_of):
    """HIPS autograd."""

    def write(net):
        from autograd import value_and_grad

        both = value_and_grad(cost_of())
        return lambda: both(net.parameters, net.x, net.y)

    return write


def with_mygrad(cost_of):
    """MyGrad."""

    def write(net):
        import mygrad as mg

        cost_function = cost_of()
        parameters = [mg.tensor(p) for p in net.parameters]

        def step():
            cost = cost_function(parameters, net.x, net.y)
            cost.backward()
            return cost.item(), [p.grad for p in parameters]

        return step

    return write


def with_pytensor(cost_of):
    """PyTensor, compiled by numba; what is fed is taken on trust."""

    def write(net):
        import pytensor
        import pytensor.tensor as pt

        pytensor.config.floatX = net.dtype
        parameters = [pytensor.shared(p) for p in net.parameters]
        x, y = (pt.as_tensor_variable(one).type() for one in (net.x, net.y))
        cost = cost_of()(parameters, x, y)
        step = pytensor.function([x, y], [cost, *pytensor.grad(cost, parameters)], mode="NUMBA")
        step.trust_input = True

        def run():
            value, *gradients = step(net.x, net.y)
            return value, gradients

        return run

    return write


def with_jax(cost_of):
    """JAX under jit."""

    def write(net):
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so
        both = jax.jit(jax.value_and_grad(cost_of()))
        parameters = [jnp.asarray(p) for p in net.parameters]
        return lambda: jax.block_until_ready(both(parameters, net.x, net.y))

    return write


def with_torch(cost_of, *, compiled=False):
    """PyTorch, eagerly or compiled."""

    def write(net):
        import torch

        torch.set_num_threads(1)
        cost_function = torch.compile(cost_of()) if compiled else cost_of()
        parameters = [torch.tensor(p, requires_grad=True) for p in net.parameters]
        x, y = torch.as_tensor(net.x), torch.as_tensor(net.y)

        def step():
            cost = cost_function(parameters, x, y)
            return cost.detach(), torch.autograd.grad(cost, parameters)

        return step

    return write
