#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""common.py - what a VM must be given so that every host of a fleet can take it

Usage: common.py [--shape=NAME] [--recipe=FILE] HOST...

HOST is what `guest_abi host` wrote on it; no KVM is needed here, and any machine will do.
Prints the answer for people. FILE gets the recipe that `guest_abi pin` takes, also if there
is none: then it says what stands in the way. docs/fleet.md has the schemas and the rules.

Exit status: 0 every host can take the VM, 1 there is no such VM, 2 wrong usage or input
"""

import argparse
import json
import os
import re
import sys

WHOLE = (1 << 64) - 1
HEX = re.compile(r"0x[0-9a-f]{1,16}")
# Why a VM does without a register that KVM lists on another host
HARMLESS = {
    "CNTPCT_EL0": "the physical counter is the host's own there, and jumps",
    "CNTP_CTL_EL0": "the physical timer is not carried there",
    "CNTP_CVAL_EL0": "the physical timer is not carried there",
    "OSLSR_EL1": "a guest reads it without",
}
# What KVM_CAP_ARM_WRITABLE_IMP_ID_REGS lets a VMM choose [api.rst 7.42]
IMPLEMENTATION = ("MIDR_EL1", "REVIDR_EL1", "AIDR_EL1")


class InputError(Exception):
    """A file is not what it must be"""


# What a file looks like: a type; a set of values; [kind] a list; {key: kind} exactly these
# keys, {None: kind} any, "?key" is optional; "hex" a number as text
FIELD = ("field", str, int, int, [int])
REGISTER = {"name": str, "?unreachable": bool, "?value": "hex", "?reset": "hex", "?any": bool,
            "?fields": [FIELD]}
HOST = {
    "format": {"kvm-guest-abi host"}, "version": {1}, "release": str, "mode": str, "cpu": str,
    "midr": "hex", "ipa_bits": int, "smc": bool,
    "bitmaps": {None: {"name": str, "register": bool, "accepts": "hex", "reset": "hex"}},
    "vgics": {None: {"iidr": [int], "typer2": "hex"}},
    "capabilities": {None: int},
    "shapes": {None: {"masks": bool, "sve_vq": [int], "guest": {None: "hex"},
                      "registers": {None: REGISTER}}},
}


def check(value, kind, where):
    """Hold a value to its kind, and make numbers of hex texts"""
    if kind == "hex":
        if not isinstance(value, str) or not HEX.fullmatch(value):
            raise InputError(f"{where} is not a number in hex")
        return int(value, 16)
    if isinstance(kind, set):
        if value not in kind or isinstance(value, bool):
            raise InputError(f"{where} is not {' or '.join(map(repr, kind))}")
        return value
    if isinstance(kind, tuple):
        if not isinstance(value, list) or len(value) != len(kind) - 1:
            raise InputError(f"{where} is not a {kind[0]}")
        return [check(*pair, where) for pair in zip(value, kind[1:])]
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise InputError(f"{where} is not a list")
        return [check(item, kind[0], where) for item in value]
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            raise InputError(f"{where} is not an object")
        if None in kind:
            return {key: check(item, kind[None], f"{where}.{key}")
                    for key, item in value.items()}
        kinds = {key.lstrip("?"): item for key, item in kind.items()}
        for key in value:
            if key not in kinds:
                raise InputError(f"{where} has '{key}', which is not known: a newer file?")
        for key in kind:
            if not key.startswith("?") and key not in value:
                raise InputError(f"{where} has no '{key}'")
        return {key: check(item, kinds[key], f"{where}.{key}") for key, item in value.items()}
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InputError(f"{where} is not of type {kind.__name__}")
    return value


def load(path):
    try:
        with open(path, encoding="ascii") as file:
            value = json.load(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}") from error
    try:
        return check(value, HOST, "the file")
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


class Fleet:
    """The hosts, for VMs of one shape; finds the recipe"""

    def __init__(self, hosts, shape):
        self.hosts = hosts
        self.shape = shape
        self.obstacles = []
        self.rows = []  # of the text: what, value, which hosts have no better one
        self.registers = []
        self.qemu_lacks = []
        self.notes = []
        self.differs = []

    def stop(self, what, hosts, why):
        self.obstacles.append({"what": what, "hosts": sorted(hosts), "why": why})

    def choose(self, what, chains, show=hex, qemu=False):
        """The best value that each host takes: chains have a host's own first, then lower ones.
        None if there is none, and then it stands in the way."""
        first = next(iter(chains.values()))
        found = [v for v in first if all(v in chain for chain in chains.values())]
        if not found:
            # Those without whom there were one; else all
            others = {h: [set(c) for o, c in chains.items() if o != h] for h in chains}
            guilty = [h for h, rest in others.items()
                      if rest and set.intersection(*rest)] or list(chains)
            has = "; ".join(f"{h} takes {', '.join(map(show, c)) or 'none'}"
                            for h, c in chains.items())
            self.stop(what, guilty, has)
            return None
        limit = [h for h, chain in chains.items() if chain[0] == found[0]]
        if len(limit) < len(chains):
            self.rows.append((what, show(found[0]), limit))
            if not qemu:
                self.qemu_lacks.append(what)
        return found[0]

    def put(self, reg, name, value, mask=WHOLE):
        self.registers.append({"id": hex(reg), "name": name, "mask": hex(mask),
                               "value": hex(value)})

    def find(self):
        lack = [h for h, host in self.hosts.items() if self.shape not in host["shapes"]]
        if lack:
            self.stop("shape", lack, f"cannot make a VM of the shape {self.shape}")
            return self.recipe(0, 0, 0, [])
        self.shapes = {h: host["shapes"][self.shape] for h, host in self.hosts.items()}
        ipa_bits = self.choose("IPA space", {h: range(host["ipa_bits"], 31, -1)
                                             for h, host in self.hosts.items()}, str)
        gic, iidr = self.find_vgic()
        vls = self.find_vector_lengths()
        self.find_bitmaps()
        ids = {int(reg, 16) for shape in self.shapes.values() for reg in shape["registers"]}
        clidr = self.find_any(0x603000000013c801, ids)
        for reg in sorted(ids):
            self.find_register(reg, clidr)
        self.find_guest_only(gic)
        self.find_smc()
        return self.recipe(ipa_bits, gic, iidr, vls)

    def find_vgic(self):
        gic = self.choose("vGIC", {h: sorted(map(int, host["vgics"]), reverse=True) or [0]
                                   for h, host in self.hosts.items()}, str, qemu=True)
        if not gic:
            return 0, 0
        vgics = {h: host["vgics"][str(gic)] for h, host in self.hosts.items()}
        iidr = self.choose("GICD_IIDR", {h: vgic["iidr"] for h, vgic in vgics.items()})
        self.choose("GICD_TYPER2", {h: [vgic["typer2"]] for h, vgic in vgics.items()})
        return gic, iidr

    def find_vector_lengths(self):
        """The longest for which all hosts have the same lengths up to it, since a guest can
        have any that its host has below the longest"""
        all_of = {h: set(shape["sve_vq"]) for h, shape in self.shapes.items()}
        if not any(all_of.values()):
            return []
        for longest in sorted(set.intersection(*all_of.values()), reverse=True):
            up_to = [{vq for vq in vqs if vq <= longest} for vqs in all_of.values()]
            if all(vqs == up_to[0] for vqs in up_to):
                limit = [h for h, vqs in all_of.items() if vqs == up_to[0]]
                if len(limit) < len(all_of):
                    self.rows.append(("SVE vectors", f"{128 * longest} bits at most", limit))
                return sorted(up_to[0])
        self.stop("SVE vectors", all_of, "there is no length up to which all have the same ones")
        return []

    def find_bitmaps(self):
        for reg in sorted({reg for host in self.hosts.values() for reg in host["bitmaps"]}):
            rows = {h: host["bitmaps"].get(reg) for h, host in self.hosts.items()}
            rows = {h: row or {"name": reg, "register": False, "accepts": 0, "reset": 0}
                    for h, row in rows.items()}
            name = next(iter(rows.values()))["name"]
            fixed = {h: row["reset"] for h, row in rows.items() if not row["register"]}
            value = WHOLE
            for row in rows.values():
                value &= row["reset"]
            if fixed:
                value = next(iter(fixed.values()))
            wrong = [h for h, row in rows.items() if (
                row["reset"] != value if h in fixed else value & ~row["accepts"])]
            if wrong:
                self.stop(name, wrong, f"services {value:#x} are there for good on "
                          f"{', '.join(fixed)}, and these cannot have just those")
                continue
            # A bitmap of zero on a host without the register is what it has anyhow
            limit = [h for h, row in rows.items() if row["reset"] == value]
            if len(limit) < len(rows):
                self.rows.append((name, hex(value), limit))
                self.qemu_lacks.append(name)
            if len(fixed) < len(rows):
                self.put(int(reg, 16), name, value)

    def entries(self, reg):
        return {h: shape["registers"].get(hex(reg)) for h, shape in self.shapes.items()}

    def find_any(self, reg, ids):
        """CLIDR_EL1 and CCSIDR: a host takes its own value alone, or any"""
        entries = {h: entry for h, entry in self.entries(reg).items() if entry}
        if reg not in ids or not entries:
            return 0
        name = next(iter(entries.values()))["name"]
        own = {h: entry.get("value", 0) for h, entry in entries.items()}
        fixed = {h: own[h] for h, entry in entries.items() if not entry.get("any")}
        values = set(fixed.values()) or {next(iter(own.values()))}
        if len(values) > 1:
            self.stop(name, fixed, "; ".join(f"{h} has only {v:#x}" for h, v in fixed.items()))
            return 0
        value = values.pop()
        limit = [h for h in own if own[h] == value]
        if len(limit) < len(own):
            self.rows.append((name, hex(value), limit))
            self.qemu_lacks.append(name)
            self.put(reg, name, value)
        return value

    def find_register(self, reg, clidr):
        entries = self.entries(reg)
        coproc = reg >> 16 & 0xfff
        there = {h: entry for h, entry in entries.items() if entry}
        name = next(iter(there.values()))["name"]
        if coproc == 0x16 or reg == 0x603000000013c801:
            return
        if coproc == 0x11:
            level = clidr >> (reg & 0xf) // 2 * 3 & 7
            if level & 1 if reg & 1 else level >= 2:
                self.find_any(reg, {reg})
            return
        if name in IMPLEMENTATION and len({e["value"] for e in there.values()}) > 1:
            for h, entry in there.items():
                entry["any"] = "KVM_CAP_ARM_WRITABLE_IMP_ID_REGS" in self.hosts[h]["capabilities"]
            if self.find_any(reg, {reg}) and name == "MIDR_EL1":
                self.notes.append("a guest chooses workarounds for errata by MIDR_EL1: see "
                                  "DISCOVER_IMPL_VER in arm/hypercalls.rst")
            return
        if any("value" in entry for entry in there.values()) or coproc == 0x14:
            self.find_fields(reg, name, entries)
            return
        if any(entry.get("fields") for entry in there.values()):
            self.find_fields(reg, name, there)
        lacking = [h for h, entry in entries.items() if not entry]
        if not lacking or all(entry.get("unreachable") for entry in there.values()):
            return
        if name in HARMLESS:
            self.notes.append(f"{name} is not listed on {', '.join(lacking)}: {HARMLESS[name]}")
        elif name != "PMMIR_EL1" or any(e.get("reset") for e in there.values()):
            # But for PMMIR_EL1, which is read-only, and zero where KVM does not list it
            self.stop(name, lacking, "not listed there, and a guest may have changed it on "
                      + ", ".join(there))

    def find_fields(self, reg, name, entries):
        """A register that is not listed reads as zero"""
        fields = {}
        for entry in entries.values():
            for field, low, width, _ in (entry or {}).get("fields", []):
                fields[low, width] = field
        chosen = mask = known = 0
        for (low, width), field in sorted(fields.items()):
            bits = (1 << width) - 1 << low
            known |= bits
            chains = {}
            for h, entry in entries.items():
                chains[h] = [(entry or {}).get("value", 0) >> low & (1 << width) - 1]
                for row in (entry or {}).get("fields", []):
                    if (row[1], row[2]) == (low, width):
                        chains[h] = row[3]
            # KVM sets it by the vGIC
            if not all(chains.values()):
                continue
            what = f"{name}.{field}" if field else name + (".N" if width == 5 else "")
            value = self.choose(what, chains, qemu=name == "PSCI_VERSION")
            if value is not None and (name == "PSCI_VERSION" or any(
                    chain[0] != value for chain in chains.values())):
                chosen |= value << low
                mask |= bits
        if any("value" in (entry or {}) for entry in entries.values()):
            self.choose(name, {h: [(entry or {}).get("value", 0) & ~known]
                               for h, entry in entries.items()})
        if mask:
            self.put(reg, name, chosen, mask)

    def find_guest_only(self, gic):
        """What KVM does not list, and nothing chooses"""
        for name in sorted({name for shape in self.shapes.values() for name in shape["guest"]}):
            rows = {h: shape["guest"].get(name) for h, shape in self.shapes.items()}
            if name.startswith("PMCEID") and len(set(rows.values())) > 1:
                self.differs.append({
                    "probe": name, "hosts": sorted(self.hosts),
                    "why": "the events of the PMU: " + "; ".join(
                        f"{h} has {'none' if v is None else hex(v)}" for h, v in rows.items())})
            elif name != "ICC_CTLR_EL1" or gic == 3:
                self.choose(name, {h: [] if v is None else [v] for h, v in rows.items()})

    def find_smc(self):
        smc = {h for h, host in self.hosts.items() if host["smc"]}
        if len(smc) not in (0, len(self.hosts)) and "el2" not in self.shape:
            self.differs.append({
                "probe": "smc:SMCCC_VERSION", "hosts": sorted(set(self.hosts) - smc),
                "why": "these do not answer SMC, the others do; a guest that calls by HVC, as "
                       "its device tree or ACPI table says, sees no difference"})

    def recipe(self, ipa_bits, gic, iidr, vls):
        return {
            "format": "kvm-guest-abi recipe", "version": 1,
            "verdict": "no" if self.obstacles else "yes", "shape": self.shape,
            "hosts": sorted(self.hosts), "obstacles": self.obstacles, "differs": self.differs,
            "gic": gic or 0, "iidr": hex(iidr or 0), "ipa_bits": ipa_bits or 0, "sve_vq": vls,
            "registers": self.registers, "qemu": self.qemu(gic),
        }

    def qemu(self, gic):
        words = self.shape.split("_")
        cpu = ["host"]
        for row in self.rows:
            if row[0] == "PSCI_VERSION":
                version = int(row[1], 16)
                cpu.append(f"kvm-psci-version={version >> 16}.{version & 0xffff}")
        for word, option in ("pmu", "pmu"), ("sve", "sve"), ("ptrauth", "pauth"):
            # A host that has it gives it to every VM unless told otherwise
            if word in words or any(word in host["shapes"] for host in self.hosts.values()):
                cpu.append(f"{option}={'on' if word in words else 'off'}")
        lengths = [row for row in self.rows if row[0] == "SVE vectors"]
        if lengths:
            cpu.append(f"sve{lengths[0][1].split()[0]}=on")
        machine = "virt" + (f",gic-version={gic}" if gic else "")
        machine += ",virtualization=on" if "el2" in words else ""
        return f"-machine {machine} -cpu {','.join(cpu)}"

    def text(self, recipe):
        """For people"""
        lines = [f"A VM of the shape {self.shape} for {', '.join(recipe['hosts'])}: "
                 f"{recipe['verdict']}"]
        for row in self.obstacles:
            lines.append(f"  in the way: {row['what']}, because of {', '.join(row['hosts'])}: "
                         f"{row['why']}")
        if self.obstacles:
            if len(self.hosts) > 1:
                fits = [h for h in self.hosts if Fleet({o: host for o, host in self.hosts.items()
                        if o != h}, self.shape).find()["verdict"] == "yes"]
                lines.append("  it fits without " + " or without ".join(fits) if fits else
                             "  leaving out any one host does not help")
            return "\n".join(lines)
        for what, value, limit in self.rows:
            lines.append(f"  choose {what} {value}, the best of {', '.join(limit)}")
        for row in recipe["differs"]:
            lines.append(f"  differs: {row['probe']} on {', '.join(row['hosts'])}: {row['why']}")
        for note in self.notes:
            lines.append(f"  note: {note}")
        lines.append(f"  QEMU: {recipe['qemu']}")
        if self.qemu_lacks:
            lines.append(f"  QEMU has no option for {', '.join(self.qemu_lacks)}")
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(usage="common.py [--shape=NAME] [--recipe=FILE] HOST...")
    parser.add_argument("--shape", default="plain")
    parser.add_argument("--recipe")
    parser.add_argument("hosts", nargs="+")
    args = parser.parse_args()
    hosts = {}
    try:
        for path in args.hosts:
            name = os.path.basename(path)
            if name in hosts:
                raise InputError(f"{path}: two hosts of that name")
            hosts[name] = load(path)
    except InputError as error:
        print(f"common.py: {error}", file=sys.stderr)
        return 2
    fleet = Fleet(hosts, args.shape)
    recipe = fleet.find()
    print(fleet.text(recipe))
    if args.recipe:
        with open(args.recipe, "w", encoding="ascii") as file:
            json.dump(recipe, file, indent=1)
            file.write("\n")
    return recipe["verdict"] != "yes"


if __name__ == "__main__":
    sys.exit(main())
