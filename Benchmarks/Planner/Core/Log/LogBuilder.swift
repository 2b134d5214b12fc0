import LambdaCache

/// One request as a log tells it.
struct RawRequest {
  /// The hash of the key.
  var key: UInt64 = 0
  /// The bytes of the key as text.
  var keyLength = 0
  /// The bytes of the value; `nil` if the log does not say.
  var valueBytes: Int64?
  /// The bytes that key and value own on the heap; `nil` if the log does not say.
  var heapBytes: Int64?
  /// Whether the log says that no value was stored.
  var isNeverStored = false
  /// Milliseconds since 1970; `nil` if the log does not say.
  var time: Int64?
  /// Microseconds that the load took; 0 if it is not known.
  var loadMicroseconds: Int64 = 0
  /// Microseconds that the whole request took; 0 if it is not known.
  var durationMicroseconds: Int64 = 0
  /// The hash of the name of the environment; 0 if the log does not say.
  var environment: UInt64 = 0
  /// The hash of the name of the cache; 0 if the log does not say.
  var cache: UInt64 = 0
  var cacheName = ""
  /// The part of all keys that the log is of; `nil` if it does not say.
  var rate: Double?
  /// Whether no other environment has the same hash of this key.
  var hasOwnKey = false
  /// Whether the look-up hit when it was recorded; `nil` if the log does not say.
  var isHit: Bool?
  /// Look-ups that were lost here; then this is no request.
  var dropped = 0
  /// The memory of an environment and the bytes of it in use; then this is no request either.
  var memory: (byteCount: Int, inUse: Int)?
}

/// Gathers requests in bounded memory: as soon as there are too many, half of the keys goes.
struct LogBuilder {
  private(set) var log = RequestLog()
  /// The first requests, each of them, once the log keeps only a sample.
  private(set) var window: RequestLog?
  private(set) var issues = InputIssues()
  var reports = ReportSummary()
  private(set) var durationSum = 0.0
  private(set) var durationCount = 0
  private(set) var environments: Set<UInt64> = []
  private(set) var recorded = RecordedFacts()
  private var cache: UInt64 = 0
  private(set) var firstDisorder: (file: String, line: Int)?
  private(set) var disorderCount = 0
  private let options: InputOptions
  private let now: Int64
  private var threshold = KeyHash.sampleSpace
  private var latestTime = Int64.min

  /// More than a fleet has; a log that makes names up must not fill the memory.
  private static let environmentLimit = 65_536

  init(_ options: InputOptions) {
    self.options = options
    now = options.now ?? Platform.wallMilliseconds
    threshold = UInt64((Double(KeyHash.sampleSpace) * options.keepRate).rounded(.up))
    log.recordedRate = options.recordedRate
    log.sampleRate = options.recordedRate * options.keepRate
  }

  /// Takes a request in.
  mutating func append(
    _ request: RawRequest, file: String, line: Int
  ) throws(InputError) {
    try noteCache(request, file: file)
    guard request.dropped == 0 else {
      recorded.dropped += request.dropped
      return
    }
    if let memory = request.memory {
      recorded.memoryInUse.note(memory.inUse, ofMemory: memory.byteCount)
      return
    }
    if log.requestsRead == 0 { begin(request) }
    if let rate = request.rate, rate != log.recordedRate, options.recordedRate == 1 {
      try reject("another part of the keys was logged than before", file: file, line: line)
      return
    }
    guard let heapBytes = heapBytes(of: request) else {
      try reject("its size is negative or above 4 GiB", file: file, line: line)
      return
    }
    if !log.hasAssumedTimes {
      guard let time = request.time else {
        try reject("it has no time, and earlier lines have one", file: file, line: line)
        return
      }
      guard time <= now + 86_400_000 else {
        try reject("its time is in the future", file: file, line: line)
        return
      }
      noteOrder(time, file: file, line: line)
    }
    log.requestsRead += 1
    noteDuration(request)
    let time = log.hasAssumedTimes ? nil : request.time
    if options.keepRate < 1, log.recordedRate == 1, log.requestsRead <= options.windowLimit {
      window?.append(
        key: request.key, heapBytes: heapBytes, time: time,
        loadMicroseconds: request.loadMicroseconds)
    }
    guard KeyHash.isSampled(request.key, threshold: threshold) else { return }
    log.append(
      key: request.key, heapBytes: heapBytes, time: time,
      loadMicroseconds: request.loadMicroseconds)
    if log.count > options.exactLimit { thin() }
  }

  /// Makes room for the keys and sizes of so many requests.
  mutating func reserve(_ count: Int) {
    let count = min(count, options.exactLimit + 1)
    log.keys.reserveCapacity(log.count + count)
    log.heapBytes.reserveCapacity(log.count + count)
  }

  private mutating func begin(_ request: RawRequest) {
    // The first request says what the others have to have.
    log.hasAssumedTimes = request.time == nil
    log.hasAssumedSizes =
      request.valueBytes == nil && request.heapBytes == nil && !request.isNeverStored
    if options.recordedRate == 1, let rate = request.rate {
      log.recordedRate = rate
      log.sampleRate = rate * options.keepRate
    }
    if options.keepRate < 1, log.recordedRate == 1 { window = RequestLog() }
  }

  /// Takes one cache's look-ups only: a key of another is another key.
  private mutating func noteCache(_ request: RawRequest, file: String) throws(InputError) {
    guard request.cache != 0, request.cache != cache else { return }
    if let first = recorded.cacheName {
      throw .severalCaches(file: file, names: [first, request.cacheName])
    }
    cache = request.cache
    recorded.cacheName = request.cacheName
  }

  /// Counts a line of the stream that is not the log's.
  mutating func noteForeignLine() { recorded.foreignLines += 1 }

  private func heapBytes(of request: RawRequest) -> UInt32? {
    if request.isNeverStored { return RequestLog.neverStored }
    if let bytes = request.heapBytes {
      return UInt32(exactly: bytes).flatMap { $0 == RequestLog.neverStored ? nil : $0 }
    }
    let value = request.valueBytes ?? Int64(options.assumedValueBytes)
    guard (0...Int64(UInt32.max) - 65_536).contains(value) else { return nil }
    return UInt32(
      exactly: EntrySize.heapBytes(keyLength: request.keyLength, valueBytes: Int(value)))
  }

  private mutating func noteOrder(_ time: Int64, file: String, line: Int) {
    if time < latestTime {
      if firstDisorder == nil { firstDisorder = (file, line) }
      disorderCount += 1
    }
    latestTime = max(latestTime, time)
  }

  private mutating func noteDuration(_ request: RawRequest) {
    if request.durationMicroseconds > 0 {
      durationSum += Double(request.durationMicroseconds)
      durationCount += 1
    }
    if let isHit = request.isHit {
      recorded.lookUps += 1
      if isHit { recorded.hits += 1 }
    }
    if request.hasOwnKey { recorded.hasOwnKeys = true }
    if request.environment != 0, environments.count < LogBuilder.environmentLimit {
      environments.insert(request.environment)
    }
  }

  /// Keeps half of the keys.
  private mutating func thin() {
    if threshold == KeyHash.sampleSpace, log.recordedRate == 1 {
      window = log.slice(0..<min(log.count, options.windowLimit))
    }
    while log.count > options.exactLimit, threshold > 1 {
      threshold /= 2
      log.keepSample(threshold: threshold)
    }
    log.sampleRate =
      log.recordedRate * Double(threshold) / Double(KeyHash.sampleSpace)
  }

  /// Counts a line that cannot be used.
  mutating func reject(_ reason: String, file: String, line: Int) throws(InputError) {
    if options.isStrict { throw .malformed(file: file, line: line, reason: reason) }
    issues.note(reason, file: file, line: line)
  }

  /// Notes what is wrong with a file as a whole.
  mutating func noteDamage(_ reason: String, file: String, line: Int) throws(InputError) {
    if options.isStrict { throw .damaged(file: file, reason: reason) }
    issues.note(reason, file: file, line: line)
  }

  /// Ends gathering: the requests are sorted by time.
  consuming func finish() -> LogIntake {
    if disorderCount > 0 {
      log.sortByTime()
      window?.sortByTime()
    }
    log.spreadWholeSeconds()
    window?.spreadWholeSeconds()
    if log.times.isEmpty { log.hasAssumedTimes = true }
    if var whole = window {
      whole.requestsRead = whole.count
      whole.hasAssumedTimes = log.hasAssumedTimes
      whole.hasAssumedSizes = log.hasAssumedSizes
      window = whole
    }
    return LogIntake(
      log: log, window: window, issues: issues, reports: reports,
      meanDurationMicroseconds: durationCount == 0 ? nil : durationSum / Double(durationCount),
      environmentCount: environments.count, recorded: recorded, disorderCount: disorderCount,
      firstDisorder: firstDisorder.map { "\($0.file):\($0.line)" })
  }
}

/// The contents of all logs that were read.
package struct LogIntake: Sendable {
  /// The requests; of a sample of the keys if there were too many.
  package var log: RequestLog
  /// The first requests of all keys, where ``log`` is a sample.
  package var window: RequestLog?
  /// The lines that were not used.
  package var issues: InputIssues
  /// Sums over the `REPORT` lines.
  package var reports: ReportSummary
  /// The mean time of a whole request; `nil` if the log does not say.
  package var meanDurationMicroseconds: Double?
  /// The environments that the log names.
  package var environmentCount: Int
  /// Facts that the library's own log has beside its requests.
  package var recorded: RecordedFacts
  /// Requests that came after a later one.
  package var disorderCount: Int
  /// The first of them, as `file:line`.
  package var firstDisorder: String?
}

extension LogIntake {
  /// A log that was not read.
  package init(synthetic log: RequestLog) {
    self.init(
      log: log, window: nil, issues: InputIssues(), reports: ReportSummary(),
      meanDurationMicroseconds: nil, environmentCount: 0, recorded: RecordedFacts(),
      disorderCount: 0, firstDisorder: nil)
  }
}

/// The bytes that a key and a value own on the heap, if they are a `String` and a `[UInt8]`.
package enum EntrySize {
  /// The bytes that the buffers of both take.
  ///
  /// They begin with a header of 32 bytes. A string ends with a zero, and one of up to 15
  /// bytes of UTF-8 needs no buffer.
  package static func heapBytes(keyLength: Int, valueBytes: Int) -> Int {
    let key = keyLength > 15 ? allocationByteCount(forRequest: 33 + keyLength) : 0
    let value = valueBytes > 0 ? allocationByteCount(forRequest: 32 + valueBytes) : 0
    return key + value
  }
}
