# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE= -DFOLDER= -DPLANTED= -DRULE= -DCLASS= -DCOMPILER= -DOPTIONS= -DINCLUDES=
#       -P planted.cmake
#
# Plants a mistake in a copy of the two statements, and fails if the copy compiles:
#
#   enumerator  a choice has a value more, and nothing else is changed
#   rule        fast::Rules has a rule more, RULE under another name, and nothing else
#   formula     it has its lanes as well, but no formula in reference::Formulas
#   facts       it has its formula as well, but the tests know no facts of it
#   member      the hyperparameters of RULE have a member, in both statements, that its description
#               lacks
#   nothing     (compiles: what fails in the others is what was planted)
#
# Prints the errors, for CTest to find the one that names what is missing.

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

# copy_rule(FOLDER HEADER): a header of RULE under another name.
function(copy_rule folder header)
  string(REPLACE ${RULE} planted planted ${header})
  string(TOUPPER ${RULE} upper)
  file(READ ${FOLDER}/truestep/${folder}/${header} text)
  string(REPLACE ${CLASS} Planted text "${text}")
  string(REPLACE ${RULE} planted text "${text}")
  string(REPLACE ${upper} PLANTED text "${text}")
  file(WRITE ${FOLDER}/truestep/${folder}/${planted} "${text}")
endfunction()

# list_rule(LIST INCLUDED HEADER): the copy among the rules of a list, its header included there.
function(list_rule list included header)
  plant(${list} "#include \"${included}\"\n" "#include \"${included}\"\n#include \"${header}\"\n")
  plant(${list} "${CLASS}>;" "${CLASS}, Planted>;")
endfunction()

if(PLANTED STREQUAL "enumerator")
  plant(reference/axes.hpp "enum class EpsilonPlace { outside," "enum class EpsilonPlace { outside, planted,")
elseif(PLANTED MATCHES "^(rule|formula|facts)$")
  copy_rule(fast ${RULE}.hpp)
  if(PLANTED STREQUAL "rule")
    list_rule(fast/rules.hpp lanes/${RULE}.lane.hpp planted.hpp)
  else()
    copy_rule(fast/lanes ${RULE}.hpp)
    copy_rule(fast/lanes ${RULE}.lane.hpp)
    list_rule(fast/rules.hpp lanes/${RULE}.lane.hpp lanes/planted.lane.hpp)
  endif()
  if(PLANTED STREQUAL "facts")
    copy_rule(reference ${RULE}.hpp)
    list_rule(reference/rules.hpp ${RULE}.hpp planted.hpp)
  endif()
elseif(PLANTED STREQUAL "member")
  foreach(folder reference fast)
    plant(${folder}/${RULE}.hpp "  WeightDecay weight_decay_place"
      "  bool planted = false;\n  WeightDecay weight_decay_place")
  endforeach()
endif()

file(WRITE ${FOLDER}/suite.cpp [[
#include "facts/every_rule.hpp"

int main() {
  truestep::fast::for_each_rule<truestep::rules::All>([]<class Rule>() {
    truestep::fast::for_each_member<typename Rule::Fast>([](const auto&) {});
    truestep::test::Facts<Rule>::further();
  });
}
]])
list(TRANSFORM INCLUDES PREPEND -I)
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
  message("refused:\n${errors}")
endif()
