// SPDX-License-Identifier: Apache-2.0
/* As in paper: the delta is accumulated unscaled. */
#define FIRST "s"
#define SECOND "u"
#define WEIGHT "rho"
#include "plain.h"

static void loop(const plain *p, uint64_t t, size_t n, float *restrict theta,
                 const float *restrict g, float *restrict first, float *restrict second) {
  const float rate = (float)p->learning_rate, epsilon = (float)p->epsilon;
  const float rho = (float)p->weight, rest = (float)(1 - p->weight);
  size_t i;
  for (i = 0; i < n; ++i) {
    float delta;
    first[i] = rho * first[i] + rest * g[i] * g[i];
    delta = sqrtf(second[i] + epsilon) / sqrtf(first[i] + epsilon) * g[i];
    second[i] = rho * second[i] + rest * delta * delta;
    theta[i] -= rate * delta;
  }
  (void)t;
}
