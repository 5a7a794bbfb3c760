// SPDX-License-Identifier: Apache-2.0
// Sources with mutants of every kind, in lines that their test sees, and in lines that it does not.

#include <array>
#include <cmath>

namespace {

constexpr int size = 3;  // what the compiler evaluates is no mutant

int seen(int a, int b) {
  if (a > b) return -1;
  constexpr int seven = 7, two = 2;
  int sum = seven * b;
  return sum + two * b;
}

int unseen(int a) { return a + size; }

double unreached(double x) { return std::fabs(x) - 1; }

int with_fixture(int a) { return a - 2; }

}  // namespace

int main(int count, char**) {
  if (count > 2) return with_fixture(3) == 1 ? 0 : 1;
  if (count > 1) return 1;
  std::array<int, size> all{};
  all[0] = seen(1, 4);
  if (unseen(1) == 0) return unreached(1) > 0;
#ifdef BESIDE
  int beside(int a);
  if (beside(3) != 6) return 1;
#endif
  return all[0] == 36 && seen(5, 4) == -1 && seen(4, 4) == 36 ? 0 : 1;
}
