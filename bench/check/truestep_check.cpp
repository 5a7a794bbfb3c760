// SPDX-License-Identifier: Apache-2.0
#include "truestep_check.h"

#include <fmt/format.h>

#include <cmath>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "c_setup.hpp"
#include "declared.hpp"
#include "report_json.hpp"

struct truestep_report {
  std::string conclusion, text, json;
};

namespace truestep::trial {
namespace {

/// What a function says that went wrong is an exception on this side.
void throw_message(const truestep_kernel& kernel) {
  const char* const said = kernel.message == nullptr ? nullptr : kernel.message(kernel.user);
  if (said != nullptr) throw std::runtime_error(said);
}

class CalledOptimizer : public Optimizer {
 public:
  CalledOptimizer(const truestep_kernel& kernel, void* optimizer)
      : kernel_(kernel), optimizer_(optimizer) {}
  ~CalledOptimizer() override { kernel_.destroy(kernel_.user, optimizer_); }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    const int code = kernel_.step(kernel_.user, optimizer_, t, theta, gradient);
    if (code != 0) throw_message(kernel_);
    return code;
  }
  bool state(std::size_t tensor, const char* name, void* out) override {
    return kernel_.state != nullptr &&
           kernel_.state(kernel_.user, optimizer_, tensor, name, out) == 0;
  }
  bool set_state(std::size_t tensor, const char* name, const void* in) override {
    return kernel_.set_state != nullptr &&
           kernel_.set_state(kernel_.user, optimizer_, tensor, name, in) == 0;
  }

 private:
  const truestep_kernel& kernel_;
  void* optimizer_;
};

class CalledKernel : public Kernel {
 public:
  explicit CalledKernel(const truestep_kernel& kernel) : kernel_(kernel) {}

  std::string name() const override {
    return kernel_.name == nullptr ? "the kernel" : kernel_.name;
  }
  void load() override {
    if (kernel_.in_child != nullptr) kernel_.in_child();
  }
  std::unique_ptr<Optimizer> make(const Setup& setup) override {
    const CSetup given(setup);
    void* const optimizer = kernel_.create(kernel_.user, given.get());
    if (optimizer != nullptr) return std::make_unique<CalledOptimizer>(kernel_, optimizer);
    throw_message(kernel_);
    return nullptr;
  }
  void before_fork() override {
    if (kernel_.before_fork != nullptr) kernel_.before_fork();
  }
  void after_fork() override {
    if (kernel_.after_fork != nullptr) kernel_.after_fork();
  }
  bool interrupted() override {
    return kernel_.interrupted != nullptr && kernel_.interrupted() != 0;
  }

 private:
  const truestep_kernel& kernel_;
};

void require_version(const char* what, std::uint32_t version) {
  if (version != TRUESTEP_CHECK_VERSION)
    throw std::invalid_argument(
        fmt::format("{}.version = {} is not {}", what, version, TRUESTEP_CHECK_VERSION));
}

Request requested(const char* rule, const char* convention, const truestep_check_options& options) {
  require_version("options", options.version);
  const std::string typed = convention == nullptr ? "" : convention;
  if (rule == nullptr && typed.empty())
    throw std::invalid_argument("rule = NULL wants a convention that one rule alone has");
  auto request =
      declared(rule == nullptr ? rule_of_class(typed.substr(0, typed.find(','))) : rule, typed);
  if (options.format != nullptr) request.format = storage_named(options.format);
  if (options.seed != 0) request.seed = options.seed;
  if (options.trials != 0) request.trials = options.trials;
  if (options.limit != 0) {
    if (!(options.limit >= 0.001 && options.limit <= 86400))
      throw std::invalid_argument(
          fmt::format("limit = {} is outside [0.001, 86400]", options.limit));
    request.limit = std::chrono::milliseconds(std::llround(options.limit * 1000));
  }
  if (options.only != nullptr) request.only = options.only;
  return request;
}

void write(truestep_report& to, const Report& report, bool strict) {
  to.conclusion = report.conclusion();
  to.text = report.text("");
  auto json = nlohmann::ordered_json{{"version", TRUESTEP_VERSION}};
  json.update(as_json(report, strict, [&](const std::string& only) {
    return fmt::format("only = \"{}\", seed = {}", only, report.seed);
  }));
  to.json = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int said(truestep_report* report, int status, const char* what) noexcept {
  if (report == nullptr) return status;
  try {
    report->conclusion = what;
    report->text = report->conclusion + "\n";
    report->json = nlohmann::ordered_json{{"version", TRUESTEP_VERSION}, {"error", what}}.dump(
                       2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                   "\n";
  } catch (...) {
    return TRUESTEP_FAILED;
  }
  return status;
}

/// What a test returns and reports, whatever it throws.
template <class Test>
int guarded(truestep_report** result, const truestep_check_options* given, const Test& test) {
  const truestep_check_options defaults{TRUESTEP_CHECK_VERSION, nullptr, 0, 0, 0, 0, nullptr};
  const auto& options = given == nullptr ? defaults : *given;
  auto* const report = new (std::nothrow) truestep_report;
  if (result != nullptr) *result = report;
  if (report == nullptr) return TRUESTEP_FAILED;
  const auto status = [&] {
    try {
      const Report found = test(options);
      write(*report, found, options.strict != 0);
      switch (found.verdict(options.strict != 0)) {
        case Report::Verdict::right:
          return int{TRUESTEP_RIGHT};
        case Report::Verdict::wrong:
          return int{TRUESTEP_WRONG};
        case Report::Verdict::undetermined:
          break;
      }
      return int{TRUESTEP_UNDETERMINED};
    } catch (const Interrupted& error) {
      return said(report, TRUESTEP_INTERRUPTED, error.what());
    } catch (const std::invalid_argument& error) {
      return said(report, TRUESTEP_BAD_CALL, error.what());
    } catch (const std::bad_alloc&) {
      return said(report, TRUESTEP_FAILED, "memory is used up");
    } catch (const std::exception& error) {
      return said(report, TRUESTEP_FAILED, error.what());
    } catch (...) {
      return said(report, TRUESTEP_FAILED, "something that is no std::exception was thrown");
    }
  }();
  if (result == nullptr) delete report;
  return status;
}

}  // namespace
}  // namespace truestep::trial

using namespace truestep;

int truestep_check(const truestep_kernel* kernel, const char* rule, const char* convention,
                   const truestep_check_options* options, truestep_report** report) {
  return trial::guarded(report, options, [&](const truestep_check_options& chosen) {
    if (kernel == nullptr) throw std::invalid_argument("kernel = NULL");
    trial::require_version("kernel", kernel->version);
    for (const auto& [name, is_there] : {std::pair("create", kernel->create != nullptr),
                                         std::pair("step", kernel->step != nullptr),
                                         std::pair("destroy", kernel->destroy != nullptr)})
      if (!is_there) throw std::invalid_argument(fmt::format("kernel.{} = NULL", name));
    trial::CalledKernel called(*kernel);
    return trial::examine(called, trial::requested(rule, convention, chosen));
  });
}

int truestep_check_library(const char* file, const char* rule, const char* convention,
                           const truestep_check_options* options, truestep_report** report) {
  return trial::guarded(report, options, [&](const truestep_check_options& chosen) {
    if (file == nullptr) throw std::invalid_argument("file = NULL");
    const auto request = trial::requested(rule, convention, chosen);
    return trial::examine(*trial::shared_library(file), request);
  });
}

const char* truestep_report_conclusion(const truestep_report* report) {
  return report == nullptr ? "" : report->conclusion.c_str();
}
const char* truestep_report_text(const truestep_report* report) {
  return report == nullptr ? "" : report->text.c_str();
}
const char* truestep_report_json(const truestep_report* report) {
  return report == nullptr ? "" : report->json.c_str();
}
void truestep_report_free(truestep_report* report) { delete report; }

const char* truestep_check_version(void) { return TRUESTEP_VERSION; }
