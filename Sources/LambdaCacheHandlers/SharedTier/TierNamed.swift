/// A key that has a name in a ``SharedTier``: a text that is the same in every environment.
///
/// Strings, integers, the keys of tenants and, with `LambdaCacheFoundation`, `UUID` have one. A
/// type with a raw value of these, and one that is `LosslessStringConvertible`, need no more than
/// an empty extension. Any other type composes its name:
///
/// ```swift
/// enum Currency: String, TierNamed { case euro, dollar }
///
/// struct PriceKey: Hashable, TierNamed {
///   var article: Int
///   var shop: String
///
///   // No number has a colon in it, so that the first one ends it.
///   var tierName: String { "\(article):\(shop)" }
/// }
/// ```
///
/// Numbers with a fraction have none: 0.0 and -0.0 are equal, and their texts are not.
public protocol TierNamed {
  /// The name, compared by its bytes in UTF-8.
  ///
  /// Keys that are not equal have different names, whatever texts are in them. Equal keys have the
  /// same name, in every environment and in all builds that share values; where they have not, as
  /// texts in different normal forms, each is loaded, stored and removed by itself.
  var tierName: String { get }
}

extension TierNamed where Self: LosslessStringConvertible {
  /// The description.
  public var tierName: String { description }
}

extension TierNamed where Self: RawRepresentable, RawValue: TierNamed {
  /// The name of the raw value.
  public var tierName: String { rawValue.tierName }
}

extension TierNamed
where Self: RawRepresentable & LosslessStringConvertible, RawValue: TierNamed {
  /// The description.
  public var tierName: String { description }
}

extension String: TierNamed {}
extension Substring: TierNamed {}
extension Character: TierNamed {}
extension Bool: TierNamed {}
extension Int: TierNamed {}
extension Int8: TierNamed {}
extension Int16: TierNamed {}
extension Int32: TierNamed {}
extension Int64: TierNamed {}
extension Int128: TierNamed {}
extension UInt: TierNamed {}
extension UInt8: TierNamed {}
extension UInt16: TierNamed {}
extension UInt32: TierNamed {}
extension UInt64: TierNamed {}
extension UInt128: TierNamed {}

extension TenantKey: TierNamed where Key: TierNamed {
  /// The name of the tenant without colons, a colon, and the name of the key.
  public var tierName: String { "\(Self.tierName(ofTenant: tenant)):\(key.tierName)" }

  /// The name of a tenant, in which no colon is.
  static func tierName(ofTenant tenant: String) -> String {
    String(decoding: escapedForTier(tenant), as: UTF8.self)
  }
}

/// The bytes of a name with no separator in them, different ones for different names.
func escapedForTier(_ name: String) -> [UInt8] {
  name.utf8.flatMap { byte -> [UInt8] in
    switch byte {
    case UInt8(ascii: ":"): [UInt8]("%3A".utf8)
    case UInt8(ascii: "%"): [UInt8]("%25".utf8)
    default: [byte]
    }
  }
}
