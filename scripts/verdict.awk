# SPDX-License-Identifier: GPL-2.0
#
# verdict.awk - judge the console log of one run (see run-programs.sh)
#
# Usage: awk -f verdict.awk -v token=T -v programs="A B" -v label=L -v seconds=S
#            -v defects=FILE -v mode=M -v ended=itself|timeout -v timeout=N -v result=FILE LOG
#
# Strict, and a failure unless proven otherwise: every program must begin, print
# whole and well-formed KTAP, end with the status that goes with it, and leave
# no trouble in the kernel's log. Lines that are not KTAP are left to people.
#
# Prints a line for each reason to fail or skip, then the summary. FILE gets the
# summary as key=value; explained=1 there says that nothing failed but tests whose
# row in data/known-defects.list was seen before. The list never changes a verdict.
# Exit status: 0 passed, 1 failed, 4 nothing was executed

BEGIN {
	mark = "@" token " "
	release = label
	count = split(programs, expected, " ")
	kernel_line = "^\\[ *[0-9]+\\.[0-9]+\\]"
	trouble = "WARNING: |BUG: |Oops|Internal error|Unable to handle|[Cc]all [Tt]race:|" \
		"rcu.*(stall|detected)|blocked for more than|lockup|LOCKUP|" \
		"UBSAN: |KASAN: |KCSAN: |[Oo]ut of memory: |Kernel panic"
	while (defects != "" && (getline row < defects) > 0) {
		if (row ~ /^#/ || split(row, column, "\t") < 4)
			continue
		defect_test[++defect_count] = column[1] " " column[2]
		defect_seen[defect_count] = column[3]
		defect_text[defect_count] = column[4]
	}
	harness_death = ": Test (terminated (by timeout|unexpectedly by signal)|ended in)"
}

function problem(text) {
	if (program != "")
		text = program ": " text
	problems++
	failures++
	if (!(text in told))
		print "failed: " text
	told[text] = 1
}

# The last lines of the console, fit for any terminal
function remember(line) {
	gsub(/[\001-\010\013-\037\177]/, "?", line)
	tail[lines++ % 20] = line
}

function show_tail(  i) {
	for (i = lines > 20 ? lines - 20 : 0; i < lines; i++)
		print "    | " tail[i % 20]
	lines = 0
}

function begin_program(name) {
	program = name
	inside = 1
	begun++
	lines = problems = 0
	versions = plans = planned = tests = passed = failed = skipped = xfailed = 0
	program_known = 0
	why_skipped = failed_names = death = ""
	if (name != expected[begun])
		problem("begins out of turn")
}

function plan_line(line) {
	if (plans++)
		problem("more than one plan")
	else if (tests)
		problem("the plan comes after results")
	planned = substr(line, 4) + 0
	if (line !~ /# *SKIP/)
		return
	if (planned)
		problem("a plan with tests says SKIP")
	why_skipped = line
	sub(/^.*# *SKIP */, "", why_skipped)
}

# Whether a shell pattern, of which only * is special, has text
function like(pattern, text) {
	gsub(/[.+]/, "[&]", pattern)
	gsub(/\*/, ".*", pattern)
	return text ~ ("^" pattern "$")
}

function known_defect(test,  here, one, n, i, j) {
	here = release "/" (mode == "" ? "default" : mode)
	for (i = 1; i <= defect_count; i++) {
		if (!like(defect_test[i], test))
			continue
		hints[++hint_count] = test ": " defect_text[i]
		n = split(defect_seen[i], one, " ")
		for (j = 1; j <= n; j++) {
			if (like(one[j], here)) {
				program_known++
				return
			}
		}
	}
}

function result_line(line,  good, name, directive, reason) {
	if (line !~ /^(not )?ok [0-9]+( |$)/) {
		problem("garbled result line: " line)
		return
	}
	good = line !~ /^not /
	sub(/^(not )?ok /, "", line)
	if (line + 0 != ++tests) {
		problem("result " (line + 0) " stands where result " tests " should")
		tests = line + 0
	}
	sub(/^[0-9]+ *(- *)?/, "", line)
	name = line
	if (match(line, /# *(SKIP|XFAIL|XPASS|TODO|TIMEOUT|ERROR)( |$)/)) {
		name = substr(line, 1, RSTART - 1)
		reason = substr(line, RSTART + RLENGTH)
		directive = substr(line, RSTART, RLENGTH)
		gsub(/[# ]/, "", directive)
		sub(/ +$/, "", name)
	}

	if (directive == "XPASS" || (directive == "TODO" && good)) {
		all_failed++
		problem("unexpected pass: " name)
	} else if (directive == "XFAIL" || directive == "TODO") {
		xfailed++
		if (death != "")
			problem("died where a failure was expected: " death)
	} else if (directive == "SKIP" && good) {
		skipped++
		if (why_skipped == "")
			why_skipped = reason
	} else if (directive == "" && good) {
		passed++
	} else {
		failed++
		failed_names = failed_names (failed > 1 ? ", " : "") name
		known_defect(program " " name)
	}
	death = ""
}

function program_line(line) {
	if (line ~ kernel_line) {
		if (line ~ trouble)
			problem("kernel: " line)
		return
	}
	if (line ~ /[\001-\010\013-\032\034-\037\177]/)
		problem("garbage in the output")
	if (line == "TAP version 13" || line == "KTAP version 1") {
		if (versions++ || plans || tests)
			problem("stray version line")
	} else if (line ~ /^1\.\.[0-9]+( *#.*)?$/) {
		plan_line(line)
	} else if (line ~ /^1\.\./) {
		problem("garbled plan: " line)
	} else if (line ~ /^(not )?ok([ \t]|$)/) {
		result_line(line)
	} else if (line ~ /^Bail out!/) {
		problem(line)
	} else if (line ~ harness_death) {
		death = line
		sub(/^# */, "", death)
	}
}

function end_program(status, how,  whole) {
	inside = 0
	all_passed += passed
	all_failed += failed
	all_skipped += skipped
	all_xfailed += xfailed

	whole = versions && plans && tests == planned
	if (how == "late") {
		problem("not run: the " timeout " s were used up")
		return
	}
	if (status == 4 && !problems && (!tests || (whole && tests == skipped))) {
		print "skipped: " program ": " (why_skipped == "" ? "no reason given" : why_skipped)
		return
	}
	if (failed) {
		problem(failed " of " tests " tests failed: " failed_names)
		if (program_known == failed && problems == 1 && whole && status == 1)
			explained++
	}

	if (how == "hung")
		problem("hung: killed when the time (" timeout " s for a kernel) was up")
	else if (status > 128)
		problem("died of signal " (status - 128))
	else if (status == 126 || status == 127)
		problem("cannot be started (status " status "); is it a static arm64 program?")
	else if (!status && failed)
		problem("status 0 although a test failed")
	else if (status && whole && tests && !failed)
		problem("status " status " although no test failed")
	else if (status && !(status == 1 && failed))
		problem("status " status)

	if (!versions)
		problem("no KTAP version line")
	if (!plans)
		problem("no plan")
	else if (tests != planned)
		problem(tests " of " planned " planned tests have a result")
	else if (!tests && !status)
		problem("no test was executed")
	if (problems && !(whole && status <= 1))
		show_tail()
}

function log_line(name, line) {
	if (line !~ trouble)
		return
	if (++logged[name] <= 5)
		problem("kernel log: " line)
}

# A marker may follow a last line without a newline
{
	gsub(/\r+$/, "")
	at = index($0, mark)
	line = at ? substr($0, 1, at - 1) : $0
	if (line != "" || !at) {
		remember(line)
		if (line ~ kernel_line && line ~ /Kernel panic/)
			panic = line
		if (inside)
			program_line(line)
		else if (line ~ kernel_line && line ~ (begun ? trouble : "Kernel panic"))
			problem("kernel: " line)
	}
	if (!at)
		next
	split(substr($0, at + length(mark)), word, " ")
	if (word[1] == "kernel") {
		release = word[2]
		booted = 1
	} else if (word[1] == "nomode") {
		print "skipped: this kernel has no mode " mode
		begun = count
	} else if (word[1] == "begin") {
		begin_program(word[2])
	} else if (word[1] == "end" && inside && word[2] == program) {
		end_program(word[3] + 0, word[4])
	} else if (word[1] == "log") {
		log_line(word[2], substr($0, index($0, ": ") + 2))
	} else if (word[1] == "nolog") {
		print "note: " word[2] ": the kernel's log cannot be read, so nobody looked at it"
	} else if (word[1] == "done" && !inside) {
		finished = 1
	} else {
		problem("marker out of turn: " substr($0, at + length(mark)))
	}
}

END {
	if (!finished) {
		why = "the console was cut short"
		if (panic != "")
			why = "the kernel died"
		else if (ended == "timeout")
			why = "no verdict within " timeout " s"
		if (!booted) {
			program = ""
			problem("the kernel did not reach the programs: " why)
		} else {
			problem((inside ? "no end: " : "nothing after it: ") why)
		}
		if (inside) {
			all_passed += passed
			all_failed += failed
			all_skipped += skipped
			all_xfailed += xfailed
		}
		show_tail()
	}
	while (begun < count) {
		program = expected[++begun]
		problem("never started")
	}

	for (i = 1; i <= hint_count; i++)
		print "known: " hints[i]

	status = 0
	verdict = "passed"
	if (failures || !finished) {
		status = 1
		verdict = "failed"
	} else if (!(all_passed + all_xfailed)) {
		status = 4
		verdict = "skipped"
	}
	printf "%s%s: %d programs, %d passed, %d failed, %d skipped, %d expected failures, " \
		"%.1f s from power-on to verdict: %s\n", release, (mode == "" ? "" : " " mode), count,
		all_passed, all_failed, all_skipped, all_xfailed, seconds, verdict
	if (result != "")
		printf "verdict=%s kernel=%s mode=%s programs=%d passed=%d failed=%d skipped=%d " \
			"xfailed=%d explained=%d seconds=%.1f\n", verdict, release, mode, count,
			all_passed, all_failed, all_skipped, all_xfailed,
			failures && failures == explained, seconds >result
	exit status
}
