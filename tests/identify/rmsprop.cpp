// SPDX-License-Identifier: Apache-2.0
// Runs of RMSprop: a recorded one, and what is estimated of a run.

#include "runs.hpp"

namespace truestep::test {
namespace {

const Options rmsprop_numbers{{{"learning_rate", 1e-3}, {"rho", 0.99}, {"epsilon", 1e-3}}};

/// The conventions of PyTorch's map, some of which have to be among them.
Names torch_rmsprop() {
  const auto names = names_of_map<rules::Of<fast::Rmsprop>>(
      convention<rules::Of<fast::Rmsprop>>("pytorch", rmsprop_numbers), rmsprop_numbers);
  for (const char* known : {"paper", "torch7", "ensmallen", "chainer", "mxnet.RMSProp@2", "mlx"})
    EXPECT_TRUE(names.contains(known)) << known;
  for (const char* other : {"mxnet", "keras3", "tf_keras", "optax", "tensorflow1"})
    EXPECT_FALSE(names.contains(other)) << other;
  return names;
}

}  // namespace

// torch.optim.RMSprop(lr=1e-3, alpha=0.99, eps=1e-3)
TEST(IdentifyRecorded, Rmsprop) {
  const auto& numbers = rmsprop_numbers;
  const auto run = recorded("torch-rmsprop-bigeps");
  EXPECT_EQ(consistent(identify::identify("rmsprop", run, numbers)), torch_rmsprop());
  expect_reproduced<rules::Of<fast::Rmsprop>>(
      convention<rules::Of<fast::Rmsprop>>("pytorch", numbers), run);
}

TEST(IdentifyRecorded, NumbersNotGivenOfRmsprop) {
  const auto rmsprop = identify::identify("rmsprop", recorded("torch-rmsprop-bigeps"), {});
  EXPECT_EQ(consistent(rmsprop), torch_rmsprop());
  for (const auto* found : {"learning_rate = 0.001 (", "rho = 0.99 (", "epsilon = 0.001 ("})
    EXPECT_TRUE(mentions(detail(rmsprop, "estimated"), found)) << found;
}

TEST(IdentifyEstimates, ASwitchOfARmsprop) {
  Options plain{{{"learning_rate", 0.01}, {"rho", 0.9}, {"epsilon", 1e-3}}};
  auto with_flag = plain;
  with_flag.given["centered"] = true;
  const auto centered =
      run<rules::Of<fast::Rmsprop>>(convention<rules::Of<fast::Rmsprop>>("optax", with_flag));
  const auto names = consistent(identify::identify("rmsprop", centered, plain));
  EXPECT_TRUE(names.contains("optax,centered=true"));
  EXPECT_TRUE(names.contains("keras3,centered=true"));
  EXPECT_FALSE(names.contains("pytorch,centered=true"));
}

}  // namespace truestep::test
