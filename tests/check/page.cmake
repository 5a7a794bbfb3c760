# SPDX-License-Identifier: Apache-2.0
#
# What bench/check/README.md shows: its code in C is that of the tests, and what it says is printed is
# printed of it; its code in C++ is that of a stranger's test. Called with -DTRUESTEP=program
# -DPAGE=file -DKERNEL=file -DTEST=file -DPROPERTY=file -DCOMPILER=compiler -DINCLUDE=folder -DFOLDER=scratch.

cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${FOLDER})
file(READ ${PAGE} page)

# The block of code that begins so, without that and the last fence.
function(find_block result beginning)
  string(FIND "${page}" "${beginning}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${PAGE} has no block that begins with ${beginning}")
  endif()
  string(SUBSTRING "${page}" ${at} -1 rest)
  string(LENGTH "${beginning}" length)
  string(SUBSTRING "${rest}" ${length} -1 rest)
  string(FIND "${rest}" "\n```" end)
  string(SUBSTRING "${rest}" 0 ${end} rest)
  set(${result} "${rest}\n" PARENT_SCOPE)
endfunction()

function(expect_equal a b what)
  if(NOT a STREQUAL b)
    message(FATAL_ERROR "${what}:\n${a}\nand not\n${b}")
  endif()
endfunction()

# Without the licence and the comment below it.
function(code_of result file)
  file(READ ${file} code)
  string(REGEX REPLACE "^(/[*/][^\n]*\n)+" "" code "${code}")
  set(${result} "${code}" PARENT_SCOPE)
endfunction()

# What the command prints of the code of a page's kernel.
function(printed result code)
  file(WRITE ${FOLDER}/mine.c "${code}")
  execute_process(COMMAND ${COMPILER} -x c -shared -fPIC -O2 -I ${INCLUDE} -o libmine.so mine.c -lm
    WORKING_DIRECTORY ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env COLUMNS=80 ${TRUESTEP} check ./libmine.so ${ARGN}
    WORKING_DIRECTORY ${FOLDER} OUTPUT_VARIABLE out)
  string(REGEX REPLACE "\n\n.*" "\n" out "${out}")  # its first paragraph, the conclusion
  set(${result} "${out}" PARENT_SCOPE)
endfunction()

find_block(shown "```c\n")
code_of(code ${KERNEL})
expect_equal("${shown}" "${code}" "the kernel of ${PAGE}")

find_block(session "```text\n$ cc ")
string(REGEX REPLACE "^[^\n]*\n[$] build/bin/truestep check ./libmine.so ([^\n]*)\n(.*)" "\\2" said "${session}")
string(REGEX REPLACE "^[^\n]*\n[$] build/bin/truestep check ./libmine.so ([^\n]*)\n.*" "\\1" arguments
  "${session}")
separate_arguments(arguments UNIX_COMMAND "${arguments}")
printed(out "${code}" ${arguments})
expect_equal("${said}" "${out}" "${PAGE} says")

# A library that was compiled for version 1 goes on working, and knows of no other format.
file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/kernel_version_1.h ${FOLDER}/kernel_version_1.h)
string(REPLACE "<truestep/check/truestep_kernel.h>" "\"kernel_version_1.h\"" old "${code}")
string(REPLACE "setup->tensors != 1 ||" "setup->version != 1 || setup->tensors != 1 ||" old "${old}")
printed(out "${old}" ${arguments})
expect_equal("${said}" "${out}" "of a library of version 1 is said")
printed(out "${old}" ${arguments} --format bfloat16)
if(NOT out MATCHES "^not determined whether .*: it does not support [a-z]+ of\nbfloat16|does not support [a-z]+ of bfloat16")
  message(FATAL_ERROR "of a library of version 1 in 16 bits is said\n${out}")
endif()

string(REPLACE "sqrtf(v_hat) + epsilon" "sqrtf(v_hat + epsilon)" wrong "${code}")
find_block(said "reads\n\n```text\n")
printed(out "${wrong}" ${arguments})
expect_equal("${said}" "${out}" "${PAGE} says of the wrong one")

find_block(shown "```cpp\n")
code_of(code ${TEST})
expect_equal("${shown}" "${code}" "the test of ${PAGE}")

find_block(shown "```cpp\n#include <cmath>\n#include <gtest/gtest.h>\n#include <rapidcheck")
code_of(code ${PROPERTY})
expect_equal("#include <cmath>\n#include <gtest/gtest.h>\n#include <rapidcheck${shown}" "${code}" "the property of ${PAGE}")
