// SPDX-License-Identifier: Apache-2.0
#include "schedule.hpp"

#include "replayed.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

std::vector<double> rates_of(const std::vector<Piece>& pieces) {
  std::vector<double> all;
  for (const auto& piece : pieces) all.insert(all.end(), piece.last - piece.first + 1, piece.rate);
  return all;
}

}  // namespace

std::string words_of(const std::vector<Piece>& pieces) {
  constexpr std::size_t most = 6;
  std::string all;
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    if (pieces.size() > most && k == most / 2) all += ", ...", k = pieces.size() - most / 2;
    const auto& [first, last, low, high, rate] = pieces[k];
    all += text(all.empty() ? "" : ", ", shortest(rate), first == last ? " at step " : " at steps ",
                first, first == last ? "" : text("-", last));
  }
  return all;
}

std::optional<std::vector<Piece>> schedule(const Description& h, const Record& run,
                                           const Record& some) {
  if (!h.rule().is_linear_in_rate(h) || some.coordinates < 3 || !some.recorded.empty() ||
      !some.ends.empty() || !some.learning_rate.empty() || some.storage == Storage::bfloat16_copy)
    return {};
  const auto pieces = h.rule().solved_rates(h, some);
  if (!pieces || pieces->size() < 2) return {};
  Record with_rates = run;
  with_rates.learning_rate = rates_of(*pieces);
  if (!replayed(h, with_rates).consistent()) return {};
  return pieces;
}

}  // namespace truestep::identify
