# SPDX-License-Identifier: GPL-2.0
#
# capabilities.awk - make the recorded capabilities of what kernels answered
#
# Usage: awk -f capabilities.awk -v series="5.10 6.1 ..." RULES DUMP...
#
# RULES is data/capabilities.rules, which explains itself. Each DUMP is named SERIES-MACHINE
# and holds what capabilities_test --dump printed.
#
# Exit status: 0, or 1 if the rules do not explain what was answered, with each such
# capability on stderr.

function fail(text)
{
	print "capabilities.awk: " text >"/dev/stderr"
	status = 1
}

function holds(d, condition,    n, i, terms, term)
{
	if (condition == "-")
		return 1
	n = split(condition, terms, ",")
	for (i = 1; i <= n; i++) {
		term = terms[i]
		if (sub(/^!/, "", term) ? (d, term) in host : !((d, term) in host))
			return 0
	}
	return 1
}

NF == 0 || /^# SPDX/ { next }

FNR == 1 || !base {
	base = FILENAME
	sub(/.*\//, "", base)
}

FILENAME == ARGV[1] {
	if (!/^#/) {
		nr_rules[$1]++
		condition[$1, nr_rules[$1]] = $2
		kind[$1, nr_rules[$1]] = $3
	}
	next
}

$2 == "host" {
	base = FILENAME
	sub(/.*\//, "", base)
	dump[++nr_dumps] = base
	dump_series[nr_dumps] = base
	sub(/-.*/, "", dump_series[nr_dumps])
	for (i = 3; i <= NF; i++)
		host[base, $i] = 1
}

$2 == "cap" {
	name[$3] = $4
	of_kvm[base, $3] = $5
	of_vm[base, $3] = $6
	if ($7 != "-")
		of_pvm[base, $3] = $7
}

function value(table, d, nr)
{
	return (d, nr) in table ? table[d, nr] : 0
}

# What the dumps of a series have for a rule; "" if none of them can
function seen(nr, r, s,    i, d, val, all)
{
	all = ""
	for (i = 1; i <= nr_dumps; i++) {
		d = dump[i]
		if (dump_series[i] != s || !holds(d, condition[name[nr], r]))
			continue
		val = value(of_vm, d, nr)
		if (kind[name[nr], r] != "vm" && val != value(of_kvm, d, nr))
			fail(name[nr] ": " value(of_kvm, d, nr) " of /dev/kvm is not " val \
			     " of a VM in " d)
		if (kind[name[nr], r] == "host" && val)
			val = "host"
		if (kind[name[nr], r] == "may")
			val = val || all == "host" ? "host" : 0
		if (all != "" && all != val && kind[name[nr], r] != "may")
			fail(name[nr] ": " all " and " val " in " s \
			     ", for no reason in the rule " condition[name[nr], r])
		all = val
	}
	return all
}

# What a protected VM has, in the newest series that makes one
function protected_value(nr, r,    i, val)
{
	val = "-"
	for (i = 1; i <= nr_dumps; i++)
		if ((dump[i], "pvm") in host && holds(dump[i], condition[name[nr], r])) {
			val = value(of_pvm, dump[i], nr)
			if (kind[name[nr], r] == "host" && val)
				val = "host"
		}
	return val
}

function row(nr, r, since, withdrawn, val,    k)
{
	k = kind[name[nr], r]
	val = (k == "min" ? ">=" : k == "bits" ? "&" : k == "vm" ? "vm:" : \
	       k == "may" ? "may:" : "") val
	printf "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", nr, name[nr], since, condition[name[nr], r], \
		withdrawn, val, protected_value(nr, r) | "sort -n -s -k 1,1"
}

function history(nr, r,    i, now, open, since, grows)
{
	open = 0
	grows = kind[name[nr], r] ~ /^(min|bits)$/
	for (i = 1; i <= nr_series; i++) {
		now = seen(nr, r, list_series[i])
		if (now == "" || now == open)
			continue
		if (open)
			row(nr, r, since, grows && now ? "-" : list_series[i], open)
		open = now
		since = list_series[i]
	}
	if (open)
		row(nr, r, since, "-", open)
}

# A capability that no rule has for that host
function explained(d, nr,    r)
{
	for (r = 1; r <= nr_rules[name[nr]]; r++)
		if (holds(d, condition[name[nr], r]))
			return 1
	return 0
}

END {
	nr_series = split(series, list_series, " ")
	for (nr in name) {
		if (!(name[nr] in nr_rules)) {
			nr_rules[name[nr]] = 1
			condition[name[nr], 1] = "-"
			kind[name[nr], 1] = "exact"
		}
		for (i = 1; i <= nr_dumps; i++)
			if (value(of_vm, dump[i], nr) && !explained(dump[i], nr))
				fail(name[nr] ": in " dump[i] ", against the rules")
		for (r = 1; r <= nr_rules[name[nr]]; r++)
			history(nr, r)
	}
	close("sort -n -s -k 1,1")
	exit status
}
