"""The network is a networkx graph: every networkx algorithm runs on it."""

import networkx as nx

import graphcore as gc
from ops import sigmoid, squared_error

g = gc.Graph("two hidden neurons")
x, y = g.input("x"), g.input("y")
hidden = []
for k, weight in enumerate((0.9, -0.4), start=1):
    hidden.append(sigmoid(g.parameter(f"w{k}", weight) * x, name=f"h{k}"))
z = (g.parameter("v1", 1.1) * hidden[0] + g.parameter("v2", 0.6) * hidden[1]).named("z")
C = squared_error(sigmoid(z, name="a"), y, name="C")

print(g)
print("a directed acyclic graph:", nx.is_directed_acyclic_graph(g.nx))
print("what influences z:", sorted(n.name for n in nx.ancestors(g.nx, z) if n.name))
print("what w1 influences:", sorted(n.name for n in nx.descendants(g.nx, g["w1"]) if n.name))
print("longest chain:", nx.dag_longest_path_length(g.nx), "operations")

paths = list(nx.all_simple_paths(g.nx, x, C))
print(f"\n{len(paths)} paths from x to C:")
for path in paths:
    print("   ", " → ".join(n.name or n.op.name for n in path))

# The contributions of the edges that leave a node add up to its gradient.
run = gc.backprop(C, {x: 0.5, y: 1.0})
heaviest = max(run.edges, key=lambda edge: abs(edge.contribution))
print(f"\nthe largest contribution: {heaviest.source.label} → {heaviest.target.label}, {heaviest.contribution:+.4f}")
print(f"∂C/∂x = {run.grad[x]:+.6f} = {' '.join(f'{e.contribution:+.6f}' for e in run.edges if e.source is x)}")
