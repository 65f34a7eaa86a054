"""Short-term plasticity: synapses that tire and facilitate within seconds, whatever they learn in the long term."""

from __future__ import annotations

from dataclasses import dataclass

from reafference.network.values import PerNeuron, check_shape
from reafference.units import check_range, check_time, ms

LONGEST = 100.0  # s, of a time constant


@dataclass(frozen=True, kw_only=True, eq=False)
class TsodyksMarkram:
    """Short-term depression and facilitation by the use of transmitter.

        between events   dx/dt = (1 - x) / tau_recovery,   du/dt = -u / tau_facilitation
        at an event      u = u + use (1 - u),   then the synapse acts with weight * u * x,   then x = x - u x

    x is the part of the resources that is there, u the part of it that an event uses. At the start x = 1 and u = 0, so
    the first event acts with weight * use: the weight is what all resources together would do (the absolute strength A
    of the papers), not what the first event does. For a first event of strength s give weight = s / use. With n
    counting the events and d the time since the one before:

        u_n = use + u_n-1 (1 - use) exp(-d / tau_facilitation)
        x_n = 1 + (x_n-1 - u_n-1 x_n-1 - 1) exp(-d / tau_recovery)

    The new u is the one by which the event acts and which x pays for, as in the papers and in NEST's
    `tsodyks2_synapse`. All this is evaluated at the events, in closed form; nothing is integrated in between. u always
    lies between `use` and 1 when an event acts, and x between 0 and 1.

    use                     part of the resources that a rested synapse uses at an event, above 0 and up to 1
    tau_recovery      s     of the resources; 0: they are there at once and never tire
    tau_facilitation  s     decay of u; 0: no facilitation, u = use

    Each is one number, or one for each neuron of the source population.

    The state depends on the spikes of the source and on nothing else, so synapses of one source that have one delay
    share it: one weight still takes 2 bytes a synapse. Long-term plasticity changes `weight` as it would without this.
    Sources: Tsodyks and Markram, PNAS 94 (1997) 719-723; Markram, Wang and Tsodyks, PNAS 95 (1998) 5323-5328; Tsodyks,
    Pawelzik and Markram, Neural Comput. 10 (1998) 821-835. The default is the depressing synapse of Tsodyks, Uziel and
    Markram, J. Neurosci. 20 (2000) RC50; their facilitating one has use = 0.04, tau_recovery = 100 ms and
    tau_facilitation = 1 s.
    """

    use: PerNeuron = 0.5
    tau_recovery: PerNeuron = 800 * ms
    tau_facilitation: PerNeuron = 0.0

    def check(self, projection: str, sources: int) -> None:
        """Raise ValueError if a parameter cannot be meant for a projection from `sources` neurons."""
        name = f"{projection}: TsodyksMarkram"
        for field_name in ("use", "tau_recovery", "tau_facilitation"):
            check_shape(f"{name}.{field_name}", getattr(self, field_name), sources)
        check_range(f"{name}.use", self.use, 1e-6, 1.0, "")
        check_time(f"{name}.tau_recovery", self.tau_recovery, 0.0, LONGEST)
        check_time(f"{name}.tau_facilitation", self.tau_facilitation, 0.0, LONGEST)
