#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""mutate.py - make one-line mutants of KVM's C files, as rows of data/mutants.list

Usage: mutate.py [--file PATTERN]... [--list FILE] [--equivalents FILE] KSRC N SEED

KSRC is a kernel tree, or the source of the build folder MUTANTS_BUILD in the environment, in
which `make prepare` has run. N is how many mutants to print, 0 for all; those with the
smallest hash of SEED and their text, so that a change elsewhere does not change the choice.
--file chooses among the files of data/mutate.list (patterns of the shell).

Each file is parsed by libclang. What is replaced is a whole statement, or a whole condition
or initialiser, so that old and new can be two branches of a choice at run time, whatever the
macros in them do.

The operators:
  negate  a condition, or a bool that is returned, is the opposite
  drop    a && b and a || b become a, and b
  bound   < becomes <=, > becomes >=, and back
  equal   == becomes !=, and back
  sign    + becomes -, += becomes -=, ++ becomes --, and back
  const   n becomes n+1 and n-1, a hexadecimal one or a bit is shifted, true becomes false
  errno   -E becomes another error, and 0
  return  another value is returned: 0 for what is not 0, -EINVAL for 0
  delete  a call, an assignment or a return without value is not executed

stdout has the rows, stderr how many there are by file. Exit status: 0, or 1 if a file does
not parse or a row of the lists names nothing
"""

import argparse
import collections
import ctypes
import fnmatch
import hashlib
import os
import re
import sys

from clang import cindex
from clang.cindex import CursorKind as Kind

from mutant_rewrite import pattern_of

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), 'data')
KVM = 'arch/arm64/kvm/'

# What arch/arm64 passes to every file, as far as a parser needs it
FLAGS = ('--target=aarch64-linux-gnu', '-w', '-nostdinc', '-std=gnu11', '-fshort-wchar',
         '-funsigned-char', '-fms-extensions', '-D__KERNEL__', '-DKASAN_SHADOW_SCALE_SHIFT=',
         '-DARM64_ASM_ARCH="armv8.5-a"', '-DKBUILD_MODNAME="kvm"', '-DKBUILD_BASENAME="kvm"',
         '-D__KBUILD_MODNAME=kvm', '-DKBUILD_MODFILE="kvm"')
FOLDERS = ('arch/arm64/include', 'arch/arm64/include/generated', 'include',
           'arch/arm64/include/uapi', 'arch/arm64/include/generated/uapi', 'include/uapi',
           'include/generated/uapi', 'arch/arm64/kvm')
INCLUDES = ('compiler-version.h', 'kconfig.h', 'compiler_types.h')

# The operator of a mutant, and what it makes of an operator of C
SWAP = {'<': ('bound', '<='), '<=': ('bound', '<'), '>': ('bound', '>='), '>=': ('bound', '>'),
        '==': ('equal', '!='), '!=': ('equal', '=='), '+': ('sign', '-'), '-': ('sign', '+'),
        '+=': ('sign', '-='), '-=': ('sign', '+=')}
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
NAME = re.compile(r'[A-Za-z_]\w*$')
NUMBER = re.compile(r'(0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)([uUlL]*)$')

Mutant = collections.namedtuple('Mutant', 'file function old new operator')


def die(text):
    """End with a message."""
    sys.exit('mutate.py: ' + text)


class Clang:
    """What libclang has and its Python module does not: the place of a token in the file,
    also if it is the argument of a macro, and the value of a constant expression."""

    def __init__(self):
        self.lib = cindex.conf.lib
        pointers = [ctypes.POINTER(ctypes.c_uint)] * 3
        self.lib.clang_getFileLocation.argtypes = [
            cindex.SourceLocation, ctypes.POINTER(ctypes.c_void_p)] + pointers
        self.lib.clang_Cursor_Evaluate.argtypes = [cindex.Cursor]
        self.lib.clang_Cursor_Evaluate.restype = ctypes.c_void_p
        for name in ('getKind', 'getAsLongLong', 'dispose'):
            getattr(self.lib, 'clang_EvalResult_' + name).argtypes = [ctypes.c_void_p]
        self.lib.clang_EvalResult_getAsLongLong.restype = ctypes.c_longlong

    def offset(self, location):
        """The byte of the file that a location is at."""
        file, numbers = ctypes.c_void_p(), [ctypes.c_uint() for _ in range(3)]
        self.lib.clang_getFileLocation(location, ctypes.byref(file), *map(ctypes.byref, numbers))
        return numbers[2].value

    def value(self, node):
        """The value of an integer constant expression, or None."""
        result = self.lib.clang_Cursor_Evaluate(node)
        if not result:
            return None
        number = None
        if self.lib.clang_EvalResult_getKind(result) == 1:
            number = self.lib.clang_EvalResult_getAsLongLong(result)
        self.lib.clang_EvalResult_dispose(result)
        return number


def squeeze(text):
    """One line, without comments."""
    return ' '.join(COMMENT.sub(' ', text).split())


def balanced(text):
    """Whether all brackets are closed."""
    depth = 0
    for char in re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])+\'', '', text):
        depth += (char in '([{') - (char in ')]}')
        if depth < 0:
            return False
    return not depth


def strip(node):
    """The expression inside of implicit casts and parentheses."""
    while node.kind in (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR):
        inner = list(node.get_children())
        if len(inner) != 1:
            break
        node = inner[0]
    return node


def type_of(node):
    """bool, int, unsigned or pointer, None for others."""
    name = node.get_canonical().kind.name
    if name in ('POINTER', 'BOOL'):
        return name.lower()
    if name in ('INT', 'LONG', 'LONGLONG', 'SHORT', 'SCHAR', 'CHAR_S'):
        return 'int'
    if name in ('UINT', 'ULONG', 'ULONGLONG', 'USHORT', 'UCHAR', 'CHAR_U', 'ENUM'):
        return 'unsigned'
    return None


class File:
    """The mutants of one file. @rules has the patterns of what is left alone."""

    def __init__(self, clang, path, name, unit, rules):
        self.clang, self.name, self.unit, self.rules = clang, name, unit, rules
        with open(path, encoding='latin-1', newline='') as file:
            self.text = file.read()
        self.code = COMMENT.sub(lambda match: ' ' * len(match.group()), self.text)
        self.mutants, self.seen = [], set()
        self.function = self.returns = None
        self.macros, self.quiet = {}, []  # where macros end, by where they begin
        for node in unit.cursor.get_children():
            if node.kind == Kind.MACRO_INSTANTIATION and self.here(node):
                start, end = self.raw_span(node)
                if self.text[end] == '(':  # another name of a macro with arguments
                    end = self.closed(end)
                self.macros[start] = max(end, self.macros.get(start, 0))
                if rules.quiet.match(node.spelling):
                    self.quiet.append((start, end))
        self.functions = [
            node for node in unit.cursor.get_children()
            if node.kind == Kind.FUNCTION_DECL and node.is_definition() and self.here(node)]

    def here(self, node):
        """Whether a node is in this file, not in a header."""
        return node.location.file and node.location.file.name == self.unit.spelling

    def raw_span(self, node):
        """First and last byte of a node in the file."""
        extent = node.extent
        return self.clang.offset(extent.start), self.clang.offset(extent.end)

    def closed(self, start):
        """The byte after the bracket that closes the one at @start."""
        end = start + 1
        while not balanced(self.text[start:end]) and end < len(self.text):
            end = self.text.find(')', end) + 1 or len(self.text)
        return end

    def span(self, node):
        """First and last byte of a node's text; None if the text is not all of the node, since
        a part of it comes from the inside of a macro."""
        start, end = self.raw_span(node)
        end = max(end, self.macros.get(end, 0))  # a macro at the end of a macro's argument
        if start >= end or (start in self.macros and end < self.macros[start]) or \
                not balanced(self.text[start:end]):
            return None
        if any(first < start and end <= last for first, last in self.quiet):
            return None
        return start, end

    def add(self, operator, span, new, whole):
        """A mutant: @new instead of @span of the statement or expression @whole."""
        start, end = whole
        old = squeeze(self.text[start:end])
        if new is None:
            new = '-'
        else:
            new = squeeze(self.text[start:span[0]] + new + self.text[span[1]:end])
        key = (start, new)
        if new != old and key not in self.seen and '@' not in old and old.isascii():
            self.seen.add(key)
            self.mutants.append(Mutant(self.name, self.where(whole), self.context(whole), new,
                                       operator))

    def context(self, whole):
        """The text of a statement or an expression, this one with what is around it."""
        start, end = whole
        old = squeeze(self.text[start:end])
        if old.endswith(';'):
            return old
        line = self.code[self.code.rfind('\n', 0, start) + 1:start]
        before = ' '.join(line.split()) + (' ' if line.strip() and line[-1].isspace() else '')
        return '%s@%s@%s' % (before, old, self.code[end].strip())

    def where(self, whole):
        """The function, and which of the equal texts in it."""
        parts = self.context(whole).split('@')
        pattern = re.compile(''.join('(%s)' % pattern_of(part) for part in parts))
        found = [match.start(len(parts) // 2 + 1) for match in
                 pattern.finditer(self.code, *self.raw_span(self.function))]
        if len(found) == 1:
            return self.function.spelling
        return '%s:%d' % (self.function.spelling, found.index(whole[0]) + 1)

    # Statements

    def mutate(self, function):
        """Add the mutants of a function."""
        self.function, self.returns = function, type_of(function.result_type)
        for node in function.get_children():
            if node.kind == Kind.COMPOUND_STMT:
                self.statement(node)

    def statement(self, node):
        """Add the mutants of a statement."""
        inner = list(node.get_children())
        if node.kind == Kind.COMPOUND_STMT:
            for one in inner:
                self.statement(one)
        elif node.kind in (Kind.CASE_STMT, Kind.DEFAULT_STMT, Kind.LABEL_STMT) and inner:
            self.statement(inner[-1])
        elif node.kind == Kind.IF_STMT:
            self.branch(*inner)
        elif node.kind in (Kind.WHILE_STMT, Kind.SWITCH_STMT):
            self.unit_of(inner[0], r'(while|switch) *\($')
            self.statement(inner[-1])
        elif node.kind == Kind.DO_STMT:
            self.unit_of(inner[-1], r'while *\($')
            self.statement(inner[0])
        elif node.kind == Kind.FOR_STMT:
            self.loop(inner)
        elif node.kind == Kind.DECL_STMT:
            for one in inner:
                self.declaration(one)
        elif node.kind == Kind.RETURN_STMT:
            self.simple(node, self.return_value)
        elif node.kind.is_expression():
            self.simple(node, self.deleted)

    def branch(self, condition, then, otherwise=None):
        """An if. What is decided when the kernel is built is no place for a mutant."""
        value = self.clang.value(condition)
        if value is None:
            span = self.unit_of(condition, r'if *\($')
            if span:
                self.negate(condition, span, span)
        if value != 0:
            self.statement(then)
        if otherwise and not value:
            self.statement(otherwise)

    def loop(self, inner):
        """A for loop: its condition, and the body. That of a macro has a body only."""
        if self.span(inner[-1]):
            self.statement(inner[-1])
        for node in inner[:-1]:
            if strip(node).kind == Kind.BINARY_OPERATOR and \
                    self.operator(strip(node))[0] in SWAP:
                self.unit_of(node, r';\s*$')

    def unit_of(self, node, after):
        """An expression that is replaced as a whole, after that text: its span."""
        span = self.span(node)
        if not span or self.clang.value(node) is not None or \
                not re.search(after, self.code[max(span[0] - 80, 0):span[0]]):
            return None
        self.expression(node, span)
        return span

    def declaration(self, node):
        """The initialiser of a variable, if the compiler does not need it."""
        if node.kind != Kind.VAR_DECL or node.storage_class == cindex.StorageClass.STATIC:
            return
        inner = [n for n in node.get_children() if n.kind.is_expression()]
        span = inner and self.span(inner[-1])
        fixed = inner and node.type.is_const_qualified() and \
            self.clang.value(inner[-1]) is not None
        if span and not fixed and strip(inner[-1]).kind != Kind.INIT_LIST_EXPR and \
                re.search(r'=\s*$', self.code[self.raw_span(node)[0]:span[0]]):
            self.expression(inner[-1], span)

    def simple(self, node, more):
        """A statement that ends with a semicolon."""
        span = self.span(node)
        rest = span and re.match(r'\s*;', self.text[span[1]:])
        if rest:
            whole = span[0], span[1] + rest.end()
            more(node, whole)
            for one in ([node] if node.kind != Kind.RETURN_STMT else node.get_children()):
                self.expression(one, whole)

    def deleted(self, node, whole):
        """A statement that is not executed."""
        core = strip(node)
        written = core.kind == Kind.COMPOUND_ASSIGNMENT_OPERATOR or \
            (core.kind == Kind.BINARY_OPERATOR and self.operator(core)[0] == '=') or \
            (core.kind == Kind.UNARY_OPERATOR and re.search(r'\+\+|--', self.text[slice(*whole)]))
        called = NAME.match(re.split(r'[^\w]', self.text[whole[0]:whole[1]], 1)[0]) and \
            self.text[whole[0]:whole[1]].rstrip('; \t\n').endswith(')')
        if (written or called) and not self.rules.calls.search(self.text, *whole):
            self.add('delete', whole, None, whole)

    def return_value(self, node, whole):
        """Another value is returned, or the function goes on."""
        inner = list(node.get_children())
        if not inner:
            self.add('delete', whole, None, whole)
            return
        span = self.span(inner[0])
        if not span:
            return
        text, value = self.text[slice(*span)], self.clang.value(inner[0])
        if self.returns == 'bool':
            if value is None:
                self.negate(inner[0], span, whole)
        elif value == 0 and NUMBER.match(text):
            self.add('return', span, '-EINVAL' if self.returns == 'int' else '1', whole)
        elif value is not None and NUMBER.match(text):
            self.add('return', span, '0', whole)
        elif value is None and self.returns in ('int', 'unsigned'):
            called = strip(inner[0]).kind == Kind.CALL_EXPR
            self.add('return', span, '(%s, 0)' % text if called else '0', whole)

    # Expressions

    def operator(self, node):
        """(the text between both operands, the operands' spans) of a binary operator."""
        inner = list(node.get_children())
        spans = [self.span(n) for n in inner]
        if len(inner) != 2 or None in spans or spans[0][1] > spans[1][0]:
            return None, None, None
        text = squeeze(self.text[spans[0][1]:spans[1][0]])
        return text, spans[0], spans[1]

    def negate(self, node, span, whole):
        """The opposite of a condition."""
        core = strip(node)
        text = self.text[slice(*span)]
        if core.kind == Kind.BINARY_OPERATOR and self.operator(core)[0] in ('==', '!='):
            return
        if core.kind == Kind.UNARY_OPERATOR and text.startswith('!'):
            operand = list(core.get_children())[0]
            new = text[1:].strip()
            if type_of(operand.type) != 'bool' and whole == span:
                new = '!!' + new
        elif re.match(r'\w+(\(.*\))?$', text, re.S) and balanced(text):
            new = '!' + text
        else:
            new = '!(%s)' % text
        if type_of(strip(node).type) == 'pointer' and whole == span:
            new = '(void *)(long)' + new
        self.add('negate', span, new, whole)

    def operand(self, node, span):
        """The text of an operand that takes the place of && or ||."""
        text = self.text[slice(*span)]
        if type_of(strip(node).type) == 'pointer':
            return '!!(%s)' % text
        if node.kind == Kind.BINARY_OPERATOR:
            return '(%s)' % text
        return text

    def expression(self, node, whole):
        """Add the mutants of an expression, which is inside of @whole."""
        if node.kind == Kind.CXX_UNARY_EXPR or \
                (node.kind == Kind.CALL_EXPR and self.rules.quiet.match(node.spelling)):
            return
        span = self.span(node)
        text = self.text[slice(*span)] if span else ''
        if span and self.constant(node, span, text, whole):
            return
        inner = list(node.get_children())
        if span and self.macros.get(span[0]) == span[1]:
            span = None  # what the macro is made of
        if span and node.kind == Kind.BINARY_OPERATOR:
            self.binary(node, inner, span, whole)
        elif span and node.kind == Kind.COMPOUND_ASSIGNMENT_OPERATOR:
            self.swap(node, whole)
        elif span and node.kind == Kind.CONDITIONAL_OPERATOR:
            first = self.span(inner[0])
            if first and self.clang.value(inner[0]) is None:
                self.negate(inner[0], first, whole)
        elif span and node.kind == Kind.UNARY_OPERATOR and re.match(r'-\s*E[A-Z0-9]+$', text):
            self.add('errno', span, '-EPERM' if text.endswith('EINVAL') else '-EINVAL', whole)
            self.add('errno', span, '0', whole)
            return
        elif span and node.kind == Kind.UNARY_OPERATOR and re.search(r'\+\+|--', text):
            new = text.replace('++', '--') if '++' in text else text.replace('--', '++')
            self.add('sign', span, new, whole)
        for one in inner:
            self.expression(one, whole)

    def binary(self, node, inner, span, whole):
        """The mutants of a binary operator."""
        text = self.operator(node)[0]
        if text in ('&&', '||'):
            for one, other in (inner, reversed(inner)):
                if self.clang.value(other) is None and self.clang.value(one) is None and not (
                        other.kind == Kind.BINARY_OPERATOR and self.operator(other)[0] == text):
                    self.add('drop', span, self.operand(one, self.span(one)), whole)
        else:
            self.swap(node, whole)

    def swap(self, node, whole):
        """Another operator."""
        text, left, right = self.operator(node)
        last = list(node.get_children())[-1]
        if text in SWAP and not (text in '+-' and type_of(last.type) == 'pointer'):
            name, new = SWAP[text]
            self.add(name, (left[1], right[0]), ' %s ' % new, whole)

    def constant(self, node, span, text, whole):
        """Whether a node is a constant, or a macro that has no operators to look at. Adds
        its mutants."""
        number, name = NUMBER.match(text), NAME.match(text)
        if not (number or name):
            return False
        if type_of(node.type) not in ('int', 'unsigned', 'bool') or \
                self.clang.value(node) is None or self.rules.constant.match(text):
            return bool(name and span[0] in self.macros)
        if text in ('true', 'false'):
            self.add('const', span, 'false' if text == 'true' else 'true', whole)
        elif number and re.match(r'return\s+[0-9]+\s*;$', self.text[slice(*whole)]):
            pass  # return_value() has it
        elif name:
            bit = re.search(r'([&|~]\s*\(*|\bFIELD_\w+\()$', self.text[whole[0]:span[0]]) or \
                re.match(r'\)*\s*[&|][^&|]', self.text[span[1]:span[1] + 9])
            self.add('const', span, '(%s %s 1)' % (text, '<<' if bit else '+'), whole)
        else:
            self.literal(span, number, whole)
        return True

    def literal(self, span, number, whole):
        """The mutants of a number."""
        value, suffix = int(number.group(1), 0), number.group(2)
        if number.group(1).lower().startswith('0x'):
            news = ['%#x' % (value << 1), '%#x' % (value + 1)]
        elif self.text[:span[0]].endswith('['):
            news = [str(value - 1 if value else 1)]
        else:
            news = [str(value + 1)] + ([str(value - 1)] if value else [])
        for new in news:
            self.add('const', span, new + suffix, whole)


class Rules:
    """The rows of data/mutate.list."""

    def __init__(self, path):
        self.files, self.left = collections.OrderedDict(), []
        calls, constants = [], []
        for row in rows_of(path, 4):
            if row[0] == 'take':
                self.files.setdefault(row[1], []).extend(row[2].split())
            elif row[0] == 'leave':
                self.left.append((row[1], row[2]))
            elif row[0] == 'call':
                calls.append(row[1])
            elif row[0] == 'constant':
                constants.append(row[1])
            else:
                die('%s: no such kind of row: %s' % (path, row[0]))
        self.quiet = re.compile('(%s)$' % '|'.join(calls or ['(?!)']))
        self.calls = re.compile('\\b(%s)\\s*\\(' % '|'.join(calls or ['(?!)']))
        self.constant = re.compile('(%s)$' % '|'.join(constants or ['(?!)']))

    def wants(self, file, function):
        """Whether mutants are made of a function."""
        return any(fnmatch.fnmatchcase(function, one) for one in self.files[file]) and \
            not any(file == name and function in names.split() for name, names in self.left)

    def check(self, file, functions):
        """Each name in the list has to be a function of the file."""
        left = [n for name, names in self.left if name == file for n in names.split()]
        for pattern in self.files[file] + left:
            if not fnmatch.filter(functions, pattern):
                print('mutate.py: %s has no function %s' % (file, pattern), file=sys.stderr)


def rows_of(path, columns):
    """The rows of a list, each as that many columns."""
    with open(path, encoding='ascii') as file:
        for line in file:
            row = line.rstrip('\n').split('\t')
            if line.strip() and not line.startswith('#'):
                if len(row) != columns:
                    die('%s: not %d columns: %s' % (path, columns, line.strip()))
                yield row


def parse(index, clang, name, ksrc, build, rules):
    """The File @name of the tree, all mutants made."""
    path = os.path.join(ksrc, name)
    args = list(FLAGS)
    for folder in FOLDERS:
        for root in dict.fromkeys((ksrc, build)):
            args += ['-I', os.path.join(root, folder)]
    for header in INCLUDES:
        args += ['-include', os.path.join(ksrc, 'include/linux', header)]
    try:
        unit = index.parse(path, args=args,
                           options=cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD)
    except cindex.TranslationUnitLoadError:
        die('cannot read ' + path)
    for trouble in unit.diagnostics:
        if trouble.severity >= cindex.Diagnostic.Error:
            die('%s: %s' % (trouble.location, trouble.spelling))
    file = File(clang, path, name, unit, rules)
    rules.check(name, [node.spelling for node in file.functions])
    for node in file.functions:
        if rules.wants(name, node.spelling):
            file.mutate(node)
    return file


def digest(*words):
    """A hash of words."""
    return hashlib.sha256('\t'.join(words).encode()).hexdigest()


def row(mutant):
    """The mutant as a row of data/mutants.list."""
    stem = os.path.basename(mutant.file)[:-2]
    name = 'auto-%s-%s-%s-%s' % (stem, mutant.function.split(':')[0], mutant.operator,
                                 digest(*mutant)[:8])
    return '\t'.join((name.lower(), mutant.file, mutant.function, mutant.old, mutant.new,
                      mutant.operator, '-', '-'))


def main():
    """Print the rows."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--file', action='append', default=[])
    parser.add_argument('--list', default=os.path.join(DATA, 'mutate.list'))
    parser.add_argument('--equivalents', default=os.path.join(DATA, 'equivalents.list'))
    parser.add_argument('ksrc')
    parser.add_argument('number', type=int)
    parser.add_argument('seed')
    options = parser.parse_args()
    ksrc = os.path.abspath(options.ksrc)
    build = os.path.abspath(os.environ.get('MUTANTS_BUILD') or ksrc)
    if not os.path.exists(os.path.join(build, 'include/generated/autoconf.h')):
        die('%s has no include/generated/autoconf.h: run "make prepare" there' % build)

    rules = Rules(options.list)
    same = {tuple(one[:4]) for one in rows_of(options.equivalents, 5)}
    clang, index = Clang(), cindex.Index.create()
    mutants, used = [], set()
    for name in rules.files:
        if options.file and not any(fnmatch.fnmatchcase(name, KVM + one) or
                                    fnmatch.fnmatchcase(name, one) for one in options.file):
            continue
        made = parse(index, clang, name, ksrc, build, rules).mutants
        keep = [one for one in made if tuple(one[:4]) not in same]
        used.update(tuple(one[:4]) for one in made)
        print('%s: %d mutants, %d equivalents' % (name, len(keep), len(made) - len(keep)),
              file=sys.stderr)
        mutants += keep
    for gone in sorted(one for one in same - used if not options.file):
        print('mutate.py: no mutant is that equivalent: %s' % ' | '.join(gone), file=sys.stderr)

    if options.number:
        mutants.sort(key=lambda one: digest(options.seed, *one))
        mutants = mutants[:options.number]
    print('\n'.join(map(row, mutants)))


if __name__ == '__main__':
    main()
