public import LambdaCache

/// What invalidations can be applied to: every `Cache` whose keys are strings.
public protocol InvalidatingCache: Sendable {
  /// Removes what has become invalid.
  ///
  /// - Parameter invalidations: What is to be removed.
  func invalidate(_ invalidations: [CacheInvalidation])
}

extension Cache: InvalidatingCache where Key == String {
  /// Removes what has become invalid; loads of it that are under way are not stored.
  ///
  /// Keys are equal as `String` has it. A prefix matches if the key begins with it by its
  /// characters or by its bytes: `é` also if the one has it in one piece and the other has not, and
  /// a combining accent behind the prefix does not hide the key.
  ///
  /// - Parameter invalidations: What is to be removed; all prefixes together take one walk.
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

  /// Removes what has become invalid.
  ///
  /// - Parameter invalidation: What is to be removed.
  public func invalidate(_ invalidation: CacheInvalidation) {
    invalidate([invalidation])
  }

  private func invalidate(prefixes: [String]) {
    let prefixes = KeyPrefixes(prefixes)
    removeAll(whereKey: prefixes.begin)
  }
}
