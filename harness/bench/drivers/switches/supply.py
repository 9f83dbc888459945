"""A bench supply that speaks SCPI (SCPI-99, volume 2, ch. 15) over a serial port."""

from harness.bench.drivers.registry import Place
from harness.bench.drivers.switches.options import ScpiOptions
from harness.bench.drivers.switches.serial_line import SerialLine, SerialSwitch
from harness.errors import RigError, UserError

_END = b"\n"


class ScpiSupply(SerialSwitch):
    """The output of a supply. `output`: which, where it has several (INSTrument:NSELect)."""

    options = ScpiOptions

    def __init__(self, line: SerialLine, output: int | None = None) -> None:
        if output is not None and output < 1:
            raise UserError(f"a supply's outputs count from 1, not {output}")
        super().__init__(line)
        self._output = output

    @classmethod
    def opened(cls, options: ScpiOptions, _place: Place) -> "ScpiSupply":
        """For a rig file."""
        return cls(SerialLine(options.port, options.baud), options.output)

    def set(self, closed: bool) -> None:
        """Switch the output; `RigError` with the supply's own words when it refuses."""
        self._select()
        self._line.ask(b"OUTP ON\n" if closed else b"OUTP OFF\n")
        told = self._ask("SYST:ERR?")
        if not told.lstrip("+").startswith("0,"):
            raise RigError(f"the supply on {self._line.name} refused to switch: {told}")

    def read(self) -> bool:
        """Ask the supply."""
        self._select()
        told = self._ask("OUTP?")
        if told not in ("0", "1", "OFF", "ON"):
            raise RigError(
                f"the supply on {self._line.name} answered OUTP? with {told!r}; check `driver`"
            )
        return told in ("1", "ON")

    def identify(self) -> str:
        """Maker, model, serial number and version, as it says them."""
        return self._ask("*IDN?")

    def _select(self) -> None:
        if self._output is not None:
            self._line.ask(f"INST:NSEL {self._output}\n".encode())

    def _ask(self, question: str) -> str:
        answer = self._line.ask_until(question.encode() + _END, _END)
        return answer.decode("ascii", "replace").strip()
