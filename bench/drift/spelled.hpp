// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traced.hpp"

namespace truestep::drift {

/// How a number of a step is computed. Each operation is numbered as in an emulated run, so that a
/// source of error can be shown where it stands.
class Spelled {
 public:
  struct Node {
    std::string what;  ///< a name, or the kind of what is done
    std::vector<Spelled> operands = {};
    std::optional<std::size_t> operation = {};  ///< none where nothing is rounded
  };

  Spelled() = default;  ///< only to be assigned to
  Spelled(Operations& operations, const std::string& name)
      : node_(std::make_shared<const Node>(Node{name})), operations_(&operations) {}

  const Node& node() const { return *node_; }
  bool operator==(const Spelled& other) const { return node_ == other.node_; }

  friend Spelled operator-(const Spelled& a);
  friend Spelled operator+(const Spelled& a, const Spelled& b);
  friend Spelled operator-(const Spelled& a, const Spelled& b);
  friend Spelled operator*(const Spelled& a, const Spelled& b);
  friend Spelled operator/(const Spelled& a, const Spelled& b);
  friend Spelled sqrt(const Spelled& a);
  friend Spelled fma(const Spelled& a, const Spelled& b, const Spelled& c);
  friend Spelled decay(const Spelled& w, const Spelled& v);
  friend Spelled maximum(const Spelled& a, const Spelled& b);
  friend Spelled at_least_zero(const Spelled& x);
  friend Spelled where_positive(const Spelled& x, const Spelled& value);

 private:
  Spelled(Node node, Operations* operations)
      : node_(std::make_shared<const Node>(std::move(node))), operations_(operations) {}
  /// What is rounded.
  static Spelled done(const char* kind, std::vector<Spelled> operands);
  /// What is not.
  static Spelled taken(const char* kind, std::vector<Spelled> operands);

  std::shared_ptr<const Node> node_;
  Operations* operations_ = nullptr;
};

/// The step of a coordinate as a set-up computes it, operation by operation.
struct SpelledStep {
  struct Line {
    std::string quantity;
    Spelled value;
  };
  std::vector<Line> lines = {};
  std::vector<std::string> kept = {};        ///< quantities that have a value before the step, too
  std::vector<std::string> operations = {};  ///< the name of each, as sources have it
  std::vector<std::pair<std::string, double>> coefficients = {};  ///< in the last step

  /// The operation of this name, if it is one.
  std::optional<std::size_t> operation(std::string_view name) const;
  /// An operation in words: "theta - update, the subtraction that gives theta".
  ///
  /// @param of  one of `operations`
  std::string words_of(std::size_t of) const;
};

/// Writes how a step is computed, as text or marked up. A quantity that is kept has a prime after
/// the step; quantities of lines before are called by their names.
class Spelling {
 public:
  explicit Spelling(const SpelledStep& step) : step_(step) {}
  Spelling(const Spelling&) = delete;
  Spelling& operator=(const Spelling&) = delete;
  virtual ~Spelling() = default;

  /// The quantity that a line is about, after the step.
  std::string left(std::size_t line) const;
  std::string right(std::size_t line) const { return text(step_.lines[line].value, 0, line); }
  /// An operation; "" where no line has it.
  std::string of(std::size_t operation) const;

 protected:
  /// What stands for an operation.
  virtual std::string marked(std::size_t, const std::string& text) const { return text; }

 private:
  /// @param line  that it is part of
  std::string text(const Spelled& number, int binding, std::size_t line) const;

  const SpelledStep& step_;
};

}  // namespace truestep::drift
