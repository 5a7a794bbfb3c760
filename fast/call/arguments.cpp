// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <array>
#include <charconv>

namespace truestep::fast {
namespace {

template <class Number>
std::string shortest(Number value) {
  std::array<char, 64> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <class Number>
[[noreturn]] void refuse_any(const char* rule, const char* name, Number value, const char* range) {
  throw std::invalid_argument(std::string(rule) + ": " + name + " = " + shortest(value) +
                              " is outside " + range);
}

}  // namespace

void refuse(const char* rule, const char* name, double value, const char* range) {
  refuse_any(rule, name, value, range);
}

void refuse(const char* rule, const char* name, std::uint64_t value, const char* range) {
  refuse_any(rule, name, value, range);
}

void refuse_choice(const char* rule, const char* name, std::uint64_t value,
                   const std::string& words) {
  throw std::invalid_argument(std::string(rule) + ": " + name + " = " + shortest(value) +
                              " is not one of {" + words + "}");
}

void refuse_kernel(const char* rule, const char* name, const std::string& value) {
  throw std::invalid_argument(std::string(rule) + ": " + name + " = " + value +
                              " has no kernel beside the other choices; the reference computes it");
}

void refuse_kernel(const char* rule, const char* name, double value) {
  refuse_kernel(rule, name, shortest(value));
}

void require_disjoint(const char* rule, std::span<const NamedSpan> spans) {
  // std::less orders pointers into different arrays, which < does not promise to.
  const std::less_equal<const char*> before;
  const auto begin = [](const NamedSpan& s) { return static_cast<const char*>(s.data); };
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].count > 0 && (spans[i].data == nullptr || spans[i].count > most_elements))
      throw std::invalid_argument(std::string(rule) + ": " + spans[i].name +
                                  (spans[i].data == nullptr ? " is null" : " is beyond memory") +
                                  ", with " + shortest(spans[i].count) + " elements");
    if (spans[i].count != spans[0].count)
      throw std::invalid_argument(std::string(rule) + ": " + spans[i].name + " has " +
                                  shortest(spans[i].count) + " elements where " + spans[0].name +
                                  " has " + shortest(spans[0].count));
    for (std::size_t j = 0; j < i; ++j) {
      const char *a = begin(spans[i]), *b = begin(spans[j]);
      if (spans[i].count > 0 && !before(a + spans[i].bytes, b) && !before(b + spans[j].bytes, a))
        throw std::invalid_argument(std::string(rule) + ": " + spans[i].name + " overlaps " +
                                    spans[j].name);
    }
  }
}

}  // namespace truestep::fast
