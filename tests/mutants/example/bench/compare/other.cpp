// SPDX-License-Identifier: Apache-2.0
// A source that has no mutant.
int other();
int other() { return 0; }
