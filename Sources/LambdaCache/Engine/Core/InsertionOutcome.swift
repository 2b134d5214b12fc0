/// The outcome of setting a value.
public enum InsertionOutcome: Sendable, Hashable {
  /// The key had no value and has this one now; with an adaptive policy it may have left again at
  /// once, see ``EvictionPolicy/adaptive``.
  case inserted
  /// The key had a value and has this one now.
  case replaced
  /// The value was not stored: it is larger than the cache or than one entry may be, or its time to
  /// live is not positive. A value that the key had before is gone, so that no look-up finds the
  /// value that the caller meant to replace.
  case rejected
}
