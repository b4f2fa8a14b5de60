#pragma once
#include <malloc.h>
#include <yaml.h>

// glibc keeps what was freed below the top of its heaps; a large configuration leaves a great deal of it.
static inline void yaml_give_back_memory(void) { malloc_trim(0); }
// Macros with values that Swift does not see.
static inline void yaml_share_heaps(int count) { mallopt(M_ARENA_MAX, count); }
