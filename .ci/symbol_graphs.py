"""The public names of the package's products as symbol graphs, taken from the modules that were built."""

import concurrent.futures
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def product_modules():
    """The modules that a package can depend on, in the order of the manifest."""
    manifest = (ROOT / "Package.swift").read_text(encoding="utf-8")
    return re.findall(r'\blibrary\(name: "(\w+)"', manifest)


def build_folder():
    """The folder of what `swift build` has built; ends the program if that is nothing."""
    folder = pathlib.Path(subprocess.run(
        ["swift", "build", "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip())
    if not (folder / "Modules/LambdaCache.swiftmodule").exists():
        sys.exit("the modules are not built: swift build")
    return folder


def target():
    """The compiler's own triple, with the version of macOS that the manifest asks for."""
    triple = re.search(r'"unversionedTriple"\s*:\s*"(.*?)"', subprocess.run(
        ["swiftc", "-print-target-info"], check=True, capture_output=True, text=True).stdout).group(1)
    return triple + ("15.0" if platform.system() == "Darwin" else "")


def extract(modules, output):
    """Writes the graphs of each module to a folder of its name in `output`.

    Texts of doc comments are read from the sources at the places that the build has noted: after a change of the
    sources they are wrong until the next build.
    """
    built, triple = build_folder() / "Modules", target()

    def run(module):
        folder = output / module
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["swift-symbolgraph-extract", "-module-name", module, "-target", triple, "-I", str(built),
             "-minimum-access-level", "public", "-skip-synthesized-members", "-emit-extension-block-symbols",
             "-output-dir", str(folder)], cwd=ROOT, check=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(run, modules))
