// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "matrix_file.hpp"

namespace truestep::drift {

/// Where columns start.
struct Starts {
  std::uint64_t not_floats = 0;  ///< starts that are none
  double largest = 0;            ///< in size; infinite where one is infinite or NaN

  void see(std::span<const double>);
};

/// What an audit has to know of columns that it does not run itself.
struct Survey {
  std::uint64_t rows = 0, columns = 0;
  std::vector<double> largest = {};            ///< gradient of each row, in size
  std::vector<std::uint64_t> not_floats = {};  ///< gradients of each row that are none
  Starts starts = {};
  /// Tells one start from another: a polynomial in an odd number, of which this is the power that
  /// so many columns make.
  std::uint64_t digest = 0, power = 1;

  /// That of these columns and of others, which lie behind them and have as many rows.
  Survey& operator+=(const Survey& other);
};

template <class Archive>
void parts(Archive& archive, Survey& of) {
  archive(of.rows, of.columns, of.largest, of.not_floats, of.starts.not_floats, of.starts.largest,
          of.digest, of.power);
}

/// The digest of a Survey, of these numbers behind others that have this one.
std::uint64_t digest_of(std::span<const double> numbers, std::uint64_t before);

/// In the name of a file, it stands for the number of a shard.
inline constexpr const char* shard_mark = "{rank}";

bool is_sharded(const std::string& name);
std::string shard(const std::string& name, std::size_t number);
/// The files of a name: itself, or its shards from 0 on to the last one before one that is missing.
/// Where there is none it is the first.
std::vector<std::string> files_of(const std::string& name);

/// The columns of one of so many ranks, from the first to before the second: whole units, as many
/// as each other rank has or one more; the last unit may be short.
std::pair<std::size_t, std::size_t> columns_of_rank(std::size_t rank, std::size_t ranks,
                                                    std::size_t columns, std::size_t unit);

/// Recorded gradients, a row a step, and where the run starts: in one file each, or in shards that
/// have some of the columns each, one behind the other.
///
/// A process has all columns, or some that it alone reads; then the survey of all has to come from
/// elsewhere.
class Record {
 public:
  /// All columns. Throws std::runtime_error "FILE: REASON" for a file that cannot be taken.
  ///
  /// @param gradients   a .npy file of a row a step
  /// @param parameters  a .npy file whose first row is where the run starts; 0 where it is ""
  Record(const std::string& gradients, const std::string& parameters);
  /// The columns of one of several ranks: its own shard, or whole units of the columns, about as
  /// many as each other rank has. Nothing is read yet.
  Record(const std::string& gradients, const std::string& parameters, std::size_t rank,
         std::size_t ranks, std::size_t unit);

  /// Reads the columns of this process.
  void look();
  const Survey& own() const { return own_; }
  /// Takes the surveys of all ranks, in their order.
  void complete(const std::vector<Survey>& all);

  std::uint64_t rows() const { return files_.front().matrix.rows(); }
  /// All of them.
  std::size_t columns() const { return all_.columns; }
  std::size_t first() const { return first_; }
  /// Where the columns of this process start.
  const std::vector<double>& start() const { return start_; }
  const Survey& survey() const { return all_; }
  const std::string& gradients() const { return gradients_; }
  const std::string& parameters() const { return parameters_; }
  /// The files of a name that have the columns of this process.
  std::vector<std::string> own_files_of(const std::string& name) const;

  /// Numbers of a row from this column on, one of this process.
  void read(std::uint64_t row, std::size_t column, std::span<double> numbers) const;

 private:
  struct File {
    std::string name;
    MatrixFile matrix;
    std::size_t first;    ///< its first column of this process, as this process counts them
    std::size_t skipped;  ///< columns before it that are another's
    std::size_t columns;  ///< of this process
  };

  void add(const std::string& name);
  void read_own(std::uint64_t row, std::size_t column, std::span<double> numbers) const;
  void read_start();

  std::string gradients_, parameters_;
  std::vector<File> files_;
  std::size_t first_ = 0, rank_ = 0, ranks_ = 1;
  std::vector<double> start_;
  Survey own_, all_;
};

}  // namespace truestep::drift
