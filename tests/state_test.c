// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the reader and writer of state files, on any machine. What is wrong with a
 * file is a row: the text of tests/corpus/state/small with one part replaced, and the
 * message that the reader must print.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

#include "vmm/state.h"

#define LONG_WORD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *corpus = "tests/corpus/state";

static char *read_text(const char *name)
{
	char path[256], *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", corpus, name);
	file = fopen(path, "r");
	if (!file || !text || !fread(text, 1, 65535, file))
		exit(KSFT_FAIL);
	fclose(file);
	return text;
}

/* Reads a text; the message goes to @log, which is to be freed */
static struct state *read_state(const char *text, char **log)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	size_t len;
	FILE *out = open_memstream(log, &len);
	struct state *state = state_read(file, "f", out);

	fclose(file);
	fclose(out);
	return state;
}

FIXTURE(refused)
{
	char *text, *log;
};

FIXTURE_VARIANT(refused)
{
	const char *from, *to;
	const char *message;
	const char *file; /* NULL: small */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(refused, empty_line) { "mode vhe\n", "\nmode vhe\n", "f:3: an empty line" };
FIXTURE_VARIANT_ADD(refused, blank_at_the_end) { "mode vhe", "mode vhe ", "f:3: a blank too many" };
FIXTURE_VARIANT_ADD(refused, two_blanks) { "mode vhe", "mode  vhe", "f:3: a blank too many" };
FIXTURE_VARIANT_ADD(refused, carriage_return) { "mode vhe", "mode vhe\r", "f:3: byte 0xd is not text" };
FIXTURE_VARIANT_ADD(refused, tabulator) { "mode vhe", "mode\tvhe", "f:3: byte 0x9 is not text" };
FIXTURE_VARIANT_ADD(refused, another_file) { "kvm-guest-abi state", "kvm-guest-abi stats", "f:1: not a file of saved state" };
FIXTURE_VARIANT_ADD(refused, older_version) { "state 1", "state 0", "f:1: version 0 of the format; this program reads 1 to 2" };
FIXTURE_VARIANT_ADD(refused, newer_version) { "state 1", "state 3", "f:1: version 3 of the format; this program reads 1 to 2" };
FIXTURE_VARIANT_ADD(refused, huge_version) { "state 1", "state 99999999999", "f:1: 99999999999 is more than the 0xffffffff allowed" };
FIXTURE_VARIANT_ADD(refused, missing_key) { "mode vhe\n", "", "f:3: 'shape' where 'mode' is expected" };
FIXTURE_VARIANT_ADD(refused, unknown_key) { "mode vhe", "mood vhe", "f:3: 'mood' where 'mode' is expected" };
FIXTURE_VARIANT_ADD(refused, repeated_key) { "mode vhe\n", "mode vhe\nmode vhe\n", "f:4: 'mode' where 'shape' is expected" };
FIXTURE_VARIANT_ADD(refused, key_without_value) { "mode vhe", "mode", "f:3: 0 words after 'mode', not 1" };
FIXTURE_VARIANT_ADD(refused, too_many_words) { "mode vhe", "mode vhe a b c d e", "f:3: more than 6 words" };
FIXTURE_VARIANT_ADD(refused, long_word) { "mode vhe", "mode " LONG_WORD, "f:3: a word of more than 63 bytes" };
FIXTURE_VARIANT_ADD(refused, hex_where_decimal) { "gic 3", "gic 0x3", "f:8: '0x3' is not a number" };
FIXTURE_VARIANT_ADD(refused, decimal_where_hex) { "midr 0x413fd0c1", "midr 1094701249", "f:6: '1094701249' is not a number in hex" };
FIXTURE_VARIANT_ADD(refused, leading_zero) { "features 0x0", "features 0x00", "f:7: '0x00' is not a number in hex" };
FIXTURE_VARIANT_ADD(refused, capital_hex) { "midr 0x413fd0c1", "midr 0x413FD0C1", "f:6: '0x413FD0C1' is not a number in hex" };
FIXTURE_VARIANT_ADD(refused, sign) { "gic 3", "gic -3", "f:8: '-3' is not a number" };
FIXTURE_VARIANT_ADD(refused, no_digits) { "features 0x0", "features 0x", "f:7: '0x' is not a number in hex" };
FIXTURE_VARIANT_ADD(refused, no_such_gic) { "gic 3", "gic 4", "f:8: 4 is more than the 0x3 allowed" };
FIXTURE_VARIANT_ADD(refused, gic_of_version_1) { "gic 3", "gic 1", "f:8: a vGIC of version 1" };
FIXTURE_VARIANT_ADD(refused, overflow) { "midr 0x413fd0c1", "midr 0x10000000000000000", "f:6: 0x10000000000000000 is more than the 0xffffffffffffffff allowed" };
FIXTURE_VARIANT_ADD(refused, no_vcpus) { "vcpus 2", "vcpus 0", "f:9: a VM without vCPUs" };
FIXTURE_VARIANT_ADD(refused, too_many_vcpus) { "vcpus 2", "vcpus 513", "f:9: 513 is more than the 0x200 allowed" };
FIXTURE_VARIANT_ADD(refused, huge_count) { "vcpus 2", "vcpus 18446744073709551616", "f:9: 18446744073709551616 is more than the 0x200 allowed" };
FIXTURE_VARIANT_ADD(refused, fewer_vcpus_than_said) { "vcpus 2", "vcpus 3", "f:20: 'vgic' where 'vcpu' is expected" };
FIXTURE_VARIANT_ADD(refused, more_vcpus_than_said) { "vcpus 2", "vcpus 1", "f:16: 'vcpu' where 'end' is expected" };
FIXTURE_VARIANT_ADD(refused, vcpus_out_of_order) { "vcpu 1", "vcpu 0", "f:17: vCPU 0 where 1 is expected" };
FIXTURE_VARIANT_ADD(refused, register_twice) { "0x60200000001000d4", "0x6030000000100000", "f:14: register 0x6030000000100000 twice" };
FIXTURE_VARIANT_ADD(refused, value_too_wide) { "0x60200000001000d4 0x0", "0x60200000001000d4 0x100000000", "f:14: 0x100000000 is more than the register's 4 bytes" };
FIXTURE_VARIANT_ADD(refused, value_not_hex) { "0x60200000001000d4 0x0", "0x60200000001000d4 0x0g", "f:14: '0x0g' is not a number in hex" };
FIXTURE_VARIANT_ADD(refused, register_too_wide) { "0x60200000001000d4", "0x60900000001000d4", "f:14: register 0x60900000001000d4 of 512 bytes" };
FIXTURE_VARIANT_ADD(refused, register_without_value) { "0x60200000001000d4 0x0", "0x60200000001000d4", "f:14: 'reg' where 'vcpu' is expected" };
FIXTURE_VARIANT_ADD(refused, vgic_register_without_a_vgic) { "gic 3", "gic 0", "f:20: 'vgic' where 'end' is expected" };
FIXTURE_VARIANT_ADD(refused, vgic_register_twice) { "vgic 5 1 0x0 0x0", "vgic 1 0 0x8 0x0", "f:21: register 0x8 of the vGIC twice" };
FIXTURE_VARIANT_ADD(refused, vgic_register_of_no_vcpu) { "vgic 5 1", "vgic 5 2", "f:21: 2 is more than the 0x1 allowed" };
FIXTURE_VARIANT_ADD(refused, probe_twice) { "trap id:S3_0_C0_C7_7 0x62000000", "trap hvc:SMCCC_VERSION 0x0", "f:23: probe hvc:SMCCC_VERSION twice" };
FIXTURE_VARIANT_ADD(refused, long_probe_name) { "trap id:S3_0_C0_C7_7", "trap " LONG_WORD, "f:23: a name of more than 63 bytes" };
FIXTURE_VARIANT_ADD(refused, probe_of_three_words) { "0x10001 0x0 0x0 0x0", "0x10001 0x0 0x0", "f:22: 'probe' where 'end' is expected" };
FIXTURE_VARIANT_ADD(refused, no_end) { "end\n", "", "f:24: the file ends here; it was cut short" };
FIXTURE_VARIANT_ADD(refused, text_after_the_end) { "end\n", "end\nend\n", "f:25: more text after the end" };
FIXTURE_VARIANT_ADD(refused, no_line_feed_at_the_end) { "end\n", "end", "f:24: the file ends here; it was cut short" };
FIXTURE_VARIANT_ADD(refused, version_1_has_no_events) { "mp_state 0\nstolen_time 0x80010000\n", "mp_state 0\nstolen_time 0x80010000\nevents 0 0 0x0\n", "f:13: 'events' where 'vcpu' is expected" };
FIXTURE_VARIANT_ADD(refused, version_1_has_no_wide_vgic_register) { "vgic 5 1 0x0 0x0", "vgic 6 1 0x0 0x100000000", "f:21: 0x100000000 is more than the 0xffffffff allowed" };
FIXTURE_VARIANT_ADD(refused, version_2_has_events) { "events 0 1 0x0\n", "", "f:13: 'reg' where 'events' is expected", "events" };
FIXTURE_VARIANT_ADD(refused, pending_is_0_or_1) { "events 1 1", "events 2 1", "f:20: 2 is more than the 0x1 allowed", "events" };
FIXTURE_VARIANT_ADD(refused, only_the_cpu_interface_is_wide) { "vgic 5 1 0x0 0x0", "vgic 5 1 0x0 0x100000000", "f:23: 0x100000000 is more than the 0xffffffff allowed", "events" };
/* clang-format on */

FIXTURE_SETUP(refused)
{
	self->text = read_text(variant->file ?: "small");
}

FIXTURE_TEARDOWN(refused)
{
	free(self->text);
	free(self->log);
}

TEST_F(refused, with_a_message_that_names_the_line)
{
	char *at = strstr(self->text, variant->from), text[65536];
	char message[256];
	struct state *state;

	ASSERT_NE(NULL, at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - self->text), self->text, variant->to,
		 at + strlen(variant->from));
	snprintf(message, sizeof(message), "%s\n", variant->message);
	state = read_state(text, &self->log);
	EXPECT_EQ(NULL, state);
	EXPECT_STREQ(message, self->log);
	state_free(state);
}

TEST(a_file_cut_anywhere_is_refused)
{
	char *text = read_text("small"), *log;
	size_t len = strlen(text);
	struct state *state;

	while (--len) {
		text[len] = '\0';
		state = read_state(text, &log);
		EXPECT_EQ(NULL, state)
		{
			TH_LOG("%zu bytes were taken for a whole file", len);
		}
		EXPECT_NE(0, strlen(log));
		state_free(state);
		free(log);
	}
	free(text);
}

TEST(a_long_line_is_refused)
{
	char *text = calloc(1, 4096), *log;

	memset(text, 'a', STATE_MAX_LINE + 1);
	EXPECT_EQ(NULL, read_state(text, &log));
	EXPECT_STREQ("f:1: a line of more than 1024 bytes\n", log);
	free(log);
	free(text);
}

TEST(what_is_read_is_written_byte_for_byte)
{
	static const char *const names[] = { "small", "sve", "events" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *text = read_text(names[i]), *log, *again = NULL;
		struct state *state = read_state(text, &log);
		size_t len;
		FILE *out = open_memstream(&again, &len);

		EXPECT_STREQ("", log);
		ASSERT_NE(NULL, state);
		EXPECT_TRUE(state_write(state, out));
		fclose(out);
		EXPECT_STREQ(text, again);
		state_free(state);
		free(again);
		free(log);
		free(text);
	}
}

TEST(values_are_found_by_what_they_are_of)
{
	char *text = read_text("small"), *log;
	struct state *state = read_state(text, &log);
	const struct reg_value *reg;
	const struct state_answer *answer, *trap;

	ASSERT_NE(NULL, state);
	EXPECT_STREQ("6.12.0-arm64", state->release);
	EXPECT_EQ(2, state->nr_vcpus);
	EXPECT_EQ(3, state->vcpu[1].mp_state);
	reg = state_reg(&state->vcpu[1], 0x6030000000100000);
	ASSERT_NE(NULL, reg);
	EXPECT_STREQ("0xffffffffffffffff", reg_value_str(reg));
	EXPECT_EQ(NULL, state_reg(&state->vcpu[1], 0x6030000000140000));
	EXPECT_EQ(0x4b00343b, state->dev_reg[0].val);
	EXPECT_EQ(1, state->dev_reg[1].cpu);
	answer = state_answer(state, "hvc:SMCCC_VERSION");
	trap = state_answer(state, "id:S3_0_C0_C7_7");
	ASSERT_NE(NULL, answer);
	ASSERT_NE(NULL, trap);
	EXPECT_STREQ("0x10001,0x0,0x0,0x0", state_answer_str(answer));
	EXPECT_STREQ("trap:0x62000000", state_answer_str(trap));
	EXPECT_TRUE(state_same_answer(trap, trap));
	EXPECT_FALSE(state_same_answer(answer, trap));
	state_free(state);
	free(log);
	free(text);
}

TEST(events_and_the_cpu_interface_are_in_version_2)
{
	char *text = read_text("events"), *log;
	struct state *state = read_state(text, &log);

	ASSERT_NE(NULL, state);
	EXPECT_EQ(2, state->version);
	EXPECT_EQ(0, state->vcpu[0].serror.pending);
	EXPECT_EQ(1, state->vcpu[1].serror.pending);
	EXPECT_EQ(0x5a5a, state->vcpu[1].serror.esr);
	EXPECT_EQ(0xffffffffffffffff, state->dev_reg[3].val);
	state_free(state);
	free(log);
	free(text);
}

TEST(a_full_disk_is_an_error_of_the_writer)
{
	char *text = read_text("small"), *log;
	struct state *state = read_state(text, &log);
	FILE *full = fopen("/dev/full", "w");

	ASSERT_NE(NULL, state);
	ASSERT_NE(NULL, full);
	EXPECT_FALSE(state_write(state, full));
	fclose(full);
	state_free(state);
	free(log);
	free(text);
}

TEST_HARNESS_MAIN
