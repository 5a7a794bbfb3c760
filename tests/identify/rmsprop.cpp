// SPDX-License-Identifier: Apache-2.0
// Runs of RMSprop: a recorded one, and what is estimated of a run.

#include "runs.hpp"

namespace truestep::test {
namespace {

const Names torch_rmsprop{"paper",   "pytorch", "torch7", "keras2",        "ensmallen",
                          "chainer", "mxnet",   "caffe",  "optimisers_jl", "mlx"};

}  // namespace

// torch.optim.RMSprop(lr=1e-3, alpha=0.99, eps=1e-3)
TEST(IdentifyRecorded, Rmsprop) {
  const Options numbers{{{"learning_rate", 1e-3}, {"rho", 0.99}, {"epsilon", 1e-3}}};
  const auto run = recorded("torch-rmsprop-bigeps");
  EXPECT_EQ(consistent(identify::identify("rmsprop", run, numbers)), torch_rmsprop);
  expect_reproduced<rules::Of<fast::Rmsprop>>(
      convention<rules::Of<fast::Rmsprop>>("pytorch", numbers), run);
}

TEST(IdentifyRecorded, NumbersNotGivenOfRmsprop) {
  const auto rmsprop = identify::identify("rmsprop", recorded("torch-rmsprop-bigeps"), {});
  EXPECT_EQ(consistent(rmsprop), torch_rmsprop);
  for (const auto* found : {"learning_rate = 0.001 (", "rho = 0.99 (", "epsilon = 0.001 ("})
    EXPECT_TRUE(mentions(detail(rmsprop, "estimated"), found)) << found;
}

TEST(IdentifyEstimates, AFlagThatWouldMakeRmspropFit) {
  Options plain{{{"learning_rate", 0.01}, {"rho", 0.9}, {"epsilon", 1e-3}}};
  auto with_flag = plain;
  with_flag.given["centered"] = true;
  const auto centered =
      run<rules::Of<fast::Rmsprop>>(convention<rules::Of<fast::Rmsprop>>("optax", with_flag));
  EXPECT_TRUE(mentions(detail(identify::identify("rmsprop", centered, plain), "flag"),
                       "--centered would make keras3, optax"));
}

}  // namespace truestep::test
