"""The cost of a small convolution net as the users of other libraries write it: kernel, bias, weights, their bias."""


def torch_cost():
    import torch.nn.functional as F  # noqa: N812  as its users call it

    def cost(parameters, x, y):
        kernel, bias, w, b = parameters
        a = F.max_pool2d(F.relu(F.conv2d(x, kernel, bias)), 2)
        return F.cross_entropy(a.flatten(1) @ w + b, y)

    return cost


def jax_cost():
    import jax
    import jax.numpy as jnp

    def cost(parameters, x, y):
        kernel, bias, w, b = parameters
        z = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID") + bias[:, None, None]
        a = jax.lax.reduce_window(jax.nn.relu(z), -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        scores = jax.nn.log_softmax(a.reshape(len(x), -1) @ w + b)
        return -jnp.mean(scores[jnp.arange(len(y)), y])

    return cost


def mygrad_cost():
    import mygrad as mg
    from mygrad.nnet import conv_nd, max_pool, softmax_crossentropy

    def cost(parameters, x, y):
        kernel, bias, w, b = parameters
        z = conv_nd(x, kernel, stride=1) + bias.reshape(-1, 1, 1)
        a = max_pool(mg.nnet.relu(z), (2, 2), 2)
        return softmax_crossentropy(a.reshape(len(x), -1) @ w + b, y)

    return cost


def autograd_cost():
    """As in the library's own example of a convolution net, with kernels that are turned round."""
    import autograd.numpy as anp
    from autograd.scipy.signal import convolve

    def cost(parameters, x, y):
        kernel, bias, w, b = parameters
        turned = kernel[:, :, ::-1, ::-1]
        z = convolve(x, turned, axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid") + bias[:, None, None]
        a = anp.maximum(z, 0)
        n, filters, height, width = a.shape
        a = anp.max(anp.max(a.reshape(n, filters, height // 2, 2, width // 2, 2), axis=3), axis=4)
        scores = anp.dot(a.reshape(n, -1), w) + b
        scores = scores - anp.max(scores, axis=1, keepdims=True)
        chosen = scores[anp.arange(n), y]
        return anp.mean(anp.log(anp.sum(anp.exp(scores), axis=1)) - chosen)

    return cost


def pytensor_cost():
    """PyTensor has lost its convolution of images; what a kernel looks at is gathered by shifted slices."""
    import pytensor.tensor as pt

    def cost(parameters, x, y):
        kernel, bias, w, b = parameters
        filters, _, size, _ = kernel.get_value(borrow=True).shape
        places = 28 - size + 1
        seen = [x[:, 0, i : i + places, j : j + places] for i in range(size) for j in range(size)]
        columns = pt.stack(seen, axis=-1).reshape((-1, size * size))
        z = columns @ kernel.reshape((filters, size * size)).T + bias
        a = pt.maximum(z, 0).reshape((-1, places // 2, 2, places // 2, 2, filters)).max(axis=(2, 4))
        flat = a.transpose(0, 3, 1, 2).reshape((-1, filters * (places // 2) ** 2))
        scores = pt.special.log_softmax(flat @ w + b, axis=-1)
        return -pt.mean(scores[pt.arange(y.shape[0]), y])

    return cost
