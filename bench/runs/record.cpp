// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace truestep::drift {
namespace {

/// Columns that are looked at together, whatever a row has.
constexpr std::size_t most_at_once = std::size_t{1} << 16;

/// What a digest is a polynomial in.
constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;

}  // namespace

void Starts::see(std::span<const double> starts) {
  for (const double x : starts) {
    not_floats += double{static_cast<float>(x)} != x;
    largest = std::max(largest,
                       std::isfinite(x) ? std::fabs(x) : std::numeric_limits<double>::infinity());
  }
}

Survey& Survey::operator+=(const Survey& other) {
  if (columns == 0) return *this = other;
  for (std::size_t row = 0; row < largest.size(); ++row) {
    largest[row] = std::max(largest[row], other.largest[row]);
    not_floats[row] += other.not_floats[row];
  }
  columns += other.columns;
  starts.not_floats += other.starts.not_floats;
  starts.largest = std::max(starts.largest, other.starts.largest);
  digest = digest * other.power + other.digest;
  power *= other.power;
  return *this;
}

std::uint64_t digest_of(std::span<const double> numbers, std::uint64_t before) {
  for (const double x : numbers) before = before * odd + std::bit_cast<std::uint64_t>(x) + 1;
  return before;
}

bool is_sharded(const std::string& name) { return name.find(shard_mark) != name.npos; }

std::string shard(const std::string& name, std::size_t number) {
  std::string file = name;
  const auto at = file.find(shard_mark);
  if (at != file.npos)
    file.replace(at, std::string_view(shard_mark).size(), std::to_string(number));
  return file;
}

std::vector<std::string> files_of(const std::string& name) {
  std::vector<std::string> files{shard(name, 0)};
  std::error_code none;
  while (is_sharded(name) && std::filesystem::exists(shard(name, files.size()), none))
    files.push_back(shard(name, files.size()));
  return files;
}

std::pair<std::size_t, std::size_t> columns_of_rank(std::size_t rank, std::size_t ranks,
                                                    std::size_t columns, std::size_t unit) {
  const std::size_t units = (columns + unit - 1) / unit;
  const auto cut = [&](std::size_t at) {
    const std::size_t whole = units / ranks * at + std::min(at, units % ranks);
    return std::min(whole * unit, columns);
  };
  return {cut(rank), cut(rank + 1)};
}

Record::Record(const std::string& gradients, const std::string& parameters)
    : Record(gradients, parameters, 0, 1, 1) {
  look();
  complete({own_});
}

Record::Record(const std::string& gradients, const std::string& parameters, std::size_t rank,
               std::size_t ranks, std::size_t unit)
    : gradients_(gradients), parameters_(parameters), rank_(rank), ranks_(ranks) {
  if (!parameters.empty() && is_sharded(parameters) != is_sharded(gradients))
    throw std::invalid_argument(fmt::format("grads = {} and params = {} require {} in both names",
                                            gradients, parameters, shard_mark));
  std::error_code none;
  if (is_sharded(gradients) && ranks > 1 && std::filesystem::exists(shard(gradients, ranks), none))
    throw std::invalid_argument(fmt::format("grads = {}: {} is there too, where there are {} ranks",
                                            gradients, shard(gradients, ranks), ranks));
  for (const auto& name : own_files_of(gradients)) add(name);
  if (is_sharded(gradients)) return;
  File& only = files_.front();
  const auto [begin, end] = columns_of_rank(rank, ranks, only.columns, unit);
  only.skipped = first_ = begin;
  only.columns = end - begin;
}

void Record::add(const std::string& name) {
  MatrixFile matrix(name);
  const std::size_t rows = matrix.rows(), columns = matrix.columns();
  if (rows == 0 || columns == 0)
    throw std::runtime_error(fmt::format("{}: {} rows of {} gradients", name, rows, columns));
  if (!files_.empty() && rows != files_.front().matrix.rows())
    throw std::runtime_error(fmt::format("{}: {} rows where {} has {}", name, rows,
                                         files_.front().name, files_.front().matrix.rows()));
  const std::size_t first = files_.empty() ? 0 : files_.back().first + files_.back().columns;
  files_.push_back({name, std::move(matrix), first, 0, columns});
}

std::vector<std::string> Record::own_files_of(const std::string& name) const {
  if (ranks_ > 1) return {shard(name, rank_)};
  return files_of(name);
}

void Record::look() {
  read_start();
  own_ = {.rows = rows(), .columns = start_.size()};
  std::vector<double> numbers;
  for (std::uint64_t row = 0; row < own_.rows; ++row) {
    double largest = 0;
    std::uint64_t not_floats = 0;
    for (const File& file : files_)
      for (std::size_t done = 0; done < file.columns; done += numbers.size()) {
        numbers.resize(std::min(most_at_once, file.columns - done));
        file.matrix.read(row, file.skipped + done, numbers);
        bool finite = true;
        for (const double x : numbers) {
          finite &= std::fabs(x) <= std::numeric_limits<double>::max();
          largest = std::max(largest, std::fabs(x));
          not_floats += double{static_cast<float>(x)} != x;
        }
        if (finite) continue;
        const auto at = std::find_if(numbers.begin(), numbers.end(),
                                     [](double x) { return !std::isfinite(x); });
        throw std::runtime_error(
            fmt::format("{}: {} in row {}, column {}", file.name, *at, row,
                        file.skipped + done + static_cast<std::size_t>(at - numbers.begin())));
      }
    own_.largest.push_back(largest);
    own_.not_floats.push_back(not_floats);
  }
  own_.digest = digest_of(start_, 0);
  own_.starts.see(start_);
  for (std::size_t i = 0; i < start_.size(); ++i) own_.power *= odd;
}

void Record::read_start() {
  start_.clear();
  const auto names = parameters_.empty() ? std::vector<std::string>() : own_files_of(parameters_);
  if (!names.empty() && names.size() != files_.size())
    throw std::runtime_error(fmt::format("{}: {} shards where {} has {}", parameters_, names.size(),
                                         gradients_, files_.size()));
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const File& file = files_[i];
    std::vector<double> some(file.columns);
    if (!names.empty()) {
      const auto& name = names[i];
      const MatrixFile matrix(name);
      if (matrix.rows() == 0 || matrix.columns() != file.matrix.columns())
        throw std::runtime_error(fmt::format("{}: {} rows of {} parameters where {} has {} columns",
                                             name, matrix.rows(), matrix.columns(), file.name,
                                             file.matrix.columns()));
      matrix.read(0, file.skipped, some);
    }
    start_.insert(start_.end(), some.begin(), some.end());
  }
}

void Record::complete(const std::vector<Survey>& all) {
  all_ = {};
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    if (rank == rank_) first_ = all_.columns;
    if (all[rank].columns == 0) continue;
    if (all_.columns > 0 && all[rank].rows != all_.rows)
      throw std::runtime_error(fmt::format("{}: {} rows where those before have {}",
                                           shard(gradients_, rank), all[rank].rows, all_.rows));
    all_ += all[rank];
  }
}

void Record::read(std::uint64_t row, std::size_t column, std::span<double> numbers) const {
  read_own(row, column - first_, numbers);
}

void Record::read_own(std::uint64_t row, std::size_t column, std::span<double> numbers) const {
  auto file = std::upper_bound(files_.begin(), files_.end(), column,
                               [](std::size_t at, const File& f) { return at < f.first; }) -
              1;
  while (!numbers.empty()) {
    const std::size_t within = column - file->first;
    const std::size_t count = std::min(numbers.size(), file->columns - within);
    file->matrix.read(row, file->skipped + within, numbers.first(count));
    numbers = numbers.subspan(count);
    column += count;
    ++file;
  }
}

}  // namespace truestep::drift
