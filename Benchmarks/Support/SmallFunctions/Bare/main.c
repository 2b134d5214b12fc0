// The least a runtime can do: one connection, one thread, bytes copied from the event to the answer.
//
// It is what the invocations of the other functions are compared with. It handles no error, knows no answer but
// one with a stated length, and ends at the first surprise.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { capacity = 65536 };

static char incoming[capacity];
static char outgoing[capacity];

static void give_up(const char *call) {
  perror(call);
  exit(1);
}

static int connected(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) give_up("inet_pton");
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) give_up("connect");
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return descriptor;
}

static void send_all(int descriptor, const char *bytes, size_t count) {
  if (write(descriptor, bytes, count) != (ssize_t)count) give_up("write");
}

// The value of a header field, whose name ends with a colon.
static const char *field(const char *name) {
  const char *found = strcasestr(incoming, name);
  if (found == NULL) give_up(name);
  return found + strlen(name);
}

// Receives a response; its body and the body's length are passed out.
static void receive(int descriptor, const char **body, size_t *length) {
  size_t count = 0;
  while (count < capacity - 1) {
    ssize_t more = read(descriptor, incoming + count, capacity - 1 - count);
    if (more == 0) exit(0);
    if (more < 0) give_up("read");
    count += (size_t)more;
    incoming[count] = 0;
    const char *end = strstr(incoming, "\r\n\r\n");
    if (end == NULL) continue;
    *body = end + 4;
    *length = strtoul(field("content-length:"), NULL, 10);
    if (count >= (size_t)(*body - incoming) + *length) return;
  }
  give_up("receive");
}

int main(void) {
  char host[64];
  int port;
  const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
  if (api == NULL || sscanf(api, "%63[^:]:%d", host, &port) != 2) give_up("AWS_LAMBDA_RUNTIME_API");
  int descriptor = connected(host, port);
  char next[256];
  int next_length = snprintf(
      next, sizeof next, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", api);
  for (;;) {
    const char *body;
    size_t length;
    send_all(descriptor, next, (size_t)next_length);
    receive(descriptor, &body, &length);
    char request[128];
    if (sscanf(field("lambda-runtime-aws-request-id:"), " %127[^\r]", request) != 1) give_up("request");
    int head = snprintf(
        outgoing, capacity,
        "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n",
        request, api, length);
    if (head + length > capacity) give_up("length");
    memcpy(outgoing + head, body, length);
    send_all(descriptor, outgoing, head + length);
    receive(descriptor, &body, &length);
  }
}
