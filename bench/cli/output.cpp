// SPDX-License-Identifier: Apache-2.0

#include "output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace truestep {
namespace {

OutputFailed standard_output_failed(int error) {
  return OutputFailed(std::string("standard output cannot be written: ") + std::strerror(error));
}

}  // namespace

void keep_standard_streams() {
  bool has_output = true;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    if (stream == STDOUT_FILENO) has_output = false;
    // The lowest number that is free, which is the stream's own.
    if (open("/dev/null", O_RDWR) != stream) throw standard_output_failed(EBADF);
  }
  if (!has_output) throw standard_output_failed(EBADF);
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    throw standard_output_failed(errno);
}

void finish_printing() {
  if (std::fflush(stdout) != 0) throw standard_output_failed(errno);
}

OutputFile::OutputFile(std::string option, std::string path)
    : option_(std::move(option)), path_(std::move(path)), file_(path_) {
  if (!file_) throw OutputFailed(option_ + " = " + path_ + " cannot be written");
}

void OutputFile::write(std::string_view text) {
  if (!(file_ << text << std::flush))
    throw OutputFailed(option_ + " = " + path_ + " cannot be written");
}

void Output::open() {
  if (csv_path && !csv_path->empty() && *csv_path != "-") csv_file.emplace("csv", *csv_path);
}

void Output::write_csv(std::string_view text) {
  if (csv_file)
    csv_file->write(text);
  else if (csv_path)
    print(text);
}

void add_output(CLI::App& command, Output& output, const std::string& line) {
  auto* const json =
      command.add_flag("--json", output.json, "Print one JSON object and nothing else");
  command
      .add_option_function<std::vector<std::string>>(
          "--csv",
          [&output](const std::vector<std::string>& path) {
            output.csv_path = path.empty() ? "" : path.front();
          },
          "Write a line for each " + line + " to FILE, or print that and nothing else")
      ->type_name("[FILE]")
      ->expected(0, 1)
      ->excludes(json);
  for (const char* name : {"--json", "--csv"}) command.get_option(name)->group("Output");
}

}  // namespace truestep
