// Signatures of swift-nio 2.80.0 and newer, as far as the recipes need them.

public struct ByteBuffer: Sendable {
  public var storageCapacity: Int { 0 }
}
