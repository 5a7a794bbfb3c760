// SPDX-License-Identifier: Apache-2.0
// PyTorch's own Adam in bfloat16, and in float beside a bfloat16 copy, as Debian's PyTorch 1.13 ran
// them: the audit's emulation, put in PyTorch's order of operations, has its states bit by bit.
//
// tests/traces/torch-bfloat16 and -master are 20 steps of torch.optim.Adam (rate 0.001, foreach
// false) on 32 parameters on the CPU, recorded with torch 1.13.0 as Debian packages it, seed 17,
// one thread. The gradients of both are those of torch-bfloat16.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "adam.hpp"
#include "audited.hpp"
#include "followed.hpp"
#include "runs/matrix_file.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

const std::string folder = std::string(TRUESTEP_TRACES) + "/torch-bfloat16";

struct Recording {
  MatrixFile parameters, m, v;

  explicit Recording(const std::string& in)
      : parameters(in + "/params.npy"), m(in + "/exp_avg.npy"), v(in + "/exp_avg_sq.npy") {}
};

/// torch/optim/adam.py, `_single_tensor_adam`, of torch 1.13: a tensor's operation computes in
/// float, and rounds its result to the tensor's type when it is stored. These are its habits.
struct TorchAdam {
  /// A Python number beside a tensor (`mul_`, `alpha`, division, `add_`) is rounded to the tensor's
  /// type, but the `value` of addcmul_ and addcdiv_ to float.
  bool rounds_scalars = true;

  Arithmetic in_float{format("float")}, tensor;

  explicit TorchAdam(const char* type) : tensor(format(type)) {}

  Rounded of(double x) { return Rounded::operand(in_float, x); }
  double stored(const Rounded& x) { return tensor.round(x.value()); }
  Rounded scalar(double x) { return of(rounds_scalars ? tensor.round(x) : in_float.round(x)); }
  Rounded value(double x) { return of(in_float.round(x)); }

  void step(std::uint64_t t, double gradient, double& theta, double& m, double& v) {
    constexpr double beta1 = 0.9, beta2 = 0.999, rate = 1e-3, epsilon = 1e-8;
    const auto n = static_cast<double>(t);
    const Rounded g = of(gradient);
    m = stored(of(m) * scalar(beta1));
    m = stored(fma(g, scalar(1 - beta1), of(m)));
    v = stored(of(v) * scalar(beta2));
    v = stored(fma(value(1 - beta2) * g, g, of(v)));
    const double correction1 = 1 - std::pow(beta1, n), correction2 = 1 - std::pow(beta2, n);
    double denominator = stored(sqrt(of(v)));
    denominator = stored(of(denominator) / scalar(std::sqrt(correction2)));
    denominator = stored(of(denominator) + scalar(epsilon));
    theta = stored(of(theta) + value(-(rate / correction1)) * of(m) / of(denominator));
  }
};

/// The first number that is not PyTorch's, or "".
std::string first_difference(const Recording& recording, TorchAdam torch) {
  const MatrixFile gradients(folder + "/grads.npy");
  for (std::size_t i = 0; i < gradients.columns(); ++i) {
    double theta = recording.parameters.at(0, i), m = 0, v = 0;
    for (std::size_t t = 1; t <= gradients.rows(); ++t) {
      torch.step(t, gradients.at(t - 1, i), theta, m, v);
      if (theta != recording.parameters.at(t, i) || m != recording.m.at(t, i) ||
          v != recording.v.at(t, i))
        return fmt::format("coordinate {} at step {}", i, t);
    }
  }
  return "";
}

TEST(Torch, InBfloat16IsTheEmulationInItsOrder) {
  const Recording recording(folder);
  EXPECT_EQ(first_difference(recording, TorchAdam("bfloat16")), "");
  TorchAdam exact_scalars("bfloat16");
  exact_scalars.rounds_scalars = false;
  EXPECT_NE(first_difference(recording, exact_scalars), "");
  EXPECT_NE(first_difference(recording, TorchAdam("float")), "");
}

TEST(Torch, InFloatBesideABfloat16CopyIsTheEmulationInItsOrder) {
  const Recording recording(folder + "-master");
  EXPECT_EQ(first_difference(recording, TorchAdam("float")), "");
  EXPECT_NE(first_difference(recording, TorchAdam("bfloat16")), "");
  const MatrixFile copy(folder + "-master/copy.npy");
  Arithmetic narrow(format("bfloat16"));
  for (std::size_t t = 0; t < copy.rows(); ++t)
    for (std::size_t i = 0; i < copy.columns(); ++i)
      EXPECT_EQ(copy.at(t, i), narrow.round(recording.parameters.at(t, i)));
}

/// How many of the parameters that the model reads are not PyTorch's, over all steps.
std::size_t other_parameters(const char* setup_name, const MatrixFile& parameters) {
  using Rule = rules::Of<fast::Adam>;
  const MatrixFile gradients(folder + "/grads.npy");
  std::size_t others = 0;
  for (std::size_t i = 0; i < gradients.columns(); ++i) {
    const drift::Setup setup = typed_setup(setup_name);
    Followed<Rule> run({}, setup, {parameters.at(0, i)});
    for (std::size_t t = 1; t <= gradients.rows(); ++t) {
      run.step(t, gradients.at(t - 1, i));
      others += run.emulated.parameter(0) != parameters.at(t, i);
    }
  }
  return others;
}

/// The order of operations is that of our kernels in a set-up. In float it does not show in what a
/// bfloat16 copy holds; in bfloat16 itself it does.
TEST(Torch, HasTheParametersOfTheSetupsButForTheOrderOfOperations) {
  EXPECT_EQ(other_parameters("bf16_master", MatrixFile(folder + "-master/copy.npy")), 0u);
  EXPECT_GT(other_parameters("all_bf16", MatrixFile(folder + "/params.npy")), 0u);
}

}  // namespace
}  // namespace truestep::drift
