"""The side of snnTorch and Norse: makes networks, writes them as NIR and their spikes as .npz.

    python nir_side.py FOLDER [PAPER]

Runs in an environment of its own (torch, snntorch, norse, nir, nirtorch); nothing of this project is installed there.
PAPER is the folder `paper` of NIR's repository, whose CNN is run, too. For each network NAME it leaves NAME.nir and
NAME.npz: `input` (steps, inputs) and, for each layer, its spikes (steps, neurons), all uint8; and of the trained one
trained.npz with many samples.
"""

import sys
from pathlib import Path

import norse
import numpy as np
import snntorch
import torch
from snntorch.export_nir import export_to_nir

import nir

STEPS, DT = 400, 1e-4  # snnTorch's export has this dt and no other
CLASSES, INPUTS, HIDDEN, LENGTH = 4, 20, 24, 50


def leaky(beta, threshold, *, kind=snntorch.Leaky, **more):
    """A layer that does what NIR says: v is 0 in the step of the spike."""
    return kind(beta=beta, threshold=threshold, reset_mechanism="zero", reset_delay=False, learn_beta=False, **more)


class Layers(torch.nn.Module):
    """Linear layers and neurons in turn."""

    def __init__(self, sizes, neurons, bias):
        super().__init__()
        for k, neuron in enumerate(neurons):
            setattr(self, f"fc{k}", torch.nn.Linear(sizes[k], sizes[k + 1], bias=bias))
            setattr(self, f"lif{k}", neuron)
        self.depth, self.sizes = len(neurons), sizes

    def start(self, lead):
        """State of each layer before the first step, for inputs of shape (*lead, inputs)."""
        state = []
        for k in range(self.depth):
            given = getattr(self, f"lif{k}").reset_mem()
            count = len(given) if isinstance(given, tuple) else 1
            state.append([torch.zeros(*lead, self.sizes[k + 1]) for _ in range(count)])
        return state

    def forward(self, x, state=None):
        """One step: spikes of all layers and the new state."""
        state = self.start(x.shape[:-1]) if state is None else state
        spikes, new = [], []
        for k in range(self.depth):
            x, *rest = getattr(self, f"lif{k}")(getattr(self, f"fc{k}")(x), *state[k])
            new.append([x, *rest] if len(rest) < len(state[k]) else rest)
            spikes.append(x)
        self.spikes = spikes
        return x, new


def vector(rng, low, high, count):
    return torch.tensor(rng.uniform(low, high, count), dtype=torch.float32)


def snntorch_networks(rng):
    """Networks of snnTorch by name."""
    sizes = (12, 30, 8)

    def two(make):
        return [make(n) for n in sizes[1:]]

    yield (
        "snntorch Leaky",
        Layers(sizes, two(lambda n: leaky(vector(rng, 0.7, 0.95, n), vector(rng, 0.8, 1.2, n))), bias=True),
    )
    yield (
        "snntorch RLeaky",
        Layers(
            sizes,
            two(
                lambda n: leaky(
                    vector(rng, 0.7, 0.95, n), vector(rng, 0.8, 1.2, n), kind=snntorch.RLeaky, linear_features=n
                )
            ),
            bias=True,
        ),
    )
    yield (
        "snntorch Synaptic",
        Layers(
            sizes,
            two(
                lambda n: leaky(
                    vector(rng, 0.7, 0.95, n),
                    vector(rng, 0.8, 1.2, n),
                    kind=snntorch.Synaptic,
                    alpha=vector(rng, 0.4, 0.8, n),
                )
            ),
            bias=False,
        ),
    )
    yield (
        "snntorch RSynaptic",
        Layers(
            sizes,
            two(
                lambda n: leaky(
                    vector(rng, 0.7, 0.95, n),
                    vector(rng, 0.8, 1.2, n),
                    kind=snntorch.RSynaptic,
                    alpha=vector(rng, 0.4, 0.8, n),
                    linear_features=n,
                )
            ),
            bias=False,
        ),
    )


def steps(network, given):
    """Spikes of all layers, one after the other, each (steps, neurons)."""
    state, kept = None, []
    with torch.no_grad():
        for row in given:
            _, state = network(row, state)
            kept.append([layer.detach().numpy().copy().reshape(-1) for layer in network.spikes])
    return [np.array(layer).astype(np.uint8) for layer in zip(*kept, strict=True)]


def keep(folder, name, graph, given, layers):
    """NAME.nir and NAME.npz."""
    nir.write(folder / f"{name}.nir", graph)
    np.savez_compressed(
        folder / f"{name}.npz", input=given.astype(np.uint8), **{f"layer{k}": spikes for k, spikes in enumerate(layers)}
    )
    print(name, [int(spikes.sum()) for spikes in layers], flush=True)


def norse_graphs(rng):
    """Convolution, pool and two layers for Norse, in 2 x 8 x 8 pixels: LIF in steps of 1 ms, and IF."""

    def graph(first, last, spread):
        weight = rng.normal(spread / 2, spread, (4, 2, 3, 3)).astype(np.float32)
        readout = rng.normal(spread / 6, spread * 2 / 3, (6, 64)).astype(np.float32)
        zero = np.zeros(6, np.float32)
        return nir.NIRGraph.from_list(
            nir.Input(np.array([2, 8, 8])),
            nir.Conv2d((8, 8), weight, (1, 1), (1, 1), (1, 1), 1, np.zeros(4, np.float32)),
            first,
            nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
            nir.Flatten(np.array([4, 4, 4]), 0, -1),
            nir.Affine(readout, zero),
            last,
        )

    one, small = np.ones((4, 8, 8), np.float32), np.ones(6, np.float32)
    yield (
        "norse conv LIF",
        graph(
            nir.LIF(one * 0.005, one, one * 0, one, one * 0),
            nir.LIF(small * 0.01, small, small * 0, small, small * 0),
            6.0,
        ),
    )
    yield "norse conv IF", graph(nir.IF(one, one, one * 0), nir.IF(small, small, small * 0), 0.3)


def in_a_row(graph):
    """Nodes of a graph without forks, from the one after the Input to the one before the Output."""
    after = dict(graph.edges)
    name = next(name for name, node in graph.nodes.items() if isinstance(node, nir.Input))
    while not isinstance(graph.nodes[after[name]], nir.Output):
        name = after[name]
        yield graph.nodes[name]


def run_norse(graph, given):
    """Spikes of each layer in Norse, stepped as it does."""
    nodes = list(in_a_row(graph))
    modules = [norse.torch.utils.import_nir._import_norse_module(node, dt=1e-3) for node in nodes]
    shape = tuple(int(n) for n in next(n for n in graph.nodes.values() if isinstance(n, nir.Input)).input_type["input"])
    states = {k: None for k, node in enumerate(nodes) if isinstance(node, (nir.LIF, nir.IF))}
    kept = {k: [] for k in states}
    with torch.no_grad():
        for row in given:
            x = torch.tensor(row, dtype=torch.float32).reshape(shape)
            for k, (node, module) in enumerate(zip(nodes, modules, strict=True)):
                if k in states:
                    x, states[k] = module(x, states[k])
                    kept[k].append(x.numpy().reshape(-1).copy())
                elif isinstance(node, nir.Flatten):
                    x = x.reshape(-1)
                else:
                    x = module(x[None])[0] if isinstance(node, (nir.Conv2d, nir.SumPool2d)) else module(x)
    return [np.array(spikes).astype(np.uint8) for spikes in kept.values()]


def samples(rng, count):
    """Spatio-temporal patterns: (count, LENGTH, INPUTS) and their classes. Jitter, misses and noise make them hard."""
    templates = np.random.default_rng(5).integers(0, LENGTH, (CLASSES, INPUTS, 2))
    label = rng.integers(0, CLASSES, count)
    data = rng.random((count, LENGTH, INPUTS)) < 0.02
    time = templates[label] + np.rint(rng.normal(0.0, 2.0, (count, INPUTS, 2))).astype(int)
    kept = (rng.random(time.shape) > 0.2) & (time >= 0) & (time < LENGTH)
    where = np.nonzero(kept)
    data[where[0], time[where], where[1]] = True
    return data.astype(np.uint8), label


def counts(network, data):
    """Spikes of the last layer in each sample, with gradients."""
    x, state, total = torch.tensor(data, dtype=torch.float32), None, 0.0
    for step in range(LENGTH):
        spikes, state = network(x[:, step], state)
        total = total + spikes
    return total


def trained(folder):
    """Train a small network, export it, keep it with the spikes that it makes."""
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    neurons = [leaky(torch.full((n,), 0.9), torch.ones(n)) for n in (HIDDEN, CLASSES)]
    network = Layers((INPUTS, HIDDEN, CLASSES), neurons, bias=True)
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    data, label = samples(rng, 2000)
    for epoch in range(30):
        order = rng.permutation(len(data))
        for begin in range(0, len(data), 100):
            some = order[begin : begin + 100]
            loss = torch.nn.functional.cross_entropy(counts(network, data[some]), torch.tensor(label[some]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        print("epoch", epoch, float(loss), flush=True)
    data, label = samples(np.random.default_rng(2), 500)
    graph = export_to_nir(network, torch.zeros(INPUTS))
    nir.write(folder / "trained.nir", graph)
    layers = [steps(network, torch.tensor(sample, dtype=torch.float32)) for sample in data]
    np.savez_compressed(
        folder / "trained.npz",
        input=data,
        label=label.astype(np.uint8),
        **{f"layer{k}": np.array([each[k] for each in layers]) for k in range(2)},
    )


def main():
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    torch.manual_seed(3)
    rng = np.random.default_rng(7)
    for name, network in snntorch_networks(rng):
        torch.manual_seed(3)
        for parameter in network.parameters():
            if parameter.requires_grad and parameter.ndim == 2:
                torch.nn.init.normal_(parameter, 0.1, 0.5)
        given = rng.random((STEPS, 12)) < 0.15
        graph = export_to_nir(network, torch.zeros(12))
        keep(folder, name, graph, given, steps(network, torch.tensor(given, dtype=torch.float32)))
    for name, graph in norse_graphs(rng):
        given = rng.random((STEPS, 128)) < 0.05
        keep(folder, name, graph, given, run_norse(graph, given))
    if len(sys.argv) > 2:
        graph = nir.read(Path(sys.argv[2]) / "02_cnn" / "cnn_sinabs.nir")
        given = rng.random((60, 2 * 34 * 34)) < 0.03
        keep(folder, "paper's CNN", graph, given, run_norse(graph, given))
    if not (folder / "trained.npz").exists():
        trained(folder)
    versions = {m.__name__: m.__version__ for m in (torch, snntorch, norse)} | {"nir": nir.__version__}
    (folder / "versions.txt").write_text(", ".join(f"{k} {v}" for k, v in versions.items()))


if __name__ == "__main__":
    main()
