// SPDX-License-Identifier: MIT
// Overloads that are there to say why a call does not compile.
#pragma once

/// Before a function: whoever calls it gets `text` as the compiler's error, at the line of the call. (A static_assert
/// inside would be shown at its own line, below the stack of includes and instantiations.)
#define WEIR_REFUSED(text) __attribute__((unavailable(text)))
