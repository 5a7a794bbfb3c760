// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "setting.hpp"
#include "speed/peers/every_rule.hpp"

namespace truestep::speed {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

class JsonRows : public benchmark::JSONReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> renamed = runs;
    for (Run& run : renamed) {
      run.run_name.iterations.clear();
      run.run_name.time_type.clear();
    }
    JSONReporter::ReportRuns(renamed);
  }
};

class ShortTable : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    fmt::print(
        "Nanoseconds per element; x: how many times faster than the fastest loop, and than the\n"
        "fastest peer, with its 95 % interval; limit: the share of it that is reached.\n\n"
        "{:24} {:>8} {:>8} {:>8} {:>8} {:>15} {:>8}\n",
        "", "ours", "limit", "x loop", "x peer", "low    high", "peer");
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      const auto counter = [&](const std::string& name) { return run.counters.at(name).value; };
      fmt::print("{:24} {:8.3f} {:8.3f} {:8.3f} {:8.3f} {:7.3f} {:7.3f} {:8.3f}  {}\n",
                 run.run_name.function_name, counter("ns_per_element"), counter("of_limit"),
                 counter("vs_loop"), counter("vs_best_peer"), counter("vs_best_peer_low"),
                 counter("vs_best_peer_high"), counter(run.report_label + "_ns"), run.report_label);
      std::fflush(stdout);
    }
  }
};

/// One cell as the Markdown table has it.
struct Row {
  std::string name, rule, type;
  std::size_t elements;
  int threads;
  double nanoseconds, vs_best_peer, low, high, of_limit;
  std::optional<double> stuck, tiny;
};

Row row(const Run& run) {
  const std::string& name = run.run_name.function_name;
  std::array<std::string, 4> words;
  for (std::size_t word = 0; const char letter : name) {
    if (letter == '/')
      ++word;
    else
      words.at(word) += letter;
  }
  const auto counter = [&](const char* key) { return run.counters.at(key).value; };
  const auto counter_if_any = [&](const char* key) {
    return run.counters.contains(key) ? std::optional(counter(key)) : std::nullopt;
  };
  return {name,
          words[0],
          words[1],
          std::stoul(words[2]),
          std::stoi(words[3]),
          counter("ns_per_element"),
          counter("vs_best_peer"),
          counter("vs_best_peer_low"),
          counter("vs_best_peer_high"),
          counter("of_limit"),
          counter_if_any("stuck_over_ours"),
          counter_if_any("tiny_over_ours")};
}

class MarkdownTable : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Iteration) rows_.push_back(row(run));
  }

  void Finalize() override {
    if (rows_.empty()) return;
    print_cells();
    print_summary();
    print_setting();
    print_subnormals();
  }

 private:
  void print_cells() const {
    fmt::print(
        "| rule | type | threads | 1K | 16K | 512K | 32M, 16M doubles |\n"
        "|---|---|---|---|---|---|---|\n");
    std::vector<std::tuple<std::string, std::string, int>> lines;
    for (const Row& row : rows_)
      if (const std::tuple line(row.rule, row.type, row.threads);
          std::ranges::count(lines, line) == 0)
        lines.push_back(line);
    for (const auto& line : lines) {
      const auto& [rule, type, threads] = line;
      fmt::print("| {} | {} | {} |", rule, type, threads);
      for (std::size_t above = 0;
           const std::size_t column : {1u << 10, 1u << 14, 1u << 19, 1u << 25}) {
        for (const Row& row : rows_)
          if (std::tuple(row.rule, row.type, row.threads) == line && row.elements > above &&
              row.elements <= column)
            fmt::print(" {:.3f} ns, **{:.2f}**, {:.2f}", row.nanoseconds, row.vs_best_peer,
                       row.of_limit);
        fmt::print(" |");
        above = column;
      }
      fmt::print("\n");
    }
  }

  void print_summary() const {
    fmt::print("\n");
    const auto small = [](const Row& row) { return row.elements <= std::size_t{1} << 19; };
    print_mean("", chosen(small));
    print_mean(" on one thread",
               chosen([&](const Row& row) { return small(row) && row.threads == 1; }));
    const auto slower = [](const Row& row) { return row.high < .97; };
    const Row& worst = *std::ranges::min_element(rows_, {}, &Row::high);
    fmt::print("{} of {} intervals lie wholly below 0.97; the lowest is {:.3f} to {:.3f}, of {}.\n",
               chosen(slower).size(), rows_.size(), worst.low, worst.high, worst.name);
    std::vector<std::string> apart;
    fast::for_each_rule([&]<class Rule>() {
      if (!limit_apart<Rule>) return;
      apart.emplace_back(Rule::name);
      print_least_share(std::string("of ") + limit_apart<Rule>,
                        [](const Row& row) { return row.rule == Rule::name; });
    });
    print_least_share("of the others",
                      [&](const Row& row) { return std::ranges::count(apart, row.rule) == 0; });
  }

  static void print_mean(const char* which, const std::vector<Row>& rows) {
    if (rows.empty()) return;
    double logarithms = 0;
    for (const Row& row : rows) logarithms += std::log(row.vs_best_peer);
    fmt::print("Geometric mean of the times faster, up to 512K elements{}: {:.2f}.\n", which,
               std::exp(logarithms / static_cast<double>(rows.size())));
  }

  template <class Predicate>
  void print_least_share(const std::string& whose, const Predicate& predicate) const {
    const auto rows = chosen([&](const Row& row) {
      return row.threads == 1 && row.elements >= std::size_t{1} << 14 && predicate(row);
    });
    if (rows.empty()) return;
    const Row& least = *std::ranges::min_element(rows, {}, &Row::of_limit);
    fmt::print("Least share of the limit from 16K up on one thread, {}: {:.2f}, at {}.\n", whose,
               least.of_limit, least.name);
  }

  static void print_setting() {
    fmt::print("Measured by `build/bin/truestep_speed --table`");
    for (const auto& [key, value] : setting()) fmt::print(", {}: {}", key, value);
    fmt::print(".\n");
  }

  /// How many times as long a step takes over subnormal numbers.
  void print_subnormals() const {
    const auto rows = chosen([](const Row& row) { return row.tiny.has_value(); });
    if (rows.empty()) return;
    fmt::print("\n| rule | type | stuck states | tiny gradients |\n|---|---|---|---|\n");
    for (const Row& row : rows)
      fmt::print("| {} | {} | {} | {:.2f} |\n", row.rule, row.type,
                 row.stuck ? fmt::format("{:.2f}", *row.stuck) : "-", *row.tiny);
  }

  template <class Predicate>
  std::vector<Row> chosen(const Predicate& predicate) const {
    std::vector<Row> rows;
    std::ranges::copy_if(rows_, std::back_inserter(rows), predicate);
    return rows;
  }

  std::vector<Row> rows_;
};

}  // namespace

std::unique_ptr<benchmark::BenchmarkReporter> json_rows() { return std::make_unique<JsonRows>(); }
std::unique_ptr<benchmark::BenchmarkReporter> short_table() {
  return std::make_unique<ShortTable>();
}
std::unique_ptr<benchmark::BenchmarkReporter> markdown_table() {
  return std::make_unique<MarkdownTable>();
}

}  // namespace truestep::speed
