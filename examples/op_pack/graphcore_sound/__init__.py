"""Operations on sound: how loud it is, how it distorts, how one fades into another, how alike two are.

>>> import graphcore_sound
>>> graphcore_sound.loudness([3.0, -3.0, 3.0, -3.0])
np.float64(3.0)
"""

from .effects import crossfade, overdrive
from .measures import likeness, loudness

__all__ = ["crossfade", "likeness", "loudness", "overdrive"]
