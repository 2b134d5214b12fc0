#if canImport(Glibc)
  import Glibc

  /// Detects whether a closure allocates anything, even if it is freed again.
  ///
  /// The report of `malloc_info` shows every arena, but takes a block in a thread's cache for one
  /// in use. So the blocks in that cache are taken and held first: the next block of any size class
  /// must then come out of an arena, and when it is freed it goes into the thread's cache instead
  /// of back. Larger blocks than that cache keeps are seen only while they are in use.
  ///
  /// Use it in an exit test, whose process is alone.
  package struct AllocationWitness {
    private typealias Report = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32

    private let report: Report
    private let file: UnsafeMutablePointer<FILE>
    private let text = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    private let former = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    /// Whether the allocator is glibc's; a sanitizer puts its own in the place.
    package static var isAvailable: Bool { AllocatedBytes.isAvailable }

    package init() {
      report = unsafeBitCast(dlsym(nil, "malloc_info")!, to: Report.self)
      file = fmemopen(text.baseAddress, text.count, "w")!
    }

    /// Whether at least one of a few runs allocates nothing; what allocates always does.
    package func isQuiet(_ body: () -> Void) -> Bool {
      body()
      for _ in 0..<3 {
        holdCachedBlocks()
        write()
        former.copyMemory(from: UnsafeRawBufferPointer(text))
        body()
        write()
        if memcmp(text.baseAddress!, former.baseAddress!, text.count) == 0 { return true }
      }
      return false
    }

    private func write() {
      rewind(file)
      precondition(report(0, file) == 0, "malloc_info failed")
      precondition(putc(0, file) == 0 && fflush(file) == 0, "the report could not be written")
    }

    /// Takes more blocks of each size than a thread's cache keeps, and never gives them back.
    private func holdCachedBlocks() {
      for size in stride(from: 24, through: 1_032, by: 16) {
        for _ in 0..<32 { precondition(malloc(size) != nil, "no memory") }
      }
    }
  }
#endif
