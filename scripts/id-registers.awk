# SPDX-License-Identifier: GPL-2.0
#
# id-registers.awk - make the record of the ID registers' fields of what kernels say
#
# Usage: awk -f id-registers.awk -v series="5.10 6.1 ..." SYSREG DUMP...
#
# SYSREG is a kernel tree's arch/arm64/tools/sysreg, for the fields: their names, their bits
# and whether they are signed. Each DUMP is named SERIES-MACHINE and holds what
# reg_record_test --dump printed. A field is writable in a series if any of its dumps says so.

# Bit c of a mask in hex digits
function bit(mask, c,    digit)
{
	digit = length(mask) - int(c / 4)
	if (digit < 1)
		return 0
	return int((index("0123456789abcdef", substr(mask, digit, 1)) - 1) / 2 ^ (c % 4)) % 2
}

function is_writable(id, low, width, s,    i, c, all)
{
	for (i = 1; i <= nr_dumps; i++) {
		if (dump_series[i] != s || !((dump[i], id) in masks))
			continue
		all = 1
		for (c = low; c < low + width; c++)
			all = all && bit(masks[dump[i], id], c)
		if (all)
			return 1
	}
	return 0
}

# The periods in which a field was writable; "-" if it never was
function history(f,    i, open, rows, line)
{
	line = field_id[f] "\t" field_reg[f] "\t" field_name[f] "\t" field_low[f] "\t" \
		field_width[f] "\t" field_sign[f]
	open = ""
	rows = 0
	for (i = 1; i <= nr_series; i++) {
		if (is_writable(field_id[f], field_low[f], field_width[f], list_series[i])) {
			if (open == "")
				open = list_series[i]
		} else if (open != "") {
			print line "\t" open "\t" list_series[i]
			rows++
			open = ""
		}
	}
	if (open != "" || !rows)
		print line "\t" (open == "" ? "-" : open) "\t-"
}

FNR == 1 {
	file++
	if (file > 1) {
		dump[++nr_dumps] = FILENAME
		dump_series[nr_dumps] = FILENAME
		sub(/.*\//, "", dump_series[nr_dumps])
		sub(/-.*/, "", dump_series[nr_dumps])
	}
}

# The feature ID space: op0 3, op1 0, 1 and 3, CRn 0, CRm 0 to 7
file == 1 && $1 == "Sysreg" {
	id = ""
	if ($3 == 3 && ($4 == 0 || $4 == 1 || $4 == 3) && $5 == 0 && $6 < 8) {
		id = sprintf("0x603000000013%04x", 3 * 16384 + $4 * 2048 + $6 * 8 + $7)
		reg = $2
	}
	next
}

file == 1 && /^EndSysreg/ { id = "" }

file == 1 && id != "" && /^(Unsigned|Signed)?(Enum|Field)[ \t]/ {
	n = split($2, bits, ":")
	field_id[++nr_fields] = id
	field_reg[nr_fields] = reg
	field_name[nr_fields] = $3
	field_low[nr_fields] = bits[n]
	field_width[nr_fields] = bits[1] - bits[n] + 1
	field_sign[nr_fields] = $1 ~ /^Signed/ ? "signed" : "unsigned"
	next
}

file > 1 && $2 == "mask" {
	mask = $4
	sub(/^0x/, "", mask)
	masks[FILENAME, $3] = tolower(mask)
}

END {
	nr_series = split(series, list_series, " ")
	for (f = 1; f <= nr_fields; f++)
		history(f)
}
