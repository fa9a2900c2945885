// SPDX-License-Identifier: GPL-2.0
/*
 * reg_access_bench: the machine and the results, as a table for people, and as CSV and
 * JSON for programs. docs/performance.md has the schema.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "host.h"

#define SCHEMA "reg_access_bench 1"

void find_host(struct host *host)
{
	FILE *f = fopen("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "r");

	uname(&host->uts);
	host->mode = host_mode();
	host->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	snprintf(host->midr, sizeof(host->midr), "unknown");
	if (!f)
		return;
	if (fscanf(f, "%30[0-9a-fx]", host->midr) != 1)
		snprintf(host->midr, sizeof(host->midr), "unknown");
	fclose(f);
}

void table_head(const struct bench *bench, FILE *f)
{
	const struct host *host = &bench->host;

	fprintf(f, "Linux %s, MIDR %s, %ld CPUs, KVM mode %s%s\n", host->uts.release, host->midr,
		host->cpus, host->mode, bench->opt.emulated ? ", emulated" : "");
	fprintf(f, "%u registers: %u core, %u sys, %u id, %u timer, %u fw; %u more left out\n",
		bench->regs.nr[CLASS_ALL], bench->regs.nr[CLASS_CORE], bench->regs.nr[CLASS_SYS],
		bench->regs.nr[CLASS_ID], bench->regs.nr[CLASS_TIMER], bench->regs.nr[CLASS_FW],
		bench->regs.left_out);
	if (bench->opt.emulated)
		fprintf(f,
			"Emulated, so times mean nothing: costs are ratios to an empty ioctl (clock %.3f, bare loop %.3f)\n",
			bench->floor.clock_ns / bench->floor.empty_ns,
			bench->floor.loop_ns / bench->floor.empty_ns);
	else
		fprintf(f,
			"Floor: clock %.1f ns, bare loop %.2f ns an access, empty ioctl %.1f ns\n",
			bench->floor.clock_ns, bench->floor.loop_ns, bench->floor.empty_ns);
	fprintf(f, "%5s %-7s %-7s %-4s %-5s %8s %8s %8s %8s %11s%s\n", "vCPUs", "op", "class",
		"thr.", "load", "ratio", "q1", "q3", "own %", "pass, empty",
		bench->opt.emulated ? "" : "   ns/access     pass, us");
}

static const char *thread_str(const struct measurement *m)
{
	return m->each ? "each" : "one";
}

static const char *load_str(const struct measurement *m)
{
	return m->busy ? "busy" : "idle";
}

void table_line(const struct bench *bench, const struct measurement *m, FILE *f)
{
	fprintf(f, "%5u %-7s %-7s %-4s %-5s %8.2f %8.2f %8.2f %8.2f %11.0f", m->vcpus,
		op_names[m->op], class_names[m->class], thread_str(m), load_str(m),
		m->cost.median / m->accesses, m->cost.q1 / m->accesses, m->cost.q3 / m->accesses,
		m->overhead, m->cost.median);
	if (!bench->opt.emulated)
		fprintf(f, " %12.1f %12.1f", m->ns.median / m->accesses, m->ns.median / 1e3);
	fputc('\n', f);
}

/* Writes a list of fields in one of three forms */
struct writer {
	FILE *f;
	enum {
		CSV_NAMES,
		CSV_VALUES,
		JSON,
	} form;
	unsigned int nr; /* fields so far */
};

/* Returns false if no value follows */
static bool put_name(struct writer *w, const char *name)
{
	if (w->nr++)
		fputc(',', w->f);
	if (w->form == JSON)
		fprintf(w->f, "\"%s\":", name);
	else if (w->form == CSV_NAMES)
		fputs(name, w->f);
	return w->form != CSV_NAMES;
}

/* No text needs an escape, not even a kernel's release */
static void put_text(struct writer *w, const char *name, const char *text)
{
	const char *quote = w->form == JSON ? "\"" : "";

	if (put_name(w, name))
		fprintf(w->f, "%s%s%s", quote, text, quote);
}

static void put_flag(struct writer *w, const char *name, bool flag)
{
	if (!put_name(w, name))
		return;
	if (w->form == JSON)
		fputs(flag ? "true" : "false", w->f);
	else
		fputs(flag ? "yes" : "no", w->f);
}

static void put_count(struct writer *w, const char *name, unsigned long count)
{
	if (put_name(w, name))
		fprintf(w->f, "%lu", count);
}

static void put_number(struct writer *w, const char *name, int digits, double val)
{
	if (put_name(w, name))
		fprintf(w->f, "%.*f", digits, val);
}

/* On an emulated machine times mean nothing: null in JSON, nothing in CSV */
static void put_ns(struct writer *w, const struct bench *bench, const char *name, double ns)
{
	if (!bench->opt.emulated)
		put_number(w, name, 1, ns);
	else if (put_name(w, name) && w->form == JSON)
		fputs("null", w->f);
}

static void put_host(struct writer *w, const struct bench *bench)
{
	put_text(w, "kernel", bench->host.uts.release);
	put_text(w, "midr", bench->host.midr);
	put_count(w, "cpus", bench->host.cpus);
	put_text(w, "mode", bench->host.mode);
	put_flag(w, "emulated", bench->opt.emulated);
}

static void put_measurement(struct writer *w, const struct bench *bench,
			    const struct measurement *m)
{
	put_count(w, "vcpus", m->vcpus);
	put_text(w, "op", op_names[m->op]);
	put_text(w, "class", class_names[m->class]);
	put_text(w, "threads", thread_str(m));
	put_text(w, "load", load_str(m));
	put_count(w, "accessed", m->accessed);
	put_count(w, "runners", m->runners);
	put_count(w, "accesses", m->accesses);
	put_count(w, "samples", m->nr_samples);
	put_count(w, "batch", m->batch);
	put_number(w, "ratio", 4, m->cost.median / m->accesses);
	put_number(w, "cost", 3, m->cost.median);
	put_number(w, "cost_q1", 3, m->cost.q1);
	put_number(w, "cost_q3", 3, m->cost.q3);
	put_number(w, "cost_mad", 3, m->cost.mad);
	put_number(w, "slowdown", 4, m->empty_ns / bench->floor.empty_ns);
	put_number(w, "overhead_percent", 3, m->overhead);
	put_ns(w, bench, "ns", m->ns.median);
	put_ns(w, bench, "ns_q1", m->ns.q1);
	put_ns(w, bench, "ns_q3", m->ns.q3);
}

static void csv_line(const struct bench *bench, struct writer w, const struct measurement *m)
{
	put_host(&w, bench);
	put_measurement(&w, bench, m);
	fputc('\n', w.f);
}

static void write_csv(const struct bench *bench, FILE *f)
{
	unsigned int i;

	csv_line(bench, (struct writer){ f, .form = CSV_NAMES }, &bench->measurement[0]);
	for (i = 0; i < bench->nr_measurements; i++)
		csv_line(bench, (struct writer){ f, .form = CSV_VALUES }, &bench->measurement[i]);
}

static void put_floor(struct writer *w, const struct bench *bench)
{
	const struct floor *floor = &bench->floor;

	put_ns(w, bench, "clock_ns", floor->clock_ns);
	put_ns(w, bench, "loop_ns", floor->loop_ns);
	put_ns(w, bench, "empty_ns", floor->empty_ns);
	put_number(w, "clock_ratio", 5, floor->clock_ns / floor->empty_ns);
	put_number(w, "loop_ratio", 5, floor->loop_ns / floor->empty_ns);
}

static void put_registers(struct writer *w, const struct bench *bench)
{
	unsigned int c;

	put_count(w, "left_out", bench->regs.left_out);
	for (c = 0; c <= CLASS_ALL; c++)
		put_count(w, class_names[c], bench->regs.nr[c]);
}

/* The part of JSON that is one object, of what a function puts */
static void json_object(const struct bench *bench, FILE *f, const char *name,
			void (*put)(struct writer *w, const struct bench *bench))
{
	struct writer w = { f, .form = JSON };

	fprintf(f, "\"%s\":{", name);
	put(&w, bench);
	fputs("},\n", f);
}

/* A measurement a line */
static void write_json(const struct bench *bench, FILE *f)
{
	unsigned int i;

	fprintf(f, "{\"schema\":\"%s\",\n", SCHEMA);
	json_object(bench, f, "host", put_host);
	json_object(bench, f, "floor", put_floor);
	json_object(bench, f, "registers", put_registers);
	fputs("\"rows\":[\n", f);
	for (i = 0; i < bench->nr_measurements; i++) {
		struct writer w = { f, .form = JSON };

		fputc('{', f);
		put_measurement(&w, bench, &bench->measurement[i]);
		fputs(i + 1 < bench->nr_measurements ? "},\n" : "}\n", f);
	}
	fputs("]}\n", f);
}

void write_to(const struct bench *bench, FILE *f)
{
	unsigned int i;

	switch (bench->opt.format) {
	case FORMAT_CSV:
		write_csv(bench, f);
		break;
	case FORMAT_JSON:
		write_json(bench, f);
		break;
	case FORMAT_TABLE:
		table_head(bench, f);
		for (i = 0; i < bench->nr_measurements; i++)
			table_line(bench, &bench->measurement[i], f);
	}
}

/* Write to a file next to it and rename that, unless it is a device */
void write_output(const struct bench *bench)
{
	const char *name = bench->opt.output;
	char *temp = NULL;
	struct stat st;
	FILE *f;
	int err;

	if (stat(name, &st) || S_ISREG(st.st_mode)) {
		if (asprintf(&temp, "%s.%d", name, getpid()) < 0)
			die(KSFT_FAIL, "no memory for a file name");
	}
	f = fopen(temp ?: name, "w");
	if (f)
		write_to(bench, f);
	if (!f || ferror(f) | fclose(f) || (temp && rename(temp, name))) {
		err = errno ?: EIO;
		if (temp)
			unlink(temp);
		die(KSFT_FAIL, "cannot write --output=%s: %s", name, strerror(err));
	}
	free(temp);
}
