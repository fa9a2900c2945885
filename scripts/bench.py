#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py - check, compare, fit and print the results of reg_access_bench

Usage: bench.py csv FILE              the measurements as CSV, like --format=csv
       bench.py report DIR FILE...    a report on stdout, and data for bench.gp in DIR
       bench.py compare FILE FILE     whether two runs agree
       bench.py fit                   fit points, lines of "x y" on stdin, for tests

Exit status: 0, or 1 for damaged input and runs that disagree
"""
import csv
import json
import math
import os
import re
import statistics
import sys

SCHEMA = "reg_access_bench 1"
CLASSES = ["all", "core", "sys", "id", "timer", "fw"]
# Ratios of two runs agree within this
AGREE = 0.15
# Another law must leave less than this part of the linear one's residual ...
BETTER = 0.7
# ... and at the largest VM its quadratic term must be this part of its linear one
WORTH = 0.25
HOST = ["kernel", "midr", "cpus", "mode", "emulated"]
# The fields of a measurement, and the words that some of them take
KEY = {"vcpus": None, "op": ("get", "set", "create", "destroy", "call"),
       "class": CLASSES + ["fw-once", "vm", "hvc", "sweep"], "threads": ("one", "each"),
       "load": ("idle", "busy")}
COUNTS = ["vcpus", "accessed", "runners", "accesses", "samples", "batch"]
NUMBERS = ["ratio", "cost", "cost_q1", "cost_q3", "cost_mad", "slowdown",
           "overhead_percent"]
TIMES = ["ns", "ns_q1", "ns_q3"]
COLUMNS = HOST + list(KEY) + COUNTS[1:] + NUMBERS + TIMES


def load(name):
    """Read a run and check it against the schema"""
    try:
        with open(name, encoding="ascii") as file:
            run = json.load(file)
        if run["schema"] != SCHEMA:
            raise ValueError(f"the schema is {run['schema']}, not {SCHEMA}")
        for field in HOST:
            run["host"][field]
        for field in ("clock_ratio", "loop_ratio"):
            float(run["floor"][field])
        if not run["rows"]:
            raise ValueError("no rows")
        for m in run["rows"]:
            check(m, run["host"]["emulated"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"bench.py: {name}: {type(error).__name__}: {error}")
    return run


def check(m, emulated):
    """Check a measurement"""
    for field, words in KEY.items():
        if words and m[field] not in words:
            raise ValueError(f"{field} is {m[field]}")
    for field in COUNTS:
        if not isinstance(m[field], int):
            raise ValueError(f"{field} is {m[field]}")
    for field in COUNTS + NUMBERS + TIMES:
        if field in TIMES and emulated:
            if m[field] is not None:
                raise ValueError(f"{field} is {m[field]} though the machine is emulated")
        elif not isinstance(m[field], (int, float)) or m[field] < 0:
            raise ValueError(f"{field} is {m[field]}")
    if not m["cost_q1"] <= m["cost"] <= m["cost_q3"]:
        raise ValueError("the median is not between the quartiles")


def key(m):
    return tuple(m[field] for field in KEY)


def pick(run, op, cls):
    """The measurements of one line of a plot: one thread, idle"""
    return [m for m in run["rows"] if key(m)[1:] == (op, cls, "one", "idle")]


def cost(run, m, part=""):
    """Of a pass: nanoseconds, or empty ioctls if the machine is emulated"""
    return m[("cost" if run["host"]["emulated"] else "ns") + part]


def unit(run):
    return "empty ioctls" if run["host"]["emulated"] else "ns"


def series(run):
    """The kernel's"""
    return re.match(r"\d+\.\d+|.*", run["host"]["kernel"]).group()


def solve(terms, points):
    """Least squares of relative errors for y = p * terms[0](x) + q * terms[1](x)"""
    scaled = [(terms[0](x) / y, terms[1](x) / y) for x, y in points]
    aa = sum(a * a for a, b in scaled)
    ab = sum(a * b for a, b in scaled)
    bb = sum(b * b for a, b in scaled)
    ra, rb = sum(a for a, b in scaled), sum(b for a, b in scaled)
    det = aa * bb - ab * ab
    p, q = (ra * bb - rb * ab) / det, (aa * rb - ab * ra) / det
    error = math.sqrt(sum((p * a + q * b - 1) ** 2 for a, b in scaled) / len(scaled))
    return p, q, error


LAWS = [
    ("linear", "{:.4g} + {:.4g} n", lambda x: 1, lambda x: x),
    ("n log n", "{:.4g} + {:.4g} n log2 n", lambda x: 1, lambda x: x * math.log2(x)),
    ("quadratic", "{:.4g} n + {:.4g} n^2", lambda x: x, lambda x: x * x),
]


def fit(points, spread=0):
    """Each law's name, formula and residual, and the name of the law to believe

    Another law than the linear one is believed only if that one misses the points by more
    than their spread, a relative error.
    """
    if len(points) < 3:
        return [], None
    fits = []
    for name, text, *terms in LAWS:
        p, q, error = solve(terms, points)
        fits.append((name, text.format(p, q), error))
    slope, bend = p, q  # of the last law, the quadratic one
    linear = fits[0]
    other = min(fits[1:], key=lambda law: law[2])
    if (linear[2] > spread and other[2] < linear[2] * BETTER and
            bend * max(x for x, _ in points) > WORTH * slope):
        return fits, other[0]
    return fits, linear[0]


def print_fits(run):
    print(f"\nFit of the cost of a pass, in {unit(run)}, against n vCPUs (one thread, idle); "
          "residual: RMS of relative errors")
    print(f"{'op':8}{'class':8}{'law':10} {'fit':32}{'residual':>9}{'spread':>8}   residuals of all laws")
    for op, cls in [(op, cls) for op in ("get", "set") for cls in CLASSES] + [
            ("create", "vm"), ("destroy", "vm")]:
        line = pick(run, op, cls)
        # Half the distance of the quartiles, relative, of a typical measurement
        spread = statistics.median([(m["cost_q3"] - m["cost_q1"]) / 2 / m["cost"]
                                    for m in line] or [0])
        fits, best = fit([(m["vcpus"], cost(run, m)) for m in line], spread)
        for name, text, error in fits:
            if name == best:
                rest = ", ".join(f"{f[0]} {f[2]:.1%}" for f in fits)
                print(f"{op:8}{cls:8}{name:10} {text:32}{error:9.1%}{spread:8.1%}   {rest}")


def print_shares(run):
    print("\nShare that firmware registers take through every vCPU but one, of saving and "
          "restoring all\nregisters (no other part of a blackout counted, so at most this)")
    print(f"{'vCPUs':>6}{'save':>9}{'restore':>9}{'both':>9}")
    costs = {key(m)[:3]: cost(run, m) for m in run["rows"] if key(m)[3:] == ("one", "idle")}
    for vcpus in [m["vcpus"] for m in pick(run, "get", "fw")]:
        fw, whole = [], []
        for op in ("get", "set"):
            fw.append(max(costs[vcpus, op, "fw"] - costs[vcpus, op, "fw-once"], 0))
            whole.append(costs[vcpus, op, "all"])
        print(f"{vcpus:6}{fw[0] / whole[0]:9.2%}{fw[1] / whole[1]:9.2%}"
              f"{sum(fw) / sum(whole):9.2%}")


def print_costs(run):
    """Of an access, for each class and size"""
    sizes = sorted({m["vcpus"] for m in run["rows"]})
    ratios = {key(m): m["ratio"] for m in run["rows"]}
    print("\nCost of an access, in empty ioctls by the same threads under the same load")
    print(f"{'op':8}{'class':8}{'threads':8}{'load':6}" + "".join(f"{n:>8}" for n in sizes))
    for line in sorted({k[1:] for k in ratios},
                       key=lambda k: (k[0] not in ("get", "set"), k[3], k[2], k[1], k[0])):
        print("{:8}{:8}{:8}{:6}".format(*line) +
              "".join(f"{ratios[(n, *line)]:8.2f}" if (n, *line) in ratios else f"{'-':>8}"
                      for n in sizes))


def write_plot(name, runs, op, cls, per_access):
    with open(name, "w", encoding="ascii") as file:
        for run in runs:
            file.write(f'"{series(run)}"\n')
            for m in pick(run, op, cls):
                accesses = m["accesses"] if per_access else 1
                print(m["vcpus"], *(cost(run, m, part) / accesses for part in ("", "_q1", "_q3")),
                      file=file)
            file.write("\n\n")


def write_plots(folder, runs):
    os.makedirs(folder)
    for op in ("get", "set"):
        for cls in CLASSES:
            write_plot(f"{folder}/pass-{op}-{cls}.dat", runs, op, cls, False)
            write_plot(f"{folder}/access-{op}-{cls}.dat", runs, op, cls, True)
    note = " (emulated)" if runs[0]["host"]["emulated"] else ""
    with open(f"{folder}/labels.gp", "w", encoding="ascii") as file:
        file.write(f"kernels = {len(runs)}\nunit = '{unit(runs[0])}'\n"
                   f"title_pass = 'A pass over all vCPUs{note}: one thread, idle'\n"
                   f"title_access = 'One access of it{note}: level where a pass is linear'\n")


def report(folder, names):
    runs = [load(name) for name in names]
    if len({run["host"]["emulated"] for run in runs}) > 1:
        sys.exit("bench.py: emulated machines and others do not compare")
    write_plots(folder, runs)
    for run in runs:
        host = run["host"]
        print(f"== Linux {host['kernel']}, MIDR {host['midr']}, {host['cpus']} CPUs, "
              f"KVM mode {host['mode']}" + (", emulated" if host["emulated"] else ""))
        if host["emulated"]:
            print("Emulated, so times mean nothing: every cost is a ratio to an empty ioctl.")
        else:
            print("Floor: clock {clock_ns} ns, bare loop {loop_ns} ns, empty ioctl {empty_ns} ns"
                  .format(**run["floor"]))
        worst = max(run["rows"], key=lambda m: m["overhead_percent"])
        print(f"Own overhead: at most {worst['overhead_percent']:.2f} % (vCPUs, op, class, "
              f"threads, load: {', '.join(str(k) for k in key(worst))})")
        print_costs(run)
        print_fits(run)
        print_shares(run)
        print()


def compare(first, second):
    """Whether the ratios of two runs agree: exit status 0 or 1"""
    a, b = load(first), load(second)
    others = {key(m): m for m in b["rows"]}
    close = spread = 0
    bad = []
    for one in a["rows"]:
        if key(one) not in others:
            continue
        two = others[key(one)]
        far = abs(one["ratio"] - two["ratio"]) / min(one["ratio"], two["ratio"])
        if far <= AGREE:
            close += 1
        elif one["cost_q1"] <= two["cost_q3"] and two["cost_q1"] <= one["cost_q3"]:
            spread += 1
        else:
            bad.append("    {} {} {} {} {}".format(*key(one)) +
                       f": {one['ratio']:.2f} and {two['ratio']:.2f}, {far:.0%}")
    print(f"Two runs on Linux {a['host']['kernel']}: {close} ratios agree within {AGREE:.0%}, "
          f"{spread} more within their quartiles, {len(bad)} do not", *bad, sep="\n")
    return 0 if close + spread and not bad else 1


def write_csv(run):
    host = {**run["host"], "emulated": "yes" if run["host"]["emulated"] else "no"}
    out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    out.writeheader()
    for m in run["rows"]:
        out.writerow({**host, **m})


def main(argv):
    if argv[:1] == ["csv"] and len(argv) == 2:
        write_csv(load(argv[1]))
    elif argv[:1] == ["report"] and len(argv) > 2:
        report(argv[1], argv[2:])
    elif argv[:1] == ["compare"] and len(argv) == 3:
        return compare(*argv[1:])
    elif argv == ["fit"]:
        fits, best = fit([tuple(float(v) for v in line.split()) for line in sys.stdin])
        for name, text, error in fits:
            print(("best: " if name == best else "") + f"{name}: {text}, residual {error:.4f}")
    else:
        print(__doc__, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
