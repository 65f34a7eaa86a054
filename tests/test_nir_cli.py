"""A NIR file on the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nir_graphs import package
from reafference.cli import app

TRAINED = str(Path(__file__).parent / "data" / "nir_trained.nir")


def test_a_nir_file_is_put_on_chips():
    package()
    told = CliRunner().invoke(
        app, ["chips", TRAINED, "--steps", "--dt", "1e-4", "--seconds", "0.1", "--input-rate", "300"]
    )
    assert told.exit_code == 0, told.output
    assert "48 neurons" in told.output and "the first difference from the engine" in " ".join(told.output.split())


@pytest.mark.filterwarnings("ignore:node .* times as strong")
def test_impulses_of_what_was_exported_in_steps_are_refused():
    package()
    with pytest.raises(ValueError, match=r"convention=EulerSteps"):
        CliRunner().invoke(app, ["chips", TRAINED, "--dt", "1e-4"], catch_exceptions=False)
