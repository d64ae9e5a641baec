/* Preloaded into the gateway by the crash rounds: kills it with SIGKILL at the n-th event of a kind.
 * The test writes kind and count into a shared control block whenever it likes, and reads there
 * whether the point was reached. With no kind set, every call goes straight through. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  none,
  log_write,        /* before a write to the write-ahead log */
  log_sync,         /* before a sync of it: nothing of the batch is durable */
  log_synced,       /* after a sync of it: all of the batch is */
  provider_send,    /* before bytes leave for the provider */
  database_write,   /* before a write to the database itself, which only a checkpoint does */
  database_sync,    /* before a sync of it */
};

struct control {
  _Atomic int kind, count, fired, provider_port;
};
static struct control off;
static struct control* control = &off;

__attribute__((constructor)) static void attach(void) {
  const char* file = getenv("CRASH_CONTROL");
  const int descriptor = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return;
  void* shared = mmap(NULL, sizeof off, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (shared != MAP_FAILED) control = shared;
  close(descriptor);
}

static void count_down(void) {
  if (atomic_fetch_sub(&control->count, 1) != 1) return;
  atomic_store(&control->fired, 1);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int is_file(int descriptor, const char* end) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  const size_t wanted = strlen(end);
  if (length < (ssize_t)wanted) return 0;
  path[length] = 0;
  return strcmp(path + length - wanted, end) == 0;
}

static int is_provider(int descriptor) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  if (getpeername(descriptor, (struct sockaddr*)&peer, &size) != 0) return 0;
  return peer.sin_family == AF_INET && ntohs(peer.sin_port) == atomic_load(&control->provider_port);
}

static int waits_for(int kind) { return atomic_load(&control->kind) == kind; }

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t at) {
  static ssize_t (*real)(int, const void*, size_t, off64_t);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  if (waits_for(log_write) && is_file(descriptor, "/ledger.db-wal")) count_down();
  if (waits_for(database_write) && is_file(descriptor, "/ledger.db")) count_down();
  return real(descriptor, bytes, size, at);
}

int fdatasync(int descriptor) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (waits_for(log_sync) && is_file(descriptor, "/ledger.db-wal")) count_down();
  if (waits_for(database_sync) && is_file(descriptor, "/ledger.db")) count_down();
  const int result = real(descriptor);
  if (waits_for(log_synced) && is_file(descriptor, "/ledger.db-wal")) count_down();
  return result;
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  static ssize_t (*real)(int, const void*, size_t, int);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t, int))dlsym(RTLD_NEXT, "send");
  if (waits_for(provider_send) && is_provider(descriptor)) count_down();
  return real(descriptor, bytes, size, flags);
}

ssize_t sendmsg(int descriptor, const struct msghdr* message, int flags) {
  static ssize_t (*real)(int, const struct msghdr*, int);
  if (real == NULL) real = (ssize_t(*)(int, const struct msghdr*, int))dlsym(RTLD_NEXT, "sendmsg");
  if (waits_for(provider_send) && is_provider(descriptor)) count_down();
  return real(descriptor, message, flags);
}
