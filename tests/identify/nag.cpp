// SPDX-License-Identifier: Apache-2.0
// Runs of NAG: a recorded one, what is estimated of a run, and what no record tells.

#include "runs.hpp"

namespace truestep::test {
namespace {

const Names torch_nag{"pytorch", "torch7",    "tensorflow1",   "keras2",      "keras3", "optax",
                      "jax",     "ensmallen", "mxnet",         "caffe",       "onnx",   "lasagne",
                      "apex",    "mlx",       "optimisers_jl", "scikit_learn"};

}  // namespace

// torch.optim.SGD(lr=0.05, momentum=0.9, nesterov=True)
TEST(IdentifyRecorded, Nag) {
  const Options numbers{{{"learning_rate", 0.05}, {"momentum", 0.9}}};
  const auto run = recorded("torch-nesterov");
  EXPECT_EQ(consistent(identify::identify("nag", run, numbers)), torch_nag);
  expect_reproduced<rules::Of<fast::Nag>>(convention<rules::Of<fast::Nag>>("pytorch", numbers),
                                          run);
}

TEST(IdentifyRecorded, NumbersNotGivenOfNag) {
  const auto nag = identify::identify("nag", recorded("torch-nesterov"), {});
  EXPECT_EQ(consistent(nag), torch_nag);
  EXPECT_TRUE(mentions(detail(nag, "estimated"), "learning_rate = 0.05 ("));
}

TEST(IdentifyUndecided, NoRecordTellsLookAheadFromMomentum) {
  const Options numbers{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  const auto momentum =
      run<rules::Of<fast::Momentum>>(convention<rules::Of<fast::Momentum>>("seed", numbers));
  for (const auto* rule : {"momentum", "nag"})
    EXPECT_FALSE(detail(identify::identify(rule, momentum, numbers), "look_ahead").empty()) << rule;
  const auto nag = run<rules::Of<fast::Nag>>(convention<rules::Of<fast::Nag>>("pytorch", numbers));
  EXPECT_TRUE(detail(identify::identify("nag", nag, numbers), "look_ahead").empty());
}

}  // namespace truestep::test
