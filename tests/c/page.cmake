# SPDX-License-Identifier: Apache-2.0
#
# The program in C of fast/README.md is that of the tests, compiles as C99 without a warning, and prints
# what the page says. Called with -DPAGE=file -DSOURCE=file -DLIBRARY=library -DLINKED=flags
# -DCOMPILER=compiler -DINCLUDE=folder -DFOLDER=scratch.

cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${FOLDER})
file(READ ${SOURCE} code)
string(REGEX REPLACE "^(//[^\n]*\n)+" "" code "${code}")
separate_arguments(linked UNIX_COMMAND "${LINKED}")
execute_process(COMMAND ${COMPILER} -x c -std=c99 -Wall -Wextra -Wpedantic -Werror -I ${INCLUDE}
  -c ${SOURCE} -o ${FOLDER}/step.o COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${COMPILER} ${FOLDER}/step.o -o ${FOLDER}/step ${LIBRARY} ${linked}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${FOLDER}/step OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} page)
foreach(part IN ITEMS "```c\n${code}```" "```text\n${printed}```")
  string(FIND "${page}" "${part}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${PAGE} does not show\n${part}")
  endif()
endforeach()
