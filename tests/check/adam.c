// SPDX-License-Identifier: Apache-2.0
/* As in pytorch: somebody's Adam, and what puts it under test. bench/check/README.md shows it. */
#include <math.h>
#include <stdlib.h>
#include <truestep/check/truestep_kernel.h>

static void adam(size_t n, int t, float *theta, const float *g, float *m, float *v, float rate,
                 float beta1, float beta2, float epsilon) {
  for (size_t i = 0; i < n; ++i) {
    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    float m_hat = m[i] / (1 - powf(beta1, t));
    float v_hat = v[i] / (1 - powf(beta2, t));
    theta[i] -= rate * m_hat / (sqrtf(v_hat) + epsilon);
  }
}

struct mine {
  size_t n;
  float rate, beta1, beta2, epsilon, *m, *v;
};

void *truestep_new(const truestep_setup *setup) {
  if (setup->tensors != 1 || strcmp(setup->format, "float32") != 0) return NULL;
  struct mine *o = malloc(sizeof *o);
  o->n = setup->lengths[0];
  o->rate = truestep_number(setup, "learning_rate", 0);
  o->beta1 = truestep_number(setup, "beta1", 0);
  o->beta2 = truestep_number(setup, "beta2", 0);
  o->epsilon = truestep_number(setup, "epsilon", 0);
  o->m = calloc(o->n, sizeof(float));
  o->v = calloc(o->n, sizeof(float));
  return o;
}

int truestep_step(void *optimizer, uint64_t t, void *const *theta, const void *const *gradient) {
  struct mine *o = optimizer;
  adam(o->n, t, theta[0], gradient[0], o->m, o->v, o->rate, o->beta1, o->beta2, o->epsilon);
  return 0;
}

void truestep_free(void *optimizer) {
  struct mine *o = optimizer;
  free(o->m);
  free(o->v);
  free(o);
}
