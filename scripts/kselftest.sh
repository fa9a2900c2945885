#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kselftest.sh - run an installed kselftest inside the machine that run.sh boots
#
# Usage, as a program of run.sh with FILES= naming the installation:
#
#   FILES=DIR ARGS="-c kvm-guest-abi" run.sh scripts/kselftest.sh
#
# DIR is what `make install` or the tarball of gen_tar has: run_kselftest.sh and the
# rest. Its arguments are run_kselftest.sh's. Prints that script's KTAP, in which the
# output of each program is nested.

# kselftest limits the time if timeout is there, in one place and with one option of
# which busybox knows neither
if [ ! -e /usr/bin/timeout ]; then
	mkdir -p /usr/bin
	# shellcheck disable=SC2016
	printf '%s\n' '#!/bin/sh' '[ "$1" != --foreground ] || shift' \
		'exec busybox timeout "$@"' >/usr/bin/timeout
	chmod +x /usr/bin/timeout
fi
export PATH=/usr/bin:/bin
exec "$FILES/run_kselftest.sh" "$@"
