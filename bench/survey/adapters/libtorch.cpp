// SPDX-License-Identifier: Apache-2.0
// PyTorch's optimizers in C++, which are other code than those in Python.
#include <torch/optim.h>
#include <truestep/check/truestep_kernel.h>

#include <memory>

namespace {

using namespace torch::optim;

struct Optimizer {
  std::vector<torch::Tensor> theta;
  std::unique_ptr<torch::optim::Optimizer> its;
  std::string rule;
  std::vector<std::size_t> lengths;
  std::vector<std::string> names;
  std::vector<double> values;
  bool in_double;

  double number(const char* name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return values[i];
    return 0;
  }
  torch::Tensor tensor(void* at, std::size_t k) const {
    return torch::from_blob(at, {static_cast<long>(lengths[k])},
                            in_double ? torch::kFloat64 : torch::kFloat32);
  }
  std::unique_ptr<torch::optim::Optimizer> made() const {
    const double rate = number("learning_rate"), decay = number("weight_decay"),
                 epsilon = number("epsilon");
    if (rule == "adagrad")
      return std::make_unique<Adagrad>(
          theta, AdagradOptions(rate)
                     .lr_decay(number("learning_rate_decay"))
                     .weight_decay(decay)
                     .initial_accumulator_value(number("initial_accumulator"))
                     .eps(epsilon));
    if (rule == "rmsprop")
      return std::make_unique<RMSprop>(theta, RMSpropOptions(rate)
                                                  .alpha(number("rho"))
                                                  .eps(epsilon)
                                                  .weight_decay(decay)
                                                  .momentum(number("momentum")));
    if (rule == "adam")
      return std::make_unique<Adam>(theta,
                                    AdamOptions(rate)
                                        .betas(std::tuple(number("beta1"), number("beta2")))
                                        .eps(epsilon)
                                        .weight_decay(decay));
    return std::make_unique<SGD>(theta, SGDOptions(rate)
                                            .momentum(number("momentum"))
                                            .dampening(number("dampening"))
                                            .weight_decay(decay)
                                            .nesterov(rule == "nag"));
  }
};

}  // namespace

void* truestep_new(const truestep_setup* setup) {
  torch::set_num_threads(1);
  auto o = std::make_unique<Optimizer>();
  o->rule = setup->rule;
  o->in_double = std::string(setup->format) == "float64";
  o->lengths.assign(setup->lengths, setup->lengths + setup->tensors);
  o->names.assign(setup->names, setup->names + setup->numbers);
  o->values.assign(setup->values, setup->values + setup->numbers);
  return o.release();
}

int truestep_step(void* optimizer, std::uint64_t, void* const* theta, const void* const* gradient) {
  auto& o = *static_cast<Optimizer*>(optimizer);
  if (!o.its) {
    for (std::size_t k = 0; k < o.lengths.size(); ++k)
      o.theta.push_back(o.tensor(theta[k], k).requires_grad_());
    o.its = o.made();
  }
  for (std::size_t k = 0; k < o.lengths.size(); ++k)
    o.theta[k].mutable_grad() = o.tensor(const_cast<void*>(gradient[k]), k);
  o.its->step();
  return 0;
}

void truestep_free(void* optimizer) { delete static_cast<Optimizer*>(optimizer); }
