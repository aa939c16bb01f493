"""Explanations of a gradient in numbers, formulas and words.

>>> import graphcore as gc
>>> for function in (gc.explain, gc.paths, gc.formula, gc.compare):
...     print(function.__module__)
graphcore.explaining.chain_rule.explanation
graphcore.explaining.paths.paths
graphcore.explaining.chain_rule.derivation
graphcore.explaining.experiments.comparison
"""
