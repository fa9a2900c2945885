// SPDX-License-Identifier: GPL-2.0
/*
 * exchange - carry a file out of the emulated machine, or into it
 *
 * Usage: exchange put FILE NAME
 *        exchange get NAME FILE
 *
 * NAME is a file in the folder that run.sh got as EXCHANGE. Goes by Arm's semihosting
 * (github.com/ARM-software/abi-aa, semihosting.rst), which QEMU has for its emulated
 * CPUs: a serial line takes minutes for what this does in a second.
 *
 * Exit status: 0 done, 1 cannot, 2 wrong usage; SIGILL if there is no semihosting
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	SYS_OPEN = 1,
	SYS_CLOSE = 2,
	SYS_WRITE = 5,
	SYS_READ = 6
};
enum {
	MODE_RB = 1,
	MODE_WB = 5
};

static char buf[1 << 16];

static long call(long op, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t block[3] = { a, b, c };
	long ret;

	asm volatile("mov x0, %1\n"
		     "mov x1, %2\n"
		     "hlt #0xf000\n"
		     "mov %0, x0"
		     : "=r"(ret)
		     : "r"(op), "r"(block)
		     : "x0", "x1", "memory");
	return ret;
}

static int fail(const char *what, const char *name)
{
	fprintf(stderr, "exchange: cannot %s %s\n", what, name);
	return 1;
}

static int put(const char *file, const char *name)
{
	long out = call(SYS_OPEN, (uintptr_t)name, MODE_WB, strlen(name));
	int in = open(file, O_RDONLY);
	ssize_t len;

	if (in < 0)
		return fail("open", file);
	if (out < 0)
		return fail("open outside", name);
	while ((len = read(in, buf, sizeof(buf))) > 0)
		if (call(SYS_WRITE, out, (uintptr_t)buf, len))
			return fail("write outside", name);
	if (len < 0)
		return fail("read", file);
	return call(SYS_CLOSE, out, 0, 0) ? fail("close outside", name) : 0;
}

static int get(const char *name, const char *file)
{
	long in = call(SYS_OPEN, (uintptr_t)name, MODE_RB, strlen(name));
	int out = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	long left;

	if (in < 0)
		return fail("open outside", name);
	if (out < 0)
		return fail("open", file);
	do {
		/* The pages have to be there: nothing faults them in for QEMU */
		memset(buf, 0, sizeof(buf));
		left = call(SYS_READ, in, (uintptr_t)buf, sizeof(buf));
		if (left < 0 || left > (long)sizeof(buf))
			return fail("read outside", name);
		if (write(out, buf, sizeof(buf) - left) != (ssize_t)sizeof(buf) - left)
			return fail("write", file);
	} while (left < (long)sizeof(buf));
	call(SYS_CLOSE, in, 0, 0);
	return close(out) ? fail("write", file) : 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "put"))
		return put(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "get"))
		return get(argv[2], argv[3]);
	fprintf(stderr, "usage: exchange put FILE NAME | get NAME FILE\n");
	return 2;
}
