public import LambdaCacheHandlers

#if canImport(FoundationEssentials)
  private import FoundationEssentials
#else
  private import Foundation
#endif

extension TierCodec where Value: Codable & SendableMetatype {
  /// Values as JSON documents.
  ///
  /// <!-- with: engine, database, users -->
  /// ```swift
  /// let tier = SecondTier(engine)
  /// let ada = try await users.value(forKey: "ada", through: tier, codec: .json) { name in
  ///   try await database.user(named: name)
  /// }
  /// ```
  ///
  /// A value that has no JSON form, as one with a number that is not finite, is not stored in the
  /// tier.
  public static var json: TierCodec {
    TierCodec(
      encode: { [UInt8](try JSONEncoder().encode($0)) },
      decode: { try JSONDecoder().decode(Value.self, from: Data($0)) })
  }
}
