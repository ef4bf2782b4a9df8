// SPDX-License-Identifier: MIT
// A word for the few functions whose call costs more than their work.
#pragma once

/// Inlines a function into its callers in optimised builds. Only for parts of the path that every request takes, split
/// off for the reader's sake, and defined in the file that calls them; tools/bench instructions shows what it is worth.
#if defined(__GNUC__) && defined(__OPTIMIZE__)
#define WEIR_HOT_INLINE [[gnu::always_inline]] inline
#else
#define WEIR_HOT_INLINE inline
#endif
