internal import LambdaCache

extension Cache where Key == String {
  /// Removes the entries with a tag.
  ///
  /// Entries have no tags that would tell them apart, so that all of them go: too much rather than too
  /// little.
  func invalidate(tag: String) { removeAll() }
}
