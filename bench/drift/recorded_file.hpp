// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace truestep::drift {

/// A .npy file of doubles that a test records and leaves behind no longer than it lives.
class RecordedFile {
 public:
  RecordedFile(const std::string& name, std::size_t columns, const std::vector<double>& values)
      : path_(testing::TempDir() + "truestep-" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + "-" + name) {
    std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" +
                         std::to_string(values.size() / columns) + ", " + std::to_string(columns) +
                         "), }";
    header.append(127 - 10 - header.size(), ' ');
    header += '\n';
    std::ofstream file(path_, std::ios::binary);
    file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size()) << '\0' << header;
    file.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(double)));
  }
  RecordedFile(const RecordedFile&) = delete;
  RecordedFile& operator=(const RecordedFile&) = delete;
  ~RecordedFile() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A .safetensors file of rows of doubles, likewise.
class RecordedRows {
 public:
  RecordedRows(const std::string& name, const std::map<std::string, std::vector<double>>& rows)
      : path_(testing::TempDir() + "truestep-" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + "-" + name) {
    std::string header = "{", numbers;
    for (const auto& [row, values] : rows) {
      header += (header.size() > 1 ? ", \"" : "\"") + row + R"(": {"dtype": "F64", "shape": [)" +
                std::to_string(values.size()) + R"(], "data_offsets": [)" +
                std::to_string(numbers.size());
      numbers.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
      header += ", " + std::to_string(numbers.size()) + "]}";
    }
    header += "}";
    std::ofstream file(path_, std::ios::binary);
    for (std::size_t i = 0; i < 8; ++i)
      file << static_cast<char>(i < 2 ? header.size() >> (8 * i) & 0xff : 0);
    file << header << numbers;
  }
  RecordedRows(const RecordedRows&) = delete;
  RecordedRows& operator=(const RecordedRows&) = delete;
  ~RecordedRows() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace truestep::drift
