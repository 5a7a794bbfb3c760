// SPDX-License-Identifier: Apache-2.0
// A source of one program alone, compiled with others, which needs what its command defines.

#ifdef BESIDE
int beside(int a) { return a * BESIDE; }
#endif
