// SPDX-License-Identifier: Apache-2.0
/* As in lecture_note: the learning rate is in the buffer. */
#define FIRST "v"
#define SECOND ""
#define WEIGHT "momentum"
#include "plain.h"

static void loop(const plain *p, uint64_t t, size_t n, float *restrict theta,
                 const float *restrict g, float *restrict first, float *restrict second) {
  const float rate = (float)p->learning_rate, weight = (float)p->weight;
  size_t i;
  for (i = 0; i < n; ++i) {
    first[i] = weight * first[i] - rate * g[i];
    theta[i] += first[i];
  }
  (void)t;
  (void)second;
}
