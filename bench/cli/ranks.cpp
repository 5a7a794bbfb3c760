// SPDX-License-Identifier: Apache-2.0
#include "ranks.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "drift/archive.hpp"
#include "ranks_module.hpp"

namespace truestep {
namespace {

/// How many processes OpenMPI's mpirun has started.
std::size_t started_together() {
  const char* const said = std::getenv("OMPI_COMM_WORLD_SIZE");
  std::size_t count = 1;
  if (said == nullptr) return count;
  const std::string_view text = said;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

/// Where the module lies: beside the program if it was installed, else where it was built; "" where
/// it is not built.
std::string module_file() {
  std::error_code absent;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", absent);
  if (!absent) {
    const auto installed = program.parent_path() / TRUESTEP_RANKS_FROM_PROGRAM;
    if (std::filesystem::exists(installed, absent)) return installed.lexically_normal().string();
  }
  return TRUESTEP_RANKS;
}

const TruestepRanks& loaded(std::size_t count) {
  const auto refused = [&](const std::string& why) {
    return std::runtime_error(fmt::format("mpirun has started {} processes, but {}", count, why));
  };
  const auto file = module_file();
  if (file.empty()) throw refused("this program was built without OpenMPI");
  // OpenMPI's own parts look for its symbols among those of the program.
  void* const module = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr) throw refused(dlerror());
  const auto* const ranks = static_cast<const TruestepRanks*>(dlsym(module, "truestep_ranks"));
  if (ranks == nullptr) throw refused(dlerror());
  return *ranks;
}

}  // namespace

Ranks::Ranks() {
  const std::size_t count = started_together();
  if (count <= 1) return;
  const TruestepRanks& module = loaded(count);
  int rank = 0, size = 1;
  if (module.join(&rank, &size) != 0)
    throw std::runtime_error(fmt::format("cannot join the {} processes of mpirun", count));
  module_ = &module;
  rank_ = static_cast<std::size_t>(rank);
  size_ = static_cast<std::size_t>(size);
}

Ranks::~Ranks() {
  if (module_ != nullptr) module_->leave();
}

std::vector<std::string> Ranks::gathered(const std::string& mine) const {
  if (!is_first()) {
    module_->send(mine.data(), mine.size());
    return {};
  }
  std::vector<std::string> all{mine};
  for (std::size_t other = 1; other < size_; ++other) {
    const int rank = static_cast<int>(other);
    all.emplace_back(module_->size_from(rank), '\0');
    module_->receive(rank, all.back().data(), all.back().size());
  }
  return all;
}

std::vector<std::string> Ranks::shared(const std::string& mine) const {
  auto all = gathered(mine);
  drift::Writer writer;
  writer(all);
  std::string bytes = writer.bytes();
  std::uint64_t count = bytes.size();
  module_->broadcast(reinterpret_cast<char*>(&count), sizeof count);
  bytes.resize(count);
  module_->broadcast(bytes.data(), bytes.size());
  drift::Reader reader(bytes);
  reader(all);
  return all;
}

void Ranks::end_all(int status) const {
  if (module_ != nullptr) module_->end_all(status);
  std::_Exit(status);
}

}  // namespace truestep
