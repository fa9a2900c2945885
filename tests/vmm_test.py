#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmm_test.py - tests of what is made of a real VMM's results, which are made up here

Usage: vmm_test.py

Needs no KVM. stdout has a KTAP line for each test, and the reasons. Exit status: 0 all passed,
1 otherwise
"""

import contextlib
import io
import os
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TOP, "scripts"))
import lib  # noqa: E402
import matrix  # noqa: E402
import vmm  # noqa: E402

SAVED = """asked 100.0
done 150.0
how saved
bytes 60000000
guest boot: psci: PSCIv1.1 detected in firmware.
guest up
guest report 1
guest counter uptime=30.00
guest counter steal=1.00
guest boot_id=1234
guest cpu0-midr_el1=0x00000000414fd0c1
guest end 1
"""
LOADED = """asked 10.0
done 40.0
how runs-on
status 0
said a warning
guest report 2
guest counter uptime=45.00
guest counter steal=2.00
guest boot_id=1234
guest cpu0-midr_el1=0x00000000414fd0c1
guest end 2
"""
MODEL = "report 1\nsaved release=a mode=vhe shape=pmu\nhost release=b mode=vhe vmm=qemu-11\n"
REFUSED = "refused step=list vcpu=0 reg=PMMIR_EL1 id=0x1 value=0x0 errno=ENOENT\n"


def judged(saved=SAVED, loaded=LOADED, model=MODEL + "verdict same\n", problems=""):
    """(status, output) of a run with one move, from old to new"""
    with tempfile.TemporaryDirectory() as folder:
        matrix.write(os.path.join(folder, "asked"), "vmm qemu-11 1:11.1\npair old new q\n")
        for name, text in (("old/saved/q", saved), ("new/loaded/old/q", loaded),
                           ("new/model/old/q", model), ("new/all-problems", problems)):
            if text:
                matrix.write(os.path.join(folder, "results", name), text)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = vmm.judge(folder)
    return status, output.getvalue()


def a_move_as_foretold_passes():
    status, output = judged()
    assert status == 0 and "| old | new | q | same | same |" in output, output
    assert "1 moves: 1 same: passed" in output, output


def a_refusal_as_foretold_passes_and_says_why():
    loaded = "asked 1.0\ndone 2.0\nhow refused\nstatus 1\nsaid Could not set register\n"
    status, output = judged(loaded=loaded, model=MODEL + REFUSED + "verdict refused\n")
    assert status == 0 and "| refused | refused | Could not set register |" in output, output


def a_vmm_that_does_not_as_its_model_fails():
    status, output = judged(model=MODEL + REFUSED + "verdict refused\n")
    assert status == 1, output
    assert "wrong: q: old to new: the VMM: same (); the model: refused (PMMIR_EL1, ENOENT)" \
        in output, output
    loaded = "asked 1.0\ndone 2.0\nhow refused\nsaid no\n"
    status, output = judged(loaded=loaded)
    assert status == 1 and "the VMM: refused (no); the model: same" in output, output


def linux_may_overlook_a_change():
    model = MODEL + "changed probe=id:CTR_EL0 saved=1 now=2\nverdict changed\n"
    status, output = judged(model=model)
    assert status == 0 and "| same | changed | id:CTR_EL0 |" in output, output


def a_guest_that_changes_without_a_prediction_fails():
    for old, new, text in (
            ("0x00000000414fd0c1", "0x00000000410fd0c1", "now: cpu0-midr_el1=0x00000000410fd0c1"),
            ("guest boot_id", "guest cpu1: SANITY CHECK\nguest boot_id", "now: cpu1: SANITY CHECK"),
            ("boot_id=1234", "boot_id=99", "no longer: boot_id=1234")):
        status, output = judged(loaded=LOADED.replace(old, new))
        assert status == 1 and text in output, output


def counters_neither_go_back_nor_jump():
    for value, text in (("29.99", "uptime went back: 30.0 to 29.99"),
                        ("111.01", "uptime jumped: 30.0 to 111.01, while 80.0 s passed")):
        status, output = judged(loaded=LOADED.replace("45.00", value))
        assert status == 1 and text in output, output
    assert judged(loaded=LOADED.replace("45.00", "110.9"))[0] == 0
    status, output = judged(loaded=LOADED.replace("steal=2.00", "steal=162.01"))
    assert status == 1 and "steal jumped" in output, output
    status, output = judged(loaded=LOADED.replace("guest counter steal=2.00\n", ""))
    assert status == 1 and "steal went back: 1.0 to None" in output, output


def counters_count_from_the_end_of_a_report():
    saved = SAVED.replace("guest end 1", "guest counter uptime=46.00\nguest end 1")
    status, output = judged(saved=saved)
    assert status == 1 and "uptime went back: 46.0 to 45.0" in output, output
    loaded = LOADED.replace("guest end 2", "guest counter uptime=1.00\nguest end 2")
    assert judged(loaded=loaded)[0] == 0


def a_guest_that_stays_silent_is_lost():
    for loaded in (LOADED.replace("runs-on", "moved"), LOADED.replace("guest end 2\n", "")):
        status, output = judged(loaded=loaded)
        assert status == 1 and "| lost | same |" in output, output


def what_was_not_measured_is_shown():
    for kind in ("saved", "loaded", "model"):
        status, output = judged(**{kind: ""})
        assert status == 1 and "not measured" in output, output
    status, output = judged(loaded="", problems="load: loaded/old/q\tthe console lost some\n")
    assert status == 1 and "the console lost some" in output, output
    status, output = judged(saved=SAVED.replace("how saved", "how started"))
    assert status == 1 and "old saved nothing: started" in output, output


def nonsense_is_no_result():
    for text in ("asked x\n", "guest report x\n"):
        status, output = judged(loaded=text)
        assert status == 1 and "cannot read" in output, output


def main():
    """Runs all of them"""
    tests = [test for name, test in globals().items()
             if callable(test) and test.__module__ == __name__ and name not in ("judged", "main")]
    return lib.run(tests)


if __name__ == "__main__":
    sys.exit(main())
