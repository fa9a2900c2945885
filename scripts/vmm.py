#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmm.py - what a real VMM did with a VM, held against the model of it

Usage: vmm.py judge FOLDER
           FOLDER is vmm.sh's: `asked` has what was asked for, results/HOST what its hosts
           printed. Prints a table, and where VMM and model differ

Exit status: 0 they agree everywhere, 1 they do not, or nothing was measured, 2 wrong usage
or input
"""

import os
import sys

import matrix

# Lines of the guest's report that are not to stay as they are
NUMBERS = ("report", "end", "counter")


class Missing(Exception):
    """Nothing was measured, and why"""


def read_asked(folder):
    """[(from, to, guest)], and the lines about VMMs and the guest's kernel"""
    pairs, about = [], []
    for line in matrix.read(os.path.join(folder, "asked")).splitlines():
        words = line.split(" ")
        if words[0] == "pair" and len(words) == 4:
            pairs.append(tuple(words[1:]))
        elif words[0] in ("vmm", "guest-kernel") and len(words) > 1:
            about.append(" ".join(words))
        else:
            raise matrix.InputError(f"asked: {matrix.plain(line)[:80]}")
    return pairs, about


def parse(text):
    """A result of vmm-guest.sh: how it went, host's uptimes, and the guest's reports by number"""
    got = {"how": None, "said": [], "asked": None, "done": None, "bytes": None, "reports": {},
           "status": None}
    report = None
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind in ("asked", "done"):
            got[kind] = float(rest)
        elif kind in ("how", "status", "bytes"):
            got[kind] = rest
        elif kind == "said":
            got["said"].append(rest)
        elif kind == "guest" and rest.startswith("report "):
            report = {"first": {}, "last": {}, "view": []}
            number = int(rest.split()[1])
        elif kind == "guest" and rest.startswith("end ") and report:
            # a report without an end is not whole
            got["reports"][number] = report
            report = None
        elif kind == "guest" and rest.startswith("counter ") and report:
            key, _, value = rest[len("counter "):].partition("=")
            report["last"][key] = float(value)
            report["first"].setdefault(key, float(value))
        elif kind == "guest" and report is not None:
            report["view"].append(rest)
    return got


def read_result(folder, host, name):
    path = os.path.join(folder, "results", host, name)
    if not os.path.exists(path):
        problems = matrix.read_problems(os.path.join(folder, "results", host, "all-problems"))
        why = [text for about, texts in problems.items() for text in texts
               if about.split(": ", 1)[-1] in (name, "-")]
        raise Missing("; ".join(why) or "the machine ended before")
    try:
        return parse(matrix.read(path))
    except (ValueError, IndexError) as error:
        raise Missing(f"cannot read {name} of {host}: {error}") from error


def view_changes(before, after):
    """What the guest finds otherwise: lines of both reports"""
    changes = [f"no longer: {line}" for line in before if line not in after]
    return changes + [f"now: {line}" for line in after if line not in before]


def counter_changes(before, after, seconds):
    """A guest's counter may not go back, nor further than the hosts' clocks in between"""
    changes = []
    for key, old in before.items():
        new = after.get(key)
        # steal is the sum of two vCPUs
        most = seconds * (2 if key == "steal" else 1) + 1
        if new is None or new < old:
            changes.append(f"{key} went back: {old} to {new}")
        elif new - old > most:
            changes.append(f"{key} jumped: {old} to {new}, while {seconds:.1f} s passed")
    return changes


def moved(saved, loaded):
    """(verdict, [change]) of a real VMM"""
    if loaded["how"] == "refused":
        return "refused", [line for line in loaded["said"] if line][-2:]
    if loaded["how"] != "runs-on" or 2 not in loaded["reports"]:
        return "lost", ["the VMM goes on, and its guest does not"]
    if 1 not in saved["reports"]:
        raise Missing("the guest reported nothing before it was saved")
    before, after = saved["reports"][1], loaded["reports"][2]
    seconds = saved["done"] - saved["asked"] + loaded["done"] - loaded["asked"]
    changes = view_changes(before["view"], after["view"]) + \
        counter_changes(before["last"], after["first"], seconds)
    return ("changed" if changes else "same"), changes


def agree(real, model):
    """
    Whether a VMM did as its model. The guests differ: Linux does not look at all that
    guest_abi's guest does, so it may find no change where there is one.
    """
    return real == model or (real == "same" and model == "changed")


def reason(report):
    """The first line of a model's report that says why"""
    for kind in ("refused", "differs", "changed"):
        for line in report[kind]:
            name = line.get("reg", line.get("probe"))
            return f"{name}, {line['errno']}" if "errno" in line else name
    return report.get("why", "")


def row(folder, one, other, guest):
    """(cells of the table, what is wrong or "")"""
    try:
        saved = read_result(folder, one, f"saved/{guest}")
        if saved["how"] != "saved":
            raise Missing(f"{one} saved nothing: {saved['how']}: {' '.join(saved['said'][-1:])}")
        real, changes = moved(saved, read_result(folder, other, f"loaded/{one}/{guest}"))
    except Missing as error:
        return [one, other, guest, "not measured", "", str(error)], str(error)
    path = os.path.join(folder, "results", other, "model", one, guest)
    try:
        report = matrix.read_report(path)
    except (OSError, matrix.InputError) as error:
        return [one, other, guest, real, "not measured", ""], str(error)
    model = report["verdict"]
    cells = [one, other, guest, real, model, "; ".join(changes) or reason(report)]
    return cells, "" if agree(real, model) else \
        f"the VMM: {real} ({'; '.join(changes)}); the model: {model} ({reason(report)})"


def table(rows):
    lines = ["| from | to | guest | the VMM | its model | what changed, or why |",
             "|---|---|---|---|---|---|"]
    for cells in rows:
        lines.append("| " + " | ".join(matrix.plain(cell).replace("|", "\\|")[:200]
                                      for cell in cells) + " |")
    return lines


def judge(folder):
    pairs, about = read_asked(folder)
    rows, wrong = [], []
    for one, other, guest in pairs:
        cells, problem = row(folder, one, other, guest)
        rows.append(cells)
        if problem:
            wrong.append(f"{guest}: {one} to {other}: {problem}")
    for host in sorted(os.listdir(os.path.join(folder, "results"))):
        path = os.path.join(folder, "results", host, "all-problems")
        if os.path.exists(path):
            wrong += [f"{host}: {line}" for line in matrix.read(path).splitlines()]
    if not pairs:
        wrong.append("nothing was saved")
    print("\n".join(about + [""] + table(rows) + [""]))
    for line in wrong:
        print("wrong: " + matrix.plain(line))
    count = {}
    for cells in rows:
        count[cells[3]] = count.get(cells[3], 0) + 1
    print(f"{len(rows)} moves: " + ", ".join(f"{n} {what}" for what, n in sorted(count.items())) +
          ": " + ("failed" if wrong else "passed"))
    return bool(wrong)


def main():
    try:
        if len(sys.argv) == 3 and sys.argv[1] == "judge":
            return judge(sys.argv[2])
    except (matrix.InputError, OSError) as error:
        print(f"vmm.py: {error}", file=sys.stderr)
        return 2
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
