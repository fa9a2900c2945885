// SPDX-License-Identifier: GPL-2.0
/*
 * Whether /dev/kvm can be used. Without libkvm, whose constructor needs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "kvm_dev.h"

const char *kvm_unusable(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	switch (errno) {
	case ENOENT:
		return "there is no /dev/kvm";
	case EACCES:
	case EPERM:
		return "no permission to use /dev/kvm";
	case ENODEV:
	case ENXIO:
		return "no KVM is behind /dev/kvm";
	}
	return NULL;
}
