/// The look-ups of one cache, written to standard output as lines of JSON, for the planner.
///
/// It is of all keys or of a part, chosen by a keyed hash: a key is always in it or never, in every
/// environment that has the same secret. No key is in it in clear text. ``RequestLogLine`` has the
/// format.
///
/// Records are kept in bounded memory, which is booked in the cache's budget, and written when an
/// invocation has ended, when there is no room for more, or after a minute: by the thread that
/// comes to that, never under a cache's lock, and without waiting for the output's reader but for a
/// short time at an invocation's end. Records that are lost are counted, and the log says how many.
@usableFromInline
package final class RequestLog: Sendable {
  /// Writes bytes, whole lines, and returns how many it has taken.
  package typealias Output =
    @Sendable (UnsafeRawBufferPointer, _ milliseconds: Int32) -> Int

  @usableFromInline let sampledKeys: SampledKeys
  @usableFromInline let keyedHash: KeyedHash
  /// The upper 24 bits of the hash of a key in the sample are below it.
  private let threshold: UInt64
  private let line: RequestLogLine
  private let records: Locked<LookUpRecords>
  private let output: Output
  /// Milliseconds since 1970; `nil` for the system's.
  private let now: (@Sendable () -> Int64)?
  private let share: FixedShare?

  /// Records that are kept at the most, twice: 512 of 32 bytes.
  package static let capacity = 512

  /// The bytes that a log takes, which its budget books.
  package static let byteCount =
    2 * capacity * MemoryLayout<LookUpRecord>.stride + SampledKeys.byteCount
    + LogStream.pieceByteCount + LineBuffer.lineByteCount

  /// How long an invocation's end may wait for the reader of the output, in milliseconds.
  private static let longestWait: Int32 = 20

  /// The output that Lambda sends to the function's log group.
  package static let standardOutput: Output = {
    LogStream.standardOutput.writeIfReady($0, waitingAtMost: $1)
  }

  /// A number by which the environments of a function differ.
  private static let environment: String = {
    let text = String(UInt64.random(in: 0..<1 << 48), radix: 16)
    return String(repeating: "0", count: 12 - text.count) + text
  }()

  /// Creates the log of a cache.
  ///
  /// - Parameters:
  ///   - cacheName: The name of the cache.
  ///   - percent: The part of the keys, above 0 and at most 100.
  ///   - secret: The secret that all environments of the function have; `nil` for one of this
  ///     log's own.
  ///   - share: The log's part of the budget.
  ///   - memory: The terms of the budget; `nil` where they do not come from the process.
  ///   - environment: The name of the environment; `nil` for a random number of this process.
  ///   - followsInvocations: Whether the ends of the process's invocations have it written.
  ///   - now: The time of day in milliseconds; `nil` for the system's.
  ///   - output: Takes the lines.
  package init(
    cacheName: String, percent: Double, secret: String?, share: FixedShare? = nil,
    memory: MemoryTerms? = nil, environment: String? = nil, followsInvocations: Bool = true,
    now: (@Sendable () -> Int64)? = nil,
    output: @escaping Output = RequestLog.standardOutput
  ) {
    sampledKeys = SampledKeys(isFull: percent >= 100)
    keyedHash = secret.map(KeyedHash.init(secret:)) ?? .random
    threshold = UInt64((percent / 100 * 0x1p24).rounded(.up))
    line = RequestLogLine(
      cacheName: cacheName, hasSharedSecret: secret != nil, percent: percent,
      environment: environment ?? Self.environment, memory: memory)
    records = Locked(LookUpRecords(capacity: Self.capacity, hasMemory: line.hasMemory))
    self.output = output
    self.now = now
    self.share = share
    if followsInvocations { InvocationEnds.add(self) }
  }

  deinit {
    InvocationEnds.remove(self)
    write(keepsPending: false, waitingAtMost: Self.longestWait)
    sampledKeys.deallocate()
  }

  /// Notes a look-up.
  ///
  /// - Parameters:
  ///   - key: The key; it may turn out not to be in the sample.
  ///   - byteCount: Bytes that the key and its value own on the heap; `nil` for a miss.
  @inlinable
  package func noteLookUp<Key: Hashable>(of key: Key, byteCount: Int?) {
    noteLookUp(ofHash: keyedHash.hash(ofKey: key), byteCount: byteCount)
  }

  /// Notes that a value is about to be stored.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - hash: The hash that the cache finds it by.
  ///   - byteCount: Bytes that the key and the value own on the heap.
  ///   - loadTime: How long the value took to load; `nil` if that is not known.
  @inlinable
  package func noteWrite<Key: Hashable>(
    of key: Key, hash: UInt32, byteCount: Int, loadTime: Duration? = nil
  ) {
    noteWrite(
      ofHash: keyedHash.hash(ofKey: key), inCache: hash, byteCount: byteCount, loadTime: loadTime)
  }

  private func isSampled(_ key: UInt64) -> Bool { key >> 40 < threshold }

  @usableFromInline
  func noteLookUp(ofHash key: UInt64, byteCount: Int?) {
    guard isSampled(key) else { return }
    let record = LookUpRecord(
      time: time, key: key, byteCount: byteCount ?? -1, isHit: byteCount != nil)
    if records.withLock({ $0.append(record) }) { write(keepsPending: true, waitingAtMost: 0) }
  }

  @usableFromInline
  func noteWrite(ofHash key: UInt64, inCache hash: UInt32, byteCount: Int, loadTime: Duration?) {
    guard isSampled(key) else { return }
    sampledKeys.insert(hash)
    let load = loadTime.map { UInt32(clamping: Int64(min($0 / .microseconds(1), 1e12))) } ?? 0
    records.withLock { $0.complete(key, byteCount: byteCount, loadMicroseconds: load) }
  }

  /// Writes what there is.
  ///
  /// - Parameters:
  ///   - keepsPending: Whether misses stay whose values may still come.
  ///   - milliseconds: How long may be waited for the reader of the output.
  private func write(keepsPending: Bool, waitingAtMost milliseconds: Int32) {
    guard var batch = records.withLock({ $0.beginWriting(keepsPending: keepsPending) }) else {
      return
    }
    batch.write(as: line, time: time) { output($0, milliseconds) }
    records.withLock { $0.finishWriting(batch) }
  }

  /// Milliseconds since 1970, as of the kernel's last timer tick; within one tick, the order of
  /// lines is that of the look-ups.
  private var time: Int64 { now?() ?? SystemClocks.coarseWall / 1_000_000 }
}

extension RequestLog: InvocationEndObserver {
  package func invocationDidEnd(isAnyOpen: Bool) {
    write(keepsPending: isAnyOpen, waitingAtMost: Self.longestWait)
  }
}
