#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fleet_test.py - tests of the recipes for fleets, with hosts that are made up here

Usage: fleet_test.py

Needs no KVM. stdout has a KTAP line for each test, and the reasons. Exit status: 0 all passed,
1 otherwise
"""

import copy
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TOP, "tools", "guest_abi"))
sys.path.insert(0, os.path.join(TOP, "scripts"))
import common  # noqa: E402
import fleet  # noqa: E402
import lib  # noqa: E402

PSCI, LEVEL = "0x6030000000140000", "0x6030000000140001"
BMAP = "0x6030000000160000"
MIDR, DFR0, CLIDR, CTR = ("0x603000000013c000", "0x603000000013c028", "0x603000000013c801",
                          "0x603000000013d801")
CCSIDR, PMCR = "0x6020000000110000", "0x603000000013dce0"
OTHER = "0x603000000013c512"
DEBUG, PERF = ["DebugVer", 0, 4, [8, 7, 6]], ["PMUVer", 8, 4, [5, 4, 1]]

HOST = {
    "format": "kvm-guest-abi host", "version": 1, "release": "7.3.0", "mode": "vhe",
    "cpu": "a CPU", "midr": "0x414fd0c1", "ipa_bits": 48, "smc": True,
    "bitmaps": {BMAP: {"name": "STD_BMAP", "register": True, "accepts": "0x3",
                       "reset": "0x3"}},
    "vgics": {"3": {"iidr": [0x4b00343b, 0x4b00243b], "typer2": "0x0"}},
    "capabilities": {},
    "shapes": {"plain": {
        "masks": True, "sve_vq": [], "guest": {"CNTFRQ_EL0": "0x3b9aca0"},
        "registers": {
            PSCI: {"name": "PSCI_VERSION", "reset": "0x10003",
                   "fields": [["", 0, 64, [0x10003, 0x10001, 0x10000, 2]]]},
            LEVEL: {"name": "SMCCC_ARCH_WORKAROUND_1", "reset": "0x2",
                    "fields": [["", 0, 64, [2, 1, 0]]]},
            BMAP: {"name": "STD_BMAP", "reset": "0x3"},
            MIDR: {"name": "MIDR_EL1", "value": "0x414fd0c1", "fields": []},
            DFR0: {"name": "ID_AA64DFR0_EL1", "value": "0x508", "fields": [DEBUG, PERF]},
            CLIDR: {"name": "CLIDR_EL1", "value": "0x3", "any": True},
            CCSIDR: {"name": "CCSIDR_0", "value": "0x2000", "any": True},
        }}},
}


def host(*changes):
    """HOST after changes, each of a path with blanks and a value; None deletes"""
    made = copy.deepcopy(HOST)
    for path, value in changes:
        at = made
        *before, last = path.split()
        for key in before:
            at = at[key]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return made


def reg(where, **entry):
    return (f"shapes plain registers {where}", entry)


def run(*hosts, shape="plain", text=None):
    """common.py's status, output and recipe of files; @text is one more, as it stands"""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, made in zip("abcdef", hosts):
            names.append(os.path.join(folder, name))
            with open(names[-1], "w", encoding="utf-8") as file:
                json.dump(made, file)
        if text is not None:
            names.append(os.path.join(folder, "bad"))
            with open(names[-1], "w", encoding="utf-8") as file:
                file.write(text)
        recipe = os.path.join(folder, "recipe")
        got = subprocess.run(
            [sys.executable, "-B", os.path.join(TOP, "tools", "guest_abi", "common.py"),
             f"--shape={shape}", f"--recipe={recipe}", *names],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        made = None
        if os.path.exists(recipe):
            with open(recipe, encoding="ascii") as file:
                made = json.load(file)
        return got.returncode, got.stdout, made


def fits(*hosts, shape="plain"):
    """The recipe of hosts that have one; values by the name of their register"""
    status, text, recipe = run(*hosts, shape=shape)
    assert (status, recipe["verdict"], recipe["obstacles"]) == (0, "yes", []), text
    valid(recipe, "recipe")
    return recipe, {row["name"]: (int(row["value"], 16), int(row["mask"], 16))
                    for row in recipe["registers"]}, text


def stops(what, hosts, *made, shape="plain"):
    """The text about hosts without a recipe, whose only obstacle is @what"""
    status, text, recipe = run(*made, shape=shape)
    assert (status, recipe["verdict"]) == (1, "no"), text
    assert [(row["what"], row["hosts"]) for row in recipe["obstacles"]] == [(what, hosts)], text
    valid(recipe, "recipe")
    return text


def schema(name):
    """The JSON block of docs/fleet.md after the heading of that name"""
    with open(os.path.join(TOP, "docs", "fleet.md"), encoding="utf-8") as file:
        text = file.read()
    return json.loads(re.search(rf"## The {name}.*?```json\n(.*?)```", text, re.S)[1])


def valid(value, name):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, kind) for kind in ("value", "schema")]
        for path, made in zip(paths, (value, schema(name))):
            with open(path, "w", encoding="ascii") as file:
                json.dump(made, file)
        got = subprocess.run(["/usr/bin/python3", "-W", "ignore", "-m", "jsonschema", "-i",
                              *paths], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, check=False)
        assert got.returncode == 0, got.stdout[:2000]


def equal_hosts_need_nothing_but_firmware():
    recipe, values, text = fits(host(), host())
    assert set(values) == {"PSCI_VERSION", "STD_BMAP"}, values
    assert (recipe["gic"], recipe["iidr"], recipe["ipa_bits"]) == (3, "0x4b00343b", 48), recipe
    assert "choose" not in text and "QEMU has no option" not in text, text


def a_host_file_follows_its_schema():
    valid(HOST, "description of a host")


def the_psci_version_is_the_newest_that_all_take():
    old = host(reg(PSCI, name="PSCI_VERSION", reset="0x10001",
                   fields=[["", 0, 64, [0x10001, 0x10000]]]))
    _, values, text = fits(host(), old, host())
    assert values["PSCI_VERSION"] == (0x10001, common.WHOLE), values
    assert "choose PSCI_VERSION 0x10001, the best of b\n" in text, text
    assert "-cpu host,kvm-psci-version=1.1\n" in text and "QEMU has no option" not in text, text
    pmu = ("shapes pmu", HOST["shapes"]["plain"])
    assert fits(host(pmu), host())[0]["qemu"].endswith("-cpu host,pmu=off")
    assert fits(host(pmu), host(pmu), shape="pmu")[0]["qemu"].endswith("-cpu host,pmu=on")


def without_a_common_psci_version_the_host_is_named():
    newer = host(reg(PSCI, name="PSCI_VERSION", reset="0x20000",
                     fields=[["", 0, 64, [0x20000]]]))
    text = stops("PSCI_VERSION", ["c"], host(), host(), newer)
    assert "it fits without c" in text and "c takes 0x20000" in text, text


def bitmaps_are_what_all_switch_on():
    less = host(("bitmaps", {BMAP: {"name": "STD_BMAP", "register": True, "accepts": "0x1",
                                    "reset": "0x1"}}))
    _, values, text = fits(host(), less)
    assert values["STD_BMAP"] == (1, common.WHOLE), values
    assert "choose STD_BMAP 0x1, the best of b" in text, text


def without_the_bitmap_the_services_are_as_they_are():
    gone = (f"shapes plain registers {BMAP}", None)
    without = host(gone, ("bitmaps", {BMAP: {"name": "STD_BMAP", "register": False,
                                             "accepts": "0x1", "reset": "0x1"}}))
    _, values, _ = fits(host(), without)
    assert values["STD_BMAP"] == (1, common.WHOLE), values
    more = host(gone, ("bitmaps", {BMAP: {"name": "STD_BMAP", "register": False,
                                          "accepts": "0x5", "reset": "0x5"}}))
    stops("STD_BMAP", ["a"], host(), more)
    stops("STD_BMAP", ["b"], without, more, without)
    _, values, _ = fits(without, without)
    assert "STD_BMAP" not in values, values


def the_vgic_and_its_revision_are_the_newest_that_all_have():
    old = host(("vgics 3 iidr", [0x4b00243b]))
    recipe, _, text = fits(host(), old)
    assert recipe["iidr"] == "0x4b00243b" and "QEMU has no option for GICD_IIDR" in text, text
    v2 = host(("vgics", {"2": {"iidr": [7], "typer2": "0x0"}}))
    both = host(("vgics 2", {"iidr": [7], "typer2": "0x0"}))
    recipe, _, _ = fits(both, v2)
    assert (recipe["gic"], recipe["iidr"]) == (2, "0x7"), recipe
    stops("vGIC", ["c"], host(), host(), v2)
    stops("GICD_IIDR", ["a"], host(("vgics 3 iidr", [1])), host(), host())
    stops("GICD_TYPER2", ["c"], host(), host(), host(("vgics 3 typer2", "0x100")))
    recipe, _, _ = fits(host(("vgics", {})), host(("vgics", {})))
    assert (recipe["gic"], recipe["iidr"]) == (0, "0x0"), recipe


def the_ipa_space_is_the_smallest():
    recipe, _, _ = fits(host(), host(("ipa_bits", 36)))
    assert recipe["ipa_bits"] == 36, recipe


def fields_are_the_best_in_the_order_of_their_host():
    low = reg(DFR0, name="ID_AA64DFR0_EL1", value="0x506",
              fields=[["DebugVer", 0, 4, [6]], PERF])
    recipe, values, text = fits(host(), host(low))
    assert values["ID_AA64DFR0_EL1"] == (6, 0xf), values
    assert "ID_AA64DFR0_EL1.DebugVer 0x6, the best of b" in text, text
    # A signed field, or one in which more is less: the order is the host's, not that of numbers
    up = [reg(DFR0, name="ID_AA64DFR0_EL1", value=hex(8 | order[0] << 8),
              fields=[DEBUG, ["SpecSEI", 8, 4, order]]) for order in ([0, 1, 2], [1, 2])]
    recipe, values, _ = fits(*map(host, up))
    assert values["ID_AA64DFR0_EL1"] == (0x100, 0xf00), values
    # Two fields of two hosts
    other = reg(DFR0, name="ID_AA64DFR0_EL1", value="0x408",
                fields=[DEBUG, ["PMUVer", 8, 4, [4, 1]]])
    recipe, values, _ = fits(host(low), host(other))
    assert values["ID_AA64DFR0_EL1"] == (0x406, 0xf0f), values


def fixed_fields_must_be_equal():
    one = reg(DFR0, name="ID_AA64DFR0_EL1", value="0x506", fields=[["DebugVer", 0, 4, [6]], PERF])
    two = reg(DFR0, name="ID_AA64DFR0_EL1", value="0x509", fields=[["DebugVer", 0, 4, [9]], PERF])
    fits(host(one), host(one))
    text = stops("ID_AA64DFR0_EL1.DebugVer", ["b"], host(), host(two), host(one))
    assert "b takes 0x9; c takes 0x6" in text, text
    text = stops("ID_AA64DFR0_EL1.DebugVer", ["a", "b"], host(one), host(two))


def what_kvm_sets_by_the_vgic_is_left_alone():
    rows = [reg(DFR0, name="ID_AA64DFR0_EL1", value=value, fields=[["GIC", 0, 12, []]])
            for value in ("0x1", "0x0")]
    _, values, _ = fits(*map(host, rows))
    assert "ID_AA64DFR0_EL1" not in values, values


def bits_of_no_field_must_be_equal():
    more = reg(DFR0, name="ID_AA64DFR0_EL1", value="0x100000508", fields=[DEBUG, PERF])
    stops("ID_AA64DFR0_EL1", ["c"], host(), host(), host(more))


def an_id_register_that_is_not_listed_reads_as_zero():
    gone = (f"shapes plain registers {DFR0}", None)
    zero = reg(DFR0, name="ID_AA64DFR0_EL1", value="0x1",
               fields=[["DebugVer", 0, 4, [1, 0]]])
    _, values, _ = fits(host(zero), host(gone))
    assert values["ID_AA64DFR0_EL1"] == (0, 0xf), values
    status, _, recipe = run(host(), host(gone))
    assert status == 1 and recipe["obstacles"][0]["what"] == "ID_AA64DFR0_EL1.DebugVer", recipe


def workaround_levels_go_down():
    less = host(reg(LEVEL, name="SMCCC_ARCH_WORKAROUND_1", reset="0x0",
                    fields=[["", 0, 64, [0]]]))
    _, values, _ = fits(host(), less)
    assert values["SMCCC_ARCH_WORKAROUND_1"][0] == 0, values
    without = host((f"shapes plain registers {LEVEL}", None))
    _, values, _ = fits(host(), without)
    assert values["SMCCC_ARCH_WORKAROUND_1"][0] == 0, values


def caches_are_those_of_the_host_that_cannot_change_them():
    fixed = [reg(CLIDR, name="CLIDR_EL1", value="0x23", any=False),
             reg(CCSIDR, name="CCSIDR_0", value="0x701f", any=False)]
    _, values, text = fits(host(), host(*fixed), host())
    assert (values["CLIDR_EL1"][0], values["CCSIDR_0"][0]) == (0x23, 0x701f), values
    assert "choose CLIDR_EL1 0x23, the best of b" in text, text
    stops("CLIDR_EL1", ["b", "c"], host(), host(*fixed),
          host(reg(CLIDR, name="CLIDR_EL1", value="0x3", any=False)))
    # All take any: those of the first
    _, values, _ = fits(host(), host(reg(CLIDR, name="CLIDR_EL1", value="0x23", any=True)))
    assert values["CLIDR_EL1"][0] == 3, values
    # No such cache, no such register
    no_cache = [reg(CLIDR, name="CLIDR_EL1", value="0x1", any=False),
                reg(CCSIDR, name="CCSIDR_0", value="0x5", any=False)]
    other = reg(CCSIDR, name="CCSIDR_0", value="0x7", any=False)
    _, values, _ = fits(host(*no_cache), host(no_cache[0], other),
                        host((f"shapes plain registers {CCSIDR}", None), no_cache[0]))
    assert "CCSIDR_0" not in values, values


def counters_are_as_many_as_the_fewest():
    rows = [reg(PMCR, name="PMCR_EL0", reset=hex(values[0] << 11), fields=[["", 11, 5, values]])
            for values in ([6, 5, 4], [4, 3], [7])]
    _, values, text = fits(*map(host, rows[:2]))
    assert values["PMCR_EL0"] == (4 << 11, 0xf800) and "PMCR_EL0.N 0x4" in text, text
    stops("PMCR_EL0.N", ["c"], *map(host, rows))


def vector_lengths_are_equal_up_to_the_longest():
    hosts = [host(("shapes plain sve_vq", vqs)) for vqs in
             ([1, 2, 4, 8], [1, 2, 4], [1, 2, 3, 4], [2])]
    recipe, _, text = fits(*hosts[:2])
    assert recipe["sve_vq"] == [1, 2, 4] and "SVE vectors 512 bits at most" in text, text
    assert "sve512=on" in recipe["qemu"], recipe
    recipe, _, _ = fits(*hosts[:3])
    assert recipe["sve_vq"] == [1, 2], recipe
    stops("SVE vectors", ["a", "b"], hosts[0], hosts[3])


def a_register_that_only_some_list_is_in_the_way():
    more = reg(OTHER, name="TCR2_EL1", reset="0x0")
    text = stops("TCR2_EL1", ["b", "c"], host(more), host(), host())
    assert "a guest may have changed it on a" in text, text
    fits(host(reg(OTHER, name="TCR2_EL1", reset="0x0", unreachable=True)), host())
    _, _, text = fits(host(reg(OTHER, name="CNTPCT_EL0")), host())
    assert "note: CNTPCT_EL0 is not listed on b" in text, text
    fits(host(reg(OTHER, name="PMMIR_EL1", reset="0x0")), host())
    stops("PMMIR_EL1", ["b"], host(reg(OTHER, name="PMMIR_EL1", reset="0x5")), host())


def another_cpu_needs_the_capability():
    can = ("capabilities", {"KVM_CAP_ARM_WRITABLE_IMP_ID_REGS": 1})
    other = reg(MIDR, name="MIDR_EL1", value="0x414fd0b1", fields=[])
    text = stops("MIDR_EL1", ["a", "b"], host(), host(other))
    assert "b has only 0x414fd0b1" in text, text
    _, values, text = fits(host(), host(other, can))
    assert values["MIDR_EL1"][0] == 0x414fd0c1 and "DISCOVER_IMPL_VER" in text, text
    _, values, _ = fits(host(can), host(other))
    assert values["MIDR_EL1"][0] == 0x414fd0b1, values


def what_only_guests_see_must_be_equal():
    stops("CNTFRQ_EL0", ["c"], host(), host(),
          host(("shapes plain guest CNTFRQ_EL0", "0x1")))
    icc = ("shapes plain guest ICC_CTLR_EL1", "0x400")
    other = ("shapes plain guest ICC_CTLR_EL1", "0x800")
    stops("ICC_CTLR_EL1", ["a", "b"], host(icc), host(other))
    v2 = ("vgics", {"2": {"iidr": [7], "typer2": "0x0"}})
    fits(host(icc, v2), host(v2))


def events_and_smc_differ_and_nothing_chooses_them():
    events = ("shapes plain guest PMCEID0_EL0", "0x1")
    more = ("shapes plain guest PMCEID0_EL0", "0x3")
    recipe, _, text = fits(host(events), host(more), host(events, ("smc", False)))
    assert [row["probe"] for row in recipe["differs"]] == ["PMCEID0_EL0", "smc:SMCCC_VERSION"]
    assert "differs: smc:SMCCC_VERSION on c" in text, text
    expect = [fleet.expected(recipe, one, other) for one, other in ("ab", "ac", "cb", "cc")]
    assert expect == [set(), {"smc:SMCCC_VERSION"}, {"smc:SMCCC_VERSION"}, set()], expect


def a_host_without_the_shape_is_named():
    stops("shape", ["b"], host(("shapes pmu", HOST["shapes"]["plain"])), host(), shape="pmu")


def if_two_stand_in_the_way_no_one_host_helps():
    one, two = (host(("vgics 3 typer2", value)) for value in ("0x1", "0x2"))
    text = stops("GICD_TYPER2", ["a", "b", "c", "d"], host(), one, two, host())
    assert "leaving out any one host does not help" in text, text


def judged(folder, verdicts, pins):
    """The last lines and status of fleet.py about a run over the hosts a, b and, another CPU, x:
    @verdicts of the moves that were not the same, with the lines of their report"""
    def write(name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    cpu = reg(MIDR, name="MIDR_EL1", value="0x414fd0b1", fields=[])
    for name, made in ("a", host()), ("b", host(("smc", False))), ("x", host(cpu)):
        write(f"hosts/{name}", json.dumps(made))
        write(f"results/{name}/problems", "")
    assert not fleet.plan(folder, ["plain"])
    for name in "ab":
        write(f"results/{name}/plain-1/pin", f"pin 1\nverdict {pins.get(name, 'pinned')}\n")
    smc = "changed probe=smc:SMCCC_VERSION saved=0x1 now=0x2\n"
    usual = {"ab": ("changed", smc), "ba": ("changed", smc), "ax": ("refused", "")}
    for one, other in itertools.product("abx", repeat=2):
        verdict, lines = {**usual, **verdicts}.get(one + other, ("same", ""))
        label = "plain" if "x" in one + other else "plain-1"
        if verdict:
            write(f"results/{other}/{label}/{one}", "report 1\nsaved release=1 mode=vhe\n"
                  f"host release=1 mode=vhe\n{lines}verdict {verdict}\n")
    got = subprocess.run([sys.executable, "-B", os.path.join(TOP, "scripts", "fleet.py"),
                          "judge", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, check=False)
    lines = got.stdout.splitlines()
    return got.returncode, [line for line in lines if line.startswith("wrong: ")], lines[-1]


def a_run_is_held_to_the_recipes():
    smc = "changed probe=smc:SMCCC_VERSION saved=0x1 now=0x2\n"
    ctr = "changed probe=id:CTR_EL0 saved=0x1 now=0x2\n"
    rows = [
        ({}, {}, ""),
        # Worse than foretold, better, or not as foretold
        ({"aa": ("changed", ctr)}, {}, "plain-1: a to a: changed, not same: id:CTR_EL0"),
        ({"ab": ("changed", smc + ctr)}, {}, "plain-1: a to b: changed, not changed: smc:SMCCC"),
        ({"ab": ("same", "")}, {}, "plain-1: a to b: same, not changed: "),
        ({"bb": ("refused", "")}, {}, "plain-1: b to b: refused, not same"),
        ({"ab": (None, "")}, {}, "plain-1: a to b: nothing was measured"),
        ({}, {"b": "not-pinned"}, "plain-1: pin on b: verdict not-pinned"),
        # No recipe, and it works
        ({"ax": ("same", "")}, {}, "plain: a to x: same both ways, though there is no recipe"),
    ]
    for verdicts, pins, message in rows:
        with tempfile.TemporaryDirectory() as folder:
            # One of b and x is refused as well, so that only the pair of the row is same both ways
            status, wrong, last = judged(folder, {"bx": ("refused", ""), **verdicts}, pins)
        if message:
            assert status == 1 and message in wrong[0] and last.endswith("failed"), (wrong, last)
        else:
            assert (status, wrong) == (0, []) and last.endswith(
                "2 moves the same, 2 with the difference that was foretold, 4 pairs without a "
                "recipe: passed"), (wrong, last)


def bad_files_are_refused():
    whole = json.dumps(HOST)
    rows = [
        (whole[:-1], "Expecting ',' delimiter"), ("", "Expecting value"),
        (whole + "}", "Extra data"), ("[]", "the file is not an object"),
        ("\u20ac", "codec can't decode"),
    ]
    changes = [
        (("format", "kvm-guest-abi recipe"), "the file.format is not 'kvm-guest-abi host'"),
        (("version", 2), "the file.version is not 1"),
        (("version", True), "the file.version is not 1"),
        (("smc", None), "the file has no 'smc'"),
        (("newer", 1), "the file has 'newer', which is not known: a newer file?"),
        (("ipa_bits", "48"), "the file.ipa_bits is not of type int"),
        (("ipa_bits", True), "the file.ipa_bits is not of type int"),
        (("midr", "65"), "the file.midr is not a number in hex"),
        (("midr", "0x10000000000000000"), "the file.midr is not a number in hex"),
        (("midr", 65), "the file.midr is not a number in hex"),
        (("vgics 3 iidr", 1), "the file.vgics.3.iidr is not a list"),
        (("shapes plain masks", None), "the file.shapes.plain has no 'masks'"),
        (reg(DFR0, name="D", value="0x1", fields=[["A", 0, 4]]), "is not a field"),
        (reg(DFR0, name="D", value="0x1", limits=[]), "has 'limits', which is not known"),
    ]
    for change, message in changes:
        rows.append((json.dumps(host(change)), message))
    for text, message in rows:
        status, output, recipe = run(host(), text=text)
        assert status == 2 and recipe is None, (message, output)
        assert "/bad: " in output and message in output, (message, output)
        assert "Traceback" not in output, output
    status, output, _ = run(shape="plain")
    assert status == 2, output


def main():
    """Runs all of them"""
    tests = [test for name, test in globals().items()
             if callable(test) and test.__module__ == __name__ and name not in (
                 "host", "reg", "run", "fits", "stops", "schema", "valid", "judged", "main")]
    return lib.run(tests)


if __name__ == "__main__":
    sys.exit(main())
