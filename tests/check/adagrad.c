// SPDX-License-Identifier: Apache-2.0
/* As in caffe: epsilon is outside the root. */
#define FIRST "sum"
#define SECOND ""
#define WEIGHT ""
#include "plain.h"

static void loop(const plain *p, uint64_t t, size_t n, float *restrict theta,
                 const float *restrict g, float *restrict first, float *restrict second) {
  const float rate = (float)p->learning_rate, epsilon = (float)p->epsilon;
  size_t i;
  for (i = 0; i < n; ++i) {
    first[i] += g[i] * g[i];
    theta[i] -= rate * g[i] / (sqrtf(first[i]) + epsilon);
  }
  (void)t;
  (void)second;
}
