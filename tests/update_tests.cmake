# SPDX-License-Identifier: Apache-2.0
#
# tests/update mends what was altered in generated files, says which they are, and leaves the others
# alone. Called with -DROOT=repository -DBUILD=folder of the programs -DFOLDER=scratch
# -DRULE=any.

cmake_minimum_required(VERSION 3.25)

set(files tests/known_answers/hashes.txt fast/README.md proofs/README.md)
file(REMOVE_RECURSE ${FOLDER})
foreach(file tests/update tests/known_answers/conventions.py ${files})
  cmake_path(GET file PARENT_PATH folder)
  file(COPY ${ROOT}/${file} DESTINATION ${FOLDER}/${folder})
endforeach()

# Runs it; afterwards ${out} holds what it said.
function(update)
  execute_process(COMMAND ${FOLDER}/tests/update ${BUILD} ${ARGN} WORKING_DIRECTORY ${FOLDER}
    OUTPUT_VARIABLE out COMMAND_ERROR_IS_FATAL ANY)
  foreach(file IN LISTS files)
    execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${ROOT}/${file} ${FOLDER}/${file}
      COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  set(out "${out}" PARENT_SCOPE)
endfunction()

# Alters one place of a copy, which has to be there.
function(alter file from to)
  file(READ ${FOLDER}/${file} text)
  string(REGEX REPLACE "${from}" "${to}" altered "${text}")
  if(altered STREQUAL text)
    message(FATAL_ERROR "${file} has no ${from}")
  endif()
  file(WRITE ${FOLDER}/${file} "${altered}")
endfunction()

update(hashes tables)
if(NOT out STREQUAL "")
  message(FATAL_ERROR "of what was as it should be it said\n${out}")
endif()

alter(tests/known_answers/hashes.txt "(${RULE} float )." "\\1-")
alter(fast/README.md "(\n[|] ${RULE} [|] theta [|] )" "\\11")
update(hashes tables)
if(NOT out MATCHES "${RULE} float: its bits have moved\ntests/known_answers/hashes.txt has changed; written by: hashes --print\n" OR
   NOT out MATCHES "fast/README.md has changed; written by: truestep_climb --table lecture_note\n" OR
   out MATCHES "proofs/README.md")
  message(FATAL_ERROR "of two altered files it said\n${out}")
endif()
