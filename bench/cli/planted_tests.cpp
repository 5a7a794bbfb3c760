// SPDX-License-Identifier: Apache-2.0
// A check that cannot fail shows nothing: each of checks.hpp refuses a program that stands in for
// truestep and has the fault that the check is for.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>

#include "checks.hpp"

namespace truestep::cli {
namespace {

/// A shell script in truestep's place; "$T" is truestep itself.
struct Plant {
  const char* name;
  Check refuses;
  const char* script;
};

void PrintTo(const Plant& plant, std::ostream* out) { *out << plant.name; }

Program planted(const Plant& plant) {
  namespace files = std::filesystem;
  const auto path = scratch() / plant.name;
  std::ofstream(path) << "#!/bin/sh\nT='" << TRUESTEP_PROGRAM << "'\n" << plant.script << "\n";
  files::permissions(path, files::perms::owner_all);
  return Program(path.string());
}

/// What "$T" prints goes through a filter, its exit status does not.
#define TRUESTEP_FILTERED(filter)                                \
  "out=$(mktemp) && \"$T\" \"$@\" >\"$out\"; status=$?; " filter \
  " <\"$out\"; rm \"$out\"; exit $status"
/// So do its complaints.
#define TRUESTEP_COMPLAINTS_FILTERED(filter)                      \
  "err=$(mktemp) && \"$T\" \"$@\" 2>\"$err\"; status=$?; " filter \
  " <\"$err\" >&2; rm \"$err\"; exit $status"

Complaints every_range(const Program& program) { return ranges_are_named(program, some_rule()); }
Complaints first_field(const Program& program) {
  return field_is_reached(program, fields().front());
}
Complaints last_field(const Program& program) { return field_is_reached(program, fields().back()); }

const Plant plants[] = {
    // Output that is printed and never flushed: what then fails is not said.
    {"never_flushed", output_that_fails_is_said,
     "out=$(mktemp) && \"$T\" \"$@\" >\"$out\"; status=$?; cat \"$out\" 2>/dev/null; rm \"$out\"; "
     "exit $status"},
    {"failed_output_is_bad_usage", output_that_fails_is_said,
     "\"$T\" \"$@\"; status=$?; [ $status = 4 ] && status=2; exit $status"},
    {"csv_file_is_not_looked_after", output_that_fails_is_said,
     "\"$T\" \"$@\" 2>/dev/null; status=$?; [ $status = 4 ] && [ -t 1 ] || exit 0"},
    // Found by the name after --csv, the file is spoiled before or after its time.
    {"a_file_is_emptied_first", files_are_written_whole,
     "for last; do :; done; case \"$last\" in *.csv) : >\"$last\"; esac; exec \"$T\" \"$@\""},
    {"a_link_is_lost", files_are_written_whole,
     "for last; do :; done; case \"$last\" in *.csv) cp --remove-destination \"$(readlink -f "
     "\"$last\")\" \"$last\"; esac; exec \"$T\" \"$@\""},
    {"a_part_is_left_behind", files_are_written_whole,
     "for last; do :; done; case \"$last\" in *.csv) : >\"$last\".part; esac; exec \"$T\" \"$@\""},
    {"a_second_name_is_taken", what_is_given_twice_is_named,
     "err=$(\"$T\" \"$@\" 2>&1 >/dev/null); status=$?; case $err in *'given twice'*) exit 0; esac; "
     "echo \"$err\" >&2; exit $status"},
    {"a_second_name_is_not_said", what_is_given_twice_is_named,
     TRUESTEP_COMPLAINTS_FILTERED("sed 's/: [^:]*, then .*//'")},
    {"nothing_is_suggested", what_was_meant_is_suggested,
     TRUESTEP_COMPLAINTS_FILTERED("sed 's/: did you mean.*//'")},
    {"a_range_is_open", every_range, TRUESTEP_COMPLAINTS_FILTERED("tr '[' '('")},
    {"a_value_is_taken", every_range,
     "case \"$*\" in *--epsilon=-1*) exit 0; esac; exec \"$T\" \"$@\""},
    {"a_refusal_speaks_for_another", what_is_refused_is_named,
     TRUESTEP_COMPLAINTS_FILTERED("sed 's/^identify: /compare: /'")},
    {"undetermined_is_no", statuses_are_those_of_the_table,
     "\"$T\" \"$@\"; status=$?; [ $status = 3 ] && status=1; exit $status"},
    {"no_is_yes", statuses_are_those_of_the_table,
     "\"$T\" \"$@\"; status=$?; [ $status = 1 ] && status=0; exit $status"},
    {"bad_usage_is_no", statuses_are_those_of_the_table,
     "\"$T\" \"$@\"; status=$?; [ $status = 2 ] && status=1; exit $status"},
    {"over_budget_is_yes", statuses_are_those_of_the_table,
     "\"$T\" \"$@\"; status=$?; case \"$*\" in *--budget*) exit 0; esac; exit $status"},
    {"what_was_tried_is_proof", what_was_tried_from_a_list_is_no_proof,
     TRUESTEP_FILTERED("sed 's/^not determined: //'")},
    {"a_reader_who_leaves_is_a_crash", a_reader_who_leaves_is_said,
     "\"$T\" \"$@\" 2>/dev/null; exit 141"},
    {"memory_is_a_crash", memory_that_is_used_up_is_said,
     "\"$T\" \"$@\"; [ $? = 4 ] && kill -ABRT $$; exit 0"},
    {"ctrl_c_is_yes", ctrl_c_is_heard, "trap : INT; \"$T\" \"$@\"; exit 0"},
    {"help_has_one_width", help_fits_the_terminal, "COLUMNS=100 exec \"$T\" \"$@\""},
    {"help_leaves_room", help_fills_its_lines, "COLUMNS=$((COLUMNS - 4)) exec \"$T\" \"$@\""},
    {"help_is_not_aligned", help_fills_its_lines, TRUESTEP_FILTERED("sed 's/^  --steps N/& /'")},
    {"help_stands_apart", help_fills_its_lines,
     TRUESTEP_FILTERED("sed -E 's/^  -[^ ]+( [^ ]+)?  +/& /; s/^ {10,}/& /'")},
    {"a_terminal_is_not_asked", a_terminal_says_how_wide_it_is, "COLUMNS=80 exec \"$T\" \"$@\""},
    {"a_terminal_that_is_lent_is_asked", a_terminal_says_how_wide_it_is,
     "unset OMPI_COMM_WORLD_SIZE; exec \"$T\" \"$@\""},
    {"help_forgets_a_status", help_fits_the_terminal, TRUESTEP_FILTERED("sed '/^  130  /d'")},
    {"help_forgets_a_field", help_names_every_field_once,
     TRUESTEP_FILTERED("sed '/^  --weight-decay /d; /^  --weight-decay$/d'")},
    {"help_repeats_a_field", help_names_every_field_once,
     TRUESTEP_FILTERED("sed '/^  --weight-decay/p'")},
    {"a_table_is_wide", tables_fit_a_hundred_columns,
     TRUESTEP_FILTERED("sed 's/$/                                                               "
                       "                                      ./'")},
    {"nothing_is_explained", tables_fit_a_hundred_columns,
     "case \"$*\" in *--explain*) exit 0; esac; exec \"$T\" \"$@\""},
    {"a_broken_line_goes_on_at_once", broken_lines_go_on_indented,
     TRUESTEP_FILTERED("sed 's/^  / /'")},
    {"a_number_is_not_in_the_table", rules_have_every_number_and_member,
     TRUESTEP_FILTERED("sed 's/  learning_rate//'")},
    {"a_member_is_not_listed", rules_have_every_number_and_member,
     TRUESTEP_FILTERED("sed '/^  weight_decay_place /d'")},
    {"a_verdict_comes_last", an_audit_concludes_in_forty_lines,
     TRUESTEP_FILTERED("sed '1{h;d};$G'")},
    {"a_conclusion_is_long", an_audit_concludes_in_forty_lines, TRUESTEP_FILTERED("sed p")},
    {"a_table_is_cut_before_it_has_to_be", an_audit_concludes_in_forty_lines,
     TRUESTEP_FILTERED("sed 'N;/\\n[.][.][.] /s/^[^\\n]*\\n//;P;D'")},
    {"what_is_left_out_is_miscounted", an_audit_concludes_in_forty_lines,
     TRUESTEP_FILTERED("sed 's/^[.][.][.] /... 1/'")},
    {"json_has_no_version", version_is_said_everywhere, TRUESTEP_FILTERED("sed '/\"version\"/d'")},
    {"a_version_is_old", version_is_said_everywhere,
     "case \"$*\" in --version) echo truestep 0.0.9; exit 0; esac; exec \"$T\" \"$@\""},
    {"colour_is_everywhere", colour_is_for_terminals_that_want_it,
     "printf '\\033[1m'; exec \"$T\" \"$@\""},
    {"no_color_is_not_obeyed", colour_is_for_terminals_that_want_it,
     "unset NO_COLOR; exec \"$T\" \"$@\""},
    {"colour_is_nowhere", colour_is_for_terminals_that_want_it, "NO_COLOR=1 exec \"$T\" \"$@\""},
    {"rerun_does_less", rerun_does_the_same_again,
     TRUESTEP_FILTERED("sed 's/^\\(Rerun: .*\\) --steps .*/\\1/'")},
    {"an_old_line_is_refused", lines_of_before_go_on_working,
     "case \"$*\" in *--convention*) echo 'no such option' >&2; exit 2; esac; exec \"$T\" \"$@\""},
    {"an_old_line_is_warned_of", lines_of_before_go_on_working,
     "case \"$*\" in *--rule*) echo 'deprecated' >&2; esac; exec \"$T\" \"$@\""},
    {"a_column_is_called_otherwise", csv_headers_are_those_of_before,
     TRUESTEP_FILTERED("sed '1s/median/middle/'")},
    {"a_csv_ends_in_text", csv_headers_are_those_of_before,
     "\"$T\" \"$@\"; status=$?; [ $1 = rules ] && \"$T\" $1 $2; exit $status"},
    {"an_option_is_not_its_operand", operands_and_options_are_one,
     "case \"$*\" in *,EPS=*) exec \"$T\" rules $2 pytorch; esac; exec \"$T\" \"$@\""},
    {"a_third_convention_is_forgotten", any_number_of_conventions_is_compared,
     "case \"$*\" in *,learning_rate=*) exec \"$T\" compare $2 $3 $4 --workload constant --steps 1 "
     "--json; esac; exec \"$T\" \"$@\""},
    {"an_alias_is_not_explained", rules_are_called_by_their_aliases,
     TRUESTEP_FILTERED("sed '/here: /d'")},
    {"a_field_is_forgotten", first_field,
     "case $1 in audit) exec \"$T\" \"$@\"; esac; case $4 in --*) exec \"$T\" $1 $2 $3 --json; "
     "esac; "
     "exec \"$T\" \"$@\""},
    {"a_field_is_unknown_to_audits", last_field,
     "[ \"$1\" = audit ] && exit 2; exec \"$T\" \"$@\""}};

class Plants : public testing::TestWithParam<Plant> {};

TEST_P(Plants, IsRefused) {
  const Plant& plant = GetParam();
  Complaints::first_suffices = true;
  try {
    plant.refuses(planted(plant));
    ADD_FAILURE() << "nothing to complain of: " << plant.script;
  } catch (Complaints::First) {
  }
}

INSTANTIATE_TEST_SUITE_P(Cli, Plants, testing::ValuesIn(plants),
                         [](const auto& instance) { return std::string(instance.param.name); });

/// What stands in for the program and has no fault is not refused.
TEST(Faultless, IsNotRefused) {
  Complaints::first_suffices = false;
  for (const char* script :
       {"exec \"$T\" \"$@\"", TRUESTEP_FILTERED("cat"), TRUESTEP_COMPLAINTS_FILTERED("cat")})
    for (const Check check : {what_was_meant_is_suggested, help_names_every_field_once,
                              version_is_said_everywhere, csv_headers_are_those_of_before}) {
      const auto complaints = check(planted({"faultless", check, script}));
      EXPECT_TRUE(complaints.none()) << script << "\n" << complaints.text();
    }
}

}  // namespace
}  // namespace truestep::cli
