import TestSupport
import Testing

@testable import LambdaCache

/// A load of a key that is a number.
package final class NumberedLoad: InFlightLoad, @unchecked Sendable {
  let key: Int

  init(_ key: Int) {
    self.key = key
    // Two keys have one hash.
    super.init(hash: UInt32(key / 2))
  }

  package override func hasKey(at address: UnsafeRawPointer) -> Bool {
    address.assumingMemoryBound(to: Int.self).pointee == key
  }
}

package final class NumberedRefresh: PendingRefresh, @unchecked Sendable {
  let key: Int

  init(_ key: Int, runner: InvocationScope.Liveness?) {
    self.key = key
    super.init(hash: UInt32(key / 2), runner: runner)
  }

  package override func hasKey(at address: UnsafeRawPointer) -> Bool {
    address.assumingMemoryBound(to: Int.self).pointee == key
  }
}

/// What the model says that a decision is.
private enum Expected: Equatable {
  case value
  case staleThenRefresh
  case fail
  case notEnoughTime
  case join(load: Int)
  case begin
}

/// A load as the model has it: whatever happens is noted in each load that it concerns.
private struct ModelLoad {
  let key: Int
  var waiters: [LoadWaiter] = []
  /// Whether it has ended, or was abandoned.
  var hasEnded = false
  var isSuperseded = false
  /// Whether a later look-up may share it.
  var mayBeJoined = true
  var mayBeStored = true
  var mayBeRemembered = true
  var removedTags: Set<String> = []
}

/// A look-up in words that the model understands.
private struct Question {
  var key: Int
  /// Seconds since the value expired; 0 for a fresh one, `nil` for none.
  var staleFor: Int?
  var isDue = false
  var failure: LoadErrorClass?
  /// Seconds that are left of the invocation.
  var remaining: Int?
  var isOwnTime = true
}

/// The machine and the model, side by side.
private struct MachineRun {
  static let windows = StaleWindows(whileRevalidate: .seconds(10), ifError: .seconds(30))
  static let tags = ["a", "b"]

  var machine = LoadStateMachine()
  var loads: [NumberedLoad] = []
  var model: [ModelLoad] = []
  /// Keys whose refresh is pending, and whether an invocation is going to run it.
  var refreshes: [Int: Bool] = [:]
  let scope = InvocationScope(deadline: nil)
  var steps: [String] = []

  func running(_ key: Int) -> Int? {
    model.lastIndex { $0.key == key && !$0.hasEnded && !$0.isSuperseded && $0.mayBeJoined }
  }

  mutating func ask(_ question: Question, inScope: Bool) throws {
    steps.append("\(question)")
    let expected = expectation(of: question, inScope: inScope)
    var key = question.key
    let found = question.staleFor.map {
      FoundValue(staleFor: $0 == 0 ? nil : .seconds($0), isDue: question.isDue)
    }
    let failure = question.failure.map {
      LoadFailure(error: CancellationError(), kind: $0, count: 1, end: 1)
    }
    try withUnsafePointer(to: &key) { address in
      let lookUp = LoadLookUp(
        key: address, hash: UInt32(question.key / 2), found: found, windows: Self.windows,
        time: CallerTime(
          remaining: question.remaining.map(Duration.seconds), isOwn: question.isOwnTime,
          scope: inScope ? scope : nil))
      let decision = machine.decide(lookUp, failure: failure) {
        NumberedRefresh(question.key, runner: $0)
      }
      try #require(outcome(of: decision) == expected, "\(steps)")
      guard case .begin = decision else { return }
      let load = NumberedLoad(question.key)
      machine.begin(load, lookUp, isAnswered: question.staleFor == 0)
      loads.append(load)
      model.append(ModelLoad(key: question.key, waiters: [LoadWaiter()]))
      refreshes[question.key] = nil
      #expect(load.reserve(100))
    }
    if case .join(let load) = expected { model[load].waiters.append(LoadWaiter()) }
  }

  private func outcome(of decision: LoadDecision) -> Expected {
    switch decision {
    case .value: .value
    case .staleThenRefresh: .staleThenRefresh
    case .fail: .fail
    case .notEnoughTime: .notEnoughTime
    case .join(let load): .join(load: loads.firstIndex { $0 === load } ?? -1)
    case .begin: .begin
    }
  }

  /// The decision as the documentation of read-through has it.
  private mutating func expectation(of question: Question, inScope: Bool) -> Expected {
    let (staleFor, isFresh) = (question.staleFor, question.staleFor == 0)
    if isFresh, !question.isDue { return .value }
    let mayServe = staleFor.map { $0 < 10 } ?? false
    let mayStandIn = staleFor.map { $0 < 30 } ?? false
    if let load = running(question.key) { return mayServe ? .value : .join(load: load) }
    for load in model.indices where model[load].key == question.key {
      // A load that may not be joined is superseded by the first look-up that could have joined it.
      guard !model[load].hasEnded, !model[load].isSuperseded else { continue }
      supersede(load)
      refreshes[question.key] = nil
    }
    if let kind = question.failure {
      let isTemporary = kind == .transient || kind == .throttled
      return mayStandIn && (isFresh || isTemporary) ? .value : .fail
    }
    if mayServe, !isFresh {
      guard let isRun = refreshes[question.key] else {
        refreshes[question.key] = inScope
        return inScope ? .staleThenRefresh : .value
      }
      if isRun { return .value }
    }
    if question.remaining == 0 {
      if mayStandIn { return .value }
      if question.isOwnTime { return .notEnoughTime }
    }
    return .begin
  }

  private mutating func supersede(_ load: Int) {
    model[load].isSuperseded = true
    model[load].mayBeStored = false
    model[load].mayBeRemembered = false
  }

  mutating func write(_ key: Int) {
    steps.append("write \(key)")
    withUnsafePointer(to: key) { machine.supersede($0, hash: UInt32(key / 2)) }
    for load in model.indices where model[load].key == key && !model[load].hasEnded {
      supersede(load)
    }
    refreshes[key] = nil
  }

  mutating func removeAll() {
    steps.append("removeAll")
    _ = machine.supersedeAll()
    for load in model.indices where !model[load].hasEnded { supersede(load) }
    refreshes = [:]
  }

  mutating func invalidate(_ how: Int) {
    steps.append("invalidate \(how)")
    for load in model.indices where !model[load].hasEnded {
      switch how {
      case 0: model[load].mayBeStored = false
      case 1:
        model[load].mayBeJoined = false
        model[load].mayBeRemembered = false
      default: model[load].removedTags.insert(Self.tags[how - 2])
      }
    }
    switch how {
    case 0: machine.supersedeResults()
    case 1: machine.forgetAbsence()
    default: machine.supersedeAll(tagged: TagName(text: Self.tags[how - 2], isExact: true))
    }
  }

  mutating func succeed(_ load: Int, tags: [String]) throws {
    steps.append("succeed \(load) with \(tags)")
    let isStored = machine.finish(
      loads[load], after: .milliseconds(1), tags: TagList(tags, isExact: true))
    let isFree = model[load].removedTags.isDisjoint(with: tags)
    try #require(isStored == (model[load].mayBeStored && isFree), "\(steps)")
    try end(load)
  }

  mutating func fail(_ load: Int, _ kind: LoadErrorClass) throws {
    steps.append("fail \(load) with \(kind)")
    let (isCurrent, mayRemember) = machine.finish(
      loads[load], after: .milliseconds(1), failingWith: kind)
    try #require(isCurrent == model[load].mayBeStored, "\(steps)")
    let isAboutKey = kind == .notFound || kind == .refused
    try #require(
      mayRemember == (isCurrent && (model[load].mayBeRemembered || !isAboutKey)), "\(steps)")
    try end(load)
    for staleFor in [nil, 5, 40] as [Int?] {
      let mayServe = machine.mayServe(
        valueStaleFor: staleFor.map(Duration.seconds), inPlaceOf: loads[load], Self.windows,
        isCounted: false)
      let isTemporary = kind == .transient || kind == .throttled
      let isWithin = staleFor == nil || staleFor == 5 && isTemporary
      try #require(mayServe == (!model[load].isSuperseded && isWithin), "\(steps)")
    }
  }

  private mutating func end(_ load: Int) throws {
    #expect(loads[load].endLoad() == 100)
    let effects = loads[load].publishResult()
    #expect(effects.releasedByteCount == 0 && loads[load].hasResult && loads[load].hasEnded)
    model[load].hasEnded = true
  }

  /// Cancels one of the waiters of a load.
  mutating func cancel(_ load: Int, using random: inout SplitMix64) throws {
    let place = random.number(0...model[load].waiters.count - 1)
    let waiter = model[load].waiters.remove(at: place)
    steps.append("cancel a waiter of \(load)")
    let effects = machine.cancelWaiting(
      for: loads[load], waiter, reason: CancellationError(), finishesAbandoned: false)
    let isLast = model[load].waiters.isEmpty
    try #require(effects.releasedByteCount == (isLast ? 100 : 0), "\(steps)")
    try #require(waiter.reason is CancellationError, "\(steps)")
    // A second reason changes nothing.
    let again = machine.cancelWaiting(
      for: loads[load], waiter, reason: TimedOut(), finishesAbandoned: false)
    try #require(again.releasedByteCount == 0 && waiter.reason is CancellationError, "\(steps)")
    if isLast { model[load].hasEnded = true }
  }

  func check() throws {
    for (load, expected) in zip(loads, model) {
      try #require(load.isSuperseded == expected.isSuperseded, "\(steps)")
      try #require(
        load.isInTable == (!expected.hasEnded && !expected.isSuperseded), "\(steps)")
      if !expected.hasEnded {
        try #require(load.interestedCount == expected.waiters.count, "\(steps)")
      }
    }
    try #require(machine.loads.count == model.count { !$0.hasEnded && !$0.isSuperseded })
    try #require(machine.refreshes.count == refreshes.count, "\(steps)")
    try #require(machine.isIdle == (machine.loads.count + machine.refreshes.count == 0))
  }
}

@Suite("Read-through as a state machine, without a cache", .timeLimit(.minutes(10)))
struct LoadStateMachineTests {
  @Test("The state machine of loads decides as a naive model does, in every order of events")
  func histories() throws {
    for history in 0..<Fuzz.count(orElse: 300) {
      var random = SplitMix64(seed: Fuzz.seed &+ UInt64(history))
      var run = MachineRun()
      for _ in 0..<60 {
        try step(&run, using: &random)
        try run.check()
      }
    }
  }

  private func step(_ run: inout MachineRun, using random: inout SplitMix64) throws {
    let running = run.model.indices.filter { !run.model[$0].hasEnded }
    switch random.number(0...12) {
    case 6...7 where !running.isEmpty:
      try run.succeed(
        random.pick(running), tags: MachineRun.tags.filter { _ in random.oneIn(2) })
    case 8 where !running.isEmpty:
      try run.fail(random.pick(running), random.pick(LoadErrorClass.allCases))
    case 9 where !running.isEmpty: try run.cancel(random.pick(running), using: &random)
    case 10: run.write(random.number(0...3))
    case 11: run.invalidate(random.number(0...3))
    case 12:
      if random.oneIn(4) { run.removeAll() }
    default:
      var question = Question(key: random.number(0...3))
      if random.oneIn(2) { question.staleFor = random.pick([0, 5, 20, 40]) }
      question.isDue = question.staleFor == 0 && random.oneIn(2)
      if random.oneIn(5) { question.failure = random.pick(LoadErrorClass.allCases) }
      if random.oneIn(5) { question.remaining = random.pick([0, 60]) }
      question.isOwnTime = !random.oneIn(3)
      try run.ask(question, inScope: random.oneIn(2))
    }
  }

  @Test("A load that ends resumes its waiters and ends its task")
  func effects() async throws {
    var machine = LoadStateMachine()
    let load = NumberedLoad(1)
    withUnsafePointer(to: 1) { address in
      machine.begin(load, LoadLookUp(key: address, hash: 0), isAnswered: false)
    }
    var effects = LoadEffects()
    await withCheckedContinuation { continuation in
      let isWaiting = load.wait(LoadWaiter(), continuation)
      #expect(isWaiting)
      let isStored = machine.finish(load, after: nil, tags: nil)
      #expect(isStored)
      effects = load.publishResult()
      #expect(effects.resumedCount == 1 && load.waitingCount == 0)
      effects.perform(for: nil)
    }
    #expect(load.hasEnded && machine.isIdle)
  }

  @Test("The load of a key that is not equal to itself is not noted")
  func unequal() {
    var machine = LoadStateMachine()
    withUnsafePointer(to: 1) { address in
      let lookUp = LoadLookUp(key: address, hash: 0, isFindable: false)
      let load = NumberedLoad(1)
      machine.begin(load, lookUp, isAnswered: false)
      #expect(machine.isIdle && !load.isInTable)
      let isStored = machine.finish(load, after: nil, tags: nil)
      #expect(!isStored)
    }
  }
}
