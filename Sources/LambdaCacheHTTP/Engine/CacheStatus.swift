internal import LambdaCacheText

/// The treatment of a request by a cache, for `Cache-Status` (RFC 9211).
enum CacheStatus: Equatable {
  /// It was served; the seconds that it is still fresh, negative if it is not.
  case hit(timeToLive: Int64)
  /// The handler was asked.
  case forwarded(Forwarding)
  /// Neither, because the request does not allow a call of the handler.
  case refused

  /// The reason and the outcome of a call of the handler.
  struct Forwarding: Equatable {
    /// The reason of a call.
    enum Reason: String {
      case bypass
      case method
      case uriMiss = "uri-miss"
      case varyMiss = "vary-miss"
      case request
      case stale
    }

    var reason: Reason
    /// The status code of the handler's response, if it is not the response's.
    var status: Int?
    var isStored = false
    /// Whether the call was made for another request.
    var isCollapsed = false
  }

  /// A member of the field.
  ///
  /// - Parameter name: The name of the cache.
  func text(name: String) -> String {
    var text = Self.item(name)
    switch self {
    case .hit(let timeToLive): text += "; hit; ttl=\(timeToLive)"
    case .refused: text += "; fwd=miss; detail=only-if-cached"
    case .forwarded(let forwarding):
      text += "; fwd=\(forwarding.reason.rawValue)"
      if let status = forwarding.status { text += "; fwd-status=\(status)" }
      if forwarding.isStored { text += "; stored" }
      if forwarding.isCollapsed { text += "; collapsed" }
    }
    return text
  }

  /// A token if the name is one, else a string (RFC 8941, sections 3.3.3 and 3.3.4).
  private static func item(_ name: String) -> String {
    let isToken =
      name.utf8.first.map { ASCII.lowercased($0) &- UInt8(ascii: "a") < 26 || $0 == ASCII.asterisk }
      ?? false
    if isToken,
      name.utf8.allSatisfy({ ASCII.isTokenByte($0) || $0 == ASCII.colon || $0 == ASCII.slash })
    {
      return name
    }
    var text = "\""
    for character in name {
      if character == "\"" || character == "\\" { text += "\\" }
      text.append(character)
    }
    return text + "\""
  }
}
