// SPDX-License-Identifier: Apache-2.0
#ifndef TRUESTEP_CHECK_H
#define TRUESTEP_CHECK_H

/* What `truestep check` does, as a library: cc mine.c -ltruestep_check
 *
 * C99, and C++. A kernel is a table of functions. Each run of it is a process of its own, forked
 * from the caller's: what a function changes outside of its arrays is not seen in the caller, and
 * threads that the caller had are not there. No function of the library lets an exception out, and
 * none is to be called from two threads at once. */

#include "truestep_kernel.h"

#define TRUESTEP_CHECK_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/* What the functions of the library return. */
enum {
  TRUESTEP_RIGHT = 0,        /* the kernel is what it was said to be */
  TRUESTEP_WRONG = 1,        /* a fault; with `strict`, also what else would be noted */
  TRUESTEP_BAD_CALL = 2,     /* the report says which parameter, and why */
  TRUESTEP_UNDETERMINED = 3, /* the report says why */
  TRUESTEP_FAILED = 4,       /* memory or processes are used up */
  TRUESTEP_INTERRUPTED = 130 /* `interrupted` said so */
};

/* A kernel under test. The first three functions are needed, any other may be NULL; all of them get
 * `user` first that act on an optimizer, and do as their namesakes in truestep_kernel.h. */
typedef struct truestep_kernel {
  uint32_t version; /* TRUESTEP_CHECK_VERSION */
  const char *name; /* in the report; "the kernel" where it is NULL */
  void *user;
  void *(*create)(void *user, const truestep_setup *setup);
  int (*step)(void *user, void *optimizer, uint64_t t, void *const *theta,
              const void *const *gradient);
  void (*destroy)(void *user, void *optimizer);
  int (*state)(void *user, void *optimizer, size_t tensor, const char *name, void *out);
  int (*set_state)(void *user, void *optimizer, size_t tensor, const char *name, const void *in);
  /* After `create` gave NULL or `step` other than 0: what went wrong, or NULL. It is reported as an
   * exception. */
  const char *(*message)(void *user);
  /* For an interpreter that wants to know: as the three of pthread_atfork. */
  void (*before_fork)(void);
  void (*after_fork)(void);
  void (*in_child)(void);
  /* Asked some hundred times a second; other than 0 ends the test. */
  int (*interrupted)(void);
} truestep_kernel;

/* A number that is 0, and a string that is NULL, is the default. */
typedef struct truestep_check_options {
  uint32_t version;   /* TRUESTEP_CHECK_VERSION */
  const char *format; /* "float32" (default), or any other that `truestep check --format` takes */
  uint64_t seed;      /* what the inputs are made from; 1 */
  size_t trials;      /* how many runs of each kind are drawn; 4 */
  double limit;       /* seconds after which a run hangs, in [0.001, 86400]; 20 */
  int strict;         /* whether what is noted counts as a fault */
  const char *only;   /* a section, a run, or a coordinate of a run, such as "telling/17"; all */
} truestep_check_options;

typedef struct truestep_report truestep_report;

/* Puts the kernel under test. `rule` may be NULL for an optimizer class that one rule alone has,
 * `convention` for the lecture note's, `options` for the defaults. The report is to be freed; it is
 * NULL where memory does not last for it. */
TRUESTEP_KERNEL_EXPORT int truestep_check(const truestep_kernel *kernel, const char *rule,
                                          const char *convention,
                                          const truestep_check_options *options,
                                          truestep_report **report);
/* The same of a shared library that exports what truestep_kernel.h declares. */
TRUESTEP_KERNEL_EXPORT int truestep_check_library(const char *file, const char *rule,
                                                  const char *convention,
                                                  const truestep_check_options *options,
                                                  truestep_report **report);

/* A report's texts, which live as long as it does. The conclusion is one sentence, the text has each
 * finding with its input besides, and the JSON is the object of `truestep check --explain`. */
TRUESTEP_KERNEL_EXPORT const char *truestep_report_conclusion(const truestep_report *report);
TRUESTEP_KERNEL_EXPORT const char *truestep_report_text(const truestep_report *report);
TRUESTEP_KERNEL_EXPORT const char *truestep_report_json(const truestep_report *report);
TRUESTEP_KERNEL_EXPORT void truestep_report_free(truestep_report *report);

/* The library's version, as "0.1.0". */
TRUESTEP_KERNEL_EXPORT const char *truestep_check_version(void);

#ifdef __cplusplus
}
#endif

#endif
