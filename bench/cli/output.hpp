// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace truestep {

/// What was to be written could not be: exit status 4.
class OutputFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Gives whatever stream is closed to nobody, so that no file that is opened takes its place.
/// Throws OutputFailed where it is standard output.
void keep_standard_streams();

/// Throws OutputFailed.
void print(std::string_view text);
/// All that was printed has left the program. Throws OutputFailed.
void finish_printing();

/// A file that is written whole or not at all. That it can be is tried at once, before hours are
/// spent on its text; what stood there stays until its successor is complete beside it.
class OutputFile {
 public:
  /// @param option  that names the file, for the message. Throws OutputFailed.
  OutputFile(std::string option, std::string path);

  /// Makes `text` all that the file holds. SIGINT and SIGTERM wait until it does. Throws
  /// OutputFailed, and then the file is what it was.
  void write(std::string_view text) const;

 private:
  OutputFailed failure() const;

  std::string option_, path_;
  std::filesystem::path target_;  ///< what the path leads to
  bool regular_ = true;           ///< else a device or a pipe, which is written in place
};

/// A file that a command is told of; none where the path is "".
struct NamedFile {
  std::string option, path;
  bool is_written;
};

/// Throws std::invalid_argument where a file that is written is another of these as well, so that
/// one of them would be lost. Devices and pipes are no files here.
void require_distinct(const std::vector<NamedFile>& files);

/// What to print, and where, alike in all commands.
struct Output {
  bool json = false;
  std::optional<std::string> csv_path;  ///< "" for standard output
  std::optional<OutputFile> csv_file = {};

  /// Whether standard output is for text.
  bool shows_text() const { return !json && (!csv_path || csv_file); }
  /// Opens the files that are asked for.
  ///
  /// @param others  that the command is told of
  void open(std::vector<NamedFile> others = {});
  void write_csv(std::string_view text);
};

/// Adds --json and --csv.
///
/// @param line  what a line of the CSV is about
void add_output(CLI::App& command, Output& output, const std::string& line);

}  // namespace truestep
