#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make one log of the consoles that run-programs.sh writes to, while it writes.

consoles.py --token=TOKEN --programs=NAMES --until=FILE --log=LOG CONSOLE...

In the log the programs stand one after the other, in the order of NAMES, whichever of them
ran side by side. What they print is on stdout, too, as soon as it is their turn. A line of
the kernel's log stands behind the programs that ran at that time. Lines of no program, such
as a panic's, stand between programs. Two markers are added:

  @TOKEN took SECONDS           behind a result: since the program's last one
  @TOKEN lasted NAME SECONDS    before a program's end

  @TOKEN reached BOOT FIRST     at the end: seconds until run-programs.sh began, and until
                                the first result

The times are those at which lines arrive here, so that they are about INTERVAL off.
It ends when FILE is there and all consoles were read.

Exit status: 0, or 1 if the log cannot be written
"""

import argparse
import collections
import os
import re
import sys
import time

INTERVAL = 0.02  # seconds between two looks
RESULT = re.compile(r'(not )?ok [0-9]')


class Console:
    """Lines of a file that grows."""

    def __init__(self, path):
        self.file = open(path, encoding='utf-8', errors='surrogateescape', newline='\n')
        self.part = ''
        self.program = None  # that writes here now

    def lines(self, at_end):
        """Whole lines that are new; at the end the last one, even if it is not whole."""
        text = self.part + self.file.read()
        *lines, self.part = text.split('\n')
        if at_end and self.part:
            lines.append(self.part)
            self.part = ''
        return lines


class Program:
    """What the log has of a program, as far as it is known."""

    def __init__(self, now):
        self.lines = collections.deque()
        self.begun = self.last = now
        self.ended = False


class Log:
    """The log, in the order of the programs."""

    def __init__(self, options, file):
        self.mark = '@%s ' % options.token
        self.file = file
        self.names = options.programs.split()
        self.turn = 0  # number of the program that is written now or next
        self.inside = False  # a program is half written
        self.programs = {}
        self.between = []  # lines of no program, until one ends
        self.kernel = []  # (names, line) of the kernel's log, until these have ended
        self.written = set()  # programs
        self.last = []  # the marker that stands at the end
        self.start = time.monotonic()
        self.boot = self.first = 0.0

    def write(self, line, show=False):
        """A line of the log; shown if it is a program's."""
        self.file.write(line + '\n')
        if show:
            print(line)

    def take(self, console, line, now):
        """A line of a console. A marker may follow a last line without a newline."""
        text, found, marker = line.rstrip('\r').partition(self.mark)
        program = console.program
        if text or not found:
            if program:
                self.add(program, text, now)
            else:
                self.between.append(text)
        if found:
            self.marker(console, marker, now)

    def add(self, program, text, now):
        """A line of a program."""
        program.lines.append((text, True))
        if RESULT.match(text):
            self.first = self.first or now - self.start
            program.lines.append(('%stook %.2f' % (self.mark, now - program.last), False))
            program.last = now

    def marker(self, console, marker, now):
        """A marker of run-programs.sh."""
        word, _, rest = marker.partition(' ')
        line = self.mark + marker
        if word == 'begin' and rest not in self.programs:
            console.program = self.programs[rest] = Program(now)
            console.program.lines.append((line, False))
        elif word == 'end' and console.program:
            program, console.program = console.program, None
            program.lines.append(('%slasted %s %.2f' % (self.mark, rest.split(' ')[0],
                                                        now - program.begun), False))
            program.lines.append((line, False))
            program.ended = True
        elif word == 'done':
            self.last = ['%sreached %.2f %.2f' % (self.mark, self.boot, self.first), line]
        elif word in ('log', 'nolog'):
            self.kernel.append((rest.partition(':')[0].split(), line))
        else:
            self.boot = self.boot or now - self.start
            self.between.append(line)

    def flush(self, at_end):
        """Write what can be written by now."""
        while self.turn < len(self.names):
            name = self.names[self.turn]
            program = self.programs.get(name)
            if program:
                self.write_between()
                self.inside = True
                while program.lines:
                    self.write(*program.lines.popleft())
            if not at_end and not (program and program.ended):
                break
            self.inside = False
            if program:
                self.written.add(name)
            self.turn += 1
            self.write_kernel(False)
        self.write_between()
        self.write_kernel(at_end)
        for line in self.last if at_end else ():
            self.write(line)
        self.file.flush()
        sys.stdout.flush()

    def write_between(self):
        """Lines of no program, if none is half written."""
        if not self.inside:
            for line in self.between:
                self.write(line)
            self.between.clear()

    def write_kernel(self, at_end):
        """The lines of the kernel's log whose programs have been written."""
        waiting = []
        for names, line in self.kernel:
            if at_end or self.written.issuperset(names):
                self.write(line)
            else:
                waiting.append((names, line))
        self.kernel = waiting


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    for name in ('token', 'programs', 'until', 'log'):
        parser.add_argument('--' + name, required=True)
    parser.add_argument('console', nargs='+')
    return parser.parse_args()


def main():
    """Read until the end."""
    options = arguments()
    sys.stdout.reconfigure(encoding='utf-8', errors='surrogateescape')
    consoles = [Console(path) for path in options.console]
    with open(options.log, 'w', encoding='utf-8', errors='surrogateescape') as file:
        log = Log(options, file)
        at_end = False
        while not at_end:
            at_end = os.path.exists(options.until)
            now = time.monotonic()
            for console in consoles:
                for line in console.lines(at_end):
                    log.take(console, line, now)
            log.flush(at_end)
            if not at_end:
                time.sleep(INTERVAL)


if __name__ == '__main__':
    try:
        main()
    except OSError as error:
        print('consoles.py: %s' % error, file=sys.stderr)
        sys.exit(1)
