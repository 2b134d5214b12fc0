#if canImport(Glibc)
  import LambdaCache
  import TestSupport
  import Testing

  @testable import LambdaCacheHTTP

  @Suite("The size of a stored response", .prompt)
  struct StoredResponseSizeTests {
    @Test(
      "The size of a stored response is what it takes from malloc, to one per cent",
      .enabled(if: AllocatedBytes.isAvailable))
    func exact() async {
      await #expect(processExitsWith: .success) {
        let allocated = AllocatedBytes()
        for (fieldCount, bodyLength) in [(0, 0), (1, 10), (7, 100), (7, 5000), (20, 10)] {
          let (measured, stated) = allocated.perValue(
            count: 200, { Self.make($0, fieldCount, bodyLength) }, size: { $0.heapByteCount })
          precondition(
            abs(measured - stated) <= measured / 100,
            "\(fieldCount) fields, \(bodyLength) bytes: \(stated) of \(measured)")
        }
      }
    }

    private static func make(_ number: Int, _ fieldCount: Int, _ bodyLength: Int) -> StoredResponse
    {
      var fields: HTTPHeaderFields = [:]
      for index in 0..<fieldCount {
        fields.append(
          name: "x-a-name-of-some-length-\(index)", value: "a value of some length \(number)")
      }
      fields.append(name: "cache-control", value: "max-age=60")
      fields.append(name: "vary", value: "accept-language-of-some-length")
      let reading = HTTPClock.Reading(date: 1_793_954_977_000, steady: 0)
      let result = Intake(policy: .shared)(
        HTTPResponseParts(
          status: 200, fields: fields, body: String(repeating: "é", count: bodyLength)),
        times: Intake.Times(asked: reading, answered: reading), isAuthorized: false,
        isWhole: true, mayStore: true,
        particulars: fieldCount == 7 ? "a route and the parts of a path by name \(number)" : nil)
      guard let record = result.record else { preconditionFailure("it may be stored") }
      return StoredResponse(record)
    }

    @Test("Stored responses fill a cache up to its limit and not beyond, variants included")
    func limits() async throws {
      let site = Site(byteLimit: 200_000) { request in
        HTTPResponseParts(
          status: 200, fields: ["cache-control": "max-age=60", "vary": "accept"],
          body: String(repeating: "x", count: 1000))
      }
      for number in 0..<500 {
        _ = try await site.get("/\(number % 50)", ["accept": "\(number)"])
        #expect(site.responses.cache.byteCount <= 200_000)
      }
      #expect(site.responses.cache.byteCount > 150_000)
      #expect(site.responses.cache.statistics.evictions > 0)
    }
  }
#endif
