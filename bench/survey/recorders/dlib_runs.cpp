// SPDX-License-Identifier: Apache-2.0
// Steps one of dlib's solvers along raw floats: start and gradients in, every parameter out.
#include <dlib/dnn.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

struct Layer {
  dlib::resizable_tensor parameters;
  dlib::tensor& get_layer_params() { return parameters; }
  const dlib::tensor& get_layer_params() const { return parameters; }
};

int main(int, char** argument) {
  const long n = std::atol(argument[2]);
  const float rate = std::atof(argument[3]), decay = std::atof(argument[4]);
  dlib::sgd sgd(decay, std::atof(argument[5]));
  dlib::adam adam(decay, std::atof(argument[5]), std::atof(argument[6]));
  Layer layer;
  layer.parameters.set_size(n);
  dlib::resizable_tensor gradient(n);
  std::fread(layer.parameters.host(), sizeof(float), n, stdin);
  while (std::fread(gradient.host(), sizeof(float), n, stdin) == static_cast<std::size_t>(n)) {
    const bool is_adam = argument[1] == std::string("adam");
    const auto& move = is_adam ? adam(rate, layer, gradient) : sgd(rate, layer, gradient);
    dlib::tt::add(1, layer.parameters, 1, move);
    std::fwrite(layer.parameters.host(), sizeof(float), n, stdout);
  }
}
