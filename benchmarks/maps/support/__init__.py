"""What the experiments on maps share."""
