// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <truestep/fast/loop/kernels.hpp>

namespace truestep::bench {

/// A string as a template argument.
template <std::size_t size>
struct Label {
  char text[size];
  consteval Label(const char (&literal)[size]) { std::copy_n(literal, size, text); }
};

/// A candidate lane under the name that the table gives it.
template <Label label, class Lane>
struct Row : Lane {
  static constexpr const char* order = label.text;
};

/// The kernels of a rule's candidates on one target.
struct Kernels {
  std::vector<fast::Kernel<float>> of_float;
  std::vector<fast::Kernel<double>> of_double;
};

/// Those of the SIMD target in use, for the candidates of a rule. Each rule's are compiled on their
/// own (kernels.cpp.in).
template <class Rule>
Kernels kernels();

}  // namespace truestep::bench
