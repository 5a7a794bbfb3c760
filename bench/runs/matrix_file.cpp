// SPDX-License-Identifier: Apache-2.0
#include "matrix_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "npy.hpp"

namespace truestep::drift {
namespace {

/// The bytes of a regular file as they lie there; none where it cannot be mapped.
class Mapping {
 public:
  explicit Mapping(const std::string& file) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    struct stat status {};
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      void* const address = mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor, 0);
      bytes_ = address == MAP_FAILED ? nullptr : static_cast<const char*>(address);
    }
    close(descriptor);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (bytes_ != nullptr) munmap(const_cast<char*>(bytes_), size_);
  }

  std::string_view bytes() const {
    return bytes_ == nullptr ? std::string_view() : std::string_view(bytes_, size_);
  }

 private:
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

struct MatrixFile::Numbers {
  Mapping mapping;
  std::optional<identify::PlainMatrix> plain;
  identify::Matrix matrix{};  ///< where the file is not plain

  explicit Numbers(const std::string& file)
      : mapping(file), plain(identify::plain_matrix(mapping.bytes(), mapping.bytes().size())) {
    if (!plain) matrix = identify::read_npy(file);
  }

  template <class T>
  const T* row(std::size_t index) const {
    return reinterpret_cast<const T*>(mapping.bytes().data() + plain->offset) +
           index * plain->columns;
  }
};

MatrixFile::MatrixFile(const std::string& file) : numbers_(std::make_unique<Numbers>(file)) {}
MatrixFile::~MatrixFile() = default;
MatrixFile::MatrixFile(MatrixFile&&) noexcept = default;
MatrixFile& MatrixFile::operator=(MatrixFile&&) noexcept = default;

std::size_t MatrixFile::rows() const {
  return numbers_->plain ? numbers_->plain->rows : numbers_->matrix.rows;
}

std::size_t MatrixFile::columns() const {
  return numbers_->plain ? numbers_->plain->columns : numbers_->matrix.columns;
}

double MatrixFile::at(std::size_t row, std::size_t column) const {
  double number = 0;
  read(row, column, {&number, 1});
  return number;
}

void MatrixFile::read(std::size_t row, std::size_t first_column, std::span<double> numbers) const {
  const Numbers& all = *numbers_;
  if (!all.plain)
    std::copy_n(all.matrix.values.data() + row * all.matrix.columns + first_column, numbers.size(),
                numbers.begin());
  else if (all.plain->in_double)
    std::copy_n(all.row<double>(row) + first_column, numbers.size(), numbers.begin());
  else
    std::copy_n(all.row<float>(row) + first_column, numbers.size(), numbers.begin());
}

}  // namespace truestep::drift
