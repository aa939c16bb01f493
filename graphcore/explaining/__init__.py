"""Why a gradient is what it is: in numbers, in formulas and in words.

>>> import graphcore as gc
>>> gc.paths.__module__, gc.explain.__module__
('graphcore.explaining.decomposition', 'graphcore.explaining.explanation')
"""
