internal import LambdaCacheText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The host and port of a server.
package struct Endpoint: Hashable, Sendable {
  /// A name or an address, without brackets.
  package let host: String
  package let port: UInt16
  /// Host and port as they were given, for the `Host` field and for messages.
  package let authority: String

  /// The form that `init(_:defaultPort:)` accepts, for messages.
  package static func acceptedForm(defaultPort: UInt16) -> String {
    """
    host, host:port or [IPv6 address]:port, with a port of 1 to 65535 (\(defaultPort) when absent)
    """
  }

  /// Reads `host`, `host:port`, `[IPv6 address]` or `[IPv6 address]:port`.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - defaultPort: The port of a text without one.
  /// - Returns: `nil` when the text has another form.
  package init?(_ text: String, defaultPort: UInt16) {
    let bytes = Array(text.utf8)
    let host: ArraySlice<UInt8>
    let rest: ArraySlice<UInt8>
    if bytes.first == UInt8(ascii: "[") {
      guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      host = bytes[1..<end]
      rest = bytes[(end + 1)...]
      guard Self.isIPv6Address(host) else { return nil }
    } else {
      let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
      host = bytes[..<end]
      rest = bytes[end...]
      guard Self.isHostName(host) else { return nil }
    }
    guard let port = Self.port(rest, orElse: defaultPort) else { return nil }
    self.host = String(decoding: host, as: UTF8.self)
    self.port = port
    self.authority = text
  }

  /// The port in what follows the host: nothing, or a colon and a number.
  private static func port(_ text: ArraySlice<UInt8>, orElse defaultPort: UInt16) -> UInt16? {
    guard let first = text.first else { return defaultPort }
    guard first == UInt8(ascii: ":"), let number = ASCII.decimal(text.dropFirst()),
      let port = UInt16(exactly: number), port > 0
    else { return nil }
    return port
  }

  /// A name as the resolver takes it, which includes dotted IPv4 addresses.
  private static func isHostName(_ name: ArraySlice<UInt8>) -> Bool {
    !name.isEmpty && name.count <= 253
      && name.allSatisfy { byte in
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-")
          || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      }
  }

  /// An address that `inet_pton` accepts, with an optional zone (`fe80::1%eth0`).
  private static func isIPv6Address(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(
      separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first, text.allSatisfy(ASCII.isVisible),
      parts.count == 1 || !parts[1].isEmpty
    else { return false }
    var binary = in6_addr()
    return inet_pton(AF_INET6, String(decoding: address, as: UTF8.self), &binary) == 1
  }
}
