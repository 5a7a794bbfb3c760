// SPDX-License-Identifier: Apache-2.0
// fast/README.md shows it: a step from C99.
#include <stdio.h>
#include <truestep/fast/c/truestep.h>

int main(void) {
  float theta[2] = {1, 2}, m[2] = {0}, v[2] = {0};
  const float gradient[2] = {0.5f, -3};
  float *states[] = {m, v};
  const truestep_fast_float tensor = {2, theta, gradient, states};
  truestep_fast_rule *adam;
  if (truestep_fast_new("adam", "pytorch.AdamW", &adam) != 0) return puts(truestep_fast_error());
  truestep_fast_set(adam, "learning_rate", 0.25);
  if (truestep_fast_step_float(adam, 1, &tensor, 1) != 0) puts(truestep_fast_error());
  printf("%g %g\n", theta[0], theta[1]);
  if (truestep_fast_set(adam, "beta2", 1) != 0) puts(truestep_fast_error());
  truestep_fast_free(adam);
  return 0;
}
