/// What became of a value that was set.
public enum InsertionOutcome: Sendable, Hashable {
  /// The key had no value and has this one now.
  case inserted
  /// The key had a value and has this one now.
  case replaced
  /// The value was not stored: it is larger than the cache or than one entry may be, or its time to
  /// live is not positive. A value that the key had before is gone, so that nobody reads what the
  /// caller meant to replace.
  case rejected
}
