"""Problems of a run, and the nodes where they begin."""

from __future__ import annotations

from ...autodiff.run import Run
from ..paths.path_graph import require_run
from .dead_units import find_dead_units
from .findings import Findings
from .gradient_scale import find_uneven_layers
from .non_finite import find_non_finite


def diagnose(run: Run) -> Findings:
    """Find the causes of problems in a run, such as the operation that made the first NaN.

    A list of findings, each with ``.kind``, ``.node``, ``.message``:

    - ``"not finite"``: a value or a local derivative that is infinite or NaN although all it was made of is finite,
      with the entry, the numbers and the line that made the node, and the path along which it spread. What follows from
      it is not reported again, and neither is an infinity that reaches neither the cost nor a gradient, as in a mask.
    - ``"dead"``: neurons behind an activation like relu that no example of the batch gets through.
    - ``"saturated"``: neurons whose activation is so far out on its plateau that nothing comes back through it.
    - ``"vanishing"`` and ``"exploding"``: parameters whose gradients are smaller, or larger, than those of the layers
      nearer to the cost by a factor of 10 000, and what along the way makes them so. For a parameter that is used again
      and again, as in a recurrent network, the gradients at its uses are compared.

    The list is empty if nothing is wrong.

    >>> import graphcore as gc, ops
    >>> g = gc.Graph()
    >>> x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    >>> h = (w * x).named("h")
    >>> run = gc.backprop(ops.mean(ops.log(h, name="l") * h, name="C"), {x: [1.0, 0.0]})
    >>> found = gc.diagnose(run)
    >>> found[0].kind, found[0].node.name, found[0].entry
    ('not finite', 'l', (1,))
    >>> print(found[0].message.partition(";")[0])
    l = log of h became −∞ at [1], where h is 0
    """
    require_run(run, "diagnose")
    found = find_non_finite(run)
    return Findings([*found, *find_dead_units(run), *find_uneven_layers(run, found)])
