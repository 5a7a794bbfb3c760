# SPDX-License-Identifier: Apache-2.0
#
# libtruestep_check.so as a program in C meets it, and what it shows: the functions of its header and
# nothing else. Called with -DSOURCE=file -DLIBRARY=library -DHEADER=file -DCOMPILER=compiler
# -DINCLUDE=folder -DVERSION=x.y.z -DFOLDER=scratch.

cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${FOLDER})
cmake_path(GET LIBRARY PARENT_PATH library_folder)
execute_process(COMMAND ${COMPILER} -x c -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Wpedantic -Werror
  -DVERSION="${VERSION}" -I ${INCLUDE} ${SOURCE} -o ${FOLDER}/callbacks -L ${library_folder}
  -ltruestep_check -Wl,-rpath,${library_folder} -lm COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${FOLDER}/callbacks COMMAND_ERROR_IS_FATAL ANY)

# The header is one of C++ as well.
file(WRITE ${FOLDER}/header.cpp "#include <truestep/check/truestep_check.h>\n")
execute_process(COMMAND ${COMPILER} -std=c++98 -Wall -Wextra -Wpedantic -Werror -Wno-long-long
  -I ${INCLUDE} -fsyntax-only ${FOLDER}/header.cpp COMMAND_ERROR_IS_FATAL ANY)

file(READ ${HEADER} header)
string(REGEX MATCHALL "truestep_(check|report)[a-z_]*\\(" declared "${header}")
list(TRANSFORM declared REPLACE "\\($" "")
list(REMOVE_DUPLICATES declared)
list(SORT declared)
find_program(NM nm)
execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY} OUTPUT_VARIABLE shown
  COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[A-Za-z] [^ @\n]+@@[A-Z_0-9]+\n" symbols "${shown}")
list(TRANSFORM symbols REPLACE "^[A-Za-z] ([^@]+)@@.*" "\\1")
list(SORT symbols)
if(NOT symbols STREQUAL declared OR NOT shown MATCHES "@@TRUESTEP_CHECK_1\n")
  message(FATAL_ERROR "the header declares {${declared}}, and the library shows\n${shown}")
endif()
string(REGEX MATCHALL "\n" lines "${shown}")
list(LENGTH lines lines)
list(LENGTH declared count)
math(EXPR count "${count} + 1")  # the version itself
if(NOT lines EQUAL count)
  message(FATAL_ERROR "${lines} symbols, not ${count}:\n${shown}")
endif()
