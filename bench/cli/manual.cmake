# SPDX-License-Identifier: Apache-2.0
#
# Writes the manual page and the completions of three shells from what the program says of itself, so
# that none of them can fall behind. Called with -DTRUESTEP=program -DVERSION=x.y.z -DFOLDER=where to.

cmake_minimum_required(VERSION 3.25)

function(ask result)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env COLUMNS=78 ${TRUESTEP} ${ARGN}
    OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${said}" PARENT_SCOPE)
endfunction()

# The lines as a list, in which brackets and semicolons stand as control characters.
string(ASCII 1 opening)
string(ASCII 2 closing)
string(ASCII 3 semicolon)
function(split_lines result text)
  string(REPLACE "[" "${opening}" text "${text}")
  string(REPLACE "]" "${closing}" text "${text}")
  string(REPLACE ";" "${semicolon}" text "${text}")
  string(REPLACE "\n" ";" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()
function(join_lines result)
  list(JOIN ARGN "\n" text)
  string(REPLACE "${opening}" "[" text "${text}")
  string(REPLACE "${closing}" "]" text "${text}")
  string(REPLACE "${semicolon}" ";" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# The names that open the indented lines after a heading.
function(find_names result help heading)
  set(names "")
  set(inside FALSE)
  split_lines(lines "${help}")
  foreach(line IN LISTS lines)
    if(line MATCHES "^${heading}:")
      set(inside TRUE)
    elseif(inside AND line MATCHES "^  ([a-z]+)")
      list(APPEND names ${CMAKE_MATCH_1})
    elseif(line MATCHES "^[^ ]")
      set(inside FALSE)
    endif()
  endforeach()
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# The long options of a help text; among them, those that take a file.
function(find_options options files help)
  set(all "")
  set(of_files "")
  split_lines(lines "${help}")
  foreach(line IN LISTS lines)
    if(line MATCHES "^  (-[a-zA-Z],? ?)?(--[a-z0-9-]+)( .?FILE)?")
      list(APPEND all ${CMAKE_MATCH_2})
      if(CMAKE_MATCH_3)
        list(APPEND of_files ${CMAKE_MATCH_2})
      endif()
    endif()
  endforeach()
  set(${options} "${all}" PARENT_SCOPE)
  set(${files} "${of_files}" PARENT_SCOPE)
endfunction()

ask(help --help)
find_names(commands "${help}" "(Subc|C)ommands")
if(NOT commands)
  message(FATAL_ERROR "truestep --help lists no commands:\n${help}")
endif()
string(REGEX MATCH "^[^\n]*" summary "${help}")
string(REGEX REPLACE "^truestep [0-9.]+: " "" summary "${summary}")

# RULE_conventions for each of the rules.
ask(table rules --json)
set(rules "")
string(JSON count LENGTH "${table}" rules)
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON rule GET "${table}" rules ${i} rule)
  list(APPEND rules ${rule})
  set(${rule}_conventions "")
  string(JSON conventions LENGTH "${table}" rules ${i} conventions)
  math(EXPR last_convention "${conventions} - 1")
  foreach(j RANGE ${last_convention})
    string(JSON convention GET "${table}" rules ${i} conventions ${j} convention)
    list(APPEND ${rule}_conventions ${convention})
  endforeach()
endforeach()

# As roff shows it: no escapes, no requests, hyphens that can be copied.
function(as_roff result text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REPLACE "-" "\\-" text "${text}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

as_roff(shown "${summary}")
string(REGEX REPLACE "\\.$" "" summary "${shown}")
set(page ".TH TRUESTEP 1 \"\" \"truestep ${VERSION}\" \"User Commands\"
.SH NAME
truestep \\- ${summary}
.SH SYNOPSIS
.B truestep
.I COMMAND
.RI [ OPTION ...]
.SH DESCRIPTION
")
as_roff(shown "${help}")
string(APPEND page ".nf\n${shown}.fi\n")
foreach(command IN LISTS commands)
  ask(${command}_help ${command} --help)
  as_roff(shown "${${command}_help}")
  string(TOUPPER ${command} title)
  string(APPEND page ".SH TRUESTEP ${title}\n.nf\n${shown}.fi\n")
endforeach()
string(APPEND page ".SH COPYRIGHT
The truestep authors, Apache License 2.0. The digits are by E. Alpaydin and C. Kaynak, CC BY 4.0.
")
file(WRITE ${FOLDER}/truestep.1 "${page}")

# What each completion says of a command: its options, those with files, and what it is for.
foreach(command IN LISTS commands)
  find_options(${command}_options ${command}_files "${${command}_help}")
  string(REGEX MATCH "\n  ${command} +([^\n]*(\n    +[^\n]*)*)" found "${help}")
  string(REGEX REPLACE "[ \n]+" " " ${command}_summary "${CMAKE_MATCH_1}")
  string(REGEX REPLACE "[.:].*" "" ${command}_summary "${${command}_summary}")
  list(JOIN ${command}_options " " ${command}_words)
  list(APPEND files ${${command}_files})
endforeach()
list(REMOVE_DUPLICATES files)
set(main_options --help --version)
list(JOIN main_options " " main_words)
list(JOIN commands " " command_words)
list(JOIN rules " " rule_words)
list(JOIN files "|" file_pattern)

# The branches of two cases, for bash and zsh alike.
set(option_branches "")
foreach(command IN LISTS commands)
  string(APPEND option_branches "    ${command}) offered='${${command}_words}' ;;\n")
endforeach()
set(convention_branches "")
foreach(rule IN LISTS rules)
  list(JOIN ${rule}_conventions " " words)
  string(APPEND convention_branches "    ${rule}) offered='${words}' ;;\n")
endforeach()

# Second comes a rule, then its conventions; anywhere an option, after some of them a file.
set(choose "  if [[ $before == @(${file_pattern}) ]]; then
    return
  elif [[ $current == -* ]]; then
    case $command in
${option_branches}    esac
  elif ((place == 2)); then
    offered='${rule_words}'
  else
    case $rule in
${convention_branches}    esac
  fi
")
file(WRITE ${FOLDER}/truestep.bash "# Completion of truestep ${VERSION} for bash.
_truestep() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=\${COMP_WORDS[1]} rule=\${COMP_WORDS[2]-} place=$COMP_CWORD
  local offered='${command_words} ${main_words}'
  COMPREPLY=()
  if ((place > 1)); then
    offered=
${choose}  fi
  COMPREPLY=($(compgen -W \"$offered\" -- \"$current\"))
}
complete -o default -F _truestep truestep
")
string(REPLACE "@(${file_pattern})" "(${file_pattern})" choose "${choose}")
string(REPLACE "    return\n" "    _files\n    return\n" choose "${choose}")
file(WRITE ${FOLDER}/_truestep "#compdef truestep
# Completion of truestep ${VERSION} for zsh.
_truestep() {
  local current=\${words[CURRENT]} before=\${words[CURRENT - 1]}
  local command=\${words[2]} rule=\${words[3]} place=$((CURRENT - 1))
  local offered='${command_words} ${main_words}'
  if ((place > 1)); then
    offered=
${choose}  fi
  if [[ -n $offered ]]; then
    compadd -- \${=offered}
  else
    _files
  fi
}
_truestep
")
set(fish "# Completion of truestep ${VERSION} for fish.\n")
set(seen "__fish_seen_subcommand_from")
foreach(command IN LISTS commands)
  string(REPLACE "'" "\\'" said "${${command}_summary}")
  string(APPEND fish
    "complete -c truestep -n __fish_use_subcommand -f -a ${command} -d '${said}'\n")
  foreach(option IN LISTS ${command}_options)
    set(takes "-f")
    if(option IN_LIST ${command}_files)
      set(takes "-r -F")
    endif()
    string(SUBSTRING ${option} 2 -1 name)
    string(APPEND fish "complete -c truestep -n '${seen} ${command}' ${takes} -l ${name}\n")
  endforeach()
endforeach()
foreach(option IN LISTS main_options)
  string(SUBSTRING ${option} 2 -1 name)
  string(APPEND fish "complete -c truestep -n __fish_use_subcommand -f -l ${name}\n")
endforeach()
string(APPEND fish
  "complete -c truestep -n '${seen} ${command_words}; and not ${seen} ${rule_words}' -a '${rule_words}'\n")
foreach(rule IN LISTS rules)
  list(JOIN ${rule}_conventions " " words)
  string(APPEND fish "complete -c truestep -n '${seen} ${rule}' -a '${words}'\n")
endforeach()
file(WRITE ${FOLDER}/truestep.fish "${fish}")
