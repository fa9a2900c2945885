# SPDX-License-Identifier: GPL-2.0
"""mutant_rewrite.py - rows of data/mutants.list, and C in which each can be switched on

docs/mutants.md describes the rows. mutants.py uses this.
"""

import collections
import re

Row = collections.namedtuple("Row", "id file function old new rule killer where")
# A place in a file: the text from start to end is what the row replaces
Place = collections.namedtuple("Place", "start end row")
# A part of the rewritten text, from start to end, that is there for the row alone
Trace = collections.namedtuple("Trace", "start end row")

NOTHING = "-"
EQUIVALENT = "equivalent"
LIMIT = 8192  # numbers of mutants; KVM_MUTANTS in mutant.c

# One line, in front of the file's own first. A mutant's place tells that it was reached,
# but not in the hypervisor of nVHE, whose memory is its own.
MACRO = """\
#ifdef __KVM_NVHE_HYPERVISOR__
#define mutant_is(n) ({ extern int kvm_mutant; kvm_mutant == (n); })
#else
#define mutant_is(n) ({ extern int kvm_mutant; extern unsigned char kvm_mutant_reached[]; \
kvm_mutant_reached[n] = 1; kvm_mutant == (n); })
#endif
#line 1
"""

# What must not be searched: comments. Strings may hold what looks like one.
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
# An expression lacks an operand
OPEN_END = re.compile(r"[|&=<>+*/%?:,]$|^(?:[|=<>/%?:,]|&&)")


class RowError(Exception):
    """A row that is wrong, or does not apply; says which."""


def parse(text, name):
    """The rows of a list"""
    rows, known = [], set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != len(Row._fields):
            raise RowError(f"{name}:{number}: {len(columns)} columns, not {len(Row._fields)}")
        row = Row(*columns)
        if not re.fullmatch(r"[a-z0-9_.-]+", row.id):
            raise RowError(f"{name}:{number}: the id is not of small letters, digits, _ . and -")
        if row.id in known:
            raise RowError(f"{name}:{number}: there are two rows {row.id}")
        statement = is_statement(replaced(row))
        if row.new == NOTHING and not statement:
            raise RowError(f"{row.id}: only statements can be left out")
        if not statement and OPEN_END.search(replaced(row).strip()):
            raise RowError(f"{row.id}: what is replaced is no whole expression")
        known.add(row.id)
        rows.append(row)
    return rows


def replaced(row):
    """The part of the old text that is replaced"""
    parts = row.old.split("@")
    if len(parts) not in (1, 3):
        raise RowError(f"{row.id}: the old text has no two @")
    return parts[1] if len(parts) == 3 else parts[0]


def is_statement(text):
    """Whether @text is whole statements; else it is an expression"""
    return text.rstrip()[-1:] in (";", "}")


def same_change(row):
    """What two rows have in common that make the same change"""
    return tuple(re.sub(r"\s+", " ", column).strip()
                 for column in (row.file, row.function, row.old, row.new))


def without(pattern, text, strings):
    """@text with comments, and maybe strings, blanked, each line as long as it was"""
    def blank(match):
        if match.group()[0] == "/" or strings:
            return re.sub(r"[^\n]", " ", match.group())
        return match.group()
    return pattern.sub(blank, text)


def closing(text, start):
    """Behind the bracket that closes the one at @start, or None"""
    depth = 0
    for index in range(start, len(text)):
        if text[index] in "({[":
            depth += 1
        elif text[index] in ")}]":
            depth -= 1
            if not depth:
                return index + 1
    return None


def extents(text, name):
    """Where the definitions of function or macro @name begin and end"""
    bare = without(COMMENT, text, True)
    for match in re.finditer(r"^#[ \t]*define[ \t]+%s\b(?:.*\\\n)*.*$" % re.escape(name),
                             bare, re.MULTILINE):
        yield match.start(), match.end()
    head = re.compile(r"^(?:[A-Za-z_][^\n;{}()#=]*?)?(?<!\w)%s\s*(?=\()" % re.escape(name),
                      re.MULTILINE)
    for match in head.finditer(bare):
        after = closing(bare, match.end())
        brace = re.compile(r"[^;{}]*\{").match(bare, after) if after else None
        end = closing(bare, brace.end() - 1) if brace else None
        if end:
            yield match.start(), end


def pattern_of(text):
    """A pattern that finds @text, with any white space where it has some"""
    pattern = r"\s+".join(re.escape(word) for word in re.split(r"\s+", text))
    if re.match(r"\w", text):
        pattern = r"(?<!\w)" + pattern
    if re.search(r"\w$", text):
        pattern += r"(?!\w)"
    return pattern


def locate(text, row):
    """The place of @row in @text, which has no comments"""
    name, _, nth = row.function.partition(":")
    if nth and not re.fullmatch(r"[1-9][0-9]*", nth):
        raise RowError(f"{row.id}: {row.function}: what follows the colon is no number")
    areas = [(0, len(text))] if name == NOTHING else list(extents(text, name))
    if not areas:
        raise RowError(f"{row.id}: {row.file} has no function {name}")
    parts = row.old.split("@")
    if len(parts) == 1:
        parts = ["", parts[0], ""]
    pattern = re.compile("%s(%s)%s" % tuple(pattern_of(part) for part in parts))
    found = [match for start, end in areas for match in pattern.finditer(text, start, end)]
    where = f"{row.file}, {name}" if name != NOTHING else row.file
    if not found:
        raise RowError(f"{row.id}: the text is not in {where}: {row.old}")
    if nth and int(nth) > len(found):
        raise RowError(f"{row.id}: the text is just {len(found)} times in {where}: {row.old}")
    if not nth and len(found) > 1:
        raise RowError(f"{row.id}: the text is {len(found)} times in {where}: {row.old}")
    return Place(*found[int(nth or 1) - 1].span(1), row)


def tangled(places):
    """The places that overlap an earlier one without one being within the other"""
    kept, bad = [], []
    for place in places:
        if any(other.start < place.start < other.end < place.end or
               place.start < other.start < place.end < other.end for other in kept):
            bad.append(place)
        else:
            kept.append(place)
    return bad


class Writer:
    """Rewrites @text, which has no comments. @numbers has the number of each row's id."""

    def __init__(self, text, places, numbers):
        self.text = text
        self.numbers = numbers
        self.out = ""
        self.traces = []
        groups = collections.defaultdict(list)
        for place in places:
            groups[place.start, place.end].append(place.row)
        # a place comes after those that it lies in
        self.spans = sorted(groups, key=lambda span: (span[0], -span[1]))
        self.rows = groups
        self.copy(0, len(text), self.spans)

    def copy(self, start, end, spans):
        """The text from @start to @end, with what @spans, all of them within, replace"""
        spans = list(spans)
        while spans:
            span = spans.pop(0)
            self.out += self.text[start:span[0]]
            inner = [other for other in spans if other[0] < span[1]]
            spans = spans[len(inner):]
            self.choice(span, inner)
            start = span[1]
        self.out += self.text[start:end]

    def choice(self, span, inner):
        """One span: each row's new text, chosen by number, or what was there"""
        statement = is_statement(self.text[span[0]:span[1]])
        test, then, other, end = \
            ("if (mutant_is(%d)) {", " } else ", "{", "} }") if statement else \
            ("mutant_is(%d) ? (", ") : ", "(", "))")
        begin = len(self.out)
        self.out += "{ " if statement else "("
        for row in self.rows[span]:
            self.out += test % self.numbers[row.id]
            at = len(self.out)
            self.out += " ; " if row.new == NOTHING else f" {row.new} "
            self.traces.append(Trace(at, len(self.out), row))
            self.out += then
        self.out += other
        self.copy(*span, inner)
        self.out += end
        for row in self.rows[span]:
            self.traces.append(Trace(begin, len(self.out), row))


class File:
    """A file of the tree with the rows that change it"""

    def __init__(self, text, rows, numbers):
        bare = without(COMMENT, text, False)
        places = [locate(bare, row) for row in rows]
        self.dropped = [place.row for place in tangled(places)]
        kept = [place for place in places if place.row not in self.dropped]
        writer = Writer(bare, kept, numbers)
        self.body, self.traces = writer.out, writer.traces

    def text(self):
        """What the compiler gets"""
        return MACRO + self.body

    def culprits(self, line, column):
        """The rows that wrote what is at that line and column, the innermost first"""
        lines = self.body.split("\n")
        at = sum(len(text) + 1 for text in lines[:line - 1]) + self.offset(lines[line - 1], column)
        hits = [trace for trace in self.traces if trace.start <= at < trace.end]
        return [trace.row for trace in sorted(hits, key=lambda trace: trace.end - trace.start)]

    @staticmethod
    def offset(line, column):
        """Where that column is: gcc counts a tab as up to eight"""
        seen = 0
        for index, char in enumerate(line):
            seen += 8 - seen % 8 if char == "\t" else 1
            if seen >= column:
                return index
        return len(line)
