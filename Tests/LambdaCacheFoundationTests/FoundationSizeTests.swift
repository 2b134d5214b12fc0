#if canImport(Glibc)
  #if canImport(FoundationEssentials)
    import FoundationEssentials
    import TestSupport
  #else
    import Foundation
  #endif
  import LambdaCache
  import LambdaCacheFoundation
  import Testing

  @Suite("Stated sizes of Foundation's types against the allocator's own account", .prompt)
  struct FoundationSizeTests {
    @Test("Data takes what it states", .enabled(if: AllocatedBytes.isAvailable))
    func data() async {
      await #expect(processExitsWith: .success) {
        for count in [0, 1, 14, 15, 16, 100, 1000, 5000, 100_000] {
          let many = count > 50_000 ? 50 : 300
          expectMeasured("repeated, \(count)", count: many) {
            Data(repeating: UInt8(truncatingIfNeeded: $0), count: count)
          }
          expectMeasured("copied, \(count)", count: many) {
            Data([UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: count))
          }
        }
        // A buffer that `realloc` let grow in place may keep a rest of up to 16 bytes too small to
        // be a block of its own.
        expectMeasured("appended", count: 300, tolerance: 0.03) { index in
          var data = Data()
          for byte in 0..<(index % 299) { data.append(UInt8(truncatingIfNeeded: byte)) }
          return data
        }
        expectMeasured("slice") { Data(repeating: UInt8(truncatingIfNeeded: $0), count: 500)[9...] }
        expectMeasured("inline from a slice") { index in
          Data(Data(repeating: UInt8(truncatingIfNeeded: index), count: 500)[10..<20])
        }
        expectMeasured("copy of a slice") { index in
          Data(Data(repeating: UInt8(truncatingIfNeeded: index), count: 500)[10..<40])
        }
        expectMeasured("array of data") { index in
          (0..<10).map { Data(repeating: UInt8(truncatingIfNeeded: index), count: 20 * $0) }
        }
      }
    }

    @Test("Addresses take what they state", .enabled(if: AllocatedBytes.isAvailable))
    func urls() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("short") { URL(string: "https://example.com/users/\($0 + 1000)?q=1")! }
        expectMeasured("long") { index in
          URL(string: "https://example.com/\(index)/" + String(repeating: "x", count: 300))!
        }
        expectMeasured("to be encoded") { URL(string: "https://example.com/ä ö/\($0)")! }
        expectMeasured("with a base") { index in
          URL(
            string: "users/\(index)/picture-of-the-user",
            relativeTo: URL(string: "https://example.com/\(index)/"))!
        }
      }
    }

    @Test("Dates, identifiers and decimals own nothing")
    func values() {
      #expect(Date(timeIntervalSince1970: 1).heapByteCount == 0 && Date.isHeapFree)
      #expect(UUID().heapByteCount == 0 && UUID.isHeapFree)
      #expect(Decimal(string: "123456789.123456789")?.heapByteCount == 0 && Decimal.isHeapFree)
    }

    @Test("Data of more than 2 GiB is measured without touching it")
    func hugeData() {
      let storage = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
      defer { storage.deallocate() }
      // The bytes behind the sixteenth are never read: only the representation matters.
      let huge = Data(bytesNoCopy: storage, count: 3 << 30, deallocator: .none)
      #expect(huge.heapByteCount > 3 << 30)
      #expect(huge[5..<10].heapByteCount > 3 << 30)
    }
  }

  /// Expects stated and measured sizes to be close, in a process that does nothing else.
  private func expectMeasured<Value: HeapSized>(
    _ name: String, count: Int = 1000, tolerance: Double = 0.01, _ make: (Int) -> Value
  ) {
    let sizes = AllocatedBytes().perValue(count: count, make) { $0.heapByteCount }
    #expect(
      abs(sizes.stated - sizes.measured) <= max(1, sizes.measured * tolerance),
      "\(name): stated \(sizes.stated), measured \(sizes.measured)")
  }
#endif
