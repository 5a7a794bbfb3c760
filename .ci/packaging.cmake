# SPDX-License-Identifier: Apache-2.0
#
# What an installation has besides what each folder installs: the pages, the licence, a file for
# pkg-config; and how `cpack` makes packages for Debian of it, one of the program and one for whoever
# compiles against the library.

# pkg-config: a static library needs what it calls, also without --static.
get_target_property(library_type truestep_fast TYPE)
set(libraries "-ltruestep_fast")
if(library_type STREQUAL STATIC_LIBRARY)
  string(APPEND libraries " -lhwy -lpthread")
endif()
# install_pc(NAME DESCRIPTION LIBRARIES)
function(install_pc name description libraries)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.pc @ONLY CONTENT [[
prefix=@CMAKE_INSTALL_PREFIX@
includedir=${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
libdir=${prefix}/@CMAKE_INSTALL_LIBDIR@

Name: @name@
Description: @description@
Version: @PROJECT_VERSION@
Cflags: -I${includedir}
Libs: -L${libdir} @libraries@
]])
  # The prefix may be another when `cmake --install --prefix` comes.
  install(CODE "
    file(READ \"${PROJECT_BINARY_DIR}/${name}.pc\" text)
    string(REGEX REPLACE \"^prefix=[^\\n]*\" \"prefix=\${CMAKE_INSTALL_PREFIX}\" text \"\${text}\")
    file(WRITE \"${PROJECT_BINARY_DIR}/installed/${name}.pc\" \"\${text}\")
    file(INSTALL \"${PROJECT_BINARY_DIR}/installed/${name}.pc\"
         DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig\")")
endfunction()
install_pc(truestep "${PROJECT_DESCRIPTION} (C++20)" "${libraries}")
if(TARGET truestep_check_c)
  install_pc(truestep_check "Whether a kernel is the rule that it is said to be (C99)" -ltruestep_check)
endif()

# The pages keep their folders, so that what links them still does.
file(GLOB_RECURSE pages RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/reference/*.md ${PROJECT_SOURCE_DIR}/fast/*.md
  ${PROJECT_SOURCE_DIR}/proofs/*.md ${PROJECT_SOURCE_DIR}/tests/*.md
  ${PROJECT_SOURCE_DIR}/bench/*.md ${PROJECT_SOURCE_DIR}/bench/compare/compare.svg)
foreach(page IN ITEMS README.md ${pages})
  cmake_path(GET page PARENT_PATH folder)
  install(FILES ${PROJECT_SOURCE_DIR}/${page} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/.github/LICENSE ${PROJECT_SOURCE_DIR}/.github/CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/copyright @ONLY CONTENT
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: truestep

Files: *
Copyright: the truestep authors
License: Apache-2.0
 The text is in /usr/share/common-licenses/Apache-2.0.

Files: */digits.csv
Copyright: 1998 E. Alpaydin and C. Kaynak
License: CC-BY-4.0
 Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
 https://doi.org/10.24432/C50P49. Creative Commons Attribution 4.0 International.
")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the truestep authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libtruestep-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
list(JOIN all_rules ", " rules)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"The library: ${rules}
as SIMD kernels, and the formulas that they are held to, as headers.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libboost-dev, libhwy-dev, libmpfr-dev, libgmp-dev, libfmt-dev")
install(FILES ${PROJECT_BINARY_DIR}/copyright
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libtruestep-dev)
if(TRUESTEP_BUILD_BENCH)
  list(APPEND CPACK_COMPONENTS_ALL program)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME truestep)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION math)
  set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
"The program: it measures how far a number format drifts from the exact run of
a gradient update rule, and tells whose convention a recorded run follows.")
  install(FILES ${PROJECT_BINARY_DIR}/copyright
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/truestep COMPONENT program)
  # Reads the program's libraries off the program.
  find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
  if(DPKG_SHLIBDEPS)
    set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
  else()
    message(STATUS "A Debian package of the program will name no dependency (dpkg-dev)")
  endif()
endif()
include(CPack)
