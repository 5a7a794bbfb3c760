// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "setup.hpp"
#include "statistics.hpp"
#include "runs/score.hpp"
#include "runs/value.hpp"

namespace truestep::drift {

/// An error outside its rigorous radius, both in ulp.
struct Violation {
  std::string precision, quantity;
  std::uint64_t step;
  std::size_t coordinate;
  double error, radius;
};

/// What came of comparing every coordinate after every step.
struct Checks {
  std::uint64_t compared = 0;        ///< errors that had a finite radius to stay within
  std::uint64_t unbounded = 0;       ///< errors without one: an operation overflowed
  std::uint64_t exceeded = 0;        ///< errors that left their radius
  std::uint64_t other_bits = 0;      ///< kernel's results that the radius or the emulation had not
  std::uint64_t beyond_theorem = 0;  ///< errors at a reported step that a drift theorem excludes
  double closest = 0;                ///< largest quotient of an error and its radius
  std::optional<Violation> first;

  bool passed() const { return exceeded == 0 && other_bits == 0 && beyond_theorem == 0; }
  Checks& operator+=(const Checks& other);
};

/// Where something happened first: the earliest step, of its coordinates the lowest.
struct First {
  std::uint64_t step;  ///< as the rule counts them
  std::size_t coordinate;
  double stored, exact;  ///< the quantity after the step

  bool is_before(const First& other) const {
    return step != other.step ? step < other.step : coordinate < other.coordinate;
  }
};

/// The earlier of the two, if any.
std::optional<First> earlier(const std::optional<First>& a, const std::optional<First>& b);

/// The first infinity or NaN of a set-up, and what made it.
struct NotFinite {
  First first;
  std::string quantity;
  double gradient;  ///< as it was given
  std::string why;
};

/// A counter that no longer goes on.
struct Stuck {
  std::uint64_t step;
  double at;
};

/// Steps that were left out because a scaled gradient was infinite or NaN.
struct Skips {
  std::uint64_t count = 0, first = 0;
  double scale = 1;  ///< of the loss in the end
};

/// What became of a quantity's updates, over all coordinates and steps.
struct Updates {
  std::uint64_t exact = 0;       ///< moves of the exact quantity, but for steps left out
  std::uint64_t lost = 0;        ///< those at which the stored value, being finite, did not move
  std::uint64_t values = 0;      ///< results
  std::uint64_t not_finite = 0;  ///< those that are infinite or NaN
  std::optional<First> first_lost = {};
  std::optional<First> first_flushed = {};  ///< stored as 0, exactly not

  Updates& operator+=(const Updates& other);
};

/// How far a quantity is from the exact run after some steps. An ulp is that of the format that the
/// quantity is kept in, at the exact value.
struct Drift {
  std::uint64_t step;
  Spread ulp, relative;
  double mean_absolute;  ///< in the quantity's unit
  double rounding;       ///< largest share, in ulp, of all that is rounded but the coefficients
  double coefficients;   ///< largest share, in ulp, of the coefficients and their counter
  double radius;         ///< largest rigorous radius in ulp; NaN where there is none
  double closest;        ///< largest quotient of an error and its radius so far; or NaN
  double theorem;        ///< bound that a drift theorem states, in the quantity's unit; or NaN
  double of_theorem;     ///< largest quotient of an error and that bound; or NaN
  Spread absolute = {};  ///< of the distances in the quantity's unit
  /// Largest rigorous radius in that unit; NaN where there is none.
  double radius_absolute = std::numeric_limits<double>::quiet_NaN();
};

/// The coordinate of theta that is farthest from exact in the end, by its own reach: the largest of
/// how large it began and is, exactly, and of how far its exact steps have carried it one after
/// another.
struct Farthest {
  std::size_t coordinate = 0;
  double distance = 0, of_reach = 0;  ///< of_reach is infinite where exactly it is 0 throughout

  /// Where both are as far the one that is here remains.
  void add(const Farthest& other) {
    if (other.of_reach > of_reach) *this = other;
  }
};

/// One quantity (theta or a state) in one set-up.
struct Series {
  std::string quantity;
  std::vector<Drift> drift = {};
  Checks checks = {};
  Updates updates = {};
  std::optional<Growth> growth = {};  ///< of mean_absolute
  std::vector<DigitLoss> digits = {};
  Attribution attribution = {};  ///< of the drift of all coordinates after the last step
  std::size_t farthest = 0;      ///< the coordinate that is then farthest from exact
  Attribution of_farthest = {};  ///< of its drift, computed - exact
};

struct SpelledStep;

/// One set-up on one workload.
struct Reading {
  Setup setup;
  bool has_radius;  ///< the shipped kernel runs it too, and its every error has a rigorous radius
  std::vector<Series> series;  ///< of theta, then of each state
  OutOfRange out_of_range;
  std::optional<Score> after;
  std::optional<NotFinite> not_finite = {};
  Farthest farthest = {};  ///< of theta
  std::optional<Stuck> stuck = {};
  std::optional<Skips> skips = {};               ///< where the loss is scaled
  std::shared_ptr<const SpelledStep> step = {};  ///< how it computes, to which sources refer
};

/// Conventions of the rule that are one description once they have the audited one's numbers.
struct Other {
  std::vector<std::string> conventions;
  double distance;  ///< largest, of their theta from the audited one's, both exact, same gradients
  std::vector<std::pair<std::uint64_t, double>> on_the_way = {};  ///< the same after some steps
};

struct Part;
class Record;

/// One rule on one workload.
struct Run {
  std::string rule, workload, convention;
  /// The convention with what was chosen otherwise in it, as it is typed: "pytorch,centered=true".
  std::string typed = {};
  std::vector<std::pair<std::string, double>> hyperparameters = {};
  std::size_t parameters;
  std::uint64_t first_step = 1;
  std::uint64_t steps = 0;  ///< done; fewer than asked for where the run was interrupted
  bool closed_loop, interrupted = false;
  double seconds = 0;
  std::optional<Score> before = {};
  std::vector<Reading> readings = {};
  double float_drift = 0;          ///< largest distance of float's theta from exact in the end
  std::vector<Other> others = {};  ///< in the end; none in closed loop
  std::vector<std::string> notes =
      {};                       ///< what of the input was not taken as it is, a sentence each
  std::size_t sampled = 0;      ///< columns of a first look that have all; 0 where all have
  std::uint64_t in_digits = 0;  ///< columns whose certificate did not suffice
  /// What other parts can be put together with (tally.hpp), unless it was interrupted.
  std::shared_ptr<const Part> part = {};

  /// The checks of all readings together.
  Checks checks() const;
  /// Steps of one coordinate in one set-up.
  std::uint64_t element_steps() const { return readings.size() * parameters * steps; }
};

struct Request {
  std::string rule;           ///< one of settings::rule_names()
  std::string workload = {};  ///< one of workload_names(); unread where gradients are recorded
  std::uint64_t steps = 1000;
  std::uint64_t first_step = 1;  ///< what the rule counts the first one as
  bool closed_loop = false;
  std::vector<Setup> setups = {};               ///< besides float and double
  std::string convention = {};                  ///< the rule's first unless given
  settings::Given given = {};                   ///< hyperparameters that are not the convention's
  std::string gradients = {}, parameters = {};  ///< files of a Recorded workload, or ""
  std::shared_ptr<const Record> record = {};    ///< what was opened of them already
  /// A .npz or .safetensors file that has each state by its name, a number for each column; those
  /// of the rule unless given. Other conventions are then left out.
  std::string states = {};
  bool first_look = false;  ///< radius, attribution and other conventions on a sample of columns
  bool in_digits = false;   ///< 50 digits for the truth of every column
  /// The columns of recorded gradients, from the first to before the second; all unless given.
  std::optional<std::pair<std::size_t, std::size_t>> columns = {};
  /// What was found of all columns, so that nothing is run.
  std::vector<std::shared_ptr<const Part>> parts = {};
};

/// Called now and then with the number of steps done; false to stop there.
using Progress = std::function<bool(std::uint64_t)>;

/// Runs a rule in float, in double, in each set-up, and by its formula in high precision (exact),
/// and follows how far each quantity of each set-up is from exact.
///
/// Open loop: the float kernel trains, and the very gradients that it saw, floats, go to all, so
/// that what differs is the rule's own arithmetic; recorded gradients go to all as they are. Closed
/// loop: each run takes the gradient at its own parameters, the exact run in high precision, the
/// others in double and then rounded to the gradients' format.
///
/// In open loop the exact run is one in certified double-doubles (truth_row.hpp), and one in 50
/// digits wherever these leave a doubt about what is reported; in closed loop it is in 50 digits.
///
/// Reports after 1, 2, 5, 10, 20, 50, ... steps and after the last. Memory does not grow with them
/// where gradients are recorded; those of a workload are kept up to 256 MiB, and from there on the
/// exact run is in 50 digits.
Run audit(const Request& request, const Progress& progress);

}  // namespace truestep::drift
