"""A PyTorch model as a graph of tensor operations, with the samples that it was traced by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from reafference.convert.fault import CannotConvert, Fault

Samples = Tensor | tuple[Tensor, ...]
LEAST = 2
_PLACE = re.compile(r'File "([^"]+)", line (\d+)')


@dataclass(frozen=True, eq=False)
class Exported:
    """What was traced.

    graph    of aten operations; parameters are attributes
    inputs   the samples, one tensor for each input, (samples, ...)
    outputs  of the model on them
    names    of the outputs where the model gives a dictionary, None where it gives a tensor, () for a tuple
    """

    graph: fx.GraphModule
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    names: tuple[str, ...] | None


def export(model: nn.Module, samples: Samples) -> Exported:
    """Trace a model. Raises CannotConvert with all that is wrong with model and samples; the model is left as it is."""
    faults = [*_faults_of_model(model)]
    inputs = samples if isinstance(samples, tuple) else (samples,)
    faults += _faults_of_samples(inputs)
    if faults:
        raise CannotConvert(faults)
    try:
        with torch.no_grad():
            answer = model(*inputs)
    except Exception as error:
        remedy = "Give what the model takes, the first axis being the sample."
        shapes = ", ".join(str(tuple(each.shape)) for each in inputs)
        what = f"the model fails on samples of shape {shapes}: {type(error).__name__}: {error}."
        raise CannotConvert([Fault("the samples", "", what, remedy)]) from error
    outputs, names = _outputs(answer)
    bad = [each for each in outputs if each.is_floating_point() and not bool(torch.isfinite(each).all())]
    if bad:
        what = "the model's own answers to the samples are not all finite."
        raise CannotConvert(
            [Fault("the samples", "", what, "Find the layer that makes NaN, or leave such samples out.")]
        )
    dynamic = tuple(
        dict.fromkeys(range(1 if each.is_floating_point() else each.dim()), torch.export.Dim.AUTO) for each in inputs
    )
    try:
        program = torch.export.export(model, inputs, dynamic_shapes=dynamic)
        graph = program.module()
    except Exception as error:
        what = f"it cannot be traced: {type(error).__name__}: {_first(error)}."
        remedy = "What it does may depend on shapes, not on values; move `if` and loops over data out of `forward`."
        raise CannotConvert([Fault("the model", _user_place(str(error)), what, remedy)]) from error
    assert isinstance(graph, fx.GraphModule)  # noqa: S101 - what torch.export gives
    return Exported(graph, inputs, outputs, names)


def place_of(node: fx.Node) -> str:
    """File and line of the user's code that a node comes from; empty where nobody knows."""
    return _user_place(str(node.meta.get("stack_trace") or ""))


def _user_place(trace: str) -> str:
    places = _PLACE.findall(trace)
    own = [place for place in places if "/torch/" not in place[0]] or places
    return f"{own[-1][0]}:{own[-1][1]}" if own else ""


def _first(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "").rstrip(".")


def _faults_of_model(model: nn.Module) -> list[Fault]:
    if not isinstance(model, nn.Module):
        raise TypeError(f"convert: {type(model).__name__} is no torch.nn.Module; give the model itself.")
    faults: list[Fault] = []
    training = [name or "the model" for name, part in model.named_modules() if part.training]
    if training:
        what = f"is in training mode ({', '.join(training[:3])}{', ...' if len(training) > 3 else ''})."
        faults.append(Fault("the model", "", what, "Call model.eval() first."))
    tensors = [*model.named_parameters(), *model.named_buffers()]
    for name, value in tensors:
        if value.is_floating_point() and value.dtype not in (torch.float32, torch.float64):
            faults.append(Fault(name, "", f"is {value.dtype}.", "Call model.float(); thresholds are found in 32 bits."))
        elif value.is_floating_point() and not bool(torch.isfinite(value).all()):
            faults.append(Fault(name, "", "holds values that are not finite.", "Load good weights."))
    return faults


def _faults_of_samples(inputs: tuple[Tensor, ...]) -> list[Fault]:
    faults: list[Fault] = []
    if not inputs or not all(isinstance(each, Tensor) for each in inputs):
        raise TypeError("convert: samples are a tensor, or a tuple of tensors, one for each input of the model.")
    counts = {int(each.shape[0]) if each.dim() else 0 for each in inputs}
    if len(counts) > 1:
        faults.append(Fault("the samples", "", f"have {sorted(counts)} entries.", "Give as many for each input."))
    if min(counts) < LEAST:
        faults.append(Fault("the samples", "", f"are {min(counts)}.", f"Give {LEAST} and more; about 100 are good."))
    for number, each in enumerate(inputs):
        name = f"input {number} of the samples"
        if each.is_floating_point() and each.dtype not in (torch.float32, torch.float64):
            faults.append(Fault(name, "", f"is {each.dtype}.", "Call .float() on it."))
        if each.is_floating_point() and not bool(torch.isfinite(each).all()):
            faults.append(Fault(name, "", "holds values that are not finite.", "Leave such samples out."))
    floats = [each for each in inputs if each.is_floating_point()] or list(inputs)
    if min(counts) >= LEAST and all(bool((each == each[:1]).all()) for each in floats):
        faults.append(
            Fault("the samples", "", "are all equal, so nobody knows how far activities reach.", "Give others.")
        )
    return faults


def _outputs(answer: object) -> tuple[tuple[Tensor, ...], tuple[str, ...] | None]:
    """The tensors that a model gives, and their names."""
    if isinstance(answer, Tensor):
        return (answer,), None
    if isinstance(answer, Mapping) and all(isinstance(each, Tensor) for each in answer.values()):
        return tuple(answer.values()), tuple(map(str, answer.keys()))
    if isinstance(answer, list | tuple) and answer and all(isinstance(each, Tensor) for each in answer):
        return tuple(answer), ()
    what = f"its answer is a {type(answer).__name__}, which is neither a tensor nor a tuple or dictionary of tensors."
    raise CannotConvert([Fault("the model", "", what, "Wrap it in a module that returns tensors.")])
