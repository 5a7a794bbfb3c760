// SPDX-License-Identifier: Apache-2.0
// What bias correction divides by, of several steps at once; once per target, as
// lanes/namespace.hpp says.

#if defined(TRUESTEP_FAST_COEFFICIENTS_CORRECTIONS) == defined(HWY_TARGET_TOGGLE)
#ifdef TRUESTEP_FAST_COEFFICIENTS_CORRECTIONS
#undef TRUESTEP_FAST_COEFFICIENTS_CORRECTIONS
#else
#define TRUESTEP_FAST_COEFFICIENTS_CORRECTIONS
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "corrections.hpp"
#include "powers.hpp"

#include <truestep/fast/loop/vector.inl.hpp>

#include "double_double.inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace truestep::fast::HWY_NAMESPACE {

/// A vector of doubles as a number, to which others convert.
struct Doubles : Lanes<hn::ScalableTag<double>> {
  using Base = Lanes<hn::ScalableTag<double>>;

  Doubles(double value) : Base{hn::Set(hn::ScalableTag<double>(), value)} {}
  Doubles(Base vector) : Base(vector) {}
};

// Not friends: g++ 12 compiles those outside the target.
inline Doubles operator+(Doubles a, Doubles b) { return Doubles::Base(a) + Doubles::Base(b); }
inline Doubles operator-(Doubles a, Doubles b) { return Doubles::Base(a) - Doubles::Base(b); }
inline Doubles operator*(Doubles a, Doubles b) { return Doubles::Base(a) * Doubles::Base(b); }
inline Doubles operator/(Doubles a, Doubles b) { return Doubles::Base(a) / Doubles::Base(b); }
inline Doubles operator-(Doubles a) { return -Doubles::Base(a); }
inline Doubles sqrt(Doubles a) { return sqrt(Doubles::Base(a)); }
inline Doubles fma(Doubles a, Doubles b, Doubles c) {
  return fma(Doubles::Base(a), Doubles::Base(b), Doubles::Base(c));
}

/// Corrections of consecutive step numbers, as many as a vector has lanes, made together when the
/// first of them is asked for: each is a chain of dependent operations, and eight chains take as
/// long as one. The bits are those that RememberedPowers and DoubleDouble give for each alone.
class RememberedCorrections {
 public:
  Corrections operator()(const std::array<double, 2>& base, std::uint64_t n) {
    const std::size_t lane = n % lanes;
    if (n - lane != begin_ || base != base_) begin_with(base, n - lane);
    const auto of = [&](const Rows& rows) {
      return fast::DoubleDouble(rows[0][lane], rows[1][lane]);
    };
    return {{of(power_[0]), of(power_[1])}, of(root_)};
  }

 private:
  static constexpr hn::ScalableTag<double> d{};
  static constexpr std::size_t lanes = hn::MaxLanes(d);
  using Vector = DoubleDoubleOf<Doubles>;
  using Rows = std::array<std::array<double, lanes>, 2>;  ///< high, low

  static Doubles where(const hn::Mask<hn::ScalableTag<double>>& mask, const Doubles& yes,
                       const Doubles& no) {
    return Doubles(Doubles::Base{hn::IfThenElse(mask, yes.raw, no.raw)});
  }

  static void store(const Vector& value, Rows& rows) {
    hn::StoreU(value.high.raw, d, rows[0].data());
    hn::StoreU(value.low.raw, d, rows[1].data());
  }

  /// From the power of the leading digits, which all lanes have in common, to each lane's own.
  static Vector with_last_digits(fast::DoubleDouble leading, double base) {
    std::array<fast::DoubleDouble, std::bit_width(lanes)> square{fast::two_sum(1, -base)};
    for (std::size_t k = 1; k < square.size(); ++k) square[k] = fast::doubled(square[k - 1]);
    const auto lane = hn::Iota(hn::RebindToUnsigned<hn::ScalableTag<double>>(), 0);
    Vector power(leading.high, leading.low);
    for (std::size_t digit = lanes / 2; digit > 0; digit /= 2) {
      const auto& of_digit = square[std::bit_width(digit) - 1];
      const Vector more = added(Vector(of_digit.high, of_digit.low), power);
      const auto set =
          hn::RebindMask(d, hn::TestBit(lane, hn::Set(hn::DFromV<decltype(lane)>(), digit)));
      power = {where(set, more.high, power.high), where(set, more.low, power.low)};
    }
    return power;
  }

  void begin_with(const std::array<double, 2>& base, std::uint64_t begin) {
    const auto leading =
        begin == 0 ? std::array<fast::DoubleDouble, 2>{0, 0} : remembered_(base, begin);
    const Vector first = with_last_digits(leading[0], base[0]);
    const Vector second = with_last_digits(leading[1], base[1]);
    // At n = 0 the power is 0, whose reciprocal would raise a flag that nobody asked for.
    const auto none = hn::Eq(second.high.raw, hn::Zero(d));
    const Vector divisor(where(none, 1., second.high), second.low);
    store(first, power_[0]);
    store(second, power_[1]);
    store(Vector(1) / sqrt(divisor), root_);
    base_ = base;
    begin_ = begin;
  }

  RememberedPowers<2> remembered_;
  std::array<double, 2> base_{-1, -1};
  std::uint64_t begin_ = 0;
  std::array<Rows, 2> power_{};
  Rows root_{};
};

}  // namespace truestep::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
