// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <filesystem>

#include "c_setup.hpp"
#include "kernel.hpp"
#include "truestep_kernel.h"

namespace truestep::trial {
namespace {

/// The functions of truestep_kernel.h.
struct Functions {
  decltype(&truestep_new) make = nullptr;
  decltype(&truestep_step) step = nullptr;
  decltype(&truestep_free) free = nullptr;
  decltype(&truestep_state) state = nullptr;
  decltype(&truestep_set_state) set_state = nullptr;
};

class LoadedOptimizer : public Optimizer {
 public:
  LoadedOptimizer(const Functions& functions, void* optimizer)
      : functions_(functions), optimizer_(optimizer) {}
  ~LoadedOptimizer() override { functions_.free(optimizer_); }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    return functions_.step(optimizer_, t, theta, gradient);
  }
  bool state(std::size_t tensor, const char* name, void* out) override {
    return functions_.state != nullptr && functions_.state(optimizer_, tensor, name, out) == 0;
  }
  bool set_state(std::size_t tensor, const char* name, const void* in) override {
    return functions_.set_state != nullptr &&
           functions_.set_state(optimizer_, tensor, name, in) == 0;
  }

 private:
  Functions functions_;
  void* optimizer_;
};

class SharedLibrary : public Kernel {
 public:
  explicit SharedLibrary(std::string path) : path_(std::move(path)) {}

  std::string name() const override { return std::filesystem::path(path_).filename(); }

  void load() override {
    // A name without a slash would be looked for among the system's libraries.
    const auto file = std::filesystem::absolute(path_);
    library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr)
      throw NotLoaded("library = " + path_ + " cannot be loaded: " + dlerror());
    required(functions_.make, "truestep_new");
    required(functions_.step, "truestep_step");
    required(functions_.free, "truestep_free");
    find(functions_.state, "truestep_state");
    find(functions_.set_state, "truestep_set_state");
  }

  std::unique_ptr<Optimizer> make(const Setup& setup) override {
    const CSetup given(setup);
    void* const optimizer = functions_.make(given.get());
    if (optimizer == nullptr) return nullptr;
    return std::make_unique<LoadedOptimizer>(functions_, optimizer);
  }

 private:
  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
  }
  template <class Function>
  void required(Function& function, const char* name) {
    find(function, name);
    if (function == nullptr) throw NotLoaded("library = " + path_ + " exports no " + name);
  }

  std::string path_;
  void* library_ = nullptr;
  Functions functions_;
};

}  // namespace

std::unique_ptr<Kernel> shared_library(const std::string& path) {
  return std::make_unique<SharedLibrary>(path);
}

}  // namespace truestep::trial
