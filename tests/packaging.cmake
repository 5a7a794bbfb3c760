# SPDX-License-Identifier: Apache-2.0
# What other compilers, machines and projects make of the library. Where any rule does, it is the
# first.
list(GET all_rules 0 rule)
class_of(${rule} Rule)

set(known_hashes ${CMAKE_CURRENT_SOURCE_DIR}/known_answers/hashes.txt)

add_test(NAME top_level COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/top_level)
add_test(NAME spdx COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/spdx -P ${CMAKE_CURRENT_SOURCE_DIR}/licence.cmake)

# The other compiler, where there is one.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  find_program(OTHER_CXX clang++)
else()
  find_program(OTHER_CXX g++)
endif()

# The headers of fast/ each time, by the other compiler, as this one reads them in the build; those of
# all folders by both, which takes minutes, with `ctest -C Headers`.
if(OTHER_CXX)
  cmake_path(GET OTHER_CXX FILENAME parsing)
else()
  set(parsing ${CMAKE_CXX_COMPILER})
endif()
set(headers_parse_alone ${CMAKE_CURRENT_SOURCE_DIR}/headers_parse_alone)
set(include_folders ${PROJECT_BINARY_DIR}/include ${PROJECT_BINARY_DIR}/generated
  ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/bench)
add_test(NAME headers_parse_alone COMMAND ${headers_parse_alone}
  ${CMAKE_CURRENT_BINARY_DIR}/headers fast ${parsing} ${include_folders})
add_test(NAME headers_parse_alone.everywhere CONFIGURATIONS Headers COMMAND ${headers_parse_alone}
  ${CMAKE_CURRENT_BINARY_DIR}/all_headers fast,reference,proofs,bench,tests g++,clang++
  ${include_folders})
set_tests_properties(headers_parse_alone.everywhere PROPERTIES LABELS headers)

# The canary of -ffp-contract=off, then the proof that it would have sung.
foreach(contraction off fast)
  add_executable(contraction_${contraction} contraction.cpp)
  target_compile_features(contraction_${contraction} PRIVATE cxx_std_20)
  target_compile_options(contraction_${contraction} PRIVATE
    $<TARGET_PROPERTY:truestep_fast,COMPILE_OPTIONS>)
  add_test(NAME contraction_${contraction} COMMAND contraction_${contraction})
  set_tests_properties(contraction_${contraction} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
target_compile_options(contraction_fast PRIVATE -ffp-contract=fast)
set_tests_properties(contraction_off PROPERTIES PASS_REGULAR_EXPRESSION "rounded twice")
set_tests_properties(contraction_fast PROPERTIES PASS_REGULAR_EXPRESSION "rounded once")

# The committed hashes: this compiler on each of this processor's SIMD targets; then one hash
# altered, which has to be noticed.
file(GLOB hashes CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/hashes.cpp hashes/*.cpp)
add_executable(hashes ${hashes})
compiled_together(hashes 6 ALONE ${CMAKE_CURRENT_SOURCE_DIR}/hashes.cpp)
target_link_libraries(hashes PRIVATE truestep::fast truestep_warnings)
add_test(NAME hashes COMMAND hashes ${known_hashes})
file(READ ${known_hashes} altered)
string(REGEX REPLACE "(${rule} float )." "\\1-" altered "${altered}")
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/altered_hashes.txt "${altered}")
add_test(NAME hashes_altered COMMAND hashes ${CMAKE_CURRENT_BINARY_DIR}/altered_hashes.txt)
set_tests_properties(hashes_altered PROPERTIES PASS_REGULAR_EXPRESSION "${rule} float on .*-")

# The rule of the programs in consumer/.
file(GLOB program CONFIGURE_DEPENDS consumer/*.cpp)
cmake_path(GET program STEM consumed)
class_of(${consumed} Consumed)

# An embedder's project, compiled by the other compiler in a folder of its own, since CMake cannot
# change that of a folder: one rule on one SIMD target, because all of them take minutes; tests/run
# --compiler has that compiler's hashes of all.
if(OTHER_CXX)
  cmake_path(GET OTHER_CXX FILENAME embedding_folder)
  add_test(NAME consumer_embedding COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/consumer
                     ${PROJECT_BINARY_DIR}/consumer/embedding/${embedding_folder}
    --build-generator ${CMAKE_GENERATOR} --build-noclean --build-target hashes
    --build-options -DTRUESTEP_SOURCE=${PROJECT_SOURCE_DIR} -DCMAKE_CXX_COMPILER=${OTHER_CXX}
                    -DTRUESTEP_RULES=${consumed} -DTRUESTEP_TARGETS=AVX2
                    -DHASHED=${consumed} -DHASHED_CLASS=${Consumed}
    --test-command ./hashes ${known_hashes})
else()
  message(STATUS "Not checked: the bits from another compiler than this one (clang++, g++)")
endif()

# An embedder of one rule on one SIMD target compiles the kernels of no other rule, and steps; the
# shared library shows the calls of its public headers and nothing else. clang++ leaves there what
# headers have inline, a sum of strings among it.
set(shared truestep/fast/libtruestep_fast.so.${PROJECT_VERSION})
set(public "truestep::fast::(step|step_each|replay|look_ahead|coefficient_list)<|truestep::fast::(targets?|use_target|calling_thread)[[(]|truestep::fast::Threads::| _ZZN8truestep4fast4TaskC")
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  string(APPEND public "| W truestep::fast::operator==[(]"
         "| W std::__cxx11::(to_string[(]|basic_string<.* std::operator[+]<char)")
endif()
set(one_rule ${PROJECT_BINARY_DIR}/consumer/one_rule)
add_test(NAME consumer_of_one_rule COMMAND ${CMAKE_CTEST_COMMAND}
  --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/consumer ${one_rule}
  --build-generator ${CMAKE_GENERATOR} --build-noclean --build-target consumer
  --build-options -DTRUESTEP_SOURCE=${PROJECT_SOURCE_DIR} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
                  -DTRUESTEP_RULES=${consumed} -DTRUESTEP_TARGETS=AVX2 -DBUILD_SHARED_LIBS=ON
  --test-command sh -c
    "./consumer >bits
     nm -C ${shared} | grep '[*]truestep::fast::kernels<' >kernels
     nm -DC --defined-only ${shared} | grep -v ' [Vu] ' >shown
     cat kernels shown
     grep -q ${Consumed}Hyperparameters kernels && ! grep -v ${Consumed}Hyperparameters kernels &&
     grep -q ' void truestep::fast::step<' shown && ! grep -vE '${public}' shown")
# "native" is the target that a program with all of them chooses here, if Highway is there to be asked.
get_target_property(hwy_found hwy::hwy IMPORTED)
if(TRUESTEP_BUILD_BENCH AND hwy_found)
  add_test(NAME native_target COMMAND sh -c "
    chosen=$('$<TARGET_FILE:truestep>' audit ${consumed} --steps 1 --json |
             sed -n 's/.*\"simd_target\": *\"\\([^\"]*\\)\".*/\\1/p')
    case $chosen in AVX3|AVX2|SSE4) wanted=HWY_$chosen ;; ?*) wanted=0 ;; esac
    '${CMAKE_COMMAND}' -S '${CMAKE_CURRENT_SOURCE_DIR}/consumer' -B native_target \
      -DTRUESTEP_SOURCE='${PROJECT_SOURCE_DIR}' -DCMAKE_CXX_COMPILER='${CMAKE_CXX_COMPILER}' \
      -DTRUESTEP_RULES=${consumed} -DTRUESTEP_TARGETS=native -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
      >native_target.log || exit
    compiled=$(grep -o 'TRUESTEP_TARGETS=[^ ]*' native_target/compile_commands.json | sort -u)
    echo \"$compiled, where $wanted is the best\"
    test \"$compiled\" = \"TRUESTEP_TARGETS=$wanted\"")
endif()
# A name that is none is refused, and the names are said.
list(JOIN all_rules ", " names_of_rules)
foreach(choice "RULES:none:${names_of_rules}" "TARGETS:AVX7:baseline, SSSE3, SSE4, AVX2, AVX3, NEON")
  string(REPLACE ":" ";" choice "${choice}")
  list(GET choice 0 option)
  list(GET choice 1 wrong)
  list(GET choice 2 names)
  add_test(NAME refuses_other_${option} COMMAND sh -c
    "'${CMAKE_COMMAND}' -S '${CMAKE_CURRENT_SOURCE_DIR}/consumer' -B refused_${option} -DTRUESTEP_SOURCE='${PROJECT_SOURCE_DIR}' -DCMAKE_CXX_COMPILER='${CMAKE_CXX_COMPILER}' -DTRUESTEP_${option}=${wrong} 2>&1 | tr -s ' \\n' ' '")
  set_tests_properties(refuses_other_${option} PROPERTIES PASS_REGULAR_EXPRESSION
    "TRUESTEP_${option} = ${wrong} is not one of {all, [^}]*${names}}")
endforeach()

# A compiler for 32 bits is refused in words, before anything fails to compile.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_test(NAME refuses_32_bits COMMAND sh -c
    "'${CMAKE_COMMAND}' -S '${CMAKE_CURRENT_SOURCE_DIR}/consumer' -B refused_32_bits -DTRUESTEP_SOURCE='${PROJECT_SOURCE_DIR}' -DCMAKE_CXX_COMPILER='${CMAKE_CXX_COMPILER}' -DCMAKE_CXX_FLAGS=-m32 -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY 2>&1 | tr -s ' \\n' ' '")
  set_tests_properties(refuses_32_bits PROPERTIES PASS_REGULAR_EXPRESSION
    "makes code for 32-bit processors, [^.]*it is for 64-bit ones")
endif()

# A user's project against the installed package, with and without -ffast-math: the same bits.
if(TRUESTEP_INSTALL)
  set(prefix ${PROJECT_BINARY_DIR}/consumer/prefix)
  add_test(NAME install COMMAND sh -c
    "rm -rf '${prefix}' && '${CMAKE_COMMAND}' --install '${PROJECT_BINARY_DIR}' --prefix '${prefix}'")
  add_test(NAME consumer_package COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/consumer ${PROJECT_BINARY_DIR}/consumer/build
    --build-generator ${CMAKE_GENERATOR} --build-noclean
    --build-options -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
                    -DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}
    --test-command sh -c "./consumer >bits && ./consumer_fast_math >fast_math && cmp bits fast_math")
  # A stranger's own test of a kernel of theirs.
  if(TARGET truestep_check_tests)
    add_test(NAME check.consumer COMMAND ${CMAKE_CTEST_COMMAND}
      --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/check/consumer ${PROJECT_BINARY_DIR}/consumer/check
      --build-generator ${CMAKE_GENERATOR} --build-noclean
      --build-options -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
                      -DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}
      --test-command ./mine_tests)
    set_tests_properties(check.consumer PROPERTIES FIXTURES_REQUIRED package)
  endif()
  set_tests_properties(install PROPERTIES FIXTURES_SETUP package)
  set_tests_properties(consumer_package PROPERTIES FIXTURES_REQUIRED package)
endif()

# The program, as installed and as packed.
if(TRUESTEP_INSTALL AND TRUESTEP_BUILD_BENCH)
  file(CONFIGURE OUTPUT pkg_config.cpp @ONLY CONTENT [[
#include <truestep/fast/@rule@.hpp>

int main() {
  using truestep::fast::@Rule@;
  float theta = 1, states[3] = {}, *next = states;
  const float gradient = 2;
  @Rule@::Tensor<float> tensor{.theta = {&theta, 1}, .gradient = {&gradient, 1}};
  for (const auto& state : @Rule@::states<float>)
    if (state.is_used({})) tensor.*state.member = {next++, 1};
  step({}, 1, tensor);
  return theta < 1 ? 0 : 1;
}
]])
  add_test(NAME installed COMMAND ${CMAKE_COMMAND} -DPREFIX=${prefix}
    -DFOLDER=${PROJECT_BINARY_DIR}/consumer/installed -DCXX=${CMAKE_CXX_COMPILER}
    -DCONSUMER=${CMAKE_CURRENT_BINARY_DIR}/pkg_config.cpp -DVERSION=${PROJECT_VERSION}
    "-DRULES=${all_rules}"
    -P ${CMAKE_CURRENT_SOURCE_DIR}/installed.cmake)
  set_tests_properties(installed PROPERTIES FIXTURES_REQUIRED package)

  find_program(DPKG_DEB dpkg-deb)
  if(DPKG_DEB)
    set(packages ${PROJECT_BINARY_DIR}/consumer/packages)
    find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
    set(look_at_dependencies true)
    if(DPKG_SHLIBDEPS)
      set(look_at_dependencies "dpkg-deb --field truestep_*.deb Depends | grep libc6")
    else()
      message(STATUS "Not checked: what the program's Debian package depends on (dpkg-dev)")
    endif()
    add_test(NAME debian_packages WORKING_DIRECTORY ${PROJECT_BINARY_DIR} COMMAND sh -c "
      set -e
      rm -rf '${packages}'
      '${CMAKE_CPACK_COMMAND}' -G DEB -B '${packages}'
      cd '${packages}'
      dpkg-deb --field truestep_${PROJECT_VERSION}_*.deb Version | grep -x ${PROJECT_VERSION}
      ${look_at_dependencies}
      dpkg-deb --field libtruestep-dev_*.deb Depends | grep libhwy-dev
      for file in bin/truestep share/truestep/digits.csv share/man/man1/truestep.1 \\
                  share/doc/truestep/copyright
      do dpkg-deb --contents truestep_*.deb | grep \" ./usr/$file$\"; done
      for file in include/truestep/fast/${rule}.hpp share/doc/truestep/LICENSE
      do dpkg-deb --contents libtruestep-dev_*.deb | grep \" ./usr/$file$\"; done")
  else()
    message(STATUS "Not checked: the packages for Debian (dpkg-deb)")
  endif()
endif()

# Pages: short where a reader begins, with links that lead somewhere.
add_test(NAME pages COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/pages -P ${CMAKE_CURRENT_SOURCE_DIR}/pages.cmake)
set(readme ${PROJECT_SOURCE_DIR}/README.md)
set(fast_readme ${PROJECT_SOURCE_DIR}/fast/README.md)
if(TRUESTEP_BUILD_BENCH)
  file(GLOB_RECURSE pages RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/reference/*.md ${PROJECT_SOURCE_DIR}/fast/*.md
    ${PROJECT_SOURCE_DIR}/tests/*.md ${PROJECT_SOURCE_DIR}/bench/*.md)
  add_test(NAME conventions_page COMMAND sh -c
    "'$<TARGET_FILE:truestep>' rules --markdown | cmp - '${PROJECT_SOURCE_DIR}/fast/CONVENTIONS.md'")
  add_test(NAME quotes WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/quotes $<TARGET_FILE_DIR:truestep> README.md ${pages})
endif()

# A page's example is a program, and prints what the page says that it prints: its first block of C++
# that is one, and the block of text that follows.
function(add_test_of_example name file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  string(REGEX MATCH "\n```cpp\n(#[^`]*)```\n.*" example "${text}")
  set(program "${CMAKE_MATCH_1}")
  string(FIND "${example}" "\n```text\n" begin)
  if(NOT program OR begin EQUAL -1)
    message(FATAL_ERROR "${file}: no program in C++ followed by its output")
  endif()
  string(SUBSTRING "${example}" ${begin} -1 output)
  string(REGEX MATCH "^\n```text\n([^`]*)```\n" output "${output}")
  file(CONFIGURE OUTPUT ${name}.cpp CONTENT "${program}" @ONLY)
  file(CONFIGURE OUTPUT ${name}.txt CONTENT "${CMAKE_MATCH_1}" @ONLY)
  add_executable(${name} ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE truestep::fast truestep::reference truestep_warnings)
  add_test(NAME ${name} COMMAND sh -c
    "'$<TARGET_FILE:${name}>' | diff '${CMAKE_CURRENT_BINARY_DIR}/${name}.txt' -")
endfunction()
add_test_of_example(readme_example ${readme})
add_test_of_example(fast_readme_example ${fast_readme})

# The READMEs' tables of constants, and the sentence after each, are what their program prints; one
# digit altered has to be noticed.
function(add_test_of_bounds name file words)
  add_test(NAME ${name} COMMAND sh -c
    "sed -n '/^| lane | quantity | proved/,/the least share is/p' '${file}' >${name}.md &&
     '$<TARGET_FILE:truestep_climb>' ${words} | diff ${name}.md -")
endfunction()
add_test_of_bounds(readme_bounds ${fast_readme} "--table lecture_note")
add_test_of_bounds(proofs_readme_bounds ${PROJECT_SOURCE_DIR}/proofs/README.md --table)
set(altered_readme ${CMAKE_CURRENT_BINARY_DIR}/altered_readme.md)
file(READ ${fast_readme} text)
string(REGEX REPLACE "(\n[|] ${rule} [|] theta [|] )" "\\11" altered "${text}")
file(WRITE ${altered_readme} "${altered}")
add_test_of_bounds(readme_bounds_altered ${altered_readme} "--table lecture_note")
set_tests_properties(readme_bounds_altered PROPERTIES WILL_FAIL ON)

add_test(NAME update COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}
  -DBUILD=${PROJECT_BINARY_DIR} -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/update -DRULE=${rule}
  -P ${CMAKE_CURRENT_SOURCE_DIR}/update_tests.cmake)

# Other machines under emulation, each of which compiles all kernels once more. With
# HWY_COMPILE_ONLY_STATIC Highway is headers alone, and a cross compiler may see no other headers of
# this machine. s390x has its bytes in the other order.
find_path(HWY_HEADERS hwy/highway.h HINTS ${FETCHCONTENT_BASE_DIR}/hwy-src)
set(library_of_riscv64 -latomic)  # its instructions exchange no single bytes
foreach(machine aarch64 s390x riscv64)
  string(TOUPPER ${machine} MACHINE)
  option(TRUESTEP_TEST_${MACHINE} "Test the bits on ${machine} too, under emulation" OFF)
  find_program(${MACHINE}_CXX ${machine}-linux-gnu-g++)
  find_program(${MACHINE}_EMULATOR qemu-${machine})
  if(NOT TRUESTEP_TEST_${MACHINE})
    message(STATUS
      "Not checked: the bits on ${machine} (TRUESTEP_TEST_${MACHINE}; tests/run --machines)")
  elseif(${MACHINE}_CXX AND ${MACHINE}_EMULATOR AND HWY_HEADERS)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/highway)
    file(CREATE_LINK ${HWY_HEADERS}/hwy ${CMAKE_CURRENT_BINARY_DIR}/highway/hwy SYMBOLIC)
    get_target_property(fast_sources truestep_fast SOURCES)
    list(TRANSFORM fast_sources REPLACE "^([^/].*)" "${PROJECT_SOURCE_DIR}/fast/\\1")
    file(GLOB fast_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fast/*.hpp
         ${PROJECT_SOURCE_DIR}/fast/*/*.hpp)
    add_custom_command(OUTPUT hashes_${machine} VERBATIM COMMAND_EXPAND_LISTS
      COMMAND ${${MACHINE}_CXX} -static -std=c++20 $<TARGET_PROPERTY:truestep_fast,COMPILE_OPTIONS>
              -DHWY_COMPILE_ONLY_STATIC -isystem ${CMAKE_CURRENT_BINARY_DIR}/highway
              -I ${PROJECT_BINARY_DIR}/include
              ${hashes} ${fast_sources} ${library_of_${machine}} -o hashes_${machine}
      DEPENDS ${hashes} ${fast_sources} ${fast_headers})
    add_custom_target(${machine} ALL DEPENDS hashes_${machine})
    add_test(NAME hashes_${machine}
      COMMAND ${${MACHINE}_EMULATOR} hashes_${machine} ${known_hashes})
  else()
    message(STATUS
      "Not checked: the bits on ${machine} (${machine}-linux-gnu-g++, qemu-${machine})")
  endif()
endforeach()
