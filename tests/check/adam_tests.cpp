// SPDX-License-Identifier: Apache-2.0
// Faults and habits of Adam as a foreign kernel has them.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "check/fast_kernel.hpp"
#include "foreign.hpp"

namespace truestep::test {
namespace {

const Map pytorch{"adam", "pytorch"};

/// What is wrong with a kernel, and the words by which it has to be named; none where it is a map
/// that no choice or number makes.
struct Wrong {
  const char *words, *named;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.words; }

class WrongAdam : public testing::TestWithParam<Wrong> {};

TEST_P(WrongAdam, IsFoundAndNamed) {
  const auto& [words, named] = GetParam();
  const auto report =
      checked(pytorch, std::string("convention=pytorch ") + words, {.trials = 1, .only = "map"});
  EXPECT_EQ(report.verdict(), Report::Verdict::wrong);
  const std::string kind = *named == 0 ? "no_map" : "other_map";
  const auto found = finding(report, kind);
  EXPECT_NE(found.text.find(named), std::string::npos) << report.conclusion();
  EXPECT_EQ(found.kind, kind) << report.conclusion();
  EXPECT_FALSE(found.input.empty());
  EXPECT_FALSE(found.only.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Check, WrongAdam,
    testing::Values(Wrong{"set=epsilon_frame:before_correction",
                          "that with epsilon_frame=before_correction"},
                    Wrong{"set=corrects_m:false", "that with corrects_m=false"},
                    Wrong{"set=corrects_v:false", "that with corrects_v=false"},
                    Wrong{"set=amsgrad:true", "that with amsgrad=true"},
                    Wrong{"set=first_power:0", "that with first_power=0"},
                    Wrong{"fault=correction_late", "that with first_power=2"},
                    Wrong{"fault=moments_swapped", "beta1 and beta2 swapped"},
                    Wrong{"fault=epsilon_squared", "epsilon squared inside the root"},
                    Wrong{"fault=unannounced_maximum", "that with amsgrad=true"},
                    Wrong{"fault=old_moments", "that with state_used=previous"},
                    Wrong{"fault=corrections_multiplied", "that with bias_correction=multiplies"},
                    // That is the same.
                    Wrong{"fault=old_second_moment",
                          "that with moment_ahead=same_correction and state_used=previous"},
                    Wrong{"fault=absolute", ""}, Wrong{"fault=corrections_fed_back", ""}));

TEST(WrongAdams, OfTheTableAreCalledByTheirClass) {
  const auto report = checked(pytorch, "convention=keras3", {.trials = 1, .only = "map"});
  EXPECT_NE(finding(report, "other_map").text.find("tensorflow1.AdamOptimizer"), std::string::npos)
      << report.conclusion();
}

TEST(WrongAdams, MayBeWhatIsDeclared) {
  Map declared = pytorch;
  declared.set["epsilon_frame"] = fast::EpsilonFrame::before_correction;
  const auto report = checked(declared, "convention=keras3", {.trials = 1});
  EXPECT_TRUE(report.findings.empty()) << report.conclusion();
}

TEST(ConductOfAdam, IsFoundAndNamed) {
  const auto found = [](const char* conduct, const char* kind) {
    const auto report =
        checked(pytorch, std::string("convention=pytorch conduct=") + conduct, {.trials = 1});
    EXPECT_EQ(finding(report, kind).kind, kind) << report.conclusion();
    return report.verdict();
  };
  EXPECT_EQ(found("has_another_tail", "position"), Report::Verdict::right);
  EXPECT_EQ(found("counts_tensors", "counter_per_tensor"), Report::Verdict::wrong);
  EXPECT_EQ(found("counts_in_16_bits", "outside_bound"), Report::Verdict::wrong);
}

// --- habits are noted, with their price

class HabitOfAdam : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(HabitOfAdam, IsNotedWithItsPrice) {
  const auto& [fault, words] = GetParam();
  for (const char* order : {"0", "3", "12", "21"}) {
    const auto report =
        checked(pytorch, std::string("convention=pytorch order=") + order + " fault=" + fault,
                {.trials = 2});
    EXPECT_EQ(report.verdict(), Report::Verdict::right) << report.conclusion();
    EXPECT_EQ(report.verdict(true), Report::Verdict::wrong);
    const auto found = finding(report, "habit");
    EXPECT_NE(found.text.find(words), std::string::npos) << report.conclusion();
    EXPECT_NE(found.text.find(" u off for it, at t = "), std::string::npos);
    EXPECT_EQ(report.findings.size(), 1u) << report.conclusion();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Check, HabitOfAdam,
    testing::Values(std::pair("one_minus_float_beta", "1 - beta is formed from the float beta"),
                    std::pair("running_float_product", "a float product carried from step to step"),
                    std::pair("float_power", "beta^t is a power of the float beta")));

/// Our Adam, whose m is 0 before each step.
class Forgetting : public trial::Optimizer {
 public:
  Forgetting(std::unique_ptr<trial::Optimizer> adam, std::vector<std::size_t> lengths)
      : adam_(std::move(adam)), lengths_(std::move(lengths)) {}

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    for (std::size_t k = 0; k < lengths_.size(); ++k)
      adam_->set_state(k, "m", std::vector<float>(lengths_[k]).data());
    return adam_->step(t, theta, gradient);
  }
  bool state(std::size_t tensor, const char* name, void* out) override {
    return adam_->state(tensor, name, out);
  }
  bool set_state(std::size_t tensor, const char* name, const void* in) override {
    return adam_->set_state(tensor, name, in);
  }

 private:
  std::unique_ptr<trial::Optimizer> adam_;
  std::vector<std::size_t> lengths_;
};

class ForgettingKernel : public trial::FastKernel<fast::Adam> {
 public:
  ForgettingKernel() : FastKernel(fast::convention<fast::AdamHyperparameters>("pytorch")) {}
  std::unique_ptr<trial::Optimizer> make(const trial::Setup& setup) override {
    return std::make_unique<Forgetting>(FastKernel::make(setup), setup.lengths);
  }
};

TEST(WrongAdams, ThatForgetAStateAreCalledSo) {
  ForgettingKernel kernel;
  const auto report = trial::examine(kernel, {.map = pytorch, .trials = 1, .only = "map"});
  EXPECT_NE(finding(report, "other_map").text.find("that with m reset at every step"),
            std::string::npos)
      << report.conclusion();
}

/// Our Adam with PyTorch's own beta2, whatever it is told.
class DeafKernel : public trial::FastKernel<fast::Adam> {
 public:
  DeafKernel() : FastKernel(fast::convention<fast::AdamHyperparameters>("pytorch")) {}
  std::unique_ptr<trial::Optimizer> make(const trial::Setup& setup) override {
    auto told = setup;
    std::erase_if(told.numbers, [](const auto& each) { return each.first == "beta2"; });
    return FastKernel::make(told);
  }
};

TEST(WrongAdams, ThatAreDeafToANumberAreCalledByIt) {
  DeafKernel kernel;
  const auto report = trial::examine(kernel, {.map = pytorch, .trials = 1, .only = "map"});
  EXPECT_NE(finding(report, "other_map").text.find("that with beta2 = 0.999 whatever it is told"),
            std::string::npos)
      << report.conclusion();
}

/// Adam that goes on with the moments that it has stored, as a kernel does that is fused of
/// several.
class OfStoredMoments : public trial::Optimizer {
 public:
  explicit OfStoredMoments(const trial::Setup& setup)
      : setup_(setup), m_(setup.lengths[0]), v_(setup.lengths[0]) {}

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    const double beta1 = setup_.number("beta1"), beta2 = setup_.number("beta2"),
                 n = static_cast<double>(t), c1 = 1 - std::pow(beta1, n),
                 c2 = 1 - std::pow(beta2, n), rate = setup_.number("learning_rate");
    for (std::size_t i = 0; i < m_.size(); ++i) {
      const float g = at(setup_.format.gradients, gradient[0], i);
      m_[i] = kept("m", float(beta1) * m_[i] + float(1 - beta1) * g);
      v_[i] = kept("v", float(beta2) * v_[i] + float(1 - beta2) * g * g);
      const float root = std::sqrt(v_[i] / float(c2)) + float(setup_.number("epsilon"));
      const float moved = at(setup_.format.theta, theta[0], i) - float(rate / c1) * m_[i] / root;
      trial::store(setup_.format.theta, double{moved},
                   static_cast<char*>(theta[0]) + i * size_of(setup_.format.theta));
    }
    return 0;
  }
  bool state(std::size_t, const char* name, void* out) override {
    const auto format = setup_.format.state(name);
    const auto& from = *name == 'm' ? m_ : v_;
    for (std::size_t i = 0; i < from.size() && name[1] == 0; ++i)
      trial::store(format, double{from[i]}, static_cast<char*>(out) + i * size_of(format));
    return name[1] == 0;
  }
  bool set_state(std::size_t, const char*, const void*) override { return false; }

 private:
  static float at(trial::Format format, const void* array, std::size_t i) {
    return static_cast<float>(
        trial::load(format, static_cast<const char*>(array) + i * size_of(format)));
  }
  float kept(const char* name, float x) const {
    return static_cast<float>(trial::nearest(setup_.format.state(name), double{x}));
  }

  trial::Setup setup_;
  std::vector<float> m_, v_;
};

class StoringKernel : public trial::Kernel {
 public:
  std::string name() const override { return "of stored moments"; }
  std::unique_ptr<trial::Optimizer> make(const trial::Setup& setup) override {
    if (setup.lengths.size() != 1) return nullptr;
    return std::make_unique<OfStoredMoments>(setup);
  }
};

TEST(StoredAdam, MayGoOnWithWhatItStored) {
  StoringKernel kernel;
  for (const char* const format :
       {"bfloat16", "float16", "float32,states=bfloat16", "bfloat16,v=float32", "float32"}) {
    const auto report = trial::examine(
        kernel,
        {.map = pytorch, .format = trial::storage_named(format), .trials = 1, .only = "map"});
    EXPECT_TRUE(report.findings.empty()) << report.conclusion();
    EXPECT_GT(2 * report.teeth, report.claims) << format;
  }
}

/// It is another rule all the same.
TEST(StoredAdam, IsToldFromOthers) {
  StoringKernel kernel;
  const auto report =
      trial::examine(kernel, {.map = {"adam", "pytorch", {{"corrects_v", false}}},
                              .format = trial::storage_named("bfloat16,states=float32"),
                              .trials = 1,
                              .only = "map"});
  EXPECT_NE(finding(report, "other_map").text.find("pytorch"), std::string::npos)
      << report.conclusion();
}

}  // namespace
}  // namespace truestep::test
