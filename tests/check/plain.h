// SPDX-License-Identifier: Apache-2.0
/* What plain kernels in C have in common: float32, any number of tensors, two states of each
 * coordinate by the names FIRST and SECOND, a number WEIGHT. A kernel is loop(plain, t, n, theta,
 * g, first, second).
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <truestep/check/truestep_kernel.h>

typedef struct {
  size_t tensors, *lengths;
  float **first, **second;
  double learning_rate, weight, epsilon; /* those that its rule has */
} plain;

static void loop(const plain *p, uint64_t t, size_t n, float *restrict theta,
                 const float *restrict g, float *restrict first, float *restrict second);

void *truestep_new(const truestep_setup *setup) {
  size_t k;
  plain *p;
  if (strcmp(setup->format, "float32") != 0) return NULL;
  p = malloc(sizeof *p);
  p->tensors = setup->tensors;
  p->lengths = malloc(p->tensors * sizeof *p->lengths);
  p->first = malloc(p->tensors * sizeof *p->first);
  p->second = malloc(p->tensors * sizeof *p->second);
  for (k = 0; k < p->tensors; ++k) {
    p->lengths[k] = setup->lengths[k];
    p->first[k] = calloc(p->lengths[k] + 1, sizeof(float));
    p->second[k] = calloc(p->lengths[k] + 1, sizeof(float));
  }
  p->learning_rate = truestep_number(setup, "learning_rate", 1);
  p->epsilon = truestep_number(setup, "epsilon", 0);
  p->weight = truestep_number(setup, WEIGHT, 0);
  return p;
}

int truestep_step(void *optimizer, uint64_t t, void *const *theta, const void *const *gradient) {
  const plain *p = optimizer;
  size_t k;
  for (k = 0; k < p->tensors; ++k)
    loop(p, t, p->lengths[k], theta[k], gradient[k], p->first[k], p->second[k]);
  return 0;
}

void truestep_free(void *optimizer) {
  plain *p = optimizer;
  size_t k;
  for (k = 0; k < p->tensors; ++k) {
    free(p->first[k]);
    free(p->second[k]);
  }
  free(p->first);
  free(p->second);
  free(p->lengths);
  free(p);
}

static float *kept(const plain *p, size_t tensor, const char *name) {
  if (strcmp(name, FIRST) == 0) return p->first[tensor];
  return strcmp(name, SECOND) == 0 ? p->second[tensor] : NULL;
}

int truestep_state(void *optimizer, size_t tensor, const char *name, void *out) {
  const plain *p = optimizer;
  const float *from = kept(p, tensor, name);
  if (from == NULL) return 1;
  memcpy(out, from, p->lengths[tensor] * sizeof(float));
  return 0;
}

int truestep_set_state(void *optimizer, size_t tensor, const char *name, const void *in) {
  const plain *p = optimizer;
  float *to = kept(p, tensor, name);
  if (to == NULL) return 1;
  memcpy(to, in, p->lengths[tensor] * sizeof(float));
  return 0;
}

#endif
