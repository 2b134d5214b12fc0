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
      #expect(Locale(identifier: "de_DE").heapByteCount == 0 && Locale.isHeapFree)
    }

    @Test(
      "Calendars and their parts take what they state", .enabled(if: AllocatedBytes.isAvailable))
    func calendars() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("gregorian") { _ in Calendar(identifier: .gregorian) }
        expectMeasured("current") { _ in Calendar.current }
        expectMeasured("following the current one") { _ in Calendar.autoupdatingCurrent }
        expectMeasured("changed") { index in
          var calendar = Calendar(identifier: .gregorian)
          calendar.firstWeekday = 2 + index % 5
          return calendar
        }
        expectMeasured("with a time zone of its own") { index in
          var calendar = Calendar(identifier: .iso8601)
          calendar.timeZone = TimeZone(secondsFromGMT: 60 + index % 1000)!
          return calendar
        }
        expectMeasured("with a locale") { _ in
          var calendar = Calendar(identifier: .gregorian)
          calendar.locale = Locale(identifier: "de_DE")
          return calendar
        }
        expectMeasured("time zone of whole hours") { TimeZone(secondsFromGMT: $0 % 12 * 3600)! }
        expectMeasured("time zone of half hours") { TimeZone(secondsFromGMT: -$0 % 12 * 1800)! }
        expectMeasured("time zone of minutes") { TimeZone(secondsFromGMT: 1 + $0 % 1700)! }
        expectMeasured("locale") { _ in Locale(identifier: "de_DE") }
        expectMeasured("components") { DateComponents(year: 2000 + $0, month: 2, day: 3) }
        expectMeasured("components with a calendar") { index in
          var calendar = Calendar(identifier: .gregorian)
          calendar.firstWeekday = 2 + index % 5
          return DateComponents(calendar: calendar, year: index)
        }
        expectMeasured("components with a time zone") { index in
          DateComponents(timeZone: TimeZone(secondsFromGMT: 7)!, year: index)
        }
      }
    }

    @Test("Components of addresses take what they state", .enabled(if: AllocatedBytes.isAvailable))
    func urlComponents() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("empty") { _ in URLComponents() }
        expectMeasured("parsed") { index in
          URLComponents(string: "https://user@example.com:80/users/\(index)?a=b&c=\(index)#frag")!
        }
        expectMeasured("parsed and changed") { index in
          var components = URLComponents(string: "https://example.com/users/\(index)?a=b")!
          components.host = "\(index).a-host-with-a-long-name.example.com"
          components.fragment = "a fragment that is not short, number \(index)"
          return components
        }
        expectMeasured("set") { index in
          var components = URLComponents()
          components.scheme = "https"
          components.user = "a-user-with-a-long-name-\(index)"
          components.password = "a-password-with-many-letters-\(index)"
          components.host = "\(index).a-host-with-a-long-name.example.com"
          components.port = 8080
          components.path = "/a/path/that/is/not/short/\(index)"
          components.query = "a=query&that=is&not=short&number=\(index)"
          components.fragment = "a-fragment-that-is-not-short-\(index)"
          return components
        }
        expectMeasured("item of a query") { index in
          URLQueryItem(name: "a name that is not short \(index)", value: "a value, number \(index)")
        }
        expectMeasured("item without a value") { URLQueryItem(name: "\($0)", value: nil) }
      }
    }

    @Test("A cache takes components of a date, with a calendar and without")
    func dateComponents() {
      let cache = Cache<Int, DateComponents>(byteLimit: 1 << 20) {
        $0.endsProcessForUnknownSize = true
      }
      cache[1] = DateComponents(year: 2026)
      cache[2] = DateComponents(
        calendar: Calendar(identifier: .gregorian), timeZone: TimeZone(secondsFromGMT: 60),
        year: 2026)
      #expect(cache.count == 2)
      #expect(cache[2]?.year == 2026)
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
