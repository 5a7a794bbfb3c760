# SPDX-License-Identifier: Apache-2.0
# `mpirun truestep audit`: the first rank prints the bytes of one process, whatever the number of ranks, and
# one that dies or fails ends all by its name. Called with -DTRUESTEP=program -DMPIRUN=mpirun
# -DFOLDER=scratch -DTRACES=tests/traces -DRULES=their;names.

file(MAKE_DIRECTORY ${FOLDER})
list(GET RULES -1 rule)
set(record --grads ${TRACES}/torch-${rule}/grads.npy --params ${TRACES}/torch-${rule}/params.npy)
set(ask audit ${rule} ${record} --details --setup fp8_states,state_block=64 --csv ${FOLDER}/csv)

# Runs it in so many ranks; afterwards ${out} and ${err} hold what was printed.
function(expect status ranks)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
            ${MPIRUN} --oversubscribe -n ${ranks} ${ARGN}
    WORKING_DIRECTORY ${FOLDER} TIMEOUT 60
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${ranks} ranks of ${command}: ${result} instead of ${status}\n${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

# All but how long it took.
function(without_speed text result)
  string(REGEX REPLACE "[^\n]* element-steps per second" "" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

execute_process(COMMAND ${TRUESTEP} ${ask} WORKING_DIRECTORY ${FOLDER}
  RESULT_VARIABLE result OUTPUT_VARIABLE alone)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "one process: ${result}")
endif()
file(READ ${FOLDER}/csv csv_alone)
without_speed("${alone}" alone)
foreach(ranks 1 2 3 4)
  file(REMOVE ${FOLDER}/csv)
  expect(0 ${ranks} ${TRUESTEP} ${ask})
  without_speed("${out}" out)
  if(NOT out STREQUAL alone)
    message(FATAL_ERROR "${ranks} ranks print\n${out}\ninstead of\n${alone}")
  endif()
  file(READ ${FOLDER}/csv csv)
  if(NOT csv STREQUAL csv_alone)
    message(FATAL_ERROR "${ranks} ranks write another CSV")
  endif()
endforeach()

# Of 1210 columns that share scales by 1024 two ranks have some, and two have none.
set(few audit ${rule} ${record} --setup fp8_states,state_block=1024)
execute_process(COMMAND ${TRUESTEP} ${few} OUTPUT_VARIABLE alone)
expect(0 4 ${TRUESTEP} ${few})
if(NOT out STREQUAL alone)
  message(FATAL_ERROR "with two ranks idle\n${out}\ninstead of\n${alone}")
endif()

# What is wrong is said once.
expect(2 2 ${TRUESTEP} audit ${rule})
string(REGEX MATCHALL "several ranks require one rule, and --grads" said "${err}")
list(LENGTH said times)
if(NOT times EQUAL 1)
  message(FATAL_ERROR "${times} times: ${err}")
endif()

# A rank that cannot read what the others read, and one that is killed.
file(WRITE ${FOLDER}/rank.sh "#!/bin/sh
if [ $OMPI_COMM_WORLD_RANK = 1 ]; then
  case $1 in
    kill) kill -9 $$ ;;
    lose) exec ${TRUESTEP} audit ${rule} --grads ${FOLDER}/none ;;
  esac
fi
shift
exec \"$@\"
")
expect(2 3 sh ${FOLDER}/rank.sh lose ${TRUESTEP} ${ask})
if(NOT err MATCHES "audit: rank 1 of 3: [^\n]*none: cannot be opened")
  message(FATAL_ERROR "${err}")
endif()
# Before all have joined mpirun ends the job without its name.
expect(137 3 sh ${FOLDER}/rank.sh kill ${TRUESTEP} ${ask})
if(NOT out STREQUAL "" OR NOT err MATCHES "process rank 1 |1 process returned")
  message(FATAL_ERROR "${out}${err}")
endif()
