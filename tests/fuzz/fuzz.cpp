// SPDX-License-Identifier: Apache-2.0
// Whatever bytes a reader or a parser is given, it takes them or refuses them: anything but a
// refusal in words is a fault. TRUESTEP_FUZZ names which one is tried.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "check/cases.hpp"
#include "drift/budget.hpp"
#include "drift/format.hpp"
#include "drift/setups.hpp"
#include "drift/tally.hpp"
#include "runs/arrays.hpp"
#include "runs/matrix_file.hpp"
#include "runs/npy.hpp"
#include "runs/npz.hpp"
#include "runs/typed.hpp"

namespace truestep::fuzz {
namespace {

/// A file in memory that holds these bytes.
class File {
 public:
  explicit File(std::string_view bytes) : number_(memfd_create("fuzz", 0)) {
    if (write(number_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      std::abort();
  }
  File(const File&) = delete;
  ~File() { close(number_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

 private:
  int number_;
};

/// Reads every number that an array says it has.
void use(const identify::Array& array) {
  std::vector<double> row(std::min<std::size_t>(array.columns(), 4096));
  for (std::size_t i = 0; i < std::min<std::size_t>(array.rows(), 64); ++i)
    array.read(i, 0, row.size(), row.data());
}

void read_npy(std::string_view bytes) { use(identify::npy_array({bytes})); }

void read_safetensors(std::string_view bytes) {
  for (const auto& [name, array] : identify::safetensors_arrays({bytes})) use(array);
}

/// The kind is a .npz file or either of the others, as its bytes have it.
void read_file(std::string_view bytes) {
  for (const auto& [name, array] : identify::read_arrays(File(bytes).path())) use(array);
}

void read_matrix(std::string_view bytes) {
  const File file(bytes);
  const drift::MatrixFile matrix(file.path());
  std::vector<double> row(matrix.columns());
  for (std::size_t i = 0; i < std::min<std::size_t>(matrix.rows(), 64); ++i) matrix.read(i, 0, row);
}

void read_budget(std::string_view bytes) {
  const File file(bytes);
  drift::Budget(file.path()).exceeded({});
}

/// A part that is taken can be written and taken again, and is then the same.
void read_part(std::string_view bytes) {
  const auto part = drift::read_part(bytes);
  const auto text = drift::written(part);
  if (drift::written(drift::read_part(text)) != text) std::abort();
}

/// A file of runs, whose arrays fit what the seeds say of them; their theta has so many rows.
std::string file_of_runs(std::string_view about, std::size_t rows) {
  const std::string t("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16), zeros(64, '\0');
  identify::Npz file;
  const auto add = [&](const std::string& name, const char* type, std::size_t size,
                       std::vector<std::size_t> shape) {
    for (const auto extent : shape) size *= extent;
    file.add(name, type, shape, std::string_view(zeros).substr(0, size));
  };
  const auto add_tensor = [&](const std::string& name, std::size_t length) {
    add(name + ".theta", "<f4", 4, {rows, length});
    add(name + ".gradient", "<f4", 4, {2, length});
    add(name + ".v", "<f4", 4, {rows, length});
  };
  file.add("about", "|u1", {about.size()}, about);
  for (const std::string name : {"own", "telling", "drawn-1", "both"}) {
    file.add(name + ".t", "<i8", {2}, t);
    add(name + ".put_back", "|b1", 1, {3});
    add_tensor(name, 3);
  }
  add_tensor("both.0", 1);
  add_tensor("both.1", 2);
  return file.bytes();
}

void read_cases(std::string_view about) {
  const File given(file_of_runs(about, 1)), made(file_of_runs(about, 2));
  trial::read_results(made.path(), trial::read_cases(given.path()));
}

void read_format(std::string_view text) { drift::named_format("format", std::string(text)); }
void read_setup(std::string_view text) { drift::typed_setup(text); }

void read_settings(std::string_view text) {
  fast::for_each_rule<rules::All>([&]<class Rule>() { settings::chosen<Rule>(text); });
}

struct Reader {
  std::string_view name;
  void (*read)(std::string_view);
};

constexpr Reader readers[] = {{"npy", read_npy},           {"safetensors", read_safetensors},
                              {"file", read_file},         {"matrix", read_matrix},
                              {"budget", read_budget},     {"part", read_part},
                              {"format", read_format},     {"setup", read_setup},
                              {"settings", read_settings}, {"cases", read_cases}};

const Reader& chosen() {
  const char* const name = std::getenv("TRUESTEP_FUZZ");
  for (const Reader& reader : readers)
    if (name != nullptr && reader.name == name) return reader;
  std::fputs("TRUESTEP_FUZZ names none of", stderr);
  for (const Reader& reader : readers)
    std::fprintf(stderr, " %.*s", static_cast<int>(reader.name.size()), reader.name.data());
  std::fputs("\n", stderr);
  std::exit(2);
}

}  // namespace
}  // namespace truestep::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto& reader = truestep::fuzz::chosen();
  try {
    reader.read({reinterpret_cast<const char*>(data), size});
  } catch (const std::invalid_argument&) {
  } catch (const std::runtime_error&) {
  }
  return 0;
}
