// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace truestep::bench {

/// PyTorch's own Adam over float tensors of these lengths, on one thread.
class TorchAdam {
 public:
  explicit TorchAdam(const std::vector<std::size_t>& lengths);
  ~TorchAdam();

  void step();

 private:
  struct Optimizer;
  std::unique_ptr<Optimizer> optimizer_;
};

}  // namespace truestep::bench
