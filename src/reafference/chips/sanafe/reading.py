"""Read a network with its mapping from SANA-FE's YAML files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.chips.sanafe.edges import SHAPE, Edges, convolved, dense
from reafference.chips.sanafe.events import Unplain, plain
from reafference.chips.sanafe.faults import BadSanafe, Faults, entries, flat, number, numbers, span, truth, whole
from reafference.chips.sanafe.network import RESETS, TILE, SanafeNetwork, SanafeNeurons

SYNAPSES = {"": 0, "loihi_dense_synapse": 0, "loihi_sparse_synapse": 1, "loihi_conv_synapse": 2}
SOMA, SOURCES, DENDRITE = "loihi_lif", "loihi_inputs[", "loihi_dendrites"
TILES, NEURONS_PER_CORE = 32, 1024
# Attributes of a neuron: where they go, and what they are if nothing is said.
NUMBERS = {
    "threshold": ("threshold", 0.0), "bias": ("bias", 0.0), "leak_decay": ("leak", 1.0),
    "input_decay": ("input_decay", 0.0), "reset": ("reset", 0.0), "reverse_threshold": ("low_threshold", 0.0),
    "reverse_reset": ("low_reset", 0.0), "potential": ("potential", 0.0), "refractory_delay": ("refractory", 0),
}  # fmt: skip
MODES = {"reset_mode": ("mode", 1), "reverse_reset_mode": ("low_mode", 0)}
FORCED = ("force_update", "force_update_every_timestep")
UNITS = ("soma_hw_name", "synapse_hw_name", "dendrite_hw_name")
SHOWN = ("log_spikes", "log_potential", "log_u")  # what to print; nothing of what happens


@dataclass
class _Group:
    """Neurons of a group while the file is read."""

    name: str
    count: int
    own: dict[str, npt.NDArray[Any]]
    soma: list[str]
    synapse: npt.NDArray[np.int64]
    spikes: dict[int, npt.NDArray[np.float64]] = field(default_factory=dict[int, npt.NDArray[np.float64]])

    @classmethod
    def empty(cls, name: str, count: int) -> _Group:
        own = {to: np.full(count, value) for to, value in (*NUMBERS.values(), *MODES.values(), ("forced", False))}
        return cls(name, count, own, [""] * count, np.zeros(count, np.int64))


def read_sanafe(path: str | Path) -> SanafeNetwork:
    """The network of a YAML file of SANA-FE, mapped to its Loihi (needs PyYAML: `pip install reafference[sanafe]`).

    Raises BadSanafe with all faults of the file, OSError where it cannot be read.
    """
    try:
        yaml: Any = import_module("yaml")
    except ImportError as error:
        raise ImportError("SANA-FE's files are YAML; install PyYAML, or `reafference[sanafe]`.") from error
    text = Path(path).read_text(encoding="utf-8")
    try:
        document = plain(yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except (yaml.YAMLError, Unplain) as error:
        raise BadSanafe([f"{path} is no YAML that is read here: {error}"]) from error
    return sanafe_network(document)


def sanafe_network(document: object) -> SanafeNetwork:
    """The same from what a YAML reader makes of such a file: dictionaries, lists, words, numbers.

    Units are those of SANA-FE's Loihi file: `loihi_lif`, one `loihi_inputs[...]` for each source of a core, the three
    kinds of synapse, and dendrites without delay. Raises BadSanafe with all faults.
    """
    faults = Faults()
    top = document if isinstance(document, Mapping) else {}
    for part in ("network", "mappings"):
        if part not in top:
            faults.add(f"there is no {part!r} at the top")
    section = top.get("network", {})
    groups = _groups(section.get("groups", ()) if isinstance(section, Mapping) else (), faults)
    first = dict(zip(groups, np.cumsum([0, *(group.count for group in groups.values())]).tolist(), strict=False))
    edges = _edges(section.get("edges", ()) if isinstance(section, Mapping) else (), groups, first, faults)
    core, rank = _mapped(top.get("mappings", ()), groups, first, faults)
    computed = np.array(
        [not unit.startswith(SOURCES) for group in groups.values() for unit in group.soma], np.bool_
    ).reshape(core.size)
    _check_units(groups, core, computed, edges[1], faults)
    faults.end()

    order = np.lexsort((rank, core))
    new = np.argsort(order)
    by_source = np.argsort(new[edges[0]].astype(np.uint16 if core.size < 2**16 else np.int64), kind="stable")
    source, target = (new[ends][by_source].astype(np.int64) for ends in edges[:2])
    weight = edges[2][by_source]
    kinds = np.concatenate([np.zeros(0, np.int64), *(group.synapse for group in groups.values())])
    given = [
        np.stack([np.flatnonzero(spikes) + 1, np.full(np.count_nonzero(spikes), new[first[name] + at])], axis=1)
        for name, group in groups.items()
        for at, spikes in group.spikes.items()
    ]
    train = np.concatenate([np.zeros((0, 2), np.int64), *given])
    own = {
        name: np.concatenate([group.own[name] for group in groups.values()])[order]
        for name in next(iter(groups.values())).own
    }
    return SanafeNetwork(
        number={name: new[first[name] : first[name] + group.count] for name, group in groups.items()},
        core=core[order],
        computed=computed[order],
        neurons=SanafeNeurons(**own),
        source=source,
        target=target,
        weight=weight,
        kind=kinds[order][target],
        train=train[np.lexsort((train[:, 1], train[:, 0]))],
    )


def _groups(section: object, faults: Faults) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for each in section if isinstance(section, Sequence) else ():
        if not isinstance(each, Mapping) or "name" not in each:
            faults.add(f"a group without a name: {str(each)[:60]}")
            continue
        name, listed = str(each["name"]), each.get("neurons", ())
        described = [(span(key, f"group {name!r}", faults), value) for key, value in entries(listed)]
        spans = [(ends, value) for ends, value in described if ends is not None]
        count = sum(end - begin for (begin, end), _ in spans)
        if name in groups or not count:
            faults.add(f"group {name!r} {'is there twice' if name in groups else 'has no neurons'}")
            continue
        groups[name] = group = _Group.empty(name, count)
        _describe(group, slice(0, count), flat(each.get("attributes", ())), f"group {name!r}", faults)
        for (begin, end), value in spans:
            if end > count:
                faults.add(f"group {name!r} has {count} neurons and names {end - 1}; they count from 0 without gaps")
            elif value:
                _describe(group, slice(begin, end), flat(value), f"neuron {name}.{begin}", faults)
    if not groups:
        faults.add("there are no groups of neurons")
    return groups


def _describe(group: _Group, place: slice, attributes: Mapping[str, object], where: str, faults: Faults) -> None:
    """Set what is said of some neurons of a group."""
    for name, value in {**attributes, **flat(attributes.get("soma", ()))}.items():
        what = f"{where}: {name}"
        if name in NUMBERS:
            to = NUMBERS[name][0]
            found = whole(value, what, faults) if to == "refractory" else number(value, what, faults)
            group.own[to][place] = found
        elif name in MODES:
            if value in RESETS:
                group.own[MODES[name][0]][place] = RESETS.index(str(value))
            else:
                faults.add(f"{what} = {value!r} is none of {', '.join(RESETS)}")
        elif name in FORCED:
            group.own["forced"][place] = truth(value, what, faults)
        elif name == "spikes":
            spikes = numbers(value, what, faults)
            group.spikes |= dict.fromkeys(range(place.start, place.stop), spikes)
        elif name in UNITS:
            _unit(group, place, name.removesuffix("_hw_name"), str(value), where, faults)
        elif name not in (*SHOWN, "soma"):
            faults.add(f"{what} is nothing that is known of a neuron of its Loihi; leave it out")


def _unit(group: _Group, place: slice, part: str, unit: str, where: str, faults: Faults) -> None:
    """Put some neurons on a unit of their core."""
    if part == "soma" and (unit in ("", SOMA) or unit.startswith(SOURCES)):
        group.soma[place] = [unit] * (place.stop - place.start)
    elif part == "synapse" and unit in SYNAPSES:
        group.synapse[place] = SYNAPSES[unit]
    elif not (part == "dendrite" and unit in ("", DENDRITE)):
        faults.add(f"{where}: {part} unit {unit!r} is none of SANA-FE's Loihi that is known here")


def _edges(
    section: object, groups: Mapping[str, _Group], first: Mapping[str, int], faults: Faults
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Source and target, by the place in the file, and weight of all synapses, as they are made."""
    made: list[tuple[npt.NDArray[Any], ...]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for key, value in entries(section):
        ends = [part.strip().partition(".") for part in key.split("->")]
        where, said = f"edge {key!r}", flat(value)
        if len(ends) != 2 or any(end[0] not in groups for end in ends) or bool(ends[0][2]) != bool(ends[1][2]):
            faults.add(f"{where} does not lead from group to group, or from a neuron of one to one of another")
            continue
        between = [groups[end[0]] for end in ends]
        weights = numbers(_weight(said, where, faults), f"{where}: weight", faults)
        if ends[0][2]:
            places = [span(end[2], where, faults) for end in ends]
            if any(at is None or at[0] >= group.count for at, group in zip(places, between, strict=True)):
                faults.add(f"{where} names a neuron that its group does not have")
                continue
            found = Edges(*(np.array([at[0]]) for at in places if at is not None), entry=np.zeros(1, np.int64))
        else:
            found = _between(said, between[0].count, between[1].count, where, faults)
        if found.entry.size and found.entry.max() >= weights.size:
            faults.add(f"{where} needs {found.entry.max() + 1} weights and has {weights.size}")
            continue
        made.append((found.source + first[ends[0][0]], found.target + first[ends[1][0]], weights[found.entry]))
    source, target, weight = (np.concatenate(each) for each in zip(*made, strict=True))
    return source, target, weight


def _weight(said: Mapping[str, object], where: str, faults: Faults) -> object:
    """What an edge says of its weight; a fault for anything else it says of its synapses."""
    synapse, dendrite = flat(said.get("synapse", ())), flat(said.get("dendrite", ()))
    known = ("type", "weight", "w", "delay", "source_target_pairs", "synapse", "dendrite", *SHAPE)
    for name in (*said, *synapse, *dendrite):
        if name not in known:
            faults.add(f"{where}: {name} is nothing that is known of a synapse of its Loihi; leave it out")
    for name, value in (*said.items(), *dendrite.items()):
        if name == "delay" and numbers(value, f"{where}: delay", faults).any():
            faults.add(f"{where}: delays are not read; SANA-FE's own delay line loses what arrives late")
    found = {**said, **synapse}
    if "weight" not in found and "w" not in found:
        faults.add(f"{where} has no weight")
    return found.get("weight", found.get("w", 0))


def _between(said: Mapping[str, object], sources: int, targets: int, where: str, faults: Faults) -> Edges:
    """Synapses between two groups, by the kind of the edge."""
    kind = said.get("type")
    if kind == "dense":
        return dense(sources, targets)
    if kind == "conv2d":
        shape = {name: whole(said.get(name, 0), f"{where}: {name}", faults) for name in SHAPE}
        try:
            return convolved(shape, sources, targets)
        except ValueError as error:
            faults.add(f"{where}: {error}")
    elif kind == "sparse":
        pairs = numbers(said.get("source_target_pairs", ()), f"{where}: source_target_pairs", faults).astype(np.int64)
        if pairs.ndim == 2 and pairs.shape[1] == 2 and (pairs >= 0).all() and (pairs < [sources, targets]).all():
            return Edges(pairs[:, 0], pairs[:, 1], np.arange(len(pairs)))
        faults.add(f"{where}: source_target_pairs are pairs below {sources} and {targets}")
    else:
        faults.add(f"{where}: type = {kind!r} is none of dense, sparse, conv2d")
    return Edges(*(np.zeros(0, np.int64) for _ in range(3)))


def _mapped(
    section: object, groups: Mapping[str, _Group], first: Mapping[str, int], faults: Faults
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Core of each neuron, and when it was put there."""
    size = sum(group.count for group in groups.values())
    core, rank = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    turn = 0
    for key, value in entries(section):
        name, _, which = key.partition(".")
        said, where = flat(value), f"mapping {key!r}"
        if name not in groups:
            faults.add(f"{where}: there is no group {name!r}")
            continue
        ends = span(which, where, faults) if which else (0, groups[name].count)
        tile, _, of = str(said.get("core", "")).partition(".")
        if ends is None or ends[1] > groups[name].count:
            faults.add(f"{where} names a neuron that its group does not have")
            continue
        for part in ("soma", "synapse", "dendrite"):
            if part in said:
                _unit(groups[name], slice(*ends), part, str(said[part]), where, faults)
        if not (tile.isdecimal() and of.isdecimal() and int(tile) < TILES and int(of) < TILE):
            faults.add(f"{where}: core = {said.get('core')!r}; it is tile.core, 0.0 to {TILES - 1}.{TILE - 1}")
            continue
        place = slice(first[name] + ends[0], first[name] + ends[1])
        core[place] = int(tile) * TILE + int(of)
        rank[place] = np.arange(turn, turn + ends[1] - ends[0])
        turn += ends[1] - ends[0]
    for name, group in groups.items():
        left = np.flatnonzero(core[first[name] : first[name] + group.count] < 0)
        if left.size:
            faults.add(f"{left.size} neurons of group {name!r} are on no core, the first is {left[0]}")
    return core, rank


def _check_units(
    groups: Mapping[str, _Group],
    core: npt.NDArray[np.int64],
    computed: npt.NDArray[np.bool_],
    target: npt.NDArray[np.int64],
    faults: Faults,
) -> None:
    """What cannot be on one core together."""
    most = np.bincount(core[core >= 0], minlength=1)
    if most.max() > NEURONS_PER_CORE:
        faults.add(f"core {most.argmax()} has {most.max()} neurons; it holds {NEURONS_PER_CORE}")
    names = [unit for group in groups.values() for unit in group.soma]
    sources = [(core[at], names[at]) for at in np.flatnonzero(~computed)]
    if len(set(sources)) < len(sources):
        faults.add("two sources share an input unit of their core, and would share their spikes; give each its own")
    if target.size and not computed[target].all():
        faults.add("a synapse reaches a source; sources hear nothing")
    for group in groups.values():
        if any(not group.soma[at].startswith(SOURCES) for at in group.spikes):
            faults.add(f"group {group.name!r} lists spikes of neurons that are no sources; put them on {SOURCES}0]")
