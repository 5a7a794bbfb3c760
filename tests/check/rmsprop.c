// SPDX-License-Identifier: Apache-2.0
/* As in caffe: epsilon is outside the root. */
#define FIRST "s"
#define SECOND ""
#define WEIGHT "rho"
#include "plain.h"

static void loop(const plain *p, uint64_t t, size_t n, float *restrict theta,
                 const float *restrict g, float *restrict first, float *restrict second) {
  const float rate = (float)p->learning_rate, epsilon = (float)p->epsilon;
  const float rho = (float)p->weight, rest = (float)(1 - p->weight);
  size_t i;
  for (i = 0; i < n; ++i) {
    first[i] = rho * first[i] + rest * g[i] * g[i];
    theta[i] -= rate * g[i] / (sqrtf(first[i]) + epsilon);
  }
  (void)t;
  (void)second;
}
