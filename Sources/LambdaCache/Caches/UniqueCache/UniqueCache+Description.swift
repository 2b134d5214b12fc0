extension UniqueCache {
  /// One line for people: types, entries, bytes of the limit, and the share of hits.
  ///
  /// A type that cannot be copied cannot be `CustomStringConvertible`: print this property.
  public var description: String {
    statistics.description(ofType: "UniqueCache<\(Key.self), \(Value.self)>", byteLimit: byteLimit)
  }
}
