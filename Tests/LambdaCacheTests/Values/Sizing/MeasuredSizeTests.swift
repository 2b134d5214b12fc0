#if canImport(Glibc)
  import LambdaCache
  import TestSupport
  import Testing

  @Suite(
    "Stated sizes against the allocator's own account", .prompt,
    .enabled(if: AllocatedBytes.isAvailable))
  struct MeasuredSizeTests {
    @Test("Strings take what they state")
    func strings() async {
      await #expect(processExitsWith: .success) {
        for count in [0, 15, 16, 24, 31, 40, 63, 64, 95, 100, 200, 500, 1000, 5000, 130_000] {
          let many = count > 1000 ? 50 : 1000
          expectMeasured("copied, \(count) bytes", count: many) { exactText(count, $0) }
          expectMeasured("appended, \(count) bytes", count: many) { appendedText(count, $0) }
        }
        expectMeasured("not ASCII") { "äöüß€\($0)" + String(repeating: "é", count: 40) }
        expectMeasured("interpolated") { "user-\($0)-\($0 * 7919)-profile-of-a-person" }
        expectMeasured("literal") { _ in "a literal string that is longer than fifteen bytes" }
        expectMeasured("part") { exactText(100, $0).dropFirst(5).prefix(3) }
        expectMeasured("raw value") { Name(rawValue: exactText(40, $0)) }
        expectMeasured("optional") { $0 % 2 == 0 ? nil : exactText(40, $0) }
      }
    }

    @Test("Arrays take what they state")
    func arrays() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("literal") { [$0, $0 + 1, $0 + 2] }
        expectMeasured("Int") { Array(0..<($0 % 50)) }
        expectMeasured("appended") { index in
          var bytes: [UInt8] = []
          for byte in 0..<(index % 500) { bytes.append(UInt8(truncatingIfNeeded: byte)) }
          return bytes
        }
        expectMeasured("24-byte elements") { Array(repeating: Wide(), count: $0 % 37) }
        expectMeasured("vectors of 32 bytes") { Array(repeating: SIMD4<Double>(), count: $0 % 11) }
        expectMeasured("vectors of 64 bytes") { Array(repeating: SIMD8<Double>(), count: $0 % 11) }
        expectMeasured("contiguous") { ContiguousArray(repeating: Int32(1), count: $0 % 77) }
        expectMeasured("strings") { count in (0..<(count % 20)).map { exactText(30, $0) } }
        expectMeasured("nested") { count in
          (0..<(count % 20)).map { $0 % 2 == 0 ? nil : [$0, count] }
        }
        expectMeasured("part") { Array(0..<(10 + $0 % 50))[2..<4] }
        expectMeasured("part of strings") { count in
          (0..<(10 + count % 20)).map { exactText(30, $0) }[2..<4]
        }
        expectMeasured("mapped", count: 100) { [UInt8](repeating: UInt8($0), count: 300_000) }
      }
    }

    @Test("Hash tables take what they state")
    func hashTables() async {
      await #expect(processExitsWith: .success) {
        for count in [0, 1, 2, 3, 4, 6, 7, 12, 13, 24, 25, 48, 49, 96, 97, 1000] {
          let many = count > 500 ? 50 : 300
          expectMeasured("Int to Int, \(count)", count: many) { _ in
            Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, $0) })
          }
          expectMeasured("UInt16 to Int, \(count)", count: many) { _ in
            Dictionary(uniqueKeysWithValues: (0..<count).map { (UInt16($0), $0) })
          }
          expectMeasured("Int32, \(count)", count: many) { _ in Set((0..<count).map(Int32.init)) }
        }
        expectMeasured("reserved") { index in
          var table: [Int: Bool] = [:]
          table.reserveCapacity(50)
          table[index] = true
          return table
        }
        expectMeasured("strings") { count in Set((0..<(count % 30)).map { exactText(24, $0) }) }
        expectMeasured("nested") { count in
          Dictionary(
            uniqueKeysWithValues: (0..<(count % 9)).map {
              (exactText(20, $0), [exactText(30, $0), "x"])
            })
        }
      }
    }
  }

  private struct Wide: BitwiseCopyable, HeapSized {
    var first: Int64 = 1
    var second: Int64 = 2
    var third: Int64 = 3
  }

  private struct Name: RawRepresentable, HeapSized {
    var rawValue: String
  }

  /// A string that has grown to a length.
  private func appendedText(_ count: Int, _ seed: Int) -> String {
    var text = count < 6 ? "" : "\(seed)"
    while text.utf8.count + 40 <= count { text += "forty bytes more, so that it is not slow" }
    while text.utf8.count < count { text += "x" }
    return text
  }

  /// A string that was made with its length.
  private func exactText(_ count: Int, _ seed: Int) -> String {
    String(decoding: Array(appendedText(count, seed).utf8), as: UTF8.self)
  }

  /// Expects stated and measured sizes within 1 %, in a process that does nothing else.
  private func expectMeasured<Value: HeapSized>(
    _ name: String, count: Int = 1000, _ make: (Int) -> Value
  ) {
    let sizes = AllocatedBytes().perValue(count: count, make) { $0.heapByteCount }
    #expect(
      abs(sizes.stated - sizes.measured) <= max(1, sizes.measured / 100),
      "\(name): stated \(sizes.stated), measured \(sizes.measured)")
  }
#endif
