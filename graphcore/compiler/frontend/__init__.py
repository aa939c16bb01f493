"""Frontend: specialize a graph to shapes, then lower it to instructions.

>>> import graphcore as gc
>>> from graphcore.compiler.frontend.lower import lower
>>> from graphcore.compiler.frontend.specialize import specialize
>>> g = gc.Graph()
>>> x = g.input("x")
>>> y = x * x
>>> [value.name for value in lower(specialize(g.nodes, [y], [x], {})).values]
['x0', 'multiply', 'add']
"""
