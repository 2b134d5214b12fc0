"""The files of .ci/faults, and a copy of the package that has them all behind a switch each."""

import collections
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAULTS = ROOT / ".ci/faults"
SWITCH = "LAMBDA_CACHE_PLANTED_FAULT"
CORE = "LambdaCache"
# Modules that the others need.
BASES = {CORE, "LambdaCacheText", "LambdaCacheTransport"}
# Modules that some others need.
NEEDS = {"LambdaCacheValkey": {"LambdaCacheHandlers"}}


class Broken(Exception):
    """A fault file that cannot be planted."""


class Fault:
    def __init__(self, path):
        self.name = str(path.relative_to(FAULTS).with_suffix(""))
        text = path.read_text()
        self.digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        head, *blocks = re.split(r"^<<<<\n", text, flags=re.M)
        lines = head.splitlines()
        self.title = " ".join(line[1:].strip() for line in lines if line.startswith("#"))
        fields = dict(line.split(":", 1) for line in lines if ":" in line and line[0] != "#")
        fields = {key.strip(): value.strip() for key, value in fields.items()}
        unknown = set(fields) - {"file", "kind", "suites", "equivalent", "after"}
        self.file = fields.get("file", "")
        self.kind = fields.get("kind", "")
        self.suites = [name for name in re.split(r"[,\s]+", fields.get("suites", "")) if name]
        self.equivalent = fields.get("equivalent")
        self.after = fields.get("after")
        self.pairs = []
        for block in blocks:
            pair = re.fullmatch(r"(.*?)^====\n(.*?)^>>>>\s*", block, flags=re.M | re.S)
            if not pair:
                raise Broken(f"{self.name}: no '====' and '>>>>' behind '<<<<'")
            self.pairs.append((pair.group(1).rstrip("\n"), pair.group(2).rstrip("\n")))
        if unknown:
            raise Broken(f"{self.name}: unknown fields {sorted(unknown)}")
        if self.kind not in ("expression", "statements"):
            raise Broken(f"{self.name}: 'kind' is neither 'expression' nor 'statements'")
        if not self.pairs or not self.title:
            raise Broken(f"{self.name}: nothing to plant, or no sentence that says what")
        if self.kind == "expression" and any(not new.strip() for _, new in self.pairs):
            raise Broken(f"{self.name}: an expression needs another in its place")
        if self.kind == "statements" and any(old.lstrip().startswith("defer") for old, _ in self.pairs):
            raise Broken(f"{self.name}: a 'defer' would run at the end of its branch")
        self.module = pathlib.PurePath(self.file).parts[1] if self.file.count("/") > 1 else ""

    def places(self, text):
        """Where each old text stands, as (start, end, new)."""
        start = 0
        if self.after:
            if text.count(self.after) != 1:
                raise Broken(f"{self.name}: the text of 'after' is {text.count(self.after)} times"
                             f" in {self.file}")
            start = text.index(self.after) + len(self.after)
        for old, new in self.pairs:
            # Whatever the indentation is.
            pattern = r"\n\s*".join(re.escape(line.strip()) for line in old.strip().splitlines())
            if self.kind == "statements":
                pattern = rf"^[ \t]*{pattern}[ \t]*$"
            found = list(re.finditer(pattern, text[start:], flags=re.M))
            if not found or (len(found) > 1 and not self.after):
                raise Broken(f"{self.name}: its text is {len(found)} times in {self.file}")
            yield start + found[0].start(), start + found[0].end(), new


class Edit:
    """One place of a fault; what other faults change inside of it are its children."""

    def __init__(self, start, end, new, fault):
        self.start, self.end, self.new, self.fault = start, end, new, fault
        self.children = []

    def render(self, text, number):
        old = render(text, self.start, self.end, self.children, number)
        # Marks in comments, so that an error of the compiler leads back to the fault.
        begin, end = f"/*<{self.fault.name}*/", f"/*{self.fault.name}>*/"
        planted = f"plantedFault({number[self.fault.name]})"
        if self.fault.kind == "expression":
            return f"({begin}{planted} ? ({self.new.strip()}) : ({old}){end})"
        return f"{begin}if {planted} {{\n{self.new}\n}} else {{\n{old}\n}}{end}"


def render(text, start, end, edits, number):
    parts, position = [], start
    for edit in edits:
        parts += [text[position:edit.start], edit.render(text, number)]
        position = edit.end
    return "".join(parts) + text[position:end]


def tree(edits):
    top, open_edits = [], []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end, edit.fault.kind)):
        while open_edits and open_edits[-1].end <= edit.start:
            open_edits.pop()
        outer = open_edits[-1] if open_edits else None
        if outer and edit.end > outer.end:
            raise Broken(f"{edit.fault.name}: overlaps a part of {outer.fault.name}")
        (outer.children if outer else top).append(edit)
        open_edits.append(edit)
    return top


def read_faults():
    """All faults, and what is wrong with some of them."""
    faults, complaints, edits = [], [], collections.defaultdict(list)
    suites = suites_by_target()
    for path in sorted(FAULTS.rglob("*.fault")):
        try:
            fault = Fault(path)
            if not (ROOT / fault.file).is_file() or not fault.module:
                raise Broken(f"{fault.name}: there is no file '{fault.file}'")
            new = [Edit(*place, fault) for place in fault.places((ROOT / fault.file).read_text())]
            missing = [suite for suite in fault.suites if suite not in suites]
            if missing and not fault.equivalent:
                complaints.append(f"{fault.name}: there is no suite {', '.join(missing)}")
            fault.suites = [suite for suite in fault.suites if suite in suites]
            fault.targets = {target for suite in fault.suites for target in suites.get(suite, ())}
            if fault.equivalent is None:
                tree(edits[fault.file] + new)
                edits[fault.file] += new
        except Broken as error:
            complaints.append(str(error))
            continue
        faults.append(fault)
    return faults, complaints


def suites_by_target():
    suites = collections.defaultdict(set)
    for path in (ROOT / "Tests").rglob("*.swift"):
        target = path.relative_to(ROOT / "Tests").parts[0]
        for name in re.findall(r"^\s*(?:\w+ )*?(?:struct|class|enum|actor|extension) (\w+)",
                               path.read_text(), flags=re.M):
            suites[name].add(target)
    return suites


MANIFEST = """
let unneeded: Set<String> = {unneeded}
package.products = []
package.targets.removeAll {{ unneeded.contains($0.name) }}
for target in package.targets where {faulty}.contains(target.name) {{
  target.dependencies.append("FaultSwitch")
}}
package.targets.append(.target(name: "FaultSwitch", path: "FaultSwitch"))
"""

HEADER = """#include <stdbool.h>
extern int lambdaCachePlantedFault;
static inline bool plantedFault(int number) { return lambdaCachePlantedFault == number; }
"""

READER = """#include <stdlib.h>
#include <string.h>
#include "FaultSwitch.h"
int lambdaCachePlantedFault = 0;
static const char *const names[] = {%s};
__attribute__((constructor)) static void readSwitch(void) {
  const char *name = getenv("%s");
  if (!name) return;
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(names[i], name)) lambdaCachePlantedFault = (int)i + 1;
  if (!lambdaCachePlantedFault) abort();
}
"""


def write(path, text):
    """Leaves a file alone that says the same already, so that it is not compiled again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def plant(faults, folder):
    """Writes the package with all faults in it."""
    number = {fault.name: place for place, fault in enumerate(faults, start=1)}
    edits = collections.defaultdict(list)
    for fault in faults:
        text = (ROOT / fault.file).read_text()
        edits[fault.file] += [Edit(*place, fault) for place in fault.places(text)]
    modules = {fault.module for fault in faults} | BASES
    tests = {f"{fault.module}Tests" for fault in faults}.union(*(f.targets for f in faults))
    wanted = modules | tests | {f"{module}Tests" for module in modules if f"{module}Tests" in tests}
    wanted |= {test.removesuffix("Tests") for test in tests}
    wanted = wanted.union(*(NEEDS.get(module, ()) for module in wanted))
    kept = set()
    for kind in ("Sources", "Tests"):
        for path in (ROOT / kind).rglob("*"):
            target = path.relative_to(ROOT / kind).parts[0]
            if not path.is_file() or (target.startswith(CORE) and target not in wanted):
                continue
            name = str(path.relative_to(ROOT))
            kept.add(name)
            if path.suffix != ".swift":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, folder / name)
                continue
            text = path.read_text()
            if name in edits:
                text = "import FaultSwitch\n" + render(text, 0, len(text), tree(edits[name]), number)
            write(folder / name, text)
    for kind in ("Sources", "Tests"):
        for path in (folder / kind).rglob("*"):
            if path.is_file() and str(path.relative_to(folder)) not in kept:
                path.unlink()
    manifest = (ROOT / "Package.swift").read_text()
    targets = re.findall(rf'name: "({CORE}\w*)", *(?:dependencies|path|swift)', manifest)
    targets += re.findall(rf'name: "({CORE}\w*)",$', manifest, flags=re.M)
    manifest += MANIFEST.format(unneeded=json.dumps(sorted(set(targets) - wanted)),
                                faulty=json.dumps(sorted(modules)))
    write(folder / "Package.swift", manifest)
    write(folder / "FaultSwitch/include/FaultSwitch.h", HEADER)
    names = ", ".join(json.dumps(fault.name) for fault in faults)
    write(folder / "FaultSwitch/FaultSwitch.c", READER % (names, SWITCH))


def build(faults, folder):
    """Plants and builds, without those faults that do not compile; returns the faults and those."""
    broken = []
    while True:
        plant(faults, folder)
        begun = time.monotonic()
        done = subprocess.run(["swift", "build", "--build-tests", "-Xswiftc", "-suppress-warnings"],
                              cwd=folder, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        print(f"built {len(faults)} faults in {time.monotonic() - begun:.0f} s", flush=True)
        if done.returncode == 0:
            return faults, broken
        guilty = {}
        for name, line, what in re.findall(r"^(/[^:\n]+):(\d+):\d+: error: (.*)", done.stdout, re.M):
            for fault in faults_at(pathlib.Path(name), int(line)):
                guilty.setdefault(fault, what)
        if not guilty:
            sys.exit(f"planted faults: the copy does not build:\n{done.stdout[-4000:]}")
        for fault, what in guilty.items():
            print(f"{fault} does not compile: {what}", flush=True)
            broken.append(fault)
        faults = [fault for fault in faults if fault.name not in guilty]


def faults_at(path, line):
    """The names of the innermost faults that a line of a planted file belongs to."""
    around, within = [], []
    for number, text in enumerate(path.read_text().splitlines(), start=1):
        touched = list(around)
        for opened, closed in re.findall(r"/\*<(\S+?)\*/|/\*(\S+?)>\*/", text):
            if opened:
                around.append(opened)
                touched.append(opened)
            else:
                around.remove(closed)
        if number == line:
            within = touched
    return within[-1:] if len(set(within)) == 1 or around else list(dict.fromkeys(within))
