#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""matrix.py - from what guest_abi reported on each host to the matrix of matrix.sh

Usage: matrix.py unpack OUTPUT FOLDER
           the files that matrix-guest.sh printed, from run.sh's OUTPUT to FOLDER
       matrix.py judge [--update] [--baseline FILE] FOLDER
           FOLDER is matrix.sh's: writes matrix.txt, .md, .html and .json there and
           prints the first, and what got worse

Exit status: 0 every pair that must work does, 1 one does not, 2 wrong usage or input
"""

import argparse
import hashlib
import itertools
import json
import os
import re
import sys

import matrix_page

# from the best to the worst
VERDICTS = ("same", "changed", "refused", "unsupported", "failed")
RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
# models that carry everything: what a kernel saved they have to restore on it
STRICT = ("blind", "aware")
# lines of a report that may repeat
KINDS = ("refused", "tolerated", "zeroed", "kept", "differs", "changed")
NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*){0,2}")
LARGEST = 16 << 20


class InputError(Exception):
    """Something that was read is not as it must be"""


def write(path, text):
    """A whole file or none"""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read(LARGEST + 1)


def plain(text):
    """Fit for any terminal"""
    return "".join(c if " " <= c <= "~" else "?" for c in text)


# What matrix-guest.sh printed

def unpack(output, folder):
    """Its frames become files, and the file `problems` says what was lost, and why"""
    problems = []
    name = None
    lines = []

    def problem(about, text):
        problems.append(f"{about}\t{plain(text)}")

    def end(words):
        if len(words) != 3 or words[0] != name:
            problem(name, "ends with another's line")
            return
        text = "".join(line + "\n" for line in lines)
        if hashlib.sha256(text.encode("ascii", "replace")).hexdigest() != words[2]:
            problem(name, "the console lost some of it: its sum is not that of the host")
        elif os.path.exists(os.path.join(folder, name)):
            problem(name, "is there twice")
        else:
            write(os.path.join(folder, name), text)

    with open(output, encoding="ascii", errors="replace") as file:
        for line in file:
            line = line.rstrip("\r\n")
            kind, _, rest = line[2:].partition(" ")
            if line.startswith("failed: "):
                # that a test failed, its own error says
                if not re.match(r"failed: \S+: [0-9]+ of [0-9]+ tests failed", line):
                    problem("-", line[len("failed: "):])
            elif not line.startswith("# "):
                pass
            elif kind == "|":
                lines.append(rest)
            elif kind == "begin":
                if name:
                    problem(name, "has no end")
                name, lines = None, []
                if NAME.fullmatch(rest):
                    name = rest
                else:
                    problem("-", f"{rest[:80]} is no name")
            elif kind == "end" and name:
                end(rest.split())
                name = None
            elif kind == "error":
                about, _, text = rest.partition(" ")
                problem(about, text)
            elif kind == "shapes":
                write(os.path.join(folder, "shapes"), rest + "\n")
    if name:
        problem(name, "has no end")
    os.makedirs(folder, exist_ok=True)
    write(os.path.join(folder, "problems"), "".join(line + "\n" for line in problems))


# Reports

def fields(rest, number):
    """The KEY=VALUE of a line; why= takes all that follows"""
    rest, blank, why = (" " + rest).partition(" why=")
    values = {}
    for word in rest.split():
        key, equal, value = word.partition("=")
        if not equal or not key or key in values:
            raise InputError(f"line {number}: {word[:80]} is no KEY=VALUE, or there twice")
        values[key] = value
    if blank:
        values["why"] = why
    return values


def read_report(path):
    """A report as the part of a cell that it is, or InputError"""
    text = read(path)
    if len(text) > LARGEST:
        raise InputError("the report is too long")
    lines = text.split("\n")
    if lines.pop() != "":
        raise InputError("the last line is not whole")
    if not lines or lines[0] != "report 1":
        raise InputError("line 1: this is no report of version 1")
    report = {"saved": {}, "host": {}, "notes": [], **{kind: [] for kind in KINDS}}
    for number, line in enumerate(lines[1:], 2):
        if plain(line) != line:
            raise InputError(f"line {number}: not printable")
        if "verdict" in report:
            raise InputError(f"line {number}: comes after the verdict")
        kind, _, rest = line.partition(" ")
        if kind in KINDS:
            report[kind].append(fields(rest, number))
        elif kind in ("saved", "host"):
            report[kind] = fields(rest, number)
        elif kind == "unsupported":
            report["why"] = fields(rest, number).get("why", "")
        elif kind == "verdict":
            if rest not in VERDICTS[:-1]:
                raise InputError(f"line {number}: there is no verdict {rest[:80]}")
            report["verdict"] = rest
        else:
            report["notes"].append(line)
    if "verdict" not in report:
        raise InputError("there is no verdict")
    return report


def check_report(report, vmm, shape):
    """A verdict has to go with the lines before it"""
    verdict = report["verdict"]
    if report["host"].get("vmm", vmm) != vmm or report["saved"].get("shape", shape) != shape:
        raise InputError("this is the report of another model or shape")
    if verdict == "same" and (report["changed"] or report["refused"]):
        raise InputError("the verdict is same, but the report has a line that is not")
    if verdict == "changed" and not (report["changed"] or report["differs"]):
        raise InputError("the verdict is changed, but the report does not say what")
    if verdict == "refused" and not report["refused"]:
        raise InputError("the verdict is refused, but the report does not say what")


# The run

def read_plan(folder):
    plan = {"seconds": 0, "vmms": [], "shapes": [], "hosts": []}
    for line in read(os.path.join(folder, "plan")).splitlines():
        words = line.split(" ")
        if words[0] == "seconds" and len(words) == 2:
            plan["seconds"] = int(words[1])
        elif words[0] in ("vmm", "shape") and len(words) == 2:
            plan[words[0] + "s"].append(words[1])
        elif words[0] == "host" and len(words) == 4:
            plan["hosts"].append({"id": words[1], "kernel": words[2], "mode": words[3]})
        else:
            raise InputError(f"plan: {plain(line)[:80]}")
    if not plan["hosts"]:
        raise InputError("plan: no host")
    return plan


def read_problems(path):
    """What went wrong, by name; "-" is the machine"""
    problems = {}
    if os.path.exists(path):
        for line in read(path).splitlines():
            name, _, text = line.partition("\t")
            problems.setdefault(name, []).append(text)
    return problems


def collect(folder):
    """All of a run but the judgement, in the form of docs/matrix-schema.md"""
    plan = read_plan(folder)
    hosts = plan["hosts"]
    several = len({host["mode"] for host in hosts}) > 1
    saves, restores = {}, {}
    for host in hosts:
        name = host["id"]
        host["name"] = f"{host['kernel']} {host['mode']}" if several else host["kernel"]
        saves[name] = read_problems(os.path.join(folder, "states", name, "problems"))
        restores[name] = read_problems(os.path.join(folder, "reports", name, "problems"))
        host["release"] = None
        host["trouble"] = [f"saving: {text}" for text in saves[name].get("-", [])] + \
            [f"restoring: {text}" for text in restores[name].get("-", [])]
        path = os.path.join(folder, "states", name, "shapes")
        # without a list the machine did not come that far, and nobody knows
        host["shapes"] = read(path).split() if os.path.exists(path) else \
            plan["shapes"] or ["plain"]
    shapes = plan["shapes"] or list(dict.fromkeys(s for h in hosts for s in h["shapes"]))
    vmms = plan["vmms"]
    if vmms == ["all"]:
        vmms = list(dict.fromkeys(vmm for h in hosts for vmm in models(folder, h["id"])))
    cells = []
    for vmm, shape, old, new in itertools.product(vmms, shapes, hosts, hosts):
        if shape not in old["shapes"]:
            continue
        cell = {"vmm": vmm, "shape": shape, "from": old["id"], "to": new["id"]}
        name = f"{old['id']}/{shape}/{vmm}"
        try:
            if not os.path.exists(os.path.join(folder, "states", old["id"], shape)):
                raise InputError("nothing was saved: " + "; ".join(
                    saves[old["id"]].get(shape) or saves[old["id"]].get("-") or ["no reason"]))
            path = os.path.join(folder, "reports", new["id"], name)
            if not os.path.exists(path):
                raise InputError("no report: " + "; ".join(
                    restores[new["id"]].get(name) or restores[new["id"]].get("-") or
                    ["the machine ended before"]))
            report = read_report(path)
            check_report(report, vmm, shape)
            cell.update(report)
            for host, line in ((old, report["saved"]), (new, report["host"])):
                host["release"] = host["release"] or line.get("release")
        except (InputError, OSError) as error:
            cell.update(verdict="failed", why=plain(str(error)))
        cells.append(cell)
    mend(cells)
    return {"format": "kvm-guest-abi matrix", "version": 1, "seconds": plan["seconds"],
            "vmms": vmms, "shapes": shapes, "hosts": hosts, "cells": cells,
            "complete": not plan["shapes"]}


def models(folder, host):
    """The models that a host restored by, in the order of its output"""
    found = {}
    top = os.path.join(folder, "reports", host)
    for problem in read_problems(os.path.join(top, "problems")):
        if problem.count("/") == 2:
            found[problem.split("/")[2]] = True
    for path, _, names in os.walk(top):
        if os.path.relpath(path, top).count("/") == 1:
            found.update(dict.fromkeys(names, True))
    return sorted(found, key=lambda vmm: (vmm not in ("blind", "aware"), vmm == "aware", vmm))


def mend(cells):
    """Whether the aware model is better, for each cell of the others"""
    key = lambda cell: (cell["shape"], cell["from"], cell["to"])
    aware = {key(cell): cell["verdict"] for cell in cells if cell["vmm"] == "aware"}
    for cell in cells:
        cell["aware"] = aware.get(key(cell))
        cell["mended"] = cell["aware"] is not None and cell["verdict"] != "failed" and \
            RANK[cell["aware"]] < RANK[cell["verdict"]]


# The baseline

def read_baseline(path):
    """{(vmm, shape, from, to, mode): verdict}, and the comment before it"""
    rows, comment = {}, []
    if not os.path.exists(path):
        return rows, comment
    for number, line in enumerate(read(path).splitlines(), 1):
        if line.startswith("#") or not line.strip():
            if not rows:
                comment.append(line)
            continue
        words = line.split("\t")
        if len(words) != 6 or words[5] not in VERDICTS[:-1]:
            raise InputError(f"{path}:{number}: not vmm, shape, from, to, mode, verdict")
        vmm, shape, old, news, mode, verdict = words
        for new in news.split(","):
            if rows.setdefault((vmm, shape, old, new, mode), verdict) != verdict:
                raise InputError(f"{path}:{number}: {old} to {new} is there twice")
    return rows, comment


def cell_key(matrix, cell):
    old, new = matrix["by_id"][cell["from"]], matrix["by_id"][cell["to"]]
    mode = old["mode"] if old["mode"] == new["mode"] else f"{old['mode']}>{new['mode']}"
    return cell["vmm"], cell["shape"], old["kernel"], new["kernel"], mode


def judge(matrix, baseline):
    """Fills in what got worse, and what better"""
    problems, better = [], []
    for host in matrix["hosts"]:
        problems += [f"{host['name']}: {text}" for text in host["trouble"]]
    seen = {}
    for cell in matrix["cells"]:
        key = cell_key(matrix, cell)
        seen[key] = cell["verdict"]
        pair = f"{matrix['by_id'][cell['from']]['name']} to {matrix['by_id'][cell['to']]['name']}"
        about = f"{cell['vmm']}, {cell['shape']}: {pair}: {cell['verdict']}"
        why = matrix_page.reason(cell)
        if why:
            about += f" ({why})"
        want = baseline.get(key)
        if want and RANK[cell["verdict"]] > RANK[want]:
            problems.append(f"{about}; the baseline has it as {want}")
        elif cell["from"] == cell["to"] and cell["vmm"] in STRICT and \
                cell["verdict"] != "same" and not want:
            problems.append(f"{about}; a kernel must restore what it saved itself")
        elif cell["verdict"] == "failed":
            problems.append(about)
        if want and RANK[cell["verdict"]] < RANK[want]:
            better.append(f"{about}; the baseline has it as {want}")
    for key, want in baseline.items():
        if key not in seen and in_run(matrix, key):
            problems.append(f"{key[0]}, {key[1]}: {key[2]} to {key[3]} in {key[4]}: not measured;"
                            f" the baseline has it as {want}")
    matrix["problems"], matrix["better"] = problems, better


def in_run(matrix, key):
    """Whether a row of the baseline is about what this run measured"""
    vmm, shape, old, new, mode = key
    hosts = {(host["kernel"], host["mode"]) for host in matrix["hosts"]}
    first, _, last = mode.partition(">")
    return vmm in matrix["vmms"] and (matrix["complete"] or shape in matrix["shapes"]) and \
        (old, first) in hosts and (new, last or first) in hosts


def write_baseline(path, matrix, rows, comment):
    """Rows of another run stay; what failed is nothing to expect"""
    seen = {cell_key(matrix, cell): cell["verdict"] for cell in matrix["cells"]}
    rows = {key: verdict for key, verdict in rows.items()
            if not in_run(matrix, key) or seen.get(key) == "failed"}
    rows.update((key, verdict) for key, verdict in seen.items() if verdict != "failed")

    def version(name):
        return [(part.isdigit(), int(part) if part.isdigit() else 0, part)
                for part in re.split(r"[.-]", name)]

    groups = {}
    for (vmm, shape, old, new, mode), verdict in rows.items():
        groups.setdefault((vmm, shape, old, mode, verdict), []).append(new)
    order = sorted(groups, key=lambda g: (g[0], g[1], g[3], version(g[2]), RANK[g[4]]))
    text = "".join(line + "\n" for line in comment)
    for vmm, shape, old, mode, verdict in order:
        news = ",".join(sorted(groups[vmm, shape, old, mode, verdict], key=version))
        text += "\t".join((vmm, shape, old, news, mode, verdict)) + "\n"
    write(path, text)


def main():
    parser = argparse.ArgumentParser(description="see the head of matrix.py")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("unpack")
    command.add_argument("output")
    command.add_argument("folder")
    command = commands.add_parser("judge")
    command.add_argument("--update", action="store_true")
    command.add_argument("--baseline")
    command.add_argument("folder")
    args = parser.parse_args()

    if args.command == "unpack":
        unpack(args.output, args.folder)
        return 0
    rows, comment = read_baseline(args.baseline) if args.baseline else ({}, [])
    matrix = collect(args.folder)
    matrix["by_id"] = {host["id"]: host for host in matrix["hosts"]}
    judge(matrix, {} if args.update else rows)
    text = matrix_page.terminal(matrix)
    write(os.path.join(args.folder, "matrix.txt"), text)
    write(os.path.join(args.folder, "matrix.md"), matrix_page.markdown(matrix))
    write(os.path.join(args.folder, "matrix.html"), matrix_page.html(matrix))
    public = {key: value for key, value in matrix.items() if key != "by_id"}
    write(os.path.join(args.folder, "matrix.json"), json.dumps(public, indent=1) + "\n")
    print(text, end="")
    if args.update and args.baseline:
        write_baseline(args.baseline, matrix, rows, comment)
    return 1 if matrix["problems"] or not matrix["cells"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(1)
    except (InputError, OSError, ValueError) as error:
        print(f"matrix.py: error: {plain(str(error))}", file=sys.stderr)
        sys.exit(2)
