// Put before libc, shows a program clocks that another program sets.
//
// The variable SIMULATED_CLOCKS names a file that both map. It has two tables, each with a line per
// clock, and a byte that says which table counts: the other can be written in peace. Its layout is
// also in simulated_clocks.py. Only clock_gettime is answered so; what waits in the kernel waits by
// the kernel's clocks.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { clock_count = 8 };

// A clock shows `shown` at the real time `from`, and runs at a rate from there; in nanoseconds.
struct line {
  int64_t from;
  int64_t shown;
  int64_t numerator;
  int64_t denominator;
};

struct clocks {
  uint8_t active;
  uint8_t padding[7];
  struct line tables[2][clock_count];
  uint64_t readings[clock_count];
};

static struct clocks *clocks;

__attribute__((constructor)) static void map_clocks(void) {
  const char *path = getenv("SIMULATED_CLOCKS");
  if (path == NULL) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  void *memory =
      file < 0 ? MAP_FAILED
               : mmap(NULL, sizeof(struct clocks), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) {
    perror(path);
    abort();
  }
  close(file);
  clocks = memory;
}

// The kernel's own function is not to be had, so that nobody reads the clocks past the one below.
void *dlopen(const char *file, int mode) {
  if (file != NULL && strcmp(file, "linux-vdso.so.1") == 0) return NULL;
  void *(*next)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
  return next(file, mode);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  long status = syscall(SYS_clock_gettime, clock, time);
  if (status != 0 || clocks == NULL || clock < 0 || clock >= clock_count) return (int)status;
  uint8_t active = __atomic_load_n(&clocks->active, __ATOMIC_ACQUIRE) & 1;
  const struct line *line = &clocks->tables[active][clock];
  if (line->denominator == 0) return 0;
  __atomic_add_fetch(&clocks->readings[clock], 1, __ATOMIC_RELAXED);
  int64_t real = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
  int64_t shown = line->shown + (real - line->from) * line->numerator / line->denominator;
  time->tv_sec = shown / 1000000000;
  time->tv_nsec = shown % 1000000000;
  return 0;
}
