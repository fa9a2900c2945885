#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mutate_test.sh - tests of scripts/mutate.py, on a small C file instead of a kernel
#
# Needs the packages of `setup.sh mutants`. stdout has a KTAP line for each test, and the
# reasons. Exit status: 0 all passed, 1 otherwise

set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
unset MUTANTS_BUILD
# shellcheck source=tests/prepare.sh
. "$top/tests/prepare.sh"
# shellcheck source=tests/lib.sh
. "$top/tests/lib.sh"

tree=$tmp/tree
file=arch/arm64/kvm/small.c
tab=$(printf '\t')
mkdir -p "$tree/include/linux" "$tree/include/generated" "$tree/arch/arm64/kvm"
: >"$tree/include/generated/autoconf.h"
: >"$tree/include/linux/compiler-version.h"
: >"$tree/include/linux/kconfig.h"
cat >"$tree/include/linux/compiler_types.h" <<'END'
#define EINVAL 22
#define ENOENT 2
#define BIT(n) (1 << (n))
#define LIMIT 8
#define likely(x) __builtin_expect(!!(x), 1)
#define WARN_ON(x) ({ int __w = !!(x); __w; })
#define for_each(i, n) for ((i) = 0; (i) < (n); (i)++)
#define HIDDEN(x) ((x) == 5 && (x) != 6)
#define BUILD_BUG_ON(x) _Static_assert(!(x), "no")
typedef _Bool bool;
enum { false, true, COLOUR };
int get(int x);
bool asks(const char *p);
void work(int *p, int n);
void do_lock(void);
END

# rows ARGUMENT...: the mutants, as FUNCTION | OLD | NEW | OPERATOR
rows()
{
	launch "$top/scripts/mutate.py" --list "$tmp/list" --equivalents "$tmp/same" "$@"
	cut -f 3-6 "$out" | sed 's/\t/ | /g' >"$tmp/rows"
}

printf 'take\t%s\t*\tall\ncall\tWARN\\w*|do_lock\t-\tnone\n' "$file" >"$tmp/list"
: >"$tmp/same"

# made TITLE BODY: the body of `int f(int a, int b, const char *p)`, and stdin has its mutants
made()
{
	begin "$1"
	printf 'int f(int a, int b, char *p)\n{\n%s\n}\n' "$2" >"$tree/$file"
	rows "$tree" 0 1
	expect_status 0
	LC_ALL=C sort >"$tmp/expected"
	sed 's/^f | //' "$tmp/rows" | LC_ALL=C sort | diff "$tmp/expected" - >"$tmp/diff" ||
		wrong "$(cat "$tmp/diff")"
	end
}

made "a condition" '	if (asks(p))
		b++;
	return b;' <<'END'
if (@asks(p)@) | !asks(p) | negate
b++; | - | delete
b++; | b--; | sign
return b; | return 0; | return
END
made "the opposite of a condition with !, and of a pointer" '	while (!asks(p))
		;
	if (!asks(p))
		return get(a);
	if (p)
		return get(b);
	return -EINVAL;' <<'END'
if (@!asks(p)@) | asks(p) | negate
if (@p@) | (void *)(long)!p | negate
return get(a); | return (get(a), 0); | return
return get(b); | return (get(b), 0); | return
return -EINVAL; | return -EPERM; | errno
return -EINVAL; | return 0; | errno
END
made "&& and ||, comparisons, and no opposite of == twice" '	if (a == b || (a < LIMIT && p))
		return a;
	return -ENOENT;' <<'END'
if (@a == b || (a < LIMIT && p)@) | !(a == b || (a < LIMIT && p)) | negate
if (@a == b || (a < LIMIT && p)@) | (a == b) | drop
if (@a == b || (a < LIMIT && p)@) | (a < LIMIT && p) | drop
if (@a == b || (a < LIMIT && p)@) | a != b || (a < LIMIT && p) | equal
if (@a == b || (a < LIMIT && p)@) | a == b || ((a < LIMIT)) | drop
if (@a == b || (a < LIMIT && p)@) | a == b || (!!(p)) | drop
if (@a == b || (a < LIMIT && p)@) | a == b || (a <= LIMIT && p) | bound
if (@a == b || (a < LIMIT && p)@) | a == b || (a < (LIMIT + 1) && p) | const
return a; | return 0; | return
return -ENOENT; | return -EINVAL; | errno
return -ENOENT; | return 0; | errno
END
made "constants: numbers, masks, names, and those that are returned" '	int c = 7, d = a & 0x10;
	bool e = true;

	c = BIT(2) | COLOUR;
	return 0;' <<'END'
int c = @7@, | 8 | const
int c = @7@, | 6 | const
int c = 7, d = @a & 0x10@; | a & 0x20 | const
int c = 7, d = @a & 0x10@; | a & 0x11 | const
bool e = @true@; | false | const
c = BIT(2) | COLOUR; | - | delete
c = BIT(2) | COLOUR; | c = BIT(3) | COLOUR; | const
c = BIT(2) | COLOUR; | c = BIT(1) | COLOUR; | const
c = BIT(2) | COLOUR; | c = BIT(2) | (COLOUR << 1); | const
return 0; | return -EINVAL; | return
END
made "sums, and that pointers are no numbers" '	a += b - 1;
	work(&a, p - p);
	return 1;' <<'END'
a += b - 1; | - | delete
a += b - 1; | a -= b - 1; | sign
a += b - 1; | a += b + 1; | sign
a += b - 1; | a += b - 2; | const
a += b - 1; | a += b - 0; | const
work(&a, p - p); | - | delete
return 1; | return 0; | return
END
made "the argument of a macro, and nothing that is inside of one" '	if (likely(a > b))
		return HIDDEN(a);
	for_each (a, 3)
		work(&a, b);
	for (a = 0; a < b; a++)
		work(&b, a);
	return HIDDEN(b);' <<'END'
if (@likely(a > b)@) | !likely(a > b) | negate
if (@likely(a > b)@) | likely(a >= b) | bound
return HIDDEN(a); | return 0; | return
work(&a, b); | - | delete
for (a = 0; @a < b@; | a <= b | bound
work(&b, a); | - | delete
return HIDDEN(b); | return 0; | return
END
made "what is left alone: warnings, locks, what the compiler needs, and what it drops" '	static int c = 5;
	int d[4] = { 1, 2 };

	BUILD_BUG_ON(sizeof(d) < 4);
	do_lock();
	if (WARN_ON(a == 2))
		return sizeof(a) + c;
	if (LIMIT == 9)
		work(&a, 3);
	switch (a) {
	case LIMIT:
		break;
	}
	return d[0];' <<'END'
if (@WARN_ON(a == 2)@) | !WARN_ON(a == 2) | negate
return sizeof(a) + c; | return 0; | return
return sizeof(a) + c; | return sizeof(a) - c; | sign
return d[0]; | return 0; | return
return d[0]; | return d[1]; | const
END
made "equal texts are counted" '	if (a)
		return 0; /* return 0; */
	return 0;' <<'END'
if (@a@) | !a | negate
f:1 | return 0; | return -EINVAL; | return
f:2 | return 0; | return -EINVAL; | return
END

cat >"$tree/$file" <<'END'
static bool yes(int a)
{
	return a > 2;
}

static void nothing(int a)
{
	if (yes(a))
		return;
	work(&a,
	     2);
}
END
begin "a bool is returned, nothing is returned, and a statement of two lines is one row"
rows "$tree" 0 1
expect_status 0
has "$tmp/rows" '^yes \| return a > 2; \| return !\(a > 2\); \| negate$'
has "$tmp/rows" '^nothing \| return; \| - \| delete$'
has "$tmp/rows" '^nothing \| work\(&a, 2\); \| work\(&a, 3\); \| const$'
has "$out" "^auto-small-yes-negate-[0-9a-f]{8}$tab$file$tab.*$tab-$tab-$"
[ "$(cut -f 1 "$out" | sort -u | wc -l)" -eq "$(wc -l <"$out")" ] || wrong "ids are not unique"
end
begin "an equivalent is left out, and one that is no mutant is named"
printf '%s\tnothing\treturn;\t-\tit is the end\n' "$file" >"$tmp/same"
printf '%s\tnothing\treturn 7;\t-\tit is not there\n' "$file" >>"$tmp/same"
rows "$tree" 0 1
expect_status 0
lacks "$tmp/rows" '^nothing \| return;'
has "$err" 'no mutant is that equivalent: .* return 7; '
: >"$tmp/same"
end
begin "a seed is a sample, and another seed is another"
rows "$tree" 4 one
cp "$out" "$tmp/one"
[ "$(wc -l <"$tmp/one")" -eq 4 ] || wrong "not 4 rows"
rows "$tree" 4 one
cmp -s "$out" "$tmp/one" || wrong "the same seed gave others"
rows "$tree" 4 two
! cmp -s "$out" "$tmp/one" || wrong "the seed changed nothing"
end
begin "code elsewhere changes no mutant"
rows "$tree" 0 1
sort "$out" >"$tmp/before"
{ echo 'int before(int a) { return a + 3; }'; cat "$tree/$file"; } >"$tmp/new.c"
cp "$tmp/new.c" "$tree/$file"
rows "$tree" 0 1
sort "$out" >"$tmp/after"
[ -z "$(comm -23 "$tmp/before" "$tmp/after")" ] || wrong "others: $(comm -23 "$tmp/before" "$tmp/after")"
end
begin "functions by name, and those that are left out"
printf 'take\t%s\tyes no*\tsome\nleave\t%s\tnothing\tnone\n' "$file" "$file" >"$tmp/list"
rows "$tree" 0 1
[ "$(cut -d ' ' -f 1 "$tmp/rows" | sort -u)" = yes ] || wrong "not the one function"
printf 'take\t%s\tyes gone\tsome\n' "$file" >"$tmp/list"
rows "$tree" 0 1
has "$err" 'small.c has no function gone'
end

# refused TITLE PATTERN ARGUMENT...
refused()
{
	begin "$1"
	pattern=$2
	shift 2
	rows "$@"
	expect_status 1
	has "$err" "$pattern"
	lacks "$err" Traceback
	end
}

refused "a tree that is not configured" 'run "make prepare"' "$tmp" 0 1
echo 'int f(void) { return nosuch; }' >"$tree/$file"
refused "a file that does not parse" "undeclared identifier 'nosuch'" "$tree" 0 1
rm "$tree/$file"
refused "a file that is not there" "cannot read .*small.c" "$tree" 0 1
printf 'take\t%s\n' "$file" >"$tmp/list"
refused "a row with too few columns" "not 4 columns" "$tree" 0 1
printf 'give\ta\tb\tc\n' >"$tmp/list"
refused "a row of an unknown kind" "no such kind of row: give" "$tree" 0 1

finish
