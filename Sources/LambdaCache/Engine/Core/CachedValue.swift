/// A value that a cache holds, fresh or expired and still kept.
public enum CachedValue<Value> {
  /// A value that every look-up shows.
  case fresh(Value)

  /// A value that has expired, and for how long.
  ///
  /// It is kept for as long as the longer of ``LoadPolicy/staleWhileRevalidate`` and
  /// ``LoadPolicy/staleIfError`` says; one that is stale because of a thaw, for as long as it would
  /// have been fresh.
  case stale(Value, for: Duration)

  /// The value, fresh or stale.
  @inlinable public var value: Value {
    switch self {
    case .fresh(let value), .stale(let value, _): value
    }
  }

  /// How long ago the value expired; `nil` if it is fresh.
  @inlinable public var staleFor: Duration? {
    switch self {
    case .fresh: nil
    case .stale(_, let duration): duration
    }
  }

  @inlinable
  init?(_ value: Value?, staleFor: Duration?) {
    guard let value else { return nil }
    self = staleFor.map { .stale(value, for: $0) } ?? .fresh(value)
  }
}

extension CachedValue: Sendable where Value: Sendable {}
extension CachedValue: Equatable where Value: Equatable {}
