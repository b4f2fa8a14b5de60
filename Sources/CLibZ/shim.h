#pragma once
#include <stdlib.h>
#include <zlib.h>

// The macro that Swift can't see. A stream must keep its address, so it lives on the heap.
static inline z_stream *z_start(int window_bits) {
  z_stream *z = calloc(1, sizeof *z);
  if (z && inflateInit2(z, window_bits) != Z_OK) {
    free(z);
    return NULL;
  }
  return z;
}
static inline void z_end(z_stream *z) {
  inflateEnd(z);
  free(z);
}
