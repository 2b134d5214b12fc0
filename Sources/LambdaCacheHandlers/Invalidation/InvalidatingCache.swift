public import LambdaCache

/// A cache that invalidations can be applied to: every `Cache` whose keys are strings.
public protocol InvalidatingCache: Sendable {
  /// Removes entries that have become invalid.
  ///
  /// - Parameter invalidations: The entries.
  func invalidate(_ invalidations: [CacheInvalidation])
}

extension Cache: InvalidatingCache where Key == String {
  /// Removes entries that have become invalid; results of their loads in progress are not stored.
  ///
  /// Keys are compared as strings. A prefix matches if the key begins with it by characters or by
  /// bytes: `é` in one scalar also matches `é` in two, and a combining accent behind the prefix
  /// does not hide the key.
  ///
  /// - Parameter invalidations: The entries; all prefixes together take one walk.
  /// - Complexity: O(1) for each key; for *p* prefixes O(log *p*) for each entry, and O(*p*) for
  ///   one whose key is not ASCII.
  public func invalidate(_ invalidations: [CacheInvalidation]) {
    if invalidations.contains(.all) {
      removeAll()
      return
    }
    var prefixes: [String] = []
    for invalidation in invalidations {
      switch invalidation {
      case .key(let key): removeValue(forKey: key)
      case .prefix(let prefix): prefixes.append(prefix)
      case .tag(let tag): removeAll(tagged: tag)
      case .all: removeAll()
      }
    }
    if !prefixes.isEmpty { invalidate(prefixes: prefixes) }
  }

  /// Removes entries that have become invalid.
  ///
  /// - Parameter invalidation: The entries.
  public func invalidate(_ invalidation: CacheInvalidation) {
    invalidate([invalidation])
  }

  private func invalidate(prefixes: [String]) {
    let prefixes = KeyPrefixes(prefixes)
    removeAll(whereKey: prefixes.begin)
  }
}
