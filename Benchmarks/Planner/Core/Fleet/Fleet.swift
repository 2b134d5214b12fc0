import Workload

/// Simulates the environments of a function: they start, are reused, freeze and are reclaimed by
/// the arrival times of a log.
///
/// A hit makes its invocation shorter, so that its environment is free again sooner and fewer are
/// started, which makes more hits. Nothing later changes anything earlier, so one pass in the order
/// of arrivals arrives at the fixed point that repeated passes would have to look for.
///
/// Of a log that has a part of the keys, invocations for the others are put between its requests at
/// random times. They hit as often as the log's last ones before them, and take as long: a ratio of
/// all of them would be that of a fleet that is colder than it is by then.
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
  /// Invocations that are still to arrive for keys that the log does not have; less than one.
  private var owed = 0.0
  /// Look-ups of the log.
  private var lookUps = 0
  /// The part of them that have read nothing, of which each counts less than the next.
  private var recentRatio = 0.0

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
    // As many others beside each request would make a burst wherever two of the log are close;
    // beside 256, their number differs from that of the real ones by 6 percent.
    for first in stride(from: 0, to: log.count, by: 256) {
      let indices = first..<min(first + 256, log.count)
      let others = fleet.timesOfOthers(beside: indices, of: log)
      var next = 0
      for index in indices {
        let time = log.arrival(index)
        while next < others.count, others[next] < time {
          fleet.arriveAnother(at: others[next])
          next += 1
        }
        fleet.arrive(index, of: log, at: time)
      }
      for time in others[next...] { fleet.arriveAnother(at: time) }
    }
    return fleet.result
  }

  /// The times at which invocations arrive for keys that the log does not have, in order.
  private mutating func timesOfOthers(beside indices: Range<Int>, of log: RequestLog) -> [Int64] {
    guard rate < 1 else { return [] }
    owed += Double(indices.count) * (1 / rate - 1)
    let count = Int(owed)
    owed -= Double(count)
    let start = log.arrival(indices.lowerBound)
    let span = Double(log.arrival(min(indices.upperBound, log.count - 1)) - start)
    return (0..<count).map { _ in start + Int64(span * generator.nextUnit()) }.sorted()
  }

  private mutating func arrive(_ index: Int, of log: RequestLog, at time: Int64) {
    let load = log.loadMicroseconds.isEmpty ? 0 : log.loadMicroseconds[index]
    let loadTime =
      load == 0
      ? settings.timing.load
      : Int64(min(Double(load) * settings.timing.loadScale, 1e15).rounded())
    arrive(at: time, key: log.keys[index], heapBytes: log.heapBytes[index], loadTime: loadTime)
  }

  private mutating func arriveAnother(at time: Int64) {
    arrive(at: time, key: nil, heapBytes: 0, loadTime: settings.timing.load)
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
    guard settings.cache != nil, generator.nextUnit() < recentRatio else {
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
    switch environment.lookUp(key, at: time) {
    case .hit:
      result.hits += 1
      count(withoutRead: true)
      return settings.timing.hit
    case .joins(let end):
      result.joined += 1
      count(withoutRead: true)
      return end - time
    case .miss:
      result.reads += 1
      count(withoutRead: false)
      environment.beginLoad(key, heapBytes: heapBytes, end: time + loadTime)
      return loadTime
    }
  }

  private mutating func count(withoutRead: Bool) {
    lookUps += 1
    recentRatio += ((withoutRead ? 1 : 0) - recentRatio) / Double(min(lookUps, 128))
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

extension RequestLog {
  /// When a request arrives, in microseconds since the first.
  fileprivate func arrival(_ index: Int) -> Int64 { (times[index] - times[0]) * 1000 }
}
