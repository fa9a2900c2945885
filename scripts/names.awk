# SPDX-License-Identifier: GPL-2.0
#
# names.awk - compare the names of tests and the reasons of skips over runs
#
# Usage: awk -f names.awk LOG...
#
# Takes logs of run.sh, one a kernel and mode. CI systems key results on names, and
# some make the reason part of them, so
#  - a program prints the same names, each once, wherever it is not skipped as a whole;
#  - the reasons to skip a test do not differ in numbers alone, and say no address.
#
# A program without its whole plan says nothing about names: other checks fail it.
# Prints a line for each difference, then what was compared.
# Exit status: 0 all the same, 1 otherwise, or nothing to compare

function complain(text) {
	if (!(text in told))
		print text
	told[text] = 1
	wrong = 1
}

# The run: the last folder's name, or the file's where there is none
function run_name(file,  part, n) {
	n = split(file, part, "/")
	return n > 1 ? part[n - 1] : file
}

function reason_of(line,  mask) {
	if (!sub(/^.*# SKIP */, "", line))
		return
	mask = line
	gsub(/[0-9]+/, "N", mask)
	if (line ~ /0x[0-9a-fA-F]/)
		complain(program ": " name ": the reason has a value: " line)
	if (!((program, name, mask) in reason))
		reason[program, name, mask] = line
	else if (reason[program, name, mask] != line)
		complain(program ": " name ": reasons differ in numbers: " \
			reason[program, name, mask] " | " line)
	reasons[line] = 1
}

# A program ended: its names join or meet those of other runs
function compare(  i, n, other) {
	if (!planned || count != planned)
		return
	programs++
	if (!(program in first)) {
		first[program] = run
		for (i = 1; i <= count; i++)
			names[program, names_of[program] = i] = list[i]
		for (i = 1; i <= count; i++)
			known[program, list[i]] = 1
		total += count
		return
	}
	n = 0
	for (i = 1; i <= count; i++) {
		if ((program, list[i]) in known)
			n++
		else
			complain(program ": only on " run ", not on " first[program] ": " list[i])
	}
	if (n == names_of[program])
		return
	for (i = 1; i <= names_of[program]; i++) {
		other = names[program, i]
		if (!(other in here))
			complain(program ": only on " first[program] ", not on " run ": " other)
	}
}

{ sub(/\r+$/, "") }

FNR == 1 {
	run = run_name(FILENAME)
	runs++
	program = ""
}

/@[0-9a-f]+ begin / {
	program = $NF
	count = planned = 0
	split("", list)
	split("", here)
	next
}

/@[0-9a-f]+ end / {
	compare()
	program = ""
	next
}

program == "" { next }

/^1\.\.[0-9]+/ { planned = substr($0, 4) + 0 }

/^(not )?ok [0-9]+ / {
	name = $0
	sub(/^(not )?ok [0-9]+ *(- *)?/, "", name)
	sub(/ *# *(SKIP|XFAIL|XPASS|TODO|TIMEOUT|ERROR)( .*)?$/, "", name)
	if (name == "" || name ~ /[#[]/)
		complain(program ": no fit name: " $0)
	if (name in here)
		complain(program ": twice on " run ": " name)
	here[name] = 1
	list[++count] = name
	if ($0 ~ /# SKIP/)
		reason_of($0)
}

END {
	for (text in reasons)
		different++
	printf "%d runs, %d programs, %d names, %d reasons to skip: %s\n", runs, programs, total,
		different, wrong ? "not the same everywhere" : "the same everywhere"
	exit wrong || runs < 2 || !total
}
