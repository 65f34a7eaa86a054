"""Networks of PyTorch as spiking ones: what they compute, what the report says, what is refused."""

import copy

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra convert)")

import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from reafference.convert import CannotConvert, Fate, ScaleAndFire, convert  # noqa: E402


class Block(nn.Module):
    """Two convolutions and a way around them, with functions in place of modules."""

    def __init__(self, channels):
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.one, self.two = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x):
        inside = F.relu(self.one(self.first(x)))
        return F.relu(self.two(self.second(inside)) + x)


class Small(nn.Module):
    """A residual network with everything that convolutions meet."""

    def __init__(self):
        super().__init__()
        self.stem, self.block = nn.Conv2d(3, 8, 3, padding=1), Block(8)
        self.wide = nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=4)
        self.deep = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.pool, self.head, self.drop = nn.MaxPool2d(2), nn.Linear(32, 10), nn.Dropout(0.1)

    def forward(self, x):
        x = self.block(self.pool(F.relu6(self.stem(x))))
        x = F.silu(self.wide(x))
        x = torch.cat([x, self.deep(x).relu()], 1)
        return self.head(self.drop(F.adaptive_avg_pool2d(x, 1).flatten(1)))


class Encoder(nn.Module):
    """A layer of a transformer with a mask, as sentence encoders have it."""

    def __init__(self, *, fused=True):
        super().__init__()
        self.fused = fused
        self.table = nn.Embedding(50, 32)
        self.q, self.k, self.v, self.o = (nn.Linear(32, 32) for _ in range(4))
        self.up, self.down = nn.Linear(32, 64), nn.Linear(64, 32)
        self.one, self.two = nn.LayerNorm(32), nn.LayerNorm(32)

    def forward(self, words, mask):
        x = self.table(words)
        batch, length, width = x.shape

        def heads(each):
            return each.view(batch, length, 4, 8).transpose(1, 2)

        q, k, v = heads(self.q(x)), heads(self.k(x)), heads(self.v(x))
        if self.fused:
            heard = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :].bool())
        else:
            scores = (q @ k.transpose(-1, -2)) * 8**-0.5
            heard = scores.masked_fill(mask[:, None, None, :] == 0, -1e9).softmax(-1) @ v
        x = self.one(x + self.o(heard.transpose(1, 2).reshape(batch, length, width)))
        x = self.two(x + self.down(F.gelu(self.up(x))))
        weight = mask.unsqueeze(-1).to(x.dtype)
        return F.normalize((x * weight).sum(1) / weight.sum(1), dim=-1)


def made(kind, seed=0, **more):
    torch.manual_seed(seed)
    model = kind(**more)
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2.0)
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.normal_(0, 0.3)
    return model.eval()


def images(count, seed=1):
    return torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


def sentences(count, length, seed=1):
    generator = torch.Generator().manual_seed(seed)
    words = torch.randint(0, 50, (count, length), generator=generator)
    mask = (torch.arange(length) < torch.randint(2, length + 1, (count, 1), generator=generator)).long()
    return words, mask


@pytest.fixture(scope="module")
def small():
    model = made(Small)
    return model, {levels: convert(model, images(48), levels=levels) for levels in (4, 32, 1024)}


@pytest.fixture(scope="module")
def encoder():
    model = made(Encoder)
    return model, {levels: convert(model, sentences(48, 7), levels=levels) for levels in (8, 1024)}


def off(model, converted, *inputs):
    with torch.no_grad():
        wanted = model(*inputs)
    return float((converted(*inputs) - wanted).norm() / wanted.norm())


def test_more_levels_bring_a_convolutional_network_to_its_model(small):
    model, converted = small
    errors = {levels: off(model, each, images(48)) for levels, each in converted.items()}
    assert errors[4] > 4 * errors[32] > 16 * errors[1024]
    assert errors[1024] < 2e-3
    unseen = {levels: off(model, each, images(32, seed=2)) for levels, each in converted.items()}
    assert unseen[4] > 2 * unseen[32] and unseen[1024] < 0.05  # what no sample reached is clipped


def test_more_levels_bring_an_encoder_to_its_model_at_any_length(encoder):
    model, converted = encoder
    for length in (3, 7, 12):
        inputs = sentences(16, length, seed=3)
        with torch.no_grad():
            wanted = model(*inputs)
        alike = {levels: F.cosine_similarity(each(*inputs), wanted).min() for levels, each in converted.items()}
        assert alike[8] > 0.9 and alike[1024] > 0.998


def test_attention_written_out_is_converted_as_the_fused_one():
    model = made(Encoder, fused=False)
    converted = convert(model, sentences(32, 7), levels=1024)
    inputs = sentences(16, 9, seed=3)
    with torch.no_grad():
        wanted = model(*inputs)
    assert F.cosine_similarity(converted(*inputs), wanted).min() > 0.999
    assert any(each.operation == "softmax" and each.fate is Fate.SPIKING for each in converted.report)


def test_what_weights_hear_are_whole_numbers_or_the_input(small):
    """Every convolution and linear map but the first has whole numbers before it."""
    _, converted = small
    heard = []

    class Listener(torch.fx.Interpreter):
        def run_node(self, n):
            result = super().run_node(n)
            if n.op == "call_function" and str(n.target).startswith(("aten.conv2d", "aten.linear")):
                heard.append(self.env[n.args[0]])
            return result

    Listener(converted[4].network).run(images(8))
    assert len(heard) == 6
    assert not torch.equal(heard[0], heard[0].round())
    for each in heard[1:-1]:
        assert torch.equal(each, each.round()) and each.abs().max() <= 16
    pooled = heard[-1] * 4  # an average of two by two whole numbers
    assert torch.allclose(pooled, pooled.round(), atol=1e-4)


def test_a_folded_batch_norm_computes_what_it_did():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3)).eval()
    model[1].running_mean.normal_(0, 0.5)
    model[1].running_var.uniform_(0.3, 3.0)
    model[1].weight.data.uniform_(0.5, 2.0)
    model[1].bias.data.normal_()
    converted = convert(model, images(16), levels=8)
    first = []

    class Listener(torch.fx.Interpreter):
        def run_node(self, n):
            result = super().run_node(n)
            if n.op == "call_function" and str(n.target).startswith("aten.conv2d"):
                first.append(result)
            return result

    Listener(converted.network).run(images(4, seed=9))
    with torch.no_grad():
        wanted = model[1](model[0](images(4, seed=9)))
    assert torch.allclose(first[0], wanted, atol=1e-5)


def test_biases_take_back_what_rounding_does_to_the_mean(small):
    model, converted = small
    samples = images(48)
    with torch.no_grad():
        wanted = model(samples).mean(0)
    assert torch.allclose(converted[4](samples).mean(0), wanted, atol=1e-4)
    assert off(model, converted[4], samples) > 1e-2, "nothing was rounded, so this shows nothing"


def test_every_operation_is_in_the_report_with_a_reason(small, encoder):
    for model, converted in (small, encoder):
        del model
        for each in converted.values():
            assert all(report.why and report.node for report in each.report)
            said = repr(each)
            assert str(len(each.report)) in said and "spiking" in said
    fates = {report.operation: report.fate for report in small[1][4].report}
    assert fates["batch_norm"] is Fate.FOLDED and fates["relu6"] is Fate.SPIKING and fates["add"] is Fate.EXACT
    fates = {report.operation: report.fate for report in encoder[1][8].report}
    assert fates["layer_norm"] is Fate.KEPT and fates["gelu"] is Fate.SPIKING
    where = [report.where for report in small[1][4].report if report.operation == "add"]
    assert where == [""] or "test_convert.py" in where[0]


def test_the_model_and_the_samples_are_left_as_they_are():
    model, samples = made(Small), images(16)
    before, kept = copy.deepcopy(model.state_dict()), samples.clone()
    convert(model, samples, levels=8)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.equal(kept, samples) and not model.training


def test_no_call_leaves_anything_behind(small):
    _, converted = small
    one, other = images(4, seed=5), images(9, seed=6)
    first = converted[4](one)
    converted[4](other)
    assert torch.equal(converted[4](one), first)
    assert torch.equal(converted[4](one[:2]), first[:2])


def test_the_same_seed_gives_the_same_network():
    model = made(Small)
    one, other = (convert(model, images(16), levels=8, seed=3) for _ in range(2))
    assert torch.equal(one(images(4)), other(images(4)))


def test_neurons_have_as_many_levels_as_asked(small):
    layers = [part for part in small[1][4].modules() if isinstance(part, ScaleAndFire)]
    assert layers and all(layer.low in (0, -4) and layer.high in (4, 16) for layer in layers)
    spans = [layer.threshold.numel() for layer in layers]
    assert 8 in spans and 16 in spans


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.second(torch.fft.fft(self.first(x).cumsum(1)).real)


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(4, 4)

    def forward(self, x):
        return self.line(x) if x.sum() > 0 else x


def test_unknown_operations_are_all_named_with_their_line():
    with pytest.raises(CannotConvert) as told:
        convert(Odd().eval(), torch.randn(8, 4))
    text = str(told.value)
    assert len(told.value.faults) >= 2 and "cumsum" in text and "fft" in text and "test_convert.py:" in text


@pytest.mark.parametrize(
    ("change", "samples", "said"),
    [
        (lambda model: model.train(), images(8), "training mode"),
        (lambda model: model.half(), images(8), "float16"),
        (lambda model: model, images(8) * float("nan"), "not finite"),
        (lambda model: model, torch.ones(8, 3, 8, 8), "all equal"),
        (lambda model: model, images(1), "Give 2 and more"),
        (lambda model: model, torch.randn(8, 5, 8, 8), r"the model fails on samples of shape \(8, 5, 8, 8\)"),
    ],
)
def test_models_and_samples_that_cannot_be_meant(change, samples, said):
    with pytest.raises(CannotConvert, match=said):
        convert(change(made(Small)), samples)


def test_everything_wrong_with_model_and_samples_is_told_at_once():
    with pytest.raises(CannotConvert) as told:
        convert(made(Small).train(), images(8).half())
    assert "training mode" in str(told.value) and "float16" in str(told.value)


def test_control_flow_over_data_levels_and_things_that_are_no_models():
    with pytest.raises(CannotConvert, match="cannot be traced"):
        convert(Branching().eval(), torch.randn(8, 4))
    with pytest.raises(ValueError, match="levels = 0"):
        convert(made(Small), images(8), levels=0)
    with pytest.raises(TypeError, match=r"no torch\.nn\.Module"):
        convert("resnet", images(8))
    with pytest.raises(CannotConvert, match="it has no weights"):
        convert(nn.ReLU().eval(), images(8))
