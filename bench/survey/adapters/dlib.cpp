// SPDX-License-Identifier: Apache-2.0
// dlib's solvers: sgd and adam.
#include <dlib/dnn.h>
#include <truestep/check/truestep_kernel.h>

#include <algorithm>
#include <memory>
#include <variant>

namespace {

struct Layer {
  dlib::resizable_tensor parameters;
  dlib::tensor& get_layer_params() { return parameters; }
  const dlib::tensor& get_layer_params() const { return parameters; }
};

struct Optimizer {
  std::size_t n;
  float rate;
  std::variant<dlib::sgd, dlib::adam> solver;
  Layer layer;
  dlib::resizable_tensor gradient;
};

}  // namespace

void* truestep_new(const truestep_setup* setup) {
  const auto number = [&](const char* name) {
    return static_cast<float>(truestep_number(setup, name, 0));
  };
  const bool is_float = std::string(setup->format) == "float32";
  if (setup->tensors != 1 || setup->lengths[0] == 0 || !is_float) return nullptr;
  const auto n = setup->lengths[0];
  auto made = std::make_unique<Optimizer>();
  made->n = n;
  made->rate = number("learning_rate");
  if (std::string(setup->rule) == "adam")
    made->solver = dlib::adam(number("weight_decay"), number("beta1"), number("beta2"));
  else
    made->solver = dlib::sgd(number("weight_decay"), number("momentum"));
  made->layer.parameters.set_size(static_cast<long>(n));
  made->gradient.set_size(static_cast<long>(n));
  return made.release();
}

int truestep_step(void* optimizer, std::uint64_t, void* const* theta, const void* const* gradient) {
  auto& o = *static_cast<Optimizer*>(optimizer);
  std::copy_n(static_cast<const float*>(theta[0]), o.n, o.layer.parameters.host());
  std::copy_n(static_cast<const float*>(gradient[0]), o.n, o.gradient.host());
  const auto step = [&](auto& solver) -> const dlib::tensor& {
    return solver(o.rate, o.layer, static_cast<const dlib::tensor&>(o.gradient));
  };
  dlib::tt::add(1, o.layer.parameters, 1, std::visit(step, o.solver));
  std::copy_n(o.layer.parameters.host(), o.n, static_cast<float*>(theta[0]));
  return 0;
}

void truestep_free(void* optimizer) { delete static_cast<Optimizer*>(optimizer); }
