// SPDX-License-Identifier: Apache-2.0
// libtruestep_check.so by a program in C: what it returns and says, and that it calls what it is
// given.
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <truestep/check/truestep_check.h>

#include "adam.c"

struct counts {
  int before_fork, after_fork, in_child;
};
static struct counts *shared;  // with the processes of the runs

static void before_fork(void) { ++shared->before_fork; }
static void after_fork(void) { ++shared->after_fork; }
static void in_child(void) { ++shared->in_child; }
static int yes(void) { return 1; }

enum fault { none, uphill, fails };

static void *create(void *user, const truestep_setup *setup) {
  (void)user;
  return truestep_new(setup);
}
static int step(void *user, void *optimizer, uint64_t t, void *const *theta,
                const void *const *gradient) {
  const struct mine *o = optimizer;
  float *const x = theta[0];
  const enum fault *fault = user;
  if (*fault == fails) return 7;
  for (size_t i = 0; i < o->n && *fault == uphill; ++i) x[i] = -x[i];
  truestep_step(optimizer, t, theta, gradient);
  for (size_t i = 0; i < o->n && *fault == uphill; ++i) x[i] = -x[i];
  return 0;
}
static void destroy(void *user, void *optimizer) {
  (void)user;
  truestep_free(optimizer);
}
static const char *message(void *user) {
  return *(enum fault *)user == fails ? "the device is gone" : NULL;
}

static int failures;

/* What a call returned, and a part of each of its texts. */
static void expect(int status, int expected, truestep_report *report, const char *part) {
  if (status != expected || !strstr(truestep_report_text(report), part) ||
      !strstr(truestep_report_conclusion(report), part) || truestep_report_json(report)[0] != '{') {
    printf("status %d instead of %d, with \"%s\":\n%s\n", status, expected, part,
           truestep_report_text(report));
    ++failures;
  }
  truestep_report_free(report);
}

int main(void) {
  enum fault fault = none;
  truestep_kernel kernel = {TRUESTEP_CHECK_VERSION,
                            "mine",
                            &fault,
                            create,
                            step,
                            destroy,
                            NULL,
                            NULL,
                            message,
                            before_fork,
                            after_fork,
                            in_child,
                            NULL};
  truestep_check_options options = {TRUESTEP_CHECK_VERSION, NULL, 0, 1, 0, 0, "map"};
  truestep_report *report;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

#define CHECK(expected, part, rule, convention)                                      \
  do {                                                                               \
    const int status = truestep_check(&kernel, rule, convention, &options, &report); \
    expect(status, expected, report, part);                                          \
  } while (0)
  CHECK(TRUESTEP_RIGHT, "mine is adam as in pytorch.Adam: ", "adam", "pytorch");
  CHECK(TRUESTEP_RIGHT, "mine is adam as in pytorch.Adam: ", NULL, "pytorch.Adam");
  if (shared->before_fork == 0 || shared->before_fork != shared->after_fork ||
      shared->before_fork != shared->in_child)
    ++failures, printf("%d, %d, %d calls about forks\n", shared->before_fork, shared->after_fork,
                       shared->in_child);
  options.strict = 1;
  options.only = NULL;
  CHECK(TRUESTEP_WRONG, "1 - beta is formed from the float beta", "adam", "pytorch");
  options.strict = 0;
  options.only = "map";
  options.format = "float64";
  CHECK(TRUESTEP_UNDETERMINED, "it does not support adam of float64", "adam", "pytorch");
  options.format = NULL;
  fault = uphill;
  CHECK(TRUESTEP_WRONG, "mine is not adam as in pytorch.Adam: ", "adam", "pytorch");
  fault = fails;
  CHECK(TRUESTEP_WRONG, "throws \"the device is gone\"", "adam", "pytorch");
  kernel.message = NULL;
  CHECK(TRUESTEP_WRONG, "returns 7", "adam", "pytorch");
  fault = none;
  kernel.interrupted = yes;
  CHECK(TRUESTEP_INTERRUPTED, "interrupted", "adam", "pytorch");
  kernel.interrupted = NULL;

  CHECK(TRUESTEP_BAD_CALL, "rule = none", "none", "pytorch");
  CHECK(TRUESTEP_BAD_CALL, "none", "adam", "none");
  CHECK(TRUESTEP_BAD_CALL, "give the rule", NULL, "pytorch.SGD");
  CHECK(TRUESTEP_BAD_CALL, "rule = NULL", NULL, NULL);
  options.format = "float8";
  CHECK(TRUESTEP_BAD_CALL, "format = float8", "adam", NULL);
  options.format = NULL;
  options.limit = -1;
  CHECK(TRUESTEP_BAD_CALL, "limit = -1 is outside [0.001, 86400]", "adam", NULL);
  options.limit = 0;
  options.only = "none/1";
  CHECK(TRUESTEP_BAD_CALL, "only = none/1", "adam", "pytorch");
  options.only = "map";
  options.version = 2;
  CHECK(TRUESTEP_BAD_CALL, "options.version = 2 is not 1", "adam", NULL);
  options.version = 1;
  kernel.step = NULL;
  CHECK(TRUESTEP_BAD_CALL, "kernel.step = NULL", "adam", NULL);
  kernel.step = step;
  kernel.version = 0;
  CHECK(TRUESTEP_BAD_CALL, "kernel.version = 0 is not 1", "adam", NULL);
  kernel.version = 1;
  expect(truestep_check(NULL, "adam", NULL, NULL, &report), TRUESTEP_BAD_CALL, report,
         "kernel = NULL");
  expect(truestep_check_library("./none.so", "adam", NULL, NULL, &report), TRUESTEP_BAD_CALL,
         report, "library = ./none.so cannot be loaded");
  if (truestep_check(NULL, "adam", NULL, NULL, NULL) != TRUESTEP_BAD_CALL) ++failures;
  truestep_report_free(NULL);
  if (strcmp(truestep_check_version(), VERSION) != 0) ++failures, puts(truestep_check_version());

  /* Last, since the process has no memory to spare afterwards. */
  const struct rlimit little = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_AS, &little);
  CHECK(TRUESTEP_FAILED, "", "adam", "pytorch");
  return failures > 0;
}
