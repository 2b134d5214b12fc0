public import LambdaCacheHandlers

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension UUID: TierNamed {
  /// The 36 characters of the identifier, in capital letters.
  public var tierName: String { uuidString }
}
