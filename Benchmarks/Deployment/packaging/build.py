"""Builds a function's program with what Lambda needs linked in."""

import pathlib
import subprocess
import sys
import tempfile

from harness.fault import Fault
from harness.function import SMALL

# glibc 2.35 gave `hypotf` a new version, and Amazon Linux 2023 has 2.34. Swift's static libraries
# call it for complex numbers alone. The squares of two Floats fit a Double: nothing overflows.
HYPOTENUSE = """
float hypotf(float x, float y) {
  if (__builtin_isinf(x) || __builtin_isinf(y)) return __builtin_inff();
  return (float)__builtin_sqrt((double)x * x + (double)y * y);
}
"""


def build(
    package: pathlib.Path, product: str, scratch: str | None, swift_sdk: str | None,
    machine: str,
) -> pathlib.Path:
    """The program of a product, built in release and stripped."""
    with tempfile.TemporaryDirectory() as folder:
        flags = list(SMALL)
        replacement = hypotenuse(pathlib.Path(folder), machine)
        if replacement is not None:
            flags += ["-Xlinker", str(replacement)]
        command = [
            "swift", "build", "--package-path", str(package), "--configuration", "release",
            "--static-swift-stdlib", "--product", product, *flags]
        if scratch is not None:
            command += ["--scratch-path", scratch]
        if swift_sdk is not None:
            command += ["--swift-sdk", swift_sdk]
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            raise Fault(f"{product} does not build.")
        located = subprocess.run(
            command + ["--show-bin-path"], stdout=subprocess.PIPE, text=True)
    program = pathlib.Path(located.stdout.strip()) / product
    if located.returncode != 0 or not program.is_file():
        raise Fault(f"swift build does not say where {product} is.")
    return program


def hypotenuse(folder: pathlib.Path, machine: str) -> pathlib.Path | None:
    """The object file that stands in for the new symbol; None where no compiler makes one."""
    source, result = folder / "hypotf.c", folder / "hypotf.o"
    source.write_text(HYPOTENUSE)
    target = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}[machine]
    command = [
        "clang", f"--target={target}", "-O2", "-fno-math-errno", "-ffreestanding", "-c",
        str(source), "-o", str(result)]
    try:
        made = subprocess.run(command, stdout=sys.stderr)
    except FileNotFoundError:
        return None
    return result if made.returncode == 0 else None
