// SPDX-License-Identifier: GPL-2.0
/*
 * Open /dev/kvm. Without libkvm, whose constructor needs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "kvm_dev.h"

int kvm_open(const char **lack)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	*lack = NULL;
	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
		*lack = "there is no /dev/kvm";
		break;
	case EACCES:
	case EPERM:
		*lack = "no permission to use /dev/kvm";
		break;
	case ENODEV:
	case ENXIO:
		*lack = "no KVM is behind /dev/kvm";
		break;
	}
	return -1;
}
