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

# Two ranks have some of 1210 columns that share scales by 1024, and two have none.
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

# Its columns in shards, a file for each rank, of which it opens no other: the bytes of one process on the
# whole record, but for the names, which are as long. Scales are shared by 64 columns.
file(WRITE ${FOLDER}/shards.pl [[
# shards.pl IN OUT COLUMNS...: the columns of a .npy file of floats in files that have so many each.
use strict;
my ($in, $out, @columns) = @ARGV;
open(my $file, '<:raw', $in) or die "$in: $!";
my $bytes = do { local $/; <$file> };
my $header = unpack('v', substr($bytes, 8, 2));
my ($rows, $all) = substr($bytes, 10, $header) =~ /\((\d+), (\d+)\)/ or die "$in: no matrix";
my $first = 0;
for my $number (0 .. $#columns) {
  (my $name = $out) =~ s/\{rank\}/$number/;
  open(my $shard, '>:raw', $name) or die "$name: $!";
  my $text = "{'descr': '<f4', 'fortran_order': False, 'shape': ($rows, $columns[$number]), }";
  $text .= ' ' x (117 - length $text) . "\n";
  print $shard "\x93NUMPY\x01\x00", pack('v', length $text), $text;
  print $shard substr($bytes, 10 + $header + 4 * ($_ * $all + $first), 4 * $columns[$number])
    for 0 .. $rows - 1;
  close $shard or die "$name: $!";
  $first += $columns[$number];
}
die "$first columns of $all" if $first != $all;
]])
find_program(PERL perl REQUIRED)

# Puts the record there in shards of so many columns.
function(shards folder)
  file(REMOVE_RECURSE ${folder})
  file(MAKE_DIRECTORY ${folder})
  foreach(names "grads;{rank}-gr.npy" "params;{rank}-st.npy")
    list(GET names 0 of)
    list(GET names 1 name)
    execute_process(COMMAND ${PERL} ${FOLDER}/shards.pl ${TRACES}/torch-${rule}/${of}.npy
                            ${folder}/${name} ${ARGN} RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "no shards of ${ARGN} columns")
    endif()
  endforeach()
endfunction()

set(in_shards audit ${rule} --grads {rank}-gr.npy --params {rank}-st.npy --details --csv csv)
set(scaled --setup fp8_states,state_block=64)
# What one process prints of the whole record, which has to be there under names that are as long.
function(of_the_whole result)
  set(whole ${FOLDER}/whole)
  file(MAKE_DIRECTORY ${whole})
  configure_file(${TRACES}/torch-${rule}/grads.npy ${whole}/record-gr.npy COPYONLY)
  configure_file(${TRACES}/torch-${rule}/params.npy ${whole}/record-st.npy COPYONLY)
  string(REPLACE "{rank}" "record" command "${in_shards};${ARGN}")
  execute_process(COMMAND ${TRUESTEP} ${command} WORKING_DIRECTORY ${whole} OUTPUT_VARIABLE printed)
  file(READ ${whole}/csv csv)
  without_speed("${printed}\n${csv}" printed)
  set(${result} "${printed}" PARENT_SCOPE)
endfunction()

function(expect_as_the_whole ranks folder whole)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
            ${MPIRUN} --oversubscribe -n ${ranks} ${TRUESTEP} ${in_shards} ${ARGN}
    WORKING_DIRECTORY ${folder} TIMEOUT 60
    RESULT_VARIABLE result OUTPUT_VARIABLE printed ERROR_VARIABLE err)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ranks} ranks in shards: ${result}\n${err}")
  endif()
  file(READ ${folder}/csv csv)
  without_speed("${printed}\n${csv}" printed)
  string(REPLACE "'{rank}-" "record-" printed "${printed}")
  string(REPLACE ".npy'" ".npy" printed "${printed}")
  string(REPLACE "{rank}" "record" printed "${printed}")
  if(NOT printed STREQUAL whole)
    message(FATAL_ERROR "${ranks} ranks in shards\n${printed}\ninstead of\n${whole}")
  endif()
endfunction()

of_the_whole(whole ${scaled})
shards(${FOLDER}/1 1210)
expect_as_the_whole(1 ${FOLDER}/1 "${whole}" ${scaled})
shards(${FOLDER}/2 64 1146)
expect_as_the_whole(2 ${FOLDER}/2 "${whole}" ${scaled})
shards(${FOLDER}/3 448 64 698)
expect_as_the_whole(3 ${FOLDER}/3 "${whole}" ${scaled})
shards(${FOLDER}/4 640 320 64 186)
expect_as_the_whole(4 ${FOLDER}/4 "${whole}" ${scaled})
expect_as_the_whole(1 ${FOLDER}/4 "${whole}" ${scaled})
# Where nothing is shared columns are cut anywhere; and a step is left out in all of them.
of_the_whole(whole --setup amp_fp16)
shards(${FOLDER}/odd 1 1206 3)
expect_as_the_whole(3 ${FOLDER}/odd "${whole}" --setup amp_fp16)
file(REMOVE ${FOLDER}/odd/0-gr.npy)

# Shards that are missing, too many, cut what shares a scale, or begin elsewhere.
function(expect_refusal ranks folder text)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
            ${MPIRUN} --oversubscribe -n ${ranks} ${TRUESTEP} ${ARGN}
    WORKING_DIRECTORY ${folder} TIMEOUT 60 RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL 2 OR NOT err MATCHES "${text}" OR NOT out STREQUAL "")
    message(FATAL_ERROR "${ranks} ranks of ${ARGN}: ${result}\n${out}${err}instead of\n${text}")
  endif()
endfunction()
expect_refusal(3 ${FOLDER}/odd "audit: rank 0 of 3: 0-gr.npy: cannot be opened" ${in_shards})
expect_refusal(3 ${FOLDER}/2 "audit: rank 2 of 3: 2-gr.npy: cannot be opened" ${in_shards})
expect_refusal(2 ${FOLDER}/3 "audit: grads = {rank}-gr.npy: 2-gr.npy is there too, where there are 2 ranks"
               ${in_shards})
shards(${FOLDER}/other 3 1206 1)
expect_refusal(3 ${FOLDER}/other "cut what shares a scale in fp8_states" ${in_shards} ${scaled})
expect_refusal(2 ${FOLDER}/2 "audit: grads = {rank}-gr.npy and params = 0-st.npy require {rank} in both names"
               audit ${rule} --grads {rank}-gr.npy --params 0-st.npy)

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
# Before all have joined mpirun may end the job without its name.
expect(137 3 sh ${FOLDER}/rank.sh kill ${TRUESTEP} ${ask})
if(NOT out STREQUAL "" OR NOT err MATCHES "process rank 1 |1 process returned")
  message(FATAL_ERROR "${out}${err}")
endif()
# A rank that runs its columns says something when it is terminated (SIGTERM is the 15th of those that it
# catches), and by then all have joined. One that is killed then is named, unless it was too fast: a longer
# run is not.
file(WRITE ${FOLDER}/late.sh "#!/bin/sh
if [ $OMPI_COMM_WORLD_RANK = 1 ]; then
  one=$$
  ( while kill -0 $one; do
      caught=$(sed -n 's/^SigCgt:.*\\(....\\)$/\\1/p' /proc/$one/status)
      case $caught in [4567cdef]???) kill -9 $one ;; esac
    done ) </dev/null >/dev/null 2>&1 &
fi
exec \"$@\"
")
foreach(longer "" --fifty-digits)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
            ${MPIRUN} --oversubscribe -n 3 sh ${FOLDER}/late.sh ${TRUESTEP} ${ask} ${longer}
    WORKING_DIRECTORY ${FOLDER} TIMEOUT 120
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL 0)
    break()
  endif()
endforeach()
if(NOT result EQUAL 137 OR NOT out STREQUAL "" OR NOT err MATCHES "process rank 1 with PID [0-9]+ [^\n]*\n?[^\n]*exited on signal 9")
  message(FATAL_ERROR "${result}: ${out}${err}")
endif()
