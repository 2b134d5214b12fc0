internal import LambdaCache

/// A reading of the clocks, in nanoseconds.
struct Moment: Equatable {
  let monotonic: Int64
  let boot: Int64
  let wall: Int64

  static var now: Moment {
    Moment(
      monotonic: SystemClocks.monotonic, boot: SystemClocks.boot, wall: SystemClocks.wall)
  }

  /// The time since another reading, by the clock that shows most: any may have stood still while
  /// the environment was frozen.
  func since(_ earlier: Moment) -> Int64 {
    max(monotonic &- earlier.monotonic, boot &- earlier.boot, wall &- earlier.wall)
  }
}

extension Duration {
  /// The nanoseconds, of at most a day.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds < 86_400 else { return 86_400_000_000_000 }
    return max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
