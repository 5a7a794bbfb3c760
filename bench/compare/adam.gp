# SPDX-License-Identifier: Apache-2.0
# A panel of compare.gp.

unset ylabel
unset label
set title "Adam: epsilon after the bias correction against"
plot command("adam", "pytorch,epsilon_frame=before_correction") \
       using "step":"apart_absolute_largest" with lines linestyle 2 title "before the correction", \
     "" using "step":"apart_absolute_median" with lines linestyle 5 notitle, \
     "" using "step":"rounding_absolute_largest" with lines linestyle 3 title "float's rounding", \
     "" using "step":"rounding_absolute_median" with lines linestyle 6 notitle
