#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sources of the readings of a memory budget's guard; replaced in tests.
package struct MemoryReadings: Sendable {
  /// The resident set in bytes, or `nil` where it cannot be read.
  package var resident: @Sendable () -> Int?

  /// The largest resident set there has ever been, in bytes, or `nil` where it is not known.
  package var peakResident: @Sendable () -> Int?

  /// The bytes that the control group holds and the kernel cannot take back, or `nil` without one.
  package var group: @Sendable () -> Int?

  /// The limit of the control group in bytes, or `nil` without one.
  package var groupLimit: Int?

  /// Gives unused memory of the allocator back to the system; `nil` where it cannot.
  package var trim: (@Sendable () -> Void)?

  /// A clock in nanoseconds, which measures the time of all this.
  package var nanoseconds: @Sendable () -> Int64

  package init(
    resident: @escaping @Sendable () -> Int?, peakResident: @escaping @Sendable () -> Int?,
    group: @escaping @Sendable () -> Int?, groupLimit: Int?, trim: (@Sendable () -> Void)?,
    nanoseconds: @escaping @Sendable () -> Int64
  ) {
    self.resident = resident
    self.peakResident = peakResident
    self.group = group
    self.groupLimit = groupLimit
    self.trim = trim
    self.nanoseconds = nanoseconds
  }

  /// The readings of this process.
  ///
  /// - Parameter group: The control group that limits its memory.
  /// - Returns: `nil` where the present resident set cannot be read.
  package static func system(group: ProcessMemory.ContainerLimit?) -> MemoryReadings? {
    #if os(Linux)
      MemoryReadings(
        resident: { residentByteCount },
        peakResident: PeakReading.ofThisProcess,
        group: {
          guard let group else { return nil }
          return unreclaimableByteCount(limitFile: group.source) { path in
            ProcessMemory.contents(ofFile: path)
          }
        },
        groupLimit: group?.byteCount,
        trim: systemTrim,
        nanoseconds: { SystemClocks.monotonic })
    #else
      nil
    #endif
  }

  #if os(Linux)
    /// Read without any allocation: it happens at every invocation.
    private static var residentByteCount: Int? {
      withContents(ofFile: "/proc/self/statm", upTo: 128) { text in
        pageCount(inStatm: text).map { $0 * VirtualMemory.pageByteCount }
      }
    }

    /// Reads the beginning of a file onto the stack.
    static func withContents(
      ofFile path: StaticString, upTo byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Int?
    ) -> Int? {
      withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) { buffer in
        let name = UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self)
        let descriptor = open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        return count > 0 ? body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
      }
    }

    private static var systemTrim: (@Sendable () -> Void)? {
      #if canImport(Glibc)
        return { _ = trimAllocator(keeping: 0) }
      #else
        return nil
      #endif
    }
  #endif

  /// The second number in `/proc/self/statm` (proc(5)).
  package static func pageCount(inStatm text: UnsafeRawBufferPointer) -> Int? {
    var fields = text.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst()
    return fields.popFirst().flatMap(number)
  }

  /// A text of digits, less than 2⁵⁰.
  static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard !digits.isEmpty else { return nil }
    var number = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      guard !overflow, product < 1 << 50 else { return nil }
      number = product + Int(digit - UInt8(ascii: "0"))
    }
    return number
  }

  /// The bytes that a control group is charged for, less the pages of files, which the kernel takes
  /// back before it kills.
  ///
  /// - Parameters:
  ///   - path: The file that states the group's limit; the others lie beside it.
  ///   - file: The content of a file, or `nil` if it cannot be read.
  package static func unreclaimableByteCount(
    limitFile path: String, readingFile file: (String) -> String?
  ) -> Int? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    let folder = path[...slash]
    let isVersion1 = path.hasSuffix("limit_in_bytes")
    let name = isVersion1 ? "memory.usage_in_bytes" : "memory.current"
    guard let charged = file(folder + name)?.split(whereSeparator: \.isWhitespace).first,
      let total = Int(charged), let statistics = file(folder + "memory.stat")
    else { return nil }
    let prefix = isVersion1 ? "total_" : ""
    let keys = [prefix + "active_file", prefix + "inactive_file"]
    let files = statistics.split(separator: "\n").reduce(0) { sum, line in
      let fields = line.split(separator: " ")
      guard fields.count == 2, keys.contains(String(fields[0])) else { return sum }
      return sum + max(0, Int(fields[1]) ?? 0)
    }
    return max(0, total - files)
  }
}

#if canImport(Glibc)
  /// `malloc_trim(3)` of glibc, whose header the module `Glibc` leaves out.
  ///
  /// - Parameter byteCount: The bytes to keep at the top of the heap.
  /// - Returns: 1 if memory was given back, else 0.
  @_silgen_name("malloc_trim")
  private func trimAllocator(keeping byteCount: Int) -> Int32
#endif
