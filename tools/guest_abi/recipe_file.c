// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: read the recipe of a fleet: JSON, of which docs/fleet.md has the schema.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

#include "recipe.h"

#define MAX_BYTES (1U << 20)
#define MAX_DEPTH 8

/* JSON, as far as it is read */
struct reader {
	const char *at;
	char path[64]; /* keys down to here, "/" before each; all of a list have its path */
	struct recipe *recipe;
	const char *wrong;
};

static bool fail(struct reader *in, const char *wrong)
{
	if (!in->wrong)
		in->wrong = wrong;
	return false;
}

static char skip_blanks(struct reader *in)
{
	in->at += strspn(in->at, " \t\r\n");
	return *in->at;
}

/* A string without what it stands between; the texts that count have no escapes */
static bool read_string(struct reader *in, char *text, size_t size)
{
	size_t len = 0;

	for (in->at++; *in->at != '"'; in->at++) {
		if (*in->at == '\\' && in->at[1])
			in->at++;
		if ((unsigned char)*in->at < ' ')
			return fail(in, "a string that does not end");
		if (len + 1 < size)
			text[len++] = *in->at;
	}
	in->at++;
	text[len] = '\0';
	return true;
}

static bool take_number(struct reader *in, const char *text, u64 *val)
{
	char *end;

	errno = 0;
	*val = strtoull(text, &end, 0);
	if (errno || !isdigit(*text) || *end)
		return fail(in, "text where a number is expected");
	return true;
}

/* A string or number of the recipe */
static bool take_leaf(struct reader *in, const char *text)
{
	struct recipe *recipe = in->recipe;
	struct recipe_reg *reg = &recipe->reg[recipe->nr - !!recipe->nr];
	const struct {
		const char *path;
		u64 *val;
	} numbers[] = {
		{ "/version", &recipe->version },  { "/gic", &recipe->gic },
		{ "/iidr", &recipe->iidr },	   { "/ipa_bits", &recipe->ipa_bits },
		{ "/registers/mask", &reg->mask }, { "/registers/value", &reg->value },
	};
	unsigned int i;
	u64 val;

	if (!strcmp(in->path, "/format"))
		recipe->is_recipe = !strcmp(text, "kvm-guest-abi recipe");
	if (!strcmp(in->path, "/shape"))
		snprintf(recipe->shape, sizeof(recipe->shape), "%.63s", text);
	if (!strcmp(in->path, "/verdict"))
		snprintf(recipe->verdict, sizeof(recipe->verdict), "%.63s", text);
	if (!strcmp(in->path, "/sve_vq")) {
		if (!take_number(in, text, &val) || !val || val > 512)
			return fail(in, "no vector length");
		recipe->vls[(val - 1) / 64] |= 1ULL << (val - 1) % 64;
	}
	if (!strcmp(in->path, "/registers/id")) {
		/* The first key of a register */
		if (recipe->nr == ARRAY_SIZE(recipe->reg))
			return fail(in, "too many registers");
		return take_number(in, text, &recipe->reg[recipe->nr++].id);
	}
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(in->path, numbers[i].path))
			return take_number(in, text, numbers[i].val);
	return true;
}

static bool read_value(struct reader *in, unsigned int depth);

/* What stands between a bracket and its twin */
static bool read_items(struct reader *in, char close, unsigned int depth)
{
	size_t len = strlen(in->path);
	char key[48];

	in->at++;
	if (skip_blanks(in) == close) {
		in->at++;
		return true;
	}
	for (;;) {
		if (close == '}') {
			if (skip_blanks(in) != '"' || !read_string(in, key, sizeof(key)))
				return fail(in, "no key where one is expected");
			if (skip_blanks(in) != ':')
				return fail(in, "no value after a key");
			in->at++;
			snprintf(in->path + len, sizeof(in->path) - len, "/%s", key);
		}
		if (!read_value(in, depth + 1))
			return false;
		in->path[len] = '\0';
		if (skip_blanks(in) == close) {
			in->at++;
			return true;
		}
		if (*in->at++ != ',')
			return fail(in, "it is cut short, or no JSON");
	}
}

static bool read_value(struct reader *in, unsigned int depth)
{
	char text[64];
	size_t len;

	if (depth > MAX_DEPTH)
		return fail(in, "brackets too deep");
	switch (skip_blanks(in)) {
	case '{':
		return read_items(in, '}', depth);
	case '[':
		return read_items(in, ']', depth);
	case '"':
		return read_string(in, text, sizeof(text)) && take_leaf(in, text);
	}
	len = strspn(in->at, "abcdefghijklmnopqrstuvwxyz0123456789-+.");
	if (!len || len >= sizeof(text))
		return fail(in, "it is cut short, or no JSON");
	snprintf(text, sizeof(text), "%.*s", (int)len, in->at);
	in->at += len;
	return take_leaf(in, text);
}

static const char *check(const struct recipe *recipe)
{
	if (recipe->version != 1)
		return "another version of the format; this program reads 1";
	if (strcmp(recipe->verdict, "yes"))
		return "its verdict is not yes: there is no such VM";
	if (!recipe->is_recipe || !recipe->shape[0] || !recipe->nr || recipe->gic == 1 ||
	    recipe->gic > 3 || recipe->ipa_bits < 32)
		return "a key is missing or wrong";
	return NULL;
}

struct recipe *recipe_read(FILE *file, const char *name, FILE *log)
{
	struct recipe *recipe = calloc(1, sizeof(*recipe));
	char *text = calloc(1, MAX_BYTES + 1);
	struct reader in = { .at = text, .recipe = recipe };

	if (!text || !recipe)
		in.wrong = "no memory";
	else if (fread(text, 1, MAX_BYTES, file) == MAX_BYTES)
		in.wrong = "too long";
	else if (read_value(&in, 0))
		in.wrong = skip_blanks(&in) ? "more text after the end" : check(recipe);
	free(text);
	if (!in.wrong)
		return recipe;
	fprintf(log, "%s: %s\n", name, in.wrong);
	free(recipe);
	return NULL;
}
