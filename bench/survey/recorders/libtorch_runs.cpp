// SPDX-License-Identifier: Apache-2.0
// Steps one of libtorch's optimizers along raw numbers: start and gradients in, every parameter
// out.
//
//     libtorch_runs CLASS f4|f8 COUNT [NAME=VALUE...]     what is not given is the class's default
//     libtorch_runs version
#include <torch/optim.h>
#include <torch/version.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using Given = std::map<std::string, double>;
using Tensors = std::vector<torch::Tensor>;

/// Hands a number to an option, if it is given; each has to be asked for.
template <class Option>
void take(Given& given, const char* name, Option option) {
  const auto found = given.find(name);
  if (found == given.end()) return;
  option(found->second);
  given.erase(found);
}

template <class Optimizer, class Options>
std::unique_ptr<torch::optim::Optimizer> made(const Tensors& theta, const Given& left,
                                              const Options& options) {
  if (!left.empty()) throw std::invalid_argument(left.begin()->first + " is none of its options");
  return std::make_unique<Optimizer>(theta, options);
}

template <class Optimizer, class Options>
std::unique_ptr<torch::optim::Optimizer> of_moments(const Tensors& theta, Given given) {
  Options o;
  auto betas = o.betas();
  take(given, "lr", [&](double x) { o.lr(x); });
  take(given, "beta1", [&](double x) { std::get<0>(betas) = x; });
  take(given, "beta2", [&](double x) { std::get<1>(betas) = x; });
  take(given, "eps", [&](double x) { o.eps(x); });
  take(given, "weight_decay", [&](double x) { o.weight_decay(x); });
  take(given, "amsgrad", [&](double x) { o.amsgrad(x != 0); });
  o.betas(betas);
  return made<Optimizer>(theta, given, o);
}

std::unique_ptr<torch::optim::Optimizer> sgd(const Tensors& theta, Given given) {
  torch::optim::SGDOptions o(given.at("lr"));
  given.erase("lr");
  take(given, "momentum", [&](double x) { o.momentum(x); });
  take(given, "dampening", [&](double x) { o.dampening(x); });
  take(given, "weight_decay", [&](double x) { o.weight_decay(x); });
  take(given, "nesterov", [&](double x) { o.nesterov(x != 0); });
  return made<torch::optim::SGD>(theta, given, o);
}

std::unique_ptr<torch::optim::Optimizer> adagrad(const Tensors& theta, Given given) {
  torch::optim::AdagradOptions o;
  take(given, "lr", [&](double x) { o.lr(x); });
  take(given, "lr_decay", [&](double x) { o.lr_decay(x); });
  take(given, "eps", [&](double x) { o.eps(x); });
  take(given, "weight_decay", [&](double x) { o.weight_decay(x); });
  take(given, "initial_accumulator_value", [&](double x) { o.initial_accumulator_value(x); });
  return made<torch::optim::Adagrad>(theta, given, o);
}

std::unique_ptr<torch::optim::Optimizer> rmsprop(const Tensors& theta, Given given) {
  torch::optim::RMSpropOptions o;
  take(given, "lr", [&](double x) { o.lr(x); });
  take(given, "alpha", [&](double x) { o.alpha(x); });
  take(given, "eps", [&](double x) { o.eps(x); });
  take(given, "weight_decay", [&](double x) { o.weight_decay(x); });
  take(given, "momentum", [&](double x) { o.momentum(x); });
  take(given, "centered", [&](double x) { o.centered(x != 0); });
  return made<torch::optim::RMSprop>(theta, given, o);
}

std::unique_ptr<torch::optim::Optimizer> optimizer(const std::string& name, const Tensors& theta,
                                                   const Given& given) {
  using namespace torch::optim;
  if (name == "SGD") return sgd(theta, given);
  if (name == "Adam") return of_moments<Adam, AdamOptions>(theta, given);
  if (name == "AdamW") return of_moments<AdamW, AdamWOptions>(theta, given);
  if (name == "Adagrad") return adagrad(theta, given);
  if (name == "RMSprop") return rmsprop(theta, given);
  throw std::invalid_argument(name + " is no optimizer of libtorch");
}

int main(int count, char** argument) {
  if (argument[1] == std::string("version")) {
    std::puts(TORCH_VERSION);
    return 0;
  }
  const std::string kind = argument[2];
  const auto n = static_cast<std::size_t>(std::atol(argument[3]));
  Given given;
  for (int i = 4; i < count; ++i) {
    const std::string typed = argument[i];
    given[typed.substr(0, typed.find('='))] = std::stod(typed.substr(typed.find('=') + 1));
  }
  const auto type = kind == "f4" ? torch::kFloat32 : torch::kFloat64;
  const std::size_t size = kind == "f4" ? sizeof(float) : sizeof(double);
  torch::Tensor theta = torch::empty({static_cast<long>(n)}, type);
  torch::Tensor gradient = torch::empty_like(theta);
  if (std::fread(theta.data_ptr(), size, n, stdin) != n) return 2;
  theta.requires_grad_();
  theta.mutable_grad() = gradient;
  const auto steps = optimizer(argument[1], {theta}, given);
  while (std::fread(gradient.data_ptr(), size, n, stdin) == n) {
    steps->step();
    std::fwrite(theta.data_ptr(), size, n, stdout);
  }
}
