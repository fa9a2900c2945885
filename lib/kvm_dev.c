// SPDX-License-Identifier: GPL-2.0
/*
 * Open /dev/kvm. Without libkvm, whose functions end the program if that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "kvm_dev.h"

/* libkvm has no mode for smaller IPA spaces */
#define MIN_IPA_LIMIT 36

int kvm_open(const char **lack)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	*lack = NULL;
	if (fd >= 0) {
		int limit = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);

		if (limit <= 0 || limit >= MIN_IPA_LIMIT)
			return fd;
		close(fd);
		*lack = "this host's IPA space has fewer than the 36 bits that libkvm needs";
		return -1;
	}
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
