# SPDX-License-Identifier: Apache-2.0
# What the command line promises of `truestep audit`: exit statuses, messages, bare JSON, a partial report
# on Ctrl-C. Called with -DTRUESTEP=program -DFOLDER=scratch -DRULES=their;names.

list(GET RULES -1 rule)
list(JOIN RULES ", " known_rules)
set(short --steps 20 --rule ${rule} --workload constant)

# Runs it; afterwards ${out} and ${err} hold what it printed.
function(expect status)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: exit status ${result} instead of ${status}\n${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

function(expect_failure status text)
  expect(${status} ${TRUESTEP} audit ${ARGN})
  if(NOT err STREQUAL "audit: ${text}\n")
    message(FATAL_ERROR "audit ${ARGN} said\n${err}instead of\naudit: ${text}")
  endif()
endfunction()

function(expect_error text)
  expect_failure(2 "${text}" ${ARGN})
endfunction()

expect_error("rule = foo is not one of {${known_rules}}" --rule foo)
expect_error("steps = 0 is not an integer in [1, 10000000]" --steps 0)
expect_error("workload = foo is not one of {softmax, network, rosenbrock, quadratic, constant, sparse}"
             --workload foo)
foreach(role format state-format counter-format master-weights)
  expect_error("${role} = foo is not one of {double, float, tf32, bfloat16, fp16, fp8-e4m3, fp8-e5m2} nor BITS:LEAST:GREATEST[:flush] with BITS in [2, 53], LEAST in [-1022, 0] and GREATEST in [1, 1023]"
               --${role} foo)
endforeach()
expect_error("budget = ${FOLDER}/none cannot be read" --budget ${FOLDER}/none)
file(WRITE ${FOLDER}/nothing "# no limit\n")
expect_error("budget = ${FOLDER}/nothing states no limit" --budget ${FOLDER}/nothing)
expect_error("budget = ${FOLDER} states no limit" --budget ${FOLDER})
expect_failure(4 "csv = ${FOLDER}/none/none cannot be written" --csv ${FOLDER}/none/none)

expect_error("${rule}: learning_rate = -1 is outside [0, 2^64]" --rule ${rule} --learning-rate=-1)
expect_error("learning_rate = x is not a number" --learning-rate x)
expect_error("--workload excludes --grads" --grads ${FOLDER}/none --workload softmax)
expect_error("--params requires --grads" --params ${FOLDER}/none)
expect_error("${FOLDER}/none: cannot be opened, or is empty" --grads ${FOLDER}/none)
expect(2 ${CMAKE_COMMAND} -E env PATH=${FOLDER}/none ${TRUESTEP} audit --html ${FOLDER}/page.html)
if(NOT err STREQUAL "audit: html needs gnuplot, which was not found: install gnuplot-nox (Debian, Ubuntu) or gnuplot\n")
  message(FATAL_ERROR "without gnuplot: ${err}")
endif()

# Bare: it is JSON from the first byte to the last, or this would fail.
expect(0 ${TRUESTEP} audit ${short} --format fp16 --json)
string(JSON passed GET "${out}" passed)
string(JSON setup GET "${out}" runs 0 readings 2 setup name)
if(NOT passed STREQUAL "ON" OR NOT setup STREQUAL "fp16" OR NOT err STREQUAL "")
  message(FATAL_ERROR "passed ${passed}, set-up ${setup}, ${err}")
endif()
string(JSON rerun GET "${out}" rerun)
if(NOT rerun STREQUAL "${TRUESTEP} audit --steps 20 --rule ${rule} --workload constant --format fp16 --json")
  message(FATAL_ERROR "rerun: ${rerun}")
endif()

file(WRITE ${FOLDER}/budget "${rule} float theta largest_ulp 1e9\n")
expect(0 ${TRUESTEP} audit ${short} --budget ${FOLDER}/budget --csv ${FOLDER}/csv)
file(READ ${FOLDER}/csv csv)
string(REGEX MATCHALL "\n" lines "${csv}")
list(LENGTH lines count)
if(NOT count EQUAL 31)  # a header; two precisions of three quantities after 1, 2, 5, 10, 20 steps
  message(FATAL_ERROR "${count} lines of CSV")
endif()
file(WRITE ${FOLDER}/budget "${rule} float theta largest_ulp 0\n")
expect(3 ${TRUESTEP} audit ${short} --budget ${FOLDER}/budget)
if(NOT err MATCHES "budget:1: ${rule} in float on constant gradients.*more than 0")
  message(FATAL_ERROR "${err}")
endif()

# More steps than can be done in a second.
expect(130 timeout --preserve-status --signal INT 1
       ${TRUESTEP} audit --steps 10000000 --rule ${rule} --workload constant --json)
string(JSON interrupted GET "${out}" runs 0 interrupted)
string(JSON steps GET "${out}" runs 0 steps)
if(NOT interrupted STREQUAL "ON" OR NOT steps LESS 10000000)
  message(FATAL_ERROR "interrupted ${interrupted} after ${steps} steps")
endif()

find_program(GNUPLOT gnuplot)
if(GNUPLOT)
  expect(130 timeout --preserve-status --signal INT 1 ${TRUESTEP} audit --steps 10000000 --rule ${rule}
         --workload constant --html ${FOLDER}/interrupted.html)
  file(READ ${FOLDER}/interrupted.html page)
  if(NOT page MATCHES "Interrupted.*<svg.*</html>\n$")
    message(FATAL_ERROR "no whole page of what was interrupted")
  endif()
endif()
