#pragma once
#include <stddef.h>

/* Memory of one libxml2 tree, given back at once.
 *
 * A third of the time that a page's tree costs is malloc and free of its nodes, one by one. While an arena is open on a
 * thread, what libxml2 asks for on that thread comes from the arena; closing stops that, and releasing gives all of it
 * back without walking over the tree. On threads without an open arena everything is the C library's, as before.
 *
 * An arena may be released on another thread than the one that opened it. It is never open on two. */
typedef struct xml_arena xml_arena;

/* NULL where there is no memory. */
xml_arena *xml_arena_open(void);

/* Between open and close, whatever libxml2 keeps beyond the tree's life (its last error) must be given back. */
void xml_arena_close(xml_arena *arena);

void xml_arena_release(xml_arena *arena);

/* Bytes that it holds of the C library's memory. */
size_t xml_arena_size(const xml_arena *arena);

/* For xmlMemSetup. */
void *xml_arena_malloc(size_t size);
void *xml_arena_realloc(void *block, size_t size);
char *xml_arena_strdup(const char *text);
void xml_arena_free(void *block);
