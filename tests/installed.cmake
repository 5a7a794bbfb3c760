# SPDX-License-Identifier: Apache-2.0
#
# What an installation promises beyond its library: a program that finds its own data wherever it was
# put, a manual, completions, a file for pkg-config, the licence. Called with -DPREFIX=installation
# -DFOLDER=scratch -DCONSUMER=source of a program -DCXX=compiler -DVERSION=x.y.z
# -DRULES=all rules.

cmake_minimum_required(VERSION 3.25)

function(expect status)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY / RESULT_VARIABLE result
    OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: exit status ${result} instead of ${status}\n${out}${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

function(expect_in text part what)
  string(FIND "${text}" "${part}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${what} has no \"${part}\":\n${text}")
  endif()
endfunction()

list(GET RULES -1 rule)

# Elsewhere, called by a link and from another folder.
set(moved ${FOLDER}/moved)
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
file(COPY ${PREFIX}/ DESTINATION ${moved})
file(CREATE_LINK ${moved}/bin/truestep ${FOLDER}/link SYMBOLIC)
set(audit ${FOLDER}/link audit --rule ${rule} --workload softmax --steps 1)
expect(0 ${audit} --json)

# Not those of the repository, where the build would find them.
set(digits ${moved}/share/truestep/digits.csv)
file(WRITE ${digits} "not a digit\n")
expect(2 ${audit})
expect_in("${err}" "${digits}:1 " "the message")

file(READ ${moved}/share/man/man1/truestep.1 manual)
expect_in("${manual}" "truestep ${VERSION}" "the manual")
execute_process(COMMAND ${moved}/bin/truestep --help OUTPUT_VARIABLE help)
string(REGEX MATCHALL "\n  [a-z]+ " commands "${help}")
list(LENGTH commands count)
if(count LESS 4)
  message(FATAL_ERROR "${count} commands in\n${help}")
endif()
foreach(command IN LISTS commands)
  string(STRIP "${command}" command)
  string(TOUPPER ${command} title)
  expect_in("${manual}" ".SH TRUESTEP ${title}\n" "the manual")
endforeach()
find_program(MAN man)
if(MAN)
  expect(0 ${CMAKE_COMMAND} -E env MANWIDTH=200 ${MAN} --warnings=all -l
    ${moved}/share/man/man1/truestep.1)
  if(err)
    message(FATAL_ERROR "man: ${err}")
  endif()
endif()

# complete(WORD...) in a shell: what it offers for the last word, sorted.
find_program(BASH bash)
find_program(FISH fish)
find_program(ZSH zsh)
if(ZSH)
  expect(0 ${ZSH} -n ${moved}/share/zsh/site-functions/_truestep)
endif()
function(expect_completion offered)
  list(JOIN ARGN "' '" words)
  list(JOIN ARGN " " line)
  if(BASH)
    expect(0 ${BASH} -c "source ${moved}/share/bash-completion/completions/truestep
      COMP_WORDS=('${words}') COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _truestep
      printf '%s\\n' \"\${COMPREPLY[@]}\" | sort | xargs")
    if(NOT out STREQUAL "${offered}\n")
      message(FATAL_ERROR "bash completes \"${line}\" by ${out}")
    endif()
  endif()
  if(FISH)
    expect(0 ${FISH} --no-config -c "source ${moved}/share/fish/vendor_completions.d/truestep.fish
      complete -C '${line}' | cut -f1 | sort | xargs")
    if(NOT out STREQUAL "${offered}\n")
      message(FATAL_ERROR "fish completes \"${line}\" by ${out}")
    endif()
  endif()
endfunction()
expect_completion("audit" truestep au)
string(SUBSTRING ${rule} 0 2 begun)
list(FILTER RULES INCLUDE REGEX "^${begun}")
list(SORT RULES)
list(JOIN RULES " " offered)
expect_completion("${offered}" truestep compare ${begun})
expect_completion("keras1 keras3 keras3.AdamW keras_legacy" truestep compare ${rule} pytorch ker)
expect_completion("--workload" truestep audit --workl)

file(READ ${moved}/share/doc/truestep/LICENSE licence)
expect_in("${licence}" "Apache License" "the licence")

find_program(PKG_CONFIG pkg-config)
if(PKG_CONFIG)
  file(GLOB_RECURSE description ${PREFIX}/*/truestep.pc)
  cmake_path(GET description PARENT_PATH folder)
  set(ask ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${folder} ${PKG_CONFIG})
  expect(0 ${ask} --modversion truestep)
  if(NOT out STREQUAL "${VERSION}\n")
    message(FATAL_ERROR "pkg-config: truestep is of version ${out}")
  endif()
  expect(0 ${ask} --cflags --libs truestep)
  separate_arguments(flags UNIX_COMMAND "${out}")
  expect(0 ${CXX} -std=c++20 ${CONSUMER} -o ${FOLDER}/consumer ${flags})
  expect(0 ${FOLDER}/consumer)

  # The library of C, by name and by its own description.
  file(WRITE ${FOLDER}/version.c "#include <stdio.h>
#include <truestep/check/truestep_check.h>
int main(void) { puts(truestep_check_version()); return 0; }
")
  expect(0 ${ask} --cflags --libs truestep_check)
  separate_arguments(flags UNIX_COMMAND "${out}")
  cmake_path(GET folder PARENT_PATH libraries)
  expect(0 ${CXX} -x c -std=c99 ${FOLDER}/version.c -x none -o ${FOLDER}/version ${flags}
    -Wl,-rpath,${libraries})
  expect(0 ${FOLDER}/version)
  if(NOT out STREQUAL "${VERSION}\n")
    message(FATAL_ERROR "libtruestep_check.so is of version ${out}")
  endif()
endif()
