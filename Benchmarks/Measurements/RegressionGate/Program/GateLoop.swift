import LambdaCache

/// The loops that are counted, each written out for its own types.
enum GateLoop {
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
