import LambdaCacheHandlers

/// The commands that the process takes.
struct Teller: Sendable {
  let tier: any SharedTier
  let readThrough: ReadThrough

  private func key(_ name: String) -> TierKey { TierKey(bytes: Array(name.utf8)) }

  /// Reads a value, and checks that it is one that ``set(_:byteCount:timeToLive:within:)`` wrote.
  func get(_ name: String, within limit: Duration) async throws -> String {
    let response = try await tier.fetch(TierRequest(keys: [key(name)]), within: limit)
    guard let bytes = response.values[0].bytes else { return "missing" }
    return bytes == value(of: name, byteCount: bytes.count) ? "value \(bytes.count)" : "WRONG"
  }

  func set(
    _ name: String, byteCount: Int, timeToLive: Duration, within limit: Duration
  ) async throws -> String {
    let entry = TierEntry(
      key: key(name), bytes: value(of: name, byteCount: byteCount), timeToLive: timeToLive)
    try await tier.store([entry], within: limit)
    return "stored"
  }

  func remove(_ name: String, within limit: Duration) async throws -> String {
    try await tier.remove(TierRemoval(keys: [key(name)]), within: limit)
    return "removed"
  }

  /// Whether the generation of a tag stays until it is renewed, and is another one after that; the
  /// word is `renew` or `read`.
  func tags(_ name: String, _ word: String, within limit: Duration) async throws -> String {
    if word == "renew" {
      try await tier.remove(TierRemoval(tags: [key(name)]), within: limit)
    }
    let response = try await tier.fetch(
      TierRequest(keys: [], tags: [key(name)]), within: limit)
    return "generation \(response.generations[0])"
  }

  /// Reads through: the process that is granted the lease loads, the others look again.
  func load(_ name: String, lease: Bool, time: Duration) async throws -> String {
    let request = TierRequest(
      keys: [key(name)], lease: lease ? .init(duration: .seconds(10)) : nil)
    while true {
      let value = try await tier.fetch(request, within: .seconds(5)).values[0]
      if value.bytes != nil { return "hit" }
      if value.lease == .heldElsewhere {
        try await Task.sleep(for: time)
        continue
      }
      try await Task.sleep(for: time)
      var entry = TierEntry(
        key: key(name), bytes: self.value(of: name, byteCount: 100), timeToLive: .seconds(60))
      if case .granted(let token) = value.lease { entry.leaseToken = token }
      try await tier.store([entry], within: .seconds(5))
      return "loaded"
    }
  }

  /// Reads a key with a lease, removes it in the middle of the load, and stores what was loaded.
  ///
  /// - Parameters:
  ///   - name: The key.
  ///   - hasValue: Whether there is a value before, for whose renewal the lease is.
  /// - Returns: Whether the load was stored, which it must not be.
  func removeDuringLoad(_ name: String, hasValue: Bool) async throws -> String {
    if hasValue {
      _ = try await set(name, byteCount: 10, timeToLive: .seconds(60), within: .seconds(5))
    }
    let request = TierRequest(
      keys: [key(name)],
      lease: .init(duration: .seconds(10), isForMissingKeysOnly: !hasValue))
    let value = try await tier.fetch(request, within: .seconds(5)).values[0]
    guard case .granted(let token) = value.lease else { return "no lease" }
    guard case .heldElsewhere = try await tier.fetch(request, within: .seconds(5)).values[0].lease
    else { return "granted twice" }
    try await tier.remove(TierRemoval(keys: [key(name)]), within: .seconds(5))
    let entry = TierEntry(
      key: key(name), bytes: self.value(of: name, byteCount: 100), timeToLive: .seconds(60),
      leaseToken: token)
    try await tier.store([entry], within: .seconds(5))
    return try await get(name, within: .seconds(5)) == "missing" ? "not stored" : "STORED"
  }

  /// Stores, reads and removes under names that no engine's own names look like.
  ///
  /// - Returns: How many names were right.
  func oddNames(within limit: Duration) async throws -> String {
    var names = ["a b", "a\r\nb", "a\0b", "Ünïcödé", "", " ", "a:b", "v:a", "l:a", "%20"]
    names += [100, 187, 188, 248, 249, 250, 251, 300, 5000].flatMap { length in
      ["x", "\u{1}"].map { String(repeating: $0, count: length) }
    }
    let all = names.map(key) + [TierKey(bytes: (0...255).map { UInt8($0) })]
    for (number, key) in all.enumerated() {
      let entry = TierEntry(key: key, bytes: [UInt8(number)], timeToLive: .seconds(60))
      try await tier.store([entry], within: limit)
    }
    let found = try await tier.fetch(TierRequest(keys: all), within: limit).values.map(\.bytes)
    guard found == all.indices.map({ [UInt8($0)] }) else { return "WRONG" }
    try await tier.remove(TierRemoval(keys: all), within: limit)
    let left = try await tier.fetch(TierRequest(keys: all), within: limit).values.map(\.bytes)
    return left.allSatisfy { $0 == nil } ? "\(all.count) names" : "LEFT"
  }

  /// Reads as many keys, each in a task of its own; says how many were right, missing and errors.
  func burst(_ count: Int, within limit: Duration) async -> String {
    var outcomes: [String: Int] = [:]
    await withTaskGroup(of: String.self) { group in
      for number in 0..<count {
        group.addTask {
          do {
            return try await get("key-\(number)", within: limit)
          } catch {
            return "error"
          }
        }
      }
      for await outcome in group {
        outcomes[String(outcome.prefix { $0 != " " }), default: 0] += 1
      }
    }
    return outcomes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      .joined(separator: " ")
  }

  /// The median time of fetching some values, in microseconds, and the 99th percentile.
  func median(keyCount: Int, byteCount: Int, rounds: Int) async throws -> String {
    let names = (0..<keyCount).map { "median-\($0)" }
    try await tier.store(
      names.map {
        TierEntry(
          key: key($0), bytes: value(of: $0, byteCount: byteCount), timeToLive: .seconds(600))
      }, within: .seconds(10))
    let request = TierRequest(keys: names.map(key))
    var times: [Duration] = []
    for round in 0..<(rounds + rounds / 10) {
      let start = ContinuousClock.now
      let response = try await tier.fetch(request, within: .seconds(1))
      let time = ContinuousClock.now - start
      guard response.values.allSatisfy({ $0.bytes?.count == byteCount }) else { return "WRONG" }
      if round >= rounds / 10 { times.append(time) }
    }
    times.sort()
    func microseconds(_ place: Int) -> Int { Int(times[place] / .microseconds(1)) }
    return "median \(microseconds(rounds / 2)) p99 \(microseconds(rounds * 99 / 100))"
  }

  /// Bytes that belong to a key, so that a reply to another one is found out.
  private func value(of name: String, byteCount: Int) -> [UInt8] {
    let text = Array(name.utf8)
    return (0..<byteCount).map { text[$0 % text.count] &+ UInt8(truncatingIfNeeded: $0 / 64) }
  }
}
