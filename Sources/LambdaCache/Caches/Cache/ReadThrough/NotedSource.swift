/// What a ``LoadingCache`` loads from whose closures note something of the values they bring.
@usableFromInline
package final class NotedSource<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// Makes the loading closure for a key, given the time to live of the call.
  @usableFromInline let load: @Sendable (Key, Duration?) -> LoadRequest<Key, Value>.Operation
  /// Makes one that brings a new value, wherever there is one already.
  let refresh: @Sendable (Key, Duration?) -> LoadRequest<Key, Value>.Operation
  /// Makes the loading closure for several keys, which notes something in the notes it is given.
  let loadSeveral:
    @Sendable (Duration?, LoadNotes<Key>) -> @Sendable ([Key]) async throws -> [Key: Value]

  package init(
    load: @escaping @Sendable (Key, Duration?) -> LoadRequest<Key, Value>.Operation,
    refresh: @escaping @Sendable (Key, Duration?) -> LoadRequest<Key, Value>.Operation,
    loadSeveral:
      @escaping @Sendable (Duration?, LoadNotes<Key>) ->
      @Sendable ([Key]) async throws
      -> [Key: Value]
  ) {
    self.load = load
    self.refresh = refresh
    self.loadSeveral = loadSeveral
  }
}
