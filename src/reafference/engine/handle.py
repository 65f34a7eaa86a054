"""A named tuple of arrays handed from one compiled function to the next as one address.

By value, a group of neurons is some five hundred machine words, which a compiler takes long over passing from call to
call. A handle is the address of such a tuple: where it was laid down before the kernel was called (routine.py), or on
the stack of the function that made it (`handles`), then good while that function runs. `handle.field` is the field, or
its handle if it is a named tuple itself; `opened` copies a named tuple into registers, which is what a loop wants.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, models, register_model


class Handle(types.Type):
    """Type of the address of a named tuple of type `what`."""

    def __init__(self, what: types.Type) -> None:
        self.what = what
        super().__init__(name=f"Handle({what})")

    @property
    def key(self) -> types.Type:
        """What makes two of them equal: the type itself, since two classes may share name and fields."""
        return self.what


@register_model(Handle)
class HandleModel(models.PrimitiveModel):
    """In the machine an address."""

    def __init__(self, manager, kind) -> None:
        super().__init__(manager, kind, ir.IntType(8).as_pointer())


def is_tuple(kind: types.Type) -> bool:
    """Whether a type is that of a named tuple."""
    return isinstance(kind, types.NamedTuple | types.NamedUniTuple)


def field_type(what, number: int) -> types.Type:
    """What `handle.field` is, for field `number` of the named tuple `what`."""
    kind = what.types[number]
    return Handle(kind) if is_tuple(kind) else kind


@infer_getattr
class HandleFields(AttributeTemplate):
    """Types of the fields."""

    key = Handle

    def generic_resolve(self, kind, name):
        """Type of `handle.name`."""
        if name in kind.what.fields:
            return field_type(kind.what, kind.what.fields.index(name))
        return None


@lower_getattr_generic(Handle)
def get_field(context, builder, kind, address, name):
    """Code of `handle.name`."""
    number = kind.what.fields.index(name)
    place = builder.bitcast(address, context.get_value_type(kind.what).as_pointer())
    field = cgutils.gep_inbounds(builder, place, 0, number)
    if is_tuple(kind.what.types[number]):
        return builder.bitcast(field, ir.IntType(8).as_pointer())
    return builder.load(field)


@intrinsic
def _handles(typingctx, values):
    """Handles of all named tuples of a tuple; they live as long as the calling function runs."""
    result = types.Tuple([Handle(kind) for kind in values])

    def generate(context, builder, signature, args):
        parts = []
        for number, _ in enumerate(signature.args[0]):
            place = cgutils.alloca_once_value(builder, builder.extract_value(args[0], number))
            parts.append(builder.bitcast(place, ir.IntType(8).as_pointer()))
        return context.make_tuple(builder, signature.return_type, parts)

    return result(values), generate


@intrinsic
def _opened(typingctx, handle):
    """The named tuple of a handle, by value."""

    def generate(context, builder, signature, args):
        kind = signature.args[0].what
        result = ir.Constant(context.get_value_type(kind), ir.Undefined)
        place = builder.bitcast(args[0], context.get_value_type(kind).as_pointer())
        return load_all(builder, place, result, [0], [])

    return handle.what(handle), generate


def load_all(builder, place, result, at, path):
    """Load a structure element by element: compilers are slow with whole ones."""
    element = result.type
    for index in path:
        element = element.elements[index] if isinstance(element, ir.LiteralStructType) else element.element
    if isinstance(element, ir.LiteralStructType | ir.ArrayType):
        count = len(element.elements) if isinstance(element, ir.LiteralStructType) else element.count
        for index in range(count):
            result = load_all(builder, place, result, [*at, index], [*path, index])
        return result
    return builder.insert_value(result, builder.load(cgutils.gep_inbounds(builder, place, *at)), path)


handles: Any = _handles  # typed for those who call them in kernels, without the first argument
opened: Any = _opened
