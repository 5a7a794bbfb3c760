// SPDX-License-Identifier: Apache-2.0

// The command line as its user meets it: one grammar for all commands, one table of exit statuses,
// errors that look alike, and text that fits the terminal.

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "exit_status.hpp"
#include "runs/typed.hpp"

namespace truestep {
namespace {

using nlohmann::json;
namespace files = std::filesystem;

struct Ended {
  int status;
  std::string output, errors;
};

files::path scratch() {
  static const files::path folder = [] {
    const auto made = files::temp_directory_path() /
                      fmt::format("truestep_cli_tests.{}", static_cast<long>(getpid()));
    files::create_directories(made);
    return made;
  }();
  return folder;
}

class RemovesScratch : public testing::Environment {
  void TearDown() override { files::remove_all(scratch()); }
};
const auto* const removes_scratch = testing::AddGlobalTestEnvironment(new RemovesScratch);

std::string contents(const files::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a shell says of a line in which $T is the program.
Ended shell(const std::string& line, const std::string& environment = "") {
  const auto out = scratch() / "out", err = scratch() / "err";
  const std::string command = fmt::format("T='{}'; {} {{ {}\n}} >{} 2>{}", TRUESTEP_PROGRAM,
                                          environment, line, out.string(), err.string());
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out), contents(err)};
}

Ended run(const std::string& arguments) { return shell("\"$T\" " + arguments); }

void write_npy(const files::path& path, std::size_t rows, std::size_t columns,
               const std::vector<double>& values) {
  std::string header =
      fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() & 255)
       << static_cast<char>(header.size() >> 8) << header;
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(double)));
}

/// Two steps of three coordinates that no rule makes: "--params FILE --grads FILE".
std::string small_run() {
  static const std::string options = [] {
    const auto params = scratch() / "params.npy", grads = scratch() / "grads.npy";
    write_npy(params, 3, 3, {1, 2, 3, 1.5, 2.5, 3.5, 7, 8, 9});
    write_npy(grads, 2, 3, {0.5, -1, 2, 0.25, 1, -3});
    return fmt::format("--params {} --grads {}", params.string(), grads.string());
  }();
  return options;
}

std::string trace(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return "--params " + folder + "/params.npy --grads " + folder + "/grads.npy";
}

const std::string torch_numbers = "--learning-rate 1e-3 --beta1 0.9 --beta2 0.999 --epsilon 1e-8";

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

const std::vector<std::string> commands{"audit", "rules", "compare", "identify"};

// --- old lines go on working

TEST(Grammar, LinesOfBeforeGoOnWorking) {
  const std::string csv = (scratch() / "f.csv").string();
  for (const std::string& line : std::vector<std::string>{
           "rules",
           "rules adam",
           "rules adam --convention keras3",
           "rules adam --convention onnx,epsilon_frame=after_correction",
           "rules --json",
           "rules rmsprop --json",
           "rules adam --convention pytorch,epsilon=1e-3,amsgrad=true --json",
           "compare rmsprop pytorch pytorch,epsilon_place=inside --steps 2",
           "compare adam pytorch pytorch,epsilon_frame=before_correction --steps 1 --csv",
           "compare adam seed jax --workload constant --steps 2 --json",
           "compare adam pytorch keras3 --both epsilon=1e-3,amsgrad=true --steps 1",
           "compare momentum pytorch mlx --learning-rate 0.1 --momentum 0.5 --dampening 0.1 "
           "--weight-decay 0.1 --workload constant --steps 1",
           "compare rmsprop pytorch optax --rho 0.8 --epsilon 1e-3 --workload sparse --steps 1",
           "compare adam pytorch mlx --beta1 0.8 --beta2 0.9 --workload quadratic --steps 1",
           "compare adam pytorch keras3 " + small_run(),
           "identify " + trace("torch-adam") + " --rule adam " + torch_numbers,
           "identify " + trace("torch-adam") + " --rule adam " + torch_numbers + " --json",
           "audit --rule adam --workload constant --steps 2",
           "audit --rule adam --convention pytorch --format bfloat16 " + small_run(),
           "audit --rule nag --learning-rate 0.1 --momentum 0.5 --workload constant --steps 1 "
           "--closed-loop",
           "audit --workload constant --workload sparse --rule rmsprop --steps 1 --json",
           "audit --rule momentum --workload constant --steps 1 --format fp16 --format "
           "11:-14:15:flush --parameter-format float --state-format double --gradient-format tf32 "
           "--coefficient-format float --counter-format fp8-e4m3 --arithmetic-format double "
           "--master-weights double --kahan --rounding stochastic --seed 3 --saturate",
           "audit --rule adam --epsilon-root 0 --beta1-decay 0.5 --workload constant --steps 1",
           "audit --rule adam --workload constant --steps 1 --csv " + csv}) {
    const auto ended = run(line);
    EXPECT_EQ(ended.status, yes) << line << "\n" << ended.errors;
    EXPECT_EQ(ended.errors, "") << line;
  }
}

TEST(Grammar, CsvHeadersAreThoseOfBefore) {
  const auto begins = [](const std::string& line, const std::string& header) {
    const auto output = run(line).output;
    EXPECT_TRUE(output.starts_with(header)) << line << "\n" << output.substr(0, header.size());
  };
  begins("compare adam pytorch keras3 --steps 1 --csv",
         "quantity,step,apart_absolute_largest,apart_absolute_median,apart_relative_largest,"
         "apart_relative_median,apart_ulp_largest,apart_ulp_median,rounding_absolute_largest,"
         "rounding_absolute_median,rounding_relative_largest,rounding_relative_median,"
         "rounding_ulp_largest,rounding_ulp_median\n");
  begins("audit adam --workload constant --steps 1 --csv",
         "rule,workload,loop,setup,quantity,step,largest_ulp,mean_ulp,median_ulp,quantile_90_ulp,"
         "quantile_99_ulp,largest_relative,mean_relative,median_relative,quantile_90_relative,"
         "quantile_99_relative,mean_absolute,rounding_ulp,coefficients_ulp,radius_ulp,"
         "error_over_radius,theorem_absolute,error_over_theorem\n");
}

// --- one grammar

/// The same but for the line that reruns it.
std::string without_rerun(const std::string& output) {
  return output.substr(0, output.find("Rerun:"));
}

TEST(Grammar, OperandsAndOptionsAreOne) {
  const std::string run_of_torch = trace("torch-adam") + " " + torch_numbers;
  for (const auto& lines : std::vector<std::vector<std::string>>{
           {"rules adam keras3", "rules --rule adam --convention keras3",
            "rules adam --convention keras3", "rules --rule=ADAM Keras3"},
           {"rules adam pytorch,epsilon=1e-3", "rules adam pytorch --epsilon 1e-3",
            "rules Adam torch --eps 1E-3", "rules adam torch,EPS=1e-3"},
           {"rules adam torch7 --learning-rate 0.5 --amsgrad",
            "rules adam torch7 --lr 0.5 --amsgrad=true",
            "rules adam torch7 --Learning_Rate=0.5 --amsgrad",
            "rules adam torch7,lr=0.5,amsgrad=true"},
           {"audit adam pytorch --workload constant --steps 2",
            "audit --rule adam --convention pytorch --workload constant --steps 2",
            "audit --steps 2 --workload constant adam torch"},
           {"audit adam --workload constant --steps 2 --format bfloat16",
            "audit adam --workload constant --steps 2 --format BF16"},
           {"compare adam pytorch keras3 --workload constant --steps 2",
            "compare --rule adam pytorch --workload constant --steps 2 keras3",
            "compare adam torch KERAS3 --workload constant --steps 2"},
           {"identify adam " + run_of_torch, "identify --rule adam " + run_of_torch,
            "identify " + run_of_torch + " ADAM"}})
    for (const auto& line : lines) {
      const auto first = run(lines.front()), ended = run(line);
      EXPECT_EQ(ended.status, yes) << line << "\n" << ended.errors;
      if (line.starts_with("compare")) continue;  // which name conventions as they are typed
      EXPECT_EQ(without_rerun(ended.output), without_rerun(first.output)) << line;
    }
}

TEST(Grammar, ComparesAnyNumberOfConventions) {
  const std::string line =
      "compare adam pytorch keras3 mlx,beta1=0.5 --workload constant --steps 2";
  const auto all = json::parse(run(line + " --json").output);
  ASSERT_EQ(all["comparisons"].size(), 2u);
  EXPECT_EQ(all["comparisons"][1]["first"], "pytorch");
  EXPECT_EQ(all["comparisons"][1]["second"], "mlx,beta1=0.5");
  const auto two =
      json::parse(run("compare adam pytorch keras3 --workload constant --steps 2 --json").output);
  EXPECT_EQ(two["quantities"], all["comparisons"][0]["quantities"]);
  const auto csv = run(line + " --csv").output;
  EXPECT_TRUE(csv.starts_with("second,quantity,step,")) << csv;
  EXPECT_TRUE(mentions(csv, "\n\"mlx,beta1=0.5\",theta,1,")) << csv;
}

TEST(Grammar, IdentifyJudgesTheConventionsThatItIsAskedAbout) {
  const auto judged = [](const std::string& conventions) {
    return run("identify adam " + conventions + " " + trace("torch-adam") + " " + torch_numbers +
               " --json");
  };
  EXPECT_EQ(judged("pytorch").status, yes);
  EXPECT_EQ(judged("keras3 mlx").status, no);
  const auto all = json::parse(judged("keras3 mlx,corrects_m=true,corrects_v=true").output);
  EXPECT_EQ(all["consistent"], json::array({"mlx,corrects_m=true,corrects_v=true"}));
  EXPECT_EQ(all["excluded"].size(), 1u);
}

/// A value of a member that is not the convention's, and the first convention that can have it.
template <class Rule, class Type>
std::pair<std::string, std::string> another_value(
    const rules::Named<typename Rule::Hyperparameters, Type>& named) {
  using Hyperparameters = typename Rule::Hyperparameters;
  std::vector<Type> values;
  if constexpr (std::is_same_v<Type, double>)
    values = {0.5};
  else if constexpr (std::is_same_v<Type, std::uint64_t>)
    values = {0, 1};
  else
    for (std::size_t i = 0; i < settings::words(Type()).values.size(); ++i)
      values.push_back(static_cast<Type>(i));
  for (const auto& convention : fast::conventions_of<Hyperparameters>)
    for (const Type& value : values) {
      if (convention.hyperparameters.*named.member == value) continue;
      try {
        settings::described<Rule>({std::string(convention.name), {{named.name, value}}});
        return {std::string(convention.name), settings::text(value)};
      } catch (const std::invalid_argument&) {
        continue;
      }
    }
  return {};
}

/// Calls call(rule, name, is_flag, convention, value) for every member of every rule.
template <class Call>
void for_each_field(Call call) {
  settings::for_each_rule([&]<class Rule>(Rule) {
    using H = typename Rule::Hyperparameters;
    settings::for_each_member<H>([&]<class Type>(const rules::Named<H, Type>& named) {
      const auto [convention, value] = another_value<Rule, Type>(named);
      ASSERT_NE(convention, "") << Rule::name << " " << named.name;
      std::string option = std::string("--") + named.name + "=" + value;
      std::replace(option.begin(), option.begin() + static_cast<long>(option.find('=')), '_', '-');
      call(std::string(Rule::name), std::string(named.name), convention, value, option);
    });
  });
}

/// Whether a convention of the rule can be audited with the option. Not each can: an audit is
/// compiled for some forms of a rule.
bool is_audited(const std::string& rule, const std::string& option) {
  bool found = false;
  settings::with_rule(rule, [&]<class Rule>(Rule) {
    for (const auto& name : settings::convention_names<typename Rule::Hyperparameters>())
      found = found ||
              run(fmt::format("audit {} {} {} {}", rule, name, option, small_run())).status == yes;
  });
  return found;
}

TEST(Grammar, EveryFieldOfEveryRuleIsReachedInEveryCommand) {
  for_each_field([](const std::string& rule, const std::string& name, const std::string& convention,
                    const std::string& value, const std::string& option) {
    const std::string operands = fmt::format(" {} {} ", rule, convention);
    const auto rules = run("rules" + operands + option + " --json");
    ASSERT_EQ(rules.status, yes) << rule << " " << option << " " << rules.errors;
    const auto shown = json::parse(rules.output)["hyperparameters"][name];
    EXPECT_EQ(shown.is_string() ? std::string(shown) : shown.dump(), value) << rule << " " << name;

    const auto compare =
        run("compare" + operands + convention + " " + option + " --json " + small_run());
    ASSERT_EQ(compare.status, yes) << rule << " " << option << " " << compare.errors;
    EXPECT_EQ(json::parse(compare.output)["both"], name + "=" + value);

    const auto identify = run("identify" + operands + option + " --json " + small_run());
    EXPECT_TRUE(identify.status == no || identify.status == undetermined)
        << rule << " " << option << " " << identify.errors;

    EXPECT_TRUE(is_audited(rule, option)) << rule << " " << option;
  });
}

TEST(Grammar, OneNameHasOneTypeInAllRules) {
  std::map<std::string, std::size_t> types;
  settings::for_each_rule([&]<class Rule>(Rule) {
    using H = typename Rule::Hyperparameters;
    settings::for_each_member<H>([&]<class Type>(const rules::Named<H, Type>& named) {
      const auto index = settings::Value(Type()).index();
      EXPECT_EQ(types.emplace(named.name, index).first->second, index) << named.name;
    });
  });
}

TEST(Grammar, AliasesSayWhatTheyAreHere) {
  for (const std::string& line : std::vector<std::string>{
           "rules adamw", "rules adamw pytorch", "audit adamw --workload constant --steps 1",
           "compare adamw pytorch keras3 --workload constant --steps 1",
           "identify AdamW " + trace("torch-adam") + " " + torch_numbers}) {
    const auto ended = run(line);
    EXPECT_EQ(ended.status, yes) << line << "\n" << ended.errors;
    EXPECT_TRUE(mentions(ended.output, "adamw is adam here")) << line << "\n" << ended.output;
    const auto bare = run(line + " --json");
    EXPECT_TRUE(mentions(std::string(json::parse(bare.output)["note"]), "decoupled")) << line;
  }
  EXPECT_EQ(json::parse(run("rules sgd --json").output)["rules"][0]["rule"], "momentum");
  EXPECT_EQ(json::parse(run("rules nesterov --json").output)["rules"][0]["rule"], "nag");
  EXPECT_EQ(
      json::parse(run("rules adamw torch --json").output)["hyperparameters"]["weight_decay_place"],
      "decoupled");
}

// --- errors

TEST(Errors, AGivenTwiceIsNamed) {
  for (const auto& [line, complaint] : std::vector<std::pair<std::string, std::string>>{
           {"rules adam nag", "rules: rule is given twice: adam, then nag"},
           {"rules adam --rule nag", "rules: rule is given twice: nag, then adam"},
           {"audit --rule adam --rule nag", "audit: rule is given twice: adam, then nag"},
           {"identify --rule adam --rule adam " + small_run(),
            "identify: rule is given twice: adam, then adam"},
           {"rules adam pytorch keras3",
            "rules: convention is given twice: pytorch, then keras3; truestep compare takes "
            "several"},
           {"audit adam --convention pytorch torch7",
            "audit: convention is given twice: torch7, then pytorch; truestep compare takes "
            "several"},
           {"rules adam pytorch,epsilon=1,eps=2", "rules: epsilon is given twice: 1, then 2"},
           {"rules adam pytorch,epsilon=1 --epsilon 2", "rules: epsilon is given twice: 1, then 2"},
           {"compare adam pytorch keras3 --both beta1=0.5 --beta1 0.6",
            "compare: beta1 is given twice: 0.5, then 0.6"},
           {"audit adam --lr 1 --learning-rate 2",
            "audit: learning-rate is given twice: 1, then 2"},
           {"audit --steps 1 --steps=2", "audit: steps is given twice: 1, then 2"},
           {"identify adam --json --json " + small_run(), "identify: json is given twice"},
           {"audit --format fp16 --format FP16", "audit: format fp16 is given twice"},
           {"audit --format bf16 --format bfloat16", "audit: format bfloat16 is given twice"},
           {"audit --workload constant --workload Constant",
            "audit: workload constant is given twice"},
           {"rules adamw --weight-decay-place gradient",
            "rules: weight_decay_place is given twice: gradient, then decoupled"}}) {
    const auto ended = run(line);
    EXPECT_EQ(ended.status, bad_usage) << line;
    EXPECT_EQ(ended.errors, complaint + "\n") << line;
    EXPECT_EQ(ended.output, "") << line;
  }
}

TEST(Errors, SuggestWhatWasMeant) {
  for (const auto& [line, question] : std::vector<std::pair<std::string, std::string>>{
           {"audti",
            "truestep: command = audti is not one of {audit, rules, compare, identify}: "
            "did you mean audit?"},
           {"rules adm", "did you mean adam?"},
           {"rules adam pytroch", "did you mean pytorch?"},
           {"rules adam keras", "did you mean keras2 or keras3?"},
           {"rules adam pytorch,epsilom=1", "did you mean epsilon?"},
           {"compare adam pytorch keras3 --epsilom 1",
            "compare: --epsilom is not an option of compare: did you mean --epsilon?"},
           {"compare adam pytorch keras3 --workload netwrok", "did you mean network?"},
           {"audit --format bflaot16", "did you mean bfloat16?"},
           {"audit --rounding stochastc", "did you mean stochastic?"},
           {"identify adam --epsilon-frame after " + small_run(),
            "did you mean after_correction?"}}) {
    const auto ended = run(line);
    EXPECT_EQ(ended.status, bad_usage) << line;
    EXPECT_TRUE(mentions(ended.errors, question)) << line << "\n" << ended.errors;
  }
}

TEST(Errors, NameTheParameterItsValueAndTheRangeInEveryCommand) {
  const std::map<std::string, std::string> rest{{"rules", "adam pytorch"},
                                                {"compare", "adam pytorch keras3"},
                                                {"identify", "adam " + small_run()},
                                                {"audit", "adam"}};
  for (const auto& [command, operands] : rest)
    for (const auto& [option, complaint] : std::vector<std::pair<std::string, std::string>>{
             {"--beta2 1", "adam: beta2 = 1 is outside [0, 1)"},
             {"--learning-rate 1e30", "adam: learning_rate = 1e+30 is outside [0, 2^64]"},
             {"--epsilon=-1", "adam: epsilon = -1 is outside [0, 2^64]"},
             {"--beta1 x", "beta1 = x is not a number"},
             {"--weight-decay-place here",
              "weight_decay_place = here is not one of {none, gradient, decoupled, "
              "accumulator}"}}) {
      const auto ended = run(fmt::format("{} {} {}", command, operands, option));
      EXPECT_EQ(ended.status, bad_usage) << command << " " << option;
      EXPECT_EQ(ended.errors, command + ": " + complaint + "\n");
    }
  EXPECT_EQ(run("audit --steps").errors, "audit: --steps lacks its value, N\n");
  EXPECT_EQ(run("rules adam --amsgrad=maybe").errors,
            "rules: amsgrad = maybe is not one of {false, true}\n");
  EXPECT_TRUE(mentions(run("audit nag --beta1 0.5").errors, "audit: nag: beta1 is not one of {"));
}

// --- exit statuses

/// Where no step moves at all.
std::string still_run() {
  const auto params = scratch() / "still.npy", grads = scratch() / "zeros.npy";
  write_npy(params, 3, 2, {1, 1, 1, 1, 1, 1});
  write_npy(grads, 2, 2, {0, 0, 0, 0});
  return fmt::format("--params {} --grads {}", params.string(), grads.string());
}

TEST(ExitStatus, IsThatOfTheTable) {
  const auto budget = (scratch() / "budget").string();
  std::ofstream(budget) << "adam float theta largest_ulp 0\n";
  const std::string numbers = "--learning-rate 1e-3 --beta1 0.9 --beta2 0.999 --epsilon 0.5 ";
  for (const auto& [line, status] : std::vector<std::pair<std::string, int>>{
           {"rules", yes},
           {"rules foo", bad_usage},
           {"compare adam pytorch keras3 --workload constant --steps 1", yes},
           {"compare adam pytorch", bad_usage},
           {"compare", bad_usage},
           {"identify adam " + trace("torch-adam") + " " + torch_numbers, yes},
           {"identify adam " + numbers + trace("torch-adam"), no},
           {"identify adam --params none.npy --grads none.npy", bad_usage},
           {"identify adam", bad_usage},
           {"identify adam " + small_run(), undetermined},
           {"identify adam " + still_run(), undetermined},
           {"audit adam --workload constant --steps 1", yes},
           {"audit adam --workload constant --steps 1 --budget " + budget, undetermined},
           {"audit foo", bad_usage},
           {"", bad_usage},
           {"--help", yes},
           {"--version", yes}})
    EXPECT_EQ(run(line).status, status) << line << "\n" << run(line).errors;
}

TEST(ExitStatus, WhatWasTriedFromAListIsNoProof) {
  auto ended = run("identify adam " + small_run());
  std::replace(ended.output.begin(), ended.output.end(), '\n', ' ');
  EXPECT_TRUE(
      ended.output.starts_with("not determined: no convention of adam fits at the values "
                               "tried of learning_rate, beta1, beta2, epsilon"))
      << ended.output;
  auto given = run("identify adam " + small_run() + " " + torch_numbers);
  std::replace(given.output.begin(), given.output.end(), '\n', ' ');
  EXPECT_EQ(given.status, no);
  EXPECT_TRUE(given.output.starts_with("no convention of adam fits: nearest is ")) << given.output;
  EXPECT_TRUE(mentions(given.output, "each convention's own: ")) << given.output;
}

/// A line of each command that takes no time.
const std::map<std::string, std::string>& quick_lines() {
  static const std::map<std::string, std::string> lines{
      {"audit", "audit adam --workload constant --steps 1"},
      {"rules", "rules adam"},
      {"compare", "compare adam pytorch keras3 --workload constant --steps 1"},
      {"identify", "identify adam pytorch " + torch_numbers + " " + small_run()}};
  return lines;
}

TEST(ExitStatus, OutputThatFailsIsSaid) {
  for (const auto& [command, line] : quick_lines())
    for (const char* form : {"", " --json", " --csv"}) {
      const auto full = shell(fmt::format("\"$T\" {}{} >/dev/full", line, form));
      EXPECT_EQ(full.status, failed) << line << form;
      EXPECT_EQ(full.errors,
                command + ": standard output cannot be written: No space left on device\n");
    }
  for (const auto& [command, line] : quick_lines()) {
    const auto closed = shell(fmt::format("\"$T\" {} >&-", line));
    EXPECT_EQ(closed.status, failed) << line;
    EXPECT_EQ(closed.errors,
              command + ": standard output cannot be written: Bad file descriptor\n");
    for (const char* path : {"/dev/full", "/none/none"}) {
      const auto file = run(fmt::format("{} --csv {}", line, path));
      EXPECT_EQ(file.status, failed) << line;
      EXPECT_EQ(file.errors, fmt::format("{}: csv = {} cannot be written\n", command, path));
    }
  }
  EXPECT_EQ(shell("\"$T\" --help >/dev/full").status, failed);
  EXPECT_EQ(shell("\"$T\" rules --version >/dev/full").status, failed);
  EXPECT_EQ(shell("\"$T\" audit --explain >/dev/full").status, failed);
}

TEST(ExitStatus, AReaderWhoLeavesIsSaid) {
  const auto left = shell("{ \"$T\" rules --json; echo $? >&2; } | true");
  EXPECT_TRUE(left.errors == "0\n" ||
              left.errors == "rules: standard output cannot be written: Broken pipe\n4\n")
      << left.errors;
}

/// A file that is larger than the memory that the program may have, without taking any on the disk.
std::string large_file() {
  const auto path = scratch() / "large.npy";
  write_npy(path, 1, std::size_t{1} << 27, {});
  files::resize_file(path, 128 + (std::size_t{1} << 30));
  return path.string();
}

TEST(ExitStatus, MemoryThatIsUsedUpIsSaid) {
  const std::string file = large_file();
  for (const std::string& line : std::vector<std::string>{
           "audit adam --grads " + file, "compare adam pytorch keras3 --grads " + file,
           "identify adam --params " + file + " --grads " + file}) {
    const auto ended = shell("ulimit -v 400000; exec \"$T\" " + line);
    EXPECT_EQ(ended.status, failed) << line << "\n" << ended.errors;
    EXPECT_TRUE(mentions(ended.errors, ": memory is used up\n")) << ended.errors;
  }
}

TEST(ExitStatus, CtrlCIsHeard) {
  for (const std::string& line : {std::string("compare adam pytorch keras3 --steps 1000000"),
                                  "identify adam --learning-rate 1 " + trace("torch-nesterov")}) {
    const auto ended = shell("timeout --preserve-status --signal INT 0.3 \"$T\" " + line);
    EXPECT_EQ(ended.status, interrupted) << line << "\n" << ended.errors;
  }
}

// --- what is printed

TEST(Help, FitsTheTerminal) {
  for (const std::size_t columns : {60u, 80u, 120u})
    for (std::string command : {"", "audit", "rules", "compare", "identify"}) {
      const auto ended = shell(fmt::format("COLUMNS={} \"$T\" {} --help", columns, command));
      EXPECT_EQ(ended.status, yes);
      EXPECT_LE(longest_line(ended.output), std::min<std::size_t>(columns, 100)) << ended.output;
      EXPECT_GT(longest_line(ended.output), columns / 2) << command;
      for (const auto& [status, words] : exit_statuses) {
        const auto line = fmt::format("\n  {:3}  ", static_cast<int>(status));
        EXPECT_TRUE(mentions(ended.output, line)) << command;
      }
    }
}

TEST(Help, NamesEveryFieldOnce) {
  const auto help = run("identify --help").output;
  for_each_field([&](const std::string&, const std::string&, const std::string&, const std::string&,
                     const std::string& option) {
    const std::string line = "\n  " + option.substr(0, option.find('=')) + " ";
    EXPECT_TRUE(mentions(help, line) || mentions(help, line.substr(0, line.size() - 1) + "\n"))
        << option;
  });
}

TEST(Tables, FitAHundredColumns) {
  std::vector<std::string> lines{"rules",
                                 "audit --explain",
                                 "rules --explain",
                                 "compare --explain",
                                 "identify --explain",
                                 "audit adam --workload constant --steps 20 --format fp8-e4m3 "
                                 "--state-format float --details",
                                 "identify adam " + trace("torch-adam") + " " + torch_numbers};
  for (const auto& [command, line] : quick_lines()) lines.push_back(line);
  for (const auto& rule : settings::rule_names()) lines.push_back("rules " + rule);
  for (const auto& line : lines) {
    std::istringstream output(shell("COLUMNS=120 \"$T\" " + line).output);
    for (std::string each; std::getline(output, each);)
      EXPECT_TRUE(each.size() <= 100 || each.starts_with("Rerun: ")) << line << "\n" << each;
  }
}

TEST(Audit, ConcludesInFortyLines) {
  const auto ended = run("audit --workload constant --workload sparse --steps 1");
  EXPECT_LE(std::count(ended.output.begin(), ended.output.end(), '\n'), 40);
  EXPECT_TRUE(ended.output.starts_with("Yes: all ")) << ended.output;
  for (const auto& rule : settings::rule_names())
    EXPECT_TRUE(mentions(ended.output, "\n" + rule + " ")) << rule;
}

TEST(Version, IsSaidEverywhere) {
  const std::string version = TRUESTEP_VERSION;
  EXPECT_EQ(run("--version").output, "truestep " + version + "\n");
  for (const auto& [command, line] : quick_lines()) {
    EXPECT_EQ(run(command + " --version").output, "truestep " + version + "\n");
    EXPECT_EQ(json::parse(run(line + " --json").output)["version"], version) << line;
  }
}

/// What it prints on a terminal.
std::string on_a_terminal(const std::string& line, const char* no_colour) {
  int master = -1;
  const pid_t child = forkpty(&master, nullptr, nullptr, nullptr);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    no_colour == nullptr ? unsetenv("NO_COLOR") : setenv("NO_COLOR", no_colour, 1);
    const std::string command = std::string("'") + TRUESTEP_PROGRAM + "' " + line;
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string output;
  char part[4096];
  for (ssize_t got; (got = read(master, part, sizeof part)) > 0;)
    output.append(part, static_cast<std::size_t>(got));
  close(master);
  waitpid(child, nullptr, 0);
  return output;
}

TEST(Colour, IsForTerminalsThatWantIt) {
  EXPECT_TRUE(mentions(on_a_terminal("rules adam", nullptr), "\033["));
  EXPECT_TRUE(mentions(on_a_terminal("rules adam", ""), "\033["));
  EXPECT_FALSE(mentions(on_a_terminal("rules adam", "1"), "\033["));
  EXPECT_FALSE(mentions(run("rules adam").output, "\033["));
}

TEST(Rerun, DoesTheSameAgain) {
  const auto ended = run("audit adam 'pytorch,epsilon=1e-3' --workload constant --steps 2");
  const auto at = ended.output.find("Rerun: ");
  ASSERT_NE(at, ended.output.npos);
  const auto line = ended.output.substr(at + 7, ended.output.find('\n', at) - at - 7);
  EXPECT_EQ(line, std::string(TRUESTEP_PROGRAM) +
                      " audit adam pytorch,epsilon=1e-3 --workload constant --steps 2");
  EXPECT_EQ(shell(line).output, ended.output);
}

}  // namespace
}  // namespace truestep
