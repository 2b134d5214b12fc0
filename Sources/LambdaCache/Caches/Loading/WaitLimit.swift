/// How long a caller waits, and until when: one instant for all the loads that it waits for.
@usableFromInline
struct WaitLimit: Sendable {
  let duration: Duration
  let end: ContinuousClock.Instant

  /// - Returns: `nil` for no limit, and for one beyond all that can be measured.
  @usableFromInline
  init?(_ duration: Duration?) {
    guard let duration, let limit = duration.asTimeLimit else { return nil }
    self.duration = duration
    end = .now + limit
  }
}
