// SPDX-License-Identifier: Apache-2.0
#include "npy.hpp"

#include <bit>
#include <cctype>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "arrays.hpp"

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

/// Where the data begin, after checking the bytes before the header's text.
std::size_t header_end(std::string_view bytes, std::size_t& header_begin) {
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

/// The type by NumPy's letters. ml_dtypes writes bfloat16 as raw data of two bytes.
Stored stored_as(const std::string& format) {
  const auto refused = [&] {
    return std::runtime_error("has numbers of type '" + format +
                              "'; floats of 16, 32 and 64 bits, integers and bools are read");
  };
  if (format.size() < 3) throw refused();
  const bool big = format[0] == '>';
  if (format == "|b1") return {Type::truth, 1};
  if (format == "|V2" || format == "<V2") return {Type::bfloat16, 2};
  if (format[0] != '<' && format[0] != '>' && format[0] != '|') throw refused();
  const std::string kind = format.substr(1);
  if (kind == "f2") return {Type::float16, 2, big};
  if (kind == "f4") return {Type::float32, 4, big};
  if (kind == "f8") return {Type::float64, 8, big};
  for (const char* integer : {"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"})
    if (kind == integer)
      return {Type::integer, static_cast<std::size_t>(kind[1] - '0'), big, kind[0] == 'i'};
  throw refused();
}

}  // namespace

Array npy_array(const Bytes& file) {
  std::size_t header_begin = 0;
  const auto bytes = file.bytes;
  const std::size_t begin = header_end(bytes, header_begin);
  const Header header = HeaderParser(bytes.substr(header_begin, begin - header_begin)).parse();
  return decoded(stored_as(header.format), header.shape, header.fortran_order,
                 {bytes.substr(begin), file.keeps});
}

std::optional<PlainMatrix> plain_matrix(std::string_view first_bytes, std::uint64_t file_size) {
  if constexpr (std::endian::native != std::endian::little) return std::nullopt;
  try {
    std::size_t header_begin = 0;
    const std::size_t offset = header_end(first_bytes, header_begin);
    const auto header =
        HeaderParser(first_bytes.substr(header_begin, offset - header_begin)).parse();
    const bool in_double = header.format == "<f8";
    if (header.fortran_order || header.shape.size() != 2 || (!in_double && header.format != "<f4"))
      return std::nullopt;
    const std::uint64_t width = in_double ? 8 : 4, rows = header.shape[0],
                        columns = header.shape[1];
    std::uint64_t bytes = 0;
    const bool overflows = __builtin_mul_overflow(rows, columns, &bytes) ||
                           __builtin_mul_overflow(bytes, width, &bytes);
    if (overflows || bytes != file_size - offset || offset % width != 0) return std::nullopt;
    return PlainMatrix{in_double, rows, columns, offset};
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

Array read_npy_array(const std::string& file) {
  try {
    const auto bytes = mapped(file);
    if (bytes.bytes.starts_with("PK"))
      throw std::runtime_error("is a zip archive, such as .npz, which identify takes as --run");
    auto array = npy_array(bytes);
    if (array.type == Type::integer || array.type == Type::truth)
      throw std::runtime_error("holds no floating-point numbers");
    return array;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file + ": " + error.what());
  }
}

}  // namespace truestep::identify
