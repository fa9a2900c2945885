// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the reader of recipes, on any machine. What is wrong with one is a row: a text with
 * one part replaced, and the message that the reader must print.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

#include "../tools/guest_abi/recipe.h"

static const char whole[] =
	"{\"format\": \"kvm-guest-abi recipe\", \"version\": 1, \"verdict\": \"yes\",\n"
	" \"shape\": \"sve\", \"hosts\": [\"a \\\"b\\\" \\\\\", \"c\"], \"obstacles\": [],\n"
	" \"differs\": [{\"probe\": \"x\", \"hosts\": [\"c\"], \"why\": \"version\"}],\n"
	" \"gic\": 3, \"iidr\": \"0x4b00343b\", \"ipa_bits\": 40, \"sve_vq\": [1, 2, 16],\n"
	" \"registers\": [\n"
	"  {\"id\": \"0x6030000000140000\", \"name\": \"P\", \"mask\": \"0xffffffffffffffff\", \"value\": \"0x10001\"},\n"
	"  {\"id\": \"0x603000000013c028\", \"name\": \"D\", \"mask\": \"0xf\", \"value\": \"0x6\"}],\n"
	" \"qemu\": \"-cpu host\"}\n";

static struct recipe *read_text(const char *text, char **log)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	size_t len;
	FILE *out = open_memstream(log, &len);
	struct recipe *recipe = recipe_read(file, "f", out);

	fclose(file);
	fclose(out);
	return recipe;
}

FIXTURE(recipe)
{
	struct recipe *recipe;
	char *log;
};

FIXTURE_SETUP(recipe)
{
}

FIXTURE_TEARDOWN(recipe)
{
	free(self->recipe);
	free(self->log);
}

TEST_F(recipe, is_read)
{
	self->recipe = read_text(whole, &self->log);
	ASSERT_NE(NULL, self->recipe)
	{
		TH_LOG("%s", self->log);
	}
	EXPECT_STREQ("sve", self->recipe->shape);
	EXPECT_EQ(3, self->recipe->gic);
	EXPECT_EQ(0x4b00343b, self->recipe->iidr);
	EXPECT_EQ(40, self->recipe->ipa_bits);
	EXPECT_EQ(0x8003, self->recipe->vls[0]);
	ASSERT_EQ(2, self->recipe->nr);
	EXPECT_EQ(0x6030000000140000, self->recipe->reg[0].id);
	EXPECT_EQ(~0UL, self->recipe->reg[0].mask);
	EXPECT_EQ(0x10001, self->recipe->reg[0].value);
	EXPECT_EQ(0xf, self->recipe->reg[1].mask);
	EXPECT_EQ(6, self->recipe->reg[1].value);
}

TEST_F(recipe, cut_anywhere_is_refused)
{
	char *text = strdup(whole);
	size_t len = strlen(text) - 1;

	while (--len) {
		text[len] = '\0';
		free(self->log);
		self->recipe = read_text(text, &self->log);
		EXPECT_EQ(NULL, self->recipe)
		{
			TH_LOG("%zu bytes were taken for a whole file", len);
		}
		EXPECT_NE(0, strlen(self->log));
	}
	free(text);
}

FIXTURE(refused)
{
	char *log;
};

FIXTURE_VARIANT(refused)
{
	const char *from, *to;
	const char *message;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(refused, another_format) { "abi recipe", "abi host", "f: a key is missing or wrong\n" };
FIXTURE_VARIANT_ADD(refused, no_format) { "\"format\"", "\"formal\"", "f: a key is missing or wrong\n" };
FIXTURE_VARIANT_ADD(refused, newer_version) { "\"version\": 1", "\"version\": 2", "f: another version of the format; this program reads 1\n" };
FIXTURE_VARIANT_ADD(refused, no_version) { "\"version\": 1", "\"vision\": 1", "f: another version of the format; this program reads 1\n" };
FIXTURE_VARIANT_ADD(refused, verdict_of_no) { "\"yes\"", "\"no\"", "f: its verdict is not yes: there is no such VM\n" };
FIXTURE_VARIANT_ADD(refused, no_shape) { "\"shape\"", "\"shade\"", "f: a key is missing or wrong\n" };
FIXTURE_VARIANT_ADD(refused, no_registers) { "\"registers\"", "\"resisters\"", "f: a key is missing or wrong\n" };
FIXTURE_VARIANT_ADD(refused, no_such_vgic) { "\"gic\": 3", "\"gic\": 1", "f: a key is missing or wrong\n" };
FIXTURE_VARIANT_ADD(refused, no_such_ipa_space) { "40", "31", "f: a key is missing or wrong\n" };
FIXTURE_VARIANT_ADD(refused, no_number) { "\"0x10001\"", "\"0x1g\"", "f: text where a number is expected\n" };
FIXTURE_VARIANT_ADD(refused, negative_number) { "\"0x10001\"", "-1", "f: text where a number is expected\n" };
FIXTURE_VARIANT_ADD(refused, huge_number) { "\"0x10001\"", "\"0x10000000000000000\"", "f: text where a number is expected\n" };
FIXTURE_VARIANT_ADD(refused, empty_number) { "\"0x10001\"", "\"\"", "f: text where a number is expected\n" };
FIXTURE_VARIANT_ADD(refused, vector_length_of_zero) { "[1, 2, 16]", "[0]", "f: no vector length\n" };
FIXTURE_VARIANT_ADD(refused, vector_length_too_long) { "[1, 2, 16]", "[513]", "f: no vector length\n" };
FIXTURE_VARIANT_ADD(refused, string_without_end) { "\"-cpu host\"", "\"-cpu host", "f: a string that does not end\n" };
FIXTURE_VARIANT_ADD(refused, two_values) { "\"gic\": 3", "\"gic\": 3 3", "f: it is cut short, or no JSON\n" };
FIXTURE_VARIANT_ADD(refused, no_value) { "\"gic\": 3", "\"gic\": ", "f: it is cut short, or no JSON\n" };
FIXTURE_VARIANT_ADD(refused, no_colon) { "\"gic\": 3", "\"gic\" 3", "f: no value after a key\n" };
FIXTURE_VARIANT_ADD(refused, no_key) { "\"gic\": 3", "3", "f: no key where one is expected\n" };
FIXTURE_VARIANT_ADD(refused, too_deep) { "\"gic\": 3", "\"x\": [[[[[[[[[[1]]]]]]]]]]", "f: brackets too deep\n" };
FIXTURE_VARIANT_ADD(refused, more_text) { "-cpu host\"}", "-cpu host\"}}", "f: more text after the end\n" };
FIXTURE_VARIANT_ADD(refused, a_list) { "{\"format\"", "[\"format\"", "f: it is cut short, or no JSON\n" };
/* clang-format on */

FIXTURE_SETUP(refused)
{
}

FIXTURE_TEARDOWN(refused)
{
	free(self->log);
}

TEST_F(refused, with_a_message)
{
	const char *at = strstr(whole, variant->from);
	char text[4096];
	struct recipe *recipe;

	ASSERT_NE(NULL, at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - whole), whole, variant->to,
		 at + strlen(variant->from));
	recipe = read_text(text, &self->log);
	EXPECT_EQ(NULL, recipe);
	EXPECT_STREQ(variant->message, self->log);
	free(recipe);
}

TEST_F(recipe, with_too_many_registers_is_refused)
{
	char *text = calloc(1, 1 << 16), *at = text;
	unsigned int i;

	at += sprintf(at, "{\"registers\": [");
	for (i = 0; i <= RECIPE_MAX_REGS; i++)
		at += sprintf(at, "%s{\"id\": %u}", i ? "," : "", i);
	sprintf(at, "]}");
	self->recipe = read_text(text, &self->log);
	EXPECT_EQ(NULL, self->recipe);
	EXPECT_STREQ("f: too many registers\n", self->log);
	free(text);
}

TEST_HARNESS_MAIN
