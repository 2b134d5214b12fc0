#ifndef ALLOCATION_LEDGER_H
#define ALLOCATION_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

/// Whether the ledger is kept on this system: where the C library is glibc, whose allocator can be
/// called by other names.
bool allocation_ledger_is_available(void);

/// The bytes of all blocks that are allocated now, with their headers and whole pages where a
/// block is a mapping of its own.
///
/// A program that links this target has `malloc`, `calloc`, `realloc`, `free`, `aligned_alloc`,
/// `posix_memalign` and `memalign` of its own, which pass the request on and add or subtract what
/// the block takes according to `malloc_usable_size`. Unlike `mallinfo2` it does not count freed
/// blocks that a thread keeps for its next request.
size_t allocation_ledger_byte_count(void);

/// Gives freed memory at the end and in the middle of the heap back to the system.
void allocation_ledger_trim(void);

#endif
