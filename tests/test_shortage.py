"""Shortages read as sentences, and an error of several keeps all of them."""

import pickle

import pytest

from reafference.chips import DoesNotFit, Shortage

AXONS = Shortage("axons in", "core 3", 300, 256, "Use more cores.")
MEMORY = Shortage("synapse memory", "neuron 7", 2e6, 1048576, "Use fewer weight bits.", unit="bit")
EQUATION = Shortage("no exponential", "population 'cells'", None, None, "Use LeakyNeuron.")


def test_a_shortage_says_value_limit_and_remedy():
    assert str(AXONS) == "core 3: needs 300 axons in, has 256. Use more cores."
    assert str(MEMORY) == "neuron 7: needs 2000000 bit synapse memory, has 1048576. Use fewer weight bits."
    assert str(EQUATION) == "population 'cells': no exponential. Use LeakyNeuron."


def test_an_error_lists_all_shortages_and_survives_pickling():
    error = DoesNotFit("toy", [AXONS, MEMORY])
    assert error.shortages == (AXONS, MEMORY)
    assert str(error).splitlines() == [
        "toy: the network does not fit; 2 limits are broken:",
        f"- {AXONS}",
        f"- {MEMORY}",
    ]
    again = pickle.loads(pickle.dumps(error))
    assert again.chip == "toy" and again.shortages == error.shortages and str(again) == str(error)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="empty"):
        DoesNotFit("toy", [])
    with pytest.raises(ValueError, match="both needed and available"):
        Shortage("axons", "core 1", 3, None, "None.")
    with pytest.raises(ValueError, match="remedy"):
        Shortage("axons", "core 1", 3, 2, "")
