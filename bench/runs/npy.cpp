// SPDX-License-Identifier: Apache-2.0
#include "npy.hpp"

#include <bit>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace truestep::identify {
namespace {

using namespace std::string_literals;

struct Header {
  std::string format;
  bool fortran_order;
  std::vector<std::uint64_t> shape;
};

/// The header's text, a Python dictionary of three entries in any order.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Header parse() {
    std::optional<std::string> format;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::uint64_t>> shape;
    expect('{');
    while (!next_is('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !format)
        format = quoted();
      else if (key == "fortran_order" && !fortran_order)
        fortran_order = truth();
      else if (key == "shape" && !shape)
        shape = tuple();
      else
        throw std::runtime_error("its header has an entry '" + key + "' too many");
      if (!next_is('}')) expect(',');
    }
    expect('}');
    skip_space();
    if (!rest_.empty()) throw std::runtime_error("its header goes on after the dictionary");
    if (!format || !fortran_order || !shape)
      throw std::runtime_error("its header lacks descr, fortran_order or shape");
    return {*format, *fortran_order, *shape};
  }

 private:
  void skip_space() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())))
      rest_.remove_prefix(1);
  }

  bool next_is(char c) {
    skip_space();
    return !rest_.empty() && rest_.front() == c;
  }

  void expect(char c) {
    if (!next_is(c)) throw std::runtime_error("its header lacks a '"s + c + "'");
    rest_.remove_prefix(1);
  }

  std::string quoted() {
    const char quote = next_is('"') ? '"' : '\'';
    if (!next_is(quote)) throw std::runtime_error("its header has no string where one belongs");
    const auto end = rest_.find(quote, 1);
    if (end == rest_.npos) throw std::runtime_error("its header has a string without end");
    const std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool truth() {
    skip_space();
    for (const auto& [word, value] : {std::pair("True", true), std::pair("False", false)})
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(std::string_view(word).size());
        return value;
      }
    throw std::runtime_error("its fortran_order is neither True nor False");
  }

  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> lengths;
    expect('(');
    while (!next_is(')')) {
      lengths.push_back(integer());
      if (!next_is(')')) expect(',');
    }
    expect(')');
    return lengths;
  }

  std::uint64_t integer() {
    skip_space();
    std::size_t digits = 0;
    std::uint64_t n = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits)
      if (__builtin_mul_overflow(n, 10, &n) ||
          __builtin_add_overflow(n, static_cast<std::uint64_t>(rest_[digits] - '0'), &n))
        throw std::runtime_error("its shape has a length beyond 2^64");
    if (digits == 0) throw std::runtime_error("its shape has a length that is no whole number");
    rest_.remove_prefix(digits);
    return n;
  }

  std::string_view rest_;
};

/// The `count` bytes from `at` on as an integer, the first byte the least.
std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t n = 0;
  for (std::size_t i = count; i-- > 0;) n = n << 8 | static_cast<unsigned char>(bytes[at + i]);
  return n;
}

std::string contents(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || stream.peek() == std::char_traits<char>::eof())
    throw std::runtime_error("cannot be opened, or is empty");
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Where the data begin, after checking the bytes before the header's text.
std::size_t header_end(std::string_view bytes, std::size_t& header_begin) {
  if (bytes.starts_with("PK"))
    throw std::runtime_error("is a zip archive, such as .npz, which is not read; unpack it");
  if (!bytes.starts_with("\x93NUMPY")) throw std::runtime_error("is not a .npy file");
  if (bytes.size() < 10) throw std::runtime_error("ends within its header");
  const auto version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3 || bytes[7] != 0)
    throw std::runtime_error("is of .npy version " + std::to_string(version) + "." +
                             std::to_string(static_cast<unsigned char>(bytes[7])) +
                             "; 1.0 to 3.0 are read");
  const std::size_t width = version == 1 ? 2 : 4;
  header_begin = 8 + width;
  if (bytes.size() < header_begin) throw std::runtime_error("ends within its header");
  const std::uint64_t length = little_endian(bytes, 8, width);
  if (length > bytes.size() - header_begin)
    throw std::runtime_error("says that its header has " + std::to_string(length) +
                             " bytes, which is more than follow");
  return header_begin + length;
}

/// Bytes per number.
std::size_t width_of(const std::string& format) {
  if (format == "<f4") return 4;
  if (format == "<f8") return 8;
  if (format == ">f4" || format == ">f8")
    throw std::runtime_error("is big-endian ('" + format + "'); little-endian is read");
  throw std::runtime_error("has numbers of type '" + format + "'; float32 and float64 are read");
}

Matrix matrix(std::string_view bytes) {
  std::size_t header_begin = 0;
  const std::size_t begin = header_end(bytes, header_begin);
  const Header header = HeaderParser(bytes.substr(header_begin, begin - header_begin)).parse();
  const std::size_t width = width_of(header.format);
  if (header.fortran_order) throw std::runtime_error("is in Fortran order; C order is read");
  if (header.shape.empty() || header.shape.size() > 2)
    throw std::runtime_error("has " + std::to_string(header.shape.size()) +
                             " dimensions; rows and columns are read");

  const std::uint64_t rows = header.shape[0];
  const std::uint64_t columns = header.shape.size() == 2 ? header.shape[1] : 1;
  std::uint64_t size = 0;
  if (__builtin_mul_overflow(rows, columns, &size) || __builtin_mul_overflow(size, width, &size))
    throw std::runtime_error("says that it has more than 2^64 bytes");
  if (size != bytes.size() - begin)
    throw std::runtime_error("has " + std::to_string(bytes.size() - begin) +
                             " bytes of numbers where its header says " + std::to_string(size));

  Matrix read{width == 8, rows, columns, {}};
  read.values.reserve(rows * columns);
  for (std::size_t at = begin; at < bytes.size(); at += width) {
    const std::uint64_t bits = little_endian(bytes, at, width);
    read.values.push_back(width == 8
                              ? std::bit_cast<double>(bits)
                              : double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))});
  }
  return read;
}

}  // namespace

Matrix read_npy(const std::string& file) {
  try {
    return matrix(contents(file));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file + ": " + error.what());
  }
}

}  // namespace truestep::identify
