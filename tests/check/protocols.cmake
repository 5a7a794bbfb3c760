# SPDX-License-Identifier: Apache-2.0
#
# Kernels that are elsewhere: programs that answer lines, and files. What bench/check/PROTOCOLS.md shows is
# what the tests run. Called with -DTRUESTEP=program -DPAGE=file -DFOLDER=scratch -DRULE=rule
# -DCONVENTION=convention -DPYTHON=program -DNODE=program, or "" where that is not there.

cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${FOLDER})
set(here ${CMAKE_CURRENT_LIST_DIR})

# Runs the program; `out` and `err` are what it says.
function(truestep status)
  execute_process(COMMAND ${TRUESTEP} ${ARGN} WORKING_DIRECTORY ${FOLDER}
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    message(FATAL_ERROR "${ARGN}: status ${result} instead of ${status}\n${out}${err}")
  endif()
  string(REGEX REPLACE "\n *" " " out "${out}")
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

function(expect_in text part)
  string(FIND "${text}" "${part}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "there is no \"${part}\" in\n${text}")
  endif()
endfunction()

function(expect_shown file)
  file(READ ${here}/${file} code)
  string(REGEX REPLACE "^((//|#)[^\n]*\n)+" "" code "${code}")
  file(READ ${PAGE} page)
  string(FIND "${page}" "\n${code}```" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${PAGE} does not show ${file}")
  endif()
endfunction()

# Bad usage, which needs no language.
truestep(2 check --command " " ${RULE} ${CONVENTION})
expect_in("${err}" "check: command is empty")
truestep(2 check --command "./none \"x" ${RULE} ${CONVENTION})
expect_in("${err}" "check: command = ./none \"x has an open quote")
truestep(2 check --command "./none x" ${RULE} ${CONVENTION})
expect_in("${err}" "check: command = ./none x cannot be started: No such file or directory")
truestep(2 judge one.npz)
expect_in("${err}" "judge: 1 files are given, not two: judge CASES RESULTS")
truestep(2 judge none.npz none.npz)
expect_in("${err}" "judge: none.npz: cannot be opened, or is empty")

if(NODE)
  # Node would read the certificates that this names at each start, and each trial starts it anew.
  unset(ENV{NODE_EXTRA_CA_CERTS})
  expect_shown(${RULE}_pipe.js)
  truestep(0 check --command "${NODE} ${here}/${RULE}_pipe.js" ${RULE} ${CONVENTION} --trials 1)
  expect_in("${out}" " is ${RULE} as in ")
  expect_in("${out}" "it does not support several tensors")
  expect_in("${out}" "Not seen from here: what it writes elsewhere or into its gradient, alignment, the control word")
  file(READ ${here}/${RULE}_pipe.js code)
  string(REPLACE "Math.sqrt(vHat) + h.epsilon" "Math.sqrt(vHat + h.epsilon)" code "${code}")
  file(WRITE ${FOLDER}/wrong.js "${code}")
  truestep(1 check --command "${NODE} wrong.js" ${RULE} ${CONVENTION} --trials 1 --only map)
  expect_in("${out}" "it is that with epsilon inside the root")
else()
  message("Not tested: node")
endif()

if(PYTHON)
  # What a version manager puts before it takes longer than the interpreter.
  execute_process(COMMAND ${PYTHON} -c "import sys; print(sys.executable)" OUTPUT_VARIABLE PYTHON
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  function(pipe status fault words)
    # Each trial starts it anew, and -S leaves out the search for packages, the most of a start.
    truestep(${status} check --command "'${PYTHON}' -S ${here}/${RULE}_pipe.py ${fault}" ${RULE} ${CONVENTION}
      --trials 1 ${ARGN})
    foreach(part IN LISTS words)
      expect_in("${out}" "${part}")
    endforeach()
  endfunction()
  pipe(0 "" "theta, m, v looked at;from any state;4 tensors")
  pipe(0 "" " is ${RULE} as in " --only map --format float64)
  pipe(0 "" "not determined: what is asked line by line is not timed" --only map --speed)
  pipe(0 shows_nothing "it lets no state be set" --only steps)
  pipe(3 takes_none "not determined" --only map)
  pipe(0 takes_one_tensor "it does not support several tensors" --only shape)
  pipe(1 epsilon_inside "it is that with epsilon inside the root" --only map)
  pipe(1 skips_the_tail "Fault (not_stored): 3 of 203 coordinates do not move: 200 to 202" --only map)
  pipe(1 hangs "Fault (hang): does not return in step 3: not within 2 s" --only map --limit 2)
  pipe(1 stays "Fault (hang): does not return while it is freed" --only map --limit 2)
  pipe(1 crashes "Fault (crash): crashes (SIGSEGV) in step 3" --only map)
  pipe(1 leaves "Fault (exit): ends its process with status 5 in step 3" --only map)
  pipe(1 complains "throws \"out of luck\" in step 3" --only map)
  pipe(1 babbles "answers \"three\" where a number is due" --only map)
  pipe(1 answers_too_few "answers 2 numbers of tensor 0, which has 203" --only map)
  # What hangs ends with its run.
  execute_process(COMMAND pgrep -f "${RULE}_pipe.py (hangs|stays)" OUTPUT_VARIABLE left)
  if(left)
    message(FATAL_ERROR "programs are left: ${left}")
  endif()
else()
  message("Not tested: python3")
endif()

# Debian's own has NumPy by a package.
foreach(candidate ${PYTHON} /usr/bin/python3)
  execute_process(COMMAND ${candidate} -c "import numpy" RESULT_VARIABLE lacks OUTPUT_QUIET ERROR_QUIET)
  if(lacks STREQUAL "0")
    set(with_numpy ${candidate})
  endif()
endforeach()
if(NOT with_numpy)
  message("Not tested: files (NumPy)")
  return()
endif()

expect_shown(${RULE}_cases.py)
# The results of a kernel, which is the page's with one text replaced.
function(results file from to)
  file(READ ${here}/${RULE}_cases.py code)
  string(REPLACE "${from}" "${to}" code "${code}")
  file(WRITE ${FOLDER}/kernel.py "${code}")
  execute_process(COMMAND ${with_numpy} -W ignore kernel.py cases.npz ${file} WORKING_DIRECTORY ${FOLDER}
    COMMAND_ERROR_IS_FATAL ANY)
endfunction()
execute_process(COMMAND ${TRUESTEP} cases ${RULE} ${CONVENTION} --trials 1 RESULT_VARIABLE status
  OUTPUT_QUIET ERROR_VARIABLE err)
if(err MATCHES "built without libzip" AND status EQUAL 2)
  message("Not tested: files (libzip)")
  return()
endif()
# The same cases as `check` makes: they are made twice alike.
foreach(file cases.npz again.npz)
  execute_process(COMMAND ${TRUESTEP} cases ${RULE} ${CONVENTION} --trials 1 WORKING_DIRECTORY ${FOLDER}
    OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files cases.npz again.npz WORKING_DIRECTORY ${FOLDER}
  COMMAND_ERROR_IS_FATAL ANY)
results(mine.npz "" "")
truestep(0 judge cases.npz mine.npz --strict)
expect_in("${out}" "mine.npz is ${RULE} as in ")
expect_in("${out}" "Not seen from here: crashes, hangs, ")
expect_in("${out}" ", at t to 67108868 and from any state")
expect_in("${out}" "gradient NaN: theta NaN")
results(inside.npz "numpy.sqrt(v_hat) + f(h[\"epsilon\"])" "numpy.sqrt(v_hat + f(h[\"epsilon\"]))")
truestep(1 judge cases.npz inside.npz)
expect_in("${out}" "it is that with epsilon inside the root")
results(tail.npz "rows.append(theta)" "theta[200:] = first[200:203]; rows.append(theta)")
truestep(1 judge cases.npz tail.npz)
expect_in("${out}" "Fault (not_stored): 3 of 203 coordinates do not move: 200 to 202")
string(REGEX MATCH "rerun: [^ ]* judge --only ([a-z0-9/-]+)" rerun "${out}")
truestep(1 judge cases.npz tail.npz --only ${CMAKE_MATCH_1})
expect_in("${out}" "is outside the bound")
results(spread.npz "rows.append(theta)" "theta[numpy.isnan(theta).any()] = numpy.nan; rows.append(theta)")
truestep(1 judge cases.npz spread.npz)
expect_in("${out}" "Fault (spread): a gradient NaN in coordinates 96 and 202 changes others")
# It counts its steps itself.
results(counts.npz "zip(cases[name + \".t\"]," "zip(range(1, 1000),")
truestep(0 judge cases.npz counts.npz --strict)
expect_in("${out}" "it counts its steps itself")
# Several tensors, whose arrays stand apart; and one counter for all of them.
set(loop "for name, run in (about")
set(tensors "cases = dict(cases)
for k, run in about[\"runs_of_tensors\"].items():
    for n, length in enumerate(run[\"lengths\"]):
        about[\"runs\"][f\"{k}.{n}\"] = run
        cases[f\"{k}.{n}.t\"] = COUNTED
        cases[f\"{k}.{n}.put_back\"] = numpy.zeros(length, bool)
${loop}")
string(REPLACE COUNTED "cases[k + \".t\"]" sane "${tensors}")
results(tensors.npz "${loop}" "${sane}")
truestep(0 judge cases.npz tensors.npz --strict)
expect_in("${out}" ", 4 tensors")
string(REPLACE COUNTED "4 * cases[k + \".t\"] - 3 + n" counts "${tensors}")
results(counter.npz "${loop}" "${counts}")
truestep(1 judge cases.npz counter.npz)
expect_in("${out}" "one counter is advanced by every tensor: with 4 it counts 4 a step")
# A run that is made anew has other bits; a state that is set is not taken.
results(other.npz "rows.append(theta)" "theta = numpy.nextafter(theta, f(0)) if name == \"again\" else theta; rows.append(theta)")
truestep(0 judge cases.npz other.npz)
expect_in("${out}" "bits depend on the run, of the same input")
results(forgets.npz "if run.get(\"has_states\")" "if False")
truestep(1 judge cases.npz forgets.npz)
expect_in("${out}" "(run state-1)")
# Runs that are left out are not said to be judged.
results(some.npz "in (about[\"runs\"] | about[\"runs_from_states\"]).items():"
  "in list((k, about[\"runs\"][k]) for k in (\"own\", \"telling\", \"drawn-1\")):")
truestep(0 judge cases.npz some.npz)
if(out MATCHES "lengths|power|gradient NaN|from any state")
  message(FATAL_ERROR "more is said to be looked at than there is:\n${out}")
endif()
results(few.npz "in (about[\"runs\"] | about[\"runs_from_states\"]).items():"
  "in list((k, about[\"runs\"][k]) for k in (\"own\", \"telling\")):")
truestep(2 judge cases.npz few.npz)
expect_in("${err}" "judge: few.npz: has no array drawn-1.theta")
results(short.npz "rows.append(theta)" "rows.append(theta[1:])")
truestep(2 judge cases.npz short.npz)
expect_in("${err}" "judge: short.npz: array ")
results(doubles.npz "rows.append(theta)" "rows.append(theta.astype(float) / 3)")
truestep(2 judge cases.npz doubles.npz)
expect_in("${err}" "which is no float32, at step 1")
truestep(2 judge mine.npz mine.npz)
expect_in("${err}" "judge: mine.npz: has no array about")
