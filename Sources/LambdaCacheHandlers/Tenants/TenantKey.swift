public import LambdaCache

/// A key of one tenant: keys of two tenants are never equal.
///
/// It is a pair and not one text, so that no tenant can choose a name with which its keys equal
/// another's. Two tenants are the same only if their names have the same bytes in UTF-8: "é" in one
/// scalar and in two are equal strings, and two tenants.
public struct TenantKey<Key: Hashable & Sendable>: Hashable, Sendable {
  /// The tenant, compared by its bytes.
  let name: ExactString
  /// The tenant's own key.
  public let key: Key

  /// The tenant; empty in keys of events without one.
  public var tenant: String { name.text }

  /// Pairs a key with its tenant.
  ///
  /// - Parameters:
  ///   - tenant: The tenant.
  ///   - key: The tenant's own key.
  public init(tenant: String, key: Key) {
    name = ExactString(tenant)
    self.key = key
  }
}

extension TenantKey: HeapSized where Key: HeapSized {
  /// The bytes that tenant and key own.
  public var heapByteCount: Int { name.heapByteCount + key.heapByteCount }
}

/// The reason why there is no view of a cache for a tenant.
public enum TenantError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The event names no tenant, and the caches of this function are kept apart by tenant.
  case missing
  /// The name of the tenant is empty.
  case empty

  /// The problem and what is accepted.
  public var description: String {
    switch self {
    case .missing:
      "the invocation names no tenant; a name is required, as Lambda sends it to functions with tenant "
        + "isolation in the header Lambda-Runtime-Aws-Tenant-Id"
    case .empty: "the name of the tenant is empty; a name of at least one character is required"
    }
  }
}
