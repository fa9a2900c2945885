#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fleet.py - what fleet.sh tries on each host, and whether the recipes were right

Usage: fleet.py plan FOLDER SHAPE...
           FOLDER/hosts has what `guest_abi host` wrote on each host. Makes FOLDER/todo/HOST,
           which matrix-guest.sh takes, with a recipe for each fleet of two or more hosts that
           have one, unless a larger fleet has one, and FOLDER/plan.json
       fleet.py judge FOLDER
           FOLDER/results has what the hosts printed; prints the answers, and what came of them

Exit status: 0 all is as the recipes say, 1 something is not, 2 wrong usage or input
"""

import itertools
import json
import os
import sys

import matrix

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tools", "guest_abi"))
import common  # noqa: E402, pylint: disable=wrong-import-position,wrong-import-order


def fleets(hosts, shape):
    """The largest fleets that have a recipe, each with its recipe and text"""
    found = []
    for size in range(len(hosts), 1, -1):
        for names in itertools.combinations(sorted(hosts), size):
            if any(set(names) <= set(recipe["hosts"]) for recipe, _ in found):
                continue
            fleet = common.Fleet({name: hosts[name] for name in names}, shape)
            recipe = fleet.find()
            if recipe["verdict"] == "yes":
                found.append((recipe, fleet.text(recipe)))
    return found


def plan(folder, shapes):
    names = sorted(os.listdir(os.path.join(folder, "hosts")))
    hosts = {name: common.load(os.path.join(folder, "hosts", name)) for name in names}
    todo = {name: {"save": [], "restore": []} for name in names}
    made = {"recipes": {}, "never": [], "texts": []}
    for shape in shapes:
        able = [name for name in names if shape in hosts[name]["shapes"]]
        found = fleets({name: hosts[name] for name in able}, shape)
        whole = common.Fleet(hosts, shape)
        made["texts"].append(whole.text(whole.find()))
        for number, (recipe, text) in enumerate(found, 1):
            label = f"{shape}-{number}"
            made["recipes"][label] = recipe
            if len(recipe["hosts"]) < len(hosts):
                made["texts"].append(text)
            file = f"recipes/{label}.json"
            for name in recipe["hosts"]:
                matrix.write(os.path.join(folder, "todo", name, file), json.dumps(recipe))
                todo[name]["save"] += [f"{label}/pin pin {file}",
                                       f"{label}/state save --recipe={file} -"]
                todo[name]["restore"] += [
                    f"{label}/{other} restore --recipe={file} states/{other}/{label}/state"
                    for other in recipe["hosts"]]
        for one, other in itertools.permutations(able, 2):
            if any({one, other} <= set(recipe["hosts"]) for recipe, _ in found):
                continue
            made["never"].append([shape, one, other])
            save = f"{shape}/state save --shape={shape} -"
            if save not in todo[one]["save"]:
                todo[one]["save"].append(save)
            todo[other]["restore"].append(f"{shape}/{one} restore states/{one}/{shape}/state")
    for name, lists in todo.items():
        for what, lines in lists.items():
            matrix.write(os.path.join(folder, "todo", name, what),
                         "".join(line + "\n" for line in lines))
    matrix.write(os.path.join(folder, "plan.json"), json.dumps(made, indent=1) + "\n")


def expected(recipe, one, other):
    """The answers that a guest sees change on the way"""
    return {row["probe"] for row in recipe["differs"]
            if ":" in row["probe"] and (one in row["hosts"]) != (other in row["hosts"])}


def judge(folder):
    with open(os.path.join(folder, "plan.json"), encoding="ascii") as file:
        made = json.load(file)
    results = os.path.join(folder, "results")
    wrong = []
    moves = {"same": 0, "changed": 0}

    def report(to, label, one):
        try:
            return matrix.read_report(os.path.join(results, to, label, one))
        except (OSError, matrix.InputError) as error:
            wrong.append(f"{label}: {one} to {to}: nothing was measured: {error}")
            return None

    for label, recipe in made["recipes"].items():
        for name in recipe["hosts"]:
            try:
                last = matrix.read(os.path.join(results, name, label, "pin")).splitlines()[-1:]
            except OSError:
                last = ["nothing"]
            if last != ["verdict pinned"]:
                wrong.append(f"{label}: pin on {name}: {' '.join(last)}")
        for one, other in itertools.product(recipe["hosts"], repeat=2):
            got = report(other, label, one)
            if not got:
                continue
            seen = {line["probe"] for line in got["changed"]}
            want = expected(recipe, one, other)
            verdict = "changed" if want else "same"
            if got["verdict"] != verdict or seen != want:
                lines = [f"{line.get('reg', line.get('probe'))}" for kind in
                         ("refused", "differs", "changed") for line in got[kind]]
                wrong.append(f"{label}: {one} to {other}: {got['verdict']}, not {verdict}: "
                             + ", ".join(lines))
            else:
                moves[verdict] += 1
    for shape, one, other in made["never"]:
        got = report(other, shape, one)
        back = report(one, shape, other)
        if got and back and got["verdict"] == back["verdict"] == "same":
            wrong.append(f"{shape}: {one} to {other}: same both ways, though there is no recipe")
    for name in sorted(os.listdir(results)):
        path = os.path.join(results, name, "problems")
        wrong += [f"{name}: {line}" for line in matrix.read(path).splitlines()]
    for text in made["texts"]:
        print(text + "\n")
    for line in wrong:
        print("wrong: " + matrix.plain(line))
    print(f"{len(made['recipes'])} recipes; {moves['same']} moves the same, {moves['changed']} "
          f"with the difference that was foretold, {len(made['never'])} pairs without a recipe: "
          + ("failed" if wrong else "passed"))
    return bool(wrong)


def main():
    try:
        if len(sys.argv) > 3 and sys.argv[1] == "plan":
            return plan(sys.argv[2], sys.argv[3:])
        if len(sys.argv) == 3 and sys.argv[1] == "judge":
            return judge(sys.argv[2])
    except (common.InputError, OSError) as error:
        print(f"fleet.py: {error}", file=sys.stderr)
        return 2
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
