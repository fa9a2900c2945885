# SPDX-License-Identifier: GPL-2.0
#
# registers.awk - make the recorded register history of what kernels listed
#
# Usage: awk -f registers.awk -v series="5.10 6.1 ..." SYSREG HEADER RULES DUMP...
#
# SYSREG and HEADER are a kernel tree's arch/arm64/tools/sysreg and sysreg.h, for
# names; RULES is data/registers.rules, which explains itself. Each DUMP is named
# SERIES-MACHINE and holds what reg_record_test --dump printed.
#
# Exit status: 0, or 1 if the rules do not explain what was listed, with each such
# register on stderr.

function fail(text)
{
	print "registers.awk: " text >"/dev/stderr"
	status = 1
}

function number(text,    part)
{
	split(text, part, ".")
	return part[1] * 1000 + part[2]
}

function encoding(op0, op1, crn, crm, op2)
{
	return "S" op0 "_" op1 "_C" crn "_C" crm "_" op2
}

# Names that the tree makes with parameters
function numbered(    n)
{
	for (n = 0; n < 16; n++) {
		names[encoding(2, 0, 0, n, 4)] = "DBGBVR" n "_EL1"
		names[encoding(2, 0, 0, n, 5)] = "DBGBCR" n "_EL1"
		names[encoding(2, 0, 0, n, 6)] = "DBGWVR" n "_EL1"
		names[encoding(2, 0, 0, n, 7)] = "DBGWCR" n "_EL1"
		names[encoding(3, 4, 12, 12 + int(n / 8), n % 8)] = "ICH_LR" n "_EL2"
	}
	for (n = 0; n < 4; n++) {
		names[encoding(3, 4, 12, 8, n)] = "ICH_AP0R" n "_EL2"
		names[encoding(3, 4, 12, 9, n)] = "ICH_AP1R" n "_EL2"
	}
	for (n = 0; n < 31; n++) {
		names[encoding(3, 3, 14, 8 + int(n / 8), n % 8)] = "PMEVCNTR" n "_EL0"
		names[encoding(3, 3, 14, 12 + int(n / 8), n % 8)] = "PMEVTYPER" n "_EL0"
	}
	names[encoding(3, 3, 14, 15, 7)] = "PMCCFILTR_EL0"
}

# The term of a condition in the configuration c of the dump d
function term(d, c, text,    part)
{
	if (substr(text, 1, 1) == "!")
		return !term(d, c, substr(text, 2))
	if (text ~ /^(pmu|sve|ptrauth|el2|e2h0|el1_32)$/)
		return (d, c, text) in feature
	split(text, part, ">=")
	if (!((d, c, part[1]) in field)) {
		fail("a rule has the term " text ", which the dump " d " does not know")
		return 0
	}
	return field[d, c, part[1]] + 0 >= part[2] + 0
}

function holds(d, c, condition,    n, i, terms)
{
	if (condition == "-")
		return 1
	n = split(condition, terms, ",")
	for (i = 1; i <= n; i++)
		if (!term(d, c, terms[i]))
			return 0
	return 1
}

# The first rule for a name in a series
function rule(name, s,    i)
{
	for (i = 1; i <= nr_rules; i++)
		if (name ~ rule_name[i] && s >= rule_from[i] && s < rule_until[i])
			return i
	return 0
}

FNR == 1 {
	file++
	base = FILENAME
	sub(/.*\//, "", base)
	if (file == 1)
		numbered()
	if (file > 3) {
		dump[++nr_dumps] = base
		sub(/-.*/, "", base)
		dump_series[nr_dumps] = number(base)
		base = dump[nr_dumps]
	}
}

file == 1 && $1 == "Sysreg" && !(encoding($3, $4, $5, $6, $7) in names) {
	names[encoding($3, $4, $5, $6, $7)] = $2
	next
}

file == 2 && /^#define SYS_[A-Z0-9_]+[ \t]+sys_reg\([0-9, ]+\)/ {
	match($0, /\(.*\)/)
	n = split(substr($0, RSTART + 1, RLENGTH - 2), op, /, */)
	key = encoding(op[1], op[2], op[3], op[4], op[5])
	if (n == 5 && !(key in names))
		names[key] = substr($2, 5)
	next
}

file == 3 && NF == 4 && !/^#/ {
	rule_name[++nr_rules] = "^(" $1 ")$"
	rule_condition[nr_rules] = $2
	rule_from[nr_rules] = $3 == "-" ? 0 : number($3)
	rule_until[nr_rules] = $4 == "-" ? 999999 : number($4)
	next
}

file > 3 && $2 == "config" {
	configs[base] = configs[base] " " $3
	for (i = 5; i <= NF; i++)
		feature[base, $3, $i]
}

file > 3 && $2 == "field" { field[base, $3, $4] = $5 }

file > 3 && $2 == "reg" {
	name_of[$3] = $4 in names ? names[$4] : $4
	mask = $5
	sub(/^0x/, "", mask)
	listed[base, $3] = tolower(mask)
}

# Bit c of a mask in hex digits
function bit(mask, c,    digit)
{
	digit = length(mask) - int(c / 4)
	if (digit < 1)
		return 0
	return int((index("0123456789abcdef", substr(mask, digit, 1)) - 1) / 2 ^ (c % 4)) % 2
}

# What the dumps of a series show of a register: yes, no or "" for no evidence
function presence(id, s, condition,    i, c, k, n, list, is, seen)
{
	seen = ""
	for (i = 1; i <= nr_dumps; i++) {
		if (dump_series[i] != s)
			continue
		n = split(configs[dump[i]], list, " ")
		for (k = 1; k <= n; k++) {
			c = list[k]
			is = (dump[i], id) in listed && bit(listed[dump[i], id], c) ? "yes" : "no"
			if (!holds(dump[i], c, condition)) {
				if (is == "yes")
					fail(name_of[id] " " id ": listed in " dump[i] \
					     ", configuration " c ", against the rule " condition)
				continue
			}
			if (seen != "" && seen != is)
				fail(name_of[id] " " id ": listed or not in " dump[i] \
				     ", configuration " c ", for no reason in the rule " condition)
			seen = is
		}
	}
	return seen
}

function row(id, since, condition, withdrawn)
{
	printf "%s\t%s\t%s\t%s\t%s\n", id, name_of[id], since, condition, withdrawn | "sort"
}

function history(id,    i, r, condition, open, since, now)
{
	open = ""
	for (i = 1; i <= nr_series; i++) {
		r = rule(name_of[id], number(list_series[i]))
		condition = r ? rule_condition[r] : "-"
		now = presence(id, number(list_series[i]), condition)
		# Not to be seen on these machines: the rule's word counts
		if (now == "" && r && rule_from[r])
			now = "yes"
		if (now == "" && open == condition)
			now = "yes"
		if (open != "" && (now != "yes" || open != condition)) {
			row(id, since, open, list_series[i])
			open = ""
		}
		if (open == "" && now == "yes") {
			open = condition
			since = list_series[i]
		}
	}
	if (open != "")
		row(id, since, open, "-")
}

END {
	nr_series = split(series, list_series, " ")
	# Registers that no machine here has, but a rule names
	for (key in names) {
		split(key, op, /[SC_]+/)
		id = sprintf("0x603000000013%04x", op[2] * 16384 + op[3] * 2048 + op[4] * 128 + \
			     op[5] * 8 + op[6])
		if (id in name_of)
			continue
		for (i = 1; i <= nr_rules; i++)
			if (rule_from[i] && names[key] ~ rule_name[i])
				name_of[id] = names[key]
	}
	for (id in name_of)
		history(id)
	close("sort")
	exit status
}
