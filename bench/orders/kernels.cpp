// SPDX-License-Identifier: Apache-2.0
// The kernels of all candidates, compiled as those of the library are.

#include <tuple>
#include <type_traits>

#include <truestep/fast/loop/targets.hpp>

#include "orders/orders.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "orders/kernels.cpp"
#include <hwy/foreach_target.h>

#include <truestep/fast/loop/loop.inl.hpp>

#include "orders/orders.lane.hpp"

HWY_BEFORE_NAMESPACE();
namespace truestep::bench::HWY_NAMESPACE {
namespace {

template <class... Lane>
Kernels kernels_of(std::type_identity<std::tuple<Lane...>>) {
  return {{fast::HWY_NAMESPACE::run<Lane, float>...}, {fast::HWY_NAMESPACE::run<Lane, double>...}};
}

Kernels momentum() { return kernels_of(std::type_identity<MomentumOrders>()); }
Kernels look_ahead() { return kernels_of(std::type_identity<LookAheadOrders>()); }
Kernels adagrad() { return kernels_of(std::type_identity<AdagradOrders>()); }
Kernels adadelta() { return kernels_of(std::type_identity<AdadeltaOrders>()); }
Kernels rmsprop() { return kernels_of(std::type_identity<RmspropOrders>()); }
Kernels adam() { return kernels_of(std::type_identity<AdamOrders>()); }

}  // namespace
}  // namespace truestep::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace truestep::bench {

HWY_EXPORT(momentum);
HWY_EXPORT(look_ahead);
HWY_EXPORT(adagrad);
HWY_EXPORT(adadelta);
HWY_EXPORT(rmsprop);
HWY_EXPORT(adam);

template <>
Kernels kernels<lane::MomentumOrders>() {
  return HWY_DYNAMIC_DISPATCH(momentum)();
}
template <>
Kernels kernels<lane::LookAheadOrders>() {
  return HWY_DYNAMIC_DISPATCH(look_ahead)();
}
template <>
Kernels kernels<lane::AdagradOrders>() {
  return HWY_DYNAMIC_DISPATCH(adagrad)();
}
template <>
Kernels kernels<lane::AdadeltaOrders>() {
  return HWY_DYNAMIC_DISPATCH(adadelta)();
}
template <>
Kernels kernels<lane::RmspropOrders>() {
  return HWY_DYNAMIC_DISPATCH(rmsprop)();
}
template <>
Kernels kernels<lane::AdamOrders>() {
  return HWY_DYNAMIC_DISPATCH(adam)();
}

}  // namespace truestep::bench
#endif
