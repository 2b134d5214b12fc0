/// A load that a caller asks for.
@usableFromInline
package struct LoadRequest<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// The caller's closure, as it is: wrapped in another one it would cost an allocation.
  @usableFromInline
  package enum Operation: Sendable {
    case value(@Sendable (Key) async throws -> Value)
    case optionalValue(@Sendable (Key) async throws -> Value?)
    case reload(@Sendable (Key, Value?) async throws -> Reload<Value>)
    /// One that notes something of the value.
    case noted(NotedLoad<Key, Value>)
  }

  /// What the closure notes of the values that it loads; `nil` for one that notes nothing.
  @usableFromInline var notes: LoadNotes<Key>? {
    if case .noted(let load) = operation { load.notes } else { nil }
  }

  @usableFromInline let operation: Operation
  @usableFromInline let timeToLive: Duration?
  @usableFromInline let timeLimit: Duration?

  @inlinable
  init(_ operation: Operation, timeToLive: Duration? = nil, timeLimit: Duration? = nil) {
    self.operation = operation
    self.timeToLive = timeToLive
    self.timeLimit = timeLimit
  }

  /// The closure alone: a case less that suspends is memory less that the task takes.
  @inlinable
  var withoutNotes: Operation {
    if case .noted(let noted) = operation { .value(noted.load) } else { operation }
  }

  /// Loads.
  @inlinable
  func load(_ key: Key, replacing oldValue: Value?) async throws -> Reload<Value> {
    switch withoutNotes {
    case .value(let load): return .modified(try await load(key))
    case .reload(let reload): return try await reload(key, oldValue)
    case .noted: preconditionFailure("a closure without its notes notes something")
    case .optionalValue(let load):
      guard let value = try await load(key) else {
        throw CacheLoadError.notFound(key: String(describing: key))
      }
      return .modified(value)
    }
  }
}
