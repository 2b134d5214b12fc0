import LambdaCache
import TestSupport

/// An error of a scripted load.
struct ScriptedError: ClassifiedError, Equatable {
  var loadErrorClass: LoadErrorClass
  var load: Int
}

/// The answer to a caller.
enum LoadAnswer: Equatable, CustomStringConvertible {
  case value(Int)
  case error(LoadErrorClass, load: Int)
  case cancelled
  /// No load was begun, for the time is over.
  case late

  var description: String {
    switch self {
    case .value(let value): "\(value)"
    case .error(let kind, let load): "\(kind) of load \(load)"
    case .cancelled: "cancelled"
    case .late: "late"
    }
  }
}

/// The settings of a history of read-through; times are in seconds.
struct LoadScript {
  static let timeToLive = 10
  var staleWhileRevalidate: Int
  var staleIfError: Int
  var negativeTimeToLive: Int
  var backOff: Int
  var finishesAbandoned: Bool

  init(using random: inout SplitMix64) {
    staleWhileRevalidate = random.pick([0, 0, 20])
    staleIfError = random.pick([0, 20, 60])
    negativeTimeToLive = random.pick([0, 15])
    backOff = random.pick([0, 15])
    finishesAbandoned = random.oneIn(3)
  }
}

enum LoadStep {
  case ask(Int)
  /// Asks in an invocation whose time is over.
  case askTooLate(Int)
  case cancel(asker: Int)
  case succeed(load: Int)
  case fail(load: Int, LoadErrorClass)
  case write(Int)
  case remove(Int)
  case removeAll
  case advance(Int)
  /// The invocation ends, time passes, and another one begins.
  case freeze(Int)
}

/// Read-through as it is documented, in the simplest way: no lock, no task, no clock.
struct LoadModel {
  struct Load {
    var key: Int
    var scope: Int
    var start: Int
    var askers: [(asker: Int, present: (value: Int, freshEnd: Int)?)] = []
    var isCurrent = true
    var isSuperseded = false
    var isCancelled = false
    var hasEnded = false
    var isSecondTry = false
  }

  let script: LoadScript
  var now = 0
  var scope = 0
  var loads: [Load] = []
  var answers: [Int: LoadAnswer] = [:]
  var askerCount = 0
  var successes = 0
  var failures = 0
  var discarded = 0
  private var entries: [Int: (value: Int, freshEnd: Int)] = [:]
  private var remembered: [Int: (kind: LoadErrorClass, load: Int, end: Int)] = [:]
  private var promises: Set<Int> = []
  private var nextValue = 1_000_000

  init(script: LoadScript) {
    self.script = script
  }

  /// The value of a key that an ordinary look-up shows.
  func freshValue(of key: Int) -> Int? {
    entries[key].flatMap { $0.freshEnd > now ? $0.value : nil }
  }

  /// Askers that wait.
  var waiting: [Int] { loads.flatMap { $0.askers.map(\.asker) } }

  /// Loads that have not ended.
  var running: [Int] { loads.indices.filter { !loads[$0].hasEnded } }

  private func current(_ key: Int) -> Int? {
    loads.indices.first { loads[$0].key == key && loads[$0].isCurrent && !loads[$0].hasEnded }
  }

  mutating func ask(_ key: Int, isTooLate: Bool = false) {
    let asker = askerCount
    askerCount += 1
    var stale: (value: Int, age: Int)?
    let present = entries[key]
    if let entry = present {
      let age = now - entry.freshEnd
      if age < 0 {
        answers[asker] = .value(entry.value)
        return
      }
      if age < max(script.staleWhileRevalidate, script.staleIfError) { stale = (entry.value, age) }
    }
    let mayServeAtOnce = stale.map { $0.age < script.staleWhileRevalidate } ?? false
    if let load = current(key) {
      if mayServeAtOnce || isTooLate, let stale {
        answers[asker] = .value(stale.value)
      } else {
        loads[load].askers.append((asker, present))
      }
      return
    }
    if let failure = remembered[key], failure.end > now {
      answers[asker] =
        if let stale, failure.kind.mayServeStale { .value(stale.value) } else {
          .error(failure.kind, load: failure.load)
        }
      return
    }
    if mayServeAtOnce, let stale, promises.insert(key).inserted {
      answers[asker] = .value(stale.value)
      return
    }
    if isTooLate {
      answers[asker] = stale.map { .value($0.value) } ?? .late
      return
    }
    promises.remove(key)
    loads.append(Load(key: key, scope: scope, start: now, askers: [(asker, present)]))
  }

  mutating func cancel(_ asker: Int) {
    for index in loads.indices {
      guard let place = loads[index].askers.firstIndex(where: { $0.asker == asker }) else {
        continue
      }
      loads[index].askers.remove(at: place)
      answers[asker] = .cancelled
      if loads[index].askers.isEmpty, !script.finishesAbandoned {
        loads[index].isCurrent = false
        loads[index].isCancelled = true
      }
    }
  }

  /// The value of a load that succeeds.
  static func value(of load: Int) -> Int { load * 10 + 1 }

  mutating func end(_ index: Int, failing kind: LoadErrorClass?) {
    loads[index].hasEnded = true
    var load = loads[index]
    if load.scope < scope, now - load.start >= 1, !load.isSecondTry, !load.isCancelled {
      discarded += 1
      load.hasEnded = false
      load.isSecondTry = true
      loads[index].isCurrent = false
      loads[index].askers = []
      loads.append(load)
      return
    }
    loads[index].askers = []
    guard let kind else {
      successes += 1
      if load.isCurrent {
        entries[load.key] = (Self.value(of: index), now + LoadScript.timeToLive)
        remembered[load.key] = nil
      }
      for (asker, _) in load.askers { answers[asker] = .value(Self.value(of: index)) }
      return
    }
    failures += 1
    if load.isCurrent {
      if kind == .notFound { entries[load.key] = nil }
      let time =
        switch kind {
        case .notFound: script.negativeTimeToLive
        case .throttled, .transient: script.backOff
        case .refused, .fatal: 0
        }
      if time > 0 { remembered[load.key] = (kind, index, now + time) }
    }
    for (asker, present) in load.askers {
      let window = max(script.staleWhileRevalidate, script.staleIfError)
      answers[asker] =
        if let present, now - present.freshEnd < window, kind.mayServeStale, !load.isSuperseded {
          .value(present.value)
        } else {
          .error(kind, load: index)
        }
    }
  }

  private mutating func supersede(_ key: Int) {
    if let load = current(key) {
      loads[load].isCurrent = false
      loads[load].isSuperseded = true
    }
    promises.remove(key)
    remembered[key] = nil
  }

  mutating func write(_ key: Int) -> Int {
    supersede(key)
    nextValue += 1
    entries[key] = (nextValue, now + LoadScript.timeToLive)
    return nextValue
  }

  mutating func remove(_ key: Int) {
    supersede(key)
    entries[key] = nil
  }

  mutating func removeAll() {
    for load in loads.indices where loads[load].isCurrent && !loads[load].hasEnded {
      loads[load].isCurrent = false
      loads[load].isSuperseded = true
    }
    (promises, remembered, entries) = ([], [:], [:])
  }
}
