"""The file of a mapping agent: everything by which it goes on, whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.charts import Rules
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.life_plan import LifePlan
from reafference.brain.maps.mapper import Exploration, Mapper, Preplay
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.spiking_hypotheses import DreamingHypotheses, SpikingHypotheses
from reafference.engine.array_file import BadFile, read_arrays, write_arrays

KIND = "mapping agent 3"
KINDS = (Hypotheses, SpikingHypotheses, DreamingHypotheses)
CHARTS, STORE, PREPLAY = "charts ", "store ", "preplay "  # how names of arrays begin


@dataclass(frozen=True, eq=False)
class Written:
    """What the file of an agent holds.

    symbols, first, seed, plan  as the agent was made
    watch                       what it keeps besides its maps: numbers, None, and lists of these
    store                       the clones, once there are any
    """

    sheet: Sheet
    symbols: int
    first: int
    seed: int
    plan: LifePlan
    watch: list[Any]
    store: CloneStore | None
    mapper: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]

    def wake(self, mapper: Mapper) -> None:
        """Make a newborn agent's mapper what it was."""
        mapper.rng.bit_generator.state = json.loads(self.mapper["random"])
        mapper.unpack(self.mapper["rests"])
        mapper.lived[:] = [(int(action), int(symbol)) for action, symbol in self.arrays["lived"].tolist()]
        mapper.hypotheses.unpack(self.mapper["charts"], beginning(CHARTS, self.arrays))
        preplay = beginning(PREPLAY, self.arrays)
        if preplay:
            mapper.preplayed = Preplay(np.array(preplay["motifs"]), np.array(preplay["score"]), int(preplay["start"]))


def write_agent(
    path: Path,
    mapper: Mapper,
    store: CloneStore | None,
    watch: list[Any],
    *,
    sheet: Sheet,
    symbols: int,
    seed: int,
    plan: LifePlan,
) -> None:
    """Write an agent down, for `read_agent`. Raises TypeError for charts that no file can name."""
    if plan.kind not in KINDS:
        raise TypeError(
            f"LifePlan.kind = {plan.kind.__name__} cannot be written down; live with "
            f"{', '.join(kind.__name__ for kind in KINDS)}."
        )
    mapped = mapper.hypotheses
    said, charts = mapped.packed()
    about: dict[str, Any] = {
        "kind": KIND,
        "symbols": symbols,
        "seed": seed,
        "plan": {**asdict(plan), "rules": plan.rules._asdict(), "kind": plan.kind.made_of},
        "first": mapped.first,
        "mapper": {
            "random": json.dumps(mapper.rng.bit_generator.state),
            "rests": mapper.packed(),
            "charts": said,
        },
        "watch": watch,
        "store": None,
    }
    arrays: dict[str, npt.NDArray[Any]] = {"target": sheet.target}
    arrays["lived"] = np.array(mapper.lived, np.int64).reshape(-1, 2)
    arrays |= {CHARTS + name: array for name, array in charts.items()}
    if mapper.preplayed is not None:
        arrays |= {PREPLAY + name: np.asarray(held) for name, held in vars(mapper.preplayed).items()}
    if store is not None:
        about["store"], held = store.packed()
        arrays |= {STORE + name: array for name, array in held.items()}
    write_arrays(path, about, arrays)


def read_agent(path: Path) -> Written:
    """What `write_agent` wrote. Raises BadFile if it is cut short, damaged, of another version, or holds no agent."""
    about, arrays = read_arrays(path)
    if about.get("kind") != KIND:
        raise BadFile(f"{path.name} holds {about.get('kind', 'something else')!r} and no {KIND!r}")
    plan: dict[str, Any] = {**about["plan"]}
    made_of = {kind.made_of: kind for kind in KINDS}
    if plan["kind"] not in made_of:
        raise BadFile(f"{path.name} holds charts of {plan['kind']!r}, and only {', '.join(made_of)} are known here")
    plan["kind"] = made_of[plan["kind"]]
    plan["rules"], plan["exploration"] = Rules(**plan["rules"]), Exploration(**plan["exploration"])
    return Written(
        sheet=Sheet(np.array(arrays["target"])),
        symbols=about["symbols"],
        first=about["first"],
        seed=about["seed"],
        plan=LifePlan(**plan),
        watch=about["watch"],
        store=None if about["store"] is None else CloneStore.unpacked(about["store"], beginning(STORE, arrays)),
        mapper=about["mapper"],
        arrays=arrays,
    )


def beginning(prefix: str, arrays: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Those arrays whose name begins so, without that beginning."""
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}
