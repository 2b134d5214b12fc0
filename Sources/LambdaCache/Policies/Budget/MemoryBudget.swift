/// The memory that all caches of a process may use together.
///
/// A budget is made once, as early as possible, and passed to every cache:
///
/// <!-- with: User -->
/// ```swift
/// func makeUsers() throws -> Cache<String, User> {
///   let budget = try MemoryBudget()
///   return Cache(named: "users", in: budget, timeToLive: .seconds(300))
/// }
/// ```
///
/// Make it where an error is reported, in `initialize` of LambdaCacheRuntime for instance: at the
/// top level of a program an error ends the process without a report.
///
/// It takes the memory of the process, subtracts the part in use and a reserve for the handler, and
/// assigns the rest to the caches. ``explain()`` shows every number.
///
/// ## Who gets what
///
/// Each cache has a fair share: the size it asks for (`LAMBDA_CACHE_<NAME>_SIZE`) or else a part of
/// the rest, by its weight. Bytes of its share that a cache does not use are assigned to caches
/// that need them, and are taken back when it needs them itself: the **coldest entries** of all
/// caches leave, whichever cache they are in, a weight of two making bytes half as cold. A cache
/// never loses entries to others below its minimum, and never grows above its maximum. An entry
/// that fits the whole budget fits any cache. The sum of the bytes that all caches hold, and that
/// loads under way are expected to bring, is never above ``byteLimit``.
///
/// Loads under way together have half of the budget, and further ones wait, in order of arrival,
/// until others have ended. No load waits for ever: while none ends, the first goes on after one to
/// two seconds without bytes of its own, and then twice as many each second. Their values are
/// cached in the place of other entries.
///
/// ## How much there is
///
/// The memory of the process is the first of these that is known:
///
/// 1. `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in units of 1,024 KB from 128 to 10,240, on Managed
///    Instances to 32,768,
/// 2. the tightest limit of the process's control groups, version 2 or 1,
/// 3. 512 MiB.
///
/// The reserve is `LAMBDA_CACHE_RESERVE`, a size or a percentage of that memory, or else a default
/// that grows with the memory:
///
/// | memory (MB) | 128 | 256 | 512 | 1,024 | 2,048 | 4,096 | 10,240 |
/// |---|---|---|---|---|---|---|---|
/// | reserve for the handler (MiB) | 40 | 80 | 160 | 320 | 448 | 704 | 1,472 |
/// | reserve for the allocator (MiB) | 12 | 20 | 36 | 68 | 132 | 260 | 644 |
/// | for caches, if 10 MiB are in use (MiB) | 66 | 146 | 306 | 626 | 1,458 | 3,122 | 8,114 |
///
/// On Managed Instances the handler's part has 8 MiB more for each further concurrent invocation
/// (`AWS_LAMBDA_MAX_CONCURRENCY`), up to a quarter of the memory: 16 at once with 2,048 MB leave
/// 1,338 MiB for caches.
///
/// ## What guards it
///
/// A budget made from the environment also monitors the real memory of the process:
/// ``invocationDidEnd()``.
///
/// On Linux with glibc it fixes three settings of `malloc` for the whole process (mallopt(3)):
/// blocks from 128 KiB on are mappings, which go back to the system when they are freed
/// (`M_MMAP_THRESHOLD`), at most 32,768 of them (`M_MMAP_MAX`), and 1 MiB may be free at the end of
/// the heap (`M_TRIM_THRESHOLD`). Otherwise a large block that the handler takes now and then would
/// leave holes that the caches fill, and take from their share for good. A handler that takes large
/// blocks in each invocation waits for their pages each time: set `MALLOC_MMAP_THRESHOLD_`, or
/// `glibc.malloc.mmap_threshold` in `GLIBC_TUNABLES`, and the budget leaves all three alone.
public final class MemoryBudget: Sendable {
  /// The terms that the limit results from.
  package let terms: MemoryTerms

  /// The variables that the caches on this budget follow.
  public let configuration: CacheConfiguration

  let state: Locked<BudgetState>

  /// The monitor of the process; `nil` for a budget of a fixed size.
  let monitor: MemoryMonitor?

  /// The time after which the load that has waited longest goes on without its bytes: one second,
  /// and at the most twice that, since the queue is examined as often.
  package let loadWaitLimit: Duration

  private static let defaultLoadWaitLimit: Duration = .seconds(1)

  /// Reads a budget from environment variables and from the state of the process.
  ///
  /// - Parameter environment: The variables by name; `nil` for those of this process.
  /// - Throws: ``ConfigurationError`` that names every variable whose value cannot be used.
  public convenience init(
    environment: [String: String]? = nil
  ) throws(ConfigurationError) {
    let environment = environment ?? ProcessEnvironment.current
    let process = ProcessMemory.current
    try self.init(
      environment: environment, process: process,
      readings: .system(group: process.containerLimit))
    AllocatorSettings.apply(environment: environment)
  }

  /// Creates a budget of a fixed size, without a guard.
  ///
  /// - Parameters:
  ///   - byteLimit: The bytes for all caches together; not negative, at most 1 PiB.
  ///   - configuration: The variables that the caches on this budget follow; `nil` for none.
  public convenience init(byteLimit: Int, configuration: CacheConfiguration? = nil) {
    self.init(
      byteLimit: byteLimit, configuration: configuration, loadWaitLimit: Self.defaultLoadWaitLimit)
  }

  /// Creates a budget of a fixed size, where loads wait for another time.
  package init(
    byteLimit: Int, configuration: CacheConfiguration? = nil, loadWaitLimit: Duration
  ) {
    requireArgument(
      (0...(1 << 50)).contains(byteLimit), "byteLimit must be from 0 to 1 PiB (2^50 bytes)")
    terms = MemoryTerms(byteLimit: byteLimit)
    self.configuration = configuration ?? .empty
    state = Locked(BudgetState(byteLimit: byteLimit))
    monitor = nil
    self.loadWaitLimit = loadWaitLimit
    InvocationEnds.add(self)
  }

  /// Creates a budget from environment variables and given facts about the process.
  ///
  /// - Parameters:
  ///   - environment: The variables by name.
  ///   - process: The memory of the process now, and its containers.
  ///   - readings: The sources of later readings; `nil` for no guard.
  package init(
    environment: [String: String], process: ProcessMemory, readings: MemoryReadings? = nil
  ) throws(ConfigurationError) {
    var issues: Set<ConfigurationError.Issue> = []
    var configuration: CacheConfiguration?
    var terms: MemoryTerms?
    // Both, so that one error names all variables.
    do { configuration = try CacheConfiguration(environment: environment) } catch {
      issues.formUnion(error.issues)
    }
    do { terms = try MemoryTerms(environment: environment, process: process) } catch {
      issues.formUnion(error.issues)
    }
    guard let configuration, let terms else { throw ConfigurationError(issues: Array(issues)) }
    self.configuration = configuration
    self.terms = terms
    state = Locked(BudgetState(byteLimit: terms.byteLimit))
    monitor = readings.map { MemoryMonitor(terms: terms, readings: $0) }
    loadWaitLimit = Self.defaultLoadWaitLimit
    InvocationEnds.add(self)
  }

  deinit {
    InvocationEnds.remove(self)
  }

  /// The bytes that all caches together may use.
  public var byteLimit: Int { terms.byteLimit }

  /// The bytes that are assigned to caches, and to loads under way, now; never above ``byteLimit``.
  package var assignedByteCount: Int { state.withLock { $0.assignedByteCount } }
}
