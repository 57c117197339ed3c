// SPDX-License-Identifier: Apache-2.0
// The main function of a test binary; in its own file because Catch2 v2's is slow to compile.
#define CATCH_CONFIG_MAIN
#include "catch.hpp"
