import Foundation

/// Foundation's `NSCache` as it has to be used: keys and values are objects.
typealias FoundationCache<KeyObject: AnyObject> = NSCache<KeyObject, BoxedInteger>

/// A value for a cache that only takes objects.
final class BoxedInteger {
  let value: Int

  init(_ value: Int) {
    self.value = value
  }
}
