// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <benchmark/benchmark.h>

/// Ways to print the cells (speed.cpp).
namespace truestep::speed {

/// Google Benchmark's JSON, the cells' names without its additions.
std::unique_ptr<benchmark::BenchmarkReporter> json_rows();

/// A line per cell.
std::unique_ptr<benchmark::BenchmarkReporter> short_table();

/// Sizes side by side, what the cells come to, and where they were measured.
std::unique_ptr<benchmark::BenchmarkReporter> markdown_table();

}  // namespace truestep::speed
