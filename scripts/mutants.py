#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mutants.py - which one-line bugs in arch/arm64/kvm the programs notice

Usage: mutants.py [OPTION...] KSRC OUTPUT PROGRAM...

KSRC is a full kernel tree, which is only read. A copy of it in the cache gets all mutants of
data/mutants.list at once, each behind a test of a parameter, and becomes one small kernel. It
boots under QEMU (run.sh); every program must pass with no mutant on. Then each mutant is on
while the programs run that reach its place, the one that must notice it first.

docs/mutants.md says what the rows and the results mean. OUTPUT gets results.list and score.md.

Exit status: 0 every listed mutant that was run made its named test fail, 1 one did not,
2 wrong usage or input, or no kernel
"""

import argparse
import collections
import fnmatch
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time

import ktap
import mutant_rewrite
from mutant_rewrite import EQUIVALENT, NOTHING, RowError

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
KVM = "arch/arm64/kvm"
GUEST = os.path.join(HERE, "mutants-guest.sh")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "kvm-guest-abi", "mutants")
PER_BOOT = 60  # mutants, so that what one leaves behind spoils few others
PATIENCE = 90  # seconds that the machine may take beyond what it said, or to boot
VERDICTS = ("named", "other", "died", "survived", "unnamed")

# What became of a mutant: verdict, who noticed, and what else is worth a line
Result = collections.namedtuple("Result", "row verdict who note where")


class ToolError(Exception):
    """Why it cannot go on"""


def say(text):
    print(f"mutants.py: {text}", file=sys.stderr, flush=True)


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def write(path, text):
    """A new file in place of the old one, which may be a link to another tree's"""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.replace(temporary, path)


def write_if_new(path, text):
    """Whether it was; an old file keeps its time, so that make leaves it alone"""
    if os.path.exists(path) and read(path) == text:
        return False
    write(path, text)
    return True


# Which mutants

def select_rows(options):
    """The rows to run, and the machine-made ones among them"""
    listed = mutant_rewrite.parse(read(options.list), os.path.basename(options.list))
    known = {mutant_rewrite.same_change(row) for row in listed if row.killer == EQUIVALENT}
    made = []
    if options.auto:
        made = mutant_rewrite.parse(machine_made(options), "mutate.py")
        made = [row for row in made if mutant_rewrite.same_change(row) not in known]
    rows = [row for row in listed if row.killer != EQUIVALENT] + made
    check_rows(rows, options)
    return rows


def machine_made(options):
    """The rows of mutate.py"""
    command = [os.path.join(HERE, "mutate.py"), options.ksrc, str(options.auto), str(options.seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                          env=dict(os.environ, MUTANTS_BUILD=os.path.join(CACHE, "build")))
    if done.returncode:
        raise ToolError("mutate.py failed")
    return done.stdout


def check_rows(rows, options):
    """Programs and hosts that do not exist are errors before anything is built"""
    programs = {os.path.basename(program) for program in options.programs}
    lists = {key: first_column(os.path.join(HERE, name))
             for key, name in (("HOST", "hosts.list"), ("MODE", "modes.list"))}
    for row in rows:
        if row.killer != NOTHING:
            program, _, pattern = row.killer.partition(" ")
            if not pattern or " " in pattern:
                raise RowError(f"{row.id}: the test is not PROGRAM FIXTURE.VARIANT.TEST")
            if program not in programs:
                raise RowError(f"{row.id}: there is no program {program}")
        for word in row.where.split():
            key, _, value = word.partition("=")
            if word not in (NOTHING, "boot") and value not in lists.get(key, ()):
                raise RowError(f"{row.id}: {word}: no such host or mode")


def first_column(path):
    return [line.split("\t")[0] for line in read(path).splitlines()
            if line and not line.startswith("#")]


def give_numbers(rows):
    """A number for each id. It keeps it, so that a new row changes no other file."""
    path = os.path.join(CACHE, "numbers.json")
    numbers = json.loads(read(path)) if os.path.exists(path) else {}
    wanted = {row.id for row in rows}
    if len(wanted | set(numbers)) >= mutant_rewrite.LIMIT:
        numbers = {}
    if len(wanted) >= mutant_rewrite.LIMIT:
        raise ToolError(f"more than {mutant_rewrite.LIMIT - 1} mutants at once")
    free = max(numbers.values(), default=0)
    for row in rows:
        if row.id not in numbers:
            free += 1
            numbers[row.id] = free
    write(path, json.dumps(numbers))
    return numbers


# The kernel

def prepare_tree(ksrc):
    """A copy of the tree, by links, without what was built there"""
    tree, stamp = os.path.join(CACHE, "tree"), os.path.join(CACHE, "stamp")
    makefile = os.stat(os.path.join(ksrc, "Makefile"))
    text = f"{os.path.realpath(ksrc)} {makefile.st_mtime_ns}\n"
    if os.path.exists(stamp) and read(stamp) == text:
        return tree
    say(f"copying {ksrc} to {tree}")
    for name in ("tree", "build"):
        shutil.rmtree(os.path.join(CACHE, name), ignore_errors=True)
    os.makedirs(CACHE, exist_ok=True)
    if subprocess.run(["cp", "-al", ksrc, tree], stderr=subprocess.DEVNULL, check=False).returncode:
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["cp", "-a", ksrc, tree], check=True)
    shutil.rmtree(os.path.join(tree, ".git"), ignore_errors=True)
    status, output = make(tree, "mrproper", out_of_tree=False)
    if status:
        raise ToolError(f"{tree} cannot be cleaned:\n{output}")
    write(stamp, text)
    return tree


def make(tree, *targets, out_of_tree=True):
    """Runs make, and returns its status and what it said"""
    command = ["make", "-s", "-k", f"-j{os.cpu_count()}", "-C", tree, "ARCH=arm64"]
    if os.uname().machine not in ("aarch64", "arm64"):
        command.append(f"CROSS_COMPILE={os.environ.get('CROSS_COMPILE') or 'aarch64-linux-gnu-'}")
    if out_of_tree:
        command.append("O=" + os.path.join(CACHE, "build"))
    # what the project's own make exports is not meant for the kernel's
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "OUTPUT", "ARCH", "LLVM")}
    env["LC_ALL"] = "C"
    done = subprocess.run(command + list(targets), stdout=subprocess.PIPE, env=env, text=True,
                          stderr=subprocess.STDOUT, check=False, errors="replace")
    return done.returncode, done.stdout


def configure(tree):
    """The project's configuration; nothing happens if it did not change"""
    path = os.path.join(CACHE, "config")
    text = read(os.path.join(TOP, "config")) + read(os.path.join(HERE, "mutants.config"))
    if not write_if_new(path, text) and os.path.exists(os.path.join(CACHE, "build", ".config")):
        return
    status, output = make(tree, "KCONFIG_ALLCONFIG=" + path, "allnoconfig")
    if status:
        os.unlink(path)
        raise ToolError(f"the kernel cannot be configured:\n{output}")


def add_switch(ksrc, tree):
    """mutant.c, once for the kernel and once for the hypervisor of nVHE"""
    write_if_new(os.path.join(tree, KVM, "mutant.c"), read(os.path.join(HERE, "mutant.c")))
    makefile = read(os.path.join(ksrc, KVM, "Makefile"))
    write_if_new(os.path.join(tree, KVM, "Makefile"),
                 makefile.replace("\nkvm-y += ", "\nkvm-y += mutant.o\nkvm-y += ", 1))
    name = os.path.join(KVM, "hyp/nvhe/Makefile")
    write_if_new(os.path.join(tree, name), read(os.path.join(ksrc, name)).replace(
        "\nhyp-obj := ", "\nhyp-obj-y += ../../mutant.o\nhyp-obj := ", 1))


def rewrite(options, tree, rows, numbers):
    """The files with mutants in them, by name. Rows that do not fit are out of @rows."""
    by_file = collections.defaultdict(list)
    for row in rows:
        by_file[row.file].append(row)
    files = {}
    for name, group in by_file.items():
        path = os.path.join(options.ksrc, name)
        if not os.path.isfile(path):
            raise RowError(f"{group[0].id}: the tree has no {name}")
        files[name] = mutant_rewrite.File(read(path), group, numbers)
        drop(rows, files[name].dropped, "overlaps another")
        write_if_new(os.path.join(tree, name), files[name].text())
    restore(options.ksrc, tree, files)
    return files


def restore(ksrc, tree, files):
    """What an earlier run changed, and this one does not"""
    path = os.path.join(CACHE, "changed")
    before = read(path).split("\n") if os.path.exists(path) else []
    for name in before:
        if name and name not in files:
            write(os.path.join(tree, name), read(os.path.join(ksrc, name)))
    write(path, "\n".join(files))


def drop(rows, bad, why):
    """Takes machine-made rows out; a listed one is an error"""
    for row in bad:
        if row.killer != NOTHING:
            raise RowError(f"{row.id}: {why}")
        say(f"{row.id} is left out: {why}")
        rows.remove(row)


MESSAGE = re.compile(r"^(?:In file included from |\s+from |.*inlined from .* at )?"
                     r"(?:\S*/mutants/tree/|(?:\.\./)*tree/)?(?P<file>[^\s:]+):"
                     r"(?P<line>[0-9]+):(?P<column>[0-9]+)(?P<rest>.*)$")


def culprits(output, files):
    """The rows that the compiler's errors are about"""
    bad, pending = [], []
    for line in output.splitlines():
        match = MESSAGE.match(line)
        if not match:
            continue
        found = files.get(match["file"])
        rows = found.culprits(int(match["line"]), int(match["column"])) if found else []
        if "inlined from" in line:
            pending += rows
        elif ": error:" in match["rest"] or ": note: in expansion" in match["rest"]:
            rows = rows or pending
            pending = []
            bad += [row for row in rows[:1] if row not in bad]
    return bad


def build(options, rows):
    """The Image with these rows, less those that do not compile; and the numbers"""
    numbers = give_numbers(rows)
    tree = prepare_tree(options.ksrc)
    configure(tree)
    add_switch(options.ksrc, tree)
    while True:
        files = rewrite(options, tree, rows, numbers)
        begun = time.monotonic()
        status, output = make(tree, "Image")
        say(f"built {len(rows)} mutants in {len(files)} files in {time.monotonic() - begun:.0f} s")
        if not status:
            return os.path.join(CACHE, "build/arch/arm64/boot/Image"), numbers
        bad = [row for row in culprits(output, files) if row in rows]
        if not bad:
            raise ToolError(f"the kernel does not build:\n{output[-4000:]}")
        drop(rows, bad, "it does not compile")


# The machine

class Boot:
    """One boot of a machine, whose lines come one by one, until it ends or hangs"""

    def __init__(self, options, image, where, boot_number=None):
        self.options = options
        self.log = os.path.join(options.output, "logs")
        os.makedirs(self.log, exist_ok=True)
        append = "oops=panic" + (f" kvm_mutant={boot_number}" if boot_number else "")
        words = dict(word.split("=") for word in where if "=" in word)
        arguments = (["all"] if options.all else []) + (["boot"] if boot_number else [])
        self.env = dict(os.environ, KERNEL=image, APPEND=append, ARGS=" ".join(arguments),
                        FILES=os.path.join(options.output, "files"), TIMEOUT="86400",
                        LOGDIR=self.log, KNOWN="fail", HOST=words.get("HOST", ""),
                        MODE=words.get("MODE", ""), JUNIT="")
        self.hung = False

    def lines(self):
        """What mutants-guest.sh tells"""
        with open(os.path.join(self.log, "run.sh"), "a", encoding="utf-8") as errors, \
                subprocess.Popen([os.path.join(HERE, "run.sh"), GUEST], stdout=subprocess.PIPE,
                                 stderr=errors, env=self.env) as process:
            try:
                yield from self.read(process.stdout.fileno())
            finally:
                process.terminate()

    def read(self, descriptor):
        """Lines from there; the machine hangs if it takes longer than it said"""
        patience, rest = PATIENCE, b""
        while True:
            if not select.select([descriptor], [], [], patience)[0]:
                self.hung = True
                return
            data = os.read(descriptor, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                text = line.decode("ascii", "replace").rstrip("\r")
                said = re.match(r"# (?:base|mutant [0-9]+) runs \S+ ([0-9]+)", text)
                if said:
                    patience = PATIENCE + 2 * int(said[1])
                yield text


def write_files(options, plan, base):
    """What the machine gets"""
    files = os.path.join(options.output, "files")
    shutil.rmtree(files, ignore_errors=True)
    os.makedirs(os.path.join(files, "programs"))
    for program in options.programs:
        name = os.path.basename(program)
        shutil.copy(program, os.path.join(files, "programs", name))
    write(os.path.join(files, "list"),
          "".join(os.path.basename(program) + "\n" for program in options.programs))
    write(os.path.join(files, "plan"), "".join("\t".join(line) + "\n" for line in plan))
    trouble = read(os.path.join(HERE, "kernel-trouble.list")).splitlines(True)
    write(os.path.join(files, "trouble"),
          "".join(line for line in trouble if line.strip() and not line.startswith("#")))
    for name, text in (base.files() if base else {}).items():
        write(os.path.join(files, "base", name), text)


class Base:
    """What a machine's programs come to without a mutant"""

    def __init__(self):
        self.passed = collections.defaultdict(list)
        self.failed = []
        self.reached = []
        self.done = False

    def line(self, words):
        """What follows "# base" """
        if words[0] == "ok":
            self.passed[words[1]].append(words[2])
        elif words[0] == "failed":
            self.failed.append((words[1], words[2]))
        elif words[0] == "reached":
            self.reached.append(" ".join(words[1:]))
        elif words[0] == "done":
            self.done = True

    def files(self):
        """For the next boot of that machine"""
        programs = [line.split()[0] for line in self.reached]
        files = {name: "".join(test + "\n" for test in self.passed[name]) for name in programs}
        return dict(files, reached="".join(line + "\n" for line in self.reached))


def plan_of(rows, numbers):
    """Rows for mutants-guest.sh"""
    return [(str(numbers[row.id]), *(row.killer.split(" ") if row.killer != NOTHING else "--"))
            for row in rows]


def classify(row, events, where, ended):
    """A Result, by what the machine told of this mutant. @ended says how, if it ended then."""
    program, _, pattern = row.killer.partition(" ")
    who, named, skipped, stage, last = [], False, [], "", ""
    for what, *rest in events:
        if what == "runs":
            last, stage = rest[0], rest[2]
        elif what in ("failed", "hung", "log"):
            test = rest[1] if what == "failed" else "hung" if what == "hung" else " ".join(rest[1:])
            who.append(f"{rest[0]} {test}")
            named |= rest[0] == program and (
                stage == "named" or what == "failed" and fnmatch.fnmatchcase(test, pattern))
        elif what == "skipped":
            skipped.append(f"{rest[0]} {rest[1]}")
    notes = [f"damage: {last} fails afterwards"] if ("damage", last) in events else []
    notes += [f"skipped: {', '.join(skipped)}"] if skipped else []
    if ended:
        verdict = "named" if named else "died"
        who.append(f"{last or 'boot'} {ended}")
    elif named:
        verdict = "named"
    elif who:
        verdict = "other"
    else:
        verdict = "unnamed" if ("unnamed",) in events else "survived"
    return Result(row, verdict, list(dict.fromkeys(who)), "; ".join(notes), where)


def run_boot(options, image, where, plan, base, boot_number=None):
    """Boots once: what each mutant's events were, by number; how the boot ended; the base"""
    write_files(options, plan, base)
    machine = Boot(options, image, where, boot_number)
    events, current, new = collections.OrderedDict(), None, base or Base()
    for line in machine.lines():
        words = line.split()
        if words[:2] == ["#", "base"]:
            new.line(words[2:])
        elif words[:2] == ["#", "mutant"] and len(words) > 3:
            number = int(words[2])
            if words[3] == "begin":
                current = events[number] = []
            elif current is not None:
                current.append(tuple(words[3:]))
    ended = "the machine hung" if machine.hung else "the kernel died"
    return events, ended, new


def finished(events):
    return any(event[0] in ("end", "damage") for event in events)


class Machine:
    """A host and mode, and the rows to run there"""

    def __init__(self, options, image, where, numbers, report):
        self.options, self.image, self.numbers, self.report = options, image, numbers, report
        self.where = where
        self.label = " ".join(where) or NOTHING
        self.base = None

    def boot(self, chunk, boot_number=None):
        """Events by number, and how it ended. The first boot begins with no mutant on."""
        events, ended, base = run_boot(self.options, self.image, self.where,
                                       plan_of(chunk, self.numbers), self.base, boot_number)
        if not self.base:
            self.check(base, ended)
            self.base = base
        return events, ended

    def check(self, base, ended):
        """All must pass with no mutant on, but for known defects of stock kernels"""
        if not base.done:
            raise ToolError(f"host {self.label}: {ended} with no mutant on")
        defects = ktap.Defects(os.path.join(TOP, "data/known-defects.list"))
        bad = [f"{program}: {test}" for program, test in base.failed
               if not defects.find(program, test, "")[0]]
        if bad:
            raise ToolError(f"host {self.label}: with no mutant on there are failures:\n"
                            + "\n".join(bad))
        tests = sum(len(names) for names in base.passed.values())
        say(f"host {self.label}: {tests} tests pass with no mutant on")

    def run(self, rows):
        """A Result for each row"""
        if not self.base and "boot" in rows[0].where.split():
            self.boot([])
        pending, first_again = list(rows), None
        while pending:
            at_boot = "boot" in pending[0].where.split()
            chunk = pending[:1] if at_boot else \
                [row for row in pending if "boot" not in row.where.split()][:PER_BOOT]
            number = self.numbers[chunk[0].id] if at_boot else None
            events, ended = self.boot(chunk, number)
            for row in chunk:
                mine = events.get(self.numbers[row.id])
                if mine is None and row is not chunk[0]:
                    break  # the boot ended before it
                if mine is None and not at_boot:
                    raise ToolError(f"host {self.label}: {ended} before the first mutant was on")
                mine = mine or []
                hurt = any(event[0] == "damage" for event in mine)
                if hurt and row is not chunk[0] and row is not first_again:
                    first_again = row  # maybe another's damage: again, in a boot of its own
                    pending.remove(row)
                    pending.insert(0, row)
                    break
                self.report(classify(row, mine, self.label, None if finished(mine) else ended))
                pending.remove(row)


# The report

def where_of(row):
    """The machine of a listed row, as words"""
    return tuple(word for word in row.where.split() if word not in (NOTHING, "boot"))


def parse_hosts(text):
    """HOST or HOST/MODE, several, for the machine-made rows"""
    hosts = []
    for word in text.split() or ["-"]:
        host, _, mode = word.partition("/")
        hosts.append(tuple(f"{key}={value}" for key, value in (("HOST", host), ("MODE", mode))
                           if value not in ("", NOTHING)))
    return hosts


class Report:
    """Results as they come, on stdout and in results.list, and the score by file"""

    def __init__(self, options):
        self.options = options
        self.results = {}
        os.makedirs(options.output, exist_ok=True)

    def add(self, result):
        """A later host's result counts if the mutant survived until then"""
        before = self.results.get(result.row.id)
        if before and before.verdict not in ("survived", "unnamed"):
            return
        self.results[result.row.id] = result
        print(f"{result.verdict:9} {result.row.id}: "
              f"{'; '.join(result.who[:3]) or result.row.rule}"
              f"{' (' + result.note[:200] + ')' if result.note else ''}", flush=True)
        write(os.path.join(self.options.output, "results.list"), self.table())

    def table(self):
        """All results, a row each"""
        lines = ["# id\tverdict\tfile\tfunction\thost\twho noticed\tnote\n"]
        for result in self.results.values():
            row = result.row
            lines.append("\t".join((row.id, result.verdict, row.file, row.function, result.where,
                                    "; ".join(result.who), result.note)) + "\n")
        return "".join(lines)

    def score(self):
        """By file, as Markdown"""
        counts = collections.defaultdict(collections.Counter)
        for result in self.results.values():
            kind = "machine" if result.row.killer == NOTHING else "listed"
            for key in ((result.row.file, kind), ("all", kind)):
                counts[key][result.verdict] += 1
        lines = ["| file | mutants | noticed | " + " | ".join(VERDICTS) + " |\n",
                 "|---|---|---|" + "---|" * len(VERDICTS) + "\n"]
        for name, kind in sorted(counts, key=lambda key: (key[1], key[0] == "all", key[0])):
            count = counts[name, kind]
            total = sum(count.values())
            noticed = total - count["survived"] - count["unnamed"]
            lines.append(f"| {name} ({kind}) | {total} | {noticed} | "
                         + " | ".join(str(count[verdict]) for verdict in VERDICTS) + " |\n")
        return "".join(lines)

    def idle(self, bases):
        """The tests that passed without a mutant, and no mutant made fail"""
        noticed = {who for result in self.results.values() for who in result.who}
        passed = {f"{program} {test}" for base in bases for program, tests in base.passed.items()
                  for test in tests}
        return sorted(passed - noticed)

    def good(self):
        """Whether every listed mutant made its named test fail"""
        return all(result.verdict == "named" for result in self.results.values()
                   if result.row.killer != NOTHING)


def run(options):
    """All of it"""
    rows = select_rows(options)
    image, numbers = build(options, rows)
    if options.only:
        rows = [row for row in rows
                if any(fnmatch.fnmatchcase(row.id, only) for only in options.only.split())]
    report = Report(options)
    machines = {}

    def machine(where):
        if where not in machines:
            machines[where] = Machine(options, image, where, numbers, report.add)
        return machines[where]

    groups = collections.OrderedDict()
    for row in rows:
        if row.killer != NOTHING:
            groups.setdefault(where_of(row), []).append(row)
    for where, group in groups.items():
        machine(where).run(group)
    made = [row for row in rows if row.killer == NOTHING]
    for where in parse_hosts(options.hosts) if made else ():
        left = [row for row in made if row.id not in report.results
                or report.results[row.id].verdict == "survived"]
        if left:
            machine(where).run(left)
    if options.all:
        idle = report.idle([used.base for used in machines.values()])
        write(os.path.join(options.output, "idle.list"), "".join(line + "\n" for line in idle))
    score = report.score()
    write(os.path.join(options.output, "score.md"), score)
    print(score, end="")
    return 0 if report.good() else 1


def main():
    """Reads the command line"""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--list", default=os.path.join(TOP, "data/mutants.list"))
    parser.add_argument("--only", default="", help="just mutants whose id has one of these shell patterns")
    parser.add_argument("--all", action="store_true", help="run all programs that reach a mutant")
    parser.add_argument("--auto", type=int, default=0, help="as many machine-made mutants, too")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--hosts", default="", help="hosts for those: HOST or HOST/MODE")
    parser.add_argument("--check", action="store_true", help="only see whether the rows apply")
    parser.add_argument("ksrc")
    parser.add_argument("output")
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    options.output = os.path.abspath(options.output)
    # so that no machine outlives this
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        if options.check:
            return check(options)
        return run(options)
    except (RowError, ToolError) as error:
        say(f"error: {error}")
        return 2


def check(options):
    """Every row that does not apply, not just the first"""
    rows = mutant_rewrite.parse(read(options.list), os.path.basename(options.list))
    numbers = {row.id: number for number, row in enumerate(rows, 1)}
    by_file, good = collections.defaultdict(list), True
    for row in rows:
        try:
            mutant_rewrite.File(read(os.path.join(options.ksrc, row.file)), [row], numbers)
            if row.killer != EQUIVALENT:
                by_file[row.file].append(row)
        except (OSError, RowError) as error:
            print(error)
            good = False
    for name, group in by_file.items():
        for row in mutant_rewrite.File(read(os.path.join(options.ksrc, name)), group,
                                       numbers).dropped:
            print(f"{row.id}: overlaps another")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
