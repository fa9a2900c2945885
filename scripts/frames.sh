# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# frames.sh - what matrix-guest.sh and vmm-guest.sh share: how files leave the host under test
#
# Sourced from $FILES. A file is framed for matrix.py, which knows by the sum whether the
# console lost any of it. Each is a test of KTAP.
#
#   # begin NAME
#   # | LINE
#   # end NAME 0 SHA256
#   # error NAME TEXT            instead, if there is no file

tests=0
failed=0

# frame NAME FILE
frame()
{
	sum=$(sha256sum <"$2")
	echo "# begin $1"
	sed 's/^/# | /' "$2"
	echo "# end $1 0 ${sum%% *}"
}

# result STATUS NAME WHY: whether that test passed, and if not, why
result()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests $2"
	else
		# shellcheck disable=SC2034 # they exit with it
		failed=1
		echo "# error $2 $3"
		echo "not ok $tests $2"
	fi
}
