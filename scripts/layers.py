#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Check that lib/ includes only downwards, as lib/layers.list has it.

Exit status: 0 so it does, 1 an include goes up or a file is in no layer
"""

import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
# Headers of the test files: they use the harness, so nothing in lib/ may include them
FOR_TESTS = re.compile(r'(expect|harness|\w+_fixture|\w+_expect)$')


def stem(path):
    """The name of a file in layers.list: without suffix, include/ and lib/."""
    return re.sub(r'^(include|lib)/', '', os.path.splitext(path)[0])


def main():
    """Compare every #include of the project's own headers with the list."""
    layer, wrong = {}, 0
    with open('lib/layers.list', encoding='utf-8') as file:
        for number, line in enumerate(file):
            for name in line.split('#')[0].split():
                layer[name] = number
    files = [path for pattern in ('lib/**/*.[chS]', 'include/**/*.h')
             for path in glob.glob(pattern, recursive=True)]
    for path in sorted(files):
        name = stem(path)
        if FOR_TESTS.match(name):
            continue
        if name not in layer:
            print('%s is in no layer of lib/layers.list' % path)
            wrong = 1
            continue
        with open(path, encoding='utf-8') as file:
            included = re.findall(r'^#include "([\w/]+)\.h"', file.read(), re.MULTILINE)
        for other in included:
            below = layer.get(other)
            if below is None and not FOR_TESTS.match(other) and \
                    not glob.glob('include/%s.h' % other) and not glob.glob('lib/%s.h' % other):
                continue  # libkvm's or the harness's
            if below is None or below > layer[name]:
                print('%s includes %s.h, which is not below it' % (path, other))
                wrong = 1
    return wrong


if __name__ == '__main__':
    os.chdir(TOP)
    sys.exit(main())
