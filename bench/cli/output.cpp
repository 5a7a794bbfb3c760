// SPDX-License-Identifier: Apache-2.0

#include "output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <system_error>
#include <utility>

namespace truestep {
namespace {

OutputFailed standard_output_failed(int error) {
  return OutputFailed(std::string("standard output cannot be written: ") + std::strerror(error));
}

/// An open file, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (opened()) close(number_);
  }

  bool opened() const { return number_ >= 0; }

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const auto written = ::write(number_, text.data(), text.size());
      if (written < 0 && errno != EINTR) return false;
      text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
  }

  /// The mode of `old`, or of a new file where there is none. All of it is on the disk.
  bool complete(const std::filesystem::path& old) const {
    struct stat before {};
    const mode_t mask = umask(0);
    umask(mask);
    const bool stood = stat(old.c_str(), &before) == 0;
    return fchmod(number_, stood ? before.st_mode & 07777 : 0666 & ~mask) == 0 &&
           fsync(number_) == 0;
  }

 private:
  int number_;
};

/// A new file beside another, whose place it takes or which is gone at the end.
class Successor {
 public:
  explicit Successor(const std::filesystem::path& target)
      : target_(target), name_(target.string() + ".XXXXXX"), file_(mkstemp(name_.data())) {}
  Successor(const Successor&) = delete;
  ~Successor() {
    if (opened()) unlink(name_.c_str());
  }

  bool opened() const { return file_.opened(); }

  bool replace(std::string_view text) {
    return opened() && file_.write(text) && file_.complete(target_) &&
           std::rename(name_.c_str(), target_.c_str()) == 0;
  }

 private:
  const std::filesystem::path& target_;
  std::string name_;
  Descriptor file_;
};

/// While it lives, SIGINT and SIGTERM are kept for later.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &both, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  ~SignalsWait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

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
    : option_(std::move(option)), path_(std::move(path)), target_(path_) {
  namespace fs = std::filesystem;
  std::error_code none;
  const fs::path link_leads_to = fs::weakly_canonical(path_, none);
  if (!none) target_ = link_leads_to;
  regular_ = !fs::exists(target_, none) || fs::is_regular_file(target_, none);
  if (regular_ ? !Successor(target_).opened() : access(target_.c_str(), W_OK) != 0) throw failure();
}

void OutputFile::write(std::string_view text) const {
  const SignalsWait wait;
  if (regular_) {
    if (!Successor(target_).replace(text)) throw failure();
    return;
  }
  const Descriptor file(open(target_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.opened() || !file.write(text)) throw failure();
}

OutputFailed OutputFile::failure() const {
  return OutputFailed(option_ + " = " + path_ + " cannot be written");
}

void require_distinct(const std::vector<NamedFile>& files) {
  namespace fs = std::filesystem;
  std::map<fs::path, const NamedFile*> known;
  for (const bool written : {true, false})
    for (const auto& file : files) {
      if (file.path.empty() || file.is_written != written) continue;
      std::error_code none;
      const auto place = fs::weakly_canonical(fs::absolute(file.path, none), none);
      if (fs::exists(place, none) && !fs::is_regular_file(place, none)) continue;
      const auto [at, is_new] = known.emplace(place, &file);
      if (!is_new && at->second->is_written)
        throw std::invalid_argument(fmt::format("{} = {} and {} = {} are one file",
                                                at->second->option, at->second->path, file.option,
                                                file.path));
    }
}

void Output::open(std::vector<NamedFile> others) {
  const bool has_csv = csv_path && !csv_path->empty() && *csv_path != "-";
  if (has_csv) others.insert(others.begin(), {"csv", *csv_path, true});
  require_distinct(others);
  if (has_csv) csv_file.emplace("csv", *csv_path);
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
