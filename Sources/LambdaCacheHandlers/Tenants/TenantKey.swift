public import LambdaCache

/// A key of one tenant: keys of two tenants are never equal.
///
/// It is a pair and not one text, so that no tenant can choose a name that makes its keys another's.
public struct TenantKey<Key: Hashable & Sendable>: Hashable, Sendable {
  /// The tenant; empty for what all share.
  public let tenant: String
  /// The tenant's own key.
  public let key: Key

  /// Pairs a key with its tenant.
  ///
  /// - Parameters:
  ///   - tenant: The tenant.
  ///   - key: The tenant's own key.
  public init(tenant: String, key: Key) {
    self.tenant = tenant
    self.key = key
  }
}

extension TenantKey: HeapSized where Key: HeapSized {
  /// The bytes that tenant and key own.
  public var heapByteCount: Int { tenant.heapByteCount + key.heapByteCount }
}

/// Why there is no view of a cache for a tenant.
public enum TenantError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The event names no tenant, and the caches of this function are kept apart by tenant.
  case missing
  /// The name of the tenant is empty.
  case empty

  /// What went wrong and what is accepted.
  public var description: String {
    switch self {
    case .missing:
      "the invocation names no tenant; a name is required, as Lambda sends it to functions with tenant "
        + "isolation in the header Lambda-Runtime-Aws-Tenant-Id"
    case .empty: "the name of the tenant is empty; a name of at least one character is required"
    }
  }
}
