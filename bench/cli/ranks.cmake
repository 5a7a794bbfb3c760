# SPDX-License-Identifier: Apache-2.0
#
# What `mpirun truestep audit` takes, where OpenMPI is there: a module that only ranks load, so that the
# program needs no OpenMPI to start.

find_package(MPI QUIET COMPONENTS CXX)
set(ranks_module "")
if(MPI_CXX_FOUND AND MPIEXEC_EXECUTABLE)
  add_library(truestep_ranks MODULE cli/ranks_module.cpp)
  target_compile_features(truestep_ranks PRIVATE cxx_std_20)
  target_link_libraries(truestep_ranks PRIVATE MPI::MPI_CXX truestep_warnings)
  set_target_properties(truestep_ranks PROPERTIES PREFIX ""
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
  set(ranks_module ${PROJECT_BINARY_DIR}/lib/truestep_ranks.so)
  if(TRUESTEP_INSTALL)
    # A component of its own: the package of the program shall not depend on OpenMPI.
    install(TARGETS truestep_ranks DESTINATION ${CMAKE_INSTALL_LIBDIR}/truestep COMPONENT ranks)
  endif()
else()
  message(STATUS "Without OpenMPI: an audit runs in one process, and its test in several is left out")
endif()
file(RELATIVE_PATH ranks_from_program
  ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/truestep/truestep_ranks.so)
set_property(SOURCE cli/ranks.cpp PROPERTY COMPILE_DEFINITIONS
  TRUESTEP_RANKS="${ranks_module}" TRUESTEP_RANKS_FROM_PROGRAM="${ranks_from_program}")
