// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <iomanip>
#include <sstream>
#include <truestep/fast/target.hpp>

namespace truestep::test {
namespace {

template <class T>
constexpr const char* type_name = sizeof(T) == sizeof(float) ? "float" : "double";

}  // namespace

template <class T>
std::string show(T x) {
  std::ostringstream out;
  out << std::setprecision(std::numeric_limits<T>::max_digits10) << x << " (0x" << std::hex
      << std::setfill('0') << std::setw(2 * sizeof(T)) << std::bit_cast<BitsOf<T>>(x) << ")";
  return out.str();
}

template <class T>
std::string describe(const Circumstances<T>& c) {
  std::ostringstream out;
  out << c.rule.name << ", " << type_name<T> << ", target " << fast::target() << ", coordinate "
      << c.index << ", step t = " << c.t << "\n";
  for (std::size_t i = 0; i < c.rule.hyperparameters.size(); ++i)
    out << "  " << c.rule.hyperparameters[i].name << " = " << show(c.h[i]) << "\n";
  out << "  theta = " << show(c.before.theta) << "\n";
  for (std::size_t s = 0; s < c.rule.states.size(); ++s)
    out << "  " << c.rule.states[s].name << " = " << show(c.before.state[s]) << "\n";
  out << "  gradient = " << show(c.gradient) << "\n";
  return out.str();
}

template <class T>
std::string report_of_excess(const Circumstances<T>& circumstances, const std::string& quantity,
                             const Ball<T>& computed, const Real& exact) {
  const Real error = abs(Real(computed.value) - exact);
  const Real ulp = 2 * Real(proofs::half_ulp(static_cast<T>(exact)));
  std::ostringstream out;
  out << describe(circumstances) << "  " << quantity << ": computed " << show(computed.value)
      << "\n    exact    " << exact.str(25) << "\n    error    " << Real(error / ulp).str(6)
      << " ulp\n    allowed  " << Real(Real(computed.radius) / ulp).str(6) << " ulp\n";
  return out.str();
}

template <class T>
std::string report_of_difference(const Circumstances<T>& circumstances, std::string_view quantity,
                                 std::string_view what, T computed, T expected) {
  return text(describe(circumstances), "  ", quantity, ": computed ", show(computed), "\n    ",
              what, " ", show(expected), "\n");
}

template std::string show(float);
template std::string show(double);
template std::string describe(const Circumstances<float>&);
template std::string describe(const Circumstances<double>&);
template std::string report_of_excess(const Circumstances<float>&, const std::string&,
                                      const Ball<float>&, const Real&);
template std::string report_of_excess(const Circumstances<double>&, const std::string&,
                                      const Ball<double>&, const Real&);
template std::string report_of_difference(const Circumstances<float>&, std::string_view,
                                          std::string_view, float, float);
template std::string report_of_difference(const Circumstances<double>&, std::string_view,
                                          std::string_view, double, double);

}  // namespace truestep::test
