// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "fields.hpp"
#include "transcript.hpp"

/// What is demanded of the program, a check each: the tests demand it of truestep, and plants.cpp
/// shows that each refuses a program with the fault that it is for.
namespace truestep::cli {

using Check = Complaints (*)(const Program&);

// Grammar (grammar_checks.cpp).

Complaints lines_of_before_go_on_working(const Program&);
Complaints csv_headers_are_those_of_before(const Program&);
Complaints operands_and_options_are_one(const Program&);
Complaints any_number_of_conventions_is_compared(const Program&);
Complaints rules_are_called_by_their_aliases(const Program&);
/// One member of one rule, in every command.
Complaints field_is_reached(const Program&, const Field&);

// Errors (error_checks.cpp).

Complaints what_is_given_twice_is_named(const Program&);
Complaints what_was_meant_is_suggested(const Program&);
/// A value outside the domain of each number and choice of a rule, as its description has them.
Complaints ranges_are_named(const Program&, const std::string& rule);
Complaints what_is_refused_is_named(const Program&);

// Exit statuses (exit_status_checks.cpp).

Complaints statuses_are_those_of_the_table(const Program&);
Complaints what_was_tried_from_a_list_is_no_proof(const Program&);
Complaints output_that_fails_is_said(const Program&);
/// A file is its old text until the new one is complete, and stands alone in its folder.
Complaints files_are_written_whole(const Program&);
Complaints a_reader_who_leaves_is_said(const Program&);
Complaints memory_that_is_used_up_is_said(const Program&);
Complaints ctrl_c_is_heard(const Program&);

// What is printed (print_checks.cpp).

Complaints help_fits_the_terminal(const Program&);
Complaints help_fills_its_lines(const Program&);
Complaints help_names_every_field_once(const Program&);
Complaints a_terminal_says_how_wide_it_is(const Program&);
Complaints tables_fit_a_hundred_columns(const Program&);
/// A line that is broken goes on two columns further right.
Complaints broken_lines_go_on_indented(const Program&);
Complaints rules_have_every_number_and_member(const Program&);
Complaints an_audit_concludes_in_forty_lines(const Program&);
Complaints version_is_said_everywhere(const Program&);
Complaints colour_is_for_terminals_that_want_it(const Program&);
Complaints rerun_does_the_same_again(const Program&);

}  // namespace truestep::cli
