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
[[noreturn]] void refuse(const char* rule, const char* name, Number value, const char* range) {
  throw std::invalid_argument(std::string(rule) + ": " + name + " = " + shortest(value) +
                              " is outside " + range);
}

}  // namespace

void require_scale(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value <= largest_scale)) refuse(rule, name, value, "[0, 2^64]");
}

void require_decay(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value < 1)) refuse(rule, name, value, "[0, 1)");
}

void require_fraction(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value <= 1)) refuse(rule, name, value, "[0, 1]");
}

void require_sense(bool sensible, const char* rule, const char* reason) {
  if (!sensible) throw std::invalid_argument(std::string(rule) + ": " + reason);
}

void require_step_number(const char* rule, std::uint64_t t) {
  if (!(t >= 1 && t <= largest_t)) refuse(rule, "t", t, "[1, 2^63]");
}

void require_first_power(const char* rule, std::uint64_t value) {
  if (value > 1) refuse(rule, "first_power", value, "[0, 1]");
}

void require_disjoint(const char* rule, std::span<const NamedSpan> spans) {
  // std::less orders pointers into different arrays, which < does not promise to.
  const std::less_equal<const char*> before;
  const auto begin = [](const NamedSpan& s) { return static_cast<const char*>(s.data); };
  for (std::size_t i = 0; i < spans.size(); ++i) {
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
