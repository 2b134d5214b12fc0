internal import LambdaCacheText

/// A reply of the server (RESP, version 2 or 3).
enum RESPValue: Equatable, Sendable {
  /// A status, such as `OK`.
  case status([UInt8])
  /// The failure of one command, as the server words it.
  case error([UInt8])
  case integer(Int)
  case bytes([UInt8])
  /// A double or a number above 64 bits, as it was written.
  case number([UInt8])
  case boolean(Bool)
  case null
  case array([RESPValue])
  /// Keys and values in turn.
  case map([RESPValue])
  /// A message that no command asked for.
  case push([RESPValue])

  /// The bytes of a text in any of its forms; `nil` for other replies.
  var text: [UInt8]? {
    switch self {
    case .status(let bytes), .bytes(let bytes), .number(let bytes): bytes
    default: nil
    }
  }

  /// The number that a reply is, or spells in decimal digits.
  var decimal: Int? {
    if case .integer(let number) = self { return number }
    return text.flatMap { ASCII.decimal($0) }
  }
}
