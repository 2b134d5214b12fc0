#if canImport(Glibc)
  import Glibc
  import LambdaCache
  import TestSupport
  import Testing

  /// The address space of this process, which an exit test has for itself.
  private enum ProcessSpace {
    /// Bytes that are mapped now (proc(5)).
    static var mappedByteCount: Int {
      guard let file = fopen("/proc/self/statm", "r") else { return 0 }
      defer { _ = fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      guard fgets(&line, 256, file) != nil else { return 0 }
      return Int(strtol(line, nil, 10)) * Int(getpagesize())
    }

    /// Lets the process map only so many bytes more, and not run for ever.
    static func limit(toFurther byteCount: Int) {
      endWithPatience()
      var limit = rlimit()
      let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      limit.rlim_cur = rlim_t(mappedByteCount + byteCount)
      precondition(
        status == 0 && setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
        "the address space of this process cannot be limited")
    }

    static func unlimit() {
      var limit = rlimit()
      _ = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      limit.rlim_cur = limit.rlim_max
      _ = setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    }

    /// Has malloc keep memory that it has, so that it needs none from the system for a while.
    static func stockUp(_ byteCount: Int) {
      guard let symbol = dlsym(nil, "mallopt") else { return }
      let set = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      // M_MMAP_THRESHOLD and M_TRIM_THRESHOLD: no block is mapped by itself, none is given back.
      _ = set(-3, 32 << 20)
      _ = set(-1, 1 << 30)
      free(malloc(byteCount))
    }
  }

  /// Expirations that add columns to the slots: deadlines, times of use, times of writes.
  private let expirations: [Expiration] = [
    Expiration(), Expiration(timeToLive: .seconds(300)),
    Expiration(idleTimeToLive: .seconds(300)),
    Expiration(timeToLive: .seconds(300), recordsAge: true),
    Expiration(
      timeToLive: .seconds(300), idleTimeToLive: .seconds(60),
      afterThaw: .drop(after: .seconds(3_600))),
  ]

  private struct Refusal: Error {}

  @Suite(
    "Address space that the process has little of", .prompt, .timeLimit(.minutes(10)),
    .enabled(if: AllocatedBytes.isAvailable))
  struct AddressSpaceTests {
    @Test("Scarce address space is taken as it is used, for every kind of time and whatever limit")
    func everyKind() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.limit(toFurther: 200 << 20)
        var caches: [Cache<String, String>] = []
        for byteLimit in [32 << 20, 512 << 20, 10 << 30, 1 << 40, Int.max] {
          for expiration in expirations {
            caches.append(Cache(byteLimit: byteLimit) { $0.expiration = expiration })
          }
        }
        for cache in caches {
          for key in 0..<500 { cache["a key that is not inline, \(key)"] = "value \(key)" }
          let isComplete = (0..<500).allSatisfy {
            cache["a key that is not inline, \($0)"] == "value \($0)"
          }
          precondition(isComplete, "an entry is missing")
          precondition(cache.checkInvariants() == [], "\(cache.checkInvariants())")
        }
      }
    }

    @Test(
      "Scarce address space is enough for a cache of one owner with lifetimes of single entries")
    func oneOwner() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.limit(toFurther: 100 << 20)
        for expiration in expirations {
          var cache = UniqueCache<Int, Int>(byteLimit: 1 << 40) { $0.expiration = expiration }
          for key in 0..<10_000 { cache[key] = key }
          // The first deadline comes when there are slots already.
          for key in 10_000..<12_000 { cache.setValue(key, forKey: key, timeToLive: .seconds(9)) }
          let isChanged = cache.setTimeToLive(.seconds(50), forKey: 7)
          precondition(isChanged && cache.count == 12_000, "an entry is missing")
          precondition(cache.checkInvariants() == [], "\(cache.checkInvariants())")
        }
      }
    }

    @Test("Scarce address space is enough for thousands of caches without a limit, and their loads")
    func thousands() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.limit(toFurther: 600 << 20)
        var caches: [Cache<Int, Int>] = []
        for number in 0..<3_000 {
          let cache = Cache<Int, Int>(byteLimit: .max, timeToLive: .seconds(300)) {
            $0.loading.transientBackOff = BackOff(first: .seconds(60))
            $0.tags = { _, value in ["\(value)"] }
          }
          for key in 0..<20 { cache[key] = number }
          if number % 100 == 0 {
            let failed = try? await cache.value(forKey: -1) { _ in throw Refusal() }
            precondition(failed == nil, "a load that throws has a value")
            cache.missLogCapacity = 64
          }
          caches.append(cache)
        }
        for (number, cache) in caches.enumerated() {
          precondition(cache.count == 20 && cache[19] == number, "an entry is missing")
          precondition(cache.removeAll(tagged: "\(number)") == 20, "a tag is missing")
        }
      }
    }

    @Test("Scarce address space is enough for caches that a budget lends to and takes from")
    func budget() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.limit(toFurther: 60 << 20)
        let budget = MemoryBudget(byteLimit: 16 << 20)
        let caches = (0..<12).map {
          Cache<Int, Int>(named: "cache\($0)", in: budget, timeToLive: .seconds(300))
        }
        for round in 0..<2 {
          for cache in caches {
            for key in 0..<6_000 { cache[key] = round }
            precondition(cache.count == 6_000 && cache[5_999] == round, "an entry is missing")
          }
        }
        for cache in caches {
          precondition(cache.checkInvariants() == [], "\(cache.checkInvariants())")
        }
      }
    }

    @Test("A cache keeps fewer entries or none without address space, and more when there is some")
    func nothingLeft() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.stockUp(31 << 20)
        let small = Cache<Int, Int>(byteLimit: 1 << 30, timeToLive: .seconds(300))
        ProcessSpace.limit(toFurther: 1 << 20)
        for key in 0..<60_000 { small[key] = key }
        precondition(small.count > 1_000 && small.count < 50_000, "\(small.count) entries")
        precondition(small[59_999] == 59_999, "the last one is missing")
        precondition(small.checkInvariants() == [], "\(small.checkInvariants())")
        ProcessSpace.limit(toFurther: 0)
        for expiration in expirations {
          let none = Cache<Int, Int>(byteLimit: 1 << 20) { $0.expiration = expiration }
          precondition(none.setValue(1, forKey: 1) == .rejected, "there is room")
          precondition(none[1] == nil && none.isEmpty, "there is an entry")
          precondition(none.checkInvariants() == [], "\(none.checkInvariants())")
        }
        let plain = Cache<Int, Int>(byteLimit: 1 << 20)
        precondition(plain.setValue(1, forKey: 1) == .rejected, "there is room")
        ProcessSpace.unlimit()
        precondition(plain.setValue(1, forKey: 1) == .inserted, "there is no room")
        for key in 60_000..<120_000 { small[key] = key }
        precondition(small.count > 55_000, "\(small.count) entries")
        precondition(small.checkInvariants() == [], "\(small.checkInvariants())")
      }
    }

    @Test("Address space that was returned is asked for again at once, not only after refusals")
    func givenBack() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.stockUp(31 << 20)
        let cache = Cache<Int, Int>(byteLimit: 1 << 30)
        ProcessSpace.limit(toFurther: 1 << 20)
        // Until it is refused, and does not ask for a while.
        for key in 0..<100_000 { cache[key] = key }
        precondition(cache.count < 90_000, "\(cache.count) entries")
        cache.removeAll()
        precondition(cache.setValue(1, forKey: 1) == .inserted, "there is no room")
      }
    }

    @Test("Address space ends for the index first: it grows no more, and the coldest entries leave")
    func noIndex() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.stockUp(31 << 20)
        var cache = UniqueCache<Int, Int>(byteLimit: 1 << 30, entryLimit: 140_000)
        for key in 0..<50_000 { cache[key] = key }
        ProcessSpace.limit(toFurther: 0)
        for key in 50_000..<140_000 { cache[key] = key }
        precondition(cache.count > 49_000 && cache.count < 140_000, "\(cache.count) entries")
        precondition(cache[139_999] == 139_999 && cache[0] == nil, "not the last ones are there")
        precondition(cache.checkInvariants() == [], "\(cache.checkInvariants())")
      }
    }

    @Test("An entry is not kept without the deadline that address space is refused to")
    func noDeadlines() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.stockUp(8 << 20)
        let cache = Cache<Int, Int>(byteLimit: 1 << 20)
        for key in 0..<10_000 { cache[key] = key }
        ProcessSpace.limit(toFurther: 0)
        precondition(
          cache.setValue(1, forKey: 1, timeToLive: .seconds(1)) == .rejected, "there is room")
        precondition(cache.setTimeToLive(.seconds(1), forKey: 2), "there was no entry")
        precondition(cache[1] == nil && cache[2] == nil, "an entry lives for ever")
        precondition(cache[3] == 3 && cache.count == 9_998, "\(cache.count) entries")
        precondition(cache.checkInvariants() == [], "\(cache.checkInvariants())")
        ProcessSpace.unlimit()
        precondition(
          cache.setValue(1, forKey: 1, timeToLive: .seconds(100)) == .inserted, "no room")
      }
    }
  }

  @Suite(
    "Address space", .prompt, .timeLimit(.minutes(10)), .enabled(if: AllocatedBytes.isAvailable))
  struct UnlimitedAddressSpaceTests {
    @Test("Address space is reserved for as many slots as the limits can use")
    func sizes() async {
      await #expect(processExitsWith: .success) {
        let before = ProcessSpace.mappedByteCount
        let caches = (0..<100).map { _ in
          Cache<String, String>(byteLimit: 1 << 20, timeToLive: .seconds(300))
        }
        for cache in caches { cache["key"] = "value" }
        let few = Cache<Int, Int>(byteLimit: .max, entryLimit: 1_000)
        few[1] = 1
        let mapped = ProcessSpace.mappedByteCount - before
        precondition(mapped < 250 << 20, "\(mapped) bytes are mapped for 100 MiB of caches")
        withExtendedLifetime(caches) {}
      }
    }

    @Test("Address space grows with a limit that is raised, and pages stay where they are wanted")
    func raising() async {
      await #expect(processExitsWith: .success) {
        let expiration = Expiration(
          timeToLive: .seconds(300), idleTimeToLive: .seconds(300), recordsAge: true)
        let cache = Cache<Int, [Int]>(byteLimit: 64 << 10) { $0.expiration = expiration }
        var unique = UniqueCache<Int, [Int]>(byteLimit: 64 << 10) { $0.expiration = expiration }
        var least = 0
        for step in 0..<6 {
          cache.byteLimit = (64 << 10) << step
          unique.byteLimit = (64 << 10) << step
          for key in least..<least + (400 << step) {
            cache[key] = [key]
            unique[key] = [key]
          }
          precondition(cache.count > 250 << step && unique.count == cache.count, "too few entries")
          let kept = least + (400 << step) - cache.count
          for key in kept..<least + (400 << step) {
            precondition(cache[key] == [key] && unique[key] == [key], "an entry is missing")
            precondition(cache.age(forKey: key) != nil, "a time is missing")
          }
          precondition(cache.checkInvariants() == [], "\(cache.checkInvariants())")
          precondition(unique.checkInvariants() == [], "\(unique.checkInvariants())")
          least += 400 << step
        }
      }
    }

    @Test("Address space is not reserved ahead where it is scarce, and given back in the end")
    func limited() async {
      await #expect(processExitsWith: .success) {
        ProcessSpace.limit(toFurther: 1 << 30)
        func fill() -> Int {
          let before = ProcessSpace.mappedByteCount
          for expiration in expirations {
            let cache = Cache<Int, Int>(byteLimit: 256 << 20) { $0.expiration = expiration }
            for key in 0..<5_000 { cache[key] = key }
          }
          return ProcessSpace.mappedByteCount - before
        }
        _ = fill()
        let cache = Cache<Int, Int>(byteLimit: 256 << 20)
        let before = ProcessSpace.mappedByteCount
        cache[1] = 1
        let ahead = ProcessSpace.mappedByteCount - before
        precondition(ahead < 16 << 20, "\(ahead) bytes are reserved for one entry")
        var left = 0
        for _ in 0..<12 { left += fill() }
        precondition(left < 1 << 20, "\(left) bytes are left of caches that are gone")
      }
    }

    @Test("Address space that pages cannot be moved to takes their bytes in steps")
    func copying() throws {
      let byteCount = VirtualMemory.roundedUpToPages(5 << 19)
      let source = try #require(VirtualMemory.reserve(byteCount: byteCount))
      let target = try #require(VirtualMemory.reserve(byteCount: 2 * byteCount))
      let words = (byteCount - 4_000) / 8
      for word in 0..<words {
        source.storeBytes(of: word &* 0x9E37_79B9, toByteOffset: 8 * word, as: Int.self)
      }
      AddressSpace.move(source, to: target, byteCount: 8 * words)
      #expect(
        (0..<words).allSatisfy {
          target.load(fromByteOffset: 8 * $0, as: Int.self) == $0 &* 0x9E37_79B9
        })
      // Pages that have moved are resident no more.
      #expect(source.load(fromByteOffset: 1 << 20, as: Int.self) == 0)
      VirtualMemory.release(source, byteCount: byteCount)
      VirtualMemory.release(target, byteCount: 2 * byteCount)
    }
  }
#endif
