import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHTTP

#if canImport(Glibc)
#endif

@Suite("The index of a target's variants", .prompt, .timeLimit(.minutes(15)))
struct VariantIndexTests {
  private static func site(_ cacheControl: String, timeToLive: Duration?) -> Site {
    Site(timeToLive: timeToLive) { request in
      HTTPResponseParts(
        status: 200,
        fields: [
          "cache-control": request.fields["x-control"] ?? cacheControl,
          "vary": request.fields["x-vary"] ?? "accept",
        ], body: "one")
    }
  }

  @Test("An index of variants lives as long as its responses, whatever the cache's time to live")
  func lifetime() async throws {
    let site = Self.site("max-age=600", timeToLive: .seconds(1))
    for _ in 0..<60 {
      _ = try await site.get()
      site.clock.advance(by: .seconds(9.9))
    }
    #expect(site.asked.count == 1)
    site.clock.advance(by: .seconds(6))
    _ = try await site.get()
    #expect(site.asked.count == 2)
  }

  @Test("An index of variants lives as long as the longest of them, in whatever order they come")
  func longest() async throws {
    for times in [[600, 10], [10, 600]] {
      let site = Self.site("max-age=1", timeToLive: .seconds(1))
      for time in times {
        _ = try await site.get("/", ["accept": "\(time)", "x-control": "max-age=\(time)"])
      }
      site.clock.advance(by: .seconds(599))
      _ = try await site.get("/", ["accept": "600"])
      #expect(site.asked.count == 2)
    }
  }

  @Test("An index of variants keeps its time when another set of fields comes")
  func otherFields() async throws {
    let site = Self.site("max-age=600", timeToLive: .seconds(1))
    _ = try await site.get("/", ["accept": "a"])
    _ = try await site.get(
      "/", ["x-b": "1", "x-control": "max-age=5", "x-vary": "x-b"])
    site.clock.advance(by: .seconds(599))
    _ = try await site.get("/", ["accept": "a"])
    #expect(site.asked.count == 2)
  }

  @Test("An index of variants ends soon after the last of them, so that nothing is kept in vain")
  func end() async throws {
    for timeToLive: Duration? in [nil, .seconds(9999)] {
      let site = Self.site("max-age=10", timeToLive: timeToLive)
      _ = try await site.get("/a")
      _ = try await site.get("/b")
      site.clock.advance(by: .seconds(12))
      _ = site.responses.cache.value(forKey: "none")
      #expect(site.responses.cache.count == 0)
    }
  }

  @Test("A target with ten thousand names in Vary has no index, and costs no search")
  func tooMany() async throws {
    let names = (0..<10_000).map { "x-name-\($0)" }.joined(separator: ", ")
    let site = Self.site("max-age=60", timeToLive: nil)
    for _ in 0..<3 { _ = try await site.get("/", ["x-vary": names]) }
    #expect(site.asked.count == 3)
    #expect(site.responses.cache.count == 0)
    #expect(FieldNames(names + "," + names).names.count == 10_000)
  }

  @Test("An index of variants that has ended does not bring superseded responses back")
  func overflow() async throws {
    let site = Self.site("max-age=600", timeToLive: nil)
    _ = try await site.get("/", ["x-a": "1", "x-vary": "x-a"])
    for number in 0...VariantIndex.capacity {
      _ = try await site.get("/", ["x-\(number)": "1", "x-vary": "x-\(number)"])
    }
    // The first response is out of reach now, and gets a successor.
    _ = try await site.get(
      "/",
      [
        "x-a": "1", "cache-control": "no-cache", "x-vary": "x-0", "x-control": "max-age=10",
      ])
    // Another request brings back the set of fields that the first was found by.
    _ = try await site.get("/", ["x-a": "2", "x-0": "7", "x-vary": "x-a"])
    site.clock.advance(by: .seconds(20))
    let count = site.asked.count
    _ = try await site.get("/", ["x-a": "1"])
    #expect(site.asked.count == count + 1)
  }

  @Test("An index of variants is counted, with all its names")
  func counted() async throws {
    let site = Self.site("max-age=60", timeToLive: nil)
    for number in 0..<200 {
      let name = String(repeating: "x", count: 1 + number % 40) + "-\(number % 7)"
      _ = try await site.get("/\(number % 20)", ["x-vary": name, name: "\(number)"])
      let audit = site.responses.cache.byteAudit
      #expect(audit.ledgerByteCount == audit.recomputedByteCount)
    }
  }

  #if canImport(Glibc)
    @Test(
      "An index of variants has the size that it takes from malloc",
      .enabled(if: AllocatedBytes.isAvailable))
    func exact() async {
      await #expect(processExitsWith: .success) {
        let allocated = AllocatedBytes()
        for (sets, names) in [(1, 1), (1, 6), (4, 1), (4, 5), (2, 64)] {
          let (measured, stated) = allocated.perValue(
            count: 200,
            { number in
              StoredResponse(
                VariantIndex(
                  fieldSets: (0..<sets).map { set in
                    (0..<names).map { "a-name-of-some-length-\(set)-\($0)-\(number)" }
                  }, generation: 1, end: 1))
            }, size: { $0.heapByteCount })
          precondition(
            abs(measured - stated) <= measured / 100,
            "\(sets) sets of \(names) names: \(stated) of \(measured)")
        }
      }
    }
  #endif
}
