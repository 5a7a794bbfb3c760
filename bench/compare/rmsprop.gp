# SPDX-License-Identifier: Apache-2.0
# A panel of compare.gp.

set title "RMSprop: epsilon outside the root against"
set label "solid: largest coordinate\ndashed: median" at graph 0.05,0.14 \
    textcolor rgb text font ",11"
set ylabel "distance of theta" textcolor rgb text
plot command("rmsprop", "pytorch,epsilon_place=in_state") \
       using "step":"apart_absolute_largest" with lines linestyle 1 title "in the state", \
     "" using "step":"apart_absolute_median" with lines linestyle 4 notitle, \
     command("rmsprop", "pytorch,epsilon_place=inside") \
       using "step":"apart_absolute_largest" with lines linestyle 2 title "inside the root", \
     "" using "step":"apart_absolute_median" with lines linestyle 5 notitle, \
     "" using "step":"rounding_absolute_largest" with lines linestyle 3 title "float's rounding", \
     "" using "step":"rounding_absolute_median" with lines linestyle 6 notitle
