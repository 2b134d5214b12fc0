/// The task of one or several loads that a single call of a loading closure serves; guarded by the
/// lock of the cache.
final class LoadTask: @unchecked Sendable {
  /// What the task is called in the ``LoadGraph``.
  let id = LoadID()
  /// The task; `nil` until it has been started, and again when it has ended.
  var handle: Task<Void, Never>?
  /// Whether the task has ended, perhaps before it was known to have been started.
  private(set) var hasEnded = false
  /// Loads that somebody waits for.
  private var wanted: Int

  /// - Parameter loadCount: How many loads it serves; more may be added until it is started.
  init(loadCount: Int = 1) {
    wanted = loadCount
  }

  func addOne() {
    wanted += 1
  }

  /// Notes that nobody waits for one of the loads any more.
  ///
  /// - Returns: The task to cancel, if that was the last one.
  func abandonOne() -> Task<Void, Never>? {
    wanted -= 1
    return wanted == 0 ? handle : nil
  }

  /// Takes the handle of the task that was started.
  func started(_ task: Task<Void, Never>) {
    if !hasEnded { handle = task }
  }

  /// Cuts the circle: the task holds its loads, and they hold it.
  func ended() {
    hasEnded = true
    handle = nil
  }
}
