"""What is wrong with a run: non-finite values, dead units, vanishing and exploding gradients."""
