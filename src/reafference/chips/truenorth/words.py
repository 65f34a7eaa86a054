"""Vectors for kernels: 256 bits of a crossbar row, 32 small counts, 8 potentials, as values that numba compiles.

A numba loop over four 64-bit words is vectorised only where LLVM can prove that nothing it writes is read again, which
it cannot do here. So these three types say it: one operation on a value is one operation on a vector, on any processor
for which LLVM knows how (AVX2, SSE, NEON).

    Bits   256 neurons, one bit each          &  |  ^
    Bytes  32 neurons, one unsigned byte each &  |  ^
    Ints   8 neurons, one int32 each          +  -  *  &  |  ^  and comparisons, which give
    Mask   8 neurons, yes or no               &  |  ^
"""

# pyright: basic
from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.core.datamodel.registry import register_default
from numba.extending import intrinsic, overload

from reafference.engine.kernel import INLINE

I1, I8, I16, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))


class VectorType(types.Type):
    """A numba type whose values are LLVM vectors."""

    def __init__(self, name: str, shape: ir.VectorType) -> None:
        self.shape = shape
        super().__init__(name=f"truenorth.{name}")


@register_default(VectorType)
class VectorModel(models.PrimitiveModel):
    """A vector is kept and handed on as it is."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, fe_type.shape)


BITS = VectorType("Bits", ir.VectorType(I64, 4))
BYTES = VectorType("Bytes", ir.VectorType(I8, 32))
INTS = VectorType("Ints", ir.VectorType(I32, 8))
MASK = VectorType("Mask", ir.VectorType(I1, 8))


def _pointer(context, builder, signature, args, shape):
    """Where `array[index]` begins, as a pointer to a vector."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    at = builder.gep(array.data, [args[1]], inbounds=True)
    return builder.bitcast(at, shape.as_pointer())


def _reader(kind: VectorType, element: types.Type, stored: ir.IntType, widen: str | None):
    """An intrinsic that reads a vector from a one-dimensional array of `element`, from `index` on."""
    lanes = kind.shape.count

    @intrinsic
    def read(typingctx, array, index):
        if not (isinstance(array, types.Array) and array.dtype == element):
            return None

        def generate(context, builder, signature, args):
            shape = ir.VectorType(stored, lanes)
            value = builder.load(_pointer(context, builder, signature, args, shape), align=stored.width // 8)
            return value if widen is None else getattr(builder, widen)(value, kind.shape)

        return kind(array, types.intp), generate

    return read


read_bits: Any = _reader(BITS, types.uint64, I64, None)
read_ints: Any = _reader(INTS, types.int32, I32, None)
read_shorts: Any = _reader(INTS, types.int16, I16, "sext")
read_counts: Any = _reader(INTS, types.uint8, I8, "zext")


def _writer(kind: VectorType, element: types.Type, width: int):
    @intrinsic
    def write(typingctx, array, index, value):
        if value != kind or not (isinstance(array, types.Array) and array.dtype == element):
            return None

        def generate(context, builder, signature, args):
            builder.store(args[2], _pointer(context, builder, signature, args, kind.shape), align=width)
            return context.get_dummy_value()

        return types.void(array, types.intp, kind), generate

    return write


write_bits: Any = _writer(BITS, types.uint64, 8)
write_bytes: Any = _writer(BYTES, types.uint8, 1)
write_ints: Any = _writer(INTS, types.int32, 4)


def _binary(kind: VectorType, result: VectorType, act):
    """An intrinsic of two vectors of `kind`."""

    @intrinsic
    def apply(typingctx, a, b):
        if a != kind or b != kind:
            return None
        return result(kind, kind), lambda context, builder, signature, args: act(builder, *args)

    return apply


def _operator(symbol, kind: VectorType, result: VectorType, act) -> None:
    apply: Any = _binary(kind, result, act)

    @overload(symbol, jit_options=INLINE)
    def _(a, b):
        if a == kind and b == kind:
            return lambda a, b: apply(a, b)


for _kind in (BITS, MASK, BYTES, INTS):
    _operator(operator.and_, _kind, _kind, lambda builder, a, b: builder.and_(a, b))
    _operator(operator.or_, _kind, _kind, lambda builder, a, b: builder.or_(a, b))
    _operator(operator.xor, _kind, _kind, lambda builder, a, b: builder.xor(a, b))
_operator(operator.add, INTS, INTS, lambda builder, a, b: builder.add(a, b))
_operator(operator.sub, INTS, INTS, lambda builder, a, b: builder.sub(a, b))
_operator(operator.mul, INTS, INTS, lambda builder, a, b: builder.mul(a, b))
_operator(operator.lt, INTS, MASK, lambda builder, a, b: builder.icmp_signed("<", a, b))
_operator(operator.gt, INTS, MASK, lambda builder, a, b: builder.icmp_signed(">", a, b))
_operator(operator.ge, INTS, MASK, lambda builder, a, b: builder.icmp_signed(">=", a, b))


@intrinsic
def _choose(typingctx, mask, a, b):
    if (mask, a, b) != (MASK, INTS, INTS):
        return None
    return INTS(MASK, INTS, INTS), lambda context, builder, signature, args: builder.select(*args)


@intrinsic
def _mask_bits(typingctx, mask):
    if mask != MASK:
        return None

    def generate(context, builder, signature, args):
        return builder.zext(builder.bitcast(args[0], I8), I64)

    return types.uint64(MASK), generate


@intrinsic
def _same(typingctx, value):
    def generate(context, builder, signature, args):
        lanes = builder.insert_element(ir.Constant(INTS.shape, ir.Undefined), args[0], I32(0))
        return builder.shuffle_vector(lanes, lanes, ir.Constant(ir.VectorType(I32, 8), [0] * 8))

    return INTS(types.int32), generate


@intrinsic
def _no_bits(typingctx):
    return BITS(), lambda context, builder, signature, args: ir.Constant(BITS.shape, None)


@intrinsic
def _some(typingctx, ints):
    if ints != INTS:
        return None

    def generate(context, builder, signature, args):
        whole = builder.bitcast(args[0], ir.IntType(256))
        return builder.icmp_unsigned("!=", whole, ir.IntType(256)(0))

    return types.boolean(INTS), generate


@intrinsic
def _ones(typingctx, bits):
    if bits != BITS:
        return None

    def generate(context, builder, signature, args):
        ones = [builder.ctpop(builder.extract_element(args[0], I32(word))) for word in range(4)]
        return builder.add(builder.add(ones[0], ones[1]), builder.add(ones[2], ones[3]))

    return types.int64(BITS), generate


@intrinsic
def _wrapped(typingctx, ints, bits):
    if ints != INTS or not isinstance(bits, types.IntegerLiteral):
        return None
    shift = 32 - bits.literal_value

    def generate(context, builder, signature, args):
        places = ir.Constant(INTS.shape, [shift] * 8)
        return builder.ashr(builder.shl(args[0], places), places)

    return INTS(ints, bits), generate


@intrinsic
def _spread(typingctx, word, value):
    """Bytes that are `value` (a literal) where a bit of `word` is set, else 0."""
    if not isinstance(value, types.IntegerLiteral):
        return None
    what = value.literal_value

    def generate(context, builder, signature, args):
        lanes = builder.bitcast(args[0], ir.VectorType(I1, 32))
        every = ir.Constant(BYTES.shape, [what] * 32)
        return builder.select(lanes, every, ir.Constant(BYTES.shape, None))

    return BYTES(types.uint32, value), generate


@intrinsic
def _ones_of(typingctx, word):
    if word != types.uint64:
        return None
    return types.int64(types.uint64), lambda context, builder, signature, args: builder.ctpop(args[0])


@intrinsic
def _lowest(typingctx, word):
    if word != types.uint64:
        return None

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], I1(1))

    return types.int64(types.uint64), generate


choose: Any = _choose  # of a where the mask is set, of b elsewhere
mask_bits: Any = _mask_bits  # the 8 answers as the low bits of a uint64
same: Any = _same  # 8 times an int32
no_bits: Any = _no_bits
some: Any = _some  # whether one of the 8 is not 0
ones: Any = _ones  # how many bits are set
ones_of: Any = _ones_of  # the same of a uint64
wrapped: Any = _wrapped  # to a literal number of bits, two's complement
spread: Any = _spread  # 32 bytes that are a literal value where a bit of a uint32 is set, else 0
lowest: Any = _lowest  # place of the lowest bit that is set in a uint64 that is not 0
