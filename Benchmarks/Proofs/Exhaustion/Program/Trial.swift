import LambdaCache
import Workload

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
  private let settings: TrialSettings
  private let startResident: Int

  init(environment: [String: String]) throws {
    settings = try TrialSettings(environment: environment)
    startResident = Process.residentByteCount
    keeper =
      switch settings.keeper {
      case .cache: try CacheKeeper(environment: environment)
      case .naive: NaiveKeeper()
      case .none: NoKeeper()
      }
  }

  /// Answers with what was measured, as JSON.
  func answer(_ event: [UInt8]) throws -> [UInt8] {
    guard let number = Int(String(decoding: event, as: UTF8.self)) else { throw MalformedEvent() }
    var random = SplitMix64(invocation: number)
    let faults = Process.faults
    let start = Process.nanoseconds
    let mixed = compute(from: random.next())
    let computed = Process.nanoseconds
    let value = makeValue(of: mixed, using: &random)
    let made = Process.nanoseconds
    let spike = makeSpike(using: &random)
    let spiked = Process.nanoseconds
    keeper.keep(value, forKey: "key \(number), which never comes again")
    let kept = Process.nanoseconds
    keeper.end()
    let ended = Process.nanoseconds
    let faultsAfter = Process.faults
    defer { keeper.afterwards() }
    let figures = keeper.guardFigures
    var fields: [(String, Int)] = [
      ("number", number), ("start", startResident), ("resident", Process.residentByteCount),
      ("held", keeper.heldByteCount), ("entries", keeper.entryCount),
      ("spike", spike.byteCount), ("piece", spike.piece),
      ("compute", computed - start), ("make", made - computed), ("spikeTime", spiked - made),
      ("keep", kept - spiked), ("guard", ended - kept),
      ("majorFaults", faultsAfter.major - faults.major),
      ("minorFaults", faultsAfter.minor - faults.minor),
    ]
    for (name, figure) in [
      ("sheds", "sheds"), ("shedBytes", "shedBytes"), ("trims", "trims"),
      ("trimmedBytes", "trimmedBytes"), ("handler", "handlerBytes"), ("peak", "peakBytes"),
    ] { fields.append((name, figures[figure, default: 0])) }
    return Array(("{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}").utf8)
  }

  /// Works without touching memory.
  private func compute(from seed: UInt64) -> UInt64 {
    var mixed = seed
    for _ in 0..<settings.workRounds { mixed = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9 }
    return mixed
  }

  /// A value of 100 bytes to 1 MB, each order of magnitude equally often.
  private func makeValue(of content: UInt64, using random: inout SplitMix64) -> [UInt8] {
    let decade = [100, 1_000, 10_000, 100_000][random.below(4)]
    let byteCount = decade + random.below(decade * 9)
    return [UInt8](repeating: UInt8(truncatingIfNeeded: content), count: byteCount)
  }

  /// In one invocation of so many takes memory in a single piece or in many, and lets go of it.
  ///
  /// - Returns: What it took, and the size of the pieces; 0 for a single one.
  private func makeSpike(using random: inout SplitMix64) -> (byteCount: Int, piece: Int) {
    guard random.below(settings.spikeInterval) == 0 else { return (0, 0) }
    let wanted = random.below(settings.spikeLimit)
    let size = [0, 1 << 20, 32 << 10, 1 << 10][random.below(4)]
    let piece = size == 0 ? max(wanted, 1) : size
    var pieces: [[UInt8]] = []
    pieces.reserveCapacity(wanted / piece + 1)
    var byteCount = pieces.capacity * MemoryLayout<[UInt8]>.stride
    while byteCount < wanted {
      pieces.append([UInt8](repeating: 1, count: min(piece, wanted - byteCount)))
      byteCount += pieces[pieces.count - 1].heapByteCount
    }
    return withExtendedLifetime(pieces) { (byteCount, size) }
  }
}

extension SplitMix64 {
  /// The numbers of an invocation.
  fileprivate init(invocation number: Int) {
    self.init(seed: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
  }

  fileprivate mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// The facts of this process, as the system counts them.
enum Process {
  /// The time this thread has worked, and the kernel for it: what others on the same machine do is
  /// not in it.
  static var nanoseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }

  /// Pages that were touched for the first time, and those that had to be read from a file, as they
  /// are when memory runs out.
  static var faults: (minor: Int, major: Int) {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return (usage.ru_minflt, usage.ru_majflt)
  }

  /// Gives what the allocator does not use back to the system, where it can.
  static func trim() {
    #if canImport(Glibc)
      _ = trimAllocator(keeping: 0)
    #endif
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

#if canImport(Glibc)
  /// `malloc_trim(3)`, whose header the module `Glibc` leaves out.
  @_silgen_name("malloc_trim")
  private func trimAllocator(keeping byteCount: Int) -> Int32
#endif
