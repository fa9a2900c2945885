/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reg_access_bench: the machine, and what was measured on it, for people and programs.
 * docs/performance.md has the schema.
 */

#define SCHEMA "reg_access_bench 1"

struct host {
	struct utsname uts;
	char midr[32]; /* of the first CPU */
	const char *mode; /* of KVM */
	long cpus;
};

static void host_find(struct host *host)
{
	FILE *f = fopen("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "r");

	uname(&host->uts);
	host->mode = kvm_mode();
	host->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	snprintf(host->midr, sizeof(host->midr), "unknown");
	if (!f)
		return;
	if (fscanf(f, "%30[0-9a-fx]", host->midr) != 1)
		snprintf(host->midr, sizeof(host->midr), "unknown");
	fclose(f);
}

static void table_head(const struct bench *bench, const struct host *host, FILE *f)
{
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

static void table_row(const struct bench *bench, const struct row *row, FILE *f)
{
	fprintf(f, "%5u %-7s %-7s %-4s %-5s %8.2f %8.2f %8.2f %8.2f %11.0f", row->vcpus,
		op_names[row->op], class_names[row->class], row->each ? "each" : "one",
		row->busy ? "busy" : "idle", row->cost.median / row->accesses,
		row->cost.q1 / row->accesses, row->cost.q3 / row->accesses, row->overhead,
		row->cost.median);
	if (!bench->opt.emulated)
		fprintf(f, " %12.1f %12.1f", row->ns.median / row->accesses, row->ns.median / 1e3);
	fputc('\n', f);
}

/* Times are left out where they mean nothing: null in JSON, nothing in CSV */
static void put_ns(const struct bench *bench, FILE *f, double ns, const char *none)
{
	if (bench->opt.emulated)
		fputs(none, f);
	else
		fprintf(f, "%.1f", ns);
}

static const char *const csv_columns[] = {
	"kernel",   "midr",
	"cpus",	    "mode",
	"emulated", "vcpus",
	"op",	    "class",
	"threads",  "load",
	"accessed", "runners",
	"accesses", "samples",
	"batch",    "ratio",
	"cost",	    "cost_q1",
	"cost_q3",  "cost_mad",
	"slowdown", "overhead_percent",
	"ns",	    "ns_q1",
	"ns_q3",
};

static void write_csv(const struct bench *bench, const struct host *host, FILE *f)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(csv_columns); i++)
		fprintf(f, "%s%s", i ? "," : "", csv_columns[i]);
	fputc('\n', f);
	for (i = 0; i < bench->nr_rows; i++) {
		const struct row *row = &bench->row[i];

		fprintf(f, "%s,%s,%ld,%s,%s,%u,%s,%s,%s,%s,%u,%u,%lu,%u,%lu,", host->uts.release,
			host->midr, host->cpus, host->mode, bench->opt.emulated ? "yes" : "no",
			row->vcpus, op_names[row->op], class_names[row->class],
			row->each ? "each" : "one", row->busy ? "busy" : "idle", row->accessed,
			row->runners, row->accesses, row->nr_samples, row->batch);
		fprintf(f, "%.4f,%.3f,%.3f,%.3f,%.3f,%.4f,%.3f,", row->cost.median / row->accesses,
			row->cost.median, row->cost.q1, row->cost.q3, row->cost.mad,
			row->empty_ns / bench->floor.empty_ns, row->overhead);
		put_ns(bench, f, row->ns.median, "");
		fputc(',', f);
		put_ns(bench, f, row->ns.q1, "");
		fputc(',', f);
		put_ns(bench, f, row->ns.q3, "");
		fputc('\n', f);
	}
}

static void json_row(const struct bench *bench, const struct row *row, FILE *f)
{
	fprintf(f,
		"{\"vcpus\":%u,\"op\":\"%s\",\"class\":\"%s\",\"threads\":\"%s\",\"load\":\"%s\",",
		row->vcpus, op_names[row->op], class_names[row->class], row->each ? "each" : "one",
		row->busy ? "busy" : "idle");
	fprintf(f, "\"accessed\":%u,\"runners\":%u,\"accesses\":%lu,\"samples\":%u,\"batch\":%lu,",
		row->accessed, row->runners, row->accesses, row->nr_samples, row->batch);
	fprintf(f,
		"\"ratio\":%.4f,\"cost\":%.3f,\"cost_q1\":%.3f,\"cost_q3\":%.3f,\"cost_mad\":%.3f,",
		row->cost.median / row->accesses, row->cost.median, row->cost.q1, row->cost.q3,
		row->cost.mad);
	fprintf(f, "\"slowdown\":%.4f,\"overhead_percent\":%.3f,\"ns\":",
		row->empty_ns / bench->floor.empty_ns, row->overhead);
	put_ns(bench, f, row->ns.median, "null");
	fputs(",\"ns_q1\":", f);
	put_ns(bench, f, row->ns.q1, "null");
	fputs(",\"ns_q3\":", f);
	put_ns(bench, f, row->ns.q3, "null");
	fputc('}', f);
}

/* A row a line. No text in it needs an escape: a release has none that would. */
static void write_json(const struct bench *bench, const struct host *host, FILE *f)
{
	unsigned int i, c;

	fprintf(f, "{\"schema\":\"%s\",\n", SCHEMA);
	fprintf(f,
		"\"host\":{\"kernel\":\"%s\",\"midr\":\"%s\",\"cpus\":%ld,\"mode\":\"%s\",\"emulated\":%s},\n",
		host->uts.release, host->midr, host->cpus, host->mode,
		bench->opt.emulated ? "true" : "false");
	fputs("\"floor\":{\"clock_ns\":", f);
	put_ns(bench, f, bench->floor.clock_ns, "null");
	fputs(",\"loop_ns\":", f);
	put_ns(bench, f, bench->floor.loop_ns, "null");
	fputs(",\"empty_ns\":", f);
	put_ns(bench, f, bench->floor.empty_ns, "null");
	fprintf(f, ",\"clock_ratio\":%.5f,\"loop_ratio\":%.5f},\n",
		bench->floor.clock_ns / bench->floor.empty_ns,
		bench->floor.loop_ns / bench->floor.empty_ns);
	fprintf(f, "\"registers\":{\"left_out\":%u", bench->regs.left_out);
	for (c = 0; c <= CLASS_ALL; c++)
		fprintf(f, ",\"%s\":%u", class_names[c], bench->regs.nr[c]);
	fputs("},\n\"rows\":[\n", f);
	for (i = 0; i < bench->nr_rows; i++) {
		json_row(bench, &bench->row[i], f);
		fputs(i + 1 < bench->nr_rows ? ",\n" : "\n", f);
	}
	fputs("]}\n", f);
}

static void write_to(const struct bench *bench, const struct host *host, FILE *f)
{
	unsigned int i;

	switch (bench->opt.format) {
	case FORMAT_CSV:
		write_csv(bench, host, f);
		break;
	case FORMAT_JSON:
		write_json(bench, host, f);
		break;
	case FORMAT_TABLE:
		table_head(bench, host, f);
		for (i = 0; i < bench->nr_rows; i++)
			table_row(bench, &bench->row[i], f);
	}
}

/* All of it or nothing: by a file beside it, unless it is a device */
static void write_output(const struct bench *bench, const struct host *host)
{
	const char *name = bench->opt.output;
	char *temp = NULL;
	struct stat st;
	int err = 0;
	FILE *f;

	if (stat(name, &st) || S_ISREG(st.st_mode)) {
		if (asprintf(&temp, "%s.%d", name, getpid()) < 0)
			die(KSFT_FAIL, "no memory for a file name");
	}
	f = fopen(temp ?: name, "w");
	if (!f)
		die(KSFT_FAIL, "cannot write %s: %s", temp ?: name, strerror(errno));
	write_to(bench, host, f);
	if (ferror(f) | fclose(f) || (temp && rename(temp, name)))
		err = errno ?: EIO;
	if (err) {
		if (temp)
			unlink(temp);
		die(KSFT_FAIL, "cannot write --output=%s: %s", name, strerror(err));
	}
	free(temp);
}
