# SPDX-License-Identifier: GPL-2.0
"""lib.py - what the tests in Python share: KTAP"""

import traceback


def run(tests):
    """Runs functions, each a test that fails by an exception; returns the exit status"""
    print("TAP version 13")
    print(f"1..{len(tests)}")
    bad = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} {test.__name__}")
        except Exception:  # whatever it is, the other tests run
            bad = 1
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            print(f"not ok {number} {test.__name__}")
    return bad
