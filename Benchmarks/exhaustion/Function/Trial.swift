import LambdaCache

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The handler: some work, a new value to keep, and now and then a spike of memory of its own.
final class Trial {
  private let keeper: any Keeper
  private let spikeLimit: Int
  private let startResident: Int

  /// One invocation in so many has a spike, of up to 30 % of the function's memory.
  private static let spikeInterval = 200

  init(environment: [String: String]) throws {
    let megabytes = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap { Int($0) } ?? 128
    spikeLimit = (megabytes << 20) * 3 / 10
    startResident = Process.residentByteCount
    keeper =
      environment["EXHAUSTION_KEEPER"] == "naive"
      ? NaiveKeeper() : try CacheKeeper(environment: environment)
  }

  /// Answers with what was measured, as JSON.
  func answer(_ event: [UInt8]) throws -> [UInt8] {
    guard let number = Int(String(decoding: event, as: UTF8.self)) else { throw MalformedEvent() }
    var random = Scatter(seed: UInt64(number))
    let faults = Process.majorFaults
    let start = Process.nanoseconds
    let value = makeValue(using: &random)
    let made = Process.nanoseconds
    let spike = random.below(Self.spikeInterval) == 0 ? makeSpike(using: &random) : 0
    let spiked = Process.nanoseconds
    keeper.keep(value, forKey: "key \(number), which never comes again")
    keeper.end()
    let ended = Process.nanoseconds
    let statistics = keeper.guardStatistics
    let fields: [(String, Int)] = [
      ("number", number), ("start", startResident), ("resident", Process.residentByteCount),
      ("held", keeper.heldByteCount), ("entries", keeper.entryCount), ("spike", spike),
      ("work", made - start), ("spikeTime", spiked - made), ("memory", ended - spiked),
      ("faults", Process.majorFaults - faults), ("sheds", statistics.sheds),
      ("shedBytes", statistics.shedByteCount), ("trims", statistics.trims),
      ("trimmedBytes", statistics.trimmedByteCount),
      ("longest", Int(statistics.longestTime / .nanoseconds(1))),
      ("guard", Int(statistics.time / .nanoseconds(1))),
      ("handler", statistics.handlerByteCount), ("peak", statistics.highWaterByteCount),
    ]
    return Array(("{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}").utf8)
  }

  /// A value of 100 bytes to 1 MB, each order of magnitude equally often, after some computing.
  private func makeValue(using random: inout Scatter) -> [UInt8] {
    var mixed = random.next()
    for _ in 0..<500_000 { mixed = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9 }
    let decade = [100, 1_000, 10_000, 100_000][random.below(4)]
    let byteCount = decade + random.below(decade * 9)
    return [UInt8](repeating: UInt8(truncatingIfNeeded: mixed), count: byteCount)
  }

  /// Takes memory as a large answer that is put together from pieces would, and lets go of it.
  private func makeSpike(using random: inout Scatter) -> Int {
    let byteCount = random.below(spikeLimit)
    var pieces: [[UInt8]] = []
    var left = byteCount
    while left > 0 {
      let piece = min(left, 1 << 20)
      pieces.append([UInt8](repeating: 1, count: piece))
      left -= piece
    }
    return pieces.reduce(0) { $0 + $1.count }
  }
}

/// A small generator with a seed (SplitMix64).
struct Scatter {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// What the system says about this process.
enum Process {
  /// The time this thread has worked, and the kernel for it: what others on the same machine do is
  /// not in it.
  static var nanoseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }

  /// Pages that had to be read from a file, as they are when memory runs out.
  static var majorFaults: Int {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage.ru_majflt
  }

  /// The resident set in bytes, 0 where it cannot be read: the second number of `statm`, in pages.
  static var residentByteCount: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
