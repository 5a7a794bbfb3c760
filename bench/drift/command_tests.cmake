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
expect_error("--states requires --grads" --states ${FOLDER}/none)
expect_error("${FOLDER}/none: cannot be opened, or is empty" --grads ${FOLDER}/none)
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

expect(130 timeout --preserve-status --signal INT 1 ${TRUESTEP} audit --steps 10000000 --rule ${rule}
       --workload constant --html ${FOLDER}/interrupted.html)
file(READ ${FOLDER}/interrupted.html page)
if(NOT page MATCHES "Interrupted.*<svg.*</html>\n$")
  message(FATAL_ERROR "no whole page of what was interrupted")
endif()

# What breaks ends with 1, what loses updates only where that is asked for, and what is typed of set-ups
# is what practitioners mean.
expect(1 ${TRUESTEP} audit ${short} --workload sparse --format fp16)
expect(0 ${TRUESTEP} audit ${short} --workload sparse --format fp16 --fail-on never)
if(NOT out MATCHES "^fp16 breaks: .*since epsilon")
  message(FATAL_ERROR "${out}")
endif()
set(narrow ${short} --setup pytorch_bf16 --criteria off=0)
expect(0 ${TRUESTEP} audit ${narrow})
expect(1 ${TRUESTEP} audit ${narrow} --fail-on loses_updates --junit ${FOLDER}/junit.xml)
file(READ ${FOLDER}/junit.xml xml)
if(NOT xml MATCHES "tests=\"4\" failures=\"1\"")
  message(FATAL_ERROR "${xml}")
endif()
expect(0 ${TRUESTEP} audit ${short} --format bfloat16 --master-weights float --json)
foreach(role arithmetic states coefficients counter master_weights)
  string(JSON format GET "${out}" runs 0 readings 2 setup ${role})
  if(NOT format STREQUAL "float")
    message(FATAL_ERROR "${role} is ${format}")
  endif()
endforeach()
string(JSON format GET "${out}" runs 0 readings 2 setup parameters)
string(JSON verdict GET "${out}" runs 0 readings 2 verdict)
if(NOT format STREQUAL "bfloat16" OR NOT verdict STREQUAL "safe")
  message(FATAL_ERROR "${format}, ${verdict}")
endif()
expect_error("state_block = 100 is neither 0 nor a power of two in [64, 16384]"
             ${short} --setup states=fp8-e4m3,state_block=100)
expect_error("setup bf16_master is given twice" ${short} --setup bf16_master --setup bf16-master)
expect_error("fail-on = worse is not one of {drifts, loses_updates, breaks, never}" --fail-on worse)
expect_error("first-step = 0 is not an integer in [1, 9007199254740992]" --first-step 0)
