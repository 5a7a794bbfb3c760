# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE= -DFOLDER= -DPLANTED= -DCOMPILER= -DOPTIONS= -DINCLUDES= -P planted.cmake
#
# Plants a mistake in a copy of the two statements, and fails if the copy compiles:
#
#   enumerator  a choice has a value more, and nothing else is changed
#   rule        fast::Rules has a rule more, Adadelta under another name, and nothing else
#   member      a rule's hyperparameters have a member that its description lacks
#   nothing     (compiles: what fails in the others is what was planted)

file(REMOVE_RECURSE ${FOLDER})
foreach(folder reference fast proofs)
  file(COPY ${SOURCE}/${folder} DESTINATION ${FOLDER}/truestep)
endforeach()

# plant FILE BEFORE AFTER
function(plant file before after)
  file(READ ${FOLDER}/truestep/${file} text)
  string(REPLACE "${before}" "${after}" planted "${text}")
  if(planted STREQUAL text)
    message(FATAL_ERROR "${file} has no '${before}'")
  endif()
  file(WRITE ${FOLDER}/truestep/${file} "${planted}")
endfunction()

if(PLANTED STREQUAL "enumerator")
  plant(reference/axes.hpp "enum class EpsilonPlace { outside," "enum class EpsilonPlace { outside, planted,")
elseif(PLANTED STREQUAL "rule")
  file(READ ${FOLDER}/truestep/fast/adadelta.hpp text)
  string(REPLACE "Adadelta" "Planted" text "${text}")
  string(REPLACE "adadelta" "planted" text "${text}")
  file(WRITE ${FOLDER}/truestep/fast/planted.hpp "${text}")
  plant(fast/rules.hpp "Rmsprop, Adam>" "Rmsprop, Adam, Planted>")
  plant(fast/rules.hpp "// A rule's lane" "#include \"planted.hpp\"\n// A rule's lane")
elseif(PLANTED STREQUAL "member")
  plant(fast/adam.hpp "bool amsgrad = false;" "bool planted = false;\n  bool amsgrad = false;")
endif()

file(WRITE ${FOLDER}/suite.cpp [[
#include <truestep/proofs/statements.hpp>

int main() {
  truestep::fast::for_each_rule<truestep::rules::All>([]<class Rule>() {
    truestep::fast::for_each_member<typename Rule::Fast>([](const auto&) {});
  });
}
]])
execute_process(
  COMMAND ${COMPILER} -std=c++20 ${OPTIONS} -I${FOLDER} ${INCLUDES} -fsyntax-only ${FOLDER}/suite.cpp
  RESULT_VARIABLE status ERROR_VARIABLE errors)
if(PLANTED STREQUAL "nothing")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "without a mistake it does not compile either:\n${errors}")
  endif()
  message("compiles")
elseif(status EQUAL 0)
  message(FATAL_ERROR "a planted ${PLANTED} compiles")
else()
  string(REGEX MATCH "[^\n]*error:[^\n]*" first "${errors}")
  message("refused: ${first}")
endif()
