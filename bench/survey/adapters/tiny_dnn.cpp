// SPDX-License-Identifier: Apache-2.0
// tiny-dnn's optimizers; their epsilon is a constant.
#include <tiny_dnn/config.h>
#include <tiny_dnn/optimizers/optimizer.h>
#include <truestep/check/truestep_kernel.h>

#include <algorithm>
#include <memory>

namespace {

struct Optimizer {
  std::unique_ptr<tiny_dnn::optimizer> its;
  std::vector<tiny_dnn::vec_t> theta, gradient;
};

std::unique_ptr<tiny_dnn::optimizer> made(const truestep_setup* setup) {
  const std::string rule = setup->rule;
  const auto number = [&](const char* name) {
    return static_cast<float>(truestep_number(setup, name, 0));
  };
  const auto with_rate = [&](auto optimizer) {
    optimizer->alpha = number("learning_rate");
    return optimizer;
  };
  if (rule == "adagrad") return with_rate(std::make_unique<tiny_dnn::adagrad>());
  if (rule == "rmsprop") {
    auto optimizer = with_rate(std::make_unique<tiny_dnn::RMSprop>());
    optimizer->mu = number("rho");
    return optimizer;
  }
  if (rule == "adam") {
    auto optimizer = with_rate(std::make_unique<tiny_dnn::adam>());
    optimizer->b1 = optimizer->b1_t = number("beta1");
    optimizer->b2 = optimizer->b2_t = number("beta2");
    return optimizer;
  }
  auto optimizer = with_rate(std::make_unique<tiny_dnn::momentum>());
  optimizer->mu = number("momentum");
  optimizer->lambda = number("weight_decay");
  return optimizer;
}

}  // namespace

void* truestep_new(const truestep_setup* setup) {
  if (std::string(setup->format) != "float32") return nullptr;
  auto optimizer = std::make_unique<Optimizer>();
  optimizer->its = made(setup);
  for (std::size_t k = 0; k < setup->tensors; ++k) {
    optimizer->theta.emplace_back(setup->lengths[k]);
    optimizer->gradient.emplace_back(setup->lengths[k]);
  }
  return optimizer.release();
}

int truestep_step(void* optimizer, std::uint64_t, void* const* theta, const void* const* gradient) {
  auto& o = *static_cast<Optimizer*>(optimizer);
  for (std::size_t k = 0; k < o.theta.size(); ++k) {
    const auto n = o.theta[k].size();
    std::copy_n(static_cast<const float*>(theta[k]), n, o.theta[k].begin());
    std::copy_n(static_cast<const float*>(gradient[k]), n, o.gradient[k].begin());
    o.its->update(o.gradient[k], o.theta[k], false);
    std::copy_n(o.theta[k].begin(), n, static_cast<float*>(theta[k]));
  }
  return 0;
}

void truestep_free(void* optimizer) { delete static_cast<Optimizer*>(optimizer); }
