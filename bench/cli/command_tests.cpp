// SPDX-License-Identifier: Apache-2.0
// The command line as its user meets it. What is demanded is in the checks; here it is demanded of
// the program that was built.

#include <gtest/gtest.h>

#include <map>

#include "checks.hpp"

namespace truestep::cli {
namespace {

void hold(Check check) {
  const auto complaints = check(truestep());
  EXPECT_TRUE(complaints.none()) << complaints.text();
}

TEST(Grammar, LinesOfBeforeGoOnWorking) { hold(lines_of_before_go_on_working); }
TEST(Grammar, CsvHeadersAreThoseOfBefore) { hold(csv_headers_are_those_of_before); }
TEST(Grammar, OperandsAndOptionsAreOne) { hold(operands_and_options_are_one); }
TEST(Grammar, ComparesAnyNumberOfConventions) { hold(any_number_of_conventions_is_compared); }
TEST(Grammar, AliasesSayWhatTheyAreHere) { hold(rules_are_called_by_their_aliases); }

TEST(Grammar, EveryFieldOfEveryRuleIsReachedInEveryCommand) {
  for (const auto& field : fields()) {
    const auto complaints = field_is_reached(truestep(), field);
    EXPECT_TRUE(complaints.none()) << complaints.text();
  }
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

TEST(Errors, AGivenTwiceIsNamed) { hold(what_is_given_twice_is_named); }
TEST(Errors, SuggestWhatWasMeant) { hold(what_was_meant_is_suggested); }
TEST(Errors, NameTheParameterItsValueAndTheRangeInEveryCommand) { hold(what_is_refused_is_named); }

TEST(Errors, NameTheRangeOfEveryMemberOfEveryRule) {
  for (const auto& rule : settings::rule_names()) {
    const auto complaints = ranges_are_named(truestep(), rule);
    EXPECT_TRUE(complaints.none()) << complaints.text();
  }
}

TEST(ExitStatus, IsThatOfTheTable) { hold(statuses_are_those_of_the_table); }
TEST(ExitStatus, WhatWasTriedFromAListIsNoProof) { hold(what_was_tried_from_a_list_is_no_proof); }
TEST(ExitStatus, FilesAreWrittenWhole) { hold(files_are_written_whole); }
TEST(ExitStatus, OutputThatFailsIsSaid) { hold(output_that_fails_is_said); }
TEST(ExitStatus, AReaderWhoLeavesIsSaid) { hold(a_reader_who_leaves_is_said); }
TEST(ExitStatus, MemoryThatIsUsedUpIsSaid) { hold(memory_that_is_used_up_is_said); }
TEST(ExitStatus, CtrlCIsHeard) { hold(ctrl_c_is_heard); }

TEST(Help, FitsTheTerminal) { hold(help_fits_the_terminal); }
TEST(Help, FillsItsLines) { hold(help_fills_its_lines); }
TEST(Help, AsksTheTerminalHowWideItIs) { hold(a_terminal_says_how_wide_it_is); }
TEST(Help, NamesEveryFieldOnce) { hold(help_names_every_field_once); }
TEST(Tables, FitAHundredColumns) { hold(tables_fit_a_hundred_columns); }
TEST(Tables, GoOnIndentedWhereALineIsBroken) { hold(broken_lines_go_on_indented); }
TEST(Rules, HaveEveryNumberAndMember) { hold(rules_have_every_number_and_member); }
TEST(Audit, ConcludesInFortyLines) { hold(an_audit_concludes_in_forty_lines); }
TEST(Version, IsSaidEverywhere) { hold(version_is_said_everywhere); }
TEST(Colour, IsForTerminalsThatWantIt) { hold(colour_is_for_terminals_that_want_it); }
TEST(Rerun, DoesTheSameAgain) { hold(rerun_does_the_same_again); }

}  // namespace
}  // namespace truestep::cli
