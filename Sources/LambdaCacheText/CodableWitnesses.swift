/// A type whose `init(from:)` is a member of this protocol and so is not one of the type's own
/// public names.
package protocol DecodableByReading: Decodable {
  init(reading decoder: any Decoder) throws
}

extension DecodableByReading {
  /// Creates a value from a decoder.
  public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }
}

/// A type whose `encode(to:)` is a member of this protocol and so is not one of the type's own
/// public names.
package protocol EncodableByWriting: Encodable {
  func write(to encoder: any Encoder) throws
}

extension EncodableByWriting {
  /// Writes the value to an encoder.
  public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}
