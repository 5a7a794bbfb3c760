// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace truestep::drift {

// What is kept in a file is written and read by one function, `parts`, which shows an archive each
// member: a template of the type's own, or beside it. All is words of 64 bits, the low byte first.

/// Writes what it is shown.
class Writer {
 public:
  template <class... Value>
  void operator()(Value&... value) {
    (put(value), ...);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void put(std::uint64_t word) {
    for (int i = 0; i < 8; ++i) bytes_ += static_cast<char>(word >> 8 * i & 0xff);
  }
  void put(double x) { put(std::bit_cast<std::uint64_t>(x)); }
  template <std::integral Integer>
  void put(Integer x) {
    put(static_cast<std::uint64_t>(x));
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  template <class A, class B>
  void put(const std::pair<A, B>& both) {
    put(both.first);
    put(both.second);
  }
  template <class Value, std::size_t count>
  void put(std::array<Value, count>& all) {
    for (auto& each : all) put(each);
  }
  template <class Value>
  void put(std::vector<Value>& all) {
    put(all.size());
    for (auto& each : all) put(each);
  }
  template <class Key, class Value>
  void put(std::map<Key, Value>& all) {
    put(all.size());
    for (auto& [key, value] : all) {
      put(key);
      put(value);
    }
  }
  template <class Value>
  void put(std::optional<Value>& maybe) {
    put(maybe.has_value());
    if (maybe) put(*maybe);
  }
  template <class Value>
  requires requires(Value& value, Writer& writer) { parts(writer, value); }
  void put(Value& value) { parts(*this, value); }

  std::string bytes_;
};

/// Reads what a Writer wrote. Throws std::runtime_error where it ends too early.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class... Value>
  void operator()(Value&... value) {
    (take(value), ...);
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::uint64_t word() {
    const auto eight = taken(8);
    std::uint64_t word = 0;
    for (std::size_t i = 8; i-- > 0;) word = word << 8 | static_cast<unsigned char>(eight[i]);
    return word;
  }
  std::string_view taken(std::uint64_t count) {
    if (count > rest_.size()) throw std::runtime_error("ends too early");
    const auto some = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return some;
  }
  /// A number of things, each of which takes a byte at least.
  std::uint64_t count() {
    const auto count = word();
    if (count > rest_.size()) throw std::runtime_error("ends too early");
    return count;
  }

  void take(double& x) { x = std::bit_cast<double>(word()); }
  template <std::integral Integer>
  void take(Integer& x) {
    x = static_cast<Integer>(word());
  }
  void take(std::string& text) { text = taken(word()); }
  template <class A, class B>
  void take(std::pair<A, B>& both) {
    take(both.first);
    take(both.second);
  }
  template <class Value, std::size_t size>
  void take(std::array<Value, size>& all) {
    for (auto& each : all) take(each);
  }
  template <class Value>
  void take(std::vector<Value>& all) {
    all.assign(count(), Value());
    for (auto& each : all) take(each);
  }
  template <class Key, class Value>
  void take(std::map<Key, Value>& all) {
    all.clear();
    for (auto more = count(); more > 0; --more) {
      Key key{};
      take(key);
      take(all[key]);
    }
  }
  template <class Value>
  void take(std::optional<Value>& maybe) {
    maybe.reset();
    if (word() != 0) take(maybe.emplace());
  }
  template <class Value>
  requires requires(Value& value, Reader& reader) { parts(reader, value); }
  void take(Value& value) { parts(*this, value); }

  std::string_view rest_;
};

}  // namespace truestep::drift
