extension Cache: CustomStringConvertible {
  /// One line for people: types, entries, bytes of the limit, and the share of hits.
  public var description: String {
    statistics.description(ofType: "Cache<\(Key.self), \(Value.self)>", byteLimit: byteLimit)
  }
}
