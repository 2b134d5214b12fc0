import PlannerCore
import Testing
import Workload

/// A fleet of the plainest kind: everything is looked at before each arrival.
private struct NaiveFleet {
  struct Entry {
    var key: UInt64
    var written: Int64
  }

  struct Load {
    var end: Int64
    var number: Int
    var key: UInt64
  }

  final class Environment {
    /// The most recently used last.
    var entries: [Entry] = []
    var loads: [Load] = []
    var ends: [(end: Int64, number: Int)] = []
    var readyAt: Int64 = 0
    var lastEnd: Int64 = 0
    /// A number that grows with each end of an invocation of the fleet.
    var lastEndOrder = 0
  }

  var settings: FleetSettings
  var environments: [Environment] = []
  var result = FleetResult()
  var order = 0
  var generator: SplitMix64

  init(_ settings: FleetSettings) {
    self.settings = settings
    generator = SplitMix64(seed: settings.seed)
  }

  mutating func arrive(time: Int64, key: UInt64, load: Int64) {
    // End what has ended, one after the other, over the whole fleet.
    while true {
      var next: (environment: Environment, end: Int64, number: Int)?
      for environment in environments {
        for (end, number) in environment.ends where end <= time {
          if next == nil || (end, number) < (next!.end, next!.number) {
            next = (environment, end, number)
          }
        }
      }
      guard let next else { break }
      next.environment.ends.removeAll { $0.number == next.number }
      next.environment.lastEnd = next.end
      order += 1
      next.environment.lastEndOrder = order
    }
    environments.removeAll { $0.ends.isEmpty && $0.lastEnd + settings.idleLife < time }
    let free = environments.filter { $0.ends.count < settings.concurrency }
      .sorted { $0.lastEndOrder < $1.lastEndOrder }
    let environment: Environment
    if free.isEmpty {
      guard environments.count < settings.environmentLimit else {
        result.throttled += 1
        result.environmentsAtArrivals += environments.count
        return
      }
      environment = Environment()
      environment.readyAt = time + settings.timing.initialization
      environment.lastEnd = environment.readyAt
      order += 1
      environment.lastEndOrder = order
      environments.append(environment)
      result.coldStarts += 1
      result.billedInitMilliseconds += Int((settings.timing.initialization + 999) / 1000)
      result.peakEnvironments = max(result.peakEnvironments, environments.count)
    } else if settings.routing == .mostRecentlyUsed {
      environment = free.last!
    } else {
      environment = free[Int(generator.next() % UInt64(free.count))]
    }
    result.environmentsAtArrivals += environments.count
    let start = max(time, environment.readyAt)
    let duration = settings.timing.handler + lookUp(environment, key, start, load)
    result.billedMilliseconds += Int((duration + 999) / 1000)
    environment.ends.append((start + duration, result.requests))
    result.requests += 1
  }

  private mutating func lookUp(
    _ environment: Environment, _ key: UInt64, _ time: Int64, _ load: Int64
  ) -> Int64 {
    guard let cache = settings.cache else {
      result.reads += 1
      return load
    }
    let done = environment.loads.filter { $0.end <= time }
      .sorted { ($0.end, $0.number) < ($1.end, $1.number) }
    environment.loads.removeAll { $0.end <= time }
    let life = cache.timeToLiveMilliseconds.map { $0 * 1000 } ?? .max
    for load in done {
      environment.entries.removeAll { $0.key == load.key }
      if environment.entries.count == cache.entryLimit {
        // An expired entry goes first.
        let expired = environment.entries.firstIndex { load.end - $0.written >= life }
        environment.entries.remove(at: expired ?? 0)
      }
      environment.entries.append(Entry(key: load.key, written: load.end))
    }
    if let other = environment.loads.first(where: { $0.key == key }) {
      result.joined += 1
      return other.end - time
    }
    environment.entries.removeAll { time - $0.written >= life }
    if let place = environment.entries.firstIndex(where: { $0.key == key }) {
      environment.entries.append(environment.entries.remove(at: place))
      result.hits += 1
      return settings.timing.hit
    }
    result.reads += 1
    environment.loads.append(Load(end: time + load, number: result.requests, key: key))
    return load
  }
}

@Suite("A fleet of environments")
struct FleetTests {
  private static func settings(_ generator: inout SplitMix64) -> FleetSettings {
    var settings = FleetSettings()
    settings.routing = Bool.random(using: &generator) ? .mostRecentlyUsed : .random
    settings.concurrency = [1, 1, 2, 5].randomElement(using: &generator)!
    settings.environmentLimit = [1, 3, 1000].randomElement(using: &generator)!
    settings.idleLife = Int64.random(in: 1...2_000_000, using: &generator)
    settings.timing.initialization = Int64.random(in: 0...300_000, using: &generator)
    settings.timing.handler = Int64.random(in: 0...50_000, using: &generator)
    settings.timing.hit = Int64.random(in: 0...2000, using: &generator)
    settings.seed = generator.next()
    if Int.random(in: 0..<8, using: &generator) > 0 {
      settings.cache = CacheLimit(
        byteLimit: 1 << 30,
        timeToLiveMilliseconds: [nil, 20, 500, 5000].randomElement(using: &generator)!,
        entryLimit: Int.random(in: 1...30, using: &generator))
    }
    return settings
  }

  private static func log(_ generator: inout SplitMix64) -> RequestLog {
    var log = RequestLog()
    var time: Int64 = 1_700_000_000_000
    let keys = UInt64.random(in: 1...60, using: &generator)
    let gap = [0, 5, 40, 600].randomElement(using: &generator)!
    for _ in 0..<Int.random(in: 1...300, using: &generator) {
      time += Int64.random(in: 0...Int64(gap), using: &generator)
      log.times.append(time)
      log.keys.append(KeyHash.hash(UInt64.random(in: 0..<keys, using: &generator)))
      log.heapBytes.append(16)
      log.loadMicroseconds.append(UInt32.random(in: 1...90_000, using: &generator))
    }
    log.requestsRead = log.count
    return log
  }

  @Test("A fleet of environments does as a naive model does, event by event", arguments: 0..<40)
  func fuzz(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<25 {
      let settings = Self.settings(&generator)
      let log = Self.log(&generator)
      var naive = NaiveFleet(settings)
      for index in 0..<log.count {
        naive.arrive(
          time: (log.times[index] - log.times[0]) * 1000, key: log.keys[index],
          load: Int64(log.loadMicroseconds[index]))
      }
      let result = Fleet.run(log, settings)
      #expect(result == naive.result)
    }
  }

  @Test("A fleet of one environment hits as a replay does, if loads take no time")
  func oneEnvironment() {
    let log = SyntheticLog.make(requests: 20_000, keys: 3000)
    var settings = FleetSettings()
    settings.idleLife = .max / 4
    for bytes in [50_000, 500_000, 5_000_000] {
      settings.cache = CacheLimit(byteLimit: bytes)
      let fleet = Fleet.run(log, settings)
      #expect(fleet.coldStarts == 1)
      #expect(fleet.hits == Replay.run(log, limits: [CacheLimit(byteLimit: bytes)])[0].hits)
    }
  }

  @Test("A fleet of a part of the keys needs as many environments as one of all, and hits as often")
  func part() {
    let log = SyntheticLog.make(requests: 60_000, keys: 4000, exponent: 0.6, rate: 200)
    var settings = FleetSettings()
    settings.routing = .random
    settings.timing.load = 100_000
    settings.timing.handler = 10_000
    settings.cache = CacheLimit(byteLimit: 3 << 20)
    let whole = Fleet.run(log, settings)
    var sample = log
    sample.sampleRate = 0.25
    sample.recordedRate = 0.25
    sample.keepSample(threshold: KeyHash.sampleSpace / 4)
    let part = Fleet.run(sample, settings)
    #expect(abs(Double(part.requests) / Double(whole.requests) - 1) < 0.1)
    #expect(abs(part.meanEnvironments / whole.meanEnvironments - 1) < 0.15)
    #expect(abs(part.hitRatio - whole.hitRatio) < 0.05)
    // Without the others in between there would be too few.
    sample.sampleRate = 1
    #expect(Fleet.run(sample, settings).meanEnvironments < 0.7 * whole.meanEnvironments)
  }

  @Test("A fleet needs fewer environments the more look-ups hit, and hits more by that")
  func circle() {
    let log = SyntheticLog.make(requests: 50_000, keys: 2000, rate: 200)
    var settings = FleetSettings()
    settings.routing = .random
    settings.timing.load = 100_000
    settings.timing.handler = 1000
    let without = Fleet.run(log, settings)
    settings.cache = CacheLimit(byteLimit: 1 << 30)
    let with = Fleet.run(log, settings)
    #expect(with.meanEnvironments < without.meanEnvironments)
    #expect(with.hitRatio > 0.5)
    #expect(without.hitRatio == 0 && without.reads == log.count)
    settings.routing = .mostRecentlyUsed
    #expect(Fleet.run(log, settings).hitRatio >= with.hitRatio)
  }
}
