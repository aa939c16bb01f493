"""A picture of the ratios: a row for every net, a dot for every program, numpy in the middle.

python benchmarks/plotting.py FOUND.json FILE.png
"""

import json
import pathlib
import sys

#: colour and shape of each program; ours are full and dark, numpy's are grey
MARKS = {
    "gc numba": ("#c2410c", "o"),
    "gc numpy": ("#1d4ed8", "o"),
    "gc backprop": ("#60a5fa", "o"),
    "numpy, out=": ("#9ca3af", "s"),
    "python": ("#9ca3af", "P"),
    "pytensor": ("#15803d", "D"),
    "jax jit": ("#7c3aed", "D"),
    "torch": ("#be185d", "D"),
    "torch.compile": ("#f472b6", "D"),
    "autograd": ("#a16207", "v"),
    "mygrad": ("#0f766e", "v"),
    "micrograd": ("#334155", "^"),
}


def plot(found, file):
    """Draw the seconds of `comparing.compared`, by net and program, in multiples of numpy's."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    names = [name for name in MARKS if any(name in one for one in found.values())]
    nets = list(found)
    figure, axes = plt.subplots(figsize=(10, 1.6 + 0.72 * len(nets)), layout="constrained")
    for row in range(len(nets)):
        axes.axhspan(row - 0.42, row + 0.42, color="#f3f4f6" if row % 2 else "#fafafa", zorder=0)
    for place, name in enumerate(names):
        colour, shape = MARKS[name]
        shift = 0.34 * (2 * place / max(len(names) - 1, 1) - 1)
        rows = [
            (found[net][name] / found[net]["numpy"], row + shift) for row, net in enumerate(nets) if name in found[net]
        ]
        ours = name.startswith("gc")
        axes.scatter(*zip(*rows, strict=True), s=64 if ours else 34, c=colour, marker=shape, label=name, zorder=3,
                     edgecolors="white", linewidths=0.8)  # fmt: skip
    axes.axvline(1, color="#374151", linewidth=1.2, zorder=2)
    axes.set_xscale("log")
    ratios = [seconds / one["numpy"] for one in found.values() for seconds in one.values()]
    axes.set_xlim(min(ratios) / 1.6, max(ratios) * 1.6)
    ticks = [
        t
        for t in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
        if min(ratios) / 1.6 < t < max(ratios) * 1.6
    ]
    axes.set_xticks(ticks, [f"{t:g}×" for t in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(nets)), [f"{net}\n{_spoken(found[net]['numpy'])}" for net in nets])
    axes.set_ylim(len(nets) - 0.5, -0.5)
    axes.grid(axis="x", color="#e5e7eb", zorder=1)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel("multiples of hand-written numpy's time, which stands under the name; one thread: left is faster")
    axes.set_title("One step of learning: cost and all gradients", loc="left", fontweight="bold")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", frameon=False)
    figure.savefig(file, dpi=150)
    plt.close(figure)


def _spoken(seconds):
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


if __name__ == "__main__":
    everything = json.loads(pathlib.Path(sys.argv[1]).read_text())
    parts = [part for part in ("mlp", "conv", "transformer", "neuron") if part in everything]
    plot({case: found for part in parts for case, found in everything[part].items()}, sys.argv[2])
