"""Problems of a run: non-finite values, dead units, vanishing and exploding gradients."""
