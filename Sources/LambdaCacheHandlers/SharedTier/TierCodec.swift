/// Makes bytes of values for a ``SharedTier``, and values of bytes.
///
/// `LambdaCacheFoundation` adds `json`, for every type that is `Codable`.
public struct TierCodec<Value>: Sendable {
  let encode: @Sendable (Value) throws -> [UInt8]
  let decode: @Sendable (ArraySlice<UInt8>) throws -> Value

  /// Makes a codec of two closures.
  ///
  /// - Parameters:
  ///   - encode: Makes bytes of a value. A value for which it throws is not stored in the tier.
  ///   - decode: Makes a value of the bytes that `encode` has made of one. Bytes for which it
  ///     throws count as damaged: the value is loaded.
  public init(
    encode: @escaping @Sendable (Value) throws -> [UInt8],
    decode: @escaping @Sendable (ArraySlice<UInt8>) throws -> Value
  ) {
    self.encode = encode
    self.decode = decode
  }
}

extension TierCodec<[UInt8]> {
  /// The bytes as they are.
  public static var bytes: TierCodec {
    TierCodec(encode: { $0 }, decode: { [UInt8]($0) })
  }
}

extension TierCodec<String> {
  /// Text in UTF-8.
  public static var text: TierCodec {
    TierCodec(
      encode: { [UInt8]($0.utf8) },
      decode: { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw TierEnvelope.Fault.damaged
        }
        return text
      })
  }
}
