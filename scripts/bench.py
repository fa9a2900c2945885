#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py - make sense of what reg_access_bench measured

Usage: bench.py csv FILE              the rows as CSV, as --format=csv has them
       bench.py report DIR FILE...    a report on stdout, data for bench.gp in DIR
       bench.py compare FILE FILE     whether two runs agree
       bench.py fit                   rows of "x y" from stdin: the fit, for tests

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
AGREE = 0.15
# A worse law than linear has to explain the points clearly better, and what grows faster
# than linear has to be worth mentioning for the largest VM
BETTER = 0.7
WORTH = 0.25
HOST = ["kernel", "midr", "cpus", "mode", "emulated"]
TEXT = {"op": ("get", "set", "create", "destroy", "call"), "threads": ("one", "each"),
        "load": ("idle", "busy"), "class": CLASSES + ["fw-once", "vm", "hvc", "sweep"]}
COUNTS = ["vcpus", "accessed", "runners", "accesses", "samples", "batch"]
NUMBERS = ["ratio", "cost", "cost_q1", "cost_q3", "cost_mad", "slowdown",
           "overhead_percent"]
TIMES = ["ns", "ns_q1", "ns_q3"]
COLUMNS = HOST + ["vcpus", "op", "class", "threads", "load"] + COUNTS[1:] + NUMBERS + TIMES


def load(name):
    """Read a run and hold it to the schema"""
    try:
        with open(name, encoding="ascii") as file:
            run = json.load(file)
        if run["schema"] != SCHEMA:
            raise ValueError(f"the schema is {run['schema']}, not {SCHEMA}")
        emulated = run["host"]["emulated"]
        for key in HOST:
            run["host"][key]
        for key in ("clock_ratio", "loop_ratio"):
            float(run["floor"][key])
        for row in run["rows"]:
            check_row(row, emulated)
        if not run["rows"]:
            raise ValueError("no rows")
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"bench.py: {name}: {type(error).__name__}: {error}")
    return run


def check_row(row, emulated):
    for key, words in TEXT.items():
        if row[key] not in words:
            raise ValueError(f"{key} is {row[key]}")
    for key in COUNTS:
        if not isinstance(row[key], int) or row[key] < 0:
            raise ValueError(f"{key} is {row[key]}")
    for key in NUMBERS + TIMES:
        if key in TIMES and emulated:
            if row[key] is not None:
                raise ValueError(f"{key} is {row[key]} though the machine is emulated")
        elif not isinstance(row[key], (int, float)) or row[key] < 0:
            raise ValueError(f"{key} is {row[key]}")
    if not row["cost_q1"] <= row["cost"] <= row["cost_q3"]:
        raise ValueError("the median is not between the quartiles")


def key(row):
    return tuple(row[k] for k in ("vcpus", "op", "class", "threads", "load"))


def pick(run, op, cls, threads="one", load_="idle"):
    """The rows of one line of a plot, by vCPUs"""
    return [r for r in run["rows"] if (r["op"], r["class"], r["threads"], r["load"]) ==
            (op, cls, threads, load_)]


def cost(run, row, part=""):
    """Of a pass: nanoseconds where they mean something, else empty ioctls"""
    return row[("cost" if run["host"]["emulated"] else "ns") + part]


def unit(run):
    return "empty ioctls" if run["host"]["emulated"] else "ns"


def solve(terms, points):
    """Least squares of relative errors for y = p * terms[0](x) + q * terms[1](x)"""
    rows = [(terms[0](x) / y, terms[1](x) / y) for x, y in points]
    aa = sum(a * a for a, b in rows)
    ab = sum(a * b for a, b in rows)
    bb = sum(b * b for a, b in rows)
    ra, rb = sum(a for a, b in rows), sum(b for a, b in rows)
    det = aa * bb - ab * ab
    p, q = (ra * bb - rb * ab) / det, (aa * rb - ab * ra) / det
    error = math.sqrt(sum((p * a + q * b - 1) ** 2 for a, b in rows) / len(rows))
    return p, q, error


LAWS = [
    ("linear", "{:.4g} + {:.4g} n", lambda x: 1, lambda x: x),
    ("n log n", "{:.4g} + {:.4g} n log2 n", lambda x: 1, lambda x: x * math.log2(x)),
    ("quadratic", "{:.4g} n + {:.4g} n^2", lambda x: x, lambda x: x * x),
]


def fit(points, spread=0):
    """Each law's formula and residual, and the name of the one to believe

    spread: of the points, as a relative error. A worse law than linear is believed where
    the linear one misses them by more than that.
    """
    if len(points) < 3:
        return [], None
    fits = []
    for name, text, *terms in LAWS:
        p, q, error = solve(terms, points)
        fits.append((name, text.format(p, q), error, p, q))
    linear = fits[0]
    worse = min(fits[1:], key=lambda law: law[2])
    slope, bend = fits[2][3:]
    if (linear[2] > spread and worse[2] < linear[2] * BETTER and
            bend * max(x for x, _ in points) > WORTH * slope):
        return fits, worse[0]
    return fits, linear[0]


def spread_of(rows):
    """Half the distance between the quartiles, relative, of a typical row"""
    half = [(r["cost_q3"] - r["cost_q1"]) / 2 / r["cost"] for r in rows]
    return statistics.median(half) if half else 0


def print_fits(run):
    print(f"\nFit of the cost of a pass, in {unit(run)}, against n vCPUs (one thread, idle); "
          "residual: RMS of relative errors")
    print(f"{'op':8}{'class':8}{'law':10} {'fit':32}{'residual':>9}{'spread':>8}   residuals of all laws")
    lines = [(op, cls) for op in ("get", "set") for cls in CLASSES]
    for op, cls in lines + [("create", "vm"), ("destroy", "vm")]:
        rows = pick(run, op, cls)
        spread = spread_of(rows)
        fits, best = fit([(r["vcpus"], cost(run, r)) for r in rows], spread)
        for name, text, error, *_ in fits:
            if name == best:
                rest = ", ".join(f"{f[0]} {f[2]:.1%}" for f in fits)
                print(f"{op:8}{cls:8}{name:10} {text:32}{error:9.1%}{spread:8.1%}   {rest}")


def share(run, vcpus, op):
    """(repeated VM-wide accesses, whole pass)"""
    rows = {r["class"]: r for r in run["rows"]
            if r["vcpus"] == vcpus and r["op"] == op and r["threads"] == "one" and
            r["load"] == "idle"}
    repeated = cost(run, rows["fw"]) - cost(run, rows["fw-once"])
    return max(repeated, 0), cost(run, rows["all"])


def print_shares(run):
    print("\nShare that firmware registers take through every vCPU but one, of saving and "
          "restoring all\nregisters (no other part of a blackout counted, so at most this)")
    print(f"{'vCPUs':>6}{'save':>9}{'restore':>9}{'both':>9}")
    for vcpus in sorted({r["vcpus"] for r in run["rows"]}):
        save, restore = share(run, vcpus, "get"), share(run, vcpus, "set")
        both = (save[0] + restore[0]) / (save[1] + restore[1])
        print(f"{vcpus:6}{save[0] / save[1]:9.2%}{restore[0] / restore[1]:9.2%}{both:9.2%}")


def print_costs(run):
    """Of an access, by class and size, in empty ioctls made likewise"""
    sizes = sorted({r["vcpus"] for r in run["rows"]})
    print("\nCost of an access, in empty ioctls by the same threads under the same load")
    print(f"{'op':8}{'class':8}{'threads':8}{'load':6}" + "".join(f"{n:>8}" for n in sizes))
    seen = []
    for row in run["rows"]:
        if key(row)[1:] not in seen:
            seen.append(key(row)[1:])
    for line in sorted(seen, key=lambda k: (k[0] not in ("get", "set"), k[3], k[2], k[1], k[0])):
        cells = {r["vcpus"]: r["ratio"] for r in run["rows"] if key(r)[1:] == line}
        print(f"{line[0]:8}{line[1]:8}{line[2]:8}{line[3]:6}" +
              "".join(f"{cells[n]:8.2f}" if n in cells else f"{'-':>8}" for n in sizes))


def write_plots(folder, runs):
    os.makedirs(folder)
    for op in ("get", "set"):
        for cls in CLASSES:
            with open(f"{folder}/pass-{op}-{cls}.dat", "w", encoding="ascii") as whole, \
                 open(f"{folder}/access-{op}-{cls}.dat", "w", encoding="ascii") as one:
                for run in runs:
                    for file in (whole, one):
                        file.write(f'"{series(run)}"\n')
                    for row in pick(run, op, cls):
                        at = [cost(run, row, part) for part in ("", "_q1", "_q3")]
                        whole.write("{} {} {} {}\n".format(row["vcpus"], *at))
                        at = [c / row["accesses"] for c in at]
                        one.write("{} {} {} {}\n".format(row["vcpus"], *at))
                    for file in (whole, one):
                        file.write("\n\n")
    note = " (emulated)" if runs[0]["host"]["emulated"] else ""
    with open(f"{folder}/labels.gp", "w", encoding="ascii") as file:
        file.write(f"kernels = {len(runs)}\nunit = '{unit(runs[0])}'\n"
                   f"title_pass = 'A pass over all vCPUs{note}: one thread, idle'\n"
                   f"title_access = 'One access of it{note}: level where a pass is linear'\n")


def series(run):
    return re.match(r"\d+\.\d+|.*", run["host"]["kernel"]).group()


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
        worst = max(run["rows"], key=lambda r: r["overhead_percent"])
        print(f"Own overhead: at most {worst['overhead_percent']:.2f} % (vCPUs, op, class, "
              f"threads, load: {', '.join(str(k) for k in key(worst))})")
        print_costs(run)
        print_fits(run)
        print_shares(run)
        print()


def compare(first, second):
    a, b = load(first), load(second)
    rows = {key(row): row for row in b["rows"]}
    close = spread = 0
    bad = []
    for one in a["rows"]:
        two = rows.get(key(one))
        if not two:
            continue
        far = abs(one["ratio"] - two["ratio"]) / min(one["ratio"], two["ratio"])
        if far <= AGREE:
            close += 1
        elif one["cost_q1"] <= two["cost_q3"] and two["cost_q1"] <= one["cost_q3"]:
            spread += 1
        else:
            bad.append((far, one, two))
    print(f"Two runs on Linux {a['host']['kernel']}: {close} ratios agree within {AGREE:.0%}, "
          f"{spread} more within their quartiles, {len(bad)} do not")
    for far, one, two in bad:
        print("    {} {} {} {} {}: {:.2f} and {:.2f}".format(*key(one), one["ratio"],
                                                             two["ratio"]) + f", {far:.0%}")
    return 0 if close + spread and not bad else 1


def main(argv):
    if argv[:1] == ["csv"] and len(argv) == 2:
        run = load(argv[1])
        out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n", extrasaction="raise")
        out.writeheader()
        host = {k: run["host"][k] for k in HOST}
        host["emulated"] = "yes" if host["emulated"] else "no"
        for row in run["rows"]:
            out.writerow({**host, **row})
    elif argv[:1] == ["report"] and len(argv) > 2:
        report(argv[1], argv[2:])
    elif argv[:1] == ["compare"] and len(argv) == 3:
        return compare(*argv[1:])
    elif argv == ["fit"]:
        fits, best = fit([tuple(float(v) for v in line.split()) for line in sys.stdin])
        for name, text, error, *_ in fits:
            print(("best: " if name == best else "") + f"{name}: {text}, residual {error:.4f}")
    else:
        print(__doc__, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
