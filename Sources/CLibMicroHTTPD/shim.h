#pragma once
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

// Swift does not import variadic functions: each call that is needed gets a typed wrapper here.

struct mhd_server_callbacks {
  void *context;
  MHD_AccessHandlerCallback handle;
  // Called with the raw request target before anything is unescaped; its result is the request's context.
  void *(*target)(void *context, const char *uri, struct MHD_Connection *connection);
  MHD_RequestCompletedCallback completed;
};

// Whether the library was built with TLS.
static inline int mhd_has_tls(void) { return MHD_is_feature_supported(MHD_FEATURE_TLS) == MHD_YES; }

// Listens on a loopback address only; over TLS where a key and a certificate (PEM, kept by address) are given. NULL with errno
// set when the port can't be had.
static inline struct MHD_Daemon *mhd_start_loopback(
    int ipv6, uint16_t port, unsigned idle_seconds, unsigned max_connections, size_t stack_bytes,
    size_t head_bytes, const char *key, const char *certificate, struct mhd_server_callbacks c) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  memset(&v4, 0, sizeof v4);
  memset(&v6, 0, sizeof v6);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  struct sockaddr *address = ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
  unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
                   (ipv6 ? MHD_USE_IPv6 : 0) | (key ? MHD_USE_TLS : 0);
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
                                 {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate},
                                 {MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(
      flags, port, NULL, NULL, c.handle, c.context, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_URI_LOG_CALLBACK,
      c.target, c.context, MHD_OPTION_NOTIFY_COMPLETED, c.completed, c.context, MHD_OPTION_CONNECTION_TIMEOUT,
      idle_seconds, MHD_OPTION_CONNECTION_LIMIT, max_connections, MHD_OPTION_THREAD_STACK_SIZE, stack_bytes,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, head_bytes, MHD_OPTION_ARRAY, key ? tls : none, MHD_OPTION_END);
}

struct mhd_probe_callbacks {
  void *context;
  MHD_AccessHandlerCallback handle;
  MHD_NotifyConnectionCallback connection;
};

// A server of one thread (epoll) on an address given in network order: 4 or 16 bytes. NULL with errno set when the port
// can't be had.
static inline struct MHD_Daemon *mhd_start_probe(
    const uint8_t *bytes, size_t count, uint16_t port, unsigned idle_seconds, unsigned max_connections,
    size_t head_bytes, size_t stack_bytes, struct mhd_probe_callbacks c) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  memset(&v4, 0, sizeof v4);
  memset(&v6, 0, sizeof v6);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  int ipv6 = count == 16;
  if (ipv6) memcpy(&v6.sin6_addr, bytes, 16); else memcpy(&v4.sin_addr, bytes, 4);
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | (ipv6 ? MHD_USE_IPv6 : 0), port, NULL, NULL, c.handle, c.context,
      MHD_OPTION_SOCK_ADDR, ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, MHD_OPTION_NOTIFY_CONNECTION,
      c.connection, c.context, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_CONNECTION_LIMIT,
      max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, head_bytes, MHD_OPTION_THREAD_STACK_SIZE, stack_bytes,
      MHD_OPTION_END);
}

// -1 where it is not known.
static inline int mhd_socket_of(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline uint16_t mhd_bound_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

static inline struct MHD_Response *mhd_copied_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

static inline enum MHD_Result mhd_no(void) { return MHD_NO; }
static inline enum MHD_Result mhd_yes(void) { return MHD_YES; }
