# SPDX-License-Identifier: Apache-2.0
#
# A plain kernel in C as each compiler makes it, with its fastest options too, is accused of nothing that
# it does not do. Called with -DTRUESTEP=program -DSOURCE=file -DRULE=rule -DCONVENTION=convention
# -DCOMPILERS=... -DINCLUDE=folder -DFOLDER=scratch.

cmake_minimum_required(VERSION 3.25)

file(MAKE_DIRECTORY ${FOLDER})

# What of it is wrong, as kinds of findings.
function(wrong_of result compiler options)
  separate_arguments(flags UNIX_COMMAND "${options}")
  # Linked without them: -ffast-math would change the control word of whoever loads the library.
  execute_process(COMMAND ${compiler} -x c -std=c99 -fPIC ${flags} -I ${INCLUDE} -c ${SOURCE}
    -o ${FOLDER}/kernel.o COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${compiler} -shared ${FOLDER}/kernel.o -o ${FOLDER}/kernel.so -lm
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${TRUESTEP} check ${FOLDER}/kernel.so ${RULE} ${CONVENTION} --trials 2 --json
    OUTPUT_VARIABLE out)
  string(JSON count LENGTH "${out}" findings)
  set(kinds "")
  foreach(i RANGE ${count})
    if(i LESS count)
      string(JSON wrong GET "${out}" findings ${i} wrong)
      string(JSON kind GET "${out}" findings ${i} kind)
      if(wrong)
        list(APPEND kinds ${kind})
      endif()
    endif()
  endforeach()
  string(JSON conclusion GET "${out}" conclusion)
  message("${compiler} ${options}: ${conclusion}")
  set(${result} "${kinds}" PARENT_SCOPE)
endfunction()

foreach(compiler IN LISTS COMPILERS)
  foreach(options "-O2" "-O3 -march=native -ffp-contract=fast" "-O3 -march=native -ffast-math")
    wrong_of(kinds ${compiler} "${options}")
    # Such a program may make NaN of a small number, or g - beta g of (1 - beta) g, and is accused of
    # that. No other map may be read into it.
    if(options MATCHES fast-math)
      list(REMOVE_ITEM kinds not_finite outside_bound no_map)
    endif()
    if(kinds)
      message(FATAL_ERROR "${compiler} ${options}: ${kinds}")
    endif()
  endforeach()
endforeach()
