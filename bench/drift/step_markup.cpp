// SPDX-License-Identifier: Apache-2.0
#include "step_markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "picture.hpp"
#include "matrix.hpp"
#include "report.hpp"
#include "runs/escaped.hpp"

namespace truestep::drift {
namespace {

/// Each operation in a span of its own.
class Marked : public Spelling {
 public:
  Marked(const SpelledStep& step, std::string prefix)
      : Spelling(step), prefix_(std::move(prefix)) {}

 protected:
  std::string marked(std::size_t operation, const std::string& text) const override {
    return fmt::format("<span id=\"{}-{}\">{}</span>", prefix_, operation, text);
  }

 private:
  std::string prefix_;
};

/// What follows a beginning, up to the format; none where the source begins otherwise.
std::optional<std::string> after(const std::string& source, std::string_view beginning) {
  if (!source.starts_with(beginning)) return {};
  return source.substr(beginning.size(), source.rfind(" in ") - beginning.size());
}

std::string format_of(const std::string& source) { return source.substr(source.rfind(" in ") + 4); }

/// The quantity that a source stores.
std::optional<std::string> stored_by(const std::string& source) {
  auto found = after(source, "storing scaled ");
  if (!found) found = after(source, "storing the ");
  return found ? found : after(source, "storing ");
}

/// The part of a name on the page that tells where in a step a source is; "" where it is in no
/// line.
std::string place_of(const SpelledStep& step, const std::string& source) {
  if (const auto operation = step.operation(source)) return fmt::format("-{}", *operation);
  const auto quantity = stored_by(source);
  for (std::size_t i = 0; quantity && i < step.lines.size(); ++i)
    if (step.lines[i].quantity == *quantity) return fmt::format("-q{}", i);
  return "";
}

std::string link(const std::string& id, const std::string& text) {
  return fmt::format("<a href=\"#{}\">{}</a>", id, escaped(text));
}

}  // namespace

StepMarkup::StepMarkup(const Run& run, std::size_t number) : run_(run), number_(number) {
  for (const Reading& reading : run.readings)
    if (reading.step && std::find(steps_.begin(), steps_.end(), reading.step) == steps_.end())
      steps_.push_back(reading.step);
}

std::string StepMarkup::prefix_of(const Reading& reading) const {
  const auto at = std::find(steps_.begin(), steps_.end(), reading.step);
  if (at == steps_.end()) return "";
  return fmt::format("run-{}-step-{}", number_, at - steps_.begin());
}

std::string StepMarkup::id_of(const Reading& reading, const std::string& source) const {
  const auto prefix = prefix_of(reading);
  if (prefix.empty()) return "";
  // What all steps read stands above them.
  if (source.starts_with("reading ")) return fmt::format("run-{}-g", number_);
  if (const auto name = after(source, "coefficient "))
    return fmt::format("run-{}-c-{}", number_, *name);
  const auto place = place_of(*reading.step, source);
  return place.empty() ? "" : prefix + place;
}

std::string StepMarkup::words_of(const Reading& reading, const std::string& source) const {
  const auto id = id_of(reading, source);
  if (id.empty()) return escaped(source);
  if (const auto operation = reading.step->operation(source)) {
    const auto formula = Spelling(*reading.step).of(*operation);
    const auto words = reading.step->words_of(*operation);
    return link(id, formula) + escaped(words.substr(formula.size()));
  }
  if (source.starts_with("reading "))
    return link(id, "g") + ", the gradient, as it is read in " + escaped(format_of(source));
  if (const auto name = after(source, "coefficient "))
    return link(id, *name) + ", a coefficient, in " + escaped(format_of(source));
  return fmt::format("{}{} as it is stored in {}", link(id, *stored_by(source)),
                     source.starts_with("storing scaled ") ? ", scaled," : "",
                     escaped(format_of(source)));
}

std::string StepMarkup::shares_in_words(const Reading& reading) const {
  std::string rows;
  const double drift = reading.series.front().attribution.drift;
  for (const auto& [source, contribution] : shown_shares(reading))
    rows += fmt::format("<tr><td>{:.3g} %</td><td>{}</td></tr>\n", 100 * contribution / drift,
                        words_of(reading, source));
  return rows.empty() ? "" : "<table class=\"words\"><tbody>\n" + rows + "</tbody></table>";
}

std::string StepMarkup::lines_of(std::size_t number) const {
  const SpelledStep& step = *steps_[number];
  const auto prefix = fmt::format("run-{}-step-{}", number_, number);
  const Marked spelling(step, prefix);
  std::string text = "<dl class=\"step\">\n";
  for (std::size_t line = 0; line < step.lines.size(); ++line)
    text += fmt::format("<dt id=\"{0}-q{1}\">{2}</dt><dd>= {3}</dd>\n", prefix, line,
                        spelling.left(line), spelling.right(line));
  return text + "</dl>\n";
}

std::string StepMarkup::section() const {
  if (steps_.empty()) return "";
  std::string text = fmt::format(
      "<h3>The step, as it is computed</h3>\n<p class=\"quiet\">Each operation rounds once; "
      "a * b + c and (1 - w) * m are one each. What is kept has a prime after the step; "
      "coefficients are those of the last one, exactly. <code>truestep rules {} {}</code> prints "
      "the convention's formula.</p>\n",
      run_.rule, escaped(run_.typed));
  text += fmt::format(
      "<dl class=\"step\"><dt id=\"run-{}-g\">g</dt><dd>the gradient, as it is read</dd>\n",
      number_);
  for (const auto& [name, value] : steps_.front()->coefficients)
    text += fmt::format("<dt id=\"run-{}-c-{}\">{}</dt><dd>{}</dd>\n", number_, name, name,
                        data(value));
  text += "</dl>\n";
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const bool compensates = std::find(steps_[i]->kept.begin(), steps_[i]->kept.end(),
                                       "compensation") != steps_[i]->kept.end();
    if (steps_.size() > 1)
      text += fmt::format(
          "<p class=\"quiet\">{}</p>\n",
          compensates ? "Where what is lost is kept beside theta:" : "Without a compensation:");
    text += lines_of(i);
  }
  return text;
}

}  // namespace truestep::drift
