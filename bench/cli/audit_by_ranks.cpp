// SPDX-License-Identifier: Apache-2.0
#include "audit_by_ranks.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "drift/archive.hpp"
#include "drift/pooled.hpp"
#include "drift/tally.hpp"
#include "exit_status.hpp"
#include "output.hpp"

namespace truestep {
namespace {

/// What a rank says when mpirun ends it, because another has died: a signal handler may do no more
/// than write it.
class LastWords {
 public:
  static void set(const std::string& words) {
    const int next = 1 - shown_;
    Words& of = words_[static_cast<std::size_t>(next)];
    of.size = words.copy(of.text.data(), of.text.size());
    shown_ = next;
  }
  static void say_on_termination() {
    std::signal(SIGTERM, [](int) {
      const Words& of = words_[static_cast<std::size_t>(shown_)];
      [[maybe_unused]] const auto written = write(STDERR_FILENO, of.text.data(), of.size);
      _exit(128 + SIGTERM);
    });
  }

 private:
  struct Words {
    std::array<char, 200> text;
    std::size_t size;
  };
  static inline std::array<Words, 2> words_{};
  static inline volatile std::sig_atomic_t shown_ = 0;
};

std::string words_of(const Ranks& ranks, const std::string& what) {
  return fmt::format("audit: rank {} of {}: {}\n", ranks.rank(), ranks.size(), what);
}

[[noreturn]] void end_all(const Ranks& ranks, const std::string& what, int status) {
  std::fputs(words_of(ranks, what).c_str(), stderr);
  std::fflush(stderr);
  ranks.end_all(status);
}

/// What is wrong with what is asked for; no text where nothing is.
struct Complaint {
  ExitStatus status = yes;
  std::string text = {};
};

/// What this throws.
Complaint complaint(const std::function<void()>& attempt) {
  try {
    attempt();
    return {};
  } catch (const OutputFailed& error) {
    return {failed, error.what()};
  } catch (const std::bad_alloc&) {
    return {failed, "memory is used up"};
  } catch (const std::exception& error) {
    return {bad_usage, error.what()};
  }
}

void require_one_record(const std::vector<drift::Request>& requests) {
  if (requests.size() != 1 || requests.front().gradients.empty())
    throw std::invalid_argument("several ranks require one rule, and --grads");
  if (requests.front().columns || !requests.front().parts.empty())
    throw std::invalid_argument("several ranks exclude --columns and --merge");
}

/// Goes on only where no rank has a complaint.
void agree(const Ranks& ranks, const Complaint& mine) {
  const auto all = ranks.gathered(mine.text);
  if (!ranks.is_first() && !mine.text.empty())
    for (;;) pause();  // The first rank ends all.
  const auto is_bad = [](const std::string& text) { return !text.empty(); };
  const auto first = std::find_if(all.begin(), all.end(), is_bad);
  if (first == all.end()) return;
  const bool is_shared =
      std::all_of(all.begin(), all.end(), [&](const std::string& text) { return text == *first; });
  const auto rank = first - all.begin();
  const auto who = is_shared ? "" : fmt::format("rank {} of {}: ", rank, all.size());
  std::fputs(fmt::format("audit: {}{}\n", who, *first).c_str(), stderr);
  std::fflush(stderr);
  ranks.end_all(mine.text.empty() ? bad_usage : mine.status);
}

/// Looks at this rank's columns, and takes what the others have seen in theirs.
void survey(const Ranks& ranks, drift::Record& record) {
  agree(ranks, complaint([&] { record.look(); }));
  drift::Writer writer;
  auto own = record.own();
  writer(own);
  std::vector<drift::Survey> all;
  for (const auto& bytes : ranks.shared(writer.bytes())) {
    drift::Reader reader(bytes);
    reader(all.emplace_back());
  }
  agree(ranks, complaint([&] { record.complete(all); }));
}

/// What was found of these columns, as a file would hold it; "" of none.
std::string part_of(const Ranks& ranks, drift::Request request) {
  const std::size_t begin = request.columns->first, end = request.columns->second;
  if (begin == end) return "";
  const auto progress = [&](std::uint64_t steps) {
    LastWords::set(words_of(ranks, fmt::format("ended when {} % of columns {}:{} were done",
                                               100 * steps / request.steps, begin, end)));
    return true;
  };
  progress(0);
  LastWords::say_on_termination();
  const auto run = drift::audit(request, progress);
  LastWords::set(words_of(ranks, fmt::format("ended when columns {}:{} were done", begin, end)));
  return drift::written(*run.part);
}

}  // namespace

std::size_t columns_together(const std::vector<drift::Setup>& setups) {
  std::size_t unit = drift::row_size;
  for (const auto& setup : setups) unit = std::max(unit, setup.state_block);
  return unit;
}

bool audit_by_ranks(const Ranks& ranks, const std::function<void()>& prepare,
                    const std::shared_ptr<drift::Record>& record,
                    std::vector<drift::Request>& requests) {
  agree(ranks, complaint([&] {
          prepare();
          require_one_record(requests);
        }));
  survey(ranks, *record);
  drift::Request& request = requests.front();
  try {
    auto mine = request;
    mine.columns = {record->first(), record->first() + record->start().size()};
    for (const auto& bytes : ranks.gathered(part_of(ranks, std::move(mine))))
      if (!bytes.empty())
        request.parts.push_back(std::make_shared<const drift::Part>(drift::read_part(bytes)));
  } catch (const std::bad_alloc&) {
    end_all(ranks, "memory is used up", failed);
  } catch (const std::exception& error) {
    end_all(ranks, error.what(), bad_usage);
  }
  return ranks.is_first();
}

}  // namespace truestep
