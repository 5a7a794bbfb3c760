# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# What tests/run and bench/run share: the packages that the build needs, by their names in
# Debian and Ubuntu, and one way to configure build/, so that either finds the other's work.

packages_of_programs=(g++ cmake ninja-build libboost-dev libmpfr-dev libgmp-dev libbenchmark-dev
  libhwy-dev libcli11-dev libfmt-dev nlohmann-json3-dev libzip-dev)
packages=("${packages_of_programs[@]}" libgtest-dev librapidcheck-dev gnuplot-nox python3)

# Installs those of the named packages that are missing, or says what to type. Without dpkg, CMake
# is left to say what it does not find.
require_packages() {
  command -v dpkg-query >/dev/null || return 0
  local package program missing=()
  for package; do
    # A compiler or a CMake from elsewhere will do.
    program=${package%-build}
    [[ $package != lib* ]] && command -v "${program%-nox}" >/dev/null && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    as_root=(sudo -n)
    if ! sudo -n true 2>/dev/null; then
      echo "Packages are missing. Type this, then try again:" >&2
      echo "sudo apt-get update && sudo apt-get install ${missing[*]}" >&2
      exit 2
    fi
  fi
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "${missing[@]}"
}

# configure FOLDER [OPTION...]
configure() {
  # Only the first configuration of a folder looks at this.
  if command -v ninja >/dev/null; then export CMAKE_GENERATOR=${CMAKE_GENERATOR-Ninja}; fi
  cmake -S . -B "$@"
}
