"""A plain twin of what is read from NIR: it steps a nir.NIRGraph itself, array by array, from NIR's equations.

Ticks are counted from 1. A spike of tick n is heard at n + 1, behind Delays of k ticks at n + 1 + k in Euler's steps
and at n + k for impulses (n + 1 without one). Under Euler's steps a population begins at the tick after its depth.
Nothing here knows of synapses, volts or the engine.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np


def plain_convolution(x, weight, bias, stride, padding, dilation, groups):
    """Cross-correlation by its definition: x (channels, rows, columns)."""
    outs, ins, high, wide = weight.shape
    (before_r, after_r), (before_c, after_c) = padding
    padded = np.pad(x, ((0, 0), (before_r, after_r), (before_c, after_c)))
    rows = (padded.shape[1] - dilation[0] * (high - 1) - 1) // stride[0] + 1
    columns = (padded.shape[2] - dilation[1] * (wide - 1) - 1) // stride[1] + 1
    y = np.zeros((outs, rows, columns))
    for out in range(outs):
        first = out // (outs // groups) * ins
        for r in range(rows):
            for c in range(columns):
                total = bias[out]
                for i in range(ins):
                    for p in range(high):
                        for q in range(wide):
                            place = r * stride[0] + p * dilation[0], c * stride[1] + q * dilation[1]
                            total += weight[out, i, p, q] * padded[first + i][place]
                y[out, r, c] = total
    return y


def plain_pool(x, kernel, stride, padding):
    """Sums over windows of each channel."""
    padded = np.pad(x, ((0, 0), (padding[0], padding[0]), (padding[1], padding[1])))
    rows = (padded.shape[1] - kernel[0]) // stride[0] + 1
    columns = (padded.shape[2] - kernel[1]) // stride[1] + 1
    y = np.zeros((x.shape[0], rows, columns))
    for r in range(rows):
        for c in range(columns):
            y[:, r, c] = padded[
                :, r * stride[0] : r * stride[0] + kernel[0], c * stride[1] : c * stride[1] + kernel[1]
            ].sum(axis=(1, 2))
    return y


def in_full(node):
    """The fields of a node, numbers of 32 bits in 64."""
    fields = {
        name: value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
        for name, value in vars(node).items()
    }
    return SimpleNamespace(**fields)


class PlainGraph:
    """A graph that is stepped.

    euler  whether a spike is a 1 for one step of forward Euler, or an impulse
    """

    def __init__(self, graph, dt, *, euler):
        self.nodes = {name: in_full(node) for name, node in graph.nodes.items()}
        self.edges, self.dt, self.euler = [tuple(edge) for edge in graph.edges], dt, euler
        self.kind = {name: type(node).__name__ for name, node in graph.nodes.items()}
        self.cells = [name for name, kind in self.kind.items() if kind in ("LIF", "CubaLIF", "IF")]
        self.v = {name: np.zeros(np.shape(self.nodes[name].v_threshold)) for name in self.cells}
        self.current = {name: np.zeros_like(v) for name, v in self.v.items()}
        self.spikes = {name: [] for name, kind in self.kind.items() if name in self.cells or kind == "Input"}
        self.shape = {name: v.shape for name, v in self.v.items()}
        self.shape |= {name: tuple(self.nodes[name].input_type["input"]) for name in self.spikes if name not in self.v}
        self.depth = {name: 0 if kind == "Input" else math.inf for name, kind in self.kind.items()}
        for _ in self.nodes:
            for source, target in self.edges:
                step = target in self.cells
                self.depth[target] = min(self.depth[target], self.depth[source] + step)

    def heard(self, name, tick, waited, *, bias):
        """What arrives at a node: the part that biases make, or the part that spikes make."""
        return sum(self.value(source, tick, waited, bias=bias) for source, target in self.edges if target == name)

    def value(self, name, tick, waited, *, bias):
        """What a node sends at a tick, when what lies behind it waits for `waited` ticks."""
        node, kind = self.nodes[name], self.kind[name]
        if name in self.spikes:
            late = waited + 1 if self.euler else max(waited, 1)
            then = tick - late
            if bias or then < 1:
                return np.zeros(self.shape[name])
            return self.spikes[name][then - 1].astype(float)
        if kind == "Delay":
            ticks = round(float(np.reshape(node.delay, -1)[0]) / self.dt)
            return self.heard(name, tick, waited + ticks, bias=bias)
        x = self.heard(name, tick, waited, bias=bias)
        match kind:
            case "Linear":
                return node.weight @ x
            case "Affine":
                return node.weight @ x + bias * node.bias
            case "Scale":
                return node.scale * x
            case "Flatten":
                return x.reshape(-1)
            case "Conv2d":
                pad = [(p, p) for p in node.padding]
                return plain_convolution(x, node.weight, bias * node.bias, node.stride, pad, node.dilation, node.groups)
            case "SumPool2d" | "AvgPool2d":
                y = plain_pool(x, node.kernel_size, node.stride, node.padding)
                return y / np.prod(node.kernel_size) if kind == "AvgPool2d" else y
        raise NotImplementedError(kind)

    def step(self, given):
        """One tick; `given` are the spikes of the Inputs by name."""
        for name, spikes in given.items():
            self.spikes[name].append(np.asarray(spikes))
            tick = len(self.spikes[name])
        heard = {
            name: (self.heard(name, tick, 0, bias=0.0), self.heard(name, tick, 0, bias=1.0)) for name in self.cells
        }
        for name in self.cells:
            self.spikes[name].append(self.advance(name, *heard[name], tick))

    def advance(self, name, x, bias, tick):
        """Equations of one node of neurons; returns its spikes."""
        node, v, dt = self.nodes[name], self.v[name], self.dt
        if self.euler and tick <= self.depth[name]:
            return np.zeros(v.shape, bool)
        if self.kind[name] == "IF":
            v = v + node.r * x * (dt if self.euler else 1.0)
        elif self.kind[name] == "LIF":
            level = node.v_leak + node.r * bias
            if self.euler:
                v = v + dt / node.tau * (level - v + node.r * x)
            else:
                v = level + (v - level) * np.exp(-dt / node.tau) + node.r * x / node.tau
        else:
            level, current = node.v_leak + node.r * node.w_in * bias, self.current[name]
            if self.euler:
                v = v + dt / node.tau_mem * (level - v + node.r * current)
                self.current[name] = current + dt / node.tau_syn * (node.w_in * x - current)
            else:
                m, s = np.exp(-dt / node.tau_mem), np.exp(-dt / node.tau_syn)
                gained = node.r * current * (m - s) * node.tau_syn / (node.tau_mem - node.tau_syn)
                v = level + (v - level) * m + gained
                self.current[name] = current * s + node.w_in * x / node.tau_syn
        spikes = v > node.v_threshold
        self.v[name] = np.where(spikes, node.v_reset, v)
        return spikes
