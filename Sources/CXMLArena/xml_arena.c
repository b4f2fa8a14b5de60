#include "xml_arena.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Of every block, and so the alignment too: as malloc's. */
enum { GRAIN = 16 };
/* The first chunk: the tree of a page of 10 KB. */
enum { FIRST_CHUNK = 64 << 10 };
/* From here on a block has a chunk of its own, which is given back when the block is: buffers of large pages. */
enum { LARGE = 256 << 10 };
/* Blocks up to this size are used again when they are freed: an attribute's buffer is 100 bytes. */
enum { CLASSES = 32 };
/* Arenas kept for the next page, and the most that each may hold: a tree of a page of 150 KB. More would be paid for in
   memory by those who never read such pages. */
enum { SPARES = 2, LARGEST_SPARE = 1 << 20 };

typedef struct chunk {
  struct chunk *next;
  /* Bytes behind this header. */
  size_t size;
} chunk;

typedef struct free_block {
  struct free_block *next;
} free_block;

struct xml_arena {
  /* The newest first; blocks are cut from it. */
  chunk *chunks;
  /* Each with one block. */
  chunk *large;
  char *at, *end;
  size_t size;
  free_block *freed[CLASSES + 1];
};

/* Stands before each block. */
typedef struct {
  size_t size;
  size_t unused;
} header;

_Static_assert(sizeof(header) == GRAIN && sizeof(chunk) == GRAIN, "blocks are aligned as malloc's");

static _Thread_local xml_arena *opened;
static _Atomic(xml_arena *) spares[SPARES];

static size_t rounded(size_t size) { return size == 0 ? GRAIN : (size + GRAIN - 1) & ~(size_t)(GRAIN - 1); }

static header *header_of(void *block) { return (header *)block - 1; }

static chunk *new_chunk(xml_arena *arena, size_t size) {
  if (size > SIZE_MAX - sizeof(chunk)) return NULL;
  chunk *fresh = malloc(sizeof(chunk) + size);
  if (fresh == NULL) return NULL;
  fresh->size = size;
  arena->size += sizeof(chunk) + size;
  return fresh;
}

static int is_within(const chunk *chunk, const void *block) {
  uintptr_t start = (uintptr_t)(chunk + 1);
  return (uintptr_t)block - start < chunk->size;
}

/* Chunks double, so there are few. */
static int is_small(const xml_arena *arena, const void *block) {
  for (const chunk *each = arena->chunks; each != NULL; each = each->next)
    if (is_within(each, block)) return 1;
  return 0;
}

/* Where a large block's chunk hangs; NULL where it is none of this arena's. */
static chunk **large_place(xml_arena *arena, const void *block) {
  for (chunk **place = &arena->large; *place != NULL; place = &(*place)->next)
    if (is_within(*place, block)) return place;
  return NULL;
}

static void free_chunks(chunk *first) {
  while (first != NULL) {
    chunk *next = first->next;
    free(first);
    first = next;
  }
}

xml_arena *xml_arena_open(void) {
  xml_arena *arena = NULL;
  for (int index = 0; index < SPARES && arena == NULL; index++) arena = atomic_exchange(&spares[index], NULL);
  if (arena == NULL) arena = calloc(1, sizeof(xml_arena));
  if (arena != NULL) opened = arena;
  return arena;
}

void xml_arena_close(xml_arena *arena) {
  if (opened == arena) opened = NULL;
}

void xml_arena_release(xml_arena *arena) {
  xml_arena_close(arena);
  free_chunks(arena->large);
  arena->large = NULL;
  /* The newest chunk is as large as all others together. */
  chunk *kept = arena->chunks;
  if (kept != NULL) {
    free_chunks(kept->next);
    kept->next = NULL;
  }
  if (kept == NULL || kept->size > LARGEST_SPARE) {
    free(kept);
    free(arena);
    return;
  }
  memset(arena, 0, sizeof(xml_arena));
  arena->chunks = kept;
  arena->at = (char *)(kept + 1);
  arena->end = arena->at + kept->size;
  arena->size = sizeof(chunk) + kept->size;
  xml_arena *nobody;
  for (int index = 0; index < SPARES; index++) {
    nobody = NULL;
    if (atomic_compare_exchange_strong(&spares[index], &nobody, arena)) return;
  }
  free(kept);
  free(arena);
}

size_t xml_arena_size(const xml_arena *arena) { return arena->size; }

static void *allocate_large(xml_arena *arena, size_t size) {
  chunk *fresh = new_chunk(arena, sizeof(header) + size);
  if (fresh == NULL) return NULL;
  fresh->next = arena->large;
  arena->large = fresh;
  header *head = (header *)(fresh + 1);
  head->size = size;
  return head + 1;
}

static void *allocate(xml_arena *arena, size_t wanted) {
  if (wanted > SIZE_MAX / 2) return NULL;
  size_t size = rounded(wanted);
  if (size >= LARGE) return allocate_large(arena, size);
  size_t class = size / GRAIN;
  if (class <= CLASSES && arena->freed[class] != NULL) {
    free_block *block = arena->freed[class];
    arena->freed[class] = block->next;
    return block;
  }
  size_t needed = sizeof(header) + size;
  if ((size_t)(arena->end - arena->at) < needed) {
    size_t larger = arena->chunks == NULL ? FIRST_CHUNK : arena->chunks->size * 2;
    chunk *fresh = new_chunk(arena, larger > needed ? larger : needed);
    if (fresh == NULL) return NULL;
    fresh->next = arena->chunks;
    arena->chunks = fresh;
    arena->at = (char *)(fresh + 1);
    arena->end = arena->at + fresh->size;
  }
  header *head = (header *)arena->at;
  arena->at += needed;
  head->size = size;
  return head + 1;
}

void *xml_arena_malloc(size_t size) { return opened == NULL ? malloc(size) : allocate(opened, size); }

void xml_arena_free(void *block) {
  xml_arena *arena = opened;
  if (block == NULL) return;
  if (arena == NULL) {
    free(block);
    return;
  }
  if (is_small(arena, block)) {
    size_t size = header_of(block)->size, class = size / GRAIN;
    if ((char *)block + size == arena->at) {
      arena->at = (char *)header_of(block);
    } else if (class <= CLASSES) {
      free_block *freed = block;
      freed->next = arena->freed[class];
      arena->freed[class] = freed;
    }
    return;
  }
  chunk **place = large_place(arena, block);
  if (place == NULL) {
    free(block);
    return;
  }
  chunk *gone = *place;
  *place = gone->next;
  arena->size -= sizeof(chunk) + gone->size;
  free(gone);
}

static void *move(xml_arena *arena, void *block, size_t known, size_t size) {
  void *moved = allocate(arena, size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, known < size ? known : size);
  xml_arena_free(block);
  return moved;
}

static void *resize_large(xml_arena *arena, chunk **place, size_t wanted) {
  chunk *old = *place, *next = old->next;
  size_t size = rounded(wanted), before = old->size;
  chunk *moved = realloc(old, sizeof(chunk) + sizeof(header) + size);
  if (moved == NULL) return NULL;
  moved->next = next;
  moved->size = sizeof(header) + size;
  *place = moved;
  arena->size += moved->size - before;
  header *head = (header *)(moved + 1);
  head->size = size;
  return head + 1;
}

void *xml_arena_realloc(void *block, size_t size) {
  xml_arena *arena = opened;
  if (arena == NULL) return realloc(block, size);
  if (block == NULL) return allocate(arena, size);
  if (size > SIZE_MAX / 2) return NULL;
  if (is_small(arena, block)) {
    header *head = header_of(block);
    if (size <= head->size) return block;
    int is_last = (char *)block + head->size == arena->at;
    if (is_last && rounded(size) < LARGE && (size_t)(arena->end - (char *)block) >= rounded(size)) {
      head->size = rounded(size);
      arena->at = (char *)block + head->size;
      return block;
    }
    return move(arena, block, head->size, size);
  }
  chunk **place = large_place(arena, block);
  return place == NULL ? realloc(block, size) : resize_large(arena, place, size);
}

char *xml_arena_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = xml_arena_malloc(size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}
