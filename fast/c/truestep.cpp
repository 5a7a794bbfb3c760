// SPDX-License-Identifier: Apache-2.0
#include "truestep.h"

#include <array>
#include <cstdio>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <truestep/fast/conventions.hpp>
#include <truestep/fast/rules.hpp>

/// A rule whose type is not known to the caller.
struct truestep_fast_rule {
  truestep_fast_rule() = default;
  truestep_fast_rule(const truestep_fast_rule&) = delete;
  truestep_fast_rule& operator=(const truestep_fast_rule&) = delete;
  virtual ~truestep_fast_rule() = default;

  virtual void set(std::string_view name, double value) = 0;
  virtual const char* state(std::size_t i) const = 0;
  virtual void step(std::uint64_t t, const truestep_fast_float*, std::size_t) const = 0;
  virtual void step(std::uint64_t t, const truestep_fast_double*, std::size_t) const = 0;
};

namespace truestep::fast {
namespace {

template <class Rule>
[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument(std::string(Rule::name) + ": " + what);
}

std::string text(double x) {
  std::ostringstream all;
  all << x;
  return all.str();
}

template <class Rule>
class Held : public truestep_fast_rule {
 public:
  using Hyperparameters = typename Rule::Hyperparameters;

  explicit Held(const char* named)
      : h_(fast::convention<Hyperparameters>(named == nullptr ? "lecture_note" : named)) {}

  void set(std::string_view name, double value) override {
    bool found = false;
    for_each_member<Rule>([&](const auto& member) {
      if (name != member.name) return;
      found = true;
      set_member(member, value);
    });
    if (!found) refuse<Rule>("has no " + std::string(name));
  }

  const char* state(std::size_t i) const override {
    for (const auto& each : Rule::template states<float>)
      if (each.is_used(h_) && i-- == 0) return each.name;
    return nullptr;
  }

  void step(std::uint64_t t, const truestep_fast_float* tensors, std::size_t count) const override {
    step_all<float>(t, tensors, count);
  }
  void step(std::uint64_t t, const truestep_fast_double* tensors,
            std::size_t count) const override {
    step_all<double>(t, tensors, count);
  }

 private:
  template <class Member>
  void set_member(const Member& member, double value) {
    using Value = std::remove_cvref_t<decltype(h_.*member.member)>;
    const auto outside = [&](const char* range) {
      refuse<Rule>(std::string(member.name) + " = " + text(value) + " is outside " + range);
    };
    if constexpr (requires { member.domain; }) {
      const auto exact = static_cast<Value>(contains(member.domain, value) ? value : 0);
      if (!contains(member.domain, value)) outside(fast::text(member.domain));
      if (static_cast<double>(exact) != value) outside("the integers");
      h_.*member.member = exact;
    } else if constexpr (std::is_same_v<Value, bool>) {
      if (value != 0 && value != 1) outside("{0, 1}");
      h_.*member.member = value != 0;
    } else {
      refuse<Rule>(std::string(member.name) +
                   " is a choice of words, which a convention has; a number was given");
    }
  }

  template <class T, class Given>
  typename Rule::template Tensor<T> tensor(const Given& given) const {
    const auto needed = [&](const void* array, const char* name) {
      if (array == nullptr && given.count > 0) refuse<Rule>(std::string(name) + " = NULL");
    };
    needed(given.theta, "theta");
    needed(given.gradient, "gradient");
    typename Rule::template Tensor<T> made;
    made.theta = {given.theta, given.count};
    made.gradient = {given.gradient, given.count};
    std::size_t i = 0;
    for (const auto& each : Rule::template states<T>) {
      if (!each.is_used(h_)) continue;
      needed(given.states, "states");
      T* const array = given.states == nullptr ? nullptr : given.states[i++];
      needed(array, each.name);
      made.*each.member = {array, given.count};
    }
    return made;
  }

  template <class T, class Given>
  void step_all(std::uint64_t t, const Given* tensors, std::size_t count) const {
    if (tensors == nullptr && count > 0) refuse<Rule>("tensors = NULL");
    if (count == 1) {
      fast::step(h_, t, tensor<T>(tensors[0]));
      return;
    }
    std::vector<typename Rule::template Tensor<T>> all;
    for (std::size_t k = 0; k < count; ++k) all.push_back(tensor<T>(tensors[k]));
    fast::step(h_, t, all);
  }

  Hyperparameters h_;
};

thread_local std::array<char, 1000> last_error{};

int said(int status, const char* what) noexcept {
  std::snprintf(last_error.data(), last_error.size(), "%s", what);
  return status;
}

/// What a call returns, whatever it throws.
template <class Call>
int guarded(const Call& call) noexcept {
  try {
    call();
    return TRUESTEP_FAST_DONE;
  } catch (const std::bad_alloc&) {
    return said(TRUESTEP_FAST_FAILED, "memory is used up");
  } catch (const std::exception& error) {
    return said(TRUESTEP_FAST_REFUSED, error.what());
  } catch (...) {
    return said(TRUESTEP_FAST_REFUSED, "something that is no std::exception was thrown");
  }
}

void require(const void* given, const char* name) {
  if (given == nullptr) throw std::invalid_argument(std::string(name) + " = NULL");
}

}  // namespace
}  // namespace truestep::fast

using namespace truestep;

int truestep_fast_new(const char* rule, const char* convention, truestep_fast_rule** made) {
  return fast::guarded([&] {
    fast::require(rule, "rule");
    fast::require(made, "made");
    fast::with_rule(rule, [&]<class Rule>() { *made = new fast::Held<Rule>(convention); });
  });
}

void truestep_fast_free(truestep_fast_rule* rule) { delete rule; }

int truestep_fast_set(truestep_fast_rule* rule, const char* name, double value) {
  return fast::guarded([&] {
    fast::require(rule, "rule");
    fast::require(name, "name");
    rule->set(name, value);
  });
}

const char* truestep_fast_state(const truestep_fast_rule* rule, size_t i) {
  return rule == nullptr ? nullptr : rule->state(i);
}

int truestep_fast_step_float(const truestep_fast_rule* rule, uint64_t t,
                             const truestep_fast_float* tensors, size_t tensor_count) {
  return fast::guarded([&] {
    fast::require(rule, "rule");
    rule->step(t, tensors, tensor_count);
  });
}

int truestep_fast_step_double(const truestep_fast_rule* rule, uint64_t t,
                              const truestep_fast_double* tensors, size_t tensor_count) {
  return fast::guarded([&] {
    fast::require(rule, "rule");
    rule->step(t, tensors, tensor_count);
  });
}

const char* truestep_fast_error(void) { return fast::last_error.data(); }
