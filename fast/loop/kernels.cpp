#include "kernels.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <truestep/fast/coefficients/powers.hpp>
#include <truestep/fast/target.hpp>

// A struct cannot hold a vector whose length is unknown at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE <truestep/fast/loop/kernels.cpp>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef TRUESTEP_KERNEL_TABLE
#define TRUESTEP_KERNEL_TABLE
namespace truestep::fast {
namespace {

/// The kernels of one target, in the order of lane::All.
struct KernelTable {
  static constexpr std::size_t size = std::tuple_size_v<lane::All>;
  std::array<Kernel<float>, size> of_float;
  std::array<Kernel<double>, size> of_double;
  Corrections (*corrections)(const std::array<double, 2>& base, std::uint64_t n);
};

}  // namespace
}  // namespace truestep::fast
#endif

HWY_BEFORE_NAMESPACE();
namespace truestep::fast {
namespace HWY_NAMESPACE {

using std::fma;
using std::sqrt;

#include "loop.inl.hpp"
#include <truestep/fast/lanes/all.lane.hpp>

#include <truestep/fast/coefficients/corrections.inl.hpp>

// Flattened, so that what it calls is compiled for this target too.
[[gnu::flatten]] Corrections corrections(const std::array<double, 2>& base, std::uint64_t n) {
  thread_local constinit RememberedCorrections remembered;
  return remembered(base, n);
}

template <class... Lane>
constexpr KernelTable table_of(std::type_identity<std::tuple<Lane...>>) {
  return {{run<Lane, float>...}, {run<Lane, double>...}, corrections};
}

const KernelTable* kernel_table() {
  static constexpr KernelTable table = table_of(std::type_identity<All>());
  return &table;
}

}  // namespace HWY_NAMESPACE
}  // namespace truestep::fast
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace truestep::fast {

HWY_EXPORT(kernel_table);

namespace {

/// That of the target in use, once known.
constinit std::atomic<const KernelTable*> known_table = nullptr;

const KernelTable& table_in_use() {
  const KernelTable* table = known_table.load(std::memory_order_relaxed);
  if (table == nullptr) [[unlikely]] {
    table = HWY_DYNAMIC_DISPATCH(kernel_table)();
    known_table.store(table, std::memory_order_relaxed);
    known_kernels<float>.store(table->of_float.data(), std::memory_order_relaxed);
    known_kernels<double>.store(table->of_double.data(), std::memory_order_relaxed);
  }
  return *table;
}

}  // namespace

template <>
const Kernel<float>* kernels() {
  return table_in_use().of_float.data();
}

template <>
const Kernel<double>* kernels() {
  return table_in_use().of_double.data();
}

Corrections corrections(const std::array<double, 2>& base, std::uint64_t n) {
  return table_in_use().corrections(base, n);
}

namespace {

/// The bits of the compiled targets that this processor has. The static target is what the compiler
/// may assume everywhere, so it belongs to them even where Highway's detection leaves it out.
std::int64_t supported() { return (HWY_SUPPORTED_TARGETS | HWY_STATIC_TARGET) & HWY_TARGETS; }

/// The lowest bit set: Highway numbers its targets from the best down.
std::int64_t best(std::int64_t targets) { return targets & -targets; }

std::int64_t& in_use() {
  static std::int64_t bit = best(supported());
  return bit;
}

}  // namespace

std::vector<std::string> targets() {
  std::vector<std::string> names;
  for (std::int64_t rest = supported(); rest != 0; rest -= best(rest))
    names.push_back(hwy::TargetName(best(rest)));
  return names;
}

std::string target() { return hwy::TargetName(in_use()); }

void use_target(std::string_view name) {
  std::string known;
  for (std::int64_t rest = supported(); rest != 0; rest -= best(rest)) {
    const std::int64_t bit = best(rest);
    if (name == hwy::TargetName(bit)) {
      in_use() = bit;
      // With a single target there is no table to choose from.
#if (HWY_TARGETS & (HWY_TARGETS - 1)) != 0
      hwy::GetChosenTarget().Update(bit);
#endif
      known_table.store(nullptr, std::memory_order_relaxed);
      known_kernels<float>.store(nullptr, std::memory_order_relaxed);
      known_kernels<double>.store(nullptr, std::memory_order_relaxed);
      return;
    }
    known += (known.empty() ? "" : ", ") + std::string(hwy::TargetName(bit));
  }
  throw std::invalid_argument("target = " + std::string(name) + " is not one of {" + known + "}");
}

}  // namespace truestep::fast
#endif
