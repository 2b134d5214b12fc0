import LambdaCache
import TestSupport
import Testing

@Suite("Tags", .timeLimit(.minutes(15)))
struct TagTests {
  private func cache(byteLimit: Int = 1 << 20, clock: ManualClock? = nil) -> Cache<Int, String> {
    // A value's words are its tags.
    Cache(byteLimit: byteLimit, timeToLive: clock == nil ? nil : .seconds(10)) {
      $0.clock = clock
      $0.tags = { _, value in value.split(separator: " ").map(String.init) }
    }
  }

  @Test("Tags remove the entries that have them, however they were set")
  func removal() async throws {
    let cache = cache()
    cache[1] = "red large"
    cache.setValue("red small", forKey: 2)
    #expect(cache.value(forKey: 3) { "blue small" } == "blue small")
    cache.updateValue(forKey: 4) { $0 = "red red" }
    #expect(try await cache.value(forKey: 5) { _ in "red large" } == "red large")
    #expect(try await cache.values(forKeys: [6, 7]) { _ in [6: "red", 7: "large"] }.count == 2)
    cache[8] = ""
    #expect(cache.tags(forKey: 1).sorted() == ["large", "red"])
    #expect(cache.tags(forKey: 4) == ["red"])
    #expect(cache.tags(forKey: 8) == [])
    #expect(cache.removeAll(tagged: "red") == 5)
    #expect(cache.removeAll(tagged: "red") == 0)
    #expect(cache.removeAll(tagged: "green") == 0)
    #expect(cache.hottest().map(\.key).sorted() == [3, 7, 8])
    #expect(cache.removeAll(tagged: "small") == 1)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Tags go with the value: another one has its own, or none")
  func replacement() {
    let cache = cache()
    cache[1] = "red"
    cache[1] = "blue"
    #expect(cache.removeAll(tagged: "red") == 0)
    #expect(cache[1] == "blue")
    cache.removeValue(forKey: 1)
    #expect(cache.removeAll(tagged: "blue") == 0)
    #expect(cache.setTags(["late", "later"], forKey: 1) == false)
    cache[1] = "blue"
    #expect(cache.setTags(["late", "later", "late"], forKey: 1))
    #expect(cache.tags(forKey: 1).sorted() == ["late", "later"])
    #expect(cache.removeAll(tagged: "blue") == 0)
    #expect(cache.removeAll(tagged: "late") == 1)
    #expect(cache.checkInvariants() == [])
  }

  @Test("Tags of expired entries do not count as removed")
  func expired() {
    let clock = ManualClock()
    let cache = cache(clock: clock)
    for key in 0..<20 { cache[key] = "red" }
    clock.advance(by: .seconds(11))
    cache[99] = "red"
    #expect(cache.removeAll(tagged: "red") == 1)
    #expect(cache.isEmpty)
    #expect(cache.statistics.removals.expired == 20)
  }

  @Test("Tags keep a load under way from storing again what they removed")
  func loading() async throws {
    let cache = cache()
    let loads = GatedLoads<Int, String>()
    let stage = Stage()
    let tasks = [
      try await stage.ask(cache, for: 1, orLoad: loads.load),
      try await stage.ask(cache, for: 2, orLoad: loads.load),
    ]
    try await eventually("the loads begin") { loads.count == 2 }
    cache.removeAll(tagged: "red")
    let late = try await stage.ask(cache, for: 3, orLoad: loads.load)
    try await eventually("the late load begins") { loads.count == 3 }
    for place in 0..<3 { loads[place].gate.open(returning: loads[place].key == 2 ? "blue" : "red") }
    for task in tasks + [late] { _ = try await task.answer() }
    #expect(cache[1] == nil)
    #expect(cache[2] == "blue")
    #expect(cache[3] == "red")
  }

  @Test(
    "Tags count in the bytes, and never make the cache larger than its limit",
    arguments: [2_000, 20_000, 200_000])
  func bytes(byteLimit: Int) {
    let cache = cache(byteLimit: byteLimit)
    var random = SplitMix64(seed: UInt64(byteLimit))
    for step in 0..<5_000 {
      let words = (0..<random.number(0...4)).map { _ in "tag-\(random.number(0...200))" }
      cache[random.number(0...2_000)] = words.joined(separator: " ")
      if random.oneIn(40) { cache.removeAll(tagged: "tag-\(random.number(0...200))") }
      if random.oneIn(300) {
        cache.byteLimit = random.pick([byteLimit, byteLimit / 2, byteLimit / 50])
      }
      if random.oneIn(1_000) { cache.removeAll(keepingCapacity: random.oneIn(2)) }
      #expect(cache.byteCount <= cache.byteLimit)
      if step % 50 == 0 { #expect(cache.checkInvariants() == []) }
    }
    cache.removeAll()
    #expect(cache.byteCount == 0)
  }

  @Test("Tags keep a load from storing again what they removed also when they were too many")
  func manyTagsWhileLoading() async throws {
    let cache = cache()
    let loads = GatedLoads<Int, String>()
    let stage = Stage()
    let early = try await stage.ask(cache, for: 1, orLoad: loads.load)
    try await eventually("the load begins") { loads.count == 1 }
    cache.removeAll(tagged: "red")
    for number in 0..<3_000 { cache.removeAll(tagged: "\(number)") }
    let late = try await stage.ask(cache, for: 2, orLoad: loads.load)
    try await eventually("the late load begins") { loads.count == 2 }
    for place in 0..<2 { loads[place].gate.open(returning: "red") }
    for task in [early, late] { #expect(try await task.answer() == "red") }
    #expect(cache[1] == nil)
    #expect(cache[2] == "red")
  }

  @Test("Tags give their bytes back when they go, and never take twice what they need")
  func memory() {
    let cache = cache()
    // So many that the index has long grown for the last time: no old table is part of the bytes.
    for key in 0..<1_900 { cache[key] = "a b n-\(key % 10)" }
    #expect(cache.count == 1_900)
    let full = cache.byteCount
    for key in 0..<1_900 { cache[key] = "" }
    let untagged = cache.byteCount
    // Three tags of an entry take 24 bytes each, and the entry 4, with the rest of a page each.
    #expect((140_000...160_000).contains(full - untagged), "\(full - untagged) bytes of tags")
    for key in 0..<1_900 { cache[key] = "a b n-\(key % 10)" }
    #expect(cache.byteCount < full + 10_000)
    cache.removeAll(tagged: "a")
    #expect(cache.isEmpty && cache.byteCount < full - 110_000)
    #expect(cache.checkInvariants() == [])
    cache.removeAll()
    #expect(cache.byteCount == 0)
  }

  @Test("Tags that were set one by one give their bytes back as well, however few they were")
  func settling() {
    let cache = Cache<Int, Int>(byteLimit: 64 << 20)
    for key in 0..<60_000 { cache[key] = key }
    let untagged = cache.byteCount
    #expect(cache.setTags(["last"], forKey: 59_999))
    #expect((1..<12_000).contains(cache.byteCount - untagged), "\(cache.byteCount - untagged)")
    for key in 0..<5_000 { cache.setTags(["some"], forKey: key) }
    for key in 0..<5_000 { cache[key] = 0 }
    cache.removeValue(forKey: 59_999)
    #expect(cache.byteCount - untagged < 12_000, "\(cache.byteCount - untagged)")
    #expect(cache.checkInvariants() == [])
  }

  @Test("Tags that do not fit leave nothing behind")
  func noRoom() {
    let cache = cache(byteLimit: 6_000)
    let many = (0..<200).map { "tag-\($0)" }.joined(separator: " ")
    #expect(cache.setValue(many, forKey: 1) == .rejected)
    #expect(cache.setValue("", forKey: 2) == .inserted)
    #expect(cache.setValue("a", forKey: 3) == .inserted)
    #expect(cache.tags(forKey: 3) == ["a"])
    #expect(cache.byteCount <= 6_000 && cache.checkInvariants() == [])
  }

  @Test("Tags of a small cache fit as long as entries do")
  func fit() {
    let cache = cache(byteLimit: 100_000)
    for key in 0..<5_000 {
      cache[key] = "a-\(key) b-\(key)"
      #expect(cache.tags(forKey: key).count == 2, "no room for the tags of \(key)")
    }
    #expect(cache.count > 200)
  }

  @Test("Tags match a naive model, through evictions, removals and replacements")
  func model() {
    var random = SplitMix64(seed: 4)
    let cache = Cache<Int, String>(byteLimit: 1 << 20, entryLimit: 50) {
      $0.tags = { _, value in value.split(separator: " ").map(String.init) }
    }
    // The hottest last.
    var model: [(key: Int, tags: Set<String>)] = []
    for _ in 0..<20_000 {
      let key = random.number(0...80)
      switch random.number(0...9) {
      case 0:
        let tag = "\(random.number(0...9))"
        let expected = model.count { $0.tags.contains(tag) }
        model.removeAll { $0.tags.contains(tag) }
        #expect(cache.removeAll(tagged: tag) == expected)
      case 1:
        cache.removeValue(forKey: key)
        model.removeAll { $0.key == key }
      default:
        let tags = (0..<random.number(0...3)).map { _ in "\(random.number(0...9))" }
        cache[key] = tags.joined(separator: " ")
        model.removeAll { $0.key == key }
        model.append((key, Set(tags)))
        if model.count > 50 { model.removeFirst() }
      }
      #expect(cache.count == model.count)
      if let (key, tags) = model.randomElement(using: &random) {
        #expect(Set(cache.tags(forKey: key)) == tags)
      }
    }
    #expect(cache.checkInvariants() == [])
  }
}
