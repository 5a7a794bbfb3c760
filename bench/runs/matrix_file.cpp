// SPDX-License-Identifier: Apache-2.0
#include "matrix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "npy.hpp"

namespace truestep::drift {
namespace {

/// A regular file that is open for reading, or nothing. What is read of it is not mapped: pages of
/// a mapping would count as memory of the program, as many as the record is large.
class OpenFile {
 public:
  explicit OpenFile(std::string name)
      : name_(std::move(name)), descriptor_(open(name_.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (descriptor_ >= 0 && fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode))
      size_ = static_cast<std::uint64_t>(status.st_size);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  std::uint64_t size() const { return size_; }

  /// Throws std::runtime_error where the file has become shorter, or cannot be read.
  void read(std::uint64_t from, void* to, std::size_t count) const {
    auto* bytes = static_cast<char*>(to);
    while (count > 0) {
      const auto got = pread(descriptor_, bytes, count, static_cast<off_t>(from));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw std::runtime_error(name_ + ": could be read no longer");
      bytes += got;
      from += static_cast<std::uint64_t>(got);
      count -= static_cast<std::size_t>(got);
    }
  }

 private:
  std::string name_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

std::string first_bytes(const OpenFile& file) {
  constexpr std::uint64_t most = 1 << 16;
  std::string bytes(static_cast<std::size_t>(std::min(file.size(), most)), '\0');
  file.read(0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

struct MatrixFile::Numbers {
  OpenFile open;
  std::optional<identify::PlainMatrix> plain;
  identify::Array array{};  ///< where the file is not plain

  explicit Numbers(const std::string& file)
      : open(file), plain(identify::plain_matrix(first_bytes(open), open.size())) {
    if (!plain) array = identify::read_npy_array(file);
  }

  /// So many numbers from the one of this index on.
  template <class T>
  void read(std::size_t index, std::span<double> numbers) const {
    std::array<T, 8192> some;
    for (std::size_t done = 0; done < numbers.size();) {
      const std::size_t count = std::min(some.size(), numbers.size() - done);
      open.read(plain->offset + (index + done) * sizeof(T), some.data(), count * sizeof(T));
      std::copy_n(some.begin(), count, numbers.begin() + static_cast<std::ptrdiff_t>(done));
      done += count;
    }
  }
};

MatrixFile::MatrixFile(const std::string& file) : numbers_(std::make_unique<Numbers>(file)) {}
MatrixFile::~MatrixFile() = default;
MatrixFile::MatrixFile(MatrixFile&&) noexcept = default;
MatrixFile& MatrixFile::operator=(MatrixFile&&) noexcept = default;

std::size_t MatrixFile::rows() const {
  return numbers_->plain ? numbers_->plain->rows : numbers_->array.rows();
}

std::size_t MatrixFile::columns() const {
  return numbers_->plain ? numbers_->plain->columns : numbers_->array.columns();
}

double MatrixFile::at(std::size_t row, std::size_t column) const {
  double number = 0;
  read(row, column, {&number, 1});
  return number;
}

void MatrixFile::read(std::size_t row, std::size_t first_column, std::span<double> numbers) const {
  const Numbers& all = *numbers_;
  if (!all.plain) {
    all.array.read(row, first_column, numbers.size(), numbers.data());
    return;
  }
  const std::size_t index = row * all.plain->columns + first_column;
  all.plain->in_double ? all.read<double>(index, numbers) : all.read<float>(index, numbers);
}

}  // namespace truestep::drift
