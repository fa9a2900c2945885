# SPDX-License-Identifier: GPL-2.0
#
# bench.gp - plot the data that bench.py wrote to dir: a panel for each class, a line for
# each kernel
#
# Usage: gnuplot -e "type='svg'|'png'; what='access'|'pass'; dir='DIR'" bench.gp

if (type eq 'svg') {
	set terminal svg size 1500,700 dynamic font 'sans,12' background 'white'
} else {
	set terminal pngcairo size 1500,700 font 'sans,10'
}
load dir.'/labels.gp'
set logscale x 2
set xlabel 'vCPUs'
set format x '%.0f'
set grid
set key top left
if (what eq 'pass') {
	set logscale y
	set format y '%g'
} else {
	set yrange [0:*]
	set key bottom left
}
set multiplot layout 2,6 title (what eq 'pass' ? title_pass : title_access)
do for [op in 'get set'] {
	do for [class in 'all core sys id timer fw'] {
		set title op.' '.class
		set ylabel (class eq 'all' ? unit : '')
		plot for [i = 0:kernels - 1] dir.'/'.what.'-'.op.'-'.class.'.dat' index i \
			using 1:2:3:4 with yerrorlines pointtype 7 pointsize 0.4 title columnheader(1)
	}
}
unset multiplot
