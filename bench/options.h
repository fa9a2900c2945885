/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reg_access_bench: what the user wants, refused with a reason where it cannot be.
 */

#define MAX_SIZES 64

/* File descriptors beside those of the vCPUs */
#define FILES_A_VCPU 2 /* its own, and in newer trees the one of its statistics that libkvm opens */
#define MORE_FILES 64

enum format {
	FORMAT_TABLE,
	FORMAT_CSV,
	FORMAT_JSON,
};

struct options {
	unsigned int size[MAX_SIZES]; /* of the VMs, in vCPUs */
	unsigned int nr_sizes;
	unsigned int repeat; /* samples of each row */
	unsigned int warmup; /* rounds before them */
	unsigned int vm_repeat; /* VMs made and torn down for each size */
	unsigned int runners; /* guests that run while others are accessed */
	double min_ns; /* a sample takes no less */
	double max_ns; /* and where it can be helped no more; 0: as long as a pass takes */
	enum format format;
	const char *output; /* NULL: stdout */
	bool emulated;
};

static void __noreturn __printf(2, 3) die(int status, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "reg_access_bench: ");
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

static const char usage_text[] =
	"usage: reg_access_bench [OPTION...]\n"
	"\n"
	"The cost of KVM_GET_ONE_REG and KVM_SET_ONE_REG against the number of vCPUs.\n"
	"\n"
	"  --vcpus=LIST     sizes of the VMs: 1,2,4,... or max (default: powers of two to max)\n"
	"  --repeat=N       samples of everything (15)\n"
	"  --warmup=N       rounds before them (2)\n"
	"  --vm-repeat=N    VMs made and torn down for each size (3)\n"
	"  --min-time=US    a sample takes no less: it repeats what it measures (2000)\n"
	"  --max-time=US    and no more, where a pass can be sampled by some vCPUs in turn (0: never)\n"
	"  --runners=N      guests that make hypercalls meanwhile (CPUs - 1)\n"
	"  --format=F       table, csv or json (table)\n"
	"  --output=FILE    where that goes; the table is then printed as well\n"
	"  --emulated=W     yes: this machine is emulated, so print no times; no; auto (auto)\n"
	"  -h, --help\n"
	"\n"
	"Exit status: 0 measured, 1 an error, 4 no usable /dev/kvm\n";

/* From first to last, 0 to a hundred million at most */
static unsigned int number(const char *name, const char *text, unsigned int first)
{
	unsigned long val;
	char *end;

	errno = 0;
	val = strtoul(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || val < first || val > 100000000)
		die(KSFT_FAIL, "--%s=%s is no integer from %u up", name, text, first);
	return val;
}

static void add_size(struct options *opt, unsigned int nr)
{
	if (opt->nr_sizes == MAX_SIZES)
		die(KSFT_FAIL, "--vcpus has more than %u sizes", MAX_SIZES);
	if (opt->nr_sizes && opt->size[opt->nr_sizes - 1] >= nr)
		die(KSFT_FAIL, "--vcpus has to be in ascending order");
	opt->size[opt->nr_sizes++] = nr;
}

static void read_sizes(struct options *opt, const char *list, unsigned int max)
{
	char *copy = strdup(list), *save = NULL, *word;
	unsigned int nr;

	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		nr = strcmp(word, "max") ? number("vcpus", word, 1) : max;
		if (nr > max)
			die(KSFT_FAIL, "--vcpus=%u is more than the %u that KVM offers here%s", nr,
			    max, max == VM_MAX_VCPUS ? " (or this program takes)" : "");
		add_size(opt, nr);
	}
	if (!opt->nr_sizes)
		die(KSFT_FAIL, "--vcpus=%s has no number", list);
	free(copy);
}

static void default_sizes(struct options *opt, unsigned int max)
{
	unsigned int nr;

	for (nr = 1; nr < max; nr *= 2)
		add_size(opt, nr);
	add_size(opt, max);
}

static void want_files(unsigned int nr_vcpus)
{
	rlim_t files = nr_vcpus * FILES_A_VCPU + MORE_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die(KSFT_FAIL, "getrlimit(): %s", strerror(errno));
	if (limit.rlim_cur >= files)
		return;
	limit.rlim_cur = files;
	if (limit.rlim_max < files)
		limit.rlim_max = files;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die(KSFT_FAIL,
		    "%u vCPUs need %lu open files, and the limit cannot be raised (%s): see ulimit -Hn, or use --vcpus",
		    nr_vcpus, (unsigned long)files, strerror(errno));
}

/* QEMU's virt machine says so; whether it emulates or virtualises cannot be seen in it */
static bool looks_emulated(void)
{
	char text[256] = "";
	size_t len;
	FILE *f;

	f = fopen("/proc/device-tree/compatible", "r");
	if (!f)
		f = fopen("/sys/class/dmi/id/sys_vendor", "r");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	return strstr(text, "dummy-virt") || strstr(text, "QEMU");
}

static int choice(const char *name, const char *text, const char *const *words, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(text, words[i]))
			return i;
	}
	die(KSFT_FAIL, "--%s=%s is none of: %s, %s, %s", name, text, words[0], words[1], words[2]);
}

/* An output that cannot be written is no use after minutes of measuring */
static void try_output(const char *name)
{
	bool there = !access(name, F_OK);
	FILE *f = fopen(name, "a");

	if (!f)
		die(KSFT_FAIL, "cannot write --output=%s: %s", name, strerror(errno));
	fclose(f);
	if (!there)
		unlink(name);
}

static void read_options(struct options *opt, int argc, char **argv)
{
	static const char *const formats[] = { "table", "csv", "json" };
	static const char *const answers[] = { "no", "yes", "auto" };
	static const struct option longs[] = {
		{ "vcpus", required_argument, NULL, 'c' },
		{ "repeat", required_argument, NULL, 'r' },
		{ "warmup", required_argument, NULL, 'w' },
		{ "vm-repeat", required_argument, NULL, 'v' },
		{ "min-time", required_argument, NULL, 't' },
		{ "max-time", required_argument, NULL, 'm' },
		{ "runners", required_argument, NULL, 'g' },
		{ "format", required_argument, NULL, 'f' },
		{ "output", required_argument, NULL, 'o' },
		{ "emulated", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	unsigned int max = kvm_check_cap(KVM_CAP_MAX_VCPUS);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const char *sizes = NULL;
	int emulated = 2, c;

	*opt = (struct options){ .repeat = 15, .warmup = 2, .vm_repeat = 3, .min_ns = 2e6 };
	opt->runners = cpus > 2 ? cpus - 1 : 1;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			sizes = optarg;
			break;
		case 'r':
			opt->repeat = number("repeat", optarg, 1);
			break;
		case 'w':
			opt->warmup = number("warmup", optarg, 1);
			break;
		case 'v':
			opt->vm_repeat = number("vm-repeat", optarg, 1);
			break;
		case 't':
			opt->min_ns = number("min-time", optarg, 0) * 1e3;
			break;
		case 'm':
			opt->max_ns = number("max-time", optarg, 0) * 1e3;
			break;
		case 'g':
			opt->runners = number("runners", optarg, 1);
			break;
		case 'f':
			opt->format = choice("format", optarg, formats, ARRAY_SIZE(formats));
			break;
		case 'o':
			opt->output = optarg;
			break;
		case 'e':
			emulated = choice("emulated", optarg, answers, ARRAY_SIZE(answers));
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			fputs("Try --help\n", stderr);
			exit(KSFT_FAIL);
		}
	}
	if (optind < argc)
		die(KSFT_FAIL, "'%s' is no option", argv[optind]);
	if (opt->max_ns && opt->max_ns < opt->min_ns)
		die(KSFT_FAIL, "--max-time is less than --min-time");
	if (max > VM_MAX_VCPUS)
		max = VM_MAX_VCPUS;
	if (sizes)
		read_sizes(opt, sizes, max);
	else
		default_sizes(opt, max);
	opt->emulated = emulated == 2 ? looks_emulated() : emulated;
	want_files(opt->size[opt->nr_sizes - 1]);
	if (opt->output)
		try_output(opt->output);
}
