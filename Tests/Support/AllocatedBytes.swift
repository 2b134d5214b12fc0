#if canImport(Glibc)
  import Glibc

  /// The bytes that glibc has handed out in this process, by its own report (`malloc_info`).
  ///
  /// The difference of two readings is the memory taken in between as long as nothing else runs:
  /// use it in an exit test, whose process is alone.
  package struct AllocatedBytes: ~Copyable {
    private typealias Report = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32

    /// Whether the allocator is glibc's; a sanitizer puts its own in the place.
    package static var isAvailable: Bool {
      dlsym(nil, "malloc_info") != nil && dlsym(nil, "__asan_init") == nil
        && dlsym(nil, "__tsan_init") == nil
    }

    private let report: Report
    private let buffer: UnsafeMutableBufferPointer<CChar>
    private let file: UnsafeMutablePointer<FILE>

    package init() {
      precondition(Self.isAvailable, "the allocator of this process is not glibc's")
      report = unsafeBitCast(dlsym(nil, "malloc_info")!, to: Report.self)
      buffer = .allocate(capacity: 1 << 20)
      file = fmemopen(buffer.baseAddress, buffer.count, "w")!
    }

    deinit {
      _ = fclose(file)
      buffer.deallocate()
    }

    /// The bytes in use now, with headers and rounding.
    package func current() -> Int {
      rewind(file)
      guard report(0, file) == 0, fflush(file) == 0 else { return -1 }
      // The totals of all arenas stand behind the last arena. What a longer report left behind
      // the end of this one is not looked at.
      let report = UnsafeBufferPointer(rebasing: buffer[..<ftell(file)])
      let text = report.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
      let totals = text.split(separator: "</heap>\n").last.map(String.init) ?? text
      func size(of element: String) -> Int {
        guard let line = totals.split(separator: "\n").first(where: { $0.hasPrefix(element) }),
          let field = line.split(separator: " ").last(where: { $0.hasPrefix("size=") })
        else { return 0 }
        return Int(field.split(separator: "\"")[1]) ?? 0
      }
      return size(of: "<system type=\"current\"") + size(of: "<total type=\"mmap\"")
        - size(of: "<total type=\"fast\"") - size(of: "<total type=\"rest\"")
    }

    /// The bytes that each value made by a closure takes on average.
    ///
    /// As many values again are made first and kept, so that they and not the measured ones get
    /// the free blocks that the thread's cache holds: glibc counts those as in use.
    ///
    /// - Parameters:
    ///   - count: How many values are measured.
    ///   - make: Makes the value with a number.
    ///   - size: What a value says that it takes.
    /// - Returns: Measured bytes per value, and the values' own answer.
    package func perValue<Value>(
      count: Int, _ make: (Int) -> Value, size: (Value) -> Int
    ) -> (measured: Double, stated: Double) {
      let first = (0..<count).map(make)
      var values: [Value] = []
      values.reserveCapacity(count)
      _ = current()
      let before = current()
      for index in 0..<count { values.append(make(index)) }
      let after = current()
      let stated = values.reduce(0) { $0 + size($1) }
      return withExtendedLifetime(first) {
        (Double(after - before) / Double(count), Double(stated) / Double(count))
      }
    }
  }
#endif
