#include "AllocationLedger.h"

#if defined(__linux__)
#include <features.h>
#endif

#if defined(__GLIBC__)

#include <errno.h>
#include <malloc.h>
#include <stdint.h>

// glibc exports its allocator under these names for exactly this purpose.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static size_t byte_count;

// A block on the heap has 8 bytes of header and a usable size of 8 above a multiple of 16; a
// mapping has 16, and its usable size is a multiple of 16.
static size_t block_size(void *block) {
  size_t usable = malloc_usable_size(block);
  return usable % 16 == 8 ? usable + 8 : usable + 16;
}

static void *added(void *block) {
  if (block != NULL) __atomic_fetch_add(&byte_count, block_size(block), __ATOMIC_RELAXED);
  return block;
}

static void subtract(void *block) {
  if (block != NULL) __atomic_fetch_sub(&byte_count, block_size(block), __ATOMIC_RELAXED);
}

void *malloc(size_t size) { return added(__libc_malloc(size)); }

void *calloc(size_t number, size_t size) { return added(__libc_calloc(number, size)); }

void *realloc(void *block, size_t size) {
  size_t old = block == NULL ? 0 : block_size(block);
  void *result = __libc_realloc(block, size);
  if (result == NULL && size != 0) return NULL;
  __atomic_fetch_sub(&byte_count, old, __ATOMIC_RELAXED);
  return added(result);
}

void free(void *block) {
  subtract(block);
  __libc_free(block);
}

void *memalign(size_t alignment, size_t size) { return added(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) {
  return added(__libc_memalign(alignment, size));
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *block = added(__libc_memalign(alignment, size));
  if (block == NULL) return ENOMEM;
  *result = block;
  return 0;
}

bool allocation_ledger_is_available(void) { return true; }

size_t allocation_ledger_byte_count(void) {
  return __atomic_load_n(&byte_count, __ATOMIC_RELAXED);
}

void allocation_ledger_trim(void) { malloc_trim(0); }

#else

bool allocation_ledger_is_available(void) { return false; }

size_t allocation_ledger_byte_count(void) { return 0; }

void allocation_ledger_trim(void) {}

#endif
