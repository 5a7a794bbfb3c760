// SPDX-License-Identifier: Apache-2.0
// PyTorch's optimizers in C++, which are other code than those in Python.
#include <ATen/Parallel.h>
#include <torch/optim.h>
#include <truestep/check/truestep_kernel.h>

#include <memory>

namespace {

namespace optim = torch::optim;

struct Held {
  std::vector<torch::Tensor> theta;
  std::unique_ptr<optim::Optimizer> its;
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
  std::unique_ptr<optim::Optimizer> made() const {
    const double rate = number("learning_rate"), decay = number("weight_decay"),
                 epsilon = number("epsilon");
    if (rule == "adagrad")
      return std::make_unique<optim::Adagrad>(
          theta, optim::AdagradOptions(rate)
                     .lr_decay(number("learning_rate_decay"))
                     .weight_decay(decay)
                     .initial_accumulator_value(number("initial_accumulator"))
                     .eps(epsilon));
    if (rule == "rmsprop")
      return std::make_unique<optim::RMSprop>(theta, optim::RMSpropOptions(rate)
                                                         .alpha(number("rho"))
                                                         .eps(epsilon)
                                                         .weight_decay(decay)
                                                         .momentum(number("momentum")));
    if (rule == "adam")
      return std::make_unique<optim::Adam>(theta,
                                           optim::AdamOptions(rate)
                                               .betas(std::tuple(number("beta1"), number("beta2")))
                                               .eps(epsilon)
                                               .weight_decay(decay));
    return std::make_unique<optim::SGD>(theta, optim::SGDOptions(rate)
                                                   .momentum(number("momentum"))
                                                   .dampening(number("dampening"))
                                                   .weight_decay(decay)
                                                   .nesterov(rule == "nag"));
  }
};

}  // namespace

void* truestep_new(const truestep_setup* setup) {
  at::set_num_threads(1);
  auto o = std::make_unique<Held>();
  o->rule = setup->rule;
  o->in_double = std::string(setup->format) == "float64";
  o->lengths.assign(setup->lengths, setup->lengths + setup->tensors);
  o->names.assign(setup->names, setup->names + setup->numbers);
  o->values.assign(setup->values, setup->values + setup->numbers);
  return o.release();
}

int truestep_step(void* optimizer, std::uint64_t, void* const* theta, const void* const* gradient) {
  auto& o = *static_cast<Held*>(optimizer);
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

void truestep_free(void* optimizer) { delete static_cast<Held*>(optimizer); }
