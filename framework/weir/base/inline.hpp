// SPDX-License-Identifier: MIT
// A word for the few functions whose call costs more than their work.
#pragma once

/// Inlines a function into its callers where WEIR_HOT_PATH_AS_ONE says that all of them are compiled together: release
/// builds. Only for parts of the path that every request takes, split off for the reader's sake; tools/bench
/// instructions shows what it is worth.
#if defined(__GNUC__) && defined(WEIR_HOT_PATH_AS_ONE)
#define WEIR_HOT_INLINE [[gnu::always_inline]] inline
#else
#define WEIR_HOT_INLINE
#endif
