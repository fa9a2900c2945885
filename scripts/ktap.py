#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Read the results of programs: KTAP, and the console log of run-programs.sh.

ktap.py judge OPTION... LOG   the verdict on one run, for run.sh
ktap.py names LOG...          compare names and reasons to skip over runs; --results: what
                              became of each test, too, over runs of one kernel
ktap.py count FILE            "PASSED FAILED SKIPPED", of a program's own output; fails if
                              these are not as many as its plan has
ktap.py lava OPTION... LOG    the verdict on the results in a log of lava-run

Strict: a run is a failure unless proven otherwise. Every program must begin, print
whole and well-formed KTAP, end with the status that goes with it, and leave no trouble
in the kernel's log. Lines that are not KTAP have no effect on the verdict.

Exit status: 0 passed, 1 failed; judge alone: 4 nothing was executed, 5 failed, for known
defects only
"""

import argparse
import collections
import fnmatch
import os
import re
import sys
import xml.etree.ElementTree as ET

PASS, FAIL, SKIP, KNOWN = 0, 1, 4, 5
HERE = os.path.dirname(os.path.abspath(__file__))

CONTROL = re.compile(r'[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]')
KERNEL_LINE = re.compile(r'\[ *[0-9]+\.[0-9]+\]')
NOT_XML = re.compile('[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
RESULT = re.compile(r'(not )?ok ([0-9]+)( |$)')
PLAN = re.compile(r'1\.\.([0-9]+)( *#.*)?$')
DIRECTIVE = re.compile(r'# *(SKIP|XFAIL|XPASS|TODO|TIMEOUT|ERROR)( |$)')
DEATH = re.compile(r': Test (terminated (by timeout|unexpectedly by signal)|ended in)')
VERSIONS = ('TAP version 13', 'KTAP version 1')


def load_trouble():
    """The pattern of kernel messages that fail a run: kernel-trouble.list."""
    with open(os.path.join(HERE, 'kernel-trouble.list'), encoding='ascii') as file:
        rows = [row.rstrip('\n') for row in file]
    return re.compile('|'.join(row for row in rows if row and not row.startswith('#')))


TestResult = collections.namedtuple('TestResult', 'good number name directive reason notes')


def parse_result(line, notes):
    """A TestResult, None if the line is garbled. @notes are the other lines before it."""
    match = RESULT.match(line)
    if not match:
        return None
    name = re.sub(r'^(- *)?', '', line[match.end():].lstrip(' '))
    directive = reason = ''
    found = DIRECTIVE.search(name)
    if found:
        directive, reason = found.group(1), name[found.end():]
        name = name[:found.start()].rstrip(' ')
    return TestResult(not match.group(1), int(match.group(2)), name, directive, reason, notes)


def kind(result):
    """What a result counts as: passed, failed, skipped, xfailed or xpassed."""
    if result.directive == 'XPASS' or (result.directive == 'TODO' and result.good):
        return 'xpassed'
    if result.directive in ('XFAIL', 'TODO'):
        return 'xfailed'
    if result.directive == 'SKIP' and result.good:
        return 'skipped'
    if not result.directive and result.good:
        return 'passed'
    return 'failed'


class Program:
    """The KTAP of one program. @complain takes the text of each problem."""

    def __init__(self, name, complain):
        self.name = name
        self.complain = complain
        self.versions = self.plans = self.planned = 0
        self.tests = 0  # the last result's number, so that a gap is one problem
        self.results = []
        self.seconds = {}  # that each took, by number
        self.lasted = 0.0
        self.count = collections.Counter()
        self.notes = []
        self.problems = []
        self.explained = False  # all failed tests are known defects
        self.skipped = False  # as a whole
        self.why_skipped = ''
        self.death = ''

    def whole(self):
        """Whether there is a version, a plan, and a result for all that was planned."""
        return self.versions and self.plans and self.tests == self.planned

    def line(self, line):
        """Take one line of output."""
        if line in VERSIONS:
            self.versions += 1
            if self.versions > 1 or self.plans or self.results:
                self.complain('stray version line')
        elif line.startswith('1..'):
            self.plan(line)
        elif re.match(r'(not )?ok([ \t]|$)', line):
            self.result(line)
        elif line.startswith('Bail out!'):
            self.complain(line)
        else:
            self.notes.append(re.sub(r'^# *', '', line))
            if DEATH.search(line):
                self.death = self.notes[-1]

    def plan(self, line):
        """Take a plan line."""
        match = PLAN.match(line)
        if not match:
            self.complain('garbled plan: ' + line)
            return
        self.plans += 1
        if self.plans > 1:
            self.complain('more than one plan')
        elif self.results:
            self.complain('the plan comes after results')
        self.planned = int(match.group(1))
        skip = re.search(r'# *SKIP *(.*)', line)
        if skip and self.planned:
            self.complain('a plan with tests says SKIP')
        if skip:
            self.why_skipped = skip.group(1)

    def result(self, line):
        """Take a result line."""
        result = parse_result(line, self.notes)
        if not result:
            self.complain('garbled result line: ' + line)
            return
        if result.number != self.tests + 1:
            self.complain('result %d stands where result %d should'
                          % (result.number, self.tests + 1))
        self.tests = result.number
        self.results.append(result)
        self.notes = []
        what = kind(result)
        self.count[what] += 1
        if what == 'xpassed':
            self.complain('unexpected pass: ' + result.name)
        elif what == 'xfailed' and self.death:
            self.complain('died where a failure was expected: ' + self.death)
        elif what == 'skipped' and not self.why_skipped:
            self.why_skipped = result.reason
        self.death = ''

    def failed(self):
        """Names of the failed tests."""
        return [r.name for r in self.results if kind(r) == 'failed']


class Defects:
    """The rows of data/known-defects.list."""

    def __init__(self, path):
        self.text, self.rows = {}, []
        if not path:
            return
        with open(path, encoding='utf-8') as file:
            for line in file:
                column = line.rstrip('\n').split('\t')
                if column[0] == 'defect':
                    self.text[column[1]] = column[2]
                elif column[0] == 'seen' and len(column) == 5 and column[1] in self.text:
                    self.rows.append(column[1:])
                elif line.strip() and not line.startswith('#'):
                    raise ValueError('%s: no row of a defect: %s' % (path, line.strip()))

    def find(self, program, test, here):
        """(id, whether it was seen @here) of a failed test; id is None if unknown."""
        known = None
        for name, programs, tests, where in self.rows:
            if not (fnmatch.fnmatchcase(program, programs) and
                    fnmatch.fnmatchcase(test, tests)):
                continue
            known = known or name
            if any(fnmatch.fnmatchcase(here, place) for place in where.split(' ')):
                return name, True
        return known, False


class Judge:
    """Reads the console log of a run and comes to a verdict."""

    def __init__(self, options):
        self.options = options
        self.expected = options.programs.split()
        self.trouble = load_trouble()
        self.defects = Defects(options.defects)
        self.mark = '@%s ' % options.token
        self.release = options.label
        self.program = None
        self.inside = self.booted = self.finished = False
        self.begun = self.failures = self.explained = self.seen = 0
        self.done = []
        self.told = set()
        self.hints = collections.OrderedDict()
        self.logged = collections.Counter()
        self.panic = False
        self.boot = self.first = 0.0  # seconds until then
        self.tail = collections.deque(maxlen=20)

    def known(self, program, test):
        """(id of the known defect of a failed test, whether it was seen here), or (None, False)."""
        return self.defects.find(program, test, '/'.join((
            self.release, self.options.mode or 'default', self.options.host or 'native')))

    def problem(self, text):
        """A reason to fail; each is printed once."""
        if self.program:
            self.program.problems.append(text)
            text = '%s: %s' % (self.program.name, text)
        self.failures += 1
        if text not in self.told:
            print('failed: ' + text)
        self.told.add(text)

    def show_tail(self):
        """The last lines of the console, fit for any terminal."""
        for line in self.tail:
            print('    | ' + line)
        self.tail.clear()

    def line(self, line):
        """Take a line of the log. A marker may follow a last line without a newline."""
        line = line.rstrip('\r\n')
        text, found, marker = line.partition(self.mark)
        if text or not found:
            self.text(text)
        if found:
            self.marker(marker)

    def text(self, line):
        """Take what is not a marker."""
        self.tail.append(CONTROL.sub('?', line).replace('\x1b', '?'))
        from_kernel = KERNEL_LINE.match(line)
        if from_kernel and 'Kernel panic' in line:
            self.panic = True
        if self.inside and not from_kernel:
            if CONTROL.search(line):
                self.problem('garbage in the output')
            self.program.line(line)
        elif from_kernel and ((self.begun and self.trouble.search(line)) or
                              'Kernel panic' in line):
            self.problem('kernel: ' + line)

    def marker(self, marker):
        """Take a marker of run-programs.sh."""
        word = (marker.split() + ['', '', '', ''])[:4]
        if word[0] == 'kernel':
            self.release, self.booted = word[1], True
        elif word[0] == 'nomode':
            self.no_mode('this kernel has no mode ' + self.options.mode)
        elif word[0] == 'begin':
            self.begin(word[1])
        elif word[0] == 'end' and self.inside and word[1] == self.program.name and \
                word[2].isdecimal():
            self.end(int(word[2]), word[3])
        elif word[0] == 'took' and self.inside and self.program.results:
            self.program.seconds[self.program.tests] = float(word[1])
        elif word[0] == 'lasted' and self.inside:
            self.program.lasted = float(word[2])
        elif word[0] == 'reached':
            self.boot, self.first = float(word[1]), float(word[2])
        elif word[0] == 'log':
            names, text = marker.split(' ', 1)[1].split(': ', 1)
            self.log(names, text)
        elif word[0] == 'nolog':
            print("note: %s: the kernel's log cannot be read, so nobody looked at it"
                  % ', '.join(marker.split()[1:]))
        elif word[0] == 'done' and not self.inside:
            self.finished = True
        else:
            self.problem('marker out of turn: ' + marker)

    def no_mode(self, why):
        """The kernel cannot run in that mode, so that no program begins."""
        print('skipped: ' + why)
        for name in self.expected[self.begun:]:
            self.done.append(Program(name, self.problem))
            self.done[-1].skipped, self.done[-1].why_skipped = True, why
        self.begun = len(self.expected)

    def begin(self, name):
        """A program begins."""
        if self.inside:
            self.problem('no end')
        self.program = Program(name, self.problem)
        self.done.append(self.program)
        self.inside = True
        self.tail.clear()
        self.begun += 1
        if self.begun > len(self.expected) or name != self.expected[self.begun - 1]:
            self.problem('begins out of turn')

    def end(self, status, how):
        """A program ended."""
        program, count = self.program, self.program.count
        self.inside = False
        if how == 'late':
            self.problem('not run: the %s s were used up' % self.options.timeout)
            return
        tests = program.tests
        if status == SKIP and not program.problems and \
                (not tests or (program.whole() and tests == count['skipped'])):
            program.skipped = not tests
            print('skipped: %s: %s' % (program.name, program.why_skipped or 'no reason given'))
            return
        if count['failed']:
            self.failed_tests(status)
        self.judge_status(status, how)
        self.judge_plan(status)
        if program.problems and not (program.whole() and status <= 1):
            self.show_tail()

    def failed_tests(self, status):
        """Report failed tests, and whether all of them are known defects."""
        program = self.program
        names = program.failed()
        seen = 0
        for name in names:
            known, matches = self.known(program.name, name)
            seen += matches
            if known:
                self.hints.setdefault(known, []).append('%s %s' % (program.name, name))
        self.seen += seen
        self.problem('%d of %d tests failed: %s'
                     % (len(names), program.tests, ', '.join(names)))
        if seen == len(names) and len(program.problems) == 1 and program.whole() and \
                status == FAIL:
            program.explained = True
            self.explained += 1

    def judge_status(self, status, how):
        """Hold the exit status against the results."""
        failed = self.program.count['failed']
        if how == 'hung':
            self.problem('hung: killed when the time (%s s for a kernel) was up'
                         % self.options.timeout)
        elif status > 128:
            self.problem('died of signal %d' % (status - 128))
        elif status in (126, 127):
            self.problem('cannot be started (status %d); is it a static arm64 program?' % status)
        elif not status and failed:
            self.problem('status 0 although a test failed')
        elif status and self.program.whole() and self.program.tests and not failed:
            self.problem('status %d although no test failed' % status)
        elif status and not (status == FAIL and failed):
            self.problem('status %d' % status)

    def judge_plan(self, status):
        """Hold the plan against the results."""
        program = self.program
        if not program.versions:
            self.problem('no KTAP version line')
        if not program.plans:
            self.problem('no plan')
        elif program.tests != program.planned:
            self.problem('%d of %d planned tests have a result'
                         % (program.tests, program.planned))
        elif not program.tests and not status:
            self.problem('no test was executed')

    def log(self, names, text):
        """Take a line of the kernel's log from the time of these programs."""
        if not self.trouble.search(text):
            return
        self.logged[names] += 1
        if self.logged[names] > 5:
            return
        text = 'kernel log: ' + text
        for program in self.done:
            if program.name in names.split():
                program.problems.append(text)
        self.failures += 1
        print('failed: %s: %s' % (', '.join(names.split()), text))

    def cut_short(self):
        """The log ends without the last marker: say why."""
        why = 'the console was cut short'
        if self.panic:
            why = 'the kernel died'
        elif self.options.ended == 'timeout':
            why = 'no verdict within %s s' % self.options.timeout
        if not self.booted:
            self.program, self.inside = None, False
            self.problem('the kernel did not reach the programs: ' + why)
        else:
            self.problem(('no end: ' if self.inside else 'nothing after it: ') + why)
        self.show_tail()

    def finish(self):
        """Print the summary, write the files, return the exit status."""
        if not self.finished:
            self.cut_short()
        for name in self.expected[self.begun:]:
            self.program = Program(name, self.problem)
            self.done.append(self.program)
            self.problem('never started')
        for name, tests in self.hints.items():
            print('known: %s (%s): %s' % (name, ', '.join(tests), self.defects.text[name]))

        explained = self.finished and 0 < self.failures == self.explained
        status, verdict = PASS, 'passed'
        if explained:
            status, verdict = (PASS, 'passed') if self.pardons() else (KNOWN, 'failed')
        elif self.failures or not self.finished:
            status, verdict = FAIL, 'failed'
        elif not any(p.count['passed'] + p.count['xfailed'] for p in self.done):
            status, verdict = SKIP, 'skipped'
        self.show_slowest()
        self.summary(verdict, explained)
        if self.options.junit:
            write_junit(self)
        return status

    def show_slowest(self):
        """The programs and tests that took longest, if the user asked for them."""
        programs = [(p.lasted, p.name) for p in self.done]
        tests = [(p.seconds.get(r.number, 0.0), '%s %s' % (p.name, r.name))
                 for p in self.done for r in p.results]
        for rows in programs, tests:
            for row in sorted(rows, reverse=True)[:self.options.times]:
                print('slowest: %.2f s %s' % row)

    def pardons(self):
        """Whether the user asked that known defects are a pass."""
        return self.options.known == 'pass'

    def summary(self, verdict, explained):
        """The summary line, and the result file as key=value."""
        options = self.options
        total = sum((program.count for program in self.done), collections.Counter())
        numbers = (total['passed'], total['failed'] + total['xpassed'], total['skipped'],
                   total['xfailed'])
        where = ''.join(' ' + word for word in (options.mode, options.host) if word)
        print('%s%s: %d programs, %d passed, %d failed, %d skipped, %d expected failures, '
              '%.1f s from power-on to verdict: %s%s'
              % ((self.release, where, len(self.expected))
                 + numbers + (options.seconds, verdict,
                              ' (known defects only)' if explained else '')))
        if options.result:
            with open(options.result, 'w', encoding='utf-8') as file:
                file.write('verdict=%s kernel=%s mode=%s host=%s programs=%d passed=%d '
                           'failed=%d skipped=%d xfailed=%d explained=%d known=%d '
                           'boot=%.1f first=%.1f seconds=%.1f\n'
                           % ((verdict, self.release, options.mode, options.host,
                               len(self.expected)) + numbers
                              + (explained, self.seen, self.boot, self.first,
                                 options.seconds)))


def add_case(suite, name, outcome='', message='', text='', seconds=0.0):
    """Add a test case to a suite of JUnit's; @outcome is the tag for one that did not pass."""
    case = ET.SubElement(suite, 'testcase', classname=suite.get('name'),
                         name=NOT_XML.sub('?', name), time='%.2f' % seconds)
    if outcome:
        ET.SubElement(case, outcome, message=NOT_XML.sub('?', message)).text = \
            NOT_XML.sub('?', text)


def add_suite(root, program, verdict):
    """A program becomes a test suite: a case for each test, and one for itself."""
    suite = ET.SubElement(root, 'testsuite', name=program.name)
    for result in program.results:
        what, notes = kind(result), '\n'.join(result.notes)
        seconds = program.seconds.get(result.number, 0.0)
        if what == 'passed':
            add_case(suite, result.name, seconds=seconds)
        elif what == 'skipped':
            add_case(suite, result.name, 'skipped', result.reason, seconds=seconds)
        elif what == 'xfailed':
            add_case(suite, result.name, 'skipped', 'expected failure: ' + result.reason, notes,
                     seconds)
        else:
            known, seen = verdict.known(program.name, result.name)
            tag = 'skipped' if seen and verdict.pardons() else 'failure'
            add_case(suite, result.name, tag, 'known defect %s: %s'
                     % (known, verdict.defects.text[known]) if known else what, notes,
                     seconds)
    if program.problems:
        pardoned = program.explained and len(program.problems) == 1 and verdict.pardons()
        add_case(suite, program.name, 'skipped' if pardoned else 'failure',
                 program.problems[0], '\n'.join(program.problems))
    else:
        add_case(suite, program.name, 'skipped' if program.skipped else '', program.why_skipped)
    for count_name, tag in (('tests', 'testcase'), ('failures', 'failure'),
                            ('skipped', 'skipped')):
        suite.set(count_name, str(len(list(suite.iter(tag)))))
    suite.set('time', '%.2f' % program.lasted)


def write_junit(verdict):
    """Write what a Judge saw as JUnit XML."""
    root = ET.Element('testsuites')
    for program in verdict.done:
        add_suite(root, program, verdict)
    ET.indent(root)
    new = verdict.options.junit + '.new'
    ET.ElementTree(root).write(new, encoding='utf-8', xml_declaration=True)
    os.replace(new, verdict.options.junit)


def read_lines(path):
    """Lines of a file that may hold any bytes."""
    with open(path, encoding='utf-8', errors='surrogateescape', newline='\n') as file:
        yield from file


def judge(options):
    """ktap.py judge"""
    verdict = Judge(options)
    for line in read_lines(options.log):
        verdict.line(line)
    return verdict.finish()


def read_programs(path):
    """Names, results and reasons of each program of a run.sh log whose plan is whole."""
    program = None
    for line in read_lines(path):
        line = line.rstrip('\r\n')
        marker = re.search(r'@[0-9a-f]+ (begin|end) (\S+)', line)
        if marker and marker.group(1) == 'begin':
            program = Program(marker.group(2), lambda text: None)
        elif marker and program:
            if program.planned and len(program.results) == program.planned:
                yield program
            program = None
        elif program and not re.match('@[0-9a-f]+ took ', line):
            program.line(line)


class Names:
    """Names of tests and reasons to skip, which CI systems key on, over several runs."""

    def __init__(self, results):
        self.first, self.reason, self.reasons = {}, {}, set()
        self.became = {} if results else None  # of each test: its runs by what they had
        self.wrong = False
        self.told = set()
        self.programs = 0

    def complain(self, text):
        """A difference; each is printed once."""
        self.wrong = True
        if text not in self.told:
            print(text)
        self.told.add(text)

    def check_reason(self, program, result):
        """Reasons do not differ in numbers alone, and have no address."""
        key = (program, result.name, re.sub('[0-9]+', 'N', result.reason))
        if re.search('0x[0-9a-fA-F]', result.reason):
            self.complain('%s: %s: the reason has a value: %s' % (program, result.name,
                                                                  result.reason))
        other = self.reason.setdefault(key, result.reason)
        if other != result.reason:
            self.complain('%s: %s: reasons differ in numbers: %s | %s'
                          % (program, result.name, other, result.reason))
        self.reasons.add(result.reason)

    def compare(self, runs):
        """Each test became the same in all runs."""
        for test, became in sorted((self.became or {}).items()):
            seen = dict(became)
            missing = [run for run in runs if not any(run in had for had in seen.values())]
            if missing:
                seen['no result'] = missing
            if len(seen) > 1:
                self.complain('%s: %s' % (test, '; '.join(
                    '%s in %d of %d runs (%s)' % (what, len(had), len(runs), ' '.join(had[:5]))
                    for what, had in sorted(seen.items()))))

    def check(self, run, program):
        """A program's names, each once, are those of the first run that had it."""
        names = set()
        for result in program.results:
            if not result.name or re.search(r'[#\[]', result.name):
                self.complain('%s: no fit name: %s' % (program.name, result.name))
            if result.name in names:
                self.complain('%s: twice on %s: %s' % (program.name, run, result.name))
            names.add(result.name)
            if result.directive == 'SKIP':
                self.check_reason(program.name, result)
            if self.became is not None:
                what = ' '.join(filter(None, (kind(result), result.reason)))
                self.became.setdefault('%s: %s' % (program.name, result.name), {}) \
                    .setdefault(what, []).append(run)
        self.programs += 1
        first, known = self.first.setdefault(program.name, (run, names))
        for name in sorted(names - known):
            self.complain('%s: only on %s, not on %s: %s' % (program.name, run, first, name))
        for name in sorted(known - names):
            self.complain('%s: only on %s, not on %s: %s' % (program.name, first, run, name))


def names(options):
    """ktap.py names"""
    seen = Names(options.results)
    runs = []
    for path in options.logs:
        run = os.path.basename(os.path.dirname(path)) or os.path.basename(path)
        runs.append(run)
        for program in read_programs(path):
            seen.check(run, program)
    seen.compare(runs)
    total = sum(len(known) for _, known in seen.first.values())
    print('%d runs, %d programs, %d names, %d reasons to skip: %s'
          % (len(options.logs), seen.programs, total, len(seen.reasons),
             'not the same everywhere' if seen.wrong else 'the same everywhere'))
    return FAIL if seen.wrong or len(options.logs) < 2 or not total else PASS


def count(options):
    """ktap.py count"""
    program = Program(options.file, lambda text: None)
    for line in read_lines(options.file):
        program.line(line.rstrip('\r\n'))
    number = program.count
    print(number['passed'] + number['xfailed'], number['failed'] + number['xpassed'],
          number['skipped'])
    return PASS if program.plans and program.tests == program.planned else FAIL


class Lava:
    """The results that LAVA has, of the test cases that ci/lava/run.sh reported."""

    def __init__(self, programs):
        self.programs = programs
        self.ran, self.reported = {}, {}
        self.count, self.got = collections.Counter(), collections.Counter()
        self.bad = self.log_seen = self.job_seen = False

    def failure(self, text):
        """A reason to fail."""
        print('failed: ' + text)
        self.bad = True

    def result(self, message):
        """Take a result, of LAVA's own steps or of a test case."""
        name, result = message.get('case'), message.get('result')
        if message.get('definition') == 'lava':
            if result == 'fail':
                self.failure('LAVA: %s %s' % (name, message.get('error_msg', '')))
            self.job_seen |= name == 'job'
        elif name == message.get('set'):
            self.ran[name] = result
            self.reported[name] = int(float(message.get('measurement', 0)))
        elif name == 'kernel-log':
            self.log_seen = True
            if result != 'pass':
                self.failure(name)
        else:
            self.count[result] += 1
            self.got[message.get('set')] += 1
            if result not in ('pass', 'skip'):
                self.failure('%s: %s' % (message.get('set'), name))

    def finish(self):
        """Look for what is missing; returns whether all is well."""
        for program in self.programs:
            if program not in self.ran:
                self.failure(program + ': missing')
            elif self.ran[program] not in ('pass', 'skip'):
                self.failure(program)
            elif self.got[program] != self.reported[program]:
                self.failure('%s: %d tests ran, LAVA has %d'
                             % (program, self.reported[program], self.got[program]))
        if not self.log_seen:
            self.failure('kernel-log: missing')
        if not self.job_seen:
            self.failure('LAVA: the job has no result')
        if not self.count['pass'] and not self.bad:
            self.failure('no test was executed')
        return not self.bad


def lava(options):
    """ktap.py lava"""
    import yaml  # pylint: disable=import-outside-toplevel
    results = Lava(options.programs.split())
    for line in read_lines(options.log):
        if '"lvl": "results"' in line:
            event = yaml.safe_load(line)
            event = event[0] if isinstance(event, list) else event
            results.result(event['msg'])
    good = results.finish()
    number = results.count
    print('%s: LAVA: %d programs, %d passed, %d failed, %d skipped, %d s: %s'
          % (options.label, len(results.programs), number['pass'],
             number['fail'] + number['unknown'], number['skip'], options.seconds,
             'passed' if good else 'failed'))
    return PASS if good else FAIL


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    commands = parser.add_subparsers(dest='command', required=True)
    one = commands.add_parser('judge')
    one.set_defaults(run=judge)
    for name in ('token', 'programs', 'label'):
        one.add_argument('--' + name, required=True)
    for name in ('defects', 'mode', 'host', 'result', 'junit'):
        one.add_argument('--' + name, default='')
    one.add_argument('--seconds', type=float, default=0)
    one.add_argument('--times', type=int, default=0)
    one.add_argument('--known', choices=('fail', 'pass'), default='fail')
    one.add_argument('--ended', choices=('itself', 'timeout'), default='itself')
    one.add_argument('--timeout', default='')
    one.add_argument('log')
    many = commands.add_parser('names')
    many.set_defaults(run=names)
    many.add_argument('--results', action='store_true')
    many.add_argument('logs', nargs='+')
    own = commands.add_parser('count')
    own.set_defaults(run=count)
    own.add_argument('file')
    lab = commands.add_parser('lava')
    lab.set_defaults(run=lava)
    lab.add_argument('--label', required=True)
    lab.add_argument('--programs', required=True)
    lab.add_argument('--seconds', type=float, default=0)
    lab.add_argument('log')
    return parser.parse_args()


def main():
    """Run a command; whatever goes wrong here is a failure."""
    sys.stdout.reconfigure(encoding='utf-8', errors='surrogateescape')
    options = arguments()
    try:
        status = options.run(options)
        sys.stdout.flush()
    except Exception as error:  # pylint: disable=broad-except
        print('ktap.py: error: %s: %s' % (type(error).__name__, error), file=sys.stderr)
        return FAIL
    return status


if __name__ == '__main__':
    sys.exit(main())
