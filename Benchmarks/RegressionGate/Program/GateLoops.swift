import LambdaCache

// The loops that are counted, each written out for its own types.

extension UniqueCaches where Key == Int {
  func hitIntegers() {
    for number in 0..<GateCaches.count { Loop.hits(&caches[number], present) }
  }

  func insertIntegers() {
    for number in 0..<GateCaches.count { Loop.insertions(&caches[number], absent[passes & 1]) }
    passes += 1
  }
}

extension UniqueCaches where Key == String {
  func hitTexts() {
    for number in 0..<GateCaches.count { Loop.hits(&caches[number], present) }
  }

  func insertTexts() {
    for number in 0..<GateCaches.count { Loop.insertions(&caches[number], absent[passes & 1]) }
    passes += 1
  }
}

extension SharedCaches where Key == Int {
  func hitIntegers() {
    for cache in caches { Loop.hits(cache, present) }
  }

  func insertIntegers() {
    for cache in caches { Loop.insertions(cache, absent[passes & 1]) }
    passes += 1
  }
}

extension SharedCaches where Key == String {
  func hitTexts() {
    for cache in caches { Loop.hits(cache, present) }
  }
}

private enum Loop {
  @inline(never)
  static func hits(_ cache: inout UniqueCache<Int, Int>, _ keys: [Int]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func hits(_ cache: inout UniqueCache<String, Int>, _ keys: [String]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func hits(_ cache: Cache<Int, Int>, _ keys: [Int]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func hits(_ cache: Cache<String, Int>, _ keys: [String]) {
    var sum = 0
    for key in keys {
      if let value = cache.value(forKey: key) { sum &+= value }
    }
    precondition(sum > 0, "nothing was found")
  }

  @inline(never)
  static func insertions(_ cache: inout UniqueCache<Int, Int>, _ keys: [Int]) {
    for key in keys {
      let outcome = cache.setValue(1, forKey: key)
      precondition(outcome == .inserted, "a key was there already")
    }
  }

  @inline(never)
  static func insertions(_ cache: inout UniqueCache<String, Int>, _ keys: [String]) {
    for key in keys {
      let outcome = cache.setValue(1, forKey: key)
      precondition(outcome == .inserted, "a key was there already")
    }
  }

  @inline(never)
  static func insertions(_ cache: Cache<Int, Int>, _ keys: [Int]) {
    for key in keys {
      let outcome = cache.setValue(1, forKey: key)
      precondition(outcome == .inserted, "a key was there already")
    }
  }
}
