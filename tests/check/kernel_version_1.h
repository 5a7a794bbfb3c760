// SPDX-License-Identifier: Apache-2.0
#ifndef TRUESTEP_KERNEL_H
#define TRUESTEP_KERNEL_H

/* What a shared library exports to be put under test:
 *
 *     truestep check ./libmine.so RULE CONVENTION
 *
 * C99, and C++. The library is loaded in a process of its own, once for each run. Arrays are of the
 * setup's format, in host memory, aligned to 64 bytes, and no two overlap. A step reads theta, and
 * writes theta alone: what it keeps of a tensor is its own. Theta may have been changed since the
 * last step, as by a user who loads weights. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TRUESTEP_KERNEL_VERSION 1

#if defined(__GNUC__)
#define TRUESTEP_KERNEL_EXPORT __attribute__((visibility("default")))
#else
#define TRUESTEP_KERNEL_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct truestep_setup {
  uint32_t version;         /* TRUESTEP_KERNEL_VERSION of the program */
  const char *rule;         /* as `truestep rules` has it */
  const char *format;       /* "float32" or "float64": of theta, gradients and states */
  size_t tensors;           /* how many */
  const size_t *lengths;    /* of each; may be 0 */
  size_t numbers;           /* the hyperparameters, by the names of `truestep rules RULE` */
  const char *const *names; /* "learning_rate", ... */
  const double *values;
} truestep_setup;

/* A new optimizer, its states as before the first step; NULL if this setup is not supported. */
TRUESTEP_KERNEL_EXPORT void *truestep_new(const truestep_setup *setup);

/* One step of every tensor; t counts from 1, and an optimizer's first step may have a later one, as
 * after a run is taken up again. Other than 0 says that it failed. */
TRUESTEP_KERNEL_EXPORT int truestep_step(void *optimizer, uint64_t t, void *const *theta,
                                         const void *const *gradient);

TRUESTEP_KERNEL_EXPORT void truestep_free(void *optimizer);

/* These two may be left out. They copy a state of a tensor out, and in before a step; other than 0
 * says that there is no such state. Names are those of `truestep rules RULE CONVENTION`, as "v". */
TRUESTEP_KERNEL_EXPORT int truestep_state(void *optimizer, size_t tensor, const char *name,
                                          void *out);
TRUESTEP_KERNEL_EXPORT int truestep_set_state(void *optimizer, size_t tensor, const char *name,
                                              const void *in);

/* The hyperparameter of this name, or `otherwise` where the setup has none. */
static inline double truestep_number(const truestep_setup *setup, const char *name,
                                     double otherwise) {
  size_t i;
  for (i = 0; i < setup->numbers; ++i)
    if (strcmp(setup->names[i], name) == 0) return setup->values[i];
  return otherwise;
}

#ifdef __cplusplus
}
#endif

#endif
