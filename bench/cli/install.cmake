# SPDX-License-Identifier: Apache-2.0
#
# What an installed program is: the program, the digits that it trains on, its manual and completions.

set(manual ${CMAKE_CURRENT_BINARY_DIR}/manual)
file(MAKE_DIRECTORY ${manual})
add_custom_command(VERBATIM
  OUTPUT ${manual}/truestep.1 ${manual}/truestep.bash ${manual}/_truestep ${manual}/truestep.fish
  COMMAND ${CMAKE_COMMAND} -DTRUESTEP=$<TARGET_FILE:truestep> -DVERSION=${PROJECT_VERSION}
          -DFOLDER=${manual} -P ${CMAKE_CURRENT_LIST_DIR}/manual.cmake
  DEPENDS truestep ${CMAKE_CURRENT_LIST_DIR}/manual.cmake)
add_custom_target(truestep_manual ALL DEPENDS ${manual}/truestep.1)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)
install(TARGETS truestep)
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/data/digits.csv
        DESTINATION ${CMAKE_INSTALL_DATADIR}/truestep)
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/data/README.md
        DESTINATION ${CMAKE_INSTALL_DATADIR}/truestep)
install(FILES ${manual}/truestep.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual}/truestep.bash RENAME truestep
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
# Where zsh looks under /usr/local, and where Debian's looks under /usr.
foreach(folder site-functions vendor-completions)
  install(FILES ${manual}/_truestep DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${folder})
endforeach()
install(FILES ${manual}/truestep.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
