"""Load and run one of SANA-FE's own networks on its Loihi by that package, alone in a process.

    python sanafe_dvs_side.py FILE.yaml TICKS [SCHEDULER_THREADS]

Prints a JSON object: seconds to load and to run, energy, time, spikes.
"""

import contextlib
import json
import os
import sys
import time

import sanafe

if __name__ == "__main__":
    threads = {"scheduler_threads": int(sys.argv[3])} if len(sys.argv) > 3 else {}
    begin = time.perf_counter()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        arch = sanafe.load_loihi()
        chip = sanafe.SpikingChip(arch)
        chip.load(sanafe.load_net(sys.argv[1], arch))
        loaded = time.perf_counter()
        found = chip.sim(int(sys.argv[2]), timing_model="detailed", **threads)
    print(json.dumps({
        "load": loaded - begin, "run": time.perf_counter() - loaded, "energy": found["energy"]["total"],
        "time": found["sim_time"], "fired": found["neurons_fired"], "updated": found["neurons_updated"],
    }))  # fmt: skip
