"""The compiled functions as one file of machine code, for this processor."""

from typing import Any

import numba
from llvmlite import binding as llvm

from harness.wire.flows.code import ENTRY, target_machine
from harness.wire.flows.kernel.jobs import SIGNATURE, entry

_FROM_OUTSIDE = {"memcpy", "memmove", "memset"}


def machine_code() -> bytes:
    """An object file with one function, named `ENTRY`.

    Raises `RuntimeError` where it would need anything of Python to run.
    """
    built: Any = numba.cfunc(SIGNATURE, error_model="numpy")(entry)
    module = llvm.parse_assembly(built.inspect_llvm().replace(built.native_name, ENTRY))
    machine = target_machine()
    _optimise(module, machine)
    wanted = {each.name for each in module.functions if each.is_declaration}
    wanted = {name for name in wanted if not name.startswith("llvm.")} - _FROM_OUTSIDE
    if wanted:
        raise RuntimeError(f"the reader of captures calls {', '.join(sorted(wanted))}")
    code: bytes = machine.emit_object(module)
    return code


def _optimise(module: Any, machine: Any) -> None:
    """Once more, now that nobody else can call what is inside: so no part of it can fail."""
    for function in module.functions:
        if not function.is_declaration and function.name != ENTRY:
            function.linkage = "internal"
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    module.verify()
