# SPDX-License-Identifier: Apache-2.0
#
# Every source file says its licence in its first line, after a shebang in the second. Called with
# -DROOT=repository -DFOLDER=scratch.

cmake_minimum_required(VERSION 3.25)

set(line "SPDX-License-Identifier: Apache-2\\.0")
set(shebang "^(#![^\n]*\n)?")

# The sources among the files: by their names, and scripts by their first line.
function(keep_sources files)
  foreach(file IN LISTS ${files})
    if(NOT file MATCHES "(\\.(cpp|hpp|h|v|py|gp|cmake|sh)|/CMakeLists\\.txt)$")
      file(READ ${file} first LIMIT 2)
      if(NOT first MATCHES "^#!")
        list(REMOVE_ITEM ${files} ${file})
      endif()
    endif()
  endforeach()
  set(${files} "${${files}}" PARENT_SCOPE)
endfunction()

# Which of the sources do not say it.
function(find_unlicensed result)
  set(found "")
  foreach(file IN LISTS ARGN)
    file(READ ${file} text LIMIT 400)
    if(NOT text MATCHES "${shebang}(//|#) ${line}\n" AND
       NOT text MATCHES "${shebang}\\(\\* ${line} \\*\\)\n")
      list(APPEND found ${file})
    endif()
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# A check that cannot fail shows nothing: it has to find each of these, and only these.
function(plant name text)
  file(WRITE ${FOLDER}/${name} "${text}")
  list(APPEND planted ${FOLDER}/${name})
  set(planted "${planted}" PARENT_SCOPE)
endfunction()
file(REMOVE_RECURSE ${FOLDER})
set(planted "")
plant(silent.cpp "int main() {}\n")
plant(other.hpp "// SPDX-License-Identifier: MIT\n#pragma once\n")
plant(late.v "Definition one := 1.\n(* SPDX-License-Identifier: Apache-2.0 *)\n")
plant(script "#!/bin/sh\necho\n")
plant(CMakeLists.txt "project(x)\n")
set(faults "${planted}")
plant(good "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n")
plant(good.v "(* SPDX-License-Identifier: Apache-2.0 *)\n")
plant(good.cpp "// SPDX-License-Identifier: Apache-2.0\n")
plant(data.csv "1,2\n")
keep_sources(planted)
find_unlicensed(found ${planted})
if(NOT found STREQUAL faults)
  message(FATAL_ERROR "planted\n${faults}\nfound\n${found}")
endif()

set(sources ${ROOT}/CMakeLists.txt)
foreach(folder .ci reference fast tests proofs bench)
  file(GLOB_RECURSE files ${ROOT}/${folder}/*)
  list(APPEND sources ${files})
endforeach()
keep_sources(sources)
find_unlicensed(found ${sources})
if(found)
  list(JOIN found "\n" found)
  message(FATAL_ERROR "No line \"SPDX-License-Identifier: Apache-2.0\" opens\n${found}")
endif()
