# SPDX-License-Identifier: GPL-2.0
#
# tests-table.awk - the rows of docs/tests.md for one program
#
# Input: NAME_test.c and then the parts that it includes, in that order. A row has the
# test's name, as -r takes it, with how many variants it runs in, and what it holds KVM
# to: the name as a sentence, then the comment above it. The comment at the head of each
# file says what its tests are about.

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

# about TEXT: the first paragraph of a file's head without the program's name before it
function about(text) {
	sub(/^[a-z0-9_]+_test: /, "", text)
	return toupper(substr(text, 1, 1)) substr(text, 2)
}

# argument N of the macro in the line
function argument(n,  list, parts) {
	list = $0
	sub(/^[^(]*\(/, "", list)
	sub(/\).*/, "", list)
	split(list, parts, / *, */)
	return parts[n]
}

function add_test(fixture, name) {
	rows++
	row_file[rows] = file
	row_fixture[rows] = fixture
	row_name[rows] = name
	row_comment[rows] = comment
}

FNR == 1 {
	file = FILENAME
	files[++nr_files] = file
	heading = 1
	comment = ""
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
	# a blank line ends the first paragraph, which is all that the head gives
	if (heading && text == "" && head[file] != "")
		heading = 0
	if (text ~ /^SPDX|clang-format/)
		text = ""
	if (text != "") {
		comment = comment (comment == "" ? "" : " ") text
		if (heading)
			head[file] = head[file] (head[file] == "" ? "" : " ") text
	}
	if (!in_comment && head[file] != "")
		heading = 0
	next
}

/^FIXTURE\(/ { fixture_comment[argument(1)] = comment }
/^FIXTURE_VARIANT_ADD\(/ { variants[argument(1)]++ }
/^XFAIL_ADD\(/ { xfails[argument(1) "." argument(3)]++ }
/^TEST(_TIMEOUT|_SIGNAL)?\(/ { add_test("", argument(1)) }
/^TEST_F(_TIMEOUT|_SIGNAL)?\(/ { add_test(argument(1), argument(2)) }
{ comment = "" }

END {
	for (f = 1; f <= nr_files; f++) {
		begun = 0
		for (r = 1; r <= rows; r++) {
			if (row_file[r] != files[f])
				continue
			if (!begun++) {
				if (f > 1)
					printf "\n**%s** (`%s`)\n", about(head[files[f]]), files[f]
				print "\n| test | variants | holds KVM to |\n|---|---|---|"
			}
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
	}
	if (!rows) {
		print "tests-table.awk: no test in " files[1] >"/dev/stderr"
		exit 1
	}
	printf "\n%d tests, %d with their variants.\n", rows, total
}
