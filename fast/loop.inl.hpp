// The loop over vectors and the number type that a lane sees on a SIMD target. No include guard:
// included once per target, between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE, inside
// truestep::fast::HWY_NAMESPACE.

namespace hn = hwy::HWY_NAMESPACE;

/// A vector with the arithmetic of one number.
template <class D>
struct Lanes {
  hn::Vec<D> raw;
};

template <class D>
HWY_INLINE Lanes<D> operator+(const Lanes<D>& a, const Lanes<D>& b) {
  return {hn::Add(a.raw, b.raw)};
}
template <class D>
HWY_INLINE Lanes<D> operator-(const Lanes<D>& a, const Lanes<D>& b) {
  return {hn::Sub(a.raw, b.raw)};
}
template <class D>
HWY_INLINE Lanes<D> operator*(const Lanes<D>& a, const Lanes<D>& b) {
  return {hn::Mul(a.raw, b.raw)};
}
template <class D>
HWY_INLINE Lanes<D> operator/(const Lanes<D>& a, const Lanes<D>& b) {
  return {hn::Div(a.raw, b.raw)};
}
template <class D>
HWY_INLINE Lanes<D> operator-(const Lanes<D>& a) {
  return {hn::Neg(a.raw)};
}
template <class D>
HWY_INLINE Lanes<D> sqrt(const Lanes<D>& a) {
  return {hn::Sqrt(a.raw)};
}

template <class D>
HWY_INLINE Lanes<D> maximum(const Lanes<D>& a, const Lanes<D>& b) {
  return {hn::IfThenElse(hn::Or(hn::Lt(a.raw, b.raw), hn::Ne(b.raw, b.raw)), b.raw, a.raw)};
}
template <class D>
HWY_INLINE Lanes<D> at_least_zero(const Lanes<D>& x) {
  const auto zero = hn::Zero(D());
  return {hn::IfThenElse(hn::Lt(x.raw, zero), zero, x.raw)};
}
template <class D>
HWY_INLINE Lanes<D> where_positive(const Lanes<D>& x, const Lanes<D>& value) {
  return {hn::IfThenElseZero(hn::Gt(x.raw, hn::Zero(D())), value.raw)};
}

#if HWY_NATIVE_FMA
template <class D>
HWY_INLINE Lanes<D> fma(const Lanes<D>& a, const Lanes<D>& b, const Lanes<D>& c) {
  return {hn::MulAdd(a.raw, b.raw, c.raw)};
}
template <class D>
HWY_INLINE Lanes<D> decay(const Lanes<D>& weight, const Lanes<D>& value) {
  return {hn::NegMulAdd(weight.raw, value.raw, value.raw)};
}
#else
// Highway's MulAdd rounds twice on a target without the instruction; the C library's fma, one
// number at a time, rounds once everywhere.
template <class D>
HWY_INLINE Lanes<D> fma(const Lanes<D>& a, const Lanes<D>& b, const Lanes<D>& c) {
  const D d;
  constexpr std::size_t size = hn::MaxLanes(D());
  HWY_ALIGN hn::TFromD<D> x[size], y[size], z[size];
  hn::Store(a.raw, d, x);
  hn::Store(b.raw, d, y);
  hn::Store(c.raw, d, z);
  for (std::size_t i = 0; i < size; ++i) z[i] = std::fma(x[i], y[i], z[i]);
  return {hn::Load(d, z)};
}
template <class D>
HWY_INLINE Lanes<D> decay(const Lanes<D>& weight, const Lanes<D>& value) {
  return fma(-weight, value, value);
}
#endif

// Nothing here default-constructs Lanes: the constructor that the compiler would write is compiled
// outside the target's instruction set, and on AArch64 the vector's own cannot be inlined there.

/// Vectors that hold one coefficient each.
template <class D, std::size_t... Index>
HWY_INLINE std::array<Lanes<D>, sizeof...(Index)> broadcast(D d, const hn::TFromD<D>* coefficient,
                                                            std::index_sequence<Index...>) {
  return {Lanes<D>{hn::Set(d, coefficient[Index])}...};
}

/// A vector from each of the arrays, if there are any.
template <class D, std::size_t states, std::size_t... Index>
HWY_INLINE std::array<Lanes<D>, states> load([[maybe_unused]] D d,
                                             const std::array<hn::TFromD<D>*, states>& arrays,
                                             [[maybe_unused]] std::size_t at,
                                             std::index_sequence<Index...>) {
  return {Lanes<D>{hn::LoadU(d, arrays[Index] + at)}...};
}

/// The arrays of a step, from one of their coordinates on.
template <class T, std::size_t states>
struct Arrays {
  const T* theta;
  T* theta_out;
  std::array<T*, states> state;
  const T* gradient;
};

/// The vector of coordinates at `at` through a lane.
template <class Lane, class D, class T>
HWY_INLINE void step_vector(D d, const std::array<Lanes<D>, Lane::coefficients>& coefficient,
                            const Arrays<T, Lane::states>& arrays, std::size_t at) {
  Lanes<D> theta{hn::LoadU(d, arrays.theta + at)};
  auto state = load(d, arrays.state, at, std::make_index_sequence<Lane::states>());
  Lane::step(coefficient, theta, state, Lanes<D>{hn::LoadU(d, arrays.gradient + at)}, Unobserved());
  hn::StoreU(theta.raw, d, arrays.theta_out + at);
  for (std::size_t s = 0; s < Lane::states; ++s) hn::StoreU(state[s].raw, d, arrays.state[s] + at);
}

/// A kernel: whole vectors in place, then what is left over in a vector of its own, filled up with
/// ones, which neither raise an exception flag nor take the slow path of subnormals.
template <class Lane, class T>
void run(const T* coefficient, const T* theta, T* theta_out, T* const* state, const T* gradient,
         std::size_t count) {
  using D = hn::ScalableTag<T>;
  constexpr D d;
  constexpr std::size_t size = hn::MaxLanes(d);

  const auto coefficient_lanes =
      broadcast(d, coefficient, std::make_index_sequence<Lane::coefficients>());
  // A copy of the pointers, which no store can be suspected to change.
  Arrays<T, Lane::states> arrays{theta, theta_out, {}, gradient};
  std::copy_n(state, Lane::states, arrays.state.begin());

  const std::size_t rest = count % size, whole = count - rest;
  for (std::size_t at = 0; at < whole; at += size)
    step_vector<Lane>(d, coefficient_lanes, arrays, at);

  if (rest == 0) return;
  T buffer[2 + Lane::states][size];
  for (auto& row : buffer) std::fill(row, row + size, T{1});
  std::copy_n(theta + whole, rest, buffer[0]);
  std::copy_n(gradient + whole, rest, buffer[1]);
  Arrays<T, Lane::states> buffers{buffer[0], buffer[0], {}, buffer[1]};
  for (std::size_t s = 0; s < Lane::states; ++s) {
    buffers.state[s] = buffer[2 + s];
    std::copy_n(arrays.state[s] + whole, rest, buffers.state[s]);
  }
  step_vector<Lane>(d, coefficient_lanes, buffers, 0);
  std::copy_n(buffer[0], rest, theta_out + whole);
  for (std::size_t s = 0; s < Lane::states; ++s)
    std::copy_n(buffers.state[s], rest, arrays.state[s] + whole);
}
