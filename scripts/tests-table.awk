# SPDX-License-Identifier: GPL-2.0
#
# tests-table.awk - the rows of docs/tests.md for one program
#
# Input: NAME_test.c. A row has the test's name, as -r takes it, with how many variants it
# runs in, and what it holds KVM to: the name as a sentence, then the comment above it.

BEGIN {
	n = split("vCPU vCPUs VM VMs VMM VMMs KVM GIC vGIC EL2 HVC SMC PSCI UID UUID TRNG PTP PV " \
		"CPU CPUs IPA ID IDs GICv2 GICv3 SVE IIDR TYPER2 SGI SGIs MPIDR PC " \
		"IPAs ENXIO nASSGIcap nASSGIreq GICR CTLR TYPER", words, " ")
	for (i = 1; i <= n; i++)
		spelling[tolower(words[i])] = words[i]
}

# sentence NAME: its words apart, and spelled as they are elsewhere
function sentence(name,  i, n, w, text) {
	n = split(name, w, /_/)
	for (i = 1; i <= n; i++)
		text = text (i == 1 ? "" : w[i] w[i - 1] ~ /^[0-9]+$/ ? "." : " ") \
			(w[i] in spelling ? spelling[w[i]] : w[i])
	return text
}

# argument N of the macro in the line
function argument(n,  list, parts) {
	list = $0
	sub(/^[^(]*\(/, "", list)
	sub(/\).*/, "", list)
	split(list, parts, / *, */)
	return parts[n]
}

# How many variants a header has
function header_rows(header,  line, n) {
	while ((getline line < header) > 0)
		n += line ~ /^\t?FIXTURE_VARIANT_ADD\(/
	close(header)
	return n
}

function add_test(fixture, name) {
	rows++
	row_fixture[rows] = fixture
	row_name[rows] = name
	row_comment[rows] = comment
}

# Comments: the one that ends right above a line belongs to it
/^\/\*/ || in_comment {
	if (!in_comment)
		comment = ""
	in_comment = !/\*\//
	text = $0
	sub(/\*\/.*$/, "", text)
	sub(/^\/\*|^ \*/, "", text)
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	if (text ~ /^SPDX|clang-format/)
		text = ""
	if (text != "")
		comment = comment (comment == "" ? "" : " ") text
	next
}

/^FIXTURE_VARIANT_ADD\(/ { variants[argument(1)]++ }
/^CONFIG_VARIANTS\(/ { variants[argument(1)] = header_rows("include/vm_config.h") }
/^#include "psci_fixture.h"/ { variants["psci"] = header_rows("include/psci_fixture.h") }
/^XFAIL_ADD\(/ { xfails[argument(1) "." argument(3)]++ }
/^TEST(_TIMEOUT|_SIGNAL)?\(/ { add_test("", argument(1)) }
/^TEST_F(_TIMEOUT|_SIGNAL)?\(/ { add_test(argument(1), argument(2)) }
{ comment = "" }

END {
	print "| test | variants | holds KVM to |\n|---|---|---|"
	for (r = 1; r <= rows; r++) {
		fixture = row_fixture[r]
		name = (fixture == "" ? "" : fixture ".") row_name[r]
		n = fixture in variants ? variants[fixture] : 1
		total += n
		text = sentence(row_name[r])
		if (fixture != "")
			text = sentence(fixture) ": " text
		if (row_comment[r] != "")
			text = text ". " row_comment[r]
		if (name in xfails)
			text = text ". (A known gap: " xfails[name] " expected to fail)"
		gsub(/\|/, "\\|", text)
		printf "| `%s` | %d | %s |\n", name, n, text
	}
	if (!rows) {
		print "tests-table.awk: no test in " FILENAME >"/dev/stderr"
		exit 1
	}
	printf "\n%d tests, %d with their variants.\n", rows, total
}
