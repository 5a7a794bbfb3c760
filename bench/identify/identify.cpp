#include "identify.hpp"

#include <truestep/proofs/any_order.hpp>
#include <truestep/proofs/ball.hpp>
#include <truestep/proofs/rules.hpp>
#include <truestep/reference/domain.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <tuple>

namespace truestep::identify {
namespace {

using proofs::AnyOrder;
using proofs::Coefficients;
using Wide = long double;

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream stream;
  stream.precision(3);
  (stream << ... << parts);
  return stream.str();
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

// --- a rule's numbers, by name

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

template <class Rule, class Visit>
void for_each_number(const Visit& visit) {
  for (const auto& number : Rule::hyperparameters) visit(number.name, number.member);
  for (const auto& number : Rule::further) visit(number.name, number.member);
}

/// nullptr if the rule has no number of that name.
template <class Rule>
double* number(Numbers<Rule>& h, const std::string& name) {
  double* found = nullptr;
  for_each_number<Rule>([&](const char* its, auto member) {
    if (name == its) found = &(h.*member);
  });
  return found;
}

template <class Rule>
std::string shown(const Numbers<Rule>& h) {
  std::string all;
  const auto show = [&](const char* name, double value) {
    all += text(all.empty() ? "" : ", ", name, " = ", shortest(value));
  };
  for (const auto& [name, member] : Rule::hyperparameters) show(name, h.*member);
  for (const auto& [name, member] : Rule::further)
    if (h.*member != Numbers<Rule>{}.*member) show(name, h.*member);
  return all;
}

/// @param rule  for the message
void require_in_range(const char* rule, const std::string& name, double value) {
  if (name == "momentum" || name == "rho" || name == "beta1" || name == "beta2")
    reference::require_weight(rule, name.c_str(), value);
  else if (name == "dampening")
    reference::require(value >= 0 && value <= 1, rule, "dampening", value, "[0, 1]");
  else
    reference::require_non_negative(rule, name.c_str(), value);
}

template <class Rule>
Numbers<Rule> with_options(Numbers<Rule> h, const Options& options) {
  for (const auto& [name, value] : options.numbers) {
    double* const member = number<Rule>(h, name);
    if (!member) throw std::invalid_argument(text(Rule::name, ": has no ", name));
    require_in_range(Rule::name, name, value);
    *member = value;
  }
  if constexpr (requires { h.amsgrad; })
    h.amsgrad |= options.amsgrad;
  else if (options.amsgrad)
    throw std::invalid_argument(text(Rule::name, ": has no amsgrad"));
  if constexpr (requires { h.centered; })
    h.centered |= options.centered;
  else if (options.centered)
    throw std::invalid_argument(text(Rule::name, ": has no centered"));
  return h;
}

// --- replaying a run

/// One convention's steps, each from the parameters given, its states from the gradients so far.
template <class Rule, class Number>
class Replay {
 public:
  Replay(const Numbers<Rule>& h, std::size_t coordinates)
      : h_(h), states_(coordinates, Formula::start(Rule::description(h))) {}

  /// Calls visit(coordinate, theta after the step).
  template <class T, class Visit>
  void step(const Record& run, std::size_t t, T, const Visit& visit) {
    const Formula formula = Rule::template formula<Number>(h_, t);
    const auto at = (t - 1) * run.coordinates;
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const auto now =
          formula.step(Number::data(static_cast<T>(run.parameters[at + i])), states_[i],
                       Number::data(static_cast<T>(run.gradients[at + i])));
      states_[i] = now;
      visit(i, now.theta);
    }
  }

 private:
  using Formula = typename Rule::template Formula<Number>;
  Numbers<Rule> h_;
  std::vector<typename Formula::State> states_;
};

struct Outcome {
  Place worst;                 ///< the largest excess
  std::optional<Place> first;  ///< the first excess above 1
  std::size_t failures = 0;    ///< excesses above 1
  std::size_t teeth = 0;       ///< bounds smaller than the move, so that they could be exceeded
  std::size_t unclaimed = 0;   ///< bounds that are infinite

  bool consistent() const { return !first && teeth > 0; }
};

enum class Extent { until_it_fails, whole_run };

template <class Rule, class T, Coefficients how>
Outcome replayed(const Numbers<Rule>& h, const Record& run, Extent extent) {
  constexpr Wide u = std::numeric_limits<T>::epsilon() / 2;
  Outcome outcome;
  Replay<Rule, AnyOrder<T, how>> replay(h, run.coordinates);
  for (std::size_t t = 1; t <= run.steps; ++t) {
    replay.step(run, t, T{}, [&](std::size_t i, const auto& theta) {
      if (!theta.bounded()) {
        ++outcome.unclaimed;
        return;
      }
      const Wide before = run.parameters[(t - 1) * run.coordinates + i];
      const Wide after = run.parameters[t * run.coordinates + i];
      // A recorded number is known to half an ulp, however exact the step.
      const Wide bound = std::max(theta.radius, Wide(proofs::half_ulp(static_cast<T>(after))));
      if (bound < std::fabs(theta.value - before)) ++outcome.teeth;
      const auto excess = static_cast<double>(std::fabs(after - theta.value) / bound);
      const Place place{t, i, excess, static_cast<double>(bound),
                        static_cast<double>(bound / (u * theta.magnitude))};
      if (excess > outcome.worst.excess || outcome.worst.step == 0) outcome.worst = place;
      if (excess > 1) {
        if (!outcome.first) outcome.first = place;
        ++outcome.failures;
      }
    });
    if (outcome.first && extent == Extent::until_it_fails) break;
  }
  return outcome;
}

template <class Rule, Coefficients how = Coefficients{}>
Outcome replayed(const Numbers<Rule>& h, const Record& run,
                 Extent extent = Extent::until_it_fails) {
  return run.in_double ? replayed<Rule, double, how>(h, run, extent)
                       : replayed<Rule, float, how>(h, run, extent);
}

// --- habits

struct Habit {
  Coefficients coefficients;
  const char* kind;
  const char* detail;
};

using enum Coefficients::Powers;
constexpr std::array habits{
    Habit{{true, in_double}, "one_minus_beta_in_float", "1 - beta is formed from the float beta"},
    Habit{{false, running_product},
          "running_float_product",
          "beta^t is a float product carried from step to step"},
    Habit{{false, of_rounded}, "power_of_float_beta", "beta^t is a power of the float beta"},
    Habit{{true, running_product},
          "one_minus_beta_in_float, running_float_product",
          "1 - beta is formed from the float beta, beta^t is a float product carried from step to "
          "step"},
    Habit{{true, of_rounded},
          "one_minus_beta_in_float, power_of_float_beta",
          "1 - beta and beta^t are formed from the float beta"},
    // Within an ulp, which covers some of the former: last.
    Habit{{false, power_function}, "float_power", "beta^t is taken in float"},
    Habit{{true, power_function},
          "one_minus_beta_in_float, float_power",
          "1 - beta is formed from the float beta, beta^t is taken in float"}};

/// The first habit, if any, with which the run is consistent. In double there is none to be seen.
template <class Rule, std::size_t i = 0>
std::optional<std::pair<Habit, Outcome>> habit_of(const Numbers<Rule>& h, const Record& run) {
  if constexpr (i == habits.size()) {
    return {};
  } else {
    if (run.in_double) return {};
    const auto outcome =
        replayed<Rule, float, habits[i].coefficients>(h, run, Extent::until_it_fails);
    if (outcome.consistent()) return std::pair(habits[i], outcome);
    return habit_of<Rule, i + 1>(h, run);
  }
}

// --- numbers that are not given

/// To a number of significant decimal digits.
double rounded(double x, int digits) {
  std::array<char, 32> decimal{};
  const auto end =
      std::to_chars(decimal.begin(), decimal.end(), x, std::chars_format::scientific, digits - 1);
  std::from_chars(decimal.begin(), end.ptr, x);
  return x;
}

/// Where f is least in [low, high], by golden section, to 10^-8 of the interval.
template <class Function>
double least_between(double low, double high, const Function& f) {
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = f(left), at_right = f(right);
  for (int i = 0; i < 40; ++i)
    if (at_left < at_right) {
      high = right, right = left, at_right = at_left;
      left = high - golden * (high - low), at_left = f(left);
    } else {
      low = left, left = right, at_left = at_right;
      right = low + golden * (high - low), at_right = f(right);
    }
  return low + (high - low) / 2;
}

/// The learning rates that the run allows, as far as it allows any.
struct Rates {
  Wide low = 0, high = std::numeric_limits<Wide>::infinity();
  bool fit = true;  ///< one of them all the way

  /// Narrowed to the rates whose step is `move`, within `noise`, at `size` per unit of rate, within
  /// `radius`; unchanged, and no fit, if there are none.
  void narrow(Wide move, Wide noise, Wide size, Wide radius) {
    if (!(std::fabs(size) > radius) || !fit) return;
    const Wide along = std::signbit(size) ? -move : move;
    const Wide least = std::max(low, (along - noise) / (std::fabs(size) + radius));
    const Wide most = std::min(high, (along + noise) / (std::fabs(size) - radius));
    fit = least <= most;
    if (fit) low = least, high = most;
  }
};

/// Every rule is linear in its learning rate, so that one replay tells what each rate would do. At
/// any rate, the radius is at most that much of the radius at rate 1 and two roundings of theta.
template <class Rule, class T>
Rates allowed_rates(Numbers<Rule> h, const Record& run) {
  constexpr double unit = 0.1;  // not a float, so that its rounding is in the radius
  constexpr Wide u = std::numeric_limits<T>::epsilon() / 2;
  h.learning_rate = unit;
  Rates rates;
  Replay<Rule, AnyOrder<T>> replay(h, run.coordinates);
  for (std::size_t t = 1; t <= run.steps && rates.fit; ++t)
    replay.step(run, t, T{}, [&](std::size_t i, const auto& theta) {
      const Wide before = run.parameters[(t - 1) * run.coordinates + i];
      const Wide after = run.parameters[t * run.coordinates + i];
      if (theta.bounded())
        rates.narrow(after - before,
                     2 * u * std::fabs(before) + proofs::half_ulp(static_cast<T>(after)),
                     (theta.value - before) / unit, theta.radius / unit);
    });
  return rates;
}

template <class Rule>
Rates allowed_rates(const Numbers<Rule>& h, const Record& run) {
  return run.in_double ? allowed_rates<Rule, double>(h, run) : allowed_rates<Rule, float>(h, run);
}

/// Coordinates whose gradient is not always zero, evenly spaced, at most `count`.
Record some_coordinates(const Record& run, std::size_t count) {
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    for (std::size_t t = 0; t < run.steps; ++t)
      if (run.gradients[t * run.coordinates + i] != 0) {
        live.push_back(i);
        break;
      }
  const std::size_t kept = std::min(count, live.size());
  Record some{run.in_double, run.steps, kept, {}, {}};
  const auto keep = [&](const std::vector<double>& from, std::vector<double>& to, std::size_t t) {
    for (std::size_t k = 0; k < kept; ++k)
      to.push_back(from[t * run.coordinates + live[k * live.size() / kept]]);
  };
  for (std::size_t t = 0; t <= run.steps; ++t) keep(run.parameters, some.parameters, t);
  for (std::size_t t = 0; t < run.steps; ++t) keep(run.gradients, some.gradients, t);
  return some;
}

/// Values are tried on so many coordinates before they are on all.
constexpr std::size_t searched_coordinates = 16;

/// Whether a number of the rule is tried at other values than the default; a learning rate is
/// fitted.
bool is_sought(const std::string& name, const Options& options) {
  return name != "learning_rate" && !options.numbers.contains(name);
}

const std::vector<double>& customary(const std::string& name) {
  static const std::vector<double> weights{0.9, 0.99, 0.999, 0.95, 0, 0.98, 0.5, 0.9999, 0.8};
  static const std::vector<double> epsilons{1e-8, 1e-7,  1e-6,  1e-10, 1e-5, 1e-4, 1e-3,
                                            0,    1e-12, 1e-11, 1e-9,  1e-2, 0.1,  1};
  return name == "epsilon" ? epsilons : weights;
}

/// What a convention makes of the run at the numbers that suit it best.
template <class Rule>
struct Attempt {
  Numbers<Rule> h;
  Outcome outcome;
  std::vector<std::string> estimated = {};  ///< names of the numbers that are not the default

  bool better_than(const Attempt& other) const {
    if (outcome.first.has_value() != other.outcome.first.has_value()) return !outcome.first;
    if (!outcome.first) return false;
    const auto rank = [](const Place& at) { return std::pair(at.step, -at.excess); };
    return rank(*outcome.first) > rank(*other.outcome.first);
  }
};

/// Looks for the numbers that are not given.
template <class Rule>
class Search {
 public:
  Search(const Numbers<Rule>& defaults, const Record& run, const Options& options)
      : run_(run),
        few_(some_coordinates(run, searched_coordinates)),
        best_{defaults, replayed<Rule>(defaults, run)} {
    rate_missing_ = !options.numbers.contains("learning_rate");
    for (const auto& [name, member] : Rule::hyperparameters)
      if (is_sought(name, options)) missing_.push_back(name);
  }

  Attempt<Rule> best() {
    if (!best_.outcome.first) return best_;
    try_at(best_.h, {});
    if (found()) return best_;
    customary_values(best_.h, 0, {});
    for (std::size_t i = 0; !found() && i < missing_.size(); ++i) refine(missing_[i]);
    return best_;
  }

 private:
  bool found() const { return !best_.outcome.first; }

  /// The numbers with the learning rate fitted, if that is missing and the few coordinates allow.
  std::optional<Numbers<Rule>> with_rate(Numbers<Rule> h, const Record& run) const {
    if (!rate_missing_) return h;
    const Rates rates = allowed_rates<Rule>(h, run);
    if (std::isinf(rates.high) || !(rates.high > 0)) return {};
    h.learning_rate =
        shortest_between(static_cast<double>(rates.low), static_cast<double>(rates.high));
    return h;
  }

  void try_at(const Numbers<Rule>& h, std::vector<std::string> changed) {
    const auto complete = with_rate(h, run_);
    if (!complete) return;
    if (rate_missing_) changed.push_back("learning_rate");
    const Attempt<Rule> attempt{*complete, replayed<Rule>(*complete, run_), changed};
    if (attempt.better_than(best_)) best_ = attempt;
  }

  bool fits_few(const Numbers<Rule>& h) const {
    return rate_missing_ ? allowed_rates<Rule>(h, few_).fit : !replayed<Rule>(h, few_).first;
  }

  /// All combinations of the customary values of what is missing, its default first.
  void customary_values(const Numbers<Rule>& h, std::size_t i,
                        const std::vector<std::string>& changed) {
    if (found()) return;
    if (i == missing_.size()) {
      if (fits_few(h)) try_at(h, changed);
      return;
    }
    customary_values(h, i + 1, changed);
    auto with_this = changed;
    with_this.push_back(missing_[i]);
    for (const double value : customary(missing_[i])) {
      Numbers<Rule> other = h;
      *number<Rule>(other, missing_[i]) = value;
      customary_values(other, i + 1, with_this);
    }
  }

  /// How far the few coordinates are from the run, at the learning rate that their beginning has.
  double misfit(const Numbers<Rule>& h) const {
    const auto complete = with_rate(h, few_);
    if (!complete) return std::numeric_limits<double>::infinity();
    return replayed<Rule>(*complete, few_, Extent::whole_run).worst.excess;
  }

  /// Seeks one number x on the scale of -log x, or of -log (1 - x) for a weight, first in steps,
  /// then by golden section about the best; then takes the shortest decimal near it that agrees.
  void refine(const std::string& name) {
    const bool weight = name != "epsilon";
    const auto at = [&](double scaled) {
      Numbers<Rule> h = best_.h;
      *number<Rule>(h, name) = weight ? -std::expm1(-scaled) : std::exp(-scaled);
      return h;
    };
    constexpr double step = 0.25, last_weight = 12, last_epsilon = 30;
    double best = 0, least = std::numeric_limits<double>::infinity();
    for (double scaled = step; scaled < (weight ? last_weight : last_epsilon); scaled += step)
      if (const double here = misfit(at(scaled)); here < least) least = here, best = scaled;
    if (best == 0) return;
    const double scaled =
        least_between(best - step, best + step, [&](double x) { return misfit(at(x)); });
    Numbers<Rule> h = at(scaled);
    const double value = *number<Rule>(h, name);
    for (int digits = 1; digits <= 17 && !found(); ++digits) {
      const double decimal = rounded(value, digits);
      *number<Rule>(h, name) = decimal;
      if (!(weight && decimal >= 1) && fits_few(h)) try_at(h, {name});
    }
  }

  const Record& run_;
  Record few_;
  Attempt<Rule> best_;
  bool rate_missing_;
  std::vector<std::string> missing_;
};

// --- telling two descriptions apart

/// Whether some step of the run is beyond both bounds for one of the two wherever it is within for
/// the other, or undefined (0 / 0) for one alone.
template <class Rule, class T>
bool told_apart(const Numbers<Rule>& a, const Numbers<Rule>& b, const Record& run) {
  Replay<Rule, AnyOrder<T>> first(a, run.coordinates), second(b, run.coordinates);
  std::vector<AnyOrder<T>> moved(run.coordinates);
  bool apart = false;
  for (std::size_t t = 1; t <= run.steps && !apart; ++t) {
    first.step(run, t, T{}, [&](std::size_t i, const auto& theta) { moved[i] = theta; });
    second.step(run, t, T{}, [&](std::size_t i, const auto& theta) {
      const bool far = std::fabs(moved[i].value - theta.value) > moved[i].radius + theta.radius;
      apart |= far || std::isnan(moved[i].value) != std::isnan(theta.value);
    });
  }
  return apart;
}

/// A run in double that shows every choice: gradients of all sizes about one's own epsilon, of both
/// signs, with zeros at the start and between.
Record probe() {
  Record run{true, 24, 32, {}, {}};
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (std::size_t t = 0; t <= run.steps; ++t)
    for (std::size_t i = 0; i < run.coordinates; ++i) run.parameters.push_back(unit(random));
  for (std::size_t t = 0; t < run.steps; ++t)
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const bool silent = i % 4 == 0 && (t < 2 || random() % 2 == 0);
      const double size = std::pow(10.0, double(i) / 2 - 13);
      run.gradients.push_back(silent ? 0 : size * unit(random));
    }
  return run;
}

/// Whether two descriptions are the same map, as far as a run in double that is made for it shows.
template <class Rule>
bool same_map(const Numbers<Rule>& a, const Numbers<Rule>& b) {
  static const Record run = probe();
  return !told_apart<Rule, double>(a, b, run);
}

Record with_gradients_times(Record run, double factor) {
  for (double& g : run.gradients)
    g = run.in_double ? g * factor : double{static_cast<float>(g * factor)};
  return run;
}

Record repeated(const Record& run, std::size_t times) {
  Record longer = run;
  longer.steps *= times;
  const auto again = [&](const std::vector<double>& from, std::vector<double>& to) {
    to.insert(to.end(), from.begin(), from.begin() + std::ptrdiff_t(run.steps * run.coordinates));
  };
  for (std::size_t i = 1; i < times; ++i) {
    again(run.parameters, longer.parameters);
    again(run.gradients, longer.gradients);
  }
  return longer;
}

/// The run that a description would make of the same gradients, from the same first parameters.
template <class Rule, class T>
Record run_by(const Numbers<Rule>& h, Record run) {
  Replay<Rule, AnyOrder<T>> replay(h, run.coordinates);
  for (std::size_t t = 1; t <= run.steps; ++t)
    replay.step(run, t, T{}, [&](std::size_t i, const auto& theta) {
      const std::size_t after = t * run.coordinates + i;
      run.parameters[after] = theta.bounded() ? double{static_cast<T>(theta.value)}
                                              : run.parameters[after - run.coordinates];
    });
  return run;
}

/// Whether a run by the first with the gradients given tells the two apart.
template <class Rule>
bool would_tell(const Numbers<Rule>& a, const Numbers<Rule>& b, const Record& gradients) {
  return gradients.in_double ? told_apart<Rule, double>(a, b, run_by<Rule, double>(a, gradients))
                             : told_apart<Rule, float>(a, b, run_by<Rule, float>(a, gradients));
}

/// What to change in a run that does not tell two descriptions apart.
template <class Rule>
std::string what_would_tell(const Numbers<Rule>& a, const Numbers<Rule>& b, const Record& run) {
  const Record few = some_coordinates(run, 32);
  if constexpr (requires { a.epsilon; })
    for (double factor = 10; factor < 1e10; factor *= 10) {
      Numbers<Rule> c = a, d = b;
      c.epsilon *= factor, d.epsilon *= factor;
      if (would_tell<Rule>(c, d, few))
        return text("the same gradients with an epsilon of ", shortest(c.epsilon),
                    c.epsilon == d.epsilon ? "" : " and " + shortest(d.epsilon), " would");
    }
  for (double factor = 0.1; factor > 1e-13; factor /= 10)
    if (would_tell<Rule>(a, b, with_gradients_times(few, factor)))
      return text("gradients ", 1 / factor, " times smaller would");
  for (const std::size_t times : {2, 10, 100})
    if (would_tell<Rule>(a, b, repeated(few, times)))
      return text(few.steps * times, " steps with the same gradients over again would");
  if (would_tell<Rule>(a, b, with_gradients_times(few, 0)))
    return "a coordinate whose first gradient is zero would";
  return "no variation of it that was tried would: larger epsilons, smaller gradients, more steps";
}

// --- the judgement

template <class Rule>
struct Candidate {
  std::string name;
  Attempt<Rule> attempt;
  std::optional<Habit> habit = {};
  std::string refusal = {};  ///< why the convention cannot take the numbers given

  bool consistent() const { return refusal.empty() && attempt.outcome.consistent(); }
  bool excluded() const { return refusal.empty() && attempt.outcome.first; }
};

template <class Rule>
Candidate<Rule> judged(const fast::Convention<Numbers<Rule>>& convention, const Record& run,
                       const Options& options) {
  const auto h = with_options<Rule>(convention.hyperparameters, options);
  Candidate<Rule> candidate{std::string(convention.name), {h, {}}};
  try {
    candidate.attempt = Search<Rule>(h, run, options).best();
  } catch (const std::invalid_argument& error) {
    candidate.refusal = error.what();
  }
  return candidate;
}

template <class Rule>
void excuse_by_habit(Candidate<Rule>& candidate, const Record& run) {
  if (!candidate.excluded()) return;
  if (const auto found = habit_of<Rule>(candidate.attempt.h, run)) {
    candidate.habit = found->first;
    candidate.attempt.outcome = found->second;
  }
}

/// work(i) for i < count, on all processors.
template <class Work>
void in_parallel(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto worker = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::min<std::size_t>(std::thread::hardware_concurrency(), count); ++i)
    threads.emplace_back(worker);
  worker();
}

template <class Rule>
std::vector<std::string> names(const std::vector<const Candidate<Rule>*>& candidates) {
  std::vector<std::string> all;
  for (const auto* candidate : candidates) all.push_back(candidate->name);
  return all;
}

template <class Rule>
using Maps = std::vector<std::vector<const Candidate<Rule>*>>;

/// The consistent candidates, those of one map together.
template <class Rule>
Maps<Rule> maps_of(const std::vector<Candidate<Rule>>& candidates) {
  Maps<Rule> maps;
  for (const auto& candidate : candidates) {
    if (!candidate.consistent()) continue;
    const auto known = std::find_if(maps.begin(), maps.end(), [&](const auto& map) {
      return same_map<Rule>(map.front()->attempt.h, candidate.attempt.h);
    });
    (known == maps.end() ? maps.emplace_back() : *known).push_back(&candidate);
  }
  return maps;
}

/// Adds the names of candidates that a finding is about, one finding for all of them.
void add(std::vector<Finding>& findings, const std::string& kind, const std::string& detail,
         const std::string& name) {
  for (auto& finding : findings)
    if (finding.kind == kind && finding.detail.starts_with(detail + " (")) {
      finding.detail.insert(finding.detail.size() - 1, ", " + name);
      return;
    }
  findings.push_back({kind, text(detail, " (", name, ")")});
}

/// The customary values of a number, other than the one taken, that some coordinates allow as well.
template <class Rule>
std::vector<std::string> alternatives(const Numbers<Rule>& h, const std::string& name,
                                      const Record& few) {
  std::vector<std::string> others;
  for (const double value : customary(name)) {
    Numbers<Rule> other = h;
    double& at = *number<Rule>(other, name);
    if (at == value) continue;
    at = value;
    if (!replayed<Rule>(other, few).first) others.push_back(shortest(value));
  }
  return others;
}

template <class Rule>
void add_undetermined(std::vector<Finding>& findings,
                      const std::vector<Candidate<Rule>>& candidates, const Record& run,
                      const Options& options) {
  const Record few = some_coordinates(run, searched_coordinates);
  for (const auto& each : candidates)
    for (const auto& [name, member] : Rule::hyperparameters) {
      if (!each.consistent() || each.habit || !is_sought(name, options)) continue;
      if (const auto others = alternatives<Rule>(each.attempt.h, name, few); !others.empty())
        add(findings, "undetermined",
            text(name, " may be ", shortest(each.attempt.h.*member), " or ", joined(others)),
            each.name);
    }
}

/// The switch of a rule that no convention has on: its member and its option.
template <class Rule>
auto switch_of(Numbers<Rule>& h) {
  if constexpr (requires { h.amsgrad; })
    return std::pair(&h.amsgrad, "--amsgrad");
  else if constexpr (requires { h.centered; })
    return std::pair(&h.centered, "--centered");
  else
    return std::pair(static_cast<bool*>(nullptr), "");
}

/// Names the conventions that the rule's switch would make consistent.
template <class Rule>
void add_flag(std::vector<Finding>& findings, const std::vector<Candidate<Rule>>& candidates,
              const Record& run) {
  std::vector<std::string> fitting;
  const char* option = "";
  for (const auto& each : candidates) {
    auto h = each.attempt.h;
    const auto [on, name] = switch_of<Rule>(h);
    if (!each.excluded() || !on || *on) continue;
    *on = true;
    option = name;
    try {
      if (replayed<Rule>(h, run).consistent()) fitting.push_back(each.name);
    } catch (const std::invalid_argument&) {
      continue;  // the convention has no such switch
    }
  }
  if (!fitting.empty())
    findings.push_back({"flag", text(option, " would make ", joined(fitting), " consistent")});
}

template <class Rule>
std::vector<Finding> findings(const std::vector<Candidate<Rule>>& candidates,
                              const Maps<Rule>& maps, const Record& run, const Options& options) {
  std::vector<Finding> all;
  for (const auto& each : candidates) {
    auto h = each.attempt.h;
    if (each.consistent())
      for (const auto& name : each.attempt.estimated)
        add(all, "estimated", text(name, " = ", shortest(*number<Rule>(h, name))), each.name);
    if (each.consistent() && each.habit) add(all, each.habit->kind, each.habit->detail, each.name);
    if (each.consistent() && each.attempt.outcome.unclaimed > 0)
      add(all, "no_claim",
          text(each.attempt.outcome.unclaimed, " of ", run.steps * run.coordinates,
               " steps of a coordinate have no bound, 0 / 0 for instance"),
          each.name);
    if (!each.refusal.empty()) add(all, "not_applicable", each.refusal, each.name);
    if (each.refusal.empty() && !each.excluded() && !each.consistent())
      add(all, "no_teeth", "no step moves by more than its bound", each.name);
  }
  for (std::size_t i = 1; i < maps.size(); ++i)
    all.push_back(
        {"indistinguishable",
         text("this run cannot tell ", maps[0].front()->name, " from ", maps[i].front()->name, "; ",
              what_would_tell<Rule>(maps[0].front()->attempt.h, maps[i].front()->attempt.h, run))});
  add_undetermined<Rule>(all, candidates, run, options);
  if (maps.empty()) add_flag<Rule>(all, candidates, run);
  const bool looks_ahead = std::any_of(maps.begin(), maps.end(), [](const auto& map) {
    const auto& h = map.front()->attempt.h;
    if constexpr (requires { h.nesterov; })
      return h.nesterov == fast::NesterovForm::look_ahead;
    else
      return std::is_same_v<Rule, rules::Momentum>;
  });
  if (looks_ahead)
    all.push_back({"look_ahead",
                   "no record tells momentum from NAG whose gradients were taken at the look-ahead "
                   "point: given the gradients, they are one map"});
  return all;
}

/// The candidate with the fewest steps outside its bound, over the whole run.
template <class Rule>
std::string nearest(const std::vector<Candidate<Rule>>& candidates, const Record& run) {
  std::vector<Outcome> outcomes(candidates.size());
  in_parallel(candidates.size(), [&](std::size_t i) {
    if (candidates[i].excluded())
      outcomes[i] = replayed<Rule>(candidates[i].attempt.h, run, Extent::whole_run);
  });
  std::size_t best = candidates.size();
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (candidates[i].excluded() &&
        (best == candidates.size() || outcomes[i].failures < outcomes[best].failures))
      best = i;
  const Place first = *outcomes[best].first;
  return text("nearest is ", candidates[best].name, ", which breaks first at step ", first.step,
              ", coordinate ", first.coordinate, ", by ", first.excess, " times the bound; ",
              outcomes[best].failures, " of ", run.steps * run.coordinates,
              " steps of a coordinate break it");
}

template <class Rule>
std::string verdict(const std::vector<Candidate<Rule>>& candidates, const Maps<Rule>& maps,
                    const Record& run) {
  if (maps.empty())
    return text("no convention of ", Rule::name, " fits: ", nearest<Rule>(candidates, run));
  std::string all = text(Rule::name, " as in ", joined(names<Rule>(maps[0])));
  for (std::size_t i = 1; i < maps.size(); ++i)
    all += text("; or as in ", joined(names<Rule>(maps[i])));
  return all + (maps.size() > 1 ? ": the run cannot tell them apart" : "");
}

template <class Rule>
Report report(const Record& run, const Options& options) {
  const auto& conventions = fast::conventions_of<Numbers<Rule>>;
  with_options<Rule>({}, options);
  std::vector<Candidate<Rule>> candidates(conventions.size());
  in_parallel(conventions.size(),
              [&](std::size_t i) { candidates[i] = judged<Rule>(conventions[i], run, options); });
  // A convention without habits is the simpler reading, and some habits would excuse its rivals.
  if (std::none_of(candidates.begin(), candidates.end(),
                   [](const auto& each) { return each.consistent(); }))
    in_parallel(candidates.size(),
                [&](std::size_t i) { excuse_by_habit<Rule>(candidates[i], run); });

  Report all{Rule::name, run.steps, run.coordinates, {}, {}, {}, {}};
  for (const auto& each : candidates) {
    const auto& outcome = each.attempt.outcome;
    const auto numbers = shown<Rule>(each.attempt.h);
    if (each.consistent()) all.consistent.push_back({each.name, numbers, outcome.worst});
    if (each.excluded()) all.excluded.push_back({each.name, numbers, *outcome.first});
  }
  if (all.consistent.empty() && all.excluded.empty())
    throw std::invalid_argument(
        !candidates[0].refusal.empty()
            ? candidates[0].refusal
            : text(Rule::name, ": no step of the run moves by more than rounding may"));
  const auto maps = maps_of<Rule>(candidates);
  all.findings = findings<Rule>(candidates, maps, run, options);
  all.verdict = verdict<Rule>(candidates, maps, run);
  return all;
}

void require_finite(const Matrix& matrix, const std::string& name) {
  for (std::size_t i = 0; i < matrix.values.size(); ++i)
    if (!std::isfinite(matrix.values[i]))
      throw std::invalid_argument(text(name, ": row ", i / matrix.columns, ", column ",
                                       i % matrix.columns, " is ", matrix.values[i]));
}

}  // namespace

std::string shortest(double x) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), x);
  return {digits.begin(), end.ptr};
}

double shortest_between(double low, double high) {
  const double middle = low + (high - low) / 2;
  for (int digits = 1; digits <= 17; ++digits)
    if (const double value = rounded(middle, digits); low <= value && value <= high) return value;
  return middle;
}

Record record(const Matrix& parameters, const Matrix& gradients, const std::string& parameters_name,
              const std::string& gradients_name) {
  const auto shape = [](const Matrix& m) { return text(m.rows, " x ", m.columns); };
  if (parameters.in_double != gradients.in_double)
    throw std::invalid_argument(
        text(gradients_name, ": has another number type than ", parameters_name));
  if (gradients.rows == 0 || gradients.columns == 0)
    throw std::invalid_argument(text(gradients_name, ": holds no gradient"));
  if (parameters.columns != gradients.columns || parameters.rows != gradients.rows + 1)
    throw std::invalid_argument(text(parameters_name, ": is ", shape(parameters), ", where ",
                                     gradients_name, " (", shape(gradients), ") asks for ",
                                     gradients.rows + 1, " x ", gradients.columns));
  require_finite(parameters, parameters_name);
  require_finite(gradients, gradients_name);
  return {parameters.in_double, gradients.rows, gradients.columns, parameters.values,
          gradients.values};
}

Report identify(const std::string& rule, const Record& run, const Options& options) {
  std::optional<Report> found;
  std::vector<std::string> known;
  std::apply(
      [&](auto... each) {
        ((known.push_back(each.name),
          rule == each.name ? void(found = report<decltype(each)>(run, options)) : void()),
         ...);
      },
      rules::All{});
  if (!found)
    throw std::invalid_argument(text("rule = ", rule, " is not one of {", joined(known), "}"));
  return *found;
}

}  // namespace truestep::identify
