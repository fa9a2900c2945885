// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that go right and wrong, for the tests of the runner.
 *
 * One binary, installed under many names: each name is a row below and says
 * what the program does.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#define HEAD "TAP version 13\n1..2\n"

static void say(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

static int passes(void)
{
	say(HEAD "# a remark\nok 1 first\nok 2 - second # SKIP not here\n");
	return 0;
}

static int fails(void)
{
	say(HEAD "ok 1 first\nnot ok 2 second\n");
	return 1;
}

static int skips(void)
{
	say("1..0 # SKIP nothing to test here\n");
	return 4;
}

static int skips_every_test(void)
{
	say(HEAD "ok 1 first # SKIP no\nok 2 second # SKIP no\n");
	return 0;
}

static int hangs(void)
{
	say(HEAD "ok 1 first\n");
	while (pause())
		;
	return 0;
}

/* As the harness does it: the parent waits for a child of another group */
static int hangs_in_a_child(void)
{
	if (!fork()) {
		setpgid(0, 0);
		for (;;) {
			say("# still here\n");
			sleep(1);
		}
	}
	say(HEAD "ok 1 first\nok 2 second\n");
	return 0;
}

static int crashes(void)
{
	say(HEAD "ok 1 first\n");
	raise(SIGSEGV);
	return 0;
}

static int stops_halfway(void)
{
	say(HEAD "ok 1 first\n");
	return 0;
}

static int prints_garbage(void)
{
	static const char forged[] = "@0123 end garbage 0 itself\n@0123 done\n";
	int c;

	for (c = 0; c < 256; c++)
		putchar(c);
	say("\r\n@ begin x\r");
	say(forged);
	return 0;
}

/* A marker with the right token needs the token: there must be none to find */
static int looks_for_the_token(void)
{
	if (!access("/token", F_OK))
		return 1;
	return passes();
}

static int prints_no_plan(void)
{
	say("TAP version 13\nok 1 first\n");
	return 0;
}

static int runs_no_test(void)
{
	say("TAP version 13\n1..0\n# PASSED: 0 / 0 tests passed.\n");
	return 0;
}

static int prints_nothing(void)
{
	return 0;
}

static int lies(void)
{
	say(HEAD "ok 1 first\nnot ok 2 second\n");
	return 0;
}

static int passes_unexpectedly(void)
{
	say(HEAD "ok 1 first\nok 2 second # XPASS was to fail\n");
	return 0;
}

static int fails_expectedly(void)
{
	say(HEAD "ok 1 first # SKIP no\nok 2 second # XFAIL known\n");
	return 0;
}

static int passes_with_status_3(void)
{
	say(HEAD "ok 1 first\nok 2 second\n");
	return 3;
}

static int lacks_the_last_newline(void)
{
	say(HEAD "ok 1 first\nok 2 second");
	return 0;
}

static int warns(void)
{
	write_file("/dev/kmsg", "WARNING: CPU: 0 PID: 1 at nowhere.c:1 nothing+0x0/0x0\n");
	return passes();
}

static int panics(void)
{
	say(HEAD "ok 1 first\n");
	write_file("/proc/sysrq-trigger", "c");
	return 0;
}

static int halts(void)
{
	say(HEAD "ok 1 first\n");
	reboot(RB_HALT_SYSTEM);
	return 0;
}

static int powers_off(void)
{
	say(HEAD "ok 1 first\nok 2 second\n");
	sleep(1);
	reboot(RB_POWER_OFF);
	return 0;
}

static int prints_arguments(void)
{
	return passes();
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define ROW(name) { #name, name }
/* clang-format on */

static const struct {
	const char *name;
	int (*run)(void);
} rows[] = {
	ROW(passes),
	ROW(fails),
	ROW(skips),
	ROW(skips_every_test),
	ROW(hangs),
	ROW(hangs_in_a_child),
	ROW(crashes),
	ROW(stops_halfway),
	ROW(prints_garbage),
	ROW(looks_for_the_token),
	ROW(prints_no_plan),
	ROW(runs_no_test),
	ROW(prints_nothing),
	ROW(lies),
	ROW(passes_unexpectedly),
	ROW(fails_expectedly),
	ROW(passes_with_status_3),
	ROW(lacks_the_last_newline),
	ROW(warns),
	ROW(panics),
	ROW(halts),
	ROW(powers_off),
	ROW(prints_arguments),
};

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	size_t i;

	name = name ? name + 1 : argv[0];
	for (i = 1; i < (size_t)argc; i++)
		printf("# argument <%s>\n", argv[i]);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(name, rows[i].name))
			return rows[i].run();
	fprintf(stderr, "misbehave: there is no %s\n", name);
	return 2;
}
