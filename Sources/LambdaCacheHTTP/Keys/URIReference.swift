internal import LambdaCacheText

/// The parts of a reference to a URI, as in `Location` (RFC 3986, section 4.1).
struct URIReference {
  /// In lower case.
  private var scheme: String?
  private var authority: String?
  private let path: Substring
  private let query: Substring?

  init(_ text: String) {
    var rest = Substring(text.trimmingWhitespace).prefix(upToByte: UInt8(ascii: "#"))
    let first = rest.utf8.prefix { $0 != ASCII.colon }
    if first.count < rest.utf8.count, let letter = first.first,
      ASCII.lowercased(letter) &- UInt8(ascii: "a") < 26, first.allSatisfy(Self.isSchemeByte)
    {
      scheme = String(Substring(first)).lowercasedASCII
      rest = Substring(rest.utf8.dropFirst(first.count + 1))
    }
    if rest.utf8.starts(with: "//".utf8) {
      let named = rest.utf8.dropFirst(2).prefix { $0 != ASCII.slash && $0 != ASCII.questionMark }
      authority = String(Substring(named))
      rest = Substring(rest.utf8.dropFirst(named.count + 2))
    }
    path = rest.prefix(upToByte: ASCII.questionMark)
    query =
      path.utf8.count < rest.utf8.count
      ? Substring(rest.utf8.dropFirst(path.utf8.count + 1)) : nil
  }

  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "+"), ASCII.dash, UInt8(ascii: "."): true
    default: ASCII.isDigit(byte) || ASCII.lowercased(byte) &- UInt8(ascii: "a") < 26
    }
  }

  /// A request for the target of the reference, if that is on the host of another request.
  ///
  /// A cache must not invalidate targets on another host (RFC 9111, section 4.4). The scheme does
  /// not matter: functions behind a TLS proxy often write `http`. Segments `.` and `..` stay,
  /// because the key is without them.
  ///
  /// - Parameter base: The request whose response has the reference.
  /// - Returns: The request, whose method has no meaning; `nil` if the reference names another host
  ///   or another scheme than those of HTTP.
  func target(relativeTo base: HTTPRequestParts) -> HTTPRequestParts? {
    if let scheme {
      guard scheme == "https" || scheme == "http", authority != nil else { return nil }
    }
    if let authority {
      guard let own = base.authority ?? base.fields["host"] else { return nil }
      let isSame = [true, false].contains { isPlainHTTP in
        func canonical(_ host: String) -> String {
          PercentEncoding.canonicalHost(host, isPlainHTTP: isPlainHTTP)
        }
        return canonical(authority).utf8.elementsEqual(canonical(own).utf8)
      }
      guard isSame else { return nil }
    }
    var other = base
    if authority != nil || path.utf8.first == ASCII.slash {
      other.path = path.isEmpty ? "/" : String(path)
    } else if !path.isEmpty {
      // Relative to the last slash (section 5.2.3).
      let end = base.path.utf8.lastIndex(of: ASCII.slash)
      let folder = end.map { String(Substring(base.path.utf8[...$0])) } ?? "/"
      other.path = folder + String(path)
    } else if query == nil {
      return base
    }
    other.query = query.map { String($0) }
    return other
  }
}
