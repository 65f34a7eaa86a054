"""Figures of chips: each has an origin, what follows from others follows, and a bad file says all that is wrong."""

import math
import pickle
from importlib import resources

import pytest

from reafference.chips.figures import BadFigures, Figure, Listed, Origin, Unpublished, figures_of, read_figures
from reafference.chips.figures.figure import quantity

CHIPS = ("truenorth", "loihi1", "loihi2", "akida2", "tianjic", "soen")
FLUX_QUANTUM = 6.62607015e-34 / (2 * 1.602176634e-19)  # Wb, h / 2e

GOOD = {
    "unit": '"J/event"',
    "kind": '"published"',
    "basis": '"silicon"',
    "read": '"direct"',
    "source": '"A, 2020, p. 1"',
}


def text_of(tmp_path, body, *, schema=1, chip="toy", title="A toy"):
    file = tmp_path / "toy.toml"
    file.write_text(f'schema = {schema}\nchip = "{chip}"\ntitle = "{title}"\n{body}\n', encoding="utf-8")
    return file


def entry(name="energy.event", **changed):
    """A figure in TOML; None takes a key out."""
    keys = {"value": "1e-12", **GOOD, **changed}
    return f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items() if value is not None)


# --- the figures of this package --------------------------------------------------------------------------------------


def fit_outer(figures):
    """Slope (W/Hz) and intercept (W) of the line through the first and the last point of the sweep."""
    rate, power = figures.listed("sweep.rate"), figures.listed("sweep.power")
    slope = (power[-1] - power[0]) / (rate[-1] - rate[0])
    return slope, power[0] - slope * rate[0]


def product(*names):
    return lambda f: math.prod(f[name].value for name in names)


def quotient(over, under):
    return lambda f: f[over].value / f[under].value


# How each derived figure follows from others, written from the equations: a number, or (low, high).
DERIVED = {
    "truenorth": {
        "structure.neurons": product("structure.cores", "structure.neurons_per_core"),
        "energy.synaptic_event_marginal": lambda f: (
            fit_outer(f)[0] / (f["structure.neurons"].value * f["sweep.synapses"].value)
        ),
        "power.baseline_chip_0v80": lambda f: fit_outer(f)[1],
        "power.baseline_core_0v80": quotient("power.baseline_chip_0v80", "structure.cores"),
        "power.idle_core_0v70": quotient("power.idle_chip_0v70", "structure.cores"),
        "energy.hop_bit": quotient("energy.hop", "structure.packet_bits"),
        "energy.edge_spike": product("energy.edge_bit", "structure.packet_bits"),
        "energy.interchip_spike": product("energy.interchip_bit", "structure.packet_bits"),
        "energy.row_read": lambda f: tuple(
            f["energy.memory_bit"].value * bits for bits in (f["structure.row_bits"].low, f["structure.row_bits"].high)
        ),
        "speed.events_at_65mw": lambda f: 1e6 * 20 * 128,
    },
    "loihi1": {
        "power.static_chip": lambda f: f["power.static_32_chips"].value / 32,
        "energy.reset_chip": lambda f: f["energy.reset_32_chips"].value / 32,
    },
    "loihi2": {
        "hala_point.neurons_per_chip": quotient("hala_point.neurons", "hala_point.chips"),
        "hala_point.cores_per_chip": quotient("hala_point.cores", "hala_point.chips"),
        "hala_point.synapses_per_chip": quotient("hala_point.synapses", "hala_point.chips"),
        "energy.synaptic_event_interval": lambda f: (
            2 / f["hala_point.ops_per_joule"].value,
            f["hala_point.most_power"].value / f["hala_point.most_events"].value,
        ),
        "power.ceiling_chip": quotient("hala_point.most_power", "hala_point.chips"),
    },
    "akida2": {},
    "tianjic": {
        "time.round": quotient("structure.cycles_per_round", "structure.clock"),
        "energy.ann_op": lambda f: 1 / f["speed.ann_ops_per_joule"].value,
        "energy.snn_event": lambda f: 1 / f["speed.snn_events_per_joule"].value,
    },
    "soen": {
        "structure.junction_resistance": lambda f: math.sqrt(
            f["structure.damping"].value
            * FLUX_QUANTUM
            / (2 * math.pi * f["structure.capacitance_per_current"].value * f["structure.critical_current"].value ** 2)
        ),
        "structure.characteristic_rate": lambda f: (
            2
            * math.pi
            * f["structure.critical_current"].value
            * f["structure.junction_resistance"].value
            / FLUX_QUANTUM
        ),
        "structure.dendrite_inductance": lambda f: (
            f["structure.dendrite_beta"].value * FLUX_QUANTUM / (2 * math.pi * f["structure.critical_current"].value)
        ),
        "structure.dendrite_alpha": lambda f: (
            f["structure.dendrite_beta"].value / (f["time.dendrite"].value * f["structure.characteristic_rate"].value)
        ),
        "energy.fluxon": lambda f: f["structure.critical_current"].value * FLUX_QUANTUM,
    },
}


@pytest.mark.parametrize("chip", CHIPS)
def test_every_derived_figure_follows_from_others(chip):
    figures = figures_of(chip)
    derived = {name for name, each in figures.figures.items() if each.origin.kind == "derived"}
    assert derived == set(DERIVED[chip])
    for name, recipe in DERIVED[chip].items():
        found = recipe(figures)
        low, high = found if isinstance(found, tuple) else (found, found)
        assert (figures[name].low, figures[name].high) == pytest.approx((low, high), rel=1e-5), name


@pytest.mark.parametrize("chip", CHIPS)
def test_every_figure_of_the_package_has_an_origin_and_an_si_unit(chip):
    figures = figures_of(chip)
    assert figures.chip == chip and len(figures.figures) > 10 and figures.unpublished
    for name, each in figures.figures.items():
        assert len(each.origin.source) > 5, name
        if each.origin.read == "memory":
            assert each.origin.kind == "assumed", name
        if isinstance(each, Figure) and each.unit.startswith(("J", "W", "s")):
            assert 0 < each.low <= each.high, name
        assert str(each) in repr(figures)


def test_the_figures_are_in_the_installed_package():
    folder = resources.files("reafference.chips.figures")
    assert {each.name for each in folder.iterdir() if each.name.endswith(".toml")} == {f"{chip}.toml" for chip in CHIPS}


def test_the_published_sweep_is_a_line():
    # The middle point takes no part in the fit. Readings are rounded to 1 mW, which moves the marginal energy by 4 %.
    figures = figures_of("truenorth")
    slope, intercept = fit_outer(figures)
    assert intercept + slope * figures.listed("sweep.rate")[1] == pytest.approx(
        figures.listed("sweep.power")[1], rel=0.01
    )


def test_sources_that_disagree_are_not_smoothed_over():
    figures = figures_of("truenorth")
    per_event = 1 / figures["speed.typical_events_per_joule"].value
    assert per_event == pytest.approx(21.7e-12, rel=1e-2) and figures["energy.synaptic_event_total"].value == 26e-12
    assert (figures["structure.row_bits"].low, figures["structure.row_bits"].high) == (408, 410)
    with pytest.raises(ValueError, match="interval, 408 to 410 bit"):
        _ = figures["structure.row_bits"].value


# --- asking -----------------------------------------------------------------------------------------------------------


def test_what_nobody_published_has_no_number():
    with pytest.raises(
        Unpublished, match=r"loihi2: energy.hop \(energy of a hop\) is unpublished.*lower bound"
    ) as caught:
        _ = figures_of("loihi2")["energy.hop"]
    assert (caught.value.chip, caught.value.quantity) == ("loihi2", "energy.hop")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.quantity == "energy.hop"


def test_a_name_that_does_not_exist_gets_near_ones():
    with pytest.raises(KeyError, match=r"no figure 'hop'; it has davies2018.energy.hop_east_west"):
        _ = figures_of("loihi1")["hop"]
    with pytest.raises(KeyError, match="no figures of 'loihi3'; there are akida2, loihi1"):
        figures_of("loihi3")


def test_lists_words_and_whole_numbers_are_asked_for_as_what_they_are():
    figures = figures_of("truenorth")
    assert figures.listed("structure.mesh") == (64, 64)
    assert figures.stated("structure.routing") == "x then y, dimension order"
    assert figures.count("structure.cores") == 4096 and isinstance(figures.count("structure.cores"), int)
    with pytest.raises(TypeError, match=r"figures.listed\(name\)"):
        _ = figures["structure.mesh"]
    with pytest.raises(TypeError, match=r"figures\[name\]"):
        figures.stated("structure.cores")
    with pytest.raises(ValueError, match="no whole number"):
        figures.count("energy.hop")


@pytest.mark.parametrize(
    ("low", "high", "unit", "shown"),
    [
        (2.29656e-12, 2.29656e-12, "J/event", "2.297 pJ/event"),
        (0.13e-12, 6.84e-12, "J/event", "130 fJ/event to 6.84 pJ/event"),
        (113e-9, 465e-9, "s/tick", "113 to 465 ns/tick"),
        (4096, 4096, "core", "4,096 core"),
        (-8, 7, "", "-8 to 7"),
        (58e9, 58e9, "event/s", "58,000,000,000 event/s"),
        (998263.9, 998263.9, "neuron/chip", "998,264 neuron/chip"),
        (10, 10, "W/m2", "10 W/m2"),
    ],
)
def test_numbers_are_shown_with_prefixes_and_counts_in_full(low, high, unit, shown):
    assert quantity(low, high, unit) == shown


# --- bad files --------------------------------------------------------------------------------------------------------


def test_a_good_file_is_read(tmp_path):
    body = "\n".join(
        [
            entry(),
            entry("energy.hop", value="[1e-12, 2e-12]", note='"about"', bound='"least"'),
            entry("energy.all", kind='"derived"', of='["energy.event"]', how='"twice"'),
            "[unpublished]",
            '"power.static" = "static power"',
        ]
    )
    figures = read_figures(text_of(tmp_path, body))
    assert figures["energy.hop"].bound == "least" and figures["energy.hop"].high == 2e-12
    assert figures["energy.all"].origin.of == ("energy.event",)
    assert read_figures(str(tmp_path / "toy.toml")) == figures
    with pytest.raises(Unpublished):
        _ = figures["power.static"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (entry(source=None), "energy.event: source is missing"),
        (entry(source='" "'), "energy.event: source is missing"),
        (entry(kind='"guessed"'), "kind = 'guessed' is unknown; it is one of published, derived, measured, assumed"),
        (entry(basis='"rumour"'), "basis = 'rumour' is unknown"),
        (entry(read=None), "read = None is unknown"),
        (entry(read='"memory"'), "read from memory and is published; what nobody looked up is assumed"),
        (entry(value="nan"), "nan is no number"),
        (entry(value="inf"), "inf is no number"),
        (entry(value="0.0"), "0 J/event looks like unknown, and adds up; list it as unpublished"),
        (entry(value="0", unit='"s"'), "0 s looks like unknown"),
        (entry(value="-1e-12"), "-1e-12 J/event is negative"),
        (entry(value="[2e-12, 1e-12]"), "low = 2e-12 is above high = 1e-12"),
        (entry(value="[1e-12]"), "value has 1 numbers; give one or [low, high]"),
        (entry(value="true"), "is not made of numbers"),
        (entry(value='"1 pJ"'), "is not made of numbers"),
        (entry(value=None), "holds none of them; give one of value"),
        (entry(text='"x"'), "holds value and text"),
        (entry(value=None, text='""'), "the text is empty"),
        (entry(value=None, list="[]"), "the list is empty"),
        (entry(value=None, list="[1e-12, 0.0]"), "looks like unknown"),
        (entry(unit=None), "unit is missing"),
        (entry(unit='"pJ/event"'), "has a prefix, 'pJ'; convert the value and write 'J'"),
        (entry(unit='"W/cm2"'), "has a prefix, 'cm2'; convert the value and write 'm2'"),
        (entry(unit='"J/apple"'), "'apple' is no SI unit"),
        (entry(bound='"roughly"'), "bound = 'roughly' is unknown"),
        (entry(sorce='"A"'), "sorce is an unknown key"),
        (entry(kind='"derived"'), "it is derived; say `of` which figures and `how`"),
        (entry(of='["a"]', how='"twice"'), "has `of` or `how` but is published"),
        (entry(kind='"derived"', of='["energy.none"]', how='"twice"'), "derived from 'energy.none', which is not in"),
        ("stray = 3", "stray = 3 is a bare value"),
        (entry() + '\n[unpublished]\n"energy.event" = "an event"', "both a figure and unpublished"),
        ('[unpublished]\n"energy.event" = ""', "unpublished.energy.event: say in words"),
        ("[unpublished]\nenergy.event = 'x'", "put a name with points in quotes"),
        (entry() + "\n" + entry(), "it is no TOML: Cannot declare"),
        ("[energy", "it is no TOML"),
    ],
)
def test_each_fault_of_a_file_is_named_and_nothing_is_priced(tmp_path, body, fault):
    with pytest.raises(BadFigures) as caught:
        read_figures(text_of(tmp_path, body))
    assert caught.value.file == "toy.toml" and len(caught.value.faults) == 1
    assert fault in caught.value.faults[0] and "nothing is priced with it" in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"schema": 2}, "schema = 2 is unknown"),
        ({"title": " "}, "title = ' '; give a name"),
        ({"chip": "other"}, "chip = 'other' and the file's name 'toy' differ"),
    ],
)
def test_the_head_of_a_file_is_checked(tmp_path, changed, fault):
    with pytest.raises(BadFigures) as caught:
        read_figures(text_of(tmp_path, entry(), **changed))
    assert len(caught.value.faults) == 1 and fault in caught.value.faults[0]


def test_all_faults_of_a_file_are_found_at_once(tmp_path):
    body = "\n".join(
        [
            entry("a", value="0", source=None, kind='"guessed"'),
            entry("b", unit='"mW"'),
            entry("c", value="nan"),
            entry("d"),
        ]
    )
    with pytest.raises(BadFigures, match="6 faults; nothing is priced") as caught:
        read_figures(text_of(tmp_path, body, schema=7))
    assert [fault.partition(":")[0] for fault in caught.value.faults[1:]] == ["a", "a", "a", "b", "c"]
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.faults == caught.value.faults and str(again) == str(caught.value)


def test_figures_made_in_code_are_held_to_the_same():
    origin = Origin(kind="assumed", basis="estimate", read="here", source="invented for a test")
    with pytest.raises(ValueError, match="source is missing"):
        Origin(kind="published", basis="silicon", read="direct", source="")
    with pytest.raises(ValueError, match="x: 0 J looks like unknown"):
        Figure(name="x", low=0, high=0, unit="J", origin=origin)
    with pytest.raises(ValueError, match="x: nan is no number"):
        Listed(name="x", values=(1.0, math.nan), unit="W", origin=origin)
