"""What test_mpi.py runs under mpiexec: `python -m mpi4py tests/mpi_program.py WHAT FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

from random_networks import BOTH, random_case  # noqa: E402
from reafference import run  # noqa: E402
from reafference.engine.ranks import RankError  # noqa: E402
from test_ranks import LEARNING, WATCH  # noqa: E402

TICKS = 600


def networks():
    """Without learning and with it."""
    return [random_case(6, BOTH, ticks=TICKS), random_case(7, BOTH, ticks=TICKS, plasticity=LEARNING)]


def go(case, ticks=TICKS, **more):
    return run(case.network, ticks * case.dt, dt=case.dt, watch=WATCH, **({"seed": case.seed} | more))


def same_spikes(comm, folder):
    """Recordings of both networks on one and on two threads, and one that went on from a checkpoint."""
    for number, case in enumerate(networks()):
        for threads in (1, 2):
            whole = go(case, comm=comm, threads=threads)
            if comm.rank == 0:
                whole.save(folder / f"{number}-{threads}.npz")
        kept = {"checkpoint": folder / f"checkpoints-{number}", "checkpoint_every": 100 * case.dt}
        go(case, ticks=250, comm=comm, **kept)
        whole = go(case, comm=comm, **kept)
        if comm.rank == 0:
            whole.save(folder / f"{number}-again.npz")


def disagree(comm, folder):
    """Every rank says what is wrong, and both can go on with something else."""
    case = networks()[0]
    try:
        go(case, comm=comm, seed=comm.rank)
    except RankError as error:
        (folder / f"disagree-{comm.rank}.txt").write_text(str(error))

    def progress(done):
        if comm.rank == 1 and done > 0.5:
            raise KeyError("a mistake of the user")

    try:
        go(case, comm=comm, progress=progress)
    except (RankError, KeyError) as error:
        (folder / f"fail-{comm.rank}.txt").write_text(f"{type(error).__name__}: {error}")
    if go(case, comm=comm).time.size == 0:
        raise AssertionError("nothing happened")


def die(comm, folder):
    """One rank fails where nobody listens; `-m mpi4py` ends the other."""
    case = networks()[0]
    simulation = case.simulation(comm=comm)
    if comm.rank == 1:
        raise KeyError("outside")
    simulation.advance(case.ticks * case.dt)


if __name__ == "__main__":
    from mpi4py import MPI

    globals()[sys.argv[1]](MPI.COMM_WORLD, Path(sys.argv[2]))
