# SPDX-License-Identifier: Apache-2.0
#
# What `truestep check` exits with, prints and writes. Called with -DTRUESTEP=program
# -DFOREIGN=library of foreign.cpp -DRULE=rule -DFOLDER=scratch.

cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${FOLDER})

# Runs `truestep check` on the kernel that the words describe; `out` and `err` are what it says.
function(check status words)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env "TRUESTEP_FOREIGN=convention=lecture_note ${words}"
      ${TRUESTEP} check ${ARGN}
    WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    message(FATAL_ERROR "${words}: ${ARGN}: status ${result} instead of ${status}\n${out}${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

function(expect_in text part)
  string(FIND "${text}" "${part}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "there is no \"${part}\" in\n${text}")
  endif()
endfunction()

# Right, wrong, noted and not determined.
check(0 "" ${FOREIGN} ${RULE})
expect_in("${out}" " is ${RULE} as in lecture_note: ")
expect_in("${out}" "\nRerun: ")
check(1 conduct=writes_past_the_end ${FOREIGN} ${RULE})
expect_in("${out}" "Fault (written_outside): ")
check(0 conduct=takes_one_tensor ${FOREIGN} ${RULE})
expect_in("${out}" "Noted (refused): ")
check(1 conduct=takes_one_tensor ${FOREIGN} ${RULE} --strict)
check(3 conduct=is_float32_alone ${FOREIGN} ${RULE} --format float64)
expect_in("${out}" "not determined")
check(1 conduct=hangs ${FOREIGN} ${RULE} --limit 0.5)
expect_in("${out}" "Fault (hang): ")

# For programs; a finding's line reruns it.
check(1 conduct=steps_twice_in_the_tail ${FOREIGN} ${RULE} --json --junit report.xml)
string(JSON status GET "${out}" status)
string(JSON kind GET "${out}" findings 0 kind)
string(JSON rerun GET "${out}" findings 0 rerun)
if(NOT "${status} ${kind}" STREQUAL "wrong tail")
  message(FATAL_ERROR "${status} ${kind}:\n${out}")
endif()
file(READ ${FOLDER}/report.xml xml)
expect_in("${xml}" "<failure message=")
expect_in("${rerun}" " --only ")
string(REGEX REPLACE "^[^ ]+ check " "" rerun "${rerun}")
string(REGEX REPLACE " --junit [^ ]+" "" rerun "${rerun}")
separate_arguments(rerun UNIX_COMMAND "${rerun}")
check(1 conduct=steps_twice_in_the_tail ${rerun})
string(JSON kind GET "${out}" findings 0 kind)
if(NOT kind STREQUAL outside_bound)
  message(FATAL_ERROR "${kind}:\n${out}")
endif()
check(0 "" ${FOREIGN} ${RULE} --json --only map)
string(JSON status GET "${out}" status)
if(NOT status STREQUAL right)
  message(FATAL_ERROR "${out}")
endif()
check(0 "" ${FOREIGN} ${RULE} --markdown --only map)
expect_in("${out}" "## ")

# Bad usage, said of the parameter.
check(2 "")
expect_in("${err}" "check: a library is missing")
check(2 "" ${FOREIGN})
expect_in("${err}" "check: a rule is missing")
check(2 "" ./none.so ${RULE})
expect_in("${err}" "check: library = ./none.so cannot be loaded: ")
check(2 "" ${FOREIGN} ${RULE} --limit 0)
expect_in("${err}" "check: limit = 0 is outside [0.001, 86400]")
check(2 "" ${FOREIGN} ${RULE} --limit 1e300)
expect_in("${err}" "check: limit = 1e+300 is outside [0.001, 86400]")
check(2 "" ${FOREIGN} ${RULE} --trials 0)
expect_in("${err}" "check: trials = 0 is not an integer in [1, infinity)")
check(2 "" ${FOREIGN} ${RULE} --format float16)
expect_in("${err}" "check: format = float16 is not one of {float32, float64}")
check(2 "" ${FOREIGN} ${RULE} --only none/1)
expect_in("${err}" "check: only = none/1 is neither one of ")
check(4 "" ${FOREIGN} ${RULE} --junit /none/none)
expect_in("${err}" "check: junit = /none/none cannot be written")
