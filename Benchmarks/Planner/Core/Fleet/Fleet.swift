import Workload

/// Simulates the environments of a function: they start, are reused, freeze and are reclaimed by
/// the arrival times of a log.
///
/// A hit makes its invocation shorter, so that its environment is free again sooner and fewer are
/// started, which makes more hits. Nothing later changes anything earlier, so one pass in the order
/// of arrivals arrives at the fixed point that repeated passes would have to look for.
///
/// Of a log that has a part of the keys, invocations for the others are put between its requests at
/// random times. They hit as often as those of the log have until then, and take as long.
package struct Fleet {
  /// The state of an environment, without its cache.
  private struct Environment {
    /// When its initialization ends.
    var readyAt: Int64
    /// When the last invocation in it ended.
    var lastEnd: Int64
    /// Invocations under way.
    var running = 1
  }

  private let settings: FleetSettings
  /// Environments by their places; a place is used again after an environment is gone.
  private var environments: [Environment] = []
  /// Their caches, in the same places; `nil` where no environment is.
  private var caches: [EnvironmentCache?] = []
  private var freePlaces: [Int] = []
  /// Environments with room for one more invocation; those that ended one last are at the end.
  private var available: [Int] = []
  private var running = InvocationHeap()
  private var aliveCount: Int { environments.count - freePlaces.count }
  private var generator: SplitMix64
  private var result = FleetResult()
  /// The part of the keys that the log has.
  private let rate: Double
  /// Look-ups of the log, and those that have read nothing.
  private var lookUps = 0
  private var lookUpsWithoutRead = 0

  private init(_ settings: FleetSettings, rate: Double) {
    self.settings = settings
    self.rate = rate
    generator = SplitMix64(seed: settings.seed)
  }

  /// Runs a fleet.
  ///
  /// - Parameters:
  ///   - log: Requests with times; each is one invocation.
  ///   - settings: How the fleet behaves.
  package static func run(_ log: RequestLog, _ settings: FleetSettings) -> FleetResult {
    var fleet = Fleet(settings, rate: log.sampleRate)
    let origin = log.times.first ?? 0
    let hasLoads = !log.loadMicroseconds.isEmpty
    var owed = 0.0
    for index in 0..<log.count {
      if log.sampleRate < 1, index > 0 {
        owed += 1 / log.sampleRate - 1
        fleet.fill(
          Int(owed), from: (log.times[index - 1] - origin) * 1000,
          to: (log.times[index] - origin) * 1000)
        owed -= owed.rounded(.down)
      }
      let load = hasLoads ? log.loadMicroseconds[index] : 0
      let loadTime =
        load == 0
        ? settings.timing.load
        : Int64(min(Double(load) * settings.timing.loadScale, 1e15).rounded())
      fleet.arrive(
        at: (log.times[index] - origin) * 1000, key: log.keys[index],
        heapBytes: log.heapBytes[index], loadTime: loadTime)
    }
    return fleet.result
  }

  /// Lets invocations for keys arrive that the log does not have.
  private mutating func fill(_ count: Int, from start: Int64, to end: Int64) {
    let span = Double(end - start)
    let times = (0..<count).map { _ in start + Int64(span * generator.nextUnit()) }
    for time in times.sorted() {
      arrive(at: time, key: nil, heapBytes: 0, loadTime: settings.timing.load)
    }
  }

  /// - Parameter key: `nil` for one that the log does not have.
  private mutating func arrive(
    at time: Int64, key: UInt64?, heapBytes: UInt32, loadTime: Int64
  ) {
    while let invocation = running.first, invocation.end <= time { end(running.removeFirst()) }
    reclaim(at: time)
    let place = route(at: time)
    result.environmentsAtArrivals += aliveCount
    guard let place else {
      result.throttled += 1
      return
    }
    let start = max(time, environments[place].readyAt)
    let duration =
      settings.timing.handler
      + (key.map { lookUp($0, in: place, at: start, heapBytes: heapBytes, loadTime: loadTime) }
        ?? lookUpOfAnother(loadTime: loadTime))
    result.billedMilliseconds += Int((duration + 999) / 1000)
    running.insert(
      InvocationHeap.Invocation(
        end: start + duration, number: result.requests, environment: place))
    result.requests += 1
  }

  /// The time that a look-up takes of a key that the log does not have.
  private mutating func lookUpOfAnother(loadTime: Int64) -> Int64 {
    let ratio = lookUps == 0 ? 0 : Double(lookUpsWithoutRead) / Double(lookUps)
    guard settings.cache != nil, generator.nextUnit() < ratio else {
      result.reads += 1
      return loadTime
    }
    result.hits += 1
    return settings.timing.hit
  }

  /// The time that a look-up takes, with the load if it misses.
  private mutating func lookUp(
    _ key: UInt64, in place: Int, at time: Int64, heapBytes: UInt32, loadTime: Int64
  ) -> Int64 {
    guard let environment = caches[place] else {
      result.reads += 1
      return loadTime
    }
    lookUps += 1
    switch environment.lookUp(key, at: time) {
    case .hit:
      result.hits += 1
      lookUpsWithoutRead += 1
      return settings.timing.hit
    case .joins(let end):
      result.joined += 1
      lookUpsWithoutRead += 1
      return end - time
    case .miss:
      result.reads += 1
      environment.beginLoad(key, heapBytes: heapBytes, end: time + loadTime)
      return loadTime
    }
  }

  private mutating func end(_ invocation: InvocationHeap.Invocation) {
    let place = invocation.environment
    environments[place].running -= 1
    environments[place].lastEnd = invocation.end
    // With one invocation at a time it is not among them.
    if settings.concurrency > 1, let position = available.lastIndex(of: place) {
      available.remove(at: position)
    }
    available.append(place)
  }

  /// Reclaims environments that have been idle for too long.
  private mutating func reclaim(at time: Int64) {
    if settings.concurrency == 1 {
      // The one that has been idle for the longest time is the first.
      while let place = available.first, isReclaimed(place, at: time) {
        available.removeFirst()
        remove(place)
      }
      return
    }
    guard available.contains(where: { isReclaimed($0, at: time) }) else { return }
    for place in available where isReclaimed(place, at: time) { remove(place) }
    available = available.filter { environments[$0].running >= 0 }
  }

  private func isReclaimed(_ place: Int, at time: Int64) -> Bool {
    let environment = environments[place]
    return environment.running == 0 && environment.lastEnd + settings.idleLife < time
  }

  private mutating func remove(_ place: Int) {
    environments[place].running = -1
    caches[place] = nil
    freePlaces.append(place)
  }

  /// Returns the place of the environment that gets an invocation, a new one if none has room;
  /// `nil` if there may be no more.
  private mutating func route(at time: Int64) -> Int? {
    guard !available.isEmpty else { return start(at: time) }
    let position =
      settings.routing == .mostRecentlyUsed
      ? available.count - 1 : Int(generator.next() % UInt64(available.count))
    let place = available[position]
    environments[place].running += 1
    if environments[place].running == settings.concurrency { available.remove(at: position) }
    return place
  }

  private mutating func start(at time: Int64) -> Int? {
    guard aliveCount < settings.environmentLimit else { return nil }
    let readyAt = time + settings.timing.initialization
    let environment = Environment(readyAt: readyAt, lastEnd: readyAt)
    let place: Int
    if let free = freePlaces.popLast() {
      place = free
      environments[place] = environment
    } else {
      place = environments.count
      environments.append(environment)
      caches.append(nil)
    }
    if let cache = settings.cache { caches[place] = EnvironmentCache(cache.scaled(by: rate)) }
    if settings.concurrency > 1 { available.append(place) }
    result.coldStarts += 1
    result.peakEnvironments = max(result.peakEnvironments, aliveCount)
    result.billedInitMilliseconds += Int((settings.timing.initialization + 999) / 1000)
    return place
  }
}
