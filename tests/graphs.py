"""Random graphs that tests place."""

import numpy as np

from reafference.chips.placement import Graph


def random_graph(seed, neurons=40, synapses=300, kinds=1, blocks=1, within=0.9):
    """Hubs, repeated synapses, self-synapses, neurons that hear nothing; in blocks that mostly keep to themselves."""
    rng = np.random.default_rng(seed)
    pull = rng.lognormal(0, 1, neurons)
    source = rng.choice(neurons, synapses, p=pull / pull.sum())
    target = rng.integers(0, neurons, synapses)
    if blocks > 1:
        size = neurons // blocks
        home = rng.random(synapses) < within
        target = np.where(home, np.minimum(source // size * size + target % size, neurons - 1), target)
    kind = rng.integers(0, kinds, synapses)
    delay = rng.integers(1, 8, synapses)
    spikes = np.floor(rng.lognormal(1, 1, neurons))
    return Graph(neurons, source, target, kind=kind, delay=delay, spikes=spikes)
