#pragma once
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

// Swift does not import variadic functions: each option type that is needed gets a typed wrapper here.

static inline CURLcode curl_set_long(CURL *e, CURLoption o, long v) { return curl_easy_setopt(e, o, v); }
static inline CURLcode curl_set_off(CURL *e, CURLoption o, curl_off_t v) { return curl_easy_setopt(e, o, v); }
static inline CURLcode curl_set_text(CURL *e, CURLoption o, const char *v) { return curl_easy_setopt(e, o, v); }
static inline CURLcode curl_set_pointer(CURL *e, CURLoption o, void *v) { return curl_easy_setopt(e, o, v); }
static inline CURLcode curl_set_headers(CURL *e, struct curl_slist *v) {
  return curl_easy_setopt(e, CURLOPT_HTTPHEADER, v);
}
static inline CURLcode curl_set_names(CURL *e, struct curl_slist *v) { return curl_easy_setopt(e, CURLOPT_RESOLVE, v); }
static inline CURLcode curl_set_body(CURL *e, const void *bytes, curl_off_t count) {
  CURLcode code = curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, count);
  return code ? code : curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, count ? bytes : "");
}
static inline CURLcode curl_set_callbacks(
    CURL *e, void *context, curl_write_callback body, curl_write_callback header, curl_opensocket_callback socket,
    curl_prereq_callback request) {
  CURLcode code = curl_easy_setopt(e, CURLOPT_WRITEDATA, context);
  if (!code) code = curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, body);
  if (!code) code = curl_easy_setopt(e, CURLOPT_HEADERDATA, context);
  if (!code) code = curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, header);
  if (!code) code = curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, context);
  if (!code) code = curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, socket);
  if (!code) code = curl_easy_setopt(e, CURLOPT_PREREQDATA, context);
  if (!code) code = curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, request);
  return code;
}

static inline long curl_get_status(CURL *e) {
  long status = 0;
  curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
  return status;
}
// What the server announced, before decompression; -1 where it did not.
static inline curl_off_t curl_get_content_length(CURL *e) {
  curl_off_t length = -1;
  curl_easy_getinfo(e, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length;
}
static inline long curl_get_connect_status(CURL *e) {
  long status = 0;
  curl_easy_getinfo(e, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}
static inline long curl_get_proxy_error(CURL *e) {
  long code = 0;
  curl_easy_getinfo(e, CURLINFO_PROXY_ERROR, &code);
  return code;
}
// Whether a TCP connection came about, be it to a proxy.
static inline bool curl_is_connected(CURL *e) {
  long port = 0;
  curl_easy_getinfo(e, CURLINFO_LOCAL_PORT, &port);
  return port > 0;
}
// What a SOCKS proxy says of the site behind it.
static inline bool curl_is_unreachable(long code) {
  return code == CURLPX_REPLY_HOST_UNREACHABLE || code == CURLPX_REPLY_NETWORK_UNREACHABLE ||
         code == CURLPX_REPLY_CONNECTION_REFUSED || code == CURLPX_REPLY_TTL_EXPIRED;
}
static inline curl_off_t curl_get_total_microseconds(CURL *e) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(e, CURLINFO_TOTAL_TIME_T, &microseconds);
  return microseconds;
}
static inline void *curl_get_private(CURL *e) {
  void *context = NULL;
  curl_easy_getinfo(e, CURLINFO_PRIVATE, &context);
  return context;
}

static inline CURLMcode curl_multi_set_long(CURLM *m, CURLMoption o, long v) { return curl_multi_setopt(m, o, v); }

// The next transfer that ended: its handle, or NULL.
static inline CURL *curl_multi_next_done(CURLM *m, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(m, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

// The address that is about to be connected to: 4 or 16 bytes, or 0 for another family.
static inline int curl_address_bytes(const struct curl_sockaddr *a, unsigned char bytes[16], int *port) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  if (a->family == AF_INET && a->addrlen >= sizeof v4) {
    memcpy(&v4, &a->addr, sizeof v4);
    memcpy(bytes, &v4.sin_addr, 4);
    *port = ntohs(v4.sin_port);
    return 4;
  }
  if (a->family == AF_INET6 && a->addrlen >= sizeof v6) {
    memcpy(&v6, (const void *)&a->addr, sizeof v6);
    memcpy(bytes, &v6.sin6_addr, 16);
    *port = ntohs(v6.sin6_port);
    return 16;
  }
  return 0;
}

static inline curl_socket_t curl_open_socket(const struct curl_sockaddr *a) {
  return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static inline CURLcode curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
static inline curl_socket_t curl_no_socket(void) { return CURL_SOCKET_BAD; }
static inline long curl_http2_over_tls(void) { return CURL_HTTP_VERSION_2TLS; }

// glibc hides it without _GNU_SOURCE.
int pthread_setname_np(pthread_t thread, const char *name);
