# SPDX-License-Identifier: Apache-2.0
# gnuplot bench/compare/compare.gp, from the repository's root with truestep built in build/, draws
# bench/compare/compare.svg: what epsilon's place does to the parameters, beside float's rounding.

command(first, second) = \
    "< build/bin/truestep compare ".first." ".second." --csv | grep -E '^(quantity|theta),'"
places = "rmsprop pytorch"
frames = "adam pytorch"

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
set title "RMSprop: epsilon outside the root against"
set label "solid: largest coordinate\ndashed: median" at graph 0.05,0.14 \
    textcolor rgb text font ",11"
set ylabel "distance of theta" textcolor rgb text
plot command(places, "pytorch,epsilon_place=in_state") \
       using "step":"apart_absolute_largest" with lines linestyle 1 title "in the state", \
     "" using "step":"apart_absolute_median" with lines linestyle 4 notitle, \
     command(places, "pytorch,epsilon_place=inside") \
       using "step":"apart_absolute_largest" with lines linestyle 2 title "inside the root", \
     "" using "step":"apart_absolute_median" with lines linestyle 5 notitle, \
     "" using "step":"rounding_absolute_largest" with lines linestyle 3 title "float's rounding", \
     "" using "step":"rounding_absolute_median" with lines linestyle 6 notitle
set title "Adam: epsilon after the bias correction against"
unset ylabel
unset label
plot command(frames, "pytorch,epsilon_frame=before_correction") \
       using "step":"apart_absolute_largest" with lines linestyle 2 title "before the correction", \
     "" using "step":"apart_absolute_median" with lines linestyle 5 notitle, \
     "" using "step":"rounding_absolute_largest" with lines linestyle 3 title "float's rounding", \
     "" using "step":"rounding_absolute_median" with lines linestyle 6 notitle
unset multiplot
