/* What plain C needs for the watcher's job: the reference that the benchmarks are told in.
 *
 *   floor --site http://127.0.0.1:8765 --targets FILE --state DIR [--threads 1]
 *
 * libcurl's multi interface with 16 connections a thread, libxml2's HTML parser and a compiled XPath, a plain scan of JSON
 * (no library; it reads each byte once), sqlite3. It prints the slots that the last run did not see and stores the pages
 * that changed in one transaction. A page with an ETag is asked for with If-None-Match the next time.
 *
 * Each thread has its own connections and parser and takes every n-th page; while they run nothing is shared but what was
 * read before. Every failed page is counted, said on standard error, and makes the exit code 1.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 16, MOST_THREADS = 64, SECONDS_A_PAGE = 30 };

static void stop(const char *what) {
  fprintf(stderr, "floor: %s\n", what);
  exit(1);
}

/* Bytes that grow; always followed by a NUL. */
typedef struct { char *bytes; size_t count, room; } Text;

static void append(Text *text, const char *bytes, size_t count) {
  if (text->count + count >= text->room) {
    text->room = 2 * (text->count + count) + 256;
    text->bytes = realloc(text->bytes, text->room);
    if (!text->bytes) stop("out of memory");
  }
  if (count) memcpy(text->bytes + text->count, bytes, count);
  text->count += count;
  text->bytes[text->count] = 0;
}

static char *copy(const char *bytes, size_t count) {
  char *made = strndup(bytes, count);
  if (!made) stop("out of memory");
  return made;
}

/* A page, what was known of it (rows of `date TAB time TAB price LF`, or nothing), and what this run found. */
typedef struct {
  char *path, *known, *tag;
  size_t known_count;
  Text rows;
  int is_json, is_changed;
} Page;

static Page *pages;
static int page_count, thread_count = 1;
static const char *site;

static void add_row(Text *rows, const char *cell[3], const size_t count[3]) {
  for (int n = 0; n < 3; n++) {
    append(rows, cell[n], count[n]);
    append(rows, n < 2 ? "\t" : "\n", 1);
  }
}

/* HTML: the rows by XPath, their cells by walking the children. */

static const char *const cell_names[3] = {"date", "time", "price"};

static int read_html(htmlParserCtxtPtr parser, xmlXPathCompExprPtr slots, const Text *body, Text *rows) {
  int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_COMPACT;
  xmlDocPtr tree = htmlCtxtReadMemory(parser, body->bytes, (int)body->count, NULL, "utf-8", options);
  if (!tree) return -1;
  xmlXPathContextPtr context = xmlXPathNewContext(tree);
  xmlXPathObjectPtr found = context ? xmlXPathCompiledEval(slots, context) : NULL;
  int status = found ? 0 : -1, count = found && found->nodesetval ? found->nodesetval->nodeNr : 0;
  for (int n = 0; n < count; n++) {
    const char *cell[3] = {"", "", ""};
    for (xmlNodePtr child = found->nodesetval->nodeTab[n]->children; child; child = child->next) {
      if (child->type != XML_ELEMENT_NODE || !child->properties || !child->properties->children || !child->children) continue;
      for (int c = 0; c < 3; c++)
        if (!strcmp((const char *)child->properties->children->content, cell_names[c]))
          cell[c] = (const char *)child->children->content;
    }
    add_row(rows, cell, (size_t[3]){strlen(cell[0]), strlen(cell[1]), strlen(cell[2])});
  }
  xmlXPathFreeObject(found);
  xmlXPathFreeContext(context);
  xmlFreeDoc(tree);
  return status;
}

/* JSON: pointers go forward over text that ends with NUL; NULL says that it is no JSON, or more than is understood here. */

/* What numbers, true, false and null are written with. */
static const char is_scalar[256] = {['a' ... 'z'] = 1, ['0' ... '9'] = 1, ['E'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1};

static const char *space(const char *at) {
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
  return at;
}

/* Past the closing quote of the string that begins at `at`. */
static const char *past_string(const char *at) {
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && *++at == 0) return NULL;
  return *at ? at + 1 : NULL;
}

static const char *past_value(const char *at) {
  int depth = 0;
  do {
    at = space(at);
    if (*at == '"') at = past_string(at);
    else if (*at == '{' || *at == '[') depth++, at++;
    else if (*at == '}' || *at == ']') depth--, at++;
    else if (*at == ',' || *at == ':') at++;
    else if (!is_scalar[(unsigned char)*at]) return NULL;
    else while (is_scalar[(unsigned char)*at]) at++;
  } while (at && depth > 0);
  return at;
}

typedef struct { const char *name, *value; size_t count; } Member;

/* The next member of the object that `at` is in, 1; 0 at its end, -1 for what is no object. `at` is then on its value. */
static int next_member(const char **at, Member *member) {
  const char *here = space(*at);
  if (*here == '{' || *here == ',') here = space(here + 1);
  if (*here == '}') return *at = here + 1, 0;
  const char *end = *here == '"' ? past_string(here) : NULL;
  if (!end) return -1;
  member->name = here + 1;
  member->count = (size_t)(end - here - 2);
  here = space(end);
  if (*here != ':') return -1;
  *at = member->value = space(here + 1);
  return 1;
}

static int is_named(const Member *member, const char *name) {
  return member->count == strlen(name) && !memcmp(member->name, name, member->count);
}

/* The value of a member of the object at `at`, or NULL. */
static const char *member_of(const char *at, const char *name) {
  Member member;
  while (at && next_member(&at, &member) == 1) {
    if (is_named(&member, name)) return member.value;
    at = past_value(at);
  }
  return NULL;
}

/* The first or next element of an array, or NULL at its end. */
static const char *element(const char *at) {
  at = space(at);
  if (*at != '[' && *at != ',') return NULL;
  at = space(at + 1);
  return *at == ']' ? NULL : at;
}

/* Past the object of one turn, which is a row where it is free. */
static const char *read_turn(const char *at, Text *rows) {
  const char *cell[3] = {"", "", ""};
  size_t count[3] = {0, 0, 0};
  int is_free = 0, more;
  Member member;
  while ((more = next_member(&at, &member)) == 1) {
    at = past_value(at);
    if (!at) return NULL;
    if (is_named(&member, "free")) is_free = *member.value == 't';
    for (int c = 0; c < 3; c++) {
      if (!is_named(&member, cell_names[c])) continue;
      int quotes = *member.value == '"';
      cell[c] = member.value + quotes;
      count[c] = (size_t)(at - member.value) - 2 * (size_t)quotes;
      if (memchr(cell[c], '\\', count[c])) return NULL;
    }
  }
  if (more < 0) return NULL;
  if (is_free) add_row(rows, cell, count);
  return at;
}

/* Past the array of turns. */
static const char *read_turns(const char *at, Text *rows) {
  at = space(at);
  if (*at != '[') return NULL;
  at = space(at + 1);
  if (*at == ']') return at + 1;
  for (;;) {
    at = read_turn(at, rows);
    if (!at) return NULL;
    at = space(at);
    if (*at != ',') return *at == ']' ? at + 1 : NULL;
    at = space(at + 1);
  }
}

static int read_json(const Text *body, Text *rows) {
  const char *data = member_of(body->bytes, "data"), *days = data ? member_of(data, "days") : NULL;
  if (!days) return -1;
  Member member;
  int more;
  for (const char *at = element(days); at; at = element(at)) {
    while ((more = next_member(&at, &member)) == 1) {
      at = is_named(&member, "turns") ? read_turns(at, rows) : past_value(at);
      if (!at) return -1;
    }
    if (more < 0) return -1;
  }
  return 0;
}

/* A thread, with its connections. */

typedef struct { CURL *curl; Text body, url; char *tag; struct curl_slist *headers; Page *page; } Transfer;

typedef struct {
  int number, next, failed;
  htmlParserCtxtPtr parser;
  xmlXPathCompExprPtr slots;
  Text rows, news;
} Worker;

static int has_row(const Page *page, const char *row, size_t count) {
  for (const char *at = page->known, *end; *at; at = end + 1) {
    end = strchr(at, '\n');
    if ((size_t)(end - at) == count && !memcmp(at, row, count)) return 1;
  }
  return 0;
}

static void tell_news(Worker *worker, const Page *page) {
  for (const char *at = worker->rows.bytes, *end; *at; at = end + 1) {
    end = strchr(at, '\n');
    if (has_row(page, at, (size_t)(end - at))) continue;
    const char *time = strchr(at, '\t') + 1, *price = strchr(time, '\t') + 1;
    char line[1024];
    int count = snprintf(line, sizeof line, "{\"path\":\"%s\",\"date\":\"%.*s\",\"time\":\"%.*s\",\"price\":\"%.*s\"}\n",
                         page->path, (int)(time - at - 1), at, (int)(price - time - 1), time, (int)(end - price), price);
    if (count < 0 || (size_t)count >= sizeof line) stop("a line of news is too long");
    append(&worker->news, line, (size_t)count);
  }
}

/* Stored pages are those with other rows or another ETag. */
static void take_answer(Worker *worker, Transfer *transfer, CURLcode result) {
  Page *page = transfer->page;
  long status = 0;
  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
  if (result == CURLE_OK && status == 304 && page->known) return;
  append(&transfer->body, "", 0);
  worker->rows.count = 0;
  append(&worker->rows, "", 0);
  if (result != CURLE_OK || status != 200 ||
      (page->is_json ? read_json(&transfer->body, &worker->rows)
                     : read_html(worker->parser, worker->slots, &transfer->body, &worker->rows))) {
    worker->failed++;
    return;
  }
  int is_same = page->known && page->known_count == worker->rows.count && !memcmp(page->known, worker->rows.bytes, worker->rows.count);
  if (!is_same && page->known) tell_news(worker, page);
  if (is_same && !transfer->tag) return;
  page->is_changed = 1;
  append(&page->rows, worker->rows.bytes, worker->rows.count);
  if (transfer->tag) {
    free(page->tag);
    page->tag = copy(transfer->tag, strlen(transfer->tag));
  }
}

static size_t on_body(char *bytes, size_t size, size_t count, void *transfer) {
  append(&((Transfer *)transfer)->body, bytes, size * count);
  return size * count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *of) {
  Transfer *transfer = of;
  size_t all = size * count;
  if (all > 8 && !strncasecmp(bytes, "ETag: ", 6)) {
    free(transfer->tag);
    transfer->tag = copy(bytes + 6, all - 6);
    transfer->tag[strcspn(transfer->tag, "\r\n")] = 0;
  }
  return all;
}

static int start(Worker *worker, Transfer *transfer, CURLM *multi) {
  if (worker->next >= page_count) return 0;
  Page *page = transfer->page = &pages[worker->next];
  worker->next += thread_count;
  transfer->body.count = transfer->url.count = 0;
  free(transfer->tag);
  transfer->tag = NULL;
  append(&transfer->url, site, strlen(site));
  append(&transfer->url, page->path, strlen(page->path));
  curl_easy_setopt(transfer->curl, CURLOPT_URL, transfer->url.bytes);
  curl_slist_free_all(transfer->headers);
  transfer->headers = NULL;
  if (page->tag) {
    char header[512];
    snprintf(header, sizeof header, "If-None-Match: %s", page->tag);
    transfer->headers = curl_slist_append(NULL, header);
  }
  curl_easy_setopt(transfer->curl, CURLOPT_HTTPHEADER, transfer->headers);
  curl_multi_add_handle(multi, transfer->curl);
  return 1;
}

static void prepare(Transfer *transfer) {
  CURL *curl = transfer->curl = curl_easy_init();
  if (!curl) stop("no curl handle");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256 * 1024L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SECONDS_A_PAGE);
}

static void *work(void *of) {
  Worker *worker = of;
  Transfer transfers[CONNECTIONS] = {0};
  CURLM *multi = curl_multi_init();
  worker->next = worker->number;
  worker->parser = htmlNewParserCtxt();
  worker->slots = xmlXPathCompile(BAD_CAST "//div[@class='slot']");
  if (!multi || !worker->parser || !worker->slots) stop("a library did not start");
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
  int active = 0, running, left;
  for (int n = 0; n < CONNECTIONS; n++) {
    prepare(&transfers[n]);
    active += start(worker, &transfers[n], multi);
  }
  while (active) {
    curl_multi_perform(multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
      CURL *curl = message->easy_handle;
      CURLcode result = message->data.result;
      char *of_handle;
      curl_easy_getinfo(curl, CURLINFO_PRIVATE, &of_handle);
      Transfer *transfer = (Transfer *)(void *)of_handle;
      curl_multi_remove_handle(multi, curl);
      take_answer(worker, transfer, result);
      active -= !start(worker, transfer, multi);
    }
    if (active) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  return NULL;
}

/* The targets, and the store. */

static void read_targets(const char *name) {
  FILE *file = fopen(name, "r");
  char kind[16], path[256];
  int room = 0;
  if (!file) stop("can't read the targets");
  while (fscanf(file, "%15s %255s", kind, path) == 2) {
    if (page_count == room) {
      room = room ? 2 * room : 1024;
      pages = realloc(pages, (size_t)room * sizeof *pages);
      if (!pages) stop("out of memory");
    }
    pages[page_count++] = (Page){.path = copy(path, strlen(path)), .is_json = !strcmp(kind, "json")};
  }
  fclose(file);
}

static void check(sqlite3 *store, int is_right) {
  if (!is_right) stop(sqlite3_errmsg(store));
}

static sqlite3 *open_store(const char *folder) {
  char name[4096];
  sqlite3 *store;
  snprintf(name, sizeof name, "%s/floor.db", folder);
  if (sqlite3_open(name, &store)) stop("can't open the store");
  check(store, !sqlite3_exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS"
                             " page (path TEXT PRIMARY KEY, rows TEXT, tag TEXT) WITHOUT ROWID", 0, 0, 0));
  return store;
}

static void load(sqlite3 *store) {
  sqlite3_stmt *query;
  check(store, !sqlite3_prepare_v2(store, "SELECT rows, tag FROM page WHERE path = ?", -1, &query, 0));
  for (int n = 0; n < page_count; n++) {
    sqlite3_bind_text(query, 1, pages[n].path, -1, SQLITE_STATIC);
    if (sqlite3_step(query) == SQLITE_ROW) {
      const char *tag = (const char *)sqlite3_column_text(query, 1);
      pages[n].known = copy((const char *)sqlite3_column_text(query, 0), (size_t)sqlite3_column_bytes(query, 0));
      pages[n].known_count = strlen(pages[n].known);
      if (tag) pages[n].tag = copy(tag, strlen(tag));
    }
    sqlite3_reset(query);
  }
  sqlite3_finalize(query);
}

static void save(sqlite3 *store) {
  sqlite3_stmt *query;
  check(store, !sqlite3_exec(store, "BEGIN", 0, 0, 0));
  check(store, !sqlite3_prepare_v2(store, "INSERT OR REPLACE INTO page VALUES (?, ?, ?)", -1, &query, 0));
  for (int n = 0; n < page_count; n++) {
    if (!pages[n].is_changed) continue;
    sqlite3_bind_text(query, 1, pages[n].path, -1, SQLITE_STATIC);
    sqlite3_bind_text(query, 2, pages[n].rows.bytes, (int)pages[n].rows.count, SQLITE_STATIC);
    sqlite3_bind_text(query, 3, pages[n].tag, -1, SQLITE_STATIC);
    check(store, sqlite3_step(query) == SQLITE_DONE);
    sqlite3_reset(query);
  }
  sqlite3_finalize(query);
  check(store, !sqlite3_exec(store, "COMMIT", 0, 0, 0));
  check(store, !sqlite3_close(store));
}

int main(int count, char **words) {
  const char *targets = NULL, *state = NULL;
  for (int n = 1; n < count; n += 2) {
    const char *value = n + 1 < count ? words[n + 1] : NULL;
    if (!strcmp(words[n], "--help")) return puts("usage: floor --site ROOT --targets FILE --state DIR [--threads 1]"), 0;
    if (value && !strcmp(words[n], "--site")) site = value;
    else if (value && !strcmp(words[n], "--targets")) targets = value;
    else if (value && !strcmp(words[n], "--state")) state = value;
    else if (value && !strcmp(words[n], "--threads")) thread_count = atoi(value);
    else return fprintf(stderr, "floor: what is '%s'? see --help\n", words[n]), 64;
  }
  if (!site || !targets || !state || thread_count < 1 || thread_count > MOST_THREADS)
    return fprintf(stderr, "floor: --site, --targets and --state are needed; see --help\n"), 64;
  read_targets(targets);
  sqlite3 *store = open_store(state);
  load(store);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  xmlInitParser();
  Worker workers[MOST_THREADS] = {0};
  pthread_t threads[MOST_THREADS];
  for (int n = 0; n < thread_count; n++) {
    workers[n].number = n;
    if (n && pthread_create(&threads[n], NULL, work, &workers[n])) stop("no thread");
  }
  work(&workers[0]);
  for (int n = 1; n < thread_count; n++) pthread_join(threads[n], NULL);
  save(store);
  int failed = 0;
  for (int n = 0; n < thread_count; n++) {
    if (workers[n].news.count) fwrite(workers[n].news.bytes, 1, workers[n].news.count, stdout);
    failed += workers[n].failed;
  }
  if (failed) fprintf(stderr, "floor: %d of %d pages failed\n", failed, page_count);
  return failed != 0;
}
