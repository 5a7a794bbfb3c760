# SPDX-License-Identifier: Apache-2.0
# gnuplot bench/compare/compare.gp, from the repository's root with truestep built in build/, draws
# bench/compare/compare.svg: what epsilon's place does to the parameters, beside float's rounding. A
# panel for each rule that has one, RULE.gp, in the order of `truestep rules`.

command(rule, second) = \
    "< build/bin/truestep compare ".rule." pytorch ".second." --csv | grep -E '^(quantity|theta),'"
panel(rule) = "bench/compare/".rule.".gp"
rules = system("build/bin/truestep rules --csv | sed 1d | cut -d, -f1 | uniq")

# Grays and hues of middle lightness stand out from white and from black.
text = "#848c98"
set terminal svg size 900,400 dynamic font "Helvetica,13"
set output "bench/compare/compare.svg"
set datafile separator ","
set logscale xy
set format x "%.0f"
set mxtics 10
set mytics 1
set format y "10^{%T}"
set xrange [1:1000]
set yrange [1e-13:10]
set ytics 100
set border 3 linecolor rgb text linewidth 1
set tics nomirror textcolor rgb text
set title textcolor rgb text
set xlabel "step" offset 0,0.3 textcolor rgb text
set key bottom right Left reverse textcolor rgb text samplen 2 spacing 1.2
set style line 1 linecolor rgb "#d9772b" linewidth 2.5
set style line 2 linecolor rgb "#3b8fd4" linewidth 2.5
set style line 3 linecolor rgb text linewidth 2.5
set style line 4 linecolor rgb "#d9772b" linewidth 1.5 dashtype 2
set style line 5 linecolor rgb "#3b8fd4" linewidth 1.5 dashtype 2
set style line 6 linecolor rgb text linewidth 1.5 dashtype 2

set multiplot layout 1,2 margins 0.09,0.975,0.15,0.9 spacing 0.09
do for [rule in rules] {
    if (system("test -e ".panel(rule)." && echo drawn") eq "drawn") { load panel(rule) }
}
unset multiplot
