#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stddef.h>

/// Whether allocations are counted on this system: where the C library is glibc, whose allocator
/// can be called by other names.
bool allocation_counter_is_available(void);

/// The blocks that this thread has asked the allocator for so far; 0 where they are not counted.
///
/// A program that links this target has `malloc`, `calloc`, `realloc`, `aligned_alloc`,
/// `posix_memalign` and `memalign` of its own, which count and pass the request on. It costs an
/// allocation one addition.
size_t allocation_count(void);

/// The bytes in blocks that are allocated now, as `mallinfo2` reports them, mapped ones included;
/// 0 where it does not exist.
size_t allocated_byte_count(void);

#endif
