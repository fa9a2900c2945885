// SPDX-License-Identifier: GPL-2.0
/*
 * Files of saved state: reading, writing, looking things up.
 *
 * A file is lines of words with one blank between them, in one fixed order. The
 * reader takes nothing else: what it accepts, state_write() writes again byte for
 * byte.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>

#include "vmm/state.h"

#define MAX_WORDS 6

/* The file being read; the current line is not yet used */
struct reader {
	FILE *file, *log;
	const char *name;
	unsigned int line;
	char text[STATE_MAX_LINE + 2]; /* with its line feed */
	char *word[MAX_WORDS];
	unsigned int nr_words;
	bool failed;
};

static bool __printf(2, 3) fail(struct reader *in, const char *format, ...)
{
	va_list args;

	if (in->failed)
		return false;
	in->failed = true;
	fprintf(in->log, "%s:%u: ", in->name, in->line);
	va_start(args, format);
	vfprintf(in->log, format, args);
	va_end(args);
	fprintf(in->log, "\n");
	return false;
}

/* Take the next line apart */
static bool next_line(struct reader *in)
{
	size_t len = 0;
	char *at;
	int c;

	if (in->failed)
		return false;
	in->line++;
	while ((c = getc(in->file)) != EOF && c != '\n') {
		if (c < ' ' || c > '~')
			return fail(in, "byte %#x is not text", c);
		if (len == STATE_MAX_LINE)
			return fail(in, "a line of more than %u bytes", STATE_MAX_LINE);
		in->text[len++] = c;
	}
	if (ferror(in->file))
		return fail(in, "cannot be read: %s", strerror(errno));
	if (c == EOF)
		return fail(in, "the file ends here; it was cut short");
	in->text[len] = '\0';

	in->nr_words = 0;
	for (at = in->text;;) {
		if (*at == ' ' || !*at)
			return fail(in, len ? "a blank too many" : "an empty line");
		if (in->nr_words == MAX_WORDS)
			return fail(in, "more than %u words", MAX_WORDS);
		in->word[in->nr_words++] = at;
		at += strcspn(at, " ");
		if (!*at)
			return true;
		*at++ = '\0';
	}
}

/* Whether the current line is of a kind and has that many words after its name */
static bool is_line(struct reader *in, const char *key, unsigned int nr)
{
	return !in->failed && !strcmp(in->word[0], key) && in->nr_words == nr + 1;
}

/* The current line must be of that kind and length */
static bool expect_line(struct reader *in, const char *key, unsigned int nr)
{
	if (in->failed)
		return false;
	if (strcmp(in->word[0], key))
		return fail(in, "'%.32s' where '%s' is expected", in->word[0], key);
	if (in->nr_words != nr + 1)
		return fail(in, "%u words after '%s', not %u", in->nr_words - 1, key, nr);
	return true;
}

/* A number of the form that state_write() gives it: without leading zeros */
static bool take_number(struct reader *in, const char *text, bool hex, u64 max, u64 *val)
{
	unsigned int base = hex ? 16 : 10;
	const char *digits = text + (hex ? 2 : 0);
	u64 sum = 0;
	size_t i;

	if ((hex && strncmp(text, "0x", 2)) || !*digits || (digits[0] == '0' && digits[1]))
		return fail(in, "'%.32s' is not a number%s", text, hex ? " in hex" : "");
	for (i = 0; digits[i]; i++) {
		const char *all = "0123456789abcdef", *at = strchr(all, digits[i]);
		u64 digit = at ? at - all : base;

		if (digit >= base)
			return fail(in, "'%.32s' is not a number%s", text, hex ? " in hex" : "");
		if (digit > max || sum > (max - digit) / base)
			return fail(in, "%.32s is more than the %#llx allowed", text,
				    (unsigned long long)max);
		sum = sum * base + digit;
	}
	*val = sum;
	return true;
}

static bool take_number32(struct reader *in, const char *text, bool hex, u64 max, u32 *val)
{
	u64 wide = 0;

	if (!take_number(in, text, hex, max, &wide))
		return false;
	*val = wide;
	return true;
}

/* "KEY WORD", and step to the next line */
static bool read_word(struct reader *in, const char *key, char *word)
{
	if (!expect_line(in, key, 1))
		return false;
	if (strlen(in->word[1]) >= STATE_WORD)
		return fail(in, "a word of more than %u bytes", STATE_WORD - 1);
	snprintf(word, STATE_WORD, "%s", in->word[1]);
	return next_line(in);
}

/* "KEY NUMBER", and step to the next line */
static bool read_number(struct reader *in, const char *key, bool hex, u64 max, u64 *val)
{
	return expect_line(in, key, 1) && take_number(in, in->word[1], hex, max, val) &&
	       next_line(in);
}

static bool read_number32(struct reader *in, const char *key, bool hex, u64 max, u32 *val)
{
	return expect_line(in, key, 1) && take_number32(in, in->word[1], hex, max, val) &&
	       next_line(in);
}

/*
 * Append an element to an array of nr. The array grows by doubling, so that its memory
 * is never more than twice what the file has elements for.
 */
static void *grow(void **array, unsigned int *nr, size_t size)
{
	void *bigger;

	if (!(*nr & (*nr - 1))) {
		bigger = realloc(*array, size * (*nr ? 2 * (size_t)*nr : 1));
		if (!bigger)
			return NULL;
		*array = bigger;
	}
	bigger = (char *)*array + size * (*nr)++;
	memset(bigger, 0, size);
	return bigger;
}

struct state_answer *state_add_answer(struct state *state)
{
	void *array = state->answer,
	     *answer = grow(&array, &state->nr_answers, sizeof(*state->answer));

	state->answer = array;
	return answer;
}

struct state_dev_reg *state_add_dev_reg(struct state *state)
{
	void *array = state->dev_reg;
	void *reg = grow(&array, &state->nr_dev_regs, sizeof(*state->dev_reg));

	state->dev_reg = array;
	return reg;
}

/* A value of the register's size in hex, without leading zeros */
static bool reg_value(struct reader *in, const char *text, struct reg_value *reg)
{
	unsigned int bytes = reg_bytes(reg->id), i;
	const char *digits = text + 2;
	size_t len;

	if (strncmp(text, "0x", 2) || !*digits || (digits[0] == '0' && digits[1]) ||
	    strspn(digits, "0123456789abcdef") != strlen(digits))
		return fail(in, "'%.32s' is not a number in hex", text);
	len = strlen(digits);
	if (len > 2 * bytes)
		return fail(in, "%.32s is more than the register's %u bytes", text, bytes);
	for (i = 0; i < len; i++) {
		u8 digit = digits[len - 1 - i];

		digit -= digit <= '9' ? '0' : 'a' - 10;
		reg->val[i / 2] |= digit << i % 2 * 4;
	}
	return true;
}

static bool read_reg(struct reader *in, struct state_vcpu *vcpu)
{
	void *array = vcpu->reg;
	struct reg_value *reg;
	u64 id = 0;

	if (!take_number(in, in->word[1], true, ~0ULL, &id))
		return false;
	if (reg_bytes(id) > REG_MAX_BYTES)
		return fail(in, "register %s of %u bytes", in->word[1], reg_bytes(id));
	if (state_reg(vcpu, id))
		return fail(in, "register %s twice", in->word[1]);
	if (vcpu->nr_regs == STATE_MAX_REGS)
		return fail(in, "more than %u registers", STATE_MAX_REGS);
	reg = grow(&array, &vcpu->nr_regs, sizeof(*reg));
	vcpu->reg = array;
	if (!reg)
		return fail(in, "no memory");
	reg->id = id;
	return reg_value(in, in->word[2], reg) && next_line(in);
}

static bool read_gic(struct reader *in, struct state *state)
{
	if (!expect_line(in, "gic", 1) || !take_number32(in, in->word[1], false, 3, &state->gic))
		return false;
	if (state->gic == 1)
		return fail(in, "a vGIC of version 1");
	return next_line(in);
}

static bool read_events(struct reader *in, struct state_vcpu *vcpu)
{
	return expect_line(in, "events", 3) &&
	       take_number32(in, in->word[1], false, 1, &vcpu->serror.pending) &&
	       take_number32(in, in->word[2], false, 1, &vcpu->serror.has_esr) &&
	       take_number(in, in->word[3], true, ~0ULL, &vcpu->serror.esr) && next_line(in);
}

static bool read_vcpus(struct reader *in, struct state *state)
{
	unsigned int i;
	u32 nr = 0, number = 0;

	if (!expect_line(in, "vcpus", 1) ||
	    !take_number32(in, in->word[1], false, STATE_MAX_VCPUS, &nr))
		return false;
	if (!nr)
		return fail(in, "a VM without vCPUs");
	if (!next_line(in))
		return false;
	state->vcpu = calloc(nr, sizeof(*state->vcpu));
	if (!state->vcpu)
		return fail(in, "no memory");
	state->nr_vcpus = nr;
	for (i = 0; i < nr; i++) {
		struct state_vcpu *vcpu = &state->vcpu[i];

		if (!read_number32(in, "vcpu", false, STATE_MAX_VCPUS, &number))
			return false;
		if (number != i)
			return fail(in, "vCPU %u where %u is expected", number, i);
		if (!read_number32(in, "mp_state", false, ~0U, &vcpu->mp_state) ||
		    !read_number(in, "stolen_time", true, ~0ULL, &vcpu->stolen_time) ||
		    (state->version >= 2 && !read_events(in, vcpu)))
			return false;
		while (is_line(in, "reg", 2))
			if (!read_reg(in, vcpu))
				return false;
	}
	return !in->failed;
}

static bool read_dev_reg(struct reader *in, struct state *state)
{
	struct state_dev_reg *reg, new = { 0 };
	unsigned int i;

	if (!take_number32(in, in->word[1], false, ~0U, &new.group) ||
	    !take_number32(in, in->word[2], false, state->nr_vcpus - 1, &new.cpu) ||
	    !take_number32(in, in->word[3], true, ~0U, &new.offset) ||
	    !take_number(in, in->word[4], true,
			 state->version >= 2 && new.group == STATE_GRP_CPU_SYSREGS ? ~0ULL : ~0U,
			 &new.val))
		return false;
	for (i = 0; i < state->nr_dev_regs; i++) {
		reg = &state->dev_reg[i];
		if (reg->group == new.group && reg->cpu == new.cpu && reg->offset == new.offset)
			return fail(in, "register %s of the vGIC twice", in->word[3]);
	}
	if (state->nr_dev_regs == STATE_MAX_DEV_REGS)
		return fail(in, "more than %u registers of the vGIC", STATE_MAX_DEV_REGS);
	reg = state_add_dev_reg(state);
	if (!reg)
		return fail(in, "no memory");
	*reg = new;
	return next_line(in);
}

static bool read_answer(struct reader *in, struct state *state)
{
	struct state_answer *answer;
	unsigned int i;

	if (strlen(in->word[1]) >= STATE_WORD)
		return fail(in, "a name of more than %u bytes", STATE_WORD - 1);
	if (state_answer(state, in->word[1]))
		return fail(in, "probe %s twice", in->word[1]);
	if (state->nr_answers == STATE_MAX_ANSWERS)
		return fail(in, "more than %u probes", STATE_MAX_ANSWERS);
	answer = state_add_answer(state);
	if (!answer)
		return fail(in, "no memory");
	snprintf(answer->name, sizeof(answer->name), "%s", in->word[1]);
	answer->trapped = !strcmp(in->word[0], "trap");
	for (i = 2; i < in->nr_words; i++)
		if (!take_number(in, in->word[i], true, ~0ULL, &answer->x[i - 2]))
			return false;
	return next_line(in);
}

static bool read_state(struct reader *in, struct state *state)
{
	if (!next_line(in))
		return false;
	if (!is_line(in, "kvm-guest-abi", 2) || strcmp(in->word[1], "state"))
		return fail(in, "not a file of saved state");
	if (!take_number32(in, in->word[2], false, ~0U, &state->version))
		return false;
	if (!state->version || state->version > STATE_VERSION)
		return fail(in, "version %u of the format; this program reads 1 to %d",
			    state->version, STATE_VERSION);
	if (!next_line(in) || !read_word(in, "release", state->release) ||
	    !read_word(in, "mode", state->mode) || !read_word(in, "shape", state->shape) ||
	    !read_word(in, "pin", state->pin) ||
	    !read_number(in, "midr", true, ~0ULL, &state->midr) ||
	    !read_number32(in, "features", true, ~0U, &state->features) || !read_gic(in, state) ||
	    !read_vcpus(in, state))
		return false;
	while (state->gic && is_line(in, "vgic", 4))
		if (!read_dev_reg(in, state))
			return false;
	while (is_line(in, "probe", 5) || is_line(in, "trap", 2))
		if (!read_answer(in, state))
			return false;
	if (!expect_line(in, "end", 0))
		return false;
	if (getc(in->file) != EOF) {
		in->line++;
		return fail(in, "more text after the end");
	}
	return true;
}

struct state *state_read(FILE *file, const char *name, FILE *log)
{
	struct reader in = { .file = file, .log = log, .name = name };
	struct state *state = calloc(1, sizeof(*state));

	if (!state) {
		fprintf(log, "%s: no memory\n", name);
		return NULL;
	}
	if (!read_state(&in, state)) {
		state_free(state);
		return NULL;
	}
	return state;
}

void state_free(struct state *state)
{
	unsigned int i;

	if (!state)
		return;
	for (i = 0; i < state->nr_vcpus; i++)
		free(state->vcpu[i].reg);
	free(state->vcpu);
	free(state->dev_reg);
	free(state->answer);
	free(state);
}

bool state_write(const struct state *state, FILE *file)
{
	unsigned int i, j;

	fprintf(file, "kvm-guest-abi state %u\n", state->version);
	fprintf(file, "release %s\nmode %s\nshape %s\npin %s\n", state->release, state->mode,
		state->shape, state->pin);
	fprintf(file, "midr 0x%llx\nfeatures 0x%x\ngic %u\n", (unsigned long long)state->midr,
		state->features, state->gic);
	fprintf(file, "vcpus %u\n", state->nr_vcpus);
	for (i = 0; i < state->nr_vcpus; i++) {
		const struct state_vcpu *vcpu = &state->vcpu[i];

		fprintf(file, "vcpu %u\nmp_state %u\nstolen_time 0x%llx\n", i, vcpu->mp_state,
			(unsigned long long)vcpu->stolen_time);
		if (state->version >= 2)
			fprintf(file, "events %u %u 0x%llx\n", vcpu->serror.pending,
				vcpu->serror.has_esr, (unsigned long long)vcpu->serror.esr);
		for (j = 0; j < vcpu->nr_regs; j++)
			fprintf(file, "reg 0x%llx %s\n", (unsigned long long)vcpu->reg[j].id,
				reg_value_str(&vcpu->reg[j]));
	}
	for (i = 0; i < state->nr_dev_regs; i++) {
		const struct state_dev_reg *reg = &state->dev_reg[i];

		fprintf(file, "vgic %u %u 0x%x 0x%llx\n", reg->group, reg->cpu, reg->offset,
			(unsigned long long)reg->val);
	}
	for (i = 0; i < state->nr_answers; i++) {
		const struct state_answer *answer = &state->answer[i];

		if (answer->trapped)
			fprintf(file, "trap %s 0x%llx\n", answer->name,
				(unsigned long long)answer->x[0]);
		else
			fprintf(file, "probe %s 0x%llx 0x%llx 0x%llx 0x%llx\n", answer->name,
				(unsigned long long)answer->x[0], (unsigned long long)answer->x[1],
				(unsigned long long)answer->x[2], (unsigned long long)answer->x[3]);
	}
	fprintf(file, "end\n");
	return !fflush(file) && !ferror(file);
}

const struct reg_value *state_reg(const struct state_vcpu *vcpu, u64 id)
{
	unsigned int i;

	for (i = 0; i < vcpu->nr_regs; i++)
		if (vcpu->reg[i].id == id)
			return &vcpu->reg[i];
	return NULL;
}

const struct state_answer *state_answer(const struct state *state, const char *name)
{
	unsigned int i;

	for (i = 0; i < state->nr_answers; i++)
		if (!strcmp(state->answer[i].name, name))
			return &state->answer[i];
	return NULL;
}

bool state_same_answer(const struct state_answer *a, const struct state_answer *b)
{
	return a->trapped == b->trapped && same_bytes(a->x, b->x, sizeof(a->x));
}

const char *state_answer_str(const struct state_answer *answer)
{
	static char buffers[4][4 * 19 + 8];
	static unsigned int next;
	char *text = buffers[next++ % 4];

	if (answer->trapped)
		snprintf(text, sizeof(buffers[0]), "trap:0x%llx", (unsigned long long)answer->x[0]);
	else
		snprintf(text, sizeof(buffers[0]), "0x%llx,0x%llx,0x%llx,0x%llx",
			 (unsigned long long)answer->x[0], (unsigned long long)answer->x[1],
			 (unsigned long long)answer->x[2], (unsigned long long)answer->x[3]);
	return text;
}
