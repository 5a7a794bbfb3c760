// SPDX-License-Identifier: Apache-2.0
#ifndef TRUESTEP_FAST_H
#define TRUESTEP_FAST_H

/* The kernels of truestep::fast for C99, C++ without exceptions, and whatever calls C.
 *
 * A rule is held with its numbers and choices as a convention has them. No function lets an
 * exception out; what is refused changes nothing. A rule may be stepped by several threads at once,
 * and is set by one alone. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TRUESTEP_FAST_EXPORT __attribute__((visibility("default")))
#else
#define TRUESTEP_FAST_EXPORT
#endif

/* What the functions return, besides: truestep_fast_error says why. */
enum {
  TRUESTEP_FAST_DONE = 0,
  TRUESTEP_FAST_REFUSED = 2, /* an argument that makes no sense */
  TRUESTEP_FAST_FAILED = 4   /* memory is used up */
};

typedef struct truestep_fast_rule truestep_fast_rule;

/* `rule` is one of `truestep rules`, `convention` one of `truestep rules RULE`, or NULL for the
 * lecture note's. Freed by truestep_fast_free, which takes NULL too. */
TRUESTEP_FAST_EXPORT int truestep_fast_new(const char *rule, const char *convention,
                                           truestep_fast_rule **made);
TRUESTEP_FAST_EXPORT void truestep_fast_free(truestep_fast_rule *rule);

/* A number by its name in `truestep rules RULE CONVENTION`, or a choice between true (1) and false
 * (0). Choices of words are the convention's. */
TRUESTEP_FAST_EXPORT int truestep_fast_set(truestep_fast_rule *rule, const char *name,
                                           double value);

/* The name of the state i of a coordinate, counted from 0; NULL where there are no more. What it
 * begins at is said by `truestep rules RULE CONVENTION`. */
TRUESTEP_FAST_EXPORT const char *truestep_fast_state(const truestep_fast_rule *rule, size_t i);

/* A tensor of `count` coordinates. `states` are as many arrays as there are names. */
typedef struct truestep_fast_float {
  size_t count;
  float *theta;
  const float *gradient;
  float *const *states;
} truestep_fast_float;
typedef struct truestep_fast_double {
  size_t count;
  double *theta;
  const double *gradient;
  double *const *states;
} truestep_fast_double;

/* Step t, counted from 1, of some tensors, in place: the bits of truestep::fast::step. */
TRUESTEP_FAST_EXPORT int truestep_fast_step_float(const truestep_fast_rule *rule, uint64_t t,
                                                  const truestep_fast_float *tensors,
                                                  size_t tensor_count);
TRUESTEP_FAST_EXPORT int truestep_fast_step_double(const truestep_fast_rule *rule, uint64_t t,
                                                   const truestep_fast_double *tensors,
                                                   size_t tensor_count);

/* Why the last call of this thread that did not return 0 did not, as "RULE: NAME = 1 is outside
 * [0, 1)". */
TRUESTEP_FAST_EXPORT const char *truestep_fast_error(void);

#ifdef __cplusplus
}
#endif

#endif
