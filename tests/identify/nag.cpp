// SPDX-License-Identifier: Apache-2.0
// Runs of NAG: a recorded one, what is estimated of a run, and what no record tells.

#include "runs.hpp"

namespace truestep::test {
namespace {

const Options nag_numbers{{{"learning_rate", 0.05}, {"momentum", 0.9}}};

/// The conventions of PyTorch's map, some of which have to be among them.
Names torch_nag() {
  const auto names = names_of_map<rules::Of<fast::Nag>>(
      convention<rules::Of<fast::Nag>>("pytorch", nag_numbers), nag_numbers);
  for (const char* known : {"tensorflow1", "keras3", "optax", "caffe", "onnx", "optimisers_jl"})
    EXPECT_TRUE(names.contains(known)) << known;
  for (const char* other : {"paper", "chainer", "burn"})
    EXPECT_FALSE(names.contains(other)) << other;
  return names;
}

}  // namespace

// torch.optim.SGD(lr=0.05, momentum=0.9, nesterov=True)
TEST(IdentifyRecorded, Nag) {
  const auto& numbers = nag_numbers;
  const auto run = recorded("torch-nesterov");
  EXPECT_EQ(consistent(identify::identify("nag", run, numbers)), torch_nag());
  expect_reproduced<rules::Of<fast::Nag>>(convention<rules::Of<fast::Nag>>("pytorch", numbers),
                                          run);
}

TEST(IdentifyRecorded, NumbersNotGivenOfNag) {
  const auto nag = identify::identify("nag", recorded("torch-nesterov"), {});
  EXPECT_EQ(consistent(nag), torch_nag());
  EXPECT_TRUE(mentions(detail(nag, "estimated"), "learning_rate = 0.05 ("));
}

TEST(IdentifyUndecided, NoRecordTellsLookAheadFromMomentum) {
  const Options numbers{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  const auto momentum = run<rules::Of<fast::Momentum>>(
      convention<rules::Of<fast::Momentum>>("lecture_note", numbers));
  for (const auto* rule : {"momentum", "nag"})
    EXPECT_FALSE(detail(identify::identify(rule, momentum, numbers), "look_ahead").empty()) << rule;
  const auto nag = run<rules::Of<fast::Nag>>(convention<rules::Of<fast::Nag>>("pytorch", numbers));
  EXPECT_TRUE(detail(identify::identify("nag", nag, numbers), "look_ahead").empty());
}

}  // namespace truestep::test
