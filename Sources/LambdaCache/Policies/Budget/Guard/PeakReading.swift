#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The source of the largest resident set of this process, in bytes.
package enum PeakReading {
  /// The bytes by which the two sources may differ and agree all the same.
  private static let tolerance = 1 << 20

  #if os(Linux)
    /// The reading to go by from now on.
    ///
    /// getrusage(2) takes a fraction of a microsecond, proc(5) some tens. But the former begins
    /// with the peak of the program that started this one, or that was there before `exec`, and
    /// hides every peak below that: a function started by a large process would seem to need
    /// nothing. Where it gives more than the latter, it is not used again.
    static var ofThisProcess: @Sendable () -> Int? {
      choose(fast: { fromUsage }, own: { fromStatus })
    }

    /// In kilobytes of 1,024 bytes.
    private static var fromUsage: Int? {
      var usage = rusage()
      #if canImport(Glibc)
        let status = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      #else
        let status = getrusage(RUSAGE_SELF, &usage)
      #endif
      return status == 0 ? usage.ru_maxrss * 1024 : nil
    }

    private static var fromStatus: Int? {
      MemoryReadings.withContents(ofFile: "/proc/self/status", upTo: 4096, byteCount(inStatus:))
    }
  #endif

  /// The fast source unless it gives more than the process itself has had.
  package static func choose(
    fast: @escaping @Sendable () -> Int?, own: @escaping @Sendable () -> Int?
  ) -> @Sendable () -> Int? {
    guard let first = fast() else { return own }
    guard let second = own(), first > second + tolerance else { return fast }
    return own
  }

  /// The line `VmHWM` of `/proc/self/status`, which is in kilobytes of 1,024 bytes.
  package static func byteCount(inStatus text: UnsafeRawBufferPointer) -> Int? {
    var rest = text[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      guard line.starts(with: "VmHWM:".utf8) else { continue }
      let value = line.dropFirst(6).drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
      return MemoryReadings.number(value.prefix { $0 != UInt8(ascii: " ") }).map { $0 * 1024 }
    }
    return nil
  }
}
