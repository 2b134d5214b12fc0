/// Reports, when a cache is made, which of its types show that no value can be measured.
enum ForeseeableSizes {
  /// Logs the part of a type that makes all of its values unmeasurable.
  ///
  /// At the level DEBUG, because the type may have a `heapByteCount` of its own, which cannot be
  /// known before a value is measured. At a higher threshold no plan of the type is made.
  ///
  /// - Parameters:
  ///   - types: The types of keys and values.
  ///   - cache: The type of the cache.
  ///   - name: The name of a cache on a budget.
  static func report(
    _ types: [any HeapSized.Type], cache: @autoclosure () -> String, name: String?
  ) {
    guard LogLevel.debug >= Log.format.threshold else { return }
    let title = cache() + (name.map { " \($0.debugDescription)" } ?? "")
    for type in types {
      guard let failure = HeapSizeError.foreseeable(in: type) else { continue }
      Log.write(
        "LambdaCache: \(title) will reject every \(type) unless that has a heapByteCount of its "
          + "own: \(failure)", level: .debug)
    }
  }
}
