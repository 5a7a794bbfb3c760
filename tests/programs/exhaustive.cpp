// SPDX-License-Identifier: Apache-2.0
// One step of a rule over all 2^32 float gradients, from each of its situations: the kernel against
// the reference, with the worst errors and the gradients that they were found at.
//
//     truestep_exhaustive RULE [--slice K/N] [--threads N]
//
// Prints a line for each situation and quantity, as in tests/known_answers/exhaustive.txt. A slice
// has every Nth gradient, from the Kth on, and those around each power of two. Exit status: 1 if an
// error exceeds its proved bound or a line is committed that says something else, 2 if the
// arguments make no sense.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "support/suite.hpp"
#include "truth/committed.hpp"
#include "truth/sweep.hpp"

namespace truestep::test {
namespace {

constexpr std::uint64_t all = std::uint64_t{1} << 32;

/// What is to be tried, in parts that a thread takes by itself.
std::vector<Patterns> parts(std::uint64_t first, std::uint64_t stride) {
  constexpr std::uint64_t part = 1 << 22;
  std::vector<Patterns> result;
  const std::uint64_t count = (all - first + stride - 1) / stride;
  for (std::uint64_t begin = 0; begin < count; begin += part)
    result.push_back({first + begin * stride, stride, std::min(part, count - begin)});
  if (stride == 1) return result;
  constexpr std::uint64_t significand_bits = 23, around = 8;
  for (std::uint64_t power = 0; power < all >> significand_bits; ++power)
    result.push_back({(power << significand_bits) + all - around, 1, 2 * around + 1});
  return result;
}

std::vector<Finding> sweep_parts(const Subject<float>& subject, const Situation& situation,
                                 const std::vector<Patterns>& work, std::size_t threads) {
  auto findings = sweep(subject, situation, work[0], available_instructions().back());
  std::atomic<std::size_t> next = 1;
  std::mutex joining;
  const auto labour = [&] {
    for (std::size_t i; (i = next++) < work.size();) {
      const auto found = sweep(subject, situation, work[i], available_instructions().back());
      const std::lock_guard lock(joining);
      for (std::size_t q = 0; q < found.size(); ++q) findings[q].join(found[q]);
    }
#if TRUESTEP_HAVE_MPFR
    mpfr_free_cache();  // MPFR keeps some for each thread
#endif
  };
  std::vector<std::jthread> labourers;
  for (std::size_t i = 0; i < threads; ++i) labourers.emplace_back(labour);
  labourers.clear();
  return findings;
}

/// Whether all errors are within their bounds, and as committed.
bool try_all(const Subject<float>& subject, const std::string& slice,
             const std::vector<Patterns>& work, std::size_t threads) {
  bool as_it_should = true;
  for (const auto& situation : situations(subject.rule.name))
    for (const auto& finding : sweep_parts(subject, situation, work, threads)) {
      const Record record{subject.rule.name, slice, situation.name, finding};
      std::printf("%s\n", line(record).c_str());
      std::fflush(stdout);
      const auto committed = contradiction(record);
      if (!committed.empty())
        std::fprintf(stderr, "committed, another line: %s\n", committed.c_str());
      if (finding.exceeds()) std::fputs("beyond the proved bound\n", stderr);
      as_it_should = as_it_should && committed.empty() && !finding.exceeds();
    }
  return as_it_should;
}

}  // namespace
}  // namespace truestep::test

int main(int count, char** arguments) {
  using namespace truestep::test;
  unsigned long first = 0, stride = 1, threads = 2;
  const Subject<float>* subject = nullptr;
  const auto suites = truestep::test::suites();
  for (const auto& suite : suites)
    if (count > 1 && suite.shipped.single.rule.name == arguments[1])
      subject = &suite.shipped.single;
  bool sensible = subject != nullptr && count % 2 == 0;
  for (int i = 2; sensible && i < count; i += 2) {
    char rest = 0;
    const auto is = [&](const char* option) { return std::strcmp(arguments[i], option) == 0; };
    if (is("--slice"))
      sensible = std::sscanf(arguments[i + 1], "%lu/%lu%c", &first, &stride, &rest) == 2 &&
                 first < stride && stride <= 1'000'000;
    else
      sensible = is("--threads") && std::sscanf(arguments[i + 1], "%lu%c", &threads, &rest) == 1 &&
                 threads >= 1 && threads <= 1024;
  }
  if (!sensible) {
    std::fputs("usage: truestep_exhaustive RULE [--slice K/N] [--threads N]\n", stderr);
    return 2;
  }
  const auto slice = std::to_string(first) + "/" + std::to_string(stride);
  return try_all(*subject, slice, parts(first, stride), threads) ? 0 : 1;
}
